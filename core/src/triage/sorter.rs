//! From reports on what failed to groups.

use super::Subject;
use super::group::{Group, Key, Standing, answer, severity, standing};
use super::kin::Owner;
use super::services::Services;
use super::survey::Survey;
use crate::report::Report;
use indexmap::IndexMap;

/// Sorts reports into groups.
pub struct Sorter<'s> {
    survey: &'s Survey,
    services: &'s Services,
    groups: IndexMap<Key, Group>,
    of_kin: Vec<Option<String>>,
}

impl<'s> Sorter<'s> {
    /// Nothing is sorted yet.
    pub fn new(survey: &'s Survey, services: &'s Services) -> Self {
        let of_kin = vec![None; survey.kins.all().len()];
        Sorter { survey, services, groups: IndexMap::new(), of_kin }
    }

    /// The groups, and by number of kin the id of its group.
    pub fn sorted(self) -> (Vec<Group>, Vec<Option<String>>) {
        (self.groups.into_values().collect(), self.of_kin)
    }

    /// Puts the report on a subject where it belongs.
    pub fn sort(&mut self, subject: &Subject, report: Report) {
        if standing(&report) == Standing::Fine {
            return;
        }
        let (cluster, owner, count, first, last) = match subject {
            Subject::Kin(at) => match self.survey.kins.all().get(*at) {
                Some(kin) => (kin.cluster.clone(), kin.owner.clone(), kin.count, kin.first, kin.last),
                None => return,
            },
            Subject::Service(cluster, name) => {
                let since = report.impact.as_ref().and_then(|impact| impact.failing_since);
                (cluster.clone(), Owner::Service(name.clone()), 0, since, None)
            }
        };
        let key = Key::of(&cluster, &owner, &report);
        let id = key.id(&report);
        if let Subject::Kin(at) = subject
            && let Some(of) = self.of_kin.get_mut(*at)
        {
            *of = Some(id.clone());
        }
        let service = match &owner {
            Owner::Service(name) => self.services.get(&(cluster.clone(), name.clone())).copied(),
            Owner::Family(_) => None,
        };
        let alive = self.survey.alive.contains(&(cluster.clone(), owner.clone()));
        let answer = answer(&report);
        let new = Group {
            id,
            count,
            first,
            last,
            cause: answer.map(|cause| cause.id),
            status: answer.map(|cause| cause.status),
            resource: answer.and_then(|cause| cause.resources.first().cloned()),
            severity: severity(&report, &owner, service, alive),
            example: report.target.task.clone(),
            cluster,
            owner,
            report,
        };
        match self.groups.get_mut(&key) {
            None => {
                self.groups.insert(key, new);
            }
            Some(group) => merge(group, new),
        }
    }
}

/// Of several that are one group, the newest tells; the worst counts.
fn merge(group: &mut Group, new: Group) {
    let count = group.count + new.count;
    let first = [group.first, new.first].into_iter().flatten().min();
    let last = [group.last, new.last].into_iter().flatten().max();
    let severity = group.severity.min(new.severity);
    if new.last > group.last {
        *group = new;
    }
    *group = Group { count, first, last, severity, ..group.clone() };
}
