//! What a target resolves to: the task or service with its definition, placement and symptom.

use crate::image::{ImageReference, MalformedReference};
use crate::model::ecs::{ContainerDefinition, Deployment, NetworkConfiguration, Service, Task, TaskDefinition};
use crate::model::{Arn, Moment, Unknown};
use crate::symptom::Symptom;

/// Where AWS is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// `aws`, `aws-cn` ...
    pub partition: String,
    /// As in `us-east-1`.
    pub region: String,
    /// Twelve digits.
    pub account: String,
}

/// What runs the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaunchType {
    /// Fargate with platform version 1.4 or later (or Windows): everything goes over the task's interface.
    Fargate,
    /// Fargate with platform version 1.3 or older: tokens and secrets go over an interface of AWS's.
    FargateOld,
    /// A container instance: images, tokens, secrets and logs go over the instance's interface.
    Instance,
    /// ECS Anywhere and what is not known: nothing of its network can be read.
    Elsewhere,
}

/// The resolved target. What could not be read is `Err`, and whoever needs it passes that on.
#[derive(Debug, Clone)]
pub struct Case<'e> {
    /// Where.
    pub region: Region,
    /// The cluster's name.
    pub cluster: String,
    /// The service that the task belongs to; none also where it is not known.
    pub service: Option<&'e Service>,
    /// Whether it is known to which service the task belongs, and what that is like.
    pub service_known: Result<(), Unknown>,
    /// The deployment that the task belongs to, or that is checked.
    pub deployment: Option<&'e Deployment>,
    /// The task that is judged; none for a check, and where no task was placed.
    pub task: Option<&'e Task>,
    /// The revision that is judged.
    pub definition: Result<&'e TaskDefinition, Unknown>,
    /// The ARN of that revision, where it is known.
    pub definition_arn: Option<String>,
    /// What runs it.
    pub launch: LaunchType,
    /// The launch type in ECS's words.
    pub launch_type: Option<String>,
    /// The container instances that it was, or that its siblings are, on.
    pub container_instances: Vec<String>,
    /// The subnets that it is, or may be, in.
    pub subnets: Result<Vec<String>, Unknown>,
    /// The network settings of its deployment.
    pub network: Result<&'e NetworkConfiguration, Unknown>,
    /// How it died; none for a check.
    pub symptom: Option<Symptom>,
    /// Only its manifests can tell what an image is built for: the stop points there, or nothing has been tried yet.
    pub platform_in_question: bool,
    /// Tasks of the same service that run.
    pub siblings: Vec<&'e Task>,
    /// It runs, and nothing is asked but whether it does.
    pub runs: bool,
    /// Now, as the evidence has it.
    pub now: Moment,
    /// What a reader should know of how the target was resolved.
    pub notes: Vec<String>,
}

/// A container of the revision that is judged.
#[derive(Debug, Clone)]
pub struct Container {
    /// What the definition says of it.
    pub definition: ContainerDefinition,
    /// Its image, taken apart.
    pub image: Result<ImageReference, MalformedReference>,
}

impl Container {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.definition.name
    }
}

/// A role, as a definition names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleName {
    /// Its name, without its path.
    pub name: String,
    /// As written.
    pub text: String,
    /// Its account.
    pub account: String,
}

impl<'e> Case<'e> {
    /// The containers of the definition.
    ///
    /// # Errors
    /// When the definition is not known.
    pub fn containers(&self) -> Result<Vec<Container>, Unknown> {
        let whole = |definition: &ContainerDefinition| Container {
            definition: definition.clone(),
            image: ImageReference::parse(&definition.image),
        };
        Ok(self.definition?.containers.iter().map(whole).collect())
    }

    /// The execution role: an override wins over the definition.
    ///
    /// # Errors
    /// When the definition is not known.
    pub fn execution_role(&self) -> Result<Option<RoleName>, Unknown> {
        let overridden = self.task.and_then(|task| task.overrides.execution_role.as_deref());
        let named = match overridden {
            Some(role) => Some(role),
            None => self.definition?.execution_role.as_deref(),
        };
        Ok(named.map(|text| self.role_name(text)))
    }

    /// The task role: an override wins over the definition.
    ///
    /// # Errors
    /// When the definition is not known.
    pub fn task_role(&self) -> Result<Option<RoleName>, Unknown> {
        let overridden = self.task.and_then(|task| task.overrides.task_role.as_deref());
        let named = match overridden {
            Some(role) => Some(role),
            None => self.definition?.task_role.as_deref(),
        };
        Ok(named.map(|text| self.role_name(text)))
    }

    /// A role as something names it: by its ARN, or by its name in this account.
    pub fn role_name(&self, text: &str) -> RoleName {
        match text.parse::<Arn>() {
            Ok(arn) => {
                RoleName { name: arn.name().to_owned(), text: text.to_owned(), account: arn.account().to_owned() }
            }
            Err(_) => {
                let name = text.rsplit('/').next().unwrap_or(text).to_owned();
                RoleName { name, text: text.to_owned(), account: self.region.account.clone() }
            }
        }
    }

    /// `family:revision` of the definition that is judged.
    pub fn revision(&self) -> Option<String> {
        let arn = self.definition_arn.as_deref()?;
        Some(arn.rsplit('/').next().unwrap_or(arn).to_owned())
    }

    /// When the task died, where there is one that did.
    pub fn moment(&self) -> Option<Moment> {
        let times = &self.task?.times;
        times.stopping.or(times.execution_stopped).or(times.stopped)
    }

    /// The container definition of a name.
    pub fn container(&self, name: &str) -> Option<&'e ContainerDefinition> {
        self.definition.map_or(None, |definition| definition.containers.iter().find(|one| one.name == name))
    }

    /// An ARN of the case's account and region.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let Region { partition, region, account } = &self.region;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// The containers' image, as the definition names it, belongs to another container than this one.
    pub(crate) fn is_of_other_container(&self, image: &str, container: &str) -> bool {
        let Ok(definition) = self.definition else { return false };
        let named: Vec<_> = definition.containers.iter().filter(|one| one.image == image).collect();
        !named.is_empty() && named.iter().all(|one| one.name != container)
    }
}
