//! Connections: TCP, TLS, HTTP/1.1 and HTTP/2, each with its bounds.

mod endless;
mod idle;

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, extract::FromRequestParts, response::Response};
use futures_util::future::join_all;
use http::request::Parts;
use hyper::{
    body::Incoming,
    rt::{Read, Write},
    server::conn::{http1, http2},
    service::Service,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use nix::sys::socket::{setsockopt, sockopt};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub(crate) use self::endless::Endless;
use self::{
    endless::{Left, Tls},
    idle::Activity,
};
use crate::{
    access::{Gate, Neighbourhood},
    api::ApiError,
    config::Limits,
    forwarded::Client,
};

const HANDSHAKE: Duration = Duration::from_secs(10);
const REQUEST_HEAD: Duration = Duration::from_secs(30);
/// Bytes that a peer neither takes nor acknowledges for so long end its connection.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);
const HTTP2_PING: Duration = Duration::from_secs(15);
/// What one connection may make us buffer.
const BUFFER: usize = 32 * 1024;
const HEADERS: usize = 64;
/// After this, connections that do not end by themselves are cut.
const FAREWELL: Duration = Duration::from_secs(8);

/// What is at the other end of the connection: a client, or a proxy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remote(pub(crate) SocketAddr);

/// Who asks, behind whatever proxies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) Client);

impl<S: Sync> FromRequestParts<S> for Remote {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().copied().ok_or(ApiError::INTERNAL)
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().copied().ok_or(ApiError::INTERNAL)
    }
}

/// How a request came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Over TLS.
    Tls,
    /// In the clear, by the door that is for browsers on a LAN: see [`crate::plain`].
    Plain,
}

/// Where connections come in.
pub(crate) struct Door {
    listener: TcpListener,
    /// None for plain HTTP.
    tls: Option<TlsAcceptor>,
}

impl Door {
    /// For HTTPS.
    pub(crate) fn tls(listener: TcpListener, config: rustls::ServerConfig) -> Self {
        Self { listener, tls: Some(TlsAcceptor::from(Arc::new(config))) }
    }

    /// For plain HTTP.
    pub(crate) fn plain(listener: TcpListener) -> Self {
        Self { listener, tls: None }
    }
}

/// What all doors have in common.
struct House {
    router: Router,
    counts: Counts,
    graceful: GracefulShutdown,
    stopping: CancellationToken,
}

/// Accepts connections until `stopping`, then lets the open ones end.
pub(crate) async fn serve(doors: Vec<Door>, router: Router, limits: Limits, gate: Gate, stopping: CancellationToken) {
    let (counts, graceful) = (Counts::new(limits, gate), GracefulShutdown::new());
    let house = House { router, counts, graceful, stopping };
    join_all(doors.into_iter().map(|door| house.accept(door))).await;
    if timeout(FAREWELL, house.graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were still open after {} s and are cut", FAREWELL.as_secs());
    }
}

impl House {
    /// Accepts connections at a door until the server stops.
    async fn accept(&self, door: Door) {
        let Self { router, counts, graceful, stopping } = self;
        loop {
            let accepted = tokio::select! {
                () = stopping.cancelled() => break,
                accepted = door.listener.accept() => accepted,
            };
            let (tcp, peer) = match accepted {
                Ok(accepted) => accepted,
                // A connection that ended before it was accepted, or no file descriptor is left: others must end first.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            if !counts.gate.hears(peer.ip()) {
                // Before a byte is read, or a place is taken.
                tracing::debug!(address = %peer.ip(), "a connection was dropped: its address is not on READ_ALLOWLIST");
                continue;
            }
            let Some(place) = counts.enter(peer) else {
                tracing::debug!("a connection was refused: too many are open");
                continue;
            };
            let (tls, router) = (door.tls.clone(), router.clone());
            let (watcher, stopping, idle) = (graceful.watcher(), stopping.clone(), counts.limits.idle);
            tokio::spawn(async move {
                let _place = place;
                tune(&tcp);
                let conversation = match tls {
                    None => by_plain_http1(tcp, service(router, peer, Transport::Plain), watcher),
                    Some(tls) => {
                        // On the heap, and gone before the first request: a handshake's memory is not a stream's.
                        let handshake = Box::pin(timeout(HANDSHAKE, tls.accept(tcp)));
                        let tls = tokio::select! {
                            () = stopping.cancelled() => return,
                            handshake = handshake => match handshake {
                                Ok(Ok(tls)) => Box::new(tls),
                                Ok(Err(error)) => return tracing::debug!(%error, "a TLS handshake failed"),
                                Err(_) => return tracing::debug!("a TLS handshake took too long"),
                            },
                        };
                        let http2 = tls.get_ref().1.alpn_protocol() == Some(b"h2");
                        let service = service(router, peer, Transport::Tls);
                        if http2 {
                            by_http2(TokioIo::new(tls), service, watcher, (stopping, idle))
                        } else {
                            by_http1(tls, service, watcher, stopping)
                        }
                    }
                };
                if let Err(error) = conversation.await {
                    tracing::debug!(%error, "a connection ended early");
                }
            });
        }
    }
}

/// The requests and answers of one connection. It lies on the heap as what it is, so that a stream holds what its
/// protocol needs and no more.
type Conversation = Pin<Box<dyn Future<Output = Result<(), ConnectionError>> + Send>>;

/// Why a connection ended early.
#[derive(Debug, thiserror::Error)]
enum ConnectionError {
    /// In a request or its answer.
    #[error(transparent)]
    Http(#[from] hyper::Error),
    /// In an event stream.
    #[error(transparent)]
    Stream(#[from] std::io::Error),
}

/// What answers the requests of one connection.
fn service(
    router: Router,
    peer: SocketAddr,
    transport: Transport,
) -> impl Service<http::Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Unpin
+ 'static {
    TowerToHyperService::new(router.map_request(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(Remote(peer));
        request.extensions_mut().insert(transport);
        request.map(axum::body::Body::new)
    }))
}

/// HTTP/1.1, which screens speak. What a conversation needs is gone when it has become a stream.
fn by_http1<S>(tls: Tls, service: S, watcher: Watcher, stopping: CancellationToken) -> Conversation
where
    S: Service<http::Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Send + Unpin + 'static,
{
    let left = Left::default();
    let connection = http1().serve_connection(TokioIo::new(tls), left.beside(service));
    let conversation = Box::pin(endless::until_begun(connection, left, stopping));
    Box::pin(async move {
        // Open connections are waited for as long as there is one of these.
        let _watcher = watcher;
        match conversation.await? {
            Some(begun) => Ok(begun.run().await?),
            None => Ok(()),
        }
    })
}

/// HTTP/1.1 without TLS.
fn by_plain_http1<S>(tcp: TcpStream, service: S, watcher: Watcher) -> Conversation
where
    S: Service<http::Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Send + 'static,
{
    let conversation = watcher.watch(http1().serve_connection(TokioIo::new(tcp), service));
    Box::pin(async move { Ok(conversation.await?) })
}

fn http1() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(REQUEST_HEAD).max_headers(HEADERS).max_buf_size(BUFFER);
    builder
}

/// HTTP/2, where TLS agreed on it (RFC 7301). Over a connection on which nothing is asked for so long, nothing will be.
fn by_http2<S>(
    io: impl Read + Write + Unpin + Send + 'static,
    service: S,
    watcher: Watcher,
    (stopping, idle): (CancellationToken, Duration),
) -> Conversation
where
    S: Service<http::Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Send + 'static,
{
    let activity = Activity::new();
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(32)
        .max_header_list_size(BUFFER as u32)
        .max_send_buf_size(BUFFER)
        .keep_alive_interval(HTTP2_PING)
        .keep_alive_timeout(HTTP2_PING)
        .serve_connection(io, activity.counting(service));
    Box::pin(async move {
        // Open connections are waited for as long as there is one of these.
        let _watcher = watcher;
        let mut connection = pin!(connection);
        tokio::select! {
            ended = &mut connection => return Ok(ended?),
            () = stopping.cancelled() => {}
            () = activity.idle_for(idle) => {}
        }
        connection.as_mut().graceful_shutdown();
        Ok(connection.await?)
    })
}

fn tune(tcp: &TcpStream) {
    if let Err(error) = tcp.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    // Ends readers that vanished, and readers that stopped reading, before buffers of the kernel pile up.
    #[cfg(target_os = "linux")]
    if let Err(error) = setsockopt(tcp, sockopt::TcpUserTimeout, &(UNACKNOWLEDGED.as_millis() as u32)) {
        tracing::debug!(%error, "TCP_USER_TIMEOUT was refused");
    }
}

/// How many connections are open, in all and by address.
struct Counts {
    all: Arc<Semaphore>,
    by_address: Arc<Mutex<HashMap<Neighbourhood, usize>>>,
    limits: Limits,
    gate: Gate,
}

/// A connection's place among those that may be open.
struct Place {
    _permit: OwnedSemaphorePermit,
    by_address: Arc<Mutex<HashMap<Neighbourhood, usize>>>,
    address: Neighbourhood,
}

impl Counts {
    fn new(limits: Limits, gate: Gate) -> Self {
        Self { all: Arc::new(Semaphore::new(limits.connections)), by_address: Arc::default(), limits, gate }
    }

    fn enter(&self, peer: SocketAddr) -> Option<Place> {
        let permit = self.all.clone().try_acquire_owned().ok()?;
        let address = Neighbourhood::from(peer.ip());
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_address.entry(address).or_default();
        // Proxies bring many clients, so only the bound for all holds for them.
        let brings_many = self.gate.proxies.as_ref().is_some_and(|proxies| proxies.contain(peer.ip()));
        if *count >= self.limits.connections_per_address && !brings_many {
            return None;
        }
        *count += 1;
        Some(Place { _permit: permit, by_address: self.by_address.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}

/// Ends a request whose answer does not begin in time: a body that trickles in must not hold a handler for ever.
pub(crate) async fn limit_time(
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Result<axum::response::Response, ApiError> {
    const ANSWER: Duration = Duration::from_secs(60);
    timeout(ANSWER, next.run(request)).await.map_err(|_| ApiError::TOO_SLOW)
}
