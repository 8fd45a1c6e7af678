//! The pairing exchange and device sessions, both ends of it. No I/O.
