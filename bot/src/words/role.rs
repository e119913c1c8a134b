//! What each word of a sentence is there for: what is asked about, where it is, or nothing of the two.

use super::atom::{Atom, Form};
use super::names::{Names, Roles};
use super::token::{self, Id};
use super::vocabulary::{self, Sense};

/// What one word is there for. Where there are several names, any of them may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// What is asked about.
    Target(Target),
    /// Where it is.
    Cluster(Vec<String>),
    /// Whose it is.
    Account(Vec<String>),
    /// In which region.
    Region(String),
    /// A cluster, or what is asked about.
    Either(Vec<String>, Vec<String>),
    /// A word with its senses.
    Word,
    /// The same, but it may be a name that resembles that word.
    Doubtful,
    /// Nobody knows.
    Stray,
    /// Nothing.
    Noise,
}

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name, or those that it may be.
    pub names: Vec<String>,
    /// The cluster that stands before it with a slash, or those that may be meant.
    pub clusters: Vec<String>,
    /// How sure it is that this is meant.
    pub sure: Sure,
}

/// How sure it is that something is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// A word that nobody knows, where a name would stand.
    Perhaps,
    /// A name, or what is called one.
    Named,
    /// May be a task or a commit.
    ShortId,
    /// A task.
    Task,
}

/// Where a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Place,
    Subject,
    Free,
}

/// What each word is there for.
pub fn roles(atoms: &[Atom], names: &Names) -> Vec<Role> {
    let all = (0..atoms.len()).map(|at| Around { atoms, at, names }.role());
    all.collect()
}

/// A word with those around it.
struct Around<'a> {
    atoms: &'a [Atom],
    at: usize,
    names: &'a Names,
}

fn target(name: &str, sure: Sure) -> Role {
    Role::Target(Target { names: vec![name.to_owned()], clusters: vec![], sure })
}

fn texts(near: &[(String, Roles)], wanted: fn(Roles) -> bool) -> Vec<String> {
    near.iter().filter(|(_, roles)| wanted(*roles)).map(|(name, _)| name.clone()).collect()
}

fn with(mut names: Vec<String>, typed: &str) -> Vec<String> {
    if !names.iter().any(|one| one == typed) {
        names.push(typed.to_owned());
    }
    names
}

impl<'a> Around<'a> {
    fn atom(&self) -> &'a Atom {
        &self.atoms[self.at]
    }

    /// The word before it that is no article.
    fn before(&self) -> Option<&'a Atom> {
        let earlier = self.atoms.get(..self.at)?;
        earlier
            .iter()
            .rev()
            .find(|one| !(one.is_word() && one.senses.has(Sense::Article) && !one.senses.has(Sense::Aux)))
    }

    fn after_article(&self) -> bool {
        self.at
            .checked_sub(1)
            .is_some_and(|before| self.atoms[before].is_word() && self.atoms[before].senses.has(Sense::Article))
    }

    fn next(&self) -> Option<&'a Atom> {
        self.atoms.get(self.at + 1).filter(|one| !one.breaks)
    }

    /// Whether it is called this: `cluster prod`, `the prod cluster`.
    fn called(&self, noun: Sense) -> bool {
        let is = |one: &Atom| one.is_word() && one.senses.has(noun);
        let names_other = self.atoms.get(self.at + 2).is_some_and(|one| !one.breaks && !one.is_word());
        self.before().is_some_and(is) || self.next().is_some_and(is) && !names_other
    }

    fn called_a_thing(&self) -> bool {
        self.called(Sense::Service) || self.called(Sense::Task)
    }

    /// The rest of a verb behind `is` or `has`, whose subject stands before that.
    fn is_verb(&self) -> bool {
        let atom = self.atom();
        let finite = self.before().is_some_and(|one| one.is_word() && one.senses.has(Sense::Aux));
        let subject = self.at >= 2 && !self.atoms[self.at - 2].senses.any(&[Sense::Why, Sense::What, Sense::How]);
        let fails = self.next().is_some_and(|one| one.senses.any(&[Sense::Fail, Sense::Neg, Sense::Work]));
        atom.form == Form::Word && !atom.quoted && atom.is_inflected() && finite && subject && !fails
    }

    /// `service ledger`, `task migrate`.
    fn after_a_noun(&self) -> bool {
        self.before().is_some_and(|one| one.is_word() && one.senses.any(&[Sense::Service, Sense::Task]))
    }

    fn slot(&self) -> Slot {
        let next_fails = self.next().is_some_and(|one| one.senses.any(&[Sense::Fail, Sense::Aux, Sense::Neg]));
        let Some(before) = self.before() else { return if next_fails { Slot::Subject } else { Slot::Free } };
        if !before.is_word() {
            return Slot::Free;
        }
        let asked_first = self.atoms.iter().find(|one| !one.senses.any(&[Sense::Polite, Sense::Thanks]));
        let asked_first = asked_first.is_some_and(|one| one.senses.any(&[Sense::What, Sense::Other, Sense::Why]));
        let senses = before.senses;
        let and = senses.has(Sense::And) && self.at >= 2 && !self.atoms[self.at - 2].is_word();
        if senses.has(Sense::In) {
            Slot::Place
        } else if senses.any(&[Sense::Aux, Sense::Why, Sense::Of, Sense::Ask]) && !before.guessed
            || senses.has(Sense::Aux)
            || senses.has(Sense::Fail) && asked_first
            || and
            || self.atom().breaks && next_fails
        {
            Slot::Subject
        } else {
            Slot::Free
        }
    }

    fn role(&self) -> Role {
        let atom = self.atom();
        if !atom.roles.none() && !matches!(atom.form, Form::Path(..)) {
            return if atom.senses.is_empty() || self.means_the_name() { self.known() } else { Role::Word };
        }
        match &atom.form {
            Form::Id(id) => self.id(*id),
            Form::Path(cluster, name) => self.path(cluster, name),
            Form::Region => Role::Region(atom.text.to_ascii_lowercase()),
            Form::Revision => target(&atom.text, Sure::Named),
            Form::Noise if atom.senses.is_empty() => Role::Noise,
            Form::Noise => Role::Word,
            Form::Name | Form::Word if atom.is_word() && !atom.guessed => Role::Word,
            Form::Name | Form::Word => self.unknown(),
        }
    }

    /// A known name that is a word as well: `help is down`, `the status service`, `` `status` ``.
    fn means_the_name(&self) -> bool {
        let atom = self.atom();
        if atom.quoted || self.called_a_thing() && !atom.senses.any(&[Sense::Service, Sense::Task]) {
            return true;
        }
        let next_fails =
            self.next().is_some_and(|one| one.senses.any(&[Sense::Fail, Sense::Neg, Sense::Aux, Sense::In]));
        let fails_next =
            next_fails && self.before().is_none_or(|one| !one.senses.has(Sense::Article) || !one.is_word());
        let asked =
            self.before().is_some_and(|one| one.is_word() && one.senses.any(&[Sense::Aux, Sense::Of, Sense::Why]));
        let last = self.atoms.len() == self.at + 1 || self.next().is_none();
        let function =
            [Sense::Aux, Sense::Article, Sense::In, Sense::Of, Sense::And, Sense::What, Sense::Why, Sense::Neg];
        !atom.senses.any(&function)
            && (fails_next && self.slot() != Slot::Place
                || asked && last
                || self.slot() == Slot::Place && atom.roles.cluster)
    }

    fn known(&self) -> Role {
        let Atom { text, roles, .. } = self.atom();
        let name = || vec![text.clone()];
        if roles.cluster && self.called(Sense::Cluster) {
            return Role::Cluster(name());
        }
        if roles.account && self.called(Sense::Account) {
            return Role::Account(name());
        }
        if self.called(Sense::Cluster) {
            return Role::Either(name(), name());
        }
        let place = self.slot() == Slot::Place;
        match (roles.service, roles.cluster, roles.account) {
            (true, _, _) if self.called_a_thing() => target(text, Sure::Named),
            (true, true, _) if place => Role::Cluster(name()),
            (true, true, _) => Role::Either(name(), name()),
            (true, false, true) if place => Role::Account(name()),
            (true, ..) => target(text, Sure::Named),
            (false, true, _) => Role::Cluster(name()),
            _ => Role::Account(name()),
        }
    }

    fn id(&self, id: Id) -> Role {
        let text = &self.atom().text;
        let is_task = self.before().is_some_and(|one| one.senses.has(Sense::Task));
        let commit = self.before().is_some_and(|one| one.is_word() && one.senses.has(Sense::Commit));
        let second = self.before().is_some_and(|one| matches!(one.form, Form::Id(other) if other > Id::Maybe));
        match id {
            _ if is_task || second && id > Id::Maybe => target(text, Sure::Task),
            Id::Whole => target(text, Sure::Task),
            Id::Maybe if self.called(Sense::Account) => Role::Account(vec![text.clone()]),
            Id::Maybe if self.atom().senses.is_empty() => Role::Noise,
            Id::Maybe => Role::Word,
            _ if commit => Role::Noise,
            Id::Long => target(text, Sure::Task),
            Id::Short => target(text, Sure::ShortId),
        }
    }

    fn path(&self, cluster: &str, name: &str) -> Role {
        let near = texts(&self.atom().near, |roles| roles.cluster);
        let clusters = with(near, cluster);
        let known = self.names.exact(name).is_some_and(|(_, roles)| roles.service) || token::id(name).is_some();
        let near = if known { vec![] } else { self.names.near(name, |roles| roles.service) };
        let in_it = |name: &&str| clusters.iter().any(|cluster| self.names.has(cluster, name));
        let near: Vec<String> = near.into_iter().map(|(name, _)| name).filter(in_it).map(str::to_owned).collect();
        let sure = if token::id(name).is_some_and(|id| id > Id::Maybe) { Sure::Task } else { Sure::Named };
        Role::Target(Target { names: with(near, name), clusters, sure })
    }

    /// A name that nobody knows, or a word that nobody knows.
    fn unknown(&self) -> Role {
        let atom = self.atom();
        let typed = atom.text.as_str();
        let slot = self.slot();
        // `hlep` is a word rather than the service `help`, where no name would stand.
        let free = atom.guessed && slot == Slot::Free && !self.called_a_thing();
        let near: Vec<(String, Roles)> =
            atom.near.iter().filter(|(name, _)| !free || vocabulary::senses(name).is_empty()).cloned().collect();
        let clusters = texts(&near, |roles| roles.cluster);
        let services = texts(&near, |roles| roles.service);
        let environments: Vec<String> = self.names.environments(typed).into_iter().map(str::to_owned).collect();
        if self.called(Sense::Account) {
            return Role::Account(with(texts(&atom.near, |roles| roles.account), typed));
        }
        if self.called(Sense::Cluster) && !atom.guessed {
            return Role::Cluster(with([clusters, environments].concat(), typed));
        }
        if !services.is_empty() && !clusters.is_empty() && slot != Slot::Place && !self.called_a_thing() {
            return Role::Either(with(clusters, typed), with(services, typed));
        }
        if !services.is_empty() && (slot != Slot::Place || clusters.is_empty()) {
            return Role::Target(Target { names: with(services, typed), clusters: vec![], sure: Sure::Named });
        }
        if !clusters.is_empty() {
            return if slot == Slot::Subject {
                Role::Either(with(clusters, typed), vec![typed.to_owned()])
            } else {
                Role::Cluster(with(clusters, typed))
            };
        }
        if !environments.is_empty() && slot != Slot::Subject {
            return Role::Cluster(with(environments, typed));
        }
        if atom.guessed {
            // Nobody calls a service `somthing`.
            let pronoun = atom.senses.has(Sense::Any) && !self.called_a_thing();
            let name = slot == Slot::Subject && !pronoun || self.called_a_thing();
            return if name { Role::Doubtful } else { Role::Word };
        }
        match slot {
            // `essential container`: what stands before may be no name.
            _ if self.called_a_thing() && atom.form == Form::Word && !self.after_a_noun() => {
                target(typed, Sure::Perhaps)
            }
            _ if self.called_a_thing() => target(typed, Sure::Named),
            Slot::Place if atom.form == Form::Name => Role::Either(vec![typed.to_owned()], vec![typed.to_owned()]),
            // `dead in the water`: a name has no article.
            Slot::Place if self.after_article() => Role::Noise,
            Slot::Place => Role::Cluster(vec![typed.to_owned()]),
            Slot::Free if atom.is_camel() => Role::Noise,
            // `has carked it`, `are piling up`: a verb that nobody knows.
            Slot::Subject if self.is_verb() => Role::Stray,
            _ if atom.form == Form::Name => target(typed, Sure::Named),
            // `why is shiny payments down`: a word before a name is a part of it, or nothing.
            Slot::Subject if !self.next().is_some_and(|one| one.roles.service) => target(typed, Sure::Perhaps),
            _ => Role::Stray,
        }
    }
}
