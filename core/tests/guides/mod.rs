//! What the guides behind this project ask for, row by row, with the tests that show it: `docs/guides.md`.

use super::{made, read, root};
use serde::Deserialize;
use std::fmt::Write as _;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Guides {
    look: Vec<Row>,
    mend: Vec<Row>,
    prove: Vec<Row>,
    prevent: Vec<Row>,
    err: Vec<Slip>,
}

/// What a person does, and what does it here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    guide: String,
    person: String,
    program: String,
    /// It belongs to work that is not begun.
    #[serde(default)]
    later: bool,
    /// `file::name` of tests.
    #[serde(default)]
    tests: Vec<String>,
}

/// Where a reader of such guides stumbles.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Slip {
    said: String,
    #[serde(rename = "true")]
    so: String,
    page: String,
}

fn guides() -> Guides {
    toml::from_str(&read(&root().join("docs/guides.toml"))).expect("docs/guides.toml has rows of one form")
}

impl Guides {
    fn parts(&self) -> [(&'static str, &[Row]); 4] {
        [("Look", &self.look), ("Mend", &self.mend), ("Prove", &self.prove), ("Prevent", &self.prevent)]
    }
}

/// A cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn shown(row: &Row) -> String {
    if row.later {
        return "later".to_owned();
    }
    let one = |test: &String| {
        let (file, name) = test.split_once("::").expect("the test below holds the form");
        format!("[`{name}`](../{file})")
    };
    row.tests.iter().map(one).collect::<Vec<_>>().join("<br>")
}

fn page(guides: &Guides) -> String {
    let mut text =
        String::from("<!-- Made from docs/guides.toml; do not edit here. -->\n\n# What the guides ask for\n\n");
    text += "Three guides for engineers stand behind this program: **G0** (a valid task definition that fails at run time), **G1**\n";
    text += "(`CannotPullContainerError`) and **G2** (repositories of ECR and failing pulls, in ECS and EKS). What they tell a person\n";
    text += "to look at, to mend, to prove and to prevent is done by the program; a test shows each row. *Later* belongs to work\n";
    text += "that is not begun.\n";
    for (name, rows) in guides.parts() {
        writeln!(text, "\n## {name}\n\n| guide | a person ... | the program | shown by |\n|---|---|---|---|")
            .expect("a String");
        for row in rows {
            let (guide, person, program) = (cell(&row.guide), cell(&row.person), cell(&row.program));
            writeln!(text, "| {guide} | {person} | {program} | {} |", shown(row)).expect("a String");
        }
    }
    text += "\n## Where the guides err\n\nA reader of such guides stumbles here; the program does as AWS does.\n";
    for slip in &guides.err {
        writeln!(text, "\n- *{}.* {} <{}>", slip.said, slip.so, slip.page).expect("a String");
    }
    text
}

#[test]
fn the_guides_are_shown_with_their_tests() {
    made("docs/guides.md", &page(&guides()));
}

/// Whether a file declares a test of this name, and not a function that happens to be called so.
fn has_test(text: &str, name: &str) -> bool {
    let declared = format!("fn {name}(");
    text.match_indices(&declared).any(|(at, _)| {
        let before = text[..at].lines().rev().skip(usize::from(!text[..at].ends_with('\n')));
        let mut attributes = before.map(str::trim).take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        attributes.any(|line| line == "#[test]" || line == "#[tokio::test]")
    })
}

/// What is wrong with a row, where `read` gives the text of a file.
fn faults(row: &Row, read: impl Fn(&str) -> String) -> Vec<String> {
    let mut wrong = vec![];
    if row.later != row.tests.is_empty() {
        wrong.push(format!("`{}` has tests, or is for later, and not both or none", row.person));
    }
    for test in &row.tests {
        if !test.split_once("::").is_some_and(|(file, name)| has_test(&read(file), name)) {
            wrong.push(format!("`{}` names {test}, which is no test", row.person));
        }
    }
    wrong
}

#[test]
fn every_row_that_is_not_for_later_has_tests_that_are_there() {
    let guides = guides();
    let rows = guides.parts().into_iter().flat_map(|(_, rows)| rows);
    let wrong: Vec<String> = rows.flat_map(|row| faults(row, |file| read(&root().join(file)))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_row_without_a_test_is_not_let_through() {
    const CODE: &str =
        "#[test]\n#[ignore]\nfn shown() {}\n\n#[test]\nfn other() {}\n#[must_use]\nfn helper() {}\nfn bare() {}";
    let row = |later: bool, tests: &[&str]| Row {
        guide: "G0".to_owned(),
        person: "looks".to_owned(),
        program: "looks too".to_owned(),
        later,
        tests: tests.iter().map(|test| (*test).to_owned()).collect(),
    };
    let fails = |row: Row| !faults(&row, |_| CODE.to_owned()).is_empty();
    assert!(fails(row(false, &[])), "a row of today needs a test");
    assert!(fails(row(true, &["a.rs::shown"])), "what is done is not for later");
    assert!(!fails(row(true, &[])));
    assert!(!fails(row(false, &["a.rs::shown", "a.rs::other"])));
    for none in ["a.rs::helper", "a.rs::bare", "a.rs::gone", "shown"] {
        assert!(fails(row(false, &["a.rs::shown", none])), "{none} is no test");
    }
}
