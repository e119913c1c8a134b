//! The secret's JSON has no such key.

use crate::causes::prelude::*;
use crate::launch::secrets::{SecretUse, Store};

documented! {
/// The reference asks for one key of the secret's JSON, and the value has no such key, or is no JSON.
///
/// # Why a task stops here
/// With `ARN:key::` the value is parsed, and the text under that key becomes the variable. The names of keys are compared
/// letter by letter, and a value that is one plain password has no keys at all.
/// # How it is told
/// Only by the words of the stop: the value itself is never read. Of several references the one whose key the stop names
/// is meant.
/// # Prevention
/// Keep the names of keys in the stack that makes the secret, and let a pipeline compare them with those of the
/// definition.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html>
pub struct SecretJsonKeyMissing;
}

impl Cause for SecretJsonKeyMissing {
    type Subject = SecretUse;
    const ID: CauseId = CauseId::SecretJsonKeyMissing;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, used: &SecretUse, case: &Case<'_>, _facts: &Facts<'_>) -> Judgement {
        let (Store::Secret, Some(key), Some(symptom)) = (used.store, &used.key, &case.symptom) else {
            return Ok(Verdict::NotApplicable);
        };
        let named = symptom.facts.get("json_key").and_then(|key| key.as_str());
        if symptom.strength(Self::ID).is_none() || named.is_some_and(|named| named != key) {
            return Ok(Verdict::Sound);
        }
        let (name, variable) = (used.short_name(), &used.variable);
        let why = format!(
            "container {} takes {variable} from the key `{key}` of secret {name}, which its value does not have",
            used.container
        );
        let finding = Finding::on([used.id.clone(), used.text.clone()]).in_container(&used.container).because(why);
        Ok(Verdict::AsTold(finding))
    }

    fn fixes(&self, used: &SecretUse, _case: &Case<'_>, _facts: &Facts<'_>) -> Fixes {
        let Some(key) = &used.key else { return Ok(vec![]) };
        let fix = Fix::new(format!("Add the key `{key}` to the JSON of secret {}", used.short_name()), Risk::Low)
            .making(Change::ByHand { commands: vec![] })
            .noting("or write the key that it has into the definition; names are compared letter by letter");
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, SECRET, Said};

    const ID: CauseId = CauseId::SecretJsonKeyMissing;

    fn stopped(why: &str) -> Fixture {
        let text = format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): {why}"
        );
        Fixture::fargate().stopped("TaskFailedToStart", &text).app(|app| {
            let other =
                crate::model::ecs::SecretReference { name: "USER".into(), value_from: format!("{SECRET}:username::") };
            app.secrets[0].value_from = format!("{SECRET}:db_password::");
            app.secrets.push(other);
        })
    }

    #[test]
    fn of_several_references_the_one_whose_key_the_stop_names_is_meant() {
        let told = stopped("retrieved secret from Secrets Manager did not contain json key db_password");
        assert_eq!(told.says(ID), Said::AsTold);
        let said: Vec<Said> = told.judged(ID).0.iter().map(|one| Said::of(&one.verdict)).collect();
        assert_eq!(said, [Said::AsTold, Said::Sound]);
        assert_eq!(told.finding(ID).resources, [SECRET.to_owned(), format!("{SECRET}:db_password::")]);
        assert!(told.mended(ID)[0].is_by_hand(), "nobody reads the value");
    }

    #[test]
    fn a_value_that_is_no_json_has_none_of_the_keys() {
        let told = stopped("invalid character 'p' looking for beginning of value");
        let said: Vec<Said> = told.judged(ID).0.iter().map(|one| Said::of(&one.verdict)).collect();
        assert_eq!(said, [Said::AsTold, Said::AsTold]);
    }

    #[test]
    fn without_a_key_or_without_such_words_it_is_not_told() {
        let other = stopped("ResourceNotFoundException: Secrets Manager can't find the specified secret.");
        assert_eq!(other.says(ID), Said::Sound);
        assert_eq!(other.check().says(ID), Said::NotApplicable);
        assert_eq!(Fixture::fargate().says(ID), Said::NotApplicable);
    }
}
