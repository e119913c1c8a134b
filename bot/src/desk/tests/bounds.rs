//! Who may ask, where, about what, and how often.

use super::room::{Room, TASK, place, said};
use crate::platform::{Ear as _, Person, Place, What};

fn ask() -> What {
    What::Command(format!("prod/{TASK}"))
}

#[tokio::test]
async fn who_may_not_ask_is_told_so_alone_and_nothing_is_asked() {
    let room = Room::new().await;
    let mut outside = room.heard("C1", "U1", ask());
    outside.place.space = Some("T2".to_owned());
    let mut direct = room.heard("D1", "U1", ask());
    direct.place.direct = true;
    for (heard, word) in [
        (outside, "workspace"),
        (room.heard("C9", "U1", ask()), "in this channel"),
        (room.heard("C4", "U9", ask()), "You may not"),
        (direct, "direct messages"),
    ] {
        room.say(heard).await;
        let whispered = room.whispered();
        assert!(whispered.contains(word) && !whispered.contains("prod"), "{word}: {whispered}");
    }
    assert_eq!((room.standing().len(), room.asked()), (0, 0));
    // By name, or by a role.
    room.say(room.heard("C4", "U1", ask())).await;
    let mut by_role = room.heard("C4", "U8", ask());
    by_role.person.roles = vec!["S1".to_owned()];
    room.say(by_role).await;
    assert_eq!(room.standing().len(), 2);
}

#[tokio::test]
async fn a_cluster_that_the_place_may_not_see_is_reached_by_no_way() {
    let room = Room::new().await;
    for text in [
        format!("prod/{TASK}"),
        TASK.to_owned(),
        format!("arn:aws:ecs:us-east-1:731714477743:task/prod/{TASK}"),
        format!("https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/{TASK}?region=us-east-1"),
        format!("arn:aws:ecs:us-east-1:731714477743:task/{TASK}"),
        TASK[..9].to_owned(),
        "prod/nothing-of-that-name".to_owned(),
    ] {
        room.command("C2", &text).await;
        let said = said(&room.last());
        assert!(!said.contains("image") && room.last().message.buttons.is_empty(), "{text}: {said}");
    }
    room.words("C2", "what is failing in prod").await;
    assert!(!said(&room.last()).contains("image"), "{}", said(&room.last()));
    assert_eq!(room.asked(), 0);
    // Whether it is there or not, the same is said.
    room.command("C2", "prod/nothing-of-that-name").await;
    let absent = room.last().message;
    room.command("C2", &format!("prod/{TASK}")).await;
    assert_eq!(room.last().message, absent);
}

#[tokio::test]
async fn another_account_or_region_is_outside_though_the_cluster_has_the_same_name() {
    let room = Room::new().await;
    for text in [
        format!("arn:aws:ecs:us-east-1:444455556666:task/prod/{TASK}"),
        format!("arn:aws:ecs:eu-west-1:731714477743:task/prod/{TASK}"),
        format!("arn:aws:ecs:eu-west-1:731714477743:task/{TASK}"),
        format!("https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/{TASK}?region=eu-west-1"),
    ] {
        room.command("C1", &text).await;
        let said = said(&room.last());
        assert!(said.contains("may not be asked about here"), "{text}: {said}");
    }
    assert_eq!(room.asked(), 0);
}

#[tokio::test]
async fn what_is_completed_is_what_may_be_asked_about() {
    let room = Room::new().await;
    let ann = Person { id: "U9".to_owned(), roles: vec![] };
    let one = room.desk.suggest(&place("C1"), &ann, "").await;
    let two = room.desk.suggest(&place("C2"), &ann, "").await;
    assert!(
        one.iter().any(|name| name.starts_with("prod/")) && one.iter().all(|name| !name.contains("ec2")),
        "{one:?}"
    );
    assert!(!two.is_empty() && two.iter().all(|name| name.starts_with("prod-ec2")), "{two:?}");
    assert_eq!(room.desk.suggest(&place("C9"), &ann, "").await, Vec::<String>::new());
    assert_eq!(room.desk.suggest(&place("C4"), &ann, "").await, Vec::<String>::new());
    assert_eq!(room.desk.suggest(&place("C1"), &ann, "prod-e").await, Vec::<String>::new());
}

#[tokio::test]
async fn who_asks_too_often_waits_and_others_do_not() {
    let room = Room::with("[limits]\nper-person = 2\n", |_| {}).await;
    for _ in 0..3 {
        room.say(room.heard("C1", "U5", What::Command("help".to_owned()))).await;
    }
    assert_eq!(room.standing().len(), 2);
    assert!(room.whispered().contains("too many questions"), "{}", room.whispered());
    room.say(room.heard("C1", "U6", What::Command("help".to_owned()))).await;
    assert_eq!(room.standing().len(), 3);
    for _ in 0..20 {
        room.say(room.heard("C1", "U5", What::Command("help".to_owned()))).await;
    }
    let whispers = room.platform.whispers.lock().expect("nobody panics").len();
    assert!(whispers <= 3, "who does not stop is not told each time: {whispers}");
}

#[tokio::test]
async fn a_channel_has_its_share() {
    let room = Room::with("[limits]\nper-channel = 2\n", |_| {}).await;
    for person in ["U1", "U2", "U3"] {
        room.say(room.heard("C1", person, What::Command("help".to_owned()))).await;
    }
    room.say(room.heard("C2", "U4", What::Command("help".to_owned()))).await;
    let places: Vec<Place> = room.standing().into_iter().map(|one| one.place).collect();
    assert_eq!(places, [place("C1"), place("C1"), place("C2")]);
}

#[tokio::test]
async fn who_is_named_may_ask_directly() {
    let more = "[direct]\naccounts = ['live']\nclusters = ['prod']\npeople = ['U1']\n";
    let room = Room::with(more, |_| {}).await;
    for person in ["U1", "U2"] {
        let mut heard = room.heard("D1", person, ask());
        heard.place.direct = true;
        room.say(heard).await;
    }
    assert_eq!(room.standing().len(), 1);
    assert!(room.whispered().contains("You may not"), "{}", room.whispered());
}
