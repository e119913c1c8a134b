//! The queue in SQS.

use super::queue::{Delivery, Queue, QueueError};
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{Builder, Region};
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use ecs_why_aws::Live;
use std::time::Duration;

/// How long SQS waits for a message before it says that there is none.
const LONG_POLL: i32 = 20;
/// How long a message is nobody else's: it is deleted within milliseconds, and comes again soon if this process ends.
const OURS: i32 = 60;
/// More of what AWS says is not told.
const LONGEST_ERROR: usize = 300;

/// A queue in SQS, and where its unreadable messages go.
pub struct Sqs {
    client: Client,
    queue: String,
    dead_letters: Option<String>,
}

impl Sqs {
    /// The queue of this address, with the credentials and the endpoint of an account, and in the region that the address names, if it
    /// names one.
    pub fn new(live: &Live, queue: &str, dead_letters: Option<&str>) -> Sqs {
        let mut config = Builder::from(&live.config());
        if let Some(region) = region_of(queue) {
            config = config.region(Region::new(region.to_owned()));
        }
        // Longer than the wait for messages.
        let read = Duration::from_secs(LONG_POLL.unsigned_abs().into()) + Duration::from_secs(10);
        let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(3)).read_timeout(read).build();
        let client = Client::from_conf(config.timeout_config(timeouts).build());
        Sqs { client, queue: queue.to_owned(), dead_letters: dead_letters.map(str::to_owned) }
    }
}

#[async_trait]
impl Queue for Sqs {
    async fn receive(&self) -> Result<Vec<Delivery>, QueueError> {
        let asked = self
            .client
            .receive_message()
            .queue_url(&self.queue)
            .max_number_of_messages(10)
            .wait_time_seconds(LONG_POLL)
            .visibility_timeout(OURS)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
        let answer = asked.send().await.map_err(failed)?;
        Ok(answer.messages().iter().filter_map(delivery).collect())
    }

    async fn delete(&self, receipts: &[String]) -> Result<(), QueueError> {
        let mut all = self.client.delete_message_batch().queue_url(&self.queue);
        for (number, receipt) in receipts.iter().enumerate() {
            let entry =
                DeleteMessageBatchRequestEntry::builder().id(number.to_string()).receipt_handle(receipt).build();
            all = all.entries(entry.map_err(|error| QueueError(error.to_string()))?);
        }
        let answer = all.send().await.map_err(failed)?;
        match answer.failed() {
            [] => Ok(()),
            [first, ..] => Err(QueueError(format!("messages could not be deleted ({})", first.code()))),
        }
    }

    async fn later(&self, receipt: &str, wait: Duration) -> Result<(), QueueError> {
        let seconds = i32::try_from(wait.as_secs()).unwrap_or(i32::MAX).min(12 * 3600);
        let change = self.client.change_message_visibility().queue_url(&self.queue).receipt_handle(receipt);
        change.visibility_timeout(seconds).send().await.map(drop).map_err(failed)
    }

    async fn bury(&self, delivery: &Delivery) -> Result<bool, QueueError> {
        let Some(dead_letters) = &self.dead_letters else { return Ok(false) };
        // First there, then not here: at worst it is there twice.
        let send = self.client.send_message().queue_url(dead_letters).message_body(&delivery.body);
        send.send().await.map_err(failed)?;
        self.delete(std::slice::from_ref(&delivery.receipt)).await?;
        Ok(true)
    }
}

fn delivery(message: &Message) -> Option<Delivery> {
    let times = message.attributes().and_then(|all| all.get(&MessageSystemAttributeName::ApproximateReceiveCount));
    Some(Delivery {
        receipt: message.receipt_handle()?.to_owned(),
        body: message.body().unwrap_or_default().to_owned(),
        times: times.and_then(|times| times.parse().ok()).unwrap_or(1),
    })
}

fn failed<E: ProvideErrorMetadata + std::error::Error>(error: E) -> QueueError {
    let told = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        _ => DisplayErrorContext(&error).to_string(),
    };
    QueueError(told.chars().take(LONGEST_ERROR).collect())
}

/// `eu-west-1` of `https://sqs.eu-west-1.amazonaws.com/111122223333/events`.
fn region_of(url: &str) -> Option<&str> {
    let host = url.split_once("://")?.1.split('/').next()?;
    let (region, domain) = host.strip_prefix("sqs.")?.split_once('.')?;
    domain.starts_with("amazonaws.com").then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_queue_names_its_region() {
        for (url, expected) in [
            ("https://sqs.eu-west-1.amazonaws.com/111122223333/events", Some("eu-west-1")),
            ("https://sqs.cn-north-1.amazonaws.com.cn/111122223333/events", Some("cn-north-1")),
            ("http://127.0.0.1:5000/111122223333/events", None),
            ("https://sqs.evil.example/111122223333/events", None),
        ] {
            assert_eq!(region_of(url), expected, "{url}");
        }
    }
}
