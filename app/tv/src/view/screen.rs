//! Everything that is to be drawn, said in one value.

use std::sync::Arc;

use board::Board;
use device::State;
use jiff::tz::TimeZone;

/// What the wall shows. The same screen at the same instant is always the same picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// What the agent says.
    pub state: State,
    /// The newest board, if one has come since the TV was started. Drawn while the state is [`State::Live`].
    pub board: Option<Arc<Board>>,
    /// The screen's name, where somebody wants to know which screen this is: then it alone is drawn.
    pub identify: Option<String>,
    /// For how many days nothing fresh was heard of software updates, where that is long.
    pub unchecked_days: Option<u32>,
    /// How the connection to the server stands.
    pub connection: Connection,
    /// The zone of the clock on screens without a board; a board brings its own.
    pub zone: TimeZone,
}

/// The connection to the server, as the wall tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// The stream is open.
    Live,
    /// The stream is lost and being tried again. The age of the data is the board's own.
    Lost,
}
