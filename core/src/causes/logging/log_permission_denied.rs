//! The role may not write to the log group.

use crate::causes::prelude::*;
use crate::causes::role::denied::{Grant, denial, sound_or_healed, why_of};
use crate::iam::Denial;
use crate::launch::logs::LogUse;
use crate::launch::pullers::{self, Puller};
use crate::launch::roles::{self, RoleRights};
use crate::launch::{since, wrong_role};
use crate::model::Unknown;

documented! {
/// The role that opens the log driver may not make a stream in the log group, write to it, or make the group.
///
/// # Why a task stops here
/// The `awslogs` driver calls `logs:CreateLogStream` when the container starts, and `logs:PutLogEvents` from then on.
/// With `awslogs-create-group` it also needs `logs:CreateLogGroup` where the group is not there, which AWS's policy for
/// execution roles does not allow. A statement for a group's ARN without `:*` at its end does not cover the streams in
/// it.
/// # How it is told
/// The policies and the permissions boundary of the role are evaluated for each call: on Fargate of the execution role,
/// on an instance of that and the instance's own, either of which may be the one that is used, so that both must lack the
/// right. Where the stop says that a role was refused and it is allowed today, CloudTrail tells since when.
/// # Prevention
/// Make log groups in the stack of the service, and allow roles to make streams and to write, no more.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html>
pub struct LogPermissionDenied;
}

const STREAM: &str = "logs:CreateLogStream";
const WRITE: &str = "logs:PutLogEvents";
const GROUP: &str = "logs:CreateLogGroup";

/// The ARN of a group, without anything behind it.
fn group_arn(log: &LogUse, case: &Case<'_>) -> String {
    let (partition, account) = (&case.region.partition, &case.region.account);
    format!("arn:{partition}:logs:{}:{account}:log-group:{}", log.region, log.group)
}

/// The ARN that making a stream and writing to it are checked against.
fn stream_arn(log: &LogUse, case: &Case<'_>) -> String {
    // A task that is not there yet gets an id of this length.
    let task = case.task.map_or("00000000000000000000000000000000", |task| task.arn.as_str());
    let stream = log.stream(task).unwrap_or_else(|| task.rsplit('/').next().unwrap_or(task).to_owned());
    format!("{}:log-stream:{stream}", group_arn(log, case))
}

/// Which calls a role may not make, and why.
fn denials(
    log: &LogUse,
    makes_group: bool,
    rights: &RoleRights,
    case: &Case<'_>,
    facts: &Facts<'_>,
) -> Result<Vec<(&'static str, String, Denial)>, Unknown> {
    let mut denied = vec![];
    let stream = stream_arn(log, case);
    let mut ask = |action: &'static str, resource: &str| {
        let denial = denial(roles::may(case, facts, rights, action, resource, None)?);
        denied.extend(denial.map(|denial| (action, resource.to_owned(), denial)));
        Ok(())
    };
    if makes_group {
        // The denials of this call name the group with `:log-stream:` behind it; AWS's documentation also names it plainly.
        let group = group_arn(log, case);
        if denial(roles::may(case, facts, rights, GROUP, &group, None)?).is_some() {
            ask(GROUP, &format!("{group}:log-stream:"))?;
        }
    }
    ask(STREAM, &stream)?;
    ask(WRITE, &stream)?;
    Ok(denied)
}

/// A role that may write now; it might not at the stop, if that says so of this group.
fn may_write(log: &LogUse, rights: &RoleRights, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
    let told = |name: &str| case.symptom.as_ref().and_then(|symptom| symptom.fact(name));
    let action = [WRITE, GROUP].into_iter().find(|action| told("action") == Some(*action)).unwrap_or(STREAM);
    let group = format!("{}:", group_arn(log, case));
    // Whichever stream of the group it was: the message may name one that was never made.
    let resource =
        told("resource").filter(|told| told.starts_with(&group)).map_or(stream_arn(log, case), str::to_owned);
    Ok(match sound_or_healed(LogPermissionDenied::ID, case, facts, rights, (action, &resource))? {
        Verdict::Healed(found) => {
            let resources = vec![rights.role.name.clone(), log.group.clone()];
            Verdict::Healed(Finding { resources, ..found }.in_container(&log.container))
        }
        verdict => verdict,
    })
}

/// The roles of which one opens the driver: the one that the stop names, or all that may.
fn writers(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<Puller>, Unknown> {
    let all = pullers::pullers(case, facts)?;
    let named = case.symptom.as_ref().and_then(|symptom| symptom.facts.get("role")?.as_str());
    let of_stop: Vec<Puller> = all.iter().filter(|one| Some(one.name.as_str()) == named).cloned().collect();
    Ok(if of_stop.is_empty() { all } else { of_stop })
}

impl LogPermissionDenied {
    /// Whether the driver has to make the group, and when it was made if only after the stop.
    fn makes_group(log: &LogUse, facts: &Facts<'_>) -> Result<(bool, Option<crate::model::Moment>), Unknown> {
        if !log.creates_group {
            return Ok((false, None));
        }
        let group = facts.log_group(&log.region, &log.group)?;
        let late = group.and_then(|group| group.created).filter(|made| facts.moment().is_some_and(|died| *made > died));
        Ok((group.is_none() || late.is_some(), late))
    }
}

impl Cause for LogPermissionDenied {
    type Subject = LogUse;
    const ID: CauseId = CauseId::LogPermissionDenied;
    const READS: &'static [&'static [Source]] = &[roles::READS, pullers::READS, since::READS, &[Source::LogGroup]];

    fn judge(&self, log: &LogUse, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let makes = LogPermissionDenied::makes_group(log, facts);
        let writers = writers(case, facts);
        wrong_role::along(case, facts);
        if let Some(role) = case.execution_role()? {
            since::along(Self::ID, case, facts, &role);
        }
        let (makes_group, made) = makes?;
        let mut found: Vec<(Puller, &'static str, String, Denial)> = vec![];
        for writer in writers? {
            let denied = denials(log, makes_group, &writer.rights, case, facts)?;
            let Some((action, resource, denial)) = denied.into_iter().next() else {
                return may_write(log, &writer.rights, case, facts);
            };
            found.push((writer, action, resource, denial));
        }
        // No role at all is another cause's.
        let Some((_, action, _, denial)) = found.first() else { return Ok(Verdict::NotApplicable) };
        let lacking: Vec<&str> = found.iter().map(|(writer, ..)| writer.name.as_str()).collect();
        let elsewhere = wrong_role::told(case, facts, &lacking, denial, |other| {
            Ok(denials(log, makes_group, other, case, facts)?.is_empty())
        });
        let each = found.iter().map(|(writer, action, resource, denial)| {
            format!(
                "role {} may not call {action} on {}: {}",
                writer.name,
                log.group,
                why_of(denial, &writer.rights, action, resource)
            )
        });
        let why = format!("{}{elsewhere}", each.collect::<Vec<_>>().join("; "));
        let names = found.iter().map(|(writer, ..)| writer.name.clone()).chain([log.group.clone()]);
        let finding = Finding::on(names).in_container(&log.container).because(why);
        Ok(match made {
            // The group has been made since, so that nobody has to make it any more.
            Some(made) if *action == GROUP => Verdict::Healed(finding.healed(made)),
            _ => finding.into(),
        })
    }

    fn fixes(&self, log: &LogUse, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let (makes_group, _) = LogPermissionDenied::makes_group(log, facts)?;
        let Some(writer) = writers(case, facts)?.into_iter().next() else { return Ok(vec![]) };
        let denied = denials(log, makes_group, &writer.rights, case, facts)?;
        let Some((first, _, denial)) = denied.first() else { return Ok(vec![]) };
        let actions: Vec<&str> = denied.iter().map(|(action, ..)| *action).collect();
        let resources = [format!("{}:*", group_arn(log, case))];
        let grant = Grant { rights: &writer.rights, purpose: "logs", actions: &actions, resources: &resources };
        let mut fixes = grant.fix(denial, facts);
        if *first == GROUP {
            let change = Change::CreateLogGroup { region: log.region.clone(), group: log.group.clone() };
            let fix = Fix::new(format!("Make the log group {}, so that the task need not", log.group), Risk::Low)
                .making(change);
            fixes.push(fix.noting("it keeps its lines for ever until a retention is set"));
        }
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said, at, inline, log_group, role, statement};
    use crate::evidence::Known;
    use crate::model::stores::LogGroup;

    const ID: CauseId = CauseId::LogPermissionDenied;
    const ARN: &str = "arn:aws:logs:us-east-1:111111111111:log-group:/ecs/web";

    fn with(policy: &str) -> Fixture {
        Fixture::fargate().policies("web-execution", &[], &[("own", policy.to_owned())])
    }

    fn creating(fixture: Fixture) -> Fixture {
        fixture.app(|app| {
            let options = &mut app.log.as_mut().expect("it logs").options;
            options.insert("awslogs-create-group".to_owned(), "true".to_owned());
        })
    }

    #[test]
    fn streams_are_below_the_group() {
        for (resource, said) in [
            ("*", Said::Sound),
            (format!("{ARN}:*").as_str(), Said::Sound),
            (format!("{ARN}:log-stream:web/*").as_str(), Said::Sound),
            (ARN, Said::Fault),
            (format!("{}:*", ARN.replace("us-east-1", "eu-west-1")).as_str(), Said::Fault),
        ] {
            assert_eq!(with(&statement("Allow", &[STREAM, WRITE], resource)).says(ID), said, "{resource}");
        }
        let found = with(&statement("Allow", &[STREAM, WRITE], ARN)).finding(ID);
        assert!(found.explanation.contains("without `:*`, and so not the streams in it"), "{}", found.explanation);
        assert_eq!(found.resources, ["web-execution", "/ecs/web"]);
        assert_eq!(with(&statement("Allow", &[STREAM], "*")).says(ID), Said::Fault, "writing is a right of its own");
    }

    #[test]
    fn a_group_that_is_to_be_made_needs_one_right_more() {
        let missing = creating(Fixture::fargate()).absent(log_group("/ecs/web"));
        assert!(
            missing
                .finding(ID)
                .explanation
                .starts_with("role web-execution may not call logs:CreateLogGroup on /ecs/web")
        );
        assert_eq!(creating(Fixture::fargate()).says(ID), Said::Sound, "it is there already");
        assert_eq!(Fixture::fargate().absent(log_group("/ecs/web")).says(ID), Said::Sound, "nobody is to make it");
        for resource in ["*", ARN, &format!("{ARN}:*")] {
            let own = statement("Allow", &["logs:*"], resource);
            let said = creating(with(&own)).absent(log_group("/ecs/web")).says(ID);
            assert_eq!(said, if resource == ARN { Said::Fault } else { Said::Sound }, "{resource}");
        }
        let late = LogGroup { name: "/ecs/web".into(), created: Some(at("11:00")) };
        let late = creating(Fixture::fargate()).with(log_group("/ecs/web"), Known::LogGroup(late));
        assert_eq!((late.says(ID), late.check().says(ID)), (Said::Healed, Said::Sound));
    }

    #[test]
    fn on_an_instance_either_role_may_write_unless_the_stop_names_one() {
        let neither = |fixture: Fixture| fixture.policies("web-execution", &[], &[]).policies("web-instance", &[], &[]);
        let execution = Fixture::ec2().policies("web-execution", &[], &[]);
        assert_eq!([execution.says(ID), neither(Fixture::ec2()).says(ID)], [Said::Sound, Said::Fault]);
        assert_eq!(neither(Fixture::ec2()).finding(ID).resources, ["web-execution", "web-instance", "/ecs/web"]);
        let why = format!(
            "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role/web-execution/0123 is not authorized to perform: logs:CreateLogStream on resource: {ARN}:log-stream:web/app/1 because no identity-based policy allows the logs:CreateLogStream action"
        );
        assert_eq!(execution.stopped("TaskFailedToStart", &why).says(ID), Said::Fault);
    }

    #[test]
    fn what_the_stop_says_was_refused_and_is_allowed_now_was_mended_since() {
        let why = |group: &str| {
            format!(
                "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role/web-execution/0123 is not authorized to perform: {STREAM} on resource: arn:aws:logs:us-east-1:111111111111:log-group:{group}:log-stream:web/app/1 because no identity-based policy allows the {STREAM} action"
            )
        };
        let allowed = with(&statement("Allow", &[STREAM, WRITE], &format!("{ARN}:*")));
        let refused = allowed.clone().stopped("TaskFailedToStart", &why("/ecs/web"));
        assert_eq!((refused.says(ID), refused.finding(ID).healed_at), (Said::Healed, None), "nobody knows when");
        let since = refused.changed_role("web-execution", "11:00", "own");
        let found = since.finding(ID);
        assert_eq!((since.says(ID), found.healed_at), (Said::Healed, Some(at("11:00"))));
        assert_eq!(found.resources, ["web-execution", "/ecs/web"]);
        assert!(found.explanation.contains("when the task stopped at 2026-03-01T10:05:00Z"), "{found:?}");
        assert!(found.explanation.ends_with("since PutRolePolicy by on-call at 2026-03-01T11:00:00Z"), "{found:?}");
        since.never_turns(ID);
        let another = allowed.clone().stopped("TaskFailedToStart", &why("/ecs/web-old"));
        assert_eq!([allowed.says(ID), another.says(ID)], [Said::Sound, Said::Sound], "the stop says nothing of it");
        let lacking = with(&statement("Allow", &["s3:*"], "*")).stopped("TaskFailedToStart", &why("/ecs/web"));
        assert_eq!(lacking.changed_role("web-execution", "11:00", "own").says(ID), Said::Fault);
    }

    #[test]
    fn without_the_policies_or_the_group_it_is_not_known() {
        let denied = with(&statement("Allow", &["s3:*"], "*"));
        denied.hangs_on(ID, &role("web-execution"));
        denied.hangs_on(ID, &inline("web-execution"));
        denied.never_turns(ID);
        creating(Fixture::fargate()).absent(log_group("/ecs/web")).hangs_on(ID, &log_group("/ecs/web"));
    }

    #[test]
    fn the_rights_are_granted_below_the_group_or_the_group_is_made() {
        let fixes = with(&statement("Allow", &["s3:*"], "*")).mended(ID);
        let [Change::Allow { actions, resources, .. }] = &fixes[0].changes[..] else { unreachable!() };
        assert_eq!((actions.join(" "), resources.as_slice()), (format!("{STREAM} {WRITE}"), &[format!("{ARN}:*")][..]));
        let missing = creating(Fixture::fargate()).absent(log_group("/ecs/web"));
        let fixes = missing.mended(ID);
        assert_eq!([missing.after(&fixes[0]).says(ID), missing.after(&fixes[1]).says(ID)], [Said::Sound, Said::Sound]);
    }
}
