//! Who calls: what one has asked is nobody else's.

use crate::http::TokenHash;
use axum::http::request::Parts;
use rmcp::RoleServer;
use rmcp::service::RequestContext;

/// Who calls, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The session: all of standard input and output, or a session over HTTP.
    Session(uuid::Uuid),
    /// Who has this bearer token, in whichever session.
    Token(TokenHash),
    /// A request by itself: nothing tells it from another one's.
    Nobody,
}

impl Caller {
    /// Who made a request. `session` is the handler's own id: there is one handler a session.
    pub fn of(context: &RequestContext<RoleServer>, session: uuid::Uuid) -> Caller {
        let Some(parts) = context.extensions.get::<Parts>() else { return Caller::Session(session) };
        if let Some(token) = parts.extensions.get::<TokenHash>() {
            return Caller::Token(token.clone());
        }
        // Without a session each request has a handler of its own.
        match parts.headers.contains_key("mcp-session-id") {
            true => Caller::Session(session),
            false => Caller::Nobody,
        }
    }
}
