//! The names of clusters and services, kept for some minutes: they tell a cluster from a service in plain words, and complete what is typed.

use super::asked::Spot;
use crate::allow::Scope;
use crate::source::Source;
use crate::words::Known;
use futures_util::future::join_all;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// After this time they are read again.
const FRESH_FOR: Duration = Duration::from_secs(5 * 60);
/// Of more clusters in a spot the services are not listed.
const MOST_CLUSTERS: usize = 30;
/// More services than that help nobody to choose.
const MOST_SERVICES: usize = 2_000;
/// What is completed.
const MOST_SUGGESTED: usize = 25;
/// Longer names cannot be shown as a choice (Discord's limit).
const LONGEST_SUGGESTED: usize = 100;

/// What is known of a scope in one spot.
type Key = (Spot, Vec<String>);

/// The names.
pub struct Names {
    source: Arc<dyn Source>,
    kept: Mutex<HashMap<Key, Arc<Listed>>>,
    reading: Mutex<HashSet<Key>>,
}

/// Names in one spot.
struct Listed {
    at: Instant,
    clusters: Vec<String>,
    /// As `cluster/service`.
    services: Vec<String>,
}

impl Names {
    /// Of this source.
    pub fn new(source: Arc<dyn Source>) -> Names {
        Names { source, kept: Mutex::default(), reading: Mutex::default() }
    }

    /// The names that a scope may ask about: those that are known, or can be within this time.
    pub async fn known(self: &Arc<Self>, scope: &Arc<Scope>, wait: Duration) -> Known {
        let listed = self.listed(scope, wait).await;
        let all = |of: fn(&Listed) -> &Vec<String>| {
            let mut names: Vec<String> = listed.iter().flat_map(|one| of(one)).cloned().collect();
            names.sort();
            names.dedup();
            names
        };
        let mut accounts: Vec<String> = scope.spots.iter().filter_map(|spot| spot.account.clone()).collect();
        accounts.dedup();
        let mut clusters = all(|one| &one.clusters);
        // Those that are named in the configuration are known, whether AWS lists them or not.
        clusters.extend(scope.clusters.exact().map(str::to_owned));
        clusters.sort();
        clusters.dedup();
        let mut services = all(|one| &one.services);
        services.truncate(MOST_SERVICES);
        Known { clusters, services, accounts }
    }

    /// What completes the beginning of a name: what begins so comes before what merely has it.
    pub async fn suggest(self: &Arc<Self>, scope: &Arc<Scope>, typed: &str, wait: Duration) -> Vec<String> {
        let known = self.known(scope, wait).await;
        let typed = typed.trim().to_lowercase();
        let rank = |name: &String| {
            let name = name.to_lowercase();
            let service = name.split_once('/').map_or(name.as_str(), |(_, service)| service);
            match () {
                () if name.starts_with(&typed) => Some(0),
                () if service.starts_with(&typed) => Some(1),
                () if name.contains(&typed) => Some(2),
                () => None,
            }
        };
        let names = known.clusters.into_iter().chain(known.services).filter(|name| name.len() <= LONGEST_SUGGESTED);
        let mut ranked: Vec<(u8, String)> = names.filter_map(|name| Some((rank(&name)?, name))).collect();
        ranked.sort();
        ranked.into_iter().map(|(_, name)| name).take(MOST_SUGGESTED).collect()
    }

    async fn listed(self: &Arc<Self>, scope: &Arc<Scope>, wait: Duration) -> Vec<Arc<Listed>> {
        let until = Instant::now() + wait;
        let each = scope.spots.iter().map(|spot| async {
            let key = key(spot, scope);
            let kept = self.get(&key);
            if kept.as_ref().is_none_or(|one| one.at.elapsed() > FRESH_FOR) {
                self.read(&key, scope);
            }
            match kept {
                Some(kept) => Some(kept),
                None => tokio::time::timeout_at(until, self.arrival(&key)).await.ok(),
            }
        });
        join_all(each).await.into_iter().flatten().collect()
    }

    fn get(&self, key: &Key) -> Option<Arc<Listed>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    async fn arrival(&self, key: &Key) -> Arc<Listed> {
        loop {
            if let Some(listed) = self.get(key) {
                return listed;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Reads them beside everything else, and goes on when nobody waits for it any more; once at a time.
    fn read(self: &Arc<Self>, key: &Key, scope: &Arc<Scope>) {
        if !self.reading.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
            return;
        }
        let (names, scope, key) = (Arc::clone(self), Arc::clone(scope), key.clone());
        tokio::spawn(async move {
            let listed = names.list(&key.0, &scope).await;
            names.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), Arc::new(listed));
            names.reading.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        });
    }

    async fn list(&self, spot: &Spot, scope: &Scope) -> Listed {
        let clusters = self.clusters(spot, scope).await;
        let each = clusters.iter().take(MOST_CLUSTERS).map(|cluster| async move {
            // What cannot be listed is not completed; a question about it says why.
            let services = self.source.services(spot, cluster).await.unwrap_or_default();
            services.into_iter().map(move |service| format!("{cluster}/{service}")).collect::<Vec<_>>()
        });
        let services = join_all(each).await.into_iter().flatten().collect();
        Listed { at: Instant::now(), clusters, services }
    }

    /// The clusters of a spot that a scope may ask about; if they cannot be listed, those that the configuration names.
    pub async fn clusters(&self, spot: &Spot, scope: &Scope) -> Vec<String> {
        match self.source.clusters(spot).await {
            Ok(all) => all.into_iter().filter(|name| scope.clusters.have(name)).collect(),
            Err(_) => scope.clusters.exact().map(str::to_owned).collect(),
        }
    }
}

fn key(spot: &Spot, scope: &Scope) -> Key {
    (spot.clone(), scope.clusters.all().to_vec())
}
