//! Role trust: may a service assume a role?
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>

use super::context::Context;
use super::document::Document;
use super::evaluate::alone;
use super::{Decision, Policy, PolicyKind, Principal, Request};

/// Whether a trust policy lets a service (`ecs-tasks.amazonaws.com`) assume the role.
///
/// `aws:SourceAccount` and `aws:SourceArn` come from the context; ECS sends the task's account and ARN. Where there is
/// no task yet, an ARN with any id stands for it: only a policy that names one single task can tell the difference.
pub fn trusts(document: &Document, service: &str, context: &Context) -> Decision {
    let request = Request {
        principal: Principal::Service(service),
        action: "sts:AssumeRole",
        resource: "*",
        resource_account: None,
        context,
    };
    alone(&request, &[&Policy { name: "the trust policy", kind: PolicyKind::Trust, document }], PolicyKind::Trust)
}
