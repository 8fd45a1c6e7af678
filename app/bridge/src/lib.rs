//! Applies a connection's credential to a request without ever holding a durable one.
