//! Event streams over HTTP/1.1 and TLS, which is how screens read.
//!
//! hyper reads the request and writes the head of the answer. What it holds for requests that might follow is most of a
//! stream's memory: 16 KiB of buffers, and a future that is polled three times for each event. None will follow: the
//! connection ends with its stream. So from then on each event goes from its shared bytes into one TLS record and one
//! write, and nothing is kept beside what TLS itself needs.

use std::{
    convert::Infallible,
    future::poll_fn,
    io::{self, ErrorKind},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use bytes::{Buf, Bytes};
use http::{HeaderValue, Method, Request, Version, header};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWriteExt, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

/// An answer says by this extension that its body is an endless one.
#[derive(Clone)]
pub(crate) struct Endless {
    /// Cancelled when its reader may read no more.
    pub(crate) revoked: CancellationToken,
}

pub(super) type Tls = Box<TlsStream<TcpStream>>;

/// A stream whose head is written.
pub(super) struct Begun {
    tls: Tls,
    rest: Rest,
}

/// What is still to be written, and to whom no more.
struct Rest {
    body: Body,
    endless: Endless,
}

/// Where the rest of an answer is left when its head is written.
#[derive(Clone, Default)]
pub(super) struct Left(Arc<Mutex<Option<Rest>>>);

impl Left {
    fn take(&self) -> Option<Rest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The same service; of the first answer of its connection, if it is endless, hyper gets the head alone. Later ones
    /// are left to hyper: it may still hold bytes of the answer before, while TLS takes a head at once.
    pub(super) fn beside<S>(
        &self,
        service: S,
    ) -> impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Send + Unpin + use<S>
    where
        S: Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Send + Unpin,
    {
        let (left, first) = (self.clone(), AtomicBool::new(true));
        service_fn(move |request| {
            // HTTP/1.0 knows no chunks, and an answer to HEAD has no body.
            let chunked = request.version() == Version::HTTP_11 && request.method() == Method::GET;
            let apt = first.swap(false, Ordering::Relaxed) && chunked;
            let (left, answering) = (left.clone(), service.call(request));
            async move {
                let mut response = answering.await?;
                let Some(endless) = response.extensions_mut().remove::<Endless>().filter(|_| apt) else {
                    return Ok(response);
                };
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                Ok(response.map(|body| Body::new(Leaving { rest: Some(Rest { body, endless }), left })))
            }
        })
    }
}

/// The body in hyper's hands: asked for its first bytes, when the head is written, it leaves.
struct Leaving {
    rest: Option<Rest>,
    left: Left,
}

impl HttpBody for Leaving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(rest) = self.rest.take() {
            *self.left.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(rest);
        }
        Poll::Pending
    }
}

/// Answers requests until the connection ends, or until a stream has begun.
pub(super) async fn until_begun<S>(
    mut connection: http1::Connection<TokioIo<Tls>, S>,
    left: Left,
    stopping: CancellationToken,
) -> Result<Option<Begun>, hyper::Error>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible> + Unpin,
{
    let mut stopped = pin!(stopping.cancelled());
    let mut told = false;
    let rest = poll_fn(|context| {
        if !told && stopped.as_mut().poll(context).is_ready() {
            told = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        let polled = Pin::new(&mut connection).poll(context);
        match left.take() {
            Some(rest) => Poll::Ready(Ok(Some(rest))),
            None => polled.map_ok(|()| None),
        }
    })
    .await?;
    Ok(rest.map(|rest| Begun { tls: connection.into_parts().io.into_inner(), rest }))
}

impl Begun {
    /// Writes event after event, each in the one chunk that it came in.
    pub(super) async fn run(self) -> io::Result<()> {
        let Self { mut tls, rest: Rest { mut body, endless } } = self;
        loop {
            let chunk = poll_fn(|context| match poll_end(&mut tls, context) {
                Poll::Ready(gone) => Poll::Ready(Err(gone)),
                Poll::Pending => Pin::new(&mut body).poll_frame(context).map(Ok),
            });
            let Some(frame) = chunk.await? else { break };
            // A stream has no trailers.
            let Ok(data) = frame.map_err(io::Error::other)?.into_data() else { continue };
            let size = format!("{:x}\r\n", data.len());
            let mut framed = size.as_bytes().chain(data).chain(&b"\r\n"[..]);
            tokio::select! {
                biased;
                written = write(&mut tls, &mut framed) => written?,
                // The body is not asked meanwhile, so it cannot say that it ended.
                () = endless.revoked.cancelled() => return Ok(()),
            }
        }
        // The reader does not count any more, however slowly it takes the end.
        drop(body);
        tls.write_all(b"0\r\n\r\n").await?;
        tls.shutdown().await
    }
}

/// The next event is asked for when this one has left: none waits behind another.
async fn write(tls: &mut Tls, framed: &mut impl Buf) -> io::Result<()> {
    tls.write_all_buf(framed).await?;
    tls.flush().await
}

/// Waits until the reader is gone. What it still says is of no interest.
fn poll_end(tls: &mut Tls, context: &mut Context<'_>) -> Poll<io::Error> {
    let mut bytes = [0; 256];
    loop {
        // Asked first, as TLS would prepare a buffer after each event.
        if let Err(error) = ready!(tls.get_ref().0.poll_read_ready(context)) {
            return Poll::Ready(error);
        }
        let mut read = ReadBuf::new(&mut bytes);
        match ready!(Pin::new(&mut *tls).poll_read(context, &mut read)) {
            Ok(()) if read.filled().is_empty() => return Poll::Ready(ErrorKind::UnexpectedEof.into()),
            Ok(()) => {}
            Err(error) => return Poll::Ready(error),
        }
    }
}
