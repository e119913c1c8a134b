//! Recorded incidents as something to ask about: which of them a target means, and what there is.

use crate::account::EvidenceFile;
use crate::diagnosis::{self, Diagnosis, Wish};
use crate::error::Error;
use crate::image::nearest;
use crate::report::Report;
use crate::target::Target;
use crate::triage::Triage;

/// One of them.
#[derive(Debug, Clone)]
pub struct Incident {
    file: EvidenceFile,
    /// The report without log lines, if there can be one.
    report: Result<Report, Error>,
}

impl Incident {
    /// What an evidence file tells.
    pub fn new(file: EvidenceFile) -> Incident {
        let report = diagnosis::replay(&EvidenceFile { logs: false, ..file.clone() });
        Incident { file, report }
    }

    /// The name of its cluster.
    pub fn cluster(&self) -> &str {
        self.file.target.cluster()
    }

    /// Whether it is about the target: by its own, or by the task or service that its report names.
    pub fn is_about(&self, target: &Target) -> bool {
        if self.file.target.name() == target.name() {
            return true;
        }
        let Ok(report) = &self.report else { return false };
        let named = &report.target;
        match target {
            Target::Task { cluster, task, .. } => {
                named.cluster.as_ref() == Some(cluster)
                    && named.task.as_deref().is_some_and(|arn| arn.rsplit('/').next() == Some(task))
            }
            Target::Service { cluster, service, .. } => {
                named.cluster.as_ref() == Some(cluster) && named.service.as_ref() == Some(service)
            }
            Target::Definition { .. } => false,
        }
    }

    /// What it tells of its target; log lines only if it has some, and they are wanted.
    ///
    /// # Errors
    /// When there can be no report.
    pub fn diagnose(&self, wish: &Wish) -> Result<Diagnosis, Error> {
        let mut file = self.file.clone();
        file.check = wish.check;
        file.logs &= wish.logs;
        let report = diagnosis::replay(&file)?;
        Ok(Diagnosis { report, evidence: file, complete: true })
    }
}

/// The incidents of these clusters, grouped; of all, if none is named.
pub fn triage(all: &[&Incident], clusters: &[String]) -> Triage {
    let wanted = |one: &&&Incident| clusters.is_empty() || clusters.iter().any(|cluster| cluster == one.cluster());
    Triage::of_reports(all.iter().filter(wanted).filter_map(|one| one.report.clone().ok()))
}

/// The clusters that there are.
pub fn clusters(all: &[&Incident]) -> Vec<String> {
    sorted(all.iter().map(|one| one.cluster().to_owned()))
}

/// The services of a cluster.
pub fn services(all: &[&Incident], cluster: &str) -> Vec<String> {
    let of = all.iter().filter(|one| one.cluster() == cluster);
    sorted(of.filter_map(|one| one.report.as_ref().ok()?.target.service.clone()))
}

/// The failed tasks of a cluster, by their ids.
pub fn tasks(all: &[&Incident], cluster: &str) -> Vec<String> {
    let of = all.iter().filter(|one| one.cluster() == cluster);
    let id = |arn: &String| arn.rsplit('/').next().unwrap_or(arn).to_owned();
    sorted(of.filter_map(|one| one.report.as_ref().ok()?.target.task.as_ref().map(id)))
}

/// The clusters that have a service or task of this name.
pub fn clusters_with(all: &[&Incident], name: &str) -> Vec<String> {
    let has = |one: &&&Incident| Target::parse(name, Some(one.cluster())).is_ok_and(|target| one.is_about(&target));
    sorted(all.iter().filter(has).map(|one| one.cluster().to_owned()))
}

/// Targets that there are incidents of, with names like this one; some of all, if none is like it.
pub fn near(all: &[&Incident], wanted: &str) -> Vec<String> {
    let known = sorted(all.iter().map(|one| one.file.target.name()));
    let near = nearest(wanted, known.iter().map(String::as_str), 3);
    match near.is_empty() {
        true => known.into_iter().take(5).collect(),
        false => near.into_iter().map(str::to_owned).collect(),
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn incident(scenario: &str) -> Incident {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios").join(scenario).join("account.json");
        let text = std::fs::read_to_string(path).expect("it is recorded");
        Incident::new(EvidenceFile::parse(&text).expect("an evidence file"))
    }

    #[test]
    fn an_incident_is_found_by_what_it_is_about() {
        let one = incident("image-tag-not-found/image-tag-missing");
        let all = [&one];
        let cluster = clusters(&all).remove(0);
        let service = services(&all, &cluster).remove(0);
        assert_eq!(clusters_with(&all, &service), std::slice::from_ref(&cluster));
        let target = Target::parse(&service, Some(&cluster)).expect("a target");
        let told = one.diagnose(&Wish::why(target)).expect("a report");
        assert_eq!(told.report.target.service, Some(service.clone()));
        let task = tasks(&all, &cluster).remove(0);
        assert!(one.is_about(&Target::parse(&task, Some(&cluster)).expect("a target")));
        assert!(!one.is_about(&Target::parse("prod/nothing-of-that-name", None).expect("a target")));
        assert_eq!(clusters_with(&all, "nothing-of-that-name"), Vec::<String>::new());
        assert_eq!(near(&all, "nothing/of-that-name"), [one.file.target.name()]);
        assert_eq!(triage(&all, &[]).groups.len(), 1);
        assert!(triage(&all, &["elsewhere".to_owned()]).groups.is_empty());
    }
}
