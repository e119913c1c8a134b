//! A triage in brief: its groups, the worst first.

use super::fit::{LEVELS, Limits, fit};
use super::quoted::referring;
use super::sections::BriefGap;
use super::{Cut, NOTICE, Untrusted, sentence};
use crate::model::{CauseId, Moment};
use crate::report::{Cost, Status};
use crate::triage::{Group, Looked, Owner, Severity, Triage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What fails in clusters, in brief. The names are the triage's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TriageBrief {
    /// The triage's version.
    pub schema_version: u32,
    /// What in here is data and no instruction.
    pub notice: String,
    /// What fails alike, the worst first; what was deliberate at the end.
    pub groups: Vec<BriefGroup>,
    /// How many tasks have stopped, or are on their way.
    pub tasks: u64,
    /// It was neither interrupted nor cut off.
    pub complete: bool,
    /// Where it looked.
    pub places: Vec<Looked>,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<BriefGap>,
    /// What it cost.
    pub cost: Cost,
    /// What was left out, and how to get it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut: Vec<Cut>,
}

/// What fails alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefGroup {
    /// The same for the same fault of the same owner, today and tomorrow.
    pub id: String,
    /// How many tasks; none where a service does not even get one placed.
    pub count: u64,
    /// When the first of them stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Moment>,
    /// The same of the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Moment>,
    /// The answer; none where not even a likely one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<CauseId>,
    /// How sure it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// How bad it is.
    pub severity: Severity,
    /// The cluster.
    pub cluster: String,
    /// Whose tasks they are.
    pub owner: BriefOwner,
    /// What is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The headline of the report on one of them.
    pub headline: String,
    /// The title of its first fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// What to give `diagnose` for the whole of it.
    pub target: String,
}

/// Whose tasks they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefOwner {
    /// `service`, or `family` for tasks of no service.
    pub kind: String,
    /// Its name.
    pub name: String,
}

impl TriageBrief {
    /// A triage in at most so many bytes of JSON.
    pub fn of(triage: &Triage, limit: usize) -> TriageBrief {
        fit(limit, LEVELS, |limits| TriageBrief::within(triage, limits))
    }

    fn within(triage: &Triage, limits: &Limits) -> TriageBrief {
        let mut cut = vec![];
        let groups: Vec<BriefGroup> =
            triage.groups.iter().take(limits.groups).map(|group| BriefGroup::of(group, limits)).collect();
        cut.extend(Cut::new(
            "groups",
            groups.len(),
            triage.groups.len(),
            "name one cluster, or diagnose single services",
        ));
        let gaps: Vec<BriefGap> = triage
            .gaps
            .iter()
            .take(limits.gaps)
            .map(|gap| BriefGap {
                action: gap.action.clone(),
                reason: gap.reason,
                hides: vec![],
                detail: Some(Untrusted::new(&gap.detail, limits.name)),
            })
            .collect();
        cut.extend(Cut::new("gaps", gaps.len(), triage.gaps.len(), "name one cluster"));
        let places: Vec<Looked> = triage
            .places
            .iter()
            .take(limits.groups)
            .map(|place| Looked {
                account: place.account.clone(),
                region: place.region.clone(),
                clusters: place
                    .clusters
                    .iter()
                    .take(limits.groups)
                    .map(|cluster| sentence(cluster, limits.name))
                    .collect(),
            })
            .collect();
        let clusters = |places: &[Looked]| places.iter().map(|place| place.clusters.len()).sum();
        cut.extend(Cut::new("places", places.len(), triage.places.len(), "list_targets"));
        cut.extend(Cut::new("places.clusters", clusters(&places), clusters(&triage.places), "list_targets"));
        TriageBrief {
            schema_version: 1,
            notice: NOTICE.to_owned(),
            groups,
            tasks: triage.tasks,
            complete: triage.complete,
            places,
            gaps,
            cost: Cost { calls: triage.calls, rounds: triage.rounds, elapsed_ms: triage.elapsed_ms },
            cut,
        }
    }
}

impl BriefGroup {
    fn of(group: &Group, limits: &Limits) -> BriefGroup {
        let (kind, name) = match &group.owner {
            Owner::Service(name) => ("service", name),
            Owner::Family(name) => ("family", name),
        };
        BriefGroup {
            id: group.id.clone(),
            count: group.count,
            first: group.first,
            last: group.last,
            cause: group.cause,
            status: group.status,
            severity: group.severity,
            cluster: sentence(&group.cluster, limits.name),
            owner: BriefOwner { kind: kind.to_owned(), name: sentence(name, limits.name) },
            resource: group.resource.as_ref().map(|resource| sentence(resource, limits.name)),
            headline: sentence(&referring(&group.report).headline, limits.name),
            fix: group.report.fixes.first().map(|fix| sentence(&fix.title, limits.name)),
            target: sentence(&group.target(), limits.name),
        }
    }
}
