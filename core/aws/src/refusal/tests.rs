use super::*;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use std::fmt;

/// An error of no service: its code and message are all that counts.
#[derive(Debug)]
struct Told(ErrorMetadata);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("service error")
    }
}

impl Error for Told {}

impl ProvideErrorMetadata for Told {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

fn answered(code: &str, status: u16, message: &str) -> Refused {
    let status = StatusCode::try_from(status).expect("a status");
    let told = Told(ErrorMetadata::builder().code(code).message(message).build());
    SdkError::service_error(told, HttpResponse::new(status, SdkBody::empty())).into()
}

fn dispatched(error: ConnectorError) -> Refused {
    SdkError::<Told, HttpResponse>::dispatch_failure(error).into()
}

const WORKING: Before<'_> = Before { reached: true, accepted: true, place: "us-east-1" };
const NOTHING_YET: Before<'_> = Before { reached: false, accepted: false, place: "us-east-1" };

fn reason(refused: Refused) -> GapReason {
    match refused.settle(WORKING) {
        Ok(Answer::Gap(gap)) => gap.reason,
        other => panic!("no gap: {other:?}"),
    }
}

#[test]
fn codes_mean_what_the_services_mean_by_them() {
    use Class::*;
    for (code, status, message, expected) in [
        ("NoSuchEntity", 404, "", Absent),
        ("ClusterNotFoundException", 400, "", Absent),
        ("ImageNotFoundException", 400, "", Absent),
        ("LifecyclePolicyNotFoundException", 400, "", Absent),
        ("ResourceNotFoundException", 400, "", Absent),
        ("InvalidResourceId", 400, "", Absent),
        ("InvalidSubnetID.NotFound", 400, "", Absent),
        ("InvalidSubnetId.NotFound", 400, "", Absent),
        ("ClientException", 400, "Unable to describe task definition.", Absent),
        ("ClientException", 400, "Rate exceeded", Throttled),
        ("ClientException", 400, "something else", Invalid),
        ("AccessDeniedException", 400, "", Denied),
        ("AccessDenied", 403, "", Denied),
        ("UnauthorizedOperation", 403, "", Denied),
        ("AuthFailure", 401, "The image does not belong to you", Denied),
        ("AuthFailure", 401, "AWS was not able to validate the provided access credentials", NotRecognized),
        ("ExpiredTokenException", 400, "", Expired),
        ("UnrecognizedClientException", 400, "", NotRecognized),
        ("Throttling", 400, "", Throttled),
        ("RequestLimitExceeded", 503, "", Throttled),
        ("Whatever", 429, "", Throttled),
        ("Whatever", 500, "", NoAnswer),
        ("ServerException", 500, "", NoAnswer),
        ("UnknownOperationException", 400, "", Unsupported),
        ("InvalidSubnetID.Malformed", 400, "", Invalid),
    ] {
        assert_eq!(classify(Some(code), status, message), expected, "{code} {message}");
    }
}

#[test]
fn an_answer_without_a_code_is_read_by_its_status() {
    assert_eq!(classify(None, 403, ""), Class::Denied);
    assert_eq!(classify(None, 502, ""), Class::NoAnswer);
    assert_eq!(classify(None, 404, ""), Class::NoAnswer);
}

#[test]
fn refusals_settle_as_gaps_with_the_words_of_aws() {
    let denied = answered("AccessDeniedException", 400, "User: me is not authorized to perform: ecs:DescribeTasks");
    let Ok(Answer::Gap(gap)) = denied.settle(NOTHING_YET) else { panic!("a denial is a gap") };
    assert_eq!(gap.reason, GapReason::Denied);
    assert_eq!(gap.detail, "AccessDeniedException: User: me is not authorized to perform: ecs:DescribeTasks");
    assert_eq!(reason(answered("ThrottlingException", 400, "")), GapReason::Throttled);
    assert_eq!(reason(answered("InternalFailure", 500, "")), GapReason::Unreachable);
    assert_eq!(reason(answered("ValidationException", 400, "")), GapReason::Unsupported);
}

#[test]
fn what_is_not_there_is_an_answer() {
    assert_eq!(answered("NoSuchEntity", 404, "The role cannot be found").settle(WORKING), Ok(Answer::Absent));
}

#[test]
fn expired_credentials_end_the_run_at_any_time() {
    for before in [NOTHING_YET, WORKING] {
        let ended = answered("ExpiredToken", 400, "The token has expired").settle(before);
        assert_eq!(ended, Err(AccountError::BadCredentials("ExpiredToken: The token has expired".into())));
    }
}

#[test]
fn a_region_that_is_not_enabled_is_a_gap_once_the_credentials_were_accepted() {
    let refused = || answered("UnrecognizedClientException", 400, "The security token is invalid");
    assert!(matches!(refused().settle(NOTHING_YET), Err(AccountError::BadCredentials(_))));
    assert_eq!(reason(refused()), GapReason::Unsupported);
}

#[test]
fn no_connection_ends_the_run_only_if_nothing_was_reached_before() {
    let refused = || dispatched(ConnectorError::io("client error (Connect): tcp connect error: no route".into()));
    assert_eq!(refused().settle(NOTHING_YET), Err(AccountError::Unreachable("no route (us-east-1)".into())));
    assert_eq!(reason(refused()), GapReason::Unreachable);
}

#[test]
fn a_connection_that_breaks_and_a_timeout_are_gaps() {
    for refused in [
        dispatched(ConnectorError::io("connection reset".into())),
        dispatched(ConnectorError::timeout("HTTP read timeout occurred after 10s".into())),
        SdkError::<Told, HttpResponse>::timeout_error("operation timeout").into(),
    ] {
        assert_eq!(refused.class, Class::NoAnswer);
        assert!(matches!(refused.settle(NOTHING_YET), Ok(Answer::Gap(_))));
    }
}

#[test]
fn without_credentials_nothing_can_be_asked() {
    let none = CredentialsError::not_loaded("no providers in chain provided credentials");
    let refused = dispatched(ConnectorError::other(none.into(), None));
    assert!(matches!(refused.settle(WORKING), Err(AccountError::NoCredentials(_))));
}

#[test]
fn the_blob_of_a_denial_is_cut_off() {
    let refused = answered("UnauthorizedOperation", 403, "Not you. Encoded authorization failure message: 3zYb7");
    assert_eq!(refused.detail, "UnauthorizedOperation: Not you.");
}

#[test]
fn half_an_answer_is_no_answer() {
    let response = HttpResponse::new(StatusCode::try_from(200).expect("a status"), SdkBody::empty());
    let refused: Refused = SdkError::<Told, _>::response_error(BrokenOff, response).into();
    assert_eq!(refused, Refused::new(Class::NoAnswer, "the answer breaks off"));
}
