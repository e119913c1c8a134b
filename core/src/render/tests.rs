//! Whole reports in every rendering.

use super::*;
use crate::report::Report;

/// The least that a report holds, with `more` laid over it.
pub(super) fn report(more: serde_json::Value) -> Report {
    let mut value = serde_json::json!({
        "schema_version": 1, "target": {"kind": "task"}, "outcome": "failed", "symptom": null, "headline": "", "impact": null,
        "causes": [], "launch_path": [], "evidence": [], "fixes": [], "gaps": [], "timeline": [],
        "cost": {"calls": 0, "rounds": 0, "elapsed_ms": 0}
    });
    let fields = value.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    serde_json::from_value(value).expect("a report")
}

pub(super) fn failed() -> Report {
    report(serde_json::json!({
        "target": {
            "kind": "task", "account": "123456789012", "region": "us-east-1", "cluster": "prod", "service": "payments",
            "task": "arn:aws:ecs:us-east-1:123456789012:task/prod/0123456789abcdef0123456789abcdef",
            "task_definition": "payments:42", "launch_type": "FARGATE"
        },
        "symptom": {
            "stage": "image", "cut": false, "stop_code": "TaskFailedToStart", "container": "app",
            "text": "CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed \
                     open: failed to do request: Get \"https://prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com\
                     /1b2c3d-123456789012-0a1b2c3d/5f70bf18?X-Amz-Security-Token=...\": dial tcp 3.5.25.9:443: i/o timeout",
            "facts": {"address": "3.5.25.9:443", "retries": 5}
        },
        "headline": "payments:42 cannot download its image layers: subnet subnet-0aa1b2c3d4 has no route to S3",
        "impact": {
            "desired": 3, "running": 0, "failing_since": "2026-01-31T09:02:00Z", "still_failing": true, "served_by": null,
            "rolled_back": false,
            "summary": "None of 3 tasks of prod/payments runs. It fails since 2026-01-31 09:02 UTC, 14 times so far, and still does."
        },
        "causes": [
            {
                "id": "vpc-endpoint-missing", "status": "confirmed", "latent": false, "stage": "reachability", "endpoint": "s3",
                "container": null, "resources": ["vpc-0abc1234", "subnet-0aa1b2c3d4", "rtb-0bb2c3d4e5"],
                "explanation": "ECR hands out image layers from S3, and from subnet `subnet-0aa1b2c3d4` nothing leads there: route \
                                table `rtb-0bb2c3d4e5` has no default route, and vpc-0abc1234 has no endpoint for S3.",
                "evidence": ["e1", "e2", "e3", "e4"], "fixes": ["f1", "f2"]
            },
            {
                "id": "log-group-missing", "status": "confirmed", "latent": true, "stage": "logging", "endpoint": null,
                "container": "app", "resources": ["/ecs/payments"],
                "explanation": "log group `/ecs/payments` does not exist in us-east-1, and `awslogs-create-group` is not set.",
                "evidence": ["e5"], "fixes": ["f3"]
            },
            {
                "id": "image-tag-not-found", "status": "ruled-out", "latent": false, "stage": "image", "endpoint": null,
                "container": "app", "resources": [], "explanation": "", "evidence": [], "fixes": []
            },
            {
                "id": "security-group-egress-blocked", "status": "ruled-out", "latent": false, "stage": "reachability",
                "endpoint": "s3", "container": null, "resources": [], "explanation": "", "evidence": [], "fixes": []
            },
            {
                "id": "network-acl-blocked", "status": "ruled-out", "latent": false, "stage": "reachability", "endpoint": "s3",
                "container": null, "resources": [], "explanation": "", "evidence": [], "fixes": []
            }
        ],
        "launch_path": [
            {"stage": "role", "state": "passed", "checks": [
                {"id": "execution-role-is-assumable", "state": "passed", "evidence": []},
            ]},
            {"stage": "image", "state": "unknown", "checks": [
                {"id": "image-tag-exists", "state": "passed", "evidence": []},
                {"id": "registry-token-is-allowed", "state": "unknown", "evidence": []}
            ]}
        ],
        "evidence": [
            {"id": "e1", "source": "message", "subject": "task 0123456789ab", "state": "known", "observed_at": null,
             "summary": "dial tcp 3.5.25.9:443: i/o timeout"},
            {"id": "e2", "source": "ec2:DescribeSubnets", "subject": "subnet-0aa1b2c3d4", "state": "known",
             "observed_at": "2026-01-31T09:20:11Z", "summary": "subnet-0aa1b2c3d4: 10.0.1.0/24 in vpc-0abc1234, us-east-1a"},
            {"id": "e3", "source": "ec2:DescribeRouteTables", "subject": "vpc-0abc1234", "state": "known",
             "observed_at": "2026-01-31T09:20:11Z", "summary": "rtb-0bb2c3d4e5: 10.0.0.0/16 -> local, nothing else"},
            {"id": "e4", "source": "ec2:DescribeVpcEndpoints", "subject": "vpc-0abc1234", "state": "known",
             "observed_at": "2026-01-31T09:20:11Z", "summary": "ecr.api, ecr.dkr, logs; none for s3"},
            {"id": "e5", "source": "logs:DescribeLogGroups", "subject": "/ecs/payments", "state": "absent",
             "observed_at": "2026-01-31T09:20:11Z", "summary": "no such log group"}
        ],
        "fixes": [
            {"id": "f1", "title": "Create the S3 gateway endpoint", "risk": "low",
             "commands": ["aws ec2 create-vpc-endpoint --region us-east-1 --vpc-id vpc-0abc1234 --vpc-endpoint-type Gateway \
                           --service-name com.amazonaws.us-east-1.s3 --route-table-ids rtb-0bb2c3d4e5"],
             "proof": {"state": "partial", "detail": "with this change the image is pulled; log-group-missing remains"},
             "verify": ["ecs-why check prod/payments"],
             "docs": "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html",
             "note": "A gateway endpoint costs nothing."},
            {"id": "f2", "title": "Give the subnet a route through a NAT gateway", "risk": "medium", "commands": ["aws ec2 create-route"],
             "proof": {"state": "proved", "detail": "every check passes"}, "verify": [], "docs": null},
            {"id": "f3", "title": "Create the log group", "risk": "none",
             "commands": ["aws logs create-log-group --log-group-name /ecs/payments"],
             "proof": {"state": "proved", "detail": ""}, "verify": [], "docs": null}
        ],
        "gaps": [
            {"action": "iam:GetRolePolicy", "reason": "denied", "hides": ["ecr-pull-denied", "ecr-auth-denied"],
             "detail": "User: arn:aws:iam::123456789012:user/me is not authorized"}
        ],
        "timeline": [{"at": "2026-01-31T09:20:02Z", "what": "image pull started"}],
        "cost": {"calls": 14, "rounds": 3, "elapsed_ms": 412}
    }))
}

pub(super) fn likely() -> Report {
    report(serde_json::json!({
        "target": {"kind": "service", "account": "123456789012", "region": "eu-west-1", "cluster": "prod", "service": "web",
                   "task_definition": "web:7", "launch_type": "EC2"},
        "outcome": "hanging",
        "headline": "web:7 has waited 12 minutes for its image: probably its instance's way to ECR is barred",
        "symptom": {"stage": "image", "cut": true, "text": "CannotPullContainerError: request canceled while waiting for...", "facts": {}},
        "causes": [
            {"id": "security-group-egress-blocked", "status": "likely", "latent": false, "stage": "reachability", "endpoint": "ecr.api",
             "container": null, "resources": ["sg-0123456789"], "explanation": "no rule of sg-0123456789 lets out to 443.",
             "evidence": [], "fixes": []},
            {"id": "network-acl-blocked", "status": "possible", "latent": false, "stage": "reachability", "endpoint": null,
             "container": null, "resources": [], "explanation": "the ACL may bar it.", "evidence": [], "fixes": []},
            {"id": "route-blackhole", "status": "possible", "latent": false, "stage": "reachability", "endpoint": null,
             "container": null, "resources": [], "explanation": "a route may be dead.", "evidence": [], "fixes": []},
            {"id": "nat-gateway-broken", "status": "possible", "latent": false, "stage": "reachability", "endpoint": null,
             "container": null, "resources": [], "explanation": "the NAT gateway may be dead.", "evidence": [], "fixes": []},
            {"id": "image-tag-not-found", "status": "confirmed", "latent": false, "healed_at": "2026-01-31T09:30:00Z", "stage": "image",
             "endpoint": null, "container": "web", "resources": ["web"], "explanation": "the tag was pushed after the stop.",
             "evidence": [], "fixes": []}
        ],
        "gaps": [
            {"action": "ec2:DescribeNetworkAcls", "reason": "denied", "hides": ["network-acl-blocked"]},
            {"action": "ec2:DescribeRouteTables", "reason": "throttled", "hides": ["route-blackhole", "no-egress-route",
             "s3-gateway-route-missing", "vpc-endpoint-missing"]},
            {"action": "logs:GetLogEvents", "reason": "not-asked", "hides": []}
        ],
        "notes": ["The stop reason names no address, and the route tables could not be read."],
        "log": {"group": "/ecs/web", "stream": "web/web/0123", "lines": ["starting", "\u{1b}[31mERROR\u{1b}[0m\tno way to ECR"]},
        "cost": {"calls": 1, "rounds": 1, "elapsed_ms": 12345}
    }))
}

pub(super) fn stopped() -> Report {
    report(serde_json::json!({
        "target": {"kind": "task", "cluster": "prod", "service": "web", "region": "eu-west-1", "task": "arn:x/0123456789abcdef"},
        "outcome": "stopped-deliberately",
        "headline": "nothing is wrong: web was scaled in from 4 to 3 tasks",
        "symptom": {"stage": "lifecycle", "cut": false, "stop_code": "ServiceSchedulerInitiated", "container": "web", "exit_code": 143,
                    "text": "Scaling activity initiated by (deployment ecs-svc/0123456789012345678)", "facts": {}},
        "causes": [{"id": "scaled-in", "status": "confirmed", "latent": false, "stage": "lifecycle", "endpoint": null, "container": null,
            "resources": ["web"], "explanation": "the service's desired count went from 4 to 3, and this task was chosen.",
            "evidence": ["e1"], "fixes": []}],
        "evidence": [{"id": "e1", "source": "ecs:DescribeServices", "subject": "web", "state": "known",
            "observed_at": "2026-01-31T09:20:11Z", "summary": "desired 3, running 3, steady since 09:15 UTC"}],
        "cost": {"calls": 3, "rounds": 2, "elapsed_ms": 140}
    }))
}

pub(super) fn sound() -> Report {
    let checks = |ids: &[&str], state: &str| -> Vec<serde_json::Value> {
        ids.iter().map(|id| serde_json::json!({"id": id, "state": state, "evidence": []})).collect()
    };
    report(serde_json::json!({
        "target": {"kind": "service", "cluster": "prod", "service": "web", "region": "eu-west-1", "task_definition": "web:8"},
        "outcome": "sound",
        "headline": "web:8 would start: every check of its launch path passes",
        "launch_path": [
            {"stage": "network", "state": "passed", "checks": checks(&["subnet-has-addresses"], "passed")},
            {"stage": "role", "state": "passed", "checks": checks(&["execution-role-is-assumable", "task-role-is-assumable"], "passed")},
            {"stage": "volumes", "state": "not-applicable", "checks": checks(&["file-system-exists"], "not-applicable")},
        ],
        "cost": {"calls": 22, "rounds": 4, "elapsed_ms": 900}
    }))
}

pub(super) fn undetermined() -> Report {
    report(serde_json::json!({
        "target": {"kind": "message"},
        "outcome": "undetermined",
        "headline": "this text does not tell why the task stopped",
        "symptom": {"stage": "unknown", "cut": false, "text": "Essential container in task exited", "facts": {}},
        "causes": [
            {"id": "application-error", "status": "possible", "latent": false, "stage": "run", "endpoint": null, "container": null,
             "resources": [], "explanation": "a container may have ended with an error.", "evidence": ["e1"], "fixes": ["f1"]},
            {"id": "out-of-memory", "status": "possible", "latent": false, "stage": "run", "endpoint": null, "container": null,
             "resources": [], "explanation": "a container may have been killed for its memory.", "evidence": [], "fixes": []},
        ],
        "evidence": [{"id": "e1", "source": "message", "subject": "", "state": "known", "observed_at": null, "summary": "exited"}],
        "fixes": [{"id": "f1", "title": "Read the exit code", "risk": "none", "commands": [], "verify": [],
            "proof": {"state": "not-provable", "detail": "it depends on the application"},
            "docs": "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"}],
        "gaps": [
            {"action": "ecs:DescribeTasks", "reason": "not-asked", "hides": ["application-error", "out-of-memory"]},
            {"action": "logs:GetLogEvents", "reason": "not-asked", "hides": ["application-error"]}
        ]
    }))
}

/// Every text is an attack.
pub(super) fn hostile(text: &str) -> Report {
    fn lay(value: &mut serde_json::Value, text: &str) {
        match value {
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| lay(item, text)),
            serde_json::Value::Object(fields) => {
                for (key, field) in fields.iter_mut() {
                    let fixed = [
                        "id", "kind", "outcome", "stage", "status", "state", "risk", "reason", "hides", "fixes",
                        "evidence",
                    ];
                    let fixed = fixed.contains(&key.as_str())
                        && !field.as_array().is_some_and(|a| a.iter().any(|i| i.is_object()));
                    if !fixed && !key.ends_with("at") && key != "failing_since" {
                        lay(field, text);
                    }
                }
            }
            serde_json::Value::String(field) => *field = text.to_owned(),
            _ => {}
        }
    }
    let mut failed = failed();
    failed.log = likely().log;
    failed.notes = likely().notes;
    let mut value = serde_json::to_value(failed).expect("a report");
    lay(&mut value, text);
    serde_json::from_value(value).expect("a report still")
}

pub(super) const ATTACK: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\n# <img src=x onerror=alert(1)> [x](http://evil) `rm -rf ~` \u{202e}@all\u{2028}\u{8}\u{200b}";

#[test]
fn reports_read_well() {
    let reports = [
        ("failed", failed()),
        ("likely", likely()),
        ("stopped", stopped()),
        ("sound", sound()),
        ("undetermined", undetermined()),
        ("hostile", hostile(ATTACK)),
    ];
    for (name, report) in reports {
        insta::assert_snapshot!(format!("{name}.txt"), text(&report, &Look::default()));
        insta::assert_snapshot!(format!("{name}.md"), markdown(&report, false));
    }
    let all = Look { verbose: true, width: 100, ..Look::default() };
    insta::assert_snapshot!("failed_verbose.txt", text(&failed(), &all));
    let narrow = Look { width: 40, unicode: false, ..Look::default() };
    insta::assert_snapshot!("failed_narrow.txt", text(&failed(), &narrow));
    insta::assert_snapshot!(
        "stopped_color.txt",
        text(&stopped(), &Look { color: true, ..Look::default() }).replace('\u{1b}', "ESC")
    );
    insta::assert_snapshot!("failed.json", json(&failed()));
    let links = Look { links: true, ..Look::default() };
    insta::assert_snapshot!("failed_links.txt", text(&failed(), &links).replace('\u{1b}', "ESC"));
}

/// Nothing but commands and links is wider than wanted, and no line has spaces at its end.
fn fits(text: &str, width: usize) -> Result<(), String> {
    let wide = |line: &&str| {
        escape::width(line) > width && !line.contains("https://") && !line.trim_start().starts_with("aws ")
    };
    match text.lines().find(|line| wide(line) || line.ends_with(' ')) {
        Some(line) => Err(format!("{width}: {line:?}\n{text}")),
        None => Ok(()),
    }
}

#[test]
fn nothing_is_wider_than_wanted() {
    for report in [failed(), likely(), stopped(), sound(), undetermined()] {
        for width in [30, 40, 49, 50, 60, 80, 100] {
            for (verbose, unicode) in [(false, true), (true, true), (true, false)] {
                let text = text(&report, &Look { width, verbose, unicode, ..Look::default() });
                fits(&text, width).expect("it fits");
                assert!(unicode || text.is_ascii());
                assert!(!text.contains("\n\n\n") && !text.ends_with("\n\n"), "{text}");
            }
        }
    }
}

/// What a terminal shows of a text with links.
fn without_links(text: &str) -> String {
    let mut pieces = text.split("\u{1b}]8;;");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.filter_map(|piece| piece.split_once("\u{1b}\\")).fold(first, |shown, (_, rest)| shown + rest)
}

proptest::proptest! {
    #[test]
    fn links_add_nothing_to_what_is_shown(attack in escape::tests::hostile(), width in 30usize..100) {
        for report in [hostile(&attack), failed()] {
            let look = Look { width, verbose: true, ..Look::default() };
            let linked = text(&report, &Look { links: true, ..look });
            proptest::prop_assert_eq!(without_links(&linked), text(&report, &look));
        }
    }

    #[test]
    fn no_field_gets_past(attack in escape::tests::hostile(), width in 30usize..100) {
        let report = hostile(&attack);
        let text = text(&report, &Look { width, verbose: true, ..Look::default() });
        for text in [&text, &markdown(&report, true), &json(&report), &json_line(&report)] {
            proptest::prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{:?}", text);
            proptest::prop_assert!(!text.contains(['\u{202e}', '\u{2066}', '\u{200b}', '\u{2028}', '\u{feff}']), "{:?}", text);
        }
        proptest::prop_assert_eq!(serde_json::from_str::<Report>(&json(&report)).expect("JSON"), report.clone());
        let mut report = report;
        report.fixes.iter_mut().for_each(|fix| (fix.commands, fix.verify, fix.docs) = Default::default());
        for (verbose, unicode) in [(true, true), (false, false)] {
            let text = super::text(&report, &Look { width, verbose, unicode, ..Look::default() });
            proptest::prop_assert!(fits(&text, width).is_ok(), "{:?}", fits(&text, width));
        }
    }
}
