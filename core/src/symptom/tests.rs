//! Each row's example is a test, and so is each place at which it can be cut.

use super::patterns::{Claimed, PATTERNS, Row};
use super::*;

fn example(row: &Row) -> Stop {
    let stop_code = row.codes.iter().find(|code| !code.is_empty()).cloned();
    Stop { reason: Some(row.example.clone()), stop_code, ..Stop::default() }
}

#[test]
fn every_row_reads_its_own_example() {
    let mut wrong = Vec::new();
    for row in &PATTERNS.rows {
        let symptom = read(&example(row));
        let first = symptom.first();
        if symptom.row != Some(row.id.as_str()) {
            wrong.push(format!("{} is read by {:?}", row.id, symptom.row));
        } else if row.claims.first() != Some(&Claimed::Cause(first)) || symptom.settled().is_some() != row.settles {
            wrong.push(format!("{} claims {:?}", row.id, symptom.claims.first()));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_expression_compiles() {
    let all = PATTERNS.rows.iter().flat_map(|row| row.expressions.iter().flatten());
    let wrong: Vec<_> = all.filter(|one| one.regex().is_none()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// What a text settles is settled wherever it is cut, or not at all.
#[test]
fn a_cut_text_settles_what_the_whole_settles_or_nothing() {
    let mut wrong = Vec::new();
    for row in &PATTERNS.rows {
        let whole = example(row);
        let settled = read(&whole).settled();
        for at in (0..row.example.len()).step_by(3).filter(|at| row.example.is_char_boundary(*at)) {
            let cut = Stop { reason: Some(row.example[..at].to_owned()), ..whole.clone() };
            let found = read(&cut);
            if found.settled().is_some() && found.settled() != settled {
                wrong.push(format!("{}: {:?} after `{}`", row.id, found.settled(), &row.example[..at]));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
