//! What can be typed: the names are those of `ecs-why`, where it has them.

use clap::Parser;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Why did an Amazon ECS task stop, or not start? As tools for AI assistants, over the Model Context Protocol.
///
/// It reads and changes nothing. Without --http it speaks on standard input and output.
#[derive(Debug, Clone, Parser)]
#[command(name = "ecs-why-mcp", version)]
pub struct Args {
    /// The region, if the target does not name it
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// The profile with the credentials
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Where to send all requests instead of AWS
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Certificates to trust instead of the system's (PEM); else those of AWS_CA_BUNDLE or of the profile's `ca_bundle`
    #[arg(long, value_name = "FILE")]
    pub ca_bundle: Option<PathBuf>,
    /// How long an answer may take to begin, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub cli_read_timeout: Option<Duration>,
    /// How long a connection may take to be made, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub cli_connect_timeout: Option<Duration>,
    /// The configuration, instead of `~/.config/ecs-why/config.toml`
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Answer from such a file (`ecs-why --save-evidence`) and ask AWS nothing; may be given more than once
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "endpoint_url"])]
    pub evidence: Vec<PathBuf>,
    /// Replace account ids, ARNs and addresses in all answers, and take them back in arguments
    #[arg(long)]
    pub redact: bool,
    /// How long a tool may take, in seconds; then it tells what it knows. Most clients give up after 60
    #[arg(long, value_name = "SECONDS", default_value = "50", value_parser = seconds)]
    pub time_limit: Duration,
    /// How many diagnoses may run at once; others wait
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub max_diagnoses: u32,
    /// Log to standard error, from this level on
    #[arg(long, value_name = "LEVEL", default_value = "warn", value_parser = ["off", "error", "warn", "info", "debug"])]
    pub log: String,
    #[command(flatten)]
    pub http: HttpArgs,
}

/// For streamable HTTP.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Over HTTP")]
pub struct HttpArgs {
    /// Serve streamable HTTP at /mcp of this address, as in 127.0.0.1:8808; other addresses than loopback need a token
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub http: Option<SocketAddr>,
    /// Who may call: a file with a bearer token on each line; without it ECS_WHY_MCP_TOKEN, if it is set
    #[arg(long, value_name = "FILE", requires = "http")]
    pub token_file: Option<PathBuf>,
    /// A host name under which it is called, besides those of loopback; may be given more than once
    #[arg(long, value_name = "NAME[:PORT]", requires = "http")]
    pub allowed_host: Vec<String>,
    /// An origin whose web pages may call, as in https://example.com:443; without it none may
    #[arg(long, value_name = "ORIGIN", requires = "http")]
    pub allowed_origin: Vec<String>,
    /// How many sessions there may be at once
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub max_sessions: u32,
    /// After how many seconds without a message a session ends; never before a tool's time is over
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    pub session_timeout: Duration,
}

/// The variable with the bearer token: on the command line everybody on the machine could read it.
pub const TOKEN: &str = "ECS_WHY_MCP_TOKEN";

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(seconds @ 1..=86_400) => Ok(Duration::from_secs(seconds)),
        _ => Err("expected a number of seconds from 1 to 86400".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn what_is_for_http_alone_needs_it() {
        assert!(Args::try_parse_from(["ecs-why-mcp", "--allowed-host", "a"]).is_err());
        let args = Args::try_parse_from(["ecs-why-mcp", "--http", "127.0.0.1:0", "--allowed-host", "a"]);
        assert_eq!(args.expect("it is well formed").http.allowed_host, ["a"]);
        assert!(Args::try_parse_from(["ecs-why-mcp", "--time-limit", "0"]).is_err());
    }
}
