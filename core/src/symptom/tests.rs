//! Each row's example is a test, and so is each place at which it can be cut.

use proptest::prelude::*;

use super::patterns::{Claimed, PATTERNS, Row};
use super::*;

fn example(row: &Row) -> Stop {
    let stop_code = row.codes.iter().find(|code| !code.is_empty()).cloned();
    Stop { reason: Some(row.example.clone()), stop_code, ..Stop::default() }
}

/// Each row's name and its example as a stop, for who tests what becomes of them.
pub(crate) fn examples() -> Vec<(&'static str, Stop)> {
    PATTERNS.rows.iter().map(|row| (row.id.as_str(), example(row))).collect()
}

#[test]
fn every_row_reads_its_own_example() {
    let mut wrong = Vec::new();
    for row in &PATTERNS.rows {
        let symptom = read(&example(row));
        let first = symptom.first();
        if symptom.row != Some(row.id.as_str()) {
            wrong.push(format!("{} is read by {:?}", row.id, symptom.row));
        } else if row.claims.first() != Some(&Claimed::Cause(first)) || symptom.settled().is_some() != row.settles {
            wrong.push(format!("{} claims {:?}", row.id, symptom.claims.first()));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_expression_compiles() {
    let all = PATTERNS.rows.iter().flat_map(|row| row.expressions.iter().flatten());
    let wrong: Vec<_> = all.filter(|one| one.regex().is_none()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// What a text settles is settled wherever it is cut, or not at all.
#[test]
fn a_cut_text_settles_what_the_whole_settles_or_nothing() {
    let mut wrong = Vec::new();
    for row in &PATTERNS.rows {
        let whole = example(row);
        let settled = read(&whole).settled();
        for at in (0..row.example.len()).step_by(3).filter(|at| row.example.is_char_boundary(*at)) {
            let cut = Stop { reason: Some(row.example[..at].to_owned()), ..whole.clone() };
            let found = read(&cut);
            if found.settled().is_some() && found.settled() != settled {
                wrong.push(format!("{}: {:?} after `{}`", row.id, found.settled(), &row.example[..at]));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

fn stopped(code: &str, reason: &str, containers: Vec<ContainerStop>) -> Symptom {
    read(&Stop { stop_code: Some(code.into()), reason: Some(reason.into()), containers, ..Stop::default() })
}

fn exited(containers: &[(&str, i64)]) -> Symptom {
    let containers = containers.iter().map(|(name, code)| container(name, *code)).collect();
    stopped("EssentialContainerExited", "Essential container in task exited", containers)
}

fn container(name: &str, code: i64) -> ContainerStop {
    ContainerStop { name: Some(name.into()), exit_code: Some(code), ..ContainerStop::default() }
}

#[test]
fn the_container_that_ended_by_itself_is_guilty() {
    for (containers, guilty, cause, settled) in [
        (vec![("web", 0)], Some("web"), CauseId::ApplicationCompleted, true),
        (vec![("web", 1)], Some("web"), CauseId::ApplicationError, false),
        (vec![("web", 3)], Some("web"), CauseId::ApplicationError, true),
        (vec![("web", 137)], Some("web"), CauseId::OutOfMemory, false),
        (vec![("log", 143), ("web", 139)], Some("web"), CauseId::ApplicationCrashed, true),
        (vec![("web", 3), ("log", 137)], Some("web"), CauseId::ApplicationError, true),
        // The job was done, or failed after it: nobody can tell.
        (vec![("job", 0), ("log", 2)], Some("log"), CauseId::ApplicationError, false),
        (vec![("job", 0), ("log", 143)], Some("job"), CauseId::ApplicationCompleted, true),
        (vec![("job", 0), ("log", 137)], Some("job"), CauseId::ApplicationCompleted, false),
        (vec![("a", 1), ("b", 2)], None, CauseId::ApplicationError, false),
    ] {
        let symptom = exited(&containers);
        assert_eq!(symptom.container.as_deref(), guilty, "{containers:?}");
        assert_eq!((symptom.first(), symptom.settled().is_some()), (cause, settled), "{containers:?}");
    }
}

#[test]
fn a_container_that_is_not_essential_is_not_guilty() {
    let migrate = ContainerStop { essential: Some(false), ..container("migrate", 3) };
    let web = ContainerStop { essential: Some(true), ..container("web", 139) };
    let symptom = stopped("EssentialContainerExited", "Essential container in task exited", vec![migrate, web]);
    assert_eq!((symptom.container.as_deref(), symptom.first()), (Some("web"), CauseId::ApplicationCrashed));
}

#[test]
fn what_a_caller_of_stop_task_writes_is_no_error() {
    for reason in
        ["CannotPullContainerError: x: not found", "OutOfMemoryError: Container killed due to memory usage", ""]
    {
        let symptom = stopped("UserInitiated", reason, vec![container("web", 137)]);
        assert_eq!(symptom.settled(), Some(CauseId::StoppedByUser), "{reason}");
    }
}

#[test]
fn the_detail_of_an_ec2_task_stands_in_its_container() {
    let reason = "CannotPullContainerError: Error response from daemon: toomanyrequests: Rate exceeded";
    let web = ContainerStop { name: Some("web".into()), reason: Some(reason.into()), ..ContainerStop::default() };
    let symptom = stopped("TaskFailedToStart", "Task failed to start", vec![container("log", 143), web]);
    assert_eq!((symptom.first(), symptom.container.as_deref()), (CauseId::RegistryRateLimited, Some("web")));
    assert_eq!(symptom.text, reason);
}

#[test]
fn an_unhealthy_proxy_of_service_connect_is_not_the_application() {
    for (name, cause) in
        [("web", CauseId::ContainerHealthCheckFailed), ("ecs-service-connect-a1b2c", CauseId::ServiceConnectUnhealthy)]
    {
        let sick = ContainerStop { health: Some("UNHEALTHY".into()), ..container(name, 143) };
        let symptom = stopped(
            "ServiceSchedulerInitiated",
            "Task failed container health checks",
            vec![container("x", 143), sick],
        );
        assert_eq!((symptom.settled(), symptom.container.as_deref()), (Some(cause), Some(name)));
    }
}

#[test]
fn a_private_address_leads_to_an_endpoint_and_a_public_one_to_a_gateway() {
    let text = "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve ecr registry auth: \
                Post \"https://api.ecr.us-east-1.amazonaws.com/\": dial tcp ADDRESS:443: i/o timeout";
    let at = |address: &str| read(&parse_pasted(&text.replace("ADDRESS", address)).expect("it is a text"));
    let (private, public) = (at("10.0.1.9"), at("52.46.1.2"));
    assert_eq!(
        (private.endpoints.clone(), private.first()),
        (vec!["ecr.api".to_owned()], CauseId::NetworkPathUnexplained)
    );
    assert!(private.strength(CauseId::VpcEndpointSecurityGroupBlocked).is_some());
    assert!(private.strength(CauseId::PublicIpMissing).is_none());
    for cause in [
        CauseId::NoEgressRoute,
        CauseId::PublicIpMissing,
        CauseId::NatGatewayBroken,
        CauseId::RouteBlackhole,
        CauseId::SecurityGroupEgressBlocked,
        CauseId::NetworkAclBlocked,
        CauseId::VpcEndpointMissing,
        CauseId::VpcEndpointPrivateDnsDisabled,
    ] {
        assert_eq!(public.strength(cause), Some(Strength::Allows), "{cause}");
    }
    assert!(public.strength(CauseId::VpcEndpointSecurityGroupBlocked).is_none());
}

#[test]
fn of_many_tasks_the_most_telling_is_read() {
    let text = r#"{"tasks": [
        {"stopCode": "ServiceSchedulerInitiated", "stoppedReason": "Scaling activity initiated by (deployment ecs-svc/1)", "containers": []},
        {"stopCode": "TaskFailedToStart", "stoppedReason": "RESOURCE:GPU", "group": "service:web", "containers": []}]}"#;
    let symptom = read(&parse_pasted(text).expect("it has tasks"));
    assert_eq!(symptom.first(), CauseId::InsufficientGpu);
    assert_eq!(symptom.facts.get("service").and_then(|one| one.as_str()), Some("web"));
}

#[test]
fn values_of_the_environment_are_no_facts() {
    let text = r#"{"stoppedReason": "Essential container in task exited", "stopCode": "EssentialContainerExited",
        "containers": [{"name": "web", "exitCode": 3}],
        "overrides": {"containerOverrides": [{"name": "web", "environment": [{"name": "TOKEN", "value": "hush"}]}]}}"#;
    let symptom = read(&parse_pasted(text).expect("it is a task"));
    assert!(!serde_json::to_string(&symptom).expect("it is plain data").contains("hush"));
    let fragment = &text[1..];
    let symptom = read(&parse_pasted(fragment).expect("it is a piece of a task"));
    assert_eq!(symptom.first(), CauseId::ApplicationError);
    assert!(!serde_json::to_string(&symptom).expect("it is plain data").contains("hush"));
}

/// Words of the patterns, so that random texts come near them.
fn near() -> impl Strategy<Value = String> {
    let words: Vec<String> = PATTERNS.rows.iter().flat_map(|row| row.example.split(' ')).map(str::to_owned).collect();
    prop::collection::vec(prop_oneof![3 => prop::sample::select(words), 1 => "\\PC{0,6}"], 0..40)
        .prop_map(|all| all.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn reading_never_panics(reason in near(), other in "\\PC{0,80}", code in proptest::option::of(-5_i64..300)) {
        let container = ContainerStop { reason: Some(other.clone()), exit_code: code, ..ContainerStop::default() };
        let stop = Stop { reason: Some(reason.clone()), containers: vec![container], ..Stop::default() };
        prop_assert!(!read(&stop).claims.is_empty());
        for text in [reason, other] {
            if let Ok(stop) = parse_pasted(&text) {
                prop_assert!(!read(&stop).claims.is_empty());
            }
        }
    }

    #[test]
    fn pasted_json_never_panics(json in r#"[\[\]{}":,a-z0-9 ]{0,60}"#, name in "stoppedReason|containers|detail|events|message|items") {
        for text in [json.clone(), format!(r#"{{"{name}": {json}}}"#), format!(r#"{{"{name}": [{{"message": "{json}"#)] {
            if let Ok(stop) = parse_pasted(&text) {
                prop_assert!(!read(&stop).claims.is_empty());
            }
        }
    }

    /// Terminals, consoles and people cut texts at both ends.
    #[test]
    fn a_piece_of_a_text_settles_what_the_whole_settles_or_nothing(
        row in prop::sample::select(PATTERNS.rows.iter().collect::<Vec<_>>()),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
    ) {
        let whole = example(row);
        let ends: Vec<usize> = row.example.char_indices().map(|(at, _)| at).chain([row.example.len()]).collect();
        let begins: Vec<usize> =
            ends.iter().copied().filter(|at| *at == 0 || row.example.as_bytes()[at - 1] == b' ').collect();
        let from = begins[from.index(begins.len())];
        let to = ends[to.index(ends.len())].max(from);
        let found = read(&Stop { reason: Some(row.example[from..to].to_owned()), ..whole.clone() });
        prop_assert!(found.settled().is_none() || found.settled() == read(&whole).settled(), "{}: {found:?}", row.id);
    }

    #[test]
    fn at_most_the_first_claim_settles(text in near()) {
        let symptom = read(&Stop { reason: Some(text), ..Stop::default() });
        prop_assert!(symptom.claims.iter().skip(1).all(|claim| claim.strength == Strength::Allows));
    }
}

#[test]
fn a_service_call_is_no_service() {
    let text = "service call has been retried 3 time(s): RequestError: send request failed";
    let stop = super::message(text, None, None, None, None);
    assert_eq!(super::read(&stop).facts.get("service"), None);
}

#[test]
fn what_a_text_names_is_read_letter_by_letter() {
    for (text, name, value) in [
        (
            "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [migrate(web:1) \
             (STOPPED->RUNNING) - Exit: 3] for target [app(web:1) (NONE->RUNNING)] as dependency did not exit successfully.",
            "dependency",
            Some("migrate"),
        ),
        (
            "Get \"https://registry.example.org/v2/\": unauthorized: incorrect username",
            "registry",
            Some("registry.example.org"),
        ),
        (
            "failed open: unexpected status code https://cdn.example.org/blobs/00: 403",
            "endpoint",
            Some("cdn.example.org"),
        ),
        ("failed open: unexpected status code https://cdn.exam", "endpoint", None),
    ] {
        let symptom = read(&parse_pasted(text).expect("it is a text"));
        assert_eq!(symptom.fact(name), value, "{text}");
    }
}

#[test]
fn a_host_that_is_none_of_awss_is_another_registry() {
    let first = |host: &str| {
        let text = format!(
            "CannotPullContainerError: Get \"https://{host}/v2/x/manifests/1\": unauthorized: authentication required"
        );
        read(&parse_pasted(&text).expect("it is a text")).settled()
    };
    assert_eq!(first("registry.example.org"), Some(CauseId::RegistryCredentialsRejected));
    assert_eq!(first("111122223333.dkr.ecr.us-east-1.amazonaws.com"), None, "there it is a matter of roles");
}

#[test]
fn an_exit_code_in_words_is_one() {
    for text in ["Container exited with code 139", "web exited (139)", "exit code: 139"] {
        assert_eq!(read(&parse_pasted(text).expect("it is a text")).first(), CauseId::ApplicationCrashed, "{text}");
    }
}

#[test]
fn the_innermost_words_are_those_of_the_runtime() {
    let inner = |text: &str| read(&parse_pasted(text).expect("it is a text")).inner();
    let runc = "CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create shim \
                task: OCI runtime create failed: runc create failed: unable to start container process: error during container \
                init: error setting rlimit type 7: operation not permitted: unknown";
    assert_eq!(inner(runc), "error setting rlimit type 7: operation not permitted");
    assert_eq!(inner("CgroupError: no room"), "no room", "without layers, what follows the name of the error");
    assert!(inner(&format!("CgroupError: {}", "ü".repeat(300))).ends_with("..."), "it is cut between characters");
}

#[test]
fn what_the_kubelet_says_of_a_pull_is_read_as_event_pod_and_description() {
    const ECR: &str = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:v2";
    let resolve = |inner: &str| {
        format!(
            "Failed to pull image \"{ECR}\": rpc error: code = Unknown desc = failed to pull and unpack image \"{ECR}\": failed to resolve reference \"{ECR}\": {inner}"
        )
    };
    let rows = [
        (format!("Back-off pulling image \"{ECR}\""), CauseId::Unknown, "why, the event before it says"),
        (
            format!("Back-off pulling image \"{ECR}\": ErrImagePull: {}", resolve(&format!("{ECR}: not found"))),
            CauseId::ImageTagNotFound,
            "newer kubelets append it",
        ),
        (
            resolve(
                "pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials",
            ),
            CauseId::EcrAuthDenied,
            "no token: the node's role, or the credential provider",
        ),
        (
            resolve(
                "unexpected status from HEAD request to https://111122223333.dkr.ecr.us-east-1.amazonaws.com/v2/web/manifests/v2: 403 Forbidden",
            ),
            CauseId::EcrPullDenied,
            "a token without the right",
        ),
        (resolve("no match for platform in manifest: not found"), CauseId::ImagePlatformMismatch, ""),
        (
            resolve(
                "failed to do request: Head \"https://111122223333.dkr.ecr.us-east-1.amazonaws.com/v2/web/manifests/v2\": dial tcp 44.213.79.10:443: i/o timeout",
            ),
            CauseId::NetworkPathUnexplained,
            "",
        ),
    ];
    for (text, cause, why) in rows {
        let event = serde_json::json!({"involvedObject": {"kind": "Pod"}, "reason": "Failed", "message": text});
        let waiting = serde_json::json!({"reason": "ImagePullBackOff", "message": text});
        let container = serde_json::json!({"name": "web", "state": {"waiting": waiting}});
        let pod = serde_json::json!({"kind": "Pod", "status": {"containerStatuses": [container]}});
        let described = format!(
            "Normal   Scheduled  2m  default-scheduler  Successfully assigned prod/web-0 to ip-10-0-1-2\n  \
             Normal   Pulling    1m (x4 over 2m)  kubelet  Pulling image \"{ECR}\"\n  \
             Warning  Failed     1m (x4 over 2m)  kubelet  {text}\n  \
             Warning  Failed     1m (x6 over 2m)  kubelet  Error: ImagePullBackOff"
        );
        for pasted in [text.clone(), event.to_string(), pod.to_string(), described] {
            let symptom = read(&parse_pasted(&pasted).expect("it is a stop"));
            let claimed = symptom.first() == cause || symptom.claims.iter().any(|claim| claim.cause == cause);
            assert!(claimed, "{why}: {cause} is not among {:?} of {pasted}", symptom.claims);
            assert_eq!(symptom.stage, Stage::Image, "{pasted}");
        }
    }
}
