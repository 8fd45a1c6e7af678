//! An administrator who is signed in: handlers that ask for it are closed to everybody else.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, Method, request::Parts};
use jiff::Timestamp;
use pairing::server::Admin;

use super::{cookie, page};
use crate::{
    app::App,
    forwarded::Client,
    serve::Peer,
    store::{Action, Deed, StoreError},
};

/// There is one administrator; the name is what the audit log shows.
pub(super) const NAME: &str = "admin";

/// A signed-in administrator.
pub(super) struct SignedIn {
    pub(super) admin: Admin,
    pub(super) token_hash: String,
}

impl SignedIn {
    /// What this administrator does, for the log. `subject` is an id, never a secret.
    pub(super) fn deed(&self, action: Action, subject: impl ToString, from: Peer, at: Timestamp) -> Deed {
        let (actor, address) = (self.admin.name().to_owned(), from.0.ip());
        Deed { actor, action, subject: subject.to_string(), address, at }
    }
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let Peer(client) = Peer::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        match app.session_of(&parts.headers, client).await {
            Ok(Some(token_hash)) => return Ok(Self { admin: Admin::signed_in(NAME.to_owned()), token_hash }),
            Ok(None) => {}
            Err(error) => return Err(page::failed(&error)),
        }
        // A form that was filled in before the session ended cannot be repeated; its page can.
        let back = match (&parts.method, parts.uri.path_and_query()) {
            (&Method::GET, Some(back)) => format!("?next={}", percent(back.as_str())),
            _ => String::new(),
        };
        Err(Redirect::to(&format!("/admin/sign-in{back}")).into_response())
    }
}

impl App {
    /// Whether a request is a signed-in administrator's, where that is only one way among others to be let in.
    pub(crate) async fn is_administrator(&self, headers: &HeaderMap, peer: Peer) -> bool {
        match self.session_of(headers, peer.0).await {
            Ok(session) => session.is_some(),
            Err(error) => {
                tracing::error!(%error, "a session could not be looked up");
                false
            }
        }
    }

    /// The hash of the token of the administrator's session that a request is part of, where that is open.
    async fn session_of(&self, headers: &HeaderMap, client: Client) -> Result<Option<String>, StoreError> {
        let Some(token) = cookie::session(headers) else { return Ok(None) };
        let hash = cookie::hash(&token);
        let open = self.sessions.is_open(&hash, client.ip(), self.clock.now()).await?;
        Ok(open.then_some(hash))
    }
}

fn percent(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
