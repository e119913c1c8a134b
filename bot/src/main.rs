//! `ecs-why-bot`: the diagnosis in the incident channel, in Slack and Discord. What it says is decided in `ecs-why-core`.

mod desk;
mod outbox;
mod platform;
mod slack;
mod store;
mod words;

fn main() {}
