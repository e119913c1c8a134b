//! When something happens in a launch: steps, in the order of the platform.

/// A moment of a launch, as AWS takes it; *what kind* of fault bites there is a [`super::Stage`].
///
/// The order in which they come belongs to the platform, see `diagnosis::steps`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// ECS looks at the request; no task is made if it refuses.
    Request,
    /// ECS assumes the execution and task roles; no task is made if it cannot.
    AssumeRoles,
    /// Capacity is found: a container instance, or Fargate's.
    Place,
    /// The task's network interface is made and attached.
    Interface,
    /// An EBS volume is made and attached.
    EbsVolume,
    /// Registry credentials: a token of ECR, or the secret of a private registry.
    RegistryAuth,
    /// Secrets and parameters are fetched.
    Secrets,
    /// Environment files are fetched.
    EnvFiles,
    /// EFS file systems are mounted.
    EfsMount,
    /// The image's manifest is asked of the registry.
    Manifest,
    /// The image's layers are downloaded and unpacked.
    Layers,
    /// The log driver is opened.
    LogDriver,
    /// Containers are created and started.
    Start,
    /// The application runs.
    Run,
    /// Somebody judges the application's health.
    Health,
    /// Something that is no part of a launch stops the task.
    Told,
}
