//! The accounts that a house names: as whom each is asked and where, each opened once.

use crate::{Live, OpenError, Options};
use ecs_why_core::image::nearest;
use ecs_why_core::settings::{NamedAccount, Settings};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// An account's name and a region, as far as they are named.
type Key = (Option<String>, Option<String>);

/// The accounts of the settings, or the one whose credentials are at hand.
pub struct Accounts {
    /// What holds for all of them, and alone where the settings name none.
    base: Options,
    settings: Settings,
    /// What was opened, by the account's name and the region that was asked for.
    open: Mutex<BTreeMap<Key, Live>>,
}

/// Where to look, and as whom.
#[derive(Debug)]
pub struct AskedPlace {
    /// The account's name in the settings.
    pub account: Option<String>,
    /// How it is opened.
    pub options: Options,
}

/// An account that the settings do not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAccount {
    /// As typed.
    pub name: String,
    /// Names that are like it.
    pub near: Vec<String>,
}

impl Accounts {
    /// Those of the settings, opened like this where they say nothing else.
    pub fn new(base: Options, settings: Settings) -> Accounts {
        Accounts { base, settings, open: Mutex::default() }
    }

    /// The account of a name.
    pub fn named(&self, name: &str) -> Result<&NamedAccount, NoAccount> {
        self.settings.accounts.get(name).ok_or_else(|| NoAccount {
            name: name.to_owned(),
            near: nearest(name, self.names(), 3).into_iter().map(str::to_owned).collect(),
        })
    }

    /// The names of all of them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.settings.accounts.keys().map(String::as_str)
    }

    /// The one whose role is in the account of these twelve digits, if it is one alone.
    pub fn with_id(&self, id: &str) -> Option<&str> {
        let of_role =
            |account: &NamedAccount| account.role.as_deref().and_then(|arn| arn.split(':').nth(4)) == Some(id);
        let mut all = self.settings.accounts.iter().filter(|(_, account)| of_role(account));
        let one = all.next().map(|(name, _)| name.as_str());
        one.filter(|_| all.next().is_none())
    }

    /// How an account is opened in a region. What is not said of it holds for all.
    pub fn options(&self, account: Option<&NamedAccount>, region: Option<&str>) -> Options {
        let silent = NamedAccount::default();
        let account = account.unwrap_or(&silent);
        Options {
            region: region.map(str::to_owned).or_else(|| self.base.region.clone()),
            profile: account.profile.clone().or_else(|| self.base.profile.clone()),
            assume_role: account.role.clone(),
            external_id: account.external_id.clone(),
            ..self.base.clone()
        }
    }

    /// Every account that is wanted, in every region that is wanted of it; `all` means each of the settings.
    ///
    /// # Errors
    /// When the settings do not name one of them.
    pub fn places(&self, accounts: &[String], regions: &[String]) -> Result<Vec<AskedPlace>, NoAccount> {
        if accounts.is_empty() {
            return Ok(self.in_regions(None, regions));
        }
        let all = accounts.iter().any(|name| name == "all");
        if all && self.settings.accounts.is_empty() {
            return Err(NoAccount { name: "all".to_owned(), near: vec![] });
        }
        if !all {
            accounts.iter().try_for_each(|name| self.named(name).map(|_| ()))?;
        }
        let chosen = self.names().filter(|name| all || accounts.iter().any(|one| one == name));
        Ok(chosen.flat_map(|name| self.in_regions(Some(name), regions)).collect())
    }

    fn in_regions(&self, name: Option<&str>, wanted: &[String]) -> Vec<AskedPlace> {
        let account = name.and_then(|name| self.settings.accounts.get(name));
        let of = |region: Option<&str>| AskedPlace {
            account: name.map(str::to_owned),
            options: self.options(account, region),
        };
        let own: &[String] = account.map_or(&[], |account| &account.regions);
        match if wanted.is_empty() { own } else { wanted } {
            [] => vec![of(None)],
            // A region that was typed wins over those of the settings.
            _ if self.base.region.is_some() && wanted.is_empty() => vec![of(None)],
            many => many.iter().map(|region| of(Some(region))).collect(),
        }
    }

    /// An account in a region, opened at the first time and shared from then on.
    ///
    /// # Errors
    /// When no region is set, or the account cannot be opened.
    pub async fn live(&self, name: Option<&str>, region: Option<&str>) -> Result<Live, OpenError> {
        let key = (name.map(str::to_owned), region.map(str::to_owned));
        if let Some(live) = self.opened(&key) {
            return Ok(live);
        }
        let account = name.and_then(|name| self.settings.accounts.get(name));
        let live = Live::open(&self.options(account, region)).await?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Another may have opened it meanwhile: then all share that one.
        Ok(open.entry(key).or_insert(live).clone())
    }

    fn opened(&self, key: &(Option<String>, Option<String>)) -> Option<Live> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(live) = open.get(key) {
            return Some(live.clone());
        }
        let region = key.1.as_deref()?;
        let there = open.iter().find(|((name, _), _)| *name == key.0).map(|(_, live)| live.in_region(region))?;
        open.insert(key.clone(), there.clone());
        Some(there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUSE: &str = "[accounts.prod]\nrole = 'arn:aws:iam::111122223333:role/r'\nregions = ['eu-west-1', 'us-east-1']\n\
                         [accounts.test]\nprofile = 'test'\n";

    fn accounts(region: Option<&str>) -> Accounts {
        let base = Options { region: region.map(str::to_owned), ..Options::default() };
        Accounts::new(base, Settings::parse(HOUSE).expect("well formed"))
    }

    fn told(
        accounts: &[&str],
        regions: &[&str],
        typed: Option<&str>,
    ) -> Vec<(Option<String>, Option<String>, Option<String>)> {
        let owned = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let places = self::accounts(typed).places(&owned(accounts), &owned(regions)).expect("the names are known");
        places.into_iter().map(|one| (one.options.profile, one.options.assume_role, one.options.region)).collect()
    }

    #[test]
    fn every_account_is_asked_in_each_of_its_regions() {
        let some = |text: &str| Some(text.to_owned());
        let role = "arn:aws:iam::111122223333:role/r";
        assert_eq!(
            told(&["all"], &[], None),
            [(None, some(role), some("eu-west-1")), (None, some(role), some("us-east-1")), (some("test"), None, None)]
        );
        assert_eq!(told(&[], &["a", "b"], None), [(None, None, some("a")), (None, None, some("b"))]);
        assert_eq!(told(&["prod"], &[], Some("eu-west-3")), [(None, some(role), some("eu-west-3"))]);
        assert_eq!(told(&[], &[], None), [(None, None, None)]);
    }

    #[test]
    fn an_account_that_nobody_named_is_told_with_those_like_it() {
        let error = accounts(None).places(&["prdo".to_owned()], &[]).expect_err("it is not there");
        assert_eq!(error, NoAccount { name: "prdo".to_owned(), near: vec!["prod".to_owned()] });
        let none = Accounts::new(Options::default(), Settings::default()).places(&["all".to_owned()], &[]);
        assert_eq!(none.expect_err("there are none").name, "all");
    }

    #[test]
    fn the_account_of_a_role_is_known_by_its_digits() {
        assert_eq!(accounts(None).with_id("111122223333"), Some("prod"));
        assert_eq!(accounts(None).with_id("444455556666"), None);
    }

    #[tokio::test]
    async fn an_account_is_opened_once_for_all_its_regions() {
        let accounts = accounts(Some("eu-west-1"));
        let here = accounts.live(None, None).await.expect("it opens");
        let there = accounts.live(None, Some("us-east-1")).await.expect("it opens");
        assert_eq!((here.region(), there.region()), ("eu-west-1", "us-east-1"));
        assert!(std::sync::Arc::ptr_eq(&here.clients, &there.clients));
    }
}
