//! What somebody wrote, without what Discord's markup adds to it. <https://discord.com/developers/docs/reference#message-formatting>

/// Longer than anything that Discord lets people write.
const LONGEST: usize = 8000;

/// Whether the bot itself is mentioned in the words, not only by answering one of its messages.
pub(super) fn mentions(content: &str, me: u64) -> bool {
    content.contains(&format!("<@{me}>")) || content.contains(&format!("<@!{me}>"))
}

/// The words, without mentions and code marks.
pub(super) fn words(content: &str) -> String {
    let content: String = content.chars().take(LONGEST).collect();
    let mut plain = String::with_capacity(content.len());
    // What stands between fences is taken as it is.
    for (piece, text) in content.split("```").enumerate() {
        if piece % 2 == 0 {
            outside(text, &mut plain);
        } else {
            plain.push('\n');
            plain.push_str(without_language(text));
            plain.push('\n');
        }
    }
    plain.trim().to_owned()
}

/// A fence may say what language it is in, if a line follows.
fn without_language(text: &str) -> &str {
    match text.split_once('\n') {
        Some((first, rest)) if first.chars().all(|c| c.is_ascii_alphanumeric() || "+-#_.".contains(c)) => rest,
        _ => text,
    }
}

fn outside(text: &str, plain: &mut String) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == '<'
            && let Some((inner, after)) = rest[1..].split_once('>')
            && let Some(meant) = angle(inner)
        {
            plain.push_str(meant);
            rest = after;
            continue;
        }
        let after = &rest[first.len_utf8()..];
        match first {
            '`' => {}
            // Not what JSON escapes: pasted JSON stays whole.
            '\\' if after.starts_with(|c| "_*~|>#-.:<[]()`@".contains(c)) => {
                let escaped = after.chars().next().map_or(0, char::len_utf8);
                plain.push_str(&after[..escaped]);
                rest = &after[escaped..];
                continue;
            }
            _ if rest.starts_with("**") || rest.starts_with("||") || rest.starts_with("~~") => {
                rest = &rest[2..];
                continue;
            }
            _ => plain.push(first),
        }
        rest = after;
    }
}

/// What an angle bracket means: none if it is one that somebody wrote.
fn angle(inner: &str) -> Option<&str> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(someone) = inner.strip_prefix('@') {
        return digits(someone.trim_start_matches(['!', '&'])).then_some(" ");
    }
    if let Some(channel) = inner.strip_prefix('#') {
        return digits(channel).then_some(" ");
    }
    if inner.starts_with("https://") || inner.starts_with("http://") {
        return (!inner.contains(char::is_whitespace)).then_some(inner);
    }
    if let Some(command) = inner.strip_prefix('/') {
        return command.rsplit_once(':').filter(|(_, id)| digits(id)).map(|(name, _)| name);
    }
    let emoji = inner.strip_prefix("a:").or_else(|| inner.strip_prefix(':'));
    if let Some((_, id)) = emoji.and_then(|emoji| emoji.rsplit_once(':')) {
        return digits(id).then_some(" ");
    }
    let time = inner.strip_prefix("t:").map(|time| time.split(':').next().unwrap_or_default());
    time.filter(|time| digits(time.trim_start_matches('-'))).map(|_| " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_what_was_meant() {
        for (said, meant) in [
            ("<@42> why did task 0123abcd stop?", "why did task 0123abcd stop?"),
            ("<@!42>why did prod/payments stop", "why did prod/payments stop"),
            (
                "hey <@42>, <@&7> <#9> why is `checkout` failing <:ops:123> <a:fire:5> <t:1700000000:R>",
                "hey ,   why is checkout failing",
            ),
            (
                "<https://console.aws.amazon.com/ecs/v2/clusters/prod?region=eu-west-1>",
                "https://console.aws.amazon.com/ecs/v2/clusters/prod?region=eu-west-1",
            ),
            ("why did **payments** in my\\_cluster stop", "why did payments in my_cluster stop"),
            ("</why:1234> prod", "why prod"),
            ("a < b > c <not a mention> <@x> <#> <:a:b>", "a < b > c <not a mention> <@x> <#> <:a:b>"),
            ("```json\n{\"a\":\"<@1> \\\"x\\\" **\"}\n```", "{\"a\":\"<@1> \\\"x\\\" **\"}"),
            ("what is ```CannotPullContainerError: x``` here", "what is \nCannotPullContainerError: x\n here"),
            ("{\"a\":\"b\\\"c\\\\d\\n\"}", "{\"a\":\"b\\\"c\\\\d\\n\"}"),
            ("unclosed ``` fence <@42>", "unclosed \n fence <@42>"),
            ("\\", "\\"),
            ("", ""),
            (
                "prod-* arn:aws:ecs:eu-west-1:123456789012:task/prod/ab",
                "prod-* arn:aws:ecs:eu-west-1:123456789012:task/prod/ab",
            ),
        ] {
            let words = words(said);
            let words: Vec<&str> = words.split(' ').filter(|word| !word.is_empty()).collect();
            let meant: Vec<&str> = meant.split(' ').filter(|word| !word.is_empty()).collect();
            assert_eq!(words, meant, "{said}");
        }
    }

    #[test]
    fn only_a_mention_of_the_bot_is_one() {
        assert!(mentions("hi <@42>", 42) && mentions("<@!42>", 42));
        assert!(!mentions("hi <@421>", 42) && !mentions("<@&42>", 42) && !mentions("@42", 42));
    }

    #[test]
    fn what_is_too_long_is_cut() {
        assert!(words(&"`<@".repeat(100_000)).len() <= LONGEST);
        assert!(words(&"é<".repeat(100_000)).chars().count() <= LONGEST);
    }
}
