//! Who is in which user group, of those that the configuration names as roles. Read beforehand: a question must not wait for it.

use crate::platform::SendError;
use crate::slack::web::{Method, Web};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How often they are read.
const OFTEN: Duration = Duration::from_secs(5 * 60);
/// What is older gives nobody a role any more.
const OLD: Duration = Duration::from_secs(20 * 60);

/// The members that were read.
#[derive(Default)]
pub struct Groups {
    read: RwLock<BTreeMap<String, (Instant, Vec<String>)>>,
}

#[derive(Deserialize)]
struct Members {
    #[serde(default)]
    users: Vec<String>,
}

impl Groups {
    /// The groups that the user is in. When they could not be read for long, the user is in none.
    pub fn roles_of(&self, user: &str) -> Vec<String> {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        read.iter()
            .filter(|(_, (at, users))| at.elapsed() < OLD && users.iter().any(|member| member == user))
            .map(|(group, _)| group.clone())
            .collect()
    }

    /// Reads these once.
    pub async fn read(&self, web: &Web, groups: &[String]) {
        for group in groups {
            match self.members(web, group).await {
                Ok(users) => self.keep(group, users),
                Err(error) => tracing::warn!("the members of a user group cannot be read: {error}"),
            }
        }
    }

    fn keep(&self, group: &str, users: Vec<String>) {
        let mut read = self.read.write().unwrap_or_else(PoisonError::into_inner);
        read.insert(group.to_owned(), (Instant::now(), users));
    }

    async fn members(&self, web: &Web, group: &str) -> Result<Vec<String>, SendError> {
        let members: Members = web.get(Method::GroupMembers, &[("usergroup", Some(group.to_owned()))]).await?;
        Ok(members.users)
    }

    /// Reads them again and again until the end.
    pub async fn keep_reading(self: Arc<Self>, web: Web, groups: Vec<String>, end: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(OFTEN) => self.read(&web, &groups).await,
                () = end.cancelled() => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_the_roles_of_the_groups_that_were_read_lately() {
        let groups = Groups::default();
        groups.keep("S1", vec!["U1".to_owned(), "U2".to_owned()]);
        groups.keep("S2", vec!["U1".to_owned()]);
        assert_eq!(groups.roles_of("U1"), ["S1", "S2"]);
        assert_eq!(groups.roles_of("U2"), ["S1"]);
        assert!(groups.roles_of("U3").is_empty());
        let Some(old) = Instant::now().checked_sub(OLD) else { return };
        groups.read.write().unwrap().insert("S1".to_owned(), (old, vec!["U2".to_owned()]));
        assert!(groups.roles_of("U2").is_empty());
    }
}
