//! What AWS answers instead of an answer: absent, a gap, or the end of the run.
//!
//! The codes are those of the services' API references. One table serves all services: no code means two things.

use crate::journal::BrokenOff;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use ecs_why_core::account::AccountError;
use ecs_why_core::evidence::{Answer, Gap, GapReason};
use std::error::Error;

/// What a question comes to: known, absent, or refused.
pub(crate) type Asked<T> = Result<Option<T>, Refused>;

/// A request that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) class: Class,
    /// In AWS's words, or those of the SDK.
    pub(crate) detail: String,
}

/// What is behind a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// The thing is not there.
    Absent,
    /// The credentials may not read it.
    Denied,
    /// Too many requests, for longer than we wait.
    Throttled,
    /// No connection could be made.
    NoConnection,
    /// No answer, half of one, or a fault of AWS.
    NoAnswer,
    /// There are no credentials to sign with.
    NoCredentials,
    /// AWS knows these credentials no longer.
    Expired,
    /// AWS does not know these credentials, or not in this region.
    NotRecognized,
    /// AWS does not take the request as it is.
    Invalid,
    /// The service does not know the action, or does not do it here.
    Unsupported,
}

/// Why there are no credentials, in words that need nothing around them.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Told {
    class: Class,
    text: String,
}

impl Told {
    pub(crate) fn new(class: Class, text: impl Into<String>) -> Self {
        Told { class, text: text.into() }
    }

    /// The same, with what else was tried.
    pub(crate) fn and(self, more: &str) -> Self {
        Told { text: format!("{}; {more}", self.text), ..self }
    }

    /// The one behind an error, if there is one.
    pub(crate) fn within(error: &(dyn Error + 'static)) -> Option<Told> {
        std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref().cloned())
    }
}

impl From<Told> for CredentialsError {
    fn from(told: Told) -> CredentialsError {
        CredentialsError::provider_error(told)
    }
}

/// What decides how a refusal is taken.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Before<'a> {
    /// Somebody at AWS has answered before.
    pub(crate) reached: bool,
    /// AWS has accepted these credentials before.
    pub(crate) accepted: bool,
    /// Where requests go: a region, or a URL.
    pub(crate) place: &'a str,
}

impl Refused {
    pub(crate) fn new(class: Class, detail: impl Into<String>) -> Self {
        Refused { class, detail: detail.into() }
    }

    /// The answer that it is.
    ///
    /// # Errors
    /// When no further question would fare better.
    pub(crate) fn settle(self, before: Before<'_>) -> Result<Answer, AccountError> {
        let Before { reached, accepted, place } = before;
        let reason = match self.class {
            Class::Absent => return Ok(Answer::Absent),
            Class::NoCredentials => return Err(AccountError::NoCredentials(self.detail)),
            Class::Expired => return Err(AccountError::BadCredentials(self.detail)),
            // A region that is not enabled does not know credentials that are good elsewhere.
            Class::NotRecognized if !accepted => return Err(AccountError::BadCredentials(self.detail)),
            Class::NoConnection if !reached => {
                return Err(AccountError::Unreachable(format!("{} ({place})", self.detail)));
            }
            Class::NotRecognized | Class::Invalid | Class::Unsupported => GapReason::Unsupported,
            Class::Denied => GapReason::Denied,
            Class::Throttled => GapReason::Throttled,
            Class::NoConnection | Class::NoAnswer => GapReason::Unreachable,
        };
        Ok(Answer::Gap(Gap { reason, detail: self.detail }))
    }
}

/// What a code means; EC2's `AuthFailure` and the `ClientException` of ECS need the message, and some answers have no code.
pub(crate) fn classify(code: Option<&str>, status: u16, message: &str) -> Class {
    let Some(code) = code else { return by_status(status) };
    match code {
        "NoSuchEntity" | "NoSuchEntityException" => Class::Absent,
        "ClusterNotFoundException" | "ServiceNotFoundException" | "ServiceNotActiveException" => Class::Absent,
        "RepositoryNotFoundException" | "ImageNotFoundException" => Class::Absent,
        "RepositoryPolicyNotFoundException" | "LifecyclePolicyNotFoundException" => Class::Absent,
        "NoSuchBucket" | "NoSuchBucketPolicy" | "ServerSideEncryptionConfigurationNotFoundError" => Class::Absent,
        // In another region than S3 cares to name. A 403 of S3 without a code is of `HEAD`, and says nothing of absence.
        "PermanentRedirect" | "TemporaryRedirect" | "301" => Class::Unsupported,
        "RegistryPolicyNotFoundException" => Class::Absent,
        // What Systems Manager calls a parameter that is not there when it is asked for its tags.
        "InvalidResourceId" => Class::Absent,
        "ResourceNotFoundException" | "NotFoundException" | "NatGatewayNotFound" => Class::Absent,
        // InvalidSubnetID.NotFound, and InvalidSubnetId.NotFound as well
        _ if code.starts_with("Invalid") && code.ends_with(".NotFound") => Class::Absent,
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "Forbidden" | "403" => Class::Denied,
        "AuthFailure" if message.contains("not able to validate") => Class::NotRecognized,
        "AuthFailure" => Class::Denied,
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired" => Class::Expired,
        "SignatureDoesNotMatch" | "InvalidSignatureException" | "IncompleteSignature" => Class::Expired,
        "MissingAuthenticationToken" | "MissingAuthenticationTokenException" => Class::Expired,
        "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId" => Class::NotRecognized,
        "ClientException" if message.contains("Unable to describe task definition") => Class::Absent,
        "ClientException" if message.contains("Rate exceeded") => Class::Throttled,
        "ThrottlingException" | "Throttling" | "RequestLimitExceeded" | "SlowDown" => Class::Throttled,
        "TooManyRequestsException" | "LimitExceededException" | "RequestThrottled" => Class::Throttled,
        "ProvisionedThroughputExceededException" | "RequestThrottledException" | "EC2ThrottledException" => {
            Class::Throttled
        }
        "OptInRequired" | "UnsupportedFeatureException" | "UnsupportedOperation" => Class::Unsupported,
        "UnsupportedOperationException" | "UnknownOperationException" | "InvalidAction" => Class::Unsupported,
        "ServerException" | "InternalServiceError" | "InternalFailure" | "InternalError" => Class::NoAnswer,
        "ServiceUnavailable" | "ServiceUnavailableException" | "DependencyTimeoutException" => Class::NoAnswer,
        "InternalServerError" | "ServiceFailure" | "Unavailable" | "RequestTimeout" => Class::NoAnswer,
        _ if status == 429 => Class::Throttled,
        _ if status >= 500 => Class::NoAnswer,
        _ => Class::Invalid,
    }
}

fn by_status(status: u16) -> Class {
    match status {
        401 | 403 => Class::Denied,
        429 => Class::Throttled,
        // AWS gives each refusal a code: this one is damaged, or somebody else's.
        _ => Class::NoAnswer,
    }
}

impl<E> From<SdkError<E, HttpResponse>> for Refused
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        if let SdkError::ServiceError(refusal) = &error {
            let status = refusal.raw().status().as_u16();
            let (code, message) = (refusal.err().code(), readable(refusal.err().message().unwrap_or_default()));
            let detail = match code {
                Some(code) if message.is_empty() => code.to_owned(),
                Some(code) => format!("{code}: {message}"),
                None => format!("an answer that cannot be read, with HTTP status {status}"),
            };
            return Refused::new(classify(code, status, &message), detail);
        }
        if let Some(Told { class, text }) = Told::within(&error) {
            return Refused::new(class, text);
        }
        let words = chain(&error);
        if contains::<BrokenOff>(&error) {
            return Refused::new(Class::NoAnswer, BrokenOff.to_string());
        }
        if contains::<CredentialsError>(&error) {
            return Refused::new(Class::NoCredentials, words.replace("the credential provider was not enabled: ", ""));
        }
        if let SdkError::ResponseError(_) = &error {
            return Refused::new(Class::NoAnswer, format!("an answer that cannot be read: {words}"));
        }
        let class = match &error {
            SdkError::ConstructionFailure(_) => Class::Invalid,
            // The kinds of connection errors are private to the HTTP client; its words are all that tells them apart.
            SdkError::DispatchFailure(_) if words.contains("(Connect)") || words.contains("HTTP connect timeout") => {
                Class::NoConnection
            }
            _ => Class::NoAnswer,
        };
        Refused::new(class, plain(&words))
    }
}

/// What the HTTP client says of a connection, in words for who has to mend it.
pub(crate) fn plain(words: &str) -> String {
    const SAID: &[(&str, &str)] = &[
        ("client error (Connect): ", ""),
        ("client error (SendRequest): ", ""),
        ("tunnel error: failed to create underlying connection: ", "the proxy cannot be reached: "),
        ("tunnel error: unsuccessful", "the proxy refuses to connect"),
        ("tunnel error: ", "the proxy does not connect: "),
        ("dns error: failed to lookup address information: ", "the name cannot be resolved: "),
        ("tcp connect error: ", ""),
        ("TLS handshake failed: ", "no TLS connection: "),
        ("an error occurred while loading an access token: ", ""),
        ("Error retrieving credentials: external process exited with code exit status: ", "it ended with status "),
        (". Stderr: ", ", and said: "),
        (
            "Error retrieving credentials from external process, could not parse response: ",
            "its answer cannot be read: ",
        ),
        ("Error retrieving credentials from external process: ", "it cannot be run: "),
        ("the credentials provider was not properly configured: ", ""),
        ("ProfileFile provider could not be built: ", ""),
    ];
    let words = SAID.iter().fold(words.to_owned(), |words, (said, meant)| words.replace(said, meant));
    // It goes on with the whole request.
    words.split(" to request `Request {").next().unwrap_or_default().to_owned()
}

/// Whether an error of this type is behind another one.
fn contains<T: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(|error| error.is::<T>())
}

/// The words of an error and of what is behind it, without those that say nothing.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    for error in std::iter::successors(Some(error), |&error| error.source()) {
        let text = error.to_string().lines().map(str::trim).collect::<Vec<_>>().join("; ");
        let empty = matches!(
            text.as_str(),
            "an error occurred while loading credentials"
                | "dispatch failure"
                | "io error"
                | "other"
                | "timeout"
                | "response error"
        );
        if !empty && words.last() != Some(&text) {
            words.push(text);
        }
    }
    readable(&words.join(": "))
}

/// AWS's words without the blob that only `sts:DecodeAuthorizationMessage` could read, and not endless.
fn readable(message: &str) -> String {
    let end = message.find("Encoded authorization failure message").unwrap_or(message.len());
    message[..end].trim().chars().take(1000).collect()
}

#[cfg(test)]
mod tests;
