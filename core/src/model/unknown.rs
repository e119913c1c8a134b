//! The lack of an answer.

/// Something is not known: it was not asked yet, or could not be read.
///
/// It can be passed on with `?` and not looked into, so that a lack of evidence never turns into a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unknown(());

impl Unknown {
    /// Made only where evidence is read (`evidence::Facts`), or where a pure function meets what it cannot decide.
    pub(crate) const fn new() -> Self {
        Unknown(())
    }
}
