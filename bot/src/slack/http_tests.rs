use super::*;
use crate::platform::{Heard, NotKept, Person, Place, What};
use crate::slack::groups::Groups;
use crate::slack::payload::Own;
use std::sync::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

#[derive(Default)]
struct Ear {
    heard: Mutex<Vec<Heard>>,
    full: bool,
}

#[async_trait::async_trait]
impl crate::platform::Ear for Ear {
    async fn hear(&self, heard: Heard) -> Result<(), NotKept> {
        if self.full {
            return Err(NotKept("the disk is full".to_owned()));
        }
        self.heard.lock().unwrap().push(heard);
        Ok(())
    }

    async fn suggest(&self, _place: &Place, _person: &Person, typed: &str) -> Vec<String> {
        vec![format!("prod/{typed}ments")]
    }
}

/// The listener on a port of its own, and who hears behind it.
async fn listener(full: bool) -> (SocketAddr, Arc<Ear>) {
    let ear = Arc::new(Ear { full, ..Ear::default() });
    let own = Own { user: "UBOT".to_owned(), command: "/why".to_owned() };
    let hearing = Hearing { own, ear: Arc::<Ear>::clone(&ear), groups: Arc::new(Groups::default()) };
    let mut config = SlackConfig::new("xoxb-1".to_owned().into());
    config.signing_secret = Some(SECRET.to_owned().into());
    let router = router(&config, Arc::new(hearing)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, ear)
}

/// As Slack's page says. HMAC comes from the TLS library, which is here anyway.
fn signature(secret: &str, at: i64, body: &str) -> String {
    use rustls::crypto::{aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256, tls13::OkmBlock};
    let text = format!("v0:{at}:{body}");
    let suite = TLS13_AES_128_GCM_SHA256.tls13().unwrap();
    let tag = suite.hkdf_provider.hmac_sign(&OkmBlock::new(secret.as_bytes()), text.as_bytes());
    tag.as_ref().iter().fold("v0=".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

struct Sent<'a> {
    kind: &'a str,
    body: &'a str,
    at: i64,
    signature: Option<String>,
}

async fn send(address: SocketAddr, sent: Sent<'_>) -> (u16, String) {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let signed = sent
        .signature
        .map(|signature| format!("X-Slack-Signature: {signature}\r\nX-Slack-Request-Timestamp: {}\r\n", sent.at));
    let request = format!(
        "POST {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n{}",
        sent.kind,
        sent.body.len(),
        signed.unwrap_or_default(),
        sent.body
    );
    // One that is too large is refused before it has come.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    (status, body)
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

const EVENT: &str = r#"{"type":"event_callback","team_id":"T1","event_id":"Ev1","event":{"type":"app_mention","user":"U1","channel":"C1","ts":"1.2","text":"<@UBOT> why"}}"#;
const COMMAND: &str = "team_id=T1&channel_id=C1&user_id=U1&command=%2Fwhy&text=prod%2Fpayments&trigger_id=1.2.a&response_url=https%3A%2F%2Fhooks.slack.example%2F1";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

async fn signed_send(address: SocketAddr, kind: &str, body: &str) -> (u16, String) {
    let at = now();
    send(address, Sent { kind, body, at, signature: Some(signature(SECRET, at, body)) }).await
}

#[test]
fn signing_here_is_signing_as_on_slacks_page() {
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let wanted = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    assert_eq!(signature(SECRET, 1_531_420_618, body), wanted);
}

#[tokio::test]
async fn what_slack_signed_is_heard() {
    let (address, ear) = listener(false).await;
    assert_eq!(signed_send(address, JSON, EVENT).await, (200, String::new()));
    assert_eq!(signed_send(address, FORM, COMMAND).await, (200, String::new()));
    let heard = ear.heard.lock().unwrap();
    assert_eq!(heard[0].what, What::Words("why".to_owned()));
    assert_eq!(heard[1].what, What::Command("prod/payments".to_owned()));
}

#[tokio::test]
async fn what_is_forged_old_or_of_the_future_is_refused_before_it_is_read() {
    let (address, ear) = listener(false).await;
    let at = now();
    let good = signature(SECRET, at, EVENT);
    let other = signature(SECRET, at, COMMAND);
    let rows = [
        ("no signature", at, None),
        ("an empty one", at, Some(String::new())),
        ("another secret", at, Some(signature("another", at, EVENT))),
        ("another body", at, Some(other)),
        ("cut", at, Some(good[..good.len() - 1].to_owned())),
        ("longer", at, Some(format!("{good}0"))),
        ("upper case", at, Some(good.to_uppercase())),
        ("another version", at, Some(good.replace("v0=", "v1="))),
        ("another moment", at - 1, Some(good)),
        ("six minutes old", at - 360, Some(signature(SECRET, at - 360, EVENT))),
        ("of the future", at + 360, Some(signature(SECRET, at + 360, EVENT))),
        ("before all time", i64::MIN / 2, Some(signature(SECRET, i64::MIN / 2, EVENT))),
    ];
    for (why, at, signature) in rows {
        let (status, _) = send(address, Sent { kind: JSON, body: EVENT, at, signature }).await;
        assert_eq!(status, 401, "{why}");
    }
    assert!(ear.heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_the_same_question() {
    let (address, ear) = listener(false).await;
    let at = now();
    for body in [EVENT, EVENT] {
        let signature = Some(signature(SECRET, at, body));
        assert_eq!(send(address, Sent { kind: JSON, body, at, signature }).await.0, 200);
    }
    for _ in 0..2 {
        assert_eq!(signed_send(address, FORM, COMMAND).await.0, 200);
    }
    let heard = ear.heard.lock().unwrap();
    let ids: Vec<&str> = heard.iter().map(|heard| heard.id.as_str()).collect();
    assert_eq!(ids, ["slack:message:C1:1.2", "slack:message:C1:1.2", "slack:command:1.2.a", "slack:command:1.2.a"]);
}

#[tokio::test]
async fn what_could_not_be_kept_is_not_acknowledged() {
    let (address, _) = listener(true).await;
    assert_eq!(signed_send(address, JSON, EVENT).await.0, 503);
    assert_eq!(signed_send(address, FORM, COMMAND).await.0, 503);
}

#[tokio::test]
async fn slacks_question_whether_we_are_there_is_answered_if_it_is_signed() {
    let (address, _) = listener(false).await;
    let body = r#"{"type":"url_verification","challenge":"3eZb","token":"x"}"#;
    assert_eq!(signed_send(address, JSON, body).await, (200, r#"{"challenge":"3eZb"}"#.to_owned()));
    let forged = Sent { kind: JSON, body, at: now(), signature: Some("v0=00".to_owned()) };
    assert_eq!(send(address, forged).await.0, 401);
    assert_eq!(signed_send(address, FORM, "ssl_check=1").await.0, 200);
}

#[tokio::test]
async fn typing_into_the_list_is_answered_with_names() {
    let (address, _) = listener(false).await;
    let payload = r#"{"type":"block_suggestion","action_id":"pick","value":"pay","user":{"id":"U1"},"channel":{"id":"C1"},"container":{}}"#;
    let body: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", payload).finish();
    let (status, answer) = signed_send(address, FORM, &body).await;
    assert_eq!(status, 200);
    assert!(answer.contains(r#""value":"prod/payments""#), "{answer}");
}

#[tokio::test]
async fn what_cannot_be_read_is_acknowledged_and_not_heard() {
    let (address, ear) = listener(false).await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (kind, body) in [
        (JSON, "{"),
        (JSON, "[]"),
        (JSON, "null"),
        (JSON, r#"{"type":"event_callback","event":7}"#),
        (JSON, r#"{"type":"event_callback","event":{"type":["app_mention"],"user":{}}}"#),
        (JSON, deep.as_str()),
        (FORM, ""),
        (FORM, "payload=%7B"),
        (FORM, "payload=null"),
        (FORM, "command=%2Fwhy"),
    ] {
        assert_eq!(signed_send(address, kind, body).await.0, 200, "{}", &body[..body.len().min(80)]);
    }
    assert!(ear.heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let (address, _) = listener(false).await;
    let body = "x".repeat(LARGEST_BODY + 1);
    assert_eq!(signed_send(address, JSON, &body).await.0, 413);
}

#[test]
fn without_a_signing_secret_nothing_is_served() {
    let own = Own { user: "UBOT".to_owned(), command: "/why".to_owned() };
    let hearing = Hearing { own, ear: Arc::new(Ear::default()), groups: Arc::new(Groups::default()) };
    let hearing = Arc::new(hearing);
    for secret in [None, Some(String::new()), Some(" \n".to_owned())] {
        let mut config = SlackConfig::new("xoxb-1".to_owned().into());
        config.signing_secret = secret.map(Into::into);
        assert!(router(&config, Arc::clone(&hearing)).is_err());
    }
}
