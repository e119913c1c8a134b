//! What almost every cause uses.

pub(crate) use super::documented::documented;
pub(crate) use super::subject::{Pull, Whole};
pub(crate) use super::{Cause, Finding, Fixes, Judgement, Verdict};
pub(crate) use crate::case::Case;
pub(crate) use crate::change::{Change, Fix};
pub(crate) use crate::evidence::{Facts, Source};
pub(crate) use crate::model::CauseId;
pub(crate) use crate::report::Risk;
