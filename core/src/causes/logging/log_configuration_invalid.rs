//! The log driver rejects its options.

use crate::case::{Container, LaunchType};
use crate::causes::prelude::*;
use crate::change::StoreChange;
use crate::evidence::GapReason;
use crate::model::Unknown;
use crate::model::ecs::LogConfiguration;

documented! {
/// An option of the log driver is missing or makes no sense, or the platform has no such driver.
///
/// # Why a task stops here
/// The driver is opened before the container starts, and refuses options that it cannot work with. On Fargate `awslogs`
/// needs a group, a region and a prefix for streams; an instance knows its own region. A template variable that was not
/// set leaves an empty value, which is none. `splunk` needs an address and a token, and `awsfirelens` a container that is
/// its router.
/// # How it is told
/// The definition's options are compared with what each driver needs. Values other than group, region, prefix and mode
/// are not kept, so that only their being there can be told; of other drivers the words of the stop tell.
/// # Prevention
/// Let the pipeline fail where a template leaves an empty value, and check a definition before it is released.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html>
pub struct LogConfigurationInvalid;
}

/// What Fargate has. <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html>
const OF_FARGATE: [&str; 3] = ["awslogs", "splunk", "awsfirelens"];

/// What is wrong, and the option that it is about.
struct Wrong {
    option: String,
    why: String,
}

fn wrong(option: &str, why: impl Into<String>) -> Wrong {
    Wrong { option: option.to_owned(), why: why.into() }
}

/// As in `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
    match parts.split_last() {
        Some((number, names)) => {
            names.len() >= 2
                && names.iter().all(letters)
                && !number.is_empty()
                && number.chars().all(|c| c.is_ascii_digit())
        }
        None => false,
    }
}

fn on_fargate(case: &Case<'_>) -> bool {
    matches!(case.launch, LaunchType::Fargate | LaunchType::FargateOld)
}

fn awslogs(log: &LogConfiguration, case: &Case<'_>) -> Option<Wrong> {
    let given = |name: &str| log.options.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let mut needed = vec!["awslogs-group"];
    if on_fargate(case) {
        needed.extend(["awslogs-region", "awslogs-stream-prefix"]);
    }
    if let Some(missing) = needed.into_iter().find(|name| given(name).is_none()) {
        let state = if log.options.contains_key(missing) { "is empty" } else { "is missing" };
        return Some(wrong(missing, format!("option {missing} {state}")));
    }
    if let Some(region) = given("awslogs-region").filter(|region| !is_region(region)) {
        return Some(wrong("awslogs-region", format!("option awslogs-region is `{region}`, which is not a region")));
    }
    if let Some(mode) = given("mode").filter(|mode| !matches!(*mode, "blocking" | "non-blocking")) {
        return Some(wrong("mode", format!("option mode is `{mode}`, and not `blocking` or `non-blocking`")));
    }
    let both = ["awslogs-datetime-format", "awslogs-multiline-pattern"];
    let two = both.iter().all(|name| log.hidden.contains_key(*name));
    two.then(|| wrong(both[1], "awslogs-datetime-format and awslogs-multiline-pattern exclude each other"))
}

fn splunk(log: &LogConfiguration) -> Option<Wrong> {
    let given = |name: &str| {
        log.options.contains_key(name)
            || log.hidden.contains_key(name)
            || log.secrets.iter().any(|one| one.name == name)
    };
    let missing = ["splunk-url", "splunk-token"].into_iter().find(|name| !given(name))?;
    Some(wrong(missing, format!("option {missing} is missing")))
}

fn firelens(case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<Wrong>, Unknown> {
    let routers: Vec<Option<bool>> = case.definition?.containers.iter().map(|one| one.is_log_router).collect();
    if routers.contains(&Some(true)) {
        return Ok(None);
    }
    if routers.contains(&None) {
        let detail = "whether a container is a router of FireLens was not kept";
        return Err(facts.lacks("ecs:DescribeTaskDefinition", GapReason::Unsupported, detail));
    }
    Ok(Some(wrong("firelensConfiguration", "no container of the definition is a router of FireLens")))
}

impl LogConfigurationInvalid {
    fn wrong(container: &Container, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<Wrong>, Unknown> {
        let Some(log) = &container.definition.log else { return Ok(None) };
        let driver = log.driver.as_str();
        if on_fargate(case) && !OF_FARGATE.contains(&driver) {
            return Ok(Some(wrong(driver, format!("Fargate has no log driver `{driver}`"))));
        }
        match driver {
            "awslogs" => Ok(awslogs(log, case)),
            "splunk" => Ok(splunk(log)),
            "awsfirelens" => firelens(case, facts),
            _ => Ok(None),
        }
    }
}

impl Cause for LogConfigurationInvalid {
    type Subject = Container;
    const ID: CauseId = CauseId::LogConfigurationInvalid;
    const READS: &'static [&'static [Source]] = &[&[Source::TaskDefinition]];

    fn judge(&self, container: &Container, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if container.definition.log.is_none() {
            return Ok(Verdict::NotApplicable);
        }
        // What is read of a definition is its evidence.
        if let Some(arn) = &case.definition_arn {
            let _ = facts.task_definition(arn.as_str());
        }
        let Some(wrong) = LogConfigurationInvalid::wrong(container, case, facts)? else { return Ok(Verdict::Sound) };
        let driver = container.definition.log.as_ref().map_or("", |log| log.driver.as_str());
        let why = format!("log driver {driver} of container {} cannot be opened: {}", container.name(), wrong.why);
        let resources = case.definition_arn.iter().cloned().chain([wrong.option, container.name().to_owned()]);
        Ok(Finding::on(resources).in_container(container.name()).because(why).into())
    }

    fn fixes(&self, container: &Container, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(wrong) = LogConfigurationInvalid::wrong(container, case, facts)? else { return Ok(vec![]) };
        let by_hand = || {
            Fix::new(
                format!("Give the log driver of container {} what it needs: {}", container.name(), wrong.option),
                Risk::Low,
            )
            .making(Change::ByHand { commands: vec![] })
            .documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html")
        };
        let definition = case.definition?;
        let value = match wrong.option.as_str() {
            "awslogs-region" => case.region.region.clone(),
            "awslogs-stream-prefix" => definition.family.clone(),
            _ => return Ok(vec![by_hand()]),
        };
        let Some(log) = &container.definition.log else { return Ok(vec![]) };
        // An empty or wrong value is there already, and is written by somebody's template: only what is missing is put in.
        let Some(group) = log.options.get("awslogs-group").filter(|_| !log.options.contains_key(&wrong.option)) else {
            return Ok(vec![by_hand()]);
        };
        let beside = ("awslogs-group".to_owned(), group.clone());
        // The edit is made beside that option wherever it stands: another container of that group must not lose what it has.
        let has_other = |other: &LogConfiguration| {
            other.options.get(&beside.0) == Some(&beside.1)
                && other.options.get(&wrong.option).is_some_and(|has| *has != value)
        };
        if definition.containers.iter().filter_map(|one| one.log.as_ref()).any(has_other) {
            return Ok(vec![by_hand()]);
        }
        let title = format!("Give the log driver the option {} ({value}), in a new revision", wrong.option);
        let change = StoreChange::UseLogOption { beside, option: wrong.option.clone(), value };
        Ok(vec![Fix::new(title, Risk::Medium).making(Change::Store(change))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REVISION, Said, definition};
    use crate::model::Salt;
    use crate::model::ecs::SecretReference;

    const ID: CauseId = CauseId::LogConfigurationInvalid;

    fn with(edit: impl FnOnce(&mut LogConfiguration)) -> Fixture {
        Fixture::fargate().app(|app| edit(app.log.as_mut().expect("it logs")))
    }

    fn without(option: &'static str) -> impl FnOnce(&mut LogConfiguration) {
        move |log| drop(log.options.shift_remove(option))
    }

    #[test]
    fn on_fargate_three_options_are_needed_and_an_empty_one_is_none() {
        for option in ["awslogs-group", "awslogs-region", "awslogs-stream-prefix"] {
            let found = with(without(option)).finding(ID);
            assert_eq!(found.resources, [REVISION, option, "app"]);
            let why = format!("log driver awslogs of container app cannot be opened: option {option} is missing");
            assert_eq!(found.explanation, why);
            let empty = with(|log| drop(log.options.insert(option.to_owned(), String::new())));
            assert!(empty.finding(ID).explanation.ends_with("is empty"));
        }
        let on_instance =
            |option| Fixture::ec2().app(|app| without(option)(app.log.as_mut().expect("it logs"))).says(ID);
        assert_eq!([on_instance("awslogs-region"), on_instance("awslogs-group")], [Said::Sound, Said::Fault]);
    }

    #[test]
    fn values_must_make_sense() {
        let option =
            |name: &str, value: &str| with(|log| drop(log.options.insert(name.to_owned(), value.to_owned()))).says(ID);
        for (region, said) in [
            ("eu-west-1", Said::Sound),
            ("us-gov-west-1", Said::Sound),
            ("eusc-de-east-1", Said::Sound),
            ("us-east-1a", Said::Fault),
            ("${AWS_REGION}", Said::Fault),
            ("useast1", Said::Fault),
        ] {
            assert_eq!(option("awslogs-region", region), said, "{region}");
        }
        assert_eq!([option("mode", "non-blocking"), option("mode", "async")], [Said::Sound, Said::Fault]);
        let two = with(|log| {
            for name in ["awslogs-datetime-format", "awslogs-multiline-pattern"] {
                log.hidden.insert(name.to_owned(), Salt::new([0; 32]).digest("x"));
            }
        });
        assert!(two.finding(ID).explanation.ends_with("exclude each other"));
    }

    #[test]
    fn each_driver_needs_its_own_and_fargate_has_three() {
        let driver = |name: &'static str| {
            with(move |log| *log = LogConfiguration { driver: name.to_owned(), ..LogConfiguration::default() })
        };
        assert!(driver("syslog").finding(ID).explanation.ends_with("Fargate has no log driver `syslog`"));
        assert_eq!(driver("syslog").launched_on(LaunchType::Instance).says(ID), Said::Sound);
        assert!(driver("splunk").finding(ID).explanation.ends_with("option splunk-url is missing"));
        let token = SecretReference { name: "splunk-token".into(), value_from: "/splunk".into() };
        let whole = driver("splunk").app(|app| {
            let log = app.log.as_mut().expect("it logs");
            log.hidden.insert("splunk-url".to_owned(), Salt::new([0; 32]).digest("x"));
            log.secrets.push(token);
        });
        assert_eq!(whole.says(ID), Said::Sound);
    }

    #[test]
    fn firelens_needs_a_router() {
        let routed =
            |router| with(|log| log.driver = "awsfirelens".to_owned()).app(|app| app.is_log_router = router).says(ID);
        assert_eq!([routed(Some(true)), routed(Some(false)), routed(None)], [Said::Sound, Said::Fault, Said::Unknown]);
    }

    #[test]
    fn without_the_definition_nothing_is_known_and_without_a_driver_there_is_nothing_to_ask() {
        assert_eq!(with(without("awslogs-region")).gap(definition(REVISION)).says(ID), Said::Unknown);
        assert_eq!(Fixture::fargate().app(|app| app.log = None).says(ID), Said::NotApplicable);
    }

    #[test]
    fn a_missing_option_is_given_where_no_other_container_would_lose_its_own() {
        let missing = with(without("awslogs-region"));
        let fixes = missing.mended(ID);
        assert_eq!(missing.after(&fixes[0]).says(ID), Said::Sound);
        let beside = missing.revision(|revision| {
            let mut other = revision.containers[0].clone();
            other.name = "sidecar".to_owned();
            other.log.as_mut().expect("it logs").options.insert("awslogs-region".to_owned(), "eu-west-1".to_owned());
            revision.containers.push(other);
        });
        assert!(beside.mended(ID)[0].is_by_hand());
        assert!(with(without("awslogs-group")).mended(ID)[0].is_by_hand());
    }
}
