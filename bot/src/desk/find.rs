//! What a name means, within what a place may ask about. What is outside of that is not looked for, and not told from what is not there.

use super::asked::Spot;
use super::names::Names;
use crate::allow::Scope;
use crate::source::{Source, Trouble};
use crate::words::Named;
use ecs_why_core::image::nearest;
use ecs_why_core::model::Arn;
use ecs_why_core::target::{Place, Target, TargetError};
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::Duration;

/// One thing, in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Account and region.
    pub spot: Spot,
    /// The task or service.
    pub target: Target,
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// It can mean nothing else.
    One(Candidate),
    /// It means one of these.
    Many(Vec<Candidate>),
    /// Nothing has that name; these services (`cluster/service`) have one like it.
    Near(Vec<String>),
}

/// In how many clusters of a spot the beginning of a task's id is looked for.
const CLUSTERS_ASKED: usize = 20;
/// How many may be meant.
const MOST: usize = 10;

/// Looks for what is meant.
pub struct Finder<'f> {
    /// Where answers come from.
    pub source: &'f dyn Source,
    /// The names that are known.
    pub names: &'f Arc<Names>,
    /// What may be asked about.
    pub scope: &'f Arc<Scope>,
}

impl Finder<'_> {
    /// What is meant.
    ///
    /// # Errors
    /// When nothing is meant that can be asked about, or it may not be asked about here.
    pub async fn find(&self, named: &Named) -> Result<Found, Trouble> {
        let spots = self.spots(named.account.as_deref(), named.region.as_deref()).await?;
        match Target::parse(&named.name, named.cluster.as_deref()) {
            Ok(Target::Definition { definition, .. }) => Err(TargetError::OnlyCheck(short(&definition)).into()),
            Ok(target) => {
                let place = target.place().clone();
                let spots = self.narrow(spots, place.account.as_deref(), place.region.as_deref()).await?;
                self.in_a_cluster(spots, target).await
            }
            Err(TargetError::NoCluster(name)) => {
                // The old form of an ARN names no cluster, and still account and region.
                let arn: Option<Arn> = named.name.trim().parse().ok();
                let of = |part: fn(&Arn) -> &str| arn.as_ref().map(part).filter(|part| !part.is_empty());
                let spots = self.narrow(spots, of(Arn::account), of(Arn::region)).await?;
                self.bare(spots, &name).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Where it may be, by what is named beside it.
    ///
    /// # Errors
    /// When that may not be asked about.
    pub async fn spots(&self, account: Option<&str>, region: Option<&str>) -> Result<Vec<Spot>, Trouble> {
        let of_account = |spot: &&Spot| account.is_none() || spot.account.as_deref() == account;
        let spots: Vec<Spot> = self.scope.spots.iter().filter(of_account).cloned().collect();
        self.narrow(spots, None, region).await
    }

    /// Those that are in this account and region, as far as that is known.
    async fn narrow(
        &self,
        spots: Vec<Spot>,
        account: Option<&str>,
        region: Option<&str>,
    ) -> Result<Vec<Spot>, Trouble> {
        let mut left = vec![];
        for spot in spots {
            let agrees = |wanted: Option<&str>, has: Option<String>| {
                wanted.is_none() || has.is_none() || has.as_deref() == wanted
            };
            // The engine looks at the account once more; the region is where it is asked.
            let here = (region.is_none() || agrees(region, self.source.region(&spot).await))
                && (account.is_none() || agrees(account, self.source.account_id(&spot).await));
            if here {
                left.push(spot);
            }
        }
        if left.is_empty() { Err(Trouble::outside()) } else { Ok(left) }
    }

    async fn in_a_cluster(&self, spots: Vec<Spot>, target: Target) -> Result<Found, Trouble> {
        let cluster = target.cluster().to_owned();
        if !self.scope.clusters.have(&cluster) {
            return Err(Trouble::outside());
        }
        if let Target::Service { service, .. } = &target
            && is_begin_of_task(service)
        {
            let found = self.begins(&spots, service, Some(&cluster)).await;
            if !found.is_empty() {
                return Ok(of_many(found));
            }
        }
        if let [only] = spots.as_slice() {
            return Ok(Found::One(Candidate { spot: only.clone(), target }));
        }
        let name = match &target {
            Target::Task { task, .. } => task.clone(),
            Target::Service { service, .. } => service.clone(),
            Target::Definition { definition, .. } => definition.clone(),
        };
        let (found, failed) = self.having(&spots, &name, |one| one == cluster).await;
        match (found.is_empty(), failed) {
            (true, Some(trouble)) => Err(trouble),
            (true, None) => Ok(Found::Near(self.near(&target.name()).await)),
            (false, _) => Ok(of_many(found)),
        }
    }

    async fn bare(&self, spots: Vec<Spot>, name: &str) -> Result<Found, Trouble> {
        let (mut found, failed) = self.having(&spots, name, |_| true).await;
        if found.is_empty() && is_begin_of_task(name) {
            found = self.begins(&spots, name, None).await;
        }
        match (found.is_empty(), failed) {
            (true, Some(trouble)) => Err(trouble),
            (true, None) => Ok(Found::Near(self.near(name).await)),
            (false, _) => Ok(of_many(found)),
        }
    }

    /// What has exactly this name, in the clusters that may be asked about; and what was in the way.
    async fn having(
        &self,
        spots: &[Spot],
        name: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> (Vec<Candidate>, Option<Trouble>) {
        let asked = spots.iter().map(|spot| async move { (spot, self.source.clusters_with(spot, name).await) });
        let (mut found, mut failed) = (vec![], None);
        for (spot, clusters) in join_all(asked).await {
            match clusters {
                Ok(clusters) => {
                    let allowed = clusters.iter().filter(|one| self.scope.clusters.have(one) && wanted(one));
                    found.extend(allowed.filter_map(|cluster| {
                        Some(Candidate { spot: spot.clone(), target: Target::parse(name, Some(cluster)).ok()? })
                    }));
                }
                Err(trouble) => failed = Some(trouble),
            }
        }
        (found, failed)
    }

    /// Stopped tasks whose ids begin so.
    async fn begins(&self, spots: &[Spot], id: &str, cluster: Option<&str>) -> Vec<Candidate> {
        let mut found = vec![];
        for spot in spots {
            let clusters = match cluster {
                Some(cluster) => vec![cluster.to_owned()],
                None => self.names.clusters(spot, self.scope).await,
            };
            let asked = clusters.into_iter().take(CLUSTERS_ASKED).map(|cluster| async move {
                // A cluster that cannot be listed hides what may be in it: a whole id or a service finds it still.
                let tasks = self.source.stopped_tasks(spot, &cluster).await.unwrap_or_default();
                (cluster, tasks)
            });
            for (cluster, tasks) in join_all(asked).await {
                let mine = tasks.into_iter().filter(|task| task.starts_with(&id.to_ascii_lowercase()));
                found.extend(mine.map(|task| Candidate {
                    spot: spot.clone(),
                    target: Target::Task { cluster: cluster.clone(), task, place: Place::default() },
                }));
            }
        }
        found
    }

    /// Services with a name like this one, among those that may be asked about.
    pub async fn near(&self, name: &str) -> Vec<String> {
        let known = self.names.known(self.scope, Duration::from_secs(1)).await;
        let service = |full: &str| full.rsplit('/').next().unwrap_or(full).to_owned();
        let all: Vec<String> = known.services.iter().map(|full| service(full)).collect();
        let near = nearest(&service(name), all.iter().map(String::as_str), 3);
        known.services.iter().filter(|full| near.contains(&service(full).as_str())).take(3).cloned().collect()
    }
}

fn of_many(mut found: Vec<Candidate>) -> Found {
    match (found.len(), found.pop()) {
        (1, Some(only)) => Found::One(only),
        (_, Some(last)) => {
            found.push(last);
            found.truncate(MOST);
            Found::Many(found)
        }
        (_, None) => Found::Near(vec![]),
    }
}

/// At least six hexadecimal digits with a number among them, and fewer than a whole id has.
fn is_begin_of_task(name: &str) -> bool {
    (6..32).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_hexdigit())
        && name.chars().any(|c| c.is_ascii_digit())
}

fn short(definition: &str) -> String {
    definition.rsplit('/').next().unwrap_or(definition).to_owned()
}
