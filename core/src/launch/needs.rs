//! Which services a launch must reach: who calls, under which name.

use super::logs::log_uses;
use super::secrets::{Store, secret_uses};
use crate::case::{Case, LaunchType};
use crate::evidence::Facts;
use crate::image::EcrRegistry;
use crate::model::Unknown;
use crate::network::Destination;
use crate::network::hosts;
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
            None => add(image.host.clone(), Some(container.name()), false),
        }
    }
    for log in log_uses(case)? {
        add(hosts::service_host("logs", &log.region), Some(&log.container), false);
    }
    if let Some(address) = dialled(case) {
        note_address(case, facts, &mut needs, address);
    }
    Ok(needs)
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
