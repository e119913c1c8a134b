//! How the built program reaches AWS: certificates, time-outs, proxies, and what `--debug` tells of it.

use ecs_why_tests::{Stub, Tls, binary, refusal};
use std::process::Output;
use std::time::{Duration, Instant};

const KEY: &str = "AKIAOFNOBODY";
const SECRET: &str = "a-secret-that-nobody-sees";

/// An account that says no to everything, at once: it was reached.
fn no() -> Stub {
    Stub::start(None, |request| Some(refusal(request, 400, "AccessDeniedException")))
}

fn run(url: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = binary();
    command.envs([("AWS_ENDPOINT_URL", url), ("AWS_REGION", "eu-west-1")]);
    command.envs([("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_SESSION_TOKEN", SECRET)]);
    command.args(["prod/web"]).args(arguments).envs(environment.iter().copied()).output().expect("it runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_certificate_that_nobody_signed_is_refused_unless_it_is_named_or_none_is_looked_at() {
    let stub = no();
    let tls = Tls::in_front_of(stub.port());
    let refused = run(&tls.url(), &[], &[]);
    assert_eq!(refused.status.code(), Some(6), "{}", said(&refused));
    assert!(said(&refused).contains("UnknownIssuer") && said(&refused).contains("--ca-bundle"), "{}", said(&refused));
    assert!(stub.seen().is_empty());
    let certificate = Tls::certificate().display().to_string();
    for (arguments, environment) in [
        (&["--ca-bundle", certificate.as_str()][..], &[][..]),
        (&[], &[("AWS_CA_BUNDLE", certificate.as_str())]),
        (&["--no-verify-ssl"], &[]),
    ] {
        let reached = run(&tls.url(), arguments, environment);
        let said = said(&reached);
        assert_eq!(reached.status.code(), Some(5), "{arguments:?}: {said}");
        assert!(said.contains("is denied"), "{arguments:?}: {said}");
        assert_eq!(
            said.contains("warning: certificates are not looked at"),
            arguments == ["--no-verify-ssl"],
            "{said}"
        );
    }
    assert!(stub.seen().iter().all(|request| request.key == KEY), "what reached it was signed");
}

#[test]
fn who_looks_at_no_certificate_still_obeys_proxies() {
    let stub = no();
    let tls = Tls::in_front_of(stub.port());
    let proxy = [("HTTPS_PROXY", "http://127.0.0.1:9"), ("NO_PROXY", "")];
    let refused = run(&tls.url(), &["--no-verify-ssl"], &proxy);
    assert_eq!(refused.status.code(), Some(6), "{}", said(&refused));
    assert!(stub.seen().is_empty());
}

#[test]
fn a_read_timeout_is_as_long_as_it_is_said_to_be() {
    let slow = Stub::start(None, |request| {
        std::thread::sleep(Duration::from_secs(3));
        Some(refusal(request, 400, "AccessDeniedException"))
    });
    let patient = run(&slow.url(), &["--cli-read-timeout", "0", "--cli-connect-timeout", "0"], &[]);
    assert_eq!(patient.status.code(), Some(5), "{}", said(&patient));
    let began = Instant::now();
    let hasty = run(&slow.url(), &["--cli-read-timeout", "1"], &[]);
    assert_eq!(hasty.status.code(), Some(6), "{}", said(&hasty));
    assert!(began.elapsed() > Duration::from_secs(1), "it was given its second");
}

#[test]
fn debug_tells_each_request_and_no_secret() {
    let stub = no();
    let output = run(&stub.url(), &["--debug"], &[]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(5), "{said}");
    for words in ["debug: ecs Describe", "in eu-west-1 at 127.0.0.1:", "400 AccessDeniedException after", "attempt 1"] {
        assert!(said.contains(words), "no {words:?} in {said}");
    }
    assert!(!said.contains(SECRET) && !said.contains(KEY) && !said.contains("Signature"), "{said}");
    let quiet = run(&stub.url(), &[], &[]);
    assert!(!self::said(&quiet).contains("debug:"));
}
