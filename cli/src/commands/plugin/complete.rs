//! Tab behind `aws`: `complete -C 'ecs-why plugin complete' aws`. What is ours is completed by us, everything else by `aws_completer`, which
//! knows of no plug-in in v2, and of no argument in v1.

use super::clis::executable;
use crate::args::Args;
use crate::swallowed::globals;
use clap::CommandFactory as _;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Prints what could stand at the cursor, by what the shell says in `COMP_LINE` and `COMP_POINT`.
pub fn complete(shell_words: &[String], out: &mut impl Write) -> anyhow::Result<()> {
    let line = std::env::var("COMP_LINE").unwrap_or_default();
    let point = std::env::var("COMP_POINT").ok().and_then(|point| point.parse().ok()).unwrap_or(line.len());
    match Place::of(line.get(..point).unwrap_or(&line)) {
        Place::Ours(words) => out.write_all(&ours(&words)?)?,
        Place::Theirs { why } => {
            let offered = theirs(shell_words);
            for word in offered.lines().filter(|word| !word.trim().is_empty()) {
                writeln!(out, "{word}")?;
            }
            if why && !offered.lines().any(|word| word.trim() == "why") {
                writeln!(out, "why")?;
            }
        }
    }
    Ok(())
}

/// Where the cursor stands.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// Behind `why`: our own line, the word at the cursor last.
    Ours(Vec<String>),
    /// Elsewhere, and whether the word could become `why`.
    Theirs { why: bool },
}

impl Place {
    fn of(line: &str) -> Place {
        let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let current = if line.ends_with(char::is_whitespace) { None } else { words.pop() }.unwrap_or_default();
        let typed = words.get(1..).unwrap_or_default();
        // An option that waits for its value is left where it is.
        let waiting = || {
            let (last, before) = typed.split_last()?;
            let (options, mut rest) = globals(before)?;
            rest.push(last.clone());
            Some((options, rest))
        };
        let Some((options, rest)) = globals(typed).or_else(waiting) else { return Place::Theirs { why: false } };
        let behind = match &rest[..] {
            [why, behind @ ..] if why == "why" => behind,
            [ecs, why, behind @ ..] if ecs == "ecs" && why == "why" => behind,
            [] => return Place::Theirs { why: "why".starts_with(&current) },
            [ecs] if ecs == "ecs" => return Place::Theirs { why: "why".starts_with(&current) },
            _ => return Place::Theirs { why: false },
        };
        let options = options.into_iter().flat_map(|(option, value)| [Some(option.to_owned()), value]).flatten();
        Place::Ours(
            std::iter::once("ecs-why".to_owned()).chain(options).chain(behind.to_vec()).chain([current]).collect(),
        )
    }
}

/// Our own completion, in a process of its own: names of an account are looked up by the options on its command line.
fn ours(words: &[String]) -> std::io::Result<Vec<u8>> {
    let asked = Command::new(std::env::current_exe()?).args(["plugin", "candidates", "--"]).args(words).output()?;
    Ok(asked.stdout)
}

/// Prints what could stand in place of the last word of a line of ours.
pub fn candidates(words: &[String], out: &mut impl Write) -> anyhow::Result<()> {
    let line: Vec<_> = words.iter().map(Into::into).collect();
    let here = std::env::current_dir().ok();
    let last = line.len().saturating_sub(1);
    for candidate in clap_complete::engine::complete(&mut Args::command(), line, last, here.as_deref())? {
        if !candidate.is_hide_set() {
            writeln!(out, "{}", candidate.get_value().to_string_lossy())?;
        }
    }
    Ok(())
}

/// What the CLI's own completer offers; nothing if there is none.
fn theirs(shell_words: &[String]) -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps it out of PATH.
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/libexec")]);
    let Some(completer) = folders.map(|folder| folder.join("aws_completer")).find(|file| executable(file)) else {
        return String::new();
    };
    let asked = Command::new(completer).args(shell_words).stdin(Stdio::null()).stderr(Stdio::null()).output();
    asked.map(|asked| String::from_utf8_lossy(&asked.stdout).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_whose_word_it_is() {
        let ours = |words: &str| Place::Ours(words.split(' ').map(str::to_owned).collect());
        for (line, expected) in [
            ("aws ecs why ", ours("ecs-why ")),
            ("aws why che", ours("ecs-why che")),
            ("aws --profile prod ecs why prod/", ours("ecs-why --profile prod prod/")),
            ("aws ecs why --region eu-west-1 --clu", ours("ecs-why --region eu-west-1 --clu")),
            ("aws ecs why prod/web --profile ", ours("ecs-why prod/web --profile ")),
            ("aws ecs why", Place::Theirs { why: true }),
            ("aws ecs w", Place::Theirs { why: true }),
            ("aws ", Place::Theirs { why: true }),
            ("aws ecs list", Place::Theirs { why: false }),
            ("aws ecs list-tasks why ", Place::Theirs { why: false }),
            ("aws --profile ", Place::Theirs { why: false }),
            ("aws s3 why ", Place::Theirs { why: false }),
            ("", Place::Theirs { why: true }),
        ] {
            assert_eq!(Place::of(line), expected, "{line:?}");
        }
    }
}
