//! The rotation of a device's key: what is lost on the way locks nobody out, and a copied card is noticed.

use std::time::{Duration, Instant};

use pairing::device::Paired;
use pairing::message::{Octets, Payload, Screen};
use pairing::rotation::device::{LONGEST, Ring, SPREAD, SealedRing};
use pairing::rotation::server::{AT_MOST_EVERY, Ask, Keys};
use pairing::rotation::{Refusal, Rotation};
use pairing::session::{Assertion, AssertionError, Nonce, Nonces, assert};
use pairing::{DeviceKey, Entropy, MachineKey, SealedKey};
use uuid::Uuid;

use crate::stage::{INSTANCE, payload, screen};

mod attacks;
mod lost;
mod times;

const DEVICE: Uuid = Uuid::from_u128(0xd);
const DAY: u64 = 24 * 3600;
const TODAY: i64 = 1_790_000_000;

/// A server that knows one device, and its clock.
struct Server {
    keys: Keys,
    nonces: Nonces,
    now: Instant,
    unix_now: i64,
    seed: u64,
}

impl Server {
    fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.unix_now += i64::try_from(seconds).unwrap();
    }

    fn entropy(&mut self) -> Entropy {
        self.seed += 1;
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&self.seed.to_be_bytes());
        Entropy::from_seed(seed)
    }

    fn nonce(&mut self) -> Nonce {
        let entropy = self.entropy();
        self.nonces.issue(&entropy, self.now)
    }

    /// A request for a session arrives.
    fn session(&mut self, assertion: &str) -> Result<(), Refusal> {
        let proof = Assertion::read(assertion).unwrap().prove(self.keys.all(), INSTANCE, &mut self.nonces, self.now);
        let proof = proof.map_err(|error| match error {
            AssertionError::Nonce(_) => Refusal::StaleNonce,
            _ => Refusal::Signature,
        })?;
        let judged = self.keys.session(&proof.key, proof.nonce_given_at, self.now, self.unix_now);
        self.store(judged)
    }

    /// A key is handed in.
    fn rotate(&mut self, rotation: &Rotation) -> Result<(), Refusal> {
        let ask = Ask { instance: INSTANCE, screen: screen().id, rotation };
        let judged = self.keys.rotate(&ask, &mut self.nonces, self.now, self.unix_now);
        self.store(judged)
    }

    fn store(&mut self, judged: Result<Option<Keys>, Refusal>) -> Result<(), Refusal> {
        match judged {
            Ok(Some(keys)) => self.keys = keys,
            Ok(None) => {}
            Err(refusal) => {
                if refusal == Refusal::Copied {
                    self.keys = self.keys.clone().suspend();
                }
                return Err(refusal);
            }
        }
        Ok(())
    }

    /// It stops, and starts with what it stored: nonces of before are foreign.
    fn restart(&mut self) {
        let keys = &self.keys;
        let replaced = (0..keys.generation()).map(|place| self.replaced(place)).collect();
        self.keys = Keys::stored(replaced, *keys.present(), keys.next().copied(), keys.since(), keys.is_suspended());
        let entropy = self.entropy();
        self.nonces = Nonces::new(&entropy, self.now);
    }

    fn replaced(&self, generation: u32) -> Octets<32> {
        let newest_first = self.keys.all().skip(1 + usize::from(self.keys.next().is_some())).copied();
        newest_first.collect::<Vec<_>>().into_iter().rev().nth(usize::try_from(generation).unwrap()).unwrap()
    }
}

/// What a stick's folder holds.
#[derive(Clone)]
struct Folder {
    key: SealedKey,
    ring: Option<SealedRing>,
}

/// A stick that is paired. Its folder can be copied.
#[derive(Clone)]
struct Stick {
    ring: Ring,
    folder: Folder,
    paired: Paired,
    seed: u64,
}

fn machine() -> MachineKey {
    MachineKey::draw(&Entropy::from_seed([3; 32]))
}

impl Stick {
    fn started(folder: Folder, seed: u64) -> Self {
        let key = folder.key.open(&machine()).unwrap();
        let ring = match &folder.ring {
            Some(sealed) => sealed.open(key, &machine()).unwrap(),
            None => Ring::new(key.into()),
        };
        Self { ring, folder, paired: Paired { device: DEVICE, payload: payload() }, seed }
    }

    /// Another device with the same card.
    fn copied(&self) -> Self {
        Self::started(self.folder.clone(), self.seed + 1_000_000)
    }

    /// Power fails, and comes back.
    fn restart(&mut self) {
        *self = Self::started(self.folder.clone(), self.seed + 1_000);
    }

    fn entropy(&mut self) -> Entropy {
        self.seed += 1;
        let mut seed = [9; 32];
        seed[..8].copy_from_slice(&self.seed.to_be_bytes());
        Entropy::from_seed(seed)
    }

    fn store(&mut self) {
        self.store_first_file();
        let entropy = self.entropy();
        self.folder.key = self.ring.present().seal(&machine(), &entropy);
    }

    /// Power fails between the two files that hold keys.
    fn store_first_file(&mut self) {
        let entropy = self.entropy();
        let sealed = serde_json::to_string(&self.ring.seal(DEVICE, &machine(), &entropy)).unwrap();
        self.folder.ring = Some(serde_json::from_str(&sealed).unwrap());
    }

    fn assertion(&mut self, nonce: Nonce) -> String {
        let entropy = self.entropy();
        assert(self.ring.signing(), DEVICE, INSTANCE, nonce, TODAY, &entropy).unwrap()
    }

    /// What it posts; over the wire and back.
    fn rotation(&mut self, server: &mut Server) -> Option<Rotation> {
        let (nonce, now) = (server.nonce(), server.now);
        let rotation = self.ring.rotate(&self.paired, nonce, now)?;
        Some(serde_json::from_str(&serde_json::to_string(&rotation).unwrap()).unwrap())
    }

    fn granted(&mut self, server: &Server) -> bool {
        let entropy = self.entropy();
        self.ring.granted(server.unix_now, server.now, &entropy)
    }

    /// One call: a session, or the handing in of a key, as is due.
    fn call(&mut self, server: &mut Server) -> Result<(), Refusal> {
        if let Some(rotation) = self.rotation(server) {
            let answer = server.rotate(&rotation);
            self.heard_of_rotation(answer);
            return answer;
        }
        let nonce = server.nonce();
        let assertion = self.assertion(nonce);
        let answer = server.session(&assertion);
        self.heard_of_session(answer, server);
        answer
    }

    fn heard_of_rotation(&mut self, answer: Result<(), Refusal>) {
        if answer.is_err() {
            self.ring.declined();
        }
    }

    fn heard_of_session(&mut self, answer: Result<(), Refusal>, server: &Server) {
        match answer {
            Ok(()) if self.granted(server) => self.store(),
            Err(Refusal::Signature) => drop(self.ring.unknown()),
            Ok(()) | Err(_) => {}
        }
    }

    /// So many calls, a few seconds after one another.
    fn calls(&mut self, server: &mut Server, count: usize) -> Vec<Result<(), Refusal>> {
        let call = |_| {
            server.pass(5);
            self.call(server)
        };
        (0..count).map(call).collect()
    }
}

/// A server and a stick that was just paired and granted its first session.
fn paired() -> (Server, Stick) {
    let key = DeviceKey::draw(&Entropy::from_seed([1; 32]));
    let now = Instant::now();
    let nonces = Nonces::new(&Entropy::from_seed([2; 32]), now);
    let mut server = Server { keys: Keys::new(key.public()), nonces, now, unix_now: TODAY, seed: 0 };
    let folder = Folder { key: key.seal(&machine(), &Entropy::from_seed([4; 32])), ring: None };
    let mut stick = Stick::started(folder, 0);
    stick.call(&mut server).unwrap();
    (server, stick)
}

/// A month later, when the key is to be replaced.
fn a_month_later() -> (Server, Stick) {
    let (mut server, stick) = paired();
    server.pass(30 * DAY);
    (server, stick)
}

#[test]
fn after_a_month_the_key_is_replaced_and_the_one_before_is_worth_nothing() {
    let (mut server, mut stick) = paired();
    let first = stick.ring.present().public();
    server.pass(26 * DAY);
    assert_eq!(stick.calls(&mut server, 5), [Ok(()); 5]);
    assert_eq!((server.keys.generation(), *server.keys.present()), (0, first));
    server.pass(4 * DAY);
    assert_eq!(stick.calls(&mut server, 5), [Ok(()); 5]);
    assert_eq!((server.keys.generation(), stick.ring.generation()), (1, 1));
    assert_eq!(*server.keys.present(), stick.ring.present().public());
    assert_ne!(*server.keys.present(), first);
    assert!(server.keys.next().is_none());

    server.pass(30 * DAY);
    stick.restart();
    stick.calls(&mut server, 5);
    assert_eq!((server.keys.generation(), stick.ring.generation()), (2, 2));
}
