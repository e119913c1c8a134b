//! The clusters of a triage: those that are named, each of which must be there, or all.

use super::desk::Desk;
use super::{TriageGap, TriageWish};
use crate::error::Error;
use crate::evidence::{Answer, Known, Question};

/// Names of the clusters to look at in a region.
pub async fn clusters(
    wish: &TriageWish,
    region: &str,
    desk: &mut Desk,
    gaps: &mut Vec<TriageGap>,
) -> Result<Vec<String>, Error> {
    let name = |text: &String| text.rsplit_once(":cluster/").map_or(text.as_str(), |(_, name)| name).to_owned();
    let mut named: Vec<String> = vec![];
    for one in wish.clusters.iter().map(name) {
        if !named.contains(&one) {
            named.push(one);
        }
    }
    let one = |cluster: &String| Question::Cluster { cluster: cluster.clone() };
    let mut questions: Vec<Question> = named.iter().map(one).collect();
    questions.push(Question::Identity {});
    if named.is_empty() {
        questions.push(Question::Clusters {});
    }
    desk.ask(questions).await?;
    for cluster in &named {
        let gone = match desk.known(&one(cluster)) {
            Some(Answer::Known(Known::Cluster(found))) => found.status == "INACTIVE",
            Some(Answer::Absent) => true,
            // Whether it is there shows when its tasks are listed.
            _ => false,
        };
        if gone {
            desk.ask(vec![Question::Clusters {}]).await?;
            let all = match desk.known(&Question::Clusters {}) {
                Some(Answer::Known(Known::Clusters(all))) => all.as_slice(),
                _ => &[],
            };
            let account = match desk.known(&Question::Identity {}) {
                Some(Answer::Known(Known::Identity(identity))) => Some(identity.account.as_str()),
                _ => None,
            };
            return Err(Error::no_cluster(cluster, account, region, all));
        }
    }
    if !named.is_empty() {
        return Ok(named);
    }
    match desk.known(&Question::Clusters {}) {
        Some(Answer::Known(Known::Clusters(all))) => Ok(all.clone()),
        Some(Answer::Gap(gap)) => {
            gaps.push(TriageGap {
                cluster: None,
                action: "ecs:ListClusters".to_owned(),
                reason: gap.reason,
                detail: gap.detail.clone(),
            });
            Ok(vec![])
        }
        _ => Ok(vec![]),
    }
}
