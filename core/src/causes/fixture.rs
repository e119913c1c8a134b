//! A healthy launch as evidence that is built in code: a test changes or hides single answers, and asks one cause.
#![allow(clippy::disallowed_methods)] // it looks at what is not known on purpose

use super::{Finding, Judged, Verdict, find};
use crate::case::{Case, LaunchType, Region};
use crate::change::{Fix, Plan};
use crate::evidence::{Answer, Evidence, Facts, Gap, GapReason, Kept, Known, Question};
use crate::model::ecs::{
    ContainerDefinition, ContainerInstance, Deployment, LogConfiguration, NetworkConfiguration, Overrides,
    SecretReference, Service, Task, TaskContainer, TaskDefinition, TaskInterface, TaskTimes,
};
use crate::model::network::Instance;
use crate::model::registry::{ImageManifest, PlatformImage, PullThroughRule};
use crate::model::stores::{
    Bucket, EcrImage, ImageId, InstanceProfile, LogGroup, ManagedPolicy, Parameter, PolicyVersion, Repository, Role,
    RoleChange, Scan, Secret, StoredObject,
};
use crate::model::{CauseId, Keeper, Moment, Unknown};
use crate::network::lab::{self, Lab};
use crate::symptom::{self, ContainerStop, Launch, Stop};
use serde_json::json;

pub(crate) const ACCOUNT: &str = "111111111111";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const REVISION: &str = "arn:aws:ecs:us-east-1:111111111111:task-definition/web:42";
pub(crate) const BEFORE: &str = "arn:aws:ecs:us-east-1:111111111111:task-definition/web:41";
pub(crate) const TASK: &str = "arn:aws:ecs:us-east-1:111111111111:task/prod/0123456789abcdef0123456789abcdef";
pub(crate) const HOST: &str = "111111111111.dkr.ecr.us-east-1.amazonaws.com";
pub(crate) const IMAGE: &str = "111111111111.dkr.ecr.us-east-1.amazonaws.com/team/web:v42";
pub(crate) const REPOSITORY: &str = "arn:aws:ecr:us-east-1:111111111111:repository/team/web";
pub(crate) const SECRET: &str = "arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdEf";
pub(crate) const EXECUTION_POLICY: &str = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
pub(crate) const INSTANCE_POLICY: &str = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
pub(crate) const CONTAINER_INSTANCE: &str = "arn:aws:ecs:us-east-1:111111111111:container-instance/prod/c1";
/// The environment file of [`Fixture::env_file`].
pub(crate) const ENV_FILE: &str = "arn:aws:s3:::config/web/prod.env";
/// The current deployment, which fails, and the one before, which runs well.
pub(crate) const DEPLOYMENT: &str = "ecs-svc/42";

/// A time of the day on which everything happens.
pub(crate) fn at(time: &str) -> Moment {
    format!("2026-03-01T{time}:00Z").parse().expect("a time is HH:MM")
}

/// The ARN of a role of the account.
pub(crate) fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

/// What a cause said of all its subjects: the gravest, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Said {
    Fault,
    Healed,
    AsTold,
    Unknown,
    Sound,
    NotApplicable,
}

impl Said {
    pub(crate) fn of(verdict: &Result<Verdict, Unknown>) -> Said {
        match verdict {
            Ok(Verdict::Fault(_)) => Said::Fault,
            Ok(Verdict::Healed(_)) => Said::Healed,
            Ok(Verdict::AsTold(_)) => Said::AsTold,
            Err(_) => Said::Unknown,
            Ok(Verdict::Sound) => Said::Sound,
            Ok(Verdict::NotApplicable) => Said::NotApplicable,
        }
    }
}

fn finding_of(verdict: &Result<Verdict, Unknown>) -> Option<&Finding> {
    match verdict {
        Ok(Verdict::Fault(finding) | Verdict::Healed(finding) | Verdict::AsTold(finding)) => Some(finding),
        _ => None,
    }
}

/// The evidence of one launch.
#[derive(Debug, Clone)]
pub(crate) struct Fixture {
    pub(crate) evidence: Evidence,
    lab: Lab,
    launch: LaunchType,
    stop: Option<Stop>,
    definition: String,
    network: Option<NetworkConfiguration>,
}

// ------------------------------------------------------------------------------------------------ the questions

pub(crate) fn image(tag: &str) -> Question {
    let image = ImageId::Tag(tag.to_owned());
    Question::Image { region: REGION.into(), registry: ACCOUNT.into(), repository: "team/web".into(), image }
}

pub(crate) fn manifest(tag: &str) -> Question {
    let image = ImageId::Tag(tag.to_owned());
    Question::Manifest { region: REGION.into(), registry: ACCOUNT.into(), repository: "team/web".into(), image }
}

pub(crate) fn registry_policy() -> Question {
    Question::RegistryPolicy { region: REGION.into(), registry: ACCOUNT.into() }
}

pub(crate) fn images() -> Question {
    Question::Images { region: REGION.into(), registry: ACCOUNT.into(), repository: "team/web".into() }
}

pub(crate) fn repository(name: &str) -> Question {
    Question::Repository { region: REGION.into(), registry: ACCOUNT.into(), repository: name.into() }
}

pub(crate) fn repositories() -> Question {
    Question::Repositories { region: REGION.into(), registry: ACCOUNT.into() }
}

pub(crate) fn repository_policy() -> Question {
    Question::RepositoryPolicy { region: REGION.into(), registry: ACCOUNT.into(), repository: "team/web".into() }
}

pub(crate) fn lifecycle_policy() -> Question {
    Question::LifecyclePolicy { region: REGION.into(), registry: ACCOUNT.into(), repository: "team/web".into() }
}

pub(crate) fn expired_images() -> Question {
    Question::ExpiredImages { region: REGION.into(), repository: "team/web".into() }
}

pub(crate) fn cache_rules() -> Question {
    Question::PullThroughPrefixes { region: REGION.into(), registry: ACCOUNT.into() }
}

pub(crate) fn role(name: &str) -> Question {
    Question::Role { role: name.into() }
}

pub(crate) fn attached(role: &str) -> Question {
    Question::AttachedPolicies { role: role.into() }
}

pub(crate) fn inline(role: &str) -> Question {
    Question::InlinePolicies { role: role.into() }
}

pub(crate) fn secret(id: &str) -> Question {
    Question::Secret { region: REGION.into(), secret: id.into() }
}

pub(crate) fn secret_policy(id: &str) -> Question {
    Question::SecretPolicy { region: REGION.into(), secret: id.into() }
}

pub(crate) fn parameter(name: &str) -> Question {
    Question::Parameter { region: REGION.into(), parameter: name.into() }
}

pub(crate) fn bucket() -> Question {
    Question::Bucket { bucket: "config".into() }
}

pub(crate) fn bucket_policy() -> Question {
    Question::BucketPolicy { bucket: "config".into() }
}

pub(crate) fn object(key: &str) -> Question {
    Question::Object { bucket: "config".into(), key: key.into() }
}

pub(crate) fn objects(beginning: &str) -> Question {
    Question::Objects { bucket: "config".into(), beginning: beginning.into() }
}

pub(crate) fn log_group(name: &str) -> Question {
    Question::LogGroup { region: REGION.into(), group: name.into() }
}

pub(crate) fn definition(arn: &str) -> Question {
    Question::TaskDefinition { definition: arn.into() }
}

pub(crate) fn service() -> Question {
    Question::Service { cluster: "prod".into(), service: "web".into() }
}

pub(crate) fn service_deployments() -> Question {
    Question::ServiceDeployments { cluster: "prod".into(), service: "web".into() }
}

pub(crate) fn task() -> Question {
    Question::Task { cluster: "prod".into(), task: TASK.rsplit('/').next().unwrap_or_default().into() }
}

// ------------------------------------------------------------------------------------------------ the answers

/// An image with one tag.
pub(crate) fn ecr_image(tag: &str, pushed: &str) -> EcrImage {
    EcrImage {
        digest: format!("sha256:{tag:0>64}"),
        tags: vec![tag.to_owned()],
        pushed: Some(at(pushed)),
        status: Some("ACTIVE".to_owned()),
        media_type: None,
        bytes: None,
        artifact_type: None,
        archived: None,
        activated: None,
        scan: Scan::Untold,
    }
}

/// A policy with one statement.
pub(crate) fn statement(effect: &str, actions: &[&str], resource: &str) -> String {
    let statement = json!({"Effect": effect, "Action": actions, "Resource": resource});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// A trust policy for a service.
pub(crate) fn trust(service: &str) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

pub(crate) fn a_role(name: &str) -> Role {
    Role {
        name: name.to_owned(),
        arn: role_arn(name),
        id: format!("AROA{}", name.to_uppercase()),
        trust: trust("ecs-tasks.amazonaws.com"),
        boundary: None,
        created: None,
        tags: indexmap::IndexMap::new(),
    }
}

/// An index that lists an image for each of these platforms.
pub(crate) fn platforms(all: &[&str]) -> ImageManifest {
    let image = |platform: &&str| {
        let (os, architecture) = platform.split_once('/').expect("os/architecture");
        let digest = format!("sha256:{architecture:0>64}");
        PlatformImage { digest, os: os.to_owned(), architecture: architecture.to_owned() }
    };
    ImageManifest { is_index: true, images: all.iter().map(image).collect(), ..ImageManifest::default() }
}

/// A pull through cache rule without credentials.
pub(crate) fn cache_rule(prefix: &str) -> PullThroughRule {
    PullThroughRule { prefix: prefix.to_owned(), ..PullThroughRule::default() }
}

pub(crate) fn a_secret(arn: &str, name: &str) -> Secret {
    Secret {
        arn: arn.to_owned(),
        name: name.to_owned(),
        deleted: None,
        kms_key: None,
        created: Some(at("08:00")),
        changed: None,
        versions: [("11111111-1111-1111-1111-111111111111".to_owned(), vec!["AWSCURRENT".to_owned()])].into(),
        tags: Some(indexmap::IndexMap::new()),
        keeper: Keeper::Untold,
    }
}

/// A parameter in plain text.
pub(crate) fn a_parameter(name: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        arn: None,
        kind: "String".to_owned(),
        kms_key: None,
        modified: Some(at("08:00")),
        version: Some(3),
    }
}

/// The container `app`, which takes one secret and logs to `/ecs/web`.
pub(crate) fn app() -> ContainerDefinition {
    let options = [("awslogs-group", "/ecs/web"), ("awslogs-region", REGION), ("awslogs-stream-prefix", "web")];
    ContainerDefinition {
        name: "app".to_owned(),
        image: IMAGE.to_owned(),
        essential: true,
        secrets: vec![SecretReference { name: "DB_PASSWORD".to_owned(), value_from: SECRET.to_owned() }],
        log: Some(LogConfiguration {
            driver: "awslogs".to_owned(),
            options: options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..LogConfiguration::default()
        }),
        ..ContainerDefinition::default()
    }
}

pub(crate) fn revision(arn: &str) -> TaskDefinition {
    TaskDefinition {
        arn: arn.to_owned(),
        family: "web".to_owned(),
        revision: arn.rsplit(':').next().and_then(|number| number.parse().ok()).unwrap_or_default(),
        status: Some("ACTIVE".to_owned()),
        execution_role: Some(role_arn("web-execution")),
        task_role: Some(role_arn("web-task")),
        network_mode: Some("awsvpc".to_owned()),
        requires_compatibilities: vec!["FARGATE".to_owned()],
        cpu: Some("256".to_owned()),
        memory: Some("512".to_owned()),
        cpu_architecture: None,
        operating_system: None,
        ephemeral_storage: None,
        containers: vec![app()],
        volumes: vec![],
        registered_at: None,
        registered_by: None,
        other_fields: vec![],
        keeper: Keeper::Untold,
    }
}

fn network() -> NetworkConfiguration {
    NetworkConfiguration {
        subnets: vec![lab::TASK.to_owned(), lab::OTHER.to_owned()],
        security_groups: vec!["sg-task".to_owned()],
        public_ip: false,
    }
}

pub(crate) fn deployment(id: &str, revision: &str, status: &str, created: &str) -> Deployment {
    Deployment {
        id: id.to_owned(),
        status: status.to_owned(),
        definition: revision.to_owned(),
        desired: 2,
        running: 0,
        pending: 0,
        failed: 0,
        created: Some(at(created)),
        updated: None,
        rollout: Some("IN_PROGRESS".to_owned()),
        rollout_reason: None,
        network: Some(network()),
        launch_type: Some("FARGATE".to_owned()),
        platform_version: Some("1.4.0".to_owned()),
        infrastructure_roles: vec![],
    }
}

/// The service `web`: revision 41 ran well, and revision 42 is being deployed.
pub(crate) fn a_service() -> Service {
    let before = Deployment {
        running: 2,
        rollout: Some("COMPLETED".to_owned()),
        ..deployment("ecs-svc/41", BEFORE, "ACTIVE", "07:00")
    };
    Service {
        arn: format!("arn:aws:ecs:{REGION}:{ACCOUNT}:service/prod/web"),
        name: "web".to_owned(),
        status: "ACTIVE".to_owned(),
        desired: 2,
        running: 2,
        pending: 0,
        launch_type: Some("FARGATE".to_owned()),
        definition: REVISION.to_owned(),
        network: Some(network()),
        deployments: vec![deployment(DEPLOYMENT, REVISION, "PRIMARY", "10:00"), before],
        events: vec![],
        target_groups: vec![],
        role: None,
        balancer_roles: vec![],
        circuit_breaker: false,
        created: Some(at("06:00")),
        keeper: Keeper::Untold,
    }
}

/// A task of revision 42 that stopped at 10:05.
pub(crate) fn a_task() -> Task {
    Task {
        arn: TASK.to_owned(),
        cluster: format!("arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod"),
        definition: REVISION.to_owned(),
        group: Some("service:web".to_owned()),
        started_by: Some(DEPLOYMENT.to_owned()),
        last_status: "STOPPED".to_owned(),
        desired_status: Some("STOPPED".to_owned()),
        launch_type: Some("FARGATE".to_owned()),
        capacity_provider: None,
        platform_version: Some("1.4.0".to_owned()),
        platform_family: Some("Linux".to_owned()),
        zone: None,
        container_instance: None,
        stop_code: Some("TaskFailedToStart".to_owned()),
        stopped_reason: Some("Task failed to start".to_owned()),
        cpu: None,
        memory: None,
        ephemeral_storage: None,
        health: None,
        times: TaskTimes {
            created: Some(at("10:01")),
            stopping: Some(at("10:05")),
            stopped: Some(at("10:06")),
            ..TaskTimes::default()
        },
        containers: vec![TaskContainer { name: "app".to_owned(), ..TaskContainer::default() }],
        interface: Some(TaskInterface {
            subnet: Some(lab::TASK.to_owned()),
            private_ip: Some("10.0.1.20".to_owned()),
            ..TaskInterface::default()
        }),
        attachments: vec![],
        overrides: Overrides::default(),
    }
}

const EXECUTION_ACTIONS: [&str; 6] = [
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchGetImage",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

impl Fixture {
    /// A Fargate task in a private subnet behind a NAT gateway.
    pub(crate) fn fargate() -> Fixture {
        let stop = Stop { stop_code: Some("TaskFailedToStart".to_owned()), ..Stop::default() };
        let new = Fixture {
            evidence: Evidence::new(),
            lab: lab::with_nat(),
            launch: LaunchType::Fargate,
            stop: Some(stop),
            definition: REVISION.to_owned(),
            network: None,
        };
        new.ecs().roles().images().stores().network(|_| {})
    }

    /// A Fargate task in a VPC with endpoints and no way to the internet.
    pub(crate) fn endpoints() -> Fixture {
        Fixture::fargate().network(|lab| *lab = lab::with_endpoints())
    }

    /// A task in bridge mode on a container instance, whose role may pull.
    pub(crate) fn ec2() -> Fixture {
        let instance = Instance {
            id: "i-1".to_owned(),
            state: "running".to_owned(),
            subnet: Some(lab::TASK.to_owned()),
            security_groups: vec!["sg-task".to_owned()],
            private_ip: "10.0.1.30".parse().ok(),
            public_ip: None,
            instance_profile: Some(format!("arn:aws:iam::{ACCOUNT}:instance-profile/web-instances")),
        };
        let host = ContainerInstance {
            arn: CONTAINER_INSTANCE.to_owned(),
            instance: Some("i-1".to_owned()),
            status: "ACTIVE".to_owned(),
            agent_connected: true,
            agent_version: None,
            taken_ports: vec![22, 2375, 2376, 51678, 51679],
            taken_udp_ports: vec![],
            reserved_ports: vec![22, 2375, 2376, 51678, 51679],
        };
        let profile = InstanceProfile {
            arn: format!("arn:aws:iam::{ACCOUNT}:instance-profile/web-instances"),
            role: Some(role_arn("web-instance")),
        };
        let question =
            Question::ContainerInstance { cluster: "prod".into(), container_instance: CONTAINER_INSTANCE.into() };
        let mut new = Fixture::fargate();
        new.launch = LaunchType::Instance;
        new.with(question, Known::ContainerInstance(host))
            .with(Question::Instance { instance: "i-1".into() }, Known::Instance(instance))
            .with(Question::InstanceProfile { profile: "web-instances".into() }, Known::InstanceProfile(profile))
            .policies("web-instance", &[INSTANCE_POLICY], &[])
            .managed(INSTANCE_POLICY, &statement("Allow", &EXECUTION_ACTIONS, "*"))
            .service(|service| service.deployments.iter_mut().for_each(|one| one.network = None))
            .revision(|revision| revision.network_mode = Some("bridge".to_owned()))
            .task(|task| {
                task.launch_type = Some("EC2".to_owned());
                task.platform_version = None;
                task.interface = None;
                task.container_instance = Some(CONTAINER_INSTANCE.to_owned());
            })
    }

    fn ecs(self) -> Fixture {
        self.with(service(), Known::Service(a_service()))
            .with(task(), Known::Task(a_task()))
            .with(definition(REVISION), Known::TaskDefinition(revision(REVISION)))
            .with(definition(BEFORE), Known::TaskDefinition(revision(BEFORE)))
    }

    fn roles(self) -> Fixture {
        let read = statement("Allow", &["secretsmanager:GetSecretValue"], "arn:aws:secretsmanager:*:*:secret:prod/*");
        self.policies("web-execution", &[EXECUTION_POLICY], &[("secrets", read)])
            .policies("web-task", &[], &[])
            .managed(EXECUTION_POLICY, &statement("Allow", &EXECUTION_ACTIONS, "*"))
    }

    fn images(self) -> Fixture {
        let found = |name: &str| Repository {
            name: name.to_owned(),
            arn: format!("arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}"),
            immutable: false,
            kms_key: None,
            created: Some(at("06:00")),
        };
        let (new, old) = (ecr_image("v42", "09:00"), ecr_image("v41", "06:30"));
        self.with(repository("team/web"), Known::Repository(found("team/web")))
            .with(repositories(), Known::Repositories(vec!["team/web".to_owned()]))
            .with(image("v42"), Known::Image(new.clone()))
            .with(image("v41"), Known::Image(old.clone()))
            .with(images(), Known::Images(vec![new, old]))
            .with(cache_rules(), Known::PullThroughPrefixes(vec![]))
            .with(manifest("v42"), Known::Manifest(platforms(&["linux/amd64", "linux/arm64"])))
            .absent(registry_policy())
            .absent(repository_policy())
            .absent(lifecycle_policy())
            .with(expired_images(), Known::ExpiredImages(vec![]))
    }

    fn stores(self) -> Fixture {
        let group = LogGroup { name: "/ecs/web".to_owned(), created: Some(at("06:00")) };
        self.with(secret(SECRET), Known::Secret(a_secret(SECRET, "prod/db")))
            .absent(secret_policy(SECRET))
            .with(log_group("/ecs/web"), Known::LogGroup(group))
    }

    /// The container `app` takes an environment file, which is there and may be read.
    pub(crate) fn env_file(self) -> Fixture {
        let file = StoredObject { key: "web/prod.env".to_owned(), modified: Some(at("08:00")) };
        let read = statement("Allow", &["s3:GetObject", "s3:GetBucketLocation"], "*");
        let secrets = statement("Allow", &["secretsmanager:GetSecretValue"], "*");
        self.app(|app| app.environment_files.push(ENV_FILE.to_owned()))
            .with(bucket(), Known::Bucket(Bucket { name: "config".to_owned(), region: REGION.to_owned() }))
            .with(object("web/prod.env"), Known::Object(file))
            .absent(bucket_policy())
            .absent(Question::BucketKey { bucket: "config".into() })
            .policies("web-execution", &[EXECUTION_POLICY], &[("files", read), ("secrets", secrets)])
    }

    // -------------------------------------------------------------------------------------------- single answers

    /// Another answer.
    pub(crate) fn with(mut self, question: Question, known: Known) -> Fixture {
        self.evidence.replace(question, Kept { answer: Answer::Known(known), at: at("12:00") });
        self
    }

    /// It is known not to be there.
    pub(crate) fn absent(mut self, question: Question) -> Fixture {
        self.evidence.replace(question, Kept { answer: Answer::Absent, at: at("12:00") });
        self
    }

    /// It could not be read.
    pub(crate) fn gap(mut self, question: Question) -> Fixture {
        let gap = Gap { reason: GapReason::Denied, detail: "AccessDenied".to_owned() };
        self.evidence.replace(question, Kept { answer: Answer::Gap(gap), at: at("12:00") });
        self
    }

    /// It was not asked.
    pub(crate) fn without(mut self, question: &Question) -> Fixture {
        self.evidence.forget(question);
        self
    }

    /// A role with managed policies, by their ARNs, and inline ones with their documents.
    pub(crate) fn policies(self, name: &str, managed: &[&str], inlined: &[(&str, String)]) -> Fixture {
        let names = inlined.iter().map(|(policy, _)| (*policy).to_owned()).collect();
        let mut new = self
            .with(role(name), Known::Role(a_role(name)))
            .with(attached(name), Known::AttachedPolicies(managed.iter().map(|arn| (*arn).to_owned()).collect()))
            .with(inline(name), Known::InlinePolicies(names));
        for (policy, document) in inlined {
            let question = Question::InlinePolicy { role: name.into(), policy: (*policy).into() };
            new = new.with(question, Known::InlinePolicy(document.clone()));
        }
        new
    }

    /// A managed policy.
    pub(crate) fn managed(self, arn: &str, document: &str) -> Fixture {
        let policy = ManagedPolicy { arn: arn.to_owned(), default_version: "v1".to_owned(), updated: None };
        let version = PolicyVersion { document: document.to_owned(), created: None };
        self.with(Question::ManagedPolicy { policy: arn.into() }, Known::ManagedPolicy(policy))
            .with(Question::PolicyVersion { policy: arn.into(), version: "v1".into() }, Known::PolicyVersion(version))
    }

    /// Edits a role.
    pub(crate) fn role(self, name: &str, edit: impl FnOnce(&mut Role)) -> Fixture {
        let mut found = a_role(name);
        edit(&mut found);
        self.with(role(name), Known::Role(found))
    }

    /// CloudTrail shows that an inline policy of a role was put in its place then.
    pub(crate) fn changed_role(self, role: &str, time: &str, policy: &str) -> Fixture {
        let (policy, by) = (Some(policy.to_owned()), Some("on-call".to_owned()));
        let change = RoleChange { at: at(time), event: "PutRolePolicy".to_owned(), policy, by };
        let question = Question::RoleChanges { region: REGION.into(), role: role.into() };
        self.with(question, Known::RoleChanges(vec![change]))
    }

    /// CloudTrail shows that nothing was done to a role.
    pub(crate) fn unchanged_role(self, role: &str) -> Fixture {
        let question = Question::RoleChanges { region: REGION.into(), role: role.into() };
        self.with(question, Known::RoleChanges(vec![]))
    }

    /// Edits the judged revision.
    pub(crate) fn revision(self, edit: impl FnOnce(&mut TaskDefinition)) -> Fixture {
        let Some(Known::TaskDefinition(mut found)) = self.known(&definition(REVISION)) else { unreachable!() };
        edit(&mut found);
        self.with(definition(REVISION), Known::TaskDefinition(found))
    }

    /// Edits the container `app`.
    pub(crate) fn app(self, edit: impl FnOnce(&mut ContainerDefinition)) -> Fixture {
        self.revision(|revision| edit(&mut revision.containers[0]))
    }

    /// Edits the task.
    pub(crate) fn task(self, edit: impl FnOnce(&mut Task)) -> Fixture {
        let Some(Known::Task(mut found)) = self.known(&task()) else { unreachable!() };
        edit(&mut found);
        self.with(task(), Known::Task(found))
    }

    /// Edits the service.
    pub(crate) fn service(self, edit: impl FnOnce(&mut Service)) -> Fixture {
        let Some(Known::Service(mut found)) = self.known(&service()) else { unreachable!() };
        edit(&mut found);
        self.with(service(), Known::Service(found))
    }

    /// Edits the network of the service's deployments.
    pub(crate) fn settings(self, edit: impl Fn(&mut NetworkConfiguration)) -> Fixture {
        self.service(|service| service.deployments.iter_mut().filter_map(|one| one.network.as_mut()).for_each(edit))
    }

    /// Edits the VPC.
    pub(crate) fn network(mut self, edit: impl FnOnce(&mut Lab)) -> Fixture {
        edit(&mut self.lab);
        let lab = self.lab.clone();
        let vpc = || "vpc-1".to_owned();
        let mut new = self;
        for subnet in &lab.subnets {
            new = new.with(Question::Subnet { subnet: subnet.id.clone() }, Known::Subnet(subnet.clone()));
        }
        for group in lab.groups.values() {
            new = new.with(Question::SecurityGroup { group: group.id.clone() }, Known::SecurityGroup(group.clone()));
        }
        if let Some(mut found) = lab.vpc {
            found.dhcp_options = Some("default".to_owned());
            new = new.with(Question::Vpc { vpc: vpc() }, Known::Vpc(found));
        }
        new.with(Question::VpcSubnets { vpc: vpc() }, Known::VpcSubnets(lab.subnets))
            .with(Question::DnsSupport { vpc: vpc() }, Known::DnsSupport(lab.dns_support == Some(true)))
            .with(Question::DnsHostnames { vpc: vpc() }, Known::DnsHostnames(lab.dns_hostnames == Some(true)))
            .with(Question::HostedZones { vpc: vpc() }, Known::HostedZones(lab.zones))
            .with(Question::RouteTables { vpc: vpc() }, Known::RouteTables(lab.tables))
            .with(Question::VpcEndpoints { vpc: vpc() }, Known::VpcEndpoints(lab.endpoints))
            .with(Question::NetworkAcls { vpc: vpc() }, Known::NetworkAcls(lab.acls))
            .with(Question::NatGateways { vpc: vpc() }, Known::NatGateways(lab.nats))
            .with(Question::InternetGateways { vpc: vpc() }, Known::InternetGateways(lab.gateways))
            .with(Question::AwsPrefixLists {}, Known::AwsPrefixLists(lab.lists.into_values().collect()))
    }

    // -------------------------------------------------------------------------------------------- the stop

    /// The task stopped with this code and reason.
    pub(crate) fn stopped(self, code: &str, reason: &str) -> Fixture {
        self.ended(code, reason, None, None)
    }

    /// The container `app` ended: the task's stop code and reason, the container's exit code and reason.
    pub(crate) fn ended(mut self, code: &str, reason: &str, exit_code: Option<i64>, why: Option<&str>) -> Fixture {
        let container = ContainerStop {
            name: Some("app".to_owned()),
            essential: Some(true),
            reason: why.map(str::to_owned),
            exit_code,
            ..ContainerStop::default()
        };
        self.stop = Some(Stop {
            stop_code: Some(code.to_owned()),
            reason: Some(reason.to_owned()),
            containers: vec![container],
            launch: Some(if self.launch == LaunchType::Instance { Launch::Ec2 } else { Launch::Fargate }),
            created: Some(at("10:01")),
            stopping: Some(at("10:05")),
            stopped: Some(at("10:06")),
            ..Stop::default()
        });
        self.task(|task| {
            task.stop_code = Some(code.to_owned());
            task.stopped_reason = Some(reason.to_owned());
            task.containers[0].exit_code = exit_code;
            task.containers[0].reason = why.map(str::to_owned);
        })
    }

    /// The task stopped as this says.
    pub(crate) fn with_stop(self, stop: &Stop) -> Fixture {
        let (code, reason) = (stop.stop_code.clone(), stop.reason.clone());
        let mut new = self.ended(code.as_deref().unwrap_or("TaskFailedToStart"), "", None, None);
        new.stop = Some(stop.clone());
        new.task(|task| (task.stop_code, task.stopped_reason) = (code, reason))
    }

    /// Nothing stopped: the service is checked.
    pub(crate) fn check(mut self) -> Fixture {
        self.stop = None;
        self
    }

    pub(crate) fn launched_on(mut self, launch: LaunchType) -> Fixture {
        self.launch = launch;
        self
    }

    // -------------------------------------------------------------------------------------------- the case

    fn known(&self, question: &Question) -> Option<Known> {
        match self.evidence.get(question).map(|kept| &kept.answer) {
            Some(Answer::Known(known)) => Some(known.clone()),
            _ => None,
        }
    }

    fn platform_in_question(&self) -> bool {
        self.stop.as_ref().is_none_or(|stop| symptom::read(stop).points_to_platform())
    }

    /// The case, as far as the evidence has it.
    pub(crate) fn case(&self) -> Case<'_> {
        let facts = Facts::new(&self.evidence);
        let found = |question| match self.evidence.get(&question).map(|kept| &kept.answer) {
            Some(Answer::Known(known)) => Some(known),
            _ => None,
        };
        let service_read = facts.service("prod", "web");
        let (service, service_known) = match service_read {
            Ok(found) => (found, Ok(())),
            Err(unknown) => (None, Err(unknown)),
        };
        let task = match (found(task()), &self.stop) {
            (Some(Known::Task(task)), Some(_)) => Some(task),
            _ => None,
        };
        let deployment = service.and_then(|service| service.deployments.first());
        let settings = self.network.as_ref().or_else(|| deployment.and_then(|one| one.network.as_ref()));
        let network = settings.ok_or_else(Unknown::new);
        let own = task.and_then(|task| task.interface.as_ref()).and_then(|interface| interface.subnet.clone());
        Case {
            region: Region { partition: "aws".to_owned(), region: REGION.to_owned(), account: ACCOUNT.to_owned() },
            cluster: "prod".to_owned(),
            service,
            service_known,
            deployment,
            task,
            definition: facts.task_definition(&*self.definition).and_then(|found| found.ok_or_else(Unknown::new)),
            definition_arn: Some(self.definition.clone()),
            launch: self.launch,
            launch_type: None,
            container_instances: match self.launch {
                LaunchType::Instance => vec![CONTAINER_INSTANCE.to_owned()],
                _ => vec![],
            },
            subnets: match own {
                Some(subnet) => Ok(vec![subnet]),
                None => network.map(|network| network.subnets.clone()),
            },
            network,
            platform_in_question: self.platform_in_question(),
            symptom: self.stop.as_ref().map(symptom::read),
            siblings: vec![],
            runs: false,
            now: at("12:00"),
            notes: vec![],
        }
    }

    // -------------------------------------------------------------------------------------------- what is said

    /// What a cause says of each of its subjects, and the questions that have no answer yet.
    pub(crate) fn judged(&self, id: CauseId) -> (Vec<Judged>, Vec<Question>) {
        let case = self.case();
        let facts = Facts::new(&self.evidence).at(case.moment());
        let judged = find(id).expect("the cause has a file").judge_all(&case, &facts);
        (judged, facts.missing())
    }

    /// The gravest of what a cause says.
    pub(crate) fn says(&self, id: CauseId) -> Said {
        let judged = self.judged(id).0;
        judged.iter().map(|one| Said::of(&one.verdict)).min().unwrap_or(Said::NotApplicable)
    }

    /// The first finding of a cause.
    pub(crate) fn finding(&self, id: CauseId) -> Finding {
        let judged = self.judged(id).0;
        let found = judged.iter().find_map(|one| finding_of(&one.verdict));
        found.unwrap_or_else(|| panic!("{id} finds nothing: {judged:#?}")).clone()
    }

    /// Without this answer the cause is undecided, whether it was refused or not asked yet: then it is missing.
    #[track_caller]
    pub(crate) fn hangs_on(&self, id: CauseId, question: &Question) {
        assert!(self.evidence.get(question).is_some(), "{question:?} has no answer to hide");
        assert_eq!(self.clone().gap(question.clone()).says(id), Said::Unknown, "refused: {question:?}");
        let unasked = self.clone().without(question);
        assert_eq!(unasked.says(id), Said::Unknown, "not asked: {question:?}");
        assert!(unasked.judged(id).1.contains(question), "{question:?} is not missing");
    }

    /// Whatever answer is hidden, no verdict on a subject turns around: it stays as it was, or is not known.
    #[track_caller]
    pub(crate) fn never_turns(&self, id: CauseId) {
        let whole = self.judged(id).0;
        let read: Vec<Question> = whole.iter().flat_map(|one| one.reading.questions.iter().cloned()).collect();
        assert!(!read.is_empty(), "{id} reads nothing");
        for question in read {
            for hidden in [self.clone().gap(question.clone()), self.clone().without(&question)] {
                let left = hidden.judged(id).0;
                if left.len() != whole.len() {
                    assert_eq!(left.iter().map(|one| Said::of(&one.verdict)).min(), Some(Said::Unknown));
                    continue;
                }
                for (now, before) in left.iter().zip(&whole) {
                    let (now, before) = (Said::of(&now.verdict), Said::of(&before.verdict));
                    assert!(now == before || now == Said::Unknown, "{id}: {before:?} is {now:?} without {question:?}");
                }
            }
        }
    }

    // -------------------------------------------------------------------------------------------- what mends it

    /// The fixes for the first finding; each that is no handwork is laid over, and the cause is no more at fault.
    #[track_caller]
    pub(crate) fn mended(&self, id: CauseId) -> Vec<Fix> {
        let case = self.case();
        let facts = Facts::new(&self.evidence).at(case.moment());
        let cause = find(id).expect("the cause has a file");
        let judged = cause.judge_all(&case, &facts);
        let first = judged.iter().find(|one| finding_of(&one.verdict).is_some()).expect("it is at fault");
        let fixes = cause.fixes_for(first.subject, &case, &facts).expect("its fixes are known");
        for fix in fixes.iter().filter(|fix| !fix.is_by_hand()) {
            let after = self.after(fix);
            let own = &finding_of(&first.verdict).expect("it is at fault").resources;
            let same = |one: &Judged| matches!(&one.verdict, Ok(Verdict::Fault(finding)) if finding.resources.first() == own.first());
            let left: Vec<Judged> = after.judged(id).0.into_iter().filter(same).collect();
            let left: Vec<&String> =
                left.iter().filter_map(|one| Some(&finding_of(&one.verdict)?.explanation)).collect();
            assert!(left.is_empty(), "`{}` does not mend {id}: {left:#?}", fix.title);
        }
        fixes
    }

    /// The account after a fix, for a check.
    pub(crate) fn after(&self, fix: &Fix) -> Fixture {
        let mut after = self.clone().check();
        let network = self.case().network.map_or(None, |network| Some(network.clone()));
        let mut plan = Plan { definition: None, network };
        for change in &fix.changes {
            change.lay_over(&mut after.evidence, &mut plan, Some(&self.definition), at("12:00"));
        }
        after.network = plan.network;
        after.definition = plan.definition.unwrap_or(after.definition);
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::all;

    #[test]
    fn nothing_is_wrong_with_the_healthy_launches_and_nothing_is_left_to_ask() {
        let told = [CauseId::Unknown];
        for (name, fixture) in
            [("NAT", Fixture::fargate()), ("endpoints", Fixture::endpoints()), ("EC2", Fixture::ec2())]
        {
            for cause in all().iter().filter(|cause| !told.contains(&cause.id())) {
                let said = fixture.says(cause.id());
                assert!(matches!(said, Said::Sound | Said::NotApplicable), "{name}: {} is {said:?}", cause.id());
                assert_eq!(fixture.judged(cause.id()).1, [], "{name}: {}", cause.id());
            }
        }
    }
}
