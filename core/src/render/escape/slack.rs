//! Foreign text in Slack: plain, or in the markup of notifications.
//!
//! <https://docs.slack.dev/messaging/formatting-message-text>

use super::{calls_all, line, within};

/// It joins words, takes no room, and keeps apart what would act together.
const JOINER: char = '\u{2060}';

/// One line for where Slack reads no markup: plain text, and the elements of rich text.
///
/// What would be a mention in markup is broken all the same: a client that is wrong about it then shows it, and calls nobody.
pub fn slack_plain(text: &str) -> String {
    apart(&line(text, true))
}

/// One line of Slack's markup ("mrkdwn") that forms no link, mention or style. For notifications, which know nothing else:
/// what would style is replaced by what looks like it.
pub fn slack_text(text: &str) -> String {
    let text = apart(&line(text, true));
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '*' => out.push('\u{2217}'),
            '~' => out.push('\u{223c}'),
            '`' => out.push('\''),
            // Within a word it is only itself.
            '_' if !(within(before) && within(next)) => out.push('\u{2cd}'),
            // Addresses become links by themselves.
            ':' if next == Some('/') => out.extend([':', JOINER]),
            '.' if before == Some('w') => out.extend(['.', JOINER]),
            c => out.push(c),
        }
        before = Some(c);
    }
    out
}

/// No mention, and no link in angle brackets.
fn apart(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before: Option<char> = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(c);
        let next = rest.peek().copied();
        let calls = match c {
            '<' => next.is_some_and(|next| matches!(next, '!' | '@' | '#' | 'h' | 'H' | 'm' | 'M')),
            '@' => calls_all(rest.clone()) || !within(before) && next.is_some_and(char::is_alphanumeric),
            _ => false,
        };
        if calls {
            out.push(JOINER);
        }
        before = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::tests::hostile;
    use super::*;
    use proptest::prelude::*;
    use regex::Regex;

    #[test]
    fn notifications_say_only_what_they_are_told() {
        for (text, expected) in [
            ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
            (
                "<!channel> <@U123> <#C1|x>",
                "&lt;\u{2060}!channel&gt; &lt;\u{2060}@\u{2060}U123&gt; &lt;\u{2060}#C1|x&gt;",
            ),
            ("@here repo@sha256", "@\u{2060}here repo@sha256"),
            ("*b* _i_ ~s~ `c`", "\u{2217}b\u{2217} \u{2cd}i\u{2cd} \u{223c}s\u{223c} 'c'"),
            ("my_task_name", "my_task_name"),
            ("https://evil.example www.evil.example", "https:\u{2060}//evil.example www.\u{2060}evil.example"),
            ("one\ntwo\u{202e}", "one two&lt;U+202E&gt;"),
            ("&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;"),
        ] {
            assert_eq!(slack_text(text), expected, "{text:?}");
        }
        assert_eq!(slack_plain("<!here> a_b *c* https://x"), "<\u{2060}!here> a_b *c* https://x");
    }

    /// Slack's own words for what is found in a text.
    fn acts() -> Regex {
        let style = r"(^|[^\p{Alphabetic}\p{N}])(\*[^\s*][^*]*\*|_[^\s_][^_]*_|~[^\s~][^~]*~)|`";
        Regex::new(&format!(r"(?i)<[^>]*>|<|>|https?://|@(here|channel|everyone)\b|{style}")).expect("a pattern")
    }

    proptest! {
        #[test]
        fn a_parser_sees_nothing(words in prop::collection::vec(prop_oneof![
            hostile(),
            prop::sample::select(vec!["<!channel>", "<@U1>", "<https://e|x>", "*b*", "_i_", "`c`", "~s~", "@here", "https://e", "&lt;", " ", "a"])
                .prop_map(str::to_owned),
        ], 0..8)) {
            let text = slack_text(&words.concat());
            prop_assert!(!acts().is_match(&text), "{:?}", text);
            prop_assert!(!text.contains(|c: char| c.is_control()), "{:?}", text);
            let plain = slack_plain(&words.concat());
            prop_assert!(!plain.contains("<!") && !plain.contains("<@") && !plain.contains("<#"), "{:?}", plain);
        }
    }
}
