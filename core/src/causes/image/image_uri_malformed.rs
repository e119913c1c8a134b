//! The image's name is none.

use crate::case::Container;
use crate::causes::prelude::*;
use crate::image::{ImageReference, is_almost_ecr};
use crate::launch::images::EcrUse;
use crate::symptom::Strength;

documented! {
/// What the container gives as its image cannot be read as one, or leaves out its registry.
///
/// # Why a task stops here
/// An image is named `registry/repository:tag` or `registry/repository@sha256:...`, in lower case but for the tag, without
/// `https://` and without blanks. A placeholder that nobody filled in ends the launch before any registry is asked. A name
/// without a registry is Docker Hub's, however well a registry of ECR knows it.
/// # How it is told
/// The name is read by the rules of registries, and a host that only looks like one of ECR (an account has twelve digits)
/// is none. Where Docker Hub refused a name without a registry, the account's own registry is asked for it.
/// # Prevention
/// Build the name from the outputs of what makes the repository, and fail the pipeline on `${` and `<` in a definition.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>
pub struct ImageUriMalformed;
}

/// The image that was meant, if it had the host of the account's own registry.
fn meant(container: &Container, case: &Case<'_>) -> Option<EcrUse> {
    let text = container.definition.image.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    // A host that is none is what stands before the first slash.
    let path = match text.split_once('/') {
        Some((host, path)) if host.contains('.') || host.contains(':') => path,
        _ => text,
    };
    let suffix = if case.region.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let host = format!("{}.dkr.ecr.{}.{suffix}", case.region.account, case.region.region);
    let Ok(image) = ImageReference::parse(&format!("{host}/{path}")) else { return None };
    Some(EcrUse { registry: image.ecr()?, image })
}

/// Docker Hub was asked, by a name that says no registry, and refused: the stop says so.
fn was_refused_by_docker_hub(container: &Container, case: &Case<'_>) -> bool {
    let Some(symptom) = &case.symptom else { return false };
    let claims = |id| symptom.strength(id).is_some_and(|one| one >= Strength::Suggests);
    let absent = claims(CauseId::RepositoryNotFound) || claims(CauseId::RegistryCredentialsRejected);
    let guilty = symptom.container.as_deref().is_none_or(|name| name == container.name());
    let host = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"];
    let hostless = matches!(&container.image, Ok(image) if image.host == "registry-1.docker.io")
        && !host.iter().any(|host| container.definition.image.starts_with(host));
    let claimed = symptom.claims.iter().any(|claim| claim.cause == CauseId::ImageUriMalformed);
    absent && claimed && guilty && hostless && container.definition.repository_credentials.is_none()
}

impl Cause for ImageUriMalformed {
    type Subject = Container;
    const ID: CauseId = CauseId::ImageUriMalformed;
    const READS: &'static [&'static [Source]] = &[&[Source::TaskDefinition, Source::Image]];

    fn judge(&self, container: &Container, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if let Some(arn) = &case.definition_arn {
            // What shows it is the definition itself.
            let _ = facts.task_definition(arn.as_str());
        }
        let text = &container.definition.image;
        let finding = Finding::on([text.clone()].into_iter().chain(case.definition_arn.clone()));
        let finding = finding.in_container(container.name());
        let image = match &container.image {
            Err(wrong) => return Ok(finding.because(wrong.to_string()).into()),
            Ok(image) => image,
        };
        if let Some(why) = is_almost_ecr(&image.host) {
            return Ok(finding.because(format!("`{text}` is no image of ECR: {why}")).into());
        }
        if was_refused_by_docker_hub(container, case)
            && let Some(own) = meant(container, case)
            && own.found(facts)?.is_some()
        {
            let why = format!(
                "`{text}` names no registry, so that Docker Hub is asked; account {} has it in {}",
                case.region.account, case.region.region
            );
            return Ok(finding.because(why).into());
        }
        Ok(Verdict::Sound)
    }

    fn fixes(&self, container: &Container, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(own) = meant(container, case) else { return Ok(vec![]) };
        if own.found(facts)?.is_none() {
            return Ok(vec![]);
        }
        let new = own.image.text.clone();
        let change = Change::UseImage {
            container: container.name().to_owned(),
            old: container.definition.image.clone(),
            new: new.clone(),
        };
        Ok(vec![Fix::new(format!("Name `{new}`, which is there, in a new revision"), Risk::Medium).making(change)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, IMAGE, REVISION, Said, image};

    const ID: CauseId = CauseId::ImageUriMalformed;

    fn named(text: &str) -> Fixture {
        Fixture::fargate().app(|app| app.image = text.to_owned())
    }

    #[test]
    fn what_is_no_name_is_at_fault_and_says_why() {
        for (text, why) in [
            ("YOUR_ACCOUNT_ID.dkr.ecr.us-east-1.amazonaws.com/team/web:v42", "the registry's host name is malformed"),
            ("https://111111111111.dkr.ecr.us-east-1.amazonaws.com/team/web:v42", "it begins with a protocol"),
            ("111111111111.dkr.ecr.us-east-1.amazonaws.com/team/web:${TAG}", "the tag holds characters"),
            ("111111111111.dkr.ecr.us-east-1.amazonaws.com/Team/web:v42", "in lower case"),
            ("team/web:v42 ", "the tag holds characters"),
            ("acme.dkr.ecr.us-east-1.amazonaws.com/team/web:v42", "`acme` is no account"),
            ("111111111111.dkr.ecr.amazonaws.com/team/web:v42", "its host is no registry's"),
        ] {
            let found = named(text).finding(ID);
            assert_eq!(found.resources, [text, REVISION], "{text}");
            assert!(found.explanation.contains(why), "{text}: {}", found.explanation);
        }
        for text in [IMAGE, "nginx", "public.ecr.aws/nginx/nginx:1", "ghcr.io/o/app", "registry:5000/app"] {
            assert_eq!(named(text).says(ID), Said::Sound, "{text}");
        }
    }

    fn refused(text: &str) -> Fixture {
        let why = format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref \
             docker.io/{text}: pull access denied, repository does not exist or may require authorization: server \
             message: insufficient_scope: authorization failed"
        );
        named(text).stopped("TaskFailedToStart", &why)
    }

    #[test]
    fn a_name_without_a_registry_is_docker_hubs_whatever_the_account_has() {
        let found = refused("team/web:v42").finding(ID);
        assert!(found.explanation.ends_with("account 111111111111 has it in us-east-1"), "{}", found.explanation);
        assert_eq!(refused("team/web:v42").absent(image("v42")).says(ID), Said::Sound, "it may be Docker Hub's");
        refused("team/web:v42").hangs_on(ID, &image("v42"));
        let keyed = refused("team/web:v42").app(|app| app.repository_credentials = Some("hub".to_owned()));
        assert_eq!(keyed.says(ID), Said::Sound, "with credentials Docker Hub was meant");
        assert_eq!(refused("team/web:v42").check().says(ID), Said::Sound, "untried, it may be Docker Hub's");
    }

    #[test]
    fn the_accounts_own_image_of_that_name_mends_it() {
        for fixture in [
            named("<account>.dkr.ecr.us-east-1.amazonaws.com/team/web:v42"),
            named("https://111111111111.dkr.ecr.us-east-1.amazonaws.com/team/web:v42"),
            refused("team/web:v42"),
        ] {
            let fixes = fixture.mended(ID);
            assert!(matches!(fixes[0].changes.as_slice(), [Change::UseImage { new, .. }] if new == IMAGE), "{fixes:?}");
            assert_eq!(fixture.after(&fixes[0]).says(ID), Said::Sound);
        }
        let gone = named("<account>.dkr.ecr.us-east-1.amazonaws.com/team/web:v42").absent(image("v42"));
        assert_eq!(gone.mended(ID), [], "a name that is not there mends nothing");
    }
}
