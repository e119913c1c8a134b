//! A file a command: parse, call, render.

pub mod causes;
pub mod check;
pub mod demo;
pub mod explain;
pub mod permissions;
pub mod plugin;
pub mod recent;
pub mod triage;
pub mod why;
