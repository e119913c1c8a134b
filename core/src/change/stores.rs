//! Edits of what a task fetches before it starts: references of a definition, secrets, keys, buckets, log options.

use super::commands::{edit_revision, escape_pattern, escape_replacement, json_text};
use super::overlay::{Overlay, edit, revise};
use super::shell::command;
use crate::case::Case;
use crate::evidence::{Known, Question};

/// One edit of a store, or of what a definition says of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreChange {
    /// A new revision that names another secret, parameter, file or registry secret in the place of one.
    UseReference {
        /// What kind of reference.
        kind: Reference,
        /// As the judged revision writes it.
        old: String,
        /// What to write instead.
        new: String,
    },
    /// A new revision with an option of a log driver that it lacks.
    UseLogOption {
        /// An option that the driver has, and its value.
        beside: (String, String),
        /// The new option.
        option: String,
        /// Its value.
        value: String,
    },
    /// A staging label is put on a version of a secret.
    MoveStage {
        /// Where.
        region: String,
        /// Its ARN.
        secret: String,
        /// The label.
        stage: String,
        /// The version that gets it.
        version: String,
    },
    /// A key is made usable again.
    RestoreKey {
        /// Where.
        region: String,
        /// Its ARN.
        key: String,
        /// As it is asked for.
        named: String,
        /// Its deletion is taken back first.
        scheduled: bool,
    },
    /// A key's policy is replaced.
    KeyPolicy {
        /// Where.
        region: String,
        /// Its ARN.
        key: String,
        /// The new document.
        document: String,
    },
    /// A bucket's policy is replaced; none is left: it is deleted.
    BucketPolicy {
        /// The bucket.
        bucket: String,
        /// The new document; none deletes the policy.
        document: Option<String>,
    },
}

/// What kind of thing a definition refers to, and so in which field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// A secret or parameter of a container or log driver.
    Secret,
    /// The secret with a private registry's credentials.
    Credentials,
    /// An environment file.
    File,
}

impl Reference {
    const fn field(self) -> &'static str {
        match self {
            Reference::Secret => "valueFrom",
            Reference::Credentials => "credentialsParameter",
            Reference::File => "value",
        }
    }
}

/// `--region`, where it is not the case's own.
fn region_option<'a>(case: &Case<'_>, region: &'a str) -> Vec<&'a str> {
    if case.region.region == region { vec![] } else { vec!["--region", region] }
}

impl StoreChange {
    /// The commands that make it.
    pub(super) fn commands(&self, case: &Case<'_>) -> Vec<String> {
        let aws = |region: &str, words: &[&str]| {
            command(["aws"].into_iter().chain(words.iter().copied()).chain(region_option(case, region)))
        };
        match self {
            StoreChange::UseReference { kind, old, new } => {
                let line = |text: &str, escape: fn(&str) -> String| {
                    format!("\"{}\": \"{}\"", kind.field(), escape(&json_text(text)))
                };
                let edit = format!("s|{}|{}|", line(old, escape_pattern), line(new, escape_replacement));
                edit_revision(case, &edit)
            }
            StoreChange::UseLogOption { beside: (name, known), option, value } => {
                let line = |name: &str, value: &str| format!("\"{}\": \"{}\"", json_text(name), json_text(value));
                let both = format!("{}, {}", line(name, known), line(option, value));
                let edit = format!("s|{}|{}|", escape_pattern(&line(name, known)), escape_replacement(&both));
                edit_revision(case, &edit)
            }
            StoreChange::MoveStage { region, secret, stage, version } => {
                let words =
                    ["secretsmanager", "update-secret-version-stage", "--secret-id", secret, "--version-stage", stage];
                vec![aws(region, &[&words[..], &["--move-to-version-id", version]].concat())]
            }
            StoreChange::RestoreKey { region, key, scheduled, .. } => {
                let keep = scheduled.then(|| aws(region, &["kms", "cancel-key-deletion", "--key-id", key]));
                // A key whose deletion is taken back is disabled.
                keep.into_iter().chain([aws(region, &["kms", "enable-key", "--key-id", key])]).collect()
            }
            StoreChange::KeyPolicy { region, key, document } => {
                let words =
                    ["kms", "put-key-policy", "--key-id", key, "--policy-name", "default", "--policy", document];
                vec![aws(region, &words)]
            }
            StoreChange::BucketPolicy { bucket, document: Some(document) } => {
                vec![command(["aws", "s3api", "put-bucket-policy", "--bucket", bucket, "--policy", document])]
            }
            StoreChange::BucketPolicy { bucket, document: None } => {
                vec![command(["aws", "s3api", "delete-bucket-policy", "--bucket", bucket])]
            }
        }
    }

    /// Lays it over evidence: the judged revision is `definition`.
    pub(super) fn lay_over(&self, over: &mut Overlay<'_>, definition: Option<&str>) {
        match self {
            // As the command does it: wherever it is named.
            StoreChange::UseReference { kind, old, new } => revise(over, definition, |revision| {
                for container in &mut revision.containers {
                    let texts: Vec<&mut String> = match kind {
                        Reference::Secret => {
                            let log = container.log.iter_mut().flat_map(|log| &mut log.secrets);
                            container.secrets.iter_mut().chain(log).map(|one| &mut one.value_from).collect()
                        }
                        Reference::Credentials => container.repository_credentials.iter_mut().collect(),
                        Reference::File => container.environment_files.iter_mut().collect(),
                    };
                    texts.into_iter().filter(|text| *text == old).for_each(|text| text.clone_from(new));
                }
            }),
            StoreChange::UseLogOption { beside: (name, known), option, value } => {
                revise(over, definition, |revision| {
                    let logs = revision.containers.iter_mut().filter_map(|container| container.log.as_mut());
                    for log in logs.filter(|log| log.options.get(name) == Some(known)) {
                        log.options.insert(option.clone(), value.clone());
                    }
                });
            }
            StoreChange::MoveStage { region, secret, stage, version } => {
                let question = Question::Secret { region: region.clone(), secret: secret.clone() };
                edit!(over, question, Secret, |found| {
                    found.versions.values_mut().for_each(|stages| stages.retain(|one| one != stage));
                    found.versions.entry(version.clone()).or_default().push(stage.clone());
                });
            }
            StoreChange::RestoreKey { region, named, .. } => {
                let question = Question::Key { region: region.clone(), key: named.clone() };
                edit!(over, question, Key, |found| {
                    found.state = "Enabled".to_owned();
                    found.deletion = None;
                });
            }
            StoreChange::KeyPolicy { region, key, document } => {
                let question = Question::KeyPolicy { region: region.clone(), key: key.clone() };
                over.put(question, Known::KeyPolicy(document.clone()));
            }
            StoreChange::BucketPolicy { bucket, document } => {
                let question = Question::BucketPolicy { bucket: bucket.clone() };
                match document {
                    Some(document) => over.put(question, Known::BucketPolicy(document.clone())),
                    None => over.absent(question),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, SECRET};
    use crate::change::Change;

    const HOSTILE: [&str; 6] = ["a b", "it's | a \\ & thing", "$(reboot)", "`id`", "x; rm -rf / #", "say \"hi\""];

    fn commands(change: &StoreChange) -> Vec<String> {
        Change::Store(change.clone()).commands(&Fixture::fargate().case())
    }

    #[test]
    fn a_hostile_value_is_one_word_of_each_command() {
        for evil in HOSTILE {
            let e = || evil.to_owned();
            let rows = [
                (StoreChange::MoveStage { region: e(), secret: e(), stage: e(), version: e() }, 4),
                (StoreChange::RestoreKey { region: e(), key: e(), named: e(), scheduled: true }, 4),
                (StoreChange::KeyPolicy { region: e(), key: e(), document: e() }, 3),
                (StoreChange::BucketPolicy { bucket: e(), document: Some(e()) }, 2),
                (StoreChange::BucketPolicy { bucket: e(), document: None }, 1),
            ];
            for (change, times) in rows {
                let words: Vec<String> =
                    commands(&change).iter().flat_map(|one| shlex::split(one).expect("a shell can read it")).collect();
                assert_eq!(words.iter().filter(|word| *word == evil).count(), times, "{change:?}: {words:?}");
            }
        }
    }

    /// What `sed` makes of a line, as the command asks it to.
    fn sed(command: &str, line: &str) -> Option<String> {
        use std::io::Write as _;
        use std::process::{Command, Stdio};
        let inner = command.split_once("--cli-input-json \"$(")?.1.strip_suffix(")\"")?;
        let script = shlex::split(inner)?.pop()?;
        let mut run = Command::new("sed").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        run.stdin.take()?.write_all(line.as_bytes()).ok()?;
        String::from_utf8(run.wait_with_output().ok()?.stdout).ok()
    }

    #[test]
    fn a_reference_is_replaced_where_it_is_the_whole_value_and_nowhere_else() {
        for evil in HOSTILE {
            let change =
                StoreChange::UseReference { kind: Reference::Secret, old: SECRET.to_owned(), new: evil.to_owned() };
            let line = |value: &str| format!("\"valueFrom\": {}", serde_json::json!(value));
            let made = sed(&commands(&change)[0], &line(SECRET)).expect("there is a sed");
            assert_eq!(made.trim_end(), line(evil));
            let longer = line(&format!("{SECRET}:key::"));
            assert_eq!(sed(&commands(&change)[0], &longer).expect("there is a sed").trim_end(), longer);
        }
    }

    #[test]
    fn an_option_is_set_beside_the_one_that_is_there() {
        let beside = ("awslogs-group".to_owned(), "/ecs/web.*".to_owned());
        let change = StoreChange::UseLogOption { beside, option: "awslogs-region".into(), value: "us-east-1".into() };
        let made = sed(&commands(&change)[0], "\"awslogs-group\": \"/ecs/web.*\",").expect("there is a sed");
        assert_eq!(made.trim_end(), "\"awslogs-group\": \"/ecs/web.*\", \"awslogs-region\": \"us-east-1\",");
    }

    #[test]
    fn a_key_that_is_to_be_deleted_is_kept_first_and_enabled_then() {
        let change = |scheduled| StoreChange::RestoreKey {
            region: "eu-west-1".into(),
            key: "k".into(),
            named: "k".into(),
            scheduled,
        };
        let enable = "aws kms enable-key --key-id k --region eu-west-1";
        assert_eq!(commands(&change(false)), [enable]);
        assert_eq!(commands(&change(true)), ["aws kms cancel-key-deletion --key-id k --region eu-west-1", enable]);
    }
}
