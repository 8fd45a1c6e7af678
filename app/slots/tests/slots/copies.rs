//! Copies of the counters as they may lie on the disk: whole, torn, cut off at any byte, or nonsense.

use slots::{Counters, Order, Starts};

use super::every;

/// How a boot loader writes a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// As the running system does, too.
    Grub,
    /// The names in their order, and zeros behind them.
    UBoot,
}

/// What lies at the place of a copy.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Copy(Vec<u8>);

impl Copy {
    pub(crate) fn whole(layout: Layout, counters: Counters) -> Self {
        let Counters { order, left_a, left_b } = counters;
        Self::of_lines(
            layout,
            [Some(order.to_string()), Some(left_a.to_string()), Some(left_b.to_string()), Some(counters.to_string())],
        )
    }

    /// With these values of order, left_a, left_b and check; one that is lost has no line.
    fn of_lines(layout: Layout, values: [Option<String>; 4]) -> Self {
        let mut lines: Vec<_> = ["order", "left_a", "left_b", "check"].into_iter().zip(values).collect();
        let (begin, fill) = match layout {
            Layout::Grub => ("# GRUB Environment Block\n", b'#'),
            Layout::UBoot => {
                lines.sort_unstable();
                ("", 0)
            }
        };
        let line = |(name, value): (&str, Option<String>)| value.map(|value| format!("{name}={value}\n"));
        let mut block: Vec<u8> =
            [begin.to_owned()].into_iter().chain(lines.into_iter().filter_map(line)).collect::<String>().into();
        block.resize(1024, fill);
        Self(block)
    }

    /// Both reached the disk in parts: the first so far, and behind it the second.
    fn cut(&self, at: usize, behind: &Self) -> Self {
        Self([&self.0[..at], &behind.0[at..]].concat())
    }

    fn filled(byte: u8) -> Self {
        Self(vec![byte; 1024])
    }

    /// As the running system reads it.
    pub(crate) fn read(&self) -> Option<Counters> {
        Counters::read(&self.0)
    }

    /// As a boot loader reads it, which does not look at what fills the block up.
    pub(crate) fn read_at_start(&self) -> Option<Counters> {
        let mut filled = self.0.clone();
        if filled.starts_with(b"# GRUB")
            && let Some(end) = filled.iter().rposition(|byte| *byte == b'\n')
        {
            filled[end + 1..].fill(b'#');
        }
        Counters::read(&filled)
    }

    /// In one line of text, with a bar for the end of a line and a tilde for what is no text. U-Boot reads to the first
    /// zero.
    pub(crate) fn told(&self, layout: Layout) -> String {
        let end = self.0.iter().position(|byte| layout == Layout::UBoot && *byte == 0).unwrap_or(1024);
        let letter = |byte: &u8| match byte {
            b'\n' => '|',
            b' '..=b'~' => char::from(*byte),
            _ => '~',
        };
        let text: String = self.0[..end].iter().map(letter).collect();
        // One letter stands for all that fill the block up, two for a block that is filled up in two ways.
        let (said, fill) = text.split_at(text.trim_end_matches(['#', '~']).len());
        let first = fill.chars().next();
        let other = fill.chars().find(|letter| Some(*letter) != first);
        said.chars().chain(first).chain(other).collect()
    }
}

impl std::fmt::Debug for Copy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.told(Layout::Grub))
    }
}

/// Every whole copy with copies that may lie beside it, and everything that is none in both places.
pub(crate) fn every_pair(layout: Layout) -> Vec<[Copy; 2]> {
    let whole: Vec<_> = every().into_iter().map(|counters| Copy::whole(layout, counters)).collect();
    let mut pairs = Vec::new();
    for (at, copy) in whole.iter().enumerate() {
        let (another, next) = (&whole[(at * 7 + 3) % whole.len()], &whole[(at + 1) % whole.len()]);
        let torn = Copy::filled(0xff);
        pairs.extend(
            [[copy, copy], [copy, &torn], [&torn, copy], [copy, another], [next, copy]]
                .map(|pair| pair.map(Clone::clone)),
        );
    }
    let beside = Counters { order: Order::BA, left_a: Starts::GOOD, left_b: Starts::TRIAL };
    let good = Copy::whole(layout, beside);
    if layout == Layout::UBoot {
        // The running system writes as GRUB does, everywhere.
        pairs.extend(every().into_iter().step_by(3).map(|counters| {
            let copy = Copy::whole(Layout::Grub, counters);
            [copy.clone(), copy]
        }));
    }
    for copy in damaged(layout).into_iter().chain(lost(layout, beside)) {
        pairs.extend([[copy.clone(), good.clone()], [good.clone(), copy.clone()], [copy, Copy::filled(0)]]);
    }
    pairs
}

fn damaged(layout: Layout) -> Vec<Copy> {
    let mut all =
        vec![Copy::filled(0), Copy::filled(0xff), Copy::filled(b'#'), Copy::filled(b'\n'), Copy::filled(b'=')];
    all.extend(wrong_values(layout));
    all.extend(cut_off(layout));
    all
}

/// Each value right, wrong and lost, with a check that agrees with what is written and with checks that do not.
fn wrong_values(layout: Layout) -> Vec<Copy> {
    const ORDERS: [Option<&str>; 6] = [Some("ab"), Some("c"), Some("aa"), Some("b "), Some(""), None];
    const LEFT: [Option<&str>; 7] = [Some("0"), Some("9"), Some("10"), Some("x"), Some("-1"), Some(""), None];
    let mut all = Vec::new();
    for order in ORDERS {
        for left_a in LEFT {
            for left_b in LEFT {
                let values = [order, left_a, left_b].map(|value| value.map(str::to_owned));
                let [said_order, said_a, said_b] = [order, left_a, left_b].map(Option::unwrap_or_default);
                let mut checks = vec![Some(format!("{said_order}:{said_a}:{said_b}"))];
                // Enough where only one value is another.
                if [order == ORDERS[0], left_a == LEFT[1], left_b == LEFT[1]].iter().filter(|right| **right).count() > 1
                {
                    checks.extend([
                        None,
                        Some(format!("{said_order}:{said_a}:")),
                        Some(format!("a:{said_a}:{said_b}")),
                        Some(format!("{said_order}:3:{said_b}")),
                        Some(format!("{said_order}:{said_a}:3")),
                    ]);
                }
                all.extend(checks.into_iter().map(|check| {
                    let [order, left_a, left_b] = values.clone();
                    Copy::of_lines(layout, [order, left_a, left_b, check])
                }));
            }
        }
    }
    all
}

/// A line is lost, and what the copy beside it has there would make the check agree.
fn lost(layout: Layout, beside: Counters) -> Vec<Copy> {
    let mine = ["a", "2", "1"].map(str::to_owned);
    let theirs = [beside.order.to_string(), beside.left_a.to_string(), beside.left_b.to_string()];
    let one = |lost: usize| {
        let [order, left_a, left_b] = &std::array::from_fn(|at| if at == lost { &theirs[at] } else { &mine[at] });
        let check = format!("{order}:{left_a}:{left_b}");
        let [order, left_a, left_b] = std::array::from_fn(|at| (at != lost).then(|| mine[at].clone()));
        Copy::of_lines(layout, [order, left_a, left_b, Some(check)])
    };
    (0..3).map(one).collect()
}

/// Writes that ended after every byte, over what was there, and in flash that was erased for them.
fn cut_off(layout: Layout) -> Vec<Copy> {
    let counters = |order, left_a, left_b| {
        let [left_a, left_b] = [left_a, left_b].map(|left| Starts::new(left).unwrap());
        Copy::whole(layout, Counters { order, left_a, left_b })
    };
    let longer = counters(Order::AB, 9, 3);
    let shorter = counters(Order::A, 8, 0);
    let after = counters(Order::AB, 8, 3);
    let mut all = Vec::new();
    for (new, old) in [(&after, &longer), (&longer, &shorter), (&shorter, &longer)] {
        let written = new.told(layout).len() + 2;
        for at in (0..=written).chain([512]) {
            all.push(new.cut(at, old));
        }
    }
    for erased in [Copy::filled(0), Copy::filled(0xff)] {
        for at in (0..=longer.told(layout).len() + 2).chain([512]) {
            all.extend([longer.cut(at, &erased), erased.cut(at, &longer)]);
        }
    }
    all
}
