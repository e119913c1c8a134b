//! Addresses of the AWS console, for terminals that make text clickable.

use crate::report::TargetSection;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;

/// The console of one region.
#[derive(Debug)]
pub(super) struct Console {
    domain: &'static str,
    region: String,
}

/// Where the console shows a resource, by the start of its id: the application, and the fragment before the id.
const BY_PREFIX: &[(&str, &str, &str)] = &[
    ("subnet-", "vpcconsole", "SubnetDetails:subnetId="),
    ("vpc-", "vpcconsole", "VpcDetails:VpcId="),
    ("rtb-", "vpcconsole", "RouteTableDetails:RouteTableId="),
    ("acl-", "vpcconsole", "NetworkAclDetails:networkAclId="),
    ("vpce-", "vpcconsole", "EndpointDetails:vpcEndpointId="),
    ("nat-", "vpcconsole", "NatGatewayDetails:natGatewayId="),
    ("igw-", "vpcconsole", "InternetGateway:internetGatewayId="),
    ("sg-", "ec2", "SecurityGroup:groupId="),
    ("eni-", "ec2", "NetworkInterface:networkInterfaceId="),
    ("i-", "ec2", "InstanceDetails:instanceId="),
    ("fs-", "efs", "/file-systems/"),
];

impl Console {
    /// The console that shows a target; none where it is not known, or has no public address.
    pub(super) fn of(target: &TargetSection) -> Option<Console> {
        let region = target.region.clone().filter(|region| is_plain(region))?;
        let domain = match region.split('-').next()? {
            "cn" => "console.amazonaws.cn",
            "eusc" => "console.aws.eu",
            "us" if region.starts_with("us-gov-") => "console.amazonaws-us-gov.com",
            "us" if region.starts_with("us-iso") => return None,
            "eu" if region.starts_with("eu-iso") => return None,
            _ => "console.aws.amazon.com",
        };
        Some(Console { domain, region })
    }

    /// The page of a target.
    pub(super) fn target(&self, target: &TargetSection) -> Option<String> {
        let name = |name: &str| utf8_percent_encode(name, NON_ALPHANUMERIC).to_string().replace("%2D", "-");
        let page = match (&target.cluster, &target.task, &target.service, &target.task_definition) {
            (Some(cluster), Some(task), _, _) => {
                let id = task.rsplit('/').next().unwrap_or(task);
                format!("clusters/{}/tasks/{}/configuration", name(cluster), name(id))
            }
            (Some(cluster), None, Some(service), _) => {
                format!("clusters/{}/services/{}/health", name(cluster), name(service))
            }
            (_, None, None, Some(definition)) => {
                let (family, revision) = definition.rsplit_once(':')?;
                format!("task-definitions/{}/{}/containers", name(family), name(revision))
            }
            _ => return None,
        };
        Some(format!("https://{0}.{1}/ecs/v2/{page}?region={0}", self.region, self.domain))
    }

    /// The page of what a word names: an id such as `subnet-0aa`, or the ARN of a role.
    fn resource(&self, word: &str) -> Option<String> {
        if let Some((_, role)) = word.strip_prefix("arn:").and_then(|arn| arn.split_once(":role/")) {
            let role = role.rsplit('/').next().filter(|role| !role.is_empty())?;
            let role = utf8_percent_encode(role, NON_ALPHANUMERIC);
            return Some(format!("https://{}/iam/home#/roles/details/{role}", self.domain));
        }
        let (prefix, app, page) = BY_PREFIX.iter().find(|(prefix, _, _)| word.starts_with(prefix))?;
        let hexadecimal = word
            .get(prefix.len()..)
            .is_some_and(|id| (8..=17).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let (region, domain) = (&self.region, self.domain);
        hexadecimal.then(|| format!("https://{region}.{domain}/{app}/home?region={region}#{page}{word}"))
    }

    /// A line that is escaped already, with links on the resources that it names.
    pub(super) fn link<'t>(&self, line: &'t str) -> Cow<'t, str> {
        if !line.contains('-') && !line.contains("arn:") {
            return Cow::Borrowed(line);
        }
        let punctuation = ['"', '\'', '`', '(', ')', ',', ';', ':', '.', '[', ']'];
        let linked = line.split(' ').map(|word| {
            let bare = word.trim_matches(punctuation);
            match self.resource(bare) {
                Some(address) => Cow::Owned(word.replacen(bare, &hyperlink(bare, &address), 1)),
                None => Cow::Borrowed(word),
            }
        });
        Cow::Owned(linked.collect::<Vec<_>>().join(" "))
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Text with an address behind it (OSC 8); an address with anything but plain characters is none.
/// <https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda>
pub(super) fn hyperlink(text: &str, address: &str) -> String {
    let safe = address.starts_with("https://") && address.bytes().all(|byte| byte.is_ascii_graphic());
    if safe { format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(region: &str) -> TargetSection {
        TargetSection {
            region: Some(region.to_owned()),
            cluster: Some("prod".to_owned()),
            service: Some("my-web".to_owned()),
            ..TargetSection::default()
        }
    }

    fn console(region: &str) -> Option<Console> {
        Console::of(&target(region))
    }

    #[test]
    fn a_target_has_its_page_in_the_console_of_its_partition() {
        for (region, expected) in [
            (
                "eu-west-1",
                Some(
                    "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/my-web/health?region=eu-west-1",
                ),
            ),
            (
                "cn-north-1",
                Some(
                    "https://cn-north-1.console.amazonaws.cn/ecs/v2/clusters/prod/services/my-web/health?region=cn-north-1",
                ),
            ),
            ("us-iso-east-1", None),
            ("eu-isoe-west-1", None),
            ("no\u{1b}region", None),
        ] {
            let page = console(region).and_then(|console| console.target(&target(region)));
            assert_eq!(page.as_deref(), expected, "{region:?}");
        }
        let gov = console("us-gov-west-1").map(|console| console.domain);
        assert_eq!(gov, Some("console.amazonaws-us-gov.com"));
    }

    #[test]
    fn a_link_that_we_make_is_a_target_that_we_read() {
        let console = console("eu-west-1").expect("a region with a console");
        let id = "0123456789abcdef0123456789abcdef";
        let task = TargetSection { task: Some(format!("arn:x/prod/{id}")), ..target("eu-west-1") };
        for (section, expected) in [(target("eu-west-1"), "prod/my-web".to_owned()), (task, format!("prod/{id}"))] {
            let page = console.target(&section).expect("it has a page");
            let parsed = crate::target::Target::parse(&page, None).expect("it is a target");
            assert_eq!(parsed.name(), expected, "{page}");
        }
    }

    #[test]
    fn resources_are_linked_where_they_are_named_and_nothing_else_is() {
        let console = console("eu-west-1").expect("a region with a console");
        let line = "(subnet-0123456789abcdef0, sg-12345678) has none";
        let linked = console.link(line);
        assert!(linked.contains("#SubnetDetails:subnetId=subnet-0123456789abcdef0\u{1b}\\subnet-0123456789abcdef0"));
        assert!(
            linked.contains("#SecurityGroup:groupId=sg-12345678\u{1b}\\sg-12345678\u{1b}]8;;\u{1b}\\)"),
            "{linked}"
        );
        let role = "arn:aws:iam::123456789012:role/team/my-role";
        assert!(console.link(role).contains("/iam/home#/roles/details/my%2Drole"), "{}", console.link(role));
        for plain in ["subnet-group", "i-am", "sg-1234567x", "vpc-", "arn:aws:s3:::bucket", "no resource"] {
            assert_eq!(console.link(plain), plain);
        }
    }

    #[test]
    fn an_address_that_could_act_is_no_link() {
        for bad in ["http://a", "https://a\u{1b}\\", "https://a b", "javascript:x", "https://\u{e9}"] {
            assert_eq!(hyperlink("text", bad), "text");
        }
    }
}
