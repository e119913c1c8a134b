//! Changes laid over evidence: what the account would answer after them.

use super::Change;
use crate::evidence::{Answer, Evidence, Kept, Known, Question};
use crate::model::ecs::{NetworkConfiguration, TaskDefinition};
use crate::model::network::{
    AclEntry, GroupRule, NatGateway, Route, RouteTable, RouteTarget, SecurityGroup, VpcEndpoint,
};
use crate::model::stores::{LogGroup, PolicyVersion, Role};
use crate::model::{Keeper, Moment};

/// What a service would run after the changes, where that differs from what the evidence says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Another revision.
    pub definition: Option<String>,
    /// Other network settings.
    pub network: Option<NetworkConfiguration>,
}

pub(super) struct Overlay<'x> {
    evidence: &'x mut Evidence,
    at: Moment,
}

impl Overlay<'_> {
    pub(super) fn known(&self, question: &Question) -> Option<Known> {
        match self.evidence.get(question).map(|kept| &kept.answer) {
            Some(Answer::Known(known)) => Some(known.clone()),
            _ => None,
        }
    }

    pub(super) fn put(&mut self, question: Question, known: Known) {
        self.evidence.replace(question, Kept { answer: Answer::Known(known), at: self.at });
    }

    pub(super) fn absent(&mut self, question: Question) {
        self.evidence.replace(question, Kept { answer: Answer::Absent, at: self.at });
    }
}

/// Edits one known answer in its place; without one there is nothing to edit, and the walk meets the gap by itself.
macro_rules! edit {
    ($over:expr, $question:expr, $name:ident, |$value:ident| $edit:expr) => {
        if let Some(Known::$name(mut $value)) = $over.known(&$question) {
            $edit;
            $over.put($question, Known::$name($value));
        }
    };
}
pub(super) use edit;

impl Change {
    /// Lays the change over evidence: the judged revision is `definition`, now is `at`.
    pub fn lay_over(&self, evidence: &mut Evidence, plan: &mut Plan, definition: Option<&str>, at: Moment) {
        let over = &mut Overlay { evidence, at };
        match self {
            Change::UseRevision { definition } => plan.definition = Some(definition.clone()),
            // As the command does it: wherever the image is named.
            Change::UseImage { old, new, .. } => revise(over, definition, |revision| {
                for one in revision.containers.iter_mut().filter(|one| one.image == *old) {
                    one.image.clone_from(new);
                }
            }),
            Change::UseMemory { memory, container, .. } => revise(over, definition, |revision| {
                revision.memory = memory.map(|memory| memory.to_string());
                if let Some((name, _, limit)) = container {
                    let own = revision.containers.iter_mut().filter(|one| one.name == *name);
                    own.for_each(|one| one.memory = Some(*limit));
                }
            }),
            Change::UseDynamicPorts { ports } => revise(over, definition, |revision| {
                let mapped = revision.containers.iter_mut().flat_map(|one| &mut one.ports);
                let fixed = mapped.filter(|(_, host)| host.is_some_and(|host| ports.contains(&host)));
                fixed.for_each(|(_, host)| *host = Some(0));
            }),
            Change::UseArchitecture { architecture, system } => revise(over, definition, |revision| {
                revision.cpu_architecture = Some(architecture.clone());
                revision.operating_system = Some(system.clone());
            }),
            Change::UseStorage { gib } => {
                revise(over, definition, |revision| revision.ephemeral_storage = Some(*gib));
            }
            Change::UseExecutionRole { role } => {
                revise(over, definition, |revision| revision.execution_role = Some(role.clone()));
            }
            Change::Allow { role, policy, actions, resources } => {
                inline(over, role, policy, Some(&allow_document(actions, resources)));
            }
            Change::RewriteInlinePolicy { role, policy, document } => inline(over, role, policy, document.as_deref()),
            Change::Attach { role, policy } => {
                edit!(over, Question::AttachedPolicies { role: role.clone() }, AttachedPolicies, |all| all
                    .push(policy.clone()));
            }
            Change::Trust { role, document } => {
                edit!(over, Question::Role { role: role.clone() }, Role, |found| found.trust.clone_from(document));
            }
            Change::CreateRole { role, trust, policy, arn, .. } => {
                let made = Role {
                    name: role.clone(),
                    arn: arn.clone(),
                    id: "AROANEW".to_owned(),
                    trust: trust.clone(),
                    boundary: None,
                    created: Some(at),
                    tags: indexmap::IndexMap::new(),
                };
                over.put(Question::Role { role: role.clone() }, Known::Role(made));
                over.put(
                    Question::AttachedPolicies { role: role.clone() },
                    Known::AttachedPolicies(policy.iter().cloned().collect()),
                );
                over.put(Question::InlinePolicies { role: role.clone() }, Known::InlinePolicies(vec![]));
            }
            Change::RestoreImage { region, registry, repository, digest } => {
                let asked: Vec<Question> = over.evidence.iter().map(|(question, _)| question).cloned().collect();
                for question in asked {
                    let its = matches!(&question, Question::Image { region: of, registry: owner, repository: name, .. }
                        if (of, owner, name) == (region, registry, repository));
                    match over.known(&question) {
                        Some(Known::Image(mut found)) if its && found.digest == *digest => {
                            found.status = Some("ACTIVE".to_owned());
                            over.put(question, Known::Image(found));
                        }
                        _ => {}
                    }
                }
            }
            Change::RestoreSecret { region, secret } => {
                let question = Question::Secret { region: region.clone(), secret: secret.clone() };
                edit!(over, question, Secret, |found| found.deleted = None);
            }
            Change::RepositoryPolicy { region, registry, repository, document } => {
                let question = Question::RepositoryPolicy {
                    region: region.clone(),
                    registry: registry.clone(),
                    repository: repository.clone(),
                };
                match document {
                    Some(document) => over.put(question, Known::RepositoryPolicy(document.clone())),
                    None => over.absent(question),
                }
            }
            Change::SecretPolicy { region, secret, document } => {
                let question = Question::SecretPolicy { region: region.clone(), secret: secret.clone() };
                match document {
                    Some(document) => over.put(question, Known::SecretPolicy(document.clone())),
                    None => over.absent(question),
                }
            }
            Change::RewriteManagedPolicy { policy, document, .. } => {
                let version = "the new version".to_owned();
                edit!(over, Question::ManagedPolicy { policy: policy.clone() }, ManagedPolicy, |found| found
                    .default_version
                    .clone_from(&version));
                let made = PolicyVersion { document: document.clone(), created: Some(at) };
                over.put(
                    Question::PolicyVersion { policy: policy.clone(), version: version.clone() },
                    Known::PolicyVersion(made),
                );
            }
            Change::CreateInterfaceEndpoint { vpc, service, subnets, security_groups, admitted } => {
                let mut groups = security_groups.clone();
                if groups.is_empty() {
                    let made = made_group(vpc, service, admitted);
                    groups.push(made.id.clone());
                    over.put(Question::SecurityGroup { group: made.id.clone() }, Known::SecurityGroup(made));
                }
                let made = VpcEndpoint {
                    id: format!("vpce-new-{service}"),
                    service: service.clone(),
                    kind: "Interface".to_owned(),
                    state: "available".to_owned(),
                    private_dns: true,
                    private_dns_only_for_inbound_resolver: false,
                    subnets: subnets.clone(),
                    security_groups: groups,
                    interfaces: vec![],
                    route_tables: vec![],
                    policy: None,
                    created: None,
                    keeper: Keeper::Nobody,
                };
                edit!(over, Question::VpcEndpoints { vpc: vpc.clone() }, VpcEndpoints, |all| all.push(made));
            }
            Change::CreateGatewayEndpoint { vpc, service, route_tables, prefix_list } => {
                let id = format!("vpce-new-{service}");
                let made = VpcEndpoint {
                    id: id.clone(),
                    service: service.clone(),
                    kind: "Gateway".to_owned(),
                    state: "available".to_owned(),
                    private_dns: false,
                    private_dns_only_for_inbound_resolver: false,
                    subnets: vec![],
                    security_groups: vec![],
                    interfaces: vec![],
                    route_tables: route_tables.clone(),
                    policy: None,
                    created: None,
                    keeper: Keeper::Nobody,
                };
                edit!(over, Question::VpcEndpoints { vpc: vpc.clone() }, VpcEndpoints, |all| all.push(made));
                for table in route_tables {
                    route(over, Some(vpc), table, prefix_list, &RouteTarget::Endpoint(id.clone()));
                }
            }
            Change::AssociateRouteTable { endpoint, route_table, prefix_list } => {
                for vpc in vpcs(over) {
                    edit!(over, Question::VpcEndpoints { vpc: vpc.clone() }, VpcEndpoints, |all| {
                        for one in all.iter_mut().filter(|one| one.id == *endpoint) {
                            one.route_tables.push(route_table.clone());
                        }
                    });
                }
                route(over, None, route_table, prefix_list, &RouteTarget::Endpoint(endpoint.clone()));
            }
            Change::EnablePrivateDns { endpoint, vpc, hostnames, .. } => {
                edit!(over, Question::VpcEndpoints { vpc: vpc.clone() }, VpcEndpoints, |all| {
                    for one in all.iter_mut().filter(|one| one.id == *endpoint) {
                        one.private_dns = true;
                        one.private_dns_only_for_inbound_resolver = false;
                    }
                });
                if *hostnames {
                    over.put(Question::DnsHostnames { vpc: vpc.clone() }, Known::DnsHostnames(true));
                }
            }
            Change::LeaveHostedZone { zone, vpc } => {
                edit!(over, Question::HostedZones { vpc: vpc.clone() }, HostedZones, |all| all
                    .retain(|one| one.id != *zone));
            }
            Change::EndpointPolicy { endpoint, vpc, document, .. } => {
                edit!(over, Question::VpcEndpoints { vpc: vpc.clone() }, VpcEndpoints, |all| {
                    for one in all.iter_mut().filter(|one| one.id == *endpoint) {
                        one.policy.clone_from(document);
                    }
                });
            }
            Change::EnableDnsSupport { vpc } => {
                over.put(Question::DnsSupport { vpc: vpc.clone() }, Known::DnsSupport(true));
            }
            Change::UseAmazonDns { vpc } => {
                let options = "the new options".to_owned();
                edit!(over, Question::Vpc { vpc: vpc.clone() }, Vpc, |found| found.dhcp_options =
                    Some(options.clone()));
                let servers = Known::DnsServers(vec!["AmazonProvidedDNS".to_owned()]);
                over.put(Question::DnsServers { options }, servers);
            }
            Change::CreateRoute { route_table, destination, target, vpc, .. } => {
                route(over, Some(vpc), route_table, destination, target);
            }
            Change::CreateNat { subnet, route_table, vpc, .. } => {
                let made = NatGateway {
                    id: "nat-new".to_owned(),
                    state: "available".to_owned(),
                    subnet: Some(subnet.clone()),
                    route_table: None,
                    public: true,
                    failure: None,
                    created: None,
                    keeper: Keeper::Nobody,
                };
                edit!(over, Question::NatGateways { vpc: vpc.clone() }, NatGateways, |all| all.push(made));
                route(over, Some(vpc), route_table, "0.0.0.0/0", &RouteTarget::NatGateway("nat-new".to_owned()));
            }
            Change::LetOut { group, rule } => {
                edit!(over, Question::SecurityGroup { group: group.clone() }, SecurityGroup, |found| found
                    .egress
                    .push(rule.clone()));
            }
            Change::LetIn { group, rule } => {
                edit!(over, Question::SecurityGroup { group: group.clone() }, SecurityGroup, |found| found
                    .ingress
                    .push(rule.clone()));
            }
            Change::DeleteAclEntry { acl, vpc, number, egress } => {
                edit!(over, Question::NetworkAcls { vpc: vpc.clone() }, NetworkAcls, |all| {
                    for one in all.iter_mut().filter(|one| one.id == *acl) {
                        one.entries.retain(|entry| entry.number != *number || entry.egress != *egress);
                    }
                });
            }
            Change::CreateAclEntry { acl, vpc, number, egress, ports, cidr } => {
                let entry = AclEntry {
                    number: *number,
                    egress: *egress,
                    protocol: "6".to_owned(),
                    ports: Some(*ports),
                    cidr: cidr.clone(),
                    allow: true,
                };
                edit!(over, Question::NetworkAcls { vpc: vpc.clone() }, NetworkAcls, |all| {
                    for one in all.iter_mut().filter(|one| one.id == *acl) {
                        one.entries.push(entry.clone());
                    }
                });
            }
            Change::AssignPublicIp => plan.network.get_or_insert_default().public_ip = true,
            Change::CreateLogGroup { region, group } => {
                let made = LogGroup { name: group.clone(), created: Some(at) };
                over.put(Question::LogGroup { region: region.clone(), group: group.clone() }, Known::LogGroup(made));
            }
            Change::Store(change) => change.lay_over(over, definition),
            Change::TryAgain | Change::ByHand { .. } => {}
        }
    }
}

/// The document of a policy that allows actions on resources.
pub(super) fn allow_document(actions: &[String], resources: &[String]) -> String {
    let statement = serde_json::json!({"Effect": "Allow", "Action": actions, "Resource": resources});
    serde_json::json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// The group that is made for an endpoint: it admits HTTPS from the tasks' groups.
fn made_group(vpc: &str, service: &str, admitted: &[String]) -> SecurityGroup {
    let rule = GroupRule {
        protocol: "tcp".to_owned(),
        ports: Some((443, 443)),
        cidrs: vec![],
        groups: admitted.to_vec(),
        prefix_lists: vec![],
    };
    SecurityGroup {
        id: format!("sg-new-{service}"),
        name: "Interface endpoint".to_owned(),
        vpc: Some(vpc.to_owned()),
        owner: None,
        ingress: vec![rule],
        egress: vec![],
        keeper: Keeper::Nobody,
    }
}

pub(super) fn revise(over: &mut Overlay<'_>, definition: Option<&str>, change: impl FnOnce(&mut TaskDefinition)) {
    let Some(definition) = definition else { return };
    edit!(over, Question::TaskDefinition { definition: definition.to_owned() }, TaskDefinition, |revision| change(
        &mut revision
    ));
}

fn inline(over: &mut Overlay<'_>, role: &str, policy: &str, document: Option<&str>) {
    edit!(over, Question::InlinePolicies { role: role.to_owned() }, InlinePolicies, |names| {
        names.retain(|name| name != policy);
        if document.is_some() {
            names.push(policy.to_owned());
        }
    });
    let question = Question::InlinePolicy { role: role.to_owned(), policy: policy.to_owned() };
    match document {
        Some(document) => over.put(question, Known::InlinePolicy(document.to_owned())),
        None => over.absent(question),
    }
}

fn vpcs(over: &Overlay<'_>) -> Vec<String> {
    over.evidence
        .iter()
        .filter_map(|(question, _)| match question {
            Question::RouteTables { vpc } => Some(vpc.clone()),
            _ => None,
        })
        .collect()
}

/// A route of a table, in the place of one for the same range.
fn route(over: &mut Overlay<'_>, vpc: Option<&String>, table: &str, destination: &str, target: &RouteTarget) {
    let made =
        Route { destination: destination.to_owned(), target: target.clone(), blackhole: false, propagated: false };
    let change = |tables: &mut Vec<RouteTable>| {
        for one in tables.iter_mut().filter(|one| one.id == table) {
            one.routes.retain(|route| route.destination != destination);
            one.routes.push(made.clone());
        }
    };
    let all = vpc.map_or_else(|| vpcs(over), |vpc| vec![vpc.clone()]);
    for vpc in all {
        edit!(over, Question::RouteTables { vpc: vpc.clone() }, RouteTables, |tables| change(&mut tables));
    }
}
