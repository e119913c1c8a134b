//! Systems Manager: what describes a parameter, never its value.

use crate::moment::moment;
use crate::refusal::{Asked, Class, Refused};
use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{ParameterMetadata, ParameterStringFilter, ResourceTypeForTagging};
use ecs_why_core::model::Arn;
use ecs_why_core::model::stores::Parameter;
use indexmap::IndexMap;

/// How many names one filter takes.
const NAMES: usize = 50;

/// The names that a reference may mean: a name, or an ARN, in which `name` and `/name` look the same.
fn names(asked: &str) -> Vec<String> {
    let Ok(arn) = asked.parse::<Arn>() else { return vec![asked.to_owned()] };
    let path = arn.resource().strip_prefix("parameter/").unwrap_or(arn.resource());
    // `:3` or `:label` select a version, which the listing does not know.
    let path = path.split_once(':').map_or(path, |(path, _)| path).trim_start_matches('/');
    if path.contains('/') { vec![format!("/{path}")] } else { vec![path.to_owned(), format!("/{path}")] }
}

pub(crate) async fn parameters(ssm: &Client, asked: &[&str]) -> Result<Vec<Asked<Parameter>>, Refused> {
    let meant: Vec<_> = asked.iter().map(|asked| names(asked)).collect();
    let mut wanted: Vec<_> = meant.iter().flatten().cloned().collect();
    wanted.sort();
    wanted.dedup();
    let mut found: Vec<ParameterMetadata> = Vec::new();
    for names in wanted.chunks(NAMES) {
        let filter = ParameterStringFilter::builder().key("Name").option("Equals").set_values(Some(names.to_vec()));
        let filter = filter.build().map_err(|error| Refused::new(Class::Invalid, error.to_string()))?;
        let mut pages = ssm.describe_parameters().parameter_filters(filter).into_paginator().page_size(50).send();
        while let Some(page) = pages.try_next().await? {
            found.extend(page.parameters.unwrap_or_default());
        }
    }
    let read = |names: &Vec<String>| {
        let is_meant = |parameter: &&ParameterMetadata| names.iter().any(|name| parameter.name() == Some(name));
        Ok(found.iter().find(is_meant).map(parameter))
    };
    Ok(meant.iter().map(read).collect())
}

fn parameter(parameter: &ParameterMetadata) -> Parameter {
    Parameter {
        name: parameter.name().unwrap_or_default().to_owned(),
        arn: parameter.arn().map(str::to_owned),
        kind: parameter.r#type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        kms_key: parameter.key_id().map(str::to_owned),
        modified: moment(parameter.last_modified_date()),
        version: Some(parameter.version()).filter(|version| *version > 0),
    }
}

/// How many pages of names are read: the listing is slow, and only helps to guess.
const PAGES: usize = 2;

/// Names below a path, which ends in a slash, or with a text in them.
pub(crate) async fn names_like(ssm: &Client, like: &str) -> Asked<Vec<String>> {
    let option = if like.ends_with('/') { "BeginsWith" } else { "Contains" };
    let filter = ParameterStringFilter::builder().key("Name").option(option).values(like).build();
    let filter = filter.map_err(|error| Refused::new(Class::Invalid, error.to_string()))?;
    let mut pages = ssm.describe_parameters().parameter_filters(filter).into_paginator().page_size(50).send();
    let mut found = vec![];
    for _ in 0..PAGES {
        let Some(page) = pages.try_next().await? else { break };
        found.extend(page.parameters().iter().filter_map(|parameter| parameter.name()).map(str::to_owned));
    }
    Ok(Some(found))
}

/// The tags of a parameter.
pub(crate) async fn tags(ssm: &Client, name: &str) -> Asked<IndexMap<String, String>> {
    let asked = ssm.list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter).resource_id(name);
    let told = asked.send().await?;
    Ok(Some(told.tag_list().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_turned_into_the_names_that_it_may_mean() {
        for (asked, expected) in [
            ("db", &["db"][..]),
            ("/prod/db", &["/prod/db"]),
            ("arn:aws:ssm:us-east-1:1:parameter/prod/db", &["/prod/db"]),
            ("arn:aws:ssm:us-east-1:1:parameter/db", &["db", "/db"]),
            ("arn:aws:ssm:us-east-1:1:parameter/prod/db:3", &["/prod/db"]),
        ] {
            assert_eq!(names(asked), expected, "{asked}");
        }
    }
}
