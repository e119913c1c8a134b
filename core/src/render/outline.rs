//! What a person is told of a report, and in which order: the answer first, then what proves it, what mends it, and
//! what could not be read. Form and escaping are left to the renderings.

mod mend;
mod open;
mod others;

use super::links::Console;
use super::words::{called, clock, footer, registered, second, some_of, stop, target, when, word};
use crate::report::{CauseSection, EvidenceSection, EvidenceState, Outcome, Report, Status, TargetKind};

/// What is said, in order.
pub(super) struct Outline {
    /// One word for the outcome.
    pub outcome: &'static str,
    /// The line that is read first.
    pub headline: String,
    /// What the report is about.
    pub target: String,
    /// Where the console shows that, and what else is named.
    pub console: Option<(Console, Option<String>)>,
    /// Who registered the revision, and when.
    pub registered: Option<String>,
    /// The rest.
    pub sections: Vec<Section>,
    /// What it cost.
    pub footer: Option<String>,
}

/// Something to say, under a label.
pub(super) struct Section {
    /// At most nine columns wide.
    pub label: &'static str,
    /// What is said.
    pub blocks: Vec<Block>,
}

/// A piece of a section. Every text in it is as foreign as in the report.
pub(super) enum Block {
    /// Sentences.
    Prose(String),
    /// What one of many things is called, and where the documentation has more on it.
    Title(String, Option<String>),
    /// One of several.
    Item(String),
    /// Names, states: what stands behind a sentence.
    Aside(String),
    /// What somebody else said.
    Quote(String),
    /// Lines of a log.
    Lines(Vec<String>),
    /// What can be run.
    Commands(Vec<String>),
    /// An address.
    Link(String),
}

use Block::{Aside, Item, Lines, Prose, Quote};

/// How much of what is many is said, unless all is wanted.
const MANY: usize = 6;
/// The same for who reads it in a channel, on a telephone.
const MANY_IN_CHAT: usize = 4;

/// How much of it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// What matters most, in a terminal.
    Short,
    /// What matters most, in a channel: nothing there can be asked for with an option.
    Chat,
    /// All of it.
    Whole,
}

pub(super) fn outline(report: &Report, verbose: bool) -> Outline {
    let depth = if verbose { Depth::Whole } else { Depth::Short };
    let teller = Teller { report, depth };
    let mut sections = vec![
        teller.since(),
        teller.impact(),
        teller.answer(),
        teller.symptom(),
        teller.log(),
        teller.evidence(),
        teller.others(),
        teller.possible(),
        teller.latent(),
        teller.healed(),
        teller.ruled_out(),
        teller.undecided(),
        teller.fix(),
        teller.verify(),
        teller.advice(),
        teller.gaps(),
        teller.notes(),
        teller.timeline(),
    ];
    sections.retain(|section| !section.blocks.is_empty());
    Outline {
        outcome: word(report.outcome),
        headline: report.headline.clone(),
        target: target(&report.target, verbose),
        console: Console::of(&report.target).map(|console| {
            let page = console.target(&report.target);
            (console, page)
        }),
        registered: registered(&report.target),
        sections,
        footer: footer(&report.cost),
    }
}

/// Tells the parts of a report, each by itself.
pub(super) struct Teller<'r> {
    /// What is told of.
    pub report: &'r Report,
    /// How much.
    pub depth: Depth,
}

impl<'r> Teller<'r> {
    fn many(&self) -> usize {
        match self.depth {
            Depth::Short => MANY,
            Depth::Chat => MANY_IN_CHAT,
            Depth::Whole => usize::MAX,
        }
    }

    /// Nothing is left out.
    fn whole(&self) -> bool {
        self.depth == Depth::Whole
    }

    /// The cause that answers the question.
    pub(in crate::render) fn first(&self) -> Option<&'r CauseSection> {
        self.report.causes.first().filter(|cause| !cause.latent && cause.status != Status::RuledOut)
    }

    /// Causes that are not the answer.
    fn rest(&self) -> impl Iterator<Item = &'r CauseSection> {
        self.report.causes.iter().skip(usize::from(self.first().is_some())).filter(|c| c.status != Status::RuledOut)
    }

    /// Items as many as are told, and a word on the others.
    fn told(&self, items: Vec<Block>) -> Vec<Block> {
        let more = items.len().saturating_sub(self.many());
        let mut told: Vec<Block> = items.into_iter().take(self.many()).collect();
        if more > 0 {
            told.push(self.more(more));
        }
        told
    }

    /// A word on what is left out.
    fn more(&self, more: usize) -> Block {
        match self.depth {
            Depth::Chat => Aside(format!("and {more} more")),
            Depth::Short | Depth::Whole => Aside(format!("and {more} more (--verbose)")),
        }
    }

    pub(in crate::render) fn impact(&self) -> Section {
        let blocks = self.report.impact.iter().map(|impact| Prose(impact.summary.clone())).collect();
        Section { label: "Impact", blocks }
    }

    /// What has become of the cause of before.
    pub(in crate::render) fn since(&self) -> Section {
        let blocks = self.report.since.iter().map(|since| Prose(since.text.clone())).collect();
        Section { label: "Since", blocks }
    }

    pub(in crate::render) fn answer(&self) -> Section {
        let Some(cause) = self.first() else { return self.no_answer() };
        // What the headline says already is not said again.
        let explanation =
            Some(&cause.explanation).filter(|explanation| !self.report.headline.ends_with(explanation.as_str()));
        let mut blocks: Vec<Block> = explanation.into_iter().cloned().map(Prose).collect();
        let resources: Vec<&str> = cause.resources.iter().map(String::as_str).collect();
        let at = if resources.is_empty() { String::new() } else { format!(": {}", some_of(&resources, MANY)) };
        blocks.push(Aside(format!("{}, {}{at}", called(cause), cause.status.as_str())));
        match cause.status {
            Status::Confirmed | Status::RuledOut => {}
            Status::Likely => blocks.push(Aside("nothing read contradicts it, and nothing proves it".to_owned())),
            Status::Possible if self.report.symptom.is_none() => {}
            Status::Possible => blocks.push(Aside("one of several that the symptom allows".to_owned())),
        }
        if let Some(healed) = cause.healed_at {
            blocks.push(Prose(format!("Mended at {}: start the task again.", when(healed))));
        }
        let label = match cause.status {
            Status::Confirmed | Status::RuledOut => "Why",
            Status::Likely => "Likely",
            Status::Possible => "Possible",
        };
        Section { label, blocks }
    }

    fn no_answer(&self) -> Section {
        let sentence = match (self.report.outcome, self.report.gaps.is_empty()) {
            (Outcome::Failed | Outcome::Hanging, true) => Some("No cause was found in what was read."),
            (Outcome::Failed | Outcome::Hanging, false) => {
                Some("No cause was found in what could be read; the gaps below may hide it.")
            }
            (Outcome::Undetermined, true) => Some("What was read does not tell."),
            (Outcome::Undetermined, false) => Some("What could be read does not tell: see the gaps below."),
            (Outcome::StoppedDeliberately | Outcome::Completed | Outcome::Running | Outcome::Sound, _) => None,
        };
        Section { label: "Why", blocks: sentence.map(|sentence| Prose(sentence.to_owned())).into_iter().collect() }
    }

    pub(in crate::render) fn symptom(&self) -> Section {
        let mut blocks = Vec::new();
        if let Some(symptom) = &self.report.symptom {
            if !symptom.text.trim().is_empty() {
                blocks.push(Quote(symptom.text.clone()));
            }
            blocks.push(Aside(stop(symptom)));
            if symptom.cut {
                let advice =
                    "The text ends before its cause: something cut it. Give the whole one for a better answer.";
                blocks.push(Prose(advice.to_owned()));
            }
        }
        let label = if self.report.target.kind == TargetKind::Message { "Text" } else { "ECS said" };
        Section { label, blocks }
    }

    pub(in crate::render) fn log(&self) -> Section {
        let mut blocks = Vec::new();
        if let Some(log) = &self.report.log {
            blocks.push(Aside(format!("{}, stream {}", log.group, log.stream)));
            let skip = if self.whole() { 0 } else { log.lines.len().saturating_sub(8) };
            blocks.push(Lines(log.lines.iter().skip(skip).cloned().collect()));
        }
        Section { label: "Log", blocks }
    }

    pub(in crate::render) fn evidence(&self) -> Section {
        let wanted = self.first().map(|cause| cause.evidence.as_slice()).unwrap_or_default();
        let told: Vec<Block> = if self.whole() {
            self.report.evidence.iter().map(|item| self.evidence_item(item)).collect()
        } else {
            let items = self.report.evidence.iter().filter(|item| wanted.contains(&item.id));
            // The stop reason stands above already.
            let items = items.filter(|item| item.source != "message" || self.report.symptom.is_none());
            items.map(|item| self.evidence_item(item)).collect()
        };
        Section { label: "Evidence", blocks: self.told(told) }
    }

    fn evidence_item(&self, item: &EvidenceSection) -> Block {
        let named = item.subject.is_empty() || item.summary.starts_with(&item.subject);
        let subject = if named { String::new() } else { format!("{}: ", item.subject) };
        let mut text = match self.depth {
            Depth::Chat => format!("`{}` {subject}{}", item.source, item.summary),
            Depth::Short | Depth::Whole => format!("{}  {subject}{}", item.source, item.summary),
        };
        if item.state == EvidenceState::Gap {
            text.push_str(" (not readable)");
        }
        match (self.depth, item.observed_at) {
            (Depth::Short, _) | (Depth::Chat, None) => {}
            (Depth::Chat, Some(at)) => text.push_str(&format!(" ({})", clock(at))),
            (Depth::Whole, None) => text.push_str(&format!(" [{}]", item.id)),
            (Depth::Whole, Some(at)) => text.push_str(&format!(" [{}, {}]", item.id, second(at))),
        }
        Item(text)
    }
}
