//! How the live account behaves towards AWS: how fast it asks, what it does when it is throttled, whom it lets go first, and with
//! whose credentials it comes.

use ecs_why_aws::{Live, Options};
use ecs_why_core::account::{Account, AccountError};
use ecs_why_core::evidence::{Answer, GapReason, Question};
use ecs_why_tests::{Request, Stub, alone, block_on, refusal};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const ROLE: &str = "arn:aws:iam::210987654321:role/reader";

fn open(options: Options) -> Live {
    let live = block_on(Live::open(&Options { region: Some("us-east-1".into()), ..options }));
    live.expect("a region is given")
}

fn live(stub: &Stub) -> Live {
    open(Options { endpoint_url: Some(stub.url()), ..Options::default() })
}

/// An account in which everything that is asked for is there.
fn there(request: &Request) -> Option<(u16, String)> {
    let asked: serde_json::Value = serde_json::from_str(&request.body).unwrap_or_default();
    let arn = |kind: &str, name: &serde_json::Value| {
        format!("arn:aws:ecs:us-east-1:1:{kind}/{}", name.as_str().unwrap_or(""))
    };
    let each = |names: &serde_json::Value, make: &dyn Fn(&serde_json::Value) -> serde_json::Value| {
        names.as_array().into_iter().flatten().map(make).collect::<Vec<_>>()
    };
    let body = match request.name().as_str() {
        "ecs:DescribeTasks" => {
            json!({"tasks": each(&asked["tasks"], &|name| json!({"taskArn": arn("task/prod", name)}))})
        }
        "ecs:DescribeServices" => json!({"services": each(&asked["services"], &|name| {
            json!({"serviceArn": arn("service/prod", name), "serviceName": name, "status": "ACTIVE"})
        })}),
        "ecs:DescribeTaskDefinition" => json!({"taskDefinition": {
            "taskDefinitionArn": asked["taskDefinition"], "family": "web", "revision": 1, "containerDefinitions": [],
        }}),
        "iam:ListRolePolicies" => {
            let empty = "<PolicyNames></PolicyNames><IsTruncated>false</IsTruncated>";
            let result = format!("<ListRolePoliciesResult>{empty}</ListRolePoliciesResult>");
            return Some((200, format!("<ListRolePoliciesResponse>{result}</ListRolePoliciesResponse>")));
        }
        _ => return None,
    };
    Some((200, body.to_string()))
}

fn definitions(count: usize) -> Vec<Question> {
    let definition = |number| format!("arn:aws:ecs:us-east-1:1:task-definition/web:{number}");
    (0..count).map(|number| Question::TaskDefinition { definition: definition(number) }).collect()
}

fn unknown(answers: &[(Question, Answer)]) -> Vec<&Answer> {
    answers.iter().map(|(_, answer)| answer).filter(|answer| !matches!(answer, Answer::Known(_))).collect()
}

/// Three of every ten requests of all: much more than AWS ever does, and nothing may be missing in the end.
#[test]
fn with_three_of_ten_throttled_all_is_read_with_few_requests_more() {
    alone("with_three_of_ten_throttled_all_is_read_with_few_requests_more", || {
        let number = AtomicUsize::new(0);
        let stub = Stub::start(None, move |request| {
            if matches!(number.fetch_add(1, Ordering::SeqCst) % 10, 2 | 5 | 8) {
                let code = if request.service == "iam" { "Throttling" } else { "ThrottlingException" };
                return Some(refusal(request, 400, code));
            }
            there(request)
        });
        let live = live(&stub).in_background();
        let task = |number| Question::Task { cluster: "prod".into(), task: format!("{number:032x}") };
        let service = |number| Question::Service { cluster: "prod".into(), service: format!("web-{number}") };
        let role = |number| Question::InlinePolicies { role: format!("web-{number}") };
        let questions = (0..2_000).map(task).chain((0..200).map(service)).chain((0..40).map(role));
        let answers = block_on(live.ask(questions.chain(definitions(20)).collect())).expect("there is an account");
        assert_eq!(answers.len(), 2_260);
        assert_eq!(unknown(&answers), [] as [&Answer; 0]);
        // 20 of tasks, 20 of services, 40 of roles, 20 of definitions.
        assert_eq!(live.calls(), 100);
        let sent = stub.seen().len();
        assert!(sent <= 160, "{sent} requests");
    });
}

#[test]
fn no_second_has_more_requests_than_the_documented_rate() {
    alone("no_second_has_more_requests_than_the_documented_rate", || {
        let times = Arc::new(Mutex::new(vec![]));
        let noted = Arc::clone(&times);
        let stub = Stub::start(None, move |request| {
            noted.lock().expect("nobody panics with it").push(Instant::now());
            there(request)
        });
        let live = live(&stub);
        let answers = block_on(async {
            // The first connection takes long to be set up, and turns would gather behind it.
            live.ask(definitions(1)).await?;
            live.ask(definitions(75)).await
        });
        assert_eq!(unknown(&answers.expect("there is an account")), [] as [&Answer; 0]);
        let times = times.lock().expect("nobody panics with it");
        let within =
            |from: &Instant| times.iter().filter(|at| (*from..*from + Duration::from_secs(1)).contains(*at)).count();
        let most = times.iter().map(within).max().unwrap_or_default();
        // DescribeTaskDefinition: 50 at once, and 20 a second. We take four fifths.
        assert!((40..=70).contains(&most), "{most} within a second");
        let last = times.iter().max().zip(times.iter().min()).map(|(last, first)| *last - *first);
        assert!(last > Some(Duration::from_millis(1_500)), "{last:?}");
    });
}

#[test]
fn a_person_is_answered_while_a_triage_waits() {
    alone("a_person_is_answered_while_a_triage_waits", || {
        let stub = Stub::start(None, there);
        let live = live(&stub);
        let (triage, began) = (live.in_background(), Instant::now());
        let person = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let began = Instant::now();
            let asked = live.ask(definitions(3)).await;
            (asked.map(|answers| unknown(&answers).len()), began.elapsed())
        };
        let (triage, (person, waited)) = block_on(async { tokio::join!(triage.ask(definitions(90)), person) });
        assert_eq!(person, Ok(0));
        assert!(waited < Duration::from_secs(1), "{waited:?}");
        assert_eq!(triage.map(|answers| unknown(&answers).len()), Ok(0));
        assert!(began.elapsed() > Duration::from_secs(2), "the triage had to wait: {:?}", began.elapsed());
    });
}

/// The wait for a turn is no part of the time that a request may take: this queue is longer than the patience with one.
#[test]
fn waiting_for_a_turn_is_no_timeout() {
    alone("waiting_for_a_turn_is_no_timeout", || {
        let stub = Stub::start(None, there);
        let second = Duration::from_secs(1);
        let options = Options { total_timeout: second, read_timeout: second, ..Options::default() };
        let live = open(Options { endpoint_url: Some(stub.url()), ..options });
        let began = Instant::now();
        let answers = block_on(live.ask(definitions(80))).expect("there is an account");
        assert_eq!(unknown(&answers), [] as [&Answer; 0]);
        assert!(began.elapsed() > second * 2, "{:?}", began.elapsed());
    });
}

#[test]
fn an_account_that_does_not_answer_is_given_up_in_time() {
    alone("an_account_that_does_not_answer_is_given_up_in_time", || {
        let stub = Stub::start(None, |_| {
            std::thread::sleep(Duration::from_secs(20));
            None
        });
        let options = Options { total_timeout: Duration::from_secs(2), ..Options::default() };
        let live = open(Options { endpoint_url: Some(stub.url()), ..options });
        let began = Instant::now();
        let answers = block_on(live.ask(definitions(1))).expect("there is an account");
        let unreachable = matches!(&answers[0].1, Answer::Gap(gap) if gap.reason == GapReason::Unreachable);
        assert!(unreachable && began.elapsed() < Duration::from_secs(4), "{answers:?} after {:?}", began.elapsed());
    });
}

fn assumed(request: &Request) -> (u16, String) {
    let credentials = "<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                       <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>";
    let user = format!("<Arn>{ROLE}/ecs-why</Arn><AssumedRoleId>AROA:ecs-why</AssumedRoleId>");
    assert_eq!(request.name(), "sts:AssumeRole");
    let result = format!("<Credentials>{credentials}</Credentials><AssumedRoleUser>{user}</AssumedRoleUser>");
    let result = format!("<AssumeRoleResult>{result}</AssumeRoleResult>");
    (200, format!("<AssumeRoleResponse>{result}</AssumeRoleResponse>"))
}

#[test]
fn a_role_is_taken_once_and_signs_all_requests() {
    alone("a_role_is_taken_once_and_signs_all_requests", || {
        let stub =
            Stub::start(None, |request| if request.service == "sts" { Some(assumed(request)) } else { there(request) });
        let options = Options { assume_role: Some(ROLE.into()), external_id: Some("e-1".into()), ..Options::default() };
        let live = open(Options { endpoint_url: Some(stub.url()), ..options });
        let mut questions = definitions(5);
        questions.push(Question::InlinePolicies { role: "web".into() });
        let answers = block_on(async {
            live.in_region("eu-west-1").ask(definitions(1)).await?;
            live.ask(questions).await
        });
        assert_eq!(unknown(&answers.expect("the role may be taken")), [] as [&Answer; 0]);
        let seen = stub.seen();
        let (taken, asked): (Vec<_>, Vec<_>) = seen.iter().partition(|request| request.service == "sts");
        assert_eq!(taken.len(), 1, "clients and regions share the credentials");
        assert_eq!(taken[0].key, "x", "with the credentials that were found");
        for part in
            ["RoleArn=arn%3Aaws%3Aiam%3A%3A210987654321%3Arole%2Freader", "RoleSessionName=ecs-why", "ExternalId=e-1"]
        {
            assert!(taken[0].body.contains(part), "{part}: {}", taken[0].body);
        }
        assert!(asked.iter().all(|request| request.key == "ASIAROLE"), "{asked:?}");
    });
}

#[test]
fn a_role_that_may_not_be_taken_ends_the_run_and_says_why() {
    alone("a_role_that_may_not_be_taken_ends_the_run_and_says_why", || {
        let stub = Stub::start(None, |request| Some(refusal(request, 403, "AccessDenied")));
        let live =
            open(Options { endpoint_url: Some(stub.url()), assume_role: Some(ROLE.into()), ..Options::default() });
        let ended = block_on(live.ask(definitions(1)));
        let Err(AccountError::NoCredentials(words)) = &ended else { panic!("{ended:?}") };
        assert!(words.contains("AccessDenied") && words.contains("sts:AssumeRole"), "{words}");
    });
}
