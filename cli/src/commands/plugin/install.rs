//! `ecs-why plugin install`.

use super::apply::Done;
use super::clis::{self, Cli, Kind};
use super::error::PluginError;
use super::files;
use super::places::Places;
use super::plan::{Change, Plan, Wish, own_path};
use super::proof::{ECS, Proof, TOP, prove, starts};
use super::receipt::{Receipt, Way};
use super::told::{Changed, Told};
use crate::args::PluginInstallArgs;

/// Installs, or says what that would do; whether it works is in the answer.
///
/// # Errors
/// When nothing could be done, and so nothing was.
pub fn install(args: &PluginInstallArgs) -> Result<Told, PluginError> {
    let (places, clis, binary) = (Places::found()?, clis::all(), own_path()?);
    let before = Receipt::read(&places.receipt())?;
    let wish = Wish { places: &places, clis: &clis, binary: &binary, before: before.as_ref(), alias: args.alias };
    let plan = wish.plan()?;
    if before.is_none() {
        for cli in clis.iter().filter(|cli| !matches!(cli.kind, Kind::Unknown(_))) {
            let aws = cli.path.display().to_string();
            starts(cli).map_err(|said| PluginError::BrokenBefore { aws, said })?;
        }
    }
    let mut told = Told::new(String::new(), &clis);
    told.way = Some(plan.choice.way);
    let is_new = before.as_ref().is_none_or(|before| {
        Receipt { folders: vec![], ..before.clone() } != Receipt { folders: vec![], ..plan.receipt.clone() }
    });
    told.changes = changes(&plan);
    told.notes = notes(&plan, &clis);
    let way = match plan.choice.way {
        Way::Plugin => "as a Python plug-in",
        Way::Alias => "as an alias",
    };
    let nothing = told.changes.is_empty() && !is_new;
    if args.dry_run {
        let why = &plan.choice.why;
        told.said = match nothing {
            true => format!("`aws ecs why` is installed already, {way}: {why}. Nothing would change."),
            false => format!("`aws ecs why` would be installed {way}: {why}. Nothing was changed."),
        };
        return Ok(told);
    }
    let (why, shadows) = (plan.choice.why.clone(), plan.shadows.clone());
    let (chosen, done) = (plan.choice.way, carry_out(&places, plan)?);
    told.proofs = proofs(chosen, &clis, &shadows);
    told.works = told.proofs.iter().all(|proof| proof.works);
    if told.works {
        told.said = match nothing {
            true => format!("`aws ecs why` is installed already, {way}: {why}."),
            false => format!("`aws ecs why` is installed {way}: {why}."),
        };
        return Ok(told);
    }
    // Half of it is worse than nothing, above all where the line breaks other commands.
    done.take_back()?;
    told.changes.clear();
    let hint = match chosen {
        Way::Plugin => "Try `ecs-why plugin install --alias`, which adds nothing to the configuration",
        Way::Alias => "Call `ecs-why` itself",
    };
    told.said = format!("`aws ecs why` did not work {way}, so everything was put back as it was. {hint}.");
    Ok(told)
}

/// The module and the receipt first: no line may name what is not there.
fn carry_out(places: &Places, plan: Plan) -> Result<Done, PluginError> {
    let mut done = Done::default();
    match try_to(places, plan, &mut done) {
        Ok(()) => Ok(done),
        Err(error) => {
            done.take_back()?;
            Err(error)
        }
    }
}

fn try_to(places: &Places, plan: Plan, done: &mut Done) -> Result<(), PluginError> {
    let (new, old): (Vec<Change>, Vec<Change>) = plan.modules.into_iter().partition(|module| module.after.is_some());
    for module in new {
        done.folder_of(&module.path)?;
        done.carry_out(module)?;
    }
    let path = places.receipt();
    done.folder_of(&path)?;
    for file in plan.files.iter().filter(|file| file.is_any() && file.after.is_some()) {
        done.folder_of(&file.path)?;
    }
    let mut receipt = plan.receipt;
    receipt.folders.extend(done.folders.iter().filter(|folder| !folder.ends_with("__pycache__")).cloned());
    done.carry_out(Change { before: files::read(&path)?, after: Some(receipt.text()), path })?;
    for file in plan.files {
        done.carry_out(file)?;
    }
    old.into_iter().try_for_each(|module| done.carry_out(module))
}

/// What differs from what there is.
pub fn changes(plan: &Plan) -> Vec<Changed> {
    let modules = plan.modules.iter().filter(|module| module.is_any()).map(Changed::whole);
    modules.chain(plan.files.iter().filter(|file| file.is_any()).map(Changed::lines)).collect()
}

/// What a person should know of the way.
pub fn notes(plan: &Plan, clis: &[Cli]) -> Vec<String> {
    let mut notes = vec![];
    for section in &plan.shadows {
        let command = if *section == "toplevel" { TOP } else { ECS };
        notes.push(format!(
            "an alias `why` of your own in [{section}] comes before `{command}`, which is left as it is"
        ));
    }
    if plan.choice.way == Way::Alias {
        notes.push("the AWS CLI keeps --profile, --region and its other options from an alias: ecs-why reads them from the CLI's own command line, and refuses where it cannot".to_owned());
        if clis.iter().any(Cli::is_v1) {
            notes.push("v1 has aliases for `aws why` only: `aws ecs why` is for v2".to_owned());
        }
    }
    notes
}

/// Asks every `aws` in every form that it should know, but for those that an alias of the person's own hides.
pub fn proofs(way: Way, clis: &[Cli], shadows: &[&str]) -> Vec<Proof> {
    let known = clis.iter().filter(|cli| !matches!(cli.kind, Kind::Unknown(_)));
    known
        .flat_map(|cli| {
            let ecs = (way == Way::Plugin || cli.is_v2()) && !(cli.is_v2() && shadows.contains(&"command ecs"));
            let top = !shadows.contains(&"toplevel");
            let forms = [(ecs, ECS), (top, TOP)];
            forms.into_iter().filter(|(wanted, _)| *wanted).map(|(_, form)| prove(cli, form)).collect::<Vec<_>>()
        })
        .collect()
}
