//! Against a server on this machine that answers from a list, since what counts is what goes over the wire.

use super::*;
use crate::clients::Clients;
use crate::journal::Journal;
use crate::limiter::Urgency;
use crate::log::Log;
use crate::transport::{Transport, Trust};
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use ecs_why_core::evidence::GapReason;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

mod insights;

/// What was asked: the action, and the body.
type Requests = Arc<Mutex<Vec<(String, String)>>>;

/// An account whose every request goes to a server that gives these answers in turn.
fn account(answers: &[(u16, &str)]) -> (Live, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let mut answers: Vec<_> = answers.iter().rev().map(|&(status, body)| (status, body.to_owned())).collect();
    let requests = Requests::default();
    let kept = Arc::clone(&requests);
    std::thread::spawn(move || {
        while let (Some((status, body)), Ok((mut stream, _))) = (answers.pop(), listener.accept()) {
            let request = read(&mut stream);
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(request);
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (live(port), requests)
}

fn live(port: u16) -> Live {
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .retry_config(retries)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("AKID", "secret", None, None, "test")))
        .http_client(SharedHttpClient::new(Transport::new(Trust::System, Log::default())))
        .build();
    let clients = Arc::new(Clients::new(config, Duration::from_secs(25)));
    let here = clients.in_region("us-east-1");
    Live { clients, here, account: Arc::default(), journal: Journal::default(), urgency: Urgency::Person }
}

fn read(stream: &mut TcpStream) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let (mut action, mut length, mut line) = (String::new(), 0, String::new());
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        let (name, value) = line.trim().split_once(':').unwrap_or_default();
        match name.to_lowercase().as_str() {
            "x-amz-target" => action = value.rsplit_once('.').map(|(_, action)| action.to_owned()).unwrap_or_default(),
            "content-length" => length = value.trim().parse().unwrap_or_default(),
            _ => {}
        }
        line.clear();
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    (action, String::from_utf8_lossy(&body).into_owned())
}

fn actions(requests: &Requests) -> Vec<String> {
    let requests = requests.lock().unwrap_or_else(PoisonError::into_inner);
    requests.iter().map(|(action, _)| action.clone()).collect()
}

async fn one(live: &Live, question: Question) -> Result<Answer, AccountError> {
    let mut answers = live.ask(vec![question.clone()]).await?;
    let (asked, answer) = answers.pop().expect("one answer");
    assert!(answers.is_empty() && asked == question);
    Ok(answer)
}

fn services() -> Question {
    Question::Services { cluster: "prod".into() }
}

fn task(task: &str) -> Question {
    Question::Task { cluster: "prod".into(), task: task.into() }
}

#[tokio::test]
async fn pages_are_read_to_the_end_and_each_is_a_call() {
    let (live, requests) = account(&[
        (200, r#"{"serviceArns": ["arn:aws:ecs:us-east-1:1:service/prod/a"], "nextToken": "more"}"#),
        (200, r#"{"serviceArns": ["arn:aws:ecs:us-east-1:1:service/prod/b"]}"#),
    ]);
    let known = Known::Services(vec!["a".into(), "b".into()]);
    assert_eq!(one(&live, services()).await, Ok(Answer::Known(known)));
    assert_eq!(live.calls(), 2);
    assert_eq!(actions(&requests), ["ListServices", "ListServices"]);
}

#[tokio::test]
async fn a_retry_is_no_call() {
    let throttled = r#"{"__type": "ThrottlingException", "message": "Rate exceeded"}"#;
    let (live, requests) = account(&[(400, throttled), (503, ""), (200, r#"{"serviceArns": []}"#)]);
    assert_eq!(one(&live, services()).await, Ok(Answer::Known(Known::Services(vec![]))));
    assert_eq!((live.calls(), actions(&requests).len()), (1, 3));
}

#[tokio::test]
async fn half_of_an_xml_answer_is_a_gap() {
    let half = "<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId></item>";
    let (live, _) = account(&[(200, half)]);
    let Ok(Answer::Gap(gap)) = one(&live, Question::VpcSubnets { vpc: "vpc-1".into() }).await else {
        panic!("half an answer is none")
    };
    assert_eq!(gap.reason, GapReason::Unreachable);
}

#[tokio::test]
async fn questions_of_a_group_go_in_one_request_and_each_is_answered() {
    let told = r#"{
        "tasks": [{"taskArn": "arn:aws:ecs:us-east-1:1:task/prod/a", "stopCode": "TaskFailedToStart"}],
        "failures": [{"arn": "arn:aws:ecs:us-east-1:1:task/prod/b", "reason": "MISSING"}]
    }"#;
    let (live, _) = account(&[(200, told)]);
    let answers = live.ask(vec![task("a"), task("b")]).await.expect("there is an account");
    let Answer::Known(Known::Task(found)) = &answers[0].1 else { panic!("{answers:?}") };
    assert_eq!(found.stop_code.as_deref(), Some("TaskFailedToStart"));
    assert_eq!(answers[1], (task("b"), Answer::Absent));
    assert_eq!(live.calls(), 1);
}

#[tokio::test]
async fn a_name_that_cannot_be_spoils_no_other() {
    let impossible = r#"{"__type": "InvalidParameterException", "message": "taskId length should be one of [32,36]"}"#;
    let known = r#"{"tasks": [{"taskArn": "arn:aws:ecs:us-east-1:1:task/prod/a"}]}"#;
    // The two that are asked for alone may come in either order: this server tells them apart by nothing.
    let (live, requests) = account(&[(400, impossible), (400, impossible), (200, known)]);
    let answers = live.ask(vec![task("a"), task("x")]).await.expect("there is an account");
    assert_eq!(answers.iter().filter(|(_, answer)| *answer == Answer::Absent).count(), 1);
    assert_eq!(actions(&requests).len(), 3);
}

#[tokio::test]
async fn an_answer_that_knows_of_nothing_at_all_is_absence() {
    let (live, _) = account(&[(200, r#"{"tasks": [], "failures": []}"#)]);
    assert_eq!(one(&live, task("a")).await, Ok(Answer::Absent));
}

#[tokio::test]
async fn a_refusal_of_a_group_is_the_answer_to_each() {
    let denied = r#"{"__type": "AccessDeniedException", "message": "not you"}"#;
    let (live, requests) = account(&[(400, denied)]);
    let answers = live.ask(vec![task("a"), task("b")]).await.expect("a denial is an answer");
    assert_eq!(answers.len(), 2);
    for (_, answer) in answers {
        let Answer::Gap(gap) = answer else { panic!("{answer:?}") };
        assert_eq!((gap.reason, gap.detail.as_str()), (GapReason::Denied, "AccessDeniedException: not you"));
    }
    assert_eq!(actions(&requests).len(), 1);
}

#[tokio::test]
async fn what_an_arn_puts_into_another_account_is_not_asked_for() {
    let identity = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/me</Arn>\
                    <Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let (live, requests) = account(&[(200, identity)]);
    let role = Question::Role { role: "arn:aws:iam::444455556666:role/web".into() };
    let Ok(Answer::Gap(gap)) = one(&live, role).await else { panic!("it cannot be read from here") };
    assert_eq!(gap.reason, GapReason::Unsupported);
    assert_eq!(gap.detail, "it belongs to account 444455556666, the credentials to 111122223333");
    assert_eq!(requests.lock().unwrap_or_else(PoisonError::into_inner).len(), 1);
}

#[tokio::test]
async fn nobody_at_the_other_end_ends_the_run() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
    let ended = one(&live(port), services()).await;
    let Err(AccountError::Unreachable(words)) = ended else { panic!("{ended:?}") };
    assert!(words.contains("refused") && words.contains(&format!("127.0.0.1:{port}")), "{words}");
}

#[tokio::test]
async fn expired_credentials_end_the_run() {
    let (live, _) = account(&[(400, r#"{"__type": "ExpiredTokenException", "message": "The token has expired"}"#)]);
    let words = "ExpiredTokenException: The token has expired".to_owned();
    assert_eq!(one(&live, services()).await, Err(AccountError::BadCredentials(words)));
}

#[test]
fn bundles_hold_one_group_and_no_more_than_fits() {
    let mut questions: Vec<_> = (0..101).map(|number| task(&number.to_string())).collect();
    questions.push(services());
    questions.push(Question::Subnet { subnet: "subnet-1".into() });
    let sizes: Vec<_> = bundles(questions).iter().map(Vec::len).collect();
    assert_eq!(sizes, [100, 1, 1, 1]);
}
