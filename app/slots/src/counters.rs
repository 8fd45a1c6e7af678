//! One copy of the counters, as GRUB's environment block. U-Boot reads that too; what it writes itself has no first line,
//! and ends with zeros.

use std::{fmt, str::FromStr};

/// How many starts a slot has that has said that it works.
pub const GOOD: u8 = 9;
/// How many a slot gets that has not.
pub const TRIAL: u8 = 3;

/// GRUB's `grub_envblk` is this long, and begins with this line. U-Boot's begins with the first of its names.
pub(crate) const LENGTH: usize = 1024;
const SIGNATURE: &str = "# GRUB Environment Block\n";
const FIRST_NAME: &str = "check=";

/// A place for a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
}

impl Slot {
    /// The one that this is not.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "a",
            Self::B => "b",
        })
    }
}

/// Which slots hold a system, the preferred first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Only A.
    A,
    /// Only B.
    B,
    /// A, then B.
    AB,
    /// B, then A.
    BA,
}

impl Order {
    /// The preferred slot.
    #[must_use]
    pub const fn first(self) -> Slot {
        match self {
            Self::A | Self::AB => Slot::A,
            Self::B | Self::BA => Slot::B,
        }
    }

    /// Whether a slot holds a system.
    #[must_use]
    pub fn has(self, slot: Slot) -> bool {
        matches!(self, Self::AB | Self::BA) || self.first() == slot
    }

    const fn only(slot: Slot) -> Self {
        match slot {
            Slot::A => Self::A,
            Slot::B => Self::B,
        }
    }

    const fn beginning_with(slot: Slot) -> Self {
        match slot {
            Slot::A => Self::AB,
            Slot::B => Self::BA,
        }
    }
}

/// Starts that a slot has left: 0 to [`GOOD`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Starts(u8);

impl Starts {
    /// Those of a slot that works.
    pub const GOOD: Self = Self(GOOD);
    /// Those of a slot that has yet to show it.
    pub const TRIAL: Self = Self(TRIAL);
    /// Those of a slot that the boot loader passes over.
    pub const NONE: Self = Self(0);

    /// `None` for more than [`GOOD`].
    #[must_use]
    pub const fn new(left: u8) -> Option<Self> {
        if left <= GOOD { Some(Self(left)) } else { None }
    }
}

impl fmt::Display for Starts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What both copies say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Counters {
    /// Which slots hold a system.
    pub order: Order,
    /// Starts that slot A has left.
    pub left_a: Starts,
    /// Starts that slot B has left.
    pub left_b: Starts,
}

impl Counters {
    /// What counts where neither copy is whole: anything may hold a system.
    pub const UNKNOWN: Self = Self { order: Order::AB, left_a: Starts::TRIAL, left_b: Starts::TRIAL };

    /// The counters after the system of a slot has said that it works.
    #[must_use]
    pub const fn works(self, slot: Slot) -> Self {
        self.with(slot, Starts::GOOD)
    }

    /// The counters after a start of a slot, which counts as failed until its system says otherwise.
    #[must_use]
    pub const fn started(self, slot: Slot) -> Self {
        self.with(slot, Starts(self.left(slot).0.saturating_sub(1)))
    }

    /// Starts that a slot has left.
    #[must_use]
    pub const fn left(self, slot: Slot) -> Starts {
        match slot {
            Slot::A => self.left_a,
            Slot::B => self.left_b,
        }
    }

    const fn with(self, slot: Slot, left: Starts) -> Self {
        match slot {
            Slot::A => Self { left_a: left, ..self },
            Slot::B => Self { left_b: left, ..self },
        }
    }

    /// Whether the boot loader would start a slot, if the other one did not come first.
    #[must_use]
    pub fn may_start(self, slot: Slot) -> bool {
        self.order.has(slot) && self.left(slot) > Starts::NONE
    }

    /// The slot that the boot loader starts next.
    #[must_use]
    pub fn next(self) -> Slot {
        let first = self.order.first();
        // If none has a start left, all get new ones.
        if !self.may_start(first) && self.may_start(first.other()) { first.other() } else { first }
    }

    /// The counters while a slot is written: it holds no system, and is not started, whatever happens. `None` if this
    /// would leave nothing to start. What runs is a system, whatever the counters say.
    #[must_use]
    pub fn emptied(self, slot: Slot, running: Slot) -> Option<Self> {
        let other = slot.other();
        let remains = running == other || self.order.has(other);
        remains.then(|| Self { order: Order::only(other), ..self.with(slot, Starts::NONE) })
    }

    /// The counters after a slot was activated, which holds a whole system now: it is the next to start. A new one has as
    /// many starts as a trial has; one that has said that it works keeps what it has.
    #[must_use]
    pub fn activated(self, slot: Slot, running: Slot) -> Self {
        let other = slot.other();
        let both = running == other || self.order.has(other);
        let order = if both { Order::beginning_with(slot) } else { Order::only(slot) };
        Self { order, ..self.with(slot, self.left(slot).max(Starts::TRIAL)) }
    }

    /// Whether the system that runs has yet to show that it works, and there is another one to go back to. It tells no
    /// update from an older system whose last seven starts were cut off: that one shows it again within minutes, too.
    #[must_use]
    pub fn on_trial(self, running: Slot) -> bool {
        self.order.first() == running && self.left(running) < Starts::TRIAL && self.may_start(running.other())
    }

    /// The counters after the system of a slot has found that it does not work.
    #[must_use]
    pub const fn given_up(self, slot: Slot) -> Self {
        self.with(slot, Starts::NONE)
    }

    /// What both copies are to say, after a boot loader that starts `slot` left these: the one that is whole, which it
    /// has counted down, or what it went by itself where neither is.
    #[must_use]
    pub fn left_by(copies: [Option<Self>; 2], slot: Slot) -> Self {
        let [first, second] = copies;
        first.or(second).unwrap_or_else(|| Self::UNKNOWN.started(slot))
    }

    /// Reads a copy; `None` if it is not whole.
    #[must_use]
    pub fn read(block: &[u8]) -> Option<Self> {
        let block = block.get(..LENGTH)?;
        let text = if block.starts_with(SIGNATURE.as_bytes()) {
            // GRUB takes no line that has no end, and writes to no block that is not filled up as it does.
            let end = block.iter().rposition(|byte| *byte == b'\n')?;
            let (text, fill) = block.split_at(end);
            if fill[1..].iter().any(|byte| *byte != b'#') {
                return None;
            }
            text
        } else if block.starts_with(FIRST_NAME.as_bytes()) {
            block.split(|byte| *byte == 0).next()?
        } else {
            return None;
        };
        // What stands behind the values is nobody's, and may be no text.
        let value = |name: &str| {
            let mut lines = text.split(|byte| *byte == b'\n');
            let value = lines.find_map(|line| line.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
            str::from_utf8(value).ok()
        };
        let left = |name: &str| match value(name)?.as_bytes() {
            [digit @ b'0'..=b'9'] => Starts::new(digit - b'0'),
            _ => None,
        };
        let counters = Self { order: value("order")?.parse().ok()?, left_a: left("left_a")?, left_b: left("left_b")? };
        (value("check")? == counters.to_string()).then_some(counters)
    }

    /// Writes a copy. All that varies lies in the first sector, which a disk writes whole or not at all.
    #[must_use]
    pub fn block(self) -> [u8; LENGTH] {
        let Self { order, left_a, left_b } = self;
        let text = format!("{SIGNATURE}order={order}\nleft_a={left_a}\nleft_b={left_b}\ncheck={self}\n");
        let mut block = [b'#'; LENGTH];
        for (slot, byte) in block.iter_mut().zip(text.bytes()) {
            *slot = byte;
        }
        block
    }
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.order, self.left_a, self.left_b)
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "a",
            Self::B => "b",
            Self::AB => "ab",
            Self::BA => "ba",
        })
    }
}

/// A word that is none of `a`, `b`, `ab` and `ba`, or no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("slots are written a and b, their order a, b, ab or ba")]
pub struct Unreadable;

impl FromStr for Order {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        [Self::A, Self::B, Self::AB, Self::BA].into_iter().find(|order| order.to_string() == text).ok_or(Unreadable)
    }
}

impl FromStr for Slot {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        match text {
            "a" => Ok(Self::A),
            "b" => Ok(Self::B),
            _ => Err(Unreadable),
        }
    }
}
