//! What goes wrong, told so that a model can act on it: what it is, which argument, and what to do next.

use ecs_why_core::account::AccountError;
use ecs_why_core::brief::{NOTICE, sentence};
use ecs_why_core::error::Error;
use ecs_why_core::target::TargetError;
use rmcp::model::{CallToolResult, ContentBlock, InputRequiredResult};
use serde::Serialize;
use serde_json::{Value, json};

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// An argument is missing, of the wrong kind, or cannot be read.
    InvalidArgument,
    /// Several things may be meant: the person has to say which.
    ChoiceNeeded,
    /// There is no such thing.
    NotFound,
    /// The configuration does not let this be asked.
    NotAllowed,
    /// The credentials belong to another account than the target.
    OtherAccount,
    /// A permission is missing, without which there is nothing to say.
    Denied,
    /// No credentials were found.
    NoCredentials,
    /// AWS does not accept the credentials.
    BadCredentials,
    /// No region is set.
    #[cfg_attr(not(feature = "live"), allow(dead_code))]
    NoRegion,
    /// AWS limits how often it is asked.
    Throttled,
    /// AWS cannot be reached, or did not answer.
    Unreachable,
    /// Too much is asked at once.
    Busy,
    /// The time was over before anything was known.
    TimeOver,
    /// This server answers from recorded evidence, which does not hold it.
    NotRecorded,
    /// The call was cancelled.
    Cancelled,
    /// A fault of our own.
    Internal,
}

/// Why a tool has no answer.
#[derive(Debug)]
pub enum Fault {
    /// Something is wrong.
    Wrong(Box<Wrong>),
    /// The person is to be asked first (2026-07-28 and newer).
    Ask(Box<InputRequiredResult>),
}

/// What is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wrong {
    /// The kind.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// The argument that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub argument: Option<String>,
    /// What may have been meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
    /// The statement that a policy lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<Value>,
    /// What to do.
    pub next: String,
    /// Asking the same again may help.
    pub retry: bool,
}

impl Fault {
    /// Something is wrong, and what to do about it.
    pub fn new(code: Code, message: impl Into<String>, next: impl Into<String>) -> Fault {
        Fault::Wrong(Box::new(Wrong {
            code,
            message: message.into(),
            argument: None,
            candidates: vec![],
            statement: None,
            next: next.into(),
            retry: matches!(code, Code::Throttled | Code::Unreachable | Code::Busy | Code::TimeOver),
        }))
    }

    /// An argument is wrong.
    pub fn argument(argument: &str, message: impl Into<String>, next: impl Into<String>) -> Fault {
        Fault::new(Code::InvalidArgument, message, next).about(argument)
    }

    /// The argument that it is about.
    pub fn about(mut self, argument: &str) -> Fault {
        if let Fault::Wrong(wrong) = &mut self {
            wrong.argument = Some(argument.to_owned());
        }
        self
    }

    /// What may have been meant.
    pub fn candidates(mut self, names: impl IntoIterator<Item = String>) -> Fault {
        if let Fault::Wrong(wrong) = &mut self {
            wrong.candidates = names.into_iter().take(20).map(|name| sentence(&name, 300)).collect();
        }
        self
    }

    /// The kind, if something is wrong.
    #[cfg(test)]
    pub fn code(&self) -> Option<Code> {
        match self {
            Fault::Wrong(wrong) => Some(wrong.code),
            Fault::Ask(_) => None,
        }
    }

    /// A target that cannot be read.
    pub fn target(error: &TargetError) -> Fault {
        let next = match error {
            TargetError::NoCluster(_) => {
                "give `cluster`, or the target as `cluster/name`; list_targets knows the clusters"
            }
            TargetError::OnlyCheck(_) => "call `check` with it, or `diagnose` with a task or service",
            _ => "give a task ARN, `cluster/task-id`, `cluster/service`, or a link to the ECS console",
        };
        Fault::argument("target", error.to_string(), next)
    }
}

/// The names between backticks, out of which core makes its `near`.
fn plain(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.trim_matches('`').to_owned()).collect()
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let message = error.to_string();
        match error {
            Error::Target(error) => Fault::target(&error),
            Error::NoSuchCluster { near, .. } => Fault::new(
                Code::NotFound,
                message,
                "call list_targets for the clusters; it may be in another region or account",
            )
            .about("target")
            .candidates(plain(&near)),
            Error::NoSuchService { near, .. } => {
                Fault::new(Code::NotFound, message, "call list_targets with this cluster for its services")
                    .about("target")
                    .candidates(plain(&near))
            }
            Error::NoSuchTask { near, .. } => Fault::new(
                Code::NotFound,
                message,
                "ask about its service instead, or give the stop reason to explain_stop_reason",
            )
            .about("target")
            .candidates(plain(&near)),
            Error::NoSuchTaskDefinition { .. } => Fault::new(
                Code::NotFound,
                message,
                "name a revision that exists, or give the JSON of the definition to `check`",
            )
            .about("target"),
            Error::OtherAccount { .. } => Fault::new(
                Code::OtherAccount,
                message,
                "name an `account` of the configuration, or ask the person to start this server with that account's profile",
            ),
            Error::Denied { action, .. } => denied(&action, message),
            Error::NoAnswer { detail, .. } if is_throttled(&detail) => {
                Fault::new(Code::Throttled, message, "wait a minute, and ask about one service instead of all")
            }
            Error::NoAnswer { .. } => Fault::new(Code::Unreachable, message, REACH),
            Error::Account(error) => error.into(),
            Error::EvidenceFile(_) => {
                Fault::new(Code::Internal, message, "tell the person that the evidence file is damaged")
            }
        }
    }
}

impl From<AccountError> for Fault {
    fn from(error: AccountError) -> Fault {
        let message = error.to_string();
        match error {
            AccountError::NoCredentials(_) => Fault::new(
                Code::NoCredentials,
                message,
                "ask the person to sign in (`aws sso login`, `aws configure`) or to start this server with --profile; \
                 explain_stop_reason works without",
            ),
            AccountError::BadCredentials(_) => Fault::new(
                Code::BadCredentials,
                message,
                "the credentials have expired or are wrong: ask the person to sign in again (`aws sso login`), then ask anew",
            ),
            AccountError::Unreachable(detail) if is_throttled(&detail) => {
                Fault::new(Code::Throttled, message, "wait a minute, then ask again")
            }
            AccountError::Unreachable(_) => Fault::new(Code::Unreachable, message, REACH),
        }
    }
}

const REACH: &str =
    "try again once; then ask the person to look at the network, the proxy, the region's name and --endpoint-url";

/// How AWS's services say it, each in its own way.
fn is_throttled(detail: &str) -> bool {
    let detail = detail.to_ascii_lowercase();
    ["throttl", "rate exceeded", "toomanyrequests", "requestlimitexceeded"].iter().any(|word| detail.contains(word))
}

/// A permission is missing, with the statement that would add it.
fn denied(action: &str, message: String) -> Fault {
    let next = "tell the person that the principal lacks this permission: `statement` allows it, and `ecs-why permissions` prints a \
                policy with all that is read";
    let mut fault = Fault::new(Code::Denied, message, next);
    if let Fault::Wrong(wrong) = &mut fault {
        wrong.statement = Some(statement(&[action]));
    }
    fault
}

/// What a policy has to say for these actions.
pub fn statement(actions: &[&str]) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
}

impl Wrong {
    /// As the result of a tool: a text for all, and the same as JSON.
    pub fn result(mut self) -> CallToolResult {
        self.message = sentence(&self.message, 1_200);
        let mut text = format!("error ({}): {}. Next: {}", word(self.code), self.message, self.next);
        if !self.candidates.is_empty() {
            text += &format!(". Candidates: {}", self.candidates.join(", "));
        }
        let json = json!({ "error": self, "notice": NOTICE });
        CallToolResult::error(vec![ContentBlock::text(text), ContentBlock::text(json.to_string())])
    }
}

/// The code as it is printed.
pub fn word(code: Code) -> String {
    serde_json::to_value(code).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(fault: Fault) -> Wrong {
        match fault {
            Fault::Wrong(wrong) => *wrong,
            Fault::Ask(_) => panic!("nobody is asked"),
        }
    }

    #[test]
    fn a_missing_permission_comes_with_the_statement_that_adds_it() {
        let error = Error::Denied { action: "ecs:DescribeTasks".to_owned(), detail: "no".to_owned() };
        let wrong = wrong(error.into());
        assert_eq!(wrong.code, Code::Denied);
        assert_eq!(wrong.statement.expect("there is one")["Action"], json!(["ecs:DescribeTasks"]));
    }

    #[test]
    fn an_unknown_service_comes_with_those_like_it() {
        let error = Error::NoSuchService {
            service: "paymnts".to_owned(),
            cluster: "prod".to_owned(),
            place: "x".to_owned(),
            near: vec!["`payments`".to_owned()],
        };
        let wrong = wrong(error.into());
        assert_eq!((wrong.code, wrong.argument.as_deref()), (Code::NotFound, Some("target")));
        assert_eq!(wrong.candidates, ["payments"]);
        let text = wrong.result().content.first().and_then(|one| one.as_text().map(|text| text.text.clone()));
        assert!(text.is_some_and(|text| text.ends_with("Candidates: payments")));
    }

    #[test]
    fn throttling_is_told_from_silence() {
        let of = |detail: &str| {
            let error = Error::NoAnswer { action: "ecs:ListTasks".to_owned(), detail: detail.to_owned() };
            wrong(error.into()).code
        };
        assert_eq!(of("ThrottlingException: Rate exceeded"), Code::Throttled);
        assert_eq!(of("connection refused"), Code::Unreachable);
    }

    #[test]
    fn an_error_is_one_line_and_no_secret() {
        let fault = Fault::new(Code::Internal, "a\nb https://x/y?X-Amz-Signature=s3cr3t", "do\u{20}it");
        let result = wrong(fault).result();
        let text = serde_json::to_string(&result).expect("JSON");
        assert!(!text.contains("s3cr3t") && text.contains("a b https"), "{text}");
        assert_eq!(result.is_error, Some(true));
    }
}
