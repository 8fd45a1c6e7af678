//! The mirror's files for screens.
//!
//! Openly, to whoever reaches this server: all of it is public at the vendor, and signed; RAUC, which streams a bundle in
//! a process of its own, needs no token then. Requests for parts are not counted: RAUC asks for thousands.

use std::{io, path::Path, sync::Arc, time::UNIX_EPOCH};

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt, SeekFrom},
};
use tokio_util::io::ReaderStream;

use super::range::{Wanted, wanted};
use crate::{
    api::{ApiError, Id, holds},
    app::App,
};

/// How much is read at a time.
const CHUNK: usize = 64 * 1024;
/// A target never changes under its name.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A file of the update repository's metadata (TUF).
#[utoipa::path(
    get,
    path = "/updates/metadata/{name}",
    tag = "updates",
    params(("name" = String, Path, description = "As TUF names it", example = "timestamp.json")),
    responses(
        (status = 200, description = "The file, signed by the vendor", content_type = "application/json", body = serde_json::Value, headers(
            ("ETag" = String),
        )),
        (status = 206, description = "The part that was asked for"),
        (status = 304, description = "The reader holds it"),
        (status = 404, description = "The mirror has no such file"),
        (status = 416, description = "It has no such part"),
    )
)]
pub(crate) async fn metadata(
    State(app): State<Arc<App>>,
    Id(name): Id,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    file(&app, "metadata", &name, &headers, ("application/json", "no-cache")).await
}

/// A manifest or a bundle of the update repository, whole or in part.
#[utoipa::path(
    get,
    path = "/updates/targets/{name}",
    tag = "updates",
    params(
        ("name" = String, Path, description = "As the repository names it", example = "nexus-amd64-1.0.0.raucb"),
        ("Range" = Option<String>, Header, description = "One part"),
        ("If-Range" = Option<String>, Header, description = "The tag of the file of which a part is wanted"),
    ),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = String, headers(
            ("ETag" = String),
            ("Accept-Ranges" = String),
        )),
        (status = 206, description = "The part that was asked for", headers(("Content-Range" = String))),
        (status = 304, description = "The reader holds it"),
        (status = 404, description = "The mirror has no such file"),
        (status = 416, description = "It has no such part", headers(("Content-Range" = String))),
    )
)]
pub(crate) async fn targets(
    State(app): State<Arc<App>>,
    Id(name): Id,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    file(&app, "targets", &name, &headers, ("application/octet-stream", FOR_EVER)).await
}

async fn file(
    app: &App,
    part: &str,
    name: &str,
    headers: &HeaderMap,
    (kind, caching): (&'static str, &'static str),
) -> Result<Response, ApiError> {
    let path = app.mirror.file(part, name).ok_or(ApiError::NOT_FOUND)?;
    let (file, length, tag) = match open(&path).await {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ApiError::NOT_FOUND),
        Err(error) => {
            tracing::error!(%error, path = %path.display(), "a file of the update mirror cannot be read");
            return Err(ApiError::INTERNAL);
        }
    };
    let about = [(header::ETAG, tag.as_str()), (header::CACHE_CONTROL, caching), (header::ACCEPT_RANGES, "bytes")];
    if holds(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let kind = [(header::CONTENT_TYPE, kind)];
    Ok(match wanted(headers, length, &tag) {
        Wanted::Whole => {
            let sized = [(header::CONTENT_LENGTH, length.to_string())];
            (about, kind, sized, stream(file, 0, length).await?).into_response()
        }
        Wanted::Part { first, last } => {
            let sized = [
                (header::CONTENT_LENGTH, (last - first + 1).to_string()),
                (header::CONTENT_RANGE, format!("bytes {first}-{last}/{length}")),
            ];
            let part = stream(file, first, last - first + 1).await?;
            (StatusCode::PARTIAL_CONTENT, about, kind, sized, part).into_response()
        }
        Wanted::Nothing => {
            let error = ApiError::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "no_such_part",
                format!("This file has {length} bytes; no part of what was asked for is among them."),
            );
            ([(header::CONTENT_RANGE, format!("bytes */{length}"))], error).into_response()
        }
    })
}

/// A file with its length and a strong tag: a file is written elsewhere and put here as a whole, so that what has this
/// length and was put here at this instant is this very file.
async fn open(path: &Path) -> io::Result<(File, u64, String)> {
    let file = File::open(path).await?;
    let about = file.metadata().await?;
    if !about.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let changed = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    Ok((file, about.len(), format!("\"{:x}-{changed:x}\"", about.len())))
}

async fn stream(mut file: File, first: u64, length: u64) -> Result<Body, ApiError> {
    file.seek(SeekFrom::Start(first)).await.map_err(|error| {
        tracing::error!(%error, "a file of the update mirror cannot be read");
        ApiError::INTERNAL
    })?;
    Ok(Body::from_stream(ReaderStream::with_capacity(file.take(length), CHUNK)))
}
