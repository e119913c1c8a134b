//! Long text on a terminal goes through a pager, as the AWS CLI does it: `AWS_PAGER`, `PAGER`, `less`.
//! <https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html#cli-usage-pagination-clientside>

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

/// Standard output, and the pager before it once there is more than one screen.
pub enum Out {
    /// Goes out as it comes.
    Plain(io::BufWriter<io::Stdout>),
    /// Is held until it is known how long it is.
    Held {
        /// What was written so far.
        text: Vec<u8>,
        /// How many lines the screen has.
        screen: usize,
        /// What shows more than that.
        pager: Pager,
    },
    /// Is read by somebody.
    Paged(Child),
}

/// `cli_pager` of the profile. The files are read only where a terminal may need it.
#[cfg(feature = "live")]
pub fn of_profile(profile: Option<&str>) -> Option<String> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().ok()?;
    runtime.block_on(ecs_why_aws::of_profile(profile, "cli_pager"))
}

/// Without the SDK nothing reads these files.
#[cfg(not(feature = "live"))]
pub fn of_profile(_: Option<&str>) -> Option<String> {
    None
}

/// A command that shows text page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pager {
    words: Vec<String>,
}

impl Pager {
    /// The one that is set; none if it is set to nothing, cannot be read, or nothing is set and there is no `less`.
    ///
    /// `AWS_PAGER` wins over the profile's `cli_pager`, and that over `PAGER`.
    pub fn found(get: impl Fn(&str) -> Option<String>, of_profile: impl FnOnce() -> Option<String>) -> Option<Pager> {
        let set = get("AWS_PAGER").or_else(of_profile).or_else(|| get("PAGER"));
        let command = set.unwrap_or_else(|| if cfg!(windows) { "more".to_owned() } else { "less".to_owned() });
        let words = shlex::split(&command).filter(|words| !words.is_empty())?;
        Some(Pager { words })
    }

    /// It shows colours and links, whatever else it is set to.
    pub fn is_less(&self) -> bool {
        self.words.first().and_then(|program| Path::new(program).file_stem()).is_some_and(|name| name == "less")
    }

    fn command(&self) -> Command {
        let mut words = self.words.iter();
        let mut command = Command::new(words.next().map_or("less", String::as_str));
        command.args(words);
        if self.is_less() {
            command.arg("-R");
            for (name, value) in [("LESS", "FRX"), ("LESSCHARSET", "utf-8")] {
                if std::env::var_os(name).is_none() {
                    command.env(name, value);
                }
            }
        }
        command
    }
}

impl Out {
    /// Standard output; without a pager unless it is a terminal.
    pub fn new(pager: Option<Pager>) -> Out {
        let screen = terminal_size::terminal_size_of(io::stdout()).map(|(_, height)| usize::from(height.0));
        match (pager, screen) {
            (Some(pager), Some(screen)) if io::stdout().is_terminal() && screen > 1 => {
                Out::Held { text: Vec::new(), screen, pager }
            }
            _ => Out::Plain(io::BufWriter::new(io::stdout())),
        }
    }

    /// Shows what is held, and waits until it is read.
    ///
    /// # Errors
    /// When it cannot be written. That the reader has left early is none.
    pub fn finish(&mut self) -> io::Result<()> {
        match std::mem::replace(self, Out::Plain(io::BufWriter::new(io::stdout()))) {
            Out::Plain(mut out) => out.flush(),
            Out::Held { text, .. } => self.write_all(&text).and_then(|()| self.flush()),
            Out::Paged(mut pager) => {
                drop(pager.stdin.take());
                pager.wait().map(|_| ())
            }
        }
    }

    /// Long enough for the pager; if that does not start, the text goes out without it.
    fn page(&mut self) -> io::Result<()> {
        let Out::Held { text, pager, .. } = self else { return Ok(()) };
        let text = std::mem::take(text);
        *self = match pager.command().stdin(Stdio::piped()).spawn() {
            Ok(child) => {
                // Ctrl-C is the reader's: whoever dies of it leaves the terminal to two programs.
                let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::default());
                Out::Paged(child)
            }
            Err(_) => Out::Plain(io::BufWriter::new(io::stdout())),
        };
        self.write_all(&text)
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Out::Plain(out) => out.write(bytes),
            Out::Held { text, screen, .. } => {
                text.extend_from_slice(bytes);
                // The prompt that comes after it takes a line, too.
                if text.iter().filter(|byte| **byte == b'\n').count() >= *screen {
                    self.page()?;
                }
                Ok(bytes.len())
            }
            Out::Paged(pager) => match &mut pager.stdin {
                Some(reader) => reader.write(bytes),
                None => Ok(bytes.len()),
            },
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Out::Plain(out) => out.flush(),
            Out::Held { .. } => Ok(()),
            Out::Paged(pager) => pager.stdin.as_mut().map_or(Ok(()), Write::flush),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(set: &[(&str, &str)], of_profile: Option<&str>) -> Option<Vec<String>> {
        let get = |name: &str| set.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned());
        Pager::found(get, || of_profile.map(str::to_owned)).map(|pager| pager.words)
    }

    fn words(words: &[&str]) -> Option<Vec<String>> {
        Some(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn the_pager_is_the_one_that_aws_would_use() {
        let both = [("AWS_PAGER", "less -S"), ("PAGER", "more")];
        assert_eq!(found(&both, Some("most")), words(&["less", "-S"]));
        assert_eq!(found(&both[1..], Some("most")), words(&["most"]));
        assert_eq!(found(&both[1..], None), words(&["more"]));
        assert_eq!(found(&[("PAGER", "'my pager' --x")], None), words(&["my pager", "--x"]));
        #[cfg(unix)]
        assert_eq!(found(&[], None), words(&["less"]));
    }

    #[test]
    fn an_empty_setting_means_no_pager() {
        assert_eq!(found(&[("AWS_PAGER", ""), ("PAGER", "more")], Some("most")), None);
        assert_eq!(found(&[("PAGER", "more")], Some("")), None);
        // What cannot be read as a command is not run.
        assert_eq!(found(&[("PAGER", "less 'x")], None), None);
    }

    #[test]
    fn colours_go_to_less_by_any_path() {
        let pager = |command: &str| Pager { words: shlex::split(command).expect("words") };
        assert!(pager("/usr/bin/less -S").is_less());
        assert!(!pager("lesspipe").is_less());
        assert!(pager("less").command().get_args().any(|arg| arg == "-R"));
    }
}
