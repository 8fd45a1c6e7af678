//! Connections: TCP, TLS, HTTP/1.1 and HTTP/2, each with its bounds.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, extract::FromRequestParts};
use http::request::Parts;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use nix::sys::socket::{setsockopt, sockopt};
use pairing::link::server::Networks;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{access::Neighbourhood, api::ApiError, config::Limits, forwarded::Client};

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

/// Accepts connections until `stopping`, then lets the open ones end.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    router: Router,
    limits: Limits,
    proxies: Option<Networks>,
    stopping: CancellationToken,
) {
    let acceptor = TlsAcceptor::from(tls);
    let counts = Counts::new(limits, proxies);
    let graceful = GracefulShutdown::new();
    let builder = Arc::new(builder());
    loop {
        let accepted = tokio::select! {
            () = stopping.cancelled() => break,
            accepted = listener.accept() => accepted,
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
        let Some(place) = counts.enter(peer) else {
            tracing::debug!("a connection was refused: too many are open");
            continue;
        };
        let (acceptor, router, builder) = (acceptor.clone(), router.clone(), builder.clone());
        let (watcher, stopping) = (graceful.watcher(), stopping.clone());
        tokio::spawn(async move {
            let _place = place;
            tune(&tcp);
            let tls = tokio::select! {
                () = stopping.cancelled() => return,
                handshake = timeout(HANDSHAKE, acceptor.accept(tcp)) => match handshake {
                    Ok(Ok(tls)) => tls,
                    Ok(Err(error)) => return tracing::debug!(%error, "a TLS handshake failed"),
                    Err(_) => return tracing::debug!("a TLS handshake took too long"),
                },
            };
            let service = router.map_request(move |mut request: http::Request<Incoming>| {
                request.extensions_mut().insert(Remote(peer));
                request.map(axum::body::Body::new)
            });
            let connection = builder.serve_connection(TokioIo::new(tls), TowerToHyperService::new(service));
            if let Err(error) = watcher.watch(connection.into_owned()).await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were still open after {} s and are cut", FAREWELL.as_secs());
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST_HEAD)
        .max_headers(HEADERS)
        .max_buf_size(BUFFER)
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(32)
        .max_header_list_size(BUFFER as u32)
        .max_send_buf_size(BUFFER)
        .keep_alive_interval(HTTP2_PING)
        .keep_alive_timeout(HTTP2_PING);
    builder
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
    /// They bring many clients, so only the bound for all holds for them.
    proxies: Option<Networks>,
}

/// A connection's place among those that may be open.
struct Place {
    _permit: OwnedSemaphorePermit,
    by_address: Arc<Mutex<HashMap<Neighbourhood, usize>>>,
    address: Neighbourhood,
}

impl Counts {
    fn new(limits: Limits, proxies: Option<Networks>) -> Self {
        Self { all: Arc::new(Semaphore::new(limits.connections)), by_address: Arc::default(), limits, proxies }
    }

    fn enter(&self, peer: SocketAddr) -> Option<Place> {
        let permit = self.all.clone().try_acquire_owned().ok()?;
        let address = Neighbourhood::from(peer.ip());
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_address.entry(address).or_default();
        let brings_many = self.proxies.as_ref().is_some_and(|proxies| proxies.contain(peer.ip()));
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
