//! A room with the desk in it: what is said into it, and what stands there afterwards.

use super::played::{Played, Scripted, Standing};
use crate::config;
use crate::desk::{Desk, Needs};
use crate::outbox::Outbox;
use crate::platform::*;
use crate::store::Store;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tempfile::TempDir;

/// A task of cluster `prod`, by its id.
pub const TASK: &str = "9c57ce6e5fa32b1ccf1032fca34838e1";
/// The recordings: one of `prod`, and one of `prod-ec2`.
pub const SCENARIOS: [&str; 2] = ["image-tag-not-found/image-tag-missing", EC2];
const EC2: &str = "container-configuration-invalid/container-user-missing";

/// The desk, with what it needs.
pub struct Room {
    pub desk: Arc<Desk>,
    pub platform: Arc<Played>,
    pub source: Arc<Scripted>,
    pub store: Store,
    pub folder: TempDir,
    count: std::sync::atomic::AtomicUsize,
}

/// Channels: C1 may ask about `prod`, C2 about `prod-ec2`, C3 about `prod` of two accounts; U1 and U2 may ask in C4.
fn text(folder: &TempDir, more: &str) -> String {
    let folder = folder.path().display();
    format!(
        r#"
state = "{folder}/state.sqlite"
[accounts.live]
role = "arn:aws:iam::731714477743:role/r"
regions = ["us-east-1"]
[accounts.test]
profile = "test"
regions = ["us-east-1"]
[slack]
workspaces = ["T1"]
[[channel]]
platform = "slack"
id = "C1"
name = "one"
accounts = ["live"]
clusters = ["prod"]
[[channel]]
platform = "slack"
id = "C2"
name = "two"
accounts = ["live"]
clusters = ["prod-ec2"]
[[channel]]
platform = "slack"
id = "C3"
name = "three"
accounts = ["live", "test"]
clusters = ["prod"]
[[channel]]
platform = "slack"
id = "C4"
name = "four"
accounts = ["live"]
clusters = ["prod"]
people = ["U1"]
roles = ["S1"]
[owners]
folder = "{folder}/cases"
{more}
"#
    )
}

impl Room {
    pub async fn new() -> Room {
        Room::with("", |_| {}).await
    }

    /// With more in the configuration, and a source that is changed first.
    pub async fn with(more: &str, change: impl FnOnce(&mut Scripted)) -> Room {
        let folder = tempfile::tempdir().expect("a folder");
        let mut source = Scripted::new(&SCENARIOS);
        change(&mut source);
        Room::open(folder, more, Arc::new(source), Arc::default()).await
    }

    /// Over what stands already.
    pub async fn open(folder: TempDir, more: &str, source: Arc<Scripted>, platform: Arc<Played>) -> Room {
        let config = config::parse(&text(&folder, more)).expect("the configuration is well formed");
        let store = Store::open(&config.state).expect("a state file");
        let outbox = Outbox::new(store.clone(), vec![Arc::clone(&platform) as Arc<dyn Platform>]);
        outbox.restore().await.expect("the state file is read");
        let needs = Needs {
            source: Arc::clone(&source) as Arc<dyn crate::source::Source>,
            store: store.clone(),
            outbox,
            metrics: Arc::default(),
        };
        let desk = Desk::open(&config, needs).await.expect("it opens");
        Room { desk, platform, source, store, folder, count: Default::default() }
    }

    /// Something that is said in a channel by somebody.
    pub fn heard(&self, channel: &str, person: &str, what: What) -> Heard {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        Heard {
            id: format!("slack:{number}"),
            place: place(channel),
            person: Person { id: person.to_owned(), roles: vec![] },
            what,
            route: Route::Message,
        }
    }

    /// A slash command in a channel, answered.
    pub async fn command(&self, channel: &str, text: &str) {
        self.say(self.heard(channel, "U9", What::Command(text.to_owned()))).await;
    }

    /// A mention in a channel, answered.
    pub async fn words(&self, channel: &str, text: &str) {
        self.say(self.heard(channel, "U9", What::Words(text.to_owned()))).await;
    }

    /// A press of a button by its label on the newest message with such a one, in a channel, answered.
    pub async fn press(&self, channel: &str, label: &str) {
        let standing = self.standing();
        let found = standing.iter().rev().find_map(|one| {
            Some((
                one.sent.clone(),
                one.message.buttons.iter().find(|button| button.label.starts_with(label))?.value.clone(),
            ))
        });
        let (on, value) = found.unwrap_or_else(|| panic!("no button {label} in {standing:?}"));
        self.say(self.heard(channel, "U9", What::Press { value, on })).await;
    }

    /// Anything, answered.
    pub async fn say(&self, heard: Heard) {
        self.desk.hear(heard).await.expect("it is kept");
        self.settled().await;
    }

    /// Waits until everything is answered.
    pub async fn settled(&self) {
        for _ in 0..1_000 {
            if self.store.unanswered().await.expect("it is read").is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it was not answered in 10 s");
    }

    /// What stands in all channels.
    pub fn standing(&self) -> Vec<Standing> {
        self.platform.standing.lock().expect("nobody panics").clone()
    }

    /// The newest message.
    pub fn last(&self) -> Standing {
        self.standing().pop().expect("something stands there")
    }

    /// What was whispered last, as one text.
    pub fn whispered(&self) -> String {
        let whispers = self.platform.whispers.lock().expect("nobody panics");
        whispers.last().map(|message| format!("{:?}", message.card)).unwrap_or_default()
    }

    /// How many targets were asked about.
    pub fn asked(&self) -> usize {
        self.source.asked.load(Ordering::Relaxed)
    }
}

/// A channel of the workspace.
pub fn place(channel: &str) -> Place {
    Place { kind: Kind::Slack, space: Some("T1".to_owned()), channel: channel.to_owned(), thread: None, direct: false }
}

/// A message as one text.
pub fn said(standing: &Standing) -> String {
    format!("{:?}", standing.message.card)
}
