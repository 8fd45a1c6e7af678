//! The board server: reads the desk, computes panels, serves screens and administrators.
