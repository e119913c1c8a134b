//! The execution role may not read the secret.

use crate::causes::prelude::*;
use crate::causes::role::denied::{Grant, denial, sound_or_healed, why_of};
use crate::change::command;
use crate::iam::edit::{Place, with_statement, without_denial};
use crate::iam::{Denial, PolicyKind};
use crate::launch::roles::{self, Call, RoleRights};
use crate::launch::secrets::{SecretUse, Store};
use crate::launch::{pullers, since, wrong_role};
use crate::model::Unknown;
use serde_json::json;

documented! {
/// The execution role may not call `secretsmanager:GetSecretValue` on a secret that a container names.
///
/// # Why a task stops here
/// Secrets are fetched with the task execution role, not with the task role, which is the application's. Its policies or,
/// in the same account, the secret's own policy must allow the call on the secret's full ARN.
/// # How it is told
/// The role's policies, its permissions boundary and the secret's policy are evaluated for the secret's ARN. A right that
/// is on the task role instead is said so.
/// # Prevention
/// Grant secrets by a prefix of their names that ends in `-??????`, to the execution role.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html>
pub struct SecretAccessDenied;
}

const READ: &str = "secretsmanager:GetSecretValue";
const TAGS: [&str; 2] = ["aws:ResourceTag/", "secretsmanager:ResourceTag/"];

/// The ARN that the call is checked against; a secret that is named without the six characters has them nevertheless. One of
/// another account is what its ARN says: it can seldom be described from here.
fn secret_arn(used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<String>, Unknown> {
    if used.is_foreign(case) {
        return Ok(Some(used.id.clone()));
    }
    Ok(facts.secret(&used.region, &used.id)?.map(|secret| secret.arn.clone()))
}

/// The tags of the secret as condition keys, where they were read.
fn tags(used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Option<Vec<(String, String)>> {
    if used.is_foreign(case) {
        return None;
    }
    let Ok(Some(secret)) = facts.secret(&used.region, &used.id) else { return None };
    let pair = |(name, value): (&String, &String)| TAGS.map(|beginning| (format!("{beginning}{name}"), value.clone()));
    Some(secret.tags.as_ref()?.iter().flat_map(pair).collect())
}

/// Why a role may not read the secret; none if it may.
pub(super) fn role_denial(
    used: &SecretUse,
    rights: &RoleRights,
    arn: &str,
    case: &Case<'_>,
    facts: &Facts<'_>,
) -> Result<Option<Denial>, Unknown> {
    let policy = facts.secret_policy(&used.region, &used.id);
    let tags = tags(used, case, facts);
    let call = Call {
        action: READ,
        resource: arn,
        complete: if tags.is_some() { &TAGS } else { &[] },
        context: tags.into_iter().flatten().chain([("secretsmanager:SecretId".to_owned(), arn.to_owned())]).collect(),
        ..Call::default()
    };
    if used.is_foreign(case)
        && let Some(denial) = denial(roles::decide(case, rights, &call))
        && !matches!(denial, Denial::Implicit { layer: PolicyKind::Resource, .. })
    {
        // Two accounts must allow it: where the role's own does not, the other's word does not matter.
        return Ok(Some(denial));
    }
    let document =
        policy?.map(|text| roles::document(facts, "secretsmanager:GetResourcePolicy", "the secret's policy", text));
    let document = document.transpose()?;
    let resource_policy = document.as_ref().map(|document| ("the secret's policy", document));
    let call = Call { resource_policy, ..call };
    Ok(denial(roles::may_call(case, facts, rights, &call)?))
}

impl Cause for SecretAccessDenied {
    type Subject = SecretUse;
    const ID: CauseId = CauseId::SecretAccessDenied;
    const READS: &'static [&'static [Source]] =
        &[roles::READS, pullers::READS, since::READS, &[Source::Secret, Source::SecretPolicy]];

    fn judge(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if used.store != Store::Secret {
            return Ok(Verdict::NotApplicable);
        }
        let role = case.execution_role()?;
        let (arn, _policy) = (secret_arn(used, case, facts), facts.secret_policy(&used.region, &used.id));
        let rights = role.as_ref().map(|role| roles::rights(case, facts, role)).transpose();
        wrong_role::along(case, facts);
        if let Some(role) = &role {
            since::along(Self::ID, case, facts, role);
        }
        // Whether a secret that is not there could be read is nobody's question.
        let (Some(arn), Some(Some(rights))) = (arn?, rights?) else { return Ok(Verdict::NotApplicable) };
        let Some(denial) = role_denial(used, &rights, &arn, case, facts)? else {
            return sound_or_healed(Self::ID, case, facts, &rights, (READ, &arn));
        };
        let elsewhere = wrong_role::told(case, facts, &[&rights.role.name], &denial, |other| {
            Ok(role_denial(used, other, &arn, case, facts)?.is_none())
        });
        let why = format!(
            "execution role {} may not read secret {}: {}{elsewhere}",
            rights.role.name,
            used.short_name(),
            why_of(&denial, &rights, READ, &arn)
        );
        Ok(Finding::on([rights.role.name.clone(), arn]).in_container(&used.container).because(why).into())
    }

    fn fixes(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(role) = case.execution_role()? else { return Ok(vec![]) };
        let (Some(rights), Some(arn)) = (roles::rights(case, facts, &role)?, secret_arn(used, case, facts)?) else {
            return Ok(vec![]);
        };
        let Some(denial) = role_denial(used, &rights, &arn, case, facts)? else { return Ok(vec![]) };
        let resources = [arn];
        if used.is_foreign(case) && matches!(denial, Denial::Implicit { layer: PolicyKind::Resource, .. }) {
            return by_owner(used, &rights, facts).map(|fix| vec![fix]);
        }
        if let Denial::Explicit { by } = &denial
            && by.kind == PolicyKind::Resource
        {
            let text = facts.secret_policy(&used.region, &used.id)?;
            let lifted = text.and_then(|text| without_denial(text, by.statement, &[READ], &resources));
            let Some(document) = lifted else { return Ok(vec![]) };
            let change = Change::SecretPolicy { region: used.region.clone(), secret: used.id.clone(), document };
            let fix =
                Fix::new(format!("Take the denial out of the policy of secret {}", used.short_name()), Risk::Medium)
                    .making(change)
                    .noting("somebody wrote this denial on purpose: ask before you lift it");
            return Ok(vec![fix]);
        }
        // A denial is lifted for this secret; a right is for its name, so that it lasts when the secret is made anew.
        let resources = match &denial {
            Denial::Explicit { .. } => resources,
            Denial::Implicit { .. } => resources.map(|arn| by_name(&arn)),
        };
        let grant = Grant { rights: &rights, purpose: "secret", actions: &[READ], resources: &resources };
        Ok(grant.fix(&denial, facts))
    }
}

/// The ARN with `-??????` in the place of the six characters that Secrets Manager adds to a name.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html>
fn by_name(arn: &str) -> String {
    match arn.rsplit_once('-') {
        Some((name, added)) if added.len() == 6 && added.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            format!("{name}-??????")
        }
        _ => arn.to_owned(),
    }
}

/// The other account's side: its secret's policy has to name the role, and its key must not be the one that AWS manages.
fn by_owner(used: &SecretUse, rights: &RoleRights, facts: &Facts<'_>) -> Result<Fix, Unknown> {
    let role = rights.arn.as_str();
    let ours = json!({"Effect": "Allow", "Principal": {"AWS": role}, "Action": READ, "Resource": "*"});
    let old = facts.secret_policy(&used.region, &used.id)?;
    let policy = with_statement(old.map(String::as_str), ours, Place::Last);
    let words = ["aws", "secretsmanager", "put-resource-policy", "--secret-id", &used.id, "--region", &used.region];
    let words = words.into_iter().chain(["--block-public-policy", "--resource-policy", &policy]);
    let account = used.account.as_deref().unwrap_or("the owner");
    Ok(Fix::new(format!("In account {account}: let the secret's policy name role {}", rights.role.name), Risk::Medium)
        .making(Change::ByHand { commands: vec![command(words)] })
        .noting(format!("run it with credentials of account {account}; the secret also needs a key of its own that lets this role decrypt")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{
        EXECUTION_POLICY, Fixture, SECRET, Said, at, attached, inline, role, secret, secret_policy, statement,
    };
    use crate::evidence::{Known, Question};
    use crate::model::stores::RoleChange;

    const ID: CauseId = CauseId::SecretAccessDenied;

    fn role_with(policy: &str) -> Fixture {
        Fixture::fargate().policies("web-execution", &[EXECUTION_POLICY], &[("own", policy.to_owned())])
    }

    fn denied() -> Fixture {
        role_with(&statement("Allow", &[READ], "arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/cache-*"))
    }

    #[test]
    fn the_roles_policies_decide() {
        let rows = [
            (role_with(&statement("Allow", &[READ], SECRET)), Said::Sound, "the full ARN"),
            (role_with(&statement("Allow", &[READ], &SECRET.replace("AbCdEf", "??????"))), Said::Sound, "six ?"),
            (
                role_with(&statement("Allow", &[READ], "arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db")),
                Said::Fault,
                "without the six characters",
            ),
            (role_with(&statement("Allow", &["secretsmanager:DescribeSecret"], "*")), Said::Fault, "another action"),
            (denied(), Said::Fault, "another secret"),
        ];
        for (fixture, said, why) in rows {
            assert_eq!(fixture.says(ID), said, "{why}");
        }
    }

    #[test]
    fn the_statement_that_misses_is_named_with_what_it_lacks() {
        let arn = |rest: &str| format!("arn:aws:secretsmanager:us-east-1:111111111111:secret:{rest}");
        for (resource, lacks) in [
            (
                arn("prod/cache-??????"),
                "is for arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/cache-?????? only",
            ),
            (arn("prod/db"), "without the six characters at the end"),
            (
                arn("*/prod/db-??????"),
                "is for arn:aws:secretsmanager:us-east-1:111111111111:secret:*/prod/db-?????? only",
            ),
            (arn("prod/db/*"), "secret:prod/db/* only"),
            (arn("prod/*").replace("us-east-1", "eu-west-1"), "is for region eu-west-1 only"),
        ] {
            let found = role_with(&statement("Allow", &[READ], &resource)).finding(ID).explanation;
            assert!(
                found.contains("statement 1 of inline policy `own`") && found.contains(lacks),
                "{resource}: {found}"
            );
        }
        let right = role_with(&statement("Allow", &[READ], &arn("prod/*")));
        assert_eq!(right.says(ID), Said::Sound, "the wildcard in its place");
    }

    #[test]
    fn the_secrets_own_policy_can_allow_and_deny() {
        let own = |effect: &str| {
            let principal = serde_json::json!({"AWS": "arn:aws:iam::111111111111:role/web-execution"});
            let one = serde_json::json!({"Effect": effect, "Principal": principal, "Action": READ, "Resource": "*"});
            Known::SecretPolicy(serde_json::json!({"Version": "2012-10-17", "Statement": [one]}).to_string())
        };
        assert_eq!(denied().with(secret_policy(SECRET), own("Allow")).says(ID), Said::Sound);
        let refused = Fixture::fargate().with(secret_policy(SECRET), own("Deny"));
        assert!(matches!(&refused.mended(ID)[0].changes[..], [Change::SecretPolicy { document: None, .. }]));
    }

    #[test]
    fn the_finding_names_role_and_secret_and_a_right_on_the_wrong_role() {
        let found = denied().finding(ID);
        assert_eq!(found.resources, ["web-execution", SECRET]);
        assert!(found.explanation.starts_with("execution role web-execution may not read secret prod/db: "));
        assert!(!found.explanation.contains("task role"));
        let wrong = denied().policies("web-task", &[], &[("read", statement("Allow", &[READ], "*"))]);
        assert!(
            wrong
                .finding(ID)
                .explanation
                .ends_with("the right is on the task role web-task, which is the application's")
        );
    }

    #[test]
    fn a_policy_that_was_not_read_may_decide_otherwise() {
        let own = Question::InlinePolicy { role: "web-execution".into(), policy: "own".into() };
        for question in [
            role("web-execution"),
            attached("web-execution"),
            inline("web-execution"),
            own,
            secret(SECRET),
            secret_policy(SECRET),
        ] {
            denied().hangs_on(ID, &question);
        }
        denied().never_turns(ID);
        assert_eq!(denied().absent(secret(SECRET)).says(ID), Said::NotApplicable, "an absent secret is another cause");
        assert_eq!(denied().absent(role("web-execution")).says(ID), Said::NotApplicable, "so is an absent role");
    }

    #[test]
    fn what_the_stop_says_was_refused_and_is_allowed_now_was_mended_since() {
        let text = format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret {SECRET} from secrets manager: AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role/web-execution/0123 is not authorized to perform: {READ} on resource: {SECRET} because no identity-based policy allows the {READ} action"
        );
        let granted = role_with(&statement("Allow", &[READ], SECRET)).stopped("TaskFailedToStart", &text);
        assert_eq!((granted.says(ID), granted.finding(ID).healed_at), (Said::Healed, None), "nobody knows when");
        let by = Some("on-call".to_owned());
        let change = RoleChange { at: at("11:00"), event: "PutRolePolicy".into(), policy: Some("own".into()), by };
        let changes = Question::RoleChanges { region: "us-east-1".into(), role: "web-execution".into() };
        let since = granted.with(changes, Known::RoleChanges(vec![change]));
        let found = since.finding(ID);
        assert_eq!((since.says(ID), found.healed_at), (Said::Healed, Some(at("11:00"))));
        assert!(found.explanation.ends_with("it may now, since PutRolePolicy by on-call at 2026-03-01T11:00:00Z"));
        since.never_turns(ID);
        assert_eq!(
            role_with(&statement("Allow", &[READ], SECRET)).says(ID),
            Said::Sound,
            "the stop says nothing of it"
        );
    }

    #[test]
    fn the_right_that_is_lacking_is_granted_and_a_denial_is_lifted() {
        let [Change::Allow { role, actions, resources, .. }] = &denied().mended(ID)[0].changes[..] else {
            unreachable!()
        };
        assert_eq!(
            (role.as_str(), actions.as_slice(), resources.as_slice()),
            ("web-execution", &[READ.to_owned()][..], &[SECRET.replace("AbCdEf", "??????")][..]),
            "by its name, and none wider"
        );
        assert_eq!(denied().after(&denied().mended(ID)[0]).says(ID), Said::Sound);
        assert_eq!(
            by_name("arn:aws:secretsmanager:us-east-1:1:secret:prod-db"),
            "arn:aws:secretsmanager:us-east-1:1:secret:prod-db"
        );
        let refused = Fixture::fargate().policies(
            "web-execution",
            &[EXECUTION_POLICY],
            &[("allow", statement("Allow", &[READ], "*")), ("deny", statement("Deny", &[READ], SECRET))],
        );
        let fixes = refused.mended(ID);
        assert!(
            matches!(&fixes[0].changes[..], [Change::RewriteInlinePolicy { policy, document: None, .. }] if policy == "deny")
        );
        assert_eq!(refused.after(&fixes[0]).says(ID), Said::Sound);
    }

    #[test]
    fn a_right_for_the_secret_of_before_and_conditions_on_tags_are_told() {
        let old = role_with(&statement("Allow", &[READ], &SECRET.replace("AbCdEf", "OldOne")));
        assert!(old.finding(ID).explanation.contains("had other characters at the end"));
        let tagged = |team: &str| {
            let condition = json!({"StringEquals": {"secretsmanager:ResourceTag/team": "web"}});
            let one = json!({"Effect": "Allow", "Action": READ, "Resource": "*", "Condition": condition});
            let mut found = crate::causes::fixture::a_secret(SECRET, "prod/db");
            found.tags = Some([("team".to_owned(), team.to_owned())].into_iter().collect());
            role_with(&json!({"Version": "2012-10-17", "Statement": [one]}).to_string())
                .with(secret(SECRET), Known::Secret(found))
        };
        assert_eq!([tagged("web").says(ID), tagged("billing").says(ID)], [Said::Sound, Said::Fault]);
        assert!(tagged("billing").finding(ID).explanation.contains("a condition on secretsmanager:ResourceTag/team"));
    }

    #[test]
    fn a_secret_of_another_account_needs_both_accounts_word() {
        let theirs = SECRET.replace("111111111111", "222222222222");
        let (described, policy) = (secret(&theirs), secret_policy(&theirs));
        let foreign =
            |own: &str| role_with(own).app(|app| app.secrets[0].value_from = theirs.clone()).gap(described.clone());
        let mine = statement("Allow", &[READ], "*");
        let barred = foreign(&statement("Allow", &["s3:*"], "*")).gap(policy.clone());
        assert_eq!(barred.says(ID), Said::Fault, "this account's side is known");
        assert_eq!(foreign(&mine).gap(policy.clone()).says(ID), Said::Unknown);
        let silent = foreign(&mine).absent(policy);
        assert_eq!(silent.says(ID), Said::Fault);
        let fixes = silent.mended(ID);
        let [Change::ByHand { commands }] = &fixes[0].changes[..] else { unreachable!() };
        assert!(fixes[0].title.contains("222222222222") && commands[0].contains("role/web-execution"), "{commands:?}");
    }
}
