//! What mends it, and what would make the next failure less likely.

use super::Block::{Aside, Commands, Item, Link, Prose, Title};
use super::{Block, Depth, Section, Teller};
use crate::render::words::{in_short, proof, risk};
use crate::report::{AdviceSection, FixSection};

impl<'r> Teller<'r> {
    /// What is no fault, and would make one less likely.
    pub(in crate::render) fn advice(&self) -> Section {
        let told = |one: &'r AdviceSection| {
            let mut blocks = vec![Item(format!("{}: {} ({})", one.title, one.explanation, one.id))];
            if self.whole() && !one.commands.is_empty() {
                blocks.push(Commands(one.commands.clone()));
            }
            blocks
        };
        let advice = &self.report.advice;
        let mut blocks: Vec<Block> = advice.iter().take(self.many()).flat_map(told).collect();
        let more = advice.len().saturating_sub(self.many());
        if more > 0 {
            blocks.push(self.more(more));
        }
        if self.depth == Depth::Short && advice.iter().any(|one| !one.commands.is_empty()) {
            blocks.push(Aside("`--verbose` adds the commands, and `ecs-why causes ID` the reasons".to_owned()));
        }
        Section { label: "Advice", blocks }
    }

    /// Fixes in the order of the causes that they mend, the first cause's first.
    pub(in crate::render) fn fixes(&self) -> Vec<&'r FixSection> {
        let named = self.report.causes.iter().flat_map(|cause| &cause.fixes);
        let mut fixes: Vec<&FixSection> = Vec::new();
        for fix in named.filter_map(|id| self.report.fixes.iter().find(|fix| fix.id == *id)).chain(&self.report.fixes) {
            if !fixes.iter().any(|known| known.id == fix.id) {
                fixes.push(fix);
            }
        }
        fixes
    }

    pub(in crate::render) fn fix(&self) -> Section {
        let fixes = self.fixes();
        let full = if self.whole() { fixes.len() } else { 1 };
        let mut blocks: Vec<Block> = fixes.iter().take(full).flat_map(|fix| self.one_fix(fix)).collect();
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

    pub(in crate::render) fn one_fix(&self, fix: &FixSection) -> Vec<Block> {
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
        if self.whole() || fix.commands.is_empty() {
            blocks.extend(fix.docs.clone().map(Link));
        }
        blocks
    }

    pub(in crate::render) fn verify(&self) -> Section {
        let fixes = self.fixes();
        let commands = fixes.first().map(|fix| fix.verify.clone()).unwrap_or_default();
        Section { label: "Verify", blocks: if commands.is_empty() { Vec::new() } else { vec![Commands(commands)] } }
    }
}
