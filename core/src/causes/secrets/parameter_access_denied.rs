//! The execution role may not read the parameter.

use crate::causes::prelude::*;
use crate::causes::role::denied::{Grant, denial, sound_or_healed, why_of};
use crate::evidence::GapReason;
use crate::iam::{Decision, Denial, PolicyKind};
use crate::launch::roles::{self, Call, RoleRights};
use crate::launch::secrets::{SecretUse, Store};
use crate::launch::{pullers, since, wrong_role};
use crate::model::Unknown;

documented! {
/// The execution role may not call `ssm:GetParameters` on a parameter that a container names.
///
/// # Why a task stops here
/// ECS fetches parameters in batches, with `ssm:GetParameters` and the task execution role. The right to call
/// `ssm:GetParameter` does not serve, nor does a right that the task role has, which is the application's.
/// # How it is told
/// The role's policies and its permissions boundary are evaluated for the parameter's ARN, which has one slash behind
/// `parameter` however the name is written. The tags of the parameter are read where a policy asks for them. Where the
/// stop says that the role was refused and it is allowed today, CloudTrail tells since when.
/// # Prevention
/// Keep the parameters of an application below one path, and allow `ssm:GetParameters` on that path to its execution
/// role.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html>
pub struct ParameterAccessDenied;
}

const READ: &str = "ssm:GetParameters";
const TAGS: &[&str] = &["aws:ResourceTag/", "ssm:resourceTag/"];

/// Why a role may not read the parameter; none if it may.
pub(super) fn role_denial(
    used: &SecretUse,
    rights: &RoleRights,
    case: &Case<'_>,
    facts: &Facts<'_>,
) -> Result<Option<Denial>, Unknown> {
    let arn = used.parameter_arn(case);
    let mut call = Call { action: READ, resource: &arn, ..Call::default() };
    if let Decision::Unknown { because } = roles::decide(case, rights, &call)
        && because.iter().any(|key| key.to_lowercase().contains("resourcetag/"))
        && !used.is_foreign(case)
    {
        let tags = facts.parameter_tags(&used.region, &used.id)?;
        for (name, value) in tags.into_iter().flatten() {
            call.context.extend(TAGS.iter().map(|beginning| (format!("{beginning}{name}"), value.clone())));
        }
        call.complete = TAGS;
    }
    let decided = denial(roles::may_call(case, facts, rights, &call)?);
    match decided {
        // Parameters of other accounts are shared by resource shares, which are not read.
        Some(Denial::Implicit { layer: PolicyKind::Resource, .. }) => {
            let detail =
                format!("whether account {} shares parameter {}", used.account.as_deref().unwrap_or("?"), used.id);
            Err(facts.lacks("ssm:DescribeParameters", GapReason::Unsupported, detail))
        }
        decided => Ok(decided),
    }
}

impl Cause for ParameterAccessDenied {
    type Subject = SecretUse;
    const ID: CauseId = CauseId::ParameterAccessDenied;
    const READS: &'static [&'static [Source]] =
        &[roles::READS, pullers::READS, since::READS, &[Source::Parameter, Source::ParameterTags]];

    fn judge(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if used.store != Store::Parameter {
            return Ok(Verdict::NotApplicable);
        }
        let Some(role) = case.execution_role()? else { return Ok(Verdict::NotApplicable) };
        let foreign = used.is_foreign(case);
        let found = if foreign { None } else { Some(facts.parameter(&used.region, &used.id)) };
        let rights = roles::rights(case, facts, &role);
        wrong_role::along(case, facts);
        since::along(Self::ID, case, facts, &role);
        // Whether a parameter that is not there could be read is nobody's question.
        if found.transpose()?.is_some_and(|found| found.is_none()) {
            return Ok(Verdict::NotApplicable);
        }
        let Some(rights) = rights? else { return Ok(Verdict::NotApplicable) };
        let arn = used.parameter_arn(case);
        let Some(denial) = role_denial(used, &rights, case, facts)? else {
            return sound_or_healed(Self::ID, case, facts, &rights, (READ, &arn));
        };
        let elsewhere = wrong_role::told(case, facts, &[&rights.role.name], &denial, |other| {
            Ok(role_denial(used, other, case, facts)?.is_none())
        });
        let why = format!(
            "execution role {} may not read parameter {}: {}{elsewhere}",
            rights.role.name,
            used.id,
            why_of(&denial, &rights, READ, &arn)
        );
        Ok(Finding::on([rights.role.name.clone(), arn]).in_container(&used.container).because(why).into())
    }

    fn fixes(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(role) = case.execution_role()? else { return Ok(vec![]) };
        let Some(rights) = roles::rights(case, facts, &role)? else { return Ok(vec![]) };
        let Some(denial) = role_denial(used, &rights, case, facts)? else { return Ok(vec![]) };
        let resources = [used.parameter_arn(case)];
        let grant = Grant { rights: &rights, purpose: "parameter", actions: &[READ], resources: &resources };
        Ok(grant.fix(&denial, facts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{
        EXECUTION_POLICY, Fixture, REGION, Said, a_parameter, at, attached, inline, parameter, role, statement,
    };
    use crate::evidence::{Known, Question};
    use serde_json::json;

    const ID: CauseId = CauseId::ParameterAccessDenied;
    const NAME: &str = "/prod/web/token";
    const ARN: &str = "arn:aws:ssm:us-east-1:111111111111:parameter/prod/web/token";

    fn with(policy: &str) -> Fixture {
        Fixture::fargate()
            .app(|app| app.secrets[0].value_from = ARN.to_owned())
            .with(parameter(NAME), Known::Parameter(a_parameter(NAME)))
            .policies("web-execution", &[EXECUTION_POLICY], &[("own", policy.to_owned())])
    }

    #[test]
    fn the_plural_action_on_the_arn_with_one_slash_decides() {
        let rows = [
            (statement("Allow", &[READ], ARN), Said::Sound, ""),
            (statement("Allow", &[READ], "arn:aws:ssm:*:*:parameter/prod/*"), Said::Sound, ""),
            (
                statement("Allow", &["ssm:GetParameter"], ARN),
                Said::Fault,
                "allows ssm:GetParameter, which does not serve",
            ),
            (statement("Allow", &[READ], &ARN.replace("parameter/", "parameter//")), Said::Fault, "a slash too many"),
            (
                statement("Allow", &[READ], &ARN.replace("us-east-1", "eu-west-1")),
                Said::Fault,
                "is for region eu-west-1",
            ),
            (statement("Deny", &["ssm:*"], "*"), Said::Fault, "denies it"),
        ];
        for (policy, said, why) in rows {
            assert_eq!(with(&policy).says(ID), said, "{policy}");
            if said == Said::Fault {
                let told = with(&policy).finding(ID).explanation;
                assert!(told.contains(why), "{told}");
            }
        }
    }

    #[test]
    fn tags_are_read_where_a_policy_asks_for_them() {
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": READ, "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "web"}}}]});
        let tags = |team: &str| Known::ParameterTags([("team".to_owned(), team.to_owned())].into_iter().collect());
        let question = Question::ParameterTags { region: REGION.into(), parameter: NAME.into() };
        let fixture = with(&policy.to_string());
        assert_eq!(fixture.says(ID), Said::Unknown);
        assert_eq!(fixture.clone().with(question.clone(), tags("web")).says(ID), Said::Sound);
        let other = fixture.with(question.clone(), tags("billing"));
        assert!(other.finding(ID).explanation.contains("condition on aws:ResourceTag/team"));
        other.hangs_on(ID, &question);
    }

    #[test]
    fn what_the_stop_says_was_refused_and_is_allowed_now_was_mended_since() {
        let why = |parameter: &str| {
            format!(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role/web-execution/0123 is not authorized to perform: {READ} on resource: {parameter} because no identity-based policy allows the {READ} action"
            )
        };
        let allowed = with(&statement("Allow", &[READ], ARN));
        let refused = allowed.clone().stopped("TaskFailedToStart", &why(ARN));
        assert_eq!((refused.says(ID), refused.finding(ID).healed_at), (Said::Healed, None), "nobody knows when");
        let since = refused.changed_role("web-execution", "11:00", "own");
        let found = since.finding(ID);
        assert_eq!((since.says(ID), found.healed_at), (Said::Healed, Some(at("11:00"))));
        assert!(found.explanation.contains("when the task stopped at 2026-03-01T10:05:00Z"), "{found:?}");
        assert!(found.explanation.ends_with("since PutRolePolicy by on-call at 2026-03-01T11:00:00Z"), "{found:?}");
        since.never_turns(ID);
        assert_eq!(since.clone().check().says(ID), Said::Sound, "today all is well");
        let another = allowed.clone().stopped("TaskFailedToStart", &why(&format!("{ARN}-old")));
        assert_eq!([allowed.says(ID), another.says(ID)], [Said::Sound, Said::Sound], "the stop says nothing of it");
        let denied = with(&statement("Allow", &["s3:*"], "*")).stopped("TaskFailedToStart", &why(ARN));
        assert_eq!(denied.changed_role("web-execution", "11:00", "own").says(ID), Said::Fault, "it is lacking still");
    }

    #[test]
    fn a_right_on_the_task_role_is_said_to_be_on_the_wrong_one() {
        let none = statement("Allow", &["s3:*"], "*");
        let wrong = with(&none).policies("web-task", &[], &[("read", statement("Allow", &[READ], "*"))]);
        assert!(wrong.finding(ID).explanation.ends_with("on the task role web-task, which is the application's"));
        assert!(!with(&none).finding(ID).explanation.contains("task role"));
        assert_eq!(wrong.finding(ID).resources, ["web-execution", ARN]);
    }

    #[test]
    fn without_a_policy_or_the_parameter_nothing_is_known() {
        let denied = with(&statement("Allow", &["s3:*"], "*"));
        let own = Question::InlinePolicy { role: "web-execution".into(), policy: "own".into() };
        for question in
            [role("web-execution"), attached("web-execution"), inline("web-execution"), own, parameter(NAME)]
        {
            denied.hangs_on(ID, &question);
        }
        denied.never_turns(ID);
        assert_eq!(denied.clone().absent(parameter(NAME)).says(ID), Said::NotApplicable);
        assert_eq!(Fixture::fargate().says(ID), Said::NotApplicable);
    }

    #[test]
    fn a_parameter_of_another_account_needs_the_roles_right_at_least() {
        let foreign = |policy: &str| {
            with(policy).app(|app| app.secrets[0].value_from = ARN.replace("111111111111", "222222222222")).says(ID)
        };
        assert_eq!(foreign(&statement("Allow", &["s3:*"], "*")), Said::Fault);
        assert_eq!(foreign(&statement("Allow", &[READ], "*")), Said::Unknown, "how it is shared is not read");
    }

    #[test]
    fn the_right_is_granted_on_that_parameter_and_in_the_boundary() {
        let denied = with(&statement("Allow", &["ssm:GetParameter"], ARN));
        let [Change::Allow { actions, resources, .. }] = &denied.mended(ID)[0].changes[..] else { unreachable!() };
        assert_eq!((actions.as_slice(), resources.as_slice()), (&[READ.to_owned()][..], &[ARN.to_owned()][..]));
        let guard = "arn:aws:iam::111111111111:policy/guard";
        let bounded = with(&statement("Allow", &[READ], "*"))
            .role("web-execution", |role| role.boundary = Some(guard.to_owned()))
            .managed(guard, &statement("Allow", &["ecr:*", "logs:*"], "*"));
        assert!(
            bounded
                .finding(ID)
                .explanation
                .ends_with("its permissions boundary arn:aws:iam::111111111111:policy/guard does not allow it")
        );
        let fixes = bounded.mended(ID);
        assert!(matches!(&fixes[0].changes[..], [Change::RewriteManagedPolicy { policy, .. }] if policy == guard));
        assert_eq!(bounded.after(&fixes[0]).says(ID), Said::Sound);
    }
}
