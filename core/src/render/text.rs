//! The report that a tired person reads in a terminal.

use super::escape;
use super::links::{Console, hyperlink};
use super::outline::{Block, Outline, outline};
use crate::report::{Outcome, Report};
use anstyle::{AnsiColor, Style};
use std::borrow::Cow;

/// How it shall look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// With colours.
    pub color: bool,
    /// In columns; nothing but commands and links is wider.
    pub width: usize,
    /// All of it, instead of what matters most.
    pub verbose: bool,
    /// Other characters than ASCII.
    pub unicode: bool,
    /// Text that leads to the AWS console and to the documentation (OSC 8).
    pub links: bool,
}

impl Default for Look {
    fn default() -> Self {
        Look { color: false, width: 80, verbose: false, unicode: true, links: false }
    }
}

/// Labels stand left of this column.
const GUTTER: usize = 10;
/// Below this width there is no room beside labels.
const NARROW: usize = 50;

const PLAIN: Style = Style::new();
const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const LABEL: Style = AnsiColor::Cyan.on_default();
const COMMAND: Style = AnsiColor::Green.on_default();

/// The report for people.
pub fn text(report: &Report, look: &Look) -> String {
    page(&outline(report, look.verbose), report.outcome, look)
}

/// What was outlined elsewhere, in the colour of an outcome.
pub(super) fn page<'l>(outline: &'l Outline, outcome: Outcome, look: &'l Look) -> String {
    let mut page = Page::new(look, true);
    page.console = outline.console.as_ref().filter(|_| look.links).map(|(console, _)| console);
    page.outline(outline, outcome);
    page.out
}

/// A text that is no report (an error, a hint), wrapped.
pub fn paragraph(text: &str, look: &Look) -> String {
    let mut page = Page::new(look, false);
    page.wrap("", text, PLAIN);
    page.out
}

struct Page<'l> {
    look: &'l Look,
    out: String,
    /// What stands left of the lines.
    indent: usize,
    /// A label that waits for the line that it stands beside.
    label: Option<(&'static str, Style)>,
    /// Where resources that are named lead to.
    console: Option<&'l Console>,
    /// Where the lines that come next lead to, whatever they name.
    address: Option<String>,
}

impl<'l> Page<'l> {
    fn new(look: &'l Look, labels: bool) -> Self {
        let indent = match (labels, look.width < NARROW) {
            (false, _) => 0,
            (true, true) => 2,
            (true, false) => GUTTER,
        };
        Page { look, out: String::new(), indent, label: None, console: None, address: None }
    }

    fn outline(&mut self, outline: &Outline, outcome: Outcome) {
        let mark = match outcome {
            Outcome::Failed => AnsiColor::Red.on_default(),
            Outcome::Hanging | Outcome::Undetermined => AnsiColor::Yellow.on_default(),
            Outcome::StoppedDeliberately => AnsiColor::Blue.on_default(),
            Outcome::Completed | Outcome::Running | Outcome::Sound => AnsiColor::Green.on_default(),
        };
        self.label(outline.outcome, mark.bold());
        self.wrap("", &outline.headline, STRONG);
        let page = outline.console.as_ref().and_then(|(_, page)| page.as_deref());
        self.leading_to(page, |this| this.wrap("", &outline.target, FAINT));
        if let Some(registered) = &outline.registered {
            self.wrap("", registered, FAINT);
        }
        for section in &outline.sections {
            if !matches!(section.label, "Impact" | "Since") {
                self.space();
            }
            self.label(section.label, LABEL);
            section.blocks.iter().for_each(|block| self.block(block));
            self.label_alone();
        }
        if let Some(footer) = &outline.footer {
            self.space();
            self.indent = 0;
            self.wrap("", footer, FAINT);
        }
    }

    /// The label of what comes next; on a narrow page it has a line for itself.
    fn label(&mut self, label: &'static str, style: Style) {
        self.label = Some((label, style));
        if self.indent < GUTTER {
            self.label_alone();
        }
    }

    fn label_alone(&mut self) {
        if let Some((label, style)) = self.label.take() {
            let label = self.paint(label, style);
            self.out.push_str(&label);
            self.out.push('\n');
        }
    }

    /// An empty line, and never two of them.
    fn space(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A line that is escaped and measured already.
    fn line(&mut self, before: &str, text: &str, style: Style) {
        let (label, width) = match self.label.take() {
            Some((label, style)) => (self.paint(label, style), label.len()),
            None => (String::new(), 0),
        };
        let text = self.paint(&self.linked(text.trim_end(), style), style);
        let line = format!("{label}{}{before}{text}", " ".repeat(self.indent.saturating_sub(width)));
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// Lines that lead somewhere, where the terminal can.
    fn leading_to(&mut self, address: Option<&str>, lines: impl FnOnce(&mut Self)) {
        self.address = address.filter(|_| self.look.links).map(str::to_owned);
        lines(self);
        self.address = None;
    }

    /// Commands are for copying: nothing is hidden in them.
    fn linked<'t>(&self, text: &'t str, style: Style) -> Cow<'t, str> {
        match (&self.address, self.console) {
            (Some(address), _) => Cow::Owned(hyperlink(text, address)),
            (None, Some(console)) if style != COMMAND => console.link(text),
            _ => Cow::Borrowed(text),
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Prose(text) => self.wrap("", text, PLAIN),
            Block::Title(text, address) => self.leading_to(address.as_deref(), |this| this.wrap("", text, STRONG)),
            Block::Aside(text) => self.wrap("", text, FAINT),
            Block::Item(text) => self.wrap("- ", text, PLAIN),
            Block::Quote(text) => {
                let limit = if self.look.verbose { 4000 } else { 4 * self.look.width.saturating_sub(self.indent + 6) };
                let text = escape::cut_middle(text.trim(), limit, self.look.unicode);
                self.wrap("", &format!("\"{text}\""), PLAIN);
            }
            Block::Lines(lines) => self.lines(lines),
            Block::Commands(commands) => self.commands(commands),
            // Broken in two it could not be followed.
            Block::Link(link) => {
                let shown = escape::cut(link.trim(), 400, self.look.unicode);
                self.leading_to(Some(link.trim()), |this| this.line("", &shown, FAINT));
            }
        }
    }

    /// Lines of a log: each on one line, cut.
    fn lines(&mut self, lines: &[String]) {
        let mark = if self.look.unicode { "│ " } else { "| " };
        let room = self.look.width.saturating_sub(self.indent + escape::width(mark)).max(10);
        for line in lines {
            let line = escape::cut(line.trim_end(), room, self.look.unicode);
            self.line(mark, &line, PLAIN);
        }
    }

    /// Commands are neither cut nor wrapped, and have room around them, so that they can be copied.
    fn commands(&mut self, commands: &[String]) {
        let beside = self.label.is_some() && commands.len() == 1;
        let indent = self.indent;
        if !beside {
            self.label_alone();
            self.space();
            self.indent = 2;
        }
        for command in commands {
            self.line("", &escape::command(command), COMMAND);
        }
        self.indent = indent;
        if commands.iter().any(|command| escape::command_hides(command)) {
            let mark = if self.look.unicode { "\u{fffd}" } else { "U+FFFD" };
            self.wrap(
                "",
                &format!("{mark} stands for what cannot be shown: take that command from --output json"),
                FAINT,
            );
        }
        if !beside {
            self.space();
        }
    }

    /// One paragraph, escaped and wrapped; a bullet stands before it, and the rest hangs under the text.
    fn wrap(&mut self, bullet: &str, text: &str, style: Style) {
        let limit = if self.look.verbose { 8000 } else { 1000 };
        let text = escape::cut(text.trim(), limit, self.look.unicode);
        let width = self.look.width.saturating_sub(self.indent + bullet.len()).max(10);
        let options = textwrap::Options::new(width)
            // Ids are not broken at their hyphens.
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        let hanging = " ".repeat(bullet.len());
        for (at, line) in textwrap::wrap(text.trim(), options).into_iter().enumerate() {
            if !line.is_empty() {
                self.line(if at == 0 { bullet } else { &hanging }, &line, style);
            }
        }
    }

    fn paint(&self, text: &str, style: Style) -> String {
        if self.look.color && !text.is_empty() && style != PLAIN {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}
