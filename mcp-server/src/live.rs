//! Accounts that are asked: which of them, where, and as whom.

use crate::args::Args;
use crate::errors::{Code, Fault};
use crate::source::{Where, Who};
use ecs_why_aws::{Live, NoAccount, OpenError, Options};
use ecs_why_core::diagnosis::Engine;
use ecs_why_core::settings::Settings;
use ecs_why_core::target::Place;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The accounts that may be asked: those of the configuration, or the one whose credentials are at hand.
pub struct Accounts {
    all: ecs_why_aws::Accounts,
    /// The regions that were asked: each keeps clients, so there may be only so many.
    regions: Mutex<BTreeSet<String>>,
}

/// More than AWS has in all partitions.
const MOST_REGIONS: usize = 64;

impl Accounts {
    /// As the options and the configuration say.
    pub fn new(args: &Args, settings: Settings) -> Accounts {
        let usual = Options::default();
        let base = Options {
            region: args.region.clone(),
            profile: args.profile.clone(),
            endpoint_url: args.endpoint_url.clone(),
            ca_bundle: args.ca_bundle.clone(),
            read_timeout: args.cli_read_timeout.unwrap_or(usual.read_timeout),
            connect_timeout: args.cli_connect_timeout.unwrap_or(usual.connect_timeout),
            ..usual
        };
        Accounts { all: ecs_why_aws::Accounts::new(base, settings), regions: Mutex::default() }
    }

    /// The names of the configuration.
    pub fn names(&self) -> Vec<String> {
        self.all.names().map(str::to_owned).collect()
    }

    /// An engine over an account; `place` is what the target names by itself.
    pub async fn engine(&self, at: &Where, place: Option<&Place>, background: bool) -> Result<Engine, Fault> {
        let live = self.live(at, place).await?;
        let region = live.region().to_owned();
        // Each diagnosis counts its own requests.
        let live = if background { live.in_background() } else { live }.for_one_run();
        Ok(Engine::new(Arc::new(live), region))
    }

    /// As whom an account is asked.
    pub async fn identity(&self, at: &Where) -> Result<Who, Fault> {
        let live = self.live(at, None).await?;
        let region = live.region().to_owned();
        let identity = Engine::new(Arc::new(live), region.clone()).identity().await?;
        Ok(Who { account: identity.account, principal: identity.arn, region })
    }

    async fn live(&self, at: &Where, place: Option<&Place>) -> Result<Live, Fault> {
        let name = self.account(at, place)?;
        let region = self.region(name.as_deref(), at)?;
        Ok(self.all.live(name.as_deref(), region.as_deref()).await?)
    }

    /// Which account is meant. The configuration's are all that may be asked, if it names any.
    fn account(&self, at: &Where, place: Option<&Place>) -> Result<Option<String>, Fault> {
        let names = self.names();
        if let Some(name) = &at.account {
            if names.is_empty() {
                let message = "the server's configuration names no accounts";
                return Err(Fault::argument(
                    "account",
                    message,
                    "leave `account` out: the server's own credentials count",
                ));
            }
            self.all.named(name)?;
            return Ok(Some(name.clone()));
        }
        let of_target = place.and_then(|place| place.account.as_deref()).and_then(|id| self.all.with_id(id));
        match (names.as_slice(), of_target) {
            ([], _) => Ok(None),
            (_, Some(name)) => Ok(Some(name.to_owned())),
            ([only], None) => Ok(Some(only.clone())),
            (many, None) => {
                let message = format!("the configuration names {} accounts: which of them?", many.len());
                let next = "ask the person, then call again with `account`";
                Err(Fault::new(Code::ChoiceNeeded, message, next).about("account").candidates(many.iter().cloned()))
            }
        }
    }

    /// Which region is meant; an account's own ones are all that may be asked of it, if it has any.
    fn region(&self, name: Option<&str>, at: &Where) -> Result<Option<String>, Fault> {
        let own = match name {
            Some(name) => self.all.named(name)?.regions.clone(),
            None => vec![],
        };
        let Some(region) = &at.region else { return Ok(own.into_iter().next()) };
        if !own.is_empty() && !own.contains(region) {
            let message = format!("the configuration does not let `{region}` be asked");
            let fault = Fault::new(Code::NotAllowed, message, "name one of the candidates").about("region");
            return Err(fault.candidates(own));
        }
        let mut known = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_region(region) || known.len() >= MOST_REGIONS && !known.contains(region) {
            let message = format!("`{region}` is no region");
            return Err(Fault::argument("region", message, "name one as in `us-east-1`, or leave `region` out"));
        }
        known.insert(region.clone());
        Ok(Some(region.clone()))
    }
}

/// As in `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`: it becomes part of a host's name.
fn is_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
    match parts.as_slice() {
        [words @ .., number] => {
            name.len() <= 30 && words.len() >= 2 && words.iter().all(word) && number.parse::<u8>().is_ok()
        }
        [] => false,
    }
}

impl From<OpenError> for Fault {
    fn from(error: OpenError) -> Fault {
        let message = match &error {
            OpenError::NoRegion => "no region is set, and the target names none".to_owned(),
            other => other.to_string(),
        };
        match error {
            OpenError::NoRegion => {
                Fault::new(Code::NoRegion, message, "call again with `region`; ask the person if it is not known")
                    .about("region")
            }
            _ => Fault::new(Code::NoCredentials, message, "ask the person to mend the server's configuration"),
        }
    }
}

impl From<NoAccount> for Fault {
    fn from(error: NoAccount) -> Fault {
        let message = format!("the configuration names no account `{}`", error.name);
        Fault::new(Code::NotFound, message, "call list_targets: it has the accounts' names")
            .about("account")
            .candidates(error.near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    const HOUSE: &str = "[accounts.prod]\nrole = 'arn:aws:iam::111122223333:role/r'\nregions = ['eu-west-1']\n\
                         [accounts.test]\nprofile = 'test'\n";

    fn accounts(house: &str) -> Accounts {
        let args = Args::parse_from(["ecs-why-mcp", "--region", "eu-west-1"]);
        Accounts::new(&args, Settings::parse(house).expect("well formed"))
    }

    fn at(account: Option<&str>, region: Option<&str>) -> Where {
        Where { account: account.map(str::to_owned), region: region.map(str::to_owned) }
    }

    #[test]
    fn the_configuration_bounds_what_may_be_asked() {
        let accounts = accounts(HOUSE);
        let code = |at: Where| accounts.account(&at, None).err().and_then(|fault| fault.code());
        assert_eq!(code(at(None, None)), Some(Code::ChoiceNeeded));
        assert_eq!(code(at(Some("prdo"), None)), Some(Code::NotFound));
        assert_eq!(code(at(Some("prod"), None)), None);
        let region = |name, at: Where| accounts.region(Some(name), &at);
        assert_eq!(
            region("prod", at(None, Some("us-east-1"))).err().and_then(|fault| fault.code()),
            Some(Code::NotAllowed)
        );
        assert_eq!(region("prod", at(None, None)).ok(), Some(Some("eu-west-1".to_owned())));
        assert_eq!(region("test", at(None, Some("us-east-1"))).ok(), Some(Some("us-east-1".to_owned())));
    }

    #[test]
    fn an_arn_names_its_account_by_itself() {
        let place = Place { account: Some("111122223333".to_owned()), ..Place::default() };
        let found = accounts(HOUSE).account(&at(None, None), Some(&place));
        assert_eq!(found.ok(), Some(Some("prod".to_owned())));
    }

    #[test]
    fn without_a_configuration_there_is_nothing_to_choose() {
        let none = accounts("");
        assert_eq!(none.account(&at(None, None), None).ok(), Some(None));
        assert!(none.account(&at(Some("prod"), None), None).is_err());
    }

    #[test]
    fn a_region_is_part_of_a_hosts_name() {
        for region in ["us-east-1", "us-gov-west-1", "eusc-de-east-1", "ap-southeast-7"] {
            assert!(is_region(region), "{region}");
        }
        for other in ["", "x", "us-east-1.evil.example", "us-east", "US-EAST-1", "us--1", "a/b-c-1"] {
            assert!(!is_region(other), "{other}");
        }
    }
}
