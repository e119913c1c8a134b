//! Every change: as commands with hostile values in every field, and laid over evidence, known or not.

use super::*;
use crate::causes::fixture::{self, BEFORE, Fixture, IMAGE, REVISION, SECRET, at, role_arn};
use crate::evidence::{Answer, Evidence, Known, Question};
use crate::model::network::{GroupRule, RouteTarget};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// What no shell may take for anything but a word.
const HOSTILE: [&str; 8] =
    ["a b", "it's", "say \"hi\"", "$(reboot)", "`id`", "line\nbreak", "x; rm -rf / #", "back\\slash & | > * ~ !"];

fn words(command: &str) -> Vec<String> {
    shlex::split(command).unwrap_or_else(|| panic!("no shell can read {command}"))
}

fn rule(evil: &str) -> GroupRule {
    GroupRule {
        protocol: "tcp".to_owned(),
        ports: Some((443, 443)),
        cidrs: vec![evil.to_owned()],
        groups: vec![evil.to_owned()],
        prefix_lists: vec![evil.to_owned()],
    }
}

/// Every change whose commands are plain words, with a value in every field, and how often the value is a word of its own.
fn plain(evil: &str) -> Vec<(Change, usize)> {
    let e = || evil.to_owned();
    let all = || vec![e(), e()];
    vec![
        (Change::UseRevision { definition: e() }, 1),
        (Change::Allow { role: e(), policy: e(), actions: all(), resources: all() }, 2),
        (Change::RewriteInlinePolicy { role: e(), policy: e(), document: Some(e()) }, 3),
        (Change::RewriteInlinePolicy { role: e(), policy: e(), document: None }, 2),
        (Change::RewriteManagedPolicy { policy: e(), document: e(), added: None }, 2),
        (Change::SecretPolicy { region: e(), secret: e(), document: Some(e()) }, 3),
        (Change::SecretPolicy { region: e(), secret: e(), document: None }, 2),
        (Change::RestoreImage { region: e(), registry: e(), repository: e(), digest: "sha256:a".to_owned() }, 3),
        (Change::RestoreSecret { region: e(), secret: e() }, 2),
        (Change::Attach { role: e(), policy: e() }, 2),
        (Change::Trust { role: e(), document: e() }, 2),
        (Change::CreateRole { role: e(), path: e(), trust: e(), policy: Some(e()), arn: e() }, 5),
        (Change::RepositoryPolicy { region: e(), registry: e(), repository: e(), document: Some(e()) }, 4),
        (Change::RepositoryPolicy { region: e(), registry: e(), repository: e(), document: None }, 3),
        (
            Change::CreateInterfaceEndpoint {
                vpc: e(),
                service: e(),
                subnets: all(),
                security_groups: all(),
                admitted: all(),
            },
            6,
        ),
        (Change::CreateGatewayEndpoint { vpc: e(), service: e(), route_tables: all(), prefix_list: e() }, 4),
        (Change::AssociateRouteTable { endpoint: e(), route_table: e(), prefix_list: e() }, 2),
        (Change::EnablePrivateDns { endpoint: e(), vpc: e(), hostnames: true, is_on: false }, 2),
        (
            Change::CreateRoute {
                route_table: e(),
                destination: e(),
                target: RouteTarget::NatGateway(e()),
                vpc: e(),
                replace: true,
            },
            3,
        ),
        (Change::LetOut { group: e(), rule: rule(evil) }, 1),
        (Change::LetIn { group: e(), rule: rule(evil) }, 1),
        (Change::DeleteAclEntry { acl: e(), vpc: e(), number: 5, egress: true }, 1),
        (Change::CreateAclEntry { acl: e(), vpc: e(), number: 5, egress: false, ports: (1, 2), cidr: e() }, 2),
        (Change::CreateLogGroup { region: e(), group: e() }, 2),
        (Change::EndpointPolicy { endpoint: e(), vpc: e(), document: Some(e()), added: None }, 2),
        (Change::EndpointPolicy { endpoint: e(), vpc: e(), document: None, added: None }, 1),
        (Change::EnableDnsSupport { vpc: e() }, 1),
        (Change::LeaveHostedZone { zone: e(), vpc: "vpc-1".to_owned() }, 1),
    ]
}

#[test]
fn a_hostile_value_is_always_one_word_and_starts_nothing() {
    for evil in HOSTILE {
        let fixture = Fixture::fargate().service(|service| service.name = evil.to_owned());
        let case = fixture.case();
        // A revision is named by what stands after the last slash.
        let short = evil.rsplit('/').next().unwrap_or_default();
        for (change, times) in plain(evil) {
            let commands = change.commands(&case);
            let words: Vec<String> = commands.iter().flat_map(|one| words(one)).collect();
            assert!(commands.iter().all(|one| one.starts_with("aws ")), "{commands:?}");
            let of_service = usize::from(words.contains(&"--service".to_owned()) && short == evil);
            let found = words.iter().filter(|word| *word == evil).count();
            let expected = if matches!(change, Change::UseRevision { .. }) && short != evil { 1 } else { times };
            assert_eq!(found, expected + of_service, "{change:?}: {words:?}");
        }
    }
}

#[test]
fn documents_and_rules_carry_the_value_as_json_in_one_word() {
    let fixture = Fixture::fargate();
    let last = |change: &Change| words(&change.commands(&fixture.case())[0]).pop().expect("it has words");
    for evil in HOSTILE {
        let e = || vec![evil.to_owned()];
        let allow = Change::Allow { role: "r".into(), policy: "p".into(), actions: e(), resources: e() };
        let read: serde_json::Value = serde_json::from_str(&last(&allow)).expect("it is JSON");
        assert_eq!(
            (read["Statement"][0]["Action"][0].as_str(), read["Statement"][0]["Resource"][0].as_str()),
            (Some(evil), Some(evil))
        );
        let out = Change::LetOut { group: "sg-1".into(), rule: rule(evil) };
        let read: serde_json::Value = serde_json::from_str(&last(&out)).expect("it is JSON");
        let only = &read[0];
        assert_eq!((only["FromPort"].as_i64(), only["ToPort"].as_i64()), (Some(443), Some(443)));
        let names = [("IpRanges", "CidrIp"), ("UserIdGroupPairs", "GroupId"), ("PrefixListIds", "PrefixListId")];
        for (list, name) in names {
            assert_eq!(only[list][0][name].as_str(), Some(evil), "{list}");
        }
    }
}

/// What a shell really makes of a command, with `aws` in the place of itself: each call's words, one a line.
fn run_in_shell(command: &str) -> Option<Vec<Vec<String>>> {
    let script = format!(
        "aws() {{ for word in \"$@\"; do printf '%s\\036' \"$word\" >&2; done; printf '\\035' >&2; echo made-id; }}\n{command}"
    );
    let out = Command::new("sh").arg("-c").arg(script).stdin(Stdio::null()).output().ok()?;
    assert!(out.status.success(), "{command}: {}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stderr).expect("it is text");
    let calls = text.split('\u{1d}').filter(|call| !call.is_empty());
    Some(calls.map(|call| call.split_terminator('\u{1e}').map(str::to_owned).collect()).collect())
}

#[test]
fn a_statement_is_added_to_a_version_by_the_shell_and_nothing_else_is_written() {
    let fixture = Fixture::fargate();
    for evil in HOSTILE {
        let statement = serde_json::json!({"Effect": "Allow", "Resource": evil}).to_string();
        let added = Some((statement.clone(), "v1".to_owned()));
        let change = Change::RewriteManagedPolicy { policy: evil.to_owned(), document: String::new(), added };
        let old = r#"{ "Statement": [ {"Sid": "old"} ] }"#;
        let command = change.commands(&fixture.case())[0].clone();
        let script = format!(
            "aws() {{ if [ \"$2\" = get-policy-version ]; then echo '{old}'; else printf '%s' \"$7\"; fi; }}\n{command}"
        );
        let Ok(out) = Command::new("sh").arg("-c").arg(script).stdin(Stdio::null()).output() else {
            return eprint_no_shell();
        };
        let written = String::from_utf8(out.stdout).expect("it is text");
        let read: serde_json::Value = serde_json::from_str(&written).unwrap_or_else(|_| panic!("{written}: {command}"));
        assert_eq!(read["Statement"][0]["Resource"].as_str(), Some(evil));
        assert_eq!(read["Statement"][1]["Sid"].as_str(), Some("old"));
    }
}

#[test]
fn commands_that_need_a_shell_pass_every_value_on_as_it_is() {
    let fixture = Fixture::fargate();
    for evil in HOSTILE {
        let e = || evil.to_owned();
        let nat = Change::CreateNat { subnet: e(), route_table: e(), vpc: e(), replace: false };
        let Some(calls) = run_in_shell(&nat.commands(&fixture.case())[0]) else { return eprint_no_shell() };
        assert_eq!(calls.len(), 4, "address, gateway, wait, route: {calls:?}");
        assert_eq!(calls[1][2..6], ["--subnet-id", evil, "--allocation-id", "made-id"]);
        assert_eq!(calls[3][1..4], ["create-route", "--route-table-id", evil]);
        let endpoint = Change::CreateInterfaceEndpoint {
            vpc: e(),
            service: e(),
            subnets: vec![e()],
            security_groups: vec![],
            admitted: vec![e()],
        };
        let Some(calls) = run_in_shell(&endpoint.commands(&fixture.case())[0]) else { return eprint_no_shell() };
        assert_eq!(calls.len(), 3, "group, rule, endpoint: {calls:?}");
        assert_eq!(calls[1][..4], ["ec2", "authorize-security-group-ingress", "--group-id", "made-id"]);
        assert_eq!(calls[2].iter().filter(|word| *word == evil).count(), 3, "VPC, service, subnet: {calls:?}");
        assert_eq!(calls[2].last().map(String::as_str), Some("made-id"));
        let resolver = Change::UseAmazonDns { vpc: e() };
        let Some(calls) = run_in_shell(&resolver.commands(&fixture.case())[0]) else { return eprint_no_shell() };
        assert_eq!(calls.len(), 2, "options, association: {calls:?}");
        assert_eq!(calls[1][1..], ["associate-dhcp-options", "--vpc-id", evil, "--dhcp-options-id", "made-id"]);
    }
}

#[test]
fn a_statement_is_put_into_the_policy_that_is_there_as_it_is() {
    for evil in HOSTILE.into_iter().filter(|evil| !evil.contains('\n')) {
        let statement = serde_json::json!({"Effect": "Allow", "Resource": evil}).to_string();
        let (endpoint, vpc) = ("vpce-1".to_owned(), "vpc-1".to_owned());
        let change = Change::EndpointPolicy { endpoint, vpc, document: None, added: Some(statement) };
        let command = change.commands(&Fixture::fargate().case())[0].clone();
        let old = r#"{"Version":"2012-10-17","Statement" : [{"Effect":"Deny"}]}"#;
        let script = format!(
            "aws() {{ case \"$2\" in describe*) printf '%s' '{old}';; *) printf '%s' \"$6\";; esac; }}\n{command}"
        );
        let Ok(out) = Command::new("sh").arg("-c").arg(script).output() else { return eprint_no_shell() };
        let written: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{command}"));
        assert_eq!(written["Statement"][0]["Resource"].as_str(), Some(evil), "{command}");
        assert_eq!(written["Statement"][1]["Effect"].as_str(), Some("Deny"), "{command}");
    }
}

fn eprint_no_shell() {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "NOT TESTED: there is no `sh`");
}

#[test]
fn a_public_address_keeps_the_rest_of_the_settings() {
    let fixture = Fixture::fargate();
    let words = words(&Change::AssignPublicIp.commands(&fixture.case())[0]);
    assert_eq!(words[..7], ["aws", "ecs", "update-service", "--cluster", "prod", "--service", "web"]);
    let settings: serde_json::Value = serde_json::from_str(&words[8]).expect("it is JSON");
    let awsvpc = &settings["awsvpcConfiguration"];
    assert_eq!(awsvpc["assignPublicIp"], "ENABLED");
    assert_eq!(awsvpc["subnets"], serde_json::json!(["subnet-task", "subnet-other"]));
    assert_eq!(awsvpc["securityGroups"], serde_json::json!(["sg-task"]));
}

#[test]
fn without_a_service_there_is_nothing_to_update() {
    let lost = Fixture::fargate().gap(fixture::service());
    for change in [Change::TryAgain, Change::UseRevision { definition: BEFORE.into() }, Change::AssignPublicIp] {
        assert_eq!(change.commands(&lost.case()), Vec::<String>::new(), "{change:?}");
    }
}

// ------------------------------------------------------------------------------------------------ a new revision

fn register(fixture: &Fixture, change: &Change) -> String {
    let commands = change.commands(&fixture.case());
    assert_eq!(words(&commands[1])[..3], ["aws", "ecs", "update-service"]);
    commands[0].clone()
}

/// The fields that the query of a new revision keeps, and what each becomes.
fn kept(register: &str) -> Vec<(String, String)> {
    let inner = register.split_once("\"$(").and_then(|(_, rest)| rest.rsplit_once(")\"")).expect("it is nested").0;
    let describe = words(inner);
    let query = &describe[describe.iter().position(|word| word == "--query").expect("it has a query") + 1];
    let fields = query.strip_prefix("taskDefinition.{").and_then(|rest| rest.strip_suffix('}')).expect("a selection");
    fields.split(", ").map(|field| field.split_once(": ").expect("a pair")).map(|(a, b)| (a.into(), b.into())).collect()
}

#[test]
fn a_new_revision_keeps_every_field_that_is_there_and_none_that_is_not() {
    let sparse = Fixture::ec2().revision(|one| {
        (one.cpu, one.memory, one.task_role, one.network_mode) = (None, None, None, None);
        one.requires_compatibilities.clear();
    });
    let full = Fixture::fargate().revision(|one| {
        one.other_fields = vec!["ephemeralStorage".to_owned(), "runtimePlatform".to_owned(), "somethingNew".to_owned()];
    });
    let names = |fixture: &Fixture| {
        let change = Change::UseExecutionRole { role: role_arn("other") };
        kept(&register(fixture, &change)).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(
        names(&sparse),
        ["family", "executionRoleArn", "containerDefinitions", "volumes", "placementConstraints"]
    );
    let mut all = names(&full);
    all.sort();
    assert_eq!(
        all,
        [
            "containerDefinitions",
            "cpu",
            "ephemeralStorage",
            "executionRoleArn",
            "family",
            "memory",
            "networkMode",
            "placementConstraints",
            "requiresCompatibilities",
            "runtimePlatform",
            "taskRoleArn",
            "volumes",
        ],
        "a field that RegisterTaskDefinition does not take is left out"
    );
}

#[test]
fn fields_that_change_get_a_literal_and_the_others_themselves() {
    let change = Change::UseMemory { memory: Some(4096), cpu: Some(512), container: None };
    for (name, value) in kept(&register(&Fixture::fargate(), &change)) {
        let literal = match name.as_str() {
            "memory" => "`\"4096\"`",
            "cpu" => "`\"512\"`",
            own => own,
        };
        assert_eq!(value, literal, "{name}");
    }
}

#[test]
fn a_field_that_is_an_object_is_given_whole() {
    let fixture = Fixture::fargate();
    for (change, field, literal) in [
        (Change::UseStorage { gib: 50 }, "ephemeralStorage", r#"`{"sizeInGiB":50}`"#),
        (
            Change::UseArchitecture { architecture: "ARM64".into(), system: "LINUX".into() },
            "runtimePlatform",
            r#"`{"cpuArchitecture":"ARM64","operatingSystemFamily":"LINUX"}`"#,
        ),
    ] {
        let whole = register(&fixture, &change);
        assert!(whole.contains(&format!("{field}: {literal}")), "{whole}");
    }
}

/// The sample as `aws ... --output json` prints it, after the command's `sed`.
fn edited(register: &str, sample: &serde_json::Value) -> Option<serde_json::Value> {
    let inner = register.split_once("\"$(").and_then(|(_, rest)| rest.rsplit_once(")\"")).expect("it is nested").0;
    let (_, sed) = inner.split_once(" | sed ").expect("it is edited");
    let mut child = Command::new("sed").args(words(sed)).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let text = serde_json::to_string_pretty(sample).expect("it is JSON").replace("  ", "    ");
    child.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("sed reads");
    let out = child.wait_with_output().expect("sed ends");
    Some(serde_json::from_slice(&out.stdout).expect("it is JSON still"))
}

fn sample(image: &str) -> serde_json::Value {
    serde_json::json!({"family": "web", "memory": "512", "containerDefinitions": [
        {"name": "app", "image": image, "memory": 512, "environment": [{"name": "N", "value": "512 & / | \\ $x"}]},
        {"name": "sidecar", "memory": 5120, "image": format!("{image}-debug"), "memoryReservation": 512},
        {"name": "last", "image": "envoy:1", "memory": 512},
    ]})
}

#[test]
fn one_image_is_replaced_and_nothing_that_looks_like_it() {
    for (old, new) in [
        ("a.dkr/team/web:v42", "a.dkr/team/web:v43"),
        ("host:5000/x.y*[z]^$:1", "a&b|c\\d"),
        ("quote\"and'both", "$(reboot)`id`'\""),
    ] {
        let change = Change::UseImage { container: "app".into(), old: old.into(), new: new.into() };
        let before = sample(old);
        let Some(after) = edited(&register(&Fixture::fargate(), &change), &before) else { return eprint_no_shell() };
        let mut expected = before;
        expected["containerDefinitions"][0]["image"] = new.into();
        assert_eq!(after, expected);
    }
}

#[test]
fn the_containers_limit_is_a_number_and_the_tasks_is_not_touched_by_the_edit() {
    let limit = Some(("app".to_owned(), 512, 1024));
    let change = Change::UseMemory { memory: Some(1024), cpu: None, container: limit };
    let before = sample("web:1");
    let Some(after) = edited(&register(&Fixture::fargate(), &change), &before) else { return eprint_no_shell() };
    let memory = |at: usize| after["containerDefinitions"][at]["memory"].as_i64();
    assert_eq!((memory(0), memory(1), after["memory"].as_str()), (Some(1024), Some(5120), Some("512")));
    assert_eq!(after["containerDefinitions"][1]["memoryReservation"], 512);
}

// ------------------------------------------------------------------------------------------------ laid over

fn vpc(make: fn(String) -> Question) -> Question {
    make("vpc-1".to_owned())
}

/// Each change with the questions whose answers it edits: only those, and only where they are known.
fn edits() -> Vec<(Change, Vec<Question>)> {
    let s = str::to_owned;
    let endpoints = || vpc(|vpc| Question::VpcEndpoints { vpc });
    let tables = || vpc(|vpc| Question::RouteTables { vpc });
    let acls = || vpc(|vpc| Question::NetworkAcls { vpc });
    let group = || Question::SecurityGroup { group: "sg-task".into() };
    let definition = || vec![fixture::definition(REVISION)];
    let out = RouteTarget::InternetGateway("igw-1".into());
    vec![
        (Change::UseImage { container: s("app"), old: s(IMAGE), new: s("y") }, definition()),
        (Change::UseExecutionRole { role: role_arn("other") }, definition()),
        (Change::UseArchitecture { architecture: s("ARM64"), system: s("LINUX") }, definition()),
        (Change::UseStorage { gib: 50 }, definition()),
        (
            Change::RestoreImage {
                region: s("us-east-1"),
                registry: s("111111111111"),
                repository: s("team/web"),
                digest: fixture::ecr_image("v42", "09:00").digest,
            },
            vec![fixture::image("v42")],
        ),
        (Change::RestoreSecret { region: s("us-east-1"), secret: s(SECRET) }, vec![fixture::secret(SECRET)]),
        (Change::Attach { role: s("web-task"), policy: s("arn:p") }, vec![fixture::attached("web-task")]),
        (Change::Trust { role: s("web-task"), document: s("{}") }, vec![fixture::role("web-task")]),
        (
            Change::CreateGatewayEndpoint {
                vpc: s("vpc-1"),
                service: s("com.amazonaws.us-east-1.s3"),
                route_tables: vec![s("rtb-task")],
                prefix_list: s("pl-s3"),
            },
            vec![endpoints(), tables()],
        ),
        (
            Change::AssociateRouteTable { endpoint: s("vpce-s3"), route_table: s("rtb-main"), prefix_list: s("pl-s3") },
            vec![endpoints(), tables()],
        ),
        (
            Change::EndpointPolicy { endpoint: s("vpce-logs"), vpc: s("vpc-1"), document: Some(s("{}")), added: None },
            vec![endpoints()],
        ),
        (
            Change::EnablePrivateDns { endpoint: s("vpce-logs"), vpc: s("vpc-1"), hostnames: false, is_on: false },
            vec![endpoints()],
        ),
        (
            Change::CreateRoute {
                route_table: s("rtb-task"),
                destination: s("0.0.0.0/0"),
                target: out,
                vpc: s("vpc-1"),
                replace: true,
            },
            vec![tables()],
        ),
        (
            Change::CreateNat {
                subnet: s("subnet-public"),
                route_table: s("rtb-task"),
                vpc: s("vpc-1"),
                replace: false,
            },
            vec![vpc(|vpc| Question::NatGateways { vpc }), tables()],
        ),
        (Change::LetOut { group: s("sg-task"), rule: rule("10.0.0.0/8") }, vec![group()]),
        (Change::LetIn { group: s("sg-task"), rule: rule("10.0.0.0/8") }, vec![group()]),
        (Change::DeleteAclEntry { acl: s("acl-task"), vpc: s("vpc-1"), number: 100, egress: true }, vec![acls()]),
        (
            Change::CreateAclEntry {
                acl: s("acl-task"),
                vpc: s("vpc-1"),
                number: 5,
                egress: true,
                ports: (443, 443),
                cidr: s("0.0.0.0/0"),
            },
            vec![acls()],
        ),
        (Change::TryAgain, vec![]),
        (Change::ByHand { commands: vec![s("aws x")] }, vec![]),
    ]
}

fn laid_over(evidence: &Evidence, change: &Change) -> (Evidence, Plan) {
    let (mut changed, mut plan) = (evidence.clone(), Plan::default());
    change.lay_over(&mut changed, &mut plan, Some(REVISION), at("12:00"));
    (changed, plan)
}

/// The questions whose answers differ.
fn differing(before: &Evidence, after: &Evidence) -> Vec<Question> {
    let changed = |(question, kept): (&Question, &crate::evidence::Kept)| {
        (before.get(question).map(|one| &one.answer) != Some(&kept.answer)).then(|| question.clone())
    };
    assert!(before.iter().all(|(question, _)| after.get(question).is_some()), "an answer was lost");
    after.iter().filter_map(changed).collect()
}

fn sorted(mut questions: Vec<Question>) -> Vec<Question> {
    questions.sort();
    questions
}

#[test]
fn each_change_edits_exactly_the_answers_that_it_is_about() {
    let switched_off = Fixture::endpoints().network(|lab| {
        lab.endpoints.iter_mut().filter(|one| one.id == "vpce-logs").for_each(|one| one.private_dns = false);
    });
    let mut archived = fixture::ecr_image("v42", "09:00");
    archived.status = Some("ARCHIVED".to_owned());
    let mut doomed = fixture::a_secret(SECRET, "prod/db");
    doomed.deleted = Some(at("09:00"));
    let switched_off = switched_off
        .with(fixture::image("v42"), Known::Image(archived))
        .with(fixture::secret(SECRET), Known::Secret(doomed));
    for (change, questions) in edits() {
        let (after, plan) = laid_over(&switched_off.evidence, &change);
        assert_eq!(sorted(differing(&switched_off.evidence, &after)), sorted(questions), "{change:?}");
        assert_eq!(plan, Plan::default(), "{change:?}");
    }
}

#[test]
fn laid_over_a_gap_it_stays_a_gap_and_nothing_else_is_made_up() {
    for (change, questions) in edits() {
        for hidden in &questions {
            let blind = Fixture::endpoints().gap(hidden.clone());
            let (after, _) = laid_over(&blind.evidence, &change);
            assert!(matches!(after.get(hidden).map(|one| &one.answer), Some(Answer::Gap(_))), "{change:?}: {hidden:?}");
            let unasked = Fixture::endpoints().without(hidden);
            let (after, _) = laid_over(&unasked.evidence, &change);
            assert_eq!(after.get(hidden), None, "{change:?}: {hidden:?}");
        }
    }
}

#[test]
fn host_names_are_on_only_where_the_commands_switch_them_on() {
    let names = || vpc(|vpc| Question::DnsHostnames { vpc });
    for (hostnames, command) in [(true, 1), (false, 0)] {
        let (endpoint, vpc) = ("vpce-logs".to_owned(), "vpc-1".to_owned());
        let change = Change::EnablePrivateDns { endpoint, vpc, hostnames, is_on: true };
        let blind = Fixture::endpoints().gap(names());
        assert_eq!(change.commands(&blind.case()).len(), command);
        let (after, _) = laid_over(&blind.evidence, &change);
        let known = after.get(&names()).is_some_and(|one| one.answer == Answer::Known(Known::DnsHostnames(true)));
        assert_eq!(known, hostnames);
    }
}

#[test]
fn what_is_made_or_replaced_whole_is_known_whatever_was_known_before() {
    let s = str::to_owned;
    let (region, group) = (s("us-east-1"), s("/ecs/web"));
    let secret = (fixture::secret_policy(SECRET), |document| Change::SecretPolicy {
        region: "us-east-1".to_owned(),
        secret: SECRET.to_owned(),
        document,
    });
    let repository = |document| Change::RepositoryPolicy {
        region: s("us-east-1"),
        registry: s("111111111111"),
        repository: s("team/web"),
        document,
    };
    let known = |policy: Known| Answer::Known(policy);
    let rows = [
        (secret.1(Some(s("{}"))), secret.0.clone(), known(Known::SecretPolicy(s("{}")))),
        (secret.1(None), secret.0.clone(), Answer::Absent),
        (repository(Some(s("{}"))), fixture::repository_policy(), known(Known::RepositoryPolicy(s("{}")))),
        (repository(None), fixture::repository_policy(), Answer::Absent),
        (
            Change::EnableDnsSupport { vpc: s("vpc-1") },
            vpc(|vpc| Question::DnsSupport { vpc }),
            known(Known::DnsSupport(true)),
        ),
    ];
    for (change, question, answer) in rows {
        let (after, _) = laid_over(&Fixture::fargate().gap(question.clone()).evidence, &change);
        assert_eq!(after.get(&question).map(|one| &one.answer), Some(&answer), "{change:?}");
    }
    let missing = Fixture::fargate().absent(fixture::log_group("/ecs/web"));
    let (after, _) = laid_over(&missing.evidence, &Change::CreateLogGroup { region, group });
    let made = after.get(&fixture::log_group("/ecs/web")).map(|one| &one.answer);
    assert!(
        matches!(made, Some(Answer::Known(Known::LogGroup(group))) if group.created == Some(at("12:00"))),
        "{made:?}"
    );
}

#[test]
fn an_inline_policy_is_added_replaced_and_deleted_by_name() {
    let names = |evidence: &Evidence| match evidence.get(&fixture::inline("web-execution")).map(|one| &one.answer) {
        Some(Answer::Known(Known::InlinePolicies(names))) => names.clone(),
        other => panic!("{other:?}"),
    };
    let own = |policy: &str| Question::InlinePolicy { role: "web-execution".into(), policy: policy.into() };
    let fixture = Fixture::fargate();
    let rewrite = |policy: &str, document: Option<&str>| Change::RewriteInlinePolicy {
        role: "web-execution".into(),
        policy: policy.into(),
        document: document.map(str::to_owned),
    };
    let (after, _) = laid_over(&fixture.evidence, &rewrite("new", Some("{}")));
    assert_eq!(names(&after), ["secrets", "new"]);
    let (after, _) = laid_over(&fixture.evidence, &rewrite("secrets", Some("{}")));
    assert_eq!(names(&after), ["secrets"]);
    assert_eq!(
        after.get(&own("secrets")).map(|one| &one.answer),
        Some(&Answer::Known(Known::InlinePolicy("{}".into())))
    );
    let (after, _) = laid_over(&fixture.evidence, &rewrite("secrets", None));
    assert_eq!((names(&after), after.get(&own("secrets")).map(|one| &one.answer)), (vec![], Some(&Answer::Absent)));
}

#[test]
fn what_the_service_runs_is_planned_and_not_written_into_the_evidence() {
    let fixture = Fixture::fargate();
    let (after, plan) = laid_over(&fixture.evidence, &Change::UseRevision { definition: BEFORE.into() });
    assert_eq!((differing(&fixture.evidence, &after), plan.definition.as_deref()), (vec![], Some(BEFORE)));
    let (after, plan) = laid_over(&fixture.evidence, &Change::AssignPublicIp);
    assert_eq!((differing(&fixture.evidence, &after), plan.network.map(|one| one.public_ip)), (vec![], Some(true)));
}
