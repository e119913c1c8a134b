//! Log messages to the client, for the revisions of the protocol that have them: what was called, and never what was read.

#![expect(deprecated, reason = "logging is for the revisions of the protocol that have it")]

use rmcp::RoleServer;
use rmcp::model::{LoggingLevel, LoggingMessageNotificationParam, ProtocolVersion};
use rmcp::service::RequestContext;
use serde_json::json;
use std::sync::atomic::{AtomicU8, Ordering};

/// From which level on a session wants to hear: nothing, until it says so.
#[derive(Debug)]
pub struct Level(AtomicU8);

/// Above all levels.
const NOTHING: u8 = u8::MAX;

impl Default for Level {
    fn default() -> Level {
        Level(AtomicU8::new(NOTHING))
    }
}

fn rank(level: LoggingLevel) -> u8 {
    match level {
        LoggingLevel::Debug => 0,
        LoggingLevel::Info => 1,
        LoggingLevel::Notice => 2,
        LoggingLevel::Warning => 3,
        LoggingLevel::Error => 4,
        LoggingLevel::Critical => 5,
        LoggingLevel::Alert => 6,
        LoggingLevel::Emergency => 7,
    }
}

impl Level {
    /// From this level on.
    pub fn set(&self, level: LoggingLevel) {
        self.0.store(rank(level), Ordering::Relaxed);
    }

    fn wants(&self, level: LoggingLevel) -> bool {
        rank(level) >= self.0.load(Ordering::Relaxed)
    }

    /// Tells it, if it is wanted.
    pub async fn tell(&self, context: &RequestContext<RoleServer>, level: LoggingLevel, text: String) {
        let old =
            context.protocol_version().is_none_or(|version| version.as_str() < ProtocolVersion::V_2026_07_28.as_str());
        if old && self.wants(level) {
            let message = LoggingMessageNotificationParam::new(level, json!(text)).with_logger("ecs-why");
            let told = context.peer.notify_logging_message(message).await;
            // A client that went away hears nothing.
            drop(told);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_until_a_level_is_set() {
        let level = Level::default();
        assert!(!level.wants(LoggingLevel::Emergency));
        level.set(LoggingLevel::Warning);
        assert!(level.wants(LoggingLevel::Error) && !level.wants(LoggingLevel::Info));
    }
}
