//! See `speak.rs`.
