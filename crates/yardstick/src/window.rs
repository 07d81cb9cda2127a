//! The window protocol.
