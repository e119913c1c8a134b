//! What the gateway says, as Discord writes it, and what is heard of it.

use super::*;
use crate::platform::Route;
use serde_json::{Value, json};

fn user(id: &str, bot: bool) -> Value {
    json!({"id": id, "username": "mara", "discriminator": "0", "global_name": "@everyone", "avatar": null, "bot": bot})
}

fn member(id: &str) -> Value {
    json!({"user": user(id, false), "roles": ["71", "72"], "nick": null, "avatar": null, "deaf": false, "mute": false,
        "joined_at": "2026-01-01T00:00:00+00:00", "premium_since": null, "pending": false, "flags": 0,
        "permissions": "2147483647", "guild_id": "2001"})
}

fn said(content: &str) -> Value {
    json!({"id": "900", "channel_id": "4001", "guild_id": "2001", "author": user("3001", false), "content": content,
        "timestamp": "2026-11-22T08:00:00+00:00", "edited_timestamp": null, "tts": false, "mention_everyone": false,
        "mentions": [user("42", true)], "mention_roles": [], "attachments": [], "embeds": [], "pinned": false, "type": 0,
        "flags": 0, "components": [], "member": {"roles": ["71"], "joined_at": "2026-01-01T00:00:00+00:00", "deaf": false,
        "mute": false, "flags": 0}})
}

fn interaction(kind: u8, data: &Value, with: &Value) -> Value {
    let mut interaction = json!({"id": "800", "application_id": "1001", "type": kind, "data": data, "token": "aW50.er-act_ion",
        "version": 1, "guild_id": "2001", "channel_id": "4001",
        "channel": {"id": "4001", "type": 0, "name": "incidents", "permissions": "0", "parent_id": "6001"},
        "member": member("3001"), "app_permissions": "0", "locale": "en-GB", "guild_locale": "en-US", "entitlements": [],
        "authorizing_integration_owners": {"0": "2001"}, "context": 0, "attachment_size_limit": 10_485_760});
    for (name, value) in with.as_object().unwrap() {
        interaction[name] = value.clone();
    }
    interaction
}

fn slash(options: &Value, with: &Value) -> CommandInteraction {
    let data = json!({"id": "5001", "name": "why", "type": 1, "options": options});
    serde_json::from_value(interaction(2, &data, with)).unwrap()
}

fn words(change: impl FnOnce(&mut Value)) -> Message {
    let mut message = said("<@42> why did `payments` stop?");
    change(&mut message);
    serde_json::from_value(message).unwrap()
}

#[test]
fn a_slash_command_is_heard_with_its_place_person_and_token() {
    let heard =
        command(&slash(&json!([{"name": "target", "type": 3, "value": " prod/payments "}]), &json!({}))).unwrap();
    assert_eq!(heard.id, "discord:800");
    assert_eq!(heard.what, What::Command("prod/payments".to_owned()));
    assert_eq!(
        heard.place,
        Place {
            kind: Kind::Discord,
            space: Some("2001".to_owned()),
            // The category above a channel is no channel.
            channel: "4001".to_owned(),
            thread: None,
            direct: false
        }
    );
    assert_eq!(heard.person, Person { id: "3001".to_owned(), roles: vec!["71".to_owned(), "72".to_owned()] });
    assert_eq!(heard.route, Route::Interaction("command:800:aW50.er-act_ion".to_owned()));
}

#[test]
fn a_slash_command_alone_asks_with_no_words() {
    let heard = command(&slash(&json!([]), &json!({}))).unwrap();
    assert_eq!(heard.what, What::Command(String::new()));
}

#[test]
fn in_a_thread_the_channel_is_the_threads_and_the_answer_stays_in_the_thread() {
    for kind in [10, 11, 12] {
        let thread = json!({"channel_id": "4444", "channel": {"id": "4444", "type": kind, "name": "t", "permissions": "0",
            "parent_id": "4001"}});
        let heard = command(&slash(&json!([]), &thread)).unwrap();
        assert_eq!((heard.place.channel.as_str(), heard.place.thread.as_deref()), ("4001", Some("4444")));
    }
    let heard = message(&words(|_| {}), Some(4000));
    assert_eq!((heard.place.channel.as_str(), heard.place.thread.as_deref()), ("4000", Some("4001")));
}

#[test]
fn in_a_direct_message_there_is_no_guild_and_there_are_no_roles() {
    let mut direct = interaction(
        2,
        &json!({"id": "5001", "name": "why", "type": 1}),
        &json!({"channel": {"id": "4001", "type": 1, "permissions": "0"}, "user": user("3001", false), "context": 1}),
    );
    for gone in ["guild_id", "guild_locale", "member"] {
        direct.as_object_mut().unwrap().remove(gone);
    }
    let heard = command(&serde_json::from_value(direct).unwrap()).unwrap();
    assert!(heard.place.direct && heard.place.space.is_none() && heard.person.roles.is_empty());
    assert_eq!(heard.person.id, "3001");
}

#[test]
fn what_is_being_typed_is_told_from_what_was_sent() {
    let data = json!({"id": "5001", "name": "why", "type": 1,
        "options": [{"name": "target", "type": 3, "value": "pay", "focused": true}]});
    let typed: CommandInteraction = serde_json::from_value(interaction(4, &data, &json!({}))).unwrap();
    let (place, person, text) = typing(&typed).unwrap();
    assert_eq!((place.channel.as_str(), person.id.as_str(), text), ("4001", "3001", "pay"));
    assert!(typing(&slash(&json!([{"name": "target", "type": 3, "value": "pay"}]), &json!({}))).is_none());
}

#[test]
fn a_press_carries_the_buttons_value_and_the_message_it_stands_in() {
    let on = {
        let mut on = said("");
        on["author"] = user("42", true);
        json!({"message": on})
    };
    let data = json!({"custom_id": "fix:r0123456789abcdefghij", "component_type": 2});
    let heard = press(&serde_json::from_value(interaction(3, &data, &on)).unwrap()).unwrap();
    let on_message = Sent { channel: "4001".to_owned(), message: "900".to_owned() };
    assert_eq!(heard.what, What::Press { value: "fix:r0123456789abcdefghij".to_owned(), on: on_message });
    assert_eq!(heard.route, Route::Interaction("press:800:aW50.er-act_ion".to_owned()));

    let data = json!({"custom_id": "choose", "component_type": 3, "values": ["go:1"]});
    let heard = press(&serde_json::from_value(interaction(3, &data, &on)).unwrap()).unwrap();
    assert!(matches!(heard.what, What::Press { value, .. } if value == "go:1"));
}

#[test]
fn a_token_that_could_change_an_address_is_not_heard() {
    for token in ["", "../../users/@me", "a/b", "a?wait=true", "a b", "a#b", "%2e%2e", "a\nb"] {
        assert!(command(&slash(&json!([]), &json!({"token": token}))).is_none(), "{token}");
    }
}

#[test]
fn a_mention_asks_and_other_messages_do_not() {
    let cases: &[(&str, bool, Message)] = &[
        ("a mention", true, words(|_| {})),
        ("an answer with a mention", true, words(|m| m["type"] = json!(19))),
        (
            "a direct message",
            true,
            words(|m| {
                m.as_object_mut().unwrap().remove("guild_id");
                m["content"] = json!("why did payments stop");
            }),
        ),
        ("no mention", false, words(|m| m["content"] = json!("why did payments stop"))),
        ("an answer to a card, which mentions in the list alone", false, words(|m| m["content"] = json!("thanks"))),
        ("another is mentioned", false, words(|m| m["content"] = json!("<@421> why"))),
        ("a bot", false, words(|m| m["author"] = user("77", true))),
        ("we ourselves", false, words(|m| m["author"] = user("42", false))),
        ("a webhook", false, words(|m| m["webhook_id"] = json!("66"))),
        ("somebody joins", false, words(|m| m["type"] = json!(7))),
        ("a thread is made", false, words(|m| m["type"] = json!(18))),
    ];
    for (what, wanted, message) in cases {
        assert_eq!(asks(message, 42), *wanted, "{what}");
    }
}

#[test]
fn a_mention_is_answered_as_a_reply_to_it() {
    let heard = message(&words(|_| {}), None);
    assert_eq!(heard.id, "discord:900");
    assert_eq!(heard.what, What::Words("why did payments stop?".to_owned()));
    assert_eq!(heard.route, Route::Interaction("reply:4001:900".to_owned()));
    assert_eq!(heard.person.roles, ["71"]);
}
