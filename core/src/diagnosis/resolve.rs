//! From a target to a case: which task, which revision, which network, which symptom.

use crate::case::{Case, LaunchType, Region};
use crate::diagnosis::Wish;
use crate::error::Error;
use crate::evidence::{Facts, GapReason};
use crate::image::nearest;
use crate::model::ecs::{Deployment, NetworkConfiguration, Service, Task, TaskDefinition};
use crate::model::{Arn, Moment, Unknown};
use crate::symptom::{self, ContainerStop, Field, Launch, Stop, Symptom};
use crate::target::Target;

/// Why there is no case yet, or will never be.
pub enum Halt {
    /// Something that everything depends on is not known.
    Unknown,
    /// There is nothing to report on.
    Error(Error),
}

impl From<Unknown> for Halt {
    fn from(_: Unknown) -> Self {
        Halt::Unknown
    }
}

type Resolved<'e> = Result<Case<'e>, Halt>;

/// How many services are searched for an event that mentions a task which ECS has forgotten.
const SERVICES_SEARCHED: usize = 50;
/// How many stopped tasks of a service are read, and how many running ones.
const TASKS_READ: usize = 100;

/// The case of a wish.
pub fn resolve<'e>(wish: &Wish, region: &str, now: Moment, facts: &Facts<'e>) -> Resolved<'e> {
    match &wish.target {
        Target::Task { cluster, task, .. } => {
            let (place, found) = (place(wish, region, facts), facts.task(cluster, task));
            let resolver = Resolver { wish, now, facts, cluster, region: place? };
            match found? {
                Some(task) => resolver.task(task),
                None => resolver.forgotten(task),
            }
        }
        Target::Service { cluster, service, .. } => {
            let (place, found) = (place(wish, region, facts), facts.service(cluster, service));
            if !wish.check {
                let _ = (facts.stopped_tasks(cluster, service), facts.running_tasks(cluster, service));
            }
            let resolver = Resolver { wish, now, facts, cluster, region: place? };
            match found? {
                Some(found) if found.status != "INACTIVE" => resolver.service(found),
                _ => Err(resolver.no_service(service)?),
            }
        }
    }
}

/// The account is compared before anything is said: what other credentials read would be about something else.
fn place(wish: &Wish, region: &str, facts: &Facts<'_>) -> Result<Region, Halt> {
    let target = wish.target.place();
    let identity = match (facts.identity(), &target.account) {
        (Ok(identity), _) => identity,
        // Never denied by AWS; where it is not answered, the target's own word counts.
        (Err(_), Some(_)) if !facts.missing().contains(&crate::evidence::Question::Identity {}) => None,
        (Err(unknown), _) => return Err(unknown.into()),
    };
    let have = identity.map(|identity| identity.account.clone());
    let account = match (&target.account, have) {
        (Some(wanted), Some(have)) if *wanted != have => {
            let principal = identity.map(|identity| identity.arn.clone()).unwrap_or_default();
            return Err(Halt::Error(Error::OtherAccount { wanted: wanted.clone(), have, principal }));
        }
        (Some(account), _) => account.clone(),
        (None, Some(account)) => account,
        (None, None) => return Err(Halt::Unknown),
    };
    let told = identity.and_then(|identity| identity.arn.parse::<Arn>().ok()).map(|arn| arn.partition().to_owned());
    let partition = target.partition.clone().or(told).unwrap_or_else(|| "aws".to_owned());
    Ok(Region { partition, region: target.region.clone().unwrap_or_else(|| region.to_owned()), account })
}

struct Resolver<'r, 'e> {
    wish: &'r Wish,
    now: Moment,
    facts: &'r Facts<'e>,
    cluster: &'r str,
    region: Region,
}

/// What a case is made of, once the task or deployment is chosen.
struct Chosen<'e> {
    service: Result<Option<&'e Service>, Unknown>,
    deployment: Option<&'e Deployment>,
    task: Option<&'e Task>,
    definition: &'e str,
    network: Result<&'e NetworkConfiguration, Unknown>,
    launch_type: Option<&'e str>,
    symptom: Option<Stop>,
    runs: bool,
    notes: Vec<String>,
}

impl<'e> Resolver<'_, 'e> {
    fn place(&self) -> String {
        format!("account {}, {}", self.region.account, self.region.region)
    }

    // ---------------------------------------------------------------- a task

    fn task(&self, task: &'e Task) -> Resolved<'e> {
        let name = task.group.as_deref().and_then(|group| group.strip_prefix("service:"));
        let _ = facts_of_task(self.facts, task);
        let service = match name {
            Some(name) => {
                let _ = self.facts.running_tasks(self.cluster, name);
                self.facts.service(self.cluster, name)
            }
            None => Ok(None),
        };
        let own = |service: &'e Service| {
            service.deployments.iter().find(|one| Some(one.id.as_str()) == task.started_by.as_deref())
        };
        let deployment = service.map_or(None, |service| service.and_then(own));
        let network = match (service, deployment, name) {
            (Err(unknown), _, _) => Err(unknown),
            (_, Some(Deployment { network: Some(network), .. }), _) => Ok(network),
            (Ok(Some(_)), None, Some(name)) => self.old_network(task, name),
            _ => Err(self.forgotten_network(task)),
        };
        let stopped = task.last_status == "STOPPED" || task.stop_code.is_some();
        self.case(Chosen {
            service,
            deployment,
            task: Some(task),
            definition: &task.definition,
            network,
            launch_type: task.launch_type.as_deref(),
            symptom: stopped.then(|| stop_of_task(task, self.facts.task_definition(&task.definition))),
            runs: task.last_status == "RUNNING" && !stopped,
            notes: vec![],
        })
    }

    /// A deployment that the service no longer lists is kept for longer by its revision.
    fn old_network(&self, task: &Task, service: &str) -> Result<&'e NetworkConfiguration, Unknown> {
        let deployments = self.facts.service_deployments(self.cluster, service)?.map_or(&[][..], Vec::as_slice);
        let number = task.started_by.as_deref().and_then(|id| id.rsplit('/').next()).unwrap_or_default();
        let by_id = deployments.iter().find(|one| !number.is_empty() && one.arn.ends_with(number));
        // The newest that was there when the task was made.
        let by_time = || {
            deployments
                .iter()
                .filter(|one| one.created.is_some() && one.created <= task.times.created)
                .max_by_key(|one| one.created)
        };
        let revision = by_id.or_else(by_time).and_then(|one| one.revision.as_deref());
        let Some(revision) = revision else { return Err(self.forgotten_network(task)) };
        match self.facts.service_revision(revision)? {
            Some(found) if found.definition == task.definition => {
                found.network.as_ref().ok_or_else(|| self.forgotten_network(task))
            }
            _ => Err(self.forgotten_network(task)),
        }
    }

    fn forgotten_network(&self, task: &Task) -> Unknown {
        if task.last_status != "STOPPED" {
            // Its interface tells, while it is there.
            return Unknown::new();
        }
        self.facts.lacks(
            "ec2:DescribeNetworkInterfaces",
            GapReason::Expired,
            "a stopped task of no service, or of a deployment that is gone, keeps neither its security groups nor its public address",
        )
    }

    /// ECS has forgotten the task: a service whose events mention it is what is left.
    fn forgotten(&self, task: &str) -> Resolved<'e> {
        let (cluster, names) = (self.facts.cluster(self.cluster), self.facts.services(self.cluster));
        if cluster?.is_none_or(|cluster| cluster.status == "INACTIVE") {
            return Err(self.no_cluster()?);
        }
        let names = names?.map_or(&[][..], Vec::as_slice);
        let searched: Vec<_> =
            names.iter().take(SERVICES_SEARCHED).map(|name| self.facts.service(self.cluster, name)).collect();
        for service in searched {
            let Some(service) = service? else { continue };
            if let Some(event) = service.events.iter().find(|event| event.message.contains(task)) {
                let mut case = self.service(service)?;
                case.notes.push(format!(
                    "ECS has forgotten task {task}; an event of service {} mentions it ({:.0}), so this is about the service",
                    service.name, event.at
                ));
                return Ok(case);
            }
        }
        let near = names.iter().take(5).map(|name| format!("service `{name}`")).collect();
        let (cluster, place) = (self.cluster.to_owned(), self.place());
        Err(Halt::Error(Error::NoSuchTask { task: task.to_owned(), cluster, place, near }))
    }

    // ---------------------------------------------------------------- a service

    fn service(&self, service: &'e Service) -> Resolved<'e> {
        let primary = service.deployments.iter().find(|one| one.status == "PRIMARY").or(service.deployments.first());
        if let Some(primary) = primary {
            let _ = self.facts.task_definition(&primary.definition);
            for subnet in primary.network.iter().flat_map(|network| &network.subnets) {
                let _ = self.facts.subnet(subnet);
            }
        }
        if self.wish.check {
            return self.deployment(service, primary, None, false);
        }
        let stopped = self.facts.stopped_tasks(self.cluster, &service.name);
        let read: Vec<_> = stopped
            .iter()
            .flat_map(|ids| ids.iter().flat_map(|ids| ids.iter()))
            .take(TASKS_READ)
            .map(|id| self.facts.task(self.cluster, id))
            .collect();
        stopped?;
        let mut failed: Vec<&Task> = vec![];
        for task in read {
            failed.extend(task?.filter(|task| is_failure(task)));
        }
        failed.sort_by_key(|task| std::cmp::Reverse((task.times.stopped.or(task.times.stopping), task.arn.clone())));
        match failing(service, primary, &failed) {
            Failing::Task(task) => self.task(task),
            Failing::Deployment(deployment) => {
                let event = telling_event(service, deployment);
                if event.is_none()
                    && let Some(waiting) = self.waiting(service, deployment)?
                {
                    return self.task(waiting);
                }
                let runs = event.is_none() && deployment.running >= deployment.desired;
                self.deployment(service, Some(deployment), event, runs)
            }
            Failing::Nothing => self.deployment(service, primary, None, true),
        }
    }

    /// The task of a deployment that has been on its way for the longest time.
    fn waiting(&self, service: &Service, deployment: &Deployment) -> Result<Option<&'e Task>, Unknown> {
        let ids = self.facts.running_tasks(self.cluster, &service.name)?.map_or(&[][..], Vec::as_slice);
        let read: Vec<_> = ids.iter().take(TASKS_READ).map(|id| self.facts.task(self.cluster, id)).collect();
        let mut waiting = vec![];
        for task in read {
            let its = |task: &&Task| task.started_by.as_deref() == Some(deployment.id.as_str());
            waiting.extend(task?.filter(|task| task.last_status != "RUNNING").filter(its));
        }
        Ok(waiting.into_iter().min_by_key(|task| (task.times.created, task.arn.clone())))
    }

    fn deployment(
        &self,
        service: &'e Service,
        deployment: Option<&'e Deployment>,
        symptom: Option<Stop>,
        runs: bool,
    ) -> Resolved<'e> {
        let network = deployment.and_then(|one| one.network.as_ref()).or(service.network.as_ref());
        let launch_type = deployment.and_then(|one| one.launch_type.as_deref()).or(service.launch_type.as_deref());
        if !runs {
            let _ = self.facts.running_tasks(self.cluster, &service.name);
        }
        self.case(Chosen {
            service: Ok(Some(service)),
            deployment,
            task: None,
            definition: deployment.map_or(&service.definition, |one| &one.definition),
            network: network.ok_or_else(Unknown::new),
            launch_type,
            symptom,
            runs,
            notes: vec![],
        })
    }

    // ---------------------------------------------------------------- the case

    fn case(&self, chosen: Chosen<'e>) -> Resolved<'e> {
        let Chosen { service, deployment, task, definition, network, launch_type, symptom, runs, notes } = chosen;
        let found = self.facts.task_definition(definition);
        if let Ok(None) = found
            && self.wish.check
        {
            let (definition, place) = (definition.to_owned(), self.place());
            return Err(Halt::Error(Error::NoSuchTaskDefinition { definition, place }));
        }
        let definition_known = found.and_then(|found| {
            let gone = || {
                self.facts.lacks(
                    "ecs:DescribeTaskDefinition",
                    GapReason::Expired,
                    "the revision does not exist any more",
                )
            };
            found.ok_or_else(gone)
        });
        let own = task.and_then(|task| task.interface.as_ref()).and_then(|interface| interface.subnet.clone());
        let subnets = match own {
            Some(subnet) => Ok(vec![subnet]),
            None => network.map(|network| network.subnets.clone()),
        };
        for subnet in subnets.iter().flatten() {
            let _ = self.facts.subnet(subnet);
        }
        for group in network.iter().flat_map(|network| &network.security_groups) {
            let _ = self.facts.security_group(group);
        }
        // A fix may go back to what ran before: that is asked along, and not after the verdict.
        for other in service.ok().flatten().iter().flat_map(|service| &service.deployments).filter(|_| !runs) {
            let _ = self.facts.task_definition(&other.definition);
        }
        let siblings = match service {
            Ok(Some(service)) => self.siblings(service, task)?,
            _ => vec![],
        };
        let launch = launch(launch_type, task, definition_known);
        let mut container_instances: Vec<String> =
            task.and_then(|task| task.container_instance.clone()).into_iter().collect();
        if container_instances.is_empty() && launch == LaunchType::Instance {
            container_instances = siblings.iter().filter_map(|task| task.container_instance.clone()).collect();
            container_instances.sort();
            container_instances.dedup();
            container_instances.truncate(5);
        }
        let symptom: Option<Symptom> = if self.wish.check { None } else { symptom.as_ref().map(symptom::read) };
        Ok(Case {
            region: self.region.clone(),
            cluster: self.cluster.to_owned(),
            service: service.unwrap_or_default(),
            service_known: service.map(|_| ()),
            deployment,
            task: if self.wish.check { None } else { task },
            definition: definition_known,
            definition_arn: Some(definition.to_owned()),
            launch,
            launch_type: launch_type.map(str::to_owned).or_else(|| match launch {
                LaunchType::Fargate | LaunchType::FargateOld => Some("FARGATE".to_owned()),
                LaunchType::Instance => Some("EC2".to_owned()),
                LaunchType::Elsewhere => None,
            }),
            container_instances,
            subnets,
            network,
            symptom,
            siblings,
            runs,
            now: self.now,
            notes,
        })
    }

    /// Tasks of the service that run: witnesses that what they share with the failed one is sound.
    fn siblings(&self, service: &'e Service, task: Option<&'e Task>) -> Result<Vec<&'e Task>, Halt> {
        let asked = task.is_some() || self.wish.check;
        if !asked && service.running == 0 {
            return Ok(vec![]);
        }
        let Ok(running) = self.facts.running_tasks(self.cluster, &service.name) else { return Ok(vec![]) };
        let ids = running.map_or(&[][..], Vec::as_slice);
        let read: Vec<_> = ids.iter().take(TASKS_READ).map(|id| self.facts.task(self.cluster, id)).collect();
        let mut found: Vec<&Task> = read
            .into_iter()
            .filter_map(|task| task.unwrap_or_default())
            .filter(|task| task.last_status == "RUNNING")
            .collect();
        found.sort_by(|a, b| a.arn.cmp(&b.arn));
        Ok(found)
    }

    // ---------------------------------------------------------------- nothing found

    fn no_cluster(&self) -> Result<Halt, Unknown> {
        let all = self.facts.clusters()?.map_or(&[][..], Vec::as_slice);
        let near = quoted(&nearest(self.cluster, all.iter().map(String::as_str), 3), all);
        Ok(Halt::Error(Error::NoSuchCluster { cluster: self.cluster.to_owned(), place: self.place(), near }))
    }

    fn no_service(&self, service: &str) -> Result<Halt, Unknown> {
        let (cluster, names) = (self.facts.cluster(self.cluster), self.facts.services(self.cluster));
        if cluster?.is_none_or(|cluster| cluster.status == "INACTIVE") {
            return self.no_cluster();
        }
        let all = names?.map_or(&[][..], Vec::as_slice);
        let near = quoted(&nearest(service, all.iter().map(String::as_str), 3), all);
        let (cluster, place) = (self.cluster.to_owned(), self.place());
        Ok(Halt::Error(Error::NoSuchService { service: service.to_owned(), cluster, place, near }))
    }
}

/// Names that are like the one typed, or the first few there are.
fn quoted(near: &[&str], all: &[String]) -> Vec<String> {
    let names: Vec<&str> =
        if near.is_empty() { all.iter().take(5).map(String::as_str).collect() } else { near.to_vec() };
    names.into_iter().map(|name| format!("`{name}`")).collect()
}

/// What a task names by itself is asked along with its service.
fn facts_of_task(facts: &Facts<'_>, task: &Task) -> Result<(), Unknown> {
    let definition = facts.task_definition(&task.definition);
    if let Some(subnet) = task.interface.as_ref().and_then(|one| one.subnet.as_deref()) {
        let _ = facts.subnet(subnet);
    }
    if let (Some(instance), Some(cluster)) = (task.container_instance.as_deref(), task.cluster.rsplit('/').next()) {
        let _ = facts.container_instance(cluster, instance);
    }
    definition.map(|_| ())
}

fn launch(launch_type: Option<&str>, task: Option<&Task>, definition: Result<&TaskDefinition, Unknown>) -> LaunchType {
    let provider = task.and_then(|task| task.capacity_provider.as_deref()).unwrap_or_default();
    let version = task.and_then(|task| task.platform_version.as_deref()).unwrap_or("LATEST");
    let windows = task.and_then(|task| task.platform_family.as_deref()).is_some_and(|one| one.starts_with("Windows"));
    let old = !windows && ["1.0", "1.1", "1.2", "1.3"].iter().any(|old| version.starts_with(old));
    let compatible = definition.is_ok_and(|one| one.requires_compatibilities.iter().any(|kind| kind == "FARGATE"));
    match launch_type {
        Some("FARGATE") if old => LaunchType::FargateOld,
        Some("FARGATE") => LaunchType::Fargate,
        Some("EC2" | "MANAGED_INSTANCES") => LaunchType::Instance,
        Some(_) => LaunchType::Elsewhere,
        None if provider.starts_with("FARGATE") => LaunchType::Fargate,
        None if task.is_some_and(|task| task.container_instance.is_some()) => LaunchType::Instance,
        None if compatible => LaunchType::Fargate,
        None => LaunchType::Instance,
    }
}

/// A stop that nobody asked for.
fn is_failure(task: &Task) -> bool {
    match task.stop_code.as_deref() {
        Some("TaskFailedToStart") => true,
        Some("EssentialContainerExited") => true,
        Some("ServiceSchedulerInitiated") => {
            task.stopped_reason.as_deref().is_some_and(|reason| reason.to_lowercase().contains("health check"))
        }
        _ => false,
    }
}

enum Failing<'e> {
    Task(&'e Task),
    Deployment(&'e Deployment),
    Nothing,
}

/// The newest failed task of the failing deployment, or that deployment where no task of it was placed.
fn failing<'e>(service: &'e Service, primary: Option<&'e Deployment>, failed: &[&'e Task]) -> Failing<'e> {
    let of = |deployment: &Deployment| {
        failed.iter().copied().find(|task| task.started_by.as_deref() == Some(deployment.id.as_str()))
    };
    let Some(primary) = primary else { return Failing::Nothing };
    let done = primary.rollout.as_deref().is_none_or(|rollout| rollout == "COMPLETED");
    let steady = done && primary.running >= primary.desired;
    // After its last steady state, a failure of the current deployment is news.
    let quiet =
        service.events.iter().find(|event| event.message.contains("has reached a steady state")).map(|one| one.at);
    if let Some(task) = of(primary)
        && (!steady || quiet.is_none_or(|quiet| task.times.stopped.is_some_and(|stopped| stopped > quiet)))
    {
        return Failing::Task(task);
    }
    if !steady {
        return Failing::Deployment(primary);
    }
    // A roll-back made the deployment before current again: what failed is the one that was rolled back.
    let rolled_back = primary.rollout_reason.as_deref().is_some_and(|reason| reason.contains("rolling back"));
    let broken = service.deployments.iter().filter(|one| one.rollout.as_deref() == Some("FAILED") && rolled_back);
    broken.max_by_key(|one| one.created).and_then(of).map_or(Failing::Nothing, Failing::Task)
}

/// The newest event since the deployment began that tells of a failure.
fn telling_event(service: &Service, deployment: &Deployment) -> Option<Stop> {
    let since = |at: Moment| deployment.created.is_none_or(|created| at >= created);
    service.events.iter().filter(|event| since(event.at)).find_map(|event| {
        let stop = symptom::message(&event.message, Some(Field::ServiceEvent), None, None, None);
        let read = symptom::read(&stop);
        let first = read.first();
        let telling = first != crate::model::CauseId::Unknown && !super::outcome::is_deliberate(first);
        telling.then_some(stop)
    })
}

/// The stop of a task, for reading.
fn stop_of_task(task: &Task, definition: Result<Option<&TaskDefinition>, Unknown>) -> Stop {
    let essential = |name: &str| {
        let known = definition.ok()??.containers.iter().find(|one| one.name == name)?;
        Some(known.essential)
    };
    let times = &task.times;
    Stop {
        stop_code: task.stop_code.clone(),
        reason: task.stopped_reason.clone(),
        containers: task
            .containers
            .iter()
            .map(|container| ContainerStop {
                name: Some(container.name.clone()),
                essential: essential(&container.name),
                reason: container.reason.clone(),
                exit_code: container.exit_code,
                health: container.health.clone(),
                image: container.image.clone(),
                image_digest: container.digest.clone(),
            })
            .collect(),
        launch: match task.launch_type.as_deref() {
            Some("FARGATE") => Some(Launch::Fargate),
            Some("EC2") => Some(Launch::Ec2),
            Some("EXTERNAL") => Some(Launch::External),
            _ => None,
        },
        field: None,
        created: times.created,
        pull_started: times.pull_started,
        pull_stopped: times.pull_stopped,
        started: times.started,
        stopping: times.stopping,
        stopped: times.stopped,
        execution_stopped: times.execution_stopped,
        known: indexmap::IndexMap::new(),
    }
}

#[cfg(test)]
mod tests;
