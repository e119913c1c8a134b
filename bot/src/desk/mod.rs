//! The desk: takes what the platforms hear, and answers it.
#![allow(dead_code)]

pub mod asked;
