//! Board state: what a wallboard is, and what travels from server to clients.
//!
//! The server decides, clients draw: a [`Panel`] arrives as one of a dozen visual [`Form`]s whose
//! values are typed ([`Value`]), so a running wait counts up on the wall without traffic. This
//! crate also holds what every client must agree on: how a value is worded ([`mod@format`]), where a
//! panel stands on a screen of any shape ([`layout`]), and the colours of a [`Theme`].
//!
//! It does no I/O and knows no helpdesk; panels are computed by `server` from `desk` metrics.

#[cfg(any(test, feature = "any"))]
pub mod any;
mod apply;
mod finite;
pub mod form;
pub mod format;
pub mod layout;
pub mod overlay;
mod panel;
#[cfg(any(test, feature = "sample"))]
pub mod sample;
mod state;
pub mod theme;
mod value;
pub mod wire;

pub use apply::Change;
pub use form::Form;
pub use overlay::Overlay;
pub use panel::{Panel, PanelId, Status};
pub use state::{Area, Board, BoardId, Layout, Look, Placement, Revision, SimulatedTime, Strip, Theme};
pub use value::Value;
