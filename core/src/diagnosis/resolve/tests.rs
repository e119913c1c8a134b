//! Which task, which revision, which network: of its own time, and not of today.

use super::*;
use crate::causes::fixture::{
    self, ACCOUNT, BEFORE, DEPLOYMENT, Fixture, REGION, REVISION, a_task, at, role_arn, service_deployments,
};
use crate::evidence::{Known, Question};
use crate::model::ecs::{Cluster, Identity, ServiceDeployment, ServiceEvent, ServiceRevision};
use crate::target::Place;

mod gone;

const ID: &str = "0123456789abcdef0123456789abcdef";

fn question(cluster: &str, id: &str) -> Question {
    Question::Task { cluster: cluster.into(), task: id.into() }
}

fn launch_of(fixture: Fixture) -> Fixture {
    let me = Identity { account: ACCOUNT.to_owned(), arn: format!("arn:aws:iam::{ACCOUNT}:user/me") };
    let cluster = Cluster { name: "prod".to_owned(), status: "ACTIVE".to_owned(), instances: 0 };
    let (of, service) = (|| "prod".to_owned(), || "web".to_owned());
    fixture
        .with(Question::Identity {}, Known::Identity(me))
        .with(Question::Cluster { cluster: of() }, Known::Cluster(cluster))
        .with(Question::Services { cluster: of() }, Known::Services(vec![service()]))
        .with(Question::RunningTasks { cluster: of(), service: service() }, Known::RunningTasks(vec![]))
        .with(Question::StoppedTasks { cluster: of(), service: service() }, Known::StoppedTasks(vec![ID.to_owned()]))
}

fn baseline() -> Fixture {
    launch_of(Fixture::fargate())
}

fn of_task() -> Wish {
    let target = Target::Task { cluster: "prod".to_owned(), task: ID.to_owned(), place: Place::default() };
    Wish { logs: false, ..Wish::why(target) }
}

fn of_service() -> Wish {
    let target = Target::Service { cluster: "prod".to_owned(), service: "web".to_owned(), place: Place::default() };
    Wish { logs: false, ..Wish::why(target) }
}

/// What `look` sees in the case of a wish.
fn seen<T>(fixture: &Fixture, wish: &Wish, look: impl FnOnce(&Case<'_>) -> T) -> T {
    let facts = Facts::new(&fixture.evidence);
    match resolve(wish, REGION, at("12:00"), &facts) {
        Ok(case) => look(&case),
        Err(Halt::Unknown) => panic!("not known: {:?}", facts.missing()),
        Err(Halt::Error(error)) => panic!("{error}"),
        Err(Halt::Forgotten(gone)) => panic!("{gone:?}"),
    }
}

fn groups(case: &Case<'_>) -> Option<Vec<String>> {
    case.network.ok().map(|network| network.security_groups.clone())
}

fn grouped(name: &str) -> NetworkConfiguration {
    NetworkConfiguration { security_groups: vec![name.to_owned()], ..NetworkConfiguration::default() }
}

#[test]
fn a_task_has_the_network_of_its_own_deployment_and_not_todays() {
    let moved = baseline()
        .service(|service| {
            service.network = Some(grouped("sg-today"));
            service.deployments[0].network = Some(grouped("sg-of-42"));
            service.deployments[1].network = Some(grouped("sg-of-41"));
        })
        .task(|task| (task.started_by, task.definition) = (Some("ecs-svc/41".to_owned()), BEFORE.to_owned()));
    let read = seen(&moved, &of_task(), |case| (groups(case), case.definition_arn.clone()));
    assert_eq!(read, (Some(vec!["sg-of-41".to_owned()]), Some(BEFORE.to_owned())));
    assert_eq!(seen(&moved, &of_task(), |case| case.subnets.clone()), Ok(vec!["subnet-task".to_owned()]), "its own");
}

#[test]
fn a_deployment_that_is_gone_is_looked_up_by_its_revision_and_never_taken_for_another() {
    let arn = |number: &str| format!("arn:aws:ecs:us-east-1:111111111111:service-deployment/prod/web/{number}");
    let with = |definition: &str| {
        let deployment = ServiceDeployment {
            arn: arn("40"),
            revision: Some("rev-40".to_owned()),
            status: "SUCCESSFUL".to_owned(),
            status_reason: None,
            created: Some(at("05:00")),
            finished: None,
        };
        let revision = ServiceRevision {
            arn: "rev-40".to_owned(),
            definition: definition.to_owned(),
            network: Some(grouped("sg-of-40")),
            launch_type: None,
            created: None,
            digests: indexmap::IndexMap::new(),
        };
        baseline()
            .task(|task| task.started_by = Some("ecs-svc/40".to_owned()))
            .with(service_deployments(), Known::ServiceDeployments(vec![deployment]))
            .with(Question::ServiceRevision { revision: "rev-40".into() }, Known::ServiceRevision(revision))
    };
    assert_eq!(seen(&with(REVISION), &of_task(), groups), Some(vec!["sg-of-40".to_owned()]));
    assert_eq!(seen(&with(BEFORE), &of_task(), groups), None, "it ran another revision than the task");
    let unread = with(REVISION).gap(service_deployments());
    assert_eq!(seen(&unread, &of_task(), groups), None, "and today's are not put in its place");
}

#[test]
fn a_task_of_no_service_keeps_no_groups() {
    let alone = baseline().task(|task| (task.group, task.started_by) = (Some("family:web".to_owned()), None));
    let read = seen(&alone, &of_task(), |case| (groups(case), case.service.is_none(), case.service_known));
    assert_eq!(read, (None, true, Ok(())));
}

#[test]
fn overrides_of_the_task_win_and_a_check_has_none() {
    let overridden = baseline().task(|task| {
        task.overrides.execution_role = Some(role_arn("other"));
        task.overrides.task_role = Some(role_arn("third"));
    });
    let roles = |case: &Case<'_>| {
        let name = |role: Result<Option<crate::case::RoleName>, Unknown>| role.ok().flatten().map(|role| role.name);
        (name(case.execution_role()), name(case.task_role()))
    };
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(seen(&overridden, &of_task(), roles), (some("other"), some("third")));
    let check = Wish { check: true, ..of_service() };
    assert_eq!(seen(&overridden, &check, roles), (some("web-execution"), some("web-task")));
}

#[test]
fn the_platform_comes_from_the_task() {
    for (version, launch) in [("1.4.0", LaunchType::Fargate), ("1.3.0", LaunchType::FargateOld)] {
        let fixture = baseline().task(|task| task.platform_version = Some(version.to_owned()));
        assert_eq!(seen(&fixture, &of_task(), |case| case.launch), launch, "{version}");
    }
    let ec2 = seen(&launch_of(Fixture::ec2()), &of_task(), |case| (case.launch, case.container_instances.clone()));
    assert_eq!(ec2, (LaunchType::Instance, vec![fixture::CONTAINER_INSTANCE.to_owned()]));
}

#[test]
fn a_service_is_its_newest_failed_task_of_the_deployment_that_fails() {
    let task = |id: &str, deployment: &str, code: &str, stopped: &str| {
        let mut task = a_task();
        task.arn = format!("arn:aws:ecs:us-east-1:111111111111:task/prod/{id}");
        (task.started_by, task.stop_code) = (Some(deployment.to_owned()), Some(code.to_owned()));
        task.times.stopped = Some(at(stopped));
        task
    };
    let tasks = [
        task("older", DEPLOYMENT, "TaskFailedToStart", "10:06"),
        task("newest", DEPLOYMENT, "TaskFailedToStart", "10:20"),
        task("of-41", "ecs-svc/41", "TaskFailedToStart", "10:30"),
        task("scaled", DEPLOYMENT, "ServiceSchedulerInitiated", "10:40"),
        task("by-hand", DEPLOYMENT, "UserInitiated", "10:50"),
    ];
    let ids: Vec<String> = ["older", "of-41", "by-hand", "newest", "scaled"].map(str::to_owned).to_vec();
    let listed = Question::StoppedTasks { cluster: "prod".into(), service: "web".into() };
    let fixture = tasks.into_iter().fold(baseline().with(listed, Known::StoppedTasks(ids)), |fixture, task| {
        let id = task.arn.rsplit('/').next().unwrap_or_default().to_owned();
        fixture.with(question("prod", &id), Known::Task(task))
    });
    let chosen = |case: &Case<'_>| case.task.map(|task| task.arn.rsplit('/').next().unwrap_or_default().to_owned());
    assert_eq!(seen(&fixture, &of_service(), chosen).as_deref(), Some("newest"));
    let unread = fixture.gap(question("prod", "newest"));
    let facts = Facts::new(&unread.evidence);
    assert!(matches!(resolve(&of_service(), REGION, at("12:00"), &facts), Err(Halt::Unknown)), "not the one before it");
}

#[test]
fn credentials_of_another_account_are_said_before_anything_else() {
    let place = Place { account: Some("222222222222".to_owned()), ..Place::default() };
    let target = Target::Task { cluster: "prod".to_owned(), task: ID.to_owned(), place };
    let fixture = baseline().absent(question("prod", ID));
    let facts = Facts::new(&fixture.evidence);
    let wish = Wish { logs: false, ..Wish::why(target) };
    let error = resolve(&wish, REGION, at("12:00"), &facts).map(drop);
    assert!(
        matches!(error, Err(Halt::Error(Error::OtherAccount { wanted, have, .. })) if (wanted.as_str(), have.as_str()) == ("222222222222", ACCOUNT))
    );
}

#[test]
fn a_revision_that_is_deregistered_for_good_is_a_lack_and_no_error_for_a_stop() {
    let gone = baseline().absent(fixture::definition(REVISION));
    assert!(seen(&gone, &of_task(), |case| case.definition.is_err() && case.symptom.is_some()));
}
