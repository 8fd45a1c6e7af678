//! `/api/v1`, and what else answers in JSON: what screens and scripts speak.

mod boards;
mod commands;
mod error;
mod fleet;
mod id;
mod keys;
mod links;
mod openapi;
mod pairings;
mod sessions;
mod stream;

use std::sync::Arc;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use boards::{holds, stream_of};
pub(crate) use error::ApiError;
pub(crate) use id::Id;
pub(crate) use openapi::messages;

use crate::{app::App, operation, routes::Routes, updates, viewers};

/// The routes of the API.
pub(crate) fn routes() -> Routes<Arc<App>> {
    documented().0
}

/// The routes of the API, and their description.
fn documented() -> (Routes<Arc<App>>, utoipa::openapi::OpenApi) {
    let router = OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(boards::state))
        .routes(routes!(boards::events))
        .routes(routes!(pairings::create))
        .routes(routes!(pairings::poll))
        .routes(routes!(pairings::confirm))
        .routes(routes!(links::anchor))
        .routes(routes!(links::exchange))
        .routes(routes!(sessions::nonce))
        .routes(routes!(sessions::token))
        .routes(routes!(keys::rotate))
        .routes(routes!(fleet::update))
        .routes(routes!(fleet::health))
        .routes(routes!(commands::listen))
        .routes(routes!(commands::acknowledge))
        .routes(routes!(updates::metadata))
        .routes(routes!(updates::targets))
        .routes(routes!(openapi::document))
        .routes(routes!(operation::ready))
        .routes(routes!(operation::measured))
        .merge(viewers::shared());
    let (routes, mut document) = Routes::documented(router);
    openapi::complete(&mut document);
    (routes, document)
}
