//! The lab keeps a canary wherever an account keeps a secret. It is nowhere that anybody could read it.

use ecs_why_core::diagnosis::replay;
use ecs_why_core::render;
use ecs_why_tests::{CANARY, on_each, scenarios};
use std::path::{Path, PathBuf};

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("it can be read");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    paths.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path] }).collect()
}

#[test]
fn no_recorded_file_holds_a_secret() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let files: Vec<PathBuf> =
        ["tests", "cli/stories"].iter().flat_map(|folder| files_under(&root.join(folder))).collect();
    assert!(files.len() > 200, "{} files", files.len());
    for path in files {
        let bytes = std::fs::read(&path).expect("it can be read");
        assert!(!String::from_utf8_lossy(&bytes).contains(CANARY), "{} holds a secret", path.display());
    }
}

#[test]
fn no_rendering_shows_a_secret() {
    on_each(&scenarios(), |one| {
        let mut wrong = vec![];
        for file in [Some(&one.file), one.mended.as_ref()].into_iter().flatten() {
            let report = replay(file).expect("it was recorded");
            let look = render::Look { verbose: true, ..render::Look::default() };
            let forms = [render::text(&report, &look), render::markdown(&report, true), render::json(&report)];
            let told = file.to_text();
            wrong.extend(forms.iter().chain([&told]).filter(|form| form.contains(CANARY)).map(|_| "told".to_owned()));
        }
        wrong
    });
}
