//! One-time codes: the Broker keeps their key, and judges them.

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::write::wiped;
use crate::{Broker, Error};

#[derive(Serialize)]
struct Typed<'a> {
    code: &'a str,
    spend: bool,
}

#[derive(Deserialize)]
struct Judged {
    valid: bool,
}

impl Broker {
    /// A fresh key in base32, to be shown once. It counts once a code of it is confirmed.
    ///
    /// # Errors
    /// The Broker cannot be reached, or has no passphrase under which it could keep a key (`no_passphrase`).
    pub async fn begin_one_time_codes(&self) -> Result<SecretString, Error> {
        #[derive(Deserialize)]
        struct Drawn {
            key: SecretString,
        }
        let body = self.write(Method::POST, "/one-time-codes", bytes::Bytes::new()).await?;
        Ok(self.parsed::<Drawn>(&body)?.key)
    }

    /// Whether this is a code of the key that was shown last; if so, codes of it are valid from here on.
    ///
    /// # Errors
    /// The Broker cannot be reached, or no key waits to be confirmed (`nothing_to_confirm`).
    pub async fn confirm_one_time_codes(&self, code: &SecretString) -> Result<bool, Error> {
        self.judge("/one-time-codes/confirmation", code, false).await
    }

    /// Whether this is a code of now that was not used yet; `spend` uses it.
    ///
    /// # Errors
    /// The Broker cannot be reached, cannot open the key, or has none (`not_set`).
    pub async fn check_one_time_code(&self, code: &SecretString, spend: bool) -> Result<bool, Error> {
        self.judge("/one-time-codes/check", code, spend).await
    }

    /// Lets the Broker forget the key, and says whether there was one.
    ///
    /// # Errors
    /// The Broker cannot be reached, or cannot write.
    pub async fn forget_one_time_codes(&self) -> Result<bool, Error> {
        self.remove("/one-time-codes").await
    }

    async fn judge(&self, path: &str, code: &SecretString, spend: bool) -> Result<bool, Error> {
        let code = code.expose_secret();
        let body = wiped(&Typed { code, spend }, code.len())?;
        let body = self.write(Method::POST, path, body).await?;
        Ok(self.parsed::<Judged>(&body)?.valid)
    }
}
