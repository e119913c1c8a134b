//! What stands in a text, letter by letter: names, addresses, codes.
//!
//! A value that the text cuts off is no value: each expression asks for what follows it, or the value is left out where
//! the text ends with it and looks cut.

use std::net::IpAddr;
use std::sync::{LazyLock, OnceLock};

use indexmap::IndexMap;
use regex::Regex;
use serde_json::Value;

use super::{host, plain};

/// The facts of a text, by name.
pub type Facts = IndexMap<String, Value>;

/// One place where a fact may stand: its name, a word without which the text cannot have it, and an expression.
struct Place {
    name: &'static str,
    hint: &'static str,
    expression: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

const fn place(name: &'static str, hint: &'static str, expression: &'static str) -> Place {
    Place { name, hint, expression, compiled: OnceLock::new() }
}

/// The first that fits gives a fact its value.
static PLACES: [Place; 94] = [
    place("retries", "retried", r"has been retried (\d+) time"),
    place("image", "pull image", r#"(?i)pull image "([^"]+)""#),
    place("image", "image \"", r#"^l image "([^"]+)""#),
    place("image", "sandbox image", r#"sandbox image "([^"]+)""#),
    place("image", "resolve ref", r#"resolve ref(?:erence)? "?<?([^\s"]+?)>?"?(?::\s|:$|\s|$)"#),
    place("image", "and unpack", r#"pull and unpack image "([^"]+)""#),
    place("image", "pulling image", r#"(?:[Bb]ack-?off |while )pulling image "?([^\s"]+?)"?(?::\s|:$|\s|$)"#),
    place("image", "manifest for", r"manifest for (\S+) not found"),
    place("image", "access denied for", r"access denied for (\S+?),? repository"),
    place("image", "not found", r"(?:^|[ :])repository ([^\s']+/\S+) not found"),
    place("image", "not found in repository", r"not found in repository (\S+?)[,\s]"),
    place("image", "no such image", r"No such image: (\S+)"),
    place("image", "image reference", r#"normalize image reference "([^"]+)""#),
    place("image", "default image tag", r#"default image tag "([^"]+)""#),
    place("image", "cannot pull", r"cannot pull '?([^\s']+)'? from the"),
    place("image", "do request: get", r"do request: Get ([^\s:/]+\.[^\s:]+/\S+): dial"),
    place("image", "container image", r#"Container image "([^"]+)""#),
    place("image", "invalid reference", r#"(?:image|reference|name) "([^"]+)": invalid reference"#),
    place("image", "parse reference", r#"parse reference:? "?([^\s":]\S*?)"?:"#),
    place("registry", "pulling from host", r"pulling from host (\S+) failed"),
    place("registry", "dkr", r#"https?:/{1,2}([^\s/"]+\.dkr[.-]ecr[^\s/"]+)/"#),
    place("registry", "/v2/", r#"https?://([^\s/"<>]+\.[^\s/"<>]+)/v2/"#),
    place(
        "endpoint",
        "://",
        r#"(?:Get|Head|Post|Put|GET|HEAD|request to|status code|request: \w+) "?<?https?://([^\s/"?>]+|<[^>]+>[^\s/"?>]+)[/?"]"#,
    ),
    place("endpoint", "https:/", r#"(?:Get|Head|Post) "?https?:/([^\s/"?>]+)/"#),
    place("endpoint", "lookup", r"lookup ([A-Za-z0-9.<>*_-]+[A-Za-z0-9])(?: on |: )"),
    place("endpoint", "resolve \"", r#"resolve "([^"\s]+)""#),
    place("address", "dial", r"dial (?:tcp|udp) (\d+\.\d+\.\d+\.\d+:\d+)"),
    place("address", "dial", r"dial (?:tcp|udp) (\[[0-9a-fA-F:]+\]:\d+)"),
    place("address", "(instance", r"\(instance (\d+\.\d+\.\d+\.\d+)\)"),
    place("dns_server", "lookup", r"lookup \S+ on (\d+\.\d+\.\d+\.\d+:\d+)"),
    place("http_status", "status", r"StatusCode: ([1-5]\d\d)\b"),
    place("http_status", "status", r"(?i)status(?: code)?[:=]? \(?([1-5]\d\d)\b"),
    place("http_status", "status", r"(?i)status(?: code)?:? \[[^\]]*\]: ([1-5]\d\d)\b"),
    place("http_status", "http ", r"HTTP (?:status )?([1-5]\d\d)\b"),
    place(
        "http_status",
        " ",
        r"\b([45]\d\d) (?:Forbidden|Unauthorized|Not Found|Too Many Requests|Bad Request|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time)",
    ),
    place("error_code", "api error", r"api error ([A-Z][A-Za-z.]+):"),
    place("error_code", "error occurred", r"error occurred \(([A-Za-z.]+)\)"),
    place("error_code", "<code>", r"<Code>([A-Za-z.]+)</Code>"),
    place("error_code", "exception", r"\b((?:[A-Z][a-z]+|KMS|ECS)[A-Za-z]*Exception)\b"),
    place("error_code", "code", r"Error ?Code: ([A-Z][A-Za-z.]+[a-z])\b"),
    place(
        "error_code",
        "",
        r"\b(InsufficientFreeAddressesInSubnet|NetworkInterfaceLimitExceeded|Invalid[A-Za-z]+\.NotFound|UnauthorizedOperation|AuthFailure|TagPolicyViolation|RequestLimitExceeded|IdempotentParameterMismatch)\b",
    ),
    place("role", "assumed-role", r"assumed-role/([^/\s]+)/"),
    place("role", "assume", r"(?i)assume the (?:configured ECS Infrastructure )?role '?(arn:[^\s']+)'?"),
    place("action", "perform", r"to perform: ([a-z0-9-]+:[A-Za-z]+)(?:\s|$)"),
    place("action", "allows the", r"allows the ([a-z0-9-]+:[A-Za-z]+)(?:\s|$)"),
    place("resource", "on resource", r"on resource: ?(\S+)"),
    place("log_group", "log-group", r":log-group:([^:\s]+)(?::|\s)"),
    place("log_group", "log group", r"log group (/[^\s,]+)(?: does| not|,|\.? )"),
    place("secret", "secret", r"(?:fetch|fetching) secret (arn:\S+) from"),
    place("secret", "secret with arn", r"secret with ARN '([^'{}\s]+)'"),
    place("secret", "asm fetching", r"from the service for (\S+): "),
    place(
        "secret",
        "secretsmanager",
        r#"\b(arn:aws[a-z-]*:secretsmanager:[^\s:]+:[^\s:]*:secret:[^\s,'":]+)(?:[\s,'":])"#,
    ),
    place("parameter", "parameters:", r"invalid (?:ssm )?parameters: (\S+)"),
    place("parameter", "ssm", r#"\b(arn:aws[a-z-]*:ssm:[^\s:]+:[^\s:]*:parameter/[^\s,'":]+)(?:[\s,'":])"#),
    place("json_key", "json key", r"json key (\S+)"),
    place("service", "(service", r"\(service ([^\s,()]+)[,)]"),
    place("service", "service (", r"[Ss]ervice \( ?([^()\s]+) ?\)"),
    place(
        "service",
        "service",
        r"^(?:\W*|.*[ =])[Ss]ervice \[?([^\s\[\](),:]+)\]? (?:was|is|has (?:started|stopped|begun|reached|registered|deregistered)|failed|\(|deployment|operations|could|registered|deregistered|stopped|reached)",
    ),
    place("service", "service", r"^\W*Service ([^\s:]+): ECS"),
    place("service", ":service/", r":service/[^/\s]+/([A-Za-z0-9_-]+)"),
    place("task_set", "taskset", r"\(?taskSet ([^\s,)]+)[,)]"),
    place("task_set", "task set", r"task set (ecs-svc/\d+)"),
    place("deployment", "deployment", r"\(deployment ([^\s,)]+)\)"),
    place("deployment", "deployment", r"deployment(?:Id)? (ecs-svc/\d+)"),
    place(
        "container_instance",
        "instance",
        r"container-instance(?:/[^/\s]+)?[ /](?:arn:\S+/)?([0-9a-f]{8}[0-9a-f-]{20,28})",
    ),
    place("cluster", ":cluster/", r":cluster/([A-Za-z0-9_-]+)"),
    place("task", "(task", r"\(task ([0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27})\)"),
    place("container", "startcontainer", r#"failed to "\w*Container" for "([^"]+)""#),
    place("container", "creating container", r"error creating container \[([^\]]+)\]"),
    place("container", "containerchange", r"ContainerChange: \S+ (\S+) ->"),
    place("dependency", "dependency [", r"dependency \[([^\](%]+)"),
    place("container", "for target", r"for target \[([^\](%]+)"),
    place("container", "failed container", r"restarting failed container (\S+) in pod"),
    place("platform", "matching platform", r"matching platform '([^'\s]+)'"),
    place("platform", "matching manifest", r"no matching manifest for (\S+) in"),
    place("image_os_version", "windows version", r"Windows version (\S+)-based image"),
    place("host_os_version", "windows version", r"incompatible with a (\S+) host"),
    place("port", "(port", r"\(port (\d+)\)"),
    place("port", "bind for", r"Bind for \S+:(\d+) failed"),
    place("port", "address already", r"listen \w+ \S+:(\d+): bind"),
    place("target_group", "target-group", r"\(?target-group ([A-Za-z][^\s()]*)[\s)]"),
    place("load_balancer", "(elb", r"\(elb ([^\s)]+)\)"),
    place("file_system", "fs-", r"\b(fs-[0-9a-f]{8,17})(?:\W)"),
    place("access_point", "fsap-", r"\b(fsap-[0-9a-f]{8,17})\b"),
    place("directory", "mounting", r"mounting [^:]+:(/\S*) failed"),
    place("directory", "while mounting", r"while mounting [^\s:]+:(/[^\s']*)'"),
    place("executable", "exec", r#"exec: ?"([^"]+)""#),
    place("executable", "exec /", r"exec (/[^\s:]+): "),
    place("media_type", "media", r#"(?:processor for|media type|mediatype) "?([a-z]+/[^\s":]+)"#),
    place("media_type", "from remote", r"\(([a-z]+/[^\s)]+)\) from remote"),
    place("waited", "after waiting", r"timed out after waiting (\d\w*)"),
    place("security_group", "sg-", r"\b(sg-[0-9a-f]{8,17})\b"),
    place("subnet", "subnet-", r"(?:subnet ID|in subnet) '?(subnet-[0-9a-f]{8,17})\b"),
    place("volume", "volumedriver", r"create ([^\s:]+): VolumeDriver"),
];

static DIGEST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"sha256:[0-9a-f]{64}").expect("the expression is constant"));
static ACCOUNTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"User: arn:[^:\s]+:(?:sts|iam)::(\d{12}):.* on resource: arn:[^:\s]+:ecr:[^:\s]*:(\d{12}):")
        .expect("the expression is constant")
});

/// Everything that a plain text tells.
pub fn of(text: &str) -> Facts {
    let mut facts = Facts::new();
    let lower = plain::lower(text);
    let cut = plain::is_cut(text);
    for place in &PLACES {
        if facts.contains_key(place.name) || !lower.contains(place.hint) {
            continue;
        }
        let compiled = place.compiled.get_or_init(|| Regex::new(place.expression).ok());
        let Some(found) = compiled.as_ref().and_then(|one| one.captures(text)).and_then(|all| all.get(1)) else {
            continue;
        };
        if cut && text[found.end()..].trim_matches(['.', ' ']).is_empty() {
            continue; // a prefix of the value, not the value
        }
        if let Some(value) = value(place.name, found.as_str()) {
            facts.insert(place.name.to_owned(), value);
        }
    }
    if let Some(digest) = DIGEST.find(text) {
        let next = text[digest.end()..].bytes().next();
        if !next.is_some_and(|byte| byte.is_ascii_hexdigit()) {
            facts.entry("digest".to_owned()).or_insert_with(|| digest.as_str().into());
        }
    }
    add_registry(&mut facts);
    facts
}

/// The registry is the first part of an image's name, where that part can be a host.
pub fn add_registry(facts: &mut Facts) {
    let host = facts.get("image").and_then(Value::as_str).and_then(registry_of).map(str::to_owned);
    match host {
        Some(host) => facts.insert("registry".to_owned(), host.into()),
        None => None,
    };
}

/// The host in an image's name.
pub fn registry_of(image: &str) -> Option<&str> {
    let (first, _) = image.split_once('/')?;
    let named = first.len() > 1 && !first.starts_with('.') && (first.contains(['.', ':']) || first == "localhost");
    named.then_some(first)
}

/// Whether the caller's account and the repository's are known, and two.
pub fn accounts_differ(text: &str) -> bool {
    ACCOUNTS.captures(text).is_some_and(|found| found.get(1).map(|m| m.as_str()) != found.get(2).map(|m| m.as_str()))
}

/// The address that did not answer.
pub fn address(facts: &Facts) -> Option<IpAddr> {
    let text = facts.get("address")?.as_str()?;
    let host = text.rsplit_once(':').map_or(text, |(host, _)| host);
    host.trim_matches(['[', ']']).parse().ok()
}

/// The host that was asked, or else the image's registry.
pub fn asked_host(facts: &Facts) -> Option<&str> {
    ["endpoint", "registry"].iter().find_map(|name| facts.get(*name).and_then(Value::as_str))
}

/// Whether a private registry of ECR is meant.
pub fn names_ecr(facts: &Facts, lower: &str) -> bool {
    let named = ["image", "registry", "endpoint"].iter().filter_map(|name| facts.get(*name).and_then(Value::as_str));
    named.into_iter().any(host::is_ecr) || host::is_ecr(lower)
}

/// Whether a registry is named that is not a private one of ECR; a host that was asked and is none of AWS's counts as one.
pub fn names_another_registry(facts: &Facts) -> bool {
    let aws = |host: &str| {
        [".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".on.aws"].iter().any(|end| host.ends_with(end))
    };
    facts.contains_key("registry")
        || facts.get("endpoint").and_then(Value::as_str).is_some_and(|host| !aws(&host.to_ascii_lowercase()))
}

fn value(name: &str, text: &str) -> Option<Value> {
    let joined: String = text.split_whitespace().collect(); // a narrow terminal may have broken it
    let text = match name {
        "image" => joined.trim_matches(['"', '\'', ',', ';']),
        _ => text.trim_matches([',', ';', '\'', '"']),
    };
    match name {
        "retries" | "http_status" | "port" => text.parse::<i64>().ok().map(Value::from),
        "resource" => resource(text).map(Value::from),
        "parameter" => Some(list(text)),
        "json_key" | "secret" | "executable" => Some(text.trim_end_matches(['.', ')']).into()).filter(|one| one != ""),
        "image" if text == "..." || text.is_empty() => None,
        _ => Some(text.into()).filter(|one| one != ""),
    }
}

/// `*`, or something that can be the name of a resource; a cut ARN is none.
fn resource(text: &str) -> Option<&str> {
    let text = text.trim_end_matches(['.', ')']);
    let arn = text.starts_with("arn:");
    let whole = text.splitn(6, ':').count() == 6 && !text.ends_with("::");
    (!text.is_empty() && (!arn || whole)).then_some(text)
}

/// Names with commas between them: one stands by itself, and of many the first three.
fn list(text: &str) -> Value {
    let names: Vec<&str> =
        text.split(',').map(|one| one.trim_end_matches(['.', ')'])).filter(|one| !one.is_empty()).collect();
    match names.as_slice() {
        [one] => Value::from(*one),
        many => many.iter().take(3).copied().collect(),
    }
}
