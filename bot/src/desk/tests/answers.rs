//! Each kind of question.

use super::room::{Room, TASK, said};
use crate::platform::What;
use crate::source::Trouble;
use ecs_why_core::error::Error;
use std::time::Duration;

async fn service(room: &Room) -> String {
    use crate::source::Source as _;
    room.source.services(&Default::default(), "prod").await.expect("they are listed").remove(0)
}

#[tokio::test]
async fn a_task_is_named_in_many_ways_and_has_one_answer() {
    let room = Room::new().await;
    let service = service(&room).await;
    let arn = format!("arn:aws:ecs:us-east-1:731714477743:task/prod/{TASK}");
    let link = format!("https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/{TASK}?region=us-east-1");
    let mut titles = vec![];
    for text in [
        format!("prod/{service}"),
        service.clone(),
        format!("prod/{TASK}"),
        TASK.to_owned(),
        TASK[..8].to_owned(),
        arn,
        link,
    ] {
        room.command("C1", &text).await;
        let last = room.last();
        assert!(!last.message.buttons.is_empty(), "{text}: {}", said(&last));
        titles.push(last.message.card.title.clone());
    }
    room.words("C1", &format!("why did task {TASK} stop?")).await;
    titles.push(room.last().message.card.title.clone());
    room.words("C1", &format!("what happened to {service} in prod")).await;
    titles.push(room.last().message.card.title.clone());
    assert_eq!(room.standing().len(), 9, "one card a question");
    titles.dedup();
    assert_eq!(titles.len(), 1, "{titles:?}");
    let labels: Vec<String> = room.last().message.buttons.into_iter().map(|one| one.label).collect();
    assert_eq!(labels, ["Evidence", "Fix", "Check again", "Wrong?"]);
}

#[tokio::test]
async fn the_same_question_delivered_twice_has_one_answer() {
    let room = Room::new().await;
    let heard = room.heard("C1", "U9", What::Command(format!("prod/{TASK}")));
    room.say(heard.clone()).await;
    room.say(heard).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!((room.standing().len(), room.asked()), (1, 1));
}

#[tokio::test]
async fn what_takes_a_moment_is_said_and_then_edited_in_place() {
    let room = Room::with("", |source| source.slow = Duration::from_millis(2_300)).await;
    let heard = room.heard("C1", "U9", What::Command(format!("prod/{TASK}")));
    use crate::platform::Ear as _;
    room.desk.hear(heard).await.expect("it is kept");
    tokio::time::sleep(Duration::from_millis(1_900)).await;
    let begun = room.last();
    assert!(begun.message.card.title.starts_with("Looking at prod/9c57"), "{begun:?}");
    room.settled().await;
    let done = room.last();
    assert_eq!((room.standing().len(), done.key == begun.key), (1, true));
    assert!(done.edits >= 1 && !done.message.buttons.is_empty(), "{done:?}");
}

#[tokio::test]
async fn a_fresh_answer_is_given_again_with_buttons_of_its_own() {
    let room = Room::new().await;
    room.command("C1", &format!("prod/{TASK}")).await;
    let first = room.last().message.buttons;
    room.command("C1", &format!("prod/{TASK}")).await;
    assert_eq!(room.asked(), 1);
    assert_ne!(room.last().message.buttons, first);
    // Its evidence is that of the first.
    room.press("C1", "Wrong?").await;
    let case = std::fs::read_dir(room.folder.path().join("cases")).expect("a case").next().expect("one").expect("it");
    let text = std::fs::read_to_string(case.path()).expect("it is read");
    assert!(text.contains("\"replays_alike\": true") && !text.contains("731714477743"), "{text}");
}

#[tokio::test]
async fn a_pasted_text_is_explained_and_nobody_is_asked() {
    let room = Room::new().await;
    let text = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref \
                731714477743.dkr.ecr.us-east-1.amazonaws.com/web:v42: not found";
    room.words("C1", text).await;
    let last = room.last();
    assert_eq!(room.asked(), 0);
    let labels: Vec<&str> = last.message.buttons.iter().map(|one| one.label.as_str()).collect();
    assert!(labels.contains(&"Evidence") && !labels.contains(&"Check again"), "{}", said(&last));
}

#[tokio::test]
async fn alone_it_tells_what_fails_in_the_channels_clusters_and_no_others() {
    let room = Room::new().await;
    room.command("C1", "").await;
    let last = room.last();
    assert!(!said(&last).contains("prod-ec2"), "{}", said(&last));
    assert!(last.message.buttons.iter().all(|one| one.label.starts_with("prod/")), "{last:?}");
    room.press("C1", "prod/").await;
    let answer = room.last();
    assert_eq!(answer.place.thread.as_deref(), Some("m0"), "it stands beside the list");
    assert_eq!(room.asked(), 1);
}

#[tokio::test]
async fn help_and_what_cannot_be_read_are_short_and_guess_nothing() {
    let room = Room::new().await;
    room.command("C1", "help").await;
    assert!(room.last().message.card.title.starts_with("Ask me"), "{:?}", room.last());
    room.words("C1", "the weather is nice today isn't it").await;
    assert!(said(&room.last()).contains("cannot read"), "{:?}", room.last());
    assert_eq!(room.asked(), 0);
}

#[tokio::test]
async fn what_is_not_there_is_told_with_names_like_it_that_may_be_asked_about() {
    let room = Room::new().await;
    let service = service(&room).await;
    room.command("C1", &format!("prod/{service}x")).await;
    let last = room.last();
    let asked = room.asked();
    let offered = format!("{:?}", last.message.buttons);
    assert!(offered.contains(&format!("prod/{service}")), "{offered} {}", said(&last));
    room.press("C1", &format!("prod/{service}")).await;
    let answer = room.last();
    assert_eq!((answer.key == last.key, room.asked()), (true, asked + 1), "{answer:?}");
    // In another place nothing of it is offered.
    room.command("C2", &format!("prod/{service}x")).await;
    assert!(room.last().message.buttons.is_empty(), "{:?}", room.last());
}

#[tokio::test]
async fn what_may_be_two_things_is_asked_back_and_answered_in_its_place() {
    let room = Room::new().await;
    let service = service(&room).await;
    room.command("C3", &service).await;
    let which = room.last();
    let labels: Vec<&str> = which.message.buttons.iter().map(|one| one.label.as_str()).collect();
    assert_eq!((labels.len(), room.asked()), (2, 0), "{which:?}");
    assert!(labels[0].contains("live") && labels[1].contains("test"), "{labels:?}");
    room.press("C3", labels[0]).await;
    let answer = room.last();
    assert_eq!((answer.key == which.key, room.standing().len()), (true, 1));
    assert!(answer.message.buttons.iter().any(|one| one.label == "Evidence"), "{}", said(&answer));
}

#[tokio::test]
async fn trouble_is_told_so_that_somebody_can_act() {
    let denied = Error::Denied { action: "ecs:DescribeTasks".to_owned(), detail: "not allowed".to_owned() };
    let room = Room::with("", |source| source.trouble = Some(Trouble::from(denied))).await;
    room.command("C1", &format!("prod/{TASK}")).await;
    let said = said(&room.last());
    assert!(said.contains("I lack the permission ecs:DescribeTasks") && said.contains("Effect"), "{said}");
}
