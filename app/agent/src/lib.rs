//! The device daemon: pairing, sessions and what the TV shall say.
