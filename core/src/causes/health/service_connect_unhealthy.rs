//! The Service Connect proxy of the task did not become healthy.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The Service Connect proxy of the task did not become healthy.
///
/// # Why a task stops here
/// With Service Connect ECS adds a proxy to the task. It needs CPU and memory of its own and a way to the control plane,
/// and the task is stopped when it does not get ready.
/// # How it is told
/// By the proxy's own words, or by the name of the unhealthy container (`ecs-service-connect-...`).
/// # Prevention
/// Some 256 CPU units and 64 MiB more than the application needs.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html>
pub struct ServiceConnectUnhealthy;
}

impl Cause for ServiceConnectUnhealthy {
    type Subject = Whole;
    const ID: CauseId = CauseId::ServiceConnectUnhealthy;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "the Service Connect proxy of the task did not become healthy; the application is not at fault".to_owned()
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_service(
            case,
            "Give the task more CPU and memory, and read the log of the proxy",
            "deployments[].serviceConnectConfiguration",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            ServiceConnectUnhealthy::ID,
            "ServiceSchedulerInitiated",
            &[
                "[error] [AppNet Agent] Envoy readiness check failed with: Get \"http://127.0.0.1:9901/ready\": \
                 context deadline exceeded",
                "ecs-service-connect-abcde is UNHEALTHY",
            ],
            &["Task failed container health checks"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            ServiceConnectUnhealthy::ID,
            "ServiceSchedulerInitiated",
            "[error] [AppNet Agent] Envoy readiness check failed \
             with: Get \"http://127.0.0.1:9901/ready\": context \
             deadline exceeded",
        );
        assert!(command.contains("serviceConnectConfiguration"), "{command}");
    }
}
