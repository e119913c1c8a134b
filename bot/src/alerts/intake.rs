//! From the queue into the state file. A message is deleted once its event is on the disk, which takes milliseconds: nobody else gets it
//! meanwhile, so nothing has to be extended.

use super::Alerts;
use super::event::{self, Kind};
use super::queue::{Delivery, Queue};
use futures_util::future::join_all;
use std::time::Duration;

/// So many wait for messages at once: a queue gives ten at a time at most.
const RECEIVERS: usize = 4;
/// Beyond so many events that wait, the queue keeps the others.
const MOST_WAITING: u64 = 20_000;
/// The longest wait after the queue could not be asked.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long a message that nobody can read is left alone, where the queue itself will move it: it counts its deliveries.
const UNREADABLE_AGAIN: Duration = Duration::from_secs(30);
/// The longest that SQS hides a message.
const LONGEST_HIDDEN: Duration = Duration::from_secs(12 * 3600);

impl Alerts {
    /// Receives for ever.
    pub(super) async fn receive(&self, queue: &dyn Queue) {
        join_all((0..RECEIVERS).map(|_| self.receive_one_by_one(queue))).await;
    }

    async fn receive_one_by_one(&self, queue: &dyn Queue) {
        let mut pause = Duration::from_secs(1);
        loop {
            match self.take_in(queue).await {
                Ok(_) => pause = Duration::from_secs(1),
                Err(error) => {
                    tracing::warn!(error = %error, "events could not be taken in; it is tried again");
                    self.counted("not-received", 1);
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Receives once. How many events are new.
    pub(super) async fn take_in(&self, queue: &dyn Queue) -> anyhow::Result<usize> {
        if self.store.events_waiting().await? > MOST_WAITING {
            tokio::time::sleep(Duration::from_secs(1)).await;
            return Ok(0);
        }
        let (mut events, mut receipts) = (vec![], vec![]);
        for delivery in queue.receive().await? {
            match event::read(&delivery.body) {
                Ok(event) => {
                    events.push(event);
                    receipts.push(delivery.receipt);
                }
                Err(why) => {
                    // Its text is somebody else's: not for the log.
                    tracing::warn!(%why, times = delivery.times, "a message of the queue cannot be read");
                    self.counted("unreadable", 1);
                    self.put_away(queue, &delivery).await;
                }
            }
        }
        if events.is_empty() {
            return Ok(0);
        }
        let (all, others) = (events.len(), events.iter().filter(|event| event.kind == Kind::Other.as_str()).count());
        let new = self.store.take_in(events, self.now()).await?;
        self.counted("taken-in", new);
        self.counted("again", all - new);
        self.counted("of-no-matter", others);
        // What could not be deleted is delivered again, and known then.
        queue.delete(&receipts).await?;
        self.new.notify_one();
        Ok(new)
    }

    /// Sees to it that what nobody can read does not come again and again.
    async fn put_away(&self, queue: &dyn Queue, delivery: &Delivery) {
        let done = match queue.bury(delivery).await {
            Ok(true) => {
                self.counted("buried", 1);
                Ok(())
            }
            Ok(false) => {
                let wait = UNREADABLE_AGAIN.saturating_mul(1 << delivery.times.min(12).saturating_sub(1));
                queue.later(&delivery.receipt, wait.min(LONGEST_HIDDEN)).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            tracing::warn!(%error, "a message that cannot be read could not be put away");
        }
    }
}
