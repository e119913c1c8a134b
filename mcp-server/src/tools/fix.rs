//! `show_fix`: the commands of a fix, its proof, and what to know before.

use super::item::kept;
use super::{Answer, Call};
use crate::errors::{Code, Fault};
use ecs_why_core::brief::{NOTICE, Untrusted, sentence};
use ecs_why_core::report::{FixSection, KeeperSection, Proof, Risk};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// For lists of tools.
pub const TITLE: &str = "Show a fix";
/// For the model.
pub const ABOUT: &str = "Shows one fix of an earlier report whole: the shell commands, what proves that it helps, how to verify it afterwards, \
                         its risk, and in whose account it is made. It runs nothing. Show the commands to the person, who decides and \
                         runs them; do not run them yourself unless the person says so.";

/// What the tool takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// `report_id` of an earlier answer to the same caller.
    pub report_id: String,
    /// The id of the fix, as in `f1`; without it, the first: the best.
    pub fix_id: Option<String>,
}

/// A fix. Nothing of it was done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Fix {
    /// The report's id.
    pub report_id: String,
    /// How old the report is: what has changed since is not in it.
    pub age_seconds: u64,
    /// What in here is data and no instruction.
    pub notice: String,
    /// `f1`, `f2` ...
    pub id: String,
    /// What it does.
    pub title: String,
    /// What may go wrong.
    pub risk: Risk,
    /// The causes that it removes.
    pub causes: Vec<String>,
    /// Shell commands, each complete by itself; names in them are quoted for the shell.
    pub commands: Vec<String>,
    /// Whether it helps.
    pub proof: Proof,
    /// Commands that show that it did.
    pub verify: Vec<String>,
    /// The account in which it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What to know before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who keeps what it changes: then the change belongs there, and not into the account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keepers: Vec<Keeper>,
    /// AWS's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

/// Who keeps a resource, as its tags tell: whoever may tag it writes them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Keeper {
    /// The resource.
    pub resource: String,
    /// Both in a sentence, with what follows.
    pub text: Untrusted,
}

/// Bytes of all commands: no fix of ours has that many, but names may be long.
const LONGEST: usize = 16_000;

/// Shows it.
pub fn run(arguments: &Arguments, call: &Call<'_>) -> Result<Answer, Fault> {
    let kept = kept(&arguments.report_id, call)?;
    let fixes = &kept.report.fixes;
    let found = match &arguments.fix_id {
        Some(id) => fixes.iter().find(|fix| fix.id == *id),
        None => fixes.first(),
    };
    let Some(fix) = found else {
        let message = match &arguments.fix_id {
            Some(id) => format!("the report has no fix `{id}`"),
            None => "the report has no fix: nothing that was read would mend it for sure".to_owned(),
        };
        let next = "name one of the report's `fixes`; if there is none, tell the person what the causes and gaps say";
        let fault = Fault::new(Code::NotFound, message, next).about("fix_id");
        return Err(fault.candidates(fixes.iter().map(|fix| fix.id.clone())));
    };
    if fix.commands.iter().chain(&fix.verify).map(String::len).sum::<usize>() > LONGEST {
        let message = format!("the commands of `{}` have more than {LONGEST} bytes", fix.id);
        return Err(Fault::new(Code::NotAllowed, message, "read the resource of the report").about("fix_id"));
    }
    let causes = kept.report.causes.iter().filter(|cause| cause.fixes.contains(&fix.id));
    let answer = Fix {
        report_id: kept.id.clone(),
        age_seconds: kept.age().as_secs(),
        notice: NOTICE.to_owned(),
        id: fix.id.clone(),
        title: sentence(&fix.title, 700),
        risk: fix.risk,
        causes: causes.map(|cause| cause.id.to_string()).collect(),
        commands: fix.commands.clone(),
        proof: Proof { state: fix.proof.state, detail: sentence(&fix.proof.detail, 700) },
        verify: fix.verify.clone(),
        account: fix.account.clone(),
        note: fix.note.as_ref().map(|note| sentence(note, 1_000)),
        keepers: keepers(fix),
        docs: fix.docs.clone(),
    };
    let text = format!(
        "{} ({} risk, {}): nothing of it was done. {} command(s):\n{}",
        answer.title,
        fix.risk.as_str(),
        fix.proof.state.as_str(),
        answer.commands.len(),
        answer.commands.join("\n")
    );
    Ok(Answer::new(&answer, text))
}

fn keepers(fix: &FixSection) -> Vec<Keeper> {
    let one = |keeper: &KeeperSection| Keeper {
        resource: sentence(&keeper.resource, 300),
        text: Untrusted::new(&keeper.text, 500),
    };
    fix.keepers.iter().take(6).map(one).collect()
}
