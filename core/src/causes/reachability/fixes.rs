//! Changes that open a way: endpoints, routes, rules. With the real ids of the case.

use super::blocked::blocker;
use crate::case::LaunchType;
use crate::causes::prelude::*;
use crate::change::command;
use crate::launch::needs::{Need, needs};
use crate::launch::ways::{instance_of, ways};
use crate::model::Unknown;
use crate::model::network::{GroupRule, InternetGateway, Route, RouteTable, RouteTarget, Subnet, VpcEndpoint};

pub(super) const ENDPOINT_PAGE: &str = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html";
pub(super) const NAT_PAGE: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html";
pub(super) const ANYWHERE: &str = "0.0.0.0/0";
pub(super) const ANYWHERE_V6: &str = "::/0";

/// The subnets of a VPC.
pub(super) struct Neighbourhood<'e> {
    /// The VPC.
    pub vpc: String,
    /// Its subnets.
    pub subnets: &'e [Subnet],
    /// Its route tables.
    pub tables: &'e [RouteTable],
    /// Its endpoints.
    pub endpoints: &'e [VpcEndpoint],
    /// Its internet gateways.
    pub gateways: &'e [InternetGateway],
}

impl<'e> Neighbourhood<'e> {
    /// Everything around a subnet.
    pub(super) fn of(facts: &Facts<'e>, subnet: &str) -> Result<Option<Self>, Unknown> {
        let Some(own) = facts.subnet(subnet)? else { return Ok(None) };
        let (subnets, tables) = (facts.vpc_subnets(&own.vpc), facts.route_tables(&own.vpc));
        let (endpoints, gateways) = (facts.vpc_endpoints(&own.vpc), facts.internet_gateways(&own.vpc));
        Ok(Some(Neighbourhood {
            vpc: own.vpc.clone(),
            subnets: subnets?.map_or(&[], Vec::as_slice),
            tables: tables?.map_or(&[], Vec::as_slice),
            endpoints: endpoints?.map_or(&[], Vec::as_slice),
            gateways: gateways?.map_or(&[], Vec::as_slice),
        }))
    }

    /// The table that holds for a subnet: its own, or else the main one.
    pub(super) fn table(&self, subnet: &str) -> Option<&'e RouteTable> {
        let own = self.tables.iter().find(|table| table.subnets.iter().any(|one| one == subnet));
        own.or_else(|| self.tables.iter().find(|table| table.main))
    }

    /// A subnet whose table leads to an internet gateway, in the same zone if there is one.
    pub(super) fn public_subnet(&self, near: &str) -> Option<&'e Subnet> {
        let zone = self.subnets.iter().find(|subnet| subnet.id == near).map(|subnet| subnet.zone.as_str());
        let public = |subnet: &&Subnet| {
            self.table(&subnet.id).is_some_and(|table| {
                table.routes.iter().any(|route| {
                    route.destination == ANYWHERE
                        && !route.blackhole
                        && matches!(route.target, RouteTarget::InternetGateway(_))
                })
            })
        };
        let mut found: Vec<&Subnet> = self.subnets.iter().filter(public).collect();
        found.sort_by_key(|subnet| (Some(subnet.zone.as_str()) != zone, subnet.id.as_str()));
        found.first().copied()
    }

    /// One subnet a zone among those that tasks use: an endpoint takes no two of one zone.
    fn one_a_zone(&self, used: &[String]) -> Vec<String> {
        let mut zones: Vec<&str> = vec![];
        let mut chosen = vec![];
        for subnet in self.subnets.iter().filter(|subnet| used.contains(&subnet.id)) {
            if !zones.contains(&subnet.zone.as_str()) {
                zones.push(&subnet.zone);
                chosen.push(subnet.id.clone());
            }
        }
        chosen
    }
}

/// Subnets in which tasks of the case may be: the service's, and the one where it failed.
pub(super) fn used_subnets(case: &Case<'_>, failed: &str) -> Vec<String> {
    let mut used = vec![failed.to_owned()];
    if let Ok(network) = case.network {
        used.extend(network.subnets.iter().filter(|subnet| *subnet != failed).cloned());
    }
    used
}

/// Route tables of those subnets, each once.
pub(super) fn used_tables(around: &Neighbourhood<'_>, used: &[String]) -> Vec<String> {
    let mut tables: Vec<String> = vec![];
    for table in used.iter().filter_map(|subnet| around.table(subnet)) {
        if !tables.contains(&table.id) {
            tables.push(table.id.clone());
        }
    }
    tables
}

/// Every endpoint that the launch lacks, all of a path together: with only one of them the next attempt fails at the next.
pub(super) fn missing_endpoints(
    need: &Need,
    case: &Case<'_>,
    facts: &Facts<'_>,
    failed: &str,
) -> Result<Option<Fix>, Unknown> {
    let Some(around) = Neighbourhood::of(facts, failed)? else { return Ok(None) };
    let used = used_subnets(case, failed);
    let groups = endpoint_groups(case, facts, &around)?;
    let mut fix = Fix::new(String::new(), Risk::Low).documented_at(ENDPOINT_PAGE);
    let mut names = vec![];
    // What goes over an interface of AWS's needs no endpoint, and nothing can be read of its way.
    for other in needs(case, facts)?.into_iter().filter(|other| !other.hidden) {
        let Some(service) = other.destination.service.as_ref().filter(|_| other.destination.same_region) else {
            continue;
        };
        let bare = ways(case, facts, &other)?.iter().any(|way| {
            // An endpoint serves in the place of every way out, whatever is wrong with that.
            let kinds = [
                CauseId::VpcEndpointMissing,
                CauseId::NoEgressRoute,
                CauseId::PublicIpMissing,
                CauseId::RouteBlackhole,
                CauseId::NatGatewayBroken,
            ];
            way.path.blockers.iter().any(|blocker| kinds.contains(&blocker.cause))
        });
        if !bare && other.endpoint != need.endpoint {
            continue;
        }
        let name = service.endpoint_service();
        if names.contains(&other.endpoint) || around.endpoints.iter().any(|one| service.is_served_by(&one.service)) {
            continue;
        }
        let change = if other.endpoint == "s3" {
            let Some(list) = s3_prefix_list(case, facts)? else { return Ok(None) };
            let route_tables = used_tables(&around, &used);
            Change::CreateGatewayEndpoint { vpc: around.vpc.clone(), service: name, route_tables, prefix_list: list }
        } else {
            let (subnets, security_groups) = (around.one_a_zone(&used), groups.clone());
            let admitted = client_groups(case, facts)?;
            if groups.is_empty() && admitted.is_empty() {
                return Ok(None);
            }
            let vpc = around.vpc.clone();
            Change::CreateInterfaceEndpoint { vpc, service: name, subnets, security_groups, admitted }
        };
        names.push(other.endpoint);
        fix = fix.making(change);
    }
    if names.is_empty() {
        return Ok(None);
    }
    let plural = if names.len() == 1 { "endpoint" } else { "endpoints" };
    fix.title = match names.as_slice() {
        [one] if one == "s3" => "Create the S3 gateway endpoint".to_owned(),
        _ => format!("Create the VPC {plural} for {}", names.join(", ")),
    };
    if names.iter().any(|name| name != "s3") {
        fix = fix.noting("interface endpoints cost money by the hour and zone; the gateway endpoint for S3 does not");
    }
    Ok(Some(fix))
}

/// Groups that an endpoint in use has already, and that let the tasks in; else the tasks' own, when they trust each other.
fn endpoint_groups(case: &Case<'_>, facts: &Facts<'_>, around: &Neighbourhood<'_>) -> Result<Vec<String>, Unknown> {
    let clients = client_groups(case, facts);
    let range = facts.vpc(&around.vpc)?.map(|vpc| vpc.cidrs.clone()).unwrap_or_default();
    let own = clients?;
    for endpoint in around.endpoints.iter().filter(|one| one.kind.eq_ignore_ascii_case("interface")) {
        for group in &endpoint.security_groups {
            let Some(found) = facts.security_group(group)? else { continue };
            let admits = found.ingress.iter().any(|rule| {
                (rule.protocol == "-1" || rule.ports.is_some_and(|(from, to)| (from..=to).contains(&443)))
                    && (rule.groups.iter().any(|one| own.contains(one))
                        || rule.cidrs.iter().any(|cidr| cidr == ANYWHERE || range.contains(cidr)))
            });
            if admits {
                return Ok(vec![group.clone()]);
            }
        }
    }
    for group in &own {
        let Some(found) = facts.security_group(group)? else { continue };
        let admits = found.ingress.iter().any(|rule| {
            (rule.protocol == "-1" || rule.ports.is_some_and(|(from, to)| (from..=to).contains(&443)))
                && rule.groups.contains(group)
        });
        if admits {
            return Ok(vec![group.clone()]);
        }
    }
    Ok(vec![])
}

/// The id of S3's prefix list in the case's region.
pub(super) fn s3_prefix_list(case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<String>, Unknown> {
    let name = format!(".{}.s3", case.region.region);
    Ok(facts
        .aws_prefix_lists()?
        .and_then(|all| all.iter().find(|list| list.name.ends_with(&name)))
        .map(|one| one.id.clone()))
}

/// A way out to everything: over a NAT gateway that works already, or over a new one.
pub(super) fn way_out(case: &Case<'_>, facts: &Facts<'_>, failed: &str) -> Result<Vec<Fix>, Unknown> {
    let Some(around) = Neighbourhood::of(facts, failed)? else { return Ok(vec![]) };
    let Some(table) = around.table(failed) else { return Ok(vec![]) };
    let replace = table.routes.iter().any(|route| route.destination == ANYWHERE);
    let (vpc, route_table) = (around.vpc.clone(), table.id.clone());
    let working = facts.nat_gateways(&around.vpc)?.into_iter().flatten().find(|nat| {
        let public_subnet = |subnet: &String| around.table(subnet).is_some_and(leads_to_internet);
        nat.public && nat.state.eq_ignore_ascii_case("available") && nat.subnet.as_ref().is_some_and(public_subnet)
    });
    if let Some(nat) = working {
        let fix = Fix::new(format!("Route {} to the NAT gateway {}", table.id, nat.id), Risk::Medium)
            .making(Change::CreateRoute {
                route_table,
                destination: ANYWHERE.to_owned(),
                target: RouteTarget::NatGateway(nat.id.clone()),
                vpc,
                replace,
            })
            .documented_at(NAT_PAGE)
            .noting("everything in the subnets of that table can then reach the internet");
        return Ok(vec![fix]);
    }
    let has_address = matches!(case.network, Ok(network) if network.public_ip);
    if let (true, Some(gateway)) = (has_address, around.gateways.first()) {
        let fix = Fix::new(format!("Route {} to the internet gateway", table.id), Risk::Medium)
            .making(Change::CreateRoute {
                route_table,
                destination: ANYWHERE.to_owned(),
                target: RouteTarget::InternetGateway(gateway.id.clone()),
                vpc,
                replace,
            })
            .documented_at("https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html")
            .noting("the tasks have public addresses, so that they need no NAT gateway");
        return Ok(vec![fix]);
    }
    let Some(public) = around.public_subnet(failed) else { return Ok(vec![]) };
    let fix = Fix::new(format!("Create a NAT gateway in {} and route {} to it", public.id, table.id), Risk::Medium)
        .making(Change::CreateNat { subnet: public.id.clone(), route_table, vpc, replace })
        .documented_at(NAT_PAGE)
        .noting(
            "a NAT gateway costs money by the hour and by the gigabyte; it also lets everything in those subnets out",
        );
    Ok(vec![fix])
}

/// Whether a subnet has IPv6 only: NAT gateways and the endpoints of ECR serve IPv4.
pub(super) fn has_ipv6_only(facts: &Facts<'_>, subnet: &str) -> Result<bool, Unknown> {
    Ok(facts.subnet(subnet)?.is_some_and(|found| found.ipv6_native))
}

/// A way out of a subnet that has IPv6 only: over the egress-only gateway that is there, or over a new one.
pub(super) fn way_out_over_ipv6(facts: &Facts<'_>, failed: &str) -> Result<Vec<Fix>, Unknown> {
    let Some(around) = Neighbourhood::of(facts, failed)? else { return Ok(vec![]) };
    let Some(table) = around.table(failed) else { return Ok(vec![]) };
    let own = |route: &&Route| route.destination == ANYWHERE_V6;
    if table.routes.iter().filter(own).any(|route| !route.blackhole) {
        return Ok(vec![]); // it leads out already: what is lacking is an address, which the image's name has to give
    }
    let replace = table.routes.iter().any(|route| own(&route));
    let all = around.tables.iter().flat_map(|table| &table.routes).filter(|route| !route.blackhole);
    let gateway = all.filter_map(|route| match &route.target {
        RouteTarget::EgressOnlyGateway(id) => Some(id.clone()),
        _ => None,
    });
    let page = "https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html";
    let note = "names that have IPv4 addresses only, as the classic ones of ECR, are not reached by it: name images by \
                their dual-stack registry (`dkr-ecr.REGION.on.aws`)";
    let fix = match gateway.min() {
        Some(id) => Fix::new(format!("Route {} to the egress-only gateway {id} for IPv6", table.id), Risk::Medium)
            .making(Change::CreateRoute {
                route_table: table.id.clone(),
                destination: ANYWHERE_V6.to_owned(),
                target: RouteTarget::EgressOnlyGateway(id),
                vpc: around.vpc.clone(),
                replace,
            }),
        None => {
            let verb = if replace { "replace-route" } else { "create-route" };
            let words = ["aws", "ec2", "create-egress-only-internet-gateway", "--vpc-id", &around.vpc, "--query"];
            let query = ["EgressOnlyInternetGateway.EgressOnlyInternetGatewayId", "--output", "text"];
            let make = command(words.into_iter().chain(query));
            let of = ["--route-table-id", &table.id, "--destination-ipv6-cidr-block", ANYWHERE_V6];
            let route = command(["aws", "ec2", verb].into_iter().chain(of));
            let line = format!("gateway=$({make}) && {route} --egress-only-internet-gateway-id \"$gateway\"");
            Fix::new(format!("Make an egress-only gateway and route {} to it for IPv6", table.id), Risk::Medium)
                .making(Change::ByHand { commands: vec![line] })
        }
    };
    Ok(vec![fix.documented_at(page).noting(note)])
}

fn leads_to_internet(table: &RouteTable) -> bool {
    table.routes.iter().any(|route| {
        route.destination == ANYWHERE && !route.blackhole && matches!(route.target, RouteTarget::InternetGateway(_))
    })
}

/// TCP 443 to or from something.
pub(super) fn https(cidrs: &[&str], groups: &[String], prefix_lists: &[String]) -> GroupRule {
    GroupRule {
        protocol: "tcp".to_owned(),
        ports: Some((443, 443)),
        cidrs: cidrs.iter().map(|cidr| (*cidr).to_owned()).collect(),
        groups: groups.to_vec(),
        prefix_lists: prefix_lists.to_vec(),
    }
}

/// The subnet from which a kind of blocker stands in the way, for fixes.
pub(super) fn failed_subnet(
    id: CauseId,
    need: &Need,
    case: &Case<'_>,
    facts: &Facts<'_>,
) -> Result<Option<String>, Unknown> {
    Ok(blocker(id, need, case, facts)?.map(|(subnet, _)| subnet))
}

/// The groups of the interface that calls: the tasks', or the instance's.
pub(super) fn client_groups(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<String>, Unknown> {
    if case.launch != LaunchType::Instance {
        return case.network.map(|network| network.security_groups.clone());
    }
    let Some(arn) = case.container_instances.first() else { return Ok(vec![]) };
    Ok(instance_of(case, facts, arn)?.security_groups.clone())
}
