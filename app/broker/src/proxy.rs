//! The signing proxy: a request comes in without a credential and goes out with it.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::Method;

use crate::api::{Broker, Refusal};
use crate::upstream::{Answer, Failure};

/// Reading only: nothing that Nexus shows needs to change anything at a provider, so even a taken-over
/// server cannot.
pub(crate) async fn forward(State(broker): State<Broker>, request: Request) -> Result<Response, Refusal> {
    if request.method() != Method::GET {
        return Err(Refusal::read_only());
    }
    // The path as it came in: axum's own is decoded, and decoding twice is how paths escape.
    let target = request.uri().path().strip_prefix("/connections/").and_then(|rest| rest.split_once("/proxy/"));
    let (id, path) = target.ok_or(Failure::Path)?;
    let id = id.parse().map_err(|_| Refusal::unknown_connection())?;
    let upstream = broker.store.upstream(&id).await?.ok_or_else(Refusal::unknown_connection)?;

    let _turn = broker.turns.acquire().await;
    let Answer { status, headers, body } = upstream.get(path, request.uri().query()).await.inspect_err(|failure| {
        tracing::warn!(connection = %id, "{failure}");
    })?;
    tracing::debug!(connection = %id, status = status.as_u16(), bytes = body.len(), "answered");
    Ok((status, headers, body).into_response())
}
