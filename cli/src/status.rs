//! A line on standard error while questions are out; on a terminal only.

use crate::view::View;
use ecs_why_core::diagnosis::Progress;
use ecs_why_core::render::escape;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

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
        if let Some(line) = &self.line {
            line.finish_and_clear();
        }
    }
}
