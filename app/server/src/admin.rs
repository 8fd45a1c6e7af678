//! The administrator's pages: forms and links, readable and usable without a script.

mod access;
mod alerts;
mod audit;
pub(crate) mod cookie;
mod credential;
mod desk;
mod familiar;
mod form;
mod links;
pub(crate) mod origin;
pub(crate) mod page;
mod screens;
mod sessions;
mod settings;
mod sign_in;
mod signed_in;
mod updates;

use std::sync::Arc;

use axum::{
    middleware::{from_fn, map_response},
    response::{Redirect, Response},
    routing::{any, get, post},
};
use http::{HeaderValue, header};

pub(crate) use credential::{Credential, Epoch, Hashed};
pub use credential::{CredentialError, SetupCode, end_sessions, has_password, remove_one_time_codes};
pub(crate) use familiar::Familiar;
pub(crate) use sessions::Sessions;

use crate::{app::App, routes::Routes};

pub(crate) fn routes() -> Routes<Arc<App>> {
    let screens = Routes::new()
        .route("/admin/screens", get(screens::list))
        .route("/admin/screens/add", get(screens::add::form).post(screens::add::enter))
        .route("/admin/screens/add/{attempt}", get(screens::add::attempt).post(screens::add::decide))
        .route("/admin/screens/{id}", get(screens::change::form).post(screens::change::change))
        .route("/admin/screens/{id}/commands", post(screens::command::give))
        .route("/admin/screens/{id}/updates", post(screens::software::hold))
        .route("/admin/screens/{id}/remove", get(screens::remove::ask).post(screens::remove::remove));
    let links = Routes::new()
        .route("/admin/screens/links", get(links::list))
        .route("/admin/screens/links/add", get(links::add::form).post(links::add::add))
        .route("/admin/screens/links/share", get(links::share::form).post(links::share::share))
        .route("/admin/screens/links/{id}/revoke", get(links::revoke::ask).post(links::revoke::revoke));
    let desk = Routes::new()
        .route("/admin/desk", get(desk::show).post(desk::connect::connect))
        .route("/admin/desk/test", post(desk::test))
        .route("/admin/desk/demo", get(desk::leave::ask).post(desk::leave::leave))
        .route("/admin/desk/words", get(settings::words).post(settings::save_words));
    let settings = Routes::new()
        .route("/admin/settings", get(settings::general).post(settings::save_general))
        .route("/admin/settings/boards", get(settings::boards::list))
        .route("/admin/settings/add-board", get(settings::boards::add::form).post(settings::boards::add::add))
        .route("/admin/settings/boards/{id}/move", post(settings::boards::shift))
        .route(
            "/admin/settings/boards/{id}/remove",
            get(settings::boards::remove::ask).post(settings::boards::remove::remove),
        )
        .route("/admin/settings/boards/{id}", get(settings::board).post(settings::save_board))
        .route("/admin/settings/boards/{id}/thresholds", get(settings::thresholds).post(settings::save_thresholds))
        .route("/admin/settings/secrets", get(settings::secrets::list))
        .route("/admin/settings/secrets/{name}", get(settings::secrets::form).post(settings::secrets::set))
        .route("/admin/settings/secrets/{name}/remove", get(settings::secrets::ask).post(settings::secrets::remove));
    let access = Routes::new()
        .route("/admin/access", get(access::show))
        .route("/admin/access/passcode", post(access::passcode::set))
        .route("/admin/access/passcode/remove", get(access::passcode::ask).post(access::passcode::remove))
        .route("/admin/access/password", get(access::password::form).post(access::password::change))
        .route("/admin/access/one-time-codes", get(access::one_time::show).post(access::one_time::begin))
        .route("/admin/access/one-time-codes/confirm", post(access::one_time::confirm))
        .route("/admin/access/one-time-codes/remove", post(access::one_time::remove))
        .route("/admin/access/sessions", get(access::sessions::list).post(access::sessions::end_all))
        .route("/admin/access/sessions/viewers/{id}", post(access::sessions::end_viewer))
        .route("/admin/access/sessions/admins/{id}", post(access::sessions::end_admin));
    Routes::new()
        .merge(screens)
        .merge(links)
        .merge(desk)
        .merge(settings)
        .merge(access)
        .route("/admin/audit", get(audit::list))
        .route("/admin/alerts", get(alerts::list))
        .route("/admin/alerts/rules", get(settings::rules).post(settings::save_rules))
        .route("/admin/alerts/test", post(alerts::test))
        .route("/admin/updates", get(updates::show))
        .route("/admin/updates/rules", get(settings::update_rules).post(settings::save_update_rules))
        .route("/admin/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/admin/sign-out", post(sign_in::sign_out))
        .route("/admin/authority.pem", get(page::authority))
        .route("/admin/{*path}", any(page::nothing_here))
        .layer(from_fn(origin::check))
        .layer(map_response(never_stored))
        .route("/admin", get(async || Redirect::to("/admin/screens")))
}

/// Pages of a signed-in person do not belong into any cache.
pub(crate) async fn never_stored(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
