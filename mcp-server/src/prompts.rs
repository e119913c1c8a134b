//! Prompts: what a person may want an assistant to do with the tools.

use ecs_why_core::brief::sentence;
use ecs_why_core::image::nearest;
use rmcp::ErrorData;
use rmcp::model::{GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role};
use serde_json::Value;

struct One {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    arguments: &'static [(&'static str, &'static str, bool)],
    text: &'static str,
}

/// `{name}` is an argument; a paragraph whose argument was not given is left out.
const ALL: &[One] = &[
    One {
        name: "triage_incident",
        title: "Triage an incident",
        about: "What fails in a cluster, why, and what to do first",
        arguments: &[
            ("cluster", "The cluster; without it, all of the region", false),
            ("service", "The service that people complain about, if there is one", false),
        ],
        text: "Something fails in Amazon ECS. Find out what, why, and what to do first.\n\n\
               Look in the cluster {cluster}.\n\n\
               People complain about the service {service}: call `diagnose` with it before anything else.\n\n\
               Call `list_failures`, then `diagnose` for the worst group or two. Answer with: what is down and since when; the cause of \
               each, with how sure it is and what proves it; the first step that helps, with its commands from `show_fix`; and \
               what could not be read. Do not run any command.",
    },
    One {
        name: "explain_to_stakeholder",
        title: "Explain to a stakeholder",
        about: "What happened, in words for somebody who does not know AWS",
        arguments: &[("target", "The task or service, as in cluster/service", true)],
        text: "Call `diagnose` with the target {target}. Then explain to somebody who does not know AWS, in at most 120 words and without \
               names of APIs: what does not work and since when, why, what mends it, and how sure that is. Say `likely` where the report \
               says likely. Leave out commands.",
    },
    One {
        name: "review_before_deployment",
        title: "Review before a deployment",
        about: "Would it start? Faults first, then advice",
        arguments: &[("target", "The service (cluster/service) or revision (family:revision)", true)],
        text: "Call `check` with the target {target}. Answer with: whether it would start; each fault with what proves it and its fix; what \
               could not be read, and what that leaves open; then the advice, the most useful first. If nothing is wrong, say so in \
               one sentence.",
    },
];

/// All prompts.
pub fn list() -> Vec<Prompt> {
    let argument = |(name, about, required): &(&str, &str, bool)| {
        PromptArgument::new(*name).with_description(*about).with_required(*required)
    };
    let one = |one: &One| {
        Prompt::new(one.name, Some(one.about), Some(one.arguments.iter().map(argument).collect())).with_title(one.title)
    };
    ALL.iter().map(one).collect()
}

/// The names of a prompt's arguments, if there is such a prompt.
pub fn arguments(name: &str) -> Option<impl Iterator<Item = &'static str>> {
    let one = ALL.iter().find(|one| one.name == name)?;
    Some(one.arguments.iter().map(|(name, _, _)| *name))
}

/// A prompt with its arguments.
pub fn get(name: &str, given: JsonObject) -> Result<GetPromptResult, ErrorData> {
    let Some(one) = ALL.iter().find(|one| one.name == name) else {
        let near = nearest(name, ALL.iter().map(|one| one.name), 3);
        let known = if near.is_empty() { ALL.iter().map(|one| one.name).collect() } else { near };
        return Err(ErrorData::invalid_params(
            format!("there is no such prompt; there is: {}", known.join(", ")),
            None,
        ));
    };
    if let Some(unknown) = given.keys().find(|key| !one.arguments.iter().any(|(name, _, _)| name == key)) {
        let unknown = sentence(unknown, 60);
        return Err(ErrorData::invalid_params(format!("the prompt has no argument `{unknown}`"), None));
    }
    let mut text = one.text.to_owned();
    for (name, _, required) in one.arguments {
        let value = match given.get(*name) {
            None | Some(Value::Null) => None,
            Some(Value::String(value)) if value.trim().is_empty() => None,
            Some(Value::String(value)) => Some(value),
            Some(_) => return Err(ErrorData::invalid_params(format!("the argument `{name}` has to be a text"), None)),
        };
        let hole = format!("{{{name}}}");
        text = match value {
            // A name, and not more: what is typed here is no place for further instructions.
            Some(value) => text.replace(&hole, &format!("`{}`", sentence(&value.replace('`', "'"), 300))),
            None if *required => {
                return Err(ErrorData::invalid_params(format!("the argument `{name}` is missing"), None));
            }
            None => text.split("\n\n").filter(|part| !part.contains(&hole)).collect::<Vec<_>>().join("\n\n"),
        };
    }
    Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]).with_description(one.about))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(name: &str, given: Value) -> Result<String, ErrorData> {
        let Value::Object(given) = given else { panic!("an object") };
        let result = get(name, given)?;
        Ok(serde_json::to_value(result).expect("JSON")["messages"][0]["content"]["text"]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    #[test]
    fn what_is_not_given_is_not_spoken_of() {
        let whole = text("triage_incident", json!({"cluster": "prod", "service": "web"})).expect("a prompt");
        assert!(whole.contains("`prod`") && whole.contains("`web`"));
        let bare = text("triage_incident", json!({})).expect("a prompt");
        assert!(!bare.contains('{') && !bare.contains("Look in the cluster"), "{bare}");
    }

    #[test]
    fn a_missing_or_unknown_argument_is_named() {
        let missing = text("explain_to_stakeholder", json!({})).expect_err("it is needed");
        assert!(missing.message.contains("`target`"));
        let unknown = text("explain_to_stakeholder", json!({"target": "a/b", "x": "y"})).expect_err("it is not known");
        assert!(unknown.message.contains("`x`"));
        assert!(text("triage", json!({})).expect_err("there is none").message.contains("triage_incident"));
    }

    #[test]
    fn every_hole_has_its_argument() {
        for one in ALL {
            let given: JsonObject = one.arguments.iter().map(|(name, _, _)| ((*name).to_owned(), json!("x"))).collect();
            let text = text(one.name, Value::Object(given)).expect("a prompt");
            assert!(!text.contains(['{', '}']), "{text}");
        }
    }
}
