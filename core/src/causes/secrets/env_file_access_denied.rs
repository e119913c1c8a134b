//! The execution role may not read the environment file.

use crate::causes::prelude::*;
use crate::causes::role::denied::{Grant, denial, sound_or_healed, why_of};
use crate::change::StoreChange;
use crate::iam::edit::without_denial;
use crate::iam::{Denial, PolicyKind};
use crate::launch::env_files::{EnvFile, ObjectName};
use crate::launch::keys::{self, Access, KeyUse};
use crate::launch::roles::{self, Call, RoleRights};
use crate::launch::{pullers, since, wrong_role};
use crate::model::Unknown;
use crate::symptom::Strength;

documented! {
/// The execution role may not read an environment file in S3, or not ask where its bucket is.
///
/// # Why a task stops here
/// Environment files are fetched with the task execution role. It needs `s3:GetObject` on the file and
/// `s3:GetBucketLocation` on its bucket, `kms:Decrypt` where a customer's key encrypts the file, and no denial in the
/// policy of the bucket.
/// # How it is told
/// The role's policies, its permissions boundary and the bucket's policy are evaluated for both calls. With which key a
/// file is encrypted is told by nobody but the file itself: the key for new files of the bucket is looked at where the
/// stop speaks of a refusal. Where the role is allowed today and a policy that allows it was changed after such a stop,
/// that is told with both times.
/// # Prevention
/// Keep the files of an application below one prefix, and allow it to its execution role.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html>
pub struct EnvFileAccessDenied;
}

const READ: &str = "s3:GetObject";
const LOCATE: &str = "s3:GetBucketLocation";

/// The calls that fetching a file needs.
fn calls(object: &ObjectName) -> [(&'static str, String); 2] {
    [(READ, object.arn()), (LOCATE, object.bucket_arn.clone())]
}

/// The call that the stop says was refused; reading the file, if it names none.
fn told_call(object: &ObjectName, case: &Case<'_>) -> (&'static str, String) {
    let told = case.symptom.as_ref().and_then(|symptom| symptom.fact("action"));
    let [read, locate] = calls(object);
    if told == Some(locate.0) { locate } else { read }
}

/// Which calls a role may not make, and why.
fn denials(
    object: &ObjectName,
    rights: &RoleRights,
    case: &Case<'_>,
    facts: &Facts<'_>,
) -> Result<Vec<(&'static str, String, Denial)>, Unknown> {
    let text = facts.bucket_policy(&object.bucket)?;
    let document =
        text.map(|text| roles::document(facts, "s3:GetBucketPolicy", "the bucket's policy", text)).transpose()?;
    let resource_policy = document.as_ref().map(|document| ("the bucket's policy", document));
    let mut denied = vec![];
    for (action, resource) in calls(object) {
        let call = Call { action, resource: &resource, resource_policy, ..Call::default() };
        let decision = roles::may_call(case, facts, rights, &call)?;
        denied.extend(denial(decision).map(|denial| (action, resource.clone(), denial)));
    }
    Ok(denied)
}

/// The bucket's own key, if the role cannot use it.
fn barring_key(
    object: &ObjectName,
    rights: &RoleRights,
    case: &Case<'_>,
    facts: &Facts<'_>,
) -> Result<Option<String>, Unknown> {
    let Some(bucket) = facts.bucket(&object.bucket)? else { return Ok(None) };
    let Some(key) = facts.bucket_key(&object.bucket)? else { return Ok(None) };
    let context = vec![("aws:s3:arn".to_owned(), object.arn())];
    let used = KeyUse { region: bucket.region.clone(), key: key.clone(), service: "s3", context };
    Ok(match keys::access(case, facts, rights, &used)? {
        Access::Open => None,
        Access::Barred(_) | Access::Denied { .. } => Some(keys::named(case, &used.region, key)),
    })
}

impl Cause for EnvFileAccessDenied {
    type Subject = EnvFile;
    const ID: CauseId = CauseId::EnvFileAccessDenied;
    const READS: &'static [&'static [Source]] = &[
        roles::READS,
        keys::READS,
        pullers::READS,
        since::READS,
        &[Source::Bucket, Source::BucketPolicy, Source::BucketKey, Source::Object],
    ];

    fn judge(&self, file: &EnvFile, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let Some(object) = &file.object else { return Ok(Verdict::NotApplicable) };
        let Some(role) = case.execution_role()? else { return Ok(Verdict::NotApplicable) };
        let (bucket, found) = (facts.bucket(&object.bucket), facts.object(&object.bucket, &object.key));
        let refused = case.symptom.as_ref().is_some_and(|symptom| symptom.strength(Self::ID) > Some(Strength::Allows));
        let (rights, _policy) = (roles::rights(case, facts, &role), facts.bucket_policy(&object.bucket));
        if refused {
            let _ = facts.bucket_key(&object.bucket);
        }
        wrong_role::along(case, facts);
        since::along(Self::ID, case, facts, &role);
        // Whether a file that is not there could be read is nobody's question.
        if bucket?.is_none() || found?.is_none() {
            return Ok(Verdict::NotApplicable);
        }
        let Some(rights) = rights? else { return Ok(Verdict::NotApplicable) };
        let role = rights.role.name.clone();
        let finding = Finding::on([role.clone(), object.arn(), object.bucket.clone()]).in_container(&file.container);
        let denied = denials(object, &rights, case, facts)?;
        let Some((action, resource, denial)) = denied.first() else {
            // S3 does not say why it refuses; where the text names the call, the key has nothing to do with it.
            let named = case.symptom.as_ref().is_some_and(|symptom| symptom.fact("action").is_some());
            if refused
                && !named
                && let Some(key) = barring_key(object, &rights, case, facts)?
            {
                let why = format!(
                    "execution role {role} may read {}, and may not decrypt with the key of bucket {}, {key}; whether it \
                     encrypts this file is not told",
                    object.key, object.bucket
                );
                let finding = Finding { resources: vec![role, key, object.arn()], ..finding };
                return Ok(Verdict::AsTold(finding.because(why)));
            }
            let (action, resource) = told_call(object, case);
            return Ok(match sound_or_healed(Self::ID, case, facts, &rights, (action, &resource))? {
                Verdict::Healed(found) => {
                    Verdict::Healed(Finding { resources: finding.resources, ..found }.in_container(&file.container))
                }
                verdict => verdict,
            });
        };
        let elsewhere =
            wrong_role::told(
                case,
                facts,
                &[&role],
                denial,
                |other| Ok(denials(object, other, case, facts)?.is_empty()),
            );
        let why = format!(
            "execution role {role} may not call {action} on {resource}: {}{elsewhere}",
            why_of(denial, &rights, action, resource)
        );
        Ok(finding.because(why).into())
    }

    fn fixes(&self, file: &EnvFile, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let (Some(object), Some(role)) = (&file.object, case.execution_role()?) else { return Ok(vec![]) };
        let Some(rights) = roles::rights(case, facts, &role)? else { return Ok(vec![]) };
        let denied = denials(object, &rights, case, facts)?;
        let Some((action, resource, first)) = denied.first() else { return Ok(vec![]) };
        if let Denial::Explicit { by } = first
            && by.kind == PolicyKind::Resource
        {
            let resources = [resource.clone()];
            let text = facts.bucket_policy(&object.bucket)?;
            let lifted = text.and_then(|text| without_denial(text, by.statement, &[action], &resources));
            let Some(document) = lifted else { return Ok(vec![]) };
            let fix = Fix::new(format!("Take the denial out of the policy of bucket {}", object.bucket), Risk::Medium)
                .making(Change::Store(StoreChange::BucketPolicy { bucket: object.bucket.clone(), document }))
                .noting("somebody wrote this denial on purpose: ask before you lift it");
            return Ok(vec![fix]);
        }
        // A right on the object and one on the bucket: each is granted by a policy of its own.
        let of = |actions: &[&str], resource: &String, purpose: &str, denial: &Denial| {
            let resources = std::slice::from_ref(resource);
            Grant { rights: &rights, purpose, actions, resources }.fix(denial, facts)
        };
        let mut fixes = of(&[action], resource, "environment-file", first);
        if let Some((action, resource, second)) = denied.get(1) {
            let more = of(&[action], resource, "environment-bucket", second);
            if let (Some(fix), Some(other)) = (fixes.first_mut(), more.into_iter().next()) {
                fix.title = format!("{}, and {}", fix.title, lower(&other.title));
                fix.changes.extend(other.changes);
            }
        }
        Ok(fixes)
    }
}

fn lower(title: &str) -> String {
    let mut rest = title.chars();
    rest.next().into_iter().flat_map(char::to_lowercase).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{
        ENV_FILE, EXECUTION_POLICY, Fixture, Said, at, bucket, bucket_policy, object, role, statement,
    };
    use crate::evidence::{Known, Question};
    use crate::model::stores::Key;
    use serde_json::json;

    const ID: CauseId = CauseId::EnvFileAccessDenied;
    const BUCKET: &str = "arn:aws:s3:::config";

    fn with(policies: &[(&str, String)]) -> Fixture {
        Fixture::fargate().env_file().policies("web-execution", &[EXECUTION_POLICY], policies)
    }

    fn reading(resource: &str) -> Fixture {
        with(&[("file", statement("Allow", &[READ], resource)), ("bucket", statement("Allow", &[LOCATE], BUCKET))])
    }

    #[test]
    fn both_rights_are_needed_each_on_its_own_resource() {
        assert_eq!(reading(ENV_FILE).says(ID), Said::Sound);
        assert_eq!(reading("arn:aws:s3:::config/*").says(ID), Said::Sound);
        assert!(
            reading("arn:aws:s3:::config/shared/*")
                .finding(ID)
                .explanation
                .contains("is for arn:aws:s3:::config/shared/* only")
        );
        assert!(reading(BUCKET).finding(ID).explanation.contains("and not what is in it"));
        let no_location = with(&[("file", statement("Allow", &["s3:*"], "arn:aws:s3:::config/*"))]).finding(ID);
        assert!(no_location.explanation.starts_with("execution role web-execution may not call s3:GetBucketLocation"));
        assert_eq!(no_location.resources, ["web-execution", ENV_FILE, "config"]);
    }

    #[test]
    fn the_buckets_policy_allows_and_denies() {
        let of_bucket = |effect: &str, resource: &str| {
            let principal = json!({"AWS": "arn:aws:iam::111111111111:role/web-execution"});
            let one = json!({"Effect": effect, "Principal": principal, "Action": "s3:Get*", "Resource": resource});
            Known::BucketPolicy(json!({"Version": "2012-10-17", "Statement": [one]}).to_string())
        };
        let allowed = with(&[("bucket", statement("Allow", &[LOCATE], BUCKET))]);
        assert_eq!(allowed.says(ID), Said::Fault);
        assert_eq!(allowed.with(bucket_policy(), of_bucket("Allow", "arn:aws:s3:::config/*")).says(ID), Said::Sound);
        let denied = reading(ENV_FILE).with(bucket_policy(), of_bucket("Deny", "arn:aws:s3:::config/*"));
        assert!(denied.finding(ID).explanation.ends_with("statement 1 of the bucket's policy denies it"));
        let fixes = denied.mended(ID);
        assert!(matches!(&fixes[0].changes[..], [Change::Store(StoreChange::BucketPolicy { document: None, .. })]));
        assert_eq!(denied.after(&fixes[0]).says(ID), Said::Sound);
    }

    #[test]
    fn the_key_of_the_bucket_is_suspected_where_the_stop_speaks_of_a_refusal() {
        let arn = "arn:aws:kms:us-east-1:111111111111:key/k";
        let key = Key { arn: arn.into(), state: "Disabled".into(), aws_managed: false, deletion: None };
        let fixture = reading(ENV_FILE)
            .with(Question::BucketKey { bucket: "config".into() }, Known::BucketKey(arn.into()))
            .with(Question::Key { region: "us-east-1".into(), key: arn.into() }, Known::Key(key))
            .gap(Question::KeyPolicy { region: "us-east-1".into(), key: arn.into() })
            .gap(Question::KeyGrants { region: "us-east-1".into(), key: arn.into() });
        assert_eq!(fixture.says(ID), Said::Sound);
        let why = "ResourceInitializationError: failed to download env files: service call has been retried 1 time(s): operation error S3: HeadObject, https response error StatusCode: 403, api error Forbidden: Forbidden";
        let refused = fixture.stopped("TaskFailedToStart", why);
        assert_eq!((refused.says(ID), refused.finding(ID).resources[1].as_str()), (Said::AsTold, arn));
    }

    #[test]
    fn a_right_that_a_policy_gives_since_a_refusal_was_lacking_then() {
        let why = "ResourceInitializationError: failed to download env files: service call has been retried 1 time(s): operation error S3: HeadObject, https response error StatusCode: 403, api error Forbidden: Forbidden";
        let refused = reading(ENV_FILE).stopped("TaskFailedToStart", why);
        assert_eq!(refused.says(ID), Said::Unknown, "what was done to the role since is not known");
        assert_eq!(
            refused.clone().unchanged_role("web-execution").says(ID),
            Said::Sound,
            "who refused it is not said, and nothing was changed"
        );
        let since = refused.clone().changed_role("web-execution", "11:00", "file");
        let found = since.finding(ID);
        assert_eq!((since.says(ID), found.healed_at), (Said::Healed, Some(at("11:00"))));
        assert_eq!((found.resources[1].as_str(), found.container.as_deref()), (ENV_FILE, Some("app")));
        assert!(found.doubt.is_some_and(|doubt| doubt.contains("who refused it")), "{}", found.explanation);
        since.never_turns(ID);
        assert_eq!(refused.changed_role("web-execution", "11:00", "other").says(ID), Said::Sound, "another policy");
        let changed = reading(ENV_FILE).changed_role("web-execution", "11:00", "file");
        assert_eq!(changed.says(ID), Said::Sound, "the stop says nothing of it");
        let named = format!(
            "ResourceInitializationError: failed to download env files: User: arn:aws:sts::111111111111:assumed-role/web-execution/0123 is not authorized to perform: {LOCATE} on resource: {BUCKET} because no identity-based policy allows the {LOCATE} action"
        );
        let told = reading(ENV_FILE).stopped("TaskFailedToStart", &named);
        assert_eq!((told.says(ID), told.finding(ID).healed_at), (Said::Healed, None));
        let told = told.changed_role("web-execution", "11:30", "bucket").finding(ID);
        assert_eq!((told.healed_at, told.doubt), (Some(at("11:30")), None));
        assert!(told.explanation.contains("might not call s3:GetBucketLocation"), "{}", told.explanation);
    }

    #[test]
    fn what_was_not_read_may_decide_otherwise() {
        let denied = with(&[("other", statement("Allow", &["sqs:*"], "*"))]);
        for question in [role("web-execution"), bucket(), bucket_policy(), object("web/prod.env")] {
            denied.hangs_on(ID, &question);
        }
        denied.never_turns(ID);
        assert_eq!(denied.absent(object("web/prod.env")).says(ID), Said::NotApplicable);
    }

    #[test]
    fn what_is_missing_is_granted_and_no_more() {
        let none = with(&[("other", statement("Allow", &["sqs:*"], "*"))]);
        let fixes = none.mended(ID);
        let [Change::Allow { resources: file, .. }, Change::Allow { resources: whole, .. }] = &fixes[0].changes[..]
        else {
            unreachable!()
        };
        assert_eq!((file.as_slice(), whole.as_slice()), (&[ENV_FILE.to_owned()][..], &[BUCKET.to_owned()][..]));
        assert_eq!(none.after(&fixes[0]).says(ID), Said::Sound);
    }
}
