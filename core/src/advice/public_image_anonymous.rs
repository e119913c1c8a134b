//! Anonymous pulls are counted together with those of strangers.

use super::prelude::*;
use crate::network::hosts::{Registry, registry_of};

documented! {
/// A container pulls from a public registry as nobody in particular.
///
/// # Why
/// Public registries limit anonymous pulls by address: behind a NAT gateway all tasks share one, and the limit is met when
/// most tasks start, in a deployment or after a failure. An image may also be moved or deleted there. A pull through cache of
/// ECR, a mirror, or credentials (`repositoryCredentials`) make it one's own.
/// # When it is said
/// Where an image is in Docker Hub, Quay, GitHub's registry or another well-known public one, and the container names no
/// credentials. ECR Public has limits that tasks in AWS do not meet.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html>
pub struct PublicImageAnonymous;
}

/// Further registries that anybody pulls from.
const PUBLIC: [&str; 6] =
    ["gcr.io", "registry.k8s.io", "mcr.microsoft.com", "registry.gitlab.com", "docker.elastic.co", "nvcr.io"];

/// Upstreams of which ECR caches images without credentials: their prefix is usual.
const CACHED: [(&str, &str); 2] = [("quay.io", "quay"), ("registry.k8s.io", "kubernetes")];

impl Advice for PublicImageAnonymous {
    const ID: &'static str = "public-image-anonymous";
    const TITLE: &'static str = "Pull public images through a registry of your own";
    const READS: &'static [&'static [Source]] = &[];

    fn give(&self, case: &Case<'_>, _: &Facts<'_>) -> Advised {
        let mut tip = Tip::default();
        for container in case.containers()?.iter().filter(|one| one.definition.repository_credentials.is_none()) {
            let Ok(image) = &container.image else { continue };
            let known = matches!(registry_of(&image.host), Registry::DockerHub | Registry::Quay | Registry::Ghcr);
            if !known && !PUBLIC.contains(&image.host.as_str()) {
                continue;
            }
            tip.resources.push(image.text.clone());
            if let Some((host, prefix)) = CACHED.iter().find(|(host, _)| *host == image.host) {
                let words = ["aws", "ecr", "create-pull-through-cache-rule", "--ecr-repository-prefix", prefix];
                tip.commands.push(command(words.into_iter().chain(["--upstream-registry-url", host])));
            }
        }
        if tip.resources.is_empty() {
            return Ok(None);
        }
        let why = format!(
            "{} is pulled without credentials, and strangers' pulls count for its limit",
            some_of(&tip.resources)
        );
        Ok(Some(tip.because(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::tip;
    use crate::causes::fixture::Fixture;

    fn image(name: &str) -> Fixture {
        Fixture::fargate().app(|app| app.image = name.to_owned())
    }

    #[test]
    fn public_registries_are_told_and_a_cache_is_offered_where_it_needs_no_secret() {
        for name in ["nginx:1", "docker.io/library/nginx:1", "ghcr.io/acme/web:1", "gcr.io/google/pause:3"] {
            let found = tip(PublicImageAnonymous::ID, &image(name)).expect(name);
            assert_eq!((found.resources, found.commands), (vec![name.to_owned()], vec![]));
        }
        let quay = tip(PublicImageAnonymous::ID, &image("quay.io/acme/web:1")).expect("it is public");
        assert!(quay.commands[0].ends_with("--ecr-repository-prefix quay --upstream-registry-url quay.io"));
    }

    #[test]
    fn credentials_own_registries_and_ecr_are_not() {
        let credentials = image("nginx:1").app(|app| app.repository_credentials = Some("hub".to_owned()));
        assert_eq!(tip(PublicImageAnonymous::ID, &credentials), None);
        for name in ["public.ecr.aws/nginx/nginx:1", "registry.acme.example/web:1"] {
            assert_eq!(tip(PublicImageAnonymous::ID, &image(name)), None, "{name}");
        }
        assert_eq!(tip(PublicImageAnonymous::ID, &Fixture::fargate()), None);
    }
}
