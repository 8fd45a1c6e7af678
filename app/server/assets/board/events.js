// The board's stream of events (text/event-stream), for as long as the page is open.
//
// `fetch` and not `EventSource`: it tells why a stream was refused, and lets the comments through by which a silent
// connection is told from a lost one.

// The server writes something every 5 s.
const SILENCE = 12_000;
const SHORTEST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/**
 * Follows the events at `address` and never returns.
 * @param {string} address
 * @param {string} seen the id of the last event that the page already shows
 * @param {{opened: (date: string | null) => void, event: (name: string, data: string, id: string) => void,
 *          lost: () => void, refused: (status: number) => void}} on
 */
export async function follow(address, seen, on) {
  let failures = 0;
  for (;;) {
    let wait = null;
    try {
      for await (const event of events(address, seen, on)) {
        failures = 0;
        if (event.name === "bye") {
          wait = JSON.parse(event.data).after_ms;
          break;
        }
        seen = event.id || seen;
        on.event(event.name, event.data, event.id);
      }
    } catch (error) {
      if (error instanceof Refused) on.refused(error.status);
    }
    // Who was told to come back has lost nothing yet.
    if (wait === null) {
      on.lost();
      failures += 1;
      // Spread, so that a server that comes back is not overrun.
      wait = Math.min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
    }
    await new Promise((resume) => setTimeout(resume, wait));
  }
}

class Refused extends Error {
  constructor(status) {
    super(`the server answers ${status}`);
    this.status = status;
  }
}

async function* events(address, seen, on) {
  const control = new AbortController();
  let silence = setTimeout(() => control.abort(), SILENCE);
  try {
    const answer = await fetch(address, { headers: { "Last-Event-ID": seen }, cache: "no-store", signal: control.signal });
    if (!answer.ok) throw new Refused(answer.status);
    on.opened(answer.headers.get("Date"));
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(() => control.abort(), SILENCE);
      const blocks = (text + value).split("\n\n");
      text = blocks.pop();
      for (const block of blocks) {
        const event = parsed(block);
        if (event.name) yield event;
      }
    }
  } finally {
    clearTimeout(silence);
    control.abort();
  }
}

// The server ends lines with a line feed, and writes one space behind each colon.
function parsed(block) {
  const fields = block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]);
  const field = (wanted) => fields.filter(([name]) => name === wanted).map(([, value]) => value);
  return { name: field("event")[0], id: field("id")[0], data: field("data").join("\n") };
}
