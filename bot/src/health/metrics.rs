//! Figures for Prometheus. Labels come from our own short lists: never a name that somebody else chose.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// One of a short list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Named {
    name: String,
}

impl Named {
    /// By its word.
    pub fn of(name: &'static str) -> Named {
        Named { name: name.to_owned() }
    }
}

/// The figures.
pub struct Metrics {
    registry: Registry,
    /// Questions and presses that were heard, by platform.
    pub heard: Family<Named, Counter>,
    /// Those that were answered, by what came of it.
    pub answered: Family<Named, Counter>,
    /// Those that were refused, by why.
    pub refused: Family<Named, Counter>,
    /// Seconds from hearing to the answer.
    pub seconds: Histogram,
    /// Milliseconds until a question was kept, and could be acknowledged.
    pub kept: Histogram,
    /// Questions that are being answered, or wait for it.
    pub waiting: Gauge,
    /// Diagnoses that run.
    pub running: Gauge,
    /// Events of the queue, by what became of them.
    pub events: Family<Named, Counter>,
    /// Threads of alerts that were opened.
    pub threads: Counter,
    /// Messages that could not be said, by platform.
    pub unsaid: Family<Named, Counter>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut metrics = Metrics {
            registry: Registry::with_prefix("ecs_why_bot"),
            heard: Family::default(),
            answered: Family::default(),
            refused: Family::default(),
            seconds: Histogram::new(exponential_buckets(0.1, 2.0, 11)),
            kept: Histogram::new(exponential_buckets(1.0, 2.0, 13)),
            waiting: Gauge::default(),
            running: Gauge::default(),
            events: Family::default(),
            threads: Counter::default(),
            unsaid: Family::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("heard", "Questions and presses that were heard, by platform", metrics.heard.clone());
        registry.register("answered", "Those that were answered, by what came of it", metrics.answered.clone());
        registry.register("refused", "Those that were refused, by why", metrics.refused.clone());
        registry.register("answer_seconds", "From hearing to the answer", metrics.seconds.clone());
        registry.register("kept_milliseconds", "Until a question was kept", metrics.kept.clone());
        registry.register("waiting", "Questions that wait, or are being answered", metrics.waiting.clone());
        registry.register("running", "Diagnoses that run", metrics.running.clone());
        registry.register("events", "Events of the queue, by what became of them", metrics.events.clone());
        registry.register("threads", "Threads of alerts that were opened", metrics.threads.clone());
        registry.register("unsaid", "Messages that could not be said, by platform", metrics.unsaid.clone());
        metrics
    }
}

impl Metrics {
    /// In the form that Prometheus reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
