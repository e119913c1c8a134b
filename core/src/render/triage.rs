//! A triage for people and programs: the worst first, each with its count, its time, an example and its fix.

use super::links::Console;
use super::outline::Block::{Aside, Commands, Item, Prose, Title};
use super::outline::{Block, Outline, Section};
use super::text::Look;
use super::words::{count, footer, in_short, second, some_of};
use super::{escape, markdown, text};
use crate::evidence::GapReason;
use crate::model::Moment;
use crate::report::{Cost, Outcome, Status};
use crate::triage::{Group, Owner, Severity, Triage, TriageGap};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// How many groups are told in full, unless all is wanted.
const IN_FULL: usize = 8;
/// What is said of a triage that was not finished.
pub(super) const INTERRUPTED: &str = "This is what was known when it was interrupted: there may be more.";

/// The triage for people.
pub fn triage_text(triage: &Triage, look: &Look) -> String {
    let outcome = if triage.failing().next().is_some() { Outcome::Failed } else { Outcome::Sound };
    text::page(&outline(triage, look.verbose), outcome, look)
}

/// The triage as Markdown.
pub fn triage_markdown(triage: &Triage, verbose: bool) -> String {
    markdown::page(&outline(triage, verbose))
}

/// A group in one line, to choose from: its owner, its cause, how many and when.
pub fn triage_line(group: &Group, unicode: bool) -> String {
    let dot = if unicode { "·" } else { "-" };
    let line = format!("{} {dot} {} {dot} {}", whose(group), named(group), told(group));
    escape::cut(&line, 200, unicode)
}

/// The triage for programs: see `report.md` of the contract. It is written as it is made, since there may be very many tasks.
///
/// # Errors
/// When it cannot be written.
pub fn triage_json(triage: &Triage, out: &mut impl Write) -> io::Result<()> {
    let document = Document {
        schema_version: 1,
        groups: &triage.groups,
        tasks: Tasks(RefCell::new(Box::new(triage.tasks()))),
        gaps: &triage.gaps,
        complete: triage.complete,
        places: &triage.places,
        cost: Cost { calls: triage.calls, rounds: triage.rounds, elapsed_ms: triage.elapsed_ms },
    };
    let mut out = Escaped(out);
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n")
}

/// Escapes what is written. `serde_json` writes whole pieces of text, so that no character is torn apart.
struct Escaped<'w, W>(&'w mut W);

impl<W: Write> Write for Escaped<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.0.write_all(escape::json(text).as_bytes())?,
            Err(_) => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[derive(Serialize)]
struct Document<'t> {
    schema_version: u32,
    groups: &'t [Group],
    tasks: Tasks<'t>,
    gaps: &'t [TriageGap],
    complete: bool,
    places: &'t [crate::triage::Looked],
    cost: Cost,
}

/// Task by task, without a list of all of them in between.
struct Tasks<'t>(RefCell<Box<dyn Iterator<Item = (String, &'t str)> + 't>>);

impl Serialize for Tasks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (arn, group) in self.0.borrow_mut().by_ref() {
            map.serialize_entry(&arn, group)?;
        }
        map.end()
    }
}

fn outline(triage: &Triage, verbose: bool) -> Outline {
    let failing: Vec<&Group> = triage.failing().collect();
    let shown = if verbose { usize::MAX } else { IN_FULL };
    let mut sections: Vec<Section> = failing
        .iter()
        .take(shown)
        .map(|group| Section { label: label(group.severity), blocks: full(group, verbose) })
        .collect();
    let rest: Vec<Block> = failing.iter().skip(shown).map(|group| Item(triage_line(group, true))).collect();
    sections.push(Section { label: "More", blocks: rest });
    sections.push(Section { label: "Besides", blocks: deliberate(triage) });
    sections.push(Section { label: "Gaps", blocks: triage.gaps.iter().map(gap).collect() });
    let notes = match triage.complete {
        true => vec![],
        false => vec![Prose(INTERRUPTED.to_owned())],
    };
    sections.push(Section { label: "Notes", blocks: notes });
    sections.retain(|section| !section.blocks.is_empty());
    Outline {
        outcome: "TRIAGE",
        headline: headline(triage, &failing),
        target: places(triage),
        console: None,
        registered: None,
        sections,
        footer: footer(&Cost { calls: triage.calls, rounds: triage.rounds, elapsed_ms: triage.elapsed_ms }),
    }
}

/// Where the console shows the service or the task that stands for a group.
fn page(group: &Group) -> Option<String> {
    Console::of(&group.report.target)?.target(&group.report.target)
}

pub(super) fn headline(triage: &Triage, failing: &[&Group]) -> String {
    let tasks: u64 = failing.iter().map(|group| group.count).sum();
    if failing.is_empty() {
        return match triage.gaps.is_empty() {
            true => "nothing has failed that ECS still remembers".to_owned(),
            false => "nothing has failed, as far as can be read".to_owned(),
        };
    }
    let mut owners: Vec<(&str, &Owner)> = failing.iter().map(|group| (group.cluster.as_str(), &group.owner)).collect();
    owners.sort();
    owners.dedup();
    let (services, families): (Vec<&(&str, &Owner)>, Vec<_>) =
        owners.iter().partition(|(_, owner)| matches!(owner, Owner::Service(_)));
    let services = (!services.is_empty()).then(|| count(services.len() as u64, "service"));
    let families = (!families.is_empty()).then(|| match families.len() {
        1 => "1 family of standalone tasks".to_owned(),
        many => format!("{many} families of standalone tasks"),
    });
    let whose: Vec<String> = services.into_iter().chain(families).collect();
    let down: BTreeSet<(&str, &Owner)> = failing
        .iter()
        .filter(|group| group.severity == Severity::Down)
        .map(|group| (group.cluster.as_str(), &group.owner))
        .collect();
    let down = match down.len() {
        0 => String::new(),
        1 => "; of one of them nothing runs".to_owned(),
        many => format!("; of {many} of them nothing runs"),
    };
    let causes: BTreeSet<Option<&str>> = failing.iter().map(|group| group.cause.map(|cause| cause.as_str())).collect();
    let causes = count(causes.len() as u64, "cause");
    format!("{causes} in {}, {} failed{down}", whose.join(" and "), count(tasks, "task"))
}

pub(super) fn places(triage: &Triage) -> String {
    let place = |place: &crate::triage::Looked| {
        let clusters: Vec<&str> = place.clusters.iter().map(String::as_str).collect();
        let clusters = match clusters.len() {
            0 => "no cluster".to_owned(),
            1 => format!("cluster {}", clusters.join("")),
            _ => format!("clusters {}", some_of(&clusters, 4)),
        };
        let account = place.account.as_ref().map(|account| format!(", account {account}")).unwrap_or_default();
        format!("{clusters}, {}{account}", place.region)
    };
    triage.places.iter().map(place).collect::<Vec<_>>().join("; ")
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Down => "DOWN",
        Severity::OldRevision => "OLD",
        Severity::Flaps => "FLAPS",
        Severity::Deliberate => "PURPOSE",
    }
}

fn full(group: &Group, verbose: bool) -> Vec<Block> {
    let mut blocks = vec![Title(format!("{}: {}", whose(group), group.report.headline), page(group))];
    let resource = group.resource.as_ref().map(|resource| format!(", {resource}")).unwrap_or_default();
    blocks.push(Aside(format!("{}{resource}", named(group))));
    blocks.push(Prose(told(group)));
    if group.severity == Severity::OldRevision
        && let Some(impact) = &group.report.impact
    {
        blocks.push(Prose(impact.summary.clone()));
    }
    blocks.push(Aside(format!("see: ecs-why {}", group.target())));
    let fixes = group.report.fixes.iter().take(if verbose { usize::MAX } else { 1 });
    for fix in fixes {
        blocks.push(Prose(format!("Fix: {}", in_short(fix))));
        blocks.push(Commands(fix.commands.clone()));
    }
    blocks
}

pub(super) fn whose(group: &Group) -> String {
    match &group.owner {
        Owner::Service(name) => format!("{}/{name}", group.cluster),
        Owner::Family(name) => format!("{} (tasks of family {name})", group.cluster),
    }
}

pub(super) fn named(group: &Group) -> String {
    match (group.cause, group.status) {
        (Some(cause), Some(Status::Confirmed)) => cause.to_string(),
        (Some(cause), Some(status)) => format!("{cause} ({})", status.as_str()),
        _ => "no cause found".to_owned(),
    }
}

/// `812 tasks, 13:05:11 to 14:02:40 UTC`.
pub(super) fn told(group: &Group) -> String {
    let many = match group.count {
        0 => "no task is placed at all".to_owned(),
        many => count(many, "task"),
    };
    match (group.first, group.last) {
        (Some(first), Some(last)) if first == last => format!("{many}, {}", second(last)),
        (Some(first), Some(last)) => format!("{many}, {} to {}", without_zone(first), second(last)),
        (Some(since), None) => format!("{many}, since {}", second(since)),
        (None, _) => many,
    }
}

fn without_zone(moment: Moment) -> String {
    second(moment).trim_end_matches(" UTC").to_owned()
}

/// Deliberate stops are counted, and not listed.
pub(super) fn deliberate(triage: &Triage) -> Vec<Block> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for group in triage.groups.iter().filter(|group| group.severity == Severity::Deliberate) {
        *counts.entry(named(group)).or_default() += group.count;
    }
    let all: u64 = counts.values().sum();
    if all == 0 {
        return vec![];
    }
    let each: Vec<String> = counts.iter().map(|(cause, count)| format!("{cause} {count}")).collect();
    vec![Prose(format!("{} stopped on purpose or done: {}", count(all, "task"), each.join(", ")))]
}

pub(super) fn gap(gap: &TriageGap) -> Block {
    let place = gap.cluster.as_ref().map(|cluster| format!(" in cluster {cluster}")).unwrap_or_default();
    let way = match gap.reason {
        GapReason::Denied => "is not allowed",
        GapReason::Throttled => "was throttled",
        GapReason::Unreachable => "got no answer",
        GapReason::Unsupported => "is not possible",
        GapReason::Expired => "comes too late",
        GapReason::NotAsked => "was not asked",
    };
    Item(format!("{}{place} {way}: {}", gap.action, gap.detail))
}
