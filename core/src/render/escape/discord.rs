//! Foreign text in Discord's Markdown.
//!
//! <https://discord.com/developers/docs/reference#message-formatting>

use super::{Piece, calls_all, line, pieces, within};

/// It parts what would act together, and takes no room.
const SPACE: char = '\u{200b}';

/// One line that forms no mention, link, time, style, heading, list or block of code.
pub fn discord(text: &str) -> String {
    let text = line(text, true);
    let mut out = String::with_capacity(text.len());
    let mut before: Option<char> = None;
    let mut rest = text.chars().peekable();
    let mut leading_number = true;
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        match c {
            '\\' | '`' | '*' | '_' | '~' | '|' | '<' | '>' | '[' | ']' => out.extend(['\\', c]),
            '(' if before == Some(']') => out.extend(['\\', c]),
            // Addresses become links by themselves; `:name:` an emoji.
            ':' if next == Some('/') || names_emoji(rest.clone()) => out.extend(['\\', c]),
            // Mentions are looked for before the escapes are.
            '@' if calls_all(rest.clone()) || !within(before) => out.extend(['@', SPACE]),
            // What begins a line may make it a heading, a list, small print.
            '#' | '-' | '+' if before.is_none() => out.extend(['\\', c]),
            '.' | ')' if leading_number && before.is_some() => out.extend(['\\', c]),
            c => out.push(c),
        }
        // Spaces before it do not keep a list from being one.
        let indent = c.is_whitespace() && before.is_none();
        leading_number &= c.is_ascii_digit() || indent;
        before = (!indent).then_some(c);
    }
    out
}

/// Whether what follows a colon is a name, and another colon.
fn names_emoji(rest: impl Iterator<Item = char>) -> bool {
    let mut after = rest.skip_while(|c| c.is_alphanumeric() || matches!(c, '_' | '+' | '-' | '~'));
    after.next() == Some(':')
}

/// Our own sentences, in which names stand in backticks.
pub fn discord_sentence(text: &str) -> String {
    let told = pieces(text).into_iter().map(|piece| match piece {
        Piece::Words(words) => discord(words),
        Piece::Name(name) => discord_name(name),
    });
    told.collect()
}

/// A name as code. One with a backtick in it could end that, and is shown as words.
pub fn discord_name(text: &str) -> String {
    let text = line(text, true);
    match text.trim().is_empty() || text.contains('`') {
        true => discord(&text),
        false => format!("`{text}`"),
    }
}

/// Lines as a block of code, each made fit first; of three backticks in a row, which would end it, the last is parted from the others.
pub fn discord_lines(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|text| line(text, true).replace("``", &format!("`{SPACE}`"))).collect();
    format!("```text\n{}\n```", lines.join("\n"))
}

/// Commands as a block of code, as they are; none if one of them would end the block, since a command is never changed.
pub fn discord_commands(commands: &[String]) -> Option<String> {
    let commands: Vec<String> = commands.iter().map(|command| super::command(command)).collect();
    let ends = |command: &String| command.contains("```") || command.ends_with('`') || command.starts_with('`');
    (!commands.iter().any(ends)).then(|| format!("```sh\n{}\n```", commands.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::super::tests::hostile;
    use super::*;
    use proptest::prelude::*;
    use regex::Regex;

    #[test]
    fn words_say_only_what_they_are_told() {
        for (text, expected) in [
            ("@everyone @here a@b", "@\u{200b}everyone @\u{200b}here a@b"),
            (
                "<@123> <#1> <@&2> <t:0:R> </x:1>",
                "\\<@\u{200b}123\\> \\<#1\\> \\<@\u{200b}&2\\> \\<t\\:0:R\\> \\</x:1\\>",
            ),
            ("[x](https://evil.example)", "\\[x\\]\\(https\\://evil.example)"),
            ("**b** _i_ ~~s~~ ||spoiler|| `c`", "\\*\\*b\\*\\* \\_i\\_ \\~\\~s\\~\\~ \\|\\|spoiler\\|\\| \\`c\\`"),
            ("# heading", "\\# heading"),
            ("-# small", "\\-# small"),
            ("  - list", "  \\- list"),
            ("12. list", "12\\. list"),
            ("  1. list", "  1\\. list"),
            ("> quote", "\\> quote"),
            (":smile: 10:30", "\\:smile: 10:30"),
            ("a\\*b*", "a\\\\\\*b\\*"),
            ("a-b c#d (e) 1.5", "a-b c#d (e) 1.5"),
        ] {
            assert_eq!(discord(text), expected, "{text:?}");
        }
        assert_eq!(discord_sentence("role `a_b` has *no*"), "role `a_b` has \\*no\\*");
        assert_eq!(discord_sentence("odd ` tick"), "odd \\` tick");
    }

    #[test]
    fn a_block_of_code_is_not_ended_from_within() {
        let lines = discord_lines(&["a ``` @everyone".to_owned(), "````".to_owned()]);
        assert_eq!(lines.matches("```").count(), 2, "{lines}");
        assert_eq!(discord_commands(&["aws x '```' y".to_owned()]), None);
        assert_eq!(
            discord_commands(&["aws x".to_owned(), "aws y".to_owned()]),
            Some("```sh\naws x\naws y\n```".to_owned())
        );
    }

    /// What is left when Discord has taken the escaped characters and code for what they are.
    fn unescaped(text: &str) -> String {
        Regex::new(r"\\[^0-9A-Za-z\s]").expect("a pattern").replace_all(text, "•").into_owned()
    }

    proptest! {
        #[test]
        fn a_parser_sees_nothing(words in prop::collection::vec(prop_oneof![
            hostile(),
            prop::sample::select(vec!["@everyone", "<@1>", "[x](https://e)", "**b**", "```", "||s||", "\\", "> ", "# ", "- ", "1. ", "https://e", "<t:1>", ":x:", " ", "a"])
                .prop_map(str::to_owned),
        ], 0..8)) {
            let all = words.concat();
            let text = unescaped(&discord(&all));
            let acts = Regex::new(r"[*_~`|<>\[\]\\]|https?://|@(everyone|here)|:[a-z0-9_]+:|^\s*(#|-|\+|\d+[.)])").expect("a pattern");
            prop_assert!(!acts.is_match(&text), "{:?} of {:?}", text, all);
            prop_assert!(!text.contains(|c: char| c.is_control()), "{:?}", text);
            prop_assert_eq!(discord_lines(&[all.clone(), all]).matches("```").count(), 2);
        }
    }
}
