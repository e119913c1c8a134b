//! What a sentence names, put together: each thing that may be asked about, with each place where it may be.

use super::atom::Atom;
use super::names::Names;
use super::role::{Role, Sure, Target};
use super::vocabulary::Sense;
use super::{Named, Question, Scope};

/// What is named; each list holds the names that one word may mean.
#[derive(Debug, Default)]
pub struct Meant {
    targets: Vec<(usize, Target)>,
    clusters: Vec<(usize, Vec<String>)>,
    accounts: Vec<String>,
    regions: Vec<String>,
    either: Vec<(Vec<String>, Vec<String>)>,
    /// Words that nobody knows and that could be names.
    pub strays: Vec<String>,
    /// Words that may be names and resemble a word.
    pub doubtful: Vec<String>,
}

/// More choices than these are none.
const MOST_CHOICES: usize = 5;

impl Meant {
    /// Puts together what the words are there for.
    pub fn of(atoms: &[Atom], roles: &[Role], names: &Names) -> Meant {
        let mut meant = Meant::default();
        for (at, role) in roles.iter().enumerate() {
            match role {
                Role::Target(target) => {
                    let mut target = target.clone();
                    if target.clusters.is_empty() && target.sure < Sure::ShortId {
                        doubt(atoms, roles, at, &mut target.names, |name| names.longer(name, |roles| roles.service));
                    }
                    meant.targets.push((at, target));
                }
                Role::Cluster(all) => {
                    let mut all = all.clone();
                    doubt(atoms, roles, at, &mut all, |name| names.longer(name, |roles| roles.cluster));
                    if !meant.clusters.iter().any(|(_, one)| *one == all) {
                        meant.clusters.push((at, all));
                    }
                }
                Role::Account(all) => all.iter().for_each(|one| add(&mut meant.accounts, one)),
                Role::Region(one) => add(&mut meant.regions, one),
                Role::Either(clusters, services) => meant.either.push((clusters.clone(), services.clone())),
                Role::Doubtful => meant.doubtful.push(atoms[at].text.clone()),
                Role::Stray if !atoms[at].is_inflected() => add(&mut meant.strays, &atoms[at].text),
                Role::Stray | Role::Word | Role::Noise => {}
            }
        }
        meant.settle();
        meant
    }

    /// Of a task, its service and a word that could be a name, the task is meant; beside something named, what may be a cluster is one.
    fn settle(&mut self) {
        let surest = self.targets.iter().map(|(_, one)| one.sure).max();
        if surest == Some(Sure::Task) {
            self.targets.retain(|(_, one)| one.sure == Sure::Task);
        } else if surest > Some(Sure::Perhaps) {
            let perhaps = |one: &Target| one.sure == Sure::Perhaps;
            self.targets.retain(|(_, one)| !perhaps(one));
        }
        if !self.targets.is_empty() {
            for (clusters, _) in std::mem::take(&mut self.either) {
                self.clusters.push((usize::MAX, clusters));
            }
        }
        self.same_tasks();
    }

    /// An id and its beginning are one task; a name that stands there twice is one name.
    fn same_tasks(&mut self) {
        let all = std::mem::take(&mut self.targets);
        for (at, one) in all {
            let begins = |longer: &Target, shorter: &Target| {
                let both = longer.names.first().zip(shorter.names.first());
                longer.sure >= Sure::ShortId
                    && shorter.sure >= Sure::ShortId
                    && both.is_some_and(|(a, b)| a.starts_with(b.as_str()))
            };
            let same = |other: &Target| {
                other.names == one.names && (other.clusters == one.clusters || one.clusters.is_empty())
            };
            match self.targets.iter_mut().find(|(_, other)| same(other) || begins(other, &one) || begins(&one, other)) {
                Some((_, other)) if begins(&one, other) && other.names != one.names => *other = one,
                Some(_) => {}
                None => self.targets.push((at, one)),
            }
        }
    }

    /// Something is named that could have failed.
    pub fn has_target(&self) -> bool {
        !self.targets.is_empty()
    }

    /// Something is named that may be a cluster, and may be something else.
    pub fn has_either(&self) -> bool {
        !self.either.is_empty()
    }

    /// A cluster, an account or a region is named.
    pub fn has_scope(&self) -> bool {
        !self.clusters.is_empty() || !self.accounts.is_empty() || !self.regions.is_empty()
    }

    /// Only a word that nobody knows stands where a name would.
    pub fn only_perhaps(&self) -> bool {
        self.targets.iter().all(|(_, one)| one.sure == Sure::Perhaps)
    }

    /// Each thing that may be asked about, in each place that may be meant.
    pub fn why(&self) -> Vec<Question> {
        let mut named: Vec<Named> = vec![];
        for (at, target) in &self.targets {
            let clusters = self.clusters_of(*at, target);
            for (cluster, name) in product(&clusters, &target.names) {
                named.push(Named { name, cluster, account: None, region: None });
            }
        }
        self.placed(named)
    }

    /// The same for a name that was typed and is no word.
    pub fn why_typed(&self, name: &str) -> Vec<Question> {
        let clusters = options(&self.all_clusters());
        let named = clusters.into_iter().map(|cluster| Named { name: name.to_owned(), cluster, ..Named::default() });
        self.placed(named.collect())
    }

    /// What fails in what is named.
    pub fn failing(&self) -> Vec<Question> {
        let sure: Vec<String> = self.clusters.iter().filter_map(|(_, one)| one.first().cloned()).collect();
        let mut lists: Vec<Vec<String>> = vec![sure.clone()];
        for (place, (_, all)) in self.clusters.iter().enumerate() {
            for other in all.iter().skip(1) {
                let mut one = sure.clone();
                one[place].clone_from(other);
                lists.push(one);
            }
        }
        if let [(clusters, _)] = self.either.as_slice() {
            lists = clusters.iter().map(|one| [sure.clone(), vec![one.clone()]].concat()).collect();
        } else {
            let also = self.either.iter().filter_map(|(clusters, _)| clusters.first().cloned());
            lists.iter_mut().for_each(|one| one.extend(also.clone()));
        }
        let mut out = vec![];
        for (account, region) in self.places() {
            for clusters in &lists {
                let scope = Scope { clusters: clusters.clone(), account: account.clone(), region: region.clone() };
                push(&mut out, Question::Failing(scope));
            }
        }
        out
    }

    /// What may be a cluster or something else, as something else.
    pub fn either(&self) -> Vec<Question> {
        self.either.iter().flat_map(|(_, services)| services).flat_map(|one| self.why_typed(one)).collect()
    }

    fn all_clusters(&self) -> Vec<String> {
        self.clusters.iter().flat_map(|(_, all)| all.iter().cloned()).collect()
    }

    /// `payments in prod and checkout in staging` are two pairs; else each may be in each.
    fn clusters_of(&self, at: usize, target: &Target) -> Vec<Option<String>> {
        let mut named = target.clusters.clone();
        if named.is_empty() && self.targets.len() > 1 && self.targets.len() == self.clusters.len() {
            let next = self.targets.iter().map(|(other, _)| *other).find(|other| *other > at).unwrap_or(usize::MAX);
            let own: Vec<_> = self.clusters.iter().filter(|(place, _)| *place > at && *place < next).collect();
            if let [(_, only)] = own.as_slice() {
                return options(only);
            }
        }
        for cluster in self.all_clusters() {
            add(&mut named, &cluster);
        }
        options(&named)
    }

    fn places(&self) -> Vec<(Option<String>, Option<String>)> {
        let regions = options(&self.regions);
        let accounts = options(&self.accounts);
        accounts.iter().flat_map(|account| regions.iter().map(|region| (account.clone(), region.clone()))).collect()
    }

    fn placed(&self, named: Vec<Named>) -> Vec<Question> {
        let mut out = vec![];
        for (account, region) in self.places() {
            for one in &named {
                push(
                    &mut out,
                    Question::Why(Named { account: account.clone(), region: region.clone(), ..one.clone() }),
                );
            }
        }
        out
    }
}

/// A word that nobody knows right beside a name may be a part of it: `payments canary`.
fn doubt(atoms: &[Atom], roles: &[Role], at: usize, names: &mut Vec<String>, longer: impl Fn(&str) -> Vec<String>) {
    let [name] = names.as_slice() else { return };
    if atoms[at].quoted {
        return;
    }
    let name = name.clone();
    let stray = |place: usize| matches!(roles.get(place), Some(Role::Stray)).then(|| &atoms[place]);
    let verb = |place: usize| {
        let after = atoms
            .get(place + 1)
            .is_some_and(|one| !one.breaks && one.senses.any(&[Sense::Fail, Sense::Aux, Sense::Neg, Sense::Service]));
        atoms[place].is_inflected() && !after
    };
    let after = stray(at + 1).filter(|one| !one.breaks && !verb(at + 1));
    let before = at.checked_sub(1).and_then(stray).filter(|one| !atoms[at].breaks && !one.is_inflected());
    if let Some(after) = after {
        add(names, &format!("{name}-{}", after.text));
    }
    if let Some(before) = before {
        add(names, &format!("{}-{name}", before.text));
    }
    if after.is_some() || before.is_some() {
        longer(&name).iter().for_each(|one| add(names, one));
    }
}

fn add(all: &mut Vec<String>, one: &str) {
    if all.len() < MOST_CHOICES && !all.iter().any(|other| other == one) {
        all.push(one.to_owned());
    }
}

fn push(all: &mut Vec<Question>, one: Question) {
    if all.len() < MOST_CHOICES && !all.contains(&one) {
        all.push(one);
    }
}

/// Each of them, or none if there is none.
fn options(all: &[String]) -> Vec<Option<String>> {
    if all.is_empty() { vec![None] } else { all.iter().cloned().map(Some).collect() }
}

fn product(clusters: &[Option<String>], names: &[String]) -> Vec<(Option<String>, String)> {
    clusters.iter().flat_map(|cluster| names.iter().map(|name| (cluster.clone(), name.clone()))).collect()
}
