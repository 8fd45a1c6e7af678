//! People who look at boards in a browser: by the passcode, or by an access link.

pub(crate) mod cookie;
mod key;
mod link;
mod sessions;
mod sign_in;
mod token;

use key::KeyError;

pub(crate) use key::SessionKey;
pub(crate) use link::routes as shared;
pub(crate) use sessions::{ViewerError, Viewers};

use std::sync::Arc;

use crate::{app::App, routes::Routes};

/// The pages by which people are let in to look.
pub(crate) fn routes() -> Routes<Arc<App>> {
    sign_in::routes()
}
