//! Tokens that stand where everybody who may read the configuration reads them.

use super::Problem;
use regex::Regex;
use std::sync::LazyLock;

/// Slack's tokens; Discord's three parts; a signing secret; an access key of AWS.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x) \bx(?:ox[a-z]|app)-[A-Za-z0-9-]{8,}
          | \b[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}
          | ["'][0-9a-f]{32,}["']
          | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b"#,
    )
    .expect("the pattern is well formed: a test makes it")
});

/// The lines with something that looks like a token; none of it is repeated.
pub fn tokens(text: &str) -> Vec<Problem> {
    let has = |(_, line): &(usize, &str)| TOKEN.is_match(line);
    let said = "this looks like a token: take it out and revoke it, since whoever could read the file has it; put the new one into \
                the environment or a file of its own (`token-env`, `token-file`)";
    text.lines().enumerate().filter(has).map(|(at, _)| Problem::new(at + 1, said)).collect()
}
