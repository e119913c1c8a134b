//! A question to the call that answers it, and what came of the call to an answer.

use crate::clients::InRegion;
use crate::refusal::{Asked, Before, Class, Refused};
use crate::{Live, ec2, ecr, ecs, iam, kms, logs, secrets, ssm, sts};
use async_trait::async_trait;
use aws_sdk_ecs::types::DesiredStatus;
use ecs_why_core::account::{Account, AccountError};
use ecs_why_core::evidence::{Answer, Known, Question};
use ecs_why_core::model::{Arn, Moment};
use futures_util::future::{join_all, try_join_all};
use std::sync::Arc;

#[async_trait]
impl Account for Live {
    async fn ask(&self, questions: Vec<Question>) -> Result<Vec<(Question, Answer)>, AccountError> {
        let bundles = bundles(questions).into_iter().map(|bundle| self.bundle(bundle));
        Ok(try_join_all(bundles).await?.into_iter().flatten().collect())
    }

    fn now(&self) -> Moment {
        Moment::now()
    }

    fn calls(&self) -> u64 {
        self.clients.journal().calls()
    }
}

/// Questions by what one request can take. The walk has done so already; a caller who has not gets his answers, too.
fn bundles(questions: Vec<Question>) -> Vec<Vec<Question>> {
    let mut bundles: Vec<Vec<Question>> = Vec::new();
    for question in questions {
        let fits = |bundle: &&mut Vec<Question>| {
            question.group().is_some()
                && bundle[0].group() == question.group()
                && bundle.len() < question.most_together()
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
type Told = Result<Answer, Refused>;

fn told<T>(asked: Asked<T>, known: impl FnOnce(T) -> Known) -> Told {
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
        let journal = self.clients.journal();
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
            | Question::TaskDefinition { .. } => self.ask_ecs(question).await,
            Question::Role { .. }
            | Question::AttachedPolicies { .. }
            | Question::InlinePolicies { .. }
            | Question::InlinePolicy { .. }
            | Question::ManagedPolicy { .. }
            | Question::PolicyVersion { .. }
            | Question::InstanceProfile { .. } => self.ask_iam(question).await,
            Question::Repository { region, .. }
            | Question::Repositories { region, .. }
            | Question::Image { region, .. }
            | Question::Images { region, .. }
            | Question::RepositoryPolicy { region, .. }
            | Question::LifecyclePolicy { region, .. } => ask_ecr(&self.there(region), question).await,
            Question::Secret { region, .. }
            | Question::SecretPolicy { region, .. }
            | Question::Key { region, .. }
            | Question::KeyPolicy { region, .. }
            | Question::LogGroup { region, .. }
            | Question::LogLines { region, .. } => ask_stores(&self.there(region), question).await,
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
            | Question::ManagedPrefixList { .. } => self.ask_ec2(question).await,
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
            let _ = self.account.set(identity.account.clone());
        }
        told(Ok(identity), Known::Identity)
    }

    /// Refuses what is in another account and cannot be read from here; a thing of the same name here is another thing.
    async fn is_ours(&self, account: Option<&str>) -> Result<(), Refused> {
        let Some(theirs) = account.filter(|account| !account.is_empty() && *account != "aws") else { return Ok(()) };
        if self.account.get().is_none() {
            self.identity().await?;
        }
        match self.account.get() {
            Some(ours) if ours != theirs => {
                let detail = format!("it belongs to account {theirs}, the credentials to {ours}");
                Err(Refused::new(Class::Unsupported, detail))
            }
            _ => Ok(()),
        }
    }

    async fn parameters(&self, region: &str, asked: &[&str]) -> Result<Vec<Told>, Refused> {
        let ours = join_all(asked.iter().map(|asked| async {
            let account = asked.parse::<Arn>().ok().map(|arn| arn.account().to_owned());
            self.is_ours(account.as_deref()).await
        }));
        let ours = ours.await;
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

    async fn ask_ecs(&self, question: &Question) -> Told {
        let ecs = self.here.ecs();
        match question {
            Question::Cluster { cluster } => told(ecs::cluster(ecs, cluster).await, Known::Cluster),
            Question::Clusters {} => told(ecs::clusters(ecs).await, Known::Clusters),
            Question::Services { cluster } => told(ecs::services(ecs, cluster).await, Known::Services),
            Question::ServiceDeployments { cluster, service } => {
                told(ecs::service_deployments(ecs, cluster, service).await, Known::ServiceDeployments)
            }
            Question::StoppedTasks { cluster, service } => {
                told(ecs::tasks_of(ecs, cluster, service, DesiredStatus::Stopped).await, Known::StoppedTasks)
            }
            Question::RunningTasks { cluster, service } => {
                told(ecs::tasks_of(ecs, cluster, service, DesiredStatus::Running).await, Known::RunningTasks)
            }
            Question::TaskDefinition { definition } => {
                told(ecs::task_definition(ecs, definition).await, Known::TaskDefinition)
            }
            _ => Err(unanswered()),
        }
    }

    async fn ask_iam(&self, question: &Question) -> Told {
        let asked = match question {
            Question::Role { role }
            | Question::AttachedPolicies { role }
            | Question::InlinePolicies { role }
            | Question::InlinePolicy { role, .. } => role,
            Question::ManagedPolicy { policy } | Question::PolicyVersion { policy, .. } => policy,
            Question::InstanceProfile { profile } => profile,
            _ => return Err(unanswered()),
        };
        self.is_ours(iam::account(asked).as_deref()).await?;
        let _turn = self.clients.iam_turns.acquire().await;
        let iam = self.here.iam();
        match question {
            Question::Role { role } => told(iam::role(iam, role).await, Known::Role),
            Question::AttachedPolicies { role } => {
                told(iam::attached_policies(iam, role).await, Known::AttachedPolicies)
            }
            Question::InlinePolicies { role } => told(iam::inline_policies(iam, role).await, Known::InlinePolicies),
            Question::InlinePolicy { role, policy } => {
                told(iam::inline_policy(iam, role, policy).await, Known::InlinePolicy)
            }
            Question::ManagedPolicy { policy } => told(iam::managed_policy(iam, policy).await, Known::ManagedPolicy),
            Question::PolicyVersion { policy, version } => {
                told(iam::policy_version(iam, policy, version).await, Known::PolicyVersion)
            }
            Question::InstanceProfile { profile } => {
                told(iam::instance_profile(iam, profile).await, Known::InstanceProfile)
            }
            _ => Err(unanswered()),
        }
    }

    async fn ask_ec2(&self, question: &Question) -> Told {
        let ec2 = self.here.ec2();
        match question {
            Question::VpcSubnets { vpc } => told(ec2::vpc_subnets(ec2, vpc).await, Known::VpcSubnets),
            Question::Vpc { vpc } => told(ec2::vpc(ec2, vpc).await, Known::Vpc),
            Question::DnsSupport { vpc } => told(ec2::dns_support(ec2, vpc).await, Known::DnsSupport),
            Question::DnsHostnames { vpc } => told(ec2::dns_hostnames(ec2, vpc).await, Known::DnsHostnames),
            Question::DnsServers { options } => told(ec2::dns_servers(ec2, options).await, Known::DnsServers),
            Question::RouteTables { vpc } => told(ec2::route_tables(ec2, vpc).await, Known::RouteTables),
            Question::VpcEndpoints { vpc } => told(ec2::vpc_endpoints(ec2, vpc).await, Known::VpcEndpoints),
            Question::DefaultSecurityGroup { vpc } => {
                told(ec2::default_security_group(ec2, vpc).await, Known::DefaultSecurityGroup)
            }
            Question::NetworkAcls { vpc } => told(ec2::network_acls(ec2, vpc).await, Known::NetworkAcls),
            Question::NatGateways { vpc } => told(ec2::nat_gateways(ec2, vpc).await, Known::NatGateways),
            Question::InternetGateways { vpc } => told(ec2::internet_gateways(ec2, vpc).await, Known::InternetGateways),
            Question::AwsPrefixLists {} => told(ec2::aws_prefix_lists(ec2).await, Known::AwsPrefixLists),
            Question::ManagedPrefixList { list } => {
                told(ec2::managed_prefix_list(ec2, list).await, Known::ManagedPrefixList)
            }
            _ => Err(unanswered()),
        }
    }
}

async fn ask_ecr(there: &InRegion, question: &Question) -> Told {
    let ecr = there.ecr();
    match question {
        Question::Repository { registry, repository, .. } => {
            told(ecr::repository(ecr, registry, repository).await, Known::Repository)
        }
        Question::Repositories { registry, .. } => told(ecr::repositories(ecr, registry).await, Known::Repositories),
        Question::Image { registry, repository, image, .. } => {
            told(ecr::image(ecr, registry, repository, image).await, Known::Image)
        }
        Question::Images { registry, repository, .. } => {
            told(ecr::images(ecr, registry, repository).await, Known::Images)
        }
        Question::RepositoryPolicy { registry, repository, .. } => {
            told(ecr::repository_policy(ecr, registry, repository).await, Known::RepositoryPolicy)
        }
        Question::LifecyclePolicy { registry, repository, .. } => {
            told(ecr::lifecycle_policy(ecr, registry, repository).await, Known::LifecyclePolicy)
        }
        _ => Err(unanswered()),
    }
}

/// Secrets, keys and logs.
async fn ask_stores(there: &InRegion, question: &Question) -> Told {
    match question {
        Question::Secret { secret, .. } => told(secrets::secret(there.secrets(), secret).await, Known::Secret),
        Question::SecretPolicy { secret, .. } => {
            told(secrets::policy(there.secrets(), secret).await, Known::SecretPolicy)
        }
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
fn unanswered() -> Refused {
    Refused::new(Class::Unsupported, "nobody knows how to ask this")
}
