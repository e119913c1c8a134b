//! A task definition that nobody runs yet: with the network that somebody says it would get.

use super::{Chosen, Resolved, Resolver};
use crate::evidence::GapReason;
use crate::model::Unknown;
use crate::target::Placement;

impl<'e> Resolver<'_, 'e> {
    pub(super) fn definition(&self, definition: &'e str, placement: &'e Placement) -> Resolved<'e> {
        let mut case = self.case(Chosen {
            service: Ok(None),
            deployment: None,
            task: None,
            definition,
            network: placement.network.as_ref().ok_or_else(Unknown::new),
            launch_type: placement.launch_type.as_deref(),
            platform: placement.platform_version.as_deref(),
            symptom: None,
            runs: false,
            notes: vec![],
        })?;
        let on_instance = matches!(case.launch, crate::case::LaunchType::Instance);
        if on_instance {
            case.notes.push(
                "on an instance, images and secrets go over the instance's network, and images may be pulled with its role: \
                 which one it would be placed on is not known, so neither is judged"
                    .to_owned(),
            );
        }
        if placement.network.is_none() && !on_instance {
            // A lack, and no guess: which subnets it would run in stands in no task definition.
            let _ = self.facts.lacks(
                "ec2:DescribeSubnets",
                GapReason::NotAsked,
                "a task definition names no subnets: give them with --subnets, --security-groups and --assign-public-ip",
            );
            case.notes.push(
                "whether the network lets its tasks start is not judged: no subnets were given (--subnets, --security-groups, \
                 --assign-public-ip)"
                    .to_owned(),
            );
        }
        Ok(case)
    }
}
