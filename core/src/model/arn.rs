//! Amazon Resource Names.

use std::fmt;
use std::str::FromStr;

/// An Amazon Resource Name, split at its first five colons.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn {
    text: String,
    ends: [usize; 5],
}

impl Arn {
    fn part(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] + 1 };
        let end = if index == 5 { self.text.len() } else { self.ends[index] };
        &self.text[start..end]
    }

    /// `aws`, `aws-cn`, `aws-us-gov` ...
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// `ecs`, `iam` ...
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The region; empty for global services.
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account's twelve digits; empty for some services.
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// Everything after the fifth colon.
    pub fn resource(&self) -> &str {
        self.part(5)
    }

    /// What stands after the last `/` of the resource (for a role its name without its path).
    pub fn name(&self) -> &str {
        let resource = self.resource();
        resource.rsplit_once('/').map_or(resource, |(_, name)| name)
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A text that is no ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ARN (arn:partition:service:region:account:resource)")]
pub struct NotAnArn(pub String);

impl FromStr for Arn {
    type Err = NotAnArn;

    fn from_str(text: &str) -> Result<Self, NotAnArn> {
        let mut ends = [0; 5];
        let mut colons = text.match_indices(':').map(|(at, _)| at);
        for end in &mut ends {
            *end = colons.next().ok_or_else(|| NotAnArn(text.to_owned()))?;
        }
        let arn = Arn { text: text.to_owned(), ends };
        let complete = arn.part(0) == "arn"
            && !arn.partition().is_empty()
            && !arn.service().is_empty()
            && !arn.resource().is_empty();
        if complete { Ok(arn) } else { Err(NotAnArn(text.to_owned())) }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_split_at_its_first_five_colons() {
        let arn: Arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a/b-AbCdEf".parse().expect("it is one");
        assert_eq!((arn.partition(), arn.service(), arn.region()), ("aws", "secretsmanager", "us-east-1"));
        assert_eq!((arn.account(), arn.resource()), ("123456789012", "secret:a/b-AbCdEf"));
    }

    #[test]
    fn a_roles_name_has_no_path() {
        let arn: Arn = "arn:aws:iam::123456789012:role/service-role/web".parse().expect("it is one");
        assert_eq!((arn.name(), arn.region()), ("web", ""));
    }

    #[test]
    fn half_an_arn_is_none() {
        for text in
            ["", "arn:", "arn:aws:ecs:us-east-1:1", "urn:aws:ecs:us-east-1:1:task/x", "arn:aws:ecs:r:1:", "::::::"]
        {
            assert!(text.parse::<Arn>().is_err(), "{text}");
        }
    }
}
