//! What the Web API's errors mean for what was to be said.

use crate::platform::SendError;
use slack_morphism::errors::SlackClientError;
use std::time::Duration;

/// How long to wait where Slack does not say.
const WAIT: Duration = Duration::from_secs(1);

/// The channel, message or thread is not there, or the bot is not in it.
const GONE: &[&str] = &[
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "message_not_found",
    "thread_not_found",
    "invalid_thread_ts",
    "cannot_reply_to_message",
    "cant_update_message",
    "edit_window_closed",
    "user_not_in_channel",
    "user_not_found",
];

/// Slack's own trouble: whether it was done is not known.
const BROKEN: &[&str] = &[
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
    "update_failed",
    "external_channel_migrating",
];

/// Slack's code, and never what it quotes of the message: that is foreign, and does not belong into logs.
pub fn meaning(error: &SlackClientError) -> SendError {
    match error {
        SlackClientError::ApiError(error) => of_code(&error.code),
        SlackClientError::RateLimitError(error) => SendError::Later(error.retry_after.unwrap_or(WAIT)),
        SlackClientError::HttpError(error) => of_status(error.status_code.as_u16()),
        SlackClientError::ProtocolError(_) => SendError::Broken("Slack's answer cannot be read".to_owned()),
        SlackClientError::HttpProtocolError(_)
        | SlackClientError::EndOfStream(_)
        | SlackClientError::SystemError(_)
        | SlackClientError::SocketModeProtocolError(_) => SendError::Broken("Slack cannot be reached".to_owned()),
    }
}

fn of_code(code: &str) -> SendError {
    let told = format!("Slack says `{}`", name(code));
    match code {
        "ratelimited" | "rate_limited" => SendError::Later(WAIT),
        code if GONE.contains(&code) => SendError::Gone(told),
        code if BROKEN.contains(&code) => SendError::Broken(told),
        _ => SendError::Refused(told),
    }
}

fn of_status(status: u16) -> SendError {
    let told = format!("Slack answers with HTTP {status}");
    match status {
        408 | 500.. => SendError::Broken(told),
        // A `response_url` that was used too often, or is too old.
        404 | 410 => SendError::Gone(told),
        _ => SendError::Refused(told),
    }
}

/// A code is a short word; what is none is not repeated.
fn name(code: &str) -> &str {
    let plain = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { code } else { "an error" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slack_morphism::errors::{SlackClientApiError, SlackClientHttpError, SlackRateLimitError};
    use slack_morphism::prelude::HttpStatusCode;

    fn kind(error: &SendError) -> &'static str {
        match error {
            SendError::Gone(_) => "gone",
            SendError::Refused(_) => "refused",
            SendError::Later(_) => "later",
            SendError::Broken(_) => "broken",
        }
    }

    #[test]
    fn each_code_says_whether_to_try_again() {
        for (code, wanted) in [
            ("not_in_channel", "gone"),
            ("channel_not_found", "gone"),
            ("message_not_found", "gone"),
            ("is_archived", "gone"),
            ("ratelimited", "later"),
            ("invalid_blocks", "refused"),
            ("invalid_auth", "refused"),
            ("missing_scope", "refused"),
            ("msg_too_long", "refused"),
            ("restricted_action", "refused"),
            ("something_new", "refused"),
            ("internal_error", "broken"),
            ("service_unavailable", "broken"),
        ] {
            let error = SlackClientError::ApiError(SlackClientApiError::new(code.to_owned()));
            assert_eq!(kind(&meaning(&error)), wanted, "{code}");
        }
    }

    #[test]
    fn each_status_says_whether_to_try_again() {
        for (status, wanted) in [(500, "broken"), (503, "broken"), (408, "broken"), (404, "gone"), (403, "refused")] {
            let status = HttpStatusCode::from_u16(status).unwrap();
            let error = SlackClientError::HttpError(SlackClientHttpError::new(status));
            assert_eq!(kind(&meaning(&error)), wanted, "{status}");
        }
    }

    #[test]
    fn waiting_is_as_long_as_slack_wants() {
        let said = SlackRateLimitError::new().with_retry_after(Duration::from_secs(7));
        assert_eq!(meaning(&SlackClientError::RateLimitError(said)), SendError::Later(Duration::from_secs(7)));
        let silent = SlackClientError::RateLimitError(SlackRateLimitError::new());
        assert_eq!(meaning(&silent), SendError::Later(WAIT));
    }

    #[test]
    fn an_error_repeats_nothing_but_a_code() {
        let error =
            SlackClientApiError::new("<!channel> *xoxb-1*".to_owned()).with_http_response_body("xoxb-2".to_owned());
        let told = meaning(&SlackClientError::ApiError(error)).to_string();
        assert_eq!(told, "Slack says `an error`");
    }
}
