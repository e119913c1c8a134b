//! Yes, no, or not known: the three values in which policies are judged.

use std::collections::BTreeSet;

/// A truth value that knows why it is not known.
///
/// Kleene's logic: "no" wins over "not known" in *and*, "yes" wins over it in *or*. So what is decided stays decided
/// when more becomes known, which is what makes a verdict safe while a part of the evidence is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    /// What would have to be known: a set, so that the order of policies does not show.
    Unknown(BTreeSet<String>),
}

impl Truth {
    pub(super) fn of(holds: bool) -> Self {
        if holds { Truth::Yes } else { Truth::No }
    }

    pub(super) fn unknown(why: impl Into<String>) -> Self {
        Truth::Unknown(BTreeSet::from([why.into()]))
    }

    pub(super) fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::No, _) | (_, Truth::No) => Truth::No,
            (Truth::Yes, one) | (one, Truth::Yes) => one,
            (Truth::Unknown(mut these), Truth::Unknown(those)) => {
                these.extend(those);
                Truth::Unknown(these)
            }
        }
    }

    pub(super) fn or(self, other: Truth) -> Truth {
        self.not().and(other.not()).not()
    }

    pub(super) fn not(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            unknown => unknown,
        }
    }

    pub(super) fn any(many: impl IntoIterator<Item = Truth>) -> Truth {
        many.into_iter().fold(Truth::No, Truth::or)
    }

    pub(super) fn all(many: impl IntoIterator<Item = Truth>) -> Truth {
        many.into_iter().fold(Truth::Yes, Truth::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decided_does_not_wait_for_what_is_not_known() {
        assert_eq!(Truth::unknown("a").and(Truth::No), Truth::No);
        assert_eq!(Truth::unknown("a").or(Truth::Yes), Truth::Yes);
        assert_eq!(Truth::unknown("a").or(Truth::No), Truth::unknown("a"));
    }

    #[test]
    fn all_reasons_are_kept() {
        let both = Truth::Unknown(["a", "b"].map(String::from).into());
        assert_eq!(Truth::unknown("b").or(Truth::unknown("a")), both);
        assert_eq!(Truth::unknown("a").and(Truth::unknown("b")).not(), both);
    }

    #[test]
    fn nothing_is_no_any_and_an_all() {
        assert_eq!((Truth::any([]), Truth::all([])), (Truth::No, Truth::Yes));
    }
}
