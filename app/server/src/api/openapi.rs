//! The API's description in OpenAPI 3.1. It comes from what stands at the handlers, and the router is made of the same
//! routes, so that neither has one which the other has not.

pub(crate) mod messages;

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{StatusCode, header};
use utoipa::{
    OpenApi, PartialSchema,
    openapi::{
        self, Content, HeaderBuilder, Ref, RefOr, ResponseBuilder,
        path::Operation,
        response::Response as Described,
        schema::{ObjectBuilder, Type},
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::ApiError;

/// Where errors stand among the schemas.
const ERROR: &str = "#/components/schemas/Error";

/// What every operation may answer, whoever asks: it is decided before the request reaches its handler.
const ALWAYS: [(u16, &str); 6] = [
    (400, "The request does not read: a path that is not UTF-8, a body that was cut short, not exactly one `Host`."),
    (403, "Not over plain HTTP, or not with this token; the code tells."),
    (408, "The request took too long to arrive."),
    (413, "The body is longer than 16 KiB."),
    (421, "The server is not known by the name in `Host`."),
    (500, "The server could not do this; its log says why."),
];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Nexus",
        description = "What screens and scripts speak. Every answer that is an error has a code for programs and a \
                       message for people.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(super::error::Body)),
    tags(
        (name = "boards", description = "What a board shows, now and from now on"),
        (name = "pairing", description = "How a screen joins by a code that a person types"),
        (name = "links", description = "How a screen joins by an access link"),
        (name = "sessions", description = "How a paired screen gets its access token (RFC 7523), and replaces its key"),
        (name = "updates", description = "The mirror of the vendor's updates, and whose turn it is"),
        (name = "shares", description = "How a browser is let in by an access link"),
        (name = "operation", description = "How the server does, for who runs it"),
        (name = "description", description = "This document"),
    )
)]
struct Base;

static DOCUMENT: LazyLock<Result<Bytes, String>> = LazyLock::new(|| {
    let (_, document) = super::documented();
    document.to_json().map(Bytes::from).map_err(|error| error.to_string())
});

/// What the routes are added to.
pub(super) fn base() -> openapi::OpenApi {
    let mut document = Base::openapi();
    let bearer = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("A screen's access token")).build();
    if let Some(components) = &mut document.components {
        components.add_security_scheme("screen", SecurityScheme::Http(bearer));
        let bearer = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("The metrics' token")).build();
        components.add_security_scheme("observer", SecurityScheme::Http(bearer));
    }
    document
}

/// Adds what holds for every operation.
pub(super) fn complete(document: &mut openapi::OpenApi) {
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.put, &mut item.delete].into_iter().flatten() {
            always(operation);
        }
    }
}

fn always(operation: &mut Operation) {
    for (status, description) in ALWAYS {
        let answers = &mut operation.responses.responses;
        // Where a handler answers the same for reasons of its own, its words go first.
        answers.entry(status.to_string()).or_insert_with(|| RefOr::T(error(description)));
    }
    for (status, answer) in &mut operation.responses.responses {
        let RefOr::T(answer) = answer else { continue };
        let refused = status.as_str() >= "400";
        if refused && answer.content.is_empty() {
            answer.content.insert("application/json".to_owned(), Content::new(Some(Ref::new(ERROR))).into());
        }
        if status == "429" {
            let whole = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
            let wait =
                HeaderBuilder::new().schema(Some(whole)).description(Some("Seconds after which to try again")).build();
            answer.headers.insert("Retry-After".to_owned(), wait.into());
        }
        if status == "401" {
            let scheme = HeaderBuilder::new().schema(Some(String::schema())).description(Some("`Bearer`")).build();
            answer.headers.insert("WWW-Authenticate".to_owned(), scheme.into());
        }
    }
}

fn error(description: &str) -> Described {
    ResponseBuilder::new().description(description).build()
}

/// This document.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "description",
    responses((status = 200, description = "This document", content_type = "application/json", body = serde_json::Value))
)]
pub(super) async fn document() -> Result<Response, ApiError> {
    let bytes = DOCUMENT.as_ref().map_err(|error| {
        tracing::error!(%error, "the API's description cannot be written");
        ApiError::INTERNAL
    })?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    Ok((StatusCode::OK, headers, bytes.clone()).into_response())
}
