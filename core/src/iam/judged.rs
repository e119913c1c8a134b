//! One statement against one request, element by element.

use super::condition;
use super::document::{Listed, Statement};
use super::pattern;
use super::principal::{self, Called};
use super::truth::Truth;
use super::{Policy, PolicyKind, Request};

/// What each element of a statement says of a request.
pub(super) struct Judged<'a> {
    pub(super) statement: &'a Statement,
    pub(super) who: Called,
    pub(super) action: bool,
    pub(super) resource: Truth,
    /// Each condition's key, and whether it holds.
    pub(super) conditions: Vec<(&'a str, Truth)>,
}

impl<'a> Judged<'a> {
    pub(super) fn of(
        statement: &'a Statement,
        policy: &Policy<'a>,
        request: &Request<'_>,
        bounded: &Truth,
    ) -> Judged<'a> {
        let variables = policy.document.has_variables();
        let condition = |condition| condition::holds(condition, request.context, variables);
        Judged {
            statement,
            who: principal::named(statement, request, policy.kind, bounded),
            action: action(&statement.action, request.action),
            resource: resource(statement.resource.as_ref(), request, policy.kind, variables),
            conditions: statement.conditions.iter().map(|one| (one.key.as_str(), condition(one))).collect(),
        }
    }

    /// Whether the statement applies, by the way in which it names the one who asks.
    pub(super) fn applies(&self) -> Called {
        let rest = Truth::of(self.action)
            .and(self.resource.clone())
            .and(Truth::all(self.conditions.iter().map(|(_, truth)| truth.clone())));
        self.who.clone().and(&rest)
    }
}

fn action(listed: &Listed<String>, action: &str) -> bool {
    let listed_it = listed.entries().iter().any(|pattern| pattern::action(pattern, action));
    match listed {
        Listed::Only(_) => listed_it,
        Listed::AllBut(_) => !listed_it,
    }
}

fn resource(listed: Option<&Listed<String>>, request: &Request<'_>, kind: PolicyKind, variables: bool) -> Truth {
    let Some(listed) = listed else {
        // A policy of a resource means that resource; of others AWS demands that they name theirs.
        return if kind.means_its_own_resource() {
            Truth::Yes
        } else {
            Truth::unknown("a statement without `Resource`")
        };
    };
    let variables = variables.then_some(request.context);
    let matches = listed.entries().iter().map(|pattern| pattern::resource(pattern, request.resource, variables));
    match listed {
        Listed::Only(_) => Truth::any(matches),
        // "If AWS cannot resolve a variable, this might cause the entire statement to be invalid": here it matters.
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
        Listed::AllBut(entries) => {
            let lacking = Truth::any(entries.iter().map(|entry| pattern::lacks_a_value(entry, variables)));
            let invalid = match lacking {
                Truth::Yes => Truth::unknown("a variable without a value in `NotResource`"),
                other => other,
            };
            Truth::any(matches).not().and(invalid.not())
        }
    }
}
