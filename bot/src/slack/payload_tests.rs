use super::*;
use serde_json::{Value, json};

fn own() -> Own {
    Own { user: "UBOT".to_owned(), command: "/why".to_owned() }
}

fn event(event: Value) -> Told {
    let payload = json!({ "team_id": "T1", "event_id": "Ev1", "event": event });
    serde_json::from_value::<Delivered>(payload).unwrap().told(&own())
}

fn heard(told: Told) -> Heard {
    match told {
        Told::Heard(heard) => heard,
        told => panic!("{told:?}"),
    }
}

fn mention() -> Value {
    json!({
        "type": "app_mention", "user": "U1", "channel": "C1", "ts": "1700000000.000100", "text": "<@UBOT> why is a&amp;b failing?",
        "blocks": [{ "type": "of the future" }], "team": "T1",
    })
}

#[test]
fn a_mention_is_words_in_the_thread_of_its_message() {
    let told = heard(event(mention()));
    assert_eq!(told.id, "slack:message:C1:1700000000.000100");
    assert_eq!(told.what, What::Words("why is a&b failing?".to_owned()));
    assert_eq!(told.person.id, "U1");
    assert_eq!(told.route, Route::Message);
    let place = told.place;
    assert_eq!((place.space.as_deref(), place.channel.as_str(), place.direct), (Some("T1"), "C1", false));
    assert_eq!(place.thread.as_deref(), Some("1700000000.000100"));
}

#[test]
fn a_mention_in_a_thread_belongs_to_that_thread() {
    let mut mention = mention();
    mention["thread_ts"] = json!("1600000000.000001");
    assert_eq!(heard(event(mention)).place.thread.as_deref(), Some("1600000000.000001"));
}

#[test]
fn who_comes_from_another_workspace_is_of_that_workspace() {
    let mut stranger = mention();
    stranger["user_team"] = json!("T9");
    assert_eq!(heard(event(stranger)).place.space.as_deref(), Some("T9"));
}

#[test]
fn a_direct_message_is_answered_where_it_is() {
    let told = heard(event(json!({
        "type": "message", "channel_type": "im", "user": "U1", "channel": "D1", "ts": "1.2", "text": "why did 0123abcd stop",
    })));
    assert!(told.place.direct);
    assert_eq!(told.place.thread, None);
    assert_eq!(told.place.space.as_deref(), Some("T1"));
}

#[test]
fn the_same_message_has_one_id_by_whichever_event_it_comes() {
    let mut mention = mention();
    mention["channel"] = json!("D1");
    let mut message = mention.clone();
    message["type"] = json!("message");
    message["channel_type"] = json!("im");
    assert_eq!(heard(event(mention)), heard(event(message)));
}

#[test]
fn what_no_person_says_to_us_is_not_heard() {
    let rows = [
        ("a bot", json!({ "bot_id": "B1" })),
        ("ourselves", json!({ "user": "UBOT" })),
        ("nobody", json!({ "user": null })),
        ("an edit", json!({ "edited": { "user": "U1", "ts": "2.0" } })),
        ("a changed message", json!({ "subtype": "message_changed" })),
        ("a deleted message", json!({ "subtype": "message_deleted" })),
        ("a bot's message", json!({ "subtype": "bot_message" })),
        ("who joins", json!({ "subtype": "channel_join" })),
        ("what is hidden", json!({ "hidden": true })),
        ("a message in a channel", json!({ "type": "message", "channel_type": "channel" })),
        ("a message among several", json!({ "type": "message", "channel_type": "mpim" })),
        ("another event", json!({ "type": "reaction_added" })),
    ];
    for (why, change) in rows {
        let mut said = mention();
        for (name, value) in change.as_object().unwrap() {
            said[name] = value.clone();
        }
        assert_eq!(event(said), Told::Nothing, "{why}");
    }
    let with_file = {
        let mut said = mention();
        said["subtype"] = json!("file_share");
        said
    };
    assert!(matches!(event(with_file), Told::Heard(_)));
}

fn command(change: Value) -> Value {
    let mut command = json!({
        "team_id": "T1", "channel_id": "C1", "channel_name": "incidents", "user_id": "U1", "command": "/why", "text": "prod/payments",
        "response_url": "https://hooks.slack.example/commands/1", "trigger_id": "13.14.abc",
    });
    for (name, value) in change.as_object().unwrap() {
        command[name] = value.clone();
    }
    command
}

fn commanded(change: Value) -> Told {
    serde_json::from_value::<Command>(command(change)).unwrap().told(&own())
}

#[test]
fn a_command_carries_its_words_and_the_way_back() {
    let told = heard(commanded(json!({})));
    assert_eq!(told.id, "slack:command:13.14.abc");
    assert_eq!(told.what, What::Command("prod/payments".to_owned()));
    assert_eq!(told.route, Route::Interaction("https://hooks.slack.example/commands/1".to_owned()));
    assert_eq!((told.place.thread, told.place.direct), (None, false));
    assert_eq!(heard(commanded(json!({ "text": "" }))).what, What::Command(String::new()));
    assert!(heard(commanded(json!({ "channel_id": "D7" }))).place.direct);
    assert_eq!(commanded(json!({ "command": "/other" })), Told::Nothing);
}

fn press(change: Value) -> Value {
    let mut press = json!({
        "type": "block_actions", "team": { "id": "T1", "domain": "x" }, "user": { "id": "U1", "team_id": "T1" },
        "channel": { "id": "C1", "name": "incidents" }, "trigger_id": "t.1", "response_url": "https://hooks.slack.example/actions/1",
        "container": { "type": "message", "message_ts": "5.6", "channel_id": "C1" },
        "message": { "ts": "5.6", "blocks": [{ "type": "of the future" }] },
        "actions": [{ "type": "button", "action_id": "fix:r123", "block_id": "b", "value": "fix:r123", "action_ts": "7.8" }],
    });
    for (name, value) in change.as_object().unwrap() {
        press[name] = value.clone();
    }
    press
}

fn pressed(change: Value) -> Told {
    serde_json::from_value::<Interaction>(press(change)).unwrap().told()
}

#[test]
fn a_press_carries_the_buttons_value_and_its_message() {
    let told = heard(pressed(json!({})));
    assert_eq!(told.id, "slack:press:t.1");
    let on = Sent { channel: "C1".to_owned(), message: "5.6".to_owned() };
    assert_eq!(told.what, What::Press { value: "fix:r123".to_owned(), on });
    assert_eq!(told.place.thread, None);
    let in_thread =
        json!({ "container": { "message_ts": "5.6", "thread_ts": "1.0", "channel_id": "C1" }, "channel": null });
    assert_eq!(heard(pressed(in_thread)).place.thread.as_deref(), Some("1.0"));
    let without_trigger = heard(pressed(json!({ "trigger_id": null })));
    assert_eq!(without_trigger.id, "slack:press:C1:5.6:U1:7.8");
}

#[test]
fn what_is_chosen_from_the_list_is_asked_under_it() {
    let chosen = json!({ "actions": [{ "type": "external_select", "action_id": PICK, "selected_option": { "value": "prod/web" } }] });
    let told = heard(pressed(chosen));
    assert_eq!(told.what, What::Command("prod/web".to_owned()));
    assert_eq!(told.place.thread.as_deref(), Some("5.6"));
    let nothing = json!({ "actions": [{ "type": "external_select", "action_id": PICK, "selected_option": null }] });
    assert_eq!(pressed(nothing), Told::Nothing);
}

#[test]
fn what_is_typed_into_the_list_is_told_with_its_place() {
    let typing = json!({ "type": "block_suggestion", "action_id": PICK, "value": "pay", "actions": [] });
    let Told::Typing { place, person, typed } = pressed(typing) else { panic!() };
    assert_eq!((place.channel.as_str(), place.space.as_deref(), person.id.as_str()), ("C1", Some("T1"), "U1"));
    assert_eq!(typed, "pay");
    let other = json!({ "type": "block_suggestion", "action_id": "another", "value": "pay", "actions": [] });
    assert_eq!(pressed(other), Told::Nothing);
}

#[test]
fn interactions_that_are_none_of_ours_are_not_heard() {
    for change in [
        json!({ "type": "view_submission" }),
        json!({ "type": "shortcut" }),
        json!({ "actions": [] }),
        json!({ "container": { "type": "view", "view_id": "V1" } }),
    ] {
        assert_eq!(pressed(change.clone()), Told::Nothing, "{change}");
    }
}
