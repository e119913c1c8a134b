//! Asking the person which of several things is meant, where the client can ask; else the call is told to name it.

use crate::errors::{Code, Fault, Wrong};
use crate::redact::Redactor;
use rmcp::RoleServer;
use rmcp::model::*;
use rmcp::service::RequestContext;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often a person is asked in one call.
pub const MOST: usize = 3;
/// How long the person may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longer lists are for nobody to choose from.
const CHOICES: usize = 20;

/// Lets the person choose what a fault leaves open, and puts it into the arguments; any other fault stays one.
pub async fn ask(
    fault: Fault,
    arguments: &mut JsonObject,
    context: &RequestContext<RoleServer>,
    redactor: Option<&Redactor>,
) -> Result<(), Fault> {
    let Fault::Wrong(wrong) = fault else { return Err(fault) };
    let Wrong { code: Code::ChoiceNeeded, argument: Some(argument), candidates, message, .. } = wrong.as_ref() else {
        return Err(Fault::Wrong(wrong));
    };
    let many = candidates.is_empty() || candidates.len() > CHOICES;
    if many || !can_ask(context) {
        return Err(Fault::Wrong(wrong));
    }
    let shown = |text: &String| redactor.map_or_else(|| text.clone(), |redactor| redactor.text(text));
    let Some(form) = form(argument, shown(message), candidates.iter().map(shown).collect()) else {
        return Err(Fault::Wrong(wrong));
    };
    if is_new(context) {
        let request = InputRequest::Elicitation(ElicitRequest::new(form));
        let requests = BTreeMap::from([(key(argument), request)]);
        return Err(Fault::Ask(Box::new(InputRequiredResult::new(Some(requests), None))));
    }
    let answered = context.peer.create_elicitation_with_timeout(form, Some(PATIENCE)).await;
    let chosen = match answered {
        Ok(ElicitResult { action: ElicitationAction::Accept, content: Some(content), .. }) => {
            content.get(argument).and_then(Value::as_str).map(str::to_owned)
        }
        // Who declines, or never answers, leaves it to the call.
        _ => None,
    };
    match chosen.filter(|chosen| candidates.iter().any(|one| shown(one) == *chosen)) {
        Some(chosen) => {
            let chosen = redactor.map_or_else(|| json!(chosen), |redactor| redactor.back(json!(chosen)));
            arguments.insert(argument.clone(), chosen);
            Ok(())
        }
        None => Err(Fault::Wrong(wrong)),
    }
}

/// Takes what the person chose since the call was made first.
pub fn take(arguments: &mut JsonObject, responses: Option<&InputResponses>) -> Result<(), Fault> {
    for (name, response) in responses.into_iter().flatten() {
        let Some(argument) = name.strip_prefix(KEY) else { continue };
        let accepted = response.get("action").and_then(Value::as_str) == Some("accept");
        match response.get("content").and_then(|content| content.get(argument)) {
            Some(chosen @ Value::String(_)) if accepted => {
                arguments.insert(argument.to_owned(), chosen.clone());
            }
            _ => {
                let message = format!("the person did not choose `{argument}`");
                return Err(Fault::argument(argument, message, "name it in the call"));
            }
        }
    }
    Ok(())
}

const KEY: &str = "choose-";

fn key(argument: &str) -> String {
    format!("{KEY}{argument}")
}

fn is_new(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

/// The client shows forms. A client that declares elicitation and no mode of it means forms.
fn can_ask(context: &RequestContext<RoleServer>) -> bool {
    let offered = context.client_capabilities().and_then(|capabilities| capabilities.elicitation);
    offered.is_some_and(|offered| offered.form.is_some() || offered.url.is_none())
}

fn form(argument: &str, message: String, choices: Vec<String>) -> Option<ElicitRequestParams> {
    let choice = EnumSchema::builder(choices).title(argument.to_owned()).build();
    let schema = ElicitationSchema::builder().required_enum_schema(argument, choice).build().ok()?;
    Some(ElicitRequestParams::FormElicitationParams { meta: None, message, requested_schema: schema })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_becomes_an_argument() {
        let mut arguments = JsonObject::default();
        let chosen = BTreeMap::from([(
            "choose-cluster".to_owned(),
            json!({"action": "accept", "content": {"cluster": "prod"}}),
        )]);
        take(&mut arguments, Some(&chosen)).expect("it was chosen");
        assert_eq!(arguments.get("cluster"), Some(&json!("prod")));
    }

    #[test]
    fn who_declines_is_not_asked_for_ever() {
        let mut arguments = JsonObject::default();
        let declined = BTreeMap::from([("choose-cluster".to_owned(), json!({"action": "decline"}))]);
        let fault = take(&mut arguments, Some(&declined)).expect_err("nothing was chosen");
        assert_eq!(fault.code(), Some(Code::InvalidArgument));
        // Answers to what nobody asked are none.
        let other = BTreeMap::from([("elsewhere".to_owned(), json!(1))]);
        assert!(take(&mut arguments, Some(&other)).is_ok());
    }

    #[test]
    fn a_form_offers_the_candidates() {
        let form = form("cluster", "which?".to_owned(), vec!["a".to_owned(), "b".to_owned()]).expect("a form");
        let text = serde_json::to_string(&form).expect("JSON");
        assert!(text.contains("\"enum\":[\"a\",\"b\"]"), "{text}");
    }
}
