//! The services of a triage: how many tasks they should run and do, and which of them get none placed at all.

use super::TriageGap;
use super::desk::Desk;
use super::kin::{Kin, Owner};
use super::survey::Survey;
use crate::diagnosis::is_failure;
use crate::error::Error;
use crate::evidence::{Answer, Known, Question};
use crate::model::ecs::Service;
use indexmap::IndexMap;

/// Services by cluster and name.
pub type Services = IndexMap<(String, String), Size>;

/// What a triage has to know of every service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// How many tasks there should be.
    pub desired: i64,
    /// How many run.
    pub running: i64,
    /// Its deployment does not get where it should, and no task of it tells why.
    pub is_stuck: bool,
}

/// All services of the clusters; what they are like is known at the desk where something of theirs failed.
pub async fn services(
    clusters: &[String],
    survey: &Survey,
    desk: &mut Desk,
    gaps: &mut Vec<TriageGap>,
) -> Result<Services, Error> {
    let lists = clusters.iter().map(|cluster| Question::Services { cluster: cluster.clone() });
    desk.ask(lists.collect()).await?;
    let mut questions: Vec<Question> = vec![];
    for cluster in clusters {
        match desk.known(&Question::Services { cluster: cluster.clone() }) {
            Some(Answer::Known(Known::Services(names))) => {
                let one = |name: &String| Question::Service { cluster: cluster.clone(), service: name.clone() };
                questions.extend(names.iter().map(one));
            }
            Some(Answer::Gap(gap)) => gaps.push(TriageGap {
                cluster: Some(cluster.clone()),
                action: "ecs:ListServices".to_owned(),
                reason: gap.reason,
                detail: gap.detail.clone(),
            }),
            _ => {}
        }
    }
    // Services that are deleted are not listed, and their tasks may still be there.
    for kin in survey.kins.all() {
        if let Owner::Service(service) = &kin.owner {
            let question = Question::Service { cluster: kin.cluster.clone(), service: service.clone() };
            if !questions.contains(&question) {
                questions.push(question);
            }
        }
    }
    desk.ask(questions.clone()).await?;
    let mut services = Services::new();
    for question in questions {
        if let (Question::Service { cluster, service }, Some(Answer::Known(Known::Service(found)))) =
            (&question, desk.known(&question))
        {
            let of = (cluster.clone(), service.clone());
            let owned = survey.kins.all().iter().any(|kin| is_of(kin, &of));
            let is_stuck = is_stuck(&of, found, survey.kins.all());
            services.insert(of, Size { desired: found.desired, running: found.running, is_stuck });
            if !is_stuck && !owned {
                // Its hundred events are of no interest.
                desk.forget(&question);
            }
        }
    }
    Ok(services)
}

fn is_of(kin: &Kin, (cluster, name): &(String, String)) -> bool {
    matches!(&kin.owner, Owner::Service(owner) if owner == name) && kin.cluster == *cluster
}

/// Its deployment does not get where it should, and no task of it tells why.
fn is_stuck(of: &(String, String), service: &Service, kins: &[Kin]) -> bool {
    let Some(primary) = service.deployments.first().filter(|_| service.status != "INACTIVE") else { return false };
    let done = primary.rollout.as_deref().is_none_or(|rollout| rollout == "COMPLETED");
    let told = kins.iter().any(|kin| {
        is_of(kin, of) && kin.newest.started_by.as_deref() == Some(primary.id.as_str()) && is_failure(&kin.newest)
    });
    !(told || done && primary.running >= primary.desired)
}
