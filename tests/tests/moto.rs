//! The live account against a real moto server: paging, absence, refusals, retries, and what must not be kept.
#![allow(clippy::panic)] // a test that cannot run must fail, and loudly

use ecs_why_aws::{Live, Options};
use ecs_why_core::account::{Account, AccountError};
use ecs_why_core::diagnosis::{Engine, Silent, Wish, replay};
use ecs_why_core::evidence::{Answer, GapReason, Known, Question};
use ecs_why_core::model::stores::ImageId;
use ecs_why_core::report::Report;
use ecs_why_core::target::Target;
use ecs_why_tests::{HIDDEN, Moto, Request, Stub, World, alone, block_on, refusal};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[path = "moto/stores.rs"]
mod stores;

const ACCOUNT: &str = "123456789012";

fn live(url: &str) -> Live {
    let options =
        Options { region: Some("us-east-1".into()), endpoint_url: Some(url.to_owned()), ..Options::default() };
    block_on(Live::open(&options)).expect("a region is given")
}

/// Asks a question of the account behind an address, in a runtime of its own.
fn ask(url: &str, question: Question) -> Result<Answer, AccountError> {
    let live = live(url);
    block_on(async move {
        let answers = live.ask(vec![question]).await?;
        assert_eq!(answers.len(), 1);
        Ok(answers.into_iter().next().expect("one was asked").1)
    })
}

fn here(text: &str) -> String {
    text.to_owned()
}

fn absent_things() -> Vec<Question> {
    let (region, registry) = (|| here("us-east-1"), || here(ACCOUNT));
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:us-east-1:{ACCOUNT}:{rest}");
    vec![
        Question::Cluster { cluster: here("nowhere") },
        Question::Service { cluster: here("prod"), service: here("nothing") },
        Question::TaskDefinition { definition: arn("ecs", "task-definition/nothing:1") },
        Question::Role { role: here("nobody") },
        Question::InlinePolicy { role: here("web-execution"), policy: here("nothing") },
        Question::ManagedPolicy { policy: format!("arn:aws:iam::{ACCOUNT}:policy/nothing") },
        Question::InstanceProfile { profile: here("nothing") },
        Question::Repository { region: region(), registry: registry(), repository: here("nothing") },
        Question::Image {
            region: region(),
            registry: registry(),
            repository: here("web"),
            image: ImageId::Tag(here("v9")),
        },
        Question::RepositoryPolicy { region: region(), registry: registry(), repository: here("web") },
        Question::LifecyclePolicy { region: region(), registry: registry(), repository: here("web") },
        Question::Subnet { subnet: here("subnet-0123456789abcdef0") },
        Question::Vpc { vpc: here("vpc-0123456789abcdef0") },
        Question::SecurityGroup { group: here("sg-0123456789abcdef0") },
        Question::NetworkInterface { interface: here("eni-0123456789abcdef0") },
        Question::Instance { instance: here("i-0123456789abcdef0") },
        Question::Secret { region: region(), secret: arn("secretsmanager", "secret:nothing-AbCdEf") },
        Question::Parameter { region: region(), parameter: here("/nothing") },
        Question::Key { region: region(), key: here("12345678-1234-1234-1234-123456789012") },
        Question::LogGroup { region: region(), group: here("/nothing") },
    ]
}

#[test]
fn lists_are_read_to_the_end() {
    alone("lists_are_read_to_the_end", || {
        let moto = Moto::start();
        let world = World::healthy(&moto);
        for number in 0..24 {
            world.another(&moto, &format!("other-{number}"));
        }
        for number in 1..120 {
            world.push(&moto, &format!("v1.{number}"), number);
        }
        let services = ask(&moto.url(), Question::Services { cluster: here("prod") });
        let Ok(Answer::Known(Known::Services(names))) = services else { panic!("{services:?}") };
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 25);
        let (region, registry) = (here("us-east-1"), here(ACCOUNT));
        let images = ask(&moto.url(), Question::Images { region, registry, repository: here("web") });
        let Ok(Answer::Known(Known::Images(images))) = images else { panic!("{images:?}") };
        assert_eq!(images.len(), 120);
    });
}

/// A list is not everything because its first page is: this account has one service a page.
#[test]
fn pages_are_followed() {
    alone("pages_are_followed", || {
        let stub = Stub::start(None, |request| {
            assert_eq!(request.name(), "ecs:ListServices");
            let page = ["a", "b", "c"].iter().position(|page| request.body.contains(&format!("\"to-{page}\"")));
            let page = page.map_or(0, |at| at + 1);
            let arn = format!("arn:aws:ecs:us-east-1:{ACCOUNT}:service/prod/web-{page}");
            let next = ["a", "b", "c"].get(page).map(|name| format!("to-{name}"));
            Some((200, serde_json::json!({"serviceArns": [arn], "nextToken": next}).to_string()))
        });
        let services = ask(&stub.url(), Question::Services { cluster: here("prod") });
        let Ok(Answer::Known(Known::Services(names))) = services else { panic!("{services:?}") };
        assert_eq!(names, ["web-0", "web-1", "web-2", "web-3"]);
        assert_eq!(stub.count("ecs:ListServices"), 4);
    });
}

#[test]
fn what_is_not_there_is_absent() {
    alone("what_is_not_there_is_absent", || {
        let moto = Moto::start();
        World::healthy(&moto);
        let url = moto.url();
        let wrong: Vec<String> = absent_things()
            .into_iter()
            .filter_map(|question| match ask(&url, question.clone()) {
                Ok(Answer::Absent) => None,
                other => Some(format!("{question:?}: {other:?}")),
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// Moto leaves a task that is not there out of its answer; ECS says that it is missing.
#[test]
fn a_forgotten_task_is_absent() {
    alone("a_forgotten_task_is_absent", || {
        let question = || Question::Task { cluster: here("prod"), task: here("0123456789abcdef0123456789abcdef") };
        for (reason, absent) in [("MISSING", true), ("INTERNAL", false)] {
            let stub = Stub::start(None, move |_| {
                let arn = format!("arn:aws:ecs:us-east-1:{ACCOUNT}:task/prod/0123456789abcdef0123456789abcdef");
                let failures = [serde_json::json!({"arn": arn, "reason": reason})];
                Some((200, serde_json::json!({"tasks": [], "failures": failures}).to_string()))
            });
            let answer = ask(&stub.url(), question());
            assert_eq!(answer == Ok(Answer::Absent), absent, "{reason}: {answer:?}");
        }
    });
}

/// AWS may be silent about what is there: a refusal is neither known nor absent.
#[test]
fn what_is_refused_is_a_gap() {
    alone("what_is_refused_is_a_gap", || {
        let stub = Stub::start(None, |request| {
            let code = if request.service == "ec2" { "UnauthorizedOperation" } else { "AccessDeniedException" };
            let code = if matches!(request.service.as_str(), "iam" | "sts") { "AccessDenied" } else { code };
            Some(refusal(request, if request.service == "ec2" || request.service == "iam" { 403 } else { 400 }, code))
        });
        let mut questions = absent_things();
        questions.extend([
            Question::Clusters {},
            Question::Services { cluster: here("prod") },
            Question::StoppedTasks { cluster: here("prod"), service: here("web") },
            Question::RouteTables { vpc: here("vpc-1") },
            Question::VpcEndpoints { vpc: here("vpc-1") },
            Question::NetworkAcls { vpc: here("vpc-1") },
            Question::NatGateways { vpc: here("vpc-1") },
            Question::DnsSupport { vpc: here("vpc-1") },
            Question::AttachedPolicies { role: here("web") },
            Question::SecretPolicy { region: here("us-east-1"), secret: here("x") },
            Question::KeyPolicy { region: here("us-east-1"), key: here("x") },
            Question::ExpiredImages { region: here("us-east-1"), repository: here("web") },
        ]);
        for question in questions {
            let answer = ask(&stub.url(), question.clone());
            let denied = matches!(&answer, Ok(Answer::Gap(gap)) if gap.reason == GapReason::Denied);
            assert!(denied, "{question:?}: {answer:?}");
            let asked = stub.seen().pop().expect("it was asked").name();
            assert_eq!(asked, question.source().action(), "a gap names the action that was refused");
        }
    });
}

#[test]
fn throttling_is_waited_out() {
    alone("throttling_is_waited_out", || {
        let moto = Moto::start();
        World::healthy(&moto);
        for (name, code, question) in [
            ("ecs:DescribeClusters", "ThrottlingException", Question::Cluster { cluster: here("prod") }),
            ("iam:GetRole", "Throttling", Question::Role { role: here("web-execution") }),
            ("ec2:DescribeSubnets", "RequestLimitExceeded", Question::VpcSubnets { vpc: here("vpc-1") }),
        ] {
            let left = AtomicUsize::new(2);
            let stub = Stub::start(Some(moto.port), move |request| {
                let throttled = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
                throttled.is_ok().then(|| refusal(request, if request.service == "ecs" { 400 } else { 503 }, code))
            });
            let answer = ask(&stub.url(), question);
            assert!(matches!(answer, Ok(Answer::Known(_))), "{name}: {answer:?}");
            assert_eq!(stub.count(name), 3);
        }
    });
}

#[test]
fn throttling_without_an_end_is_a_gap() {
    alone("throttling_without_an_end_is_a_gap", || {
        let stub = Stub::start(None, |request| Some(refusal(request, 400, "ThrottlingException")));
        let answer = ask(&stub.url(), Question::Cluster { cluster: here("prod") });
        assert!(matches!(&answer, Ok(Answer::Gap(gap)) if gap.reason == GapReason::Throttled), "{answer:?}");
        assert!(stub.count("ecs:DescribeClusters") <= 8, "nobody waits for ever");
    });
}

#[test]
fn half_an_answer_is_no_answer() {
    alone("half_an_answer_is_no_answer", || {
        let stub = Stub::start(None, |request| {
            let half = if request.service == "ecs" {
                "{\"clusters\": [{\"clusterName\""
            } else {
                "<DescribeVpcsResponse><vpcSet>"
            };
            Some((200, half.to_owned()))
        });
        for question in [Question::Cluster { cluster: here("prod") }, Question::Vpc { vpc: here("vpc-1") }] {
            let answer = ask(&stub.url(), question);
            assert!(matches!(answer, Ok(Answer::Gap(_))), "{answer:?}");
        }
    });
}

#[test]
fn credentials_that_are_over_end_everything() {
    alone("credentials_that_are_over_end_everything", || {
        for code in ["ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"] {
            let stub = Stub::start(None, move |request| Some(refusal(request, 400, code)));
            let answer = ask(&stub.url(), Question::Cluster { cluster: here("prod") });
            assert!(matches!(answer, Err(AccountError::BadCredentials(_))), "{code}: {answer:?}");
        }
    });
}

#[test]
fn nobody_answers() {
    alone("nobody_answers", || {
        // A port that was free a moment ago.
        let stub = Stub::start(None, |_| None);
        let url = stub.url();
        drop(stub);
        let answer = ask(&url, Question::Cluster { cluster: here("prod") });
        let unreachable = match &answer {
            Err(AccountError::Unreachable(_)) => true,
            Ok(Answer::Gap(gap)) => gap.reason == GapReason::Unreachable,
            _ => false,
        };
        assert!(unreachable, "{answer:?}");
    });
}

/// Ten services in one request, and of what is missing among them none spoils the others.
#[test]
fn questions_that_go_together_are_one_request() {
    alone("questions_that_go_together_are_one_request", || {
        let moto = Moto::start();
        let world = World::healthy(&moto);
        for number in 0..8 {
            world.another(&moto, &format!("other-{number}"));
        }
        let stub = Stub::start(Some(moto.port), |_| None);
        let names = (0..8).map(|number| format!("other-{number}")).chain([here("web"), here("nothing")]);
        let questions: Vec<Question> =
            names.map(|service| Question::Service { cluster: here("prod"), service }).collect();
        let live = live(&stub.url());
        let answers = block_on(live.ask(questions.clone())).expect("moto answers");
        assert_eq!(stub.count("ecs:DescribeServices"), 1);
        assert_eq!(answers.len(), 10);
        for question in questions {
            let answer = answers.iter().find(|(asked, _)| *asked == question).map(|(_, answer)| answer);
            let Question::Service { service, .. } = &question else { continue };
            match answer {
                Some(Answer::Known(Known::Service(found))) => assert_eq!(found.name, *service),
                Some(Answer::Absent) => assert_eq!(service, "nothing"),
                other => panic!("{service}: {other:?}"),
            }
        }
    });
}

fn diagnosed(url: &str) -> ecs_why_core::diagnosis::Diagnosis {
    let target = Target::parse("prod/web", None).expect("it is a target");
    let engine = Engine::new(Arc::new(live(url)), "us-east-1");
    block_on(engine.diagnose(&Wish::check(target), &Silent)).expect("moto answers")
}

#[test]
fn a_diagnosis_asks_nothing_twice_and_keeps_no_secret() {
    alone("a_diagnosis_asks_nothing_twice_and_keeps_no_secret", || {
        let moto = Moto::start();
        World::healthy(&moto);
        let stub = Stub::start(Some(moto.port), |_| None);
        let diagnosis = diagnosed(&stub.url());
        let seen = stub.seen();
        for (at, request) in seen.iter().enumerate() {
            assert!(!seen[..at].contains(request), "asked twice: {request:?}");
            let reads =
                ["Describe", "Get", "List", "Lookup", "Batch"].iter().any(|verb| request.action.starts_with(verb));
            assert!(reads, "{} is no reading", request.name());
        }
        assert_eq!(diagnosis.evidence.calls, seen.len() as u64, "calls are counted");
        let kept = diagnosis.evidence.to_text();
        assert!(kept.contains("PASSWORD") && !kept.contains(HIDDEN), "{kept}");
        assert_eq!(replay(&diagnosis.evidence).expect("it was recorded"), diagnosis.report);
        assert_eq!(diagnosis.report.outcome.as_str(), "sound", "{:#?}", diagnosis.report.causes);
    });
}

/// Each action of a diagnosis refused in turn: the gap is named, and a sound service is not blamed.
/// Actions whose answers the report rests on. What was asked for advice alone is no gap: advice is silent about it.
fn reported(report: &Report) -> BTreeSet<&str> {
    let checks = report.launch_path.iter().flat_map(|stage| &stage.checks);
    let judged: BTreeSet<&String> = checks.flat_map(|check| &check.evidence).collect();
    let advised: BTreeSet<&String> = report.advice.iter().flat_map(|one| &one.evidence).collect();
    let all = report.evidence.iter().filter(|one| judged.contains(&one.id) || !advised.contains(&one.id));
    all.map(|one| one.source.as_str()).collect()
}

#[test]
fn a_refused_action_is_a_named_gap() {
    alone("a_refused_action_is_a_named_gap", || {
        let moto = Moto::start();
        World::healthy(&moto);
        let whole = diagnosed(&moto.url());
        let actions = reported(&whole.report);
        assert!(actions.len() > 15, "{actions:?}");
        for action in actions.into_iter().filter(|action| !action.starts_with("sts:")) {
            let refused = action.to_owned();
            let stub = Stub::start(Some(moto.port), move |request| {
                let code = if request.service == "ec2" { "UnauthorizedOperation" } else { "AccessDenied" };
                (request.name() == refused).then(|| refusal(request, 403, code))
            });
            let target = Target::parse("prod/web", None).expect("it is a target");
            let engine = Engine::new(Arc::new(live(&stub.url())), "us-east-1");
            let wish = Wish::check(target);
            match block_on(engine.diagnose(&wish, &Silent)) {
                Ok(found) => {
                    let named =
                        found.report.gaps.iter().any(|gap| gap.action == action && gap.reason == GapReason::Denied);
                    assert!(named, "{action}: {:?}", found.report.gaps);
                    let blamed = found.report.causes.iter().find(|cause| cause.status.as_str() == "confirmed");
                    assert!(blamed.is_none(), "{action}: {blamed:?}");
                }
                Err(error) => assert!(error.to_string().contains(action), "{action}: {error}"),
            }
        }
    });
}
