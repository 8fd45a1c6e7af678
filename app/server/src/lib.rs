//! The board server: reads the desk, computes panels, serves screens and administrators.
//!
//! [`Server::start`] takes a [`Config`], a helpdesk to read and a clock, and serves until it is stopped. It holds no
//! secret of the helpdesk: the Broker does, in a process of its own.

mod access;
mod admin;
mod agent;
mod alerts;
mod announce;
mod api;
mod app;
mod boards;
mod body;
mod clock;
mod commands;
pub mod config;
pub mod confinement;
mod folder;
pub mod forwarded;
mod group;
mod headers;
pub mod health;
mod live;
mod on_call;
mod operation;
mod panels;
mod plain;
mod poller;
mod random;
mod reading;
mod routes;
mod scopes;
mod screens;
mod serve;
mod server;
pub mod settings;
mod store;
mod strangers;
mod throttle;
pub mod tls;
mod token;
pub mod updates;
mod viewers;
pub mod web;
mod whole;

pub use admin::{CredentialError, SetupCode, end_sessions, has_password, remove_one_time_codes};
pub use alerts::test_alert;
pub use boards::BoardsError;
pub use clock::{Clock, SharedClock, SystemClock};
pub use config::{Config, ConfigError};
pub use folder::{Folder, FolderError};
pub use live::Figures;
pub use operation::ObserversError;
pub use server::{Server, StartError};
pub use settings::{Settings, SettingsError};
pub use store::StoreError;
pub use tls::TlsError;
