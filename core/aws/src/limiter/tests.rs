//! Short real waits: who is woken, and what a dropped request leaves behind.

use super::*;
use std::sync::atomic::AtomicUsize;

fn tickets(limiter: &Limiter, urgency: Urgency, count: usize) -> Vec<Ticket> {
    (0..count).map(|_| limiter.ticket("ECS", "DescribeTasks", "eu-west-1", urgency)).collect()
}

#[tokio::test]
async fn what_fits_into_the_burst_does_not_wait() {
    let limiter = Limiter::default();
    let began = Instant::now();
    for ticket in tickets(&limiter, Urgency::Person, 80) {
        ticket.turn().await;
        ticket.done();
    }
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
}

#[tokio::test]
async fn regions_have_buckets_of_their_own_but_not_for_what_is_global() {
    let limiter = Limiter::default();
    let of = |service, action, region| Arc::clone(&limiter.ticket(service, action, region, Urgency::Person).family);
    let one = |service, action| Arc::ptr_eq(&of(service, action, "eu-west-1"), &of(service, action, "us-east-1"));
    assert!(!one("ECS", "DescribeTasks"));
    assert!(one("IAM", "GetRole"));
    assert!(Arc::ptr_eq(&of("ECS", "DescribeTasks", "eu-west-1"), &of("ECS", "ListTasks", "eu-west-1")));
}

#[tokio::test]
async fn a_person_overtakes_the_background_that_waits() {
    let limiter = Limiter::default();
    let (order, gone) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let go = async |name: String, ticket: Ticket| {
        ticket.turn().await;
        gone.lock().expect("nobody panics").insert(name, order.fetch_add(1, Ordering::Relaxed));
        ticket.done();
    };
    let all = tickets(&limiter, Urgency::Person, 80).into_iter().map(|ticket| go("first".into(), ticket));
    futures_util::future::join_all(all).await;
    let background = tickets(&limiter, Urgency::Background, 5).into_iter().enumerate();
    let background = background.map(|(at, ticket)| go(format!("background {at}"), ticket));
    let person = go("person".into(), limiter.ticket("ECS", "ListTasks", "eu-west-1", Urgency::Person));
    futures_util::future::join(futures_util::future::join_all(background), person).await;
    let gone = gone.into_inner().expect("nobody panics");
    assert_eq!(gone["person"], 80, "{gone:?}");
    assert!(gone["background 0"] < gone["background 4"], "{gone:?}");
}

#[tokio::test]
async fn a_dropped_request_leaves_the_queue_and_wakes_the_next() {
    let limiter = Limiter::default();
    let roles = || limiter.ticket("IAM", "GetRole", "eu-west-1", Urgency::Person);
    let under_way: Vec<_> = (0..10).map(|_| roles()).collect();
    for ticket in &under_way {
        ticket.turn().await;
    }
    let (given_up, waits) = (roles(), roles());
    let given_up = tokio::time::timeout(Duration::from_millis(20), async move { given_up.turn().await });
    assert!(given_up.await.is_err(), "ten are under way");
    let woken = tokio::time::timeout(Duration::from_secs(5), waits.turn());
    let (woken, ()) = futures_util::future::join(woken, async move { drop(under_way) }).await;
    assert!(woken.is_ok(), "nobody else waits");
}

#[tokio::test]
async fn the_urgency_is_that_of_the_account_that_is_asked() {
    assert_eq!(Urgency::here(), Urgency::Person);
    assert_eq!(Urgency::Background.of(async { Urgency::here() }).await, Urgency::Background);
    assert_eq!(Urgency::here(), Urgency::Person);
}
