//! Discord's HTTP API. serenity's own client is not used for it: it drops the time that Discord wants us to wait as soon as its limiter is off,
//! and the limiter, when it is on, waits inside of a request for as long as it is told to, and knows no other address than discord.com.
//! Answers are read as loosely as they can be, so that a new field or kind is no failure.

use super::DiscordConfig;
use super::pauses::{Pauses, row, seconds};
use super::trouble::Trouble;
use crate::platform::Attachment;
use anyhow::Context as _;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep};

/// Where Discord is.
const DISCORD: &str = "https://discord.com";
/// Discord asks for one like this. <https://discord.com/developers/docs/reference#user-agent>
const AGENT: &str = concat!("DiscordBot (", env!("CARGO_PKG_NAME"), ", ", env!("CARGO_PKG_VERSION"), ") ecs-why-bot");
/// How long a request may take.
const LONGEST: Duration = Duration::from_secs(15);
/// How long it may take to connect.
const CONNECT: Duration = Duration::from_secs(5);
/// A page of a hundred messages, each as long as can be, is a quarter of this.
const LARGEST: usize = 8 << 20;
/// How long it may take to be told who we are.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two tries.
const BETWEEN_TRIES: Duration = Duration::from_millis(500);
/// Where Discord says that it is too much, but not until when.
const UNSAID_WAIT: Duration = Duration::from_secs(5);

/// What a request carries.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    /// Its JSON.
    pub(super) json: Value,
    /// A file beside it.
    pub(super) file: Option<Attachment>,
}

/// The way to Discord.
pub(super) struct Rest {
    client: Client,
    base: String,
    token: SecretString,
    configured: Option<u64>,
    pauses: Pauses,
    application: OnceCell<u64>,
    me: OnceCell<u64>,
}

impl Rest {
    pub(super) fn new(config: &DiscordConfig) -> anyhow::Result<Rest> {
        let mut client = Client::builder()
            .user_agent(AGENT)
            .timeout(LONGEST)
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none());
        if config.is_local() {
            // A proxy of the environment leads out, not back to this machine.
            client = client.no_proxy();
        }
        let base = config.api_url.as_ref().map_or(DISCORD, |url| url.as_str()).trim_end_matches('/').to_owned();
        Ok(Rest {
            client: client.build().context("no HTTP client can be made for Discord")?,
            base: format!("{base}/api/v10"),
            token: config.token.clone(),
            configured: config.application,
            pauses: Pauses::default(),
            application: OnceCell::new(),
            me: OnceCell::new(),
        })
    }

    /// The client itself, for serenity's one request.
    pub(super) fn client(&self) -> Client {
        self.client.clone()
    }

    /// The application's id, which addresses answers to interactions.
    pub(super) async fn application(&self) -> Result<u64, Trouble> {
        if let Some(id) = self.configured {
            return Ok(id);
        }
        self.application.get_or_try_init(|| self.id_of("/applications/@me")).await.copied()
    }

    /// The bot's own id, which mentions name.
    pub(super) async fn me(&self) -> Result<u64, Trouble> {
        self.me.get_or_try_init(|| self.id_of("/users/@me")).await.copied()
    }

    async fn id_of(&self, path: &str) -> Result<u64, Trouble> {
        let answer = self.insist(PATIENCE, Method::GET, path, None).await?;
        id(&answer["id"]).ok_or_else(|| Trouble::Broken("discord did not say who we are".to_owned()))
    }

    /// One request, which is not tried again. While Discord wants us to wait it is not made at all: too many of those, and Discord shuts the
    /// door to the whole address for an hour.
    pub(super) async fn call(&self, method: Method, path: &str, said: Option<&Said>) -> Result<Value, Trouble> {
        self.call_within(LONGEST, method, path, said).await
    }

    /// What may be done twice: waits where Discord wants it, and tries again where Discord fails, as long as the patience lasts.
    pub(super) async fn insist(
        &self,
        patience: Duration,
        method: Method,
        path: &str,
        said: Option<&Said>,
    ) -> Result<Value, Trouble> {
        let until = Instant::now() + patience;
        loop {
            let answer = self.call(method.clone(), path, said).await;
            let wait = match &answer {
                Err(Trouble::Later(wait)) => *wait,
                Err(Trouble::Broken(_) | Trouble::Status { status: 500.., .. }) => BETWEEN_TRIES,
                _ => return answer,
            };
            if Instant::now() + wait > until {
                return answer;
            }
            sleep(wait).await;
        }
    }

    /// The same as [`Rest::call`], with another limit of time.
    pub(super) async fn call_within(
        &self,
        limit: Duration,
        method: Method,
        path: &str,
        said: Option<&Said>,
    ) -> Result<Value, Trouble> {
        let row = row(method.as_str(), path);
        if let Some(wait) = self.pauses.left(&row, Instant::now()) {
            return Err(Trouble::Later(wait));
        }
        let token = self.token.expose_secret().trim();
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .timeout(limit)
            .header(AUTHORIZATION, format!("Bot {}", token.strip_prefix("Bot ").unwrap_or(token)));
        if let Some(said) = said {
            let json = said.json.to_string();
            request = match &said.file {
                None => request.header(reqwest::header::CONTENT_TYPE, "application/json").body(json),
                Some(file) => request.multipart(form(json, file)?),
            };
        }
        let response = request.send().await.map_err(broken)?;
        self.read(&row, response).await
    }

    async fn read(&self, row: &str, response: Response) -> Result<Value, Trouble> {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = bounded(response).await?;
        if status == StatusCode::TOO_MANY_REQUESTS {
            let told: Value = serde_json::from_slice(&body).unwrap_or_default();
            let wait = told["retry_after"].as_f64().or_else(|| number(&headers, "retry-after"));
            let wait = wait.map_or(UNSAID_WAIT, seconds);
            let global = told["global"] == true || headers.contains_key("x-ratelimit-global");
            self.pauses.pause(if global { "" } else { row }, wait, Instant::now());
            return Err(Trouble::Later(wait));
        }
        if number(&headers, "x-ratelimit-remaining") == Some(0.0)
            && let Some(wait) = number(&headers, "x-ratelimit-reset-after")
        {
            self.pauses.pause(row, seconds(wait), Instant::now());
        }
        if !status.is_success() {
            return Err(Trouble::of(status.as_u16(), &body));
        }
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|_| Trouble::Broken("discord's answer is no JSON".to_owned()))
    }
}

/// An id, as Discord writes them.
pub(super) fn id(value: &Value) -> Option<u64> {
    value.as_str()?.parse().ok()
}

fn number(headers: &HeaderMap, name: &str) -> Option<f64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The answer's body, no more of it than there is room for.
async fn bounded(mut response: Response) -> Result<Vec<u8>, Trouble> {
    let mut body = vec![];
    while let Some(piece) = response.chunk().await.map_err(broken)? {
        if body.len() + piece.len() > LARGEST {
            return Err(Trouble::Broken("discord's answer is too long".to_owned()));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn form(json: String, file: &Attachment) -> Result<Form, Trouble> {
    let text = |text: String| Part::text(text).mime_str("application/json").map_err(broken);
    let bytes = Part::bytes(file.bytes.clone()).file_name(file.name.clone());
    Ok(Form::new().part("payload_json", text(json)?).part("files[0]", bytes))
}

/// Never with the address: that of an interaction holds its token.
fn broken(error: reqwest::Error) -> Trouble {
    let what = if error.is_timeout() {
        "discord did not answer in time"
    } else if error.is_connect() {
        "discord cannot be reached"
    } else {
        "the connection to discord failed"
    };
    let causes = std::iter::successors(std::error::Error::source(&error), |error| error.source());
    let why = causes.last().map(|why| format!(": {why}")).unwrap_or_default();
    Trouble::Broken(format!("{what}{why}"))
}
