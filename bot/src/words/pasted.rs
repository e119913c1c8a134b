//! What was pasted: JSON, ARNs, links to the console, stop reasons. These say what they are, whatever stands around them.

use super::{Named, Question, Scope, plain};
use ecs_why_core::model::Arn;
use ecs_why_core::symptom::{self, parse_pasted};
use ecs_why_core::target::{Target, TargetError};
use regex::Regex;
use std::sync::LazyLock;

/// Of pasted targets, no more than this are offered.
const MOST_TARGETS: usize = 5;
/// Of quoted pieces, no more than this are looked at.
const MOST_QUOTED: usize = 8;
/// A shorter piece is a word.
const SHORTEST_REASON: usize = 8;

/// A field that only a stop has, as in JSON.
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\\?"(?:stoppedReason|stopCode|exitCode)\\?"\s*:"#).expect("the expression is constant")
});
/// How AWS and its agents begin what they say.
static BEGINNING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:[A-Z][a-z]+){2,}(?:Error|Exception)\b|\((?:service|task|taskSet) [^)\s]+\)|\b[Ss]toppedReason\b")
        .expect("the expression is constant")
});
static QUOTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"```([^`]+)```|`([^`\n]+)`|"([^"\n]+)""#).expect("the expression is constant"));

/// The JSON in a text, if a stop can be read from it.
pub fn json(text: &str) -> Option<&str> {
    let last = text.rfind(['}', ']']).unwrap_or_default();
    let starts = [text.find('{'), text.find('[')];
    let whole = starts.into_iter().flatten().filter(|first| *first < last).find_map(|first| {
        let piece = text.get(first..=last)?;
        let value: serde_json::Value = serde_json::from_str(piece).ok()?;
        let holds_objects =
            value.is_object() || value.as_array().is_some_and(|all| all.iter().any(serde_json::Value::is_object));
        (holds_objects && parse_pasted(piece).is_ok()).then_some(piece)
    });
    whole.or_else(|| fragment(text))
}

/// A piece that somebody cut out of such JSON.
pub fn fragment(text: &str) -> Option<&str> {
    let first = FIELD.find(text)?.start();
    // Fields before the first telling one belong to it as well, and prose does not.
    let begin = text.get(..first).and_then(|before| before.find(['{', '"', '\\'])).unwrap_or(first);
    text.get(begin..).map(str::trim)
}

/// What ARNs and links of the console name, each once.
pub fn targets(text: &str) -> Vec<Question> {
    let mut out = vec![];
    let ends = |char: char| char.is_whitespace() || "\"'`<>|,;()[]{}\\".contains(char);
    for piece in text.split(ends) {
        let found = match (piece.find("arn:"), piece.find("https://").or_else(|| piece.find("http://"))) {
            (_, Some(at)) => piece.get(at..).and_then(link),
            (Some(at), None) => piece.get(at..).and_then(arn),
            (None, None) => None,
        };
        if let Some(question) = found
            && !out.contains(&question)
        {
            out.push(question);
        }
        if out.len() == MOST_TARGETS {
            break;
        }
    }
    // One task in its cluster is that task.
    if out.iter().any(|one| matches!(one, Question::Why(_))) {
        out.retain(|one| matches!(one, Question::Why(_)));
    }
    out
}

/// The text without them.
pub fn without_targets(text: &str) -> String {
    let is_one = |piece: &str| piece.contains("arn:") || piece.contains("://");
    text.split_inclusive(char::is_whitespace).map(|piece| if is_one(piece) { " " } else { piece }).collect()
}

fn trimmed(piece: &str) -> &str {
    piece.trim_end_matches(['.', ':', '!', '?', '*', '_', '~'])
}

fn why(name: &str) -> Question {
    Question::Why(Named { name: name.to_owned(), ..Named::default() })
}

fn link(piece: &str) -> Option<Question> {
    let address = trimmed(piece);
    if !plain::is_console(address) {
        return None;
    }
    if Target::parse(address, None).is_ok() {
        return Some(why(address));
    }
    // A cluster's page: what fails there.
    let url = url::Url::parse(address).ok()?;
    let region = url.query_pairs().find(|(key, _)| key == "region").map(|(_, value)| value.into_owned());
    let path = format!("{}/{}", url.path(), url.fragment().unwrap_or_default());
    let mut parts = path.split(['/', '?']).skip_while(|part| *part != "clusters").skip(1);
    let cluster = parts.next().filter(|name| super::token::is_name(name))?.to_owned();
    let other = parts
        .next()
        .is_some_and(|what| matches!(what, "tasks" | "services") && parts.next().is_some_and(super::token::is_name));
    let scope = Scope { clusters: vec![cluster], account: None, region };
    (!other).then_some(Question::Failing(scope))
}

fn arn(piece: &str) -> Option<Question> {
    let text = trimmed(piece);
    let arn: Arn = text.parse().ok()?;
    if arn.service() != "ecs" {
        return None;
    }
    let (region, account) = (Some(arn.region().to_owned()), Some(arn.account().to_owned()));
    let parts: Vec<&str> = arn.resource().split('/').collect();
    match (Target::parse(text, None), parts.as_slice()) {
        (Ok(_), _) => Some(why(text)),
        (_, ["cluster", cluster]) if super::token::is_name(cluster) => {
            Some(Question::Failing(Scope { clusters: vec![(*cluster).to_owned()], account, region }))
        }
        // The short format of before 2018 leaves the cluster out.
        (Err(TargetError::NoCluster(name)), _) => Some(Question::Why(Named { name, cluster: None, account, region })),
        // An id that somebody shortened.
        (_, ["task", cluster, id]) if super::token::id(id).is_some() && super::token::is_name(cluster) => {
            let cluster = Some((*cluster).to_owned());
            Some(Question::Why(Named { name: (*id).to_owned(), cluster, account, region }))
        }
        _ => None,
    }
}

/// A stop reason in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The reason.
    pub text: String,
    /// What a person wrote around it.
    pub around: String,
    /// It is not set apart: the words may be a person's own.
    pub loose: bool,
}

/// The stop reason that the catalogue of messages recognises, if there is one.
pub fn reason(text: &str) -> Option<Reason> {
    let begins = BEGINNING.find(text).map(|found| found.start());
    for found in QUOTED.captures_iter(text).take(MOST_QUOTED) {
        let (Some(whole), Some(inner)) = (found.get(0), found.iter().skip(1).flatten().next()) else { continue };
        if begins.is_some_and(|begin| begin < whole.start()) {
            break;
        }
        if inner.as_str().trim().len() >= SHORTEST_REASON && recognised(inner.as_str()) {
            let around = [text.get(..whole.start()), text.get(whole.end()..)].map(Option::unwrap_or_default).join(" ");
            return Some(Reason { text: inner.as_str().trim().to_owned(), around, loose: false });
        }
    }
    if let Some(begin) = begins {
        let (before, from) = text.split_at(begin);
        if recognised(from) {
            let name = from.find(|char: char| !char.is_alphanumeric()).unwrap_or(from.len());
            let asks = super::asks_why(before) || super::asks_why(from);
            let short = from.len() < 80 && !from.contains(':');
            let around = if asks || short {
                format!("{before} {}", from.get(name..).unwrap_or_default())
            } else {
                before.to_owned()
            };
            return Some(Reason { text: from.trim().to_owned(), around, loose: false });
        }
    }
    let text = text.trim().trim_start_matches("> ");
    if text.len() < SHORTEST_REASON && !text.bytes().all(|byte| byte.is_ascii_uppercase()) || !recognised(text) {
        return None;
    }
    let after = text.split_once(['?', '\n']).or_else(|| text.split_once(": "));
    match after.filter(|(_, after)| after.trim().len() >= SHORTEST_REASON && recognised(after)) {
        Some((before, after)) => {
            Some(Reason { text: after.trim().to_owned(), around: before.to_owned(), loose: false })
        }
        None => Some(Reason { text: text.to_owned(), around: text.to_owned(), loose: true }),
    }
}

/// Whether a row of the catalogue fits, or an exit code stands there.
fn recognised(text: &str) -> bool {
    parse_pasted(text).is_ok_and(|stop| {
        let read = symptom::read(&stop);
        read.row.is_some() || read.exit_code.is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: &str = "arn:aws:ecs:eu-west-1:123456789012:task/prod/4f1c2a9be07d4c7f9a3e5b6d8c1f2e3a";

    #[test]
    fn targets_are_found_wherever_they_stand() {
        for text in
            [TASK.to_owned(), format!("(see {TASK}).\n"), format!("task={TASK}, twice: `{TASK}`"), format!("<{TASK}>")]
        {
            assert_eq!(targets(&text), [why(TASK)], "{text}");
        }
        assert_eq!(targets("arn:aws:iam::123456789012:role/x https://example.com/clusters/prod"), []);
    }

    #[test]
    fn an_arn_of_an_account_keeps_its_account() {
        let cluster = targets("arn:aws:ecs:eu-west-1:210987654321:cluster/prod");
        let [Question::Failing(scope)] = cluster.as_slice() else { panic!("{cluster:?}") };
        assert_eq!((scope.account.as_deref(), scope.region.as_deref()), (Some("210987654321"), Some("eu-west-1")));
        let old = targets("arn:aws:ecs:eu-west-1:210987654321:task/4f1c2a9b-e07d-4c7f-9a3e-5b6d8c1f2e3a");
        let [Question::Why(named)] = old.as_slice() else { panic!("{old:?}") };
        assert_eq!(named.account.as_deref(), Some("210987654321"));
        let short = targets("arn:aws:ecs:eu-west-1:210987654321:task/prod/4f1c2a9b");
        assert!(
            matches!(short.as_slice(), [Question::Why(one)] if one.name == "4f1c2a9b" && one.cluster.as_deref() == Some("prod"))
        );
    }

    #[test]
    fn a_reason_is_told_from_what_stands_around_it() {
        let found = reason("hi what is \"Essential container in task exited\" in prod").expect("a reason");
        assert_eq!((found.text.as_str(), found.loose), ("Essential container in task exited", false));
        assert_eq!(found.around.split_whitespace().collect::<Vec<_>>(), ["hi", "what", "is", "in", "prod"]);
        let found = reason("payments: CannotPullContainerError: pull access denied").expect("a reason");
        assert_eq!(
            (found.text.as_str(), found.around.as_str()),
            ("CannotPullContainerError: pull access denied", "payments: ")
        );
        assert_eq!(reason("why is payments down"), None);
        assert_eq!(reason("agent"), None);
    }

    #[test]
    fn json_without_a_stop_is_none() {
        assert_eq!(json("{\"a\": 1}"), None);
        assert_eq!(json("[prod] payments {x}"), None);
        assert_eq!(json("[\"payments\"]"), None);
        assert!(json("see {\"stoppedReason\": \"x\"} please").is_some());
    }
}
