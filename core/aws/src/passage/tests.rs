use super::*;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

fn classified(status: u16, body: &'static str, header: Option<&'static str>, before: RetryAction) -> RetryAction {
    let mut response = HttpResponse::new(StatusCode::try_from(status).expect("a status"), SdkBody::from(body));
    if let Some(value) = header {
        response.headers_mut().insert("retry-after", value);
    }
    let mut context = InterceptorContext::new(Input::doesnt_matter());
    context.set_response(response);
    RateExceeded.classify_retry_v2(&context, &before)
}

#[test]
fn throttling_is_known_by_its_status_or_by_its_words() {
    let nothing = || RetryAction::NoActionIndicated;
    let exceeded = r#"{"__type": "ClientException", "message": "Rate exceeded"}"#;
    assert_eq!(classified(400, exceeded, None, nothing()), RetryAction::throttling_error());
    assert_eq!(classified(429, "", None, nothing()), RetryAction::throttling_error());
    assert_eq!(classified(400, r#"{"__type": "ClientException", "message": "x"}"#, None, nothing()), nothing());
    // A log line of a task is no refusal.
    assert_eq!(classified(200, exceeded, None, nothing()), nothing());
    assert_eq!(classified(503, "", None, RetryAction::transient_error()), nothing());
}

#[test]
fn the_time_to_come_back_is_taken_from_either_header() {
    let pause = |seconds| {
        let pause = Duration::from_secs(seconds);
        RetryAction::retryable_error_with_explicit_delay(ErrorKind::ThrottlingError, pause)
    };
    assert_eq!(classified(503, "", Some("3"), RetryAction::throttling_error()), pause(3));
    assert_eq!(classified(429, "", Some(" 2 "), RetryAction::NoActionIndicated), pause(2));
    assert_eq!(classified(400, "", Some("3"), pause(7)), pause(7), "AWS's own header is the more exact one");
    let date = Some("Sun, 22 Nov 2026 00:00:00 GMT");
    assert_eq!(classified(429, "", date, RetryAction::NoActionIndicated), RetryAction::throttling_error());
}

fn request(patience: Duration) -> Request {
    let ticket = Limiter::default().ticket("ECS", "DescribeTasks", "eu-west-1", Urgency::Person);
    Request { ticket, patience, action: String::new(), began: OnceLock::new() }
}

#[tokio::test]
async fn patience_begins_with_the_first_turn() {
    let request = request(Duration::from_secs(25));
    tokio::time::sleep(Duration::from_millis(30)).await;
    request.turn().await;
    let left = request.until() - Instant::now();
    assert!(left > Duration::from_millis(24_980), "{left:?}");
}

#[tokio::test]
async fn throttling_is_retried_for_longer_than_faults() {
    let patient = request(Duration::from_secs(25));
    assert!(!patient.is_over(ATTEMPTS - 1, None));
    assert!(patient.is_over(ATTEMPTS, None));
    assert!(!patient.is_over(ATTEMPTS, Some(None)));
    // Who is asked to come back later than anybody waits need not come back.
    assert!(!patient.is_over(1, Some(Some(Duration::from_secs(20)))));
    assert!(patient.is_over(1, Some(Some(Duration::from_secs(60)))));
    assert!(request(Duration::ZERO).is_over(1, Some(None)));
}
