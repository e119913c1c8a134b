//! What a host's name says of the service behind it.

/// A registry or endpoint by its host's name.
pub fn endpoint(host: &str) -> String {
    let name = host.to_ascii_lowercase();
    let starts = |prefix: &str| name.starts_with(prefix);
    let kind = if is_ecr(&name) {
        "ecr.dkr"
    } else if starts("api.ecr.")
        || starts("ecr.")
        || starts("ecr-fips.")
        || starts("api.ecr-") && !name.contains("public")
    {
        "ecr.api"
    } else if name.contains(".s3.") || starts("s3.") || name.contains(".s3-") || starts("s3-") {
        "s3"
    } else if starts("secretsmanager") {
        "secretsmanager"
    } else if starts("ssm.") || starts("ssm-fips.") {
        "ssm"
    } else if starts("logs.") || starts("logs-fips.") {
        "logs"
    } else if name == "docker.io" {
        "registry-1.docker.io"
    } else {
        host
    };
    kind.to_owned()
}

/// Whether a host is a private registry of Amazon ECR; the account's id may be masked or missing in a quoted text.
pub fn is_ecr(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    [".dkr.ecr.", ".dkr-ecr.", ".dkr.ecr-fips.", ".dkr-ecr-fips."].iter().any(|part| host.contains(part))
}
