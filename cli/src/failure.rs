//! What is said when there is no report: one paragraph, and one that says what to do.

use crate::args::ViewArgs;
use crate::commands::plugin::PluginError;
use crate::exit::Exit;
use crate::hint::hint;
use ecs_why_core::account::{AccountError, EvidenceFileError};
use ecs_why_core::error::Error;
use ecs_why_core::given::GivenError;
use ecs_why_core::render::paragraph;
use ecs_why_core::settings::SettingsError;
use ecs_why_core::target::TargetError;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

/// Used wrongly: what the library does not know of.
#[derive(Debug, thiserror::Error)]
pub enum Usage {
    /// A file that was named cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// As typed.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// A file that was named cannot be written.
    #[error("cannot write the evidence to `{path}`")]
    Write {
        /// As typed.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// The evidence is about something else than the target.
    #[error("the evidence is about `{file}`, and not about `{typed}`")]
    OtherTarget {
        /// In the file.
        file: String,
        /// As typed.
        typed: String,
    },
    /// Settings that cannot be read.
    #[error("the configuration `{path}` is wrong")]
    Config {
        /// Where.
        path: String,
        /// What is wrong.
        source: SettingsError,
    },
    /// A task definition that cannot be read.
    #[error("the task definition `{path}` is wrong")]
    Definition {
        /// As typed.
        path: String,
        /// What is wrong.
        source: GivenError,
    },
    /// The older report cannot be used.
    #[error("`{path}` cannot be compared with: {why}")]
    Since {
        /// As typed.
        path: String,
        /// Why not.
        why: String,
    },
    /// Network options for something that has its own.
    #[error("`{0}` has network settings of its own: --subnets and its like are for a task definition")]
    Placement(String),
    /// Nothing to explain.
    #[error("there is no text to explain")]
    NoText,
    /// The text is longer than any that ECS writes.
    #[error("the text is longer than {0} MiB")]
    LongText(u64),
    /// What was given cannot be explained.
    #[error("{0}")]
    NotReadable(String),
    /// There is no such cause, story ...
    #[error("there is no {what} `{name}`{}", say_near(.near))]
    Unknown {
        /// The kind of thing.
        what: &'static str,
        /// As typed.
        name: String,
        /// Names that are like it.
        near: Vec<String>,
    },
    /// Nothing to tell.
    #[error("no story is recorded in this build")]
    NoStories,
    /// An account that the settings do not name.
    #[cfg_attr(not(feature = "live"), allow(dead_code))]
    #[error("the settings name no account `{name}`{}", say_near(.near))]
    NoAccount {
        /// As typed.
        name: String,
        /// Names that are like it.
        near: Vec<String>,
    },
    /// An option that means nothing here.
    #[error("{option} does not go with `ecs-why triage`: it is about one target")]
    OneTarget {
        /// As typed.
        option: &'static str,
    },
    /// Requests that nobody signs.
    #[error("--no-sign-request cannot be meant: ECS answers only who signs")]
    Unsigned,
    /// Built without the account.
    #[cfg_attr(feature = "live", allow(dead_code))]
    #[error("this ecs-why was built without AWS (feature `live`): it reads evidence files, texts and the demo only")]
    NotLive,
}

fn say_near(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!(". Is it {}?", near.join(" or ")) }
}

/// Up to three names that are like one, the nearest first.
pub fn near<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut near: Vec<(f64, &str)> = names.map(|known| (strsim::jaro_winkler(name, known), known)).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    // What is much less like it than the nearest only distracts.
    let least = near.first().map_or(0.8, |(likeness, _)| f64::max(0.8, likeness - 0.08));
    near.retain(|(likeness, _)| *likeness > least);
    near.into_iter().take(3).map(|(_, known)| known.to_owned()).collect()
}

/// Whether the reader of our output went away.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Wider than any message.
const WHOLE_LINE: usize = 100_000;

/// Says on standard error what is wrong and what to do.
pub fn tell(error: &anyhow::Error, view: &ViewArgs) -> ExitCode {
    let mut look = view.view().on_stderr();
    if !io::stderr().is_terminal() {
        // A log has a line for what is wrong and one for what to do, however long: that is what is searched for.
        look.width = WHOLE_LINE;
    }
    let mut err = io::stderr().lock();
    let style = if look.color { anstyle::AnsiColor::Red.on_default().bold() } else { anstyle::Style::new() };
    let text = paragraph(&format!("error: {error:#}"), &look);
    let text = text.strip_prefix("error:").unwrap_or(&text);
    let _ = write!(err, "{style}error:{style:#}{text}");
    if let Some(hint) = hint(error) {
        let _ = write!(err, "\n{}", paragraph(&hint, &look));
    }
    exit_of(error).into()
}

/// The same where not even the arguments are known.
pub fn refuse(error: &impl std::error::Error) -> ExitCode {
    let look = ecs_why_core::render::Look::default();
    let _ = io::stderr().lock().write_all(paragraph(&format!("error: {error}"), &look).as_bytes());
    Exit::Usage.into()
}

fn exit_of(error: &anyhow::Error) -> Exit {
    if let Some(error) = error.downcast_ref::<Error>() {
        return Exit::of_error(error);
    }
    if let Some(error) = error.downcast_ref::<AccountError>() {
        return Exit::of_account(error);
    }
    // An output that cannot be written (a full disk) is nothing that we could mend.
    let usage = error.is::<Usage>()
        || error.is::<PluginError>()
        || error.is::<TargetError>()
        || error.is::<EvidenceFileError>()
        || error.is::<io::Error>();
    #[cfg(feature = "live")]
    let usage = usage || error.is::<ecs_why_aws::OpenError>();
    if usage { Exit::Usage } else { Exit::Own }
}

/// A panic is a fault of ours: it says so, and how to tell us, and ends with [`Exit::Own`].
pub fn on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
        let payload = panic.payload();
        let what = payload.downcast_ref::<&str>().copied().map(str::to_owned);
        let what = what.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        let text = format!(
            "error: this is a fault of ecs-why {} itself: {what}{place}. Please report it at {}/issues, with what you typed; \
             an evidence file (--save-evidence) helps most, if you may share it.",
            env!("CARGO_PKG_VERSION"),
            env!("CARGO_PKG_REPOSITORY"),
        );
        let _ = io::stderr().write_all(paragraph(&text, &ecs_why_core::render::Look::default()).as_bytes());
        std::process::exit(Exit::Own as i32);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_come_nearest_first() {
        let names = ["image-tag-not-found", "image-digest-not-found", "scaled-in", "out-of-memory"];
        assert_eq!(
            near("image-tag-missing", names.into_iter()).first().map(String::as_str),
            Some("image-tag-not-found")
        );
        assert!(near("zzz", names.into_iter()).is_empty());
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_broken_pipe(&gone().into()));
        assert!(is_broken_pipe(&anyhow::Error::from(gone()).context("cannot write")));
        assert!(!is_broken_pipe(&Usage::NoText.into()));
    }
}
