//! What causes judge: the whole case, or each part of it that can be at fault by itself.

use crate::case::{Case, Container};
use crate::evidence::Facts;
use crate::launch::env_files::{EnvFile, env_files};
use crate::launch::images::EcrUse;
use crate::launch::logs::{LogUse, log_uses};
use crate::launch::needs::{Need, needs};
use crate::launch::secrets::{SecretUse, secret_uses};
use crate::model::Unknown;

/// Something that a cause judges.
pub trait Subject: Sized {
    /// All of them in a case.
    ///
    /// # Errors
    /// When they are not known.
    fn all(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<Self>, Unknown>;
}

/// The case as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole;

impl Subject for Whole {
    fn all(_case: &Case<'_>, _facts: &Facts<'_>) -> Result<Vec<Self>, Unknown> {
        Ok(vec![Whole])
    }
}

impl Subject for Container {
    fn all(case: &Case<'_>, _facts: &Facts<'_>) -> Result<Vec<Self>, Unknown> {
        case.containers()
    }
}

/// A container that pulls from a private registry of ECR.
#[derive(Debug, Clone)]
pub struct Pull {
    /// The container.
    pub container: String,
    /// Its image.
    pub ecr: EcrUse,
}

impl Subject for Pull {
    fn all(case: &Case<'_>, _facts: &Facts<'_>) -> Result<Vec<Self>, Unknown> {
        let pull = |container: Container| {
            let ecr = EcrUse::of(&container)?.pinned(case);
            Some(Pull { container: container.name().to_owned(), ecr })
        };
        Ok(case.containers()?.into_iter().filter_map(pull).collect())
    }
}

impl Subject for Need {
    fn all(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<Self>, Unknown> {
        needs(case, facts)
    }
}

impl Subject for SecretUse {
    fn all(case: &Case<'_>, _facts: &Facts<'_>) -> Result<Vec<Self>, Unknown> {
        secret_uses(case)
    }
}

impl Subject for EnvFile {
    fn all(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<Self>, Unknown> {
        env_files(case, facts)
    }
}

impl Subject for LogUse {
    fn all(case: &Case<'_>, _facts: &Facts<'_>) -> Result<Vec<Self>, Unknown> {
        log_uses(case)
    }
}
