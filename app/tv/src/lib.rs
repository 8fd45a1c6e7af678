//! The renderer on the wall.
