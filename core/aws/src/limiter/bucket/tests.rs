//! Hours pass here in no time: the clock is a number.

use super::*;

const RATE: Rate = Rate { burst: 80.0, sustained: 16.0, kept: 16.0, together: 1000 };

/// A bucket with those who wait before it, and a clock of its own.
struct Played {
    bucket: Bucket,
    start: Instant,
    now: Instant,
    waiting: BTreeMap<u64, (Place, Instant)>,
    next: u64,
    /// Who went, and when.
    went: Vec<(Place, f64)>,
    /// What AWS answers to the n-th that goes: whether it is one too many.
    refuses: fn(usize) -> bool,
}

impl Played {
    fn new(rate: Rate) -> Self {
        let start = Instant::now();
        let bucket = Bucket::new(rate, start);
        Played { bucket, start, now: start, waiting: BTreeMap::new(), next: 0, went: vec![], refuses: |_| false }
    }

    fn come(&mut self, urgency: Urgency) -> Place {
        let place = Place { urgency, number: self.next };
        self.next += 1;
        self.ask(place);
        place
    }

    /// Asks, and lets those ask who are called thereby.
    fn ask(&mut self, place: Place) {
        let mut asking = vec![place];
        while let Some(place) = asking.pop() {
            match self.bucket.ask(place, self.now) {
                Turn::Now => {
                    self.waiting.remove(&place.number);
                    let refused = (self.refuses)(self.went.len());
                    self.went.push((place, self.at()));
                    if refused {
                        self.bucket.throttled(place, None, self.now);
                        asking.push(place);
                    } else {
                        self.bucket.done(place, self.now);
                    }
                    asking.extend(self.bucket.first().and_then(|first| Some(self.waiting.get(&first)?.0)));
                }
                Turn::At(at) => {
                    assert!(at > self.now, "who asks again at once never sleeps");
                    self.waiting.insert(place.number, (place, at));
                }
            }
            asking.extend(self.bucket.called().filter_map(|called| Some(self.waiting.get(&called)?.0)));
        }
    }

    fn at(&self) -> f64 {
        (self.now - self.start).as_secs_f64()
    }

    /// Lets time pass; who has waited long enough asks again.
    fn until(&mut self, seconds: f64) {
        let end = self.start + Duration::from_secs_f64(seconds);
        while let Some(&(place, at)) = self.waiting.values().min_by_key(|(_, at)| *at).filter(|(_, at)| *at <= end) {
            self.now = self.now.max(at);
            self.ask(place);
        }
        self.now = end;
    }

    fn went(&self, urgency: Urgency) -> usize {
        self.went.iter().filter(|(place, _)| place.urgency == urgency).count()
    }

    /// The most that went in any window of so many seconds.
    fn most_in(&self, seconds: f64) -> usize {
        let times = || self.went.iter().map(|(_, at)| *at);
        times().map(|from| times().filter(|at| (from..from + seconds).contains(at)).count()).max().unwrap_or(0)
    }
}

fn many(played: &mut Played, urgency: Urgency, count: usize) {
    for _ in 0..count {
        played.come(urgency);
    }
}

use Urgency::{Background, Person};

#[test]
fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
    let mut played = Played::new(RATE);
    many(&mut played, Person, 240);
    assert_eq!(played.went.len(), 80);
    played.until(5.0);
    assert_eq!(played.went.len(), 80 + 5 * 16);
    played.until(10.0);
    assert_eq!(played.went.len(), 240);
    assert!(played.most_in(1.0) <= 80 + 16);
}

#[test]
fn a_pause_fills_the_bucket_and_no_more_than_that() {
    let mut played = Played::new(RATE);
    many(&mut played, Person, 80);
    played.until(3_600.0);
    many(&mut played, Person, 100);
    assert_eq!(played.went.len(), 160);
}

#[test]
fn those_who_wait_go_in_the_order_in_which_they_came() {
    let mut played = Played::new(RATE);
    many(&mut played, Person, 300);
    played.until(60.0);
    assert!(played.went.is_sorted_by_key(|(place, _)| place.number));
    assert_eq!(played.went.len(), 300);
}

#[test]
fn a_person_goes_before_all_of_the_background() {
    let mut played = Played::new(RATE);
    many(&mut played, Background, 3_000);
    played.until(100.0);
    let before = played.went.len();
    let person = played.come(Person);
    played.until(100.2);
    assert!(played.went[before..].iter().any(|(place, _)| *place == person), "{:?}", &played.went[before..]);
    assert!(played.went(Background) < 3_000);
}

#[test]
fn background_work_leaves_a_part_of_the_burst_to_persons() {
    let mut played = Played::new(RATE);
    many(&mut played, Background, 1_000);
    assert_eq!(played.went.len(), 64);
    many(&mut played, Person, 16);
    assert_eq!(played.went(Person), 16, "without any wait");
}

#[test]
fn background_work_gets_its_turns_while_persons_come_without_an_end() {
    let mut played = Played::new(RATE);
    many(&mut played, Person, 80);
    many(&mut played, Background, 100);
    many(&mut played, Person, 2_000);
    played.until(60.0);
    let (persons, background) = (played.went(Person), played.went(Background));
    assert!((80..=120).contains(&background) || background == 100, "{background}");
    assert!(persons > 700, "{persons}");
}

#[test]
fn throttling_slows_down_to_a_part_of_the_rate_and_never_stands_still() {
    let mut played = Played::new(RATE);
    played.refuses = |_| true;
    many(&mut played, Background, 1);
    played.until(60.0);
    let last: Vec<_> = played.went.iter().filter(|(_, at)| *at >= 30.0).collect();
    // The floor is 3.2 a second; between two slow-downs some of the rate comes back.
    assert!((60..=240).contains(&last.len()), "{}", last.len());
}

#[test]
fn refusals_of_one_moment_slow_down_once() {
    let mut bucket = Bucket::new(RATE, Instant::now());
    let now = bucket.reckoned;
    for number in 0..20 {
        let place = Place { urgency: Person, number };
        assert_eq!(bucket.ask(place, now), Turn::Now);
    }
    for number in 0..20 {
        bucket.throttled(Place { urgency: Person, number }, None, now);
    }
    assert!((bucket.share - SLOWER).abs() < NEARLY, "{}", bucket.share);
}

#[test]
fn the_rate_comes_back_slowly_and_whole() {
    let mut played = Played::new(RATE);
    played.refuses = |number| number < 40;
    many(&mut played, Person, 1_000);
    played.until(10.0);
    let slow = played.went.iter().filter(|(_, at)| (0.5..1.5).contains(at)).count();
    assert!(slow < 16, "{slow}");
    played.until(30.0);
    let before = played.went.len();
    played.until(40.0);
    assert_eq!(played.went.len() - before, 160);
}

#[test]
fn a_pause_that_aws_asks_for_is_kept_but_not_for_ever() {
    for (asked, kept) in [(2, 2.0), (3_600, 20.0)] {
        let mut played = Played::new(RATE);
        let place = Place { urgency: Person, number: 1_000_000 };
        assert_eq!(played.bucket.ask(place, played.now), Turn::Now);
        played.bucket.throttled(place, Some(Duration::from_secs(asked)), played.now);
        played.come(Person);
        played.until(kept - 0.1);
        assert_eq!(played.went.len(), 0);
        played.until(kept + 0.2);
        assert_eq!(played.went.len(), 1);
    }
}

#[test]
fn no_more_than_the_limit_are_under_way() {
    let now = Instant::now();
    let mut bucket = Bucket::new(Rate { together: 10, ..RATE }, now);
    let place = |number| Place { urgency: Person, number };
    let gone = (0..20).filter(|&number| bucket.ask(place(number), now) == Turn::Now).count();
    assert_eq!(gone, 10);
    bucket.done(place(0), now);
    assert_eq!(bucket.called().collect::<Vec<_>>(), [10], "the next is called");
    assert_eq!(bucket.ask(place(10), now), Turn::Now);
    // An answer that nobody fetches does not hold its room for ever.
    assert_ne!(bucket.ask(place(11), now + LEASE - Duration::from_millis(1)), Turn::Now);
    assert_eq!(bucket.ask(place(11), now + LEASE), Turn::Now);
}

#[test]
fn a_waiter_that_nobody_polls_holds_up_no_other() {
    let now = Instant::now();
    let mut bucket = Bucket::new(RATE, now);
    let place = |number| Place { urgency: Person, number };
    for number in 0..80 {
        assert_eq!(bucket.ask(place(number), now), Turn::Now);
    }
    assert!(matches!(bucket.ask(place(80), now), Turn::At(_)));
    let Turn::At(at) = bucket.ask(place(81), now) else { panic!("the bucket is empty") };
    // The first never asks again.
    assert_eq!(bucket.ask(place(81), at), Turn::Now);
    assert_eq!(bucket.ask(place(80), at), Turn::Now, "its turn was kept");
}

#[test]
fn who_leaves_gives_back_what_was_kept_for_it() {
    let now = Instant::now();
    let mut bucket = Bucket::new(Rate { burst: 2.0, kept: 1.0, sustained: 1.0, together: 10 }, now);
    let place = |number| Place { urgency: Person, number };
    for number in 0..2 {
        assert_eq!(bucket.ask(place(number), now), Turn::Now);
    }
    for number in 2..5 {
        assert_ne!(bucket.ask(place(number), now), Turn::Now);
    }
    bucket.leave(place(2), now);
    let later = now + Duration::from_secs(1);
    assert_ne!(bucket.ask(place(4), later), Turn::Now);
    assert_eq!(bucket.called().collect::<Vec<_>>(), [3]);
    bucket.leave(place(3), later);
    assert_eq!(bucket.called().collect::<Vec<_>>(), [4], "called, and gone without going: its token is for the next");
}

#[test]
fn a_further_attempt_goes_before_those_who_came_later() {
    let mut played = Played::new(RATE);
    played.refuses = |number| number == 0;
    many(&mut played, Person, 100);
    played.until(2.0);
    let again = played.went.iter().skip(1).position(|(place, _)| place.number == 0);
    assert_eq!(again, Some(0), "{:?}", &played.went[..4]);
}

/// What a triage of a large account meets on a bad day.
#[test]
fn with_three_of_ten_refused_everything_is_read_with_no_more_than_that() {
    let mut played = Played::new(RATE);
    played.refuses = |number| matches!(number % 10, 2 | 5 | 8);
    many(&mut played, Background, 1_000);
    played.until(3_600.0);
    assert!(played.waiting.is_empty());
    assert!(played.went.len() <= 1_430, "{}", played.went.len());
    let end = played.went.last().map_or(0.0, |(_, at)| *at);
    assert!(end < 450.0, "{end}");
}
