//! Tasks that stopped alike: one of them is diagnosed, and the others are counted.

use crate::diagnosis::stop_of_task;
use crate::model::Moment;
use crate::model::ecs::Task;
use crate::symptom::{self, ContainerStop, Stop};
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Whom tasks belong to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// A service, by its name.
    Service(String),
    /// Tasks of no service (RunTask, schedules, Step Functions): the family of their definition.
    Family(String),
}

impl Owner {
    /// Whose task it is.
    pub fn of(task: &Task) -> Owner {
        match task.group.as_deref().and_then(|group| group.strip_prefix("service:")) {
            Some(service) => Owner::Service(service.to_owned()),
            // A group may be anything that the caller of RunTask likes; the family is what a person looks for.
            None => Owner::Family(family(&task.definition).to_owned()),
        }
    }

    /// The service's name, or the family's.
    pub fn name(&self) -> &str {
        match self {
            Owner::Service(name) | Owner::Family(name) => name,
        }
    }
}

/// `web` of `arn:...:task-definition/web:42`.
fn family(definition: &str) -> &str {
    let name = definition.rsplit('/').next().unwrap_or(definition);
    name.rsplit_once(':').map_or(name, |(family, _)| family)
}

/// Tasks of one owner whose stops differ in nothing that a diagnosis looks at but the time.
#[derive(Debug, Clone)]
pub struct Kin {
    /// The cluster's name.
    pub cluster: String,
    /// Whose they are.
    pub owner: Owner,
    /// How many.
    pub count: u64,
    /// When the first of them stopped (or was made, if it has not stopped).
    pub first: Option<Moment>,
    /// The same of the last.
    pub last: Option<Moment>,
    /// The newest of them, which is diagnosed.
    pub newest: Task,
}

/// When a task stopped; of one that has not, when it was made.
pub fn moment(task: &Task) -> Option<Moment> {
    let times = &task.times;
    match task.last_status.as_str() {
        "STOPPED" => times.stopped.or(times.stopping).or(times.execution_stopped).or(times.created),
        _ => times.stopping.or(times.created),
    }
}

/// How many different stops of one revision of one owner are told apart. Texts that go on varying beyond that vary in
/// something that nobody foresaw; from then on only what the symptom says of its cause is told apart.
const TOLD_APART: usize = 40;

/// All kins of a cluster's tasks: bounded by what differs, and not by how many tasks there are.
#[derive(Debug, Default)]
pub struct Kins {
    kins: Vec<Kin>,
    by_key: HashMap<String, usize>,
    /// By owner, revision and place: the texts that are told apart.
    texts: HashMap<String, HashSet<String>>,
}

impl Kins {
    /// Takes a task in: the place of its kin, and whether that is a new one.
    pub fn take(&mut self, cluster: &str, task: Task) -> (usize, bool) {
        let owner = Owner::of(&task);
        let key = self.key(cluster, &owner, &task);
        let at = moment(&task);
        if let Some(index) = self.by_key.get(&key).copied()
            && let Some(kin) = self.kins.get_mut(index)
        {
            kin.count += 1;
            kin.first = [kin.first, at].into_iter().flatten().min();
            // As the diagnosis of a service chooses: the newest, and of those that stopped at once the greatest id.
            if (at, &task.arn) > (moment(&kin.newest), &kin.newest.arn) {
                kin.newest = task;
            }
            kin.last = [kin.last, at].into_iter().flatten().max();
            return (index, false);
        }
        let index = self.kins.len();
        self.by_key.insert(key, index);
        self.kins.push(Kin { cluster: cluster.to_owned(), owner, count: 1, first: at, last: at, newest: task });
        (index, true)
    }

    /// All of them, in the order in which they were met.
    pub fn all(&self) -> &[Kin] {
        &self.kins
    }

    fn key(&mut self, cluster: &str, owner: &Owner, task: &Task) -> String {
        let place = place(cluster, owner, task);
        let text = text(task);
        let texts = self.texts.entry(place.clone()).or_default();
        let told = if texts.len() < TOLD_APART || texts.contains(&text) {
            texts.insert(text.clone());
            text
        } else {
            symptom::read(&stop_of_task(task, Ok(None))).first().to_string()
        };
        format!("{place}\n{told}")
    }
}

/// All but the text in which stops may differ.
fn place(cluster: &str, owner: &Owner, task: &Task) -> String {
    let deployment = task.started_by.as_deref().filter(|by| by.starts_with("ecs-svc/"));
    let times = &task.times;
    let came = [times.pull_started, times.pull_stopped, times.started].map(|time| time.is_some());
    let stopped = task.last_status == "STOPPED";
    let over = &task.overrides;
    format!(
        "{:?}",
        (
            (cluster, owner, &task.definition, deployment, stopped, &task.stop_code),
            (&task.launch_type, &task.capacity_provider, &task.platform_version, &task.platform_family),
            (task.interface.as_ref().and_then(|one| one.subnet.as_deref()), host(task), came),
            (&over.execution_role, &over.task_role, &over.cpu, &over.memory),
        )
    )
}

/// The container instance, where the cause may be a matter of that one: an application dies by itself.
fn host(task: &Task) -> Option<&str> {
    let ran = task.times.started.is_some() || task.containers.iter().any(|one| one.exit_code.is_some());
    task.container_instance.as_deref().filter(|_| !ran)
}

/// What ECS and the containers say, without what differs from task to task.
fn text(task: &Task) -> String {
    let mut text = plain(task.stopped_reason.as_deref().unwrap_or_default());
    for one in &task.containers {
        let code = one.exit_code.map(|code| code.to_string()).unwrap_or_default();
        let (reason, health) = (plain(one.reason.as_deref().unwrap_or_default()), one.health.as_deref());
        text.push_str(&format!("\n{} {code} {} {reason}", one.name, health.unwrap_or_default()));
    }
    for one in &task.attachments {
        text.push_str(&format!("\n{} {}", one.kind, plain(one.reason.as_deref().unwrap_or_default())));
    }
    text
}

/// What a stop says, without what differs from task to task while the cause stays: those of one owner and revision with the same text need
/// one diagnosis.
pub fn alike(stop: &Stop) -> String {
    let mut text = format!("{} {}", stop.stop_code.as_deref().unwrap_or_default(), reason(stop.reason.as_deref()));
    // Events list containers in any order.
    let mut containers: Vec<String> = stop.containers.iter().map(of_container).collect();
    containers.sort();
    containers.iter().for_each(|one| text.push_str(one));
    text
}

fn of_container(one: &ContainerStop) -> String {
    let code = one.exit_code.map(|code| code.to_string()).unwrap_or_default();
    let (name, health) = (one.name.as_deref().unwrap_or_default(), one.health.as_deref().unwrap_or_default());
    format!("\n{name} {code} {health} {}", reason(one.reason.as_deref()))
}

fn reason(text: Option<&str>) -> String {
    plain(text.unwrap_or_default())
}

/// Ids of requests and tasks, times, addresses and long numbers: what varies while the cause stays.
fn plain(text: &str) -> String {
    static VARIES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            r"|\d{4}-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z| ?[+-]\d\d:?\d\d)?",
            r"|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b",
            r"|\b[0-9a-f]{8,}\b",
            r"|\d{5,}",
            // Retries and durations: `retried 3 time(s)`, `1.25s`.
            r"|\b\d+ time\(?s?\)?|\b\d+(?:\.\d+)?(?:ms|s)\b",
        ))
        .ok()
    });
    VARIES.as_ref().map_or_else(|| text.to_owned(), |varies| varies.replace_all(text, "*").into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ecs::{TaskContainer, TaskTimes};

    fn task(id: &str, reason: &str, minute: i64) -> Task {
        let at = Moment::from_second(1_700_000_000 + minute * 60).ok();
        Task {
            arn: format!("arn:aws:ecs:eu-west-1:111122223333:task/prod/{id}"),
            cluster: "arn:aws:ecs:eu-west-1:111122223333:cluster/prod".into(),
            definition: "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7".into(),
            group: Some("service:web".into()),
            last_status: "STOPPED".into(),
            stopped_reason: Some(reason.into()),
            containers: vec![TaskContainer { name: "app".into(), ..TaskContainer::default() }],
            times: TaskTimes { stopped: at, ..TaskTimes::default() },
            ..crate::triage::tests::a_task()
        }
    }

    #[test]
    fn what_differs_in_ids_times_and_addresses_only_is_akin() {
        let mut kins = Kins::default();
        let said = |id: &str, ip: &str, times: u8| {
            format!(
                "AccessDeniedException: status code: 400, request id: {id}: dial tcp {ip}:443: has been retried {times} time(s)"
            )
        };
        let first = kins.take("prod", task("a", &said("0c9f4a0e-1111-4222-8333-abcdefabcdef", "10.0.0.1", 1), 5));
        let second = kins.take("prod", task("b", &said("1c9f4a0e-1111-4222-8333-abcdefabcdef", "10.9.0.1", 3), 9));
        let third = kins.take("prod", task("c", &said("2c9f4a0e-1111-4222-8333-abcdefabcdef", "10.9.0.7", 7), 1));
        assert_eq!([first, second, third], [(0, true), (0, false), (0, false)]);
        let kin = &kins.all()[0];
        assert_eq!((kin.count, kin.newest.arn.ends_with("/b")), (3, true));
        assert_eq!(kin.last.zip(kin.first).map(|(last, first)| last.as_second() - first.as_second()), Some(480));
    }

    #[test]
    fn another_status_code_image_or_exit_code_is_another_stop() {
        let mut kins = Kins::default();
        kins.take("prod", task("a", "http status 403", 1));
        kins.take("prod", task("b", "http status 404", 1));
        kins.take("prod", task("c", "image web:v1 not found", 1));
        kins.take("prod", task("d", "image web:v2 not found", 1));
        let mut exited = task("e", "Essential container in task exited", 1);
        exited.containers[0].exit_code = Some(137);
        kins.take("prod", exited.clone());
        exited.containers[0].exit_code = Some(1);
        kins.take("prod", exited);
        assert_eq!(kins.all().len(), 6);
    }

    #[test]
    fn texts_that_vary_in_what_nobody_foresaw_stay_bounded() {
        let mut kins = Kins::default();
        for number in 0..500 {
            let word: String = format!("{number}").chars().map(|digit| char::from(b'g' + digit as u8 - b'0')).collect();
            kins.take("prod", task(&word, &format!("CannotPullContainerError: {word} not found"), 1));
        }
        assert!(kins.all().len() <= TOLD_APART + 5, "{}", kins.all().len());
        assert_eq!(kins.all().iter().map(|kin| kin.count).sum::<u64>(), 500);
    }

    #[test]
    fn events_are_alike_whatever_differs_in_ids_and_order() {
        let stop = |id: &str, code: i64, turned: bool| {
            let named = |name: &str, exit_code| ContainerStop {
                name: Some(name.to_owned()),
                exit_code,
                reason: Some(format!("request id: {id}")),
                ..ContainerStop::default()
            };
            let mut containers = vec![named("app", Some(code)), named("proxy", None)];
            if turned {
                containers.reverse();
            }
            alike(&Stop { stop_code: Some("EssentialContainerExited".into()), containers, ..Stop::default() })
        };
        let one = stop("0c9f4a0e-1111-4222-8333-abcdefabcdef", 1, false);
        assert_eq!(one, stop("1c9f4a0e-1111-4222-8333-abcdefabcdef", 1, true));
        assert_ne!(one, stop("0c9f4a0e-1111-4222-8333-abcdefabcdef", 137, false));
    }

    #[test]
    fn tasks_of_no_service_belong_to_their_family() {
        let mut task = task("a", "", 1);
        task.group = Some("nightly batch".into());
        assert_eq!(Owner::of(&task), Owner::Family("web".into()));
    }
}
