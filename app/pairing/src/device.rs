//! The device's end: four states, each of which can only become the next one or nothing.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::message::{
    Answer, Create, Created, Description, Octets, Payload, PublicKey, PublicValue, Tag, Trust, VERSION, Verdict,
};
use crate::schedule::{self, Context, Digits, Keys};
use crate::server::LIFETIME;
use crate::{Code, DeviceKey, Entropy, Pake, Secret, Spake2};

/// The device has drawn a secret and asks the server to open a pairing.
#[derive(Debug)]
pub struct Opening<P: Pake = Spake2> {
    pake: P,
    secret: Secret,
    refusal: Tag,
    device_key: PublicKey,
    description: Description,
    public: PublicValue,
}

/// Why the exchange cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The server gives no time to type the code.
    #[error("the server opened a pairing that has already ended")]
    NoLifetime,
}

impl<P: Pake> Opening<P> {
    /// Starts over with a new secret, and gives what to send.
    ///
    /// # Panics
    /// Never with [`Spake2`], whose public values have the length of [`PublicValue`].
    #[must_use]
    pub fn new(key: &DeviceKey, description: Description, entropy: &Entropy) -> (Self, Create) {
        const { assert!(P::LENGTH == 33, "the messages carry public values of 33 bytes") };
        let secret = Secret::draw(entropy);
        let device_key = key.public();
        let (pake, public) =
            P::start_device(&secret, &schedule::device_identity(&device_key), schedule::SERVER, entropy);
        #[expect(clippy::expect_used, reason = "the length is a constant of the PAKE and checked above")]
        let public = PublicValue::try_from(public.as_slice()).expect("a PAKE keeps to its length");
        let create = Create { version: VERSION, device_key, pake: public, description: description.clone() };
        let refusal = Octets::new(entropy.draw("refusal"));
        (Self { pake, secret, refusal, device_key, description, public }, create)
    }

    /// The server opened the pairing: from here on there is a code to show.
    ///
    /// # Errors
    /// The server gives no time.
    pub fn created(self, created: Created, now: Instant) -> Result<Open<P>, OpenError> {
        if created.lifetime_seconds == 0 {
            return Err(OpenError::NoLifetime);
        }
        let lifetime = Duration::from_secs(created.lifetime_seconds.into()).min(LIFETIME);
        let code = Code::new(created.nameplate, self.secret.clone());
        Ok(Open { opening: self, pairing: created.pairing, code, expires_at: now + lifetime })
    }
}

/// The code is on the screen.
#[derive(Debug)]
pub struct Open<P: Pake = Spake2> {
    opening: Opening<P>,
    pairing: crate::message::PairingId,
    code: Code,
    expires_at: Instant,
}

impl<P: Pake> Open<P> {
    /// What to show.
    #[must_use]
    pub const fn code(&self) -> &Code {
        &self.code
    }

    /// What to poll with.
    #[must_use]
    pub const fn pairing(&self) -> &crate::message::PairingId {
        &self.pairing
    }

    /// When the code ends and a new one is due.
    #[must_use]
    pub const fn expires_at(&self) -> Instant {
        self.expires_at
    }

    /// An admin typed a code. Whatever comes of it, this code is spent.
    ///
    /// # Errors
    /// The code was wrong or a message was changed: send the verdict, and start over.
    pub fn answered(self, key: &DeviceKey, answer: &Answer) -> Result<Offered, Verdict> {
        let Self { opening, pairing, code, .. } = self;
        let refused = Verdict::Refused { tag: opening.refusal };
        let Ok(shared) = opening.pake.finish(answer.pake.as_bytes()) else { return Err(refused) };
        let keys = Keys::derive(
            &Context {
                pairing: &pairing,
                nameplate: code.nameplate(),
                device_key: &opening.device_key,
                description: &opening.description,
                device_public: opening.public.as_bytes(),
                server_public: answer.pake.as_bytes(),
            },
            &shared,
        );
        if keys.server_tag(answer.sealed.as_bytes()) != answer.tag {
            return Err(refused);
        }
        let Ok(bytes) = keys.open(answer.sealed.as_bytes()) else { return Err(refused) };
        let Ok(payload) = serde_json::from_slice::<Payload>(&bytes) else { return Err(refused) };
        let transcript = keys.transcript(&payload.instance, &bytes);
        let signature = key.sign(&schedule::signed(&transcript));
        Ok(Offered {
            confirmed: Verdict::Confirmed { tag: keys.device_tag(&transcript), signature },
            untrusted: Verdict::Refused { tag: keys.untrusted_tag() },
            digits: keys.digits(),
            pairing,
            payload,
        })
    }
}

/// The server knew the code and named its trust anchor. Nothing is confirmed before the connection was checked.
#[derive(Debug)]
pub struct Offered {
    pairing: crate::message::PairingId,
    payload: Payload,
    confirmed: Verdict,
    untrusted: Verdict,
    digits: Digits,
}

impl Offered {
    /// Confirms, if `verify` says that the connection which carried the answer verifies against the anchor.
    ///
    /// # Errors
    /// It does not: somebody is in between. Gives the reason and the verdict to send; start over.
    pub fn check<E>(self, verify: impl FnOnce(&Trust) -> Result<(), E>) -> Result<(Confirmed, Verdict), (E, Verdict)> {
        match verify(&self.payload.trust) {
            Ok(()) => {
                let confirmed = Confirmed { pairing: self.pairing, payload: self.payload, digits: self.digits };
                Ok((confirmed, self.confirmed))
            }
            Err(reason) => Err((reason, self.untrusted)),
        }
    }
}

/// The device said yes; the admin compares the digits.
#[derive(Clone, Debug)]
pub struct Confirmed {
    pairing: crate::message::PairingId,
    payload: Payload,
    digits: Digits,
}

impl Confirmed {
    /// What to poll with, over a connection verified against [`Payload::trust`].
    #[must_use]
    pub const fn pairing(&self) -> &crate::message::PairingId {
        &self.pairing
    }

    /// The two digits to show.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// What the server named.
    #[must_use]
    pub const fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The server registered the device under this id.
    #[must_use]
    pub fn registered(self, device: Uuid) -> Paired {
        Paired { device, payload: self.payload }
    }
}

/// Both ends know each other. This is what the device stores.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Paired {
    /// The device's id at this server.
    pub device: Uuid,
    /// Instance, trust and screen.
    #[serde(flatten)]
    pub payload: Payload,
}
