//! Each row of `phrasings.toml` is a test; the rows of `phrasings-of-others.toml` were written by somebody who has not seen the grammar.

use crate::words::{Known, Named, Question, Reading, Scope, read};
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    known: Names,
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    clusters: Vec<String>,
    services: Vec<String>,
    accounts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: String,
    #[serde(default)]
    typo: bool,
    text: String,
    read: Wanted,
    /// Other names that are known for this row.
    known: Option<Names>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Wanted {
    One(String),
    Any(Vec<String>),
}

impl Wanted {
    fn each(&self) -> &[String] {
        match self {
            Wanted::One(one) => std::slice::from_ref(one),
            Wanted::Any(all) => all,
        }
    }
}

impl Names {
    fn known(&self) -> Known {
        Known { clusters: self.clusters.clone(), services: self.services.clone(), accounts: self.accounts.clone() }
    }
}

fn place(account: Option<&String>, region: Option<&String>) -> String {
    let account = account.map(|one| format!(" account={one}")).unwrap_or_default();
    format!("{account}{}", region.map(|one| format!(" region={one}")).unwrap_or_default())
}

/// A question as the rows write it.
fn compact(question: &Question) -> String {
    match question {
        Question::Help => "help".to_owned(),
        Question::Explain(text) => format!("explain {}", text.split_whitespace().collect::<Vec<_>>().join(" ")),
        Question::Failing(Scope { clusters, account, region }) => {
            let mut clusters = clusters.clone();
            clusters.sort();
            let clusters: String = clusters.iter().map(|one| format!(" {one}")).collect();
            format!("failing{clusters}{}", place(account.as_ref(), region.as_ref()))
        }
        Question::Why(Named { name, cluster, account, region }) => {
            let cluster = cluster.as_ref().map(|one| format!("{one}/")).unwrap_or_default();
            format!("why {cluster}{name}{}", place(account.as_ref(), region.as_ref()))
        }
    }
}

/// `failing b a` and `failing a b` are one.
fn in_order(wanted: &str) -> String {
    let Some(rest) = wanted.strip_prefix("failing ") else { return wanted.to_owned() };
    let (places, mut clusters): (Vec<&str>, Vec<&str>) = rest.split_whitespace().partition(|one| one.contains('='));
    clusters.sort_unstable();
    let words: Vec<&str> = clusters.into_iter().chain(places).collect();
    format!("failing {}", words.join(" "))
}

fn is(question: &Question, wanted: &str) -> bool {
    let wanted = wanted.trim();
    match (question, wanted.strip_prefix("explain")) {
        (Question::Explain(_), Some(words)) => compact(question).to_lowercase().contains(&words.trim().to_lowercase()),
        _ => compact(question) == in_order(wanted),
    }
}

fn fits(reading: &Reading, wanted: &str) -> bool {
    match (reading, wanted.strip_prefix("unclear")) {
        (Reading::Unread, _) => wanted == "unread",
        (Reading::Clear(question), None) => is(question, wanted),
        (Reading::Unclear(all), Some(some)) => some
            .split(" | ")
            .filter(|one| !one.trim().is_empty())
            .all(|one| all.iter().any(|question| is(question, one))),
        _ => false,
    }
}

/// How many rows there are, what is wrong with those that are not read right, and which of those answer about something else.
struct Rate {
    rows: usize,
    typos: usize,
    kinds: std::collections::BTreeSet<String>,
    wrong: Vec<String>,
    wrong_target: Vec<String>,
}

fn rate(file: &str, known: Option<Known>) -> Rate {
    let document: Document = toml::from_str(file).expect("the rows can be read");
    let all = known.unwrap_or_else(|| document.known.known());
    let mut rate =
        Rate { rows: 0, typos: 0, kinds: std::collections::BTreeSet::new(), wrong: vec![], wrong_target: vec![] };
    for row in &document.row {
        rate.rows += 1;
        rate.typos += usize::from(row.typo);
        rate.kinds.insert(row.kind.clone());
        let own = row.known.as_ref().map(Names::known);
        let reading = read(&row.text, own.as_ref().unwrap_or(&all));
        if row.read.each().iter().any(|wanted| fits(&reading, wanted)) {
            continue;
        }
        let got = match &reading {
            Reading::Clear(question) => compact(question),
            Reading::Unclear(all) => format!("unclear {}", all.iter().map(compact).collect::<Vec<_>>().join(" | ")),
            Reading::Unread => "unread".to_owned(),
        };
        let line = format!("[{}] {:?}\n    wanted {:?}\n    got    {got}", row.kind, row.text, row.read.each());
        if matches!(reading, Reading::Clear(Question::Why(_) | Question::Failing(_))) {
            rate.wrong_target.push(line.clone());
        }
        rate.wrong.push(line);
    }
    rate
}

impl Rate {
    fn right(&self) -> usize {
        self.rows - self.wrong.len()
    }

    fn holds(&self) {
        assert!(self.wrong_target.is_empty(), "answered about something else:\n{}", self.wrong_target.join("\n"));
        let enough = self.right() * 100 >= self.rows * 98;
        assert!(enough, "{} of {} are read right; not these:\n{}", self.right(), self.rows, self.wrong.join("\n"));
    }
}

#[test]
fn each_row_is_read_as_it_says() {
    let rate = rate(include_str!("../../../words/phrasings.toml"), None);
    assert!(rate.wrong.is_empty(), "{} of {}:\n{}", rate.right(), rate.rows, rate.wrong.join("\n"));
}

#[test]
fn a_hundred_phrasings_of_many_kinds_are_read() {
    let rate = rate(include_str!("../../../words/phrasings.toml"), None);
    assert!(rate.rows >= 100 && rate.kinds.len() >= 5 && rate.typos * 4 >= rate.rows, "{} {:?}", rate.rows, rate.kinds);
    rate.holds();
}

#[test]
#[expect(clippy::print_stdout, reason = "the rate is to be read in the test's output")]
fn phrasings_of_somebody_who_has_not_seen_the_grammar_are_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("words/phrasings-of-others.toml");
    let rate = rate(&std::fs::read_to_string(path).expect("it is there"), None);
    println!(
        "phrasings of others: {} of {} are read right, {} about something else",
        rate.right(),
        rate.rows,
        rate.wrong_target.len()
    );
    for line in &rate.wrong {
        println!("{line}");
    }
    rate.holds();
}
