//! What the evidence says about the surroundings of a client: today, or without what was made since.

use crate::evidence::{Facts, GapReason};
use crate::model::network::{
    HostedZone, InternetGateway, NatGateway, NetworkAcl, PrefixList, RouteTable, RouteTarget, SecurityGroup, Subnet,
    Vpc, VpcEndpoint,
};
use crate::model::{Moment, Unknown};
use crate::network::{Client, Surroundings};
use std::cell::OnceCell;
use std::sync::LazyLock;

/// What a VPC with the default DHCP options has.
static AWS_RESOLVER: LazyLock<[String; 1]> = LazyLock::new(|| ["AmazonProvidedDNS".to_owned()]);

/// What is around a client.
pub(super) struct Around<'f, 'e> {
    facts: &'f Facts<'e>,
    vpc: &'e str,
    own: &'e Subnet,
    /// The stop says that a name did not resolve: only then it is asked which zones hold names. Elsewhere they are taken to
    /// leave the names of AWS alone, as resolver rules and the DNS firewall are, of which nothing can be read.
    unresolved: bool,
    /// Without what was made later.
    then: Option<Then>,
}

/// What is left without the things that were made later; copied when it is first wanted, so that nothing is read in vain.
#[derive(Default)]
struct Then {
    later: Vec<String>,
    endpoints: OnceCell<Vec<VpcEndpoint>>,
    nat_gateways: OnceCell<Vec<NatGateway>>,
    route_tables: OnceCell<Vec<RouteTable>>,
}

/// What is around a client today.
///
/// # Errors
/// When its subnet is not known, or gone.
pub(super) fn around<'f, 'e>(
    facts: &'f Facts<'e>,
    client: &Client,
    unresolved: bool,
) -> Result<Around<'f, 'e>, Unknown> {
    let subnet = facts.subnet(&client.subnet)?;
    let gone = || facts.lacks("ec2:DescribeSubnets", GapReason::Expired, "the task's subnet does not exist any more");
    let own = subnet.ok_or_else(gone)?;
    Ok(Around { facts, vpc: &own.vpc, own, unresolved, then: None })
}

impl Around<'_, '_> {
    /// What was made after a moment: endpoints, and the NAT gateway that is named; with the times.
    ///
    /// # Errors
    /// When they are not known.
    pub(super) fn made_after(&self, moment: Moment, nat: Option<&str>) -> Result<Vec<(String, Moment)>, Unknown> {
        let endpoints = self.facts.vpc_endpoints(self.vpc)?.into_iter().flatten();
        let mut made: Vec<_> = endpoints.map(|one| (one.id.clone(), one.created)).collect();
        if let Some(id) = nat {
            let gateways = self.facts.nat_gateways(self.vpc)?.into_iter().flatten();
            made.extend(gateways.filter(|one| one.id == id).map(|one| (one.id.clone(), one.created)));
        }
        Ok(made.into_iter().filter_map(|(id, created)| Some((id, created.filter(|at| *at > moment)?))).collect())
    }

    /// The surroundings of another subnet of the VPC, if that is known.
    pub(super) fn beside(&self, subnet: &str) -> Option<Self> {
        let own = self.facts.vpc_subnets(self.vpc).ok().flatten()?.iter().find(|one| one.id == subnet)?;
        Some(Around { facts: self.facts, vpc: self.vpc, own, unresolved: self.unresolved, then: None })
    }

    /// The same without some endpoints and NAT gateways, and without the routes that lead to them.
    pub(super) fn without(mut self, later: Vec<String>) -> Self {
        self.then = Some(Then { later, ..Then::default() });
        self
    }
}

impl Then {
    fn had(&self, id: &str) -> bool {
        !self.later.iter().any(|later| later == id)
    }

    fn had_table(&self, table: &RouteTable) -> RouteTable {
        let mut table = table.clone();
        table.routes.retain(|route| match &route.target {
            RouteTarget::Endpoint(id) | RouteTarget::NatGateway(id) => self.had(id),
            _ => true,
        });
        table
    }
}

type Found<T> = Result<Option<T>, Unknown>;

impl Surroundings for Around<'_, '_> {
    fn subnet(&self, id: &str) -> Found<&Subnet> {
        if self.own.id == id {
            let _ = self.facts.vpc_subnets(self.vpc);
            return Ok(Some(self.own));
        }
        Ok(self.facts.vpc_subnets(self.vpc)?.and_then(|all| all.iter().find(|subnet| subnet.id == id)))
    }

    fn vpc(&self) -> Found<&Vpc> {
        self.facts.vpc(self.vpc)
    }

    fn dns_support(&self) -> Found<bool> {
        Ok(self.facts.dns_support(self.vpc)?.copied())
    }

    fn dns_hostnames(&self) -> Found<bool> {
        Ok(self.facts.dns_hostnames(self.vpc)?.copied())
    }

    fn dhcp_dns_servers(&self) -> Found<&[String]> {
        match self.facts.vpc(self.vpc)?.and_then(|vpc| vpc.dhcp_options.as_deref()) {
            Some("default") => Ok(Some(&*AWS_RESOLVER)),
            Some(options) => Ok(self.facts.dns_servers(options)?.map(Vec::as_slice)),
            None => Ok(None),
        }
    }

    fn hosted_zones(&self) -> Found<&[HostedZone]> {
        if !self.unresolved {
            return Ok(None);
        }
        Ok(self.facts.hosted_zones(self.vpc)?.map(Vec::as_slice))
    }

    fn route_tables(&self) -> Found<&[RouteTable]> {
        let Some(all) = self.facts.route_tables(self.vpc)? else { return Ok(None) };
        Ok(Some(match &self.then {
            Some(then) => then.route_tables.get_or_init(|| all.iter().map(|one| then.had_table(one)).collect()),
            None => all,
        }))
    }

    fn endpoints(&self) -> Found<&[VpcEndpoint]> {
        let Some(all) = self.facts.vpc_endpoints(self.vpc)? else { return Ok(None) };
        Ok(Some(match &self.then {
            Some(then) => then.endpoints.get_or_init(|| all.iter().filter(|one| then.had(&one.id)).cloned().collect()),
            None => all,
        }))
    }

    fn acls(&self) -> Found<&[NetworkAcl]> {
        Ok(self.facts.network_acls(self.vpc)?.map(Vec::as_slice))
    }

    fn nat_gateways(&self) -> Found<&[NatGateway]> {
        let Some(all) = self.facts.nat_gateways(self.vpc)? else { return Ok(None) };
        Ok(Some(match &self.then {
            Some(then) => {
                then.nat_gateways.get_or_init(|| all.iter().filter(|one| then.had(&one.id)).cloned().collect())
            }
            None => all,
        }))
    }

    fn internet_gateways(&self) -> Found<&[InternetGateway]> {
        Ok(self.facts.internet_gateways(self.vpc)?.map(Vec::as_slice))
    }

    fn security_group(&self, id: &str) -> Found<&SecurityGroup> {
        self.facts.security_group(id)
    }

    fn prefix_list(&self, id: &str) -> Found<&PrefixList> {
        match self.facts.aws_prefix_lists()?.and_then(|lists| lists.iter().find(|list| list.id == id)) {
            Some(list) => Ok(Some(list)),
            None => self.facts.managed_prefix_list(id),
        }
    }

    fn aws_prefix_list(&self, name: &str) -> Found<&PrefixList> {
        Ok(self.facts.aws_prefix_lists()?.and_then(|lists| lists.iter().find(|list| list.name == name)))
    }
}
