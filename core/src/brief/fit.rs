//! How much of each list and text there is room for: the most generous level that fits.

use serde::Serialize;

/// What is shown at one level.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a text from elsewhere.
    pub text: usize,
    /// Bytes of a sentence of ours.
    pub sentence: usize,
    /// Bytes of a name, an ARN, an id.
    pub name: usize,
    /// Causes, ruled out ones not counted.
    pub causes: usize,
    /// Causes that were ruled out.
    pub ruled_out: usize,
    /// Resources and ids of evidence of a cause.
    pub details: usize,
    /// Fixes.
    pub fixes: usize,
    /// Bytes of all commands of a fix: beyond that none of them is shown, since half a command is none.
    pub commands: usize,
    /// Items of evidence.
    pub evidence: usize,
    /// Gaps.
    pub gaps: usize,
    /// Log lines, the last ones.
    pub lines: usize,
    /// Pieces of advice.
    pub advice: usize,
    /// Notes.
    pub notes: usize,
    /// Groups of a triage.
    pub groups: usize,
}

const fn level(text: usize, sentence: usize, name: usize, most: [usize; 11]) -> Limits {
    let [causes, ruled_out, details, fixes, commands, evidence, gaps, lines, advice, notes, groups] = most;
    Limits {
        text,
        sentence,
        name,
        causes,
        ruled_out,
        details,
        fixes,
        commands,
        evidence,
        gaps,
        lines,
        advice,
        notes,
        groups,
    }
}

/// From generous to bare. The last one fits whatever a report holds: a test sees to it.
pub const LEVELS: &[Limits] = &[
    level(1500, 700, 300, [8, 6, 6, 4, 1500, 10, 8, 20, 12, 6, 30]),
    level(1000, 600, 300, [6, 4, 6, 3, 1000, 8, 6, 15, 10, 5, 20]),
    level(700, 500, 250, [5, 2, 6, 3, 900, 6, 5, 10, 8, 4, 14]),
    level(500, 450, 250, [4, 0, 4, 2, 900, 5, 4, 8, 6, 3, 10]),
    level(400, 400, 200, [3, 0, 4, 2, 700, 4, 3, 6, 5, 2, 7]),
    level(300, 350, 200, [3, 0, 3, 1, 700, 3, 3, 4, 4, 2, 5]),
    level(250, 300, 150, [2, 0, 3, 1, 400, 2, 2, 2, 3, 1, 4]),
    level(150, 200, 100, [2, 0, 2, 1, 0, 1, 1, 1, 2, 1, 2]),
    level(60, 100, 40, [1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1]),
];

/// Less is no room for an answer.
const LEAST: usize = 3_000;

/// What the first level makes that fits, or the last.
pub fn fit<T: Serialize>(limit: usize, levels: &[Limits], make: impl Fn(&Limits) -> T) -> T {
    let limit = limit.max(LEAST);
    let mut made = None;
    for limits in levels {
        let one = make(limits);
        let fits = size(&one) <= limit;
        made = Some(one);
        if fits {
            break;
        }
    }
    made.expect("there is a level")
}

/// Bytes of JSON.
pub fn size(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(usize::MAX, |bytes| bytes.len())
}
