use super::*;

fn context() -> Context {
    let mut context = Context::new();
    context.set("aws:PrincipalTag/team", "blue").set("aws:PrincipalTag/star", "b*").absent("aws:username");
    context.set_many("aws:TagKeys", ["a", "b"]);
    context
}

fn like(pattern: &str, text: &str) -> Truth {
    Pattern::new(pattern, Wildcards::Meant, Some(&context())).text(text)
}

#[test]
fn a_variable_is_filled_in() {
    assert_eq!(like("team/${aws:PrincipalTag/team}/*", "team/blue/x"), Truth::Yes);
    assert_eq!(like("team/${AWS:principaltag/TEAM}/*", "team/blue/x"), Truth::Yes);
    assert_eq!(like("team/${aws:PrincipalTag/team}/*", "team/red/x"), Truth::No);
}

#[test]
fn a_star_in_a_value_is_no_wildcard() {
    assert_eq!(like("${aws:PrincipalTag/star}", "b*"), Truth::Yes);
    assert_eq!(like("${aws:PrincipalTag/star}", "bx"), Truth::No);
}

#[test]
fn special_characters_can_be_written() {
    assert_eq!(like("a${*}${?}${$}", "a*?$"), Truth::Yes);
    assert_eq!(like("a${*}", "ab"), Truth::No);
}

#[test]
fn a_default_stands_in_for_a_key_that_is_absent() {
    assert_eq!(like("${aws:username, 'nobody'}", "nobody"), Truth::Yes);
    assert_eq!(like("${aws:PrincipalTag/team, 'nobody'}", "nobody"), Truth::No);
}

#[test]
fn a_key_that_is_absent_matches_nothing() {
    assert_eq!(like("*${aws:username}*", "anything"), Truth::No);
}

#[test]
fn a_key_that_is_not_known_may_match_what_fits_around_it() {
    assert_eq!(like("a/${aws:SourceVpce}/b", "a/x/b"), Truth::unknown("aws:SourceVpce"));
    assert_eq!(like("a/${aws:SourceVpce}/b", "a/x/c"), Truth::No);
    assert_eq!(like("${aws:TagKeys}", "a"), Truth::unknown("aws:TagKeys"), "a variable has one value");
}

#[test]
fn braces_that_are_no_variable_are_text() {
    for text in ["${", "${}", "$", "${aws:username", "{x}"] {
        assert_eq!(like(text, text), Truth::Yes, "{text}");
    }
}

#[test]
fn without_variables_they_are_text() {
    let pattern = Pattern::new("${aws:username}", Wildcards::Meant, None);
    assert_eq!((pattern.text("${aws:username}"), pattern.text("x")), (Truth::Yes, Truth::No));
}

#[test]
fn an_arn_is_compared_part_by_part() {
    let arn = |pattern: &str, text: &str| Pattern::new(pattern, Wildcards::Meant, Some(&context())).arn(text);
    let task = "arn:aws:ecs:us-east-1:111122223333:task/c/1";
    assert_eq!(arn("arn:aws:ecs:*:111122223333:*", task), Truth::Yes);
    assert_eq!(arn("arn:*:task/c/1:::", task), Truth::No);
    assert_eq!(arn("arn:aws:*:task/c/1", task), Truth::unknown("`arn:aws:*:task/c/1`, which lacks parts of an ARN"));
    assert_eq!(arn("arn:aws:ecs:us-east-1:${aws:PrincipalAccount}:*", task), Truth::unknown("aws:PrincipalAccount"));
    assert_eq!(arn("arn:aws:sns:us-east-1:${aws:PrincipalAccount}:*", task), Truth::No);
    // Five wildcards take five parts, however the whole could be cut.
    assert_eq!(arn("*:*:*:*:*:*", "a:b:c"), Truth::No);
}

#[test]
fn a_long_row_of_stars_takes_no_long_time() {
    let pattern = "*a".repeat(2000);
    assert!(!wildcard(&pattern, &"a".repeat(1999)));
    assert!(wildcard(&pattern, &"a".repeat(2000)));
}
