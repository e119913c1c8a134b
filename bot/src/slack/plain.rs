//! What somebody wrote, without what Slack made of it: entities, mentions and links are undone.
//! <https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages>

/// More than Slack lets anybody send; what is behind it is left out.
const MOST: usize = 64 << 10;
/// The end of a mark is not looked for further than this: the longest link is shorter.
const LONGEST_MARK: usize = 4 << 10;

/// The text as it was typed. Mentions of this user are left out: they only say that the bot is meant.
pub fn plain(text: &str, own: &str) -> String {
    let mut rest = upto(text, MOST);
    let mut plain = String::with_capacity(rest.len());
    while let Some(at) = rest.find(['<', '&']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((character, after)) = entity(rest) {
            plain.push(character);
            rest = after;
        } else if let Some((inside, after)) = marked(rest) {
            match typed(inside, own) {
                Some(typed) => plain.push_str(&typed),
                // Not Slack's: a command's words come without marks where the manifest says so.
                None => plain.push_str(&rest[..rest.len() - after.len()]),
            }
            rest = after;
        } else {
            plain.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    plain.push_str(rest);
    plain.trim().to_owned()
}

fn upto(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Each is undone once: `&amp;lt;` was typed as `&lt;`.
fn entity(text: &str) -> Option<(char, &str)> {
    [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')]
        .into_iter()
        .find_map(|(written, character)| text.strip_prefix(written).map(|after| (character, after)))
}

/// What stands between `<` and `>`, and what follows.
fn marked(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('<')?;
    let (inside, _) = upto(text, LONGEST_MARK).split_once('>')?;
    (!inside.contains(['<', '\n'])).then(|| (inside, &text[inside.len() + 1..]))
}

fn typed(inside: &str, own: &str) -> Option<String> {
    let (what, label) = inside.split_once('|').map_or((inside, None), |(what, label)| (what, Some(label)));
    let label = label.filter(|label| !label.is_empty());
    let named = |sign: &str, id: &str| format!("{sign}{}", entities(label.unwrap_or(id).trim_start_matches(sign)));
    if let Some(user) = what.strip_prefix('@') {
        return Some(if user == own { String::new() } else { named("@", user) });
    }
    if let Some(channel) = what.strip_prefix('#') {
        return Some(named("#", channel));
    }
    if let Some(special) = what.strip_prefix('!') {
        return Some(match special.split_once('^') {
            // A date is read as it was shown.
            Some(("date", _)) => entities(label.unwrap_or_default()),
            Some((_, id)) => named("@", id),
            None => named("@", special),
        });
    }
    let (scheme, address) = what.split_once(':')?;
    if !matches!(scheme, "http" | "https" | "mailto" | "tel" | "ftp" | "slack") {
        return None;
    }
    // Slack makes links of what looks like one (`registry.example.com/app:1`): the label is what was typed.
    let made = label.is_some_and(|label| label == address.trim_start_matches('/'));
    Some(entities(if made { label.unwrap_or(what) } else { what }))
}

fn entities(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::with_capacity(rest.len());
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        let (character, after) = entity(&rest[at..]).unwrap_or(('&', &rest[at + 1..]));
        plain.push(character);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_slack_made_of_the_words_is_undone() {
        for (text, wanted) in [
            ("<@UBOT> why did 0123abcd stop?", "why did 0123abcd stop?"),
            ("hey <@UBOT|why>, payments in prod?", "hey , payments in prod?"),
            ("ask <@U2> or <@U3|jane>", "ask @U2 or @jane"),
            ("see <#C1|incidents> and <#C2>", "see #incidents and #C2"),
            ("<!here> <!channel> <!subteam^S1|@oncall> <!subteam^S2>", "@here @channel @oncall @S2"),
            ("since <!date^1392734382^{date}|18 Feb>", "since 18 Feb"),
            ("a &lt; b &amp;&amp; b &gt; c", "a < b && b > c"),
            ("&amp;lt; stays", "&lt; stays"),
            ("<https://x.example/a?b=1&amp;c=2>", "https://x.example/a?b=1&c=2"),
            ("<https://x.example/a|the console>", "https://x.example/a"),
            (
                "<http://registry.example.com/app:1|registry.example.com/app:1> fails",
                "registry.example.com/app:1 fails",
            ),
            ("<mailto:a@example.com|a@example.com>", "a@example.com"),
            ("  spaces  ", "spaces"),
        ] {
            assert_eq!(plain(text, "UBOT"), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_not_slacks_stays_as_it_is() {
        for text in
            ["a < b", "<", "&", "&nbsp;", "<task>", "<arn:aws:ecs>", "x <unclosed", "<a<b>", "< <", "&amp", "<a\nb>"]
        {
            let wanted = text.replace("&amp;", "&");
            assert_eq!(plain(text, "UBOT"), wanted, "{text}");
        }
    }

    #[test]
    fn too_much_is_cut_between_characters() {
        let long = "é".repeat(MOST);
        let read = plain(&long, "UBOT");
        assert!(read.len() <= MOST && read.chars().all(|character| character == 'é'));
    }

    #[test]
    fn a_hostile_text_costs_no_more_than_its_length() {
        // Each `<` looks for its end: that must not be looked for over and over.
        let text = "<".repeat(MOST);
        let begun = std::time::Instant::now();
        assert_eq!(plain(&text, "UBOT").len(), MOST);
        assert!(begun.elapsed() < std::time::Duration::from_secs(5));
    }
}
