//! What can be asked of an account: one row a question, with its action and the type of its answer.

use super::facts::{Facts, Read};
use super::kept::{Answer, Kept};
use crate::model::Keeper;
use crate::model::ecs::{
    Cluster, ContainerInstance, EventLog, Identity, RecordedTask, Service, ServiceDeployment, ServiceRevision, Task,
    TaskDefinition, TaskPage,
};
use crate::model::network::{
    HostedZone, Instance, InternetGateway, NatGateway, NetworkAcl, NetworkInterface, PrefixList, RouteTable,
    SecurityGroup, Subnet, Vpc, VpcEndpoint,
};
use crate::model::registry::{ImageManifest, PullThroughRule, ReplicationRule};
use crate::model::stores::{
    Bucket, EcrImage, ExpiredImage, Grant, ImageId, InstanceProfile, Key, LifecyclePolicy, LogGroup, LogLine,
    ManagedPolicy, Parameter, PolicyVersion, Repository, Role, RoleChange, Secret, Simulation, StoredObject,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// From one table: the questions, their kinds ([`Source`]), their answers, and how [`Facts`] reads them.
macro_rules! questions {
    ($($(#[doc = $doc:literal])* $read:ident: $name:ident { $($field:ident: $kind:ty),* } -> $answer:ty, $action:literal;)*) => {
        /// One thing that can be asked of an account.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Question {
            $($(#[doc = $doc])* $name {
                $(#[doc = concat!("The question's `", stringify!($field), "`.")] $field: $kind),*
            },)*
        }

        /// A kind of question: what a cause says that it reads.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Source { $($(#[doc = $doc])* $name,)* }

        impl Source {
            /// All kinds, in the order of the table.
            pub const ALL: &'static [Source] = &[$(Source::$name,)*];

            /// The AWS action that answers it, as IAM spells it.
            pub const fn action(self) -> &'static str {
                match self { $(Source::$name => $action,)* }
            }

            /// Further actions that it takes to get the answer.
            pub const fn further_actions(self) -> &'static [&'static str] {
                match self {
                    // A query is begun, and asked for what it found.
                    Source::RecordedTask => &["logs:GetQueryResults"],
                    _ => &[],
                }
            }

            /// It only looks for the record of a task that ECS has forgotten: no cause reads it.
            pub const fn looks_for_a_record(self) -> bool {
                matches!(self, Source::EventCapture | Source::EventRules | Source::RuleLogs | Source::RecordedTask)
            }
        }

        impl Question {
            /// The question's kind.
            pub const fn source(&self) -> Source {
                match self { $(Question::$name { .. } => Source::$name,)* }
            }
        }

        /// What is known: the answer to a question of the same name.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Known {
            $($(#[doc = $doc])* $name($answer),)*
        }

        impl Known {
            /// The kind of question that this answers.
            pub const fn source(&self) -> Source {
                match self { $(Known::$name(..) => Source::$name,)* }
            }
        }

        impl<'e> Facts<'e> {
            $($(#[doc = $doc])*
            ///
            /// # Errors
            /// [`crate::model::Unknown`] when it was not asked yet, or could not be read.
            pub fn $read(&self $(, $field: impl Into<$kind>)*) -> Read<'e, $answer> {
                let question = Question::$name { $($field: $field.into()),* };
                match self.look_up(question)? {
                    Some(Kept { answer: Answer::Known(Known::$name(value)), .. }) => Ok(Some(value)),
                    _ => Ok(None),
                }
            })*
        }
    };
}

questions! {
    /// Who the credentials belong to.
    identity: Identity {} -> Identity, "sts:GetCallerIdentity";

    /// A cluster.
    cluster: Cluster { cluster: String } -> Cluster, "ecs:DescribeClusters";
    /// The names of all clusters.
    clusters: Clusters {} -> Vec<String>, "ecs:ListClusters";
    /// A service with its deployments and events.
    service: Service { cluster: String, service: String } -> Service, "ecs:DescribeServices";
    /// The names of a cluster's services.
    services: Services { cluster: String } -> Vec<String>, "ecs:ListServices";
    /// The deployments of a service, older ones too, the newest first.
    service_deployments: ServiceDeployments { cluster: String, service: String } -> Vec<ServiceDeployment>, "ecs:ListServiceDeployments";
    /// What a deployment of a service set out to run.
    service_revision: ServiceRevision { revision: String } -> ServiceRevision, "ecs:DescribeServiceRevisions";
    /// The ids of a service's stopped tasks, as long as ECS keeps them.
    stopped_tasks: StoppedTasks { cluster: String, service: String } -> Vec<String>, "ecs:ListTasks";
    /// The ids of a service's tasks that run or should.
    running_tasks: RunningTasks { cluster: String, service: String } -> Vec<String>, "ecs:ListTasks";
    /// A page of a cluster's tasks: those that have stopped, as long as ECS keeps them, or those that run or should.
    task_page: TaskPage { cluster: String, stopped: bool, after: Option<String> } -> TaskPage, "ecs:ListTasks";
    /// A task.
    task: Task { cluster: String, task: String } -> Task, "ecs:DescribeTasks";
    /// A revision of a task definition.
    task_definition: TaskDefinition { definition: String } -> TaskDefinition, "ecs:DescribeTaskDefinition";
    /// A container instance.
    container_instance: ContainerInstance { cluster: String, container_instance: String } -> ContainerInstance, "ecs:DescribeContainerInstances";
    /// The ARNs of a cluster's container instances.
    container_instances: ContainerInstances { cluster: String } -> Vec<String>, "ecs:ListContainerInstances";
    /// The ids of the tasks on a container instance.
    instance_tasks: InstanceTasks { cluster: String, container_instance: String } -> Vec<String>, "ecs:ListTasks";

    /// The log group that ECS's event capture fills for a cluster.
    event_capture: EventCapture { cluster: String } -> EventLog, "logs:DescribeLogGroups";
    /// The names of EventBridge's rules that may be sent the state changes of a cluster's tasks.
    event_rules: EventRules { cluster: String } -> Vec<String>, "events:ListRules";
    /// The log groups that a rule of EventBridge fills.
    rule_logs: RuleLogs { rule: String } -> Vec<String>, "events:ListTargetsByRule";
    /// A task that ECS has forgotten, as a log group keeps its state changes, for thirty days at most.
    recorded_task: RecordedTask { group: String, cluster: String, task: String } -> RecordedTask, "logs:StartQuery";

    /// A role with its trust policy and boundary.
    role: Role { role: String } -> Role, "iam:GetRole";
    /// The ARNs of a role's managed policies.
    attached_policies: AttachedPolicies { role: String } -> Vec<String>, "iam:ListAttachedRolePolicies";
    /// The names of a role's inline policies.
    inline_policies: InlinePolicies { role: String } -> Vec<String>, "iam:ListRolePolicies";
    /// The document of an inline policy, decoded.
    inline_policy: InlinePolicy { role: String, policy: String } -> String, "iam:GetRolePolicy";
    /// A managed policy.
    managed_policy: ManagedPolicy { policy: String } -> ManagedPolicy, "iam:GetPolicy";
    /// A version of a managed policy.
    policy_version: PolicyVersion { policy: String, version: String } -> PolicyVersion, "iam:GetPolicyVersion";
    /// What was done to a role, the newest first, as far back as CloudTrail goes (90 days).
    role_changes: RoleChanges { region: String, role: String } -> Vec<RoleChange>, "cloudtrail:LookupEvents";
    /// What AWS's own simulation says of a call: a second witness beside our reading of the policies.
    simulation: Simulation { role: String, action: String, resource: String, context: Vec<(String, Vec<String>)> } -> Simulation, "iam:SimulatePrincipalPolicy";
    /// An instance profile.
    instance_profile: InstanceProfile { profile: String } -> InstanceProfile, "iam:GetInstanceProfile";

    /// A repository of ECR.
    repository: Repository { region: String, registry: String, repository: String } -> Repository, "ecr:DescribeRepositories";
    /// The names of a registry's repositories.
    repositories: Repositories { region: String, registry: String } -> Vec<String>, "ecr:DescribeRepositories";
    /// An image by tag or digest.
    image: Image { region: String, registry: String, repository: String, image: ImageId } -> EcrImage, "ecr:DescribeImages";
    /// All images of a repository, the newest first.
    images: Images { region: String, registry: String, repository: String } -> Vec<EcrImage>, "ecr:DescribeImages";
    /// A repository's policy.
    repository_policy: RepositoryPolicy { region: String, registry: String, repository: String } -> String, "ecr:GetRepositoryPolicy";
    /// A repository's lifecycle policy.
    lifecycle_policy: LifecyclePolicy { region: String, registry: String, repository: String } -> LifecyclePolicy, "ecr:GetLifecyclePolicy";

    /// Who keeps a repository, as its tags tell.
    repository_keeper: RepositoryKeeper { region: String, arn: String } -> Keeper, "ecr:ListTagsForResource";
    /// What a tag or digest stands for: the platforms of an index, the layers of an image. It counts as a pull.
    manifest: Manifest { region: String, registry: String, repository: String, image: ImageId } -> ImageManifest, "ecr:BatchGetImage";
    /// A registry's policy.
    registry_policy: RegistryPolicy { region: String, registry: String } -> String, "ecr:GetRegistryPolicy";
    /// Where a registry copies to what is pushed.
    replication: Replication { region: String, registry: String } -> Vec<ReplicationRule>, "ecr:DescribeRegistry";
    /// A registry's pull through cache rules: what is below their prefixes may come from upstream.
    pull_through_prefixes: PullThroughPrefixes { region: String, registry: String } -> Vec<PullThroughRule>, "ecr:DescribePullThroughCacheRules";
    /// Images of a repository that its lifecycle policy deleted, as far back as CloudTrail goes (90 days).
    expired_images: ExpiredImages { region: String, repository: String } -> Vec<ExpiredImage>, "cloudtrail:LookupEvents";

    /// A subnet.
    subnet: Subnet { subnet: String } -> Subnet, "ec2:DescribeSubnets";
    /// All subnets of a VPC.
    vpc_subnets: VpcSubnets { vpc: String } -> Vec<Subnet>, "ec2:DescribeSubnets";
    /// A VPC.
    vpc: Vpc { vpc: String } -> Vpc, "ec2:DescribeVpcs";
    /// Whether a VPC has AWS's resolver.
    dns_support: DnsSupport { vpc: String } -> bool, "ec2:DescribeVpcAttribute";
    /// Whether a VPC gives host names, which private DNS needs.
    dns_hostnames: DnsHostnames { vpc: String } -> bool, "ec2:DescribeVpcAttribute";
    /// The DNS servers of DHCP options.
    dns_servers: DnsServers { options: String } -> Vec<String>, "ec2:DescribeDhcpOptions";
    /// The private hosted zones that a VPC is associated with.
    hosted_zones: HostedZones { vpc: String } -> Vec<HostedZone>, "route53:ListHostedZonesByVPC";
    /// The route tables of a VPC.
    route_tables: RouteTables { vpc: String } -> Vec<RouteTable>, "ec2:DescribeRouteTables";
    /// The endpoints of a VPC.
    vpc_endpoints: VpcEndpoints { vpc: String } -> Vec<VpcEndpoint>, "ec2:DescribeVpcEndpoints";
    /// A security group.
    security_group: SecurityGroup { group: String } -> SecurityGroup, "ec2:DescribeSecurityGroups";
    /// The default security group of a VPC.
    default_security_group: DefaultSecurityGroup { vpc: String } -> SecurityGroup, "ec2:DescribeSecurityGroups";
    /// The network ACLs of a VPC.
    network_acls: NetworkAcls { vpc: String } -> Vec<NetworkAcl>, "ec2:DescribeNetworkAcls";
    /// The NAT gateways of a VPC.
    nat_gateways: NatGateways { vpc: String } -> Vec<NatGateway>, "ec2:DescribeNatGateways";
    /// The internet gateways attached to a VPC.
    internet_gateways: InternetGateways { vpc: String } -> Vec<InternetGateway>, "ec2:DescribeInternetGateways";
    /// AWS's own prefix lists of the region (S3, DynamoDB) with their ranges.
    aws_prefix_lists: AwsPrefixLists {} -> Vec<PrefixList>, "ec2:DescribePrefixLists";
    /// A prefix list that is not one of AWS's gateway lists.
    managed_prefix_list: ManagedPrefixList { list: String } -> PrefixList, "ec2:GetManagedPrefixListEntries";
    /// A network interface.
    network_interface: NetworkInterface { interface: String } -> NetworkInterface, "ec2:DescribeNetworkInterfaces";
    /// An EC2 instance.
    instance: Instance { instance: String } -> Instance, "ec2:DescribeInstances";

    /// A secret: what describes it, never its value.
    secret: Secret { region: String, secret: String } -> Secret, "secretsmanager:DescribeSecret";
    /// A secret's resource policy.
    secret_policy: SecretPolicy { region: String, secret: String } -> String, "secretsmanager:GetResourcePolicy";
    /// The ids of a secret's versions, those without a label too.
    secret_versions: SecretVersions { region: String, secret: String } -> Vec<String>, "secretsmanager:ListSecretVersionIds";
    /// A parameter: what describes it, never its value.
    parameter: Parameter { region: String, parameter: String } -> Parameter, "ssm:DescribeParameters";
    /// The names of parameters below a path, which ends in `/`, or with a text in their name.
    parameter_names: ParameterNames { region: String, like: String } -> Vec<String>, "ssm:DescribeParameters";
    /// The tags of a parameter.
    parameter_tags: ParameterTags { region: String, parameter: String } -> IndexMap<String, String>, "ssm:ListTagsForResource";
    /// A key of KMS.
    key: Key { region: String, key: String } -> Key, "kms:DescribeKey";
    /// A key's policy.
    key_policy: KeyPolicy { region: String, key: String } -> String, "kms:GetKeyPolicy";

    /// The grants of a key.
    key_grants: KeyGrants { region: String, key: String } -> Vec<Grant>, "kms:ListGrants";

    /// A bucket of the account.
    bucket: Bucket { bucket: String } -> Bucket, "s3:GetBucketLocation";
    /// A bucket's policy.
    bucket_policy: BucketPolicy { bucket: String } -> String, "s3:GetBucketPolicy";
    /// The key of KMS that a bucket encrypts new objects with, if it is not one of S3's.
    bucket_key: BucketKey { bucket: String } -> String, "s3:GetEncryptionConfiguration";
    /// An object by its exact key: that it is there, never what is in it.
    object: Object { bucket: String, key: String } -> StoredObject, "s3:ListBucket";
    /// The keys of objects whose keys begin so, as far as one page goes.
    objects: Objects { bucket: String, beginning: String } -> Vec<String>, "s3:ListBucket";

    /// A log group, by its exact name.
    log_group: LogGroup { region: String, group: String } -> LogGroup, "logs:DescribeLogGroups";
    /// The last lines of a stream.
    log_lines: LogLines { region: String, group: String, stream: String } -> Vec<LogLine>, "logs:GetLogEvents";
}

impl Question {
    /// What can be asked in one request: questions with the same group go together, those without go alone.
    ///
    /// Only where a missing item does not fail the whole request (filters, or lists that report failures).
    pub fn group(&self) -> Option<String> {
        match self {
            Question::Task { cluster, .. } => Some(format!("tasks of {cluster}")),
            Question::Service { cluster, .. } => Some(format!("services of {cluster}")),
            Question::ContainerInstance { cluster, .. } => Some(format!("instances of {cluster}")),
            Question::ServiceRevision { .. } => Some("service revisions".to_owned()),
            Question::Subnet { .. } => Some("subnets".to_owned()),
            Question::SecurityGroup { .. } => Some("security groups".to_owned()),
            Question::NetworkInterface { .. } => Some("interfaces".to_owned()),
            Question::Instance { .. } => Some("instances".to_owned()),
            Question::Parameter { region, .. } => Some(format!("parameters in {region}")),
            _ => None,
        }
    }

    /// What one request can list where several of its kind are asked for at once, though one that is missing, or a second page,
    /// costs more: worth it where very many tasks ask, and not for one, which would wait longer.
    pub fn listing(&self) -> Option<String> {
        match self {
            Question::Image { region, registry, repository, .. } => {
                Some(format!("images of {registry}/{repository} in {region}"))
            }
            Question::Repository { region, registry, .. } => Some(format!("repositories of {registry} in {region}")),
            _ => None,
        }
    }

    /// How many of a group one request takes: the smallest limit of the API.
    pub const fn most_together(&self) -> usize {
        match self {
            Question::Service { .. } => 10,
            Question::ServiceRevision { .. } => 20,
            Question::Parameter { .. } => 50,
            _ => 100,
        }
    }
}
