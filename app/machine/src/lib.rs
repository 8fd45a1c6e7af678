//! Makes the machine what `nexus.toml` wants, with the right to do so that the agent does not have.
//!
//! The agent writes its wishes into a folder (its module `machine` lists the files). It is a program that talks to the
//! network, so its wishes are not orders: [`wishes`] takes those that it knows, word by word, and nothing else.
//! [`files`] puts them where the programs that obey them look, all of it in memory, and says what those have not been told;
//! `main` tells them. Where nobody wished for time servers, those of the network's [`lease`] are taken.

pub mod files;
pub mod lease;
pub mod wishes;
