//! Whose credentials the built program comes with, in which region, and where: as `aws` would. `docs/credentials.md` is the table.

use ecs_why_tests::{Request, Stub, Tls, binary, refusal};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// An account that lets roles be taken, signs in, and says no to everything else.
fn account() -> Stub {
    Stub::start(None, |request| Some(answer(request)))
}

const UNTIL: &str = "2099-01-01T00:00:00Z";

fn answer(request: &Request) -> (u16, String) {
    let json = |key: &str| {
        format!(
            "{{\"Code\": \"Success\", \"AccessKeyId\": \"{key}\", \"SecretAccessKey\": \"s\", \"Token\": \"t\", \"Expiration\": \"{UNTIL}\"}}"
        )
    };
    match request.action.as_str() {
        "AssumeRole" | "AssumeRoleWithWebIdentity" => {
            let role = request.body.split('&').find_map(|pair| pair.strip_prefix("RoleArn=")).unwrap_or_default();
            let key = format!("ASIA-{}", role.rsplit("%2F").next().unwrap_or_default());
            let credentials = format!(
                "<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                 <SessionToken>t</SessionToken><Expiration>{UNTIL}</Expiration></Credentials>"
            );
            let action = &request.action;
            (200, format!("<{action}Response><{action}Result>{credentials}</{action}Result></{action}Response>"))
        }
        "PUT /latest/api/token" => (200, "imds-token".to_owned()),
        "GET /latest/meta-data/iam/security-credentials/" => (200, "of-instance".to_owned()),
        "GET /latest/meta-data/iam/security-credentials/of-instance" => (200, json("ASIA-instance")),
        "GET /of-container" => (200, json("ASIA-container")),
        sso if sso.starts_with("GET /federation/credentials") && request.token != "sso-token" => (
            401,
            "{\"__type\": \"UnauthorizedException\", \"message\": \"Session token not found or invalid\"}".to_owned(),
        ),
        sso if sso.starts_with("GET /federation/credentials") => {
            let of = |name: &str| sso.split(['?', '&']).find_map(|pair| pair.strip_prefix(name)).unwrap_or_default();
            let key = format!("ASIA-{}-{}", of("account_id="), of("role_name="));
            (
                200,
                format!(
                    "{{\"roleCredentials\": {{\"accessKeyId\": \"{key}\", \"secretAccessKey\": \"s\", \"sessionToken\": \"t\", \"expiration\": 4070908800000}}}}"
                ),
            )
        }
        _ => refusal(request, 400, "AccessDeniedException"),
    }
}

/// Somebody with a home of their own.
struct Person {
    home: TempDir,
    variables: Vec<(String, String)>,
}

impl Person {
    fn new(config: &str) -> Self {
        let person = Person { home: tempfile::tempdir().expect("a folder"), variables: vec![] };
        person.keep(".aws/config", config);
        person
    }

    fn keep(&self, path: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it is writable");
        std::fs::write(&path, text).expect("it is writable");
        path
    }

    fn set(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.variables.push((name.to_owned(), value.as_ref().display().to_string()));
        self
    }

    fn keys(self, key: &str) -> Self {
        self.set("AWS_ACCESS_KEY_ID", key).set("AWS_SECRET_ACCESS_KEY", "s")
    }

    fn command(&self, url: &str, arguments: &[&str]) -> Command {
        let mut command = binary();
        command.env("HOME", self.home.path()).env("AWS_ENDPOINT_URL", url);
        command.envs(self.variables.iter().map(|(name, value)| (name, value))).args(["prod/web"]).args(arguments);
        command
    }

    fn run(&self, stub: &Stub, arguments: &[&str]) -> Output {
        self.command(&stub.url(), arguments).output().expect("it runs")
    }

    /// Key and region of what reached the account, and all that was asked.
    fn reaches(&self, arguments: &[&str]) -> (String, String, Vec<Request>) {
        let stub = account();
        let output = self.run(&stub, arguments);
        let seen = stub.seen();
        let asked = seen.iter().find(|request| request.service == "ecs");
        assert!(asked.is_some(), "ECS was not reached: {}\n{seen:?}", said(&output));
        let asked = asked.expect("it was just looked at");
        (asked.key.clone(), asked.region.clone(), seen)
    }

    fn key(&self, arguments: &[&str]) -> String {
        self.reaches(arguments).0
    }

    /// Exit code and words; ECS is not reached.
    fn refused(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let stub = account();
        let output = self.run(&stub, arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        for word in words {
            assert!(said.contains(word), "no {word:?} in {said}");
        }
        assert!(stub.seen().iter().all(|request| request.service != "ecs"), "{said}");
        assert!(output.stdout.is_empty());
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ")
}

const TWO: &str = "[default]\nregion = eu-west-1\naws_access_key_id = OF-DEFAULT\naws_secret_access_key = s\n\
                   [profile prod]\nregion = eu-west-3\naws_access_key_id = OF-PROD\naws_secret_access_key = s\n";

#[test]
fn a_typed_profile_goes_before_keys_in_the_environment_and_they_before_one_that_it_names() {
    let person = Person::new(TWO);
    assert_eq!(person.key(&[]), "OF-DEFAULT");
    assert_eq!(person.key(&["--profile", "prod"]), "OF-PROD");
    let person = person.set("AWS_PROFILE", "prod");
    assert_eq!(person.key(&[]), "OF-PROD");
    assert_eq!(person.key(&["--profile", "default"]), "OF-DEFAULT");
    let person = person.keys("OF-ENVIRONMENT");
    assert_eq!(person.key(&[]), "OF-ENVIRONMENT");
    assert_eq!(person.key(&["--profile", "prod"]), "OF-PROD");
    let older = Person::new(TWO).set("AWS_DEFAULT_PROFILE", "prod").set("AWS_PROFILE", "default");
    assert_eq!(older.key(&[]), "OF-PROD", "in the order of botocore");
}

#[test]
fn a_region_is_that_of_the_option_then_of_the_environment_then_of_the_profile() {
    let person = Person::new(TWO);
    let region = |person: &Person, arguments: &[&str]| person.reaches(arguments).1;
    assert_eq!(region(&person, &[]), "eu-west-1");
    assert_eq!(region(&person, &["--profile", "prod"]), "eu-west-3");
    let person = person.set("AWS_DEFAULT_REGION", "us-east-2");
    assert_eq!(region(&person, &["--profile", "prod"]), "us-east-2");
    let person = person.set("AWS_REGION", "us-west-2");
    assert_eq!(region(&person, &[]), "us-west-2", "as in v2 of the AWS CLI");
    assert_eq!(region(&person, &["--region", "sa-east-1"]), "sa-east-1");
}

#[test]
fn the_files_are_where_the_environment_says() {
    let person = Person::new("[default]\nregion = eu-west-1\n");
    let config = person.keep("elsewhere/config", "[profile prod]\nregion = ap-south-1\n");
    let credentials = person.keep("elsewhere/keys", "[prod]\naws_access_key_id = OF-FILE\naws_secret_access_key = s\n");
    let person = person.set("AWS_CONFIG_FILE", config).set("AWS_SHARED_CREDENTIALS_FILE", credentials);
    let (key, region, _) = person.reaches(&["--profile", "prod"]);
    assert_eq!((key.as_str(), region.as_str()), ("OF-FILE", "ap-south-1"));
}

#[test]
fn a_profile_that_is_not_there_is_named_with_those_that_are() {
    Person::new(TWO).refused(&["--profile", "prdo"], 2, &["no profile `prdo` (--profile)", "default, prod"]);
    Person::new(TWO).keys("X").set("AWS_PROFILE", "prdo").refused(&[], 2, &["no profile `prdo` (AWS_PROFILE)"]);
    Person::new(TWO).set("AWS_ACCESS_KEY_ID", "X").refused(&[], 5, &["AWS_SECRET_ACCESS_KEY is not"]);
    let half = "[default]\nregion = eu-west-1\naws_access_key_id = X\n";
    Person::new(half).refused(&[], 5, &["aws_secret_access_key"]);
}

const ROLE: &str = "[profile reader]\nregion = eu-west-1\nrole_arn = arn:aws:iam::210987654321:role/reader\n";

#[test]
fn a_role_is_taken_with_the_source_profile_and_as_the_profile_says() {
    let more = "source_profile = base\nexternal_id = e-1\nrole_session_name = me\nduration_seconds = 1800\n";
    let base = "[profile base]\naws_access_key_id = OF-BASE\naws_secret_access_key = s\n";
    let (key, _, seen) = Person::new(&format!("{ROLE}{more}{base}")).reaches(&["--profile", "reader"]);
    assert_eq!(key, "ASIA-reader");
    let taken: Vec<_> = seen.iter().filter(|request| request.action == "AssumeRole").collect();
    assert_eq!((taken.len(), taken[0].key.as_str(), taken[0].region.as_str()), (1, "OF-BASE", "eu-west-1"));
    for part in ["ExternalId=e-1", "RoleSessionName=me", "DurationSeconds=1800"] {
        assert!(taken[0].body.contains(part), "{part}: {}", taken[0].body);
    }
}

#[test]
fn a_role_is_taken_with_another_role_and_keys_in_a_source_go_before_its_own_role() {
    let config = |keys: &str| {
        format!(
            "{ROLE}source_profile = middle\n[profile middle]\nrole_arn = arn:aws:iam::1:role/middle\nsource_profile = base\n{keys}\
                 [profile base]\naws_access_key_id = OF-BASE\naws_secret_access_key = s\n"
        )
    };
    let (key, _, seen) = Person::new(&config("")).reaches(&["--profile", "reader"]);
    let by: Vec<_> =
        seen.iter().filter(|request| request.action == "AssumeRole").map(|taken| taken.key.as_str()).collect();
    assert_eq!((key.as_str(), by), ("ASIA-reader", vec!["OF-BASE", "ASIA-middle"]));
    let own = Person::new(&config("aws_access_key_id = OF-MIDDLE\naws_secret_access_key = s\n"));
    let (_, _, seen) = own.reaches(&["--profile", "reader"]);
    let by: Vec<_> =
        seen.iter().filter(|request| request.action == "AssumeRole").map(|taken| taken.key.as_str()).collect();
    assert_eq!(by, ["OF-MIDDLE"]);
}

#[test]
fn a_role_that_cannot_be_followed_is_told_with_the_profile() {
    let refused = |more: &str, words: &[&str]| {
        Person::new(&format!("{ROLE}{more}")).refused(&["--profile", "reader"], 5, words);
    };
    refused("source_profile = gone\n", &["source_profile `gone` of the profile `reader` is not there"]);
    refused("", &["neither source_profile nor credential_source"]);
    refused("credential_source = Ecs\n", &["credential_source `Ecs`", "EcsContainer"]);
    refused("source_profile = x\ncredential_source = Environment\n", &["both source_profile and credential_source"]);
    refused("source_profile = b\n[profile b]\nrole_arn = arn:x\nsource_profile = reader\n", &["in a circle"]);
    refused("source_profile = b\n[profile b]\noutput = json\n", &["`reader` is taken with has no credentials"]);
}

#[test]
fn a_role_is_taken_with_what_a_credential_source_holds() {
    let person = Person::new(&format!("{ROLE}credential_source = Environment\n")).keys("OF-ENVIRONMENT");
    let (key, _, seen) = person.reaches(&["--profile", "reader"]);
    assert_eq!((key.as_str(), seen[0].key.as_str()), ("ASIA-reader", "OF-ENVIRONMENT"));
    for (source, variable, path, base) in [
        ("EcsContainer", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "/of-container", "ASIA-container"),
        ("Ec2InstanceMetadata", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "", "ASIA-instance"),
    ] {
        let stub = account();
        let person = Person::new(&format!("{ROLE}credential_source = {source}\n"));
        let person = person.set(variable, format!("{}{path}", stub.url())).set("AWS_EC2_METADATA_DISABLED", "false");
        person.run(&stub, &["--profile", "reader"]);
        let taken = stub.seen().into_iter().find(|request| request.action == "AssumeRole");
        assert_eq!(taken.map(|taken| taken.key).as_deref(), Some(base), "{source}");
    }
}

#[test]
fn a_web_identity_needs_no_credentials_and_goes_before_keys_of_the_default_profile() {
    let person = Person::new(TWO);
    let token = person.keep("token", "jwt");
    let person = person.set("AWS_WEB_IDENTITY_TOKEN_FILE", &token).set("AWS_ROLE_ARN", "arn:aws:iam::1:role/web");
    let (key, _, seen) = person.reaches(&[]);
    assert_eq!(key, "ASIA-web");
    assert!(seen[0].body.contains("WebIdentityToken=jwt") && seen[0].key.is_empty(), "{:?}", seen[0]);
    assert_eq!(person.key(&["--profile", "prod"]), "OF-PROD");
    let person = Person::new("");
    let token = person.keep("token", "jwt");
    person.keep(".aws/config", &format!("{ROLE}web_identity_token_file = {}\n", token.display()));
    assert_eq!(person.key(&["--profile", "reader"]), "ASIA-reader");
    person.keep(".aws/config", &format!("{ROLE}web_identity_token_file = /nowhere/token\n"));
    person.refused(&["--profile", "reader"], 5, &["the profile `reader`", "/nowhere/token", "No such file"]);
}

const SSO: &str = "[profile dev]\nregion = eu-west-1\nsso_session = dev\nsso_account_id = 111122223333\nsso_role_name = Reader\n\
                   [sso-session dev]\nsso_region = eu-central-1\nsso_start_url = https://new.awsapps.com/start\n\
                   [profile old]\nregion = eu-west-1\nsso_start_url = https://old.awsapps.com/start\nsso_region = eu-central-1\n\
                   sso_account_id = 111122223333\nsso_role_name = Older\n";
/// The digests of `dev` and of the start URL of `old`: what the AWS CLI names their files.
const OF_SESSION: &str = ".aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json";
const OF_URL: &str = ".aws/sso/cache/33d5ca4bf3b1a62edb96b47f7c203034a43ac435.json";

fn session(until: &str) -> String {
    let token = if until == UNTIL { "sso-token" } else { "of-last-year" };
    format!(
        "{{\"startUrl\": \"x\", \"region\": \"eu-central-1\", \"accessToken\": \"{token}\", \"expiresAt\": \"{until}\"}}"
    )
}

#[test]
fn a_person_who_is_signed_in_is_known_and_one_who_is_not_is_told_how() {
    let person = Person::new(SSO);
    for path in [OF_SESSION, OF_URL] {
        person.keep(path, &session(UNTIL));
    }
    let (key, _, seen) = person.reaches(&["--profile", "dev"]);
    assert_eq!((key.as_str(), seen[0].token.as_str()), ("ASIA-111122223333-Reader", "sso-token"));
    assert_eq!(person.key(&["--profile", "old"]), "ASIA-111122223333-Older");
    for path in [OF_SESSION, OF_URL] {
        person.keep(path, &session("2020-01-01T00:00:00Z"));
    }
    person.refused(&["--profile", "dev"], 5, &["aws sso login --profile dev"]);
    person.refused(&["--profile", "old"], 5, &["aws sso login --profile old"]);
    Person::new(SSO).refused(&["--profile", "dev"], 5, &["aws sso login --profile dev"]);
    let role = Person::new(&format!("{SSO}{ROLE}source_profile = dev\n"));
    role.refused(&["--profile", "reader"], 5, &["aws sso login --profile dev"]);
    role.keep(OF_SESSION, &session(UNTIL));
    assert_eq!(role.key(&["--profile", "reader"]), "ASIA-reader");
}

#[test]
fn a_process_gives_credentials_also_when_it_takes_its_time() {
    let person = Person::new("");
    let given = |until: &str| {
        format!(
            "{{\"Version\": 1, \"AccessKeyId\": \"OF-PROCESS\", \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\"{until}}}"
        )
    };
    let good = person.keep("good", &given(""));
    let old = person.keep("old", &given(", \"Expiration\": \"2020-01-01T00:00:00Z\""));
    let process = |command: &str| {
        person.keep(".aws/config", &format!("[profile p]\nregion = eu-west-1\ncredential_process = {command}\n"));
    };
    process(&format!("sleep 6; cat {}", good.display()));
    assert_eq!(person.key(&["--profile", "p"]), "OF-PROCESS");
    for (command, words) in [
        ("echo no-luck >&2; exit 3".to_owned(), "no-luck"),
        ("echo '{'".to_owned(), "cannot be read"),
        ("echo '{\"Version\": 2}'".to_owned(), "ersion"),
        (format!("cat {}", old.display()), "expired at 2020-01-01T00:00:00Z"),
    ] {
        process(&command);
        person.refused(&["--profile", "p"], 5, &["the profile `p` (credential_process)", words]);
    }
    process(&format!("cat {}", good.display()));
    person.keep(".aws/credentials", "[p]\naws_access_key_id = OF-FILE\naws_secret_access_key = s\n");
    assert_eq!(person.key(&["--profile", "p"]), "OF-FILE", "as in the AWS CLI");
}

#[test]
fn a_container_and_an_instance_give_theirs_last() {
    let stub = account();
    let person = Person::new("[default]\nregion = eu-west-1\n");
    let token = person.keep("token", "Bearer of-file");
    let person = person.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/of-container", stub.url()));
    let person = person.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token);
    person.run(&stub, &[]);
    let seen = stub.seen();
    assert_eq!((seen[0].token.as_str(), seen[1].key.as_str()), ("Bearer of-file", "ASIA-container"), "{seen:?}");

    let stub = account();
    let person = Person::new("[default]\nregion = eu-west-1\n[profile bare]\nregion = eu-west-1\n");
    let person = person.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", stub.url()).set("AWS_EC2_METADATA_DISABLED", "false");
    person.run(&stub, &["--profile", "bare"]);
    let seen = stub.seen();
    let last = seen.iter().find(|request| request.service == "ecs").map(|request| request.key.as_str());
    assert_eq!(last, Some("ASIA-instance"), "{seen:?}");
    assert!(seen.iter().any(|request| request.token == "imds-token"), "version 2 of the metadata: {seen:?}");
}

const MFA: &str = "source_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n\
                   [profile base]\naws_access_key_id = OF-BASE\naws_secret_access_key = s\n";

#[test]
fn a_role_that_wants_a_code_says_so_where_nobody_can_be_asked_and_takes_what_the_aws_cli_has() {
    let person = Person::new(&format!("{ROLE}{MFA}"));
    let words = ["arn:aws:iam::123456789012:mfa/me", "no terminal", "aws sts get-caller-identity --profile reader"];
    person.refused(&["--profile", "reader"], 5, &words);
    // As botocore 1.43 writes it, under the name that it gives it.
    let kept = |until: &str| {
        format!(
            "{{\"Credentials\": {{\"AccessKeyId\": \"OF-CACHE\", \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\", \"Expiration\": \"{until}\"}}}}"
        )
    };
    let path = ".aws/cli/cache/f444e3cdfcdd10117441e9b1e7ce9061308bfd0a.json";
    person.keep(path, &kept("2099-01-01T00:00:00UTC"));
    let (key, _, seen) = person.reaches(&["--profile", "reader"]);
    assert_eq!(key, "OF-CACHE");
    assert!(seen.iter().all(|request| request.action != "AssumeRole"));
    person.keep(path, &kept("2020-01-01T00:00:00UTC"));
    person.refused(&["--profile", "reader"], 5, &words);
}

/// Runs a command on a terminal of its own, types an answer to its question, and prints what was seen.
const TYPIST: &str = "
import os, pty, sys, time
child, end = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen, typed = b'', False
while True:
    try:
        piece = os.read(end, 65536)
    except OSError:
        break
    if not piece:
        break
    if b'\\x1b[6n' in piece:
        os.write(end, b'\\x1b[1;1R')
    seen += piece
    if not typed and b'MFA code' in seen:
        typed = True
        time.sleep(0.3)
        os.write(end, sys.argv[1].encode() + b'\\r')
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

#[test]
fn a_role_that_wants_a_code_gets_the_one_that_is_typed_on_the_terminal() {
    let stub = account();
    let person = Person::new(&format!("{ROLE}{MFA}"));
    let ours = person.command(&stub.url(), &["--profile", "reader", "--no-logs"]);
    let mut typist = Command::new("python3");
    typist.env_clear().envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    typist.args(["-c", TYPIST, "123456"]).arg(ours.get_program()).args(ours.get_args());
    let output = typist.env("TERM", "xterm").output().expect("there is a Python");
    let seen = stub.seen();
    let taken: Vec<_> = seen.iter().filter(|request| request.action == "AssumeRole").collect();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(taken.len(), 1, "{shown}\n{seen:?}");
    assert!(taken[0].body.contains("TokenCode=123456"), "{}", taken[0].body);
    assert!(taken[0].body.contains("SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fme"), "{}", taken[0].body);
    assert!(seen.iter().any(|request| request.service == "ecs" && request.key == "ASIA-reader"), "{shown}");
    assert!(
        shown.contains("Enter MFA code for arn:aws:iam::123456789012:mfa/me") && !shown.contains("123456\r"),
        "{shown}"
    );
}

#[test]
fn requests_go_where_the_environment_and_the_profile_say() {
    let (all, ecs) = (account(), account());
    let at = |person: &Person, arguments: &[&str]| {
        let before = (all.seen().len(), ecs.seen().len());
        let mut command = person.command(&all.url(), arguments);
        command.env_remove("AWS_ENDPOINT_URL").env("HTTPS_PROXY", "http://127.0.0.1:9");
        command.envs(person.variables.iter().map(|(name, value)| (name, value))).output().expect("it runs");
        (all.seen().len() > before.0, ecs.seen().len() > before.1)
    };
    let services = format!(
        "[default]\nregion = eu-west-1\naws_access_key_id = X\naws_secret_access_key = s\nservices = here\n\
         [services here]\necs =\n  endpoint_url = {}\n",
        ecs.url()
    );
    assert_eq!(at(&Person::new(&services), &[]), (false, true), "a section of services");
    let general = format!("{}endpoint_url = {}\n", TWO, all.url());
    assert_eq!(at(&Person::new(&general), &["--profile", "prod"]), (true, false), "the profile");
    let variable = Person::new(&services).set("AWS_ENDPOINT_URL", all.url());
    assert_eq!(at(&variable, &[]), (true, false), "the environment goes before the files");
    let own = Person::new(TWO).set("AWS_ENDPOINT_URL", all.url()).set("AWS_ENDPOINT_URL_ECS", ecs.url());
    assert!(at(&own, &[]).1, "a service's own goes before all services'");
    assert_eq!(at(&own, &["--endpoint-url", &all.url()]), (true, false), "and an option before all of it");
    let ignored = Person::new(&services).set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!(at(&ignored, &[]), (false, false), "AWS itself");
}

#[test]
fn fips_and_dual_stack_have_their_own_hosts_and_proxies_are_asked_for_them() {
    for (variable, line, host) in [
        ("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", "ecs-fips.us-east-1.amazonaws.com"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", "ecs.us-east-1.api.aws"),
    ] {
        let config = |more: &str| {
            format!("[default]\nregion = us-east-1\naws_access_key_id = X\naws_secret_access_key = s\n{more}")
        };
        for person in
            [Person::new(&config("")).set(variable, "true"), Person::new(&config(&format!("{line} = true\n")))]
        {
            let proxy = account();
            let person = person.set("HTTPS_PROXY", proxy.url());
            let mut command = person.command("", &["--cli-connect-timeout", "1"]);
            command.env_remove("AWS_ENDPOINT_URL").output().expect("it runs");
            let seen = proxy.seen();
            assert!(seen.iter().any(|request| request.action == format!("CONNECT {host}:443")), "{host}: {seen:?}");
        }
    }
}

#[test]
fn a_profile_names_the_certificates_that_are_trusted() {
    let stub = account();
    let tls = Tls::in_front_of(stub.port());
    let config = format!("{TWO}ca_bundle = {}\n", Tls::certificate().display());
    Person::new(&config).command(&tls.url(), &["--profile", "prod"]).output().expect("it runs");
    assert_eq!(stub.seen().first().map(|request| request.key.clone()).as_deref(), Some("OF-PROD"));
}

/// What the SDK does not know is asked of the AWS CLI, and only that.
#[test]
fn the_aws_cli_is_asked_where_the_profile_says_what_we_do_not_know() {
    let person = Person::new("[profile console]\nregion = eu-west-1\nlogin_session = arn:aws:iam::1:user/me\n");
    let aws = |script: &str| {
        let path = person
            .keep("bin/aws", &format!("#!/bin/sh\necho \"$@\" >> {}/calls\n{script}\n", person.home.path().display()));
        let mut mode = std::fs::metadata(&path).expect("it is there").permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
        std::fs::set_permissions(&path, mode).expect("it is ours");
    };
    let with_aws = |stub: &Stub, arguments: &[&str]| {
        let path = format!("{}:/usr/bin:/bin", person.home.path().join("bin").display());
        person.command(&stub.url(), arguments).env("PATH", path).output().expect("it runs")
    };
    let exported =
        "{\"Version\": 1, \"AccessKeyId\": \"OF-CLI\", \"SecretAccessKey\": \"s\", \"SessionToken\": \"secret-token\"}";
    aws(&format!("echo '{exported}'"));
    let stub = account();
    let output = with_aws(&stub, &["--profile", "console", "--debug"]);
    assert!(stub.seen().iter().any(|request| request.key == "OF-CLI"), "{}", said(&output));
    assert!(
        said(&output).contains("export-credentials") && !said(&output).contains("secret-token"),
        "{}",
        said(&output)
    );
    let calls = std::fs::read_to_string(person.home.path().join("calls")).expect("it was called");
    assert_eq!(calls, "configure export-credentials --format process --profile console\n");
    aws("echo 'no such session: secret-token' >&2; exit 255");
    let output = with_aws(&account(), &["--profile", "console"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(said(&output).contains("exports none") && !said(&output).contains("secret-token"), "{}", said(&output));
    let began = Instant::now();
    person.refused(&["--profile", "console"], 5, &["no AWS CLI"]);
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn debug_tells_what_was_chosen_and_why() {
    let stub = account();
    let person = Person::new(&format!("{ROLE}source_profile = base\n{}", &MFA[MFA.find('[').expect("a section")..]));
    let person = person.set("AWS_PROFILE", "reader").set("AWS_REGION", "us-west-2");
    let said = said(&person.run(&stub, &["--debug"]));
    for words in [
        "profile: `reader`, by AWS_PROFILE",
        "region: us-west-2, by AWS_REGION",
        "credentials: none in the environment (AWS_ACCESS_KEY_ID)",
        "sts AssumeRole in us-west-2 at 127.0.0.1",
        "credentials: from the role of the profile `reader`",
    ] {
        assert!(said.contains(words), "no {words:?} in {said}");
    }
    assert!(!said.contains("OF-BASE") && !said.contains("ASIA-reader"), "{said}");
}
