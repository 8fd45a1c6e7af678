//! A router that knows its routes by name.
//!
//! What holds for every route is tested for every route. axum's own router cannot be asked for them; this one can.

use std::convert::Infallible;

use axum::{
    Router,
    extract::Request,
    response::IntoResponse,
    routing::{MethodRouter, Route},
};
use tower::{Layer, Service};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Routes over a shared state `S`.
pub(crate) struct Routes<S> {
    router: Router<S>,
    /// The routes' paths, as templates.
    paths: Vec<String>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), paths: Vec::new() }
    }

    /// Those of a documented router, and their document.
    pub(crate) fn documented(router: OpenApiRouter<S>) -> (Self, OpenApi) {
        let (router, document) = router.split_for_parts();
        let paths = document.paths.paths.keys().cloned().collect();
        (Self { router, paths }, document)
    }

    /// One more route.
    pub(crate) fn route(mut self, path: &str, methods: MethodRouter<S>) -> Self {
        self.paths.push(path.to_owned());
        Self { router: self.router.route(path, methods), paths: self.paths }
    }

    /// The routes of both.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.paths.extend(other.paths);
        Self { router: self.router.merge(other.router), paths: self.paths }
    }

    /// Lays something over the routes so far.
    pub(crate) fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Response: IntoResponse, Error: Into<Infallible>, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        Self { router: self.router.layer(layer), paths: self.paths }
    }

    /// The router, and every path that it answers.
    pub(crate) fn into_parts(self) -> (Router<S>, Vec<String>) {
        (self.router, self.paths)
    }
}
