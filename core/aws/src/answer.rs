//! A question to the call that answers it, and what came of the call to an answer.

use crate::clients::InRegion;
use crate::refusal::{Asked, Before, Class, Refused};
use crate::{Live, ec2, ecr, ecs, events, iam, insights, kms, logs, route53, s3, secrets, ssm, sts, trail};
use async_trait::async_trait;
use ecs_why_core::account::{Account, AccountError};
use ecs_why_core::evidence::{Answer, Known, Question};
use ecs_why_core::model::{Arn, Moment};
use futures_util::future::{join_all, try_join_all};
use std::sync::Arc;

#[async_trait]
impl Account for Live {
    async fn ask(&self, questions: Vec<Question>) -> Result<Vec<(Question, Answer)>, AccountError> {
        let bundles = bundles(questions).into_iter().map(|bundle| self.bundle(bundle));
        let answers = self.journal.of(self.urgency.of(try_join_all(bundles))).await?;
        Ok(answers.into_iter().flatten().collect())
    }

    fn now(&self) -> Moment {
        Moment::now()
    }

    fn calls(&self) -> u64 {
        self.journal.calls()
    }
}

/// Questions by what one request can take. The walk has done so already; a caller who has not gets his answers, too.
fn bundles(questions: Vec<Question>) -> Vec<Vec<Question>> {
    let mut bundles: Vec<Vec<Question>> = Vec::new();
    for question in questions {
        let fits = |bundle: &&mut Vec<Question>| {
            let of = |question: &Question| question.group().or_else(|| question.listing());
            of(&question).is_some() && of(&bundle[0]) == of(&question) && bundle.len() < question.most_together()
        };
        match bundles.iter_mut().find(fits) {
            Some(bundle) => bundle.push(question),
            None => bundles.push(vec![question]),
        }
    }
    bundles
}

/// What a question of a group asks for.
fn item(question: &Question) -> &str {
    match question {
        Question::Task { task, .. } => task,
        Question::Service { service, .. } => service,
        Question::ContainerInstance { container_instance, .. } => container_instance,
        Question::ServiceRevision { revision } => revision,
        Question::Subnet { subnet } => subnet,
        Question::SecurityGroup { group } => group,
        Question::NetworkInterface { interface } => interface,
        Question::Instance { instance } => instance,
        Question::Parameter { parameter, .. } => parameter,
        _ => "",
    }
}

/// An answer of the account, before it is known whether a refusal ends everything.
pub(crate) type Told = Result<Answer, Refused>;

pub(crate) fn told<T>(asked: Asked<T>, known: impl FnOnce(T) -> Known) -> Told {
    Ok(asked?.map_or(Answer::Absent, |value| Answer::Known(known(value))))
}

fn all_told<T>(asked: Result<Vec<Asked<T>>, Refused>, known: impl Fn(T) -> Known) -> Result<Vec<Told>, Refused> {
    Ok(asked?.into_iter().map(|asked| told(asked, &known)).collect())
}

impl Live {
    /// Answers questions of one group in one request, or one question.
    async fn bundle(&self, questions: Vec<Question>) -> Result<Vec<(Question, Answer)>, AccountError> {
        let told = match self.together(&questions).await {
            Ok(told) => told,
            // One item that AWS does not take as a name has failed all: each alone.
            Err(refused) if refused.class == Class::Invalid && questions.len() > 1 => {
                let alone = questions.iter().map(|question| self.alone(question));
                join_all(alone).await
            }
            Err(refused) => questions.iter().map(|_| Err(refused.clone())).collect(),
        };
        let answered = questions.into_iter().zip(told);
        answered.map(|(question, told)| Ok((question, self.settle(told)?))).collect()
    }

    async fn alone(&self, question: &Question) -> Told {
        self.together(std::slice::from_ref(question)).await?.pop().unwrap_or_else(|| Err(unanswered()))
    }

    fn settle(&self, told: Told) -> Result<Answer, AccountError> {
        let journal = &self.journal;
        let place = self.clients.endpoint().unwrap_or(self.region());
        let before = Before { reached: journal.reached(), accepted: journal.accepted(), place };
        told.or_else(|refused| refused.settle(before))
    }

    async fn together(&self, questions: &[Question]) -> Result<Vec<Told>, Refused> {
        let Some(first) = questions.first() else { return Ok(Vec::new()) };
        let items: Vec<&str> = questions.iter().map(item).collect();
        let (ecs, ec2) = (|| self.here.ecs(), || self.here.ec2());
        match first {
            Question::Task { cluster, .. } => all_told(ecs::tasks(ecs(), cluster, &items).await, Known::Task),
            Question::Service { cluster, .. } => {
                all_told(ecs::described_services(ecs(), cluster, &items).await, Known::Service)
            }
            Question::ContainerInstance { cluster, .. } => {
                all_told(ecs::container_instances(ecs(), cluster, &items).await, Known::ContainerInstance)
            }
            Question::ServiceRevision { .. } => {
                all_told(ecs::service_revisions(ecs(), &items).await, Known::ServiceRevision)
            }
            Question::Subnet { .. } => all_told(ec2::subnets(ec2(), &items).await, Known::Subnet),
            Question::SecurityGroup { .. } => all_told(ec2::security_groups(ec2(), &items).await, Known::SecurityGroup),
            Question::NetworkInterface { .. } => {
                all_told(ec2::network_interfaces(ec2(), &items).await, Known::NetworkInterface)
            }
            Question::Instance { .. } => all_told(ec2::instances(ec2(), &items).await, Known::Instance),
            Question::Parameter { region, .. } => self.parameters(region, &items).await,
            Question::Image { region, registry, repository, .. } if questions.len() > 1 => {
                let wanted = questions.iter().filter_map(|question| match question {
                    Question::Image { image, .. } => Some(image),
                    _ => None,
                });
                let wanted: Vec<_> = wanted.collect();
                all_told(
                    ecr::listed_images(self.there(region).ecr(), registry, repository, &wanted).await,
                    Known::Image,
                )
            }
            Question::Repository { region, registry, .. } if questions.len() > 1 => {
                let wanted = questions.iter().filter_map(|question| match question {
                    Question::Repository { repository, .. } => Some(repository.as_str()),
                    _ => None,
                });
                let wanted: Vec<_> = wanted.collect();
                all_told(ecr::listed_repositories(self.there(region).ecr(), registry, &wanted).await, Known::Repository)
            }
            _ => Ok(join_all(questions.iter().map(|question| self.one(question))).await),
        }
    }

    /// Answers a question that goes alone.
    async fn one(&self, question: &Question) -> Told {
        match question {
            Question::Identity {} => self.identity().await,
            Question::Cluster { .. }
            | Question::Clusters {}
            | Question::Services { .. }
            | Question::ServiceDeployments { .. }
            | Question::StoppedTasks { .. }
            | Question::RunningTasks { .. }
            | Question::TaskPage { .. }
            | Question::ContainerInstances { .. }
            | Question::InstanceTasks { .. }
            | Question::TaskDefinition { .. } => ecs::answer(self.here.ecs(), question).await,
            Question::EventRules { .. } | Question::RuleLogs { .. } => {
                events::answer(self.here.events(), question).await
            }
            Question::EventCapture { cluster } => {
                told(logs::captured(self.here.logs(), cluster).await, Known::EventCapture)
            }
            Question::RecordedTask { group, cluster, task } => {
                let patience = insights::Patience::default();
                let found = insights::recorded_task(self.here.logs(), group, cluster, task, patience).await;
                told(found, Known::RecordedTask)
            }
            Question::Role { .. }
            | Question::AttachedPolicies { .. }
            | Question::InlinePolicies { .. }
            | Question::InlinePolicy { .. }
            | Question::ManagedPolicy { .. }
            | Question::PolicyVersion { .. }
            | Question::Simulation { .. }
            | Question::InstanceProfile { .. } => self.iam(question).await,
            Question::Repository { region, .. }
            | Question::Repositories { region, .. }
            | Question::Image { region, .. }
            | Question::Images { region, .. }
            | Question::RepositoryPolicy { region, .. }
            | Question::RepositoryKeeper { region, .. }
            | Question::Manifest { region, .. }
            | Question::RegistryPolicy { region, .. }
            | Question::Replication { region, .. }
            | Question::PullThroughPrefixes { region, .. }
            | Question::LifecyclePolicy { region, .. } => ecr::answer(self.there(region).ecr(), question).await,
            Question::ExpiredImages { region, repository } => {
                told(trail::expired_images(self.there(region).cloudtrail(), repository).await, Known::ExpiredImages)
            }
            Question::RoleChanges { region, role } => {
                told(trail::role_changes(self.there(region).cloudtrail(), role).await, Known::RoleChanges)
            }
            Question::Secret { region, .. }
            | Question::SecretPolicy { region, .. }
            | Question::SecretVersions { region, .. }
            | Question::ParameterNames { region, .. }
            | Question::ParameterTags { region, .. }
            | Question::Key { region, .. }
            | Question::KeyPolicy { region, .. }
            | Question::KeyGrants { region, .. }
            | Question::LogGroup { region, .. }
            | Question::LogLines { region, .. } => ask_stores(&self.there(region), question).await,
            Question::Bucket { .. }
            | Question::BucketPolicy { .. }
            | Question::BucketKey { .. }
            | Question::Object { .. }
            | Question::Objects { .. } => s3::answer(self, self.owner().await.as_deref(), question).await,
            Question::HostedZones { vpc } => {
                told(route53::hosted_zones(self.here.route53(), vpc, self.region()).await, Known::HostedZones)
            }
            Question::VpcSubnets { .. }
            | Question::Vpc { .. }
            | Question::DnsSupport { .. }
            | Question::DnsHostnames { .. }
            | Question::DnsServers { .. }
            | Question::RouteTables { .. }
            | Question::VpcEndpoints { .. }
            | Question::DefaultSecurityGroup { .. }
            | Question::NetworkAcls { .. }
            | Question::NatGateways { .. }
            | Question::InternetGateways { .. }
            | Question::AwsPrefixLists {}
            | Question::ManagedPrefixList { .. } => ec2::answer(self.here.ec2(), question).await,
            // These are answered by `together`, one of them as well as many.
            Question::Task { .. }
            | Question::Service { .. }
            | Question::ContainerInstance { .. }
            | Question::ServiceRevision { .. }
            | Question::Subnet { .. }
            | Question::SecurityGroup { .. }
            | Question::NetworkInterface { .. }
            | Question::Instance { .. }
            | Question::Parameter { .. } => Err(unanswered()),
        }
    }

    /// The clients of a region that a question names; one that names none means ours.
    fn there(&self, region: &str) -> Arc<InRegion> {
        if region.is_empty() { Arc::clone(&self.here) } else { self.clients.in_region(region) }
    }

    async fn identity(&self) -> Told {
        let identity = sts::identity(self.here.sts()).await?;
        if let Some(identity) = &identity {
            // Credentials may be renewed, and stay those of the same account.
            let _ = self.account.set(Some(identity.account.clone()));
        }
        told(Ok(identity), Known::Identity)
    }

    /// Refuses what an ARN says to be in another account: a thing of the same name in this one is another thing.
    ///
    /// Where STS does not say which account this is, the ARN is believed to be of it.
    async fn is_ours(&self, arn: &str) -> Result<(), Refused> {
        let Ok(arn) = arn.parse::<Arn>() else { return Ok(()) };
        if matches!(arn.account(), "" | "aws") {
            return Ok(());
        }
        match self.owner().await {
            Some(ours) if ours != arn.account() => {
                let detail = format!("it belongs to account {}, the credentials to {ours}", arn.account());
                Err(Refused::new(Class::Unsupported, detail))
            }
            _ => Ok(()),
        }
    }

    /// The account that the credentials belong to; none where STS does not say.
    async fn owner(&self) -> Option<String> {
        let ask = || async { sts::identity(self.here.sts()).await.ok().flatten().map(|identity| identity.account) };
        self.account.get_or_init(ask).await.clone()
    }

    async fn iam(&self, question: &Question) -> Told {
        self.is_ours(iam::subject(question)).await?;
        iam::answer(self.here.iam(), question).await
    }

    async fn parameters(&self, region: &str, asked: &[&str]) -> Result<Vec<Told>, Refused> {
        let ours = join_all(asked.iter().map(|asked| self.is_ours(asked))).await;
        let readable: Vec<_> =
            asked.iter().zip(&ours).filter(|(_, ours)| ours.is_ok()).map(|(asked, _)| *asked).collect();
        if readable.is_empty() {
            return Ok(ours.into_iter().map(|ours| Err(ours.err().unwrap_or_else(unanswered))).collect());
        }
        let there = self.there(region);
        let mut found = all_told(ssm::parameters(there.ssm(), &readable).await, Known::Parameter)?.into_iter();
        let answer = |ours: Result<(), Refused>| ours.and_then(|()| found.next().unwrap_or_else(|| Err(unanswered())));
        Ok(ours.into_iter().map(answer).collect())
    }
}

/// Secrets, keys and logs.
async fn ask_stores(there: &InRegion, question: &Question) -> Told {
    match question {
        Question::Secret { secret, .. } => told(secrets::secret(there.secrets(), secret).await, Known::Secret),
        Question::SecretPolicy { secret, .. } => {
            told(secrets::policy(there.secrets(), secret).await, Known::SecretPolicy)
        }
        Question::SecretVersions { secret, .. } => {
            told(secrets::versions(there.secrets(), secret).await, Known::SecretVersions)
        }
        Question::ParameterNames { like, .. } => told(ssm::names_like(there.ssm(), like).await, Known::ParameterNames),
        Question::ParameterTags { parameter, .. } => {
            told(ssm::tags(there.ssm(), parameter).await, Known::ParameterTags)
        }
        Question::KeyGrants { key, .. } => told(kms::grants(there.kms(), key).await, Known::KeyGrants),
        Question::Key { key, .. } => told(kms::key(there.kms(), key).await, Known::Key),
        Question::KeyPolicy { key, .. } => told(kms::key_policy(there.kms(), key).await, Known::KeyPolicy),
        Question::LogGroup { group, .. } => told(logs::group(there.logs(), group).await, Known::LogGroup),
        Question::LogLines { group, stream, .. } => {
            told(logs::lines(there.logs(), group, stream).await, Known::LogLines)
        }
        _ => Err(unanswered()),
    }
}

/// Never seen: every question has its arm above, and the compiler asks for one when a question is added.
pub(crate) fn unanswered() -> Refused {
    Refused::new(Class::Unsupported, "nobody knows how to ask this")
}

#[cfg(test)]
mod tests;
