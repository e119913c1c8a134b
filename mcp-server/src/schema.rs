//! The JSON schemas of tools, out of their Rust types, in the plain form that every client understands.

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a tool takes.
pub fn input<T: JsonSchema>() -> Arc<JsonObject> {
    object(SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value(), false)
}

/// What a tool answers with.
pub fn output<T: JsonSchema>() -> Arc<JsonObject> {
    object(SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>().to_value(), true)
}

fn object(schema: Value, written: bool) -> Arc<JsonObject> {
    let definitions = schema.get("$defs").cloned().unwrap_or_default();
    let mut schema = plain(schema, &definitions, written);
    // Clients that know another draft refuse a name that they do not know; without one, the protocol's own counts.
    for name in ["$schema", "$defs", "title", "description"] {
        schema.as_object_mut().map(|object| object.remove(name));
    }
    match schema {
        Value::Object(object) => Arc::new(object),
        _ => Arc::default(),
    }
}

/// Without references, and without `null`: what is none is left out.
fn plain(schema: Value, definitions: &Value, written: bool) -> Value {
    match schema {
        Value::Array(items) => items.into_iter().map(|item| plain(item, definitions, written)).collect(),
        Value::Object(mut fields) => {
            if let Some(name) =
                fields.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/"))
            {
                let mut resolved = match IDS.contains(&name) {
                    true => json!({"type": "string", "description": "An id of the resource ecs-why://causes"}),
                    false => definitions.get(name).cloned().unwrap_or_default(),
                };
                // What is said of the field counts more than what is said of its type.
                if let (Some(own), Some(resolved)) = (fields.get("description"), resolved.as_object_mut()) {
                    resolved.insert("description".to_owned(), own.clone());
                }
                return plain(resolved, definitions, written);
            }
            if let Some(Value::Array(kinds)) = fields.get_mut("type") {
                kinds.retain(|kind| kind != "null");
                if let [only] = kinds.as_slice() {
                    let only = only.clone();
                    fields.insert("type".to_owned(), only);
                }
            }
            if let Some(words) = fields.get("oneOf").and_then(words) {
                fields.remove("oneOf");
                fields.insert("type".to_owned(), json!("string"));
                fields.insert("enum".to_owned(), words);
            }
            if let Some(Value::Array(mut any)) = fields.remove("anyOf") {
                any.retain(|one| one.get("type").is_none_or(|kind| kind != "null"));
                if any.len() == 1 {
                    let mut only = any.remove(0);
                    if let Some(only) = only.as_object_mut() {
                        let own = std::mem::take(&mut fields);
                        only.extend(own.into_iter().filter(|(name, _)| name != "default"));
                    }
                    return plain(only, definitions, written);
                }
                fields.insert("anyOf".to_owned(), Value::Array(any));
            }
            let fields = fields.into_iter().filter(|(name, value)| match name.as_str() {
                // Numbers of Rust's kinds are no formats of JSON Schema.
                "format" => !value.as_str().is_some_and(|format| format.starts_with(['u', 'i']) && format != "uri"),
                "default" => !value.is_null() && !written,
                _ => true,
            });
            Value::Object(fields.map(|(name, value)| (name, plain(value, definitions, written))).collect())
        }
        other => other,
    }
}

/// Long lists, which a model need not read with every tool.
const IDS: [&str; 2] = ["CauseId", "CheckId"];

/// The words of which one is chosen, if that is all that there is to choose from.
fn words(one_of: &Value) -> Option<Value> {
    let each = one_of.as_array()?.iter().map(|one| match (one.get("const"), one.get("enum")) {
        (Some(word), _) => Some(vec![word.clone()]),
        (None, Some(Value::Array(words))) => Some(words.clone()),
        _ => None,
    });
    Some(Value::Array(each.collect::<Option<Vec<_>>>()?.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    struct Inner {
        /// A number.
        number: u32,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    struct Outer {
        /// Said of the field.
        inner: Option<Inner>,
        #[serde(default)]
        text: Option<String>,
    }

    #[test]
    fn a_schema_has_neither_references_nor_null() {
        let schema = serde_json::to_value(input::<Outer>()).expect("JSON");
        let text = schema.to_string();
        for wrong in ["$ref", "null", "$defs", "uint32", "$schema", "anyOf"] {
            assert!(!text.contains(wrong), "{wrong}: {text}");
        }
        assert_eq!(schema["properties"]["inner"]["description"], "Said of the field.");
        assert_eq!(schema["properties"]["inner"]["properties"]["number"]["type"], "integer");
        assert_eq!(schema["type"], "object");
    }
}
