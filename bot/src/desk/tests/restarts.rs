//! What survives the end of the process.

use super::room::{Room, TASK, said};
use crate::platform::{Ear as _, What};
use crate::store::Store;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn what_was_left_unanswered_is_answered_in_the_message_that_was_begun() {
    let room = Room::with("", |source| source.slow = Duration::from_secs(30)).await;
    let heard = room.heard("C1", "U9", What::Command(format!("prod/{TASK}")));
    room.desk.hear(heard.clone()).await.expect("it is kept");
    tokio::time::sleep(Duration::from_millis(1_900)).await;
    let begun = room.last();
    assert!(!room.desk.close(Duration::from_millis(100)).await, "it is in the middle");
    assert!(said(&room.last()).contains("Interrupted by a restart"), "{:?}", room.last());
    assert!(room.desk.hear(heard.clone()).await.is_err(), "nothing more is heard");

    let Room { folder, platform, desk, store, .. } = room;
    drop((desk, store));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let source = Arc::new(super::played::Scripted::new(&super::room::SCENARIOS));
    let room = Room::open(folder, "", source, platform).await;
    room.settled().await;
    let done = room.last();
    assert_eq!((room.standing().len(), done.key == begun.key), (1, true), "{done:?}");
    assert!(!done.message.buttons.is_empty(), "{}", said(&done));
    // The platform delivers it again: it was answered.
    room.say(heard).await;
    assert_eq!((room.standing().len(), room.asked()), (1, 1));
}

#[tokio::test]
async fn a_question_that_ends_the_process_each_time_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Room::new().await;
    let heard = first.heard("C1", "U9", What::Command(format!("prod/{TASK}")));
    let store = Store::open(&folder.path().join("state.sqlite")).expect("a state file");
    store.hear(&heard, ecs_why_core::model::Moment::now()).await.expect("it is kept");
    store.answer_is(&heard.id, &Store::key()).await.expect("it is noted");
    for _ in 0..crate::desk::MOST_TRIES {
        store.tried(&heard.id).await.expect("it is counted");
    }
    drop(store);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let source = Arc::new(super::played::Scripted::new(&super::room::SCENARIOS));
    let room = Room::open(folder, "", source, Arc::default()).await;
    room.settled().await;
    assert!(said(&room.last()).contains("I give up"), "{:?}", room.last());
    assert_eq!(room.asked(), 0);
}

#[tokio::test]
async fn many_questions_at_once_are_all_answered_once() {
    let more = "[limits]\nper-person = 1000\nper-channel = 1000\ndiagnoses = 2\n";
    let room = Room::with(more, |source| source.slow = Duration::from_millis(20)).await;
    for _ in 0..60 {
        let heard = room.heard("C1", "U9", What::Command(format!("prod/{TASK}")));
        room.desk.hear(heard).await.expect("it is kept");
    }
    room.settled().await;
    let standing = room.standing();
    assert_eq!(standing.len(), 60);
    assert!(standing.iter().all(|one| !one.message.buttons.is_empty()));
    assert_eq!(room.asked(), 1, "the same question at the same time is asked once");
    assert!(room.desk.close(Duration::from_secs(1)).await, "nothing is left");
}

#[tokio::test]
async fn what_was_heard_just_before_the_end_is_answered() {
    for _ in 0..20 {
        let room = Room::new().await;
        for _ in 0..3 {
            let heard = room.heard("C1", "U9", What::Command(format!("prod/{TASK}")));
            room.desk.hear(heard).await.expect("it is kept");
        }
        assert!(room.desk.close(Duration::from_secs(20)).await, "all of it is answered");
        let standing = room.standing();
        assert_eq!(standing.len(), 3);
        assert!(standing.iter().all(|one| !one.message.buttons.is_empty()), "{standing:?}");
    }
}
