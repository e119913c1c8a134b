//! `ecs-why plugin status`: whether it works, shown by the real `aws`.

use super::clis::{self};
use super::error::PluginError;
use super::install::{changes, notes, proofs};
use super::places::Places;
use super::plan::{Wish, own_path};
use super::receipt::Receipt;
use super::told::Told;

/// What is installed, and what is wrong with it.
///
/// # Errors
/// When no home folder is known, or what was written down cannot be read.
pub fn status() -> Result<Told, PluginError> {
    let (places, clis, binary) = (Places::found()?, clis::all(), own_path()?);
    let before = Receipt::read(&places.receipt())?;
    let wish = Wish { places: &places, clis: &clis, binary: &binary, before: before.as_ref(), alias: false };
    let Some(receipt) = &before else {
        let mut told = Told::new("`aws ecs why` is not installed: `ecs-why plugin install` does it.", &clis);
        if wish.leftovers()?.iter().any(super::plan::Change::is_any) {
            told.said =
                "`aws ecs why` is half removed: lines of it are left. Run `ecs-why plugin uninstall` or `install`."
                    .to_owned();
        }
        return Ok(told);
    };
    let mut told = Told::new(String::new(), &clis);
    told.way = Some(receipt.way);
    let mut wrong = vec![];
    let mut shadows = vec![];
    // What an installation would change now is what is wrong with the one there is.
    match (Wish { alias: receipt.way == super::receipt::Way::Alias, ..wish }).plan() {
        Ok(plan) => {
            told.notes = notes(&plan, &clis);
            shadows.clone_from(&plan.shadows);
            if plan.choice.way != receipt.way {
                wrong.push(format!("it should be another way by now: {}", plan.choice.why));
            } else {
                wrong.extend(
                    changes(&plan).iter().map(|change| format!("{} is not as it was installed", change.path.display())),
                );
            }
        }
        Err(error) => wrong.push(error.to_string()),
    }
    if !receipt.binary.is_file() {
        wrong.push(format!("there is no {} any more", receipt.binary.display()));
    } else if receipt.binary != binary {
        told.notes.push(format!("it runs {}, and this is {}", receipt.binary.display(), binary.display()));
    }
    told.proofs = proofs(receipt.way, &clis, &shadows);
    if told.proofs.is_empty() {
        wrong.push("there is no `aws` on PATH that could show it".to_owned());
    }
    told.works = wrong.is_empty() && told.proofs.iter().all(|proof| proof.works);
    told.notes.extend(wrong.into_iter().map(|wrong| format!("wrong: {wrong}")));
    told.said = match told.works {
        true => "`aws ecs why` works.".to_owned(),
        false => "`aws ecs why` is installed, but something is wrong: `ecs-why plugin install` mends it, `uninstall` removes it.".to_owned(),
    };
    Ok(told)
}
