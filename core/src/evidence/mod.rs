//! Questions, answers, and the view through which causes read them. Knows no cause and no API.

mod facts;
mod kept;
mod question;
mod summary;

pub use facts::{Facts, Lack, Read, Reading};
pub use kept::{Answer, Evidence, Gap, GapReason, Kept};
pub use question::{Known, Question, Source};
