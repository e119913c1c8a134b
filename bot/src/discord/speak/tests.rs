//! Against a Discord that answers what it is told to.

use super::*;
use crate::platform::{Button, What};
use crate::platform::{Person, SendError};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method as HttpMethod, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use ecs_why_core::render::{Card, Tone};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

const ANSWER: &str = r#"{"id":"900","channel_id":"4001"}"#;

/// What it was asked, and what it will answer: each script belongs to one "METHOD /path", as far as that goes.
#[derive(Clone, Default)]
struct Discord {
    asked: Arc<Mutex<Vec<(String, String)>>>,
    scripts: Arc<Mutex<Vec<Script>>>,
}

/// The beginning of "METHOD /path", and statuses with bodies.
type Script = (&'static str, VecDeque<(u16, &'static str)>);

impl Discord {
    fn answers(self, to: &'static str, with: &[(u16, &'static str)]) -> Discord {
        self.scripts.lock().unwrap().push((to, with.iter().copied().collect()));
        self
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(asked, _)| asked.clone()).collect()
    }

    fn body(&self, index: usize) -> Value {
        serde_json::from_str(&self.asked.lock().unwrap()[index].1).unwrap()
    }

    async fn platform(&self) -> DiscordPlatform {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let mut config = DiscordConfig::new("secret-token".into());
        config.api_url = Some(url.parse().unwrap());
        config.application = Some(1001);
        DiscordPlatform::new(&config).unwrap()
    }
}

async fn answer(
    State(discord): State<Discord>,
    method: HttpMethod,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    assert_eq!(headers["authorization"], "Bot secret-token");
    assert!(headers["user-agent"].to_str().unwrap().starts_with("DiscordBot ("));
    let asked = format!("{method} {}", uri.to_string().trim_start_matches("/api/v10"));
    let body = String::from_utf8_lossy(&body).into_owned();
    let mut scripts = discord.scripts.lock().unwrap();
    let script = scripts.iter_mut().find(|(to, answers)| asked.starts_with(to) && !answers.is_empty());
    let (status, text) = script.and_then(|(_, answers)| answers.pop_front()).unwrap_or((200, ANSWER));
    discord.asked.lock().unwrap().push((asked, body));
    (StatusCode::from_u16(status).unwrap(), text).into_response()
}

fn place() -> Place {
    Place { kind: Kind::Discord, space: Some("2001".into()), channel: "4001".into(), thread: None, direct: false }
}

fn message() -> Message {
    let card = Card { tone: Tone::Bad, title: "It stopped".into(), blocks: vec![], footer: None };
    Message { card, buttons: vec![Button { label: "Fix".into(), value: "fix:r1".into() }] }
}

/// An interaction of so many seconds ago.
fn route(kind: &str, ago: i64) -> Route {
    let at = Timestamp::from_second(Timestamp::now().as_second() - ago).unwrap();
    Route::Interaction(format!("{kind}:{}:t0ken", super::super::way::first_id(at)))
}

fn heard(route: Route) -> Heard {
    let what = What::Command(String::new());
    Heard { id: "discord:800".into(), place: place(), person: Person { id: "3001".into(), roles: vec![] }, what, route }
}

#[tokio::test]
async fn a_command_is_answered_in_place_of_its_deferred_answer() {
    let discord = Discord::default();
    let sent = discord.platform().await.post(&place(), &route("command", 60), &message(), "k1").await.unwrap();
    assert_eq!(sent, Sent { channel: "4001".into(), message: "900".into() });
    assert_eq!(discord.asked(), ["PATCH /webhooks/1001/t0ken/messages/@original"]);
    let body = discord.body(0);
    assert_eq!(body["allowed_mentions"], json!({"parse": [], "replied_user": false}));
    assert!(super::super::find::carries(&body, "k1"), "{body}");
}

#[tokio::test]
async fn an_answer_that_overtakes_its_acknowledgement_waits_for_it() {
    let unknown = (404, r#"{"message":"Unknown Webhook","code":10015}"#);
    let discord = Discord::default().answers("PATCH", &[unknown, unknown]);
    discord.platform().await.post(&place(), &route("command", 1), &message(), "k1").await.unwrap();
    assert_eq!(discord.asked(), ["PATCH /webhooks/1001/t0ken/messages/@original"; 3]);
}

#[tokio::test]
async fn a_command_that_was_never_acknowledged_or_is_too_old_is_answered_in_the_channel_once() {
    let unknown = (404, r#"{"message":"Unknown Webhook","code":10015}"#);
    let dead = (401, r#"{"message":"Invalid Webhook Token","code":50027}"#);
    for (ago, answers, requests) in [(60, vec![unknown], 2), (60, vec![dead], 2), (1000, vec![], 1)] {
        let discord = Discord::default().answers("PATCH", &answers);
        discord.platform().await.post(&place(), &route("command", ago), &message(), "k1").await.unwrap();
        let asked = discord.asked();
        assert_eq!((asked.len(), asked[requests - 1].as_str()), (requests, "POST /channels/4001/messages"));
        let body = discord.body(requests - 1);
        assert_eq!((body["nonce"].as_str(), &body["enforce_nonce"]), (Some("k1"), &json!(true)));
    }
}

#[tokio::test]
async fn a_mention_is_answered_as_a_reply_in_its_channel_and_nowhere_else() {
    let discord = Discord::default();
    let platform = discord.platform().await;
    let reply = Route::Interaction("reply:4001:777".into());
    platform.post(&place(), &reply, &message(), "k1").await.unwrap();
    let thread = Place { thread: Some("4444".into()), ..place() };
    platform.post(&thread, &reply, &message(), "k2").await.unwrap();
    assert_eq!(discord.asked(), ["POST /channels/4001/messages", "POST /channels/4444/messages"]);
    assert_eq!(discord.body(0)["message_reference"], json!({"message_id": "777", "fail_if_not_exists": false}));
    assert_eq!(discord.body(1).get("message_reference"), None);
}

#[tokio::test]
async fn a_press_is_answered_by_a_message_and_by_its_token_where_the_bot_may_not_write() {
    let denied = (403, r#"{"message":"Missing Access","code":50001}"#);
    let discord = Discord::default().answers("POST /channels", &[denied]).answers("PATCH /channels", &[denied]);
    let platform = discord.platform().await;
    let press = route("press", 60);
    let sent = platform.post(&place(), &press, &message(), "k1").await.unwrap();
    platform.edit(&sent, &press, &message(), "k1").await.unwrap();
    assert_eq!(
        discord.asked(),
        [
            "POST /channels/4001/messages",
            "POST /webhooks/1001/t0ken?wait=true",
            "PATCH /channels/4001/messages/900",
            "PATCH /webhooks/1001/t0ken/messages/900",
        ]
    );
}

#[tokio::test]
async fn an_edit_goes_by_the_token_while_it_lives_and_by_the_channel_afterwards() {
    let dead = (401, r#"{"message":"Invalid Webhook Token","code":50027}"#);
    let discord = Discord::default().answers("PATCH /webhooks", &[(200, ANSWER), dead]);
    let platform = discord.platform().await;
    let sent = Sent { channel: "4001".into(), message: "900".into() };
    for ago in [60, 60, 1000] {
        platform.edit(&sent, &route("command", ago), &message(), "k1").await.unwrap();
    }
    let (token, channel) = ("PATCH /webhooks/1001/t0ken/messages/900", "PATCH /channels/4001/messages/900");
    assert_eq!(discord.asked(), [token, token, channel, channel]);
}

#[tokio::test]
async fn what_is_refused_gone_late_or_broken_is_told_apart() {
    for (status, body, wanted) in [
        (400, r#"{"message":"Invalid Form Body","code":50035}"#, "refused"),
        (401, r#"{"message":"401: Unauthorized","code":0}"#, "refused"),
        (403, r#"{"message":"Missing Access","code":50001}"#, "gone"),
        (404, r#"{"message":"Unknown Channel","code":10003}"#, "gone"),
        (429, r#"{"message":"slow down","retry_after":2.5,"global":false}"#, "2.5s"),
        (429, "<html>", "5s"),
        (500, "", "broken"),
        (200, "<html>", "broken"),
        (200, r#"{"id":5}"#, "broken"),
    ] {
        let discord = Discord::default().answers("POST", &[(status, body)]);
        let answer = discord.platform().await.post(&place(), &Route::Message, &message(), "k1").await;
        let got = match answer {
            Err(SendError::Refused(_)) => "refused".to_owned(),
            Err(SendError::Gone(_)) => "gone".to_owned(),
            Err(SendError::Broken(_)) => "broken".to_owned(),
            Err(SendError::Later(wait)) => format!("{wait:?}"),
            Ok(_) => "sent".to_owned(),
        };
        assert_eq!(got, wanted, "{status} {body}");
    }
}

#[tokio::test]
async fn while_discord_wants_us_to_wait_it_is_not_asked() {
    let late = (429, r#"{"retry_after":0.4,"global":false}"#);
    let discord = Discord::default().answers("POST", &[late]);
    let platform = discord.platform().await;
    for _ in 0..3 {
        let answer = platform.post(&place(), &Route::Message, &message(), "k1").await;
        assert!(matches!(answer, Err(SendError::Later(wait)) if wait <= Duration::from_millis(400)), "{answer:?}");
    }
    let elsewhere = Place { channel: "4002".into(), ..place() };
    platform.post(&elsewhere, &Route::Message, &message(), "k2").await.unwrap();
    tokio::time::sleep(Duration::from_millis(450)).await;
    platform.post(&place(), &Route::Message, &message(), "k1").await.unwrap();
    assert_eq!(discord.asked().len(), 3);
}

#[tokio::test]
async fn an_error_says_neither_the_token_nor_the_address() {
    let mut config = DiscordConfig::new("secret-token".into());
    config.api_url = Some("http://127.0.0.1:1".parse().unwrap());
    config.application = Some(1001);
    let platform = DiscordPlatform::new(&config).unwrap();
    let Err(error) = platform.post(&place(), &route("command", 60), &message(), "k1").await else { panic!("sent") };
    assert!(matches!(error, SendError::Broken(_)));
    let told = format!("{error} {error:?} {config:?}");
    assert!(!told.contains("t0ken") && !told.contains("secret-token") && !told.contains("webhooks"), "{told}");
}

#[tokio::test]
async fn a_message_is_found_by_its_key_however_much_was_said_since() {
    let page: Vec<Value> =
        (1..=100).rev().map(|id| json!({"id": id.to_string(), "author": {"id": "42"}, "embeds": []})).collect();
    let full: &'static str = Box::leak(json!(page).to_string().into_boxed_str());
    let last = r#"[{"id":"300","channel_id":"4001","author":{"id":"42"},"embeds":[{"footer":{"text":"x k1"}}]},
        {"id":"299","channel_id":"4001","author":{"id":"66"},"embeds":[{"footer":{"text":"k1"}}]}]"#;
    let pages = [(200, full), (200, last)];
    let discord = Discord::default().answers("GET /users/@me", &[(200, r#"{"id":"42"}"#)]).answers("GET", &pages);
    let platform = discord.platform().await;
    let found = platform.find(&place(), &Route::Message, "k1", "2015-01-01T00:01:00Z".parse().unwrap()).await.unwrap();
    assert_eq!(found, Some(Sent { channel: "4001".into(), message: "300".into() }));
    assert_eq!(
        discord.asked()[1..],
        ["GET /channels/4001/messages?after=0&limit=100", "GET /channels/4001/messages?after=100&limit=100"]
    );
}

#[tokio::test]
async fn another_ones_message_with_our_key_is_not_ours() {
    let theirs = r#"[{"id":"299","channel_id":"4001","author":{"id":"66"},"nonce":"k1"}]"#;
    let discord =
        Discord::default().answers("GET /users/@me", &[(200, r#"{"id":"42"}"#)]).answers("GET", &[(200, theirs)]);
    let found = discord.platform().await.find(&place(), &Route::Message, "k1", Timestamp::now()).await.unwrap();
    assert_eq!(found, None);
}

#[tokio::test]
async fn the_answer_to_a_command_is_found_where_it_was_deferred() {
    let ours = r#"{"id":"900","channel_id":"4001","embeds":[{"footer":{"text":"k1"}}]}"#;
    let thinking = r#"{"id":"900","channel_id":"4001","flags":128,"embeds":[]}"#;
    let discord = Discord::default().answers("GET", &[(200, ours), (200, thinking)]);
    let platform = discord.platform().await;
    let route = route("command", 60);
    assert!(platform.find(&place(), &route, "k1", Timestamp::now()).await.unwrap().is_some());
    assert!(platform.find(&place(), &route, "k1", Timestamp::now()).await.unwrap().is_none());
    assert_eq!(discord.asked(), ["GET /webhooks/1001/t0ken/messages/@original"; 2]);
}

#[tokio::test]
async fn a_whisper_takes_the_place_of_no_public_answer() {
    let discord = Discord::default().answers("DELETE", &[(204, "")]);
    let platform = discord.platform().await;
    platform.whisper(&heard(route("command", 60)), &message()).await.unwrap();
    platform.whisper(&heard(route("press", 60)), &message()).await.unwrap();
    let follow_up = "POST /webhooks/1001/t0ken?wait=true";
    assert_eq!(discord.asked(), ["DELETE /webhooks/1001/t0ken/messages/@original", follow_up, follow_up]);
    assert_eq!((&discord.body(1)["flags"], &discord.body(2)["flags"]), (&json!(64), &json!(64)));
}

#[tokio::test]
async fn a_whisper_whose_interaction_is_over_is_said_to_nobody() {
    let discord = Discord::default();
    let answer = discord.platform().await.whisper(&heard(route("command", 1000)), &message()).await;
    assert!(matches!(answer, Err(SendError::Gone(_))) && discord.asked().is_empty());
}

#[tokio::test]
async fn a_thread_is_made_once_and_none_in_threads_and_direct_messages() {
    let there = (400, r#"{"message":"A thread has already been created for this message","code":160004}"#);
    let discord = Discord::default().answers("POST", &[(201, r#"{"id":"900"}"#), there]);
    let platform = discord.platform().await;
    let under = Sent { channel: "4001".into(), message: "900".into() };
    let thread = Place { thread: Some("900".into()), ..place() };
    for name in ["payments\u{1b}[2J", "   "] {
        assert_eq!(platform.thread(&place(), &under, name).await.unwrap(), thread);
    }
    assert_eq!(discord.body(0)["name"], "payments [2J");
    assert_eq!(platform.thread(&thread, &under, "x").await.unwrap(), thread);
    let direct = Place { direct: true, space: None, ..place() };
    assert_eq!(platform.thread(&direct, &under, "x").await.unwrap(), direct);
    assert_eq!(discord.asked(), ["POST /channels/4001/messages/900/threads"; 2]);
}

#[tokio::test]
async fn a_file_is_sent_beside_what_it_is_and_not_twice() {
    let discord = Discord::default();
    let platform = discord.platform().await;
    let file =
        Attachment { name: "fix.sh".into(), title: "Commands".into(), bytes: b"aws ecs update-service".to_vec() };
    for _ in 0..2 {
        platform.attach(&place(), &Route::Message, &file).await.unwrap();
    }
    let asked = discord.asked.lock().unwrap();
    let nonce = |body: &str| body.split("\"nonce\":\"").nth(1).unwrap()[..25].to_owned();
    assert_eq!(nonce(&asked[0].1), nonce(&asked[1].1));
    for part in
        ["name=\"payload_json\"", "name=\"files[0]\"; filename=\"fix.sh\"", "aws ecs update-service", "\"parse\":[]"]
    {
        assert!(asked[0].1.contains(part), "{part} is not in {}", asked[0].1);
    }
}

#[tokio::test]
async fn a_place_that_is_no_id_reaches_no_address() {
    let discord = Discord::default();
    let platform = discord.platform().await;
    for channel in ["", "../users/@me", "1/messages/2", "C123"] {
        let place = Place { channel: channel.into(), ..place() };
        assert!(matches!(platform.post(&place, &Route::Message, &message(), "k1").await, Err(SendError::Gone(_))));
    }
    assert!(discord.asked().is_empty());
}
