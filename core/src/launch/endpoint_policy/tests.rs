use super::*;
use crate::causes::fixture::Fixture;
use crate::launch::needs::needs;

fn with_policies(policy: &Value) -> Fixture {
    Fixture::endpoints().network(|lab| lab.endpoints.iter_mut().for_each(|one| one.policy = Some(policy.to_string())))
}

/// What is refused of each need, by action.
fn refusals(fixture: &Fixture) -> Vec<String> {
    let (case, facts) = (fixture.case(), Facts::new(&fixture.evidence));
    let needs = needs(&case, &facts).expect("the definition is known");
    let found = needs.iter().filter_map(|need| refused(&case, &facts, need).expect("it is known"));
    found.flat_map(|one| one.calls.into_iter().map(|(call, _)| call.action.to_owned())).collect()
}

#[test]
fn an_empty_policy_refuses_every_call_and_a_policy_for_one_service_all_others() {
    let all = [
        "ecr:GetAuthorizationToken",
        "secretsmanager:GetSecretValue",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "s3:GetObject",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ];
    assert_eq!(refusals(&with_policies(&json!({"Statement": []}))), all);
    let ecr = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Resource": "*"}]});
    assert_eq!(refusals(&with_policies(&ecr)), [all[1], all[4], all[5], all[6]]);
    assert_eq!(refusals(&Fixture::endpoints()), Vec::<String>::new());
}

#[test]
fn a_policy_that_cannot_be_parsed_says_nothing() {
    let broken = with_policies(&json!("?"));
    let (case, facts) = (broken.case(), Facts::new(&broken.evidence));
    let needs = needs(&case, &facts).expect("the definition is known");
    assert!(refused(&case, &facts, &needs[0]).is_err());
}

#[test]
fn an_edit_takes_every_reason_away_until_the_calls_pass() {
    let narrow = json!({"Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": ["ecr:GetAuthorizationToken", "ecr:PutImage"], "Resource": "*"},
        {"Effect": "Allow", "Principal": "*", "Action": "ecr:Describe*", "Resource": "*"},
    ]});
    let fixture = with_policies(&narrow);
    let (case, facts) = (fixture.case(), Facts::new(&fixture.evidence));
    let needs = needs(&case, &facts).expect("the definition is known");
    let found = refused(&case, &facts, &needs[0]).expect("it is known").expect("it is refused");
    let edited = opened(&case, &found).expect("it can be opened");
    assert_eq!(edited.added, None, "more than a statement differs");
    let text = edited.document.expect("some is left");
    assert!(text.contains("ecr:PutImage") && text.contains("ecr:Describe*"), "{text}");
    assert_eq!(text.matches("ecr:GetAuthorizationToken").count(), 1, "denied no more, and allowed: {text}");
}

#[test]
fn one_statement_more_is_told_as_such_where_a_line_of_the_old_text_takes_it() {
    let ecr = |statements: Value| json!({"Statement": statements}).to_string();
    let describe = json!({"Effect": "Allow", "Principal": "*", "Action": "ecr:Describe*", "Resource": "*"});
    for (text, told) in [
        (ecr(json!([describe])), true),
        (ecr(json!([describe])).replace("\"Statement\":[", "\n  \"Statement\" : [\n"), true),
        (ecr(json!([describe])).replace("\"Statement\":[", "\"Statement\":\n["), false),
        (ecr(describe.clone()), false),
    ] {
        let fixture = Fixture::endpoints().network(|lab| lab.endpoints[0].policy = Some(text.clone()));
        let (case, facts) = (fixture.case(), Facts::new(&fixture.evidence));
        let needs = needs(&case, &facts).expect("the definition is known");
        let found = refused(&case, &facts, &needs[0]).expect("it is known").expect("it is refused");
        let edited = opened(&case, &found).expect("it can be opened");
        assert_eq!(edited.added.is_some(), told, "{text}");
        assert!(edited.document.is_some_and(|text| text.contains("ecr:GetAuthorizationToken")));
    }
}

#[test]
fn only_a_denial_of_everything_can_spare_something() {
    let deny =
        |resource: Value| json!({"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": resource}}).to_string();
    let spared = ["arn:aws:s3:::b/*".to_owned()];
    assert!(sparing(&deny(json!("*")), 0, &spared).is_some_and(|text| text.contains("NotResource")));
    assert!(sparing(&deny(json!(["*"])), 0, &spared).is_some());
    assert_eq!(sparing(&deny(json!("arn:aws:s3:::b/*")), 0, &spared), None);
    assert_eq!(sparing(&deny(json!("*")), 0, &["*".to_owned()]), None);
}
