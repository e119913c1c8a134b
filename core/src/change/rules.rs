//! House rules: what fixes may not do here, and what they rather do.

use super::{Change, Fix};
use crate::model::network::RouteTarget;
use serde::{Deserialize, Serialize};

/// What a house allows fixes to do. What it does not say is allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HouseRules {
    /// Tasks may get public addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<Permit>,
    /// Something may be opened inwards to everybody (`0.0.0.0/0`, `::/0`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_ingress: Option<Permit>,
    /// Managed policies may be attached to roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_policies: Option<Permit>,
    /// Which way out of a subnet comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<Prefer>,
}

/// Whether something may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permit {
    /// It may.
    Allowed,
    /// It may not.
    Never,
}

/// A way out of a subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prefer {
    /// A NAT gateway.
    Nat,
    /// VPC endpoints.
    Endpoints,
}

impl HouseRules {
    /// These rules, and where they say nothing, the others.
    pub fn or(self, other: HouseRules) -> HouseRules {
        HouseRules {
            public_ip: self.public_ip.or(other.public_ip),
            open_ingress: self.open_ingress.or(other.open_ingress),
            managed_policies: self.managed_policies.or(other.managed_policies),
            prefer: self.prefer.or(other.prefer),
        }
    }

    /// They say nothing.
    pub fn is_silent(&self) -> bool {
        *self == HouseRules::default()
    }

    /// The rule that a fix would break, as the file spells it.
    pub fn broken_by(&self, fix: &Fix) -> Option<&'static str> {
        let never = |rule: Option<Permit>| rule == Some(Permit::Never);
        let rules: [(bool, Breaks, &'static str); 3] = [
            (never(self.public_ip), gives_public_ip, "public-ip"),
            (never(self.open_ingress), opens_to_everybody, "open-ingress"),
            (never(self.managed_policies), attaches_managed_policy, "managed-policies"),
        ];
        rules.into_iter().find(|(holds, breaks, _)| *holds && fix.changes.iter().any(breaks)).map(|(_, _, name)| name)
    }

    /// Where a fix stands among others for the same cause: what is preferred comes before what is not.
    pub fn rank(&self, fix: &Fix) -> u8 {
        match (self.prefer, way_of(fix)) {
            (Some(preferred), Some(way)) => u8::from(preferred != way),
            _ => 0,
        }
    }
}

/// Whether a change does what a rule is about.
type Breaks = fn(&Change) -> bool;

fn gives_public_ip(change: &Change) -> bool {
    matches!(change, Change::AssignPublicIp)
}

fn opens_to_everybody(change: &Change) -> bool {
    let everybody = |cidr: &str| matches!(cidr, "0.0.0.0/0" | "::/0");
    match change {
        Change::LetIn { rule, .. } => rule.cidrs.iter().any(|cidr| everybody(cidr)),
        Change::CreateAclEntry { egress: false, cidr, .. } => everybody(cidr),
        _ => false,
    }
}

fn attaches_managed_policy(change: &Change) -> bool {
    matches!(change, Change::Attach { .. } | Change::CreateRole { policy: Some(_), .. })
}

fn way_of(fix: &Fix) -> Option<Prefer> {
    fix.changes.iter().find_map(|change| match change {
        Change::CreateNat { .. } | Change::CreateRoute { target: RouteTarget::NatGateway(_), .. } => Some(Prefer::Nat),
        Change::CreateInterfaceEndpoint { .. }
        | Change::CreateGatewayEndpoint { .. }
        | Change::AssociateRouteTable { .. }
        | Change::EnablePrivateDns { .. } => Some(Prefer::Endpoints),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::GroupRule;
    use crate::report::Risk;

    fn fix(change: Change) -> Fix {
        Fix::new("a fix", Risk::Low).making(change)
    }

    fn let_in(cidr: &str) -> Fix {
        let rule = GroupRule {
            protocol: "tcp".to_owned(),
            ports: Some((443, 443)),
            cidrs: vec![cidr.to_owned()],
            groups: vec![],
            prefix_lists: vec![],
        };
        fix(Change::LetIn { group: "sg-1".to_owned(), rule })
    }

    fn acl_entry(egress: bool) -> Fix {
        fix(Change::CreateAclEntry {
            acl: "acl-1".to_owned(),
            vpc: "vpc-1".to_owned(),
            number: 90,
            egress,
            ports: (1024, 65535),
            cidr: "0.0.0.0/0".to_owned(),
        })
    }

    fn nat() -> Fix {
        let (subnet, route_table, vpc) = ("subnet-1".to_owned(), "rtb-1".to_owned(), "vpc-1".to_owned());
        fix(Change::CreateNat { subnet, route_table, vpc, replace: false })
    }

    fn endpoint() -> Fix {
        fix(Change::CreateGatewayEndpoint {
            vpc: "vpc-1".to_owned(),
            service: "com.amazonaws.us-east-1.s3".to_owned(),
            route_tables: vec!["rtb-1".to_owned()],
            prefix_list: "pl-1".to_owned(),
        })
    }

    #[test]
    fn each_rule_forbids_what_it_names_and_nothing_else() {
        let never = Some(Permit::Never);
        let all = HouseRules { public_ip: never, open_ingress: never, managed_policies: never, prefer: None };
        let attach = fix(Change::Attach { role: "r".to_owned(), policy: "p".to_owned() });
        for (fix, broken) in [
            (fix(Change::AssignPublicIp), Some("public-ip")),
            (let_in("0.0.0.0/0"), Some("open-ingress")),
            (let_in("::/0"), Some("open-ingress")),
            (let_in("10.0.0.0/16"), None),
            (acl_entry(false), Some("open-ingress")),
            (acl_entry(true), None),
            (attach, Some("managed-policies")),
            (nat(), None),
            (endpoint(), None),
        ] {
            assert_eq!(all.broken_by(&fix), broken, "{fix:?}");
            assert_eq!(HouseRules::default().broken_by(&fix), None, "{fix:?}");
        }
    }

    #[test]
    fn what_is_preferred_comes_first_and_what_is_no_way_out_stays() {
        let prefer = |prefer| HouseRules { prefer, ..HouseRules::default() };
        let ranks = |rules: &HouseRules| [nat(), endpoint(), fix(Change::TryAgain)].map(|fix| rules.rank(&fix));
        assert_eq!(ranks(&prefer(Some(Prefer::Endpoints))), [1, 0, 0]);
        assert_eq!(ranks(&prefer(Some(Prefer::Nat))), [0, 1, 0]);
        assert_eq!(ranks(&prefer(None)), [0, 0, 0]);
    }

    #[test]
    fn the_nearer_file_wins_key_by_key() {
        let near = HouseRules { public_ip: Some(Permit::Allowed), ..HouseRules::default() };
        let far = HouseRules { public_ip: Some(Permit::Never), prefer: Some(Prefer::Nat), ..HouseRules::default() };
        let both = near.clone().or(far);
        assert_eq!((both.public_ip, both.prefer), (Some(Permit::Allowed), Some(Prefer::Nat)));
        assert!(!near.is_silent() && HouseRules::default().is_silent());
    }
}
