//! What pages load beside their HTML: style sheets and scripts, built into the program.

use std::{borrow::Cow, sync::LazyLock};

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};

use super::theme;
use crate::api::{self, ApiError};

/// One file that pages load.
#[derive(Debug)]
pub struct Asset {
    /// Its path below `/assets/`.
    pub name: &'static str,
    /// Its media type.
    pub kind: &'static str,
    /// What it holds.
    pub content: Cow<'static, str>,
    /// A strong entity tag: the hash of what it holds.
    tag: String,
}

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    vec![
        Asset::new("icon.svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
        Asset::new("theme.css", STYLE, theme::tokens()),
        Asset::new("grid.css", STYLE, theme::grid()),
        Asset::new("admin.css", STYLE, include_str!("../../assets/admin.css")),
        Asset::new("board.css", STYLE, include_str!("../../assets/board.css")),
        Asset::new("board/forms.css", STYLE, include_str!("../../assets/board/forms.css")),
        Asset::new("board/overlays.css", STYLE, include_str!("../../assets/board/overlays.css")),
        Asset::new("board/sizes.css", STYLE, include_str!("../../assets/board/sizes.css")),
        Asset::new("link.js", SCRIPT, include_str!("../../assets/link.js")),
        Asset::new("board/main.js", SCRIPT, include_str!("../../assets/board/main.js")),
        Asset::new("board/events.js", SCRIPT, include_str!("../../assets/board/events.js")),
        Asset::new("board/page.js", SCRIPT, include_str!("../../assets/board/page.js")),
        Asset::new("board/time.js", SCRIPT, include_str!("../../assets/board/time.js")),
        Asset::new("board/words.js", SCRIPT, include_str!("../../assets/board/words.js")),
    ]
});

impl Asset {
    fn new(name: &'static str, kind: &'static str, content: impl Into<Cow<'static, str>>) -> Self {
        let content = content.into();
        let tag = format!("\"{}\"", &HEXLOWER.encode(&Sha256::digest(content.as_bytes()))[..32]);
        Self { name, kind, content, tag }
    }
}

/// The file of this path below `/assets/`.
pub fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// `GET /assets/{name}`
///
/// A browser asks each time whether it has the newest, so that modules of two versions never meet.
pub(super) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    let asset = find(&name).ok_or(ApiError::NOT_FOUND)?;
    let caching = [(header::ETAG, asset.tag.as_str()), (header::CACHE_CONTROL, "no-cache")];
    if api::holds(&headers, &asset.tag) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    Ok((caching, [(header::CONTENT_TYPE, asset.kind)], &*asset.content).into_response())
}
