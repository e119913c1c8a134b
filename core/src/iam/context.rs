//! The request context: what is known of the condition keys of one call.

use indexmap::IndexMap;

use crate::model::{Arn, Moment};

/// Context keys: known with their values, known to be absent, or (when not mentioned) not known.
///
/// Key names are compared without regard to case, tag keys included, as IAM does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    keys: IndexMap<String, Option<Vec<String>>>,
    /// Beginnings of keys (`aws:principaltag/`) of which all that exist are in `keys`.
    complete: Vec<String>,
}

/// What a context says of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known<'a> {
    Values(&'a [String]),
    Absent,
    Unknown,
}

impl Context {
    /// A context in which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// The request has this key with this one value.
    pub fn set(&mut self, key: &str, value: impl Into<String>) -> &mut Self {
        self.set_many(key, [value.into()])
    }

    /// The request has this key with these values; none at all is the same as absent.
    pub fn set_many<I>(&mut self, key: &str, values: I) -> &mut Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        self.keys.insert(key.to_ascii_lowercase(), (!values.is_empty()).then_some(values));
        self
    }

    /// The request does not have this key.
    pub fn absent(&mut self, key: &str) -> &mut Self {
        self.keys.insert(key.to_ascii_lowercase(), None);
        self
    }

    /// The request has no key that begins so, but for those that were set: `aws:PrincipalTag/` of a role whose tags
    /// were all read.
    pub fn no_others(&mut self, beginning: &str) -> &mut Self {
        self.complete.push(beginning.to_ascii_lowercase());
        self
    }

    /// Nothing is known of this key any more.
    pub fn forget(&mut self, key: &str) -> &mut Self {
        let key = key.to_ascii_lowercase();
        self.complete.retain(|beginning| !key.starts_with(beginning));
        self.keys.shift_remove(&key);
        self
    }

    /// The call is made by an AWS service on behalf of the principal: Secrets Manager or SSM asking KMS to decrypt.
    /// `service` is `secretsmanager.us-east-1.amazonaws.com` and its like.
    pub fn on_behalf(&mut self, service: &str) -> &mut Self {
        self.set("aws:ViaAWSService", "true").set("kms:ViaService", service);
        // Which services fill these, and from which network they seem to call, AWS does not say in full.
        for key in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"] {
            self.forget(key);
        }
        self
    }

    /// The values of a key, where it is known to have any.
    pub fn values(&self, key: &str) -> Option<&[String]> {
        match self.get(key) {
            Known::Values(values) => Some(values),
            Known::Absent | Known::Unknown => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Known<'_> {
        let key = key.to_ascii_lowercase();
        match self.keys.get(&key) {
            Some(Some(values)) => Known::Values(values),
            Some(None) => Known::Absent,
            None if self.complete.iter().any(|beginning| key.starts_with(beginning)) => Known::Absent,
            None => Known::Unknown,
        }
    }
}

/// What is known of a call that an execution role makes (or the agent with that role's credentials).
#[derive(Debug, Clone, Copy)]
pub struct RoleCall<'a> {
    /// The role's ARN with its path.
    pub role: &'a Arn,
    /// The region whose endpoint is called.
    pub region: &'a str,
    /// The role's unique id (`AROA...`), where it was read.
    pub role_id: Option<&'a str>,
    /// The name of the session: the task's id, where there is a task.
    pub session: Option<&'a str>,
    /// All tags of the role, where they were read.
    pub tags: Option<&'a IndexMap<String, String>>,
    /// The account that owns the resource, where it is known.
    pub resource_account: Option<&'a str>,
    /// When the call was made.
    pub at: Option<Moment>,
}

impl<'a> RoleCall<'a> {
    /// A call of which nothing more is known.
    pub fn new(role: &'a Arn, region: &'a str) -> Self {
        RoleCall { role, region, role_id: None, session: None, tags: None, resource_account: None, at: None }
    }
}

/// The context of a role's own call, as far as it is certain.
///
/// Which way the packets go (`aws:SourceVpce`, `aws:SourceIp` and their like) and what belongs to a service or an
/// organization is left unknown: whoever knows it sets it.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
pub fn for_execution_role(call: &RoleCall<'_>) -> Context {
    let mut context = Context::new();
    context
        .set("aws:PrincipalArn", call.role.as_str())
        .set("aws:PrincipalAccount", call.role.account())
        .set("aws:PrincipalType", "AssumedRole")
        .set("aws:PrincipalIsAWSService", "false")
        .set("aws:ViaAWSService", "false")
        .set("aws:RequestedRegion", call.region)
        .set("aws:SecureTransport", "true");
    for key in [
        "aws:CalledVia",
        "aws:CalledViaFirst",
        "aws:CalledViaLast",
        "aws:MultiFactorAuthAge",
        "aws:MultiFactorAuthPresent",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
        "aws:username", // users have one, roles do not
        "kms:ViaService",
    ] {
        context.absent(key);
    }
    if let (Some(id), Some(session)) = (call.role_id, call.session) {
        context.set("aws:userid", format!("{id}:{session}"));
    }
    if let Some(tags) = call.tags {
        for (key, value) in tags {
            context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
        context.no_others("aws:PrincipalTag/");
    }
    if let Some(account) = call.resource_account {
        context.set("aws:ResourceAccount", account);
    }
    if let Some(at) = call.at {
        context.set("aws:CurrentTime", at.to_string()).set("aws:EpochTime", at.as_second().to_string());
    }
    context
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role() -> Arn {
        "arn:aws:iam::111122223333:role/app/web".parse().expect("an ARN")
    }

    #[test]
    fn a_key_is_found_in_any_case() {
        let mut context = Context::new();
        context.set("aws:ResourceTag/Team", "blue").absent("aws:SourceArn");
        assert_eq!(context.get("AWS:resourcetag/TEAM"), Known::Values(&["blue".to_owned()]));
        assert_eq!(context.get("aws:sourcearn"), Known::Absent);
        assert_eq!(context.get("aws:SourceVpce"), Known::Unknown);
    }

    #[test]
    fn values_are_given_where_there_are_any() {
        let mut context = Context::new();
        context.set("aws:RequestedRegion", "eu-west-1").absent("aws:SourceArn");
        assert_eq!(context.values("AWS:RequestedRegion"), Some(&["eu-west-1".to_owned()][..]));
        assert_eq!([context.values("aws:SourceArn"), context.values("aws:SourceVpce")], [None, None]);
    }

    #[test]
    fn a_key_without_values_is_absent() {
        let mut context = Context::new();
        context.set_many("aws:TagKeys", Vec::<String>::new());
        assert_eq!(context.get("aws:TagKeys"), Known::Absent);
    }

    #[test]
    fn a_role_calls_with_its_own_arn_and_not_with_its_session() {
        let role = role();
        let context = for_execution_role(&RoleCall::new(&role, "eu-west-1"));
        assert_eq!(context.get("aws:PrincipalArn"), Known::Values(&[role.to_string()]));
        assert_eq!(context.get("aws:SourceArn"), Known::Absent);
        assert_eq!(context.get("aws:SourceVpce"), Known::Unknown);
        assert_eq!(context.get("aws:PrincipalTag/team"), Known::Unknown, "tags were not read");
        assert_eq!(context.get("aws:CurrentTime"), Known::Unknown, "no moment was given");
    }

    #[test]
    fn a_tag_that_a_role_does_not_have_is_absent_once_its_tags_are_read() {
        let role = role();
        let tags = IndexMap::from([("Team".to_owned(), "blue".to_owned())]);
        let call = RoleCall {
            tags: Some(&tags),
            role_id: Some("AROAX"),
            session: Some("abc"),
            at: Some(Moment::UNIX_EPOCH),
            ..RoleCall::new(&role, "eu-west-1")
        };
        let context = for_execution_role(&call);
        assert_eq!(context.get("aws:PrincipalTag/team"), Known::Values(&["blue".to_owned()]));
        assert_eq!(context.get("aws:PrincipalTag/stage"), Known::Absent);
        assert_eq!(context.get("aws:userid"), Known::Values(&["AROAX:abc".to_owned()]));
        assert_eq!(context.get("aws:EpochTime"), Known::Values(&["0".to_owned()]));
    }

    #[test]
    fn a_service_that_calls_for_the_role_says_so() {
        let role = role();
        let mut context = for_execution_role(&RoleCall::new(&role, "eu-west-1"));
        context.on_behalf("ssm.eu-west-1.amazonaws.com");
        assert_eq!(context.get("aws:ViaAWSService"), Known::Values(&["true".to_owned()]));
        assert_eq!(context.get("kms:ViaService"), Known::Values(&["ssm.eu-west-1.amazonaws.com".to_owned()]));
        assert_eq!(context.get("aws:CalledVia"), Known::Unknown);
    }

    #[test]
    fn what_is_forgotten_is_not_known() {
        let mut context = Context::new();
        context.no_others("aws:PrincipalTag/").set("aws:PrincipalTag/a", "1");
        context.forget("aws:principaltag/A");
        assert_eq!(context.get("aws:PrincipalTag/a"), Known::Unknown);
    }
}
