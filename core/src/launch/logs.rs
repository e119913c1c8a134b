//! Log groups that a definition names.

use crate::case::Case;
use crate::model::Unknown;

/// The log group of a container with the driver `awslogs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogUse {
    /// The container.
    pub container: String,
    /// The group's name.
    pub group: String,
    /// Its region.
    pub region: String,
    /// The task may make the group itself.
    pub creates_group: bool,
    /// What the stream's name begins with.
    pub prefix: Option<String>,
}

impl LogUse {
    /// The stream of a task: `{prefix}/{container}/{task id}`.
    pub fn stream(&self, task: &str) -> Option<String> {
        let id = task.rsplit('/').next().unwrap_or(task);
        Some(format!("{}/{}/{id}", self.prefix.as_deref()?, self.container))
    }
}

/// Every log group that the definition names, in its order.
///
/// # Errors
/// When the definition is not known.
pub fn log_uses(case: &Case<'_>) -> Result<Vec<LogUse>, Unknown> {
    let mut uses = vec![];
    for container in &case.definition?.containers {
        let Some(log) = container.log.as_ref().filter(|log| log.driver == "awslogs") else { continue };
        let option = |name: &str| log.options.get(name).cloned();
        let Some(group) = option("awslogs-group") else { continue };
        uses.push(LogUse {
            container: container.name.clone(),
            group,
            region: option("awslogs-region").unwrap_or_else(|| case.region.region.clone()),
            creates_group: option("awslogs-create-group").as_deref() == Some("true"),
            prefix: option("awslogs-stream-prefix"),
        });
    }
    Ok(uses)
}
