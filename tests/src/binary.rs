//! The built program, as a user runs it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of this build (`target/debug`), in which test programs stand under `deps`.
pub(crate) fn build_folder() -> PathBuf {
    let here = std::env::current_exe().expect("a test program has a path");
    let deps = here.parent().expect("it is in a folder");
    let folder = if deps.ends_with("deps") { deps.parent().expect("it is in a build") } else { deps };
    folder.to_owned()
}

/// A command that runs `ecs-why` with nobody's configuration. Builds it if this build has not done so yet.
///
/// `cargo test --workspace` has: the program's own tests need it.
pub fn binary() -> Command {
    let path = build_folder().join(format!("ecs-why{}", std::env::consts::EXE_SUFFIX));
    if !path.exists() {
        build();
    }
    assert!(path.exists(), "there is no {}: run `cargo build --workspace` first", path.display());
    let mut command = Command::new(path);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("AWS_EC2_METADATA_DISABLED", "true");
    // Nobody's profile is found there.
    command.env("HOME", "/nonexistent").env("NO_PROXY", "127.0.0.1,localhost");
    command
}

fn build() {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is above");
    let target = build_folder();
    let target = target.parent().expect("a build is in a target folder");
    let done = Command::new(cargo)
        .args(["build", "--workspace", "--bin", "ecs-why", "--target-dir"])
        .arg(target)
        .current_dir(root)
        .status();
    assert!(done.is_ok_and(|status| status.success()), "ecs-why cannot be built");
}
