//! What a person may name: parsed, and not yet looked up.

use crate::model::Arn;
use crate::model::ecs::NetworkConfiguration;
use serde::{Deserialize, Serialize};

/// What somebody asks about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// One task of a cluster.
    Task {
        /// The cluster's name.
        cluster: String,
        /// The task's id.
        task: String,
        /// Where, if the target says so.
        place: Place,
    },
    /// A service.
    Service {
        /// The cluster's name.
        cluster: String,
        /// The service's name.
        service: String,
        /// Where, if the target says so.
        place: Place,
    },
    /// A revision of a task definition that nobody may run yet, or one that is not registered.
    Definition {
        /// `family:revision`, its ARN, or [`GIVEN`] and the family of one that was given.
        definition: String,
        /// How it would be run.
        placement: Placement,
        /// Where, if the target says so.
        place: Place,
    },
}

/// What stands before the family of a definition that was given: no name and no ARN begins so.
pub const GIVEN: &str = "given/";

/// How a task definition would be run, as far as somebody says so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// The cluster's name.
    pub cluster: Option<String>,
    /// Subnets, groups and public address.
    pub network: Option<NetworkConfiguration>,
    /// `FARGATE`, `EC2` ...
    pub launch_type: Option<String>,
    /// Fargate's platform version.
    pub platform_version: Option<String>,
}

/// The account and region that a target names by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// `aws`, `aws-cn` ...
    pub partition: Option<String>,
    /// As in `us-east-1`.
    pub region: Option<String>,
    /// Twelve digits.
    pub account: Option<String>,
}

/// A target that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing was given.
    #[error(
        "no target was given: name a task (ARN, `cluster/task-id`), a service (`cluster/service`), or paste a console link"
    )]
    Empty,
    /// A task id without its cluster.
    #[error(
        "`{0}` may be a task's id or a service's name: say in which cluster, with `--cluster NAME` or as `NAME/{0}`"
    )]
    NoCluster(String),
    /// An ARN of something else.
    #[error("`{arn}` is the ARN of {what}, not of a task or service")]
    OtherArn {
        /// As typed.
        arn: String,
        /// The kind of thing.
        what: String,
    },
    /// A task definition has no failures of its own.
    #[error(
        "`{0}` is a task definition, and only its tasks fail: name a task or a service, or ask whether it would start with \
         `ecs-why check {0}`"
    )]
    OnlyCheck(String),
    /// A link to something else.
    #[error("`{0}` is no link to an ECS task or service: open the task or service in the console and copy its address")]
    OtherLink(String),
    /// Two clusters were named.
    #[error("the target is in cluster `{target}`, and `--cluster` says `{option}`")]
    TwoClusters {
        /// In the target.
        target: String,
        /// In the option.
        option: String,
    },
    /// None of the forms.
    #[error(
        "`{0}` cannot be read as a target: expected a task's ARN, `cluster/task-id`, `cluster/service`, a service's ARN, \
         or a link to the ECS console"
    )]
    Unreadable(String),
}

impl Target {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// Says what is wrong with it, and what is expected.
    pub fn parse(text: &str, cluster: Option<&str>) -> Result<Target, TargetError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TargetError::Empty);
        }
        let target = if text.starts_with("arn:") {
            from_arn(text)?
        } else if text.starts_with("https://") || text.starts_with("http://") {
            from_link(text)?
        } else {
            from_words(text, cluster)?
        };
        let target = match (target, cluster) {
            (Target::Definition { definition, place, .. }, Some(cluster)) => {
                let placement =
                    Placement { cluster: Some(name_of_cluster(cluster).to_owned()), ..Placement::default() };
                Target::Definition { definition, placement, place }
            }
            (target, _) => target,
        };
        match cluster.map(name_of_cluster) {
            _ if matches!(target, Target::Definition { .. }) => Ok(target),
            Some(option) if option != target.cluster() => {
                Err(TargetError::TwoClusters { target: target.cluster().to_owned(), option: option.to_owned() })
            }
            _ => Ok(target),
        }
    }

    /// The cluster's name.
    pub fn cluster(&self) -> &str {
        match self {
            Target::Task { cluster, .. } | Target::Service { cluster, .. } => cluster,
            // The name that ECS itself takes where none is given.
            Target::Definition { placement, .. } => placement.cluster.as_deref().unwrap_or("default"),
        }
    }

    /// The account and region that it names by itself.
    pub fn place(&self) -> &Place {
        match self {
            Target::Task { place, .. } | Target::Service { place, .. } | Target::Definition { place, .. } => place,
        }
    }

    /// A short name for people.
    pub fn name(&self) -> String {
        match self {
            Target::Task { cluster, task, .. } => format!("{cluster}/{task}"),
            Target::Service { cluster, service, .. } => format!("{cluster}/{service}"),
            Target::Definition { definition, .. } => definition.rsplit('/').next().unwrap_or(definition).to_owned(),
        }
    }

    /// A definition that was given, of this family.
    pub fn given(family: &str) -> Target {
        let definition = format!("{GIVEN}{family}");
        Target::Definition { definition, placement: Placement::default(), place: Place::default() }
    }

    /// A task definition, run like this; anything else as it was.
    pub fn placed(self, placed: Placement) -> Target {
        match self {
            Target::Definition { definition, place, .. } => Target::Definition { definition, placement: placed, place },
            other => other,
        }
    }
}

/// A cluster may be given by its name or its ARN.
fn name_of_cluster(cluster: &str) -> &str {
    cluster.rsplit_once(":cluster/").map_or(cluster, |(_, name)| name)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 255 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// `family:revision`.
fn is_revision(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.len() < 10 && text.chars().all(|c| c.is_ascii_digit());
    text.split_once(':').is_some_and(|(family, revision)| is_name(family) && number(revision))
}

/// Task ids are 32 hexadecimal digits, or a UUID in the old format.
fn is_task_id(text: &str) -> bool {
    let digits = text.chars().filter(|c| *c != '-').count();
    digits == 32 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-') && (text.len() == 32 || text.len() == 36)
}

fn from_arn(text: &str) -> Result<Target, TargetError> {
    let arn: Arn = text.parse().map_err(|_| TargetError::Unreadable(text.to_owned()))?;
    let place = Place {
        partition: Some(arn.partition().to_owned()),
        region: Some(arn.region().to_owned()),
        account: Some(arn.account().to_owned()),
    };
    let parts: Vec<&str> = arn.resource().split('/').collect();
    let unreadable = || TargetError::Unreadable(text.to_owned());
    match (arn.service(), parts.as_slice()) {
        ("ecs", ["task", cluster, task]) if is_name(cluster) && is_task_id(task) => {
            Ok(Target::Task { cluster: (*cluster).to_owned(), task: (*task).to_owned(), place })
        }
        ("ecs", ["container", cluster, task, _]) if is_name(cluster) && is_task_id(task) => {
            Ok(Target::Task { cluster: (*cluster).to_owned(), task: (*task).to_owned(), place })
        }
        ("ecs", ["service", cluster, service]) if is_name(cluster) && is_name(service) => {
            Ok(Target::Service { cluster: (*cluster).to_owned(), service: (*service).to_owned(), place })
        }
        ("ecs", ["task-definition", name]) if is_revision(name) => {
            Ok(Target::Definition { definition: text.to_owned(), placement: Placement::default(), place })
        }
        // The short format of before 2018 leaves the cluster out.
        ("ecs", ["task" | "service", name]) => Err(TargetError::NoCluster((*name).to_owned())),
        ("ecs", ["task" | "service" | "container", ..]) => Err(unreadable()),
        (service, [what, ..]) => {
            Err(TargetError::OtherArn { arn: text.to_owned(), what: format!("a {what} of {service}") })
        }
        _ => Err(unreadable()),
    }
}

/// `https://{region}.console.aws.amazon.com/ecs/v2/clusters/{cluster}/tasks/{task}/...?region={region}` and its like.
fn from_link(text: &str) -> Result<Target, TargetError> {
    let other = || TargetError::OtherLink(text.to_owned());
    let link = url::Url::parse(text).map_err(|_| other())?;
    let host = link.host_str().unwrap_or_default();
    let console = ["console.aws.amazon.com", "console.amazonaws.cn", "console.amazonaws-us-gov.com", "console.aws.eu"]
        .iter()
        .any(|known| host == *known || host.ends_with(&format!(".{known}")));
    if !console {
        return Err(other());
    }
    let region = link
        .query_pairs()
        .find(|(key, _)| key == "region")
        .map(|(_, value)| value.into_owned())
        .or_else(|| host.split_once(".console.").map(|(region, _)| region.to_owned()));
    // The old console keeps the path behind `#/`.
    let fragment = link.fragment().unwrap_or_default();
    let path = format!("{}/{}", link.path(), fragment);
    let parts: Vec<&str> = path.split(['/', '?', '#']).filter(|part| !part.is_empty()).collect();
    let after = |word: &str| parts.iter().position(|part| *part == word).and_then(|at| parts.get(at + 1)).copied();
    let cluster = after("clusters").filter(|name| is_name(name)).ok_or_else(other)?.to_owned();
    let place = Place { partition: None, region, account: None };
    match (after("tasks"), after("services")) {
        (Some(task), _) if is_task_id(task) => Ok(Target::Task { cluster, task: task.to_owned(), place }),
        (_, Some(service)) if is_name(service) => Ok(Target::Service { cluster, service: service.to_owned(), place }),
        _ => Err(other()),
    }
}

fn from_words(text: &str, cluster: Option<&str>) -> Result<Target, TargetError> {
    let place = Place::default();
    match text.split('/').collect::<Vec<_>>().as_slice() {
        [cluster, name] if is_name(cluster) && is_name(name) => Ok(named(cluster, name, place)),
        [name] if is_revision(name) => {
            Ok(Target::Definition { definition: (*name).to_owned(), placement: Placement::default(), place })
        }
        [name] if is_name(name) => match cluster {
            Some(cluster) => Ok(named(name_of_cluster(cluster), name, place)),
            None => Err(TargetError::NoCluster((*name).to_owned())),
        },
        _ => Err(TargetError::Unreadable(text.to_owned())),
    }
}

fn named(cluster: &str, name: &str, place: Place) -> Target {
    let (cluster, name) = (cluster.to_owned(), name.to_owned());
    if is_task_id(&name) {
        Target::Task { cluster, task: name, place }
    } else {
        Target::Service { cluster, service: name, place }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    fn task(region: Option<&str>, account: Option<&str>) -> Target {
        Target::Task {
            cluster: "prod".into(),
            task: ID.into(),
            place: Place {
                partition: account.map(|_| "aws".into()),
                region: region.map(Into::into),
                account: account.map(Into::into),
            },
        }
    }

    #[test]
    fn a_task_may_be_named_in_many_ways() {
        let arn = format!("arn:aws:ecs:eu-west-1:123456789012:task/prod/{ID}");
        assert_eq!(Target::parse(&arn, None), Ok(task(Some("eu-west-1"), Some("123456789012"))));
        assert_eq!(Target::parse(&format!("prod/{ID}"), None), Ok(task(None, None)));
        assert_eq!(Target::parse(&format!(" {ID}\n"), Some("prod")), Ok(task(None, None)));
        let link = format!(
            "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/{ID}/configuration?region=eu-west-1"
        );
        assert_eq!(Target::parse(&link, None), Ok(task(Some("eu-west-1"), None)));
        let nested = format!(
            "https://console.aws.amazon.com/ecs/v2/clusters/prod/services/web/tasks/{ID}?region=eu-west-1&selectedContainer=web"
        );
        assert_eq!(Target::parse(&nested, None), Ok(task(Some("eu-west-1"), None)));
        let old = format!("https://console.aws.amazon.com/ecs/home?region=eu-west-1#/clusters/prod/tasks/{ID}/details");
        assert_eq!(Target::parse(&old, None), Ok(task(Some("eu-west-1"), None)));
    }

    #[test]
    fn a_service_may_be_named_in_many_ways() {
        for text in [
            "prod/payments",
            "arn:aws:ecs:us-east-1:123456789012:service/prod/payments",
            "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/payments/health?region=us-east-1",
        ] {
            let target = Target::parse(text, None).expect(text);
            assert_eq!(target.name(), "prod/payments", "{text}");
        }
    }

    #[test]
    fn a_task_definition_is_named_by_its_revision_and_runs_as_somebody_says() {
        let arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:42";
        let target = Target::parse(arn, None).expect("it is one");
        assert_eq!((target.name().as_str(), target.place().region.as_deref()), ("web:42", Some("eu-west-1")));
        assert_eq!(target.cluster(), "default");
        let in_prod =
            Target::parse("web:42", Some("arn:aws:ecs:eu-west-1:123456789012:cluster/prod")).expect("one, too");
        assert_eq!((in_prod.name().as_str(), in_prod.cluster()), ("web:42", "prod"));
        let fargate = Placement { launch_type: Some("FARGATE".to_owned()), ..Placement::default() };
        let Target::Definition { placement, .. } = in_prod.placed(fargate.clone()) else { panic!("it stays one") };
        assert_eq!(placement, fargate);
        assert_eq!(Target::given("web").name(), "web");
        for wrong in ["web:", "web:latest", ":42", "web:42:1"] {
            assert!(matches!(Target::parse(wrong, None), Err(TargetError::Unreadable(_))), "{wrong}");
        }
    }

    #[test]
    fn what_names_nothing_is_said_so() {
        assert_eq!(Target::parse("", None), Err(TargetError::Empty));
        assert!(matches!(Target::parse("payments", None), Err(TargetError::NoCluster(_))));
        assert!(matches!(Target::parse("arn:aws:s3:::bucket/key", None), Err(TargetError::OtherArn { .. })));
        assert!(matches!(Target::parse("https://example.com/ecs/clusters/a", None), Err(TargetError::OtherLink(_))));
        assert!(matches!(Target::parse("a/b/c", None), Err(TargetError::Unreadable(_))));
        assert!(matches!(Target::parse("prod/web", Some("test")), Err(TargetError::TwoClusters { .. })));
    }
}
