//! Names that were listed a short while ago, a file a place.

use super::Place;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// Older names are asked for anew when somebody completes.
const FRESH: Duration = Duration::from_secs(30);
/// Older names are not offered: services come and go.
const OFFERED: Duration = Duration::from_secs(15 * 60);
/// A refresh that began is not begun again before.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is there.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Services by cluster.
    pub services: IndexMap<String, Vec<String>>,
}

/// The file of a place.
pub struct Cache {
    path: PathBuf,
}

impl Cache {
    /// The file of a place; none where there is no folder for such files.
    pub fn of(place: &Place) -> Option<Cache> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let set = variable("XDG_CACHE_HOME").filter(|path| path.is_absolute()).or_else(|| variable("LOCALAPPDATA"));
        let folder = set.or_else(|| variable("HOME").map(|home| home.join(".cache")))?.join("ecs-why");
        // Keys in the environment are an account, too.
        let key = std::env::var("AWS_ACCESS_KEY_ID").unwrap_or_default();
        let config =
            ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"].map(|name| std::env::var(name).unwrap_or_default());
        let text = serde_json::to_string(&(place, key, config)).ok()?;
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Some(Cache { path: folder.join(format!("names-{:016x}.json", hasher.finish())) })
    }

    fn age(path: &PathBuf) -> Option<Duration> {
        let changed = std::fs::metadata(path).and_then(|file| file.modified()).ok()?;
        Some(SystemTime::now().duration_since(changed).unwrap_or_default())
    }

    /// What is known and not too old.
    pub fn names(&self) -> Names {
        let young = Cache::age(&self.path).is_some_and(|age| age < OFFERED);
        let text = if young { std::fs::read_to_string(&self.path).ok() } else { None };
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    fn mark(&self) -> PathBuf {
        self.path.with_extension("asking")
    }

    /// The names are old, and nobody asks for them yet.
    pub fn wants_refresh(&self) -> bool {
        let old = Cache::age(&self.path).is_none_or(|age| age >= FRESH);
        old && Cache::age(&self.mark()).is_none_or(|age| age >= PATIENCE)
    }

    /// Says that somebody asks now.
    pub fn note_asking(&self) -> std::io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(self.mark(), "")
    }

    /// Keeps names: whole, and for their owner only.
    pub fn keep(&self, names: &Names) -> std::io::Result<()> {
        let folder = self.path.parent().unwrap_or(std::path::Path::new("."));
        let file = tempfile::Builder::new().prefix(".names-").tempfile_in(folder)?;
        std::fs::write(file.path(), serde_json::to_vec(names)?)?;
        file.persist(&self.path)?;
        let _ = std::fs::remove_file(self.mark());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aged(seconds: u64) -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache { path: folder.path().join("names-x.json") };
        std::fs::write(&cache.path, r#"{"services": {"prod": ["web"]}}"#).expect("it is written");
        let file = std::fs::File::options().write(true).open(&cache.path).expect("it is there");
        file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).expect("its time is set");
        (folder, cache)
    }

    #[test]
    fn names_are_offered_for_a_while_and_asked_for_anew_sooner() {
        for (age, offered, refresh) in [(1, true, false), (60, true, true), (3600, false, true)] {
            let (_folder, cache) = aged(age);
            assert_eq!(cache.names().services.contains_key("prod"), offered, "{age} s");
            assert_eq!(cache.wants_refresh(), refresh, "{age} s");
        }
    }

    #[test]
    fn a_damaged_file_offers_nothing() {
        let (_folder, cache) = aged(1);
        std::fs::write(&cache.path, "{").expect("it is written");
        assert_eq!(cache.names(), Names::default());
    }

    #[test]
    fn only_one_asks_at_a_time() {
        let (_folder, cache) = aged(60);
        cache.note_asking().expect("it is noted");
        assert!(!cache.wants_refresh());
        let names = Names { services: IndexMap::from([("test".to_owned(), vec![])]) };
        cache.keep(&names).expect("they are kept");
        assert_eq!(cache.names(), names);
    }
}
