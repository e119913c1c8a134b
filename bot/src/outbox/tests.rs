use super::fake::{Fake, Fate, Standing, die_after};
use super::*;
use crate::platform::Button;
use ecs_why_core::render::{Card, Tone};

fn place() -> Place {
    Place { kind: Kind::Slack, space: Some("T1".into()), channel: "C1".into(), thread: None, direct: false }
}

fn message(title: &str) -> Message {
    let card = Card { tone: Tone::Bad, title: title.to_owned(), blocks: vec![], footer: None };
    Message { card, buttons: vec![Button { label: "Fix".into(), value: "fix:r1".into() }] }
}

fn hasty() -> Patience {
    Patience {
        give_up: Duration::from_secs(5),
        answer: Duration::from_secs(2),
        first: Duration::from_millis(1),
        longest: Duration::from_millis(4),
        at_once: 4,
        edit_every: Duration::from_millis(1),
    }
}

struct Here {
    folder: tempfile::TempDir,
    fake: Fake,
}

impl Here {
    fn with(fates: &[Fate]) -> Here {
        Here { folder: tempfile::tempdir().expect("a folder"), fake: Fake::with(fates) }
    }

    fn outbox(&self) -> Outbox {
        self.patient(hasty())
    }

    fn patient(&self, patience: Patience) -> Outbox {
        let store = Store::open(&self.folder.path().join("state.db")).expect("a file");
        Outbox::patient(store, vec![Arc::new(self.fake.clone())], patience)
    }
}

async fn say(outbox: &Outbox, key: &str, title: &str) -> Result<Sent, SendError> {
    outbox.say(key, &place(), &Route::Message, &message(title)).await
}

fn standing(here: &Here) -> Vec<(String, String)> {
    here.fake.channel().standing.iter().map(|one| (one.key.clone(), one.message.card.title.clone())).collect()
}

fn only(title: &str) -> Vec<(String, String)> {
    vec![("k1".to_owned(), title.to_owned())]
}

#[tokio::test]
async fn it_is_posted_once_and_edited_from_then_on_also_after_a_restart() {
    let here = Here::with(&[]);
    let outbox = here.outbox();
    let first = say(&outbox, "k1", "one").await.expect("said");
    assert_eq!(say(&outbox, "k1", "two").await.expect("said"), first);
    drop(outbox);
    let outbox = here.outbox();
    assert_eq!(say(&outbox, "k1", "three").await.expect("said"), first);
    assert_eq!(standing(&here), only("three"));
    assert_eq!(outbox.inner.lines.len(), 0, "nothing is kept of what is done");
}

#[tokio::test]
async fn whatever_is_lost_fails_or_has_to_wait_it_stands_there_once_and_says_the_last() {
    use Fate::{Failed, Later, Lost, Well};
    let kinds = [Well, Lost, Failed, Later];
    let here = Here::with(&[]);
    let outbox = here.patient(Patience { first: Duration::ZERO, ..hasty() });
    // Every way in which five requests can end.
    for number in 0..4_usize.pow(5) {
        let fates: Vec<Fate> = (0..5_u32).map(|at| kinds[(number / 4_usize.pow(at)) % 4]).collect();
        let key = format!("k{number}");
        here.fake.channel().fates = fates.clone();
        say(&outbox, &key, "one").await.expect("said");
        say(&outbox, &key, "two").await.expect("said");
        let standing: Vec<_> = standing(&here).into_iter().filter(|one| one.0 == key).collect();
        assert_eq!(standing, [(key, "two".to_owned())], "{fates:?}");
    }
}

#[tokio::test]
async fn a_kill_at_any_step_neither_doubles_nor_loses_it() {
    for fates in [&[][..], &[Fate::Lost], &[Fate::Failed, Fate::Lost], &[Fate::Later, Fate::Well, Fate::Lost]] {
        for polls in 0..200 {
            let here = Here::with(fates);
            let outbox = here.outbox();
            let whole = die_after(polls, async {
                say(&outbox, "k1", "one").await.expect("said");
                say(&outbox, "k1", "two").await.expect("said");
            })
            .await;
            drop(outbox);
            // Whoever it belongs to says it again, since it does not know that it was said.
            let outbox = here.outbox();
            outbox.restore().await.expect("read");
            say(&outbox, "k1", "three").await.expect("said");
            assert_eq!(standing(&here), only("three"), "killed at step {polls} with {fates:?}");
            if whole.is_some() {
                assert!(polls > 6, "so few steps are no test: {polls}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn of_those_that_wait_only_the_newest_is_sent() {
    let here = Here::with(&[]);
    let outbox = here.outbox();
    let titles: Vec<String> = (0..100).map(|number| format!("t{number}")).collect();
    let all = titles.iter().map(|title| say(&outbox, "k1", title));
    let results = futures_util::future::join_all(all).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(standing(&here), only("t99"));
    let channel = here.fake.channel();
    assert!(channel.posts == 1 && channel.edits <= 1, "{} posts, {} edits", channel.posts, channel.edits);
}

#[tokio::test]
async fn edits_are_slowed_down_and_the_last_is_never_dropped() {
    let here = Here::with(&[]);
    let outbox = here.patient(Patience { edit_every: Duration::from_millis(40), ..hasty() });
    let started = std::time::Instant::now();
    for number in 0..12 {
        say(&outbox, "k1", &format!("t{number}")).await.expect("said");
    }
    assert_eq!(standing(&here), only("t11"));
    // The post and four edits at once; the other seven one after the other.
    assert!(started.elapsed() >= Duration::from_millis(7 * 40 - 20), "{:?}", started.elapsed());
}

#[tokio::test]
async fn so_many_requests_are_out_at_once_and_no_more() {
    let here = Here::with(&[]);
    let outbox = here.outbox();
    let keys: Vec<String> = (0..50).map(|number| format!("k{number}")).collect();
    futures_util::future::join_all(keys.iter().map(|key| say(&outbox, key, "one"))).await;
    assert_eq!(standing(&here).len(), 50);
    assert_eq!(here.fake.channel().most_out, 4);
}

#[tokio::test]
async fn what_is_refused_is_told_at_once_and_leaves_nothing_behind() {
    let here = Here::with(&[Fate::Gone]);
    let outbox = here.outbox();
    assert_eq!(say(&outbox, "k1", "one").await, Err(SendError::Gone("there is no such channel".into())));
    assert_eq!(outbox.inner.store.intent("k1").await.expect("read"), None);
    let elsewhere = Place { kind: Kind::Discord, ..place() };
    let refused = outbox.say("k2", &elsewhere, &Route::Message, &message("one")).await;
    assert_eq!(refused, Err(SendError::Refused("discord is not served".into())));
}

#[tokio::test]
async fn a_message_that_somebody_deleted_is_not_posted_again() {
    let here = Here::with(&[Fate::Well, Fate::Gone]);
    let outbox = here.outbox();
    say(&outbox, "k1", "one").await.expect("said");
    assert!(matches!(say(&outbox, "k1", "two").await, Err(SendError::Gone(_))));
    assert_eq!(here.fake.channel().posts, 1);
}

#[tokio::test]
async fn it_gives_up_in_the_end_and_goes_on_from_there_when_it_is_asked_again() {
    let here = Here::with(&[Fate::Lost, Fate::Failed, Fate::Failed, Fate::Failed, Fate::Failed, Fate::Failed]);
    let outbox = here.patient(Patience { give_up: Duration::from_millis(5), ..hasty() });
    assert!(matches!(say(&outbox, "k1", "one").await, Err(SendError::Broken(_))));
    here.fake.channel().fates.clear();
    say(&outbox, "k1", "two").await.expect("said");
    assert_eq!(standing(&here), only("two"));
}

#[tokio::test]
async fn a_file_is_never_sent_twice() {
    let file = Attachment { name: "all.md".into(), title: "All of it".into(), bytes: vec![1] };
    for (fates, well, times) in [(&[Fate::Later][..], true, 1), (&[Fate::Lost], false, 1), (&[Fate::Failed], false, 0)]
    {
        let here = Here::with(fates);
        let done = here.outbox().attach(&place(), &Route::Message, &file).await;
        assert_eq!((done.is_ok(), standing(&here).len()), (well, times), "{fates:?}");
    }
}

#[tokio::test]
async fn after_a_restart_it_tells_what_stands_there_and_what_does_not() {
    let here = Here::with(&[]);
    let outbox = here.outbox();
    for key in ["k1", "k2"] {
        let intent = Intent { key: key.into(), place: place(), route: Route::Message, made: Moment::now(), sent: None };
        outbox.inner.store.intend(&intent).await.expect("kept");
    }
    here.fake.channel().standing.push(Standing { key: "k1".into(), place: place(), message: message("one") });
    assert_eq!(outbox.restore().await.expect("read"), Restored { found: 1, missing: 1, unknown: 0 });
    assert_eq!(outbox.restore().await.expect("read"), Restored { found: 0, missing: 1, unknown: 0 });
}
