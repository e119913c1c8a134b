//! What is wanted of a diagnosis.

use crate::account::EvidenceFile;
use crate::change::HouseRules;
use crate::model::ecs::TaskDefinition;
use crate::target::Target;

/// What is wanted of a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What it is about.
    pub target: Target,
    /// Look for faults without a symptom, in what the service runs now.
    pub check: bool,
    /// Read the last log lines of the guilty container.
    pub logs: bool,
    /// What fixes may do here.
    pub rules: HouseRules,
    /// The task definition that the target names, where it was given and AWS does not know it.
    pub given: Option<TaskDefinition>,
}

impl Wish {
    /// To know why the target failed.
    pub fn why(target: Target) -> Wish {
        Wish { target, check: false, logs: true, rules: HouseRules::default(), given: None }
    }

    /// To know whether the target would start.
    pub fn check(target: Target) -> Wish {
        Wish { check: true, ..Wish::why(target) }
    }

    /// What an evidence file was made for; a definition that was given stands among its answers.
    pub fn of_file(file: &EvidenceFile) -> Wish {
        let (target, rules) = (file.target.clone(), file.rules.clone());
        Wish { target, check: file.check, logs: file.logs, rules, given: None }
    }
}
