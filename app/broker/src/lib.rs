//! The process that keeps durable credentials and uses them on behalf of others.
