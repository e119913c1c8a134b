//! A test in a process of its own: the SDK reads credentials from the environment, and nobody's own ones may be found there.

use std::process::Command;

const MARK: &str = "ECS_WHY_TEST_ALONE";

/// Runs a test's body in this program again, with nothing in the environment but what the live account needs.
///
/// `name` is the test's own name.
pub fn alone(name: &str, body: impl FnOnce()) {
    if std::env::var_os(MARK).is_some() {
        return body();
    }
    let me = std::env::current_exe().expect("a test program has a path");
    let done = Command::new(me)
        .args([name, "--exact", "--nocapture", "--include-ignored"])
        .env_clear()
        .envs([
            (MARK, "1"),
            ("PATH", "/usr/bin:/bin:/usr/local/bin"),
            ("HOME", "/nonexistent"),
            ("RUST_BACKTRACE", "0"),
        ])
        .envs([("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_EC2_METADATA_DISABLED", "true")])
        .output()
        .expect("it runs");
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success() && said.contains("1 passed"), "{name}, alone:\n{said}");
}
