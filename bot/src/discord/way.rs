//! The way back to who asked, as it stands in [`Route::Interaction`]: an interaction's token with what it answers, or the message that a
//! reply belongs under. Nobody but this folder reads it.

use crate::platform::Route;
use jiff::Timestamp;

/// What Discord counts the time in its ids from, in milliseconds since 1970.
/// <https://discord.com/developers/docs/reference#snowflakes>
const EPOCH: i64 = 1_420_070_400_000;
/// A token is dead after 15 minutes: a request that begins now still has to arrive.
const TOKEN_LIVES: i64 = 15 * 60 * 1000 - 15_000;
/// So young, its first answer may still be on its way to Discord, beside ours.
const TOKEN_IS_YOUNG: i64 = 10_000;

/// How an answer gets back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// As what the interaction of a slash command was deferred with.
    Command(Token),
    /// As a message in the place; the token of the press serves for what only who pressed may read, and where the bot may not write.
    Press(Token),
    /// As a reply to this message.
    Reply {
        /// The channel or thread of the message.
        channel: u64,
        /// The message.
        message: u64,
    },
    /// As a message in the place.
    Plain,
}

/// What stands for an interaction.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token {
    interaction: u64,
    secret: String,
}

/// Whoever has it can speak in the bot's name.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("interaction", &self.interaction).finish_non_exhaustive()
    }
}

impl Token {
    /// None where it could not stand in an address as it is.
    pub(super) fn new(interaction: u64, secret: &str) -> Option<Token> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~=".contains(c);
        let fits = !secret.is_empty() && secret.len() <= 1000 && secret.chars().all(plain) && !secret.starts_with('.');
        fits.then(|| Token { interaction, secret: secret.to_owned() })
    }

    /// As it stands in an address.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// Whether Discord still takes it.
    pub(super) fn lives(&self, now: Timestamp) -> bool {
        self.age(now) < TOKEN_LIVES
    }

    /// Whether it may be that Discord has not seen its first answer yet.
    pub(super) fn is_young(&self, now: Timestamp) -> bool {
        self.age(now) < TOKEN_IS_YOUNG
    }

    fn age(&self, now: Timestamp) -> i64 {
        now.as_millisecond().saturating_sub(made(self.interaction))
    }
}

/// When what has this id was made, in milliseconds since 1970.
fn made(id: u64) -> i64 {
    i64::try_from(id >> 22).unwrap_or(i64::MAX - EPOCH).saturating_add(EPOCH)
}

/// The smallest id of what is made at this time or later.
pub(super) fn first_id(at: Timestamp) -> u64 {
    let since = u64::try_from(at.as_millisecond().saturating_sub(EPOCH)).unwrap_or_default();
    since.min(u64::MAX >> 22) << 22
}

impl Way {
    pub(super) fn of(route: &Route) -> Way {
        let Route::Interaction(text) = route else { return Way::Plain };
        let mut parts = text.splitn(3, ':');
        let (Some(kind), Some(first), Some(second)) = (parts.next(), parts.next(), parts.next()) else {
            return Way::Plain;
        };
        let Ok(first) = first.parse() else { return Way::Plain };
        let way = match kind {
            "command" => Token::new(first, second).map(Way::Command),
            "press" => Token::new(first, second).map(Way::Press),
            "reply" => second.parse().ok().map(|message| Way::Reply { channel: first, message }),
            _ => None,
        };
        way.unwrap_or(Way::Plain)
    }

    pub(super) fn route(&self) -> Route {
        match self {
            Way::Command(token) => Route::Interaction(format!("command:{}:{}", token.interaction, token.secret)),
            Way::Press(token) => Route::Interaction(format!("press:{}:{}", token.interaction, token.secret)),
            Way::Reply { channel, message } => Route::Interaction(format!("reply:{channel}:{message}")),
            Way::Plain => Route::Message,
        }
    }

    /// The token that still stands for the interaction.
    pub(super) fn token(&self, now: Timestamp) -> Option<&Token> {
        match self {
            Way::Command(token) | Way::Press(token) => Some(token).filter(|token| token.lives(now)),
            Way::Reply { .. } | Way::Plain => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_way_comes_back_from_its_route() {
        assert!(Token::new(77, "aW50.er-act_ion:").is_none(), "no token has a colon");
        let token = Token::new(77, "aW50.er-act_ion").expect("a token");
        for way in [Way::Command(token.clone()), Way::Press(token), Way::Reply { channel: 5, message: 6 }, Way::Plain] {
            assert_eq!(Way::of(&way.route()), way);
        }
    }

    #[test]
    fn what_is_no_way_of_ours_is_a_message_in_the_place() {
        for text in [
            "",
            "command",
            "command:7",
            "command:x:tok",
            "command:7:",
            "command:7:../../users/@me",
            "command:7:a/b",
            "command:7:a?b",
            "command:7:..",
            "press:7:a b",
            "reply:7:x",
            "shout:7:8",
            "https://hooks.example/1",
        ] {
            assert_eq!(Way::of(&Route::Interaction(text.to_owned())), Way::Plain, "{text}");
        }
    }

    #[test]
    fn a_token_is_not_written_into_a_log() {
        let token = Token::new(77, "sesame").unwrap();
        assert!(!format!("{:?}", Way::Command(token)).contains("sesame"));
    }

    #[test]
    fn ids_tell_the_time_as_in_discords_example() {
        // The example of the documentation: 2016-04-30 11:18:25.796 UTC.
        assert_eq!(made(175_928_847_299_117_063), at("2016-04-30T11:18:25.796Z").as_millisecond());
        assert_eq!(made(first_id(at("2026-11-22T08:00:00.123Z"))), at("2026-11-22T08:00:00.123Z").as_millisecond());
        assert_eq!(first_id(at("1999-01-01T00:00:00Z")), 0);
    }

    #[test]
    fn a_token_dies_before_its_quarter_of_an_hour_is_over() {
        let token = Token::new(first_id(at("2026-11-22T08:00:00Z")), "t").unwrap();
        let way = Way::Command(token.clone());
        assert!(way.token(at("2026-11-22T08:14:40Z")).is_some());
        assert!(way.token(at("2026-11-22T08:14:50Z")).is_none());
        assert!(token.is_young(at("2026-11-22T08:00:09Z")) && !token.is_young(at("2026-11-22T08:00:11Z")));
    }
}
