//! The shared configuration files, and which profile of them counts: as the AWS CLI chooses it.

use crate::open::{OpenError, Options};
use aws_config::profile::{Profile, ProfileSet, load};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

/// What stands in the files, and the profile that was chosen.
#[derive(Debug)]
pub(crate) struct Shared {
    all: ProfileSet,
    /// The file of credentials by itself: what stands there goes before a `credential_process`.
    credentials: ProfileSet,
    name: String,
    named_by: Option<&'static str>,
}

impl Shared {
    /// Reads both files; those that are not there are empty.
    pub(crate) async fn load(options: &Options) -> Result<Shared, OpenError> {
        let (name, named_by) = match chosen(options.profile.as_deref(), variable) {
            Some((name, by)) => (name, Some(by)),
            None => ("default".to_owned(), None),
        };
        let (fs, env) = (Fs::real(), Env::real());
        let only_credentials = EnvConfigFiles::builder().include_default_credentials_file(true).build();
        let broken = |error: aws_config::profile::ProfileFileLoadError| {
            let words = std::iter::successors(Some(&error as &dyn std::error::Error), |&error| error.source());
            OpenError::Files(words.map(ToString::to_string).collect::<Vec<_>>().join(": "))
        };
        let all = load(&fs, &env, &EnvConfigFiles::default(), Some(name.clone().into())).await.map_err(broken)?;
        let credentials = load(&fs, &env, &only_credentials, Some(name.clone().into())).await.map_err(broken)?;
        let shared = Shared { all, credentials, name, named_by };
        match named_by {
            Some(by) if shared.all.get_profile(&shared.name).is_none() => {
                let mut known: Vec<String> = shared.all.profiles().map(str::to_owned).collect();
                known.sort();
                Err(OpenError::NoSuchProfile { name: shared.name, by, known })
            }
            _ => Ok(shared),
        }
    }

    /// The profile that counts; `default` need not be there.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What names it, unless it is only the default one.
    pub(crate) fn named_by(&self) -> Option<&'static str> {
        self.named_by
    }

    /// What the profile says under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.profile(&self.name)?.get(key)
    }

    pub(crate) fn profile(&self, name: &str) -> Option<&Profile> {
        self.all.get_profile(name)
    }

    /// The same profile as the file of credentials has it.
    pub(crate) fn in_credentials(&self) -> Option<&Profile> {
        self.credentials.get_profile(&self.name)
    }
}

/// What the profile that counts says under a key, for settings of the AWS CLI that are not about AWS (`cli_pager`). Files that cannot
/// be read say nothing here: whoever opens the account tells what is wrong with them.
pub async fn of_profile(profile: Option<&str>, key: &str) -> Option<String> {
    let options = Options { profile: profile.map(str::to_owned), ..Options::default() };
    Shared::load(&options).await.ok()?.get(key).map(str::to_owned)
}

/// A variable of the environment that says something.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// In this order in botocore, too.
fn chosen(given: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Option<(String, &'static str)> {
    let of = |name: &'static str| variable(name).map(|value| (value, name));
    given.map(|name| (name.to_owned(), "--profile")).or_else(|| of("AWS_DEFAULT_PROFILE")).or_else(|| of("AWS_PROFILE"))
}

/// The region, and what names it. The AWS CLI v2 and the SDKs look in this order; v1 knows nothing of `AWS_REGION`.
pub(crate) fn region(options: &Options, shared: &Shared) -> Option<(String, &'static str)> {
    let of = |name: &'static str| variable(name).map(|value| (value, name));
    let given = options.region.clone().map(|region| (region, "the target or --region"));
    let profile = || shared.get("region").map(|region| (region.to_owned(), "the profile"));
    let found = given.or_else(|| of("AWS_REGION")).or_else(|| of("AWS_DEFAULT_REGION")).or_else(profile);
    found.filter(|(region, _)| !region.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_goes_before_the_environment() {
        let both = |name: &str| Some(format!("of {name}"));
        assert_eq!(chosen(Some("a"), both), Some(("a".to_owned(), "--profile")));
        assert_eq!(chosen(None, both).map(|(name, _)| name).as_deref(), Some("of AWS_DEFAULT_PROFILE"));
        let one = |name: &str| (name == "AWS_PROFILE").then(|| "b".to_owned());
        assert_eq!(chosen(None, one), Some(("b".to_owned(), "AWS_PROFILE")));
        assert_eq!(chosen(None, |_| None), None);
    }
}
