//! Whatever is written, nothing breaks, nothing takes long, and nobody is answered about another name than the one that was typed.

use crate::words::{Known, Question, Reading, command, read};
use std::time::{Duration, Instant};

fn known() -> Known {
    let all = |names: &[&str]| names.iter().map(|one| (*one).to_owned()).collect();
    Known {
        clusters: all(&["prod", "prod-eu", "staging", "dev"]),
        services: all(&[
            "prod/payments",
            "prod/checkout",
            "prod/orders",
            "prod/search-indexer",
            "prod/web",
            "staging/payments",
        ]),
        accounts: all(&["live", "sandbox"]),
    }
}

/// What a clear answer would be about.
fn about(reading: &Reading) -> Option<(&str, Option<&str>)> {
    match reading {
        Reading::Clear(Question::Why(named)) => Some((&named.name, named.cluster.as_deref())),
        _ => None,
    }
}

/// Each way in which two letters change places, one is lost, doubled or another.
fn mistyped(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut out = vec![];
    for at in 0..letters.len() {
        let (before, after) = letters.split_at(at);
        let build = |middle: &[char], skip: usize| {
            before.iter().chain(middle).chain(after.iter().skip(skip)).collect::<String>()
        };
        out.push(build(&[], 1));
        out.push(build(&[letters[at], letters[at]], 1));
        out.extend(['e', 's', 'x', '1'].map(|other| build(&[other], 1)));
        if let Some(next) = letters.get(at + 1) {
            out.push(build(&[*next, letters[at]], 2));
        }
    }
    out.retain(|one| one != word);
    out
}

#[test]
fn a_mistyped_name_is_never_silently_another() {
    let known = known();
    let services = ["payments", "checkout", "orders", "search-indexer", "web"];
    let forms = [
        "why is NAME failing in prod",
        "what happened to NAME in prod?",
        "NAME keeps crashing in prod",
        "prod/NAME",
        "why is the NAME service down in prod",
    ];
    for service in services {
        for typed in mistyped(service) {
            for form in forms {
                let text = form.replace("NAME", &typed);
                for reading in [read(&text, &known), command(&text, &known)] {
                    let about = about(&reading);
                    let other = about.is_some_and(|(name, _)| services.contains(&name) && !typed.contains(name));
                    assert!(!other, "{text:?} is read as {reading:?}");
                }
            }
        }
    }
}

#[test]
fn a_mistyped_cluster_is_never_silently_another() {
    let known = known();
    for cluster in ["prod", "prod-eu", "staging"] {
        for typed in mistyped(cluster) {
            for form in [
                "why is payments failing in NAME",
                "what's broken in NAME",
                "payments in NAME",
                "NAME/payments",
                "anything down on the NAME cluster?",
            ] {
                let text = form.replace("NAME", &typed);
                let reading = read(&text, &known);
                let clusters: Vec<&str> = match &reading {
                    Reading::Clear(Question::Why(named)) => named.cluster.as_deref().into_iter().collect(),
                    Reading::Clear(Question::Failing(scope)) => scope.clusters.iter().map(String::as_str).collect(),
                    _ => vec![],
                };
                let other = clusters.iter().any(|one| *one != typed && !typed.contains(one));
                assert!(!other, "{text:?} is read as {reading:?}");
            }
        }
    }
}

#[test]
fn what_is_hidden_in_a_text_names_nothing() {
    let known = known();
    let hidden = read("why is pay\u{200b}ments\u{202e} failing in prod", &known);
    assert_eq!(about(&hidden), Some(("payments", Some("prod"))), "zero width and direction are not typed");
    for text in [
        "@everyone <!channel> <@U1>",
        "why is раyments failing",
        "why is \u{1f4a5} failing",
        "why is $(reboot) down in `prod`; rm -rf",
    ] {
        let reading = read(text, &known);
        assert!(
            about(&reading).is_none_or(|(name, _)| name.is_ascii() && !name.contains(['$', '(', '@', '<'])),
            "{text:?}: {reading:?}"
        );
    }
}

#[test]
fn any_text_is_read_and_none_takes_long() {
    let known = known();
    let mut texts: Vec<String> = vec![];
    for piece in [
        "a",
        " ",
        "{",
        "[",
        "<",
        "`",
        "\"",
        "why ",
        "payments ",
        "arn:aws:ecs:",
        "https://",
        "é",
        "\u{202e}",
        "/",
        ":",
        "zxqv ",
        "Error: ",
        "[a](http",
        "<http",
        "{\"stoppedReason\":",
        "1f",
        "\n> ",
        "paymnets-",
        "(service x) ",
    ] {
        for size in [1, 300, 5_000, 1 << 20] {
            texts.push(piece.chars().cycle().take(size).collect());
        }
    }
    let file = include_str!("../../../words/phrasings.toml");
    texts.extend(file.lines().filter_map(|line| line.strip_prefix("text = ")).flat_map(|line| {
        let middle = line.char_indices().nth(line.chars().count() / 2).map_or(0, |(at, _)| at);
        let (first, second) = line.split_at(middle);
        [
            format!("{second}{first}"),
            line.chars().rev().collect(),
            line.repeat(9),
            line.to_uppercase(),
            first.to_owned(),
        ]
    }));
    for text in &texts {
        let start = Instant::now();
        let _both = (read(text, &known), command(text, &known));
        let took = start.elapsed();
        let begins: String = text.chars().take(40).collect();
        assert!(took < Duration::from_secs(10), "{took:?} for {} bytes of {begins:?}", text.len());
    }
}

#[test]
fn a_choice_has_at_most_five() {
    let clusters: Vec<String> = (0..50).map(|at| format!("prod-{at}")).collect();
    let services = clusters.iter().map(|one| format!("{one}/payments")).collect();
    let known = Known { clusters, services, accounts: vec![] };
    let text = (0..50).map(|at| format!("payments in prod-{at} and ")).collect::<String>();
    let Reading::Unclear(all) = read(&format!("why is {text} down"), &known) else { panic!("it is a choice") };
    assert_eq!(all.len(), 5);
}

#[test]
fn a_command_asks_why_by_itself() {
    let known = known();
    let of = |text: &str| command(text, &known);
    assert_eq!(about(&of("prod/payments")), Some(("payments", Some("prod"))));
    assert_eq!(about(&of("payments")), Some(("payments", None)));
    assert_eq!(about(&of("ledger")), Some(("ledger", None)));
    assert_eq!(about(&of("4f1c2a9b")), Some(("4f1c2a9b", None)));
    assert_eq!(about(&of("is payments down in staging")), Some(("payments", Some("staging"))));
    assert!(matches!(of(""), Reading::Clear(Question::Failing(scope)) if scope.clusters.is_empty()));
    assert!(matches!(of("prod"), Reading::Clear(Question::Failing(scope)) if scope.clusters == ["prod"]));
    assert_eq!(of("help"), Reading::Clear(Question::Help));
    assert!(matches!(of("Essential container in task exited"), Reading::Clear(Question::Explain(_))));
}
