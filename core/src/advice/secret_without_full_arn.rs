//! A secret's name alone may mean another secret.

use super::prelude::*;
use crate::launch::secrets::{Store, secret_uses};

documented! {
/// A container names a secret without its full ARN.
///
/// # Why
/// Secrets Manager ends a secret's ARN in six random characters. Without them it has to guess which secret is meant: a name
/// that ends in a hyphen and six characters is taken for a full one, a policy that names the full ARN does not fit, and a
/// secret that is deleted and made anew under the same name takes its place unnoticed.
/// # When it is said
/// Where what the definition names is not the ARN that Secrets Manager tells of the secret.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html>
pub struct SecretWithoutFullArn;
}

impl Advice for SecretWithoutFullArn {
    const ID: &'static str = "secret-without-full-arn";
    const TITLE: &'static str = "Name secrets by their full ARN";
    const READS: &'static [&'static [Source]] = &[&[Source::Secret]];

    fn give(&self, case: &Case<'_>, facts: &Facts<'_>) -> Advised {
        let (mut named, mut full): (Vec<String>, Vec<String>) = (vec![], vec![]);
        for used in secret_uses(case)?.iter().filter(|used| used.store == Store::Secret) {
            let Ok(Some(secret)) = facts.secret(&used.region, &used.id) else { continue };
            if secret.arn != used.id && !named.contains(&used.id) {
                named.push(used.id.clone());
                full.push(secret.arn.clone());
            }
        }
        if named.is_empty() {
            return Ok(None);
        }
        let why = format!("{} is in full {}", some_of(&named), some_of(&full));
        Ok(Some(Tip::on(full).because(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::{silent_without, tip};
    use crate::causes::fixture::{Fixture, SECRET, a_secret, secret};
    use crate::evidence::Known;

    const ID: &str = SecretWithoutFullArn::ID;
    const PARTIAL: &str = "arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db";

    fn named(text: &str) -> Fixture {
        Fixture::fargate()
            .app(|app| app.secrets[0].value_from = text.to_owned())
            .with(secret(PARTIAL), Known::Secret(a_secret(SECRET, "prod/db")))
    }

    #[test]
    fn a_partial_arn_is_told_with_the_full_one() {
        let partial = named(&format!("{PARTIAL}:password::"));
        assert_eq!(tip(ID, &partial).map(|tip| tip.resources), Some(vec![SECRET.to_owned()]));
        silent_without(ID, &partial, &secret(PARTIAL));
    }

    #[test]
    fn a_full_arn_and_a_parameter_are_not() {
        assert_eq!(tip(ID, &named(&format!("{SECRET}:password::"))), None);
        assert_eq!(tip(ID, &named("/prod/db")), None);
    }
}
