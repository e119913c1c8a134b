//! What every request passes by: it is counted, and half an answer is refused.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextRef,
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What one run has seen of AWS so far. Like its urgency, it travels to the request with the task.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal(Arc<Seen>);

/// What writes into the journal of whoever makes a request.
#[derive(Debug)]
pub(crate) struct Scribe;

tokio::task_local! {
    static JOURNAL: Journal;
}

#[derive(Debug, Default)]
struct Seen {
    calls: AtomicU64,
    reached: AtomicBool,
    accepted: AtomicBool,
}

impl Journal {
    /// Runs what makes requests.
    pub(crate) async fn of<F: Future>(&self, requests: F) -> F::Output {
        JOURNAL.scope(self.clone(), requests).await
    }

    fn here(write: impl FnOnce(&Seen)) {
        // Requests that belong to no run (for credentials) are none of ours.
        let _ = JOURNAL.try_with(|journal| write(&journal.0));
    }

    /// Requests so far: each page is one, retries are none.
    pub(crate) fn calls(&self) -> u64 {
        self.0.calls.load(Ordering::Relaxed)
    }

    /// Somebody has answered something.
    pub(crate) fn reached(&self) -> bool {
        self.0.reached.load(Ordering::Relaxed)
    }

    /// A request succeeded: the credentials are good.
    pub(crate) fn accepted(&self) -> bool {
        self.0.accepted.load(Ordering::Relaxed)
    }
}

impl Intercept for Scribe {
    fn name(&self) -> &'static str {
        "Scribe"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Journal::here(|seen| {
            seen.calls.fetch_add(1, Ordering::Relaxed);
        });
        Ok(())
    }

    fn read_after_transmit(
        &self,
        _context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Journal::here(|seen| seen.reached.store(true, Ordering::Relaxed));
        Ok(())
    }

    /// The SDK takes XML that breaks off for a whole answer: a VPC of ten route tables would have five.
    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match context.response().body().bytes() {
            Some(body) if breaks_off(body) => Err(BrokenOff.into()),
            _ => Ok(()),
        }
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if matches!(context.output_or_error(), Some(Ok(_))) {
            Journal::here(|seen| seen.accepted.store(true, Ordering::Relaxed));
        }
        Ok(())
    }
}

/// An answer that ends before its end.
#[derive(Debug, thiserror::Error)]
#[error("the answer breaks off")]
pub(crate) struct BrokenOff;

/// XML whose root element is not closed. JSON needs no such look: its parser minds the end.
fn breaks_off(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return false };
    let mut text = text.trim();
    if !text.starts_with('<') {
        return false;
    }
    while let Some(prolog) = text.strip_prefix("<?") {
        let Some((_, rest)) = prolog.split_once("?>") else { return true };
        text = rest.trim_start();
    }
    let Some(root) = text.strip_prefix('<') else { return true };
    let name = root.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or_default();
    let closed = text.strip_suffix('>').map(str::trim_end).and_then(|text| text.strip_suffix(name));
    let is_empty = root.find('>').is_some_and(|end| end + 1 == root.len() && root.ends_with("/>"));
    !is_empty && !closed.is_some_and(|text| text.ends_with("</"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_answers_are_whole() {
        for body in [
            "<?xml version=\"1.0\"?>\n<Answer xmlns=\"x\"><item>1</item></Answer>\n",
            "<Answer><Answer/></Answer>",
            "<Answer/>",
            "<Answer a=\"b\" />",
            "{\"a\": 1}",
            "",
        ] {
            assert!(!breaks_off(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn half_of_an_xml_answer_breaks_off_wherever_it_is_cut() {
        let body = "<?xml version=\"1.0\"?>\n<Answer xmlns=\"x\"><item>1</item><item/></Answer>";
        for end in 1..body.len() {
            assert!(breaks_off(&body.as_bytes()[..end]), "{}", &body[..end]);
        }
    }
}
