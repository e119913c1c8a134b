//! The command line of the AWS CLI, read as its own parser (Python's `argparse`) reads it.

use super::Refusal;

/// The global options of the AWS CLI, v1 and v2, and what they mean to us.
const OPTIONS: &[(&str, Meaning)] = &[
    ("--ca-bundle", Meaning::Value),
    ("--cli-auto-prompt", Meaning::OfTheCli),
    ("--cli-binary-format", Meaning::Refused("it takes no binary value, so leave it away", true)),
    ("--cli-connect-timeout", Meaning::Value),
    ("--cli-read-timeout", Meaning::Value),
    ("--color", Meaning::Color),
    ("--debug", Meaning::Flag),
    ("--endpoint-url", Meaning::Value),
    ("--no-cli-auto-prompt", Meaning::OfTheCli),
    ("--no-cli-pager", Meaning::Refused("set AWS_PAGER to nothing instead", false)),
    ("--no-paginate", Meaning::Refused("it would judge by the first page of an answer, so leave it away", false)),
    ("--no-sign-request", Meaning::Refused("ECS answers signed requests only, so leave it away", false)),
    ("--no-verify-ssl", Meaning::Flag),
    ("--output", Meaning::Output),
    ("--profile", Meaning::Value),
    ("--query", Meaning::Refused("call `ecs-why TARGET --as json` and filter that, for instance with jq", true)),
    ("--region", Meaning::Value),
    ("--v2-debug", Meaning::OfTheCli),
    ("--version", Meaning::OfTheCli),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// The same here.
    Flag,
    /// The same here, with a value.
    Value,
    /// `on`, `off`, `auto`.
    Color,
    /// The form, of which an alias has only JSON.
    Output,
    /// The CLI has seen to it.
    OfTheCli,
    /// It cannot be honoured: what to do, and whether it has a value.
    Refused(&'static str, bool),
}

impl Meaning {
    fn has_value(self) -> bool {
        matches!(self, Meaning::Value | Meaning::Color | Meaning::Output | Meaning::Refused(_, true))
    }
}

/// What stood on the line.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    globals: Vec<(&'static str, Option<String>)>,
}

impl Line {
    /// Reads a command line as one of the CLI that called us with these arguments; none if it is not.
    pub fn of(words: &[String], own: &[String]) -> Option<Line> {
        // What stands before is the Python with its own options, and the script. The longest rest that fits has all options.
        (1..words.len()).find_map(|start| {
            let (globals, rest) = split(&words[start..])?;
            let rest = match &rest[..] {
                [why, rest @ ..] if why == "why" => rest,
                [ecs, why, rest @ ..] if ecs == "ecs" && why == "why" => rest,
                _ => return None,
            };
            without_dashes(rest).eq(without_dashes(own)).then_some(Line { globals })
        })
    }

    /// The options as we have them.
    pub fn options(&self, own: &[String]) -> Result<Vec<String>, Refusal> {
        let mut options = vec![];
        for (option, value) in &self.globals {
            let meaning = OPTIONS.iter().find(|(name, _)| name == option).map(|(_, meaning)| *meaning);
            let value = value.clone().unwrap_or_default();
            match meaning {
                Some(Meaning::Flag) => options.push((*option).to_owned()),
                Some(Meaning::Value) => options.extend([(*option).to_owned(), value]),
                Some(Meaning::Color) => {
                    let when = match &*value {
                        "on" => "always",
                        "off" => "never",
                        _ => "auto",
                    };
                    options.extend([(*option).to_owned(), when.to_owned()]);
                }
                Some(Meaning::Output) if value == "json" => {
                    let before = own.iter().take_while(|word| *word != "--");
                    let form = before.into_iter().find(|word| word.starts_with("--as") || word.starts_with("-o"));
                    if let Some(form) = form {
                        return Err(Refusal::TwoForms(form.clone()));
                    }
                    options.extend([(*option).to_owned(), value]);
                }
                Some(Meaning::Output) => {
                    let instead =
                        "an alias has the form `json` only; call `ecs-why TARGET --as markdown` for another one";
                    return Err(Refusal::Meaningless { option: "this value of --output", instead });
                }
                Some(Meaning::Refused(instead, _)) => return Err(Refusal::Meaningless { option, instead }),
                Some(Meaning::OfTheCli) | None => {}
            }
        }
        Ok(options)
    }
}

/// Options with their values, and the other words.
pub type Split = (Vec<(&'static str, Option<String>)>, Vec<String>);

/// The global options, and what is left; none where `argparse` would have ended with an error, or we cannot tell which option is meant.
pub fn split(words: &[String]) -> Option<Split> {
    let (mut globals, mut rest) = (vec![], vec![]);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            rest.push(word.clone());
            rest.extend(words.cloned());
            break;
        }
        // A word with a space in it is never an option, unless it is `--option=...`.
        let (typed, value) = word.split_once('=').map_or((&**word, None), |(typed, value)| (typed, Some(value)));
        if !typed.starts_with("--") || typed.contains(' ') {
            rest.push(word.clone());
            continue;
        }
        let mut meant = OPTIONS.iter().filter(|(name, _)| name.starts_with(typed));
        let exact = OPTIONS.iter().find(|(name, _)| *name == typed);
        let (name, meaning) = match (exact, meant.next(), meant.next()) {
            (Some(exact), _, _) | (None, Some(exact), None) => exact,
            (None, None, _) => {
                rest.push(word.clone());
                continue;
            }
            (None, Some(_), Some(_)) => return None,
        };
        let value = match (meaning.has_value(), value) {
            (true, Some(value)) => Some(value.to_owned()),
            (true, None) => Some(words.next().filter(|value| !value.starts_with("--"))?.clone()),
            (false, Some(_)) => return None,
            (false, None) => None,
        };
        // Said twice, the last counts.
        globals.retain(|(known, _)| known != name);
        globals.push((*name, value));
    }
    Some((globals, rest))
}

/// Versions of `argparse` differ in what becomes of the two dashes.
fn without_dashes(words: &[String]) -> impl Iterator<Item = &String> {
    words.iter().filter(|word| *word != "--")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    fn options(line: &str, own: &str) -> Option<Result<Vec<String>, Refusal>> {
        Line::of(&words(line), &words(own)).map(|line| line.options(&words(own)))
    }

    #[test]
    fn every_option_is_honoured_or_refused() {
        for (typed, expected) in [
            ("--ca-bundle f", Some("--ca-bundle f")),
            ("--cli-connect-timeout 0", Some("--cli-connect-timeout 0")),
            ("--cli-read-timeout=5", Some("--cli-read-timeout 5")),
            ("--color on", Some("--color always")),
            ("--color off", Some("--color never")),
            ("--debug", Some("--debug")),
            ("--endpoint-url http://x", Some("--endpoint-url http://x")),
            ("--no-verify-ssl", Some("--no-verify-ssl")),
            ("--output json", Some("--output json")),
            ("--region a --region b", Some("--region b")),
            ("--v2-debug", Some("")),
            ("--no-cli-auto-prompt", Some("")),
            ("--output table", None),
            ("--query x", None),
            ("--no-paginate", None),
            ("--no-sign-request", None),
            ("--no-cli-pager", None),
            ("--cli-binary-format raw-in-base64-out", None),
        ] {
            let told = options(&format!("aws {typed} why x"), "x").unwrap_or_else(|| panic!("{typed} is read"));
            assert_eq!(told.ok(), expected.map(words), "{typed}");
        }
    }

    #[test]
    fn two_forms_are_refused() {
        let told = options("aws why x --as markdown --output json", "x --as markdown");
        assert_eq!(told, Some(Err(Refusal::TwoForms("--as".to_owned()))));
        assert!(options("aws why --output json -- -o", "-- -o").is_some_and(|told| told.is_ok()));
    }

    #[test]
    fn an_option_that_is_the_beginning_of_several_is_not_guessed() {
        assert_eq!(options("aws why x --cli 5", "x"), None);
        assert_eq!(options("aws why x --profi p", "x"), Some(Ok(words("--profile p"))));
    }

    #[test]
    fn values_may_look_like_anything() {
        let line: Vec<String> =
            ["python", "aws", "why", "explain", "--cluster is = not mine", "-1"].map(str::to_owned).into();
        let own: Vec<String> = line[3..].to_vec();
        assert_eq!(Line::of(&line, &own), Some(Line { globals: vec![] }));
    }
}
