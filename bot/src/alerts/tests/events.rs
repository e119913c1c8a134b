use super::*;
use crate::alerts::event::{Unreadable, read};

fn kind(body: &str) -> String {
    read(body).expect("an event").kind
}

#[test]
fn it_is_told_from_an_event_whether_anybody_has_to_look() {
    let stopped = |reason: &str, code: &str| stop_of(1, "web", 0, reason, code).to_string();
    let mut running = stop_of(1, "web", 0, "", "");
    running["detail"]["lastStatus"] = json!("RUNNING");
    let mut job = stop_of(1, "job", 0, "Essential container in task exited", "EssentialContainerExited");
    job["detail"]["group"] = json!("family:def");
    job["detail"]["containers"][0]["exitCode"] = json!(0);
    let mut other = stop_of(1, "web", 0, "", "");
    other["source"] = json!("aws.ec2");
    for (body, expected) in [
        (stopped(OOM, "EssentialContainerExited"), "stopped"),
        (stopped(NO_IMAGE, "TaskFailedToStart"), "stopped"),
        (stopped("nobody has described that", "TaskFailedToStart"), "stopped"),
        // It may be what was wanted, or a roll-back, or a container that had to be killed: the account tells.
        (stopped("Scaling activity initiated by (deployment ecs-svc/1)", "ServiceSchedulerInitiated"), "stopped"),
        (stopped("Stopped by alice", "UserInitiated"), "other"),
        (running.to_string(), "other"),
        (job.to_string(), "recovered"),
        (other.to_string(), "other"),
        (steady(1, "web", 0), "recovered"),
        (action(1, "web", 0, "SERVICE_DEPLOYMENT_COMPLETED", "INFO", ""), "recovered"),
        (action(1, "web", 0, "SERVICE_DEPLOYMENT_IN_PROGRESS", "INFO", ""), "other"),
        (action(1, "web", 0, "SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", "RESOURCE:CPU"), "failing"),
        (action(1, "web", 0, "SERVICE_TASK_START_IMPAIRED", "WARN", ""), "failing"),
        (
            action(1, "web", 0, "SERVICE_DEPLOYMENT_FAILED", "ERROR", "circuit breaker: task failed to start."),
            "failing",
        ),
        (
            action(
                1,
                "web",
                0,
                "SERVICE_DEPLOYMENT_FAILED",
                "ERROR",
                "circuit breaker: rolling back to deploymentId 1.",
            ),
            "rolled-back",
        ),
    ] {
        assert_eq!(kind(&body), expected, "{body}");
    }
}

#[test]
fn an_event_tells_whose_it_is_and_its_like_have_the_same_kin() {
    let one =
        read(&stop(1, "web", 0, "AccessDenied, request id: 0c9f4a0e-1111-4222-8333-abcdefabcdef")).expect("an event");
    let like =
        read(&stop(2, "web", 9, "AccessDenied, request id: 1c9f4a0e-1111-4222-8333-abcdefabcdef")).expect("an event");
    let others =
        read(&stop(2, "api", 9, "AccessDenied, request id: 1c9f4a0e-1111-4222-8333-abcdefabcdef")).expect("an event");
    let another = read(&stop(3, "web", 9, OOM)).expect("an event");
    assert_eq!(one.owner, "111122223333/eu-west-1/prod/service/web");
    assert_eq!(Whose::parse(&one.owner).map(|whose| whose.to_string()), Some(one.owner.clone()));
    assert_eq!((one.cluster.as_deref(), one.service.as_deref()), (Some("prod"), Some("web")));
    assert_eq!((one.task.as_deref(), one.at), (Some("web-000001"), at(0)));
    assert_eq!(one.kin, like.kin);
    assert_ne!(one.kin, others.kin);
    assert_ne!(one.kin, another.kin);
}

#[test]
fn what_runtask_was_given_is_not_kept() {
    let kept = read(&stop(1, "web", 0, OOM)).expect("an event");
    assert!(!kept.body.contains("hunter2") && !kept.body.contains("PASSWORD"));
    assert!(kept.body.contains("OutOfMemoryError"));
    let mut foreign = stop_of(1, "web", 0, OOM, "");
    foreign["source"] = json!("my.own");
    assert_eq!(read(&foreign.to_string()).expect("an event").body, "");
}

#[test]
fn an_event_by_way_of_sns_is_the_same() {
    let body = stop(1, "web", 0, OOM);
    let wrapped = json!({"Type": "Notification", "MessageId": "m", "Message": body}).to_string();
    assert_eq!(read(&wrapped), read(&body));
}

#[test]
fn what_is_no_event_or_cannot_be_one_is_not_read() {
    let with = |path: &str, value: Value| {
        let mut event = stop_of(1, "web", 0, OOM, "");
        *event.pointer_mut(path).expect("it is there") = value;
        read(&event.to_string()).err()
    };
    assert_eq!(read("").err(), Some(Unreadable::NoEvent));
    assert_eq!(read("{}").err(), Some(Unreadable::NoEvent));
    assert_eq!(read("[1, 2]").err(), Some(Unreadable::NoEvent));
    assert_eq!(read(&"x".repeat(2 << 20)).err(), Some(Unreadable::TooLarge));
    assert_eq!(read(&"[".repeat(500_000)).err(), Some(Unreadable::NoEvent), "so deep that it would overflow a stack");
    assert_eq!(with("/id", json!("")), Some(Unreadable::Without("id")));
    assert_eq!(with("/time", json!("yesterday")), Some(Unreadable::Without("time")));
    // Somebody who can write to the queue makes up another account, another path, other names.
    for (path, value) in [
        ("/account", "999999999999"),
        ("/account", "11112222333"),
        ("/region", "us-east-1"),
        ("/detail/taskArn", "arn:aws:ecs:eu-west-1:111122223333:task/prod/a b"),
        ("/detail/taskArn", "arn:aws:ecs:eu-west-1:111122223333:service/prod/web"),
        ("/detail/clusterArn", "arn:aws:ecs:eu-west-1:111122223333:cluster/pr/../od!"),
        ("/detail/group", "service:<!channel>"),
    ] {
        assert_eq!(with(path, json!(value)), Some(Unreadable::Without("taskArn")), "{path}");
    }
}
