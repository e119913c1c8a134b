use super::*;
use jiff::civil::Time;
use jiff::tz::TimeZone;

#[tokio::test]
async fn many_tasks_of_one_failure_are_one_card_that_counts_them() {
    let here = Here::new();
    let alerts = here.alerts();
    let queue = FakeQueue::holding((0..30).map(|number| stop(number, "web", number as i64, OOM)));
    turn(&alerts, &queue).await;
    assert_eq!((queue.left(), here.accounts.asked.load(Ordering::SeqCst)), (0, 1));
    let texts = here.texts();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("30 tasks stopped"), "{}", texts[0]);
    let value = &here.standing()[0].message.buttons[0].value;
    let id = value.strip_prefix("evidence:").expect("a button");
    assert!(alerts.store.report(id).await.expect("read").is_some(), "its buttons find the report");
    // Edits come not more often than is wanted, and the last is not lost.
    (30..40).for_each(|number| queue.put(stop(number, "web", number as i64, OOM)));
    turn(&alerts, &queue).await;
    assert!(here.texts()[0].contains("30 tasks"), "{:?}", here.texts());
    here.sleep(20);
    settle(&alerts).await;
    assert!(here.texts()[0].contains("40 tasks"), "{:?}", here.texts());
    assert_eq!(here.platform.channel().posts, 1);
}

#[tokio::test]
async fn another_cause_or_another_service_is_another_thread() {
    let here = Here::new();
    here.accounts.say("api", Ok(NO_IMAGE));
    let alerts = here.alerts();
    let queue = FakeQueue::holding([stop(1, "web", 1, OOM), stop(2, "api", 2, NO_IMAGE), stop(3, "web", 3, OOM)]);
    turn(&alerts, &queue).await;
    assert_eq!(here.texts().len(), 2, "{:?}", here.texts());
    here.accounts.say("web", Ok(NO_IMAGE));
    queue.put(stop(4, "web", 4, NO_IMAGE));
    turn(&alerts, &queue).await;
    assert_eq!(here.texts().len(), 3, "{:?}", here.texts());
    // Stops that say something else, and have the same cause.
    here.accounts.say("web", Ok(OOM));
    queue.put(stop(5, "web", 5, "the machine said something of its own"));
    here.sleep(60);
    turn(&alerts, &queue).await;
    assert_eq!(here.texts().len(), 3, "{:?}", here.texts());
    assert!(here.texts()[0].contains("3 tasks"), "{:?}", here.texts());
}

#[tokio::test]
async fn the_same_task_told_twice_counts_once() {
    let here = Here::new();
    let alerts = here.alerts();
    let again = |id: &str, reason: &str| {
        let mut event = stop_of(1, "web", 2, reason, "TaskFailedToStart");
        event["id"] = json!(id);
        event.to_string()
    };
    let queue =
        FakeQueue::holding([stop(1, "web", 1, OOM), again("x", OOM), again("y", "other words"), again("x", OOM)]);
    turn(&alerts, &queue).await;
    here.sleep(60);
    settle(&alerts).await;
    assert_eq!(here.texts().len(), 1);
    assert!(here.texts()[0].contains("One task stopped"), "{:?}", here.texts());
}

#[tokio::test]
async fn deliberate_stops_are_silent_and_looked_into_once() {
    let here = Here::new();
    here.accounts.say("web", Ok("Scaling activity initiated by (deployment ecs-svc/1)"));
    let alerts = here.alerts();
    let plain = stop_of(1, "api", 1, "Stopped by alice", "UserInitiated");
    let queue = FakeQueue::holding((2..12).map(|number| stop(number, "web", 2, "who knows why")));
    queue.put(plain.to_string());
    turn(&alerts, &queue).await;
    turn(&alerts, &FakeQueue::holding([stop(99, "web", 3, "who knows why")])).await;
    assert!(here.texts().is_empty(), "{:?}", here.texts());
    assert_eq!(here.accounts.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_recovery_closes_the_thread_and_a_later_failure_opens_one_that_remembers() {
    let here = Here::new();
    let alerts = here.alerts();
    let queue = FakeQueue::holding([stop(1, "web", 0, OOM), stop(2, "web", 60, OOM), steady(1, "web", 600)]);
    turn(&alerts, &queue).await;
    let text = here.texts().remove(0);
    assert!(text.starts_with("Over: ") && text.contains("10 min after the first stop"), "{text}");
    assert_eq!(here.standing()[0].message.card.tone, ecs_why_core::render::Tone::Good);
    // Soon after: it goes on there.
    here.sleep(700);
    queue.put(stop(3, "web", 700, OOM));
    turn(&alerts, &queue).await;
    assert_eq!(here.texts().len(), 1);
    assert!(here.texts()[0].contains("failed again soon after it was well"), "{:?}", here.texts());
    assert!(!here.texts()[0].starts_with("Over: "));
    here.sleep(100);
    queue.put(action(2, "web", 800, "SERVICE_DEPLOYMENT_COMPLETED", "INFO", ""));
    turn(&alerts, &queue).await;
    assert!(here.texts()[0].contains("deployment ecs-svc/77 completed"), "{:?}", here.texts());
    // A day later.
    here.sleep(86_400);
    queue.put(stop(4, "web", 86_400, OOM));
    turn(&alerts, &queue).await;
    let texts = here.texts();
    assert_eq!(texts.len(), 2);
    assert!(texts[1].contains("The same cause stopped this service before"), "{}", texts[1]);
    assert!(texts[1].contains("it was well again 13 min later: deployment ecs-svc/77 completed"), "{}", texts[1]);
}

#[tokio::test]
async fn what_comes_in_another_order_than_it_happened_is_told_as_it_happened() {
    let here = Here::new();
    let alerts = here.alerts();
    // The recovery comes first, then a stop from before it: over at once. A recovery from before the last stop closes nothing.
    turn(&alerts, &FakeQueue::holding([steady(1, "web", 600)])).await;
    turn(&alerts, &FakeQueue::holding([stop(1, "web", 500, OOM)])).await;
    assert!(here.texts()[0].starts_with("Over: "), "{:?}", here.texts());
    turn(&alerts, &FakeQueue::holding([stop(2, "api", 500, OOM)])).await;
    turn(&alerts, &FakeQueue::holding([steady(2, "api", 400)])).await;
    assert!(!here.texts()[1].starts_with("Over: "), "{:?}", here.texts());
    // A late one of a failure that is over is counted, and does not open it again.
    here.sleep(900);
    turn(&alerts, &FakeQueue::holding([stop(3, "web", 550, OOM)])).await;
    assert!(here.texts()[0].starts_with("Over: ") && here.texts()[0].contains("2 tasks"), "{:?}", here.texts());
}

#[tokio::test]
async fn a_deployment_that_is_rolled_back_says_so() {
    let here = Here::new();
    let alerts = here.alerts();
    let reason = "ECS deployment circuit breaker: rolling back to deploymentId 1.";
    let queue = FakeQueue::holding([
        stop(1, "web", 0, OOM),
        action(1, "web", 60, "SERVICE_DEPLOYMENT_FAILED", "ERROR", reason),
        steady(2, "web", 120),
    ]);
    turn(&alerts, &queue).await;
    let texts = here.texts();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("on the deployment before: ECS rolled back"), "{}", texts[0]);
    assert!(texts[0].contains("One task stopped"), "a service's own words are no task: {}", texts[0]);
}

#[tokio::test]
async fn a_channel_gets_so_many_new_cards_and_one_for_the_rest() {
    let mut here = Here::new();
    here.rules.threads = 3;
    let alerts = here.alerts();
    let queue = FakeQueue::holding((0..20).map(|number| stop(number, &format!("svc{number}"), number as i64, OOM)));
    turn(&alerts, &queue).await;
    let texts = here.texts();
    assert_eq!(texts.len(), 4, "{texts:?}");
    assert!(texts[3].starts_with("17 more failures") && texts[3].contains("and 7 more"), "{}", texts[3]);
    // Further tasks of those are counted there.
    queue.put(stop(900, "svc19", 30, OOM));
    here.sleep(30);
    turn(&alerts, &queue).await;
    assert_eq!(here.texts().len(), 4);
    assert!(here.texts()[3].contains("2 tasks stopped"), "{:?}", here.texts());
    // Ten minutes later there are cards again.
    here.sleep(600);
    turn(&alerts, &FakeQueue::holding([stop(901, "late", 700, OOM)])).await;
    assert_eq!(here.texts().len(), 5);
    assert!(!here.texts()[4].contains("more failures"));
}

#[tokio::test]
async fn in_quiet_hours_nothing_is_said_and_afterwards_only_what_still_fails() {
    let mut here = Here::new();
    // The clock of the tests starts at 08:00 UTC.
    let (from, to) = (Time::constant(7, 0, 0, 0), Time::constant(9, 0, 0, 0));
    here.routes = Arc::new(OneChannel { quiet: Some(QuietHours { from, to, zone: TimeZone::UTC }) });
    let alerts = here.alerts();
    let queue = FakeQueue::holding([stop(1, "web", 1, OOM), stop(2, "api", 2, OOM), stop(3, "web", 3, OOM)]);
    turn(&alerts, &queue).await;
    assert!(here.texts().is_empty(), "{:?}", here.texts());
    queue.put(steady(1, "api", 600));
    here.sleep(600);
    turn(&alerts, &queue).await;
    assert!(here.texts().is_empty(), "{:?}", here.texts());
    here.sleep(3000);
    settle(&alerts).await;
    let texts = here.texts();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("2 tasks stopped"), "{texts:?}");
    here.sleep(60);
    settle(&alerts).await;
    assert_eq!(here.texts().len(), 1, "what was over by then is never said");
}

#[tokio::test]
async fn what_nobody_can_ask_about_is_told_by_the_event_itself() {
    let here = Here::new();
    here.accounts.say("gone", Err(Undiagnosed::Gone));
    here.accounts.say("down", Err(Undiagnosed::Failed("AWS cannot be reached".into())));
    here.accounts.say("other", Err(Undiagnosed::NotServed("no account is configured for 111122223333".into())));
    let alerts = here.alerts();
    let queue = FakeQueue::holding(["gone", "down", "other"].map(|service| stop(1, service, 1, OOM)));
    turn(&alerts, &queue).await;
    assert_eq!(here.texts().len(), 3, "{:?}", here.texts());
    assert_eq!(here.accounts.asked.load(Ordering::SeqCst), 5, "what failed is asked three times");
    let notes = |service: &'static str| {
        let alerts = &alerts;
        async move {
            let kept = alerts.store.of_service("prod", service).await.expect("read").expect("kept");
            Report::parse(&kept.report).expect("a report")
        }
    };
    assert!(notes("gone").await.notes.iter().all(|note| !note.contains("could not be asked")));
    let down = notes("down").await;
    assert!(down.notes.iter().any(|note| note.contains("AWS cannot be reached")), "{:?}", down.notes);
    assert_eq!(down.target.task.as_deref(), Some("arn:aws:ecs:eu-west-1:111122223333:task/prod/down-000001"));
}

#[tokio::test]
async fn what_no_channel_wants_is_kept_and_not_looked_into() {
    let here = Here::new();
    let alerts = here.alerts();
    let mut event = stop_of(1, "web", 1, OOM, "TaskFailedToStart");
    event["detail"]["clusterArn"] = json!("arn:aws:ecs:eu-west-1:111122223333:cluster/nobody");
    turn(&alerts, &FakeQueue::holding([event.to_string()])).await;
    assert_eq!((here.texts().len(), here.accounts.asked.load(Ordering::SeqCst)), (0, 0));
    let told = crate::memory::of_task(&alerts.store, "web-000001", at(9)).await.expect("read").expect("kept");
    assert!(told.report.contains("OutOfMemory"), "{}", told.report);
}

#[tokio::test]
async fn what_nobody_can_read_goes_where_such_messages_go_and_blocks_nothing() {
    let here = Here::new();
    let alerts = here.alerts();
    let queue = FakeQueue::holding(["no event".to_owned(), "{}".to_owned(), stop(1, "web", 1, OOM)]);
    turn(&alerts, &queue).await;
    assert_eq!(queue.buried.lock().expect("whole").as_slice(), ["no event", "{}"]);
    assert_eq!((queue.left(), here.texts().len()), (0, 1));
    // Without such a place they are left to the queue's own policy, and hidden for longer each time.
    let queue = FakeQueue { buries: false, ..FakeQueue::default() };
    queue.put("no event".to_owned());
    queue.put(stop(2, "web", 2, OOM));
    turn(&alerts, &queue).await;
    assert_eq!(queue.left(), 1, "it is not deleted");
    assert_eq!(queue.later.lock().expect("whole").as_slice(), [("0".to_owned(), Duration::from_secs(30))]);
    let text = alerts.metrics.text();
    assert!(text.contains("ecs_why_bot_events_total{name=\"unreadable\"} 3"), "{text}");
    assert!(text.contains("ecs_why_bot_events_total{name=\"buried\"} 2"), "{text}");
}

#[tokio::test]
async fn what_could_not_be_deleted_comes_again_and_counts_once() {
    let here = Here::new();
    let alerts = here.alerts();
    let queue = FakeQueue::holding((0..25).map(|number| stop(number, "web", 1, OOM)));
    queue.undeletable.store(4, Ordering::SeqCst);
    turn(&alerts, &queue).await;
    here.sleep(60);
    settle(&alerts).await;
    assert_eq!(queue.left(), 0);
    assert!(here.texts()[0].contains("25 tasks"), "{:?}", here.texts());
}

#[tokio::test]
async fn a_card_that_cannot_be_said_there_is_not_tried_for_ever() {
    use crate::outbox::fake::Fate;
    let here = Here::new();
    here.platform.channel().fates = vec![Fate::Gone];
    let alerts = here.alerts();
    turn(&alerts, &FakeQueue::holding([stop(1, "web", 1, OOM)])).await;
    here.sleep(600);
    settle(&alerts).await;
    assert!(here.texts().is_empty());
    assert!(alerts.metrics.text().contains("ecs_why_bot_unsaid_total{name=\"slack\"} 1"));
}

#[tokio::test]
async fn a_failure_that_is_not_heard_of_any_more_is_closed_in_the_end() {
    let here = Here::new();
    let alerts = here.alerts();
    turn(&alerts, &FakeQueue::holding([stop(1, "web", 1, OOM)])).await;
    here.sleep(90_000);
    assert_eq!(alerts.store.close_idle(alerts.now(), here.rules.idle).await.expect("kept"), 1);
    settle(&alerts).await;
    assert!(here.texts()[0].contains("Nothing more was heard of it since"), "{:?}", here.texts());
}
