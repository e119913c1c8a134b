//! What a person hears who wants to know what is asked, of whom, and why of them: never a key, a token, a signature, a body, or a
//! path (that of a container's credentials is as good as a key).

use crate::passage::Action;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

type Sink = dyn Fn(&str) + Send + Sync;

/// Who hears; by default nobody does. A line may hold text from elsewhere: who shows it escapes it.
#[derive(Clone, Default)]
pub struct Log(Option<Arc<Sink>>);

impl Log {
    /// Every line goes there.
    pub fn to(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Log(Some(Arc::new(sink)))
    }

    pub(crate) fn is_heard(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn say(&self, line: impl FnOnce() -> String) {
        if let Some(sink) = &self.0 {
            sink(&line());
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Log({})", if self.is_heard() { "heard" } else { "unheard" })
    }
}

/// One attempt of a request.
pub(crate) struct Note {
    what: String,
    attempt: String,
    began: Instant,
}

impl Note {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let header = |name: &str| request.headers().get(name).unwrap_or_default();
        // Credential=KEY/DATE/REGION/SERVICE/aws4_request
        let scope = header("authorization").split_once("Credential=").map(|(_, rest)| rest).unwrap_or_default();
        let mut scope = scope.split([',', ' ']).next().unwrap_or_default().split('/').skip(2);
        let (region, service) = (scope.next(), scope.next());
        let in_body = || {
            let body = std::str::from_utf8(request.body().bytes()?).ok()?;
            body.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned)
        };
        let target = || header("x-amz-target").rsplit_once('.').map(|(_, action)| action.to_owned());
        let action = request.extension::<Action>().map(|action| action.0.clone()).or_else(target).or_else(in_body);
        let words = [
            service.map(str::to_owned),
            Some(action.unwrap_or_else(|| request.method().to_owned())),
            region.map(|region| format!("in {region}")),
            Some(format!("at {}", host(request.uri()))),
        ];
        let attempt = header("amz-sdk-request").split(';').find_map(|part| part.trim().strip_prefix("attempt="));
        Note {
            what: words.into_iter().flatten().collect::<Vec<_>>().join(" "),
            attempt: attempt.unwrap_or("1").to_owned(),
            began: Instant::now(),
        }
    }

    /// Tells how it ended. An error's body is read for its code; it is small, and still there afterwards.
    pub(crate) async fn told(
        self,
        mut answered: Result<HttpResponse, ConnectorError>,
        log: &Log,
    ) -> Result<HttpResponse, ConnectorError> {
        let (took, Note { what, attempt, .. }) = (self.began.elapsed().as_millis(), self);
        let how = match &mut answered {
            Ok(response) => {
                let status = response.status().as_u16();
                let code = if status >= 400 { code(response).await } else { None };
                let ids = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];
                let id = ids.iter().find_map(|name| response.headers().get(*name)).unwrap_or("none");
                let code = code.map(|code| format!(" {code}")).unwrap_or_default();
                format!("{status}{code} after {took} ms, attempt {attempt}, request id {id}")
            }
            Err(error) => {
                let words: Vec<String> = std::iter::successors(Some(&*error as &dyn Error), |&error| error.source())
                    .map(ToString::to_string)
                    .collect();
                format!("no answer after {took} ms, attempt {attempt}: {}", words.join(": "))
            }
        };
        log.say(|| format!("{what}: {how}"));
        answered
    }
}

/// The host and port of an address, without who may be named before them.
pub(crate) fn host(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

async fn code(response: &mut HttpResponse) -> Option<String> {
    let named = response.headers().get("x-amzn-errortype").map(str::to_owned);
    let body = std::mem::replace(response.body_mut(), SdkBody::taken());
    let read = ByteStream::new(body).collect().await.ok()?.into_bytes();
    let code = named.or_else(|| code_in(std::str::from_utf8(&read).ok()?));
    *response.body_mut() = SdkBody::from(read);
    code
}

/// `Code`, `prefix#Code` or `Code:http://...`, as the protocols have it.
fn code_in(body: &str) -> Option<String> {
    let of_json = || {
        let body: serde_json::Value = serde_json::from_str(body).ok()?;
        ["__type", "code", "Code"].iter().find_map(|key| body[*key].as_str().map(str::to_owned))
    };
    let of_xml = || Some(body.split_once("<Code>")?.1.split_once("</Code>")?.0.to_owned());
    let code = of_json().or_else(of_xml)?;
    let code = code.rsplit('#').next().unwrap_or_default().split(':').next().unwrap_or_default();
    Some(code.chars().take(100).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn heard() -> (Log, Arc<Mutex<Vec<String>>>) {
        let lines = Arc::new(Mutex::new(vec![]));
        let kept = Arc::clone(&lines);
        (Log::to(move |line| kept.lock().expect("nobody panics with it").push(line.to_owned())), lines)
    }

    fn request() -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from("Action=AssumeRole&TokenCode=123456"));
        request.set_uri("https://user:secret@sts.eu-west-1.amazonaws.com:443/path?token=secret").expect("a URI");
        request.set_method("POST").expect("a method");
        let signed = "AWS4-HMAC-SHA256 Credential=AKIASECRET/20260101/eu-west-1/sts/aws4_request, Signature=secret";
        request.headers_mut().insert("authorization", signed);
        request.headers_mut().insert("x-amz-security-token", "secret");
        request.headers_mut().insert("amz-sdk-request", "attempt=2; max=3");
        request
    }

    #[tokio::test]
    async fn a_refusal_is_told_with_its_code_and_without_any_secret_and_can_still_be_read() {
        let (log, lines) = heard();
        let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>secret</Message></Error></ErrorResponse>";
        let mut refused = HttpResponse::new(403.try_into().expect("a status"), SdkBody::from(body));
        refused.headers_mut().insert("x-amzn-requestid", "id-1");
        let answered = Note::of(&request()).told(Ok(refused), &log).await.expect("it is an answer");
        assert_eq!(answered.body().bytes(), Some(body.as_bytes()));
        let said = lines.lock().expect("nobody panics with it").join("\n");
        assert!(
            said.starts_with("sts AssumeRole in eu-west-1 at sts.eu-west-1.amazonaws.com:443: 403 AccessDenied after "),
            "{said}"
        );
        assert!(said.ends_with("attempt 2, request id id-1"), "{said}");
        assert!(!said.to_lowercase().contains("secret") && !said.contains("123456"), "{said}");
    }

    #[test]
    fn each_protocol_has_its_code() {
        for body in ["{\"__type\": \"com.amazon#Oh\"}", "{\"code\": \"Oh:http://x\"}", "<Error><Code>Oh</Code></Error>"]
        {
            assert_eq!(code_in(body).as_deref(), Some("Oh"), "{body}");
        }
        assert_eq!(code_in("<html>"), None);
    }
}
