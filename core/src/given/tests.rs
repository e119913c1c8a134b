//! What is taken, what is hidden, and what is said of mistakes.

use super::*;

const SALT: Salt = Salt::new([7; 32]);

const WHOLE: &str = r#"{
    "family": "web",
    "executionRoleArn": "arn:aws:iam::111111111111:role/web-execution",
    "taskRoleArn": "",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256", "memory": "512",
    "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
    "ephemeralStorage": {"sizeInGiB": 30},
    "tags": [{"key": "ManagedBy", "value": "Terraform"}],
    "volumes": [{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1", "authorizationConfig": {"accessPointId": "fsap-1"}}}],
    "containerDefinitions": [{
        "name": "app", "image": "nginx:1", "memoryReservation": 128, "user": "1000",
        "environment": [{"name": "PASSWORD", "value": "hunter2"}],
        "command": ["serve", "--token", "hunter2"],
        "secrets": [{"name": "DB", "valueFrom": "/prod/db"}],
        "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
        "dependsOn": [{"containerName": "init", "condition": "SUCCESS"}],
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/web", "awslogs-datetime-format": "hunter2"}},
        "healthCheck": {"command": ["CMD", "hunter2"]}
    }, {"name": "init", "image": "busybox", "essential": false}]
}"#;

#[test]
fn a_definition_is_read_and_no_value_of_it_is_kept() {
    let read = parse(WHOLE, &SALT).expect("it is one");
    assert_eq!((read.family.as_str(), read.arn.as_str(), read.status.as_deref()), ("web", "given/web", None));
    assert_eq!(
        (read.task_role.as_deref(), read.cpu_architecture.as_deref()),
        (None, Some("ARM64")),
        "an empty role is none"
    );
    assert_eq!(read.other_fields, ["ephemeralStorage", "runtimePlatform"]);
    assert_eq!(read.keeper, Keeper::Terraform { place: None });
    assert_eq!(read.volumes[0].efs_access_point.as_deref(), Some("fsap-1"));
    let app = &read.containers[0];
    assert_eq!((app.essential, read.containers[1].essential), (true, false));
    assert_eq!((app.ports.as_slice(), app.has_health_check), (&[(8080, None)][..], true));
    let log = app.log.as_ref().expect("it logs");
    assert_eq!((log.options.len(), log.hidden.len()), (1, 1));
    let saved = serde_json::to_string(&read).expect("it is data");
    assert!(!saved.contains("hunter2"), "{saved}");
}

/// The error that a change to the whole definition gives.
fn wrong(from: &str, to: &str) -> String {
    assert!(WHOLE.contains(from), "{from}");
    parse(&WHOLE.replacen(from, to, 1), &SALT).expect_err(to).to_string()
}

#[test]
fn a_mistake_is_told_with_its_place() {
    for (from, to, said) in [
        (
            "\"networkMode\"",
            "\"networkmode\"",
            "line 5, column 17: there is no field `networkmode` here; is `networkMode` meant?",
        ),
        ("\"image\": \"nginx:1\"", "\"img\": \"nginx:1\"", "there is no field `img` here"),
        ("\"family\": \"web\",", "\"family\": \"web\", \"revision\": 3,", "`revision` is told by ECS"),
        ("\"cpu\": \"256\"", "\"cpu\": 256", "line 7, column 14: invalid type: integer `256`, expected a string"),
        ("\"family\": \"web\",", "", "missing field `family`"),
        ("\"family\": \"web\"", "\"family\": \"a b\"", "family: it has up to 255 letters"),
        ("\"name\": \"init\"", "\"name\": \"app\"", "containerDefinitions[1].name: another container has that name"),
        ("\"image\": \"busybox\"", "\"image\": \"\"", "containerDefinitions[1].image: it names no image"),
    ] {
        let error = wrong(from, to);
        assert!(error.contains(said), "{error}");
    }
    assert!(parse("{", &SALT).expect_err("half of one").to_string().starts_with("line 1, column 1: EOF"));
    let answer = format!("{{\"taskDefinition\": {WHOLE}}}");
    assert!(parse(&answer, &SALT).expect_err("an answer").to_string().contains("what stands under `taskDefinition`"));
    assert!(wrong("\"containerDefinitions\": [{", "\"containerDefinitions\": [], \"x\": [{").contains("no field `x`"));
}

#[test]
fn an_error_does_not_repeat_what_may_be_secret() {
    for from in ["\"value\": \"hunter2\"", "\"--token\", \"hunter2\"", "\"awslogs-datetime-format\": \"hunter2\""] {
        let error = wrong(from, &from.replace("\"hunter2\"", "4815162342"));
        assert!(error.contains("must be a string") && !error.contains("4815162342"), "{error}");
    }
}
