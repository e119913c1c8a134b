//! IAM policies: may this principal make this call?
//!
//! Policies and what is known of a call go in, a [`Decision`] comes out: allowed, denied, or not known because of
//! something that could not be read. Nothing here asks AWS, and nothing here knows ECS: which calls a launch makes, and
//! with which role, is the causes' knowledge.
//!
//! The rules are those of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>. Not looked at: grants on KMS keys, which
//! are no policies, and service and resource control policies, which an account cannot read.

mod condition;
mod context;
mod document;
pub mod edit;
mod evaluate;
mod judged;
mod nearest;
mod pattern;
mod principal;
mod trust;
mod truth;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod properties;

pub use context::{Context, RoleCall, for_execution_role};
pub use document::{Condition, Document, Effect, Listed, Malformed, Named, Statement};
pub use evaluate::{endpoint_policy_allows, evaluate, resource_policy_allows};
pub use pattern::wildcard;
pub use trust::trusts;

use crate::model::Arn;

/// A policy: a document, what it is called, and what it is attached to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy<'a> {
    /// As people know it: ``inline policy `secrets` ``, or its ARN.
    pub name: &'a str,
    /// What it is attached to.
    pub kind: PolicyKind,
    /// What it says.
    pub document: &'a Document,
}

/// What a policy is attached to, and so what it can do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, strum::Display,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum PolicyKind {
    /// Inline and managed policies of the role.
    Identity,
    /// The role's permissions boundary.
    Boundary,
    /// The policy of a repository, secret, key, bucket ...
    Resource,
    /// The policy of a VPC endpoint.
    Endpoint,
    /// Who may assume a role.
    Trust,
    /// Given when the role was assumed; ECS gives none.
    Session,
    /// Service and resource control policies.
    Organization,
}

impl PolicyKind {
    fn needs_principal(self) -> bool {
        matches!(self, PolicyKind::Resource | PolicyKind::Endpoint | PolicyKind::Trust)
    }

    fn means_its_own_resource(self) -> bool {
        matches!(self, PolicyKind::Resource | PolicyKind::Trust)
    }
}

impl Policy<'_> {
    fn witness(&self, statement: usize) -> Witness {
        let sid = self.document.statements().get(statement).and_then(|statement| statement.sid.clone());
        Witness { policy: self.name.to_owned(), kind: self.kind, sid, statement }
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Principal<'a> {
    /// A role: its ARN with its path, and the ARN of its session where that is known.
    Role {
        /// `arn:aws:iam::{account}:role/{path}{name}`
        arn: &'a Arn,
        /// `arn:aws:sts::{account}:assumed-role/{name}/{session}`
        session: Option<&'a Arn>,
    },
    /// A service in its own name: `ecs-tasks.amazonaws.com`.
    Service(&'a str),
    /// Somebody of whom nothing is known, as the one who signed the address of an image layer.
    Unnamed,
}

/// One call: who does what to which resource.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// `ecr:BatchGetImage`
    pub action: &'a str,
    /// An ARN, or `*` for an action that knows no resources (`ecr:GetAuthorizationToken`).
    pub resource: &'a str,
    /// Who owns the resource; if not given, what the ARN says, or else the caller's account.
    pub resource_account: Option<&'a str>,
    /// What is known of the condition keys.
    pub context: &'a Context,
}

/// All policies that have a say in a request. What is none does not exist; what could not be read must not get here.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policies<'a> {
    /// The role's own.
    pub identity: Vec<Policy<'a>>,
    /// The role's permissions boundary.
    pub boundary: Option<Policy<'a>>,
    /// That of the session, if the role was assumed with one; ECS gives none.
    pub session: Option<Policy<'a>>,
    /// The resource's own.
    pub resource: Option<Policy<'a>>,
    /// That of the VPC endpoint on the way, unless it is the default one.
    pub endpoint: Option<Policy<'a>>,
    /// The resource is a KMS key: its policy must allow, in the same account too.
    pub kms_key: bool,
}

impl<'a> Policies<'a> {
    fn of_kind(&self, kind: PolicyKind) -> Vec<&Policy<'a>> {
        match kind {
            PolicyKind::Identity => self.identity.iter().collect(),
            PolicyKind::Boundary => self.boundary.iter().collect(),
            PolicyKind::Session => self.session.iter().collect(),
            PolicyKind::Resource => self.resource.iter().collect(),
            PolicyKind::Endpoint => self.endpoint.iter().collect(),
            PolicyKind::Trust | PolicyKind::Organization => vec![],
        }
    }
}

/// What policies say of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may be made, as far as these policies go.
    Allowed {
        /// A statement that allows it.
        by: Witness,
    },
    /// It may not.
    Denied(Denial),
    /// That depends on something that is not known.
    Unknown {
        /// Context keys, or what could not be decided; sorted.
        because: Vec<String>,
    },
}

/// Why a request may not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// A statement forbids it.
    Explicit {
        /// That statement.
        by: Witness,
    },
    /// No statement allows it.
    Implicit {
        /// Where an allowing statement is missing.
        layer: PolicyKind,
        /// The statement that comes nearest, if any is about this action or resource.
        nearest: Option<Nearest>,
    },
}

/// A statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The policy's name.
    pub policy: String,
    /// Its kind.
    pub kind: PolicyKind,
    /// The statement's name.
    pub sid: Option<String>,
    /// Its place in the document, from 0.
    pub statement: usize,
}

/// A statement that does not allow a request, but nearly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// The statement.
    pub witness: Witness,
    /// What does not match.
    pub missed: Missed,
}

/// The element of a statement that does not match a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missed {
    /// It is about another resource (or, for an action that knows none, about any particular one).
    Resource {
        /// What it is about.
        policy_resources: Vec<String>,
    },
    /// It is about another action of the same service.
    Action,
    /// It names somebody else.
    Principal {
        /// Whom it names.
        named: Vec<String>,
    },
    /// A condition does not hold.
    Condition {
        /// The context key.
        key: String,
    },
}
