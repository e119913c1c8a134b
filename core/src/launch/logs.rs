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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, TASK, app};

    fn uses(options: &[(&str, &str)]) -> Vec<LogUse> {
        let fixture = Fixture::fargate().app(|app| {
            let log = app.log.as_mut().expect("it logs");
            log.options = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        });
        log_uses(&fixture.case()).expect("the definition is known")
    }

    #[test]
    fn a_stream_is_named_after_prefix_container_and_task() {
        let fixture = Fixture::fargate();
        let found = log_uses(&fixture.case()).expect("the definition is known");
        let stream = found[0].stream(TASK);
        assert_eq!(stream.as_deref(), Some("web/app/0123456789abcdef0123456789abcdef"));
        let bare = uses(&[("awslogs-group", "/ecs/web")]);
        assert_eq!(bare[0].stream(TASK), None, "without a prefix it is named after a container that nobody knows");
    }

    #[test]
    fn the_region_is_the_tasks_own_unless_it_is_named() {
        let region = |options: &[(&str, &str)]| uses(options)[0].region.clone();
        assert_eq!(region(&[("awslogs-group", "g")]), "us-east-1");
        assert_eq!(region(&[("awslogs-group", "g"), ("awslogs-region", "eu-west-1")]), "eu-west-1");
    }

    #[test]
    fn only_awslogs_with_a_group_writes_to_one() {
        assert_eq!(uses(&[]), []);
        let firelens = Fixture::fargate().app(|one| {
            let mut log = app().log.expect("it logs");
            log.driver = "awsfirelens".to_owned();
            one.log = Some(log);
        });
        assert_eq!(log_uses(&firelens.case()), Ok(vec![]));
        let creates = |value| uses(&[("awslogs-group", "g"), ("awslogs-create-group", value)])[0].creates_group;
        assert_eq!([creates("true"), creates("false")], [true, false]);
    }
}
