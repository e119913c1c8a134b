//! How a report goes out: its form, and what the terminal can show.

use ecs_why_core::render::{self, Look};
use ecs_why_core::report::Report;
use std::io::{self, IsTerminal, Write};

/// The form of a report. It is never taken from the AWS profile, whose `output` means something else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// For people
    #[default]
    Report,
    /// For programs: the contract, indented
    Json,
    /// For tickets and pull requests
    Markdown,
}

/// The form, and the look of the human one.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The form.
    pub output: Output,
    /// How it shall look on standard output.
    pub look: Look,
    color: clap::ColorChoice,
}

impl View {
    /// As asked for; what was left open is looked up in the environment and the terminal. Links are for who can show them, and
    /// some pagers cannot.
    pub fn new(output: Output, color: clap::ColorChoice, verbose: bool, can_link: bool) -> Self {
        let colored = colored(color, &io::stdout());
        let width = if io::stdout().is_terminal() { terminal_width() } else { 80 };
        let links = can_link && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout);
        View { output, look: Look { color: colored, width, verbose, unicode: unicode(), links }, color }
    }

    /// The look of messages.
    pub fn on_stderr(&self) -> Look {
        Look { color: colored(self.color, &io::stderr()), links: false, ..self.look }
    }

    /// Writes a report.
    pub fn write(&self, report: &Report, out: &mut impl Write) -> io::Result<()> {
        let text = match self.output {
            Output::Report => render::text(report, &self.look),
            Output::Json => render::json(report),
            Output::Markdown => render::markdown(report, self.look.verbose),
        };
        out.write_all(text.as_bytes())
    }
}

/// NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM and whether it is a terminal decide what the option leaves open.
fn colored(color: clap::ColorChoice, stream: &impl anstream::stream::RawStream) -> bool {
    match color {
        clap::ColorChoice::Always => true,
        clap::ColorChoice::Never => false,
        clap::ColorChoice::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
    }
}

/// Lines of more than a hundred columns are hard to read.
fn terminal_width() -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let found = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    asked.or_else(found).unwrap_or(80).clamp(30, 100)
}

/// Only who says `C` or names another character set gets plain ASCII: containers seldom set anything.
fn unicode() -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    locale.is_none_or(|locale| {
        let locale = locale.to_string_lossy().to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
