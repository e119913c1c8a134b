//! The application crashed on a signal.

use super::last_lines;
use crate::causes::prelude::*;
use crate::causes::told::{self, revision_and_container};

documented! {
/// An essential container was ended by a signal of a crash, such as a segmentation fault, which stops the task.
///
/// # Why a task stops here
/// A process that touches memory that is not its own, divides by zero or calls `abort` gets a signal that ends it. The exit
/// code is 128 and the signal's number: 134 for SIGABRT, 139 for SIGSEGV; on Windows it is an NTSTATUS.
/// # How it is told
/// By the exit code of the container that ended first; nobody sends these signals to end a container. SIGILL (132) is
/// often an image that was built for newer processors than the task got.
/// # Prevention
/// Keep the traces that the runtime writes when it crashes, and build for the oldest processor that may come.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>
pub struct ApplicationCrashed;
}

/// What a code of a crash stands for.
const fn signal(code: i64) -> Option<&'static str> {
    Some(match code {
        131 => "SIGQUIT",
        132 => "SIGILL, an instruction that the processor does not know",
        133 => "SIGTRAP",
        134 => "SIGABRT, it gave itself up",
        135 => "SIGBUS",
        136 => "SIGFPE, an impossible calculation",
        139 => "SIGSEGV, a segmentation fault",
        159 => "SIGSYS, a system call that is not allowed",
        3_221_225_477 => "0xC0000005, an access violation",
        3_221_225_725 => "0xC00000FD, a stack overflow",
        3_221_226_505 => "0xC0000409, it gave itself up",
        3_762_507_597 => "0xE0434352, an exception of .NET that nobody caught",
        _ => return None,
    })
}

impl Cause for ApplicationCrashed {
    type Subject = Whole;
    const ID: CauseId = CauseId::ApplicationCrashed;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::judge(Self::ID, case, |symptom| {
            let (resources, container) = revision_and_container(case, symptom);
            let code = match symptom.exit_code {
                Some(code) => match signal(code) {
                    Some(signal) => format!(" with exit code {code} ({signal})"),
                    None => format!(" with exit code {code}"),
                },
                None => String::new(),
            };
            Finding::on(resources).because(format!("container {container} crashed{code}")).in_container(container)
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        last_lines::read(case, "Read the container's last lines, and mend what crashes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REVISION, Said};

    const ID: CauseId = CauseId::ApplicationCrashed;

    fn ended(code: i64) -> Fixture {
        Fixture::fargate().ended("EssentialContainerExited", "Essential container in task exited", Some(code), None)
    }

    #[test]
    fn signals_of_a_crash_are_it_and_those_that_end_a_container_are_not() {
        for (code, said) in [
            (139, Said::AsTold),
            (134, Said::AsTold),
            (132, Said::AsTold),
            (3_221_225_477, Said::AsTold),
            (143, Said::Sound),
            (3, Said::Sound),
            (0, Said::Sound),
        ] {
            assert_eq!(ended(code).says(ID), said, "exit code {code}");
        }
        assert_eq!(ended(139).check().says(ID), Said::NotApplicable);
    }

    #[test]
    fn the_finding_says_which_signal_it_was_and_the_fix_reads_the_log() {
        let found = ended(139).finding(ID);
        assert_eq!(found.resources, [REVISION, "app"]);
        assert_eq!(found.explanation, "container app crashed with exit code 139 (SIGSEGV, a segmentation fault)");
        let fixes = ended(139).mended(ID);
        let [Change::ByHand { commands }] = fixes[0].changes.as_slice() else { unreachable!() };
        assert!(commands[0].starts_with("aws logs get-log-events "), "{commands:?}");
    }
}
