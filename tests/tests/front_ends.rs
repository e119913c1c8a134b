//! A front end decides nothing: the program prints the report that the library makes.

use ecs_why_core::diagnosis::replay;
use ecs_why_core::render;
use ecs_why_core::report::Outcome;
use ecs_why_tests::{binary, on_each, scenarios};
use std::path::Path;

#[test]
fn the_program_says_what_the_library_says() {
    on_each(&scenarios(), |one| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(&one.group).join(&one.name);
        let mut command = binary();
        if one.file.check {
            command.arg("check");
        }
        command.args(["--output", "json", "--evidence"]).arg(folder.join("account.json"));
        let done = command.output().expect("it runs");
        let expected = replay(&one.file).expect("it was recorded");
        let code = match (one.file.check, expected.outcome) {
            (false, _)
            | (true, Outcome::Sound | Outcome::Running | Outcome::Completed | Outcome::StoppedDeliberately) => 0,
            (true, Outcome::Failed | Outcome::Hanging) => 1,
            (true, Outcome::Undetermined) => 3,
        };
        let mut wrong = vec![];
        if String::from_utf8_lossy(&done.stdout).trim_end() != render::json(&expected).trim_end() {
            wrong.push("the program prints another report".to_owned());
        }
        if done.status.code() != Some(code) || !done.stderr.is_empty() {
            let said = String::from_utf8_lossy(&done.stderr);
            wrong.push(format!("status {:?}, not {code}; standard error: {said:?}", done.status.code()));
        }
        wrong
    });
}
