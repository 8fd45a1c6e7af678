//! When nobody asks anything over a connection.
//!
//! HTTP/1.1 has a time within which the next request has to come; hyper knows none for HTTP/2, where a peer that answers pings
//! could hold its place for ever.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use bytes::Bytes;
use hyper::{
    body::{Frame, Incoming, SizeHint},
    service::{Service, service_fn},
};
use tokio::{sync::watch, time::sleep};

/// How many requests of one connection are under way, each until the last byte of its answer.
#[derive(Clone)]
pub(super) struct Activity(Arc<watch::Sender<usize>>);

impl Activity {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Waits until nothing was under way for so long.
    pub(super) async fn idle_for(&self, time: Duration) {
        let mut changes = self.0.subscribe();
        loop {
            // The sender lives as long as this does.
            let _ = changes.wait_for(|under_way| *under_way == 0).await;
            tokio::select! {
                () = sleep(time) => return,
                _ = changes.changed() => {}
            }
        }
    }

    /// The same service, whose requests count.
    pub(super) fn counting<S>(
        &self,
        service: S,
    ) -> impl Service<http::Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Send + use<S>
    where
        S: Service<http::Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Send,
    {
        let activity = self.clone();
        service_fn(move |request| {
            let (under_way, answering) = (activity.begin(), service.call(request));
            async move { Ok(answering.await?.map(|body| Body::new(Counted { body, _under_way: under_way }))) }
        })
    }

    fn begin(&self) -> UnderWay {
        self.0.send_modify(|under_way| *under_way += 1);
        UnderWay(self.0.clone())
    }
}

struct UnderWay(Arc<watch::Sender<usize>>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|under_way| *under_way -= 1);
    }
}

/// The body of an answer; while it lives, its request is under way.
struct Counted {
    body: Body,
    _under_way: UnderWay,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
