//! `check`: would it start?

use super::diagnose::FRESH_FOR;
use super::report::{self, Detail};
use super::{Answer, Call};
use crate::errors::Fault;
use crate::find;
use crate::source::Where;
use ecs_why_core::diagnosis::Wish;
use ecs_why_core::given::{self, GivenError};
use ecs_why_core::model::ecs::NetworkConfiguration;
use ecs_why_core::target::{Placement, Target, TargetError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// For lists of tools.
pub const TITLE: &str = "Check before a deployment";
/// For the model.
pub const ABOUT: &str = "Tells whether the tasks of an ECS service or task definition would start, without starting any: walks roles, images, \
                         secrets, log groups and network as the platform would, and adds advice. Takes a service, a revision \
                         (`family:revision`), or the JSON of a definition that is not registered yet. Use it before a deployment, or \
                         to see whether a fix worked. It is not for why a task stopped: that is `diagnose`.";

/// What the tool takes: `target`, or `definition`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Arguments {
    /// `cluster/service`, a service's ARN or console link, `family:revision`, or a task definition's ARN.
    #[schemars(length(min = 1, max = 2048))]
    pub target: Option<String>,
    /// The JSON that `aws ecs register-task-definition --cli-input-json` takes, instead of a target. Values of its environment are not kept.
    pub definition: Option<Map<String, Value>>,
    /// The cluster in which a task definition would run, or of a bare service name.
    pub cluster: Option<String>,
    /// For a task definition: the subnets of its tasks. Network checks need them.
    pub subnets: Option<Vec<String>>,
    /// For a task definition: its tasks' security groups; none: the VPC's default group.
    pub security_groups: Option<Vec<String>>,
    /// For a task definition: whether its tasks get a public address; without it they get none.
    pub assign_public_ip: Option<bool>,
    /// For a task definition: what runs it; without it, what it requires.
    pub launch_type: Option<LaunchType>,
    /// For a task definition: Fargate's platform version.
    pub platform_version: Option<String>,
    /// The account by its name in the server's configuration, if that names several.
    pub account: Option<String>,
    /// The region, as in `us-east-1`, if the target does not name it.
    pub region: Option<String>,
    /// `brief` (the default, at most 6,000 bytes), or `full` for all of the report.
    pub detail: Option<Detail>,
    /// Ask the account anew, even if the same was asked within the last two minutes.
    pub fresh: Option<bool>,
}

/// In ECS's words.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum LaunchType {
    /// Fargate.
    Fargate,
    /// Container instances.
    Ec2,
    /// ECS Anywhere.
    External,
}

impl LaunchType {
    const fn as_str(self) -> &'static str {
        match self {
            LaunchType::Fargate => "FARGATE",
            LaunchType::Ec2 => "EC2",
            LaunchType::External => "EXTERNAL",
        }
    }
}

/// A definition has at most 64 KiB; JSON may take some more.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html>
const LONGEST: usize = 256 * 1024;

/// Checks it.
pub async fn run(mut arguments: Arguments, call: &Call<'_>) -> Result<Answer, Fault> {
    let at = Where { account: arguments.account.take(), region: arguments.region.take() };
    let turn = call.turn().await?;
    let placement = placement(&arguments)?;
    let (target, given) = match (&arguments.target, &arguments.definition) {
        (Some(target), None) => {
            let parsed = match Target::parse(target, arguments.cluster.as_deref()) {
                Err(TargetError::NoCluster(name)) => {
                    let cluster = call.in_time(&turn, find::cluster_of(&name, &at, call)).await?;
                    Target::parse(&name, Some(&cluster))
                }
                parsed => parsed,
            };
            (parsed.map_err(|error| Fault::target(&error))?, None)
        }
        (None, Some(definition)) => {
            let given = definition_of(definition, call)?;
            (Target::given(&given.family), Some(given))
        }
        _ => {
            let message = "either `target` or `definition` is needed, and not both";
            return Err(Fault::argument("target", message, "give one of them"));
        }
    };
    let target = match (&target, placement) {
        (Target::Definition { .. }, placement) => target.placed(placement.unwrap_or_default()),
        (_, None) => target,
        (_, Some(Placement { network: None, launch_type: None, platform_version: None, .. })) => target,
        (_, Some(_)) => {
            let message = format!("`{}` has network settings of its own", target.name());
            return Err(Fault::argument("subnets", message, "leave out what is for a task definition"));
        }
    };
    let asked = format!("check {target:?} {at:?} {given:?}");
    let detail = arguments.detail.unwrap_or_default();
    if arguments.fresh != Some(true)
        && let Some(kept) = call.shared.store.newest(call.caller, &asked, FRESH_FOR)
    {
        return Ok(report::told(&kept, detail));
    }
    let wish = Wish { given, logs: false, rules: call.shared.rules.clone(), ..Wish::check(target) };
    let work = call.shared.source.diagnose(wish, &at, call.reporter, turn.over());
    let done = call.within(&turn, work).await?;
    Ok(report::new(call, asked, done.report, Some(done.evidence), done.complete, detail))
}

/// How a task definition would be run; none if nothing was said.
fn placement(arguments: &Arguments) -> Result<Option<Placement>, Fault> {
    let subnets = arguments.subnets.clone().unwrap_or_default();
    if subnets.is_empty() && (arguments.security_groups.is_some() || arguments.assign_public_ip.is_some()) {
        let message = "`security_groups` and `assign_public_ip` say nothing without `subnets`";
        return Err(Fault::argument("subnets", message, "give `subnets` as well"));
    }
    let network = NetworkConfiguration {
        subnets: subnets.clone(),
        security_groups: arguments.security_groups.clone().unwrap_or_default(),
        public_ip: arguments.assign_public_ip.unwrap_or_default(),
    };
    let name = |name: &String| name.rsplit_once(":cluster/").map_or(name.as_str(), |(_, name)| name).to_owned();
    let placement = Placement {
        cluster: arguments.cluster.as_ref().map(name),
        network: (!subnets.is_empty()).then_some(network),
        launch_type: arguments.launch_type.map(|kind| kind.as_str().to_owned()),
        platform_version: arguments.platform_version.clone(),
    };
    Ok((placement != Placement::default()).then_some(placement))
}

/// The definition, without its values: they become digests here.
fn definition_of(
    definition: &Map<String, Value>,
    call: &Call<'_>,
) -> Result<ecs_why_core::model::ecs::TaskDefinition, Fault> {
    let text = serde_json::to_string(definition).unwrap_or_default();
    if text.len() > LONGEST {
        let message = format!("the definition has {} bytes, and may have {LONGEST}", text.len());
        return Err(Fault::argument("definition", message, "ECS takes at most 64 KiB"));
    }
    given::parse(&text, &call.shared.salt).map_err(|error| {
        // The line is that of a text which nobody has seen.
        let (argument, why) = match error {
            GivenError::At { why, .. } => ("definition".to_owned(), why),
            GivenError::In { what, why } => (format!("definition.{what}"), why.to_owned()),
        };
        Fault::argument(&argument, why, "give what `aws ecs register-task-definition --cli-input-json` takes")
    })
}
