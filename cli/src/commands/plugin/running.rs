//! Runs a program to its end, but not for ever.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How it ended.
#[derive(Debug)]
pub struct Ran {
    /// Its exit status was zero.
    pub success: bool,
    /// What it printed.
    pub out: String,
    /// What it said on standard error.
    pub err: String,
}

impl Ran {
    /// The last thing it said, which is where Python tells what went wrong.
    pub fn last_line(&self) -> String {
        let lines = |text: &str| text.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned);
        lines(&self.err).or_else(|| lines(&self.out)).unwrap_or_else(|| "it says nothing".to_owned())
    }
}

/// Long enough for a CLI that starts on a busy machine with a cold disk.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs it without standard input; the error is a sentence.
pub fn run(command: &mut Command) -> Result<Ran, String> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut tries = 0;
    let mut child = loop {
        match command.spawn() {
            // Somebody is still writing it, or forked while it was written.
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy && tries < 10 => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            started => break started.map_err(|error| format!("it cannot be started: {error}"))?,
        }
    };
    let (out, err) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let began = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if began.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it did not end within {} seconds", PATIENCE.as_secs()));
            }
            Err(error) => return Err(error.to_string()),
        }
    };
    Ok(Ran { success: status.success(), out: out.join().unwrap_or_default(), err: err.join().unwrap_or_default() })
}

/// Reads beside, so that neither pipe fills up.
fn collect(stream: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = vec![];
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
