//! `ecs-why causes`: what can be found, and a page on each.

use crate::args::CausesArgs;
use crate::exit::Exit;
use crate::failure::{Usage, near};
use crate::view::{Output, View};
use ecs_why_core::causes::page;
use ecs_why_core::model::{CauseId, Stage};
use ecs_why_core::render;
use std::io::Write;

/// Lists all causes, or prints the page of one.
pub fn run(args: &CausesArgs, view: &View, out: &mut impl Write) -> anyhow::Result<Exit> {
    match &args.id {
        Some(id) => one(known(id)?, view, out)?,
        None => all(view, out)?,
    }
    Ok(Exit::Report)
}

fn known(id: &str) -> Result<CauseId, Usage> {
    id.trim().parse().map_err(|()| Usage::Unknown {
        what: "cause",
        name: id.to_owned(),
        near: near(id, CauseId::ALL.iter().map(|id| id.as_str())),
    })
}

fn one(id: CauseId, view: &View, out: &mut impl Write) -> anyhow::Result<()> {
    if view.output == Output::Json {
        let mut entry = entry(id);
        entry["page"] = page(id).into();
        return Ok(writeln!(out, "{}", render::value(&entry))?);
    }
    writeln!(out, "# {id}: {}\n", id.title())?;
    writeln!(out, "Stage {}; check: {}\n", id.stage(), id.check())?;
    Ok(writeln!(out, "{}", page(id).unwrap_or_else(|| "There is no page on it yet.".to_owned()).trim())?)
}

fn all(view: &View, out: &mut impl Write) -> anyhow::Result<()> {
    if view.output == Output::Json {
        let entries: Vec<_> = CauseId::ALL.iter().map(|id| entry(*id)).collect();
        return Ok(writeln!(out, "{}", render::value(&entries))?);
    }
    let stages = Stage::LAUNCH.into_iter().chain([Stage::Lifecycle, Stage::Unknown]);
    for (at, stage) in stages.enumerate() {
        let ids = CauseId::ALL.iter().filter(|id| id.stage() == stage);
        let gap = if at == 0 { "" } else { "\n" };
        match view.output {
            Output::Markdown => {
                writeln!(out, "{gap}## {stage}\n")?;
                ids.into_iter().try_for_each(|id| writeln!(out, "- `{id}`: {}", id.title()))?;
            }
            Output::Report | Output::Json => {
                let style = if view.look.color { anstyle::AnsiColor::Cyan.on_default() } else { anstyle::Style::new() };
                writeln!(out, "{gap}{style}{stage}{style:#}")?;
                ids.into_iter().try_for_each(|id| writeln!(out, "  {:36} {}", id.as_str(), id.title()))?;
            }
        }
    }
    Ok(())
}

fn entry(id: CauseId) -> serde_json::Value {
    serde_json::json!({
        "id": id.as_str(),
        "stage": id.stage().as_str(),
        "check": id.check().as_str(),
        "title": id.title(),
        "symptom_only": id.symptom_only(),
        "endpoint": id.has_endpoint(),
    })
}
