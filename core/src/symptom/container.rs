//! Which container is guilty.
//!
//! The API gives no end time of a container. What it gives is the order of things: a container that was *told* to end
//! shows 0, 143 or 137, so one with a code of its own ended first; and of those that show nothing but such codes, 0 beside
//! 143 was a job that was done.

use super::stop::{ContainerStop, Stop};

/// What the containers' codes say of who ended first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guilty<'a> {
    /// The container, where it can be told.
    pub container: Option<&'a ContainerStop>,
    /// Its exit code (or that of all that may be it).
    pub exit_code: i64,
    /// No other container can have ended first with another code.
    pub sure: bool,
}

/// A code that a container has when it was told to stop.
const fn told(code: i64) -> bool {
    matches!(code, 0 | 130 | 137 | 143)
}

const fn one((container, exit_code): (&ContainerStop, i64), sure: bool) -> Guilty<'_> {
    Guilty { container: Some(container), exit_code, sure }
}

/// A signal that nobody sends to end a container.
const fn crash(code: i64) -> bool {
    matches!(code, 131..=136 | 138..=140 | 159)
}

/// The container that ended first, by itself; `None` if no container that can end the task has an exit code.
pub fn guilty(stop: &Stop) -> Option<Guilty<'_>> {
    let flagged = stop.containers.iter().any(|one| one.essential == Some(true));
    let counts =
        |one: &&ContainerStop| if flagged { one.essential == Some(true) } else { one.essential != Some(false) };
    let ended: Vec<(&ContainerStop, i64)> =
        stop.containers.iter().filter(counts).filter_map(|one| Some((one, one.exit_code?))).collect();
    if let [only] = ended.as_slice() {
        return Some(one(*only, true));
    }
    let own: Vec<_> = ended.iter().copied().filter(|(_, code)| !told(*code)).collect();
    let crashed: Vec<_> = own.iter().copied().filter(|(_, code)| crash(*code)).collect();
    let with = |code: i64| ended.iter().copied().filter(|(_, one)| *one == code).collect::<Vec<_>>();
    let (done, killed) = (with(0), with(137));
    match (own.as_slice(), crashed.as_slice(), done.as_slice(), killed.as_slice()) {
        ([], ..) => {}
        // Beside zeros: a job may have been done, and a sidecar failed when it was told to end.
        ([only], ..) => return Some(one(*only, done.is_empty())),
        (_, [only], ..) => return Some(one(*only, false)),
        ([first, rest @ ..], ..) => {
            let same = rest.iter().all(|(_, code)| *code == first.1);
            return Some(Guilty { container: None, exit_code: first.1, sure: same && done.is_empty() });
        }
    }
    match (done.as_slice(), killed.as_slice()) {
        ([], []) => ended.first().map(|(_, code)| Guilty { container: None, exit_code: *code, sure: false }),
        ([], [only]) => Some(one(*only, false)),
        ([], _) => Some(Guilty { container: None, exit_code: 137, sure: false }),
        (zeros, killed) => {
            let waited = match (stop.stopping, stop.stopped) {
                (Some(from), Some(to)) => to.duration_since(from).as_secs() >= 25,
                _ => false,
            };
            // A kill before the zeros would be the cause; one after them, at the end of the stop timeout, is a consequence.
            let sure = killed.is_empty() || waited;
            let container = if let [only] = zeros { Some(only.0) } else { None };
            Some(Guilty { container, exit_code: 0, sure })
        }
    }
}

/// The names of all that may have ended first, at most three: those whose code is the guilty one.
pub fn candidates(stop: &Stop, exit_code: i64) -> Vec<&str> {
    let may = stop.containers.iter().filter(|one| one.essential != Some(false) && one.exit_code == Some(exit_code));
    may.filter_map(|one| one.name.as_deref()).collect()
}
