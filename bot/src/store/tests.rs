use super::*;
use crate::platform::{Heard, Kind, Person, What};
use ecs_why_core::report::Report;
use ecs_why_core::{diagnosis, symptom};
use rusqlite::Connection;
use std::path::PathBuf;

/// A file of its own.
struct Here(tempfile::TempDir);

impl Here {
    fn new() -> Here {
        Here(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("state.db")
    }

    fn store(&self) -> Store {
        Store::open(&self.path()).expect("a file")
    }
}

fn at(second: i64) -> Moment {
    Moment::from_second(1_800_000_000 + second).expect("a moment")
}

fn place() -> Place {
    Place { kind: Kind::Slack, space: Some("T1".into()), channel: "C1".into(), thread: None, direct: false }
}

fn heard(id: &str) -> Heard {
    Heard {
        id: id.to_owned(),
        place: place(),
        person: Person { id: "U1".into(), roles: vec![] },
        what: What::Words("why is web down".into()),
        route: Route::Interaction("very-secret-token".into()),
    }
}

fn intent(key: &str) -> Intent {
    let route = Route::Interaction("very-secret-token".into());
    Intent { key: key.to_owned(), place: place(), route, made: at(0), sent: None }
}

fn report(cluster: &str, service: &str, task: &str) -> Report {
    let mut report = diagnosis::explain(
        &symptom::parse_pasted("OutOfMemoryError: Container killed due to memory usage").expect("a text"),
    );
    report.target.cluster = Some(cluster.to_owned());
    report.target.service = Some(service.to_owned());
    report.target.task = Some(format!("arn:aws:ecs:eu-west-1:111122223333:task/{cluster}/{task}"));
    report
}

fn kept(report: &Report, made: Moment) -> KeptReport {
    KeptReport {
        id: Store::id(),
        made,
        account: Some("prod".into()),
        region: Some("eu-west-1".into()),
        report: serde_json::to_string(report).expect("a report"),
        evidence: Some("{}".into()),
        asked: "{}".into(),
    }
}

fn event(id: &str, owner: &str, second: i64) -> Kept {
    Kept {
        id: id.to_owned(),
        at: at(second),
        kind: "stop".into(),
        owner: owner.to_owned(),
        kin: "k".into(),
        cluster: Some("prod".into()),
        service: Some("web".into()),
        task: Some(format!("{id}0123456789abcdef")),
        body: format!("body of {id}"),
        waits: true,
    }
}

#[tokio::test]
async fn what_is_delivered_again_is_one_question() {
    let here = Here::new();
    let store = here.store();
    assert!(store.hear(&heard("a"), at(1)).await.expect("kept"));
    assert!(!store.hear(&heard("a"), at(2)).await.expect("kept"));
    store.answered("a").await.expect("answered");
    assert!(!store.hear(&heard("a"), at(3)).await.expect("kept"), "also after it was answered");
    assert!(store.unanswered().await.expect("read").is_empty());
}

#[tokio::test]
async fn what_was_not_answered_is_there_after_a_restart_with_the_key_of_its_answer() {
    let here = Here::new();
    let store = here.store();
    store.hear(&heard("a"), at(1)).await.expect("kept");
    store.hear(&heard("b"), at(2)).await.expect("kept");
    store.answer_is("a", "key1").await.expect("kept");
    assert_eq!(store.tried("a").await.expect("kept"), 1);
    drop(store);
    let store = here.store();
    let left = store.unanswered().await.expect("read");
    assert_eq!(left, [(heard("a"), Some("key1".to_owned())), (heard("b"), None)]);
    assert_eq!(store.tried("a").await.expect("kept"), 2);
}

#[tokio::test]
async fn what_stands_for_an_interaction_is_gone_from_the_file_once_it_is_answered() {
    let here = Here::new();
    let store = here.store();
    store.hear(&heard("a"), at(1)).await.expect("kept");
    store.intend(&intent("key1")).await.expect("kept");
    store.answer_is("a", "key1").await.expect("kept");
    store.answered("a").await.expect("kept");
    let left = store.intent("key1").await.expect("read").expect("the intent stays, since its message may be edited");
    assert_eq!(left.route, Route::Message);
    drop(store);
    // The file is written whole when it is closed.
    let closed = Connection::open(here.path()).expect("the thread has let go");
    closed.busy_timeout(std::time::Duration::from_secs(5)).expect("set");
    closed.query_row("SELECT count(*) FROM heard", [], |row| row.get::<_, i64>(0)).expect("read");
    let bytes = std::fs::read(here.path()).expect("read");
    assert!(!bytes.windows(17).any(|part| part == b"very-secret-token"));
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let here = Here::new();
    std::fs::write(here.path(), "").expect("written");
    std::fs::set_permissions(here.path(), std::fs::Permissions::from_mode(0o644)).expect("set");
    let store = here.store();
    store.hear(&heard("a"), at(1)).await.expect("kept");
    for file in std::fs::read_dir(here.0.path()).expect("a folder") {
        let file = file.expect("a file");
        let mode = file.metadata().expect("its mode").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn an_intent_is_kept_once_and_tells_where_it_stands() {
    let here = Here::new();
    let store = here.store();
    assert_eq!(store.intend(&intent("a")).await.expect("kept"), (intent("a"), true));
    assert_eq!(store.pending().await.expect("read"), [intent("a")]);
    let sent = Sent { channel: "C1".into(), message: "1.2".into() };
    store.sent("a", &sent).await.expect("kept");
    let there = Intent { sent: Some(sent), ..intent("a") };
    assert_eq!(store.intend(&intent("a")).await.expect("kept"), (there.clone(), false));
    assert!(store.pending().await.expect("read").is_empty());
    store.withdraw("a").await.expect("kept");
    assert_eq!(store.intent("a").await.expect("read"), None);
}

#[tokio::test]
async fn the_newest_report_of_a_task_and_the_newest_failure_of_a_service_are_found() {
    let here = Here::new();
    let store = here.store();
    let task = "0123456789abcdef0123456789abcdef";
    let (old, new) = (kept(&report("prod", "web", task), at(1)), kept(&report("prod", "web", task), at(9)));
    store.keep(&new).await.expect("kept");
    store.keep(&old).await.expect("kept");
    let mut well = report("prod", "web", "ffff");
    well.outcome = ecs_why_core::report::Outcome::Running;
    store.keep(&kept(&well, at(20))).await.expect("kept");
    assert_eq!(store.report(&old.id).await.expect("read"), Some(old));
    assert_eq!(store.of_task(task).await.expect("read"), Some(new.clone()));
    assert_eq!(store.of_task("01234567").await.expect("read"), Some(new.clone()));
    assert_eq!(store.of_task("0123").await.expect("read"), None, "so few digits mean nothing");
    assert_eq!(store.of_service("prod", "web").await.expect("read"), Some(new));
    let other = kept(&report("prod", "web", "01234567ffff"), at(30));
    store.keep(&other).await.expect("kept");
    assert_eq!(store.of_task("01234567").await.expect("read"), None, "two tasks begin so");
}

#[tokio::test]
async fn an_event_is_taken_in_once_and_waits_until_it_is_dealt_with() {
    let here = Here::new();
    let store = here.store();
    let all = vec![event("b", "web", 2), event("a", "web", 1), event("c", "api", 0)];
    assert_eq!(store.take_in(all.clone(), at(5)).await.expect("kept"), 3);
    assert_eq!(store.take_in(all, at(6)).await.expect("kept"), 0);
    assert_eq!(store.owners_waiting(9).await.expect("read"), ["web", "api"]);
    let waiting = store.waiting("web", 9).await.expect("read");
    let ids: Vec<&str> = waiting.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"], "as they happened, and not as they came");
    store.dealt_with(vec!["a".into(), "b".into()]).await.expect("kept");
    assert_eq!(store.owners_waiting(9).await.expect("read"), ["api"]);
    assert_eq!(store.take_in(vec![event("a", "web", 1)], at(7)).await.expect("kept"), 0, "it is known still");
    assert_eq!(store.stop_of("a0123456789abcdef").await.expect("read"), Some(("body of a".to_owned(), at(1))));
    assert_eq!(store.event("b").await.expect("read").as_deref(), Some("body of b"));
}

#[tokio::test]
async fn calls_at_once_share_transactions_and_each_gets_its_own_answer() {
    let here = Here::new();
    let store = here.store();
    let calls = (0..500).map(|number| {
        let store = store.clone();
        async move { store.hear(&heard(&format!("h{}", number / 2)), at(number)).await.expect("kept") }
    });
    let new = futures_util::future::join_all(calls).await.into_iter().filter(|new| *new).count();
    assert_eq!((new, store.unanswered().await.expect("read").len()), (250, 250));
}

#[tokio::test]
async fn one_that_fails_takes_nothing_of_the_others_with_it() {
    let here = Here::new();
    let store = here.store();
    let (good, bad) = (heard("a"), kept(&report("prod", "web", "t"), at(1)));
    let bad = KeptReport { report: "no report".into(), ..bad };
    let failing = store.with(|file| {
        file.execute("INSERT INTO choices (id, at, choices) VALUES ('half', 1, 'done')", [])?;
        file.execute("INSERT INTO nowhere VALUES (1)", [])?;
        Ok(())
    });
    let (heard, failed, refused) = tokio::join!(store.hear(&good, at(1)), failing, store.keep(&bad));
    assert!(heard.expect("kept"));
    assert!(failed.is_err() && refused.is_err());
    assert_eq!(store.choices("half").await.expect("read"), None);
}

#[tokio::test]
async fn a_second_process_does_not_get_the_file() {
    let here = Here::new();
    let store = here.store();
    store.keep_choices("a", "b").await.expect("kept");
    let path = here.path();
    let second = tokio::task::spawn_blocking(move || Store::open(&path)).await.expect("ran");
    let told = second.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(told.contains("is in use: another ecs-why-bot runs with it"), "{told}");
}

#[test]
fn a_file_of_a_newer_version_of_another_program_or_damaged_is_told_and_left_alone() {
    let here = Here::new();
    let told = |path: &Path| Store::open(path).err().map(|error| error.to_string()).unwrap_or_default();
    let newer = here.0.path().join("newer.db");
    drop(schema::open(&newer).expect("made"));
    Connection::open(&newer).expect("there").pragma_update(None, "user_version", 99).expect("set");
    assert!(told(&newer).contains("was made by a newer ecs-why-bot (version 99"), "{}", told(&newer));
    let other = here.0.path().join("other.db");
    Connection::open(&other).expect("made").execute_batch("CREATE TABLE theirs (a)").expect("made");
    assert!(told(&other).contains("is the database of another program"), "{}", told(&other));
    let text = here.0.path().join("text.db");
    std::fs::write(&text, "this is no database at all, and it is longer than a header of one would be: ".repeat(20))
        .expect("written");
    assert!(told(&text).contains("is no state file, or is damaged"), "{}", told(&text));
    assert!(std::fs::read_to_string(&text).expect("read").starts_with("this is no database"));
    let damaged = here.0.path().join("damaged.db");
    drop(schema::open(&damaged).expect("made"));
    let mut bytes = std::fs::read(&damaged).expect("read");
    bytes.iter_mut().skip(4096 + 8).for_each(|byte| *byte = 0xff);
    std::fs::write(&damaged, bytes).expect("written");
    assert!(told(&damaged).contains("is damaged"), "{}", told(&damaged));
    assert!(
        told(Path::new("/nowhere/state.db")).contains("cannot be written"),
        "{}",
        told(Path::new("/nowhere/state.db"))
    );
}

#[tokio::test]
async fn what_is_too_old_goes_and_what_waits_stays() {
    let here = Here::new();
    let store = here.store();
    let (month, bounds) = (31 * 24 * 3600, Bounds::default());
    store.keep(&kept(&report("prod", "web", "a"), at(0))).await.expect("kept");
    store.take_in(vec![event("a", "web", 0), event("b", "web", 0)], at(0)).await.expect("kept");
    store.dealt_with(vec!["a".into()]).await.expect("kept");
    store.intend(&intent("key1")).await.expect("kept");
    store.prune(at(3600 * 2), bounds).await.expect("pruned");
    assert_eq!(
        store.intent("key1").await.expect("read").map(|one| one.route),
        Some(Route::Message),
        "its token is dead"
    );
    assert!(store.of_task("a").await.expect("read").is_some());
    store.prune(at(month), bounds).await.expect("pruned");
    assert_eq!(store.of_task("a").await.expect("read"), None);
    assert_eq!(store.event("a").await.expect("read"), None);
    assert_eq!(store.intent("key1").await.expect("read"), None);
    assert_eq!(store.waiting("web", 9).await.expect("read").len(), 1);
}

#[tokio::test]
async fn beyond_its_size_the_oldest_go() {
    let here = Here::new();
    let store = here.store();
    let large = |second: i64| KeptReport {
        evidence: Some(serde_json::json!([["e".repeat(50_000)], "e".repeat(50_000)]).to_string()),
        ..kept(&report("prod", "web", &format!("t{second}")), at(second))
    };
    for second in 0..100 {
        store.keep(&large(second)).await.expect("kept");
    }
    let bounds = Bounds { bytes: 3 << 20, ..Bounds::default() };
    store.prune(at(200), bounds).await.expect("pruned");
    assert_eq!(store.of_task("t0").await.expect("read"), None);
    assert!(store.of_task("t99").await.expect("read").is_some());
    let used = store.with(|file| Ok(file.query_row("SELECT count(*) FROM reports", [], |row| row.get::<_, i64>(0))?));
    assert!((10..40).contains(&used.await.expect("read")));
}

#[test]
fn keys_and_ids_have_their_form_and_differ() {
    let (key, id) = (Store::key(), Store::id());
    assert_eq!((key.len(), id.len()), (25, 21));
    assert!(key.starts_with('k') && id.starts_with('r'));
    assert!(key.chars().chain(id.chars()).all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
    assert_ne!(Store::key(), key);
}
