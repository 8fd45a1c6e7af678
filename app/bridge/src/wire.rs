//! One request over the Broker's socket.

use std::io;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::UnixStream;

use crate::{Error, Response};

/// The header that marks an answer as the Broker's own.
const ERROR_HEADER: HeaderName = HeaderName::from_static("nexus-broker-error");

/// A little more than the Broker lets pass.
const MAX_LENGTH: usize = 9 << 20;

/// A little more than the Broker waits for a provider.
const WITHIN: Duration = Duration::from_secs(45);

/// The Broker's own words.
#[derive(Debug, Deserialize)]
pub(crate) struct Words {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// What a GET brings: an answer of the provider, or the Broker's own words.
pub(crate) async fn get(socket: &Path, path_and_query: &str) -> Result<Result<Response, Words>, Error> {
    send(socket, Method::GET, path_and_query, Bytes::new()).await
}

/// What a request with a body brings, which is empty or JSON.
pub(crate) async fn send(
    socket: &Path,
    method: Method,
    path_and_query: &str,
    body: Bytes,
) -> Result<Result<Response, Words>, Error> {
    ask(socket, method, path_and_query, None, body).await
}

/// The same with one more header.
pub(crate) async fn ask(
    socket: &Path,
    method: Method,
    path_and_query: &str,
    header: Option<(HeaderName, HeaderValue)>,
    body: Bytes,
) -> Result<Result<Response, Words>, Error> {
    let broker = |reason: String| Error::Broker { socket: socket.to_owned(), reason };
    let exchange = async {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = Uri::try_from(path_and_query).map_err(|error| broker(error.to_string()))?;
        request.headers_mut().insert(http::header::HOST, HeaderValue::from_static("broker"));
        request.headers_mut().extend(header);
        let response = exchange(socket, request).await.map_err(|error| broker(error.to_string()))?;
        if !response.headers.contains_key(ERROR_HEADER) {
            return Ok(Ok(response));
        }
        let words = serde_json::from_slice(&response.body).map_err(|error| broker(error.to_string()))?;
        Ok(Err(words))
    };
    tokio::time::timeout(WITHIN, exchange).await.map_err(|_| broker(format!("no answer in {} s", WITHIN.as_secs())))?
}

#[expect(clippy::disallowed_methods, reason = "the Broker is asked, over its Unix socket")]
async fn exchange(socket: &Path, request: Request<Full<Bytes>>) -> io::Result<Response> {
    let stream = UnixStream::connect(socket).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let answer = async {
        let (head, body) = sender.send_request(request).await.map_err(io::Error::other)?.into_parts();
        let body = Limited::new(body, MAX_LENGTH).collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Response { status: head.status, headers: head.headers, body })
    };
    tokio::pin!(answer);
    // The connection is driven here, so that dropping the request drops the socket too.
    tokio::select! {
        answer = &mut answer => answer,
        ended = connection => {
            ended.map_err(io::Error::other)?;
            answer.await
        }
    }
}
