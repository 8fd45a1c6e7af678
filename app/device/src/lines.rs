//! The framing: one JSON value a line.

use serde::{Serialize, de::DeserializeOwned};

/// Longest line that either side accepts, in bytes without the newline.
pub const MAX_LINE: usize = 64 * 1024;

/// Why a line was refused.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The line is longer than [`MAX_LINE`].
    #[error("a line of {0} bytes on the agent socket is longer than the {MAX_LINE} that are accepted")]
    TooLong(usize),
    /// The line is not the message that it should be.
    #[error("a line on the agent socket does not read as a message: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// Writes a message as one line, newline included.
///
/// # Errors
/// [`LineError::TooLong`] where the message does not fit in a line.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, LineError> {
    let mut line = serde_json::to_vec(message)?;
    if line.len() > MAX_LINE {
        return Err(LineError::TooLong(line.len()));
    }
    line.push(b'\n');
    Ok(line)
}

/// Reads a message from one line, with or without its newline.
///
/// # Errors
/// The line is too long or does not read as a message.
pub fn decode<T: DeserializeOwned>(line: &[u8]) -> Result<T, LineError> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    if line.len() > MAX_LINE {
        return Err(LineError::TooLong(line.len()));
    }
    Ok(serde_json::from_slice(line)?)
}
