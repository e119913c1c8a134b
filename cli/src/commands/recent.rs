//! `ecs-why` alone: what failed in the last hour, the newest first; on a terminal one chooses a report of it.

use super::triage::{Wanted, exit, gather, refuse, write};
use super::why;
use crate::args::AskArgs;
use crate::exit::Exit;
use crate::view::{Output, View};
use ecs_why_core::render::triage_line;
use ecs_why_core::triage::{Group, Triage};
use std::io::{self, IsTerminal, Write};

/// Lists, or lets choose.
pub fn run(ask: &AskArgs, view: &View, out: &mut impl Write) -> anyhow::Result<Exit> {
    refuse(ask)?;
    let clusters: Vec<String> = ask.cluster.iter().cloned().collect();
    let wanted = Wanted { clusters: &clusters, regions: &[], accounts: &[], recent: true };
    let mut triage = gather(&wanted, ask, view)?;
    triage.newest_first();
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal() && io::stderr().is_terminal();
    let choose = view.output == Output::Report && is_terminal && triage.failing().next().is_some();
    if !choose {
        match view.output {
            Output::Report if triage.failing().next().is_some() => list(&triage, view, out)?,
            _ => write(&triage, view, out)?,
        }
        return Ok(exit(&triage));
    }
    match chosen(&triage, view)? {
        // Asked anew and by itself: with its log lines, and as it is now.
        Choice::Group(group) => why::run(Some(&group.target()), ask, view, out),
        Choice::None => Ok(exit(&triage)),
        Choice::Interrupted => Ok(Exit::Interrupted),
    }
}

/// A line a group, and what to type for its report.
fn list(triage: &Triage, view: &View, out: &mut impl Write) -> io::Result<()> {
    for group in triage.failing() {
        writeln!(out, "{}", triage_line(group, view.look.unicode))?;
        writeln!(out, "  ecs-why {}", ecs_why_core::render::escape::cut(&group.target(), 300, view.look.unicode))?;
    }
    Ok(())
}

#[cfg_attr(not(feature = "live"), allow(dead_code))]
enum Choice<'t> {
    Group(&'t Group),
    None,
    Interrupted,
}

#[cfg(not(feature = "live"))]
fn chosen<'t>(_: &'t Triage, _: &View) -> anyhow::Result<Choice<'t>> {
    Ok(Choice::None)
}

/// Typing narrows the list down; Enter shows the report, Escape leaves.
#[cfg(feature = "live")]
fn chosen<'t>(triage: &'t Triage, view: &View) -> anyhow::Result<Choice<'t>> {
    use inquire::ui::{RenderConfig, Styled};
    use inquire::{InquireError, Select};

    let groups: Vec<&Group> = triage.failing().collect();
    let lines: Vec<String> = groups.iter().map(|group| triage_line(group, view.look.unicode)).collect();
    let look = if view.on_stderr().color { RenderConfig::default_colored() } else { RenderConfig::empty() };
    let look = if view.look.unicode { look } else { look.with_highlighted_option_prefix(Styled::new(">")) };
    let select = Select::new("What failed in the last hour. Why did which of them?", lines)
        .with_page_size(12)
        .with_help_message("type to filter, up and down to move, Enter for its report, Esc to leave")
        .with_render_config(look);
    match select.raw_prompt() {
        Ok(choice) => Ok(groups.get(choice.index).map_or(Choice::None, |group| Choice::Group(group))),
        Err(InquireError::OperationCanceled) => Ok(Choice::None),
        Err(InquireError::OperationInterrupted) => Ok(Choice::Interrupted),
        Err(error) => Err(anyhow::Error::from(error).context("the list cannot be shown")),
    }
}
