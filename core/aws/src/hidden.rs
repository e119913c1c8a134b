//! What is secret and dropped here: only a digest of it leaves this crate.

use aws_sdk_ecs::types::{
    ContainerOverride, KeyValuePair, LogConfiguration as SdkLog, LogDriver, Secret, TaskOverride,
};
use ecs_why_core::model::ecs::{LogConfiguration, Overrides, SecretReference};
use ecs_why_core::model::{Digest, Salt};
use indexmap::IndexMap;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::LazyLock;

/// One salt a process, kept nowhere: digests can be compared within a run and are worth nothing after it.
static SALT: LazyLock<Salt> = LazyLock::new(|| {
    let random = RandomState::new(); // 128 bits from the system
    let mut bytes = [0; 32];
    for (part, number) in bytes.chunks_exact_mut(8).zip(0_u8..) {
        part.copy_from_slice(&random.hash_one(number).to_ne_bytes());
    }
    Salt::new(bytes)
});

/// Options of `awslogs` that name a place or a way of working.
const SAFE_AWSLOGS: &[&str] =
    &["awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group", "mode", "max-buffer-size"];

/// The digest of a value.
pub(crate) fn digest(value: &str) -> Digest {
    SALT.digest(value)
}

/// The digest of a command; none if there is none.
pub(crate) fn words(words: &[String]) -> Option<Digest> {
    // As Rust prints a list, so that ["a b"] and ["a", "b"] differ.
    (!words.is_empty()).then(|| digest(&format!("{words:?}")))
}

/// Variables by name, each as a digest.
pub(crate) fn environment(pairs: &[KeyValuePair]) -> IndexMap<String, Digest> {
    pairs.iter().filter_map(|pair| Some((pair.name()?.to_owned(), digest(pair.value().unwrap_or_default())))).collect()
}

/// What secrets are called and where they are, which is no secret.
pub(crate) fn references(secrets: &[Secret]) -> Vec<SecretReference> {
    secrets
        .iter()
        .map(|secret| SecretReference { name: secret.name().to_owned(), value_from: secret.value_from().to_owned() })
        .collect()
}

/// A log driver: of `awslogs` what names a place, of all others nothing but digests.
pub(crate) fn log(log: &SdkLog) -> LogConfiguration {
    let mut kept = LogConfiguration {
        driver: log.log_driver().as_str().to_owned(),
        secrets: references(log.secret_options()),
        ..LogConfiguration::default()
    };
    let sorted: BTreeMap<_, _> = log.options().into_iter().flatten().collect();
    for (name, value) in sorted {
        if *log.log_driver() == LogDriver::Awslogs && SAFE_AWSLOGS.contains(&name.as_str()) {
            kept.options.insert(name.clone(), value.clone());
        } else {
            kept.hidden.insert(name.clone(), digest(value));
        }
    }
    kept
}

/// What the caller of RunTask changed. ECS lists every container, also those without a change: these are left out.
pub(crate) fn overrides(overrides: Option<&TaskOverride>) -> Overrides {
    let Some(given) = overrides else { return Overrides::default() };
    let mut containers = IndexMap::new();
    for container in given.container_overrides() {
        let changes = container_changes(container);
        if let (Some(name), false) = (container.name(), changes.is_empty()) {
            containers.insert(name.to_owned(), changes);
        }
    }
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    Overrides {
        execution_role: text(given.execution_role_arn()),
        task_role: text(given.task_role_arn()),
        cpu: text(given.cpu()),
        memory: text(given.memory()),
        containers,
    }
}

/// By field as the API spells it; variables as `environment.NAME`.
fn container_changes(container: &ContainerOverride) -> IndexMap<String, Digest> {
    let mut changes = IndexMap::new();
    changes.extend(words(container.command()).map(|command| ("command".to_owned(), command)));
    let variables = environment(container.environment());
    changes.extend(variables.into_iter().map(|(name, value)| (format!("environment.{name}"), value)));
    let files: Vec<_> = container.environment_files().iter().map(|file| file.value().to_owned()).collect();
    changes.extend(words(&files).map(|files| ("environmentFiles".to_owned(), files)));
    let sizes = [
        ("cpu", container.cpu()),
        ("memory", container.memory()),
        ("memoryReservation", container.memory_reservation()),
    ];
    for (name, size) in sizes {
        changes.extend(size.map(|size| (name.to_owned(), digest(&size.to_string()))));
    }
    changes
}
