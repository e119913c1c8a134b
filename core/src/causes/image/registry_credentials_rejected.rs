//! The registry is private, and the credentials are missing or refused.

use crate::causes::prelude::*;
use crate::causes::told;
use crate::launch::images::EcrUse;
use crate::symptom::Symptom;

documented! {
/// The registry is private, and the credentials for it are missing or refused.
///
/// # Why a task stops here
/// For a registry outside of ECR a container names a secret with `username` and `password` in `repositoryCredentials`. Without
/// it the pull is anonymous. A password that was changed at the registry, or a token that ran out, is refused.
/// # How it is told
/// By the registry's own words, and by what the definition names. A secret that is not there or may not be read is a cause
/// of its own. "no basic auth credentials" says that no token was sent, which for ECR is a matter of the role.
/// # Prevention
/// Change the secret together with the password at the registry.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html>
pub struct RegistryCredentialsRejected;
}

/// The container that was refused: the guilty one, or the only one with the image that the text names.
fn refused(case: &Case<'_>, symptom: &Symptom) -> Option<crate::case::Container> {
    let containers = case.containers().into_iter().flatten();
    let image = symptom.fact("image");
    let mut all: Vec<_> = match &symptom.container {
        Some(name) => containers.filter(|one| one.name() == name).collect(),
        None => containers.filter(|one| image.is_none_or(|image| one.definition.image == image)).collect(),
    };
    if all.len() == 1 { all.pop() } else { None }
}

impl Cause for RegistryCredentialsRejected {
    type Subject = Whole;
    const ID: CauseId = CauseId::RegistryCredentialsRejected;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        let judged = told::judge(Self::ID, case, |symptom| {
            let Some(container) = refused(case, symptom) else {
                let image = symptom.fact("image").or(symptom.fact("registry")).unwrap_or("the image");
                let why = format!("the registry of {image} wants credentials, and none or wrong ones were sent");
                return Finding::on(symptom.names().into_iter().chain(case.definition_arn.clone())).because(why);
            };
            let (name, image) = (container.name(), &container.definition.image);
            let host = match &container.image {
                Ok(image) => image.host.clone(),
                Err(_) => "its registry".to_owned(),
            };
            let in_ecr = EcrUse::of(&container).is_some();
            let (resources, why) = match &container.definition.repository_credentials {
                Some(secret) => (
                    vec![secret.clone(), image.clone()],
                    format!("{host} refuses the credentials in {secret}, which container {name} names"),
                ),
                None if in_ecr => (
                    vec![image.clone()],
                    format!("container {name} was refused by {host}: no token was sent, or one that is not accepted"),
                ),
                None => (
                    vec![image.clone()],
                    format!(
                        "container {name} pulls from {host} without credentials: the definition names no repositoryCredentials"
                    ),
                ),
            };
            Finding::on(resources.into_iter().chain(case.definition_arn.clone())).in_container(name).because(why)
        })?;
        // Where no credentials are named there are none that could be accepted.
        let mut containers = case.containers().into_iter().flatten();
        let mut named = || containers.any(|one| one.definition.repository_credentials.is_some());
        Ok(if judged == Verdict::Sound && !named() { Verdict::NotApplicable } else { judged })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let Some(symptom) = &case.symptom else { return Ok(vec![]) };
        let Some(container) = refused(case, symptom) else { return Ok(vec![]) };
        if EcrUse::of(&container).is_some() {
            return Ok(vec![]);
        }
        let docs = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html";
        let fix = match &container.definition.repository_credentials {
            Some(secret) => {
                let query = "[Name,LastChangedDate,LastRotatedDate]";
                let words = ["aws", "secretsmanager", "describe-secret", "--secret-id", secret, "--query", query];
                told::look("Put the registry's present credentials into the secret", words)
                    .noting("the command shows when the secret was changed last; its value stays where it is")
            }
            None => {
                let query = "SecretList[].[Name,Description,ARN]";
                let words = ["aws", "secretsmanager", "list-secrets", "--query", query, "--output", "text"];
                told::look("Name a secret with the registry's credentials in a new revision", words)
                    .noting("the execution role must be allowed to read it")
            }
        };
        Ok(vec![fix.documented_at(docs)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REVISION};
    use crate::causes::told::words;

    const ID: CauseId = CauseId::RegistryCredentialsRejected;
    const PRIVATE: &str = "ghcr.io/example-org/audit:2.0.3";
    const REFUSED: &str = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref \
                           ghcr.io/example-org/audit:2.0.3: failed to authorize: failed to fetch anonymous token: unexpected status \
                           from GET request to https://ghcr.io/token?scope=repository%3Aexample-org%2Faudit%3Apull&service=ghcr.io: \
                           401 Unauthorized";

    fn private(credentials: Option<&str>) -> Fixture {
        Fixture::fargate()
            .app(|app| {
                app.image = PRIVATE.to_owned();
                app.repository_credentials = credentials.map(str::to_owned);
            })
            .stopped("TaskFailedToStart", REFUSED)
    }

    #[test]
    fn the_registrys_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            ID,
            "TaskFailedToStart",
            &[
                REFUSED,
                "CannotPullContainerError: Error response from daemon: Head \"https://registry.gitlab.com/v2/a/b/manifests/1\": \
                 unauthorized: authentication required",
                "CannotPullContainerAuthError: Error response from daemon: Get \"https://registry.example.org/v2/\": unauthorized: \
                 incorrect username or password",
            ],
            &["CannotPullContainerError: failed to resolve ref ghcr.io/example-org/audit:2.0.3: not found"],
        );
    }

    #[test]
    fn what_the_definition_names_is_said() {
        let without = private(None).finding(ID);
        assert_eq!(without.resources, [PRIVATE, REVISION]);
        assert_eq!(
            without.explanation,
            "container app pulls from ghcr.io without credentials: the definition names no repositoryCredentials"
        );
        let with = private(Some("prod/ghcr")).finding(ID);
        assert_eq!(with.resources, ["prod/ghcr", PRIVATE, REVISION]);
        assert_eq!(with.explanation, "ghcr.io refuses the credentials in prod/ghcr, which container app names");
    }

    #[test]
    fn the_fix_looks_at_the_secret_or_for_one_and_reads_no_value() {
        let command = |fixture: Fixture| match fixture.mended(ID).remove(0).changes.remove(0) {
            Change::ByHand { commands } => commands.concat(),
            other => panic!("{other:?}"),
        };
        assert!(command(private(None)).starts_with("aws secretsmanager list-secrets "));
        assert!(
            command(private(Some("prod/ghcr")))
                .starts_with("aws secretsmanager describe-secret --secret-id prod/ghcr ")
        );
        let own =
            Fixture::fargate().stopped("TaskFailedToStart", "Error response from daemon: no basic auth credentials");
        assert_eq!(own.mended(ID), [], "ECR takes no credentials of a secret");
    }
}
