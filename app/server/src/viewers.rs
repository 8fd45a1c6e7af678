//! People who look at boards in a browser: by the passcode, or by an access link.

pub(crate) mod cookie;
mod key;
mod sessions;
pub(crate) mod sign_in;
mod token;

use key::KeyError;

pub(crate) use key::SessionKey;
pub(crate) use sessions::{Right, ViewerError, Viewers};
