//! The key that the Broker keeps for the server's own process.

use data_encoding::BASE64;
use http::Method;
use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Broker, Error, wire};

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct Answer {
    key: String,
}

impl Broker {
    /// The key under which the server signs the sessions of people who look at boards: the same one at every start. The
    /// Broker draws it when it is first asked for. Tries once.
    ///
    /// # Errors
    /// The Broker cannot be reached, or has no passphrase under which it could keep a key (`no_passphrase`).
    pub async fn session_key(&self) -> Result<Zeroizing<[u8; 32]>, Error> {
        let answer = match wire::send(self.socket(), Method::POST, "/session-key", bytes::Bytes::new()).await? {
            Ok(response) => self.parsed::<Answer>(&response.body)?,
            Err(wire::Words { code, message }) => return Err(Error::Refused { code, message }),
        };
        let unusable = || Error::Broker { socket: self.socket().to_owned(), reason: "its key is no key".to_owned() };
        let bytes = Zeroizing::new(BASE64.decode(answer.key.as_bytes()).map_err(|_| unusable())?);
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| unusable())?;
        Ok(Zeroizing::new(key))
    }
}
