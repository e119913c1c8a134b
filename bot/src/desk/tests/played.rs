//! A platform and a source that are played.

use crate::desk::asked::Spot;
use crate::platform::*;
use crate::source::{Patience, Source, Trouble};
use async_trait::async_trait;
use ecs_why_core::account::EvidenceFile;
use ecs_why_core::diagnosis::{Diagnosis, Wish};
use ecs_why_core::error::Error;
use ecs_why_core::model::Moment;
use ecs_why_core::recorded::{self, Incident};
use ecs_why_core::triage::{Triage, TriageWish};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What stands somewhere.
#[derive(Debug, Clone)]
pub struct Standing {
    pub key: String,
    pub place: Place,
    pub sent: Sent,
    pub message: Message,
    pub edits: usize,
}

/// A platform that does what it is told.
#[derive(Default)]
pub struct Played {
    pub standing: Mutex<Vec<Standing>>,
    pub whispers: Mutex<Vec<Message>>,
    pub files: Mutex<Vec<(Place, Attachment)>>,
}

#[async_trait]
impl Platform for Played {
    fn kind(&self) -> Kind {
        Kind::Slack
    }

    async fn post(&self, place: &Place, _: &Route, message: &Message, key: &str) -> Result<Sent, SendError> {
        let mut all = self.standing.lock().expect("nobody panics");
        let sent = Sent { channel: place.channel.clone(), message: format!("m{}", all.len()) };
        let standing = Standing {
            key: key.to_owned(),
            place: place.clone(),
            sent: sent.clone(),
            message: message.clone(),
            edits: 0,
        };
        all.push(standing);
        Ok(sent)
    }

    async fn edit(&self, sent: &Sent, _: &Route, message: &Message, key: &str) -> Result<(), SendError> {
        let mut all = self.standing.lock().expect("nobody panics");
        let one = all.iter_mut().find(|one| one.sent == *sent).expect("what is edited stands there");
        assert_eq!(one.key, key, "a message keeps its key");
        one.message = message.clone();
        one.edits += 1;
        Ok(())
    }

    async fn find(&self, _: &Place, _: &Route, key: &str, _: Moment) -> Result<Option<Sent>, SendError> {
        let all = self.standing.lock().expect("nobody panics");
        Ok(all.iter().find(|one| one.key == key).map(|one| one.sent.clone()))
    }

    async fn attach(&self, place: &Place, _: &Route, file: &Attachment) -> Result<(), SendError> {
        self.files.lock().expect("nobody panics").push((place.clone(), file.clone()));
        Ok(())
    }

    async fn whisper(&self, _: &Heard, message: &Message) -> Result<(), SendError> {
        self.whispers.lock().expect("nobody panics").push(message.clone());
        Ok(())
    }

    async fn thread(&self, place: &Place, under: &Sent, _: &str) -> Result<Place, SendError> {
        Ok(Place { thread: Some(under.message.clone()), ..place.clone() })
    }
}

/// Recorded incidents in an account of which it is known whose it is.
pub struct Scripted {
    incidents: Vec<Incident>,
    /// How many targets were asked about.
    pub asked: AtomicUsize,
    /// How long each takes.
    pub slow: Duration,
    /// What is in the way of all.
    pub trouble: Option<Trouble>,
    /// How many questions it answers before AWS limits it.
    pub well_for: usize,
}

/// The account of the recordings.
pub const ACCOUNT: &str = "731714477743";
/// Another one.
pub const OTHER: &str = "444455556666";

impl Scripted {
    pub fn new(scenarios: &[&str]) -> Scripted {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios");
        let read = |name: &&str| {
            let text = std::fs::read_to_string(root.join(name).join("account.json")).expect("it is recorded");
            Incident::new(EvidenceFile::parse(&text).expect("an evidence file"))
        };
        Scripted {
            incidents: scenarios.iter().map(read).collect(),
            asked: AtomicUsize::new(0),
            slow: Duration::ZERO,
            trouble: None,
            well_for: usize::MAX,
        }
    }

    fn all(&self) -> Result<Vec<&Incident>, Trouble> {
        match &self.trouble {
            Some(trouble) => Err(trouble.clone()),
            None => Ok(self.incidents.iter().collect()),
        }
    }
}

#[async_trait]
impl Source for Scripted {
    async fn diagnose(&self, wish: Wish, _: &Spot, _: Patience) -> Result<Diagnosis, Trouble> {
        if self.asked.fetch_add(1, Ordering::Relaxed) >= self.well_for {
            let detail = "ThrottlingException: Rate exceeded".to_owned();
            return Err(Error::NoAnswer { action: "ecs:DescribeTasks".to_owned(), detail }.into());
        }
        tokio::time::sleep(self.slow).await;
        let found = self.all()?.into_iter().find(|one| one.is_about(&wish.target));
        Ok(found.ok_or_else(|| Trouble::not_recorded(&wish.target))?.diagnose(&wish)?)
    }

    async fn triage(&self, wish: TriageWish, _: &Spot, _: Patience) -> Result<Triage, Trouble> {
        assert!(!wish.clusters.is_empty(), "none would mean all of them");
        Ok(recorded::triage(&self.all()?, &wish.clusters))
    }

    async fn clusters(&self, _: &Spot) -> Result<Vec<String>, Trouble> {
        Ok(recorded::clusters(&self.all()?))
    }

    async fn services(&self, _: &Spot, cluster: &str) -> Result<Vec<String>, Trouble> {
        Ok(recorded::services(&self.all()?, cluster))
    }

    async fn stopped_tasks(&self, _: &Spot, cluster: &str) -> Result<Vec<String>, Trouble> {
        Ok(recorded::tasks(&self.all()?, cluster))
    }

    async fn clusters_with(&self, _: &Spot, name: &str) -> Result<Vec<String>, Trouble> {
        Ok(recorded::clusters_with(&self.all()?, name))
    }

    async fn account_id(&self, spot: &Spot) -> Option<String> {
        Some(if spot.account.as_deref() == Some("test") { OTHER } else { ACCOUNT }.to_owned())
    }

    async fn region(&self, spot: &Spot) -> Option<String> {
        Some(spot.region.clone().unwrap_or_else(|| "us-east-1".to_owned()))
    }
}
