//! All causes that have a file.

use super::documented::{Documented, page_text};
use super::{Cause, Fixes, Subject, Verdict};
use crate::case::Case;
use crate::evidence::{Facts, Reading, Source};
use crate::model::{CauseId, Unknown};
use std::collections::BTreeMap;

/// What a cause said of one subject.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Which of the case's subjects, in their order.
    pub subject: usize,
    /// What it said.
    pub verdict: Result<Verdict, Unknown>,
    /// What it read for that.
    pub reading: Reading,
}

/// A cause whose subject does not matter to who holds it.
pub trait DynCause: Sync {
    /// Its id.
    fn id(&self) -> CauseId;
    /// Its page.
    fn page(&self) -> &'static str;
    /// The questions that it reads.
    fn reads(&self) -> Vec<Source>;
    /// The causes that it is a special case of.
    fn refines(&self) -> &'static [CauseId];
    /// Judges every subject of a case.
    fn judge_all(&self, case: &Case<'_>, facts: &Facts<'_>) -> Vec<Judged>;
    /// Fixes for one subject, by its place among the case's subjects.
    ///
    /// # Errors
    /// When they are not known.
    fn fixes_for(&self, subject: usize, case: &Case<'_>, facts: &Facts<'_>) -> Fixes;
}

impl<C: Cause + Documented> DynCause for C {
    fn id(&self) -> CauseId {
        C::ID
    }

    fn page(&self) -> &'static str {
        C::PAGE
    }

    fn reads(&self) -> Vec<Source> {
        C::READS.iter().flat_map(|group| group.iter().copied()).collect()
    }

    fn refines(&self) -> &'static [CauseId] {
        C::REFINES
    }

    fn judge_all(&self, case: &Case<'_>, facts: &Facts<'_>) -> Vec<Judged> {
        let (subjects, finding) = facts.within(|| C::Subject::all(case, facts));
        let Ok(subjects) = subjects else {
            return vec![Judged { subject: 0, verdict: Err(Unknown::new()), reading: finding }];
        };
        // Every subject is judged before the next walk, so that all questions are asked at once.
        subjects
            .iter()
            .enumerate()
            .map(|(index, subject)| {
                let (verdict, reading) = facts.within(|| self.judge(subject, case, facts));
                for question in &reading.questions {
                    debug_assert!(
                        self.reads().contains(&question.source()),
                        "{} reads {:?}, which its READS does not name",
                        C::ID,
                        question.source(),
                    );
                }
                Judged { subject: index, verdict, reading }
            })
            .collect()
    }

    fn fixes_for(&self, subject: usize, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        match C::Subject::all(case, facts)?.get(subject) {
            Some(subject) => self.fixes(subject, case, facts),
            None => Ok(vec![]),
        }
    }
}

/// Every cause that has a file, in the order of the launch path.
pub fn all() -> &'static [&'static dyn DynCause] {
    use super::{
        health, image, lifecycle, logging, network, placement, reachability, role, run, secrets, start, unknown,
        volumes,
    };
    &[
        &placement::cluster_not_found::ClusterNotFound,
        &placement::no_container_instances::NoContainerInstances,
        &placement::insufficient_cpu::InsufficientCpu,
        &placement::insufficient_memory::InsufficientMemory,
        &placement::insufficient_gpu::InsufficientGpu,
        &placement::host_port_in_use::HostPortInUse,
        &placement::instance_eni_limit::InstanceEniLimit,
        &placement::instance_attribute_missing::InstanceAttributeMissing,
        &placement::placement_constraint_unsatisfied::PlacementConstraintUnsatisfied,
        &placement::agent_disconnected::AgentDisconnected,
        &placement::fargate_capacity_unavailable::FargateCapacityUnavailable,
        &placement::fargate_quota_exceeded::FargateQuotaExceeded,
        &placement::launch_type_incompatible::LaunchTypeIncompatible,
        &placement::fargate_zone_unsupported::FargateZoneUnsupported,
        &placement::instance_zone_mismatch::InstanceZoneMismatch,
        &placement::provisioning_limit_exceeded::ProvisioningLimitExceeded,
        &placement::deployment_configuration_blocks::DeploymentConfigurationBlocks,
        &placement::api_throttled::ApiThrottled,
        &placement::placement_unexplained::PlacementUnexplained,
        &network::subnet_out_of_addresses::SubnetOutOfAddresses,
        &network::eni_quota_exceeded::EniQuotaExceeded,
        &network::eni_provisioning_failed::EniProvisioningFailed,
        &network::network_resource_missing::NetworkResourceMissing,
        &role::execution_role_missing::ExecutionRoleMissing,
        &role::execution_role_not_assumable::ExecutionRoleNotAssumable,
        &role::task_role_not_assumable::TaskRoleNotAssumable,
        &role::infrastructure_role_not_assumable::InfrastructureRoleNotAssumable,
        &role::service_role_changed::ServiceRoleChanged,
        &role::organization_policy_denied::OrganizationPolicyDenied,
        &role::ecr_auth_denied::EcrAuthDenied,
        &role::ecr_pull_denied::EcrPullDenied,
        &reachability::no_egress_route::NoEgressRoute,
        &reachability::public_ip_missing::PublicIpMissing,
        &reachability::vpc_endpoint_missing::VpcEndpointMissing,
        &reachability::s3_gateway_route_missing::S3GatewayRouteMissing,
        &reachability::vpc_endpoint_security_group_blocked::VpcEndpointSecurityGroupBlocked,
        &reachability::vpc_endpoint_private_dns_disabled::VpcEndpointPrivateDnsDisabled,
        &reachability::vpc_endpoint_not_available::VpcEndpointNotAvailable,
        &reachability::vpc_endpoint_policy_denied::VpcEndpointPolicyDenied,
        &reachability::dns_resolution_disabled::DnsResolutionDisabled,
        &reachability::security_group_egress_blocked::SecurityGroupEgressBlocked,
        &reachability::network_acl_blocked::NetworkAclBlocked,
        &reachability::route_blackhole::RouteBlackhole,
        &reachability::nat_gateway_broken::NatGatewayBroken,
        &reachability::network_path_unexplained::NetworkPathUnexplained,
        &image::image_uri_malformed::ImageUriMalformed,
        &image::image_wrong_account::ImageWrongAccount,
        &image::image_wrong_region::ImageWrongRegion,
        &image::pull_through_cache_failed::PullThroughCacheFailed,
        &image::repository_not_found::RepositoryNotFound,
        &image::image_expired_by_lifecycle_policy::ImageExpiredByLifecyclePolicy,
        &image::image_tag_not_found::ImageTagNotFound,
        &image::image_digest_not_found::ImageDigestNotFound,
        &image::image_archived::ImageArchived,
        &image::repository_policy_denied::RepositoryPolicyDenied,
        &image::registry_rate_limited::RegistryRateLimited,
        &image::registry_credentials_rejected::RegistryCredentialsRejected,
        &image::registry_token_expired::RegistryTokenExpired,
        &image::registry_tls_untrusted::RegistryTlsUntrusted,
        &image::registry_unavailable::RegistryUnavailable,
        &image::kubelet_pull_throttled::KubeletPullThrottled,
        &image::image_platform_mismatch::ImagePlatformMismatch,
        &image::image_manifest_unsupported::ImageManifestUnsupported,
        &image::image_layer_unavailable::ImageLayerUnavailable,
        &image::ecr_kms_denied::EcrKmsDenied,
        &image::disk_full::DiskFull,
        &image::image_pull_timed_out::ImagePullTimedOut,
        &secrets::secret_wrong_region::SecretWrongRegion,
        &secrets::secret_not_found::SecretNotFound,
        &secrets::secret_deleted::SecretDeleted,
        &secrets::secret_version_not_found::SecretVersionNotFound,
        &secrets::secret_access_denied::SecretAccessDenied,
        &secrets::secret_kms_denied::SecretKmsDenied,
        &secrets::secret_json_key_missing::SecretJsonKeyMissing,
        &secrets::parameter_not_found::ParameterNotFound,
        &secrets::parameter_access_denied::ParameterAccessDenied,
        &secrets::env_file_invalid::EnvFileInvalid,
        &secrets::env_file_not_found::EnvFileNotFound,
        &secrets::env_file_access_denied::EnvFileAccessDenied,
        &logging::log_configuration_invalid::LogConfigurationInvalid,
        &logging::log_group_missing::LogGroupMissing,
        &logging::log_permission_denied::LogPermissionDenied,
        &volumes::efs_mount_target_unreachable::EfsMountTargetUnreachable,
        &volumes::efs_dns_failed::EfsDnsFailed,
        &volumes::efs_access_denied::EfsAccessDenied,
        &volumes::efs_not_found::EfsNotFound,
        &volumes::ebs_volume_failed::EbsVolumeFailed,
        &volumes::volume_configuration_invalid::VolumeConfigurationInvalid,
        &volumes::ephemeral_storage_timed_out::EphemeralStorageTimedOut,
        &start::entrypoint_not_found::EntrypointNotFound,
        &start::entrypoint_not_executable::EntrypointNotExecutable,
        &start::container_configuration_invalid::ContainerConfigurationInvalid,
        &start::memory_limit_too_low::MemoryLimitTooLow,
        &start::runtime_timed_out::RuntimeTimedOut,
        &start::runtime_failed::RuntimeFailed,
        &start::pause_image_missing::PauseImageMissing,
        &start::dependency_failed::DependencyFailed,
        &run::out_of_memory::OutOfMemory,
        &run::application_error::ApplicationError,
        &run::killed_after_stop_timeout::KilledAfterStopTimeout,
        &run::application_crashed::ApplicationCrashed,
        &run::application_completed::ApplicationCompleted,
        &health::container_health_check_failed::ContainerHealthCheckFailed,
        &health::load_balancer_health_check_failed::LoadBalancerHealthCheckFailed,
        &health::health_check_wrong_status::HealthCheckWrongStatus,
        &health::health_check_port_unreachable::HealthCheckPortUnreachable,
        &health::health_check_grace_period_too_short::HealthCheckGracePeriodTooShort,
        &health::target_group_missing::TargetGroupMissing,
        &health::load_balancer_zone_disabled::LoadBalancerZoneDisabled,
        &health::service_connect_unhealthy::ServiceConnectUnhealthy,
        &lifecycle::scaled_in::ScaledIn,
        &lifecycle::replaced_by_deployment::ReplacedByDeployment,
        &lifecycle::stopped_by_user::StoppedByUser,
        &lifecycle::deployment_rolled_back::DeploymentRolledBack,
        &lifecycle::spot_interruption::SpotInterruption,
        &lifecycle::host_terminated::HostTerminated,
        &lifecycle::instance_draining::InstanceDraining,
        &lifecycle::fargate_maintenance::FargateMaintenance,
        &lifecycle::availability_zone_rebalanced::AvailabilityZoneRebalanced,
        &lifecycle::task_protection_blocks::TaskProtectionBlocks,
        &unknown::UnknownReason,
    ]
}

/// The cause of an id, if it has a file.
pub fn find(id: CauseId) -> Option<&'static dyn DynCause> {
    all().iter().copied().find(|cause| cause.id() == id)
}

/// The page of a cause, in Markdown.
pub fn page(id: CauseId) -> Option<String> {
    find(id).map(|cause| page_text(cause.page()))
}

/// An AWS action that the program may call, and what is lost without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// As IAM spells it.
    pub action: &'static str,
    /// The causes that stay undecided without it; empty where it finds and names things for all.
    pub causes: Vec<CauseId>,
}

/// Every action that a question can need, sorted.
pub fn permissions() -> Vec<Permission> {
    let mut found: BTreeMap<&'static str, Vec<CauseId>> =
        Source::ALL.iter().map(|source| (source.action(), vec![])).collect();
    found.extend(Source::ALL.iter().flat_map(|source| source.further_actions()).map(|action| (*action, vec![])));
    for cause in all() {
        for source in cause.reads() {
            let causes = found.entry(source.action()).or_default();
            if !causes.contains(&cause.id()) {
                causes.push(cause.id());
            }
        }
    }
    found.into_iter().map(|(action, causes)| Permission { action, causes }).collect()
}

#[cfg(test)]
mod tests;
