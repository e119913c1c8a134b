//! The live account, and the only crate that knows the SDK: a file a service, and `refusal` for what AWS answers instead.
//!
//! It reads and judges nothing. What is secret (environment, commands, log options) is dropped here, before anybody keeps it.

#![deny(clippy::disallowed_methods)] // the calls that must never be made: clippy.toml has each with its reason

mod accounts;
mod answer;
mod clients;
mod credentials;
mod definition;
mod ec2;
mod ecr;
mod ecs;
mod events;
mod hidden;
mod iam;
mod insights;
mod interfaces;
mod journal;
mod kms;
mod limiter;
mod log;
mod logs;
mod moment;
mod network;
mod open;
mod passage;
mod profile;
mod record;
mod refusal;
mod route53;
mod s3;
mod secrets;
mod service;
mod ssm;
mod sts;
mod task;
mod trail;
mod transport;
mod unverified;

use clients::{Clients, InRegion};
use journal::Journal;
use limiter::Urgency;
use std::sync::Arc;
use tokio::sync::OnceCell;

pub use accounts::{Accounts, AskedPlace, NoAccount};
pub use credentials::Codes;
pub use log::Log;
pub use open::{OpenError, Options};
pub use profile::of_profile;

/// An account that is read over the SDK. Cheap to clone: all clones share clients, connections, and the limiter that keeps
/// them below AWS's rates.
#[derive(Clone)]
pub struct Live {
    clients: Arc<Clients>,
    here: Arc<InRegion>,
    /// Whom the credentials belong to, once that was asked; none if STS did not say.
    account: Arc<OnceCell<Option<String>>>,
    /// What was seen of AWS in this run.
    journal: Journal,
    urgency: Urgency,
}

impl Live {
    /// The region that questions without one of their own are asked in.
    pub fn region(&self) -> &str {
        self.here.region()
    }

    /// The partition of that region: `aws`, `aws-cn`, `aws-us-gov` ...
    pub fn partition(&self) -> &'static str {
        open::partition(self.region())
    }

    /// What a client of a service is made from that only a front end uses: region, credentials, endpoint, connections. Its requests are
    /// neither limited nor counted here.
    pub fn config(&self) -> aws_config::SdkConfig {
        self.clients.config(self.region())
    }

    /// The same account, read in another region.
    pub fn in_region(&self, region: &str) -> Live {
        Live { here: self.clients.in_region(region), ..self.clone() }
    }

    /// The same account for work that nobody waits for: its questions go behind those of persons, and are tried for longer.
    pub fn in_background(&self) -> Live {
        Live { urgency: Urgency::Background, ..self.clone() }
    }

    /// The same account for one more run of a process that lives long: requests are counted anew, and credentials that were good
    /// an hour ago need not be any more.
    pub fn for_one_run(&self) -> Live {
        Live { journal: Journal::default(), ..self.clone() }
    }
}
