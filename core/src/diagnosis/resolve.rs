//! From a target to a case: which task, which revision, which network, which symptom.

mod absent;
mod definition;
mod recorded;
mod service;
mod stop;
mod task;

pub(crate) use service::is_failure;
pub(crate) use stop::stop_of_task;

use crate::case::{Case, LaunchType, Region};
use crate::diagnosis::Wish;
use crate::error::Error;
use crate::evidence::{Facts, GapReason, Question};
use crate::model::ecs::{Cluster, Deployment, NetworkConfiguration, Service, Task, TaskDefinition};
use crate::model::{Arn, Moment, Unknown};
use crate::symptom::{self, Stop, Symptom};
use crate::target::{Target, TargetError};

/// Why there is no case yet, or will never be.
pub enum Halt {
    /// Something that everything depends on is not known.
    Unknown,
    /// There is nothing to report on.
    Error(Error),
    /// All that is left of the task is that it is gone.
    Forgotten(Box<Forgotten>),
}

/// A task that ECS does not know any more, and of which nobody kept how it ended.
#[derive(Debug)]
pub struct Forgotten {
    /// Where.
    pub region: Region,
    /// Its cluster.
    pub cluster: String,
    /// Its id.
    pub task: String,
    /// Log groups in which its events were looked for.
    pub searched: Vec<String>,
    /// The cluster's event capture is known to be off.
    pub uncaptured: bool,
    /// The last that was recorded of it: its status, and when.
    pub last: Option<(String, Moment)>,
    /// Services of the cluster.
    pub services: Vec<String>,
}

impl From<Unknown> for Halt {
    fn from(_: Unknown) -> Self {
        Halt::Unknown
    }
}

type Resolved<'e> = Result<Case<'e>, Halt>;

/// How many stopped tasks of a service are read, and how many running ones.
pub(crate) const TASKS_READ: usize = 100;

/// The case of a wish.
pub fn resolve<'e>(wish: &'e Wish, region: &str, now: Moment, facts: &Facts<'e>) -> Resolved<'e> {
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
        Target::Definition { definition, .. } if !wish.check => {
            let name = definition.rsplit('/').next().unwrap_or(definition).to_owned();
            Err(Halt::Error(Error::Target(TargetError::OnlyCheck(name))))
        }
        Target::Definition { definition, placement, .. } => {
            let (place, found) = (place(wish, region, facts), facts.task_definition(definition));
            let in_cluster = placement.cluster.as_deref().map(|cluster| facts.cluster(cluster));
            let resolver = Resolver { wish, now, facts, cluster: wish.target.cluster(), region: place? };
            let gone = |cluster: Option<&Cluster>| cluster.is_none_or(|cluster| cluster.status == "INACTIVE");
            // A cluster that cannot be read is no reason not to look at the rest.
            if let Some(Ok(cluster)) = in_cluster
                && gone(cluster)
            {
                return Err(resolver.no_cluster()?);
            }
            found?;
            resolver.definition(definition, placement)
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
    /// Fargate's platform version, where it is not the task's.
    platform: Option<&'e str>,
    symptom: Option<Stop>,
    runs: bool,
    notes: Vec<String>,
}

impl<'e> Resolver<'_, 'e> {
    fn place(&self) -> String {
        format!("account {}, {}", self.region.account, self.region.region)
    }

    // ---------------------------------------------------------------- the case

    fn case(&self, chosen: Chosen<'e>) -> Resolved<'e> {
        let Chosen { service, deployment, task, definition, network, launch_type, platform, symptom, runs, notes } =
            chosen;
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
        let launch = launch(launch_type, task, definition_known, platform);
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
            platform_in_question: self.wish.check && self.siblings_are_settled()
                || symptom.as_ref().is_some_and(Symptom::points_to_platform),
            symptom,
            siblings,
            runs,
            now: self.now,
            notes,
        })
    }

    /// Nothing that would tell of siblings is still to be asked: one that runs the image spares the pull of its manifest.
    fn siblings_are_settled(&self) -> bool {
        let missing = self.facts.missing();
        !missing.iter().any(|one| matches!(one, Question::RunningTasks { .. } | Question::Task { .. }))
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
}

fn launch(
    launch_type: Option<&str>,
    task: Option<&Task>,
    definition: Result<&TaskDefinition, Unknown>,
    platform: Option<&str>,
) -> LaunchType {
    let provider = task.and_then(|task| task.capacity_provider.as_deref()).unwrap_or_default();
    let version = task.and_then(|task| task.platform_version.as_deref()).or(platform).unwrap_or("LATEST");
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

#[cfg(test)]
mod tests;
