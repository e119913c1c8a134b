//! Whole diagnoses over evidence that is built in code: advice, house rules, keepers, accounts, definitions that are given.

use super::{Wish, replay};
use crate::account::{EVIDENCE_VERSION, Entry, EvidenceFile};
use crate::causes::fixture::{ACCOUNT, Fixture, REGION, TASK, a_role, at, ecr_image, revision, role, statement};
use crate::change::{HouseRules, Permit, Prefer};
use crate::evidence::{Answer, GapReason, Known, Question};
use crate::model::ecs::{Cluster, Identity, NetworkConfiguration, TaskDefinition};
use crate::model::stores::{ImageId, Repository};
use crate::model::{CauseId, Keeper};
use crate::network::lab;
use crate::report::{CheckState, FixSection, Outcome, Report, TargetKind};
use crate::target::{GIVEN, Placement, Target};

mod guides;
mod in_time;

fn evidence_file(fixture: &Fixture, wish: &Wish) -> EvidenceFile {
    let me = Identity { account: ACCOUNT.to_owned(), arn: format!("arn:aws:iam::{ACCOUNT}:user/me") };
    let cluster = Cluster { name: "prod".to_owned(), status: "ACTIVE".to_owned(), instances: 0 };
    let (of, service) = (|| "prod".to_owned(), || "web".to_owned());
    let id = TASK.rsplit('/').next().unwrap_or_default().to_owned();
    let fixture = fixture
        .clone()
        .with(Question::Identity {}, Known::Identity(me))
        .with(Question::Cluster { cluster: of() }, Known::Cluster(cluster))
        .with(Question::RunningTasks { cluster: of(), service: service() }, Known::RunningTasks(vec![]))
        .with(Question::StoppedTasks { cluster: of(), service: service() }, Known::StoppedTasks(vec![id]));
    // A check also asks how large the image is for the task's platform.
    let child = Question::Image {
        region: REGION.to_owned(),
        registry: ACCOUNT.to_owned(),
        repository: "team/web".to_owned(),
        image: ImageId::Digest(format!("sha256:{:0>64}", "amd64")),
    };
    let fixture = fixture.with(child, Known::Image(ecr_image("amd64", "09:00")));
    EvidenceFile {
        ecs_why_evidence: EVIDENCE_VERSION,
        target: wish.target.clone(),
        check: wish.check,
        logs: false,
        rules: wish.rules.clone(),
        region: REGION.to_owned(),
        now: at("12:00"),
        calls: 0,
        elapsed_ms: 0,
        answers: Entry::all(&fixture.evidence),
    }
}

fn report(fixture: &Fixture, wish: &Wish) -> Report {
    replay(&evidence_file(fixture, wish)).expect("there is a report")
}

fn web() -> Target {
    Target::parse("prod/web", None).expect("it is a target")
}

/// The fixes of the first cause.
fn fixes(report: &Report) -> Vec<&FixSection> {
    let first = report.causes.first().expect("there is a cause");
    report.fixes.iter().filter(|fix| first.fixes.contains(&fix.id)).collect()
}

// ------------------------------------------------------------------------------------------------ advice

#[test]
fn a_check_advises_and_stays_sound_and_a_diagnosis_asks_nothing_for_it() {
    let check = report(&Fixture::fargate(), &Wish::check(web()));
    assert_eq!(check.outcome, Outcome::Sound);
    let ids: Vec<&str> = check.advice.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["tags-mutable", "image-not-pinned", "not-managed-as-code"]);
    let evidence = |id: &String| check.evidence.iter().any(|one| one.id == *id);
    assert!(check.advice.iter().all(|one| !one.evidence.is_empty() && one.evidence.iter().all(evidence)));
    let why = report(&Fixture::fargate().stopped("TaskFailedToStart", "?"), &Wish::why(web()));
    assert_eq!(why.advice, []);
    let asked = |report: &Report| report.gaps.iter().any(|gap| gap.action == "ecr:ListTagsForResource");
    assert!(!asked(&why) && !asked(&check), "what advice may not read is no gap");
}

#[test]
fn advice_changes_neither_the_outcome_nor_the_gaps_of_a_check() {
    let blind = Fixture::fargate().gap(crate::causes::fixture::lifecycle_policy());
    let (seen, blind) = (report(&Fixture::fargate(), &Wish::check(web())), report(&blind, &Wish::check(web())));
    assert_eq!((seen.outcome, seen.gaps), (blind.outcome, blind.gaps));
}

// ------------------------------------------------------------------------------------------------ house rules

/// No way out: endpoints or a NAT gateway would mend it.
fn closed() -> Fixture {
    Fixture::fargate().network(|lab| {
        lab.tables[1].routes.truncate(1);
        lab.nats.clear();
    })
}

fn titles(rules: HouseRules) -> Vec<String> {
    let report = report(&closed(), &Wish { rules, ..Wish::check(web()) });
    assert_eq!(report.causes.first().map(|one| one.id), Some(CauseId::NoEgressRoute));
    fixes(&report).iter().map(|fix| fix.title.clone()).collect()
}

#[test]
fn what_a_house_prefers_comes_first() {
    let prefer = |prefer| titles(HouseRules { prefer: Some(prefer), ..HouseRules::default() });
    let (nat, endpoints) = (prefer(Prefer::Nat), prefer(Prefer::Endpoints));
    assert!(nat[0].starts_with("Create a NAT gateway"), "{nat:?}");
    assert!(endpoints[0].starts_with("Create the VPC endpoints"), "{endpoints:?}");
    let sorted = |mut titles: Vec<String>| {
        titles.sort();
        titles
    };
    assert_eq!(sorted(nat), sorted(endpoints), "nothing is lost");
}

#[test]
fn what_a_house_forbids_is_not_offered_and_the_report_says_so() {
    let bare = Fixture::fargate().settings(|network| network.subnets = vec![lab::PUBLIC.to_owned()]);
    let offered = |rules: HouseRules| {
        let report = report(&bare, &Wish { rules, ..Wish::check(web()) });
        assert_eq!(report.causes.first().map(|one| one.id), Some(CauseId::PublicIpMissing));
        let gives = |fix: &&FixSection| fix.commands.iter().any(|command| command.contains("ENABLED"));
        (fixes(&report).iter().filter(|fix| gives(fix)).count(), report.notes)
    };
    assert_eq!(offered(HouseRules::default()).0, 1);
    let (left, notes) = offered(HouseRules { public_ip: Some(Permit::Never), ..HouseRules::default() });
    assert_eq!(left, 0);
    assert!(notes.iter().any(|note| note.contains("house rule `public-ip` forbids it")), "{notes:?}");
}

// ------------------------------------------------------------------------------------------------ keepers, accounts

fn without_rights() -> Fixture {
    let nothing = statement("Allow", &["logs:PutLogEvents"], "*");
    Fixture::fargate().policies("web-execution", &[], &[("logs", nothing)])
}

#[test]
fn whoever_keeps_the_role_is_named_beside_the_fix() {
    let mut kept = a_role("web-execution");
    kept.tags.insert("aws:cloudformation:stack-name".to_owned(), "web-stack".to_owned());
    let kept = without_rights().with(role("web-execution"), Known::Role(kept));
    let report = report(&kept, &Wish::check(web()));
    let fix = fixes(&report)[0];
    assert_eq!(fix.account.as_deref(), Some(ACCOUNT));
    assert_eq!(fix.keepers[0].resource, "web-execution");
    assert!(fix.keepers[0].text.starts_with("role web-execution belongs to the CloudFormation stack web-stack: "));
    assert!(fixes(&self::report(&without_rights(), &Wish::check(web())))[0].keepers.is_empty());
}

#[test]
fn a_route_table_of_terraform_is_named_beside_the_route() {
    let kept = closed().network(|lab| lab.tables[1].keeper = Keeper::Terraform { place: Some("net".to_owned()) });
    let report = report(
        &kept,
        &Wish { rules: HouseRules { prefer: Some(Prefer::Nat), ..HouseRules::default() }, ..Wish::check(web()) },
    );
    assert_eq!(fixes(&report)[0].keepers[0].keeper, "Terraform (net)");
}

#[test]
fn across_accounts_each_has_a_fix_of_its_own_that_says_whose_it_is() {
    const OWNER: &str = "222222222222";
    let of = || (REGION.to_owned(), OWNER.to_owned(), "team/web".to_owned());
    let (region, registry, repository) = of();
    let found = Repository {
        name: repository.clone(),
        arn: format!("arn:aws:ecr:{REGION}:{OWNER}:repository/team/web"),
        immutable: true,
        kms_key: None,
        created: None,
    };
    let image = ImageId::Tag("v42".to_owned());
    let foreign = without_rights()
        .policies("web-execution", &[], &[("token", statement("Allow", &["ecr:GetAuthorizationToken"], "*"))])
        .app(|app| app.image = app.image.replace(ACCOUNT, OWNER))
        .with(Question::Repository { region, registry, repository }, Known::Repository(found));
    let (region, registry, repository) = of();
    let foreign =
        foreign.with(Question::Image { region, registry, repository, image }, Known::Image(ecr_image("v42", "09:00")));
    let (region, registry, repository) = of();
    let foreign = foreign.absent(Question::RepositoryPolicy { region, registry, repository });
    let report = report(&foreign, &Wish::check(web()));
    // Going back is one more fix, and another change.
    let accounts = |id: CauseId, command: &str| {
        let cause = report.causes.iter().find(|one| one.id == id).expect("both sides lack it");
        let own = report.fixes.iter().filter(|fix| cause.fixes.contains(&fix.id));
        let such = own.filter(|fix| fix.commands.iter().any(|one| one.contains(command)));
        such.filter_map(|fix| fix.account.clone()).collect::<std::collections::BTreeSet<_>>()
    };
    let policy = accounts(CauseId::RepositoryPolicyDenied, "set-repository-policy");
    assert_eq!(policy, [OWNER.to_owned()].into());
    assert_eq!(accounts(CauseId::EcrPullDenied, "put-role-policy"), [ACCOUNT.to_owned()].into());
}

#[test]
fn a_fix_says_how_to_see_that_it_helped() {
    let report = report(&without_rights(), &Wish::check(web()));
    let verify = fixes(&report)[0].verify.join("\n");
    let role = "arn:aws:iam::111111111111:role/web-execution";
    for step in [
        "ecs-why check prod/web".to_owned(),
        format!(
            "aws iam simulate-principal-policy --policy-source-arn {role} --action-names ecr:GetAuthorizationToken"
        ),
        "aws ecs wait services-stable --cluster prod --services web".to_owned(),
        "aws ecs describe-services --cluster prod --services web --query 'services[].events[:5].[createdAt,message]'"
            .to_owned(),
        "aws logs tail /ecs/web --since 5m".to_owned(),
    ] {
        assert!(verify.contains(&step), "no {step} in {verify}");
    }
    assert!(!verify.contains("elbv2"), "no load balancer asks for it: {verify}");
    let group = "arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/web/0123456789abcdef";
    let balanced = without_rights().service(|service| service.target_groups.push(group.to_owned()));
    let verify = fixes(&self::report(&balanced, &Wish::check(web())))[0].verify.join("\n");
    assert!(verify.contains(&format!("aws elbv2 describe-target-health --target-group-arn {group}")), "{verify}");
}

// ------------------------------------------------------------------------------------------------ who registered it

#[test]
fn the_report_says_who_registered_the_revision_and_when() {
    let arn = "arn:aws:sts::111111111111:assumed-role/deploy/ci-77";
    let told = Fixture::fargate().stopped("TaskFailedToStart", "?").revision(|revision| {
        revision.registered_at = Some(at("09:55"));
        revision.registered_by = Some(arn.to_owned());
    });
    let report = report(&told, &Wish::why(web()));
    let revision = report.target.revision.as_ref().expect("it is known");
    assert_eq!((revision.registered_at, revision.registered_by.as_deref()), (Some(at("09:55")), Some(arn)));
    assert!(report.timeline[0].what.starts_with("web:42 was registered by arn:aws:sts::"));
    let text = crate::render::text(&report, &crate::render::Look::default());
    assert!(text.contains("web:42 was registered at 2026-03-01 09:55 UTC by role deploy (session"), "{text}");
}

// ------------------------------------------------------------------------------------------------ given definitions

fn in_subnets(subnets: &[&str]) -> Placement {
    let network = NetworkConfiguration {
        subnets: subnets.iter().map(|subnet| (*subnet).to_owned()).collect(),
        security_groups: vec!["sg-task".to_owned()],
        public_ip: false,
    };
    Placement { network: Some(network), ..Placement::default() }
}

/// The definition of revision 42, as if it were in a file.
fn given(placement: Placement) -> (Fixture, Wish) {
    let definition =
        TaskDefinition { revision: 0, status: None, arn: format!("{GIVEN}web"), ..revision(&format!("{GIVEN}web")) };
    let question = Question::TaskDefinition { definition: format!("{GIVEN}web") };
    let fixture = Fixture::fargate().with(question, Known::TaskDefinition(definition));
    (fixture, Wish::check(Target::given("web").placed(placement)))
}

#[test]
fn a_definition_with_its_subnets_is_judged_like_a_service() {
    let (fixture, wish) = given(in_subnets(&[lab::TASK]));
    let report = report(&fixture, &wish);
    assert_eq!((report.outcome, report.target.kind), (Outcome::Sound, TargetKind::TaskDefinition));
    assert_eq!(
        (report.headline.as_str(), report.target.launch_type.as_deref()),
        ("web is sound: no check of its launch path fails", Some("FARGATE"))
    );
    let shown = report.evidence.iter().find(|one| one.subject.ends_with("web") && one.source == "given");
    assert!(shown.is_some(), "ECS did not tell of it");
}

#[test]
fn without_subnets_the_network_is_a_gap_and_no_guess() {
    let (fixture, wish) = given(Placement::default());
    let report = report(&fixture, &wish);
    assert_eq!(report.outcome, Outcome::Undetermined);
    let gap = report.gaps.iter().find(|gap| gap.reason == GapReason::NotAsked).expect("it is said");
    assert!(gap.detail.as_deref().is_some_and(|detail| detail.contains("--subnets")), "{gap:?}");
    assert!(report.notes.iter().any(|note| note.contains("no subnets were given")), "{:?}", report.notes);
    let state = |stage| report.launch_path.iter().find(|one| one.stage == stage).map(|one| one.state);
    assert_eq!(state(crate::model::Stage::Reachability), Some(CheckState::Unknown));
    assert_eq!(state(crate::model::Stage::Role), Some(CheckState::Passed));
}

#[test]
fn the_fix_for_a_definition_in_a_file_names_no_revision_that_is_not_there() {
    let (fixture, wish) = given(in_subnets(&[lab::TASK]));
    let gone = fixture
        .absent(crate::causes::fixture::image("v42"))
        .with(crate::causes::fixture::images(), Known::Images(vec![crate::causes::fixture::ecr_image("v41", "06:30")]));
    let report = report(&gone, &wish);
    assert_eq!(report.causes.first().map(|one| one.id), Some(CauseId::ImageTagNotFound));
    let fix = fixes(&report)[0];
    assert_eq!(fix.commands, Vec::<String>::new());
    assert!(
        fix.note.as_deref().is_some_and(|note| note.contains("in the definition, the image of container app becomes"))
    );
}

#[test]
fn a_registered_revision_is_checked_in_its_cluster() {
    let target = |cluster: Option<&str>| Target::parse(crate::causes::fixture::REVISION, cluster).expect("it is one");
    let placed = |cluster: Option<&str>| {
        let placement = Placement { cluster: cluster.map(str::to_owned), ..in_subnets(&[lab::TASK]) };
        Wish::check(target(cluster).placed(placement))
    };
    let report = report(&Fixture::fargate(), &placed(Some("prod")));
    assert_eq!((report.outcome, report.target.task_definition.as_deref()), (Outcome::Sound, Some("web:42")));
    let gone = Fixture::fargate().with(Question::Clusters {}, Known::Clusters(vec!["prod".to_owned()]));
    let mut file = evidence_file(&gone, &placed(Some("test")));
    file.answers.push(Entry {
        question: Question::Cluster { cluster: "test".into() },
        answer: Answer::Absent,
        at: at("12:00"),
    });
    assert!(replay(&file).expect_err("there is none").to_string().starts_with("there is no cluster `test`"));
    let why = replay(&evidence_file(&Fixture::fargate(), &Wish::why(target(None)))).expect_err("it has no failures");
    assert!(why.to_string().contains("ecs-why check web:42"), "{why}");
}

// ------------------------------------------------------------------------------------------------ negative tests

#[test]
fn a_bad_change_gives_its_cause() {
    let sound = report(&Fixture::fargate(), &Wish::check(web()));
    assert_eq!(sound.outcome, Outcome::Sound, "the same launch without the change: {:?}", sound.gaps);
    let routeless = report(&closed(), &Wish::check(web()));
    assert_eq!((routeless.outcome, routeless.causes[0].id), (Outcome::Failed, CauseId::NoEgressRoute));
}

#[test]
fn too_little_memory_gives_out_of_memory_with_the_limit() {
    let killed = |memory: i64| {
        let small = Fixture::ec2().app(|app| app.memory = Some(memory)).ended(
            "EssentialContainerExited",
            "Essential container in task exited",
            Some(137),
            Some("OutOfMemoryError: Container killed due to memory usage"),
        );
        report(&small, &Wish::why(web()))
    };
    let report = killed(128);
    assert_eq!((report.outcome, report.causes[0].id), (Outcome::Failed, CauseId::OutOfMemory));
    assert!(report.causes[0].explanation.contains("its own limit is 128 MiB"), "{}", report.causes[0].explanation);
}
