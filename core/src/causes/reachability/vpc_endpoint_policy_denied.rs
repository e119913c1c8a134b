//! The endpoint is reached, and its policy lets the call not pass.

use crate::causes::prelude::*;
use crate::iam::{Denial, Missed, Witness};
use crate::launch::calls::{self, Call};
use crate::launch::endpoint_policy::{Refused, opened, refused};
use crate::launch::needs::{Need, needs};
use crate::launch::ways;

documented! {
/// The policy of the VPC endpoint on the way does not allow the call.
///
/// # Why a task stops here
/// A policy of an endpoint grants nothing, it filters: what no statement of it allows, or one denies, does not pass, whatever
/// the role may. The answer is a refusal and no time-out. A pull takes `ecr:GetAuthorizationToken` through `ecr.api`,
/// `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer` through `ecr.dkr`, and `s3:GetObject` on the bucket in which ECR keeps
/// the layers of the region, `prod-REGION-starport-layer-bucket`. The addresses of layers are signed by ECR and not by the
/// role: a policy that lets only the own account, organization or role pass, or only buckets of theirs, shuts them out.
/// # How it is told
/// The way from the task (on EC2: from the instance) to the service is walked as for every cause of this stage. Where it leads
/// through an endpoint, the endpoint's policy is evaluated for each call that the launch makes there.
/// # Prevention
/// Give every policy of an S3 endpoint a statement for the layer bucket without conditions, and try a restrictive policy with
/// one task before all depend on it.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html>
pub struct VpcEndpointPolicyDenied;
}

const PAGE: &str = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html";

impl Cause for VpcEndpointPolicyDenied {
    type Subject = Need;
    const ID: CauseId = CauseId::VpcEndpointPolicyDenied;
    const READS: &'static [&'static [Source]] =
        &[ways::READS, calls::ALL_READS[0], calls::ALL_READS[1], calls::ALL_READS[2]];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let Some(found) = refused(case, facts, need)? else { return Ok(Verdict::Sound) };
        let mut resources = vec![found.endpoint.id.clone()];
        for (call, _) in &found.calls {
            if !resources.contains(&call.resource) && call.resource != "*" {
                resources.push(call.resource.clone());
            }
        }
        resources.insert(1, found.vpc.clone());
        let mut finding = Finding::on(resources.into_iter().take(6)).because(explanation(&found));
        finding.endpoint = Some(need.endpoint.clone());
        finding.container.clone_from(&need.container);
        finding.behind = found.behind;
        finding.shown_by = vec![Source::VpcEndpoints, Source::RouteTables];
        Ok(finding.into())
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(own) = refused(case, facts, need)? else { return Ok(vec![]) };
        let mut closed = vec![own];
        for other in needs(case, facts)?.iter().filter(|other| other.host != need.host) {
            // With only one endpoint opened, the next attempt fails at the next.
            let Ok(Some(found)) = refused(case, facts, other) else { continue };
            match closed.iter_mut().find(|one| one.endpoint.id == found.endpoint.id) {
                Some(one) => one.calls.extend(found.calls),
                None => closed.push(found),
            }
        }
        let names: Vec<&str> = closed.iter().map(|one| one.endpoint.id.as_str()).collect();
        let names = names.join(" and ");
        let note =
            "somebody narrowed this policy on purpose: ask before you widen it; a change takes minutes to spread";
        let title = format!("Let what the launch calls for through the policy of {names}");
        let mut fix = Fix::new(title, Risk::Medium).documented_at(PAGE).noting(note);
        let mut reset = Fix::new(format!("Give {names} the default policy, which lets everything pass"), Risk::High)
            .documented_at(PAGE)
            .noting(
                "whatever the policies held back passes then: the callers' own rights are the only limit that is left",
            );
        for one in &closed {
            let change = |document, added| {
                let (endpoint, vpc) = (one.endpoint.id.clone(), one.vpc.clone());
                Change::EndpointPolicy { endpoint, vpc, document, added }
            };
            if let Some(opened) = opened(case, one) {
                fix = fix.making(change(opened.document, opened.added));
            }
            reset = reset.making(change(None, None));
        }
        let whole = fix.changes.len() == closed.len() && fix.changes != reset.changes;
        Ok(if whole { vec![fix, reset] } else { vec![reset] })
    }
}

/// Which call, and the statement that refuses it or comes nearest.
fn explanation(found: &Refused) -> String {
    let Some((first, denial)) = found.calls.first() else { return String::new() };
    let mut actions: Vec<&str> = vec![];
    for (call, _) in &found.calls {
        if !actions.contains(&call.action) {
            actions.push(call.action);
        }
    }
    let (id, service) = (&found.endpoint.id, &found.endpoint.service);
    let what = match signed_by_registry(first) {
        true => format!("{} on the layers of images, whose addresses ECR signs", actions.join(" and ")),
        false if first.resource == "*" => actions.join(" and "),
        false => format!("{} on {}", actions.join(" and "), first.resource),
    };
    match denial {
        Denial::Explicit { by } => {
            format!("{} of the policy of endpoint `{id}` ({service}) denies {what}", statement(by))
        }
        Denial::Implicit { nearest: None, .. } => {
            format!("no statement of the policy of endpoint `{id}` ({service}) allows {what}")
        }
        Denial::Implicit { nearest: Some(near), .. } => {
            let missed = match &near.missed {
                Missed::Resource { policy_resources } => format!("is for {} only", policy_resources.join(" and ")),
                Missed::Action => "allows other actions only".to_owned(),
                Missed::Principal { .. } => "names somebody else".to_owned(),
                Missed::Condition { key } => format!("has a condition on {key} that does not hold"),
            };
            let nearest = statement(&near.witness);
            format!(
                "no statement of the policy of endpoint `{id}` ({service}) allows {what} ({nearest} comes nearest and {missed})"
            )
        }
    }
}

fn signed_by_registry(call: &Call) -> bool {
    call.callers.contains(&calls::Caller::Registry)
}

fn statement(witness: &Witness) -> String {
    match &witness.sid {
        Some(sid) => format!("statement `{sid}`"),
        None => format!("statement {}", witness.statement + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REPOSITORY, Said, role, role_arn};
    use crate::evidence::Question;
    use serde_json::{Value, json};

    const ID: CauseId = CauseId::VpcEndpointPolicyDenied;
    const TOKEN: &str = "ecr:GetAuthorizationToken";

    fn with_policy(endpoint: &str, statements: &Value) -> Fixture {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        Fixture::endpoints().network(|lab| {
            let found = lab.endpoints.iter_mut().find(|one| one.id == endpoint).expect("an endpoint of the lab");
            found.policy = Some(policy);
        })
    }

    fn allow(actions: &[&str], resource: &str) -> Value {
        json!({"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resource})
    }

    /// One that lets the own bucket pass, and not that of the layers.
    fn own_buckets() -> Fixture {
        with_policy("vpce-s3", &json!([allow(&["s3:*"], "arn:aws:s3:::prod-*-111111111111/*")]))
    }

    fn no_tokens() -> Fixture {
        with_policy("vpce-ecr.api", &json!([allow(&["ecr:BatchGetImage", "ecr:List*"], "*")]))
    }

    #[test]
    fn a_policy_that_allows_other_actions_or_other_buckets_refuses() {
        let found = no_tokens().finding(ID);
        assert_eq!(found.resources, ["vpce-ecr.api", "vpc-1"]);
        assert_eq!(found.endpoint.as_deref(), Some("ecr.api"));
        assert!(found.explanation.contains("allows other actions only"), "{}", found.explanation);
        let found = own_buckets().finding(ID);
        assert_eq!(found.resources[..2], ["vpce-s3", "vpc-1"]);
        assert!(found.explanation.contains("is for arn:aws:s3:::prod-*-111111111111/* only"), "{}", found.explanation);
    }

    #[test]
    fn the_default_policy_or_one_with_the_layer_bucket_is_sound() {
        assert_eq!(Fixture::endpoints().says(ID), Said::Sound);
        assert_eq!(with_policy("vpce-s3", &json!([allow(&["*"], "*")])).says(ID), Said::Sound);
        let bucket = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*";
        assert_eq!(with_policy("vpce-s3", &json!([allow(&["s3:GetObject"], bucket)])).says(ID), Said::Sound);
        let named = json!([{"Effect": "Allow", "Principal": {"AWS": role_arn("web-execution")}, "Action": TOKEN, "Resource": "*"}]);
        assert_eq!(with_policy("vpce-ecr.api", &named).says(ID), Said::Sound, "the role by its name");
        let past = Fixture::fargate().network(|lab| {
            let mut unused = crate::network::lab::endpoint("vpce-x", "ecr.api", &[], &["sg-vpce"]);
            (unused.private_dns, unused.policy) = (false, Some(json!({"Statement": []}).to_string()));
            lab.endpoints.push(unused);
        });
        assert_eq!(past.says(ID), Said::Sound, "no call goes through it");
    }

    #[test]
    fn who_restricts_to_own_accounts_shuts_out_the_layers_that_ecr_signs() {
        let only = |key: &str, value: &str| {
            let condition = json!({"StringEquals": {key: value}});
            json!([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}])
        };
        for (key, value) in [
            ("aws:PrincipalAccount", "111111111111"),
            ("aws:ResourceAccount", "111111111111"),
            ("aws:PrincipalOrgID", "o-1"),
            ("aws:PrincipalArn", &role_arn("web-execution")),
        ] {
            assert_eq!(with_policy("vpce-s3", &only(key, value)).says(ID), Said::Fault, "{key}");
        }
        assert_eq!(
            with_policy("vpce-s3", &only("aws:SourceVpc", "vpc-1")).says(ID),
            Said::Sound,
            "the way is the same"
        );
        assert_eq!(with_policy("vpce-s3", &only("s3:authType", "REST-QUERY-STRING")).says(ID), Said::Unknown);
        let own = only("aws:PrincipalAccount", "111111111111");
        assert_eq!(with_policy("vpce-ecr.api", &own).says(ID), Said::Sound, "the role calls in its own name");
    }

    #[test]
    fn a_denial_is_said_with_its_statement() {
        let both = json!([allow(&["*"], "*"), {"Sid": "NoImages", "Effect": "Deny", "Principal": "*", "Action": "ecr:Batch*", "Resource": "*"}]);
        let found = with_policy("vpce-ecr.dkr", &both).finding(ID);
        assert!(
            found.explanation.starts_with("statement `NoImages` of the policy of endpoint `vpce-ecr.dkr`"),
            "{found:?}"
        );
        assert_eq!(found.resources, ["vpce-ecr.dkr", "vpc-1", REPOSITORY]);
    }

    #[test]
    fn what_stands_before_it_on_the_path_comes_first() {
        let closed = no_tokens().network(|lab| lab.groups.get_mut("sg-vpce").expect("it guards them").ingress.clear());
        assert_eq!(closed.finding(ID).behind, 1);
        assert_eq!(no_tokens().finding(ID).behind, 0);
    }

    #[test]
    fn it_hangs_on_the_endpoints_and_the_routes() {
        let vpc = || "vpc-1".to_owned();
        no_tokens().hangs_on(ID, &Question::VpcEndpoints { vpc: vpc() });
        own_buckets().hangs_on(ID, &Question::RouteTables { vpc: vpc() });
        for fixture in [no_tokens(), own_buckets(), Fixture::ec2(), Fixture::endpoints()] {
            fixture.never_turns(ID);
        }
        assert_eq!(no_tokens().gap(role("web-execution")).says(ID), Said::Fault, "its name is known without it");
        let hosts = Fixture::ec2().network(|lab| *lab = crate::network::lab::with_endpoints());
        assert_eq!(hosts.says(ID), Said::Sound);
    }

    #[test]
    fn the_policy_gets_what_the_launch_needs_and_no_more() {
        for (fixture, needed) in [
            (no_tokens(), "ecr:GetAuthorizationToken"),
            (own_buckets(), "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"),
        ] {
            let fixes = fixture.mended(ID);
            let [Change::EndpointPolicy { document: Some(document), .. }] = &fixes[0].changes[..] else {
                panic!("{fixes:?}")
            };
            assert!(document.contains(needed) && !document.contains("\"Action\":\"*\""), "{document}");
            assert_eq!(fixture.after(&fixes[0]).says(ID), Said::Sound);
            assert_eq!(fixture.after(&fixes[1]).says(ID), Said::Sound, "the default policy");
        }
    }

    #[test]
    fn a_denial_of_everything_foreign_spares_the_layers_and_stays_otherwise() {
        let foreign = json!([allow(&["*"], "*"), {
            "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:ResourceAccount": "111111111111"}},
        }]);
        let fixture = with_policy("vpce-s3", &foreign);
        let fixes = fixture.mended(ID);
        let [Change::EndpointPolicy { document: Some(document), .. }] = &fixes[0].changes[..] else {
            panic!("{fixes:?}")
        };
        assert!(
            document.contains("\"NotResource\":[\"arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*\"]"),
            "{document}"
        );
        assert!(document.contains("StringNotEquals"), "{document}");
    }

    #[test]
    fn all_endpoints_that_refuse_something_are_opened_together() {
        let both = own_buckets().network(|lab| {
            let token = lab.endpoints.iter_mut().find(|one| one.id == "vpce-ecr.api").expect("an endpoint of the lab");
            token.policy = Some(json!({"Statement": [allow(&["ecr:List*"], "*")]}).to_string());
        });
        let fixes = both.mended(ID);
        assert_eq!(fixes[0].changes.len(), 2, "{fixes:?}");
        assert_eq!(both.after(&fixes[0]).says(ID), Said::Sound);
    }
}
