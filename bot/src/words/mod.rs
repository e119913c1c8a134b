//! Plain words to a question: what somebody in an incident channel means. It asks nothing and nobody, and what it cannot read it says so of.

/// What somebody wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Why one thing failed.
    Why(Named),
    /// What fails now, in these clusters; none: in all that the channel may ask about.
    Failing(Scope),
    /// What a stop reason, an event or the JSON of describe-tasks says.
    Explain(String),
    /// How to ask.
    Help,
}

/// A thing that is named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// A task's id or ARN, a service's name or ARN, `cluster/name`, or a console link: what `ecs_why_core::target::Target::parse` reads.
    pub name: String,
    /// The cluster, if it is named beside it.
    pub cluster: Option<String>,
    /// The account by its name in the configuration, if it is named.
    pub account: Option<String>,
    /// The region, if it is named.
    pub region: Option<String>,
}

/// Where something may fail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// The clusters by their names.
    pub clusters: Vec<String>,
    /// The account by its name in the configuration, if it is named.
    pub account: Option<String>,
    /// The region, if it is named.
    pub region: Option<String>,
}

/// The names that are known where it was said: they tell a cluster from a service, and a typing error from another name.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Clusters that the channel may ask about, as far as they are known.
    pub clusters: Vec<String>,
    /// Services, as `cluster/service`, as far as they are known.
    pub services: Vec<String>,
    /// Accounts of the configuration.
    pub accounts: Vec<String>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// One question.
    Clear(Question),
    /// One of these, and nobody but who asked knows which: at most five.
    Unclear(Vec<Question>),
    /// Nothing that can be answered.
    Unread,
}
