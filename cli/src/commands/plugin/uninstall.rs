//! `ecs-why plugin uninstall`: exactly what was installed goes.

use super::apply::Done;
use super::error::PluginError;
use super::files;
use super::places::Places;
use super::plan::{Change, Wish, own_path};
use super::receipt::{Digest, Receipt};
use super::told::{Changed, Told};
use crate::args::PluginUninstallArgs;

/// Takes it away, or says what that would do.
///
/// # Errors
/// When a file cannot be read or written; everything is as before then.
pub fn uninstall(args: &PluginUninstallArgs) -> Result<Told, PluginError> {
    let places = Places::found()?;
    let Some(receipt) = Receipt::read(&places.receipt())? else { return leftovers(args, &places) };
    let mut told = Told::new(String::new(), &[]);
    let mut changes = vec![];
    for edited in &receipt.files {
        let before = files::read(&edited.path)?;
        let undone = edited.undo(before.as_deref())?;
        if undone.changed && before.is_some() {
            told.notes
                .push(format!("{} was changed since by somebody else: only our own lines go", edited.path.display()));
        }
        changes.push(Change { path: edited.path.clone(), before, after: undone.text });
    }
    told.changes = changes.iter().filter(|change| change.is_any()).map(Changed::lines).collect();
    for module in &receipt.modules {
        let before = files::read(&module.path)?;
        if before.as_deref().is_some_and(|text| Digest::of(text) != module.text) {
            told.notes.push(format!("{} was changed since by somebody else: it stays", module.path.display()));
            continue;
        }
        changes.push(Change { path: module.path.clone(), before, after: None });
    }
    let path = places.receipt();
    changes.push(Change { before: files::read(&path)?, after: None, path });
    let own = changes.iter().skip(receipt.files.len()).filter(|change| change.is_any());
    told.changes.extend(own.map(Changed::whole));
    finish(args, told, changes, &receipt.folders)
}

/// What was written down is lost: our lines are known by what they say.
fn leftovers(args: &PluginUninstallArgs, places: &Places) -> Result<Told, PluginError> {
    let binary = own_path()?;
    let wish = Wish { places, clis: &[], binary: &binary, before: None, alias: false };
    let changes: Vec<Change> = wish.leftovers()?.into_iter().filter(Change::is_any).collect();
    let mut told = Told::new(String::new(), &[]);
    if changes.is_empty() {
        told.said = "`aws ecs why` is not installed: nothing to do.".to_owned();
        return Ok(told);
    }
    told.changes = changes.iter().map(Changed::lines).collect();
    finish(args, told, changes, &[])
}

fn finish(
    args: &PluginUninstallArgs,
    mut told: Told,
    changes: Vec<Change>,
    folders: &[std::path::PathBuf],
) -> Result<Told, PluginError> {
    if args.dry_run {
        told.said = "`aws ecs why` would be removed. Nothing was changed.".to_owned();
        return Ok(told);
    }
    let mut done = Done::default();
    for change in changes {
        if let Err(error) = done.carry_out(change) {
            done.take_back()?;
            return Err(error);
        }
    }
    files::remove_empty(folders);
    told.said = "`aws ecs why` is removed.".to_owned();
    Ok(told)
}
