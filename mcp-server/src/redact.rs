//! Account ids, ARNs and addresses under other names: always the same one for the same thing, and back again in arguments.

use regex::{Captures, Regex};
use serde_json::Value;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

/// How many names are given out; what comes later is hidden for good.
const MOST: usize = 50_000;

/// Replaces, and takes back.
#[derive(Debug)]
pub struct Redactor {
    found: Regex,
    given: Regex,
    names: Mutex<Names>,
}

#[derive(Debug, Default)]
struct Names {
    by_thing: HashMap<String, String>,
    by_name: HashMap<String, String>,
    /// Of this process alone: a name that another caller was given cannot be guessed.
    key: RandomState,
}

/// ARNs whole, then addresses of both families, then account ids.
const FOUND: &str = r#"(?x)
    (?P<arn>\barn:aws[a-z-]*:[a-z0-9*-]+:[a-z0-9*-]*:[a-z0-9*]*:[^\s"'`,;<>()\[\]{}\\…]+)
  | (?P<address>\b(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}\b
      |\b(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}\b
      |\b(?:[0-9a-fA-F]{1,4}:){1,6}(?::[0-9a-fA-F]{1,4}){1,6}\b
      |\b(?:[0-9a-fA-F]{1,4}:){2,7}:)
  | (?P<account>\b[0-9]{12}\b)
"#;

impl Default for Redactor {
    fn default() -> Redactor {
        Redactor {
            found: Regex::new(FOUND).expect("the pattern is well formed: a test makes it"),
            given: Regex::new(r"\bREDACTED-(?:ARN|ADDRESS|ACCOUNT)-[0-9a-f]{10}\b")
                .expect("the pattern is well formed"),
            names: Mutex::default(),
        }
    }
}

/// Addresses that are the same everywhere, and say nothing of anybody.
fn is_common(address: &str) -> bool {
    ["0.0.0.0", "127.0.0.1", "255.255.255.255", "169.254.169.254", "169.254.170.2", "169.254.169.253"]
        .contains(&address)
}

impl Redactor {
    /// The text under other names.
    pub fn text(&self, text: &str) -> String {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let name = |found: &Captures<'_>| {
            let of = |kind: &str| found.name(kind).map(|one| one.as_str());
            if let Some(arn) = of("arn") {
                // A sentence may end behind it.
                let bare = arn.trim_end_matches(['.', ':', '!', '?']);
                return format!("{}{}", names.name("ARN", bare), &arn[bare.len()..]);
            }
            match (of("address"), of("account")) {
                (Some(address), _) if is_common(address) => address.to_owned(),
                (Some(address), _) => names.name("ADDRESS", address),
                (None, Some(account)) => names.name("ACCOUNT", account),
                (None, None) => String::new(),
            }
        };
        self.found.replace_all(text, name).into_owned()
    }

    /// Every text in a value under other names.
    pub fn value(&self, value: Value) -> Value {
        each(value, &|text| self.text(text))
    }

    /// The things behind the names in a value.
    pub fn back(&self, value: Value) -> Value {
        each(value, &|text| {
            let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            let thing = |found: &Captures<'_>| {
                let name = &found[0];
                names.by_name.get(name).map_or_else(|| name.to_owned(), Clone::clone)
            };
            self.given.replace_all(text, thing).into_owned()
        })
    }
}

impl Names {
    fn name(&mut self, kind: &'static str, thing: &str) -> String {
        if let Some(name) = self.by_thing.get(thing) {
            return name.clone();
        }
        if self.by_thing.len() >= MOST {
            return format!("REDACTED-{kind}");
        }
        // Forty bits, and fewer digits than an account id has.
        let name = format!("REDACTED-{kind}-{:010x}", self.key.hash_one(thing) >> 24);
        self.by_thing.insert(thing.to_owned(), name.clone());
        self.by_name.insert(name.clone(), thing.to_owned());
        name
    }
}

fn each(value: Value, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(&text)),
        Value::Array(items) => items.into_iter().map(|item| each(item, change)).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (change(&name), each(value, change))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_thing_has_the_same_name_and_comes_back() {
        let redactor = Redactor::default();
        let arn = "arn:aws:ecs:eu-west-1:123456789012:task/prod/0123456789abcdef0123456789abcdef";
        let told = redactor.text(&format!("task {arn} of account 123456789012 at 10.0.3.17, again {arn}."));
        let words: Vec<&str> = told.split([' ', ',']).collect();
        let [_, first, _, _, account, _, address, _, _, again] = words[..] else { panic!("{told}") };
        assert_eq!(format!("{first}."), again);
        let kinds = [("ARN", first), ("ACCOUNT", account), ("ADDRESS", address)];
        assert!(kinds.iter().all(|(kind, name)| name.starts_with(&format!("REDACTED-{kind}-"))), "{told}");
        assert_eq!(redactor.back(json!({"target": first})), json!({"target": arn}));
        assert_eq!(redactor.value(json!(["10.0.3.17"])), json!([address]));
        // Told once more, it is the same.
        assert_eq!(redactor.text(&told), told);
    }

    #[test]
    fn another_process_gives_other_names() {
        let arn = "arn:aws:iam::123456789012:role/web";
        assert_ne!(Redactor::default().text(arn), Redactor::default().text(arn));
    }

    #[test]
    fn names_that_nobody_gave_out_stay_as_they_are() {
        assert_eq!(Redactor::default().back(json!("REDACTED-ARN-0123456789")), json!("REDACTED-ARN-0123456789"));
    }

    #[test]
    fn what_says_nothing_of_anybody_stays() {
        let text = "0.0.0.0/0 and 169.254.170.2, revision web:42 at 2026-01-31T09:20:11Z, 512 MiB, sha256:0123";
        assert_eq!(Redactor::default().text(text), text);
    }

    #[test]
    fn addresses_of_both_families_and_networks_are_hidden() {
        let told =
            Redactor::default().text("10.0.0.0/16 -> 2001:db8::17 and 2001:db8:0:0:0:0:0:1 dial tcp 3.5.25.9:443");
        for gone in ["10.0.0", "2001:db8", "3.5.25"] {
            assert!(!told.contains(gone), "{told}");
        }
        assert!(told.contains("/16") && told.contains(":443"), "{told}");
    }
}
