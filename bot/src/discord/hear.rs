//! What the gateway says, as what was heard. It asks nobody: where a thread belongs is told to it.

use super::plain;
use super::way::{Token, Way};
use crate::platform::{Heard, Kind, Person, Place, Sent, What};
use serenity::model::application::{
    CommandDataOptionValue, CommandInteraction, ComponentInteraction, ComponentInteractionDataKind,
};
use serenity::model::channel::{ChannelType, Message, MessageType, PartialChannel};
use serenity::model::guild::Member;
use serenity::model::id::{ChannelId, GuildId, RoleId, UserId};

/// The slash command.
pub(super) const COMMAND: &str = "why";
/// Its one option.
pub(super) const TARGET: &str = "target";

/// What a slash command asks.
pub(super) fn command(interaction: &CommandInteraction) -> Option<Heard> {
    let words = interaction.data.options.iter().find(|option| option.name == TARGET);
    let words = words.and_then(|option| option.value.as_str()).unwrap_or_default().trim().to_owned();
    Some(Heard {
        id: id(interaction.id.get()),
        place: place(interaction.guild_id, interaction.channel_id, interaction.channel.as_ref()),
        person: person(interaction.user.id, interaction.member.as_deref()),
        what: What::Command(words),
        route: Way::Command(Token::new(interaction.id.get(), &interaction.token)?).route(),
    })
}

/// What is being typed, by whom, and where.
pub(super) fn typing(interaction: &CommandInteraction) -> Option<(Place, Person, &str)> {
    let option = interaction.data.options.iter().find(|option| option.name == TARGET)?;
    let CommandDataOptionValue::Autocomplete { value, .. } = &option.value else { return None };
    let place = place(interaction.guild_id, interaction.channel_id, interaction.channel.as_ref());
    Some((place, person(interaction.user.id, interaction.member.as_deref()), value))
}

/// What was pressed.
pub(super) fn press(interaction: &ComponentInteraction) -> Option<Heard> {
    let value = match &interaction.data.kind {
        ComponentInteractionDataKind::Button => interaction.data.custom_id.clone(),
        ComponentInteractionDataKind::StringSelect { values } => values.first()?.clone(),
        _ => return None,
    };
    let on = Sent { channel: interaction.message.channel_id.to_string(), message: interaction.message.id.to_string() };
    Some(Heard {
        id: id(interaction.id.get()),
        place: place(interaction.guild_id, interaction.channel_id, interaction.channel.as_ref()),
        person: person(interaction.user.id, interaction.member.as_ref()),
        what: What::Press { value, on },
        route: Way::Press(Token::new(interaction.id.get(), &interaction.token)?).route(),
    })
}

/// Whether a message asks us: a direct one does, and one that mentions us. Neither do other programs, nor we ourselves.
pub(super) fn asks(message: &Message, me: u64) -> bool {
    let program = message.author.bot || message.webhook_id.is_some() || message.author.id.get() == me;
    let said = matches!(message.kind, MessageType::Regular | MessageType::InlineReply);
    said && !program && (message.guild_id.is_none() || plain::mentions(&message.content, me))
}

/// What a message asks. `parent`: the channel of the thread that it stands in, if it does.
pub(super) fn message(message: &Message, parent: Option<u64>) -> Heard {
    let (channel, thread) = match parent {
        Some(parent) => (parent.to_string(), Some(message.channel_id.to_string())),
        None => (message.channel_id.to_string(), None),
    };
    let roles = message.member.as_ref().map(|member| names(&member.roles)).unwrap_or_default();
    Heard {
        id: id(message.id.get()),
        place: Place {
            kind: Kind::Discord,
            space: message.guild_id.map(|guild| guild.to_string()),
            channel,
            thread,
            direct: message.guild_id.is_none(),
        },
        person: Person { id: message.author.id.to_string(), roles },
        what: What::Words(plain::words(&message.content)),
        route: Way::Reply { channel: message.channel_id.get(), message: message.id.get() }.route(),
    }
}

/// Ids are unique over everything that Discord makes.
fn id(snowflake: u64) -> String {
    format!("discord:{snowflake}")
}

fn person(user: UserId, member: Option<&Member>) -> Person {
    Person { id: user.to_string(), roles: member.map(|member| names(&member.roles)).unwrap_or_default() }
}

fn names(roles: &[RoleId]) -> Vec<String> {
    roles.iter().map(ToString::to_string).collect()
}

fn place(guild: Option<GuildId>, channel: ChannelId, known: Option<&PartialChannel>) -> Place {
    let parent = known.filter(|known| is_thread(known.kind)).and_then(|known| known.parent_id);
    let (channel, thread) = match parent {
        Some(parent) => (parent.to_string(), Some(channel.to_string())),
        None => (channel.to_string(), None),
    };
    Place { kind: Kind::Discord, space: guild.map(|guild| guild.to_string()), channel, thread, direct: guild.is_none() }
}

fn is_thread(kind: ChannelType) -> bool {
    matches!(kind, ChannelType::PublicThread | ChannelType::PrivateThread | ChannelType::NewsThread)
}

#[cfg(test)]
mod tests;
