//! Hostile texts, by medium.

use super::*;
use proptest::prelude::*;

#[test]
fn what_acts_unseen_is_shown_or_dropped() {
    for (text, expected) in [
        ("plain, with `ticks`", "plain, with `ticks`"),
        ("\u{1b}[31mred\u{1b}[0m and \u{1b}[2K\u{1b}[1Aup", "red and up"),
        ("\u{1b}]0;title\u{7}", "<U+001B>]0;title<U+0007>"),
        ("\u{1b}]8;;http://evil\u{1b}\\text", "<U+001B>]8;;http://evil<U+001B>\\text"),
        ("\u{1b}c\u{1b}[", "<U+001B>c<U+001B>["),
        ("\u{9b}31m", "<U+009B>31m"),
        ("real\rfake", "real fake"),
        ("one\r\ntwo\nthree\u{2028}four\u{2029}five\u{85}six\u{b}seven", "one two three four five six seven"),
        ("a\0b\u{8}c\u{7f}d", "a<U+0000>b<U+0008>c<U+007F>d"),
        ("admin\u{202e}nimda\u{202c}\u{2066}x\u{2069}", "admin<U+202E>nimda<U+202C><U+2066>x<U+2069>"),
        ("pay\u{200b}ments\u{200d}\u{2060}", "pay<U+200B>ments<U+200D><U+2060>"),
        ("\u{feff}soft\u{ad}hyphen\u{fe0f}", "softhyphen"),
        ("tag\u{e0041}\u{fff9}", "tag<U+E0041><U+FFF9>"),
        ("a\tb\u{a0}c\u{3000}d", "a b c d"),
        ("e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}x", "e\u{301}\u{302}\u{303}x"),
        ("世界 – ✓", "世界 – ✓"),
    ] {
        assert_eq!(line(text, true), expected, "{text:?}");
    }
    assert_eq!(line("“é” – … → 世", false), "\"<U+00E9>\" - ... -> <U+4E16>");
}

#[test]
fn what_is_too_long_ends_in_an_ellipsis() {
    assert_eq!(cut("abcdef", 6, true), "abcdef");
    assert_eq!(cut("abcdefg", 6, true), "abcde…");
    assert_eq!(cut("abcdefg", 6, false), "abc...");
    assert_eq!(cut("世界世界", 5, true), "世界…");
    assert_eq!(cut("世界世界", 4, true), "世…");
    assert_eq!(cut_middle("abcdefghijkl", 9, true), "abc… ijkl");
    assert_eq!(cut_middle("abcdefghi", 9, true), "abcdefghi");
    assert_eq!(width(&cut(&"x".repeat(10_000_000), 80, true)), 80);
}

#[test]
fn a_command_is_whole_and_on_one_line() {
    let text = "aws ecs x --name 'caf\u{e9} `x` $(y)'";
    assert_eq!((command(text), command_hides(text)), (text.to_owned(), false));
    let text = "aws ecs x --name 'a\nrm -rf /\u{1b}[1A\tb\u{202e}'";
    assert_eq!(command(text), "aws ecs x --name 'a\u{fffd}rm -rf /\u{fffd}[1A\u{fffd}b\u{fffd}'");
    assert!(command_hides(text));
}

#[test]
fn markdown_says_only_what_it_is_told() {
    for (text, expected) in [
        ("# not a heading", "\\# not a heading"),
        ("[x](http://evil)", "\\[x\\](http\\://evil)"),
        ("<script>&amp;", "&lt;script&gt;&amp;amp;"),
        ("**b** _i_ ~~s~~ `c` |", "\\*\\*b\\*\\* \\_i\\_ \\~\\~s\\~\\~ \\`c\\` \\|"),
        ("@here repo@sha256", "@&#8203;here repo@sha256"),
        ("www.evil.example", "www\\.evil.example"),
        ("1. one", "1\\. one"),
        ("a\n- b\n\n# c", "a - b  # c"),
        (" - b", " \\- b"),
        ("12) b", "12\\) b"),
    ] {
        assert_eq!(markdown(text), expected, "{text:?}");
    }
    assert_eq!(markdown_sentence("repository `a_b` has *no* tag"), "repository `a_b` has \\*no\\* tag");
    assert_eq!(markdown_sentence("odd ` tick"), "odd \\` tick");
    assert_eq!(markdown_name("a``b"), "```a``b```");
    assert_eq!(markdown_name("`a"), "`` `a ``");
    assert_eq!(markdown_block("sh", &["a ``` b".to_owned()]), "````sh\na ``` b\n````\n");
}

#[test]
fn json_keeps_its_value() {
    let value = serde_json::json!({"a": "x\u{202e}\u{7f}\u{9b}\u{2028}\u{e0041}\u{1b}\n\u{ad}é"});
    let text = json(&serde_json::to_string_pretty(&value).expect("a value"));
    assert!(text.contains("\\u202e\\u007f\\u009b\\u2028\\udb40\\udc41\\u001b\\n\\u00adé"), "{text}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
}

/// Letters, and what hurts.
pub(crate) fn hostile() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        '\u{1b}',
        '[',
        ']',
        '\u{7}',
        '\r',
        '\n',
        '\u{8}',
        '\0',
        '\u{9b}',
        '\u{202e}',
        '\u{2066}',
        '\u{200b}',
        '\u{2028}',
        '`',
        '<',
        '|',
        '\\',
        '@',
        '世',
        '\u{301}',
        '\t',
        '\u{fe0f}',
        '\u{1f600}',
        'm',
        '1',
        ' ',
    ]);
    prop::collection::vec(prop_oneof![nasty, any::<char>()], 0..60).prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn no_text_gets_past(text in hostile(), limit in 3usize..50) {
        for unicode in [true, false] {
            let line = cut(&text, limit, unicode);
            prop_assert!(line.chars().all(|c| kind(c) == Kind::Plain), "{line:?}");
            prop_assert!(unicode || line.is_ascii());
            prop_assert!(width(&line) <= limit);
            let line = cut_middle(&text, limit + 7, unicode);
            prop_assert!(line.chars().all(|c| kind(c) == Kind::Plain), "{line:?}");
            prop_assert!(width(&line) <= limit + 7);
        }
        prop_assert!(command(&text).chars().all(|c| !hides(c)));
        prop_assert!(!markdown(&text).contains(['\n', '\r', '<']));
        let quoted = serde_json::to_string(&text).expect("a string");
        let written = json(&quoted);
        prop_assert!(written.chars().all(|c| matches!(kind(c), Kind::Plain | Kind::Space)), "{written:?}");
        prop_assert_eq!(serde_json::from_str::<String>(&written).expect("JSON"), text);
    }
}
