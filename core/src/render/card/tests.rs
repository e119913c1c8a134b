//! Cards of whole reports, as their Markdown.

use super::*;
use crate::render::tests::{ATTACK, failed, hostile, likely, sound, stopped, undetermined};
use crate::report::Report;
use crate::triage::Triage;

fn at(time: &str) -> CardWish {
    CardWish { now: Some(time.parse().expect("a time")), said: vec![] }
}

#[test]
fn cards_read_well() {
    let wish = CardWish {
        said: vec!["The same cause stopped this service 3 times since Tuesday; last time `f1` mended it.".to_owned()],
        ..at("2026-01-31T09:23:20Z")
    };
    insta::assert_snapshot!("failed_card.md", card_markdown(&card(&failed(), &wish)));
    insta::assert_snapshot!("failed_evidence.md", card_markdown(&evidence_card(&failed())));
    insta::assert_snapshot!("failed_fix.md", card_markdown(&fix_card(&failed())));
    for (name, report) in
        [("likely", likely()), ("stopped", stopped()), ("sound", sound()), ("undetermined", undetermined())]
    {
        insta::assert_snapshot!(format!("{name}_card.md"), card_markdown(&card(&report, &CardWish::default())));
    }
}

/// Every text of a card but its commands.
fn texts(card: &Card) -> Vec<&str> {
    let mut all = vec![card.title.as_str()];
    all.extend(card.footer.as_deref());
    for block in &card.blocks {
        match block {
            CardBlock::Heading(text) | CardBlock::Prose(text) | CardBlock::Aside(text) | CardBlock::Quote(text) => {
                all.push(text)
            }
            CardBlock::Items(items) | CardBlock::Steps(items) | CardBlock::Lines(items) => {
                all.extend(items.iter().map(String::as_str))
            }
            CardBlock::Fields(fields) => all.extend(fields.iter().flat_map(|(name, value)| [name.as_str(), value])),
            CardBlock::Link { text, address } => all.extend([text.as_str(), address]),
            CardBlock::Commands(_) => {}
        }
    }
    all
}

fn cards(report: &Report) -> [Card; 3] {
    [card(report, &CardWish::default()), evidence_card(report), fix_card(report)]
}

#[test]
fn a_card_names_the_outcome_and_the_first_cause_of_the_text() {
    for report in [failed(), likely(), stopped()] {
        let told = card(&report, &CardWish::default());
        let text = crate::render::text(&report, &crate::render::Look::default());
        let word = text.split(' ').next().expect("a word");
        assert!(told.title.starts_with(word), "{}", told.title);
        let cause = report.causes[0].id.as_str();
        assert!(texts(&told).iter().any(|text| text.starts_with(cause)), "{cause}");
        let commands = told.blocks.iter().find_map(|block| match block {
            CardBlock::Commands(commands) => Some(commands),
            _ => None,
        });
        assert_eq!(commands, report.fixes.first().map(|fix| &fix.commands));
    }
}

#[test]
fn no_secret_stands_in_a_card() {
    let secret =
        "https://b.s3.amazonaws.com/x?X-Amz-Signature=deadbeef0123 password=hunter2hunter2 AKIAIOSFODNN7EXAMPLE";
    for card in cards(&hostile(secret)) {
        for text in texts(&card) {
            assert!(!text.contains("deadbeef") && !text.contains("hunter2") && !text.contains("AKIAIOSF"), "{text}");
        }
    }
}

#[test]
fn what_is_long_is_cut_and_commands_are_whole() {
    let long = "long ".repeat(20_000);
    for card in cards(&hostile(&long)) {
        assert!(texts(&card).iter().all(|text| text.len() <= 1_010), "{}", card.title);
        for block in &card.blocks {
            if let CardBlock::Commands(commands) = block {
                assert!(commands.iter().all(|command| *command == long));
            }
        }
    }
}

#[test]
fn an_address_from_a_damaged_report_is_no_link() {
    for card in cards(&hostile("https://evil.example/")) {
        assert!(!card.blocks.iter().any(|block| matches!(block, CardBlock::Link { .. })));
    }
}

#[test]
fn nothing_acts_unseen() {
    let code = regex::Regex::new("`+[^`\n]+`+").expect("a pattern");
    for card in cards(&hostile(ATTACK)) {
        for text in texts(&card) {
            assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}' || c == '\u{200b}'), "{text:?}");
        }
        // In code nothing acts.
        let file = card_markdown(&card);
        let outside: String = file.split("\n```").step_by(2).collect();
        let outside = code.replace_all(&outside, "");
        assert!(!outside.contains("<img") && !outside.contains("[x](http"), "{outside}");
    }
}

#[test]
fn the_age_of_the_evidence_is_said_in_words() {
    for (now, expected) in [
        ("2026-01-31T09:20:23Z", "(12 s ago)"),
        ("2026-01-31T09:25:11Z", "(5 min ago)"),
        ("2026-01-31T14:20:11Z", "(5 h ago)"),
        ("2026-02-03T09:20:11Z", "(3 days ago)"),
    ] {
        let footer = card(&failed(), &at(now)).footer.expect("it has one");
        assert!(footer.contains(expected), "{footer}");
    }
    let footer = card(&failed(), &at("2026-01-31T09:20:00Z")).footer.expect("it has one");
    assert!(!footer.contains("ago"), "a clock that is slow makes no age: {footer}");
}

#[test]
fn what_has_changed_is_said_first() {
    let mut report = failed();
    report.since = Some(crate::report::SinceSection {
        state: crate::report::SinceState::Same,
        text: "the same cause as before".to_owned(),
    });
    let first = card(&report, &CardWish::default()).blocks.into_iter().next();
    assert_eq!(first, Some(CardBlock::Prose("the same cause as before".to_owned())));
}

#[test]
fn a_triage_of_nothing_is_good_and_an_unfinished_one_is_not() {
    let mut done = Triage::default();
    assert!(!done.complete);
    done.complete = true;
    assert_eq!(triage_card(&done).tone, Tone::Good);
    let cut = triage_card(&Triage::default());
    assert_eq!(cut.tone, Tone::Unsure);
    assert!(texts(&cut).iter().any(|text| text.contains("interrupted")));
}

#[test]
fn of_many_groups_ten_are_told_and_the_others_counted() {
    let group = |number: usize| crate::triage::Group {
        id: format!("g{number}"),
        count: 3,
        first: "2026-01-31T09:00:00Z".parse().ok(),
        last: "2026-01-31T09:20:00Z".parse().ok(),
        cause: "vpc-endpoint-missing".parse().ok(),
        status: Some(crate::report::Status::Confirmed),
        cluster: "prod".to_owned(),
        owner: crate::triage::Owner::Service(format!("web{number}")),
        resource: None,
        severity: crate::triage::Severity::Down,
        example: None,
        report: failed(),
    };
    let mut triage = Triage::default();
    triage.complete = true;
    triage.groups = (0..15).map(group).collect();
    let card = triage_card(&triage);
    assert_eq!(card.tone, Tone::Bad);
    let Some(CardBlock::Steps(steps)) = card.blocks.first() else { panic!("{card:?}") };
    assert_eq!(steps.len(), 10);
    assert_eq!(
        steps[0],
        "`prod/web0`: payments:42 cannot download its image layers: subnet subnet-0aa1b2c3d4 has no route to S3 \
         (vpc-endpoint-missing, 3 tasks, 2026-01-31 09:00:00 to 2026-01-31 09:20:00 UTC)"
    );
    assert!(texts(&card).iter().any(|text| text.starts_with("and 5 more groups")), "{card:?}");
}
