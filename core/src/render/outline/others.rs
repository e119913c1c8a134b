//! Causes that are not the answer, and what passed.

use super::Block::{Aside, Item, Prose};
use super::{Block, Section, Teller};
use crate::render::words::{called, checks, count, item, some_of, when};
use crate::report::{CheckState, Outcome, Status};

impl<'r> Teller<'r> {
    /// Other faults that may have stopped the task.
    pub(in crate::render) fn others(&self) -> Section {
        let others = self.rest().filter(|c| !c.latent && c.healed_at.is_none() && c.status != Status::Possible);
        Section { label: "Also", blocks: self.told(others.map(item).collect()) }
    }

    pub(in crate::render) fn possible(&self) -> Section {
        let possible: Vec<_> = self.rest().filter(|c| !c.latent && c.status == Status::Possible).collect();
        if self.whole() || possible.len() <= 2 {
            return Section { label: "Or else", blocks: possible.into_iter().map(item).collect() };
        }
        let names: Vec<String> = possible.into_iter().map(called).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Section { label: "Or else", blocks: vec![Prose(some_of(&names, 12))] }
    }

    pub(in crate::render) fn latent(&self) -> Section {
        let mut blocks = self.told(self.rest().filter(|cause| cause.latent).map(item).collect());
        if !blocks.is_empty() {
            blocks.insert(0, Prose("These did not stop this task, and would stop the next attempt:".to_owned()));
        }
        Section { label: "Next", blocks }
    }

    pub(in crate::render) fn healed(&self) -> Section {
        let healed = self.rest().filter(|cause| !cause.latent && cause.status != Status::Possible);
        let told = healed.filter_map(|cause| {
            let at = when(cause.healed_at?);
            Some(Item(format!("{}: {} (mended at {at})", called(cause), cause.explanation)))
        });
        Section { label: "Mended", blocks: self.told(told.collect()) }
    }

    pub(in crate::render) fn ruled_out(&self) -> Section {
        let ruled_out = self.report.causes.iter().filter(|cause| cause.status == Status::RuledOut);
        let names: Vec<String> = ruled_out.map(called).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let limit = if self.whole() { usize::MAX } else { 10 };
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
        } else if self.whole() {
            stages.iter().map(|(stage, checks)| Item(format!("{stage}: {}", checks.join(", ")))).collect()
        } else {
            let stages: Vec<String> =
                stages.iter().map(|(stage, checks)| format!("{stage} {}", checks.len())).collect();
            vec![Aside(format!("{} passed: {}", count(all as u64, "check"), stages.join(", ")))]
        }
    }

    /// Checks without an answer: the outcome of a check, a detail of everything else.
    pub(in crate::render) fn undecided(&self) -> Section {
        let all = self.report.launch_path.iter().flat_map(|stage| checks(stage, CheckState::Unknown));
        let all: Vec<&str> = all.collect();
        let wanted = self.whole() || self.report.outcome == Outcome::Undetermined && self.report.symptom.is_none();
        let blocks = if all.is_empty() || !wanted { Vec::new() } else { vec![Aside(some_of(&all, self.many()))] };
        Section { label: "Open", blocks }
    }
}
