//! `ecs-why TARGET`.

use crate::account::{self, Answer, Asked};
use crate::args::{AskArgs, PlacementArgs};
use crate::exit::Exit;
use crate::view::View;
use ecs_why_core::report::Outcome;
use std::io::Write;

/// Why it stopped. Any report is a success.
pub fn run(target: Option<&str>, ask: &AskArgs, view: &View, out: &mut impl Write) -> anyhow::Result<Exit> {
    let asked = Asked { target, check: false, placement: PlacementArgs::default() };
    answer(&asked, ask, view, out, |_| Exit::Report)
}

/// Asks, writes the report, and then keeps the evidence.
pub fn answer(
    asked: &Asked<'_>,
    ask: &AskArgs,
    view: &View,
    out: &mut impl Write,
    exit: fn(Outcome) -> Exit,
) -> anyhow::Result<Exit> {
    let Some(Answer { report, evidence }) = account::ask(asked, ask, view)? else {
        return Ok(Exit::Interrupted);
    };
    view.write(&report, out)?;
    if let (Some(path), Some(evidence)) = (&ask.save_evidence, evidence) {
        out.flush()?;
        account::save(&evidence, path)?;
    }
    Ok(exit(report.outcome))
}
