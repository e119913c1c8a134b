//! Files as people have them, and worse.

use super::*;

const OPTIONS: &[(&str, &str)] = &[("ecs_why", "ecs_why_awscli"), ("cli_legacy_plugin_path", "/home/a/b")];

/// Each with why it is nasty.
const NASTY: &[(&str, &str)] = &[
    ("nothing at all", ""),
    ("only a line end", "\n"),
    ("no line end at its end", "[default]\nregion = eu-west-1"),
    ("no line end, in the section itself", "[plugins]\nother = some_module"),
    ("a header alone, without a line end", "[default]\nregion=x\n[plugins]"),
    ("CRLF", "[default]\r\nregion = eu-west-1\r\n\r\n[plugins]\r\nother = m\r\n"),
    ("CRLF without an end", "[default]\r\nregion = eu-west-1"),
    (
        "comments of both kinds",
        "# mine\n; mine too\n[plugins] # why\n# inside\nother = m\n\n# of the next\n[profile a]\nregion = b\n",
    ),
    ("an indented comment", "[plugins]\nother = m\n    # about it\n[default]\noutput = json\n"),
    ("indented options", "[plugins]\n  other = m\n  more = n\n[default]\n  region = x\n"),
    ("a value that goes on", "[default]\ns3 =\n  max_concurrent_requests = 20\n  max_queue_size = 10\nregion = x\n"),
    ("a value that goes on behind a blank line", "[plugins]\nother = m\n\n  n\n[default]\nregion = x\n"),
    ("a value that looks like a header", "[default]\nx = y\n  [plugins]\nregion = z\n"),
    ("a colon for an equals sign", "[plugins]\nother: m\n"),
    ("an equals sign in a value", "[plugins]\nother = a=b:c\n"),
    ("a bracket behind the header", "[plugins] ; see [1]\nother = m\n"),
    ("tabs", "[plugins]\n\tother\t=\tm\n"),
    ("letters of other scripts", "# Ünïcödé 日本\n[profile ü]\nregion = é\n"),
    ("sections with the same beginning", "[plugins2]\na = b\n[plugin]\nc = d\n[ plugins ]\ne = f\n"),
    ("the key in capitals elsewhere", "[profile x]\nECS_WHY = no\nplugins = yes\n"),
    ("spaces at the end", "[plugins]   \nother = m   \n   \n"),
    ("a section that is empty", "[plugins]\n\n[default]\nregion = x\n"),
];

#[test]
fn what_is_put_in_means_what_it_should_and_comes_out_byte_for_byte() {
    for (why, text) in NASTY {
        let ini = Ini::parse(text).unwrap_or_else(|wrong| panic!("{why}: {wrong:?}"));
        let pieces = match ini.adding("plugins", OPTIONS) {
            Ok(pieces) => pieces,
            // A header that a bracket behind it hides is another section.
            Err(wrong) => panic!("{why}: {wrong:?}"),
        };
        let after = insert(text, &pieces);
        let read = Ini::parse(&after).unwrap_or_else(|wrong| panic!("{why}: {wrong:?}\n{after}"));
        for (key, value) in OPTIONS {
            assert_eq!(read.value("plugins", key), Some(*value), "{why}\n{after}");
        }
        assert_eq!(take_out(&after, &pieces).as_deref(), Some(*text), "{why}");
        assert_eq!(after.contains("\r\n"), text.contains("\r\n"), "{why}");
        if text.contains("\r\n") {
            assert!(!after.replace("\r\n", "").contains('\n'), "{why}");
        }
    }
}

#[test]
fn what_python_refuses_is_refused() {
    for (text, line) in [
        ("region = x\n", 1),
        ("[a]\nregion\n", 2),
        ("[a]\n[a]\n", 2),
        ("[a]\nx = 1\nX = 2\n", 3),
        ("[a]\n= 1\n", 2),
        ("[a]\rx = 1\n", 1),
    ] {
        assert_eq!(Ini::parse(text).expect_err(text).line, line, "{text:?}");
    }
}

#[test]
fn what_stands_below_keeps_its_meaning_or_nothing_is_put_in() {
    // The header below is deeper than a new key would be: it would become a part of its value.
    let ini = Ini::parse("[plugins]\n   [default]\nregion = x\n").expect("Python reads it");
    assert!(ini.adding("plugins", OPTIONS).is_err());
}

#[test]
fn a_value_grows_at_its_end() {
    for (text, after) in [
        ("[plugins]\ncli_legacy_plugin_path = /a\n", "[plugins]\ncli_legacy_plugin_path = /a:/b\n"),
        (
            "[plugins]\ncli_legacy_plugin_path=/a  \r\nx = y\r\n",
            "[plugins]\ncli_legacy_plugin_path=/a:/b  \r\nx = y\r\n",
        ),
    ] {
        let ini = Ini::parse(text).expect("it is well formed");
        let piece = ini.longer("plugins", "cli_legacy_plugin_path", ":/b").expect("it is there");
        assert_eq!(insert(text, std::slice::from_ref(&piece)), after);
        assert_eq!(take_out(after, &[piece]).as_deref(), Some(text));
    }
}

#[test]
fn a_key_is_taken_out_of_a_file_that_was_changed_since() {
    let text = "# mine\n[plugins]\nother = m\necs_why = ecs_why_awscli\nnew = n\n";
    let ini = Ini::parse(text).expect("it is well formed");
    assert_eq!(ini.without("plugins", "ecs_why", true), "# mine\n[plugins]\nother = m\nnew = n\n");
    let alone = "[a]\nb = c\n[plugins]\n\necs_why = ecs_why_awscli\n[d]\ne = f\n";
    let ini = Ini::parse(alone).expect("it is well formed");
    assert_eq!(ini.without("plugins", "ecs_why", true), "[a]\nb = c\n[d]\ne = f\n");
    assert_eq!(ini.without("plugins", "ecs_why", false), "[a]\nb = c\n[plugins]\n\n[d]\ne = f\n");
    let commented = "[plugins]\n# mine\necs_why = ecs_why_awscli\n";
    let ini = Ini::parse(commented).expect("it is well formed");
    assert_eq!(ini.without("plugins", "ecs_why", true), "[plugins]\n# mine\n");
    assert_eq!(ini.with("plugins", "ecs_why", "x"), "[plugins]\n# mine\necs_why = x\n");
}

#[test]
fn pieces_that_somebody_moved_are_not_taken_out() {
    let pieces = [Insertion { at: 3, text: "xy".into() }];
    assert_eq!(take_out("abcxyd", &pieces).as_deref(), Some("abcd"));
    for changed in ["abxycd", "abc", "", "abcx", "äxyd"] {
        assert_eq!(take_out(changed, &pieces), None, "{changed}");
    }
}
