//! `ecs-why-bot`: the diagnosis in the incident channel, in Slack and Discord. What it says is decided in `ecs-why-core`.
#![allow(dead_code)]

mod alerts;
mod allow;
mod args;
mod audit;
#[cfg(test)]
mod cards;
mod config;
mod desk;
mod discord;
mod health;
mod limits;
mod log;
mod memory;
mod outbox;
mod platform;
mod room;
mod slack;
mod store;
mod words;

fn main() {}
