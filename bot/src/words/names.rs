//! The known names: which is meant exactly, and which may be meant with a typing error.

use super::{Known, token};
use std::collections::{BTreeMap, BTreeSet};

/// What a name may stand for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Roles {
    /// A service.
    pub service: bool,
    /// A cluster.
    pub cluster: bool,
    /// An account.
    pub account: bool,
}

impl Roles {
    /// It is none that is known.
    pub const fn none(self) -> bool {
        !self.service && !self.cluster && !self.account
    }
}

/// Of near names, no more than this are offered.
const MOST_NEAR: usize = 3;

/// What people call the same kind of environment.
const ENVIRONMENTS: [&[&str]; 5] = [
    &["prod", "production", "prd", "live", "prods"],
    &["staging", "stage", "stg", "stag"],
    &["dev", "development", "devel", "develop"],
    &["test", "testing", "tst", "qa"],
    &["sandbox", "sbx", "sand"],
];

/// The known names, by how they are looked for.
#[derive(Debug, Default)]
pub struct Names {
    roles: BTreeMap<String, Roles>,
    by_lower: BTreeMap<String, BTreeSet<String>>,
    /// Without separators, in lower case.
    squeezed: BTreeMap<String, BTreeSet<String>>,
    in_cluster: BTreeSet<(String, String)>,
}

impl Names {
    /// These.
    pub fn of(known: &Known) -> Names {
        let mut names = Names::default();
        for cluster in &known.clusters {
            names.add(cluster).cluster = true;
        }
        for service in &known.services {
            let (cluster, service) = service.rsplit_once('/').unwrap_or(("", service));
            names.add(service).service = true;
            if !cluster.is_empty() {
                names.add(cluster).cluster = true;
                names.in_cluster.insert((cluster.to_owned(), service.to_owned()));
            }
        }
        for account in &known.accounts {
            names.add(account).account = true;
        }
        names
    }

    fn add(&mut self, name: &str) -> &mut Roles {
        self.by_lower.entry(name.to_ascii_lowercase()).or_default().insert(name.to_owned());
        self.squeezed.entry(squeezed(name)).or_default().insert(name.to_owned());
        self.roles.entry(name.to_owned()).or_default()
    }

    /// The name as it is known, if it is: a telephone's capital letters make no other, unless that is known as well.
    pub fn exact(&self, typed: &str) -> Option<(&str, Roles)> {
        let same = self.roles.get_key_value(typed);
        let like = || {
            let all = self.by_lower.get(&typed.to_ascii_lowercase())?;
            let only = all.first().filter(|_| all.len() == 1)?;
            self.roles.get_key_value(only)
        };
        same.or_else(like).map(|(name, roles)| (name.as_str(), *roles))
    }

    /// The one name that these words make with other separators, or none.
    pub fn joined(&self, words: &[&str]) -> Option<(&str, Roles)> {
        let all = self.squeezed.get(&squeezed(&words.concat()))?;
        let only = all.first().filter(|_| all.len() == 1)?;
        self.roles.get_key_value(only).map(|(name, roles)| (name.as_str(), *roles))
    }

    /// Whether the cluster is known to have this service.
    pub fn has(&self, cluster: &str, service: &str) -> bool {
        self.in_cluster.contains(&(cluster.to_owned(), service.to_owned()))
    }

    /// Names that may be meant by one that is not known, the nearest first.
    pub fn near(&self, typed: &str, wanted: fn(Roles) -> bool) -> Vec<(&str, Roles)> {
        if typed.len() > 64 || !token::is_name(typed) {
            return vec![];
        }
        let low = typed.to_ascii_lowercase();
        let mut found: Vec<(usize, &str, Roles)> = self
            .roles
            .iter()
            .filter(|(_, roles)| wanted(**roles))
            .filter_map(|(name, roles)| {
                alike(&low, &name.to_ascii_lowercase()).map(|distance| (distance, name.as_str(), *roles))
            })
            .collect();
        found.sort_by_key(|(distance, name, _)| (*distance, *name));
        found.into_iter().take(MOST_NEAR).map(|(_, name, roles)| (name, roles)).collect()
    }

    /// Clusters of the kind of environment that a word names in another way: `production` for `prod`.
    pub fn environments(&self, typed: &str) -> Vec<&str> {
        let low = typed.to_ascii_lowercase();
        let Some(kind) = ENVIRONMENTS.iter().find(|kind| kind.contains(&low.as_str())) else { return vec![] };
        let begins =
            |name: &str| kind.iter().any(|one| name.split(['-', '_']).any(|part| part.eq_ignore_ascii_case(one)));
        let clusters = self.roles.iter().filter(|(_, roles)| roles.cluster).map(|(name, _)| name.as_str());
        clusters.filter(|name| begins(name)).take(MOST_NEAR).collect()
    }

    /// Names that begin with this one and a separator.
    pub fn longer(&self, name: &str, wanted: fn(Roles) -> bool) -> Vec<String> {
        let longer = |one: &str| one.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', '_']));
        let all = self.roles.iter().filter(|(one, roles)| wanted(**roles) && longer(one));
        all.take(MOST_NEAR).map(|(one, _)| one.clone()).collect()
    }
}

fn squeezed(name: &str) -> String {
    name.chars().filter(|char| !matches!(char, '-' | '_')).map(|char| char.to_ascii_lowercase()).collect()
}

/// How far apart two names are that may be one with a typing error. Numbers are not mistyped: `web-1` and `web-2` are two.
fn alike(typed: &str, known: &str) -> Option<usize> {
    let digits = |name: &str| name.chars().filter(char::is_ascii_digit).collect::<String>();
    let longest = typed.len().max(known.len());
    let most = match longest {
        0..=2 => return None,
        3 => {
            let sorted = |name: &str| {
                let mut bytes = name.as_bytes().to_vec();
                bytes.sort_unstable();
                bytes
            };
            return (sorted(typed) == sorted(known)).then_some(1);
        }
        4..=7 => 1,
        _ => 2,
    };
    if typed.len().abs_diff(known.len()) > most || digits(typed) != digits(known) {
        return None;
    }
    let distance = strsim::osa_distance(typed, known);
    (distance <= most).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::of(&Known {
            clusters: vec!["prod".into(), "prod-eu".into()],
            services: vec!["prod/payments".into(), "prod/web-1".into(), "prod/Web".into(), "prod/web".into()],
            accounts: vec!["live".into()],
        })
    }

    #[test]
    fn a_name_is_exact_also_with_a_capital_letter_unless_that_is_another() {
        let names = names();
        assert_eq!(names.exact("Payments").map(|(name, _)| name), Some("payments"));
        assert_eq!(names.exact("Web").map(|(name, _)| name), Some("Web"));
        assert_eq!(names.exact("WEB").map(|(name, _)| name), None);
        assert_eq!(names.joined(&["prod", "eu"]).map(|(name, _)| name), Some("prod-eu"));
    }

    #[test]
    fn a_typing_error_is_near_and_another_number_is_not() {
        let names = names();
        let near = |typed| names.near(typed, |_| true).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(near("paymetns"), ["payments"]);
        assert_eq!(near("web-2"), Vec::<&str>::new());
        assert_eq!(near("prodd"), ["prod"]);
        assert_eq!(near("checkout"), Vec::<&str>::new());
        assert_eq!(names.environments("production"), ["prod", "prod-eu"]);
        assert_eq!(names.longer("prod", |roles| roles.cluster), ["prod-eu"]);
    }
}
