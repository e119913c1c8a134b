//! How AWS is reached: the options that the AWS CLI has, under the names and with the meaning that they have there.

use crate::failure::Usage;
use std::path::PathBuf;

const HEADING: &str = "Connection, as in the AWS CLI";

/// Options of the connection.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ConnectionArgs {
    /// Certificates to trust instead of the system's (PEM); else those of AWS_CA_BUNDLE or of the profile's `ca_bundle`
    #[arg(long, value_name = "FILE", hide_short_help = true, help_heading = HEADING)]
    pub ca_bundle: Option<PathBuf>,
    /// Take any certificate for the server's: whoever stands between can read and change everything
    #[arg(long, hide_short_help = true, help_heading = HEADING)]
    pub no_verify_ssl: bool,
    /// How long an answer may take to begin (10); 0: as long as it takes
    #[arg(long, value_name = "SECONDS", hide_short_help = true, help_heading = HEADING)]
    pub cli_read_timeout: Option<u32>,
    /// How long a connection may take to be made (3); 0: as long as it takes
    #[arg(long, value_name = "SECONDS", hide_short_help = true, help_heading = HEADING)]
    pub cli_connect_timeout: Option<u32>,
    /// Tell on standard error each request, and which profile, credentials and region were chosen and why
    #[arg(long, hide_short_help = true, help_heading = HEADING)]
    pub debug: bool,
    /// Only to say why it is not possible.
    #[arg(long, hide = true)]
    pub no_sign_request: bool,
}

impl ConnectionArgs {
    /// Options stand before a command or behind it; behind it wins.
    pub fn or(self, before: ConnectionArgs) -> ConnectionArgs {
        ConnectionArgs {
            ca_bundle: self.ca_bundle.or(before.ca_bundle),
            no_verify_ssl: self.no_verify_ssl || before.no_verify_ssl,
            cli_read_timeout: self.cli_read_timeout.or(before.cli_read_timeout),
            cli_connect_timeout: self.cli_connect_timeout.or(before.cli_connect_timeout),
            debug: self.debug || before.debug,
            no_sign_request: self.no_sign_request || before.no_sign_request,
        }
    }

    /// What cannot be meant.
    ///
    /// # Errors
    /// When requests shall not be signed.
    pub fn check(&self) -> Result<(), Usage> {
        if self.no_sign_request { Err(Usage::Unsigned) } else { Ok(()) }
    }
}

/// What is given to whoever asks the account, with what is dangerous in it said on standard error.
#[cfg(feature = "live")]
pub fn options(ask: &crate::args::AskArgs) -> ecs_why_aws::Options {
    use ecs_why_aws::{Codes, Log, Options};
    use std::time::Duration;

    let ConnectionArgs { ca_bundle, no_verify_ssl, cli_read_timeout, cli_connect_timeout, debug, .. } = &ask.connection;
    if *no_verify_ssl {
        tell(
            "warning: certificates are not looked at (--no-verify-ssl): whoever stands between can read and change everything",
        );
    }
    let usual = Options::default();
    let seconds = |given: Option<u32>| given.map(|seconds| Duration::from_secs(seconds.into()));
    Options {
        region: ask.region.clone(),
        profile: ask.profile.clone(),
        endpoint_url: ask.endpoint_url.clone(),
        ca_bundle: ca_bundle.clone(),
        no_verify_ssl: *no_verify_ssl,
        connect_timeout: seconds(*cli_connect_timeout).unwrap_or(usual.connect_timeout),
        read_timeout: seconds(*cli_read_timeout).unwrap_or(usual.read_timeout),
        codes: Codes::from_person(code),
        log: if *debug { Log::to(|line| tell(&format!("debug: {line}"))) } else { Log::default() },
        ..usual
    }
}

/// Asks for the code of an MFA device, as the AWS CLI does: on the terminal, wherever standard input comes from.
#[cfg(feature = "live")]
fn code(serial: &str) -> std::io::Result<String> {
    use inquire::{InquireError, Password, PasswordDisplayMode};
    use std::io::IsTerminal as _;

    if !std::io::stderr().is_terminal() {
        return Err(std::io::ErrorKind::Unsupported.into());
    }
    let question = format!("Enter MFA code for {}:", ecs_why_core::render::escape::cut(serial, 200, true));
    let ask = Password::new(&question).without_confirmation().with_display_mode(PasswordDisplayMode::Masked);
    crate::status::aside(|| ask.prompt()).map_err(|error| match error {
        // The terminal hands no signal on while it is asked.
        InquireError::OperationInterrupted => std::process::exit(crate::exit::Exit::Interrupted as i32),
        error => std::io::Error::other(error.to_string()),
    })
}

/// A line on standard error, beside the one that tells how far we are.
#[cfg(feature = "live")]
fn tell(line: &str) {
    use std::io::Write as _;
    let line = ecs_why_core::render::escape::cut(line, 2000, true);
    crate::status::aside(|| {
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    });
}
