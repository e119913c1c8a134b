//! Where to look next: what a log that is empty means, and where an instance's own log tells more than ECS does.

use super::rank::Ranked;
use crate::case::{Case, LaunchType};
use crate::change::command;
use crate::evidence::{Answer, Facts, Known, Question};
use crate::report::Status;

/// The agent's own log says more than the stop, where nothing that was read settles it.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logs.html>
pub fn agent_log(case: &Case<'_>, facts: &Facts<'_>, ranked: &[Ranked]) -> Option<String> {
    let task = case.task.filter(|_| case.launch == LaunchType::Instance && case.symptom.is_some())?;
    if ranked.iter().any(|one| one.status == Status::Confirmed && !one.latent) {
        return None;
    }
    let arn = task.container_instance.as_deref()?;
    let question = Question::ContainerInstance { cluster: case.cluster.clone(), container_instance: arn.to_owned() };
    let Answer::Known(Known::ContainerInstance(found)) = &facts.kept(&question)?.answer else { return None };
    let instance = found.instance.as_deref()?;
    // Lines of this task alone: the log is the whole instance's.
    let id = task.arn.rsplit('/').next().unwrap_or_default();
    // It goes to a shell on the instance as it is.
    if !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return None;
    }
    let script = format!("commands=[\"grep -h {id} /var/log/ecs/ecs-agent.log* | tail -n 200\"]");
    let words = ["aws", "ssm", "send-command", "--document-name", "AWS-RunShellScript", "--instance-ids", instance];
    let send =
        command(words.into_iter().chain(["--parameters", &script, "--query", "Command.CommandId", "--output", "text"]));
    Some(format!(
        "the agent's log on the instance may tell more. `{send}` fetches its lines about this task \
         (`aws ssm get-command-invocation` prints them), and `ecs-why explain` reads them"
    ))
}

/// A container that ran and wrote nothing.
pub fn empty_log(container: &str, group: &str, stream: &str, known_to_be_there: bool) -> String {
    if known_to_be_there {
        format!("container {container} wrote no line into its log ({group}, stream {stream})")
    } else {
        format!(
            "log group {group} has no stream {stream}: container {container} never got as far as writing a line, or could not"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, TASK};
    use crate::diagnosis::explains::Explains;
    use crate::diagnosis::rank::rank;
    use crate::diagnosis::walk::walk;

    fn hint(fixture: &Fixture) -> Option<String> {
        let (case, facts) = (fixture.case(), Facts::new(&fixture.evidence));
        let steps = walk(&case, &facts);
        agent_log(&case, &facts, &rank(&case, &steps, &Explains::of(&case, &facts)))
    }

    #[test]
    fn on_an_instance_a_stop_that_nothing_settles_is_looked_up_in_the_agents_log() {
        let told = hint(&Fixture::ec2().stopped("TaskFailedToStart", "?")).expect("nobody knows such a stop");
        let id = TASK.rsplit('/').next().unwrap_or_default();
        assert!(
            told.contains("--instance-ids i-1 ") && told.contains(&format!("grep -h {id} /var/log/ecs/ecs-agent.log*"))
        );
    }

    #[test]
    fn what_is_settled_or_runs_on_fargate_needs_no_agent() {
        assert_eq!(hint(&Fixture::fargate().stopped("TaskFailedToStart", "?")), None);
        let killed = Some("OutOfMemoryError: Container killed due to memory usage");
        assert_eq!(hint(&Fixture::ec2().ended("EssentialContainerExited", "x", Some(137), killed)), None);
        assert_eq!(hint(&Fixture::ec2().check()), None);
    }

    #[test]
    fn a_log_without_a_line_is_said() {
        assert!(empty_log("app", "/ecs/web", "a/b", true).contains("wrote no line"));
        assert!(empty_log("app", "/ecs/web", "a/b", false).starts_with("log group /ecs/web has no stream a/b"));
    }
}
