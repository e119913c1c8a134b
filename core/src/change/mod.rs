//! One edit of the account: as commands for the AWS CLI, and laid over evidence. We prove what we print.

mod capture;
mod commands;
mod fix;
mod overlay;
mod place;
mod rules;
mod shell;
mod stores;
#[cfg(test)]
mod tests;

pub use capture::{capture_events, shows_capture};
pub use fix::Fix;
pub use overlay::Plan;
pub use place::Changed;
pub use rules::{HouseRules, Permit, Prefer};
pub use shell::{command, quote};
pub use stores::{Reference, StoreChange};

use crate::model::network::{GroupRule, RouteTarget};

/// One edit of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The service runs another revision.
    UseRevision {
        /// Its ARN.
        definition: String,
    },
    /// A new revision, made from the judged one with one image replaced.
    UseImage {
        /// The container.
        container: String,
        /// The image as the judged revision writes it.
        old: String,
        /// The image to use.
        new: String,
    },
    /// A new revision with more memory for the task.
    UseMemory {
        /// MiB of the task, where the task has a size.
        memory: Option<i64>,
        /// CPU units of the task, where the memory wants more of them on Fargate.
        cpu: Option<i64>,
        /// A container's own hard limit: its name, the old one and the new one, MiB.
        container: Option<(String, i64, i64)>,
    },
    /// A new revision that asks its host for free ports instead of these.
    UseDynamicPorts {
        /// Ports of the host.
        ports: Vec<i64>,
    },
    /// A new revision for another processor architecture.
    UseArchitecture {
        /// `X86_64`, `ARM64`.
        architecture: String,
        /// `LINUX`, `WINDOWS_SERVER_2022_CORE` ...
        system: String,
    },
    /// A new revision with more of Fargate's storage for the task.
    UseStorage {
        /// GiB, from 21 to 200.
        gib: i64,
    },
    /// A new revision with an execution role.
    UseExecutionRole {
        /// The role's ARN.
        role: String,
    },
    /// A role gets a new inline policy that allows something.
    Allow {
        /// The role's name.
        role: String,
        /// The new policy's name, which the role does not have yet.
        policy: String,
        /// Actions.
        actions: Vec<String>,
        /// ARNs, or `*` for an action that knows no resources.
        resources: Vec<String>,
    },
    /// An inline policy of a role is replaced, for instance without a statement that denies; none is left: it is deleted.
    RewriteInlinePolicy {
        /// The role's name.
        role: String,
        /// The policy's name.
        policy: String,
        /// The new document; none deletes the policy.
        document: Option<String>,
    },
    /// A managed policy of the account gets a new version, in force at once.
    RewriteManagedPolicy {
        /// Its ARN.
        policy: String,
        /// The new document.
        document: String,
        /// The only statement that is new, and the version that it is added to: then nothing else is written anew.
        added: Option<(String, String)>,
    },
    /// A secret's policy is replaced; none is left: it is deleted.
    SecretPolicy {
        /// Where.
        region: String,
        /// The secret, as the definition names it.
        secret: String,
        /// The new document; none deletes the policy.
        document: Option<String>,
    },
    /// A managed policy is attached to a role.
    Attach {
        /// The role's name.
        role: String,
        /// The policy's ARN.
        policy: String,
    },
    /// A role's trust policy is replaced.
    Trust {
        /// The role's name.
        role: String,
        /// The new document.
        document: String,
    },
    /// A role is made, with a policy of AWS's where there is one for its purpose.
    CreateRole {
        /// The role's name.
        role: String,
        /// Its path, with slashes at both ends.
        path: String,
        /// The trust policy.
        trust: String,
        /// The ARN of the policy to attach, if any.
        policy: Option<String>,
        /// The new role's ARN.
        arn: String,
    },
    /// An archived image is restored.
    RestoreImage {
        /// Where.
        region: String,
        /// The owner.
        registry: String,
        /// The repository.
        repository: String,
        /// `sha256:...`
        digest: String,
    },
    /// A secret that is scheduled for deletion is kept.
    RestoreSecret {
        /// Where.
        region: String,
        /// Its ARN.
        secret: String,
    },
    /// A repository's policy is replaced, in the account that owns it.
    RepositoryPolicy {
        /// Where.
        region: String,
        /// The owner.
        registry: String,
        /// The repository.
        repository: String,
        /// The new document; none deletes the policy.
        document: Option<String>,
    },
    /// An interface endpoint is made.
    CreateInterfaceEndpoint {
        /// The VPC.
        vpc: String,
        /// `com.amazonaws.us-east-1.ecr.api`
        service: String,
        /// Subnets, one a zone.
        subnets: Vec<String>,
        /// Groups of its interfaces; none: one is made.
        security_groups: Vec<String>,
        /// Groups that a made one admits.
        admitted: Vec<String>,
    },
    /// A gateway endpoint is made.
    CreateGatewayEndpoint {
        /// The VPC.
        vpc: String,
        /// `com.amazonaws.us-east-1.s3`
        service: String,
        /// Tables that get its route.
        route_tables: Vec<String>,
        /// The id of the service's prefix list.
        prefix_list: String,
    },
    /// A gateway endpoint is associated with a route table.
    AssociateRouteTable {
        /// `vpce-...`
        endpoint: String,
        /// `rtb-...`
        route_table: String,
        /// The id of the service's prefix list.
        prefix_list: String,
    },
    /// Private DNS of an interface endpoint is switched on.
    EnablePrivateDns {
        /// `vpce-...`
        endpoint: String,
        /// The VPC.
        vpc: String,
        /// The VPC does not give host names yet, which private DNS needs.
        hostnames: bool,
        /// The endpoint's own switch is on already.
        is_on: bool,
    },
    /// A VPC is taken out of a private hosted zone.
    LeaveHostedZone {
        /// The zone's id.
        zone: String,
        /// The VPC.
        vpc: String,
    },
    /// The policy of a VPC endpoint is replaced.
    EndpointPolicy {
        /// `vpce-...`
        endpoint: String,
        /// The VPC.
        vpc: String,
        /// The new document; none for the default one, which lets everything pass.
        document: Option<String>,
        /// The statement that it has besides those of today, where nothing else differs.
        added: Option<String>,
    },
    /// A VPC gets Amazon's resolver.
    EnableDnsSupport {
        /// The VPC.
        vpc: String,
    },
    /// A VPC's DHCP options give out Amazon's resolver.
    UseAmazonDns {
        /// The VPC.
        vpc: String,
    },
    /// A route to something that is there.
    CreateRoute {
        /// `rtb-...`
        route_table: String,
        /// A range.
        destination: String,
        /// Where to.
        target: RouteTarget,
        /// The VPC.
        vpc: String,
        /// A route for that range is there, and is replaced.
        replace: bool,
    },
    /// A new public NAT gateway, and a route to it.
    CreateNat {
        /// A public subnet for it.
        subnet: String,
        /// `rtb-...`
        route_table: String,
        /// The VPC.
        vpc: String,
        /// A default route is there, and is replaced.
        replace: bool,
    },
    /// A security group lets something out.
    LetOut {
        /// `sg-...`
        group: String,
        /// What.
        rule: GroupRule,
    },
    /// A security group lets something in.
    LetIn {
        /// `sg-...`
        group: String,
        /// What.
        rule: GroupRule,
    },
    /// An entry of a network ACL is deleted.
    DeleteAclEntry {
        /// `acl-...`
        acl: String,
        /// The VPC.
        vpc: String,
        /// Its number.
        number: i32,
        /// It is about what goes out.
        egress: bool,
    },
    /// A network ACL gets an entry that allows.
    CreateAclEntry {
        /// `acl-...`
        acl: String,
        /// The VPC.
        vpc: String,
        /// A number that is free.
        number: i32,
        /// It is about what goes out.
        egress: bool,
        /// First and last port.
        ports: (i32, i32),
        /// The other side's range.
        cidr: String,
    },
    /// Tasks of the service get a public address.
    AssignPublicIp,
    /// A log group is made.
    CreateLogGroup {
        /// Where.
        region: String,
        /// Its name.
        group: String,
    },
    /// An edit of a store of secrets, keys, files or logs, or of what a definition says of one.
    Store(StoreChange),
    /// Nothing changes: the fault is gone, and the service only has to try again.
    TryAgain,
    /// Something that nobody can read, and commands cannot do for somebody.
    ByHand {
        /// Commands that help, if any.
        commands: Vec<String>,
    },
}
