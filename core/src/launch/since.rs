//! What was done to a role after the task had stopped: the right that it lacked then it may have now.
//!
//! Inline policies and attachments carry no time of their own. A managed policy's version does, and CloudTrail tells the rest.

use super::roles::{self, RoleRights};
use crate::case::{Case, RoleName};
use crate::evidence::{Facts, Source};
use crate::model::stores::RoleChange;
use crate::model::{CauseId, Moment, Unknown};

/// What telling the time of a change reads.
pub const READS: &[Source] = &[Source::RoleChanges];

/// A change of a role's rights, after the stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// When.
    pub at: Moment,
    /// What and by whom, as the beginning of a sentence.
    pub what: String,
}

/// How surely the stop says that a role was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It names the fault: there is no doubt.
    Surely,
    /// It points to it before all else, and does not say who refused it, nor why.
    Perhaps,
}

/// Whether the stop says that this role was refused because of `id`; what it names of resources must be `resource`.
pub fn was_refused(id: CauseId, case: &Case<'_>, role: &str, resource: &str) -> Option<Refused> {
    let symptom = case.symptom.as_ref()?;
    let said = said(id, case)?;
    let same_role = symptom.fact("role").is_none_or(|told| told == role || told.ends_with(&format!("/{role}")));
    (same_role && symptom.fact("resource").is_none_or(|told| is_named(told, resource))).then_some(said)
}

fn said(id: CauseId, case: &Case<'_>) -> Option<Refused> {
    let symptom = case.symptom.as_ref()?;
    match symptom.settled() {
        Some(settled) => (settled == id).then_some(Refused::Surely),
        None => symptom.points_to(id).then_some(Refused::Perhaps),
    }
}

/// A text may name a part of a resource, and not another one whose name begins like it.
fn is_named(told: &str, resource: &str) -> bool {
    told.strip_prefix(resource).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
}

/// Asks what was done to a role, where the stop says that it was refused: so that the time costs no round of its own.
pub fn along(id: CauseId, case: &Case<'_>, facts: &Facts<'_>, role: &RoleName) {
    if said(id, case).is_some() && case.moment().is_some() {
        let _ = changes(case, facts, &role.name);
    }
}

/// The last change after the stop that can have given the role the right that it has now; none where none is known.
///
/// A change of a policy that allows the call is told before any other, which may have lifted a denial.
pub fn granted(
    case: &Case<'_>,
    facts: &Facts<'_>,
    rights: &RoleRights,
    action: &str,
    resource: &str,
) -> Option<Changed> {
    match allowed_since(case, facts, rights, action, resource) {
        Ok(Some(change)) => Some(change),
        Ok(None) | Err(_) => latest(case, facts, &rights.role.name),
    }
}

/// The last change after the stop of a policy that allows the call now.
///
/// # Errors
/// When it is not known what was done to the role.
pub fn allowed_since(
    case: &Case<'_>,
    facts: &Facts<'_>,
    rights: &RoleRights,
    action: &str,
    resource: &str,
) -> Result<Option<Changed>, Unknown> {
    let Some(stop) = case.moment() else { return Ok(None) };
    let allowing = roles::allowing(case, rights, action, resource);
    let versions = allowing.iter().filter_map(|policy| {
        let at = policy.changed.filter(|at| *at > stop)?;
        Some(Changed { at, what: format!("a new version of {}", policy.name) })
    });
    let known = changes(case, facts, &rights.role.name);
    let mut since = known.iter().flat_map(|all| all.iter()).filter(|change| change.at > stop);
    let names: Vec<&str> = allowing.iter().map(|policy| policy.inline.as_deref().unwrap_or(&policy.name)).collect();
    let about = since.find(|change| change.policy.as_deref().is_some_and(|policy| names.contains(&policy)));
    match about.map(told).into_iter().chain(versions).max_by_key(|one| one.at) {
        Some(change) => Ok(Some(change)),
        None => known.map(|_| None),
    }
}

/// The last change of a role after the stop.
pub fn latest(case: &Case<'_>, facts: &Facts<'_>, role: &str) -> Option<Changed> {
    let stop = case.moment()?;
    let known = changes(case, facts, role).unwrap_or_default();
    known.iter().find(|change| change.at > stop).map(told)
}

fn told(change: &RoleChange) -> Changed {
    let by = change.by.as_ref().map_or(String::new(), |by| format!(" by {by}"));
    Changed { at: change.at, what: format!("{}{by}", change.event) }
}

/// What was done to a role, the newest first.
fn changes<'e>(case: &Case<'_>, facts: &Facts<'e>, role: &str) -> Result<&'e [RoleChange], Unknown> {
    // IAM is global, and its events are kept in one region of each partition.
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
    let region = match case.region.partition.as_str() {
        "aws" => "us-east-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-cn" => "cn-north-1",
        _ => &case.region.region,
    };
    Ok(facts.role_changes(region, role)?.map_or(&[], Vec::as_slice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, SECRET, at, role_arn, statement};
    use crate::evidence::{Known, Question};
    use crate::model::stores::PolicyVersion;

    const ID: CauseId = CauseId::SecretAccessDenied;

    fn refused(fixture: Fixture) -> Fixture {
        let text = format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret {SECRET} from secrets manager: AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role/web-execution/0123 is not authorized to perform: secretsmanager:GetSecretValue on resource: {SECRET} because no identity-based policy allows the secretsmanager:GetSecretValue action"
        );
        fixture.stopped("TaskFailedToStart", &text)
    }

    fn change(time: &str, event: &str, policy: Option<&str>) -> RoleChange {
        let by = Some("on-call".to_owned());
        RoleChange { at: at(time), event: event.to_owned(), policy: policy.map(str::to_owned), by }
    }

    const READ: &str = "secretsmanager:GetSecretValue";

    fn granted_by(policy: &str, done: Vec<RoleChange>) -> Option<Changed> {
        let inline = [("logs", statement("Allow", &["logs:*"], "*")), (policy, statement("Allow", &[READ], SECRET))];
        let question = Question::RoleChanges { region: "us-east-1".into(), role: "web-execution".into() };
        let fixture = refused(Fixture::fargate().policies("web-execution", &[], &inline));
        let fixture = fixture.with(question, Known::RoleChanges(done));
        let (case, facts) = (fixture.case(), Facts::new(&fixture.evidence));
        let rights = roles::rights(&case, &facts, &case.role_name(&role_arn("web-execution")));
        let rights = rights.expect("they are known").expect("it is there");
        granted(&case, &facts, &rights, READ, SECRET)
    }

    #[test]
    fn the_change_of_the_policy_that_allows_is_told_before_any_other() {
        let done = || {
            vec![
                change("11:30", "PutRolePolicy", Some("logs")),
                change("11:00", "PutRolePolicy", Some("secrets")),
                change("09:00", "DeleteRolePolicy", Some("secrets")),
            ]
        };
        let found = granted_by("secrets", done()).expect("it was changed");
        assert_eq!((found.at, found.what.as_str()), (at("11:00"), "PutRolePolicy by on-call"));
        let other = granted_by("older", done()).expect("a denial may have been lifted");
        assert_eq!(other.at, at("11:30"));
        assert_eq!(granted_by("secrets", done().split_off(2)), None, "before the stop");
    }

    #[test]
    fn a_version_of_a_managed_policy_has_a_time_of_its_own() {
        const OWN: &str = "arn:aws:iam::111111111111:policy/secrets";
        let document = statement("Allow", &[READ], SECRET);
        let version = Question::PolicyVersion { policy: OWN.into(), version: "v1".into() };
        let made = |time| Known::PolicyVersion(PolicyVersion { document: document.clone(), created: Some(at(time)) });
        let fixture = refused(Fixture::fargate().policies("web-execution", &[OWN], &[]).managed(OWN, &document));
        let granted = |time| {
            let fixture = fixture.clone().with(version.clone(), made(time));
            let (case, facts) = (fixture.case(), Facts::new(&fixture.evidence));
            let rights = roles::rights(&case, &facts, &case.role_name(&role_arn("web-execution")));
            granted(&case, &facts, &rights.expect("they are known").expect("it is there"), READ, SECRET)
        };
        let what = format!("a new version of {OWN}");
        assert_eq!(granted("11:00"), Some(Changed { at: at("11:00"), what }));
        assert_eq!(granted("09:00"), None, "it was there at the stop");
    }

    #[test]
    fn only_what_the_stop_says_of_this_role_and_resource_counts() {
        let fixture = refused(Fixture::fargate());
        let case = fixture.case();
        assert_eq!(was_refused(ID, &case, "web-execution", SECRET), Some(Refused::Surely));
        assert_eq!(was_refused(ID, &case, "web-task", SECRET), None);
        assert_eq!(was_refused(ID, &case, "web-execution", &SECRET.replace("prod/db", "prod/cache")), None);
        assert_eq!(was_refused(ID, &case, "web-execution", &SECRET.replace("-AbCdEf", "")), None, "another secret");
        assert_eq!(was_refused(CauseId::EcrAuthDenied, &case, "web-execution", "*"), None);
        assert_eq!(was_refused(ID, &Fixture::fargate().check().case(), "web-execution", SECRET), None);
        let cut = Fixture::fargate().stopped(
            "TaskFailedToStart",
            "ResourceInitializationError: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret from secrets manager: AccessDeniedException",
        );
        assert_eq!(was_refused(ID, &cut.case(), "web-execution", SECRET), Some(Refused::Perhaps));
        assert_eq!(was_refused(CauseId::SecretKmsDenied, &cut.case(), "web-execution", SECRET), None, "less likely");
    }
}
