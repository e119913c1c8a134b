//! When a cause bites: the step of a launch, by platform.
//!
//! AWS tells of the order in `docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html`; what it does
//! not say was seen in the timestamps of tasks that failed.

use crate::case::LaunchType;
use crate::model::{CauseId, Stage, Step};

/// The step at which a cause bites, for one endpoint where it has one.
pub fn step_of(cause: CauseId, endpoint: Option<&str>) -> Step {
    match cause {
        CauseId::EcrAuthDenied | CauseId::RegistryCredentialsRejected => Step::RegistryAuth,
        CauseId::EcrPullDenied => Step::Manifest,
        CauseId::ExecutionRoleMissing
        | CauseId::ExecutionRoleNotAssumable
        | CauseId::TaskRoleNotAssumable
        | CauseId::OrganizationPolicyDenied => Step::AssumeRoles,
        CauseId::InfrastructureRoleNotAssumable | CauseId::EbsVolumeFailed => Step::EbsVolume,
        CauseId::EnvFileNotFound | CauseId::EnvFileAccessDenied | CauseId::EnvFileInvalid => Step::EnvFiles,
        CauseId::ImageManifestUnsupported
        | CauseId::DiskFull
        | CauseId::EcrKmsDenied
        | CauseId::ImageLayerUnavailable
        | CauseId::ImagePullTimedOut => Step::Layers,
        _ => match cause.stage() {
            Stage::Placement => Step::Place,
            Stage::Network => Step::Interface,
            Stage::Role => Step::AssumeRoles,
            Stage::Reachability => step_of_endpoint(endpoint.unwrap_or_default()),
            Stage::Image => Step::Manifest,
            Stage::Secrets => Step::Secrets,
            Stage::Logging => Step::LogDriver,
            Stage::Volumes => Step::EfsMount,
            Stage::Start => Step::Start,
            Stage::Run => Step::Run,
            Stage::Health => Step::Health,
            Stage::Lifecycle | Stage::Unknown => Step::Told,
        },
    }
}

/// The step at which an endpoint is needed first.
pub fn step_of_endpoint(endpoint: &str) -> Step {
    match endpoint {
        "ecr.api" => Step::RegistryAuth,
        "secretsmanager" | "ssm" => Step::Secrets,
        "s3" => Step::Layers,
        "logs" => Step::LogDriver,
        // `ecr.dkr`, and the host names of other registries.
        _ => Step::Manifest,
    }
}

/// The steps in the order in which the platform takes them: what comes first hides what comes later.
pub fn order(launch: LaunchType, step: Step) -> usize {
    use Step::{
        AssumeRoles, EbsVolume, EfsMount, EnvFiles, Health, Interface, Layers, LogDriver, Manifest, Place,
        RegistryAuth, Request, Run, Secrets, Start, Told,
    };
    // On an instance images and secrets are fetched side by side, and the container is created after both.
    const INSTANCE: [Step; 16] = [
        Request,
        Place,
        AssumeRoles,
        Interface,
        EbsVolume,
        RegistryAuth,
        Manifest,
        Layers,
        Secrets,
        EnvFiles,
        EfsMount,
        LogDriver,
        Start,
        Run,
        Health,
        Told,
    ];
    const FARGATE: [Step; 16] = [
        Request,
        AssumeRoles,
        Place,
        Interface,
        EbsVolume,
        RegistryAuth,
        Secrets,
        EnvFiles,
        EfsMount,
        Manifest,
        Layers,
        LogDriver,
        Start,
        Run,
        Health,
        Told,
    ];
    let steps = if launch == LaunchType::Instance { INSTANCE } else { FARGATE };
    steps.iter().position(|one| *one == step).unwrap_or(steps.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fault_of_reachability_bites_at_another_step_for_each_endpoint() {
        let at = |endpoint| step_of(CauseId::NoEgressRoute, Some(endpoint));
        for (endpoint, step) in [
            ("ecr.api", Step::RegistryAuth),
            ("secretsmanager", Step::Secrets),
            ("ssm", Step::Secrets),
            ("ecr.dkr", Step::Manifest),
            ("ghcr.io", Step::Manifest),
            ("s3", Step::Layers),
            ("logs", Step::LogDriver),
        ] {
            assert_eq!(at(endpoint), step, "{endpoint}");
        }
    }

    #[test]
    fn fargate_fetches_secrets_before_images_and_an_instance_after_them() {
        let before = |launch, one, other| order(launch, one) < order(launch, other);
        assert!(before(LaunchType::Fargate, Step::Secrets, Step::Manifest));
        assert!(before(LaunchType::Instance, Step::Layers, Step::Secrets));
        assert!(before(LaunchType::Fargate, Step::AssumeRoles, Step::Place));
        assert!(before(LaunchType::Instance, Step::Place, Step::AssumeRoles));
    }

    #[test]
    fn every_cause_has_a_step_and_every_platform_an_order_for_it() {
        for launch in [LaunchType::Fargate, LaunchType::FargateOld, LaunchType::Instance, LaunchType::Elsewhere] {
            let mut places: Vec<usize> = CauseId::ALL.iter().map(|id| order(launch, step_of(*id, None))).collect();
            places.sort_unstable();
            assert!(places.last().is_some_and(|last| *last < 16), "{launch:?}");
        }
    }
}
