//! The parameter does not exist.

use crate::causes::prelude::*;
use crate::change::command;
use crate::image::nearest;
use crate::launch::secrets::{SecretUse, Store};

documented! {
/// The parameter of Systems Manager that a container names does not exist.
///
/// # Why a task stops here
/// ECS fetches all parameters of a task by their names before the first container starts. A name that holds slashes
/// begins with one, and a name without an ARN is looked for in the task's own region and account.
/// # How it is told
/// Systems Manager is asked for a parameter of exactly this name; its value is never read. Names that are like it are
/// looked for below the same path. A secret of Secrets Manager must be named by its full ARN: its name alone is taken for
/// a parameter's.
/// # Prevention
/// Make parameters in the stack of the service, and let the definition take their ARNs from it.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html>
pub struct ParameterNotFound;
}

/// Where a name like it is looked for: below its path, or anywhere for a name without one.
fn like(name: &str) -> String {
    let bare = name.trim_start_matches('/');
    match name.rfind('/') {
        Some(end) if bare.contains('/') => name[..=end].to_owned(),
        _ => bare.to_owned(),
    }
}

/// Names that somebody may have meant, the nearest first; none where they could not be read.
fn meant(used: &SecretUse, facts: &Facts<'_>) -> Vec<String> {
    let Ok(Some(names)) = facts.parameter_names(&used.region, like(&used.id)) else { return vec![] };
    // One that is named alike deeper down was moved; others are spelt alike.
    let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let mut moved: Vec<String> =
        names.iter().filter(|name| **name != used.id && last(name) == last(&used.id)).cloned().collect();
    let alike = nearest(&used.id, names.iter().map(String::as_str), 3);
    for name in alike {
        if !moved.iter().any(|one| one == name) {
            moved.push(name.to_owned());
        }
    }
    moved.truncate(3);
    moved
}

/// The secret that a name without an ARN may mean.
fn secret_of_that_name(used: &SecretUse, facts: &Facts<'_>) -> Option<String> {
    if used.account.is_some() {
        return None;
    }
    match facts.secret(&used.region, &used.id) {
        Ok(Some(secret)) => Some(secret.arn.clone()),
        _ => None,
    }
}

impl Cause for ParameterNotFound {
    type Subject = SecretUse;
    const ID: CauseId = CauseId::ParameterNotFound;
    const READS: &'static [&'static [Source]] = &[&[Source::Parameter, Source::ParameterNames, Source::Secret]];

    fn judge(&self, used: &SecretUse, _case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if used.store != Store::Parameter {
            return Ok(Verdict::NotApplicable);
        }
        let finding = Finding::on([used.id.clone()]).in_container(&used.container);
        let Some(parameter) = facts.parameter(&used.region, &used.id)? else {
            let (secret, meant) = (secret_of_that_name(used, facts), meant(used, facts));
            let instead = match (secret, meant.first()) {
                (Some(_), _) => "; there is a secret of that name, which must be named by its full ARN".to_owned(),
                (None, Some(name)) => format!("; there is `{name}`"),
                (None, None) => String::new(),
            };
            let why = format!(
                "parameter {}, which container {} takes {} from, does not exist in {}{instead}",
                used.id, used.container, used.variable, used.region
            );
            return Ok(finding.because(why).into());
        };
        // Only the time of the last version is told: of the first version it is when the parameter was made.
        match (facts.moment(), parameter.modified) {
            (Some(moment), Some(made)) if made > moment && parameter.version == Some(1) => {
                let why = format!("parameter {} was made at {made:.0}, after the task had stopped", parameter.name);
                Ok(Verdict::Healed(finding.because(why).healed(made)))
            }
            _ => Ok(Verdict::Sound),
        }
    }

    fn fixes(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let mut fixes = vec![];
        if let Some(arn) = secret_of_that_name(used, facts) {
            let fix = Fix::new(format!("Name the secret {} by its full ARN, in a new revision", used.id), Risk::Medium);
            fixes.push(fix.making(super::use_instead(used, arn)));
        }
        if let Some(name) = meant(used, facts).into_iter().next() {
            let new = match used.account {
                Some(_) => SecretUse { id: name.clone(), ..used.clone() }.parameter_arn(case),
                None => name.clone(),
            };
            let fix = Fix::new(format!("Take the parameter {name} instead, in a new revision"), Risk::Medium)
                .making(super::use_instead(used, new))
                .noting("its name is like the one that is missing: make sure that it is the one that was meant");
            fixes.push(fix);
        }
        let mut words = vec!["aws", "ssm", "put-parameter", "--name", &used.id];
        if used.region != case.region.region {
            words.extend(["--region", &used.region]);
        }
        words.extend(["--type", "SecureString", "--value", "file://value-of-the-parameter.txt"]);
        let fix = Fix::new(format!("Make the parameter {}", used.id), Risk::Low)
            .making(Change::ByHand { commands: vec![command(words)] })
            .noting("put its value into that file first");
        fixes.push(fix);
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REGION, SECRET, Said, a_parameter, a_secret, at, parameter, secret};
    use crate::change::StoreChange;
    use crate::evidence::{Known, Question};

    const ID: CauseId = CauseId::ParameterNotFound;

    fn names(like: &str, names: &[&str]) -> (Question, Known) {
        let question = Question::ParameterNames { region: REGION.into(), like: like.into() };
        (question, Known::ParameterNames(names.iter().map(|name| (*name).to_owned()).collect()))
    }

    fn renamed() -> Fixture {
        let (question, known) = names("/prod/web/", &["/prod/web/payments/token", "/prod/web/url"]);
        let named = |name: &str| Fixture::fargate().app(|app| app.secrets[0].value_from = name.to_owned());
        named("/prod/web/token")
            .absent(parameter("/prod/web/token"))
            .absent(secret("/prod/web/token"))
            .with(parameter("/prod/web/payments/token"), Known::Parameter(a_parameter("/prod/web/payments/token")))
            .with(question, known)
    }

    #[test]
    fn a_parameter_that_is_not_there_is_at_fault_and_what_it_may_be_called_now_is_named() {
        let found = renamed().finding(ID);
        assert_eq!(found.resources, ["/prod/web/token"]);
        let why = "parameter /prod/web/token, which container app takes DB_PASSWORD from, does not exist in us-east-1; \
                   there is `/prod/web/payments/token`";
        assert_eq!(found.explanation, why);
        let there = renamed().with(parameter("/prod/web/token"), Known::Parameter(a_parameter("/prod/web/token")));
        assert_eq!(there.says(ID), Said::Sound);
        assert_eq!(Fixture::fargate().says(ID), Said::NotApplicable, "a secret is no parameter");
    }

    #[test]
    fn one_whose_first_version_is_younger_than_the_stop_was_missing_then() {
        let made = |version| {
            let mut late = a_parameter("/prod/web/token");
            (late.modified, late.version) = (Some(at("11:00")), version);
            renamed().with(parameter("/prod/web/token"), Known::Parameter(late)).says(ID)
        };
        assert_eq!([made(Some(1)), made(Some(2)), made(None)], [Said::Healed, Said::Sound, Said::Sound]);
    }

    #[test]
    fn the_name_of_a_secret_is_taken_for_a_parameters() {
        let mistaken = Fixture::fargate()
            .app(|app| app.secrets[0].value_from = "prod/db".to_owned())
            .absent(parameter("prod/db"))
            .with(secret("prod/db"), Known::Secret(a_secret(SECRET, "prod/db")));
        assert!(mistaken.finding(ID).explanation.ends_with("which must be named by its full ARN"));
        let fixes = mistaken.mended(ID);
        let [Change::Store(StoreChange::UseReference { new, .. })] = &fixes[0].changes[..] else { unreachable!() };
        assert_eq!(new, SECRET);
    }

    #[test]
    fn it_hangs_on_the_parameter_alone() {
        renamed().hangs_on(ID, &parameter("/prod/web/token"));
        renamed().never_turns(ID);
        let (question, _) = names("/prod/web/", &[]);
        assert_eq!(renamed().gap(question).says(ID), Said::Fault);
    }

    #[test]
    fn the_nearest_name_mends_it_as_name_or_as_arn() {
        let arn = "arn:aws:ssm:us-east-1:111111111111:parameter/prod/web/token";
        for (fixture, expected) in [
            (renamed(), "/prod/web/payments/token"),
            (
                renamed().app(|app| app.secrets[0].value_from = arn.to_owned()),
                "arn:aws:ssm:us-east-1:111111111111:parameter/prod/web/payments/token",
            ),
        ] {
            let fixes = fixture.mended(ID);
            let [Change::Store(StoreChange::UseReference { new, .. })] = &fixes[0].changes[..] else { unreachable!() };
            assert_eq!(new, expected);
            assert!(fixes[1].is_by_hand());
        }
    }

    #[test]
    fn names_are_looked_for_below_the_same_path() {
        for (name, expected) in [("/prod/web/token", "/prod/web/"), ("/token", "token"), ("TOKEN", "TOKEN")] {
            assert_eq!(like(name), expected);
        }
    }
}
