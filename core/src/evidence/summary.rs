//! Answers in words: one line that a reader can check against the console.

use super::kept::Answer;
use super::question::{Known, Question};
use crate::model::ecs::Task;
use crate::model::network::{GroupRule, RouteTable, RouteTarget};
use crate::model::stores::{Simulated, Simulation};

/// How many items of a list are spelled out.
const SHOWN: usize = 4;

impl Question {
    /// What was asked about, in one word or two.
    pub fn subject(&self) -> String {
        let fields = serde_json::to_value(self).unwrap_or_default();
        let inner = fields.as_object().and_then(|one| one.values().next()).and_then(|one| one.as_object());
        let texts: Vec<String> = inner
            .into_iter()
            .flatten()
            .filter(|(name, _)| !matches!(name.as_str(), "region" | "registry" | "context"))
            .map(|(_, value)| match value {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Object(one) => one.values().filter_map(|v| v.as_str()).collect(),
                other => other.to_string(),
            })
            .collect();
        texts.join("/")
    }
}

impl Answer {
    /// The answer in words.
    pub fn summary(&self) -> String {
        match self {
            Answer::Absent => "there is none".to_owned(),
            Answer::Gap(gap) => format!("could not be read ({}): {}", gap.reason.as_str(), gap.detail),
            Answer::Known(known) => of(known),
        }
    }
}

fn list<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let all: Vec<S> = items.into_iter().collect();
    let shown: Vec<&str> = all.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match all.len() {
        0 => "none".to_owned(),
        count if count > SHOWN => format!("{} and {} more", shown.join(", "), count - SHOWN),
        _ => shown.join(", "),
    }
}

fn of(known: &Known) -> String {
    match known {
        Known::Identity(one) => format!("{} in account {}", one.arn, one.account),
        Known::Cluster(one) => format!("{}, {} container instances", one.status, one.instances),
        Known::Clusters(names)
        | Known::Services(names)
        | Known::Repositories(names)
        | Known::AttachedPolicies(names)
        | Known::InlinePolicies(names)
        | Known::ParameterNames(names)
        | Known::Objects(names)
        | Known::EventRules(names)
        | Known::RuleLogs(names)
        | Known::DnsServers(names) => list(names),
        Known::StoppedTasks(ids) | Known::RunningTasks(ids) | Known::InstanceTasks(ids) => {
            format!("{} tasks", ids.len())
        }
        Known::TaskPage(page) => format!("{} tasks", page.tasks.len()),
        Known::ContainerInstances(arns) => format!("{} container instances", arns.len()),
        Known::Service(one) => {
            format!("{} of {} tasks run, {} deployments", one.running, one.desired, one.deployments.len())
        }
        Known::ServiceDeployments(all) => format!("{} deployments", all.len()),
        Known::ServiceRevision(one) => format!("runs {}", one.definition),
        Known::Task(one) => status(one),
        Known::EventCapture(one) => match one.created {
            Some(created) => format!("exists since {created:.0}"),
            None => "exists".to_owned(),
        },
        Known::RecordedTask(one) => format!("{}, recorded {:.0}", status(&one.task), one.at),
        Known::TaskDefinition(one) => {
            let role = one.execution_role.as_deref().unwrap_or("none");
            format!("images {}; execution role {role}", list(one.containers.iter().map(|container| &container.image)))
        }
        Known::ContainerInstance(one) => {
            let agent = if one.agent_connected { "connected" } else { "disconnected" };
            let instance = one.instance.as_deref().unwrap_or("no EC2 instance");
            let ports: Vec<String> = one.taken_ports.iter().map(i64::to_string).collect();
            let ports = if ports.is_empty() { String::new() } else { format!(", ports {} taken", list(ports)) };
            format!("{}, agent {agent}, {instance}{ports}", one.status)
        }
        Known::Role(one) => match &one.boundary {
            Some(boundary) => format!("exists, with the boundary {boundary}"),
            None => "exists".to_owned(),
        },
        Known::InlinePolicy(text) => statements(text),
        Known::ManagedPolicy(one) => format!("version {} is in force", one.default_version),
        Known::PolicyVersion(one) => statements(&one.document),
        Known::RoleChanges(all) => match all.first() {
            Some(one) => format!("{} changes, {} at {:.0}", all.len(), one.event, one.at),
            None => "no change".to_owned(),
        },
        Known::Simulation(one) => simulated(one),
        Known::InstanceProfile(one) => format!("role {}", one.role.as_deref().unwrap_or("none")),
        Known::RepositoryKeeper(one) => one.name().unwrap_or_else(|| "no tag names who manages it".to_owned()),
        Known::Repository(_) => "exists".to_owned(),
        Known::Image(one) => match one.pushed {
            Some(pushed) => format!("{}, pushed {pushed:.0}", short(&one.digest)),
            None => short(&one.digest).to_owned(),
        },
        Known::Images(all) => match all.first() {
            Some(newest) => format!("{} images, the newest tagged {}", all.len(), list(&newest.tags)),
            None => "no image".to_owned(),
        },
        Known::RepositoryPolicy(text)
        | Known::RegistryPolicy(text)
        | Known::SecretPolicy(text)
        | Known::KeyPolicy(text)
        | Known::BucketPolicy(text) => statements(text),
        Known::Manifest(one) if one.is_index => {
            list(one.images.iter().map(|image| format!("{}/{}", image.os, image.architecture)))
        }
        Known::Manifest(one) => format!("one image, layers {}", list(&one.layer_types)),
        Known::Replication(all) => match all.len() {
            0 => "none".to_owned(),
            _ => list(
                all.iter()
                    .flat_map(|rule| &rule.destinations)
                    .map(|(region, account)| format!("to {account} {region}")),
            ),
        },
        Known::PullThroughPrefixes(rules) => list(rules.iter().map(|rule| &rule.prefix)),
        Known::LifecyclePolicy(_) => "exists".to_owned(),
        Known::ExpiredImages(all) => match all.first() {
            Some(one) => format!("{} deleted by the lifecycle policy, {} at {:.0}", all.len(), list(&one.tags), one.at),
            None => "no deletion".to_owned(),
        },
        Known::Subnet(one) => format!("in {}, {}", one.vpc, one.zone),
        Known::VpcSubnets(all) => format!("{} subnets", all.len()),
        Known::Vpc(one) => list(&one.cidrs),
        Known::DnsSupport(on) | Known::DnsHostnames(on) => if *on { "on" } else { "off" }.to_owned(),
        Known::HostedZones(all) => list(all.iter().map(|one| &one.name)),
        Known::RouteTables(all) => all.iter().map(routes).collect::<Vec<_>>().join("; "),
        Known::VpcEndpoints(all) => {
            list(all.iter().map(|one| one.service.splitn(4, '.').last().unwrap_or(&one.service).to_owned()))
        }
        Known::SecurityGroup(one) | Known::DefaultSecurityGroup(one) => {
            format!("in: {}; out: {}", rules(&one.ingress), rules(&one.egress))
        }
        Known::NetworkAcls(all) => list(all.iter().map(|one| format!("{} ({} entries)", one.id, one.entries.len()))),
        Known::NatGateways(all) => list(all.iter().map(|one| format!("{} {}", one.id, one.state))),
        Known::InternetGateways(all) => list(all.iter().map(|one| format!("{} {}", one.id, one.state))),
        Known::AwsPrefixLists(all) => list(all.iter().map(|one| &one.name)),
        Known::ManagedPrefixList(one) => list(&one.cidrs),
        Known::NetworkInterface(one) => {
            let public = one.public_ip.map_or("no public address".to_owned(), |ip| format!("public address {ip}"));
            format!("{public}, groups {}", list(&one.security_groups))
        }
        Known::Instance(one) => format!("{}, in {}", one.state, one.subnet.as_deref().unwrap_or("no subnet")),
        Known::Secret(one) => match one.deleted {
            Some(at) => format!("marked for deletion at {at:.0}"),
            None => "exists".to_owned(),
        },
        Known::SecretVersions(ids) => format!("{} versions", ids.len()),
        Known::Parameter(one) => format!("exists, {}", one.kind),
        Known::ParameterTags(tags) => list(tags.iter().map(|(name, value)| format!("{name}={value}"))),
        Known::Key(one) => one.state.clone(),
        Known::KeyGrants(all) => list(all.iter().map(|one| format!("{} to {}", list(&one.operations), one.grantee))),
        Known::Bucket(one) => format!("exists, in {}", one.region),
        Known::BucketKey(key) => format!("new objects are encrypted with {key}"),
        Known::Object(one) => match one.modified {
            Some(modified) => format!("exists, written {modified:.0}"),
            None => "exists".to_owned(),
        },
        Known::LogGroup(_) => "exists".to_owned(),
        Known::LogLines(all) => format!("{} lines", all.len()),
    }
}

fn status(task: &Task) -> String {
    let code = task.stop_code.as_deref().map_or(String::new(), |code| format!(", {code}"));
    format!("{}{code}", task.last_status)
}

fn simulated(one: &Simulation) -> String {
    let decision = match one.decision {
        Simulated::Allowed => "allowed",
        Simulated::ExplicitDeny => "explicitly denied",
        Simulated::ImplicitDeny => "not allowed",
    };
    let organization = if one.organization == Some(false) { ", by the organization" } else { "" };
    format!("{decision}{organization}")
}

fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

/// Which effects on which actions, of a policy.
fn statements(text: &str) -> String {
    let document: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let all = match document.get("Statement") {
        Some(serde_json::Value::Array(all)) => all.clone(),
        Some(one @ serde_json::Value::Object(_)) => vec![one.clone()],
        _ => return "cannot be read as a policy".to_owned(),
    };
    list(all.iter().map(|one| {
        let effect = one["Effect"].as_str().unwrap_or("?").to_lowercase();
        let actions = match one.get("Action").or(one.get("NotAction")) {
            Some(serde_json::Value::String(action)) => action.clone(),
            Some(serde_json::Value::Array(actions)) => list(actions.iter().filter_map(|one| one.as_str())),
            _ => "?".to_owned(),
        };
        format!("{effect} {actions}")
    }))
}

fn routes(table: &RouteTable) -> String {
    let all = table.routes.iter().map(|route| {
        let target = match &route.target {
            RouteTarget::Local => "local",
            RouteTarget::InternetGateway(id)
            | RouteTarget::EgressOnlyGateway(id)
            | RouteTarget::NatGateway(id)
            | RouteTarget::Endpoint(id)
            | RouteTarget::Interface(id)
            | RouteTarget::Elsewhere(id) => id,
        };
        format!("{} -> {target}{}", route.destination, if route.blackhole { " (black hole)" } else { "" })
    });
    format!("{}: {}", table.id, list(all))
}

fn rules(all: &[GroupRule]) -> String {
    list(all.iter().map(|rule| {
        let ports = rule
            .ports
            .map_or("all".to_owned(), |(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") });
        let peers = list(rule.cidrs.iter().chain(&rule.groups).chain(&rule.prefix_lists));
        format!("{ports} {peers}")
    }))
}
