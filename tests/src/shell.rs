//! The commands of a fix, run by a real shell in which `aws` only notes its arguments.

use std::path::Path;
use std::process::{Command, Stdio};

/// What a shell made of some commands.
#[derive(Debug)]
pub struct Ran {
    /// The arguments of each call of `aws`, in order.
    pub calls: Vec<Vec<String>>,
    /// What it said on standard error.
    pub stderr: String,
    /// Files that appeared in the folder: something was executed that is no `aws`.
    pub made: Vec<String>,
}

/// `aws` notes its words, each ended by NUL, and the call by another one; what a later command reads from it is a file.
const AWS: &str = r#"aws() {
    for word in "$@"; do printf '%s\0' "$word" >>"$NOTES"; done
    printf '\0' >>"$NOTES"
    case "$2" in
        describe-task-definition) cat "$DEFINITION" ;;
        *) printf 'made-by-aws\n' ;;
    esac
}
"#;

/// Runs commands one after the other; `definition` is what `aws ecs describe-task-definition` prints.
pub fn shell(commands: &[String], definition: &str) -> Ran {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (inside, notes, document) =
        (folder.path().join("here"), folder.path().join("notes"), folder.path().join("definition"));
    std::fs::create_dir(&inside).expect("a folder can be made");
    std::fs::write(&notes, "").expect("it can be written");
    std::fs::write(&document, definition).expect("it can be written");
    let script = format!("{AWS}{}", commands.join("\n"));
    let done = Command::new("/bin/sh")
        .args(["-c", &script])
        .current_dir(&inside)
        .env_clear()
        .envs([("PATH", Path::new("/usr/bin:/bin")), ("NOTES", &notes), ("DEFINITION", &document), ("HOME", &inside)])
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell");
    let notes = std::fs::read(&notes).expect("it was made");
    let notes = String::from_utf8_lossy(&notes).into_owned();
    let mut calls = vec![vec![]];
    for word in notes.split('\0') {
        match word {
            // An empty argument cannot be told from a call's end; no command of ours has one.
            "" => calls.push(vec![]),
            word => calls.last_mut().expect("there is one").push(word.to_owned()),
        }
    }
    calls.retain(|call| !call.is_empty());
    let made = std::fs::read_dir(&inside).expect("it was made");
    Ran {
        calls,
        stderr: String::from_utf8_lossy(&done.stderr).into_owned(),
        made: made.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect(),
    }
}
