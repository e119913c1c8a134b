//! Evidence files: what an account answered, kept for another day.

use super::{Account, AccountError};
use crate::change::HouseRules;
use crate::evidence::{Answer, Evidence, Gap, GapReason, Kept, Question};
use crate::model::Moment;
use crate::target::Target;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// The version of the form that this program writes.
pub const EVIDENCE_VERSION: u32 = 1;

/// An evidence file: enough to make the identical report without the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceFile {
    /// The version of the form.
    pub ecs_why_evidence: u32,
    /// What was asked about.
    pub target: Target,
    /// It was a check, without a symptom.
    pub check: bool,
    /// Log lines were wanted.
    pub logs: bool,
    /// What fixes might do there.
    #[serde(default, skip_serializing_if = "HouseRules::is_silent")]
    pub rules: HouseRules,
    /// The region that was read.
    pub region: String,
    /// What time it was.
    pub now: Moment,
    /// How many requests it took.
    pub calls: u64,
    /// How long it took.
    pub elapsed_ms: u64,
    /// The answers.
    pub answers: Vec<Entry>,
}

/// A question with what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The question.
    pub question: Question,
    /// The answer.
    pub answer: Answer,
    /// When it was read.
    pub at: Moment,
}

/// An evidence file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceFileError {
    /// It is no such file, or damaged.
    #[error("the evidence file is damaged, or no evidence file: {0}")]
    Damaged(String),
    /// A newer program wrote it.
    #[error(
        "the evidence file has version {0}, and this program reads version {EVIDENCE_VERSION}: use a newer ecs-why"
    )]
    Newer(u64),
}

impl EvidenceFile {
    /// Reads a file's text.
    ///
    /// # Errors
    /// When it is damaged or newer than this program.
    pub fn parse(text: &str) -> Result<EvidenceFile, EvidenceFileError> {
        let damaged = |error: serde_json::Error| EvidenceFileError::Damaged(error.to_string());
        let value: serde_json::Value = serde_json::from_str(text).map_err(damaged)?;
        match value.get("ecs_why_evidence").and_then(serde_json::Value::as_u64) {
            Some(version) if version > u64::from(EVIDENCE_VERSION) => return Err(EvidenceFileError::Newer(version)),
            Some(_) => {}
            None => return Err(EvidenceFileError::Damaged("it has no `ecs_why_evidence`".to_owned())),
        }
        let file: EvidenceFile = serde_json::from_value(value).map_err(damaged)?;
        for entry in &file.answers {
            if let Answer::Known(known) = &entry.answer
                && known.source() != entry.question.source()
            {
                let why = format!("the answer to `{}` is of another kind", entry.question.source().action());
                return Err(EvidenceFileError::Damaged(why));
            }
        }
        Ok(file)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("evidence has string keys only");
        text.push('\n');
        text
    }

    /// The answers as evidence.
    pub fn evidence(&self) -> Evidence {
        let mut evidence = Evidence::new();
        for entry in &self.answers {
            evidence.keep(entry.question.clone(), Kept { answer: entry.answer.clone(), at: entry.at });
        }
        evidence
    }
}

impl Entry {
    /// All answers of some evidence.
    pub fn all(evidence: &Evidence) -> Vec<Entry> {
        evidence
            .iter()
            .map(|(question, kept)| Entry { question: question.clone(), answer: kept.answer.clone(), at: kept.at })
            .collect()
    }
}

/// An account that is an evidence file: what was not asked then is a gap.
pub struct Recorded {
    evidence: Evidence,
    now: Moment,
}

impl Recorded {
    /// The account of a file.
    pub fn new(file: &EvidenceFile) -> Self {
        Recorded { evidence: file.evidence(), now: file.now }
    }

    /// When a question was answered.
    pub fn kept(&self, question: &Question) -> Option<&Kept> {
        self.evidence.get(question)
    }
}

#[async_trait]
impl Account for Recorded {
    async fn ask(&self, questions: Vec<Question>) -> Result<Vec<(Question, Answer)>, AccountError> {
        let answer = |question: &Question| match self.evidence.get(question) {
            Some(kept) => kept.answer.clone(),
            None => Answer::Gap(Gap {
                reason: GapReason::NotAsked,
                detail: "the evidence file does not hold it".to_owned(),
            }),
        };
        Ok(questions.into_iter().map(|question| (question.clone(), answer(&question))).collect())
    }

    fn now(&self) -> Moment {
        self.now
    }

    fn calls(&self) -> u64 {
        0
    }
}
