//! VPC endpoints: which one a name is served by, and what is missing where there is no way out.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>,
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>

use super::path::{Blocker, Part};
use super::scene::Scene;
use crate::model::CauseId;
use crate::model::network::VpcEndpoint;

/// What a launch needs: a VPC that has one of these was meant to do without a way to the internet.
const FOR_A_LAUNCH: [&str; 6] = ["ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager", "ssm"];

/// Do the names of the service lead to an interface endpoint, for clients with Amazon's resolver?
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Use {
    Yes,
    No,
    Perhaps(String),
}

pub(crate) fn is_available(endpoint: &VpcEndpoint) -> bool {
    // EC2 answers in lower case, its model is in upper case. `partial`: some zones only, and any zone serves the VPC.
    ["available", "partial"].iter().any(|state| endpoint.state.eq_ignore_ascii_case(state))
}

pub(crate) fn used(scene: &Scene<'_>, endpoint: &VpcEndpoint) -> Use {
    let id = &endpoint.id;
    if !endpoint.private_dns || endpoint.private_dns_only_for_inbound_resolver || scene.dns_hostnames == Some(false) {
        return Use::No;
    }
    if scene.destination.service.as_ref().is_some_and(|service| service.dual_stack) {
        return Use::Perhaps(format!("whether `{id}` answers to the dual-stack name `{}`", scene.destination.host));
    }
    if !is_available(endpoint) {
        return Use::Perhaps(format!("whether names still lead to `{id}`, which is `{}`", endpoint.state));
    }
    match scene.dns_hostnames {
        Some(_) => Use::Yes,
        None => Use::Perhaps(format!("whether the VPC's DNS hostnames are on, without which `{id}` is not used")),
    }
}

/// The connection ends at an endpoint that does not work.
pub(crate) fn not_available(scene: &Scene<'_>, endpoint: &VpcEndpoint) -> Blocker {
    let VpcEndpoint { id, service, state, .. } = endpoint;
    let vpc = scene.vpc_id().map(str::to_owned);
    Blocker {
        cause: CauseId::VpcEndpointNotAvailable,
        resources: [id.clone()].into_iter().chain(vpc).collect(),
        explanation: format!("endpoint `{id}` of `{service}` is `{state}` and serves nobody"),
        parts: vec![Part::Endpoints],
    }
}

/// Why there is no way to the destination, given that no route leads there; or what is not known about it.
///
/// `ends` says how the way ends: "route table `rtb-1` of subnet `subnet-1` has no route to ...".
pub(crate) fn no_way(scene: &Scene<'_>, ends: &str, table: &str, also: &[Part]) -> Result<Blocker, String> {
    let subnet = scene.client.subnet.as_str();
    let ids = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
    let parts = |own: &[Part]| [Part::RouteTables].iter().chain(own).chain(also).copied().collect::<Vec<_>>();
    let no_route = |explanation: String, own: &[Part]| Blocker {
        cause: CauseId::NoEgressRoute,
        resources: ids(&[table, subnet]).into_iter().chain(scene.vpc_id().map(str::to_owned)).collect(),
        explanation,
        parts: parts(own),
    };
    let Some(service) = &scene.destination.service else {
        let host = &scene.destination.host;
        return Ok(no_route(format!("{ends}, and no VPC endpoint can serve `{host}`: it takes a NAT gateway"), &[]));
    };
    let Some(endpoints) = &scene.endpoints else {
        return Err(format!("{ends}; the VPC's endpoints are not known"));
    };
    if let Some(found) = unused(scene, ends, table)? {
        return Ok(Blocker { parts: parts(&[Part::Endpoints]), ..found });
    }
    if !scene.lists_are_complete() {
        return Err(format!("{ends}; the VPC may have endpoints that this account cannot see"));
    }
    let is_one = |endpoint: &&&VpcEndpoint| {
        let tail = |name: &str| endpoint.service.ends_with(&format!(".{}.{name}", service.region));
        FOR_A_LAUNCH.iter().any(|name| tail(name))
    };
    let some = endpoints.iter().find(is_one).filter(|_| scene.destination.same_region);
    match (some, scene.vpc_id()) {
        (Some(some), Some(vpc)) => Ok(Blocker {
            cause: CauseId::VpcEndpointMissing,
            resources: ids(&[vpc, subnet, table]),
            explanation: format!(
                "`{vpc}` has no endpoint of `{}`, though it has one of `{}`, and {ends}",
                service.endpoint_service(),
                some.service
            ),
            parts: parts(&[Part::Endpoints]),
        }),
        (Some(_), None) => Err(format!("{ends}; the VPC is not known")),
        (None, _) => {
            let text = format!("{ends}: no NAT gateway, no internet gateway, and no endpoint of `{}`", service.name);
            Ok(no_route(text, &[Part::Endpoints]))
        }
    }
}

/// An endpoint of the service is there and is not used.
fn unused(scene: &Scene<'_>, ends: &str, table: &str) -> Result<Option<Blocker>, String> {
    let subnet = &scene.client.subnet;
    let blocker = |cause, resources, explanation| Ok(Some(Blocker { cause, resources, explanation, parts: vec![] }));
    let is_gateway = |endpoint: &&VpcEndpoint| endpoint.kind.eq_ignore_ascii_case("gateway");
    // A gateway carries no other region's traffic.
    let all = scene.endpoints_of_service();
    let gateways: Vec<&VpcEndpoint> = all.iter().copied().filter(is_gateway).collect();
    if let Some(gateway) = gateways.iter().find(|gateway| is_available(gateway)) {
        let id = &gateway.id;
        if gateway.route_tables.iter().any(|associated| associated == table) {
            return Err(format!("`{id}` is associated with `{table}`, and the table shows no route to it"));
        }
        let text = format!(
            "gateway endpoint `{id}` is not associated with route table `{table}` of subnet `{subnet}`, which has no other way to S3"
        );
        return blocker(CauseId::S3GatewayRouteMissing, vec![id.clone(), table.to_owned(), subnet.clone()], text);
    }
    let interfaces = scene.interface_endpoints();
    if let Some(broken) = gateways.iter().chain(&interfaces).find(|endpoint| !is_available(endpoint)) {
        let found = not_available(scene, broken);
        let explanation = format!("{}, and {ends}", found.explanation);
        return Ok(Some(Blocker { explanation, ..found }));
    }
    let Some(endpoint) = interfaces.first() else { return Ok(None) };
    let id = &endpoint.id;
    let vpc = scene.vpc_id().map(str::to_owned);
    match used(scene, endpoint) {
        Use::Yes => Err(format!("{ends}, though endpoint `{id}` should answer to the name")),
        Use::Perhaps(why) => Err(format!("{ends}; it is not known {why}")),
        Use::No if endpoint.private_dns && !endpoint.private_dns_only_for_inbound_resolver => {
            // What is to be changed is the VPC: the endpoint asks for names that the VPC does not hand out.
            let Some(vpc) = vpc else { return Err(format!("{ends}; the VPC is not known")) };
            let text =
                format!("DNS hostnames are off in `{vpc}`, so that names do not lead to endpoint `{id}`, and {ends}");
            blocker(CauseId::VpcEndpointPrivateDnsDisabled, vec![vpc, id.clone()], text)
        }
        Use::No => {
            let what = if endpoint.private_dns { "is for inbound resolver endpoints only" } else { "is off" };
            let text = format!("private DNS of endpoint `{id}` {what}, so that the name leads past it, and {ends}");
            let resources = [id.clone()].into_iter().chain(vpc).collect();
            blocker(CauseId::VpcEndpointPrivateDnsDisabled, resources, text)
        }
    }
}
