use super::*;
use crate::platform::{Person, What};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response as Answer};
use ecs_why_core::render::{Card, CardBlock, Tone};
use serde_json::json;
use std::sync::Arc;
use tokio::net::TcpListener;

/// What was called: its path, what it carried, and whether with the token.
#[derive(Debug, Clone)]
struct Call {
    path: String,
    body: Value,
    token: bool,
}

/// Answers what it was told to, one after the other; then that all is well.
#[derive(Default)]
struct Played {
    calls: Mutex<Vec<Call>>,
    answers: Mutex<VecDeque<(&'static str, u16, Value)>>,
}

async fn answer(State(played): State<Arc<Played>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap();
    let query = parts.uri.query().unwrap_or_default();
    let form: serde_json::Map<String, Value> =
        url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into(), json!(value))).collect();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Object(form));
    let token = parts.headers.get(header::AUTHORIZATION).is_some_and(|token| token == "Bearer xoxb-1");
    let path = parts.uri.path().to_owned();
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
    played.calls.lock().unwrap().push(Call { path: path.clone(), body, token });
    let mut answers = played.answers.lock().unwrap();
    if let Some((wanted, _, _)) = answers.front()
        && path.ends_with(wanted)
        && let Some((_, status, answer)) = answers.pop_front()
    {
        let status = axum::http::StatusCode::from_u16(status).unwrap();
        return (status, [("retry-after", "3")], axum::Json(answer)).into_response();
    }
    if path.starts_with("/upload") {
        return "OK - 3".into_response();
    }
    let upload = format!("http://{host}/upload/1");
    axum::Json(
        json!({ "ok": true, "channel": "C1", "ts": "9.1", "upload_url": upload, "file_id": "F1", "messages": [] }),
    )
    .into_response()
}

struct Slack {
    played: Arc<Played>,
    platform: SlackPlatform,
    url: String,
}

impl Slack {
    async fn new(answers: &[(&'static str, u16, Value)]) -> Slack {
        let played = Arc::new(Played::default());
        played.answers.lock().unwrap().extend(answers.iter().cloned());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&played));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let mut config = SlackConfig::new("xoxb-1".to_owned().into());
        config.api_url = Some(format!("{url}/api/").parse().unwrap());
        Slack { played, platform: SlackPlatform::new(&config).unwrap(), url }
    }

    fn calls(&self) -> Vec<Call> {
        self.played.calls.lock().unwrap().clone()
    }

    fn paths(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.path).collect()
    }

    fn response(&self) -> Route {
        Route::Interaction(format!("{}/response/1", self.url))
    }
}

fn place(thread: Option<&str>) -> Place {
    let thread = thread.map(str::to_owned);
    Place { kind: Kind::Slack, space: Some("T1".to_owned()), channel: "C1".to_owned(), thread, direct: false }
}

fn message() -> Message {
    let card = Card { tone: Tone::Bad, title: "It failed".to_owned(), blocks: vec![], footer: None };
    Message { card, buttons: vec![Button { label: "Evidence".to_owned(), value: "evidence:r1".to_owned() }] }
}

fn heard(id: &str, thread: &str, route: Route) -> Heard {
    let person = Person { id: "U1".to_owned(), roles: vec![] };
    Heard { id: id.to_owned(), place: place(Some(thread)), person, what: What::Words(String::new()), route }
}

fn refused(code: &str) -> Value {
    json!({ "ok": false, "error": code })
}

#[tokio::test]
async fn a_message_goes_into_its_thread_with_its_key_and_unfurls_nothing() {
    let slack = Slack::new(&[]).await;
    let sent = slack.platform.post(&place(Some("1.2")), &Route::Message, &message(), "k1").await.unwrap();
    assert_eq!(sent, super::Sent { channel: "C1".to_owned(), message: "9.1".to_owned() });
    let call = slack.calls().remove(0);
    assert_eq!(call.path, "/api/chat.postMessage");
    assert!(call.token);
    let body = call.body;
    assert_eq!(body["thread_ts"], "1.2");
    assert_eq!(body["metadata"], json!({ "event_type": "ecs_why", "event_payload": { "key": "k1" } }));
    assert_eq!((&body["unfurl_links"], &body["unfurl_media"]), (&json!(false), &json!(false)));
    assert_eq!((&body["parse"], &body["link_names"]), (&json!("none"), &json!(false)));
    assert!(body["text"].as_str().is_some_and(|text| text.contains("It failed")), "{body}");
}

#[tokio::test]
async fn an_edit_keeps_the_key() {
    let slack = Slack::new(&[]).await;
    let sent = super::Sent { channel: "C1".to_owned(), message: "9.1".to_owned() };
    slack.platform.edit(&sent, &Route::Message, &message(), "k1").await.unwrap();
    let call = slack.calls().remove(0);
    assert_eq!((call.path.as_str(), &call.body["ts"]), ("/api/chat.update", &json!("9.1")));
    assert_eq!(call.body["metadata"]["event_payload"]["key"], "k1");
}

#[tokio::test]
async fn where_the_bot_is_not_it_answers_by_the_interaction() {
    let slack = Slack::new(&[
        ("chat.postMessage", 200, refused("not_in_channel")),
        ("conversations.history", 200, refused("not_in_channel")),
    ])
    .await;
    let route = slack.response();
    let sent = slack.platform.post(&place(None), &route, &message(), "k1").await.unwrap();
    assert_eq!(slack.platform.find(&place(None), &route, "k1", jiff::Timestamp::now()).await, Ok(None));
    slack.platform.edit(&sent, &route, &message(), "k1").await.unwrap();
    assert_eq!(slack.paths(), ["/api/chat.postMessage", "/response/1", "/api/conversations.history", "/response/1"]);
    let calls = slack.calls();
    let replaces: Vec<&Value> = [&calls[1], &calls[3]].map(|call| &call.body["replace_original"]).into();
    assert_eq!(replaces, [&json!(false), &json!(true)]);
    assert_eq!(calls[1].body["response_type"], "in_channel");
    // The address carries the right in itself.
    assert!(!calls[1].token);
    assert!(matches!(slack.platform.edit(&sent, &Route::Message, &message(), "k1").await, Err(SendError::Gone(_))));
}

#[tokio::test]
async fn what_is_wrong_with_the_message_goes_no_other_way() {
    for code in ["invalid_blocks", "invalid_thread_ts", "is_archived", "internal_error"] {
        let slack = Slack::new(&[("chat.postMessage", 200, refused(code))]).await;
        let route = slack.response();
        assert!(slack.platform.post(&place(None), &route, &message(), "k1").await.is_err(), "{code}");
        assert_eq!(slack.paths(), ["/api/chat.postMessage"], "{code}");
    }
}

#[tokio::test]
async fn too_much_is_told_as_how_long_to_wait_and_is_not_tried_again() {
    let slack = Slack::new(&[("chat.postMessage", 429, refused("ratelimited"))]).await;
    let posted = slack.platform.post(&place(None), &Route::Message, &message(), "k1").await;
    assert_eq!(posted, Err(SendError::Later(Duration::from_secs(3))));
    assert_eq!(slack.calls().len(), 1);
}

#[tokio::test]
async fn a_failure_of_slacks_leaves_open_whether_it_was_sent() {
    for (status, answer) in [(500, json!({})), (502, json!("x")), (200, refused("internal_error")), (200, json!([]))] {
        let slack = Slack::new(&[("chat.postMessage", status, answer.clone())]).await;
        let posted = slack.platform.post(&place(None), &Route::Message, &message(), "k1").await;
        assert!(matches!(posted, Err(SendError::Broken(_))), "{status} {answer}: {posted:?}");
    }
}

#[tokio::test]
async fn a_message_is_found_by_its_key_on_any_page_whatever_else_stands_there() {
    let strange = json!({ "ts": "3.0", "blocks": "?", "metadata": { "event_payload": { "deep": [{}] } }, "files": 7 });
    let ours = json!({ "ts": "2.0", "metadata": { "event_type": "ecs_why", "event_payload": { "key": "k1" } } });
    let first = json!({ "ok": true, "messages": [strange], "response_metadata": { "next_cursor": "c2" } });
    let second = json!({ "ok": true, "messages": [ours], "response_metadata": { "next_cursor": "" } });
    let slack = Slack::new(&[("conversations.replies", 200, first), ("conversations.replies", 200, second)]).await;
    let found = slack.platform.find(&place(Some("1.2")), &Route::Message, "k1", jiff::Timestamp::now()).await;
    assert_eq!(found.unwrap().unwrap().message, "2.0");
    let calls = slack.calls();
    assert_eq!((&calls[0].body["ts"], &calls[0].body["include_all_metadata"]), (&json!("1.2"), &json!("true")));
    assert_eq!(calls[1].body["cursor"], "c2");
}

#[tokio::test]
async fn a_search_without_end_is_given_up_as_not_known() {
    let more = json!({ "ok": true, "messages": [], "response_metadata": { "next_cursor": "more" } });
    let answers: Vec<_> = (0..100).map(|_| ("conversations.history", 200, more.clone())).collect();
    let slack = Slack::new(&answers).await;
    let found = slack.platform.find(&place(None), &Route::Message, "k1", jiff::Timestamp::now()).await;
    assert!(matches!(found, Err(SendError::Broken(_))), "{found:?}");
    assert!(slack.calls().len() < 50);
}

#[tokio::test]
async fn a_file_is_put_without_the_token_and_belongs_to_its_thread() {
    let slack = Slack::new(&[]).await;
    let file = Attachment { name: "why.md".to_owned(), title: "All of it".to_owned(), bytes: b"all".to_vec() };
    slack.platform.attach(&place(Some("1.2")), &Route::Message, &file).await.unwrap();
    let calls = slack.calls();
    assert_eq!(slack.paths(), ["/api/files.getUploadURLExternal", "/upload/1", "/api/files.completeUploadExternal"]);
    assert_eq!(calls[0].body["length"], "3");
    assert!(calls[0].token && !calls[1].token && calls[2].token);
    let done = json!({ "files": [{ "id": "F1", "title": "All of it" }], "channel_id": "C1", "thread_ts": "1.2" });
    assert_eq!(calls[2].body, done);
}

#[tokio::test]
async fn a_whisper_is_for_one_person_and_in_a_thread_only_if_there_is_one() {
    let slack = Slack::new(&[]).await;
    for (id, thread) in [("slack:message:C1:1.2", "1.2"), ("slack:message:C1:1.3", "1.2")] {
        slack.platform.whisper(&heard(id, thread, Route::Message), &message()).await.unwrap();
    }
    slack.platform.whisper(&heard("slack:press:1", "1.2", slack.response()), &message()).await.unwrap();
    let mut direct = heard("slack:message:D1:1.2", "1.1", Route::Message);
    direct.place.direct = true;
    slack.platform.whisper(&direct, &message()).await.unwrap();
    let calls = slack.calls();
    assert_eq!(
        slack.paths(),
        ["/api/chat.postEphemeral", "/api/chat.postEphemeral", "/response/1", "/api/chat.postMessage"]
    );
    assert_eq!((&calls[0].body["user"], &calls[0].body["thread_ts"]), (&json!("U1"), &Value::Null));
    assert_eq!(calls[1].body["thread_ts"], "1.2");
    let body = &calls[2].body;
    assert_eq!((&body["response_type"], &body["replace_original"]), (&json!("ephemeral"), &json!(false)));
}

#[tokio::test]
async fn a_list_to_choose_from_is_a_block_of_its_own() {
    let slack = Slack::new(&[]).await;
    let mut message = message();
    message.buttons.push(Button { label: "Which?".to_owned(), value: PICK.to_owned() });
    slack.platform.post(&place(None), &Route::Message, &message, "k1").await.unwrap();
    let body = slack.calls().remove(0).body.to_string();
    assert_eq!(body.matches("external_select").count(), 1, "{body}");
    assert_eq!(body.matches(r#""action_id":"pick""#).count(), 1, "{body}");
    assert_eq!(body.matches(r#""action_id":"evidence:r1""#).count(), 1, "{body}");
}

#[tokio::test]
async fn threads_have_no_threads() {
    let slack = Slack::new(&[]).await;
    let sent = super::Sent { channel: "C1".to_owned(), message: "9.1".to_owned() };
    let under = async |thread| slack.platform.thread(&place(thread), &sent, "name").await.unwrap().thread;
    assert_eq!(under(None).await.as_deref(), Some("9.1"));
    assert_eq!(under(Some("1.2")).await.as_deref(), Some("1.2"));
}

#[tokio::test]
async fn what_has_no_room_is_put_once_as_a_file_into_the_thread() {
    let in_thread = json!({ "ok": true, "messages": [{ "ts": "9.1", "thread_ts": "1.2" }] });
    let slack = Slack::new(&[("conversations.replies", 200, in_thread)]).await;
    let mut long = message();
    long.card.blocks = (0..200).map(|line| CardBlock::Prose(format!("{line}: {}", "word ".repeat(100)))).collect();
    let sent = super::Sent { channel: "C1".to_owned(), message: "9.1".to_owned() };
    for _ in 0..2 {
        slack.platform.edit(&sent, &Route::Message, &long, "k1").await.unwrap();
    }
    let upload = ["/api/files.getUploadURLExternal", "/upload/1", "/api/files.completeUploadExternal"];
    let once = ["/api/chat.update", "/api/conversations.replies", upload[0], upload[1], upload[2], "/api/chat.update"];
    assert_eq!(slack.paths(), once);
    assert_eq!(slack.calls()[4].body["thread_ts"], "1.2");
}

#[tokio::test]
async fn a_message_stands_even_if_its_file_cannot_be_put() {
    let slack = Slack::new(&[("files.getUploadURLExternal", 200, refused("missing_scope"))]).await;
    let mut long = message();
    long.card.blocks = (0..200).map(|line| CardBlock::Prose(format!("{line}: {}", "word ".repeat(100)))).collect();
    assert!(slack.platform.post(&place(None), &Route::Message, &long, "k1").await.is_ok());
    assert_eq!(slack.paths(), ["/api/chat.postMessage", "/api/files.getUploadURLExternal"]);
}
