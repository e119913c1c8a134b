//! A card as an embed.

use crate::platform::{Attachment, Message};
use ecs_why_core::render::Tone;
use serenity::all::ButtonStyle;
use serenity::builder::{CreateActionRow, CreateButton, CreateEmbed, CreateEmbedFooter};

/// A message as Discord takes it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The embeds.
    pub embeds: Vec<CreateEmbed>,
    /// The rows of buttons.
    pub components: Vec<CreateActionRow>,
    /// What had no room.
    pub rest: Option<Attachment>,
}

/// The message as Discord takes it. The key stands in the footer.
pub fn shown(message: &Message, key: &str) -> Shown {
    let card = &message.card;
    let colour = match card.tone {
        Tone::Bad => 0x00d3_2f2f,
        Tone::Unsure => 0x00f9_a825,
        Tone::Plain => 0x0060_7d8b,
        Tone::Good => 0x0038_8e3c,
    };
    let text: Vec<String> = card.blocks.iter().map(|block| format!("{block:?}")).collect();
    let cut = |text: &str, most: usize| -> String { text.chars().take(most).collect() };
    let embed =
        CreateEmbed::new().title(cut(&card.title, 256)).description(cut(&text.join("\n"), 4000)).colour(colour).footer(
            CreateEmbedFooter::new(format!("{} · {key}", cut(card.footer.as_deref().unwrap_or_default(), 500))),
        );
    let buttons: Vec<CreateButton> = message
        .buttons
        .iter()
        .map(|button| CreateButton::new(&button.value).label(&button.label).style(ButtonStyle::Secondary))
        .collect();
    let components = buttons.chunks(5).map(|row| CreateActionRow::Buttons(row.to_vec())).collect();
    Shown { embeds: vec![embed], components, rest: None }
}
