//! Which role pulls images: the execution role on Fargate, and on an instance that or the instance's own.

use super::roles::{self, RoleRights};
use crate::case::{Case, LaunchType, RoleName};
use crate::evidence::{Facts, GapReason, Source};
use crate::model::{Arn, Unknown};

/// What finding the pulling roles reads, besides their policies.
pub const READS: &[Source] = &[Source::ContainerInstance, Source::Instance, Source::InstanceProfile];

/// A role that may be the one that pulls.
#[derive(Debug, Clone)]
pub struct Puller<'e> {
    /// The role's name.
    pub name: String,
    /// Its policies; a role that is not there may not do anything, and is another cause's.
    pub rights: Result<RoleRights<'e>, Unknown>,
}

/// The roles that may pull, those that exist.
///
/// # Errors
/// When it is not known which they are.
pub fn pullers<'e>(case: &Case<'_>, facts: &Facts<'e>) -> Result<Vec<Puller<'e>>, Unknown> {
    let execution = case.execution_role()?;
    let instance = match case.launch {
        LaunchType::Instance | LaunchType::Elsewhere => Some(instance_role(case, facts)),
        LaunchType::Fargate | LaunchType::FargateOld => None,
    };
    let mut names: Vec<RoleName> = execution.into_iter().collect();
    // All roles are read before one that is not known ends it.
    let mut pullers: Vec<Result<Option<Puller<'e>>, Unknown>> =
        names.drain(..).map(|name| puller(case, facts, &name)).collect();
    if let Some(instance) = instance {
        pullers.push(instance.and_then(|name| name.map_or(Ok(None), |name| puller(case, facts, &name))));
    }
    let found: Vec<Option<Puller<'e>>> = pullers.into_iter().collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn puller<'e>(case: &Case<'_>, facts: &Facts<'e>, name: &RoleName) -> Result<Option<Puller<'e>>, Unknown> {
    let rights = roles::rights(case, facts, name)?;
    Ok(rights.map(|rights| Puller { name: name.name.clone(), rights: Ok(rights) }))
}

/// The role of the instance that the task was on.
fn instance_role(case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<RoleName>, Unknown> {
    let lost = || {
        facts.lacks(
            "ecs:DescribeContainerInstances",
            GapReason::Expired,
            "which container instance the task was on is not known any more",
        )
    };
    let arn = case.task.and_then(|task| task.container_instance.as_deref()).ok_or_else(lost)?;
    let instance = facts.container_instance(&case.cluster, arn)?.and_then(|one| one.instance.as_deref());
    let Some(machine) = facts.instance(instance.ok_or_else(lost)?)? else { return Err(lost()) };
    let Some(profile) = machine.instance_profile.as_deref() else { return Ok(None) };
    let name = profile.rsplit('/').next().unwrap_or(profile);
    let role = facts.instance_profile(name)?.and_then(|profile| profile.role.as_deref());
    Ok(role.and_then(|text| text.parse::<Arn>().ok().map(|arn| (text, arn))).map(|(text, arn)| RoleName {
        name: arn.name().to_owned(),
        text: text.to_owned(),
        account: arn.account().to_owned(),
    }))
}
