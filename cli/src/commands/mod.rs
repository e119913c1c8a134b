//! A file a command: parse, call, render.

pub mod causes;
pub mod check;
pub mod completions;
pub mod demo;
pub mod explain;
pub mod man;
pub mod permissions;
pub mod plugin;
pub mod recent;
pub mod triage;
pub mod why;
