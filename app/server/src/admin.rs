//! The administrator's pages.

pub(crate) mod cookie;
mod credential;

use std::sync::Arc;

use axum::Router;

pub(crate) use credential::Credential;
pub use credential::{CredentialError, SetupCode};

use crate::app::App;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
}
