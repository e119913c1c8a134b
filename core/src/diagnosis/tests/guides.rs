//! What the guides ask of a person, as whole diagnoses; `docs/guides.toml` names these tests.

use super::*;
use crate::causes::fixture::{HOST, IMAGE, TASK as TASK_ARN, log_group, repositories, repository};
use crate::model::Stage;
use crate::report::Status;

const BRIDGE: &str = "CannotPullContainerError: Error response from daemon: pull access denied for";

/// The diagnosis of a task whose image was refused in the words that docker has for many things.
fn refused(fixture: Fixture, image: &str) -> Report {
    let why = format!("{BRIDGE} {image}, repository does not exist or may require 'docker login'");
    report(&fixture.stopped("TaskFailedToStart", &why), &Wish::why(web()))
}

#[test]
fn a_pull_that_was_refused_without_a_reason_has_five_and_the_account_decides() {
    let name = format!("{HOST}/team/web");
    let rights = |statements: &[(&str, String)]| Fixture::fargate().policies("web-execution", &[], statements);
    let token = || ("token", statement("Allow", &["ecr:GetAuthorizationToken"], "*"));
    let pull = || ("pull", statement("Allow", &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], "*"));
    let absent = Fixture::fargate()
        .absent(repository("team/web"))
        .with(repositories(), Known::Repositories(vec!["team/web-app".to_owned()]));
    let denying = {
        let one = serde_json::json!({"Effect": "Deny", "Principal": "*", "Action": "ecr:*"});
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [one]}).to_string();
        let question = crate::causes::fixture::repository_policy();
        Fixture::fargate().with(question, Known::RepositoryPolicy(policy))
    };
    for (fixture, cause) in [
        (absent, CauseId::RepositoryNotFound),
        (rights(&[token()]), CauseId::EcrPullDenied),
        (rights(&[pull()]), CauseId::EcrAuthDenied),
        (denying, CauseId::EcrPullDenied),
    ] {
        let report = refused(fixture, &name);
        let first = report.causes.first().map(|one| (one.id, one.status));
        assert_eq!(first, Some((cause, Status::Confirmed)), "{:#?}", report.causes);
    }
    let sound = refused(Fixture::fargate().unchanged_role("web-execution"), &name);
    assert!(sound.causes.iter().all(|one| one.status != Status::Confirmed), "{:#?}", sound.causes);
    for possible in [CauseId::RepositoryNotFound, CauseId::EcrPullDenied, CauseId::EcrAuthDenied] {
        let cleared = sound.causes.iter().any(|one| one.id == possible && one.status == Status::RuledOut);
        assert!(cleared, "{possible} was looked at: {:#?}", sound.causes);
    }
    let token = "CannotPullContainerError: denied: Your authorization token has expired. Reauthenticate and try again.";
    let old = report(&Fixture::ec2().stopped("TaskFailedToStart", token), &Wish::why(web()));
    assert_eq!(old.causes[0].id, CauseId::RegistryTokenExpired);
}

#[test]
fn a_program_is_not_blamed_before_its_image_is_there() {
    let why = format!(
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {IMAGE}: {IMAGE}: not found"
    );
    let absent = Fixture::fargate().absent(crate::causes::fixture::image("v42"));
    let report = report(&absent.stopped("TaskFailedToStart", &why), &Wish::why(web()));
    assert_eq!(report.causes[0].id, CauseId::ImageTagNotFound);
    let started = |stage: Stage| matches!(stage, Stage::Start | Stage::Run | Stage::Health);
    assert!(!report.causes.iter().any(|one| started(one.stage)), "{:#?}", report.causes);
    for stage in report.launch_path.iter().filter(|one| started(one.stage)) {
        assert!(stage.checks.iter().all(|check| check.state != CheckState::Failed), "{stage:#?}");
    }
}

#[test]
fn a_report_says_that_the_container_wrote_nothing_and_not_where_it_did_not_look() {
    let stream = format!("web/app/{}", TASK_ARN.rsplit('/').next().unwrap_or_default());
    let lines = Question::LogLines { region: REGION.to_owned(), group: "/ecs/web".to_owned(), stream };
    let ended =
        Fixture::fargate().ended("EssentialContainerExited", "Essential container in task exited", Some(3), None);
    let notes = |fixture: &Fixture| {
        let file = EvidenceFile { logs: true, ..evidence_file(fixture, &Wish::why(web())) };
        replay(&file).expect("there is a report").notes.join("\n")
    };
    let silent = notes(&ended.clone().with(lines.clone(), Known::LogLines(vec![])));
    assert!(silent.contains("container app wrote no line into its log (/ecs/web"), "{silent}");
    let without = notes(&ended.clone().absent(lines.clone()));
    assert!(without.contains("never got as far as writing a line"), "{without}");
    let unread = notes(&ended.gap(lines));
    assert!(!unread.contains("line"), "what could not be read is not empty: {unread}");
    let group = log_group("/ecs/web");
    assert_eq!(report(&Fixture::fargate().absent(group), &Wish::check(web())).causes[0].id, CauseId::LogGroupMissing);
}

#[test]
fn a_secret_of_another_region_is_out_of_reach_where_only_this_regions_endpoints_are() {
    let elsewhere = crate::causes::fixture::SECRET.replace("us-east-1", "eu-west-1");
    let closed = Fixture::endpoints().app(|app| app.secrets[0].value_from = elsewhere.clone());
    let why = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 5 time(s): failed to fetch secret SECRET from secrets manager: RequestCanceled: request context canceled caused by: context deadline exceeded. Please check your task network configuration.";
    let stopped = closed.stopped("TaskFailedToStart", &why.replace("SECRET", &elsewhere));
    let report = report(&stopped, &Wish::why(web()));
    let first = &report.causes[0];
    assert_eq!((first.endpoint.as_deref(), first.status), (Some("secretsmanager"), Status::Confirmed), "{first:#?}");
    assert_eq!(first.stage, Stage::Reachability);
    assert!(first.explanation.contains("eu-west-1"), "{}", first.explanation);
}
