//! Lines on standard error while questions are out; on a terminal only.

use crate::view::View;
use ecs_why_core::diagnosis::Progress;
use ecs_why_core::render::escape;
use ecs_why_core::triage::{Found, Watch};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The line or bar that is shown now.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Says or asks something beside the line: it is taken away meanwhile.
pub fn aside<T>(say: impl FnOnce() -> T) -> T {
    let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match shown {
        Some(bar) => bar.suspend(say),
        None => say(),
    }
}

fn show(bar: Option<&ProgressBar>) {
    *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = bar.cloned();
}

/// The line; it goes when this is dropped.
pub struct Status {
    line: Option<ProgressBar>,
    unicode: bool,
}

impl Status {
    /// A line, if somebody looks.
    pub fn new(view: &View) -> Self {
        let line = std::io::stderr().is_terminal().then(|| {
            let marks = if view.look.unicode { "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ " } else { "|/-\\ " };
            let style = ProgressStyle::with_template("{spinner} {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let line = ProgressBar::new_spinner().with_style(style.tick_chars(marks)).with_message("asking AWS");
            line.enable_steady_tick(Duration::from_millis(120));
            line
        });
        show(line.as_ref());
        Status { line, unicode: view.look.unicode }
    }
}

impl Progress for Status {
    fn asked(&self, asked: usize, answered: usize, reading: &str) {
        if let Some(line) = &self.line {
            let reading = escape::cut(reading, 60, self.unicode);
            line.set_message(format!("{answered} of {asked} answers, reading {reading}"));
        }
    }
}

impl Drop for Status {
    fn drop(&mut self) {
        show(None);
        if let Some(line) = &self.line {
            line.finish_and_clear();
        }
    }
}

/// One bar for all places of a triage: how many tasks are read and failures judged, and how long that will still take.
pub struct Board {
    bar: Option<ProgressBar>,
    unicode: bool,
    places: Mutex<Vec<Far>>,
}

/// How far one place is.
#[derive(Debug, Clone, Copy, Default)]
struct Far {
    read: u64,
    listed: u64,
    judged: u64,
    failures: u64,
}

impl Board {
    /// A bar, if somebody looks.
    pub fn new(view: &View, places: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let blocks = if view.look.unicode { "█▓░" } else { "#>-" };
            let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg} {eta}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::new(0).with_style(style.progress_chars(blocks)).with_message("listing tasks");
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        show(bar.as_ref());
        Board { bar, unicode: view.look.unicode, places: Mutex::new(vec![Far::default(); places]) }
    }

    /// What one place tells of itself.
    pub fn place(&self, number: usize) -> OfPlace<'_> {
        OfPlace { board: self, number }
    }

    fn tell(&self, number: usize, tell: impl FnOnce(&mut Far)) {
        let Some(bar) = &self.bar else { return };
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(far) = places.get_mut(number) {
            tell(far);
        }
        let sum = |of: fn(&Far) -> u64| places.iter().map(of).sum::<u64>();
        let (read, listed) = (sum(|far| far.read), sum(|far| far.listed));
        let (judged, failures) = (sum(|far| far.judged), sum(|far| far.failures));
        // Reading comes first; where one place still reads, that is what takes the time.
        let (done, all, what) = if failures > 0 && read >= listed {
            (judged, failures, "failures judged")
        } else {
            (read, listed, "tasks read")
        };
        bar.set_length(all);
        bar.set_position(done);
        bar.set_message(what);
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        show(None);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// See [`Board::place`].
pub struct OfPlace<'b> {
    board: &'b Board,
    number: usize,
}

impl Watch for OfPlace<'_> {
    fn read(&self, read: u64, listed: u64) {
        self.board.tell(self.number, |far| (far.read, far.listed) = (read, listed));
    }

    fn judged(&self, judged: usize, all: usize) {
        self.board.tell(self.number, |far| (far.judged, far.failures) = (judged as u64, all as u64));
    }

    fn found(&self, found: &Found<'_>) {
        if let Some(bar) = &self.board.bar {
            let line = format!("{}/{}: {}", found.cluster, found.owner.name(), found.report.headline);
            bar.println(escape::cut(&line, 160, self.board.unicode));
        }
    }
}
