//! `ecs-why` alone, on a real terminal and without one: `tests/crowd/terminal.py` plays the person.

use ecs_why_tests::binary;
use std::path::Path;
use std::process::Command;

#[test]
fn a_person_chooses_filters_leaves_interrupts_and_resizes() {
    let program = binary();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("crowd/terminal.py");
    // moto is installed where the other tests have it: beside the program, in the target folder.
    let target = Path::new(program.get_program()).ancestors().nth(2).expect("it is in target/debug");
    let told = Command::new("python3")
        .arg(script)
        .arg(program.get_program())
        .env("CARGO_TARGET_DIR", target)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("there is a Python");
    let said = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{said}");
}
