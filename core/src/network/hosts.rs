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
        Registry::EcrPublic => own(&["public.ecr.aws"]),
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
        _ if name.starts_with("ecs-a-") => "ecs-agent",
        _ if name.starts_with("ecs-t-") => "ecs-telemetry",
        // A known service only: of others it is not known what their endpoints are called, and ECR Public has none.
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
mod tests;
