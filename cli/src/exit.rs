//! The exit codes: a contract, since scripts branch on them.

use ecs_why_core::account::AccountError;
use ecs_why_core::error::Error;
use ecs_why_core::report::Outcome;
use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// A report was made, whatever it says; for `check`: sound.
    Report = 0,
    /// `check`: a fault was found; `plugin`: `aws ecs why` does not work.
    Fault = 1,
    /// Wrong usage: an option, a target that cannot be parsed, no region, a file that cannot be read or written.
    Usage = 2,
    /// `check`: undetermined, because of gaps.
    Undetermined = 3,
    /// No such cluster, service, task or task definition.
    NotFound = 4,
    /// No credentials, expired ones, another account's, or so much denied that there is nothing to say.
    NoAccess = 5,
    /// AWS cannot be reached, or did not answer in time.
    Unreachable = 6,
    /// A fault of our own.
    Own = 70,
    /// Interrupted.
    #[cfg_attr(not(feature = "live"), allow(dead_code))]
    Interrupted = 130,
}

impl Exit {
    /// What a check's outcome means to a script.
    pub fn of_check(outcome: Outcome) -> Exit {
        match outcome {
            Outcome::Failed | Outcome::Hanging => Exit::Fault,
            Outcome::Sound | Outcome::Running | Outcome::Completed | Outcome::StoppedDeliberately => Exit::Report,
            Outcome::Undetermined => Exit::Undetermined,
        }
    }

    /// What no report means to a script.
    pub fn of_error(error: &Error) -> Exit {
        match error {
            Error::Target(_) | Error::EvidenceFile(_) => Exit::Usage,
            Error::NoSuchCluster { .. }
            | Error::NoSuchService { .. }
            | Error::NoSuchTask { .. }
            | Error::NoSuchTaskDefinition { .. } => Exit::NotFound,
            Error::OtherAccount { .. } | Error::Denied { .. } => Exit::NoAccess,
            Error::NoAnswer { .. } => Exit::Unreachable,
            Error::Account(error) => Exit::of_account(error),
        }
    }

    /// The same for an account that cannot be asked at all.
    pub fn of_account(error: &AccountError) -> Exit {
        match error {
            AccountError::NoCredentials(_) | AccountError::BadCredentials(_) => Exit::NoAccess,
            AccountError::Unreachable(_) => Exit::Unreachable,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_tells_a_script_what_it_found() {
        assert_eq!(Exit::of_check(Outcome::Sound), Exit::Report);
        assert_eq!(Exit::of_check(Outcome::Failed), Exit::Fault);
        assert_eq!(Exit::of_check(Outcome::Undetermined), Exit::Undetermined);
    }

    #[test]
    fn each_error_has_the_code_of_its_kind() {
        let place = || "x".to_owned();
        let no_cluster = Error::NoSuchCluster { cluster: place(), place: place(), near: vec![] };
        let other = Error::OtherAccount { wanted: place(), have: place(), principal: place() };
        let no_answer = Error::NoAnswer { action: place(), detail: place() };
        for (error, code) in [
            (Error::Target(ecs_why_core::target::TargetError::Empty), 2),
            (Error::EvidenceFile(ecs_why_core::account::EvidenceFileError::Newer(9)), 2),
            (no_cluster, 4),
            (other, 5),
            (Error::Account(AccountError::BadCredentials(place())), 5),
            (no_answer, 6),
            (Error::Account(AccountError::Unreachable(place())), 6),
        ] {
            assert_eq!(Exit::of_error(&error) as u8, code, "{error}");
        }
    }
}
