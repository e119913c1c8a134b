//! A pull through cache rule cannot bring the image.

use crate::causes::prelude::*;
use crate::causes::role::denied::{Grant, denial, why};
use crate::iam::{Denial, Document};
use crate::launch::pullers::{self, Puller, pullers};
use crate::launch::{images, roles};
use crate::model::registry::PullThroughRule;
use crate::model::{Arn, Unknown};

documented! {
/// The pull through cache rule of the registry cannot bring the image from its upstream registry.
///
/// # Why a task stops here
/// What is not in the cache yet is fetched when it is first pulled. ECR logs in upstream with a secret whose name begins
/// with `ecr-pullthroughcache/`, and the role that pulls must be allowed `ecr:BatchImportUpstreamImage` and, where the
/// repository does not exist yet, `ecr:CreateRepository`. Docker Hub's own images are below `library/` there as well.
/// # How it is told
/// The rule whose prefix the repository has, the secret that it names (that it is there and not scheduled for deletion;
/// never its value), and the policies of the pulling roles and of the registry. What is in the cache needs none of it. What
/// the upstream registry has, and says to the credentials, only the stop reason tells.
/// # Prevention
/// Tag the secret so that nobody takes it for unused, and pull new images once from the pipeline.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html>
pub struct PullThroughCacheFailed;
}

/// What keeps a rule from bringing the image.
enum Obstacle {
    /// Its credentials: the secret's ARN, what is wrong with it, and whether it can be restored.
    Credentials { secret: String, why: String, restorable: bool },
    /// The rights of the role that pulls.
    Rights { puller: Puller, actions: Vec<&'static str>, denial: Denial },
}

fn obstacle(
    pull: &Pull,
    rule: &PullThroughRule,
    case: &Case<'_>,
    facts: &Facts<'_>,
) -> Result<Option<Obstacle>, Unknown> {
    let (credentials, rights) = (credentials(rule, case, facts), rights(pull, case, facts));
    match credentials? {
        Some(found) => Ok(Some(found)),
        None => rights,
    }
}

/// The region in an ARN; what is no ARN has none.
fn region_of(arn: &str) -> Option<String> {
    match arn.parse::<Arn>() {
        Ok(arn) => Some(arn.region().to_owned()),
        Err(_) => None,
    }
}

fn credentials(rule: &PullThroughRule, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<Obstacle>, Unknown> {
    let Some(arn) = &rule.credential else { return Ok(None) };
    let Some(region) = region_of(arn) else { return Ok(None) };
    let wrong = |why: String, restorable| Some(Obstacle::Credentials { secret: arn.clone(), why, restorable });
    let Some(secret) = facts.secret(region, arn.as_str())? else {
        return Ok(wrong("does not exist".to_owned(), false));
    };
    Ok(match secret.deleted {
        // A date to come is the end of the time in which it can be restored: it was deleted some days before.
        Some(at) if at > case.now => wrong(format!("is scheduled for deletion, and gone at {at:.0}"), true),
        Some(at) if facts.moment().is_none_or(|moment| at <= moment) => {
            wrong(format!("is scheduled for deletion since {at:.0}"), true)
        }
        _ if !secret.name.starts_with("ecr-pullthroughcache/") => {
            wrong("has a name that does not begin with `ecr-pullthroughcache/`".to_owned(), false)
        }
        _ => None,
    })
}

/// The first role's denial, if no role that may pull has the rights.
fn rights(pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<Obstacle>, Unknown> {
    let registry = &pull.ecr.registry;
    let (repository, policy) = (pull.ecr.repository(facts), facts.registry_policy(&registry.region, &registry.account));
    let own = facts.repository_policy(&registry.region, &registry.account, &pull.ecr.image.repository);
    let (pullers, repository) = (pullers(case, facts)?, repository?);
    let parsed =
        |action, name, text: Option<&String>| text.map(|text| roles::document(facts, action, name, text)).transpose();
    let of_registry = parsed("ecr:GetRegistryPolicy", "the registry's policy", policy?)?;
    let of_repository = parsed("ecr:GetRepositoryPolicy", "the repository's policy", own?)?;
    // <https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html>
    let mut wanted = vec!["ecr:BatchImportUpstreamImage"];
    if repository.is_none() {
        wanted.push("ecr:CreateRepository");
    }
    let mut first = None;
    for puller in pullers {
        let mut denied: Option<(Vec<&'static str>, Denial)> = None;
        for action in &wanted {
            if let Some(found) =
                refusal(pull, &puller, action, [of_registry.as_ref(), of_repository.as_ref()], case, facts)?
            {
                denied.get_or_insert_with(|| (vec![], found)).0.push(action);
            }
        }
        let Some((actions, denial)) = denied else { return Ok(None) };
        first.get_or_insert(Obstacle::Rights { puller, actions, denial });
    }
    Ok(first)
}

/// Any of the role's policies, the registry's and the repository's may allow it.
fn refusal(
    pull: &Pull,
    puller: &Puller,
    action: &str,
    documents: [Option<&Document>; 2],
    case: &Case<'_>,
    facts: &Facts<'_>,
) -> Result<Option<Denial>, Unknown> {
    let arn = pull.ecr.repository_arn(case);
    let mut last = None;
    for document in documents {
        match denial(roles::may(case, facts, &puller.rights, action, &arn, document)?) {
            None => return Ok(None),
            Some(explicit @ Denial::Explicit { .. }) => return Ok(Some(explicit)),
            Some(implicit) => last = Some(implicit),
        }
    }
    Ok(last)
}

impl Cause for PullThroughCacheFailed {
    type Subject = Pull;
    const ID: CauseId = CauseId::PullThroughCacheFailed;
    const READS: &'static [&'static [Source]] = &[
        images::READS,
        roles::READS,
        pullers::READS,
        &[Source::Secret, Source::RegistryPolicy, Source::RepositoryPolicy],
    ];

    fn judge(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let was_there = |at| facts.moment().is_none_or(|moment| at <= moment);
        // What is in the cache needs no rule: only what is not there is worth the question for one.
        if pull.ecr.found(facts)?.is_some_and(|image| image.pushed.is_none_or(was_there)) {
            return Ok(Verdict::NotApplicable);
        }
        let Some(rule) = pull.ecr.cache_rule(case, facts)? else { return Ok(Verdict::NotApplicable) };
        let (name, text) = (&pull.ecr.image.repository, &pull.ecr.image.text);
        let upstream = rule.url.as_deref().or(rule.upstream.as_deref()).unwrap_or("its upstream registry");
        let what = format!("the pull through cache rule `{}` cannot bring `{name}` from {upstream}", rule.prefix);
        let finding = |first: &str, why: String| {
            let resources = [first, &rule.prefix, text, name].map(str::to_owned);
            let mut finding = Finding::on(resources).in_container(&pull.container).because(why);
            finding.resources.dedup();
            finding
        };
        match obstacle(pull, rule, case, facts)? {
            Some(Obstacle::Credentials { secret, why, .. }) => {
                Ok(finding(&secret, format!("{what}: secret {secret} with its credentials {why}")).into())
            }
            Some(Obstacle::Rights { puller, actions, denial }) => {
                let because = why(&denial);
                let why = format!("{what}: role {} may not call {}: {because}", puller.name, actions.join(" and "));
                Ok(finding(&puller.name, why).into())
            }
            None => {
                let claims = |symptom: &crate::symptom::Symptom| symptom.claims.iter().any(|one| one.cause == Self::ID);
                let why = format!("{what}, as the stop says; its credentials are there, and the role may import");
                match case.symptom.as_ref().is_some_and(claims) {
                    true => Ok(Verdict::AsTold(finding(&rule.prefix, why))),
                    false => Ok(Verdict::Sound),
                }
            }
        }
    }

    fn fixes(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(rule) = pull.ecr.cache_rule(case, facts)? else { return Ok(vec![]) };
        let region = &pull.ecr.registry.region;
        let check = crate::change::command([
            "aws",
            "ecr",
            "validate-pull-through-cache-rule",
            "--region",
            region,
            "--ecr-repository-prefix",
            &rule.prefix,
        ]);
        let fix = match obstacle(pull, rule, case, facts)? {
            Some(Obstacle::Credentials { secret, restorable: true, .. }) => {
                let region = region_of(&secret).unwrap_or_else(|| region.clone());
                Fix::new("Keep the secret with the upstream's credentials", Risk::Low)
                    .making(Change::RestoreSecret { region, secret })
                    .noting("somebody deleted it on purpose: tell them what needs it")
            }
            Some(Obstacle::Rights { puller, actions, denial }) => {
                let resources = [pull.ecr.repository_arn(case)];
                let grant =
                    Grant { rights: &puller.rights, purpose: "pull-through", actions: &actions, resources: &resources };
                return Ok(grant.fix(&denial, facts));
            }
            Some(Obstacle::Credentials { .. }) => {
                Fix::new("Store the upstream's credentials anew, and name them in the rule", Risk::Low)
                    .making(Change::ByHand { commands: vec![check] })
                    .noting("in a secret named `ecr-pullthroughcache/...` of the same account and region; the command then says whether it works")
            }
            None => Fix::new("Ask ECR whether the rule can log in upstream", Risk::None)
                .making(Change::ByHand { commands: vec![check] })
                .noting("if it can, the image is not there: Docker Hub's own images are below `library/`"),
        };
        Ok(vec![fix.documented_at("https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html")])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{
        EXECUTION_POLICY, Fixture, HOST, Said, a_secret, at, cache_rules, ecr_image, image, registry_policy,
        repository, role, secret, statement,
    };
    use crate::evidence::Known;

    const ID: CauseId = CauseId::PullThroughCacheFailed;
    const CREDENTIALS: &str = "arn:aws:secretsmanager:us-east-1:111111111111:secret:ecr-pullthroughcache/hub-AbCdEf";

    fn rule() -> PullThroughRule {
        PullThroughRule {
            prefix: "team".to_owned(),
            upstream: Some("docker-hub".to_owned()),
            url: Some("registry-1.docker.io".to_owned()),
            credential: Some(CREDENTIALS.to_owned()),
            updated: None,
        }
    }

    /// The image is below a rule's prefix and not in the cache; the role may import it.
    fn cached() -> Fixture {
        let import = statement("Allow", &["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"], "*");
        Fixture::fargate()
            .with(cache_rules(), Known::PullThroughPrefixes(vec![rule()]))
            .absent(image("v42"))
            .with(secret(CREDENTIALS), Known::Secret(a_secret(CREDENTIALS, "ecr-pullthroughcache/hub")))
            .policies("web-execution", &[EXECUTION_POLICY], &[("import", import)])
    }

    fn deleted(time: &str) -> Fixture {
        let mut found = a_secret(CREDENTIALS, "ecr-pullthroughcache/hub");
        found.deleted = Some(at(time));
        cached().with(secret(CREDENTIALS), Known::Secret(found))
    }

    fn without_rights() -> Fixture {
        cached().policies("web-execution", &[EXECUTION_POLICY], &[])
    }

    #[test]
    fn credentials_that_are_gone_or_about_to_go_are_at_fault() {
        let found = deleted("09:00").finding(ID);
        assert_eq!(found.resources, [CREDENTIALS, "team", &format!("{HOST}/team/web:v42"), "team/web"]);
        assert!(found.explanation.ends_with("is scheduled for deletion since 2026-03-01T09:00:00Z"), "{found:?}");
        assert_eq!([deleted("10:30").says(ID), deleted("10:30").check().says(ID)], [Said::Sound, Said::Fault]);
        assert!(deleted("18:00").finding(ID).explanation.ends_with("and gone at 2026-03-01T18:00:00Z"));
        assert!(cached().absent(secret(CREDENTIALS)).finding(ID).explanation.ends_with("does not exist"));
        let other = cached().with(secret(CREDENTIALS), Known::Secret(a_secret(CREDENTIALS, "hub")));
        assert!(other.finding(ID).explanation.contains("does not begin with"));
        assert_eq!(cached().check().says(ID), Said::Sound);
    }

    #[test]
    fn the_role_must_be_allowed_to_import_and_to_make_the_repository_if_there_is_none() {
        let found = without_rights().finding(ID);
        assert_eq!(found.resources[..2], ["web-execution", "team"]);
        assert!(found.explanation.contains("may not call ecr:BatchImportUpstreamImage: "), "{}", found.explanation);
        let import = statement("Allow", &["ecr:BatchImportUpstreamImage"], "*");
        let half = cached().policies("web-execution", &[EXECUTION_POLICY], &[("import", import)]);
        assert_eq!(half.says(ID), Said::Sound, "the repository is there");
        let none = half.absent(repository("team/web"));
        assert!(none.finding(ID).explanation.contains("may not call ecr:CreateRepository: "));
        assert_eq!(none.says(CauseId::RepositoryNotFound), Said::NotApplicable);
    }

    #[test]
    fn the_registrys_policy_may_allow_it_too() {
        let allows = serde_json::json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:role/web-execution"},
            "Action": ["ecr:BatchImportUpstreamImage"], "Resource": "*",
        }]});
        let granted = without_rights().with(registry_policy(), Known::RegistryPolicy(allows.to_string()));
        assert_eq!(granted.says(ID), Said::Sound);
        granted.hangs_on(ID, &registry_policy());
    }

    #[test]
    fn what_is_in_the_cache_or_below_no_rule_needs_none_of_it() {
        let there = |pushed| deleted("09:00").with(image("v42"), Known::Image(ecr_image("v42", pushed)));
        assert_eq!([there("08:00").says(ID), there("10:30").says(ID)], [Said::NotApplicable, Said::Fault]);
        assert_eq!(Fixture::fargate().absent(image("v42")).says(ID), Said::NotApplicable);
        let other = deleted("09:00").with(
            cache_rules(),
            Known::PullThroughPrefixes(vec![PullThroughRule { prefix: "quay".to_owned(), ..rule() }]),
        );
        assert_eq!(other.says(ID), Said::NotApplicable);
    }

    #[test]
    fn where_all_is_well_the_stop_may_still_say_so() {
        let why = "CannotPullContainerError: pull access denied, repository does not exist or may require 'docker login': \
                   denied: The authentication to the upstream registry failed.";
        assert_eq!(cached().stopped("TaskFailedToStart", why).says(ID), Said::AsTold);
        assert_eq!(deleted("09:00").stopped("TaskFailedToStart", why).says(ID), Said::Fault);
    }

    #[test]
    fn it_hangs_on_the_rule_the_secret_and_the_role() {
        for question in [cache_rules(), image("v42"), secret(CREDENTIALS)] {
            deleted("09:00").hangs_on(ID, &question);
        }
        without_rights().hangs_on(ID, &role("web-execution"));
        deleted("09:00").never_turns(ID);
        without_rights().never_turns(ID);
    }

    #[test]
    fn the_secret_is_kept_or_the_right_is_given() {
        let fixes = deleted("09:00").mended(ID);
        assert_eq!(
            fixes[0].changes,
            [Change::RestoreSecret { region: "us-east-1".into(), secret: CREDENTIALS.into() }]
        );
        assert_eq!(deleted("09:00").after(&fixes[0]).says(ID), Said::Sound);
        let fixes = without_rights().mended(ID);
        assert!(
            matches!(&fixes[0].changes[..], [Change::Allow { actions, .. }] if actions == &["ecr:BatchImportUpstreamImage"])
        );
        assert!(cached().absent(secret(CREDENTIALS)).mended(ID)[0].is_by_hand());
    }
}
