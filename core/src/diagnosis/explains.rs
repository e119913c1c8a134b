//! Whether a finding can be behind a stop: its endpoint, its container, its image, its secret.

use crate::case::Case;
use crate::causes::Finding;
use crate::evidence::Facts;
use crate::launch::logs::log_uses;
use crate::launch::needs::{dialled, needs};
use crate::launch::secrets::{Store, secret_uses};
use crate::launch::since;
use crate::model::CauseId;
use crate::symptom::Symptom;

/// What the stop is about, as far as it says.
pub struct Explains<'c> {
    endpoints: Vec<String>,
    symptom: Option<&'c Symptom>,
    secrets: Vec<String>,
    parameters: Vec<String>,
    groups: Vec<String>,
    changed: Option<String>,
}

/// Causes that a right of the execution role mends.
const RIGHTS: [CauseId; 6] = [
    CauseId::EcrAuthDenied,
    CauseId::EcrPullDenied,
    CauseId::SecretAccessDenied,
    CauseId::ParameterAccessDenied,
    CauseId::EnvFileAccessDenied,
    CauseId::LogPermissionDenied,
];

impl<'c> Explains<'c> {
    /// Reads it out of the symptom; an address of S3 decides where the text names the registry.
    pub fn of(case: &'c Case<'_>, facts: &Facts<'_>) -> Self {
        let symptom = case.symptom.as_ref();
        let mut endpoints = symptom.map(|symptom| symptom.endpoints.clone()).unwrap_or_default();
        let needs = needs(case, facts).unwrap_or_default();
        let given = needs.iter().find(|need| need.destination.address.is_some());
        if !endpoints.is_empty() && dialled(case).is_some() {
            match given {
                Some(need) if need.endpoint == "s3" => endpoints = vec!["s3".to_owned()],
                // Whose address it is is not known: the layers' is possible, whatever the text names.
                None if endpoints.iter().any(|one| one == "ecr.dkr") => endpoints.push("s3".to_owned()),
                _ => {}
            }
        }
        let (mut secrets, mut parameters) = (vec![], vec![]);
        for used in secret_uses(case).unwrap_or_default() {
            match used.store {
                Store::Secret => secrets.push(used.id),
                Store::Parameter => parameters.push(plain(&used.id).to_owned()),
            }
        }
        let groups = log_uses(case).unwrap_or_default().into_iter().map(|log| log.group).collect();
        let refused = symptom.and_then(Symptom::settled).filter(|id| RIGHTS.contains(id));
        // The text names the role where the definition cannot be read.
        let told = || symptom.and_then(|one| one.facts.get("role")?.as_str()).map(|role| case.role_name(role).name);
        let role = match case.execution_role() {
            Ok(role) => role.map(|role| role.name),
            Err(_) => told(),
        };
        let changed = refused.and(role).and_then(|role| {
            let change = since::latest(case, facts, &role)?;
            Some(format!("role {role} was changed after the stop ({} at {:.0})", change.what, change.at))
        });
        Explains { endpoints, symptom, secrets, parameters, groups, changed }
    }

    /// What was done after the stop to the role that the stop says lacked a right.
    pub fn changed_since(&self, id: CauseId) -> Option<&str> {
        self.changed.as_deref().filter(|_| RIGHTS.contains(&id))
    }

    /// Whether nothing that the stop says excludes the finding.
    pub fn finding(&self, case: &Case<'_>, id: CauseId, finding: &Finding) -> bool {
        let Some(symptom) = self.symptom else { return true };
        // What a text that says too little leaves open must at least be of the stage at which the task died.
        let claimed = |id: CauseId| symptom.claims.iter().any(|claim| claim.cause == id);
        let general = crate::causes::find(id).is_some_and(|cause| cause.refines().iter().any(|id| claimed(*id)));
        if !claimed(id) && !general && symptom.stage != id.stage() && symptom.stage != crate::model::Stage::Unknown {
            return false;
        }
        let endpoint = match &finding.endpoint {
            Some(endpoint) if !self.endpoints.is_empty() => self.endpoints.contains(endpoint),
            _ => true,
        };
        let container = match (&finding.container, &symptom.container) {
            (Some(one), Some(guilty)) => one == guilty,
            _ => true,
        };
        let text = |name: &str| symptom.facts.get(name).and_then(|value| value.as_str());
        let image = match (text("image"), &finding.container) {
            (Some(image), Some(container)) if id.stage() == crate::model::Stage::Image => {
                !case.is_of_other_container(image, container)
            }
            _ => true,
        };
        // A text may be cut, and name only the beginning of a secret.
        let secret = match text("secret") {
            Some(named) if id.stage() == crate::model::Stage::Secrets => {
                let about: Vec<&String> = finding.resources.iter().filter(|one| self.secrets.contains(one)).collect();
                about.is_empty() || about.iter().any(|one| one.starts_with(named) || named.starts_with(one.as_str()))
            }
            _ => true,
        };
        endpoint
            && container
            && image
            && secret
            && self.parameter(id, finding, symptom)
            && self.group(id, finding, symptom)
    }

    /// A text that names parameters is about these, by name or ARN.
    fn parameter(&self, id: CauseId, finding: &Finding, symptom: &Symptom) -> bool {
        let named: Vec<&str> = match symptom.facts.get("parameter") {
            Some(serde_json::Value::String(one)) => vec![plain(one)],
            Some(serde_json::Value::Array(all)) => all.iter().filter_map(|one| one.as_str()).map(plain).collect(),
            _ => return true,
        };
        let its = |one: &&String| self.parameters.iter().any(|parameter| parameter == plain(one));
        let about: Vec<&String> = finding.resources.iter().filter(its).collect();
        id.stage() != crate::model::Stage::Secrets
            || about.is_empty()
            || about.iter().any(|one| named.contains(&plain(one)))
    }

    /// A text that names a log group is about that one.
    fn group(&self, id: CauseId, finding: &Finding, symptom: &Symptom) -> bool {
        let Some(named) = symptom.facts.get("log_group").and_then(|value| value.as_str()) else { return true };
        let about: Vec<&String> = finding.resources.iter().filter(|one| self.groups.contains(one)).collect();
        id.stage() != crate::model::Stage::Logging || about.is_empty() || about.iter().any(|one| *one == named)
    }
}

/// A parameter's name without what differs between names and ARNs.
fn plain(parameter: &str) -> &str {
    parameter.rsplit(":parameter/").next().unwrap_or(parameter).trim_start_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, HOST, IMAGE, SECRET};
    use crate::model::ecs::ContainerDefinition;
    use crate::symptom::Symptom;

    /// Whether a stop leaves a finding possible.
    fn explains(fixture: &Fixture, edit: impl FnOnce(&mut Symptom), id: CauseId, finding: &Finding) -> bool {
        let mut case = fixture.case();
        case.symptom.as_mut().map(edit).expect("it stopped");
        Explains::of(&case, &Facts::new(&fixture.evidence)).finding(&case, id, finding)
    }

    fn at(endpoint: &str) -> Finding {
        Finding { endpoint: Some(endpoint.to_owned()), ..Finding::default() }
    }

    fn timed_out(address: &str) -> Fixture {
        let why = format!(
            "CannotPullContainerError: failed to resolve ref {IMAGE}: failed to do request: Head \"https://{HOST}/v2/team/web/manifests/v42\": dial tcp {address}:443: i/o timeout"
        );
        Fixture::fargate().stopped("TaskFailedToStart", &why)
    }

    #[test]
    fn only_the_endpoint_that_was_not_reached() {
        let id = CauseId::NoEgressRoute;
        for (address, endpoint, expected, why) in [
            ("44.213.79.10", "ecr.dkr", true, "the text names it"),
            ("44.213.79.10", "ecr.api", false, "the token was there by then"),
            ("44.213.79.10", "logs", false, "the log driver comes later"),
            ("52.216.1.2", "s3", true, "the address is one of S3's"),
            ("52.216.1.2", "ecr.dkr", false, "whatever the text names"),
        ] {
            assert_eq!(
                explains(&timed_out(address), |_| {}, id, &at(endpoint)),
                expected,
                "{address} {endpoint}: {why}"
            );
        }
        let unread = timed_out("52.216.1.2").gap(crate::evidence::Question::AwsPrefixLists {});
        for endpoint in ["ecr.dkr", "s3"] {
            assert!(explains(&unread, |_| {}, id, &at(endpoint)), "nobody knows whose the address is: {endpoint}");
        }
    }

    #[test]
    fn only_the_container_that_is_guilty() {
        let finding = |name: &str| Finding::default().in_container(name);
        let guilty = |name: &str| {
            explains(
                &Fixture::fargate().ended("EssentialContainerExited", "", Some(3), None),
                |symptom| symptom.container = Some("app".to_owned()),
                CauseId::ApplicationError,
                &finding(name),
            )
        };
        assert_eq!([guilty("app"), guilty("sidecar")], [true, false]);
    }

    #[test]
    fn only_the_container_whose_image_the_text_names() {
        let fixture = Fixture::fargate()
            .stopped("TaskFailedToStart", &format!("CannotPullContainerError: {IMAGE}: not found"))
            .revision(|revision| {
                let (name, image) = ("sidecar".to_owned(), format!("{HOST}/team/proxy:1"));
                revision.containers.push(ContainerDefinition { name, image, ..ContainerDefinition::default() });
            });
        let of = |name: &str| {
            let named = |symptom: &mut Symptom| {
                symptom.container = None;
                symptom.facts.insert("image".to_owned(), IMAGE.into());
            };
            explains(&fixture, named, CauseId::ImageTagNotFound, &Finding::default().in_container(name))
        };
        assert_eq!([of("app"), of("sidecar")], [true, false]);
    }

    #[test]
    fn only_the_secret_that_the_text_names_as_far_as_it_goes() {
        let other = SECRET.replace("prod/db", "prod/cache");
        let fixture = Fixture::fargate().app(|app| {
            let mut second = app.secrets[0].clone();
            second.value_from = SECRET.replace("prod/db", "prod/cache");
            app.secrets.push(second);
        });
        let of = |named: &str, secret: &str| {
            let name = |symptom: &mut Symptom| {
                symptom.stage = crate::model::Stage::Secrets;
                symptom.facts.insert("secret".to_owned(), named.into());
            };
            explains(&fixture, name, CauseId::SecretNotFound, &Finding::on([secret]))
        };
        assert_eq!([of(SECRET, SECRET), of(SECRET, &other)], [true, false]);
        let cut = &SECRET[..SECRET.len() - 7];
        assert_eq!([of(cut, SECRET), of(cut, &other)], [true, false], "a cut text names the beginning");
    }

    #[test]
    fn what_is_not_claimed_must_at_least_be_of_the_stage_at_which_it_died() {
        use crate::model::Stage;
        let of = |stage: Stage, id| {
            let only_stage = |symptom: &mut Symptom| {
                symptom.stage = stage;
                symptom.claims.clear();
            };
            explains(&Fixture::fargate(), only_stage, id, &Finding::default())
        };
        assert!(of(Stage::Image, CauseId::ImageTagNotFound) && of(Stage::Unknown, CauseId::ImageTagNotFound));
        assert!(!of(Stage::Logging, CauseId::ImageTagNotFound));
    }
}
