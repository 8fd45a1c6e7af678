//! What the agent hears, and what it does about it.

use std::sync::Arc;

use device::{Report, State};
use jiff::Timestamp;
use pairing::DeviceKey;
use pairing::device::Paired;
use pairing::link::Id;
use pairing::rotation::device::Ring;
use url::Url;
use uuid::Uuid;

use super::{Call, CallError, Reply};
use crate::discovery::Found;
use crate::network::Network;

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// Time went by.
    Tick,
    /// The network was looked at.
    Network(Network),
    /// A call came back.
    Answered {
        /// The number of the call.
        call: u64,
        /// What it brought.
        result: Result<Box<Reply>, CallError>,
    },
    /// Somebody looked for servers.
    Found {
        /// The number that the look has among the calls.
        call: u64,
        /// Whom there is.
        servers: Vec<Found>,
    },
    /// The TV reports.
    Report(Report),
}

/// What is to be done.
#[derive(Debug)]
pub enum Action {
    /// Tell the TV.
    Show(State),
    /// Look for servers in the network, then say whom there is.
    Look {
        /// The number that the look has among the calls. One with a lower number has become pointless.
        id: u64,
    },
    /// From now on the server is at this address.
    Ask(Url),
    /// Call the server, then say what it brought.
    Call {
        /// The number of the call. A call with a lower number has become pointless.
        id: u64,
        /// The call.
        call: Call,
    },
    /// Store the pairing.
    Store(Box<Paired>),
    /// Store the keys, before anything else is called.
    StoreKeys {
        /// The device that they are of.
        device: Uuid,
        /// The keys.
        ring: Box<Ring>,
    },
    /// Forget the pairing and the old keys, and store this one.
    Forget(Arc<DeviceKey>),
    /// The access link is done with: forget its key, and do not use it again.
    FinishLink(Id),
    /// The paired server says what time it is.
    Clock(Timestamp),
    /// The TV gives no sign of life any more.
    TvSilent,
}
