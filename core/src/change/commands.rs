//! Changes as commands for the AWS CLI: each complete by itself, every value quoted.

use super::overlay::allow_document;
use super::shell::{command, quote};
use super::{Change, Fix};
use crate::case::Case;
use crate::model::network::{GroupRule, RouteTarget};
use serde_json::json;

/// Fields of a revision that RegisterTaskDefinition takes; it refuses the read-only ones.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>
const REGISTERED: [&str; 17] = [
    "family",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "containerDefinitions",
    "volumes",
    "placementConstraints",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "ephemeralStorage",
    "runtimePlatform",
    "inferenceAccelerators",
    "enableFaultInjection",
];

impl Fix {
    /// The commands of all edits, in order.
    pub fn commands(&self, case: &Case<'_>) -> Vec<String> {
        self.changes.iter().flat_map(|change| change.commands(case)).collect()
    }
}

impl Change {
    /// The commands that make the change in the case's account and region.
    pub fn commands(&self, case: &Case<'_>) -> Vec<String> {
        let aws = |words: &[&str]| vec![command(words)];
        match self {
            Change::UseRevision { definition } => update_service(case, &["--task-definition", short(definition)]),
            Change::UseImage { old, new, .. } => {
                let edit = format!(
                    "s|\"image\": \"{}\"|\"image\": \"{}\"|",
                    escape_pattern(&json_text(old)),
                    escape_replacement(&json_text(new))
                );
                new_revision(case, &[], Some(&edit))
            }
            Change::UseMemory { memory, cpu, container } => {
                let mut fields: Vec<_> =
                    memory.map(|memory| ("memory", json!(memory.to_string()))).into_iter().collect();
                fields.extend(cpu.map(|cpu| ("cpu", json!(cpu.to_string()))));
                // A number is the container's limit; the task's is a string.
                let edit = container
                    .as_ref()
                    .map(|(_, old, new)| format!("s|\"memory\": {old}\\([^0-9]\\{{0,1\\}}\\)$|\"memory\": {new}\\1|"));
                new_revision(case, &fields, edit.as_deref())
            }
            Change::UseDynamicPorts { ports } => {
                let edits: Vec<String> = ports
                    .iter()
                    .map(|port| format!("s|\"hostPort\": {port}\\([^0-9]\\{{0,1\\}}\\)$|\"hostPort\": 0\\1|"))
                    .collect();
                new_revision(case, &[], Some(&edits.join(";")))
            }
            Change::UseArchitecture { architecture, system } => {
                let platform = json!({"cpuArchitecture": architecture, "operatingSystemFamily": system});
                new_revision(case, &[("runtimePlatform", platform)], None)
            }
            Change::UseStorage { gib } => new_revision(case, &[("ephemeralStorage", json!({"sizeInGiB": gib}))], None),
            Change::UseExecutionRole { role } => new_revision(case, &[("executionRoleArn", json!(role))], None),
            Change::Allow { role, policy, actions, resources } => {
                let document = allow_document(actions, resources);
                aws(&[
                    "aws",
                    "iam",
                    "put-role-policy",
                    "--role-name",
                    role,
                    "--policy-name",
                    policy,
                    "--policy-document",
                    &document,
                ])
            }
            Change::RewriteInlinePolicy { role, policy, document: None } => {
                aws(&["aws", "iam", "delete-role-policy", "--role-name", role, "--policy-name", policy])
            }
            Change::RewriteInlinePolicy { role, policy, document: Some(document) } => aws(&[
                "aws",
                "iam",
                "put-role-policy",
                "--role-name",
                role,
                "--policy-name",
                policy,
                "--policy-document",
                document,
            ]),
            Change::Attach { role, policy } => {
                aws(&["aws", "iam", "attach-role-policy", "--role-name", role, "--policy-arn", policy])
            }
            Change::Trust { role, document } => {
                aws(&["aws", "iam", "update-assume-role-policy", "--role-name", role, "--policy-document", document])
            }
            Change::CreateRole { role, path, trust, policy, .. } => {
                let made = ["--role-name", role, "--path", path, "--assume-role-policy-document", trust];
                let attach = |policy: &String| {
                    command(["aws", "iam", "attach-role-policy", "--role-name", role, "--policy-arn", policy])
                };
                let make = command(["aws", "iam", "create-role"].into_iter().chain(made));
                std::iter::once(make).chain(policy.as_ref().map(attach)).collect()
            }
            Change::RestoreImage { region, registry, repository, digest } => aws(&[
                "aws",
                "ecr",
                "update-image-storage-class",
                "--region",
                region,
                "--registry-id",
                registry,
                "--repository-name",
                repository,
                "--image-id",
                &format!("imageDigest={digest}"),
                "--target-storage-class",
                "STANDARD",
            ]),
            Change::RestoreSecret { region, secret } => {
                aws(&["aws", "secretsmanager", "restore-secret", "--region", region, "--secret-id", secret])
            }
            Change::RepositoryPolicy { region, registry, repository, document } => {
                let verb = if document.is_some() { "set-repository-policy" } else { "delete-repository-policy" };
                let mut words = vec!["aws", "ecr", verb, "--region", region, "--registry-id", registry];
                words.extend(["--repository-name", repository]);
                words.extend(document.iter().flat_map(|document| ["--policy-text", document.as_str()]));
                aws(&words)
            }
            Change::SecretPolicy { region, secret, document } => {
                let verb = if document.is_some() { "put-resource-policy" } else { "delete-resource-policy" };
                let mut words = vec!["aws", "secretsmanager", verb, "--region", region, "--secret-id", secret];
                words.extend(document.iter().flat_map(|document| ["--resource-policy", document.as_str()]));
                aws(&words)
            }
            Change::RewriteManagedPolicy { policy, added: Some((statement, version)), .. } => {
                vec![add_to_version(policy, version, statement)]
            }
            Change::RewriteManagedPolicy { policy, document, added: None } => aws(&[
                "aws",
                "iam",
                "create-policy-version",
                "--policy-arn",
                policy,
                "--policy-document",
                document,
                "--set-as-default",
            ]),
            Change::CreateInterfaceEndpoint { vpc, service, subnets, security_groups, admitted } => {
                vec![create_interface_endpoint(vpc, service, subnets, security_groups, admitted)]
            }
            Change::CreateGatewayEndpoint { vpc, service, route_tables, .. } => {
                let mut words = vec![
                    "aws",
                    "ec2",
                    "create-vpc-endpoint",
                    "--vpc-id",
                    vpc,
                    "--vpc-endpoint-type",
                    "Gateway",
                    "--service-name",
                    service,
                    "--route-table-ids",
                ];
                words.extend(route_tables.iter().map(String::as_str));
                aws(&words)
            }
            Change::AssociateRouteTable { endpoint, route_table, .. } => aws(&[
                "aws",
                "ec2",
                "modify-vpc-endpoint",
                "--vpc-endpoint-id",
                endpoint,
                "--add-route-table-ids",
                route_table,
            ]),
            Change::EnablePrivateDns { endpoint, vpc, hostnames, is_on } => {
                let mut all = vec![];
                if *hostnames {
                    all.push(command([
                        "aws",
                        "ec2",
                        "modify-vpc-attribute",
                        "--vpc-id",
                        vpc,
                        "--enable-dns-hostnames",
                        "{\"Value\":true}",
                    ]));
                }
                if !is_on {
                    all.push(command([
                        "aws",
                        "ec2",
                        "modify-vpc-endpoint",
                        "--vpc-endpoint-id",
                        endpoint,
                        "--private-dns-enabled",
                    ]));
                }
                all
            }
            Change::LeaveHostedZone { zone, vpc } => {
                let place = json!({"VPCRegion": case.region.region, "VPCId": vpc}).to_string();
                let verb = "disassociate-vpc-from-hosted-zone";
                aws(&["aws", "route53", verb, "--hosted-zone-id", zone, "--vpc", &place])
            }
            Change::EndpointPolicy { endpoint, added: Some(added), .. } => vec![add_to_policy(endpoint, added)],
            Change::EndpointPolicy { endpoint, document, .. } => {
                let mut words = vec!["aws", "ec2", "modify-vpc-endpoint", "--vpc-endpoint-id", endpoint];
                match document {
                    Some(document) => words.extend(["--policy-document", document]),
                    None => words.push("--reset-policy"),
                }
                aws(&words)
            }
            Change::EnableDnsSupport { vpc } => {
                let on = "{\"Value\":true}";
                aws(&["aws", "ec2", "modify-vpc-attribute", "--vpc-id", vpc, "--enable-dns-support", on])
            }
            Change::UseAmazonDns { vpc } => vec![format!(
                // `--dhcp-options-id default` would take all options away, which is not the same.
                "options=$(aws ec2 create-dhcp-options --dhcp-configurations \
                 'Key=domain-name-servers,Values=AmazonProvidedDNS' --query DhcpOptions.DhcpOptionsId --output text) && \
                 aws ec2 associate-dhcp-options --vpc-id {} --dhcp-options-id \"$options\"",
                quote(vpc)
            )],
            Change::CreateRoute { route_table, destination, target, replace, .. } => {
                let (option, id) = target_option(target);
                let verb = if *replace { "replace-route" } else { "create-route" };
                let family =
                    if is_ipv6(destination) { "--destination-ipv6-cidr-block" } else { "--destination-cidr-block" };
                aws(&["aws", "ec2", verb, "--route-table-id", route_table, family, destination, option, id])
            }
            Change::CreateNat { subnet, route_table, replace, .. } => {
                let verb = if *replace { "replace-route" } else { "create-route" };
                vec![format!(
                    "address=$(aws ec2 allocate-address --domain vpc --query AllocationId --output text) && \
                     nat=$(aws ec2 create-nat-gateway --subnet-id {subnet} --allocation-id \"$address\" \
                     --query NatGateway.NatGatewayId --output text) && \
                     aws ec2 wait nat-gateway-available --nat-gateway-ids \"$nat\" && \
                     aws ec2 {verb} --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id \"$nat\"",
                    subnet = quote(subnet),
                    table = quote(route_table),
                )]
            }
            Change::LetOut { group, rule } => aws(&[
                "aws",
                "ec2",
                "authorize-security-group-egress",
                "--group-id",
                group,
                "--ip-permissions",
                &permission(rule),
            ]),
            Change::LetIn { group, rule } => aws(&[
                "aws",
                "ec2",
                "authorize-security-group-ingress",
                "--group-id",
                group,
                "--ip-permissions",
                &permission(rule),
            ]),
            Change::DeleteAclEntry { acl, number, egress, .. } => aws(&[
                "aws",
                "ec2",
                "delete-network-acl-entry",
                "--network-acl-id",
                acl,
                direction(*egress),
                "--rule-number",
                &number.to_string(),
            ]),
            Change::CreateAclEntry { acl, number, egress, ports, cidr, .. } => aws(&[
                "aws",
                "ec2",
                "create-network-acl-entry",
                "--network-acl-id",
                acl,
                direction(*egress),
                "--rule-number",
                &number.to_string(),
                "--protocol",
                "6",
                "--port-range",
                &format!("From={},To={}", ports.0, ports.1),
                "--cidr-block",
                cidr,
                "--rule-action",
                "allow",
            ]),
            Change::AssignPublicIp => {
                let Ok(network) = case.network else { return vec![] };
                let settings = json!({"awsvpcConfiguration": {
                    "subnets": network.subnets, "securityGroups": network.security_groups, "assignPublicIp": "ENABLED",
                }});
                update_service(case, &["--network-configuration", &settings.to_string()])
            }
            Change::CreateLogGroup { region, group } => {
                let mut words = vec!["aws", "logs", "create-log-group", "--log-group-name", group];
                if *region != case.region.region {
                    words.extend(["--region", region]);
                }
                aws(&words)
            }
            Change::Store(change) => change.commands(case),
            Change::TryAgain => update_service(case, &["--force-new-deployment"]),
            Change::ByHand { commands } => commands.clone(),
        }
    }
}

const fn direction(egress: bool) -> &'static str {
    if egress { "--egress" } else { "--ingress" }
}

/// `family:revision` of a definition's ARN.
fn short(definition: &str) -> &str {
    definition.rsplit('/').next().unwrap_or(definition)
}

fn update_service(case: &Case<'_>, options: &[&str]) -> Vec<String> {
    let Some(service) = case.service else { return vec![] };
    let mut words = vec!["aws", "ecs", "update-service", "--cluster", &case.cluster, "--service", &service.name];
    words.extend(options);
    vec![command(words)]
}

/// Registers the judged revision anew with other fields, and runs it. No environment value is printed or typed: the shell
/// passes the definition on. JMESPath gives whole fields their new values, `sed` edits a value inside a container.
fn new_revision(case: &Case<'_>, fields: &[(&str, serde_json::Value)], edit: Option<&str>) -> Vec<String> {
    let (Some(arn), Ok(definition)) = (case.definition_arn.as_deref(), case.definition) else { return vec![] };
    if !definition.is_registered() {
        // What stands in somebody's file is changed there: see `Change::in_words`.
        return vec![];
    }
    let present = |field: &str| match field {
        "taskRoleArn" => definition.task_role.is_some(),
        "executionRoleArn" => definition.execution_role.is_some(),
        "networkMode" => definition.network_mode.is_some(),
        "cpu" => definition.cpu.is_some(),
        "memory" => definition.memory.is_some(),
        "family" | "containerDefinitions" | "volumes" | "placementConstraints" => true,
        "requiresCompatibilities" => !definition.requires_compatibilities.is_empty(),
        other => definition.other_fields.iter().any(|field| field == other),
    };
    let mut kept: Vec<String> = vec![];
    for field in REGISTERED {
        match fields.iter().find(|(name, _)| *name == field) {
            Some((_, value)) => kept.push(format!("{field}: `{value}`")),
            None if present(field) => kept.push(format!("{field}: {field}")),
            None => {}
        }
    }
    let query = format!("taskDefinition.{{{}}}", kept.join(", "));
    let describe = command([
        "aws",
        "ecs",
        "describe-task-definition",
        "--task-definition",
        short(arn),
        "--query",
        &query,
        "--output",
        "json",
    ]);
    let edited = match edit {
        Some(edit) => format!("{describe} | sed {}", quote(edit)),
        None => describe,
    };
    let mut all = vec![format!("aws ecs register-task-definition --cli-input-json \"$({edited})\"")];
    all.extend(update_service(case, &["--task-definition", &definition.family]));
    all
}

/// Registers the judged revision anew with one edit of `sed`, and runs it.
pub(super) fn edit_revision(case: &Case<'_>, edit: &str) -> Vec<String> {
    new_revision(case, &[], Some(edit))
}

/// A text as it stands between the quotes of JSON.
pub(super) fn json_text(text: &str) -> String {
    let quoted = json!(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

pub(super) fn escape_pattern(text: &str) -> String {
    escape(text, &['\\', '.', '*', '[', ']', '^', '$', '|'])
}

pub(super) fn escape_replacement(text: &str) -> String {
    escape(text, &['\\', '&', '|'])
}

fn escape(text: &str, special: &[char]) -> String {
    text.chars().flat_map(|c| special.contains(&c).then_some('\\').into_iter().chain([c])).collect()
}

/// Puts a statement before those that an endpoint's policy has at that time, so that nothing else is written anew.
fn add_to_policy(endpoint: &str, statement: &str) -> String {
    let query = "VpcEndpoints[0].PolicyDocument";
    let read = ["aws", "ec2", "describe-vpc-endpoints", "--vpc-endpoint-ids", endpoint, "--query", query];
    let edit = format!("s|\"Statement\" *: *\\[|&{},|", escape_replacement(statement));
    format!(
        "policy=$({} --output text | sed {}) && {} \"$policy\"",
        command(read),
        quote(&edit),
        command(["aws", "ec2", "modify-vpc-endpoint", "--vpc-endpoint-id", endpoint, "--policy-document"])
    )
}

/// Puts a statement before those that a version of a managed policy has, in a new version.
fn add_to_version(policy: &str, version: &str, statement: &str) -> String {
    let query = "PolicyVersion.Document";
    let read = ["aws", "iam", "get-policy-version", "--policy-arn", policy, "--version-id", version, "--query", query];
    let edit = format!("s|\"Statement\" *: *\\[|&{},|", escape_replacement(statement));
    let write =
        ["aws", "iam", "create-policy-version", "--policy-arn", policy, "--set-as-default", "--policy-document"];
    format!("policy=$({} --output json | sed {}) && {} \"$policy\"", command(read), quote(&edit), command(write))
}

fn target_option(target: &RouteTarget) -> (&'static str, &str) {
    match target {
        RouteTarget::NatGateway(id) => ("--nat-gateway-id", id),
        RouteTarget::EgressOnlyGateway(id) => ("--egress-only-internet-gateway-id", id),
        RouteTarget::Interface(id) => ("--network-interface-id", id),
        RouteTarget::Local => ("--gateway-id", "local"),
        RouteTarget::InternetGateway(id) | RouteTarget::Endpoint(id) | RouteTarget::Elsewhere(id) => {
            ("--gateway-id", id)
        }
    }
}

fn is_ipv6(range: &str) -> bool {
    range.contains(':')
}

/// A rule as EC2's commands take it.
fn permission(rule: &GroupRule) -> String {
    let mut permission = json!({"IpProtocol": rule.protocol});
    if let Some((from, to)) = rule.ports {
        permission["FromPort"] = json!(from);
        permission["ToPort"] = json!(to);
    }
    let list = |key: &str, values: &[String]| values.iter().map(|value| json!({key: value})).collect::<Vec<_>>();
    let (six, four): (Vec<String>, Vec<String>) = rule.cidrs.iter().cloned().partition(|range| is_ipv6(range));
    for (name, items) in [
        ("IpRanges", list("CidrIp", &four)),
        ("Ipv6Ranges", list("CidrIpv6", &six)),
        ("UserIdGroupPairs", list("GroupId", &rule.groups)),
        ("PrefixListIds", list("PrefixListId", &rule.prefix_lists)),
    ] {
        if !items.is_empty() {
            permission[name] = json!(items);
        }
    }
    json!([permission]).to_string()
}

/// An interface endpoint; where no group is at hand that admits the tasks, one is made for it in the same command.
fn create_interface_endpoint(
    vpc: &str,
    service: &str,
    subnets: &[String],
    groups: &[String],
    admitted: &[String],
) -> String {
    let mut words = vec!["aws", "ec2", "create-vpc-endpoint", "--vpc-id", vpc, "--vpc-endpoint-type", "Interface"];
    words.extend(["--service-name", service, "--private-dns-enabled", "--subnet-ids"]);
    words.extend(subnets.iter().map(String::as_str));
    words.push("--security-group-ids");
    if !groups.is_empty() {
        words.extend(groups.iter().map(String::as_str));
        return command(words);
    }
    // Group names are unique in a VPC: the service's own name is in it.
    let name = format!("ecs-why-{}", service.replace('.', "-"));
    let made = command([
        "aws",
        "ec2",
        "create-security-group",
        "--vpc-id",
        vpc,
        "--group-name",
        &name,
        "--description",
        "Interface endpoint",
    ]);
    let rule = permission(&GroupRule {
        protocol: "tcp".to_owned(),
        ports: Some((443, 443)),
        cidrs: vec![],
        groups: admitted.to_vec(),
        prefix_lists: vec![],
    });
    format!(
        "group=$({made} --query GroupId --output text) && \
         aws ec2 authorize-security-group-ingress --group-id \"$group\" --ip-permissions {} && {} \"$group\"",
        quote(&rule),
        command(words)
    )
}
