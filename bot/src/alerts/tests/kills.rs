use super::*;
use crate::outbox::fake::{Fate, die_after};

/// The same numbers each time.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % (below as u64)).expect("it is small")
    }
}

const EVENTS: usize = 5000;
const SERVICES: usize = 25;

#[tokio::test]
async fn five_thousand_events_and_a_process_that_is_killed_again_and_again_lose_and_double_nothing() {
    let mut random = Seeded(20_261_122);
    let mut here = Here::new();
    here.rules.threads = 1000;
    for service in (0..SERVICES).filter(|service| service % 3 == 0) {
        here.accounts.say(&format!("svc{service}"), Ok(NO_IMAGE));
    }
    let name = |number: usize| format!("svc{}", number % SERVICES);
    let body = |number: usize| {
        let reason = if (number % SERVICES).is_multiple_of(3) { NO_IMAGE } else { OOM };
        stop(number, &name(number), number as i64 / 10, reason)
    };
    // Some come twice, as queues deliver.
    let queue =
        FakeQueue::holding((0..EVENTS).flat_map(|number| vec![body(number); 1 + usize::from(number % 50 == 0)]));
    let (end, mut kills) = (CancellationToken::new(), 0);
    loop {
        let fates = [Fate::Well, Fate::Well, Fate::Well, Fate::Lost, Fate::Failed, Fate::Later];
        here.platform.channel().fates = (0..20).map(|_| fates[random.next(fates.len())]).collect();
        queue.undeletable.store(random.next(3), Ordering::SeqCst);
        here.sleep(30);
        let alerts = here.alerts();
        // What a kill does: nothing more runs, wherever it was.
        let _ = die_after(1 + random.next(60), alerts.run(&queue, &end)).await;
        kills += 1;
        let waiting = alerts.store.events_waiting().await.expect("read");
        if queue.left() == 0 && waiting == 0 {
            break;
        }
        assert!(kills < 2000, "it never comes to an end: {} left, {waiting} wait", queue.left());
    }
    here.platform.channel().fates.clear();
    here.sleep(60);
    let alerts = here.alerts();
    alerts.outbox.restore().await.expect("read");
    settle(&alerts).await;
    let (standing, expected) = (here.standing(), EVENTS / SERVICES);
    assert!(kills >= 10, "{kills} kills");
    assert_eq!(standing.len(), SERVICES, "one card a service, none doubled, none lost");
    for one in standing {
        let text = text(&one.message.card);
        assert!(text.contains(&format!("{expected} tasks stopped")), "{text}");
    }
}
