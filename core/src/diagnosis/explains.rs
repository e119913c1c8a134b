//! Whether a finding can be behind a stop: its endpoint, its container, its image, its secret.

use crate::case::Case;
use crate::causes::Finding;
use crate::evidence::Facts;
use crate::launch::needs::{dialled, needs};
use crate::launch::secrets::secret_uses;
use crate::model::CauseId;
use crate::symptom::Symptom;

/// What the stop is about, as far as it says.
pub struct Explains<'c> {
    endpoints: Vec<String>,
    symptom: Option<&'c Symptom>,
    secrets: Vec<String>,
}

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
        let secrets = secret_uses(case).unwrap_or_default().into_iter().map(|used| used.id).collect();
        Explains { endpoints, symptom, secrets }
    }

    /// Whether nothing that the stop says excludes the finding.
    pub fn finding(&self, case: &Case<'_>, id: CauseId, finding: &Finding) -> bool {
        let Some(symptom) = self.symptom else { return true };
        // What a text that says too little leaves open must at least be of the stage at which the task died.
        let claimed = |id: CauseId| symptom.claims.iter().any(|claim| claim.cause == id);
        let general = crate::causes::find(id).and_then(|cause| cause.refines()).is_some_and(claimed);
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
        endpoint && container && image && secret
    }
}
