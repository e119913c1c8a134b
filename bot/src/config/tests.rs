//! A sound file, and what is wrong with others.

use super::*;

/// A whole file without anything wrong.
pub const SOUND: &str = r#"
state = "bot.sqlite"

[accounts.live]
role = "arn:aws:iam::111122223333:role/ecs-why"
regions = ["eu-west-1", "us-east-1"]

[accounts.test]
profile = "test"

[slack]
workspaces = ["T1"]

[discord]
guilds = ["100"]

[[channel]]
platform = "slack"
id = "C1"
name = "incidents"
accounts = ["live"]
clusters = ["prod", "prod-*"]
alerts = true
quiet = { from = "22:00", to = "06:30", zone = "Europe/Berlin" }

[[channel]]
platform = "discord"
id = "200"
name = "ops"
accounts = ["live", "test"]
regions = ["eu-west-1"]
clusters = ["*"]
roles = ["300"]

[owners]
channel = "ops"

[health]
listen = "127.0.0.1:9464"
"#;

#[test]
fn a_sound_file_is_read() {
    let config = parse(SOUND).expect("nothing is wrong with it");
    assert_eq!(config.channels.len(), 2);
    assert_eq!(config.limits.diagnoses.get(), 8);
    let quiet = config.channels[0].quiet.as_ref().expect("it has some").get_ref();
    assert_eq!((quiet.from.hour(), quiet.to.minute()), (22, 30));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (from, to, line, word) in [
        ("state = ", "stat = ", 2, "unknown field `stat`"),
        ("[\"T1\"]", "[]", 12, "names no workspace"),
        ("workspaces = [\"T1\"]", "workspaces = [\"T1\"]\ntoken-env = \"my token\"", 13, "name of a variable"),
        ("accounts = [\"live\"]", "accounts = [\"prdo\"]", 21, "no account `prdo`"),
        ("accounts = [\"live\"]\n", "", 19, "say which of the accounts"),
        ("\"prod-*\"", "\"prod *\"", 22, "cannot be a cluster"),
        ("clusters = [\"*\"]", "clusters = []", 32, "names no cluster"),
        ("regions = [\"eu-west-1\"]", "regions = [\"eu-west-3\"]", 31, "does not let `eu-west-3`"),
        ("Europe/Berlin", "Europe/Berlni", 24, "time zone"),
        ("channel = \"ops\"", "channel = \"opps\"", 36, "no channel"),
        ("id = \"200\"", "id = \"two\"", 28, "a number"),
        ("127.0.0.1:9464", "localhost", 39, ""),
        ("platform = \"discord\"", "platform = \"irc\"", 27, "unknown variant"),
    ] {
        let text = SOUND.replacen(from, to, 1);
        assert_ne!(text, SOUND, "{from}");
        let problems = parse(&text).expect_err(to);
        let told = &problems[0];
        assert!(told.to_string().contains(word) && told.line() == line, "{to}: {problems:?}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let text = SOUND.replace("[\"T1\"]", "[]").replace("channel = \"ops\"", "channel = \"opps\"");
    assert_eq!(parse(&text).expect_err("two things").len(), 2);
}

#[test]
fn a_token_in_the_file_is_told_and_not_repeated() {
    // Put together here, so that nobody's scanner takes it for one.
    let token = ["xoxb", "123456789012", "abcdefghijkl"].join("-");
    for text in [
        format!("state = \"{token}\"\n"),
        format!("state = 'x'\n[slack]\nhttp = '{token}'\nworkspaces = ['T1']\n"),
        format!("state = 'x'\n[slack]\ntoken-env = '{}'\nworkspaces = ['T1']\n", "0123456789abcdef".repeat(2)),
        format!("# {token}\nstate = 'x'\n"),
    ] {
        let problems = parse(&text).expect_err("a token");
        let told = format!("{problems:?} {}", problems[0]);
        assert!(told.contains("looks like a token") && !told.contains("abcdef"), "{told}");
    }
}
