//! What the tests of the whole stand on: recorded scenarios, accounts that answer as a test wants, and a real moto server.
//!
//! Nothing here judges ECS: what is right comes from the lab's truths (`scenarios/*/*/expect.toml`), never from our own output.
#![allow(clippy::panic)] // a test that cannot run must fail, and loudly

mod alone;
mod binary;
mod http;
mod listed;
mod moto;
mod scenario;
mod shell;
mod stand_in;
mod stub;
#[cfg(feature = "live")]
mod tls;
mod verdict;
mod world;

pub use alone::alone;
pub use binary::binary;
pub use http::{Reply, request};
pub use listed::Listed;
pub use moto::Moto;
pub use scenario::{Expect, Scenario, implemented, scenario, scenarios};
pub use shell::{Ran, shell};
pub use stand_in::{StandIn, block_on};
pub use stub::{Answers, Request, Stub, refusal};
#[cfg(feature = "live")]
pub use tls::Tls;
pub use verdict::{Judged, faults, judged, mistakes};
pub use world::{HIDDEN, World};

/// What the lab puts wherever an account keeps a secret (`ecslab/canary.py`), written so that no search finds it here.
pub const CANARY: &str = concat!("canary", "-6f2d", "91c4a7");

/// Runs something on every scenario, on all cores; what fails is told together, under the scenario's name.
pub fn on_each(scenarios: &[Scenario], look: impl Fn(&Scenario) -> Vec<String> + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let told = std::sync::Mutex::new(vec![]);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(one) = scenarios.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let faults = look(one);
                    let lines = faults.into_iter().map(|fault| format!("{}: {fault}", one.name));
                    told.lock().expect("nobody panics with it").extend(lines);
                }
            });
        }
    });
    let mut told = told.into_inner().expect("nobody panics with it");
    told.sort();
    assert!(told.is_empty(), "{} faults:\n{}", told.len(), told.join("\n"));
}
