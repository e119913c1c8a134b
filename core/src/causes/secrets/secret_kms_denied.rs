//! The role cannot decrypt with the key of the secret or parameter.

use super::parameter_access_denied;
use super::secret_access_denied;
use super::{key_words, restore_key};
use crate::causes::prelude::*;
use crate::causes::role::denied::{Grant, healed_since, why_of};
use crate::change::StoreChange;
use crate::iam::edit::{Place, with_statement, without_denial};
use crate::iam::{Denial, PolicyKind};
use crate::launch::keys::{self, Access, DECRYPT, KeyUse, State};
use crate::launch::roles::{self, RoleRights};
use crate::launch::secrets::{SecretUse, Store};
use crate::launch::since::{self, Refused};
use crate::launch::{pullers, wrong_role};
use crate::model::Unknown;
use serde_json::json;
use std::rc::Rc;

documented! {
/// The execution role cannot decrypt with the KMS key of a secret or parameter, or the key is out of use.
///
/// # Why a task stops here
/// Secrets Manager and Systems Manager decrypt with the rights of whoever asks. With a customer managed key the execution
/// role needs `kms:Decrypt` on the key itself: its own policies must allow it where the key's policy leaves that to the
/// account, or the key's policy or a grant must name it. A key that is disabled or waits for its deletion decrypts for
/// nobody. With the keys of AWS (`aws/secretsmanager`, `aws/ssm`) no right is needed, but no other account can read what
/// they encrypt.
/// # How it is told
/// The key's state, policy and grants and the role's policies are read; nothing is decrypted.
/// # Prevention
/// Allow `kms:Decrypt` where the key is made, to the roles that read what it encrypts, and alarm on `DisableKey` and
/// `ScheduleKeyDeletion`.
/// # AWS
/// <https://docs.aws.amazon.com/kms/latest/developerguide/determining-access.html>
pub struct SecretKmsDenied;
}

/// What is encrypted, by its ARN, and with which key.
struct Encrypted {
    arn: String,
    key: KeyUse,
}

/// Whose key is looked at; none where there is no key of a customer's in it.
fn encrypted(used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<Encrypted>, Unknown> {
    let (arn, key, service, name) = match used.store {
        Store::Secret => match facts.secret(&used.region, &used.id)? {
            Some(secret) => (secret.arn.clone(), secret.kms_key.clone(), "secretsmanager", "SecretARN"),
            None => return Ok(None),
        },
        Store::Parameter => match facts.parameter(&used.region, &used.id)? {
            Some(found) if found.kind == "SecureString" => {
                (used.parameter_arn(case), found.kms_key.clone(), "ssm", "PARAMETER_ARN")
            }
            _ => return Ok(None),
        },
    };
    let context = vec![(name.to_owned(), arn.clone())];
    // No key is the one that AWS manages for the account.
    let key = key.unwrap_or_else(|| format!("alias/aws/{service}"));
    Ok(Some(Encrypted { arn, key: KeyUse { region: used.region.clone(), key, service, context } }))
}

/// Why a role may not even ask for it; then the key stands behind that.
fn behind(used: &SecretUse, rights: &RoleRights, arn: &str, case: &Case<'_>, facts: &Facts<'_>) -> usize {
    let denied = match used.store {
        Store::Secret => secret_access_denied::role_denial(used, rights, arn, case, facts),
        Store::Parameter => parameter_access_denied::role_denial(used, rights, case, facts),
    };
    usize::from(matches!(denied, Ok(Some(_))))
}

fn read_role(case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<Rc<RoleRights>>, Unknown> {
    case.execution_role()?.map_or(Ok(None), |role| roles::rights(case, facts, &role))
}

impl SecretKmsDenied {
    /// The role can decrypt now; it could not at the stop, if that says so.
    fn may_decrypt(
        used: &SecretUse,
        rights: &RoleRights,
        what: &Encrypted,
        case: &Case<'_>,
        facts: &Facts<'_>,
    ) -> Judgement {
        let key = keys::named(case, &what.key.region, &what.key.key);
        let named = case.symptom.as_ref().is_some_and(|symptom| symptom.fact("action") == Some(DECRYPT));
        // A text that does not name the call may as well be about a key that was out of use, which tells no times.
        let sure = |refused| if named { refused } else { Refused::Perhaps };
        let refused = since::was_refused(Self::ID, case, &rights.role.name, &key).map(sure);
        Ok(match healed_since(refused, case, facts, rights, (DECRYPT, &key))? {
            Verdict::Healed(found) => {
                let resources = found.resources.iter().cloned().chain([what.arn.clone()]).collect();
                Verdict::Healed(Finding { resources, ..found }.in_container(&used.container))
            }
            verdict => verdict,
        })
    }

    fn denied(
        used: &SecretUse,
        rights: &RoleRights,
        what: &Encrypted,
        case: &Case<'_>,
        facts: &Facts<'_>,
    ) -> Judgement {
        let Access::Denied { key, denial } = keys::access(case, facts, rights, &what.key)? else {
            return SecretKmsDenied::may_decrypt(used, rights, what, case, facts);
        };
        let elsewhere = wrong_role::told(case, facts, &[&rights.role.name], &denial, |other| {
            Ok(keys::access(case, facts, other, &what.key)? == Access::Open)
        });
        let why = match &denial {
            Denial::Implicit { layer: PolicyKind::Resource, .. } => {
                "the key's policy lets neither the role nor its account use it".to_owned()
            }
            denial => why_of(denial, rights, DECRYPT, &key),
        };
        let role = rights.role.name.clone();
        let why = format!(
            "execution role {role} may not decrypt {} with key {}: {why}{elsewhere}",
            used.short_name(),
            short(&key)
        );
        let resources = match &denial {
            Denial::Implicit { layer: PolicyKind::Resource, .. } => [key, role, what.arn.clone()],
            _ => [role, key, what.arn.clone()],
        };
        let behind = behind(used, rights, &what.arn, case, facts);
        let finding = Finding::on(resources).in_container(&used.container).because(why);
        Ok(Finding { behind, ..finding }.into())
    }
}

/// A key's id.
fn short(key: &str) -> &str {
    key.rsplit_once(":key/").map_or(key, |(_, id)| id)
}

impl Cause for SecretKmsDenied {
    type Subject = SecretUse;
    const ID: CauseId = CauseId::SecretKmsDenied;
    const READS: &'static [&'static [Source]] = &[
        roles::READS,
        keys::READS,
        pullers::READS,
        since::READS,
        &[Source::Secret, Source::SecretPolicy, Source::Parameter, Source::ParameterTags],
    ];

    fn judge(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let what = encrypted(used, case, facts);
        let rights = read_role(case, facts);
        wrong_role::along(case, facts);
        if let Some(role) = case.execution_role()? {
            since::along(Self::ID, case, facts, &role);
        }
        let Some(what) = what? else { return Ok(Verdict::NotApplicable) };
        // The key is asked for along with the role's policies, not after them.
        let state = keys::state(case, facts, &what.key.region, &what.key.key);
        keys::ask(case, facts, &what.key);
        let name = used.short_name();
        let finding = |key: &str| {
            let key = keys::named(case, &what.key.region, key);
            Finding::on([key, what.arn.clone()]).in_container(&used.container)
        };
        match state? {
            State::Managed if used.is_foreign(case) => {
                let why = format!(
                    "{name} belongs to another account and is encrypted with the key that AWS manages there, which only \
                     that account can use"
                );
                Ok(finding(&what.key.key).because(why).into())
            }
            State::Managed => Ok(Verdict::Sound),
            State::Gone => {
                let why =
                    format!("key {}, with which {name} is encrypted, does not exist any more", short(&what.key.key));
                Ok(finding(&what.key.key).because(why).into())
            }
            State::Unusable(key) => {
                let why = format!("key {}, with which {name} is encrypted, {}", short(&key.arn), key_words(&key));
                Ok(finding(&key.arn).because(why).into())
            }
            State::Enabled { .. } => match rights? {
                Some(rights) => SecretKmsDenied::denied(used, &rights, &what, case, facts),
                None => Ok(Verdict::NotApplicable),
            },
        }
    }

    fn fixes(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(what) = encrypted(used, case, facts)? else { return Ok(vec![]) };
        match keys::state(case, facts, &what.key.region, &what.key.key)? {
            State::Unusable(key) => {
                return Ok(restore_key(case, &what.key.region, &what.key.key, &key).into_iter().collect());
            }
            State::Managed | State::Gone => {
                let fix =
                    Fix::new(format!("Store the value of {} anew, under another key", used.short_name()), Risk::Medium)
                        .making(Change::ByHand { commands: vec![] })
                        .noting("whoever owns it has to: what the old key encrypted cannot be read from here");
                return Ok(vec![fix]);
            }
            State::Enabled { .. } => {}
        }
        let Some(rights) = read_role(case, facts)? else { return Ok(vec![]) };
        let Access::Denied { key, denial } = keys::access(case, facts, &rights, &what.key)? else { return Ok(vec![]) };
        let resources = [key.clone()];
        let of_key = |document: String, title: String| {
            let change = StoreChange::KeyPolicy { region: what.key.region.clone(), key: key.clone(), document };
            Fix::new(title, Risk::High)
                .making(Change::Store(change))
                .noting("a wrong key policy locks everybody out: keep the statement of the account's root")
        };
        let policy = keys::policy_of(case, facts, &what.key, &key)?;
        match (&denial, policy) {
            (Denial::Implicit { layer: PolicyKind::Resource, .. }, Some(text))
                if key.contains(&format!(":{}:", case.region.account)) =>
            {
                let role = rights.arn.as_str();
                let ours = json!({"Effect": "Allow", "Principal": {"AWS": role}, "Action": DECRYPT, "Resource": "*"});
                let document = with_statement(Some(text), ours, Place::Last);
                Ok(vec![of_key(
                    document,
                    format!("Let the policy of key {} name role {}", short(&key), rights.role.name),
                )])
            }
            (Denial::Explicit { by }, Some(text)) if by.kind == PolicyKind::Resource => {
                match without_denial(text, by.statement, &[DECRYPT], &["*".to_owned()]) {
                    Some(Some(document)) => {
                        Ok(vec![of_key(document, format!("Take the denial out of the policy of key {}", short(&key)))])
                    }
                    _ => Ok(vec![]),
                }
            }
            _ => {
                let grant = Grant { rights: &rights, purpose: "decrypt", actions: &[DECRYPT], resources: &resources };
                Ok(grant.fix(&denial, facts))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{
        EXECUTION_POLICY, Fixture, REGION, SECRET, Said, a_parameter, a_secret, at, parameter, secret, statement,
    };
    use crate::evidence::{Known, Question};
    use crate::model::stores::{Grant as KeyGrant, Key};

    const ID: CauseId = CauseId::SecretKmsDenied;
    const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const READ: &str = "secretsmanager:GetSecretValue";

    fn key() -> Question {
        Question::Key { region: REGION.into(), key: KEY.into() }
    }

    fn key_policy() -> Question {
        Question::KeyPolicy { region: REGION.into(), key: KEY.into() }
    }

    fn grants() -> Question {
        Question::KeyGrants { region: REGION.into(), key: KEY.into() }
    }

    fn of_key(principal: &str) -> Known {
        let one = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"});
        Known::KeyPolicy(json!({"Version": "2012-10-17", "Statement": [one]}).to_string())
    }

    fn in_state(state: &str) -> Known {
        Known::Key(Key { arn: KEY.into(), state: state.into(), aws_managed: false, deletion: None })
    }

    /// The secret is encrypted with a key whose policy leaves it to the account; the role has these statements.
    fn with(policies: &[(&str, String)]) -> Fixture {
        let mut found = a_secret(SECRET, "prod/db");
        found.kms_key = Some(KEY.to_owned());
        let read = ("read", statement("Allow", &[READ], "*"));
        let all: Vec<(&str, String)> = policies.iter().cloned().chain([read]).collect();
        Fixture::fargate()
            .with(secret(SECRET), Known::Secret(found))
            .with(key(), in_state("Enabled"))
            .with(key_policy(), of_key("arn:aws:iam::111111111111:root"))
            .with(grants(), Known::KeyGrants(vec![]))
            .policies("web-execution", &[EXECUTION_POLICY], &all)
    }

    fn decrypting(resource: &str) -> Fixture {
        with(&[("key", statement("Allow", &[DECRYPT], resource))])
    }

    #[test]
    fn the_role_needs_the_right_on_the_key_itself_unless_the_key_names_it() {
        assert_eq!(decrypting(KEY).says(ID), Said::Sound);
        assert_eq!(with(&[]).says(ID), Said::Fault);
        let alias = decrypting("arn:aws:kms:us-east-1:111111111111:alias/prod");
        assert!(alias.finding(ID).explanation.contains("a right to use a key has to name the key"));
        let named = with(&[]).with(key_policy(), of_key("arn:aws:iam::111111111111:role/web-execution"));
        assert_eq!(named.says(ID), Said::Sound);
        let other = decrypting(KEY).with(key_policy(), of_key("arn:aws:iam::111111111111:role/admin"));
        assert!(
            other.finding(ID).explanation.ends_with("the key's policy lets neither the role nor its account use it")
        );
        let found = with(&[]).finding(ID);
        assert_eq!(
            (found.resources.as_slice(), found.behind),
            (&["web-execution", KEY, SECRET].map(str::to_owned)[..], 0)
        );
    }

    #[test]
    fn through_which_service_it_is_asked_counts() {
        for (service, said) in [("secretsmanager", Said::Sound), ("ssm", Said::Fault)] {
            let via = json!({"StringEquals": {"kms:ViaService": format!("{service}.us-east-1.amazonaws.com")}});
            let one = json!({"Effect": "Allow", "Action": DECRYPT, "Resource": KEY, "Condition": via});
            let policy = json!({"Version": "2012-10-17", "Statement": [one]}).to_string();
            assert_eq!(with(&[("key", policy)]).says(ID), said, "{service}");
        }
    }

    #[test]
    fn a_grant_to_the_role_serves_as_well() {
        let granted = |grantee: &str, operation: &str| {
            let grant = KeyGrant {
                grantee: grantee.into(),
                operations: vec![operation.into()],
                context: indexmap::IndexMap::new(),
            };
            with(&[]).with(grants(), Known::KeyGrants(vec![grant])).says(ID)
        };
        let role = "arn:aws:iam::111111111111:role/web-execution";
        assert_eq!(granted(role, "Decrypt"), Said::Sound);
        assert_eq!([granted(role, "Encrypt"), granted("arn:aws:iam::1:role/x", "Decrypt")], [Said::Fault, Said::Fault]);
    }

    #[test]
    fn a_key_that_is_out_of_use_bars_everybody() {
        for (state, words) in [("Disabled", "is disabled"), ("PendingDeletion", "waits for its deletion")] {
            let barred = decrypting(KEY).with(key(), in_state(state));
            assert!(barred.finding(ID).explanation.contains(words), "{state}");
            assert_eq!(barred.finding(ID).resources, [KEY, SECRET]);
            let fixes = barred.mended(ID);
            assert_eq!(barred.after(&fixes[0]).says(ID), Said::Sound);
        }
        let gone = decrypting(KEY).absent(key());
        assert!(gone.finding(ID).explanation.contains("does not exist any more") && gone.mended(ID)[0].is_by_hand());
    }

    #[test]
    fn what_the_stop_says_was_refused_and_is_allowed_now_was_mended_since() {
        let stop = |why: &str| {
            let why = format!(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret {SECRET} from secrets manager: AccessDeniedException: {why}"
            );
            decrypting(KEY).stopped("TaskFailedToStart", &why)
        };
        let named = stop(&format!(
            "User: arn:aws:sts::111111111111:assumed-role/web-execution/0123 is not authorized to perform: {DECRYPT} on resource: {KEY} because no identity-based policy allows the {DECRYPT} action"
        ));
        assert_eq!((named.says(ID), named.finding(ID).healed_at), (Said::Healed, None), "nobody knows when");
        let since = named.changed_role("web-execution", "11:00", "key");
        let found = since.finding(ID);
        assert_eq!((since.says(ID), found.healed_at, found.doubt), (Said::Healed, Some(at("11:00")), None));
        assert_eq!(found.resources, ["web-execution", KEY, SECRET]);
        since.never_turns(ID);
        let bare = stop("Access to KMS is not allowed status code: 400");
        let quiet = bare.clone().unchanged_role("web-execution");
        assert_eq!(quiet.says(ID), Said::Sound, "the key may have been out of use");
        let bare = bare.changed_role("web-execution", "11:00", "key");
        assert!(bare.says(ID) == Said::Healed && bare.finding(ID).doubt.is_some());
    }

    #[test]
    fn keys_of_aws_need_no_right() {
        assert_eq!(Fixture::fargate().says(ID), Said::Sound, "no key is named");
        let plain = |kind: &str, key: Option<&str>| {
            let mut found = a_parameter("/db");
            (found.kind, found.kms_key) = (kind.to_owned(), key.map(str::to_owned));
            with(&[])
                .app(|app| app.secrets[0].value_from = "/db".into())
                .with(parameter("/db"), Known::Parameter(found))
                .says(ID)
        };
        assert_eq!(plain("String", None), Said::NotApplicable);
        assert_eq!(plain("SecureString", Some("alias/aws/ssm")), Said::Sound);
        assert_eq!(plain("SecureString", Some("1234abcd-12ab-34cd-56ef-1234567890ab")), Said::Fault, "by its id");
    }

    #[test]
    fn behind_a_secret_that_may_not_be_read_the_key_waits() {
        let neither = with(&[("deny", statement("Deny", &[READ], "*"))]);
        assert_eq!(neither.finding(ID).behind, 1);
    }

    #[test]
    fn what_was_not_read_may_allow_it() {
        for question in [secret(SECRET), key(), key_policy(), grants()] {
            with(&[]).hangs_on(ID, &question);
        }
        with(&[]).never_turns(ID);
        decrypting(KEY).never_turns(ID);
        assert_eq!(decrypting(KEY).gap(grants()).says(ID), Said::Sound, "policies allow it already");
    }

    #[test]
    fn the_right_is_granted_where_it_is_missing() {
        let fixes = with(&[]).mended(ID);
        assert!(matches!(&fixes[0].changes[..], [Change::Allow { resources, .. }] if resources == &[KEY]));
        assert_eq!(with(&[]).after(&fixes[0]).says(ID), Said::Sound);
        let other = decrypting(KEY).with(key_policy(), of_key("arn:aws:iam::111111111111:role/admin"));
        let fixes = other.mended(ID);
        let [Change::Store(StoreChange::KeyPolicy { document, .. })] = &fixes[0].changes[..] else { unreachable!() };
        assert!(document.contains("role/admin") && document.contains("role/web-execution"), "{document}");
        assert_eq!((other.after(&fixes[0]).says(ID), fixes[0].risk), (Said::Sound, Risk::High));
    }
}
