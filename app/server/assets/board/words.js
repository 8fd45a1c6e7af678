// What runs, in words: waits, countdowns, ages. The rules are those of app/board/src/format, which words everything
// else on the server; a test compares the two in a browser, instant by instant.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// Inside this a countdown shows its seconds.
const CLOSE = 15 * MINUTE;

/**
 * A running value as parts of a number and its unit: [["1", "h"], ["05", "m"]].
 * @param {"since" | "until"} direction whether `at` is where it began or where it ends
 * @param {"main" | "row"} wording as a main number, or at the end of a row
 * @param {number} at milliseconds of Unix time
 * @param {number} now milliseconds of Unix time
 */
export function worded(direction, wording, at, now) {
  const elapsed = Math.max(0, Math.floor((now - at) / 1000));
  const left = Math.max(0, Math.ceil((at - now) / 1000));
  if (direction === "since") {
    if (wording === "main") return duration(elapsed);
    return elapsed < MINUTE ? [["now"]] : [coarse(elapsed)];
  }
  if (left === 0) return wording === "row" && elapsed < MINUTE ? [["late"]] : late(elapsed);
  if (wording === "main") return left < CLOSE ? [[countdown(left)]] : duration(left);
  return left < MINUTE ? [["<1", "m"]] : duration(left);
}

/** Whether a countdown shows its seconds. */
export function isClose(at, now) {
  const left = Math.trunc((at - now) / 1000);
  return left >= 1 && left < CLOSE;
}

/** Parts in one piece. */
export function joined(parts) {
  return parts.map(([number, unit]) => number + (unit ?? "")).join(" ");
}

/** The age of a board's data: "updated 8 s ago". */
export function updated(at, now) {
  if (at === null) return "no data";
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  if (seconds < MINUTE) return `updated ${seconds} s ago`;
  if (seconds < HOUR) return `updated ${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `updated ${Math.floor(seconds / HOUR)} h ago`;
  return `updated ${Math.floor(seconds / DAY)} d ago`;
}

/** A wall-clock time: "14:32"; of a zone that this browser does not know, none. */
export function time(now, zone) {
  return within(zone, { hour: "2-digit", minute: "2-digit" })?.format(now) ?? "no data";
}

/** A date: "Mon 16 November". */
export function date(now, zone) {
  const format = within(zone, { weekday: "short", day: "numeric", month: "long" });
  if (!format) return "no data";
  const part = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return `${part.weekday} ${part.day} ${part.month}`;
}

// A browser may know fewer zones than the server; one of them stops nothing else on the page.
function within(zone, parts) {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...parts });
  } catch {
    return null;
  }
}

// Two units at most, cut, not rounded.
function duration(seconds) {
  if (seconds >= DAY) return [[`${Math.floor(seconds / DAY)}`, "d"], [`${Math.floor((seconds % DAY) / HOUR)}`, "h"]];
  if (seconds >= HOUR) return [[`${Math.floor(seconds / HOUR)}`, "h"], [two(Math.floor((seconds % HOUR) / MINUTE)), "m"]];
  return [coarse(seconds)];
}

function coarse(seconds) {
  const [unit, name] = seconds >= DAY ? [DAY, "d"] : seconds >= HOUR ? [HOUR, "h"] : seconds >= MINUTE ? [MINUTE, "m"] : [1, "s"];
  return [`${Math.floor(seconds / unit)}`, name];
}

function countdown(seconds) {
  return `${two(Math.floor(seconds / MINUTE))}:${two(seconds % MINUTE)}`;
}

function late(elapsed) {
  const parts = duration(elapsed);
  parts.at(-1)[1] += " late";
  return parts;
}

function two(number) {
  return `${number}`.padStart(2, "0");
}
