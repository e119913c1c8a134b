//! Reads a stop: the row that fits best, what it claims, and what the exit codes add.

use std::collections::BTreeSet;

use serde_json::Value;

use super::container::{self, Guilty};
use super::facts::{self, Facts};
use super::patterns::{Claimed, Context, PATTERNS, Registry, Row};
use super::stop::{ContainerStop, Field, Stop};
use super::{Claim, Strength, Symptom, exit_code, host, plain, reachability};
use crate::model::{CauseId, Stage, Step};

/// One text of a stop, with the row that fits it.
struct Reading<'a> {
    original: &'a str,
    plain: String,
    facts: Facts,
    container: Option<&'a ContainerStop>,
    row: Option<(usize, &'static Row)>,
}

impl<'a> Reading<'a> {
    fn of(original: &'a str, container: Option<&'a ContainerStop>, code: Option<&str>) -> Self {
        let plain = plain::plain(original);
        let lower = plain::lower(&plain);
        let facts = facts::of(&plain);
        let registry = match (facts::names_ecr(&facts, &lower), facts::names_another_registry(&facts)) {
            (true, _) => Some(Registry::Ecr),
            (false, true) => Some(Registry::Other),
            _ => None,
        };
        let context = Context { code, registry, accounts_differ: facts::accounts_differ(&plain) };
        let row = PATTERNS.first(&lower, &context);
        Reading { original, plain, facts, container, row }
    }

    /// The smaller, the more this text says.
    fn rank(&self) -> usize {
        match self.row {
            Some((_, row)) if row.empty => usize::MAX - 1,
            Some((place, _)) => place,
            None if self.plain.is_empty() => usize::MAX,
            None => usize::MAX - 2,
        }
    }
}

/// Reads what is known of a stop.
pub fn read(stop: &Stop) -> Symptom {
    let code = stop.stop_code.as_deref();
    // A stop code may tell enough by itself.
    let told = stop.reason.as_deref().or(code.map(|_| ""));
    let task = told.map(|text| Reading::of(text, None, code));
    let containers = stop.containers.iter().filter_map(|one| {
        let text = one.reason.as_deref().filter(|text| !text.trim().is_empty())?;
        // What the caller of StopTask wrote stands in the task's reason; a container's is always ECS's own.
        Some(Reading::of(text, Some(one), code.filter(|code| *code != "UserInitiated")))
    });
    let best = best(task, containers.collect(), code);
    let Some(best) = best else { return from_codes(stop, None) };
    match best.row {
        Some((_, row)) if !row.empty => told_by(stop, &best, row),
        _ => from_codes(stop, Some(&best)),
    }
}

/// The text that tells most. Where somebody ordered the stop, that is the task's: what its containers did then is a consequence.
fn best<'a>(task: Option<Reading<'a>>, containers: Vec<Reading<'a>>, code: Option<&str>) -> Option<Reading<'a>> {
    let ordered =
        matches!(code, Some("UserInitiated" | "ServiceSchedulerInitiated" | "SpotInterruption" | "TerminationNotice"));
    if ordered && task.as_ref().is_some_and(|one| one.row.is_some_and(|(_, row)| !row.empty)) {
        return task;
    }
    // Of two with the same rank the container's, since it names the container.
    containers.into_iter().chain(task).min_by_key(Reading::rank)
}

fn told_by(stop: &Stop, reading: &Reading<'_>, row: &'static Row) -> Symptom {
    let endpoints = endpoints(row, &reading.facts);
    let mut claims = expand(row, &endpoints, &reading.facts);
    if row.id == "container-checks" {
        sharpen_health(stop, &mut claims);
    }
    let guilty = container::guilty(stop);
    let name = reading.container.and_then(|one| one.name.clone()).or_else(|| match stop.containers.as_slice() {
        [only] => only.name.clone(),
        many if row.stage == Stage::Health => many.iter().find(|one| unhealthy(one)).and_then(|one| one.name.clone()),
        _ => None,
    });
    let settled = claims.first().is_some_and(|claim| claim.strength == Strength::Settles);
    let facts = gather(stop, Some(reading), name.as_deref());
    let exit_code = reading.container.and_then(|one| one.exit_code).or(guilty.map(|one| one.exit_code));
    Symptom {
        stage: row.stage,
        step: row.step,
        text: reading.original.to_owned(),
        cut: row.cut || !settled && plain::is_cut(&reading.plain),
        container: name.or_else(|| facts.get("container").and_then(Value::as_str).map(str::to_owned)),
        facts,
        claims,
        open: row.open,
        endpoints,
        exit_code,
        source_field: source(stop, reading.container),
        row: Some(&row.id),
    }
}

/// The texts say nothing: the exit codes, and how far the task came.
fn from_codes(stop: &Stop, reading: Option<&Reading<'_>>) -> Symptom {
    let row = reading.and_then(|one| one.row).map(|(_, row)| row);
    let by_itself = row.is_some_and(|row| row.id == "essential-container-exited")
        || stop.stop_code.as_deref() == Some("EssentialContainerExited");
    let in_text = reading.and_then(|one| exit_code_in(&one.plain));
    let guilty = container::guilty(stop).or(in_text.map(|exit_code| Guilty { container: None, exit_code, sure: true }));
    let told = matches!((stop.stopping, stop.execution_stopped), (Some(told), Some(ended)) if ended > told);
    let ordered = matches!(stop.stop_code.as_deref(), Some("ServiceSchedulerInitiated" | "TerminationNotice"));
    let (stage, mut claims) = match guilty {
        Some(guilty) if !ordered => exit_code::claims(guilty.exit_code, told),
        _ => (
            row.map_or(Stage::Unknown, |row| row.stage),
            row.map_or_else(unknown, |row| expand(row, &[], &Facts::new())),
        ),
    };
    // Only an essential container's own end is a cause; otherwise the code may be the answer to a signal. And a text that no
    // row knows may say more than the code.
    let unread = reading.is_some_and(|one| one.row.is_none() && !one.plain.is_empty());
    if unread || !(by_itself && guilty.is_some_and(|one| one.sure)) {
        weaken(&mut claims);
    }
    let failed_to_start = stop.stop_code.as_deref() == Some("TaskFailedToStart");
    if let (Some(row), true) = (row, failed_to_start || !by_itself) {
        append(&mut claims, expand(row, &[], &Facts::new()), Strength::Allows);
    } else if guilty.is_some_and(|one| !one.sure) {
        for other in stop.containers.iter().filter_map(|one| one.exit_code) {
            append(&mut claims, exit_code::claims(other, told).1, Strength::Allows);
        }
    }
    let ran = guilty.is_some() && !failed_to_start;
    let name = guilty.and_then(|one| one.container).or(only(stop)).and_then(|one| one.name.clone());
    let mut facts = gather(stop, reading, name.as_deref());
    if let (Some(guilty), None) = (guilty, &name) {
        let candidates = container::candidates(stop, guilty.exit_code);
        if !candidates.is_empty() {
            facts.insert("container".to_owned(), candidates.into_iter().take(3).collect());
        }
    }
    Symptom {
        stage,
        step: if ran { Some(Step::Run) } else { row.and_then(|row| row.step) },
        text: reading.map_or_else(String::new, |one| one.original.to_owned()),
        cut: guilty.is_none() && reading.is_some_and(|one| one.row.is_none() && plain::is_cut(&one.plain)),
        facts,
        container: name,
        open: claims.iter().any(|claim| claim.cause == CauseId::Unknown) || guilty.is_none(),
        claims,
        endpoints: Vec::new(),
        exit_code: guilty.map(|one| one.exit_code),
        source_field: source(stop, reading.and_then(|one| one.container)),
        row: row.map(|row| row.id.as_str()),
    }
}

fn only(stop: &Stop) -> Option<&ContainerStop> {
    if let [only] = stop.containers.as_slice() { Some(only) } else { None }
}

fn unhealthy(container: &ContainerStop) -> bool {
    container.health.as_deref() == Some("UNHEALTHY")
}

/// Whose health check it was: the proxy of Service Connect is a container like another, and not the user's.
fn sharpen_health(stop: &Stop, claims: &mut Vec<Claim>) {
    let mut sick = stop.containers.iter().filter(|one| unhealthy(one)).filter_map(|one| one.name.as_deref()).peekable();
    if sick.peek().is_none() {
        return;
    }
    let proxies = sick.filter(|name| name.starts_with("ecs-service-connect-")).count();
    let own = stop.containers.iter().filter(|one| unhealthy(one)).count() - proxies;
    let cause = match (proxies, own) {
        (0, _) => CauseId::ContainerHealthCheckFailed,
        (_, 0) => CauseId::ServiceConnectUnhealthy,
        _ => return,
    };
    claims.retain(|claim| claim.cause != cause);
    claims.insert(0, Claim { cause, strength: Strength::Settles });
    for claim in &mut claims[1..] {
        claim.strength = Strength::Allows;
    }
}

fn source(stop: &Stop, container: Option<&ContainerStop>) -> Option<Field> {
    stop.field.or(Some(if container.is_some() { Field::ContainerReason } else { Field::StoppedReason }))
}

/// The endpoints of a row, with what the text says where the row leaves it open.
fn endpoints(row: &Row, facts: &Facts) -> Vec<String> {
    let asked = facts::asked_host(facts).map(host::endpoint);
    let registry = facts.get("registry").and_then(Value::as_str).map(host::endpoint);
    let mut out: Vec<String> = Vec::new();
    let mut add = |name: String| {
        if !out.contains(&name) {
            out.push(name);
        }
    };
    for name in &row.endpoints {
        match name.as_str() {
            // The name of a registry may hide the bucket to which it redirects the download.
            "layers" => match asked.as_deref().or(registry.as_deref()) {
                None | Some("ecr.dkr") => ["s3", "ecr.dkr"].into_iter().for_each(|one| add(one.to_owned())),
                Some(host) => add(host.to_owned()),
            },
            "registry" => match &asked {
                Some(host) => add(host.clone()),
                None => ["ecr.dkr", "s3"].into_iter().for_each(|one| add(one.to_owned())),
            },
            known => add(known.to_owned()),
        }
    }
    out
}

fn expand(row: &Row, endpoints: &[String], facts: &Facts) -> Vec<Claim> {
    let mut seen = BTreeSet::new();
    let mut claims = Vec::new();
    let path = || reachability::causes(endpoints, facts::address(facts));
    for claimed in &row.claims {
        let causes = match claimed {
            Claimed::Cause(cause) => vec![*cause],
            Claimed::Path => path(),
        };
        for cause in causes {
            if seen.insert(cause) {
                let strength = match claims.is_empty() {
                    true if cause == CauseId::Unknown => Strength::Allows,
                    true if row.settles => Strength::Settles,
                    true => Strength::Suggests,
                    false => Strength::Allows,
                };
                claims.push(Claim { cause, strength });
            }
        }
    }
    claims
}

fn unknown() -> Vec<Claim> {
    vec![Claim { cause: CauseId::Unknown, strength: Strength::Allows }]
}

fn weaken(claims: &mut [Claim]) {
    for claim in claims.iter_mut().filter(|claim| claim.strength == Strength::Settles) {
        claim.strength = Strength::Suggests;
    }
}

fn append(claims: &mut Vec<Claim>, more: Vec<Claim>, strength: Strength) {
    for claim in more {
        if claims.iter().all(|one| one.cause != claim.cause) {
            claims.push(Claim { cause: claim.cause, strength });
        }
    }
}

/// What the text tells, then what was told beside it.
fn gather(stop: &Stop, reading: Option<&Reading<'_>>, container: Option<&str>) -> Facts {
    let mut facts = reading.map(|one| one.facts.clone()).unwrap_or_default();
    for (name, value) in &stop.known {
        facts.entry(name.clone()).or_insert_with(|| value.clone());
    }
    let found = stop.containers.iter().find(|one| container.is_some() && one.name.as_deref() == container);
    if let Some(found) = found {
        for (name, value) in [("container", &found.name), ("image", &found.image), ("digest", &found.image_digest)] {
            if let Some(value) = value {
                facts.entry(name.to_owned()).or_insert_with(|| value.as_str().into());
            }
        }
    }
    facts::add_registry(&mut facts);
    facts
}

/// An exit code that a person wrote beside the reason.
fn exit_code_in(plain: &str) -> Option<i64> {
    let lower = plain::lower(plain);
    let after = ["exit code", "exitcode", "exit_code", "exit:", "exited with code", "exited with status", "exited ("]
        .iter()
        .find_map(|word| lower.split(word).nth(1))?;
    let digits: String = after
        .chars()
        .skip_while(|char| matches!(char, ' ' | ':' | '=' | '"' | '_' | '\'' | '('))
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}
