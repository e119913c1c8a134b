//! The proof that it works: the real `aws`, with an option that has to arrive.

use super::clis::Cli;
use super::running::run;
use serde::{Deserialize, Serialize};
use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;
use std::process::Command;

/// What `ecs-why plugin proof` prints.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The region that it was given, which is the question.
    pub proof: Option<String>,
    /// Where it is.
    pub binary: PathBuf,
}

/// One `aws` and one way to say it.
#[derive(Debug, Clone, Serialize)]
pub struct Proof {
    /// The CLI.
    pub aws: PathBuf,
    /// What was called.
    pub command: &'static str,
    /// Whether it works.
    pub works: bool,
    /// The program that answered, or what went wrong.
    pub says: String,
}

/// `aws why`, and `aws ecs why`.
pub const TOP: &str = "aws why";
/// See [`TOP`].
pub const ECS: &str = "aws ecs why";

/// Calls it.
pub fn prove(cli: &Cli, command: &'static str) -> Proof {
    let question = format!("ecs-why-proof-{:x}", RandomState::new().hash_one(command));
    let mut aws = Command::new(&cli.path);
    // What is proved is the way, and not a profile that this shell names.
    for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "ECS_WHY_CALLED_BY"] {
        aws.env_remove(name);
    }
    aws.envs([("AWS_PAGER", ""), ("AWS_CLI_AUTO_PROMPT", "off")]).args(["--region", &question]);
    let told = run(aws.args(command.split(' ').skip(1)).args(["plugin", "proof"])).and_then(|ran| {
        let answer: Option<Answer> = serde_json::from_str(ran.out.trim()).ok();
        match answer {
            Some(answer) if answer.proof.as_deref() == Some(&question) => Ok(answer.binary.display().to_string()),
            Some(_) => Err("the options do not arrive".to_owned()),
            None => Err(ran.last_line()),
        }
    });
    let works = told.is_ok();
    Proof { aws: cli.path.clone(), command, works, says: told.unwrap_or_else(|why| why) }
}

/// What the real CLI says of its own version: a configuration that it cannot read fails here.
pub fn starts(cli: &Cli) -> Result<(), String> {
    let mut aws = Command::new(&cli.path);
    aws.env_remove("AWS_PROFILE").env_remove("AWS_DEFAULT_PROFILE").arg("--version");
    run(&mut aws).and_then(|ran| if ran.success { Ok(()) } else { Err(ran.last_line()) })
}
