//! What an exit code says by itself.

use crate::model::{CauseId, Stage};

use super::{Claim, Strength};

/// What a container that ended by itself with this code can have died of, the likeliest first.
///
/// Only codes that nothing else gives settle a cause: an application's own, and the signals of a crash. 137 is a SIGKILL, whoever
/// sent it; 1 may be a loader that refuses the image; 255 also stands for a lost host.
pub fn claims(code: i64, told: bool) -> (Stage, Vec<Claim>) {
    use CauseId::*;
    use Strength::{Allows, Settles, Suggests};
    let run = |claims: &[(CauseId, Strength)]| {
        (Stage::Run, claims.iter().map(|(cause, strength)| Claim { cause: *cause, strength: *strength }).collect())
    };
    match code {
        0 => run(&[(ApplicationCompleted, Settles)]),
        1 => run(&[
            (ApplicationError, Suggests),
            (ImagePlatformMismatch, Allows),
            (OutOfMemory, Allows),
            (EntrypointNotExecutable, Allows),
        ]),
        126 => run(&[(EntrypointNotExecutable, Suggests), (ApplicationError, Allows), (ImagePlatformMismatch, Allows)]),
        127 => run(&[(EntrypointNotFound, Suggests), (ApplicationError, Allows), (EntrypointNotExecutable, Allows)]),
        125 => run(&[(RuntimeFailed, Suggests), (ContainerConfigurationInvalid, Allows), (ApplicationError, Allows)]),
        2..=124 => run(&[(ApplicationError, Settles)]),
        132 => run(&[(ApplicationCrashed, Suggests), (ImagePlatformMismatch, Allows)]),
        131 | 133..=136 | 138..=140 | 159 => run(&[(ApplicationCrashed, Settles)]),
        137 if told => run(&[(KilledAfterStopTimeout, Suggests), (OutOfMemory, Allows)]),
        137 => run(&[
            (OutOfMemory, Suggests),
            (KilledAfterStopTimeout, Allows),
            (ApplicationError, Allows),
            (ContainerHealthCheckFailed, Allows),
            (HostTerminated, Allows),
        ]),
        130 | 143 => run(&[
            (Unknown, Allows),
            (StoppedByUser, Allows),
            (ApplicationError, Allows),
            (ScaledIn, Allows),
            (ReplacedByDeployment, Allows),
            (DependencyFailed, Allows),
            (HostTerminated, Allows),
        ]),
        255 => run(&[
            (ApplicationError, Suggests),
            (HostTerminated, Allows),
            (RuntimeFailed, Allows),
            (ImagePlatformMismatch, Allows),
        ]),
        // Windows: access violation, stack overflow, fail fast, CLR exception.
        3_221_225_477 | 3_221_225_725 | 3_221_226_505 | 3_762_507_597 => {
            run(&[(ApplicationCrashed, Suggests), (ApplicationError, Allows)])
        }
        3_221_225_786 => run(&[(Unknown, Allows), (StoppedByUser, Allows), (ApplicationError, Allows)]),
        _ => run(&[(ApplicationError, Suggests), (ApplicationCrashed, Allows), (OutOfMemory, Allows)]),
    }
}
