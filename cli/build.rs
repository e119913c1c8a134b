//! Tells the program which commit it was built from: `ECS_WHY_COMMIT`, or what git says; neither is needed.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=ECS_WHY_COMMIT");
    println!("cargo::rerun-if-changed=build.rs");
    let set = std::env::var("ECS_WHY_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit = set.or_else(|| {
        // Its log is written at each commit, checkout and merge.
        if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
            println!("cargo::rerun-if-changed={log}");
        }
        git(&["rev-parse", "--short=12", "HEAD"])
    });
    println!("cargo::rustc-env=ECS_WHY_COMMIT={}", commit.unwrap_or_default());
}

/// A line of git's, if there is a git and this is a checkout of it.
fn git(arguments: &[&str]) -> Option<String> {
    let told = Command::new("git").args(arguments).output().ok().filter(|told| told.status.success())?;
    let line = String::from_utf8(told.stdout).ok()?.trim().to_owned();
    (!line.is_empty()).then_some(line)
}
