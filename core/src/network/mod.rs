//! Can this interface open a connection to that service? Names, routes, endpoints, groups and ACLs, as EC2 has them.
//!
//! Values in, values out: what is read comes from [`Surroundings`], and what is not known there is never taken for
//! open, nor for blocked. Whether a blocker explains a stop, and the policies of endpoints, are the business of others.

pub mod acl;
pub mod address;
mod border;
mod dns;
mod endpoint;
pub mod hosts;
mod ipv6;
mod leg;
mod nat;
mod path;
pub mod route;
mod scene;
pub mod security_group;
mod surroundings;
mod trace;

#[cfg(test)]
pub(crate) mod lab;
#[cfg(test)]
mod tests;

pub use address::AddressSet;
pub use dns::{Resolver, Zone};
pub use hosts::{Registry, Service};
pub use path::{Blocker, Client, Destination, Part, Path, Way};
pub use surroundings::Surroundings;
pub use trace::trace;
