//! The Web API: one client with a time limit, and the methods that are called.
//!
//! The library's own waiting is left off: it lets one message a second through in all channels together, where Slack means each channel,
//! and it would hold back what the outbox can still replace by something newer. What Slack refuses as too much comes back as
//! [`SendError::Later`].

use crate::platform::SendError;
use crate::slack::SlackConfig;
use crate::slack::error::meaning;
use anyhow::Context as _;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use slack_morphism::errors::SlackClientError;
use slack_morphism::hyper_tokio::SlackClientHyperConnector;
use slack_morphism::{
    ClientResult, SlackApiToken, SlackClient, SlackClientApiCallContext, SlackClientHttpConnector as _,
};
use std::sync::Arc;
use std::time::Duration;
use tracing::Span;
use url::Url;

/// The connection below.
pub type Connector = SlackClientHyperConnector<HttpsConnector<HttpConnector>>;

/// The library waits for an answer without end.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two attempts to learn who we are.
const AGAIN: Duration = Duration::from_secs(2);

/// The methods that are called with the bot's token: the manifest asks for the scopes of these, and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Who we are.
    Own,
    /// Says something.
    Post,
    /// Changes what was said.
    Update,
    /// Says something to one person.
    Whisper,
    /// What was said in a channel.
    History,
    /// What was said in a thread.
    Replies,
    /// Where a file can be put.
    UploadUrl,
    /// The file is there, and belongs into a channel.
    Uploaded,
    /// Who is in a user group.
    GroupMembers,
}

impl Method {
    /// All of them.
    #[cfg(test)]
    pub const ALL: [Method; 9] = [
        Method::Own,
        Method::Post,
        Method::Update,
        Method::Whisper,
        Method::History,
        Method::Replies,
        Method::UploadUrl,
        Method::Uploaded,
        Method::GroupMembers,
    ];

    /// As Slack calls it.
    pub fn name(self) -> &'static str {
        match self {
            Method::Own => "auth.test",
            Method::Post => "chat.postMessage",
            Method::Update => "chat.update",
            Method::Whisper => "chat.postEphemeral",
            Method::History => "conversations.history",
            Method::Replies => "conversations.replies",
            Method::UploadUrl => "files.getUploadURLExternal",
            Method::Uploaded => "files.completeUploadExternal",
            Method::GroupMembers => "usergroups.users.list",
        }
    }

    /// What the token must be allowed, wherever the bot is.
    #[cfg(test)]
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Method::Own => &[],
            Method::Post | Method::Update | Method::Whisper => &["chat:write"],
            Method::History | Method::Replies => &["channels:history", "groups:history", "im:history", "mpim:history"],
            Method::UploadUrl | Method::Uploaded => &["files:write"],
            Method::GroupMembers => &["usergroups:read"],
        }
    }
}

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Web {
    client: Arc<SlackClient<Connector>>,
    token: Arc<SlackApiToken>,
}

/// An answer of which nothing is needed.
#[derive(Debug, Deserialize)]
pub struct Done {}

impl Web {
    /// # Errors
    /// When the certificates that this machine trusts cannot be read.
    pub fn new(config: &SlackConfig) -> anyhow::Result<Web> {
        let builder = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::aws_lc_rs::default_provider())
            .context("the certificates that this machine trusts cannot be read")?;
        // Without encryption only where the configuration says so.
        let plain = config.api_url.as_ref().is_some_and(|url| url.scheme() == "http");
        let builder = if plain { builder.https_or_http() } else { builder.https_only() };
        let mut connector = Connector::with_connector(builder.enable_all_versions().build());
        if let Some(url) = &config.api_url {
            connector = connector.with_slack_api_url(url.as_str().trim_end_matches('/'));
        }
        Ok(Web { client: Arc::new(SlackClient::new(connector)), token: Arc::new(token(&config.bot_token)) })
    }

    /// What the library needs for Socket Mode.
    pub fn client(&self) -> &Arc<SlackClient<Connector>> {
        &self.client
    }

    /// Asks with parameters.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn get<R>(&self, method: Method, parameters: &[(&str, Option<String>)]) -> Result<R, SendError>
    where
        R: DeserializeOwned + Send,
    {
        let session = self.client.open_session(&self.token);
        let parameters: Vec<(&str, Option<&String>)> =
            parameters.iter().map(|(name, value)| (*name, value.as_ref())).collect();
        let asked = session.http_session_api.http_get(method.name(), &parameters, None);
        within(asked).await
    }

    /// Sends JSON.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn call<B, R>(&self, method: Method, body: &B) -> Result<R, SendError>
    where
        B: Serialize + Sync + Send,
        R: DeserializeOwned + Send,
    {
        let session = self.client.open_session(&self.token);
        within(session.http_session_api.http_post(method.name(), body, None)).await
    }

    /// Answers where an interaction may be answered; the address is all the right that this needs.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn respond<B: Serialize + Sync + Send>(&self, url: &str, body: &B) -> Result<(), SendError> {
        let url = Url::parse(url).map_err(|_| SendError::Gone("the response_url cannot be read".to_owned()))?;
        let span = Span::none();
        within(self.client.http_api.connector.http_post_uri::<B, Done>(url, body, bare(&span))).await.map(|_| ())
    }

    /// Puts bytes where Slack wants them. Without the token: the address is signed already.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn put(&self, url: Url, bytes: &[u8]) -> Result<(), SendError> {
        let span = Span::none();
        let kind = "application/octet-stream".to_owned();
        let put = self.client.http_api.connector.http_post_uri_binary::<Done>(url, kind, bytes, bare(&span));
        within(put).await.map(|_| ())
    }

    /// The bot's user. Waits until Slack can be reached.
    ///
    /// # Errors
    /// When Slack refuses the token.
    pub async fn own(&self) -> Result<String, SendError> {
        #[derive(Deserialize)]
        struct Own {
            user_id: String,
        }
        loop {
            let wait = match self.call::<_, Own>(Method::Own, &serde_json::json!({})).await {
                Ok(own) => return Ok(own.user_id),
                Err(SendError::Later(wait)) => wait,
                Err(SendError::Broken(why)) => {
                    tracing::warn!("{why}: trying again");
                    AGAIN
                }
                Err(error) => return Err(error),
            };
            tokio::time::sleep(wait).await;
        }
    }
}

/// A token as the library has it.
pub fn token(secret: &SecretString) -> SlackApiToken {
    SlackApiToken::new(secret.expose_secret().to_owned().into())
}

fn bare(span: &Span) -> SlackClientApiCallContext<'_> {
    SlackClientApiCallContext { rate_control_params: None, token: None, tracing_span: span, is_sensitive_url: true }
}

async fn within<R>(asked: impl Future<Output = ClientResult<R>>) -> Result<R, SendError> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer.map_err(|error: SlackClientError| meaning(&error)),
        Err(_) => Err(SendError::Broken("Slack did not answer in time".to_owned())),
    }
}
