//! Plain values: no I/O, no clock, no knowledge of causes.

pub mod arn;
pub mod digest;
pub mod ecs;
pub mod ids;
pub mod keeper;
pub mod network;
pub mod registry;
pub mod step;
pub mod stores;
pub mod unknown;

pub use arn::Arn;
pub use digest::{Digest, Salt};
pub use ids::{CauseId, CheckId, Stage};
pub use keeper::Keeper;
pub use step::Step;
pub use unknown::Unknown;

/// A moment: AWS's timestamps, in UTC.
pub type Moment = jiff::Timestamp;
