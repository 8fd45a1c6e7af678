//! Request bodies: whole before anybody looks at them, and bounded.
//!
//! An HTTP/2 answer that comes while the client still sends is followed by `RST_STREAM`, and some clients then lose the
//! answer (curl 7.88: "HTTP/2 stream was not closed cleanly"). So every body is read to its end first, also that of a
//! request that is going to be refused.

use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    middleware::Next,
    response::Response,
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use crate::api::ApiError;

/// Longest body that is taken. Everything that is posted here is a short form or a short JSON object.
const TAKEN: usize = 16 * 1024;
/// Longest body that is read and thrown away, so that its sender hears why. Whoever sends more is cut off.
const HEARD_OUT: usize = 8 * 1024 * 1024;

/// Reads the body, and hands the request on with it.
pub(crate) async fn read_first(request: Request, next: Next) -> Result<Response, ApiError> {
    let (head, body) = request.into_parts();
    let body = read(body).await?;
    Ok(next.run(Request::from_parts(head, Body::from(body))).await)
}

async fn read(body: Body) -> Result<Bytes, ApiError> {
    if body.size_hint().lower() > HEARD_OUT as u64 {
        return Err(ApiError::BODY_TOO_LARGE);
    }
    let mut taken = BytesMut::new();
    let mut length = 0;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| ApiError::BODY_CUT_SHORT)?;
        length += chunk.len();
        if length > HEARD_OUT {
            return Err(ApiError::BODY_TOO_LARGE);
        }
        if length <= TAKEN {
            taken.extend_from_slice(&chunk);
        }
    }
    if length > TAKEN { Err(ApiError::BODY_TOO_LARGE) } else { Ok(taken.freeze()) }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    const CHUNK: usize = 1024;

    /// Sends `chunks` kilobytes of unannounced length; what came of it, and how many were read.
    async fn sent(chunks: usize) -> (Result<usize, ApiError>, usize) {
        let read_so_far = Arc::new(AtomicUsize::new(0));
        let counter = read_so_far.clone();
        let stream = futures_util::stream::iter(0..chunks).map(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; CHUNK]))
        });
        let result = read(Body::from_stream(stream)).await.map(|bytes| bytes.len());
        (result, read_so_far.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn a_body_is_taken_up_to_its_bound_heard_out_beyond_it_and_cut_off_in_the_end() {
        assert_eq!(sent(16).await, (Ok(TAKEN), 16));
        assert_eq!(sent(17).await, (Err(ApiError::BODY_TOO_LARGE), 17));
        assert_eq!(sent(8192).await, (Err(ApiError::BODY_TOO_LARGE), 8192));
        assert_eq!(sent(20_000).await, (Err(ApiError::BODY_TOO_LARGE), 8193));
        let announced = Body::from(vec![b' '; HEARD_OUT + 1]);
        assert_eq!(read(announced).await, Err(ApiError::BODY_TOO_LARGE));
    }
}
