//! The slash command, as Discord is told of it.

use super::hear::{COMMAND, TARGET};
use super::rest::{Rest, Said};
use super::{DiscordConfig, why_not};
use anyhow::anyhow;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// The longest that Discord lets an option be: a pasted event fits.
const LONGEST: usize = 6000;
/// Nobody waits longer than this for a command to be registered.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tells Discord of the commands, in all guilds or in one, and how many there are. What was registered before is replaced, so doing it again
/// changes nothing.
///
/// # Errors
/// When Discord refuses the token or the commands, or cannot be reached.
pub async fn register(config: &DiscordConfig, guild: Option<u64>) -> anyhow::Result<usize> {
    let rest = Rest::new(config)?;
    let application = rest.application().await.map_err(|trouble| anyhow!(why_not(trouble)))?;
    let path = match guild {
        Some(guild) => format!("/applications/{application}/guilds/{guild}/commands"),
        None => format!("/applications/{application}/commands"),
    };
    let said = Said { json: commands(guild.is_none()), file: None };
    let answer = rest.insist(PATIENCE, Method::PUT, &path, Some(&said)).await;
    Ok(answer.map_err(|trouble| anyhow!(why_not(trouble)))?.as_array().map_or(0, Vec::len))
}

/// The commands. Where they are to be seen can only be said of those of all guilds.
/// <https://discord.com/developers/docs/interactions/application-commands#bulk-overwrite-global-application-commands>
fn commands(everywhere: bool) -> Value {
    let mut command = json!({
        "type": 1,
        "name": COMMAND,
        "description": "Why did an ECS task stop? Without a target: what fails now in this channel's clusters",
        "options": [{
            "type": 3,
            "name": TARGET,
            "description": "A task, cluster/service, a console link, or a pasted stop reason or event",
            "required": false,
            "autocomplete": true,
            "max_length": LONGEST,
        }],
    });
    if everywhere {
        // In guilds and in direct messages with the bot, and installed to guilds, not to people.
        command["contexts"] = json!([0, 1]);
        command["integration_types"] = json!([0]);
    }
    json!([command])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_keeps_discords_limits() {
        for everywhere in [true, false] {
            let commands = commands(everywhere);
            let command = &commands[0];
            let name = command["name"].as_str().unwrap();
            assert!((1..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase()));
            for described in [command, &command["options"][0]] {
                assert!((1..=100).contains(&described["description"].as_str().unwrap().chars().count()));
            }
            assert_eq!(command.get("contexts").is_some(), everywhere);
        }
    }
}
