//! What buttons do, and where they are good for nothing.

use super::room::{Room, TASK, said};
use crate::platform::{Sent, What};

async fn answered() -> Room {
    let room = Room::new().await;
    room.command("C1", &format!("prod/{TASK}")).await;
    room
}

fn value(room: &Room, label: &str) -> String {
    let buttons = room.standing().remove(0).message.buttons;
    buttons.into_iter().find(|one| one.label == label).expect("there is one").value
}

fn on() -> Sent {
    Sent { channel: "C1".to_owned(), message: "m0".to_owned() }
}

#[tokio::test]
async fn evidence_and_fix_stand_in_the_thread() {
    let room = answered().await;
    room.press("C1", "Evidence").await;
    let evidence = room.last();
    assert_eq!(evidence.place.thread.as_deref(), Some("m0"));
    room.press("C1", "Fix").await;
    let fix = room.last();
    assert_eq!((room.standing().len(), room.asked()), (3, 1));
    assert!(said(&fix).contains("Commands"), "{}", said(&fix));
    assert_ne!(said(&fix), said(&evidence));
}

#[tokio::test]
async fn checking_again_asks_anew_and_edits_the_card() {
    let room = answered().await;
    let before = room.last();
    room.press("C1", "Check again").await;
    let after = room.last();
    assert_eq!((room.standing().len(), room.asked(), after.edits), (1, 2, before.edits + 1));
    assert!(said(&after).contains("Compared with the report of"), "{}", said(&after));
    assert_ne!(after.message.buttons, before.message.buttons, "they are about the new report");
    room.press("C1", "Check again").await;
    assert_eq!((room.standing().len(), room.asked()), (1, 3));
}

#[tokio::test]
async fn a_check_that_fails_leaves_the_card_as_it_was() {
    let room = Room::with("", |source| source.well_for = 1).await;
    room.command("C1", &format!("prod/{TASK}")).await;
    let before = room.last();
    room.press("C1", "Check again").await;
    assert_eq!(room.last().message, before.message);
    assert!(room.whispered().contains("AWS limits"), "{}", room.whispered());
}

#[tokio::test]
async fn a_button_is_good_for_nothing_in_another_channel() {
    let room = answered().await;
    for channel in ["C2", "C3", "C4", "C9"] {
        for label in ["Evidence", "Fix", "Check again", "Wrong?"] {
            let value = value(&room, label);
            room.say(room.heard(channel, "U9", What::Press { value, on: on() })).await;
            assert!(!room.whispered().contains("prod"), "{}", room.whispered());
        }
    }
    assert_eq!((room.standing().len(), room.asked()), (1, 1));
    assert!(!room.folder.path().join("cases").exists());
}

#[tokio::test]
async fn a_forged_button_does_nothing() {
    let room = answered().await;
    let id = value(&room, "Evidence").split_once(':').expect("an id").1.to_owned();
    for value in [
        String::new(),
        "evidence".to_owned(),
        "evidence:".to_owned(),
        "evidence:r00000000000000000000".to_owned(),
        "evidence:../../../../etc/passwd".to_owned(),
        format!("drop:{id}"),
        format!("evidence:{id}:1"),
        format!("pick:{id}:0"),
        "pick:r00000000000000000000:99999999999999999999".to_owned(),
        "x".repeat(5_000),
    ] {
        let shown: String = value.chars().take(60).collect();
        room.say(room.heard("C1", "U9", What::Press { value, on: on() })).await;
        assert!(room.whispered().contains("no longer kept"), "{shown}: {}", room.whispered());
    }
    assert_eq!((room.standing().len(), room.asked()), (1, 1));
}

#[tokio::test]
async fn who_may_not_ask_may_not_press() {
    let room = Room::new().await;
    room.say(room.heard("C4", "U1", What::Command(format!("prod/{TASK}")))).await;
    let value = value(&room, "Evidence");
    room.say(room.heard("C4", "U2", What::Press { value, on: on() })).await;
    assert_eq!(room.standing().len(), 1);
    assert!(room.whispered().contains("You may not"), "{}", room.whispered());
}
