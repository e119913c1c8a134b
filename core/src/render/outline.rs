//! What a person is told of a report, and in which order: the answer first, then what proves it, what mends it, and
//! what could not be read. Form and escaping are left to the renderings.

use super::links::Console;
use super::words::{
    called, checks, count, footer, in_short, item, proof, registered, risk, second, some_of, stop, target, when, word,
};
use crate::evidence::GapReason;
use crate::model::CauseId;
use crate::report::{
    AdviceSection, CauseSection, CheckState, EvidenceSection, EvidenceState, FixSection, GapSection, Outcome, Report,
    Status, TargetKind,
};

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

use Block::{Aside, Commands, Item, Lines, Link, Prose, Quote, Title};

/// How much of what is many is said, unless all is wanted.
const MANY: usize = 6;

pub(super) fn outline(report: &Report, verbose: bool) -> Outline {
    let teller = Teller { report, verbose };
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

struct Teller<'r> {
    report: &'r Report,
    verbose: bool,
}

impl<'r> Teller<'r> {
    fn many(&self) -> usize {
        if self.verbose { usize::MAX } else { MANY }
    }

    /// The cause that answers the question.
    fn first(&self) -> Option<&'r CauseSection> {
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
            told.push(Aside(format!("and {more} more (--verbose)")));
        }
        told
    }

    fn impact(&self) -> Section {
        let blocks = self.report.impact.iter().map(|impact| Prose(impact.summary.clone())).collect();
        Section { label: "Impact", blocks }
    }

    /// What has become of the cause of before.
    fn since(&self) -> Section {
        let blocks = self.report.since.iter().map(|since| Prose(since.text.clone())).collect();
        Section { label: "Since", blocks }
    }

    /// What is no fault, and would make one less likely.
    fn advice(&self) -> Section {
        let told = |one: &'r AdviceSection| {
            let mut blocks = vec![Item(format!("{}: {} ({})", one.title, one.explanation, one.id))];
            if self.verbose && !one.commands.is_empty() {
                blocks.push(Commands(one.commands.clone()));
            }
            blocks
        };
        let advice = &self.report.advice;
        let mut blocks: Vec<Block> = advice.iter().take(self.many()).flat_map(told).collect();
        let more = advice.len().saturating_sub(self.many());
        if more > 0 {
            blocks.push(Aside(format!("and {more} more (--verbose)")));
        }
        if !self.verbose && advice.iter().any(|one| !one.commands.is_empty()) {
            blocks.push(Aside("`--verbose` adds the commands, and `ecs-why causes ID` the reasons".to_owned()));
        }
        Section { label: "Advice", blocks }
    }

    fn answer(&self) -> Section {
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

    fn symptom(&self) -> Section {
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

    fn log(&self) -> Section {
        let mut blocks = Vec::new();
        if let Some(log) = &self.report.log {
            blocks.push(Aside(format!("{}, stream {}", log.group, log.stream)));
            let skip = if self.verbose { 0 } else { log.lines.len().saturating_sub(8) };
            blocks.push(Lines(log.lines.iter().skip(skip).cloned().collect()));
        }
        Section { label: "Log", blocks }
    }

    fn evidence(&self) -> Section {
        let wanted = self.first().map(|cause| cause.evidence.as_slice()).unwrap_or_default();
        let told: Vec<Block> = if self.verbose {
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
        let mut text = format!("{}  {subject}{}", item.source, item.summary);
        if item.state == EvidenceState::Gap {
            text.push_str(" (not readable)");
        }
        if self.verbose {
            let at = item.observed_at.map(|at| format!(", {}", second(at))).unwrap_or_default();
            text.push_str(&format!(" [{}{at}]", item.id));
        }
        Item(text)
    }

    /// Other faults that may have stopped the task.
    fn others(&self) -> Section {
        let others = self.rest().filter(|c| !c.latent && c.healed_at.is_none() && c.status != Status::Possible);
        Section { label: "Also", blocks: self.told(others.map(item).collect()) }
    }

    fn possible(&self) -> Section {
        let possible: Vec<_> = self.rest().filter(|c| !c.latent && c.status == Status::Possible).collect();
        if self.verbose || possible.len() <= 2 {
            return Section { label: "Or else", blocks: possible.into_iter().map(item).collect() };
        }
        let names: Vec<String> = possible.into_iter().map(called).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Section { label: "Or else", blocks: vec![Prose(some_of(&names, 12))] }
    }

    fn latent(&self) -> Section {
        let mut blocks = self.told(self.rest().filter(|cause| cause.latent).map(item).collect());
        if !blocks.is_empty() {
            blocks.insert(0, Prose("These did not stop this task, and would stop the next attempt:".to_owned()));
        }
        Section { label: "Next", blocks }
    }

    fn healed(&self) -> Section {
        let healed = self.rest().filter(|cause| !cause.latent && cause.status != Status::Possible);
        let told = healed.filter_map(|cause| {
            let at = when(cause.healed_at?);
            Some(Item(format!("{}: {} (mended at {at})", called(cause), cause.explanation)))
        });
        Section { label: "Mended", blocks: self.told(told.collect()) }
    }

    fn ruled_out(&self) -> Section {
        let ruled_out = self.report.causes.iter().filter(|cause| cause.status == Status::RuledOut);
        let names: Vec<String> = ruled_out.map(called).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let limit = if self.verbose { usize::MAX } else { 10 };
        let mut blocks = if names.is_empty() { Vec::new() } else { vec![Aside(some_of(&names, limit))] };
        blocks.extend(self.passed());
        Section { label: if names.is_empty() { "Passed" } else { "Ruled out" }, blocks }
    }

    fn passed(&self) -> Vec<Block> {
        let stages = self.report.launch_path.iter().map(|stage| (stage.stage, checks(stage, CheckState::Passed)));
        let stages: Vec<_> = stages.filter(|(_, checks)| !checks.is_empty()).collect();
        let all: usize = stages.iter().map(|(_, checks)| checks.len()).sum();
        if all == 0 {
            Vec::new()
        } else if self.verbose {
            stages.iter().map(|(stage, checks)| Item(format!("{stage}: {}", checks.join(", ")))).collect()
        } else {
            let stages: Vec<String> =
                stages.iter().map(|(stage, checks)| format!("{stage} {}", checks.len())).collect();
            vec![Aside(format!("{} passed: {}", count(all as u64, "check"), stages.join(", ")))]
        }
    }

    /// Checks without an answer: the outcome of a check, a detail of everything else.
    fn undecided(&self) -> Section {
        let all = self.report.launch_path.iter().flat_map(|stage| checks(stage, CheckState::Unknown));
        let all: Vec<&str> = all.collect();
        let wanted = self.verbose || self.report.outcome == Outcome::Undetermined && self.report.symptom.is_none();
        let blocks = if all.is_empty() || !wanted { Vec::new() } else { vec![Aside(some_of(&all, self.many()))] };
        Section { label: "Open", blocks }
    }

    /// Fixes in the order of the causes that they mend, the first cause's first.
    fn fixes(&self) -> Vec<&'r FixSection> {
        let named = self.report.causes.iter().flat_map(|cause| &cause.fixes);
        let mut fixes: Vec<&FixSection> = Vec::new();
        for fix in named.filter_map(|id| self.report.fixes.iter().find(|fix| fix.id == *id)).chain(&self.report.fixes) {
            if !fixes.iter().any(|known| known.id == fix.id) {
                fixes.push(fix);
            }
        }
        fixes
    }

    fn fix(&self) -> Section {
        let fixes = self.fixes();
        let full = if self.verbose { fixes.len() } else { 1 };
        let mut blocks: Vec<Block> = fixes.iter().take(full).flat_map(|fix| self.whole(fix)).collect();
        let first = self.first().map(|cause| cause.fixes.as_slice()).unwrap_or_default();
        let others = fixes.iter().skip(full).map(|fix| {
            let mends = self.report.causes.iter().find(|cause| cause.fixes.contains(&fix.id));
            match mends {
                Some(cause) if !first.contains(&fix.id) => Item(format!("for {}: {}", cause.id, in_short(fix))),
                _ => Item(format!("or: {}", in_short(fix))),
            }
        });
        blocks.extend(self.told(others.collect()));
        Section { label: "Fix", blocks }
    }

    fn whole(&self, fix: &FixSection) -> Vec<Block> {
        let mut blocks =
            vec![Title(fix.title.clone(), fix.docs.clone()), Aside(format!("{}; {}", risk(fix), proof(fix)))];
        blocks.extend(fix.note.clone().map(Prose));
        let said = |account: &&String| fix.note.iter().chain([&fix.title]).any(|text| text.contains(account.as_str()));
        let other = fix.account.as_ref().filter(|account| Some(*account) != self.report.target.account.as_ref());
        if let Some(account) = other.filter(|account| !said(account)) {
            blocks.push(Prose(format!("with the credentials of account {account}")));
        }
        blocks.extend(fix.keepers.iter().map(|one| Prose(one.text.clone())));
        if !fix.commands.is_empty() {
            blocks.push(Commands(fix.commands.clone()));
        }
        if self.verbose || fix.commands.is_empty() {
            blocks.extend(fix.docs.clone().map(Link));
        }
        blocks
    }

    fn verify(&self) -> Section {
        let fixes = self.fixes();
        let commands = fixes.first().map(|fix| fix.verify.clone()).unwrap_or_default();
        Section { label: "Verify", blocks: if commands.is_empty() { Vec::new() } else { vec![Commands(commands)] } }
    }

    fn gaps(&self) -> Section {
        let (unasked, gaps): (Vec<&GapSection>, Vec<&GapSection>) =
            self.report.gaps.iter().partition(|gap| gap.reason == GapReason::NotAsked && !self.verbose);
        let mut blocks = self.told(gaps.iter().map(|gap| self.gap(gap)).collect());
        if !unasked.is_empty() {
            let mut hidden: Vec<CauseId> = unasked.iter().flat_map(|gap| gap.hides.iter().copied()).collect();
            hidden.sort_unstable();
            hidden.dedup();
            let hidden: Vec<&str> = hidden.into_iter().map(CauseId::as_str).collect();
            let open = if hidden.is_empty() { String::new() } else { format!("; open: {}", some_of(&hidden, MANY)) };
            let actions: Vec<&str> = unasked.iter().map(|gap| gap.action.as_str()).collect();
            blocks.push(if self.report.target.kind == TargetKind::Message {
                Prose(format!(
                    "Only the text was read, and not the account. Ask about the task or service itself{open}"
                ))
            } else {
                Item(format!("not asked: {}{open}", some_of(&actions, MANY)))
            });
        }
        if gaps.iter().any(|gap| gap.reason == GapReason::Denied) {
            blocks.push(Aside("`ecs-why permissions` prints a policy that allows all that is read".to_owned()));
        }
        Section { label: "Gaps", blocks }
    }

    fn gap(&self, gap: &GapSection) -> Block {
        let reason = match gap.reason {
            GapReason::Denied => "denied",
            GapReason::Throttled => "throttled",
            GapReason::Unreachable => "no answer",
            GapReason::Unsupported => "not supported",
            GapReason::Expired => "no longer kept by AWS",
            GapReason::NotAsked => "not asked",
        };
        let hides: Vec<&str> = gap.hides.iter().map(|id| id.as_str()).collect();
        let hides =
            if hides.is_empty() { String::new() } else { format!("; hides {}", some_of(&hides, self.many() / 2)) };
        let detail = gap.detail.as_ref().filter(|_| self.verbose).map(|d| format!(" ({d})")).unwrap_or_default();
        Item(format!("{} {reason}{hides}{detail}", gap.action))
    }

    fn notes(&self) -> Section {
        Section { label: "Note", blocks: self.told(self.report.notes.iter().cloned().map(Prose).collect()) }
    }

    fn timeline(&self) -> Section {
        let entries = self.report.timeline.iter().filter(|_| self.verbose);
        Section {
            label: "Timeline",
            blocks: entries.map(|entry| Item(format!("{}  {}", second(entry.at), entry.what))).collect(),
        }
    }
}
