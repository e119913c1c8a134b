//! See `hear.rs`.
