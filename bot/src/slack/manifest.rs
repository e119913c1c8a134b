//! The app's manifest: with it, a workspace's owner makes the app in one step.

/// As Slack reads it. It asks for the scopes of what is called, and of the events that are heard: no more.
pub const MANIFEST: &str = include_str!("../../slack-manifest.yaml");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::COMMAND;
    use crate::slack::web::Method;
    use std::collections::BTreeSet;

    /// The items of a list under this key, without comments.
    fn list(key: &str) -> BTreeSet<&str> {
        let lines = MANIFEST.lines().skip_while(|line| line.trim() != format!("{key}:")).skip(1);
        lines
            .map(|line| line.split('#').next().unwrap_or_default().trim())
            .filter(|line| !line.is_empty())
            .map_while(|line| line.strip_prefix("- "))
            .collect()
    }

    /// What an event needs: <https://docs.slack.dev/reference/events>
    fn scope_of(event: &str) -> &'static str {
        match event {
            "app_mention" => "app_mentions:read",
            "message.im" => "im:history",
            _ => panic!("{event} is not heard"),
        }
    }

    #[test]
    fn the_manifest_asks_for_the_scopes_of_what_is_called_and_heard_and_no_more() {
        let mut needed: BTreeSet<&str> = Method::ALL.iter().flat_map(|method| method.scopes()).copied().collect();
        // The slash command.
        needed.insert("commands");
        needed.extend(list("bot_events").into_iter().map(scope_of));
        assert_eq!(list("bot"), needed);
    }

    #[test]
    fn the_manifest_has_the_events_and_the_command_that_are_read() {
        assert_eq!(list("bot_events"), BTreeSet::from(["app_mention", "message.im"]));
        assert!(MANIFEST.contains(&format!("- command: {COMMAND}\n")));
        for setting in ["socket_mode_enabled: true", "is_enabled: true", "messages_tab_enabled: true"] {
            assert!(MANIFEST.contains(setting), "{setting}");
        }
    }
}
