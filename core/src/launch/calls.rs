//! The calls that a launch makes to a service: who, what, and on which resource.
//!
//! Which rights a role needs for them is the business of the causes of roles; this is what an endpoint's policy is asked.

use super::images::EcrUse;
use super::logs::log_uses;
use super::needs::Need;
use super::pullers::{self, pullers};
use super::roles;
use super::secrets::{SecretUse, Store, secret_uses};
use crate::case::{Case, LaunchType, RoleName};
use crate::evidence::{Facts, GapReason, Source};
use crate::model::stores::Role;
use crate::model::{Arn, Unknown};
use crate::network::hosts;

/// What finding the calls reads, besides what the policies of the pulling roles take on an instance.
pub const READS: &[Source] = &[Source::Role, Source::Secret];

/// The groups of questions behind all calls.
pub const ALL_READS: [&[Source]; 3] = [READS, roles::READS, pullers::READS];

/// One call, and who may be the one who makes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Alternatives: it is refused only if all of them are.
    pub callers: Vec<Caller>,
    /// As IAM spells it.
    pub action: &'static str,
    /// An ARN, or `*` for an action that knows no resources.
    pub resource: String,
}

/// Who makes a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Caller {
    /// A role of the account, with what could be read of it.
    Role {
        /// Its ARN.
        arn: Arn,
        /// The role itself.
        role: Option<Role>,
    },
    /// ECR: it signs the addresses of layers in its own name, and not in that of the role that pulls.
    Registry,
}

/// The calls that a launch makes to one service.
///
/// # Errors
/// When it is not known who calls, or what.
pub fn calls(case: &Case<'_>, facts: &Facts<'_>, need: &Need) -> Result<Vec<Call>, Unknown> {
    let Some(service) = &need.destination.service else { return Ok(vec![]) };
    let region = service.region.as_str();
    let layers = hosts::layer_host(region) == need.host;
    match service.name.as_str() {
        "ecr.api" => calls_of(images_role(case, facts)?, &["ecr:GetAuthorizationToken"], vec!["*".to_owned()]),
        "ecr.dkr" => {
            let uses = case.containers()?.iter().filter_map(EcrUse::of).collect::<Vec<_>>();
            let here = uses.iter().filter(|one| one.registry.host == need.host);
            let mut repositories: Vec<String> = here.map(|one| one.repository_arn(case)).collect();
            repositories.dedup();
            calls_of(images_role(case, facts)?, &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], repositories)
        }
        "s3" if layers => {
            let object = format!("arn:{}:s3:::{}/layer", case.region.partition, hosts::layer_bucket(region));
            calls_of(vec![Caller::Registry], &["s3:GetObject"], vec![object])
        }
        "s3" => {
            let definition = case.definition?;
            let files = definition.containers.iter().flat_map(|one| one.environment_files.iter().cloned()).collect();
            calls_of(tasks_role(case, facts)?, &["s3:GetObject"], files)
        }
        "secretsmanager" => {
            let uses = of_store(case, Store::Secret, region)?;
            // Every secret is asked for before one that is not known ends it.
            let read: Vec<_> = uses.iter().map(|one| facts.secret(&one.region, &one.id)).collect();
            let mut secrets = vec![];
            for secret in read {
                secrets.extend(secret?.map(|secret| secret.arn.clone()));
            }
            calls_of(tasks_role(case, facts)?, &["secretsmanager:GetSecretValue"], secrets)
        }
        "ssm" => {
            let arn = |one: SecretUse| {
                let account = one.account.as_deref().unwrap_or(&case.region.account);
                let name = one.id.trim_start_matches('/');
                format!("arn:{}:ssm:{region}:{account}:parameter/{name}", case.region.partition)
            };
            let parameters = of_store(case, Store::Parameter, region)?.into_iter().map(arn).collect();
            calls_of(tasks_role(case, facts)?, &["ssm:GetParameters"], parameters)
        }
        "logs" => {
            let task = case.task.map_or("task", |task| task.arn.as_str());
            let streams = log_uses(case)?.into_iter().filter(|one| one.region == region).map(|one| {
                let stream = one.stream(task).unwrap_or_else(|| "stream".to_owned());
                let (partition, account) = (&case.region.partition, &case.region.account);
                format!("arn:{partition}:logs:{region}:{account}:log-group:{}:log-stream:{stream}", one.group)
            });
            let streams = streams.collect();
            calls_of(images_role(case, facts)?, &["logs:CreateLogStream", "logs:PutLogEvents"], streams)
        }
        _ => Ok(vec![]),
    }
}

fn calls_of(callers: Vec<Caller>, actions: &[&'static str], resources: Vec<String>) -> Result<Vec<Call>, Unknown> {
    // Without anybody who calls there is no call: the role that is lacking is another cause's.
    if callers.is_empty() {
        return Ok(vec![]);
    }
    let call =
        |resource: &String, action: &'static str| Call { callers: callers.clone(), action, resource: resource.clone() };
    Ok(resources.iter().flat_map(|resource| actions.iter().map(move |action| call(resource, action))).collect())
}

fn of_store(case: &Case<'_>, store: Store, region: &str) -> Result<Vec<SecretUse>, Unknown> {
    Ok(secret_uses(case)?.into_iter().filter(|one| one.store == store && one.region == region).collect())
}

/// The execution role, as far as it is known: its name alone decides most policies of endpoints.
fn tasks_role(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<Caller>, Unknown> {
    let Some(name) = case.execution_role()? else { return Ok(vec![]) };
    match (roles::read_role(case, facts, &name), name.text.parse::<Arn>()) {
        (Ok(Some(role)), _) => Ok(vec![Caller::of(facts, &name, role)?]),
        // What an endpoint refuses it refuses whether the role is there or not, and whoever may read it.
        (_, Ok(arn)) => Ok(vec![Caller::Role { arn, role: None }]),
        (Ok(None), Err(_)) => Ok(vec![]),
        (Err(unknown), Err(_)) => Err(unknown),
    }
}

/// Who fetches tokens and images and writes logs: on an instance its own role may do it.
fn images_role(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<Caller>, Unknown> {
    if matches!(case.launch, LaunchType::Fargate | LaunchType::FargateOld) {
        return tasks_role(case, facts);
    }
    let found = pullers(case, facts)?;
    let caller = |rights: &roles::RoleRights| Caller::Role { arn: rights.arn.clone(), role: Some(rights.role.clone()) };
    Ok(found.iter().map(|one| caller(&one.rights)).collect())
}

impl Caller {
    fn of(facts: &Facts<'_>, name: &RoleName, role: &Role) -> Result<Caller, Unknown> {
        let unreadable =
            || facts.lacks("iam:GetRole", GapReason::Unsupported, format!("the ARN of role `{}`", name.name));
        let arn = role.arn.parse().map_err(|_| unreadable())?;
        Ok(Caller::Role { arn, role: Some(role.clone()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REPOSITORY, SECRET, role, secret};
    use crate::launch::needs::needs;

    fn made(fixture: &Fixture) -> Vec<(String, String)> {
        let (case, facts) = (fixture.case(), Facts::new(&fixture.evidence));
        let needs = needs(&case, &facts).expect("the definition is known");
        let all = needs.iter().flat_map(|need| calls(&case, &facts, need).expect("they are known"));
        all.map(|call| (call.action.to_owned(), call.resource)).collect()
    }

    #[test]
    fn a_launch_calls_for_a_token_its_secrets_its_image_the_layers_and_its_log() {
        let expected = [
            ("ecr:GetAuthorizationToken", "*"),
            ("secretsmanager:GetSecretValue", SECRET),
            ("ecr:BatchGetImage", REPOSITORY),
            ("ecr:GetDownloadUrlForLayer", REPOSITORY),
            ("s3:GetObject", "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/layer"),
        ];
        let found = made(&Fixture::fargate());
        let first: Vec<(&str, &str)> = found.iter().map(|(action, on)| (action.as_str(), on.as_str())).collect();
        assert_eq!(first[..5], expected);
        let stream = "arn:aws:logs:us-east-1:111111111111:log-group:/ecs/web:log-stream:web/app/0123456789abcdef0123456789abcdef";
        assert_eq!(first[5..], [("logs:CreateLogStream", stream), ("logs:PutLogEvents", stream)]);
    }

    #[test]
    fn parameters_and_environment_files_are_named_in_full() {
        let other = Fixture::fargate().app(|app| {
            app.secrets[0].value_from = "/prod/db".to_owned();
            app.environment_files = vec!["arn:aws:s3:::settings/web.env".to_owned()];
        });
        let found = made(&other);
        let has = |action: &str, on: &str| found.contains(&(action.to_owned(), on.to_owned()));
        assert!(has("ssm:GetParameters", "arn:aws:ssm:us-east-1:111111111111:parameter/prod/db"), "{found:?}");
        assert!(has("s3:GetObject", "arn:aws:s3:::settings/web.env"), "{found:?}");
    }

    fn token_callers(fixture: &Fixture) -> Vec<String> {
        let (case, facts) = (fixture.case(), Facts::new(&fixture.evidence));
        let needs = needs(&case, &facts).expect("the definition is known");
        let all = calls(&case, &facts, &needs[0]).expect("they are known");
        let name = |caller: &Caller| match caller {
            Caller::Role { arn, .. } => arn.name().to_owned(),
            Caller::Registry => "ECR".to_owned(),
        };
        all.iter().flat_map(|call| call.callers.iter().map(name)).collect()
    }

    #[test]
    fn on_an_instance_either_role_may_be_the_caller() {
        assert_eq!(token_callers(&Fixture::fargate()), ["web-execution"]);
        assert_eq!(token_callers(&Fixture::ec2()), ["web-execution", "web-instance"]);
    }

    #[test]
    fn a_role_that_cannot_be_read_is_known_by_its_arn_and_without_a_role_nobody_calls() {
        assert_eq!(token_callers(&Fixture::fargate().gap(role("web-execution"))), ["web-execution"]);
        assert_eq!(token_callers(&Fixture::fargate().absent(role("web-execution"))), ["web-execution"]);
        let roleless = Fixture::fargate().revision(|revision| revision.execution_role = None);
        assert_eq!(token_callers(&roleless), Vec::<String>::new());
    }

    #[test]
    fn a_secret_that_was_not_read_has_no_name_to_ask_with() {
        let hidden = Fixture::fargate().gap(secret(SECRET));
        let (case, facts) = (hidden.case(), Facts::new(&hidden.evidence));
        let needs = needs(&case, &facts).expect("the definition is known");
        assert!(calls(&case, &facts, &needs[1]).is_err() && calls(&case, &facts, &needs[0]).is_ok());
    }
}
