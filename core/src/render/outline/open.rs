//! What could not be read, what a reader should know besides, and when what happened.

use super::Block::{Aside, Item, Prose};
use super::{Block, MANY, Section, Teller};
use crate::evidence::GapReason;
use crate::model::CauseId;
use crate::render::words::{second, some_of};
use crate::report::{GapSection, TargetKind};

impl<'r> Teller<'r> {
    pub(in crate::render) fn gaps(&self) -> Section {
        let (unasked, gaps): (Vec<&GapSection>, Vec<&GapSection>) =
            self.report.gaps.iter().partition(|gap| gap.reason == GapReason::NotAsked && !self.whole());
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
        let detail = gap.detail.as_ref().filter(|_| self.whole()).map(|d| format!(" ({d})")).unwrap_or_default();
        Item(format!("{} {reason}{hides}{detail}", gap.action))
    }

    pub(in crate::render) fn notes(&self) -> Section {
        Section { label: "Note", blocks: self.told(self.report.notes.iter().cloned().map(Prose).collect()) }
    }

    pub(in crate::render) fn timeline(&self) -> Section {
        let entries = self.report.timeline.iter().filter(|_| self.whole());
        Section {
            label: "Timeline",
            blocks: entries.map(|entry| Item(format!("{}  {}", second(entry.at), entry.what))).collect(),
        }
    }
}
