//! Queries of log groups: begun, waited for, and given up.

use super::*;
use crate::insights::{Patience, recorded_task};
use ecs_why_core::model::ecs::RecordedTask;

const ID: &str = "0123456789abcdef0123456789abcdef";
const BEGUN: (u16, &str) = (200, r#"{"queryId": "q-1"}"#);
const RUNNING: (u16, &str) = (200, r#"{"status": "Running", "results": []}"#);
const NOTHING: (u16, &str) = (200, r#"{"status": "Complete", "results": []}"#);
const BUSY: (u16, &str) = (400, r#"{"__type": "LimitExceededException", "message": "too many queries"}"#);

/// What comes of it with these answers, and what was asked.
async fn found(answers: &[(u16, &str)]) -> (Asked<RecordedTask>, Vec<String>) {
    found_within(Duration::from_secs(20), answers).await
}

async fn found_within(whole: Duration, answers: &[(u16, &str)]) -> (Asked<RecordedTask>, Vec<String>) {
    let (live, requests) = account(answers);
    let quick = Duration::from_millis(2);
    let patience = Patience { first: quick, longest: quick, whole };
    let found = recorded_task(live.here.logs(), "/events", "prod", ID, patience).await;
    (found, actions(&requests))
}

#[tokio::test]
async fn a_query_is_waited_for_and_asked_as_often_as_that_takes() {
    let (found, asked) = found(&[BEGUN, RUNNING, RUNNING, NOTHING]).await;
    assert_eq!(found, Ok(None));
    assert_eq!(asked, ["StartQuery", "GetQueryResults", "GetQueryResults", "GetQueryResults"]);
}

#[tokio::test]
async fn where_too_many_run_it_is_begun_later() {
    let (found, asked) = found(&[BUSY, BUSY, BEGUN, NOTHING]).await;
    assert_eq!((found, asked.len()), (Ok(None), 4));
}

#[tokio::test]
async fn a_query_without_an_end_is_given_up() {
    let answers = [&[BEGUN][..], &[RUNNING; 400][..]].concat();
    let (found, asked) = found_within(Duration::from_millis(300), &answers).await;
    assert!(found.is_err_and(|refused| refused.class == Class::NoAnswer && refused.detail.contains("had not ended")));
    assert!(asked.len() > 2, "{asked:?}");
}

#[tokio::test]
async fn what_was_not_searched_to_the_end_is_not_known() {
    for status in ["Failed", "Cancelled", "Timeout"] {
        let ended = format!(r#"{{"status": "{status}", "results": []}}"#);
        let (found, _) = found(&[BEGUN, (200, &ended)]).await;
        let told = found.expect_err("nothing was found out");
        assert_eq!((told.class, told.detail), (Class::NoAnswer, format!("the query of /events ended as {status}")));
    }
}

#[tokio::test]
async fn a_group_that_is_gone_holds_nothing_and_a_denial_is_one() {
    let gone = (400, r#"{"__type": "ResourceNotFoundException", "message": "no such group"}"#);
    assert!(found(&[gone]).await.0.is_err_and(|refused| refused.class == Class::Absent));
    let denied = (400, r#"{"__type": "AccessDeniedException", "message": "logs:GetQueryResults"}"#);
    assert!(found(&[BEGUN, denied]).await.0.is_err_and(|refused| refused.class == Class::Denied));
}
