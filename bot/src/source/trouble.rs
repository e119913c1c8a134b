//! What goes wrong, told so that somebody in a channel can act on it. What a channel may not see is not in it.

use ecs_why_core::account::AccountError;
use ecs_why_core::brief::sentence;
use ecs_why_core::error::Error;
use ecs_why_core::target::{Target, TargetError};
use std::time::Duration;

/// The kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// What was typed names nothing.
    Unreadable,
    /// There is no such thing.
    NotFound,
    /// ECS does not know the task any more.
    Forgotten,
    /// The place may not ask about it.
    Outside,
    /// A permission is missing, without which there is nothing to say.
    Denied,
    /// The credentials are missing or refused, or the configuration is wrong.
    Credentials,
    /// AWS limits how often it is asked.
    Throttled,
    /// AWS cannot be reached, or did not answer.
    Unreachable,
    /// The time was over before anything was known.
    TimeOver,
    /// A fault of our own.
    Ours,
}

impl What {
    /// For audit and figures.
    pub const fn as_str(self) -> &'static str {
        match self {
            What::Unreadable => "unreadable",
            What::NotFound => "not-found",
            What::Forgotten => "forgotten",
            What::Outside => "outside",
            What::Denied => "denied",
            What::Credentials => "credentials",
            What::Throttled => "throttled",
            What::Unreachable => "unreachable",
            What::TimeOver => "time-over",
            What::Ours => "fault",
        }
    }
}

/// Why there is no answer, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The kind.
    pub what: What,
    /// What is wrong, in a few words.
    pub title: String,
    /// More of it, and what to do next.
    pub text: String,
    /// A policy's statement that would help.
    pub statement: Option<String>,
}

impl Trouble {
    fn new(what: What, title: impl Into<String>, text: impl Into<String>) -> Trouble {
        Trouble { what, title: title.into(), text: sentence(&text.into(), 1_200), statement: None }
    }

    /// What was typed names nothing that can be asked about.
    pub fn unreadable(text: impl Into<String>) -> Trouble {
        Trouble::new(What::Unreadable, "I cannot tell what that is about", text)
    }

    /// There is nothing of this name where this place may ask.
    pub fn not_found(name: &str) -> Trouble {
        let text = "If it was made just now, ask again in a minute. A stopped task is known to ECS for about an hour: after that, ask \
                    about its service, or paste the stop reason.";
        Trouble::new(What::NotFound, format!("I find no {} that may be asked about here", sentence(name, 200)), text)
    }

    /// The place may not ask about it. The same is said whether it is there or not.
    pub fn outside() -> Trouble {
        let text = "This place may ask about some clusters, accounts and regions, and that is not in one of them. Whoever runs me can \
                    allow it in my configuration.";
        Trouble::new(What::Outside, "That may not be asked about here", text)
    }

    /// No recording is about it.
    pub fn not_recorded(target: &Target) -> Trouble {
        let text = "I answer from recorded evidence alone.";
        Trouble::new(What::NotFound, format!("No recording is about {}", sentence(&target.name(), 200)), text)
    }

    /// The time was over before anything was known.
    pub fn time_over(limit: Duration) -> Trouble {
        let title = format!("Nothing was known after {} s", limit.as_secs());
        Trouble::new(What::TimeOver, title, "Ask about one service instead of all, or again in a minute.")
    }

    /// The accounts cannot be opened as the configuration says.
    #[cfg_attr(not(feature = "live"), allow(dead_code))]
    pub fn configuration(text: impl Into<String>) -> Trouble {
        Trouble::new(What::Credentials, "My configuration for AWS is wrong", text)
    }

    /// A fault of our own.
    pub fn ours() -> Trouble {
        let text = "Nothing is known about your question. Whoever runs me finds more in my log, and can report it.";
        Trouble::new(What::Ours, "That is a fault of my own", text)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        match error {
            Error::Target(error) => error.into(),
            // What else there is may be what this place may not see.
            Error::NoSuchCluster { cluster, .. } => Trouble::not_found(&format!("cluster {cluster}")),
            Error::NoSuchService { service, cluster, .. } => {
                Trouble::not_found(&format!("service {service} in cluster {cluster}"))
            }
            Error::NoSuchTask { task, cluster, .. } => {
                let title =
                    format!("ECS knows no task {} in cluster {}", sentence(&task, 100), sentence(&cluster, 100));
                let text = "It forgets a stopped task after about an hour, and I have not seen this one before. Ask about its service, \
                            or paste the stop reason.";
                Trouble::new(What::Forgotten, title, text)
            }
            Error::NoSuchTaskDefinition { definition, .. } => {
                Trouble::not_found(&format!("task definition {definition}"))
            }
            // Whose credentials these are is for nobody here.
            Error::OtherAccount { .. } => Trouble::outside(),
            Error::Denied { action, detail } => denied(&action, &detail),
            Error::NoAnswer { detail, .. } if is_throttled(&detail) => throttled(),
            Error::NoAnswer { action, detail } => unreachable(&format!("{action} got no answer: {detail}")),
            Error::Account(error) => error.into(),
            Error::EvidenceFile(error) => Trouble::new(What::Ours, "The evidence is damaged", error.to_string()),
        }
    }
}

impl From<TargetError> for Trouble {
    fn from(error: TargetError) -> Trouble {
        let text = match error {
            TargetError::Empty => "Name a task or a service.".to_owned(),
            TargetError::NoCluster(name) => {
                format!("{name} may be a task or a service: say in which cluster, as in prod/{name}")
            }
            TargetError::OtherArn { what, .. } => format!("That is the ARN of {what}, and I am asked about tasks and services."),
            TargetError::OnlyCheck(name) => {
                format!("{name} is a task definition, and only its tasks fail: name a task or a service.")
            }
            TargetError::OtherLink(_) => {
                "That link leads to no ECS task or service: open the task or service in the console and copy its address.".to_owned()
            }
            TargetError::TwoClusters { target, option } => {
                format!("Both the cluster {target} and the cluster {option} are named: which of them?")
            }
            TargetError::Unreadable(_) => {
                "I understand a task's id or ARN, cluster/service, a service's name, or a link to the ECS console.".to_owned()
            }
        };
        Trouble::unreadable(text)
    }
}

impl From<AccountError> for Trouble {
    fn from(error: AccountError) -> Trouble {
        match error {
            AccountError::NoCredentials(_) => Trouble::new(
                What::Credentials,
                "I have no AWS credentials for that",
                "Whoever runs me has to give me a role or a profile for that account. A pasted stop reason I can read without.",
            ),
            AccountError::BadCredentials(detail) => Trouble::new(
                What::Credentials,
                "AWS does not accept my credentials",
                format!("Whoever runs me has to look at the role or profile of that account. AWS says: {detail}"),
            ),
            AccountError::Unreachable(detail) if is_throttled(&detail) => throttled(),
            AccountError::Unreachable(detail) => unreachable(&detail),
        }
    }
}

fn throttled() -> Trouble {
    let text = "Others ask it as well. Ask again in a minute, about one service instead of all.";
    Trouble::new(What::Throttled, "AWS limits how often it is asked", text)
}

fn unreachable(detail: &str) -> Trouble {
    let text = format!(
        "Ask again in a minute; then whoever runs me should look at the network and at the region's name. {detail}"
    );
    Trouble::new(What::Unreachable, "AWS does not answer", text)
}

fn denied(action: &str, detail: &str) -> Trouble {
    let text = format!(
        "Without it there is nothing to say. The statement below allows it, and `ecs-why permissions` prints a policy with \
                        all that is read. AWS says: {detail}"
    );
    let statement = serde_json::json!({"Effect": "Allow", "Action": [action], "Resource": "*"});
    let trouble = Trouble::new(What::Denied, format!("I lack the permission {}", sentence(action, 100)), text);
    Trouble { statement: Some(statement.to_string()), ..trouble }
}

/// How AWS's services say it, each in its own way.
fn is_throttled(detail: &str) -> bool {
    let detail = detail.to_ascii_lowercase();
    ["throttl", "rate exceeded", "toomanyrequests", "requestlimitexceeded"].iter().any(|word| detail.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_place_may_not_see_is_not_told() {
        let error = Error::NoSuchCluster {
            cluster: "prdo".to_owned(),
            place: "account 111122223333, eu-west-1".to_owned(),
            near: vec!["`prod-secret`".to_owned()],
        };
        let other = Error::OtherAccount {
            wanted: "444455556666".to_owned(),
            have: "111122223333".to_owned(),
            principal: "arn:aws:iam::111122223333:role/bot".to_owned(),
        };
        for trouble in [Trouble::from(error), Trouble::from(other)] {
            let said = format!("{trouble:?}");
            assert!(!said.contains("secret") && !said.contains("111122223333"), "{said}");
        }
    }

    #[test]
    fn a_missing_permission_comes_with_its_statement() {
        let error = Error::Denied { action: "ecs:DescribeTasks".to_owned(), detail: "no".to_owned() };
        let trouble = Trouble::from(error);
        assert_eq!(trouble.what, What::Denied);
        assert!(trouble.statement.is_some_and(|text| text.contains("\"ecs:DescribeTasks\"")));
    }

    #[test]
    fn throttling_is_told_from_silence() {
        let of = |detail: &str| {
            Trouble::from(Error::NoAnswer { action: "ecs:ListTasks".to_owned(), detail: detail.to_owned() }).what
        };
        assert_eq!(of("ThrottlingException: Rate exceeded"), What::Throttled);
        assert_eq!(of("connection refused"), What::Unreachable);
    }
}
