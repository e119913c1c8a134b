//! Who keeps a resource in order, as far as its tags tell: a change made by hand would be taken back by their next run.

use serde::{Deserialize, Serialize};

/// Who a resource's tags say keeps it. Only that is kept of the tags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keeper {
    /// Its tags were not read.
    #[default]
    Untold,
    /// None of its tags names anybody.
    Nobody,
    /// A stack of CloudFormation.
    CloudFormation {
        /// The stack's name.
        stack: String,
        /// What the template calls the resource.
        logical_id: Option<String>,
    },
    /// The CDK, which deploys by such a stack.
    Cdk {
        /// The stack, where it is told.
        stack: Option<String>,
        /// The construct's path, where it is told.
        path: Option<String>,
    },
    /// Terraform (or OpenTofu, which uses the same tags).
    Terraform {
        /// The workspace, module or repository that a tag names.
        place: Option<String>,
    },
    /// Another tool, as a tag names it.
    Other {
        /// As the tag says.
        tool: String,
    },
}

impl Keeper {
    /// Nothing is known of it: what evidence files of old do not hold.
    pub fn is_untold(&self) -> bool {
        *self == Keeper::Untold
    }

    /// Read out of all tags of a resource.
    ///
    /// CloudFormation sets its own tags, which nobody else can: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html>.
    /// The CDK has none on every resource, and people add its path; Terraform's are conventions of its modules and of
    /// `default_tags`.
    pub fn of_tags<'t>(tags: impl IntoIterator<Item = (&'t str, &'t str)>) -> Keeper {
        let tags: Vec<(String, &str)> =
            tags.into_iter().map(|(key, value)| (key.to_ascii_lowercase(), value.trim())).collect();
        let value = |name: &str| tags.iter().find(|(key, _)| key == name).map(|(_, value)| (*value).to_owned());
        let filled = |name: &str| value(name).filter(|value| !value.is_empty());
        let stack = filled("aws:cloudformation:stack-name");
        let path = filled("aws:cdk:path").or_else(|| filled("aws-cdk:path"));
        let of_cdk = tags.iter().any(|(key, _)| key.starts_with("aws:cdk:") || key.starts_with("aws-cdk:"));
        let managed = MANAGED.iter().find_map(|name| filled(name));
        let said = managed.as_deref().unwrap_or_default().to_ascii_lowercase();
        if of_cdk || said == "cdk" || said == "aws-cdk" {
            return Keeper::Cdk { stack, path };
        }
        if let Some(stack) = stack {
            return Keeper::CloudFormation { stack, logical_id: filled("aws:cloudformation:logical-id") };
        }
        let flag = value("terraform")
            .is_some_and(|value| !matches!(value.to_ascii_lowercase().as_str(), "false" | "no" | "0"));
        if flag || said.contains("terraform") || said.contains("opentofu") || said == "tofu" {
            return Keeper::Terraform { place: PLACES.iter().find_map(|name| filled(name)) };
        }
        // `ManagedBy: platform-team` names people, and people do change things by hand.
        const TOOLS: [&str; 7] = ["pulumi", "cloudformation", "crossplane", "ansible", "serverless", "copilot", "sst"];
        if TOOLS.iter().any(|tool| said.contains(tool)) {
            return Keeper::Other { tool: managed.unwrap_or_default() };
        }
        if filled("copilot-application").is_some() {
            return Keeper::Other { tool: "AWS Copilot".to_owned() };
        }
        Keeper::Nobody
    }

    /// Who it is, as in "this role belongs to ...".
    pub fn name(&self) -> Option<String> {
        match self {
            Keeper::Untold | Keeper::Nobody => None,
            Keeper::CloudFormation { stack, logical_id: Some(id) } => {
                Some(format!("the CloudFormation stack {stack}, which calls it {id}"))
            }
            Keeper::CloudFormation { stack, logical_id: None } => Some(format!("the CloudFormation stack {stack}")),
            Keeper::Cdk { stack: Some(stack), path: Some(path) } => Some(format!("the CDK stack {stack} ({path})")),
            Keeper::Cdk { stack: Some(stack), path: None } => Some(format!("the CDK stack {stack}")),
            Keeper::Cdk { stack: None, path: Some(path) } => Some(format!("the CDK construct {path}")),
            Keeper::Cdk { stack: None, path: None } => Some("a CDK application".to_owned()),
            Keeper::Terraform { place: Some(place) } => Some(format!("Terraform ({place})")),
            Keeper::Terraform { place: None } => Some("Terraform".to_owned()),
            Keeper::Other { tool } => Some(tool.clone()),
        }
    }
}

/// Tags that say who manages a resource, in lower case.
const MANAGED: [&str; 8] =
    ["managedby", "managed_by", "managed-by", "provisioner", "provisionedby", "createdby", "created_by", "iac"];

/// Tags that say where Terraform's code is.
const PLACES: [&str; 7] =
    ["terraform_workspace", "terraform-workspace", "tfc:workspace", "terraform_module", "module", "repository", "repo"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_tell_who_keeps_a_resource() {
        let stack = |name: &str| Keeper::CloudFormation { stack: name.to_owned(), logical_id: None };
        let terraform = |place: Option<&str>| Keeper::Terraform { place: place.map(str::to_owned) };
        let rows: [(&[(&str, &str)], Keeper); 13] = [
            (&[], Keeper::Nobody),
            (&[("Name", "web"), ("team", "payments")], Keeper::Nobody),
            (&[("aws:cloudformation:stack-name", "web")], stack("web")),
            (
                &[("aws:cloudformation:logical-id", "Role1"), ("aws:cloudformation:stack-name", "web")],
                Keeper::CloudFormation { stack: "web".to_owned(), logical_id: Some("Role1".to_owned()) },
            ),
            (
                &[("aws:cdk:path", "Web/Role/Resource"), ("aws:cloudformation:stack-name", "Web")],
                Keeper::Cdk { stack: Some("Web".to_owned()), path: Some("Web/Role/Resource".to_owned()) },
            ),
            (&[("ManagedBy", "cdk")], Keeper::Cdk { stack: None, path: None }),
            (&[("Terraform", "true")], terraform(None)),
            (&[("terraform", "false")], Keeper::Nobody),
            (&[("managed_by", "Terraform"), ("Repository", "acme/infra")], terraform(Some("acme/infra"))),
            (&[("managed-by", "terraform-cloud"), ("tfc:workspace", "prod")], terraform(Some("prod"))),
            (&[("ManagedBy", "Pulumi")], Keeper::Other { tool: "Pulumi".to_owned() }),
            (&[("ManagedBy", "platform-team")], Keeper::Nobody),
            (&[("copilot-application", "shop")], Keeper::Other { tool: "AWS Copilot".to_owned() }),
        ];
        for (tags, keeper) in rows {
            assert_eq!(Keeper::of_tags(tags.iter().copied()), keeper, "{tags:?}");
        }
    }

    #[test]
    fn only_somebody_has_a_name() {
        assert_eq!([Keeper::Untold.name(), Keeper::Nobody.name()], [None, None]);
        let stack = Keeper::CloudFormation { stack: "web".to_owned(), logical_id: Some("Role1".to_owned()) };
        assert_eq!(stack.name().as_deref(), Some("the CloudFormation stack web, which calls it Role1"));
        assert_eq!(Keeper::Terraform { place: None }.name().as_deref(), Some("Terraform"));
    }
}
