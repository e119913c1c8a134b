//! A triage of reports that are there already: of recorded incidents, which no account can be asked about any more.

use super::group::{Key, Standing, answer, severity, standing};
use super::services::Size;
use super::{Group, Looked, Owner, Triage, by_severity};
use crate::report::{Report, TargetKind};
use indexmap::IndexMap;
use indexmap::map::Entry;

impl Triage {
    /// The reports on single tasks and services, grouped as those of a cluster are.
    pub fn of_reports(reports: impl IntoIterator<Item = Report>) -> Triage {
        let mut groups: IndexMap<Key, Group> = IndexMap::new();
        let mut triage = Triage { complete: true, ..Triage::default() };
        for report in reports {
            let Some(cluster) = report.target.cluster.clone() else { continue };
            look(&mut triage.places, &report, &cluster);
            triage.tasks += 1;
            if standing(&report) == Standing::Fine {
                continue;
            }
            let owner = owner(&report);
            let key = Key::of(&cluster, &owner, &report);
            let at = report.timeline.last().map(|entry| entry.at);
            match groups.entry(key) {
                Entry::Occupied(mut known) => {
                    let group = known.get_mut();
                    group.count += 1;
                    group.first = group.first.min(at).or(at);
                    group.last = group.last.max(at);
                }
                Entry::Vacant(new) => {
                    let id = new.key().id(&report);
                    new.insert(group(id, cluster, owner, at, report));
                }
            }
        }
        triage.groups = groups.into_values().collect();
        triage.groups.sort_by(by_severity);
        triage
    }
}

fn look(places: &mut Vec<Looked>, report: &Report, cluster: &str) {
    let (account, region) = (report.target.account.clone(), report.target.region.clone().unwrap_or_default());
    match places.iter_mut().find(|place| place.account == account && place.region == region) {
        Some(place) if place.clusters.iter().any(|one| one == cluster) => {}
        Some(place) => place.clusters.push(cluster.to_owned()),
        None => places.push(Looked { account, region, clusters: vec![cluster.to_owned()] }),
    }
}

fn owner(report: &Report) -> Owner {
    let target = &report.target;
    match &target.service {
        Some(service) => Owner::Service(service.clone()),
        None => {
            let definition = target.task_definition.as_deref().unwrap_or_default();
            Owner::Family(definition.split(':').next().unwrap_or_default().to_owned())
        }
    }
}

fn group(id: String, cluster: String, owner: Owner, at: Option<crate::model::Moment>, report: Report) -> Group {
    let size =
        report.impact.as_ref().map(|impact| Size { desired: impact.desired, running: impact.running, is_stuck: false });
    let answer = answer(&report);
    Group {
        id,
        count: u64::from(report.target.kind == TargetKind::Task || report.target.task.is_some()),
        first: at,
        last: at,
        cause: answer.map(|cause| cause.id),
        status: answer.map(|cause| cause.status),
        cluster,
        resource: answer.and_then(|cause| cause.resources.first().cloned()),
        // Whether anything else of its family lives is not known: nobody claims that it is down.
        severity: severity(&report, &owner, size, true),
        owner,
        example: report.target.task.clone(),
        report,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::Severity;
    use crate::{diagnosis, symptom};

    fn report(service: &str, text: &str) -> Report {
        let mut report = diagnosis::explain(&symptom::parse_pasted(text).expect("a text"));
        report.target.cluster = Some("prod".to_owned());
        report.target.service = Some(service.to_owned());
        report.target.region = Some("eu-west-1".to_owned());
        report
    }

    const MEMORY: &str = "OutOfMemoryError: Container killed due to memory usage";
    const SCALED: &str = "Scaling activity initiated by (deployment ecs-svc/1234567890123456789)";

    #[test]
    fn reports_with_the_same_cause_of_the_same_owner_are_one_group() {
        let triage = Triage::of_reports([
            report("web", MEMORY),
            report("web", MEMORY),
            report("api", MEMORY),
            report("web", SCALED),
        ]);
        let groups: Vec<(&str, Option<&str>)> =
            triage.groups.iter().map(|group| (group.owner.name(), group.cause.map(|id| id.as_str()))).collect();
        assert_eq!(triage.failing().count(), 2, "{groups:?}");
        assert_eq!(triage.groups.last().map(|group| group.severity), Some(Severity::Deliberate), "{groups:?}");
        assert_eq!((triage.tasks, triage.complete), (4, true));
        assert_eq!(triage.places.iter().map(|place| place.clusters.len()).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn a_report_without_a_cluster_is_of_no_triage() {
        let mut text = report("web", MEMORY);
        text.target.cluster = None;
        assert!(Triage::of_reports([text]).groups.is_empty());
    }
}
