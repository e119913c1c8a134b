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
