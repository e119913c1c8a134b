//! What was done to a role after the task had stopped: the right that it lacked then it may have now.
//!
//! Inline policies and attachments carry no time of their own. A managed policy's version does, and CloudTrail tells the rest.

use super::roles::{self, RoleRights};
use crate::case::{Case, RoleName};
use crate::evidence::{Facts, Source};
use crate::model::stores::RoleChange;
use crate::model::{CauseId, Moment};

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

/// The stop leaves no doubt that this role was refused because of `id`; what it names of resources must be `resource`.
pub fn was_refused(id: CauseId, case: &Case<'_>, role: &str, resource: &str) -> bool {
    let Some(symptom) = case.symptom.as_ref().filter(|symptom| symptom.settled() == Some(id)) else { return false };
    let fact = |name: &str| symptom.facts.get(name).and_then(|value| value.as_str());
    let same_role = fact("role").is_none_or(|told| told == role || told.ends_with(&format!("/{role}")));
    same_role && fact("resource").is_none_or(|told| told == resource || told.starts_with(resource))
}

/// Asks what was done to a role, where the stop says that it was refused: so that the time costs no round of its own.
pub fn along(id: CauseId, case: &Case<'_>, facts: &Facts<'_>, role: &RoleName) {
    if case.symptom.as_ref().is_some_and(|symptom| symptom.settled() == Some(id)) && case.moment().is_some() {
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
    let stop = case.moment()?;
    let allowing = roles::allowing(case, rights, action, resource);
    let versions = allowing.iter().filter_map(|policy| {
        let at = policy.changed.filter(|at| *at > stop)?;
        Some(Changed { at, what: format!("a new version of {}", policy.name) })
    });
    let since = || changes(case, facts, &rights.role.name).iter().filter(|change| change.at > stop);
    let names: Vec<&str> = allowing.iter().map(|policy| policy.inline.as_deref().unwrap_or(&policy.name)).collect();
    let about = since().find(|change| change.policy.as_deref().is_some_and(|policy| names.contains(&policy)));
    let done = about.map(told).into_iter().chain(versions).max_by_key(|one| one.at);
    done.or_else(|| since().next().map(told))
}

/// The last change of a role after the stop.
pub fn latest(case: &Case<'_>, facts: &Facts<'_>, role: &str) -> Option<Changed> {
    let stop = case.moment()?;
    changes(case, facts, role).iter().find(|change| change.at > stop).map(told)
}

fn told(change: &RoleChange) -> Changed {
    let by = change.by.as_ref().map_or(String::new(), |by| format!(" by {by}"));
    Changed { at: change.at, what: format!("{}{by}", change.event) }
}

/// What was done to a role, the newest first; nothing where that is not known.
fn changes<'e>(case: &Case<'_>, facts: &Facts<'e>, role: &str) -> &'e [RoleChange] {
    // IAM is global, and its events are kept in one region of each partition.
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
    let region = match case.region.partition.as_str() {
        "aws" => "us-east-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-cn" => "cn-north-1",
        _ => &case.region.region,
    };
    match facts.role_changes(region, role) {
        Ok(Some(all)) => all,
        Ok(None) | Err(_) => &[],
    }
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
        assert!(was_refused(ID, &case, "web-execution", SECRET));
        assert!(!was_refused(ID, &case, "web-task", SECRET));
        assert!(!was_refused(ID, &case, "web-execution", &SECRET.replace("prod/db", "prod/cache")));
        assert!(!was_refused(CauseId::EcrAuthDenied, &case, "web-execution", "*"));
        assert!(!was_refused(ID, &Fixture::fargate().check().case(), "web-execution", SECRET));
    }
}
