//! What was asked, and where the answer stands: kept with a report, so that its buttons can ask the same again.

use crate::platform::{Kind, Place};
use ecs_why_core::target::Target;
use serde::{Deserialize, Serialize};

/// What was asked, and where the answer stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Asked {
    /// What.
    pub what: Wanted,
    /// Where the answer stands; none: it is no answer to somebody (an alert), and what is asked about it is answered beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
    /// The kept report that has the evidence, where this one repeats it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

/// One thing that was asked, resolved: nothing is left to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// Why this failed.
    Why(Spot, Target),
    /// What a text says: it has no state that could be asked again.
    Text,
}

/// An account and a region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Spot {
    /// The account by its name in the configuration; none: that of the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region; none: the one that is set for the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// The message that shows an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Shown {
    /// On which platform.
    pub kind: Kind,
    /// In which channel: its buttons are good for nothing elsewhere.
    pub channel: String,
    /// The key of the message.
    pub key: String,
}

impl Asked {
    /// Why a target failed, answered in this message.
    pub fn why(spot: Spot, target: Target, shown: Option<Shown>) -> Asked {
        Asked { what: Wanted::Why(spot, target), shown, of: None }
    }

    /// As it is kept.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("what was asked has string keys only")
    }

    /// What was kept; none if it is damaged.
    pub fn parse(text: &str) -> Option<Asked> {
        serde_json::from_str(text).ok()
    }
}

impl Shown {
    /// The message of a key in a place.
    pub fn at(place: &Place, key: &str) -> Shown {
        Shown { kind: place.kind, channel: place.channel.clone(), key: key.to_owned() }
    }

    /// Whether a button of it can have been pressed in this place.
    pub fn is_in(&self, place: &Place) -> bool {
        self.kind == place.kind && self.channel == place.channel
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_is_read_again() {
        let target = Target::parse("prod/web", None).expect("a target");
        let spot = Spot { account: Some("live".to_owned()), region: None };
        let shown = Shown { kind: Kind::Slack, channel: "C1".to_owned(), key: "k".to_owned() };
        let asked = Asked::why(spot, target, Some(shown));
        assert_eq!(Asked::parse(&asked.to_text()), Some(asked));
        assert_eq!(Asked::parse("{}"), None);
    }
}
