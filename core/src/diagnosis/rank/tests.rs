//! The table of symptom, verdict and gaps, a row a test: what a stop claims, what the causes say, and what comes of it.

use super::*;
use crate::causes::fixture::{Fixture, a_task, at};
use crate::causes::{Judged, find};
use crate::evidence::{Facts, Reading};
use crate::model::Unknown;
use crate::model::ecs::Task;
use crate::symptom::Claim;
use CauseId as C;
use Strength::{Allows, Settles, Suggests};

type Judgement = Result<Verdict, Unknown>;

/// On one resource, so many steps behind the first blocker of the path to `ecr.api`.
fn fault_behind(resource: &str, behind: usize) -> Judgement {
    let endpoint = Some("ecr.api".to_owned());
    Ok(Verdict::Fault(Finding { endpoint, behind, ..Finding::on([resource]).because(resource) }))
}

fn fault(resource: &str) -> Judgement {
    Ok(Verdict::Fault(Finding::on([resource]).because(resource)))
}

fn fault_at(endpoint: &str) -> Judgement {
    Ok(Verdict::Fault(Finding { endpoint: Some(endpoint.to_owned()), ..Finding::on(["rtb-1"]) }))
}

fn healed() -> Judgement {
    Ok(Verdict::Healed(Finding::on(["x"]).healed(at("11:00"))))
}

fn healed_in_doubt() -> Judgement {
    let finding = Finding { doubt: Some("another may have stood there".to_owned()), ..Finding::on(["x"]) };
    Ok(Verdict::Healed(finding.healed(at("11:00"))))
}

fn told() -> Judgement {
    Ok(Verdict::AsTold(Finding::on(["x"])))
}

const SOUND: Judgement = Ok(Verdict::Sound);
const NOT_APPLICABLE: Judgement = Ok(Verdict::NotApplicable);

fn unknown() -> Judgement {
    Err(Unknown::new())
}

fn symptom(claims: &[(CauseId, Strength)]) -> Symptom {
    Symptom {
        stage: claims.first().map_or(Stage::Unknown, |(cause, _)| cause.stage()),
        step: None,
        text: String::new(),
        cut: false,
        facts: indexmap::IndexMap::new(),
        container: None,
        claims: claims.iter().map(|(cause, strength)| Claim { cause: *cause, strength: *strength }).collect(),
        open: false,
        endpoints: vec![],
        exit_code: None,
        source_field: None,
        row: None,
    }
}

fn steps(judged: Vec<(CauseId, Judgement)>) -> Vec<Step> {
    let step = |(id, verdict)| Step {
        cause: find(id).expect("the cause has a file"),
        judged: Judged { subject: 0, verdict, reading: Reading::default() },
    };
    judged.into_iter().map(step).collect()
}

fn ranked(symptom: Option<Symptom>, siblings: Vec<&Task>, judged: Vec<(CauseId, Judgement)>) -> Vec<Ranked> {
    let fixture = Fixture::fargate();
    let case = Case { symptom, siblings, ..fixture.case() };
    let facts = Facts::new(&fixture.evidence);
    rank(&case, &steps(judged), &Explains::of(&case, &facts))
}

/// `image-tag-not-found confirmed`, and `latent` behind it where it is.
fn words(ranked: &[Ranked]) -> Vec<String> {
    let word = |one: &Ranked| format!("{} {}{}", one.id, one.status.as_str(), if one.latent { " latent" } else { "" });
    ranked.iter().map(word).collect()
}

#[test]
fn what_a_stop_claims_and_what_the_account_says_give_status_and_order() {
    type Row = (&'static str, Vec<(CauseId, Strength)>, Vec<(CauseId, Judgement)>, Vec<&'static str>);
    let rows: Vec<Row> = vec![
        (
            "what the stop suggests and the evidence shows is confirmed",
            vec![(C::ImageTagNotFound, Suggests), (C::RepositoryNotFound, Allows)],
            vec![(C::ImageTagNotFound, fault("a")), (C::RepositoryNotFound, SOUND)],
            vec!["image-tag-not-found confirmed", "repository-not-found ruled-out"],
        ),
        (
            "the evidence decides among what the stop allows, against its order",
            vec![(C::ImageTagNotFound, Suggests), (C::RepositoryNotFound, Allows)],
            vec![(C::ImageTagNotFound, NOT_APPLICABLE), (C::RepositoryNotFound, fault("a"))],
            vec!["repository-not-found confirmed"],
        ),
        (
            "a message that leaves no doubt, and evidence that agrees",
            vec![(C::SecretNotFound, Settles)],
            vec![(C::SecretNotFound, fault("s"))],
            vec!["secret-not-found confirmed"],
        ),
        (
            "a message that leaves no doubt, and an account that could not be read",
            vec![(C::SecretNotFound, Settles)],
            vec![(C::SecretNotFound, unknown())],
            vec!["secret-not-found confirmed"],
        ),
        (
            "a message that leaves no doubt, and evidence that is sound now",
            vec![(C::SecretNotFound, Settles)],
            vec![(C::SecretNotFound, SOUND)],
            vec!["secret-not-found likely"],
        ),
        (
            "a settled cause that no file looks at",
            vec![(C::DiskFull, Settles)],
            vec![(C::ImageTagNotFound, SOUND)],
            vec!["disk-full confirmed"],
        ),
        (
            "a fault that was there at the stop and is not now",
            vec![(C::ImageTagNotFound, Suggests)],
            vec![(C::ImageTagNotFound, healed())],
            vec!["image-tag-not-found confirmed"],
        ),
        (
            "a fault that was mended, as far as that can be told, is only likely where it stays in doubt",
            vec![(C::NoEgressRoute, Suggests)],
            vec![(C::NoEgressRoute, healed_in_doubt())],
            vec!["no-egress-route likely"],
        ),
        (
            "two faults on one path: the first stops it, the second waits",
            vec![(C::SecurityGroupEgressBlocked, Suggests), (C::NoEgressRoute, Allows)],
            vec![(C::NoEgressRoute, fault_behind("rtb", 0)), (C::SecurityGroupEgressBlocked, fault_behind("sg", 1))],
            vec!["no-egress-route confirmed", "security-group-egress-blocked confirmed latent"],
        ),
        (
            "a fault at another endpoint than the one that was not reached did not stop it",
            vec![(C::NoEgressRoute, Suggests)],
            vec![(C::NoEgressRoute, fault_at("logs"))],
            vec!["no-egress-route confirmed latent"],
        ),
        (
            "what comes earlier on the path is not known: what was found behind it may never have been reached",
            vec![(C::NetworkAclBlocked, Suggests), (C::NoEgressRoute, Allows)],
            vec![(C::NoEgressRoute, unknown()), (C::NetworkAclBlocked, fault_at("ecr.api"))],
            vec!["network-acl-blocked likely", "no-egress-route possible"],
        ),
        (
            "what comes later on the path does not matter",
            vec![(C::NetworkAclBlocked, Suggests), (C::NoEgressRoute, Allows)],
            vec![(C::NoEgressRoute, fault_at("ecr.api")), (C::NetworkAclBlocked, unknown())],
            vec!["no-egress-route confirmed"],
        ),
        (
            "the special case takes the place of the general one",
            vec![(C::ImageTagNotFound, Settles)],
            vec![(C::ImageExpiredByLifecyclePolicy, fault("a")), (C::ImageTagNotFound, fault("a"))],
            vec!["image-expired-by-lifecycle-policy confirmed"],
        ),
        (
            "a special case that is not known leaves the general one",
            vec![(C::ImageTagNotFound, Settles)],
            vec![(C::ImageExpiredByLifecyclePolicy, unknown()), (C::ImageTagNotFound, fault("a"))],
            vec!["image-tag-not-found confirmed"],
        ),
        (
            "somebody stopped it on purpose: a fault that is there waits for the next launch",
            vec![(C::StoppedByUser, Settles)],
            vec![(C::ImageTagNotFound, fault("a")), (C::StoppedByUser, told())],
            vec!["stopped-by-user confirmed", "image-tag-not-found confirmed latent"],
        ),
        (
            "what only the stop tells is as sure as its words",
            vec![(C::OutOfMemory, Suggests), (C::ApplicationError, Allows)],
            vec![(C::OutOfMemory, told()), (C::ApplicationError, told())],
            vec!["out-of-memory likely", "application-error possible"],
        ),
        (
            "nothing could be read: the stop's own order, and never more than likely",
            vec![(C::RepositoryNotFound, Allows), (C::ImageTagNotFound, Suggests)],
            vec![(C::RepositoryNotFound, unknown()), (C::ImageTagNotFound, unknown())],
            vec!["image-tag-not-found likely", "repository-not-found possible"],
        ),
        (
            "one container of two is not known: nothing is ruled out",
            vec![(C::ImageTagNotFound, Suggests)],
            vec![(C::ImageTagNotFound, SOUND), (C::ImageTagNotFound, unknown())],
            vec!["image-tag-not-found likely"],
        ),
        (
            "a name for not knowing is never confirmed",
            vec![(C::NetworkPathUnexplained, Suggests), (C::NoEgressRoute, Allows)],
            vec![(C::NoEgressRoute, SOUND), (C::NetworkPathUnexplained, told())],
            vec!["network-path-unexplained likely", "no-egress-route ruled-out"],
        ),
    ];
    for (why, claims, judged, expected) in rows {
        let mut stop = symptom(&claims);
        if stop.stage == Stage::Reachability {
            stop.endpoints = vec!["ecr.api".to_owned()];
        }
        assert_eq!(words(&ranked(Some(stop), vec![], judged)), expected, "{why}");
    }
}

#[test]
fn where_message_and_evidence_disagree_the_report_says_so() {
    let claims = symptom(&[(C::SecretNotFound, Settles)]);
    let found = ranked(Some(claims), vec![], vec![(C::SecretNotFound, SOUND)]);
    assert!(found[0].finding.explanation.contains("what can be read now is sound"), "{}", found[0].finding.explanation);
    assert!(found[0].told);
}

#[test]
fn a_sibling_that_runs_well_is_a_witness_against_network_and_role() {
    let sibling = |id: &str, started: &str, edit: fn(&mut Task)| {
        let mut task = a_task();
        task.arn = format!("arn:aws:ecs:us-east-1:111111111111:task/prod/{id}");
        task.last_status = "RUNNING".to_owned();
        task.times.started = Some(at(started));
        edit(&mut task);
        task
    };
    let elsewhere = |task: &mut Task| task.interface.as_mut().expect("it has one").subnet = Some("subnet-2".to_owned());
    let before = |task: &mut Task| task.definition.push('0');
    let rows = [
        (sibling("b", "11:00", |_| {}), "likely", "likely", "the same subnet and revision"),
        (sibling("b", "09:00", |_| {}), "confirmed", "confirmed", "it started before the stop"),
        (sibling("b", "11:00", elsewhere), "confirmed", "likely", "another subnet, the same role"),
        (sibling("b", "11:00", before), "confirmed", "confirmed", "another revision"),
    ];
    for (task, network, role, why) in rows {
        for (id, expected) in
            [(C::NoEgressRoute, network), (C::EcrAuthDenied, role), (C::ImageTagNotFound, "confirmed")]
        {
            let stop = symptom(&[(id, Suggests)]);
            let found = ranked(Some(stop), vec![&task], vec![(id, fault("x"))]);
            assert_eq!(words(&found), [format!("{id} {expected}")], "{why}");
            let noted = found[0]
                .note
                .as_ref()
                .is_some_and(|note| note.starts_with("task b, ") && note.ends_with("is a witness against it"));
            assert_eq!(noted, expected == "likely", "{why}: {:?}", found[0].note);
        }
    }
}

#[test]
fn a_check_confirms_every_fault_in_the_order_of_the_launch_and_nothing_else() {
    let found = ranked(
        None,
        vec![],
        vec![
            (C::LogGroupMissing, fault("g")),
            (C::SecurityGroupEgressBlocked, fault_behind("sg", 1)),
            (C::NoEgressRoute, fault_behind("rtb", 0)),
            (C::ImageTagNotFound, healed()),
            (C::SecretNotFound, unknown()),
            (C::ExecutionRoleMissing, fault("r")),
        ],
    );
    let expected = [
        "execution-role-missing confirmed",
        "no-egress-route confirmed",
        "log-group-missing confirmed",
        "security-group-egress-blocked confirmed latent",
    ];
    assert_eq!(words(&found), expected);
}

#[test]
fn one_thing_at_fault_for_many_services_is_told_once() {
    let judged = ["ecr.api", "secretsmanager", "logs"].map(|endpoint| (C::NoEgressRoute, fault_at(endpoint)));
    let found = ranked(None, vec![], judged.to_vec());
    assert_eq!(words(&found), ["no-egress-route confirmed"]);
    assert_eq!(
        (found[0].finding.endpoint.as_deref(), found[0].finding.also.as_slice()),
        (Some("ecr.api"), &["secretsmanager".to_owned(), "logs".to_owned()][..])
    );
}

#[test]
fn an_application_that_ran_for_a_while_and_failed_by_itself_failed_by_itself() {
    let status = |code, ran: &str| {
        let fixture = Fixture::fargate()
            .ended("EssentialContainerExited", "Essential container in task exited", Some(code), None)
            .task(|task| {
                task.times.started = Some(at("10:02"));
                task.times.execution_stopped = Some(format!("2026-03-01T10:02:{ran}Z").parse().expect("it is a time"));
            });
        let case = fixture.case();
        let facts = Facts::new(&fixture.evidence).at(case.moment());
        let steps = super::super::walk::walk(&case, &facts);
        rank(&case, &steps, &Explains::of(&case, &facts)).into_iter().next().map(|one| (one.id, one.status))
    };
    assert_eq!(status(1, "30"), Some((C::ApplicationError, Status::Confirmed)));
    assert_eq!(status(1, "01"), Some((C::ApplicationError, Status::Likely)), "a program that cannot run ends at once");
    assert_eq!(status(3, "01"), Some((C::ApplicationError, Status::Confirmed)), "a code that is nothing but its own");
}
