//! Host names: which AWS service and region stand behind one, and what a registry is made of.
//!
//! Sources: <https://docs.aws.amazon.com/general/latest/gr/ecr.html>,
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html>

use serde::Serialize;

/// An AWS service for which VPC endpoints exist.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Service {
    /// As VPC endpoints call it: `ecr.api`, `ecr.dkr`, `s3`, `secretsmanager` ...
    pub name: String,
    /// `us-east-1`
    pub region: String,
    /// The name is that of the FIPS endpoint, which has a VPC endpoint of its own.
    pub fips: bool,
    /// The name has IPv6 addresses too.
    pub dual_stack: bool,
}

impl Service {
    /// The service name of the VPC endpoint, as it is created.
    pub fn endpoint_service(&self) -> String {
        let fips = if self.fips { "-fips" } else { "" };
        format!("{}.{}.{}{fips}", endpoint_prefix(&self.region, &self.name), self.region, self.name)
    }

    /// A VPC endpoint's service name means this service. Prefixes differ by partition, and in China by service.
    pub fn is_served_by(&self, endpoint_service: &str) -> bool {
        let fips = if self.fips { "-fips" } else { "" };
        let tail = format!(".{}.{}{fips}", self.region, self.name);
        endpoint_service.strip_suffix(&tail).is_some_and(|head| {
            matches!(head, "com.amazonaws" | "cn.com.amazonaws" | "eu.amazonaws" | "gov.ic.c2s" | "gov.sgov.sc2s")
        })
    }
}

fn endpoint_prefix(region: &str, service: &str) -> &'static str {
    // In China some services have the prefix and some have not; matching accepts both, this is only what a text names.
    let plain_in_china = matches!(service, "s3" | "dynamodb" | "logs" | "ssm" | "ssmmessages" | "secretsmanager");
    match partition_suffix(region) {
        "amazonaws.com.cn" if !plain_in_china => "cn.com.amazonaws",
        "amazonaws.eu" => "eu.amazonaws",
        _ => "com.amazonaws",
    }
}

/// What a registry's host name says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registry {
    /// A private registry of ECR.
    Ecr {
        /// Twelve digits.
        account: String,
        /// Where the registry is.
        region: String,
        /// `dkr.ecr-fips`
        fips: bool,
        /// `dkr-ecr`
        dual_stack: bool,
    },
    /// The public gallery of ECR.
    EcrPublic,
    /// Docker Hub.
    DockerHub,
    /// Quay.
    Quay,
    /// GitHub's.
    Ghcr,
    /// Any other.
    Other,
}

/// The kind of a registry, by the host in an image's name.
pub fn registry_of(host: &str) -> Registry {
    let host = normal(host);
    if let Some(registry) = ecr_registry(&host) {
        return registry;
    }
    match host.as_str() {
        "public.ecr.aws" | "ecr-public.aws.com" => Registry::EcrPublic,
        "docker.io" | "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com" => Registry::DockerHub,
        "quay.io" => Registry::Quay,
        "ghcr.io" => Registry::Ghcr,
        _ => Registry::Other,
    }
}

fn ecr_registry(host: &str) -> Option<Registry> {
    let (account, rest) = host.split_once('.')?;
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let rest = rest.strip_prefix("dkr")?;
    let dual_stack = rest.starts_with('-');
    let rest = rest.strip_prefix(['.', '-'])?.strip_prefix("ecr")?;
    let (fips, rest) = rest.strip_prefix("-fips").map_or((false, rest), |rest| (true, rest));
    let (region, suffix) = rest.strip_prefix('.')?.split_once('.')?;
    let known = if dual_stack { DUAL_STACK.contains(&suffix) } else { SUFFIXES.contains(&suffix) };
    known.then(|| Registry::Ecr { account: account.to_owned(), region: region.to_owned(), fips, dual_stack })
}

const SUFFIXES: [&str; 7] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
];
const DUAL_STACK: [&str; 4] = ["on.aws", "on.amazonwebservices.com.cn", "api.aws", "api.amazonwebservices.com.cn"];

/// What the names of a region end in.
pub fn partition_suffix(region: &str) -> &'static str {
    const BY_PREFIX: [(&str, &str); 6] = [
        ("cn-", "amazonaws.com.cn"),
        ("eusc-", "amazonaws.eu"),
        ("us-isob-", "sc2s.sgov.gov"),
        ("us-isof-", "csp.hci.ic.gov"),
        ("us-iso-", "c2s.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk"),
    ];
    BY_PREFIX.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("amazonaws.com", |(_, suffix)| suffix)
}

/// The host of a service in a region: `ecr.api`, `s3`, `secretsmanager`, `ssm`, `logs`, `ecs-agent` ...
///
/// `ecr.dkr` has a host for each account, see [`ecr_host`].
pub fn service_host(service: &str, region: &str) -> String {
    let label = if service == "ecr.api" { "api.ecr" } else { service };
    format!("{label}.{region}.{}", partition_suffix(region))
}

/// The host of an account's private registry.
pub fn ecr_host(account: &str, region: &str) -> String {
    format!("{account}.dkr.ecr.{region}.{}", partition_suffix(region))
}

/// The bucket that ECR keeps the layers of a region's registries in.
pub fn layer_bucket(region: &str) -> String {
    format!("prod-{region}-starport-layer-bucket")
}

/// The host that layers are fetched from.
pub fn layer_host(region: &str) -> String {
    format!("{}.s3.{region}.{}", layer_bucket(region), partition_suffix(region))
}

/// The hosts that a pull from a registry takes, in the order in which they are called.
///
/// Registries send for layers to delivery networks with many names, of which one stands here for all:
/// <https://docs.docker.com/desktop/setup/allow-list/>,
/// <https://anywhere.eks.amazonaws.com/docs/getting-started/nutanix/domains/>,
/// <https://docs.redhat.com/en/documentation/openshift_container_platform/4.16/html/installation_configuration/configuring-firewall>.
pub fn pull_hosts(registry_host: &str) -> Vec<String> {
    let own = |hosts: &[&str]| hosts.iter().map(|&host| host.to_owned()).collect();
    match registry_of(registry_host) {
        Registry::Ecr { region, fips, dual_stack, .. } => {
            let suffix = partition_suffix(&region);
            let api = match (fips, dual_stack) {
                (false, false) => service_host("ecr.api", &region),
                (true, false) => format!("ecr-fips.{region}.{suffix}"),
                (fips, true) => {
                    let suffix = if suffix == "amazonaws.com.cn" { "api.amazonwebservices.com.cn" } else { "api.aws" };
                    format!("ecr{}.{region}.{suffix}", if fips { "-fips" } else { "" })
                }
            };
            vec![api, normal(registry_host), layer_host(&region)]
        }
        Registry::EcrPublic => vec![normal(registry_host), "d5l0dvt14r5h8.cloudfront.net".to_owned()],
        Registry::DockerHub => own(&["registry-1.docker.io", "auth.docker.io", "production.cloudflare.docker.com"]),
        Registry::Quay => own(&["quay.io", "cdn01.quay.io"]),
        Registry::Ghcr => own(&["ghcr.io", "pkg-containers.githubusercontent.com"]),
        Registry::Other => vec![normal(registry_host)],
    }
}

/// The AWS service that answers to a host name, if VPC endpoints exist for it.
pub fn service_of(host: &str) -> Option<Service> {
    let host = normal(host);
    if let Some(Registry::Ecr { region, fips, dual_stack, .. }) = ecr_registry(&host) {
        return Some(Service { name: "ecr.dkr".to_owned(), region, fips, dual_stack });
    }
    let (labels, dual_stack) = without_suffix(&host)?;
    // S3 has names of its own: `s3.r`, `bucket.s3.r`, `s3.dualstack.r`, `s3-fips.r`, and `s3` alone for us-east-1.
    if let Some(found) = s3(&labels) {
        return Some(found);
    }
    let (region, rest) = labels.split_last()?;
    if !is_region(region) {
        return None;
    }
    let joined = rest.join(".");
    let (name, fips) = joined.strip_suffix("-fips").map_or((joined.as_str(), false), |name| (name, true));
    let name = match name {
        "api.ecr" | "ecr" => "ecr.api",
        "api.ecr-public" | "ecr-public" => return None,
        _ if name.starts_with("ecs-a-") => "ecs-agent",
        _ if name.starts_with("ecs-t-") => "ecs-telemetry",
        // A known service only: of others it is not known what their endpoints are called.
        "logs" | "secretsmanager" | "ssm" | "kms" | "sts" | "ssmmessages" | "ecs" | "ecs-agent" | "ecs-telemetry"
        | "elasticfilesystem" | "monitoring" | "xray" | "sqs" | "sns" => name,
        _ => return None,
    };
    Some(Service { name: name.to_owned(), region: (*region).to_owned(), fips, dual_stack })
}

fn s3(labels: &[&str]) -> Option<Service> {
    let (region, rest) = match labels.split_last()? {
        (&region, rest) if is_region(region) => (region, rest),
        (&("s3" | "s3-fips"), _) => ("us-east-1", labels),
        _ => return None,
    };
    let (rest, dual_stack) = match rest.split_last()? {
        (&"dualstack", rest) => (rest, true),
        _ => (rest, false),
    };
    // `s3-fips` is served by the same endpoints:
    // https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
    if !matches!(*rest.last()?, "s3" | "s3-fips") {
        return None;
    }
    Some(Service { name: "s3".to_owned(), region: region.to_owned(), fips: false, dual_stack })
}

fn without_suffix(host: &str) -> Option<(Vec<&str>, bool)> {
    let strip = |suffix: &str| host.strip_suffix(suffix)?.strip_suffix('.');
    let dual = DUAL_STACK.iter().find_map(|suffix| strip(suffix)).map(|head| (head, true));
    // `amazonaws.com` is no tail of `amazonaws.com.cn`, so the order does not matter.
    let (head, dual_stack) =
        dual.or_else(|| SUFFIXES.iter().find_map(|suffix| strip(suffix)).map(|head| (head, false)))?;
    Some((head.split('.').collect(), dual_stack))
}

/// `us-east-1`, `us-gov-west-1`, `us-isob-east-1`, `eusc-de-east-1` ...
fn is_region(label: &str) -> bool {
    let parts: Vec<&str> = label.split('-').collect();
    let number = parts.last().is_some_and(|last| !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()));
    (3..=4).contains(&parts.len()) && number && parts[0].bytes().all(|byte| byte.is_ascii_lowercase())
}

/// A host that certainly stands on the internet: no private zone would take its name.
pub fn is_public(host: &str) -> bool {
    let host = normal(host);
    const TAILS: [&str; 13] = [
        "docker.io",
        "docker.com",
        "quay.io",
        "ghcr.io",
        "githubusercontent.com",
        "public.ecr.aws",
        "ecr-public.aws.com",
        "cloudfront.net",
        "gcr.io",
        "pkg.dev",
        "registry.k8s.io",
        "mcr.microsoft.com",
        "r2.cloudflarestorage.com",
    ];
    let below = |tail: &str| host == tail || host.strip_suffix(tail).is_some_and(|head| head.ends_with('.'));
    TAILS.iter().any(|tail| below(tail)) || without_suffix(&host).is_some()
}

fn normal(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(name: &str, region: &str, fips: bool, dual_stack: bool) -> Option<Service> {
        Some(Service { name: name.to_owned(), region: region.to_owned(), fips, dual_stack })
    }

    #[test]
    fn a_host_name_tells_its_service_and_region() {
        let rows = [
            ("api.ecr.us-east-1.amazonaws.com", service("ecr.api", "us-east-1", false, false)),
            ("API.ECR.us-east-1.amazonaws.com.", service("ecr.api", "us-east-1", false, false)),
            ("api.ecr.cn-north-1.amazonaws.com.cn", service("ecr.api", "cn-north-1", false, false)),
            ("ecr-fips.us-gov-west-1.amazonaws.com", service("ecr.api", "us-gov-west-1", true, false)),
            ("ecr.eu-west-1.api.aws", service("ecr.api", "eu-west-1", false, true)),
            ("ecr-fips.us-east-2.api.aws", service("ecr.api", "us-east-2", true, true)),
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com", service("ecr.dkr", "us-east-1", false, false)),
            ("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", service("ecr.dkr", "us-east-1", true, false)),
            ("123456789012.dkr-ecr.us-east-1.on.aws", service("ecr.dkr", "us-east-1", false, true)),
            ("123456789012.dkr-ecr-fips.us-east-1.on.aws", service("ecr.dkr", "us-east-1", true, true)),
            ("123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", service("ecr.dkr", "eusc-de-east-1", false, false)),
            ("123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", service("ecr.dkr", "us-isob-east-1", false, false)),
            (
                "prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com",
                service("s3", "eu-west-1", false, false),
            ),
            ("s3.dualstack.eu-west-1.amazonaws.com", service("s3", "eu-west-1", false, true)),
            ("my.bucket.s3.amazonaws.com", service("s3", "us-east-1", false, false)),
            ("s3-fips.us-west-2.amazonaws.com", service("s3", "us-west-2", false, false)),
            ("secretsmanager.ap-southeast-2.amazonaws.com", service("secretsmanager", "ap-southeast-2", false, false)),
            ("secretsmanager-fips.us-east-1.amazonaws.com", service("secretsmanager", "us-east-1", true, false)),
            ("ecs-a-12.us-east-1.amazonaws.com", service("ecs-agent", "us-east-1", false, false)),
            ("ecs-t-3.us-east-1.amazonaws.com", service("ecs-telemetry", "us-east-1", false, false)),
            ("api.ecr-public.us-east-1.amazonaws.com", None),
            ("public.ecr.aws", None),
            ("registry-1.docker.io", None),
            ("example.org", None),
            ("amazonaws.com", None),
            ("12345.dkr.ecr.us-east-1.amazonaws.com", None),
            ("", None),
        ];
        for (host, expected) in rows {
            assert_eq!(service_of(host), expected, "{host}");
        }
    }

    #[test]
    fn a_host_of_a_service_leads_back_to_it() {
        for name in ["ecr.api", "s3", "logs", "secretsmanager", "ssm", "kms", "ecs"] {
            for region in ["us-east-1", "cn-northwest-1", "us-gov-east-1", "eusc-de-east-1", "us-iso-east-1"] {
                let host = service_host(name, region);
                assert_eq!(service_of(&host), service(name, region, false, false), "{host}");
            }
        }
        assert_eq!(service_of(&layer_host("eu-west-3")), service("s3", "eu-west-3", false, false));
    }

    #[test]
    fn a_registry_is_known_by_its_host() {
        assert_eq!(registry_of("docker.io"), Registry::DockerHub);
        assert_eq!(registry_of("quay.io"), Registry::Quay);
        assert_eq!(registry_of("ghcr.io"), Registry::Ghcr);
        assert_eq!(registry_of("public.ecr.aws"), Registry::EcrPublic);
        assert_eq!(registry_of("registry.example.org:5000"), Registry::Other);
        let Registry::Ecr { account, region, .. } = registry_of("123456789012.dkr.ecr.us-east-1.amazonaws.com") else {
            unreachable!("it is ECR's")
        };
        assert_eq!((account.as_str(), region.as_str()), ("123456789012", "us-east-1"));
    }

    #[test]
    fn a_pull_calls_the_api_then_the_registry_then_the_layers() {
        assert_eq!(
            pull_hosts("123456789012.dkr.ecr.us-east-1.amazonaws.com"),
            [
                "api.ecr.us-east-1.amazonaws.com",
                "123456789012.dkr.ecr.us-east-1.amazonaws.com",
                "prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com"
            ]
        );
        assert_eq!(pull_hosts("docker.io")[0], "registry-1.docker.io");
        assert_eq!(pull_hosts("ecr-public.aws.com")[0], "ecr-public.aws.com", "as it is named");
        for registry in ["docker.io", "quay.io", "ghcr.io", "public.ecr.aws"] {
            let hosts = pull_hosts(registry);
            assert!(hosts.len() > 1 && hosts.iter().all(|host| is_public(host)), "{hosts:?}");
        }
    }

    #[test]
    fn endpoints_are_matched_in_every_partition_and_not_across_regions_or_fips() {
        let api = service_of("api.ecr.us-east-1.amazonaws.com").expect("ECR");
        assert!(api.is_served_by("com.amazonaws.us-east-1.ecr.api"));
        assert!(!api.is_served_by("com.amazonaws.us-east-2.ecr.api"));
        assert!(!api.is_served_by("com.amazonaws.us-east-1.ecr.api-fips"));
        assert!(!api.is_served_by("com.amazonaws.vpce.us-east-1.vpce-svc-1"));
        let china = service_of("api.ecr.cn-north-1.amazonaws.com.cn").expect("ECR");
        assert_eq!(china.endpoint_service(), "cn.com.amazonaws.cn-north-1.ecr.api");
        assert!(china.is_served_by("cn.com.amazonaws.cn-north-1.ecr.api"));
        assert!(china.is_served_by("com.amazonaws.cn-north-1.ecr.api"));
        let s3 = service_of("s3.us-east-1.amazonaws.com").expect("S3");
        assert!(!s3.is_served_by("com.amazonaws.s3-global.accesspoint"));
        assert!(!s3.is_served_by("com.amazonaws.us-east-1.s3express"));
    }

    #[test]
    fn public_registries_are_on_the_internet_and_a_companys_own_may_be_anywhere() {
        assert!(is_public("registry-1.docker.io") && is_public("d1.cloudfront.net") && is_public("public.ecr.aws"));
        assert!(!is_public("registry.example.org") && !is_public("evildocker.io"));
    }
}
