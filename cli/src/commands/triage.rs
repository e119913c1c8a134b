//! `ecs-why triage`.

use crate::args::{AskArgs, TriageArgs};
use crate::exit::Exit;
use crate::failure::Usage;
use crate::view::{Output, View};
use ecs_why_core::render::{triage_json, triage_markdown, triage_text};
use ecs_why_core::triage::Triage;
use std::io::Write;

/// All that fails, the worst first. What is known when it is interrupted is still written.
pub fn run(args: &TriageArgs, before: &AskArgs, view: &View, out: &mut impl Write) -> anyhow::Result<Exit> {
    let ask = args.ask.or(before);
    refuse(&ask)?;
    let wanted = Wanted { clusters: &args.clusters, regions: &args.regions, accounts: &args.accounts, recent: false };
    let triage = gather(&wanted, &ask, view)?;
    write(&triage, view, out)?;
    Ok(exit(&triage))
}

/// What is wanted of a triage, as typed.
#[cfg_attr(not(feature = "live"), allow(dead_code))]
pub struct Wanted<'a> {
    /// Names of clusters.
    pub clusters: &'a [String],
    /// Regions.
    pub regions: &'a [String],
    /// Names of accounts in the settings.
    pub accounts: &'a [String],
    /// Only what stopped within the last hour.
    pub recent: bool,
}

/// What is about one target says nothing here, and is not passed over in silence.
pub fn refuse(ask: &AskArgs) -> Result<(), Usage> {
    ask.connection.check()?;
    let given = [
        (ask.save_evidence.is_some(), "--save-evidence"),
        (ask.evidence.is_some(), "--evidence"),
        (ask.since.is_some(), "--since"),
    ];
    match given.into_iter().find(|(given, _)| *given) {
        Some((_, option)) => Err(Usage::OneTarget { option }),
        None => Ok(()),
    }
}

#[cfg(not(feature = "live"))]
pub fn gather(_: &Wanted<'_>, _: &AskArgs, _: &View) -> anyhow::Result<Triage> {
    Err(Usage::NotLive.into())
}

/// Asks every place that is wanted, all at once.
#[cfg(feature = "live")]
pub fn gather(wanted: &Wanted<'_>, ask: &AskArgs, view: &View) -> anyhow::Result<Triage> {
    crate::places::triage(wanted, ask, view)
}

/// Writes it in the form that is wanted.
pub fn write(triage: &Triage, view: &View, out: &mut impl Write) -> std::io::Result<()> {
    match view.output {
        Output::Report => out.write_all(triage_text(triage, &view.look).as_bytes()),
        Output::Json => triage_json(triage, out),
        Output::Markdown => out.write_all(triage_markdown(triage, view.look.verbose).as_bytes()),
    }
}

/// Any triage is a success, but for one that was interrupted.
pub fn exit(triage: &Triage) -> Exit {
    if triage.complete { Exit::Report } else { Exit::Interrupted }
}
