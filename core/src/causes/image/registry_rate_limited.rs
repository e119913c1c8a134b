//! The registry's pull rate limit is used up.

use crate::causes::prelude::*;
use crate::causes::told;
use crate::change::{command, quote};

documented! {
/// The registry lets no more pulls through at this time.
///
/// # Why a task stops here
/// Docker Hub counts the pulls of an address without an account, and all tasks behind a NAT gateway share one. ECR Public
/// and ECR limit as well, by account and region, when many tasks start at once.
/// # How it is told
/// By the registry's own words (`toomanyrequests`, 429). "pull QPS exceeded" is the kubelet's own limit instead.
/// # Prevention
/// No anonymous pulls in production: a pull through cache rule, a copy in ECR, or an account at the registry.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-rule.html>
pub struct RegistryRateLimited;
}

impl Cause for RegistryRateLimited {
    type Subject = Whole;
    const ID: CauseId = CauseId::RegistryRateLimited;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let registry = symptom.fact("registry").or(symptom.fact("endpoint")).unwrap_or("the registry");
            let own = symptom.container.as_deref().and_then(|name| case.container(name));
            let anonymous = match own {
                Some(one) if one.repository_credentials.is_none() && !crate::symptom::is_ecr(registry) => {
                    "; the definition names no credentials for it"
                }
                _ => "",
            };
            format!("{registry} lets no more pulls through at this time{anonymous}")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let registry = case.symptom.as_ref().and_then(|symptom| symptom.fact("registry"));
        if !matches!(registry, Some("docker.io" | "registry-1.docker.io")) {
            return Ok(vec![]); // it passes
        }
        // The secret is found by the prefix that ECR asks for; where there is none, the command fails and changes nothing.
        let secret = command([
            "aws",
            "secretsmanager",
            "list-secrets",
            "--filters",
            "Key=name,Values=ecr-pullthroughcache/",
            "--query",
            "SecretList[0].ARN",
            "--output",
            "text",
        ]);
        let rule = command([
            "aws",
            "ecr",
            "create-pull-through-cache-rule",
            "--ecr-repository-prefix",
            "docker-hub",
            "--upstream-registry-url",
            "registry-1.docker.io",
        ]);
        let image = quote(&format!("{}.dkr.ecr.{}.amazonaws.com/docker-hub/", case.region.account, case.region.region));
        let fix = told::by_hand(
            "Pull it through ECR with an account of Docker Hub",
            Risk::Low,
            format!("{rule} --credential-arn \"$({secret})\""),
        )
        .documented_at("https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-rule.html")
        .noting(format!(
            "needs a secret named ecr-pullthroughcache/... with username and accessToken; then put {image} before the image's \
             name in the definition (with library/ for official ones)"
        ));
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::Fixture;
    use crate::causes::told::words;

    const ID: CauseId = CauseId::RegistryRateLimited;
    const HUB: &str = "CannotPullContainerError: inspect image has been retried 5 time(s): httpReaderSeeker: failed open: unexpected \
                       status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:00: 429 Too Many Requests - \
                       Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.";

    #[test]
    fn the_registrys_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            ID,
            "TaskFailedToStart",
            &[
                HUB,
                "CannotPullImageManifestError: Error response from daemon: toomanyrequests: Rate exceeded",
                "CannotPullContainerError: Error response from daemon: toomanyrequests: Data limit exceeded",
            ],
            &[
                "Failed to pull image \"bash\": pull QPS exceeded",
                "Error retrieving subnet information for [subnet-abc123]: Rate exceeded (ErrorCode: Throttling)",
            ],
        );
    }

    #[test]
    fn docker_hub_is_pulled_through_ecr_and_others_pass() {
        let text =
            "CannotPullContainerError: failed to resolve ref docker.io/library/nginx:1.27: toomanyrequests: limit";
        let command = words::first_command(ID, "TaskFailedToStart", text);
        assert!(
            command.contains("--upstream-registry-url registry-1.docker.io --credential-arn \"$(aws "),
            "{command}"
        );
        let public =
            "CannotPullContainerError: failed to resolve ref public.ecr.aws/x/y:1: toomanyrequests: Rate exceeded";
        assert_eq!(Fixture::ec2().stopped("TaskFailedToStart", public).mended(ID), []);
    }

    #[test]
    fn that_no_credentials_are_named_is_said() {
        let hub = |fixture: Fixture| fixture.ended("TaskFailedToStart", "", None, Some(HUB)).finding(ID).explanation;
        assert!(hub(Fixture::fargate()).ends_with("the definition names no credentials for it"));
        let named = Fixture::fargate().app(|app| app.repository_credentials = Some("docker-hub".to_owned()));
        assert!(!hub(named).contains("credentials"));
    }
}
