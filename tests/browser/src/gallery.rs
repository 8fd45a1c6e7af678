//! Boards with known content on a server of their own: every form, theme and overlay, which no real desk shows at once.

use axum::{
    Router,
    extract::Path,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use board::{Revision, Theme, sample, wire::EventId};
use http::{StatusCode, header};
use tokio::net::TcpListener;

/// A server of the sample boards; it runs for as long as the test.
pub struct Gallery {
    base: String,
}

impl Gallery {
    /// Starts it.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let base = format!("http://{}", listener.local_addr().expect("it listens"));
        let router = Router::new()
            .route("/{theme}/{name}", get(page))
            .route("/b/{id}/events", get(async || StatusCode::SERVICE_UNAVAILABLE))
            .route("/assets/{*name}", get(asset));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base }
    }

    /// The address of a sample board (see [`sample::named`]) in a theme.
    pub fn page(&self, theme: &str, name: &str) -> String {
        format!("{}/{theme}/{name}", self.base)
    }
}

async fn page(Path((theme, name)): Path<(String, String)>) -> Response {
    let Some(mut board) = sample::named(&name) else { return StatusCode::NOT_FOUND.into_response() };
    board.theme = match theme.as_str() {
        "daylight" => Theme::Daylight,
        "signal" => Theme::Signal,
        _ => Theme::Midnight,
    };
    let at = EventId { epoch: 1, revision: Revision(1) };
    let html = server::web::page(&board, at, sample::now()).expect("a page can be written");
    // The samples are about an instant of their own, which a script would let run on: what the page is as it came.
    Html(html.replace("<script", "<template").replace("</script>", "</template>")).into_response()
}

async fn asset(Path(name): Path<String>) -> Response {
    match server::web::asset(&name) {
        Some(asset) => ([(header::CONTENT_TYPE, asset.kind)], &*asset.content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
