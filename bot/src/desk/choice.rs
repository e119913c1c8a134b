//! What the buttons of a message offer: a button carries an id and a number, and the rest is kept in the state file.

use super::asked::{Shown, Spot};
use super::find::Candidate;
use crate::platform::Button;
use crate::words::{Named, Question, Scope};
use ecs_why_core::brief::sentence;
use ecs_why_core::target::Target;
use serde::{Deserialize, Serialize};

/// All that is offered, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Choices {
    /// The message with the buttons.
    pub shown: Shown,
    /// The answer takes the place of the question; else it stands beside what was told.
    pub instead: bool,
    /// What each button means, in their order.
    pub all: Vec<Choice>,
}

/// What a button means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Why this failed.
    Found(Spot, Target),
    /// Why what is named so failed: it has to be found first.
    Named {
        /// The name.
        name: String,
        /// The cluster.
        cluster: Option<String>,
        /// The account.
        account: Option<String>,
        /// The region.
        region: Option<String>,
    },
    /// What fails.
    Failing {
        /// In these clusters.
        clusters: Vec<String>,
        /// The account.
        account: Option<String>,
        /// The region.
        region: Option<String>,
    },
    /// What a text says.
    Explain(String),
    /// How to ask.
    Help,
}

/// More characters of a label are not shown.
const LABEL: usize = 40;

impl From<&Candidate> for Choice {
    fn from(one: &Candidate) -> Choice {
        Choice::Found(one.spot.clone(), one.target.clone())
    }
}

impl From<Question> for Choice {
    fn from(question: Question) -> Choice {
        match question {
            Question::Why(Named { name, cluster, account, region }) => Choice::Named { name, cluster, account, region },
            Question::Failing(Scope { clusters, account, region }) => Choice::Failing { clusters, account, region },
            Question::Explain(text) => Choice::Explain(text),
            Question::Help => Choice::Help,
        }
    }
}

impl Choice {
    /// What the button says.
    fn label(&self) -> String {
        match self {
            Choice::Found(spot, target) => place(target.name(), &spot.account, &spot.region),
            Choice::Named { name, cluster, account, region } => {
                let name = name.rsplit(':').next().unwrap_or(name);
                let full = match cluster {
                    Some(cluster) if !name.contains('/') => format!("{cluster}/{name}"),
                    _ => name.to_owned(),
                };
                place(full, account, region)
            }
            Choice::Failing { clusters, account, region } => match clusters.as_slice() {
                [] => place("what fails now".to_owned(), account, region),
                some => place(format!("what fails in {}", some.join(", ")), account, region),
            },
            Choice::Explain(_) => "explain the text".to_owned(),
            Choice::Help => "how to ask".to_owned(),
        }
    }
}

fn place(name: String, account: &Option<String>, region: &Option<String>) -> String {
    let beside: Vec<&str> = [account, region].into_iter().flatten().map(String::as_str).collect();
    if beside.is_empty() { name } else { format!("{name} ({})", beside.join(", ")) }
}

impl Choices {
    /// The buttons, under the id of the choices.
    pub fn buttons(&self, id: &str) -> Vec<Button> {
        let button = |(number, choice): (usize, &Choice)| Button {
            label: sentence(&choice.label(), LABEL),
            value: format!("pick:{id}:{number}"),
        };
        self.all.iter().enumerate().map(button).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Kind;

    #[test]
    fn a_button_says_what_it_means_and_carries_little() {
        let shown = Shown { kind: Kind::Discord, channel: "2".to_owned(), key: "k".to_owned() };
        let spot = |account: &str| Spot { account: Some(account.to_owned()), region: Some("eu-west-1".to_owned()) };
        let target = Target::parse("prod/payments", None).expect("a target");
        let long = Target::parse(&format!("prod/{}", "x".repeat(200)), None).expect("a target");
        let all = vec![Choice::Found(spot("live"), target), Choice::Found(spot("live"), long)];
        let choices = Choices { shown, instead: true, all };
        let buttons = choices.buttons(&format!("r{}", "0".repeat(20)));
        assert_eq!(buttons[0].label, "prod/payments (live, eu-west-1)");
        assert!(buttons.iter().all(|one| one.label.chars().count() <= 41 && one.value.len() <= 90), "{buttons:?}");
    }
}
