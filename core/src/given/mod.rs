//! A task definition that is not registered yet: the JSON that `aws ecs register-task-definition --cli-input-json` takes,
//! as ours, without what is secret in it.

use crate::model::ecs::{ContainerDefinition, LogConfiguration, SecretReference, TaskDefinition, Volume};
use crate::model::{Digest, Keeper, Salt};
use crate::target::GIVEN;
use written::{Container, Given, GivenVolume, Hidden, Log, Platform, Port, Reference};

mod written;

/// A text that is no task definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GivenError {
    /// Something is wrong at a place of the text.
    #[error("line {line}, column {column}: {why}")]
    At {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong.
        why: String,
    },
    /// Something is wrong with what it says.
    #[error("{what}: {why}")]
    In {
        /// Where, as in `containerDefinitions[0]`.
        what: String,
        /// What is wrong.
        why: &'static str,
    },
}

/// Reads a definition; values that may be secret become digests with this salt at once.
///
/// # Errors
/// Says where it is wrong, and what is expected there.
pub fn parse(text: &str, salt: &Salt) -> Result<TaskDefinition, GivenError> {
    // serde would take a list for a struct without the names of its fields.
    if text.trim_start().starts_with('[') {
        let why = "this is a list: one definition begins with `{`".to_owned();
        return Err(GivenError::At { line: 1, column: 1, why });
    }
    let given: Given = serde_json::from_str(text).map_err(|error| explain(&error))?;
    given.checked()?.kept(salt)
}

// ------------------------------------------------------------------------------------------------ as it is kept

/// Options of `awslogs` that name a place or a way of working; all others may be secret.
const SAFE_AWSLOGS: [&str; 6] =
    ["awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group", "mode", "max-buffer-size"];

impl Given {
    fn checked(self) -> Result<Given, GivenError> {
        let wrong = |what: String, why| Err(GivenError::In { what, why });
        let is_name = |text: &str| {
            !text.is_empty()
                && text.len() <= 255
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        if !is_name(&self.family) {
            return wrong("family".to_owned(), "it has up to 255 letters, digits, hyphens and underscores");
        }
        if self.container_definitions.is_empty() {
            return wrong("containerDefinitions".to_owned(), "there is no container");
        }
        for (at, one) in self.container_definitions.iter().enumerate() {
            let what = |field: &str| format!("containerDefinitions[{at}].{field}");
            if !is_name(&one.name) {
                return wrong(what("name"), "it has up to 255 letters, digits, hyphens and underscores");
            }
            if self.container_definitions[..at].iter().any(|other| other.name == one.name) {
                return wrong(what("name"), "another container has that name");
            }
            if one.image.is_empty() {
                return wrong(what("image"), "it names no image");
            }
        }
        Ok(self)
    }

    fn kept(self, salt: &Salt) -> Result<TaskDefinition, GivenError> {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let other_fields = [
            ("pidMode", self.pid_mode.is_some()),
            ("ipcMode", self.ipc_mode.is_some()),
            ("proxyConfiguration", self.proxy_configuration.is_some()),
            ("ephemeralStorage", self.ephemeral_storage.is_some()),
            ("runtimePlatform", self.runtime_platform.is_some()),
            ("inferenceAccelerators", self.inference_accelerators.is_some()),
            ("enableFaultInjection", self.enable_fault_injection.is_some()),
        ];
        let platform =
            self.runtime_platform.unwrap_or(Platform { cpu_architecture: None, operating_system_family: None });
        let tags = self.tags.unwrap_or_default();
        Ok(TaskDefinition {
            arn: format!("{GIVEN}{}", self.family),
            family: self.family,
            revision: 0,
            status: None,
            execution_role: filled(self.execution_role_arn),
            task_role: filled(self.task_role_arn),
            network_mode: filled(self.network_mode),
            requires_compatibilities: self.requires_compatibilities.unwrap_or_default(),
            cpu: filled(self.cpu),
            memory: filled(self.memory),
            cpu_architecture: filled(platform.cpu_architecture),
            operating_system: filled(platform.operating_system_family),
            containers: self.container_definitions.into_iter().map(|one| one.kept(salt)).collect(),
            volumes: self.volumes.unwrap_or_default().into_iter().map(GivenVolume::kept).collect(),
            ephemeral_storage: self.ephemeral_storage.map(|storage| storage.size),
            registered_at: None,
            registered_by: None,
            other_fields: other_fields.iter().filter(|(_, is)| *is).map(|(name, _)| (*name).to_owned()).collect(),
            keeper: Keeper::of_tags(
                tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_deref().unwrap_or_default())),
            ),
        })
    }
}

impl Container {
    fn kept(self, salt: &Salt) -> ContainerDefinition {
        let environment = self.environment.unwrap_or_default().into_iter();
        let ports = self.port_mappings.unwrap_or_default();
        ContainerDefinition {
            name: self.name,
            image: self.image,
            essential: self.essential.unwrap_or(true),
            cpu: self.cpu.filter(|cpu| *cpu > 0),
            memory: self.memory,
            memory_reservation: self.memory_reservation,
            repository_credentials: self.repository_credentials.map(|one| one.credentials_parameter),
            secrets: references(self.secrets),
            environment: environment
                .filter_map(|one| Some((one.name?, salt.digest(one.value.as_ref().map_or("", |value| &value.0)))))
                .collect(),
            environment_files: self.environment_files.unwrap_or_default().into_iter().map(|file| file.value).collect(),
            log: self.log_configuration.map(|log| log.kept(salt)),
            command: words(self.command, salt),
            entry_point: words(self.entry_point, salt),
            udp_ports: ports.iter().filter(|port| port.is_udp()).filter_map(|port| port.container_port).collect(),
            ports: ports.iter().filter_map(|port| Some((port.container_port?, port.host_port))).collect(),
            stop_timeout: self.stop_timeout,
            depends_on: self
                .depends_on
                .unwrap_or_default()
                .into_iter()
                .map(|other| (other.container_name, other.condition))
                .collect(),
            has_health_check: self.health_check.is_some(),
            is_log_router: Some(self.firelens_configuration.is_some()),
        }
    }
}

impl Port {
    fn is_udp(&self) -> bool {
        self.protocol.as_deref() == Some("udp")
    }
}

impl Log {
    fn kept(self, salt: &Salt) -> LogConfiguration {
        let mut kept = LogConfiguration {
            driver: self.log_driver,
            secrets: references(self.secret_options),
            ..LogConfiguration::default()
        };
        for (name, value) in self.options.unwrap_or_default() {
            if kept.driver == "awslogs" && SAFE_AWSLOGS.contains(&name.as_str()) {
                kept.options.insert(name, value.0);
            } else {
                kept.hidden.insert(name, salt.digest(&value.0));
            }
        }
        kept
    }
}

impl GivenVolume {
    fn kept(self) -> Volume {
        let efs = self.efs_volume_configuration;
        Volume {
            name: self.name.unwrap_or_default(),
            efs_access_point: efs.as_ref().and_then(|efs| efs.authorization_config.as_ref()?.access_point_id.clone()),
            efs: efs.map(|efs| efs.file_system_id),
        }
    }
}

fn references(all: Option<Vec<Reference>>) -> Vec<SecretReference> {
    let kept = |one: Reference| SecretReference { name: one.name, value_from: one.value_from };
    all.unwrap_or_default().into_iter().map(kept).collect()
}

fn words(words: Option<Vec<Hidden>>, salt: &Salt) -> Option<Digest> {
    let words: Vec<String> = words.unwrap_or_default().into_iter().map(|word| word.0).collect();
    // As Rust prints a list, so that ["a b"] and ["a", "b"] differ.
    (!words.is_empty()).then(|| salt.digest(&format!("{words:?}")))
}

// ------------------------------------------------------------------------------------------------ what is wrong

/// What ECS tells of a revision, and RegisterTaskDefinition does not take.
const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
];

fn explain(error: &serde_json::Error) -> GivenError {
    let text = error.to_string();
    // The place is told by itself.
    let why = text.rsplit_once(" at line ").map_or(text.as_str(), |(why, _)| why);
    let unknown = why.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
    let why = match unknown {
        Some(("taskDefinition", _)) => {
            "this is an answer of describe-task-definition: give what stands under `taskDefinition`, without the fields that ECS \
             adds"
                .to_owned()
        }
        Some((name, _)) if READ_ONLY.contains(&name) => {
            format!("`{name}` is told by ECS, and register-task-definition does not take it: leave it out")
        }
        Some((name, rest)) => {
            let known = rest.split('`').skip(1).step_by(2);
            let near = known.map(|known| (strsim::jaro_winkler(name, known), known)).max_by(|a, b| a.0.total_cmp(&b.0));
            match near.filter(|(likeness, _)| *likeness > 0.85) {
                Some((_, near)) => format!("there is no field `{name}` here; is `{near}` meant?"),
                None => format!("there is no field `{name}` here"),
            }
        }
        None => why.to_owned(),
    };
    GivenError::At { line: error.line(), column: error.column(), why }
}

#[cfg(test)]
mod tests;
