//! What there is to ask about: names of clusters and of their services, for lists and for completion.

use crate::diagnosis::Engine;
use crate::error::Error;
use crate::evidence::{Answer, Gap, GapReason, Known, Question};
use crate::model::ecs::Identity;
use crate::target::Target;
use futures_util::future::join_all;

impl Engine {
    /// The names of all clusters of the region.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListClusters.html>
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn clusters(&self) -> Result<Vec<String>, Error> {
        match self.one(Question::Clusters {}).await? {
            Answer::Known(Known::Clusters(names)) => Ok(names),
            other => none_listed("ecs:ListClusters", other),
        }
    }

    /// The names of all services of a cluster, which is given by its name.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html>
    ///
    /// # Errors
    /// When there is no such cluster, or its services cannot be listed.
    pub async fn services(&self, cluster: &str) -> Result<Vec<String>, Error> {
        match self.one(Question::Services { cluster: cluster.to_owned() }).await? {
            Answer::Known(Known::Services(names)) => Ok(names),
            Answer::Absent => {
                let all = self.clusters().await.unwrap_or_default();
                let account = match self.one(Question::Identity {}).await? {
                    Answer::Known(Known::Identity(identity)) => Some(identity.account),
                    _ => None,
                };
                Err(Error::no_cluster(cluster, account.as_deref(), &self.region, &all))
            }
            other => none_listed("ecs:ListServices", other),
        }
    }

    /// The names of the clusters that have a service of this name, or know a task of this id; of a hundred clusters at most.
    ///
    /// # Errors
    /// When the clusters cannot be listed, or none of them can be asked.
    pub async fn clusters_with(&self, name: &str) -> Result<Vec<String>, Error> {
        let clusters = self.clusters().await?;
        let question = |cluster: &String| match Target::parse(name, Some(cluster)) {
            Ok(Target::Task { cluster, task, .. }) => Some(Question::Task { cluster, task }),
            Ok(Target::Service { cluster, service, .. }) => Some(Question::Service { cluster, service }),
            Ok(Target::Definition { .. }) | Err(_) => None,
        };
        let asked = clusters.iter().take(CLUSTERS_ASKED).filter_map(|cluster| Some((cluster, question(cluster)?)));
        let asked = asked.map(|(cluster, question)| async move { (cluster, self.one(question).await) });
        let (mut having, mut failed) = (vec![], None);
        for (cluster, answer) in join_all(asked).await {
            match answer? {
                Answer::Known(Known::Service(service)) if service.status == "INACTIVE" => {}
                Answer::Known(_) => having.push(cluster.clone()),
                Answer::Absent => {}
                gap @ Answer::Gap(_) => failed = Some(gap),
            }
        }
        match (having.is_empty(), failed) {
            // Where it may be is not known: that is not "nowhere".
            (true, Some(gap)) => none_listed("ecs:DescribeServices", gap),
            _ => Ok(having),
        }
    }

    /// The ids of tasks of a cluster that have stopped, as many as a page has.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn stopped_tasks(&self, cluster: &str) -> Result<Vec<String>, Error> {
        let question = Question::TaskPage { cluster: cluster.to_owned(), stopped: true, after: None };
        match self.one(question).await? {
            Answer::Known(Known::TaskPage(page)) => Ok(page.tasks),
            other => none_listed("ecs:ListTasks", other),
        }
    }

    /// Whom the credentials belong to.
    ///
    /// # Errors
    /// When nobody says.
    pub async fn identity(&self) -> Result<Identity, Error> {
        match self.one(Question::Identity {}).await? {
            Answer::Known(Known::Identity(identity)) => Ok(identity),
            other => {
                none_listed("sts:GetCallerIdentity", other)?;
                let detail = "it tells nobody".to_owned();
                Err(Error::NoAnswer { action: "sts:GetCallerIdentity".to_owned(), detail })
            }
        }
    }

    async fn one(&self, question: Question) -> Result<Answer, Error> {
        let answers = self.account.ask(vec![question]).await?;
        Ok(answers.into_iter().next().map_or(Answer::Absent, |(_, answer)| answer))
    }
}

/// In how many clusters something is looked for.
const CLUSTERS_ASKED: usize = 100;

/// Nothing there is an empty list; what could not be read is none.
fn none_listed(action: &str, answer: Answer) -> Result<Vec<String>, Error> {
    match answer {
        Answer::Gap(Gap { reason: GapReason::Denied, detail }) => {
            Err(Error::Denied { action: action.to_owned(), detail })
        }
        Answer::Gap(gap) => Err(Error::NoAnswer { action: action.to_owned(), detail: gap.detail }),
        _ => Ok(vec![]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Account, AccountError};
    use crate::model::Moment;
    use async_trait::async_trait;
    use futures_util::FutureExt as _;
    use std::sync::Arc;

    struct Answers(Vec<(Question, Answer)>);

    #[async_trait]
    impl Account for Answers {
        async fn ask(&self, questions: Vec<Question>) -> Result<Vec<(Question, Answer)>, AccountError> {
            let of = |question: &Question| self.0.iter().find(|(one, _)| one == question).map(|(_, a)| a.clone());
            let answer = |question: Question| of(&question).map_or(Answer::Absent, |answer| answer);
            Ok(questions.into_iter().map(|question| (question.clone(), answer(question))).collect())
        }

        fn now(&self) -> Moment {
            Moment::UNIX_EPOCH
        }

        fn calls(&self) -> u64 {
            0
        }
    }

    fn engine(answers: Vec<(Question, Answer)>) -> Engine {
        Engine::new(Arc::new(Answers(answers)), "eu-west-1")
    }

    fn services(cluster: &str) -> Question {
        Question::Services { cluster: cluster.to_owned() }
    }

    fn clusters() -> (Question, Answer) {
        (Question::Clusters {}, Answer::Known(Known::Clusters(vec!["prod".to_owned(), "test".to_owned()])))
    }

    #[test]
    fn names_are_listed() {
        let web = Answer::Known(Known::Services(vec!["web".to_owned()]));
        let engine = engine(vec![clusters(), (services("prod"), web)]);
        assert_eq!(engine.clusters().now_or_never(), Some(Ok(vec!["prod".to_owned(), "test".to_owned()])));
        assert_eq!(engine.services("prod").now_or_never(), Some(Ok(vec!["web".to_owned()])));
    }

    #[test]
    fn a_cluster_that_is_not_there_is_told_with_those_like_it() {
        let told = engine(vec![clusters()]).services("prdo").now_or_never();
        let near = vec!["`prod`".to_owned()];
        let no_cluster = Error::NoSuchCluster { cluster: "prdo".to_owned(), place: "eu-west-1".to_owned(), near };
        assert_eq!(told, Some(Err(no_cluster)));
    }

    #[test]
    fn what_is_named_without_its_cluster_is_found_in_all_that_have_it() {
        let task = "0123456789abcdef0123456789abcdef";
        let of = |cluster: &str| Question::Task { cluster: cluster.to_owned(), task: task.to_owned() };
        let denied = || Answer::Gap(Gap { reason: GapReason::Denied, detail: "no".to_owned() });
        let none = engine(vec![clusters()]).clusters_with(task).now_or_never();
        assert_eq!(none, Some(Ok(vec![])));
        let open = engine(vec![clusters(), (of("test"), denied())]).clusters_with(task).now_or_never();
        assert!(matches!(open, Some(Err(Error::Denied { .. }))), "{open:?}");
    }

    #[test]
    fn what_may_not_be_listed_is_no_empty_list() {
        let denied = Answer::Gap(Gap { reason: GapReason::Denied, detail: "no".to_owned() });
        let told = engine(vec![(services("prod"), denied)]).services("prod").now_or_never();
        let error = Error::Denied { action: "ecs:ListServices".to_owned(), detail: "no".to_owned() };
        assert_eq!(told, Some(Err(error)));
    }
}
