//! What chat programs and telephones do to a text is undone before it is read.

/// A mark between `<` and `>`, or a label between brackets, is at most so long.
const LONGEST_MARK: usize = 4096;

/// The first so many bytes of a text, cut where a character starts.
pub fn start(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// The text with plain quotes and dashes, without what cannot be seen, and with links and mentions unwrapped.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let unwrapped = match char {
            '<' => mark(rest),
            '[' => markdown_link(rest),
            _ => None,
        };
        if let Some((words, length)) = unwrapped {
            out.push(' ');
            // Slack escapes it in an address, and not every client undoes that.
            seen(&words.replace("&amp;", "&"), &mut out);
            out.push(' ');
            rest = rest.get(length..).unwrap_or_default();
        } else {
            let (first, after) = rest.split_at(char.len_utf8());
            seen(first, &mut out);
            rest = after;
        }
    }
    out
}

/// What a reader sees of it, in plain characters.
fn seen(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' | '\u{b4}' => out.push('\''),
            '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => out.push('"'),
            '\u{2010}' | '\u{2011}' => out.push('-'),
            '\u{2012}'..='\u{2015}' => out.push_str(" - "),
            '\u{2026}' => out.push_str("... "),
            // Zero width, and what turns the direction of writing.
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => {}
            '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => {}
            '\n' | '\t' => out.push(char),
            char if char.is_whitespace() || char.is_control() => out.push(' '),
            char => out.push(char),
        }
    }
}

/// Slack's and Discord's `<...>`: what stands for it, and how long it is; none where it is no mark.
fn mark(rest: &str) -> Option<(&str, usize)> {
    let inner = until(start(rest, LONGEST_MARK).get(1..)?, '<', '>')?;
    let length = inner.len() + 2;
    if inner.starts_with("http://") || inner.starts_with("https://") {
        return Some((link(inner.split_once('|').map_or((inner, inner), |(url, label)| (url, label))), length));
    }
    let names_somebody = inner.starts_with(['@', '#', '!', ':']);
    let other = ["a:", "t:", "mailto:", "tel:", "id:"].iter().any(|start| inner.starts_with(start));
    let one_word = !inner.split('|').next().unwrap_or_default().contains(char::is_whitespace);
    ((names_somebody || other) && one_word).then_some(("", length))
}

/// What stands before the end, if it does not begin anew before that: then no character is looked at twice.
fn until(rest: &str, begin: char, end: char) -> Option<&str> {
    let at = rest.find([begin, end, '\n'])?;
    let (inner, after) = rest.split_at(at);
    after.starts_with(end).then_some(inner)
}

/// `[label](address)`.
fn markdown_link(rest: &str) -> Option<(&str, usize)> {
    let rest = start(rest, LONGEST_MARK);
    let label = until(rest.get(1..)?, '[', ']')?;
    let after = rest.get(label.len() + 2..)?.strip_prefix('(')?;
    let address = until(after, '(', ')')?;
    let is_link = address.starts_with("http") && !address.contains(char::is_whitespace) && !label.contains('\n');
    is_link.then(|| (link((address, label)), label.len() + address.len() + 4))
}

/// The address where it says what is meant, else the words under which it is shown.
fn link<'a>((address, label): (&'a str, &'a str)) -> &'a str {
    if is_console(address) { address } else { label }
}

/// Whether an address is one of the AWS console's.
pub fn is_console(address: &str) -> bool {
    let host = address.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?', '#']).next().unwrap_or_default();
    let hosts = ["console.aws.amazon.com", "console.amazonaws.cn", "console.amazonaws-us-gov.com", "console.aws.eu"];
    hosts.iter().any(|known| host.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_mentions_are_unwrapped() {
        let console = "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/web";
        assert_eq!(plain(&format!("<{console}|this>")).trim(), console);
        assert_eq!(plain(&format!("[this]({console})")).trim(), console);
        assert_eq!(plain("<https://grafana.example.com/d/1|payments>").trim(), "payments");
        let escaped = "<https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod?a=1&amp;b=2|this>";
        assert!(plain(escaped).trim().ends_with("?a=1&b=2"));
        assert_eq!(plain("<@U123> <!here> <!subteam^S1|@oncall> <#C1|incidents> <:fire:12> web").trim(), "web");
        assert_eq!(plain("a < b and c > d"), "a < b and c > d");
        assert_eq!(plain("[prod] web"), "[prod] web");
    }

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        assert_eq!(plain("pay\u{200b}men\u{202e}ts\u{a0}“x”"), "payments \"x\"");
    }

    #[test]
    fn a_host_that_only_looks_like_the_console_is_none() {
        assert!(is_console("https://console.aws.amazon.com/ecs"));
        assert!(!is_console("https://evilconsole.aws.amazon.com.example.com/ecs"));
        assert!(!is_console("https://notconsole.aws.amazon.com/ecs"));
    }
}
