//! Which services a launch must reach: who calls, under which name.

use super::logs::log_uses;
use super::secrets::{Store, secret_uses};
use crate::case::{Case, Container, LaunchType};
use crate::evidence::Facts;
use crate::image::EcrRegistry;
use crate::model::{Stage, Unknown};
use crate::network::hosts;
use crate::network::{Destination, Registry};
use std::net::IpAddr;

/// One service that the launch must reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// `ecr.api`, `s3` ... or a registry's host name.
    pub endpoint: String,
    /// The host name that is dialled.
    pub host: String,
    /// The container that needs it, if only one does.
    pub container: Option<String>,
    /// Where to, for a trace.
    pub destination: Destination,
    /// Fargate of old takes an interface of AWS's for it, of which nothing can be read.
    pub hidden: bool,
}

/// Every service that the launch must reach, in the order in which Fargate does, each once.
///
/// # Errors
/// When the definition is not known.
pub fn needs(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<Need>, Unknown> {
    let named = facts.once("needs".to_owned(), || all_needs(case, facts));
    (*named).clone()
}

fn all_needs(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<Need>, Unknown> {
    let containers = case.containers()?;
    let old = case.launch == LaunchType::FargateOld;
    let region = case.region.region.as_str();
    let mut needs: Vec<Need> = vec![];
    let mut add = |host: String, container: Option<&str>, hidden: bool| {
        let destination = Destination::https(&host, region);
        let endpoint = destination.endpoint_name().to_owned();
        match needs.iter_mut().find(|need| need.host == host) {
            Some(need) if need.container.as_deref() != container => need.container = None,
            Some(_) => {}
            None => needs.push(Need { endpoint, host, container: container.map(str::to_owned), destination, hidden }),
        }
    };
    let secrets = secret_uses(case)?;
    // A container whose image is already there pulls nothing new, but nobody can tell that from outside.
    for container in &containers {
        if let Some(ecr) = container.image.as_ref().ok().and_then(|image| image.ecr()) {
            add(hosts::service_host("ecr.api", &ecr.region), Some(container.name()), old);
        }
    }
    for used in &secrets {
        let service = match used.store {
            Store::Secret => "secretsmanager",
            Store::Parameter => "ssm",
        };
        add(hosts::service_host(service, &used.region), Some(&used.container), old);
    }
    for container in &containers {
        if container.definition.environment_files.is_empty() {
            continue;
        }
        add(hosts::service_host("s3", region), Some(container.name()), false);
    }
    for container in &containers {
        let Ok(image) = &container.image else { continue };
        match image.ecr() {
            Some(EcrRegistry { region, host, .. }) => {
                add(host, Some(container.name()), false);
                add(hosts::layer_host(&region), Some(container.name()), false);
            }
            None => {
                for host in hosts::pull_hosts(&image.host) {
                    add(host, Some(container.name()), false);
                }
            }
        }
    }
    if let Some((host, container)) = sent_to(case, &containers) {
        add(host, container, false);
    }
    for log in log_uses(case)? {
        add(hosts::service_host("logs", &log.region), Some(&log.container), false);
    }
    if let Some(address) = dialled(case) {
        note_address(case, facts, &mut needs, address);
    }
    Ok(needs)
}

/// The host that the stop says was asked for an image that is not in ECR, and the container whose image it is, if only one's
/// can be: registries send to delivery networks whose names nobody can list.
fn sent_to<'c>(case: &Case<'_>, containers: &'c [Container]) -> Option<(String, Option<&'c str>)> {
    let symptom = case.symptom.as_ref().filter(|symptom| symptom.stage == Stage::Image)?;
    let host = symptom.fact("endpoint").filter(|host| hosts::is_public(host) && !is_ecr(host))?;
    if symptom.fact("registry").is_some_and(is_ecr) {
        return None;
    }
    let elsewhere = |one: &&Container| one.image.as_ref().is_ok_and(|image| image.ecr().is_none());
    let mut pulling = containers.iter().filter(elsewhere);
    let first = pulling.next()?;
    Some((host.to_owned(), pulling.next().is_none().then(|| first.name())))
}

fn is_ecr(host: &str) -> bool {
    matches!(hosts::registry_of(host), Registry::Ecr { .. })
}

/// Gives the address that was dialled to the service that it belongs to. The message may name the registry where the layers'
/// address was dialled: the address decides. Where nobody knows whose it is, none gets it.
fn note_address(case: &Case<'_>, facts: &Facts<'_>, needs: &mut [Need], address: IpAddr) {
    let named = case.symptom.as_ref().and_then(|symptom| symptom.facts.get("endpoint")?.as_str());
    let Ok(of_layers) = is_of_s3(facts, address) else { return };
    let layers = of_layers && needs.iter().any(|need| need.endpoint == "s3");
    for need in needs {
        let its = if layers { need.endpoint == "s3" } else { named == Some(need.host.as_str()) };
        if its {
            need.destination.address = Some(address);
        }
    }
}

/// The address that the symptom prints.
pub fn dialled(case: &Case<'_>) -> Option<IpAddr> {
    let text = case.symptom.as_ref()?.facts.get("address")?.as_str()?;
    let host = text.rsplit_once(':').map_or(text, |(host, _)| host);
    host.trim_matches(['[', ']']).parse().ok()
}

/// Whether an address is one of S3's in the region.
fn is_of_s3(facts: &Facts<'_>, address: IpAddr) -> Result<bool, Unknown> {
    let lists = facts.aws_prefix_lists()?.map_or(&[][..], Vec::as_slice);
    Ok(lists
        .iter()
        .filter(|list| list.name.ends_with(".s3"))
        .flat_map(|list| &list.cidrs)
        .filter_map(|cidr| cidr.parse::<ipnet::IpNet>().ok())
        .any(|range| range.contains(&address)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, HOST, IMAGE, REVISION, definition};
    use crate::model::ecs::ContainerDefinition;

    fn all(fixture: &Fixture) -> Vec<Need> {
        needs(&fixture.case(), &Facts::new(&fixture.evidence)).expect("the definition is known")
    }

    fn endpoints(fixture: &Fixture) -> Vec<String> {
        all(fixture).into_iter().map(|need| need.endpoint).collect()
    }

    #[test]
    fn a_launch_needs_tokens_secrets_images_layers_and_logs_on_every_platform() {
        for fixture in [Fixture::fargate(), Fixture::ec2()] {
            assert_eq!(endpoints(&fixture), ["ecr.api", "secretsmanager", "ecr.dkr", "s3", "logs"]);
            assert!(all(&fixture).iter().all(|need| !need.hidden));
        }
        let hosts: Vec<String> = all(&Fixture::fargate()).into_iter().map(|need| need.host).collect();
        assert_eq!(hosts[0], "api.ecr.us-east-1.amazonaws.com");
        assert_eq!(hosts[2], HOST);
    }

    #[test]
    fn old_fargate_hides_the_traffic_of_tokens_and_secrets_alone() {
        let old = Fixture::fargate().launched_on(LaunchType::FargateOld);
        let hidden: Vec<String> = all(&old).into_iter().filter(|need| need.hidden).map(|need| need.endpoint).collect();
        assert_eq!(hidden, ["ecr.api", "secretsmanager"]);
    }

    #[test]
    fn what_is_not_named_is_not_needed() {
        let public = Fixture::fargate().app(|app| {
            (app.image, app.log) = ("ghcr.io/acme/web:1".to_owned(), None);
            app.secrets[0].value_from = "/prod/db".to_owned();
        });
        assert_eq!(endpoints(&public), ["ssm", "ghcr.io", "pkg-containers.githubusercontent.com"]);
        let files = public.app(|app| {
            app.secrets.clear();
            app.environment_files.push("arn:aws:s3:::bucket/key".to_owned());
        });
        assert_eq!(endpoints(&files), ["s3", "ghcr.io", "pkg-containers.githubusercontent.com"]);
    }

    #[test]
    fn a_public_registry_is_more_than_one_host_and_may_send_to_another() {
        const HUB: [&str; 3] = ["registry-1.docker.io", "auth.docker.io", "production.cloudflare.docker.com"];
        let pulling = |image: &str| {
            Fixture::fargate().app(|app| (app.image, app.secrets, app.log) = (image.to_owned(), vec![], None))
        };
        assert_eq!(endpoints(&pulling("nginx")), HUB);
        assert_eq!(endpoints(&pulling("quay.io/a/b:1")), ["quay.io", "cdn01.quay.io"]);
        assert_eq!(endpoints(&pulling("public.ecr.aws/a/b:1"))[0], "public.ecr.aws");
        assert_eq!(
            endpoints(&pulling("registry.example.org/a/b:1")),
            ["registry.example.org"],
            "nobody knows its others"
        );
        let asked = |host: &str, image: &str| {
            let why = format!(
                "CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: Get \"https://{host}/registry-v2/blobs/sha256/1c/data\": dial tcp 104.16.99.215:443: i/o timeout"
            );
            all(&pulling(image).stopped("TaskFailedToStart", &why))
        };
        let sent = asked("docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com", "nginx");
        assert_eq!((sent.len(), sent[3].container.as_deref()), (4, Some("app")));
        assert!(sent[3].host.ends_with(".r2.cloudflarestorage.com") && sent[3].destination.address.is_some());
        assert_eq!(asked(HUB[1], "nginx").len(), 3, "it is among them already");
        assert_eq!(asked("d5l0dvt14r5h8.cloudfront.net", IMAGE).len(), 3, "ECR sends to S3 and to nobody else");
    }

    #[test]
    fn each_host_is_needed_once_and_by_no_container_alone_where_two_need_it() {
        let two = Fixture::fargate().revision(|revision| {
            let sidecar = ContainerDefinition {
                name: "sidecar".to_owned(),
                image: IMAGE.replace("us-east-1", "eu-west-1"),
                secrets: vec![],
                ..revision.containers[0].clone()
            };
            revision.containers.push(sidecar);
        });
        let of: Vec<_> = all(&two).into_iter().map(|need| (need.host, need.container)).collect();
        let app = || Some("app".to_owned());
        assert!(of.contains(&("logs.us-east-1.amazonaws.com".to_owned(), None)), "{of:#?}");
        assert!(of.contains(&("secretsmanager.us-east-1.amazonaws.com".to_owned(), app())), "{of:#?}");
        assert!(of.contains(&("api.ecr.eu-west-1.amazonaws.com".to_owned(), Some("sidecar".to_owned()))), "{of:#?}");
    }

    #[test]
    fn the_address_that_was_dialled_goes_to_the_service_that_it_belongs_to() {
        let dialling = |address: &str| {
            let why = format!(
                "CannotPullContainerError: failed to resolve ref {IMAGE}: failed to do request: Head \"https://{HOST}/v2/team/web/manifests/v42\": dial tcp {address}:443: i/o timeout"
            );
            let fixture = Fixture::fargate().stopped("TaskFailedToStart", &why);
            assert_eq!(dialled(&fixture.case()), address.parse().ok());
            let given = |need: Need| need.destination.address.map(|_| need.endpoint);
            all(&fixture).into_iter().filter_map(given).collect::<Vec<_>>()
        };
        assert_eq!(dialling("44.213.79.10"), ["ecr.dkr"]);
        assert_eq!(dialling("52.216.1.2"), ["s3"], "one of S3's, whatever the text names");
    }

    #[test]
    fn without_the_definition_it_is_not_known() {
        let blind = Fixture::fargate().gap(definition(REVISION));
        assert!(needs(&blind.case(), &Facts::new(&blind.evidence)).is_err());
    }
}
