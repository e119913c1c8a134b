//! A platform for tests: it stores before it fails, loses answers, and wants us to wait, as it is told.

use crate::platform::{Attachment, Heard, Kind, Message, Place, Platform, Route, SendError, Sent};
use async_trait::async_trait;
use ecs_why_core::model::Moment;
use ecs_why_core::render::{Card, Tone};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;

/// What the platform does with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It does it.
    Well,
    /// It does it, and its answer gets lost.
    Lost,
    /// It fails before it does it.
    Failed,
    /// It wants us to wait.
    Later,
    /// There is no such channel.
    Gone,
}

/// A message that stands there.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its key.
    pub key: String,
    /// Where.
    pub place: Place,
    /// What it says.
    pub message: Message,
}

/// A channel: what stands in it, and what comes next.
#[derive(Default)]
pub struct Channel {
    /// What stands in it.
    pub standing: Vec<Standing>,
    /// What comes next, the next last.
    pub fates: Vec<Fate>,
    /// How often something was posted.
    pub posts: usize,
    /// How often something was edited.
    pub edits: usize,
    out: usize,
    /// How many requests were out at once.
    pub most_out: usize,
}

/// The platform.
#[derive(Clone, Default)]
pub struct Fake(Arc<Mutex<Channel>>);

impl Fake {
    /// One with which that comes next.
    pub fn with(fates: &[Fate]) -> Fake {
        let fake = Fake::default();
        fake.channel().fates = fates.iter().rev().copied().collect();
        fake
    }

    /// What is in it.
    pub fn channel(&self) -> MutexGuard<'_, Channel> {
        self.0.lock().expect("whole")
    }

    fn fate(&self) -> Fate {
        self.channel().fates.pop().unwrap_or(Fate::Well)
    }

    async fn request<T>(&self, act: impl FnOnce(&mut Channel) -> Result<T, SendError>) -> Result<T, SendError> {
        {
            let mut channel = self.channel();
            channel.out += 1;
            channel.most_out = channel.most_out.max(channel.out);
        }
        tokio::task::yield_now().await;
        let fate = self.fate();
        let done = match fate {
            Fate::Well | Fate::Lost => Some(act(&mut self.channel())),
            _ => None,
        };
        tokio::task::yield_now().await;
        self.channel().out -= 1;
        match (fate, done) {
            (Fate::Well, Some(done)) => done,
            (Fate::Later, _) => Err(SendError::Later(Duration::from_millis(3))),
            (Fate::Gone, _) => Err(SendError::Gone("there is no such channel".into())),
            _ => Err(SendError::Broken("connection reset".into())),
        }
    }
}

#[async_trait]
impl Platform for Fake {
    fn kind(&self) -> Kind {
        Kind::Slack
    }

    async fn post(&self, place: &Place, _: &Route, message: &Message, key: &str) -> Result<Sent, SendError> {
        self.request(|channel| {
            channel.posts += 1;
            let (key, place, message) = (key.to_owned(), place.clone(), message.clone());
            channel.standing.push(Standing { key, place: place.clone(), message });
            Ok(Sent { channel: place.channel.clone(), message: (channel.standing.len() - 1).to_string() })
        })
        .await
    }

    async fn edit(&self, sent: &Sent, _: &Route, message: &Message, key: &str) -> Result<(), SendError> {
        let at: usize = sent.message.parse().expect("an index");
        self.request(|channel| {
            channel.edits += 1;
            let one = channel.standing.get_mut(at).expect("it stands there");
            assert_eq!(one.key, key, "another message was edited");
            one.message = message.clone();
            Ok(())
        })
        .await
    }

    async fn find(&self, place: &Place, _: &Route, key: &str, since: Moment) -> Result<Option<Sent>, SendError> {
        assert!(since < Moment::now());
        self.request(|channel| {
            let at = channel.standing.iter().position(|one| one.key == key);
            Ok(at.map(|at| Sent { channel: place.channel.clone(), message: at.to_string() }))
        })
        .await
    }

    async fn attach(&self, place: &Place, _: &Route, file: &Attachment) -> Result<(), SendError> {
        self.request(|channel| {
            let card = Card { tone: Tone::Plain, title: file.name.clone(), blocks: vec![], footer: None };
            channel.standing.push(Standing { key: "file".into(), place: place.clone(), message: Message::of(card) });
            Ok(())
        })
        .await
    }

    async fn whisper(&self, _: &Heard, _: &Message) -> Result<(), SendError> {
        Ok(())
    }

    async fn thread(&self, place: &Place, _: &Sent, _: &str) -> Result<Place, SendError> {
        Ok(place.clone())
    }
}

/// Runs it until it has been polled so often, and drops it then: what a kill does. None: it was.
pub async fn die_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut polled = 0;
    std::future::poll_fn(|context| {
        if polled == polls {
            return Poll::Ready(None);
        }
        polled += 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}
