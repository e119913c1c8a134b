//! `ecs-why causes`: what can be found, and a page on each.

use crate::args::CausesArgs;
use crate::exit::Exit;
use crate::failure::{Usage, near};
use crate::view::{Output, View};
use ecs_why_core::advice::{self, DynAdvice};
use ecs_why_core::causes::page;
use ecs_why_core::model::{CauseId, Stage};
use ecs_why_core::render;
use std::io::Write;

/// Lists all causes, or prints the page of one.
pub fn run(args: &CausesArgs, view: &View, out: &mut impl Write) -> anyhow::Result<Exit> {
    match &args.id {
        Some(id) => match advice::find(id.trim()) {
            Some(found) => of_advice(found, view, out)?,
            None => one(known(id)?, view, out)?,
        },
        None => all(view, out)?,
    }
    Ok(Exit::Report)
}

fn known(id: &str) -> Result<CauseId, Usage> {
    id.trim().parse().map_err(|()| Usage::Unknown {
        what: "cause",
        name: id.to_owned(),
        near: near(id, CauseId::ALL.iter().map(|id| id.as_str()).chain(advice::all().iter().map(|one| one.id()))),
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

/// The page of a piece of advice.
fn of_advice(found: &dyn DynAdvice, view: &View, out: &mut impl Write) -> anyhow::Result<()> {
    let page = advice::page(found.id()).unwrap_or_default();
    if view.output == Output::Json {
        let mut entry = advised(found);
        entry["page"] = page.into();
        return Ok(writeln!(out, "{}", render::value(&entry))?);
    }
    writeln!(out, "# {}: {}\n", found.id(), found.title())?;
    writeln!(out, "Advice of `ecs-why check`\n")?;
    Ok(writeln!(out, "{}", page.trim())?)
}

/// What the list says behind a cause that has no page: the stop is all that tells of it.
fn mark(id: CauseId) -> &'static str {
    if page(id).is_some() { "" } else { " (told by the stop alone)" }
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
                ids.into_iter().try_for_each(|id| writeln!(out, "- `{id}`: {}{}", id.title(), mark(*id)))?;
            }
            Output::Report | Output::Json => {
                let style = if view.look.color { anstyle::AnsiColor::Cyan.on_default() } else { anstyle::Style::new() };
                writeln!(out, "{gap}{style}{stage}{style:#}")?;
                ids.into_iter().try_for_each(|id| writeln!(out, "  {:36} {}{}", id.as_str(), id.title(), mark(*id)))?;
            }
        }
    }
    let advice = advice::all().iter();
    match view.output {
        Output::Markdown => {
            writeln!(out, "\n## advice\n")?;
            advice.into_iter().try_for_each(|one| writeln!(out, "- `{}`: {}", one.id(), one.title()))?;
        }
        Output::Report | Output::Json => {
            let style = if view.look.color { anstyle::AnsiColor::Cyan.on_default() } else { anstyle::Style::new() };
            writeln!(out, "\n{style}advice{style:#}")?;
            advice.into_iter().try_for_each(|one| writeln!(out, "  {:36} {}", one.id(), one.title()))?;
        }
    }
    Ok(())
}

fn advised(one: &dyn DynAdvice) -> serde_json::Value {
    serde_json::json!({ "id": one.id(), "stage": "advice", "title": one.title(), "has_page": true })
}

fn entry(id: CauseId) -> serde_json::Value {
    serde_json::json!({
        "id": id.as_str(),
        "stage": id.stage().as_str(),
        "check": id.check().as_str(),
        "title": id.title(),
        "symptom_only": id.symptom_only(),
        "endpoint": id.has_endpoint(),
        "has_page": page(id).is_some(),
    })
}
