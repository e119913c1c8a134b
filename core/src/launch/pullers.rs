//! Which role pulls images: the execution role on Fargate, and on an instance that or the instance's own.

use super::roles::{self, RoleRights};
use super::ways::{instance_of, lost_instance};
use crate::case::{Case, LaunchType, RoleName};
use crate::evidence::{Facts, Source};
use crate::model::{Arn, Unknown};
use std::rc::Rc;

/// What finding the pulling roles reads, besides their policies.
pub const READS: &[Source] = &[Source::ContainerInstance, Source::Instance, Source::InstanceProfile];

/// A role that may be the one that pulls.
#[derive(Debug, Clone)]
pub struct Puller {
    /// The role's name.
    pub name: String,
    /// Its policies. A role that is not there is another cause's.
    pub rights: Rc<RoleRights>,
}

/// The roles that may pull, those that exist.
///
/// # Errors
/// When it is not known which they are.
pub fn pullers(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<Puller>, Unknown> {
    let execution = case.execution_role()?;
    let instance = match case.launch {
        LaunchType::Instance | LaunchType::Elsewhere => Some(instance_role(case, facts)),
        LaunchType::Fargate | LaunchType::FargateOld => None,
    };
    // All roles are read before one that is not known ends it.
    let mut pullers: Vec<Result<Option<Puller>, Unknown>> =
        execution.iter().map(|name| puller(case, facts, name)).collect();
    if let Some(instance) = instance {
        pullers.push(instance.and_then(|name| name.map_or(Ok(None), |name| puller(case, facts, &name))));
    }
    let found: Vec<Option<Puller>> = pullers.into_iter().collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn puller(case: &Case<'_>, facts: &Facts<'_>, name: &RoleName) -> Result<Option<Puller>, Unknown> {
    let rights = roles::rights(case, facts, name)?;
    Ok(rights.map(|rights| Puller { name: name.name.clone(), rights }))
}

/// The role of the instance that the task was on; siblings' instances stand in for one that is not known.
pub(super) fn instance_role(case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<RoleName>, Unknown> {
    let Some(arn) = case.container_instances.first() else { return Err(lost_instance(facts)) };
    let Some(profile) = instance_of(case, facts, arn)?.instance_profile.as_deref() else { return Ok(None) };
    let name = profile.rsplit('/').next().unwrap_or(profile);
    let named = |name: &str, text: &str, account: &str| RoleName {
        name: name.to_owned(),
        text: text.to_owned(),
        account: account.to_owned(),
    };
    let found = facts.instance_profile(name);
    if found.is_err() {
        // The console gives role and profile one name: the role is asked for along with the profile, and not after it.
        let guess = format!("arn:{}:iam::{}:role/{name}", case.region.partition, case.region.account);
        let _ = roles::rights(case, facts, &named(name, &guess, &case.region.account));
    }
    let role = found?.and_then(|profile| profile.role.as_deref());
    Ok(role.and_then(|text| text.parse::<Arn>().ok().map(|arn| (text, arn))).map(|(text, arn)| RoleName {
        name: arn.name().to_owned(),
        text: text.to_owned(),
        account: arn.account().to_owned(),
    }))
}
