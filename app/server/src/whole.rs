//! What changes something runs to its end, also where whoever asked for it goes away: a request that is reset must not leave
//! a screen removed in the database and alive in memory.

use std::{panic::resume_unwind, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::Method;
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

use crate::{api::ApiError, app::App};

/// The changes that are under way.
#[derive(Clone, Default)]
pub(crate) struct Changes(Arc<RwLock<()>>);

impl Changes {
    async fn begin(&self) -> OwnedRwLockReadGuard<()> {
        self.0.clone().read_owned().await
    }

    /// Waits until the last one has ended. None begins after that.
    pub(crate) async fn end(&self) -> impl Sized + use<> {
        self.0.clone().write_owned().await
    }
}

/// Answers a request that may change something in a task of its own. The request has arrived whole before.
pub(crate) async fn run_to_the_end(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let under_way = app.changes.begin().await;
    let changing = async move {
        let _under_way = under_way;
        next.run(request).await
    };
    match tokio::spawn(changing).await {
        Ok(response) => response,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The server's process ends.
            Err(_) => ApiError::INTERNAL.into_response(),
        },
    }
}
