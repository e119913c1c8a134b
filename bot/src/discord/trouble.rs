//! What Discord answers instead of doing it, and what that means for what was to be said.

use crate::platform::SendError;
use std::time::Duration;

/// Of a foreign text, no more than this goes into an error.
const LONGEST: usize = 200;

/// "Thread already created for this message". <https://discord.com/developers/docs/topics/opcodes-and-status-codes#json>
pub(super) const THREAD_IS_THERE: i64 = 160_004;
/// "Interaction has already been acknowledged".
pub(super) const ANSWERED_ALREADY: i64 = 40_060;
/// "Invalid Webhook Token": that of an interaction is dead.
const TOKEN_IS_DEAD: i64 = 50_027;

/// Why a request came to nothing. No text in it holds a token: addresses are left out, since some of them do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Discord answered so.
    Status {
        /// HTTP's.
        status: u16,
        /// Discord's own; 0 where it says none.
        code: i64,
        /// Discord's words, cut.
        message: String,
    },
    /// Discord wants us to wait.
    Later(Duration),
    /// No answer, or none that can be read: whether it was done is not known.
    Broken(String),
}

impl Trouble {
    /// What the body of an answer says.
    pub(super) fn of(status: u16, body: &[u8]) -> Trouble {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let code = body["code"].as_i64().unwrap_or_default();
        let mut message = plain(body["message"].as_str().unwrap_or_default());
        if let Some(first) = body.get("errors").and_then(|errors| first_error(errors, String::new())) {
            message = format!("{message}: {}", plain(&first));
        }
        Trouble::Status { status, code, message }
    }

    /// What the message or the interaction was asked for is not there, or not for us.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Trouble::Status { status: 403 | 404, .. } | Trouble::Status { code: TOKEN_IS_DEAD, .. })
    }

    /// Discord's own code is this.
    pub(super) fn is(&self, wanted: i64) -> bool {
        matches!(self, Trouble::Status { code, .. } if *code == wanted)
    }
}

/// Foreign, and for a log or a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

/// The first of the errors that Discord ties to a field, with its path. Deeper than Discord nests, nobody follows.
fn first_error(errors: &serde_json::Value, path: String) -> Option<String> {
    if path.len() > LONGEST {
        return None;
    }
    let errors = errors.as_object()?;
    if let Some(found) = errors.get("_errors").and_then(|found| found[0]["message"].as_str()) {
        return Some(format!("{path} {found}"));
    }
    errors.iter().find_map(|(name, inner)| {
        let name: String = name.chars().take(40).collect();
        first_error(inner, if path.is_empty() { name } else { format!("{path}.{name}") })
    })
}

impl From<Trouble> for SendError {
    fn from(trouble: Trouble) -> SendError {
        let gone = trouble.is_gone();
        match trouble {
            Trouble::Later(wait) => SendError::Later(wait),
            Trouble::Broken(why) => SendError::Broken(why),
            Trouble::Status { status, code, message } => {
                let why = format!("discord answered {status} (code {code}): {message}");
                match status {
                    _ if gone => SendError::Gone(why),
                    400..=499 => SendError::Refused(why),
                    _ => SendError::Broken(why),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_discord_answers_tells_whether_to_try_again() {
        for (status, body, kind) in [
            (403, r#"{"message":"Missing Access","code":50001}"#, "gone"),
            (404, r#"{"message":"Unknown Message","code":10008}"#, "gone"),
            (401, r#"{"message":"Invalid Webhook Token","code":50027}"#, "gone"),
            (401, r#"{"message":"401: Unauthorized","code":0}"#, "refused"),
            (400, r#"{"message":"Invalid Form Body","code":50035,"errors":{}}"#, "refused"),
            (413, "<html>", "refused"),
            (500, "", "broken"),
            (502, "<html><h1>Bad gateway", "broken"),
            (503, "{}", "broken"),
        ] {
            let got = match SendError::from(Trouble::of(status, body.as_bytes())) {
                SendError::Gone(_) => "gone",
                SendError::Refused(_) => "refused",
                SendError::Later(_) => "later",
                SendError::Broken(_) => "broken",
            };
            assert_eq!(got, kind, "{status} {body}");
        }
    }

    #[test]
    fn a_refused_message_says_which_field_it_was() {
        let body = r#"{"code":50035,"message":"Invalid Form Body","errors":{"embeds":{"0":{"title":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH","message":"Must be 256 or fewer in length."}]}}}}}"#;
        let SendError::Refused(why) = SendError::from(Trouble::of(400, body.as_bytes())) else { panic!("not refused") };
        assert_eq!(
            why,
            "discord answered 400 (code 50035): Invalid Form Body: embeds.0.title Must be 256 or fewer in length."
        );
    }

    #[test]
    fn a_hostile_answer_is_cut_and_moves_no_cursor() {
        let deep = format!("{}{}", r#"{"a":"#.repeat(100), "}".repeat(100).replacen('}', "{}}", 1));
        let body = format!(r#"{{"code":1,"message":"\u001b[2J{}","errors":{deep}}}"#, "x".repeat(5000));
        let SendError::Refused(why) = SendError::from(Trouble::of(400, body.as_bytes())) else { panic!("not refused") };
        assert!(why.len() < 300 && !why.contains('\u{1b}'), "{why}");
    }
}
