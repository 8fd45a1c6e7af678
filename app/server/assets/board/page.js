// The page: puts what the server sent into its place, and lets run what runs.

import { boardTime } from "./time.js";
import { date, isClose, joined, time, updated, worded } from "./words.js";

// How long a line of a ticker stands.
const TURN = 10_000;

const board = document.getElementById("board");
const lost = document.getElementById("lost");

/** Puts an event's HTML into its place. */
export function show(name, html) {
  if (name === "board") {
    board.innerHTML = html;
    document.documentElement.dataset.theme = tiles().dataset.theme;
    document.title = `${board.querySelector("h1").textContent} – Nexus`;
  } else if (name === "panel") {
    replacePanel(html);
  } else if (name === "overlay") {
    document.getElementById("overlay").innerHTML = html;
  }
  tick();
}

/** Says whether the page is live. */
export function setConnection(live) {
  document.documentElement.dataset.connection = live ? "live" : "lost";
  lost.hidden = live;
  // As on the wall, nothing is judged while nothing is heard.
  for (const panel of board.querySelectorAll(".panel")) {
    const judged = ["is-warn", "is-critical"].find((status) => panel.classList.contains(status));
    if (!live && judged) {
      panel.dataset.judged = judged;
      panel.classList.replace(judged, "is-ok");
    } else if (live && panel.dataset.judged) {
      panel.classList.replace("is-ok", panel.dataset.judged);
      delete panel.dataset.judged;
    }
  }
}

/** Words everything that runs for this instant. */
export function tick() {
  const now = boardTime(tiles());
  for (const element of board.querySelectorAll("[data-since], [data-until]")) run(element, now);
  for (const element of board.querySelectorAll("[data-clock]")) say(element, time(now, element.dataset.clock));
  for (const element of board.querySelectorAll("[data-date]")) say(element, date(now, element.dataset.date));
  for (const element of board.querySelectorAll("[data-due]")) {
    const left = Math.max(0, Number(element.dataset.due) - now) / 1000;
    stretch(element, left / Number(element.dataset.window));
  }
  for (const element of board.querySelectorAll("[data-term-from]")) {
    const { termFrom: from, termUntil: until } = element.dataset;
    stretch(element, (now - Number(from)) / Math.max(1, Number(until) - Number(from)));
  }
  for (const element of board.querySelectorAll("[data-turns]")) {
    const turn = Math.floor(now / TURN) % element.children.length;
    [...element.children].forEach((line, index) => line.classList.toggle("turn", index === turn));
  }
  for (const element of board.querySelectorAll("[data-ends]")) element.hidden = Number(element.dataset.ends) <= now;
  const ages = [...board.querySelectorAll("[data-fed]")].map((element) => Number(element.dataset.fed));
  say(document.getElementById("age"), updated(ages.length ? Math.max(...ages) : null, now));
}

function tiles() {
  return board.querySelector("main");
}

function replacePanel(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const next = template.content.firstElementChild;
  const old = document.getElementById(next.id);
  // A panel that has no place on this page.
  if (!old) return;
  const known = new Set([...old.querySelectorAll("[data-key]")].map((row) => row.dataset.key));
  for (const row of next.querySelectorAll("[data-key]")) row.classList.toggle("new", !known.has(row.dataset.key));
  const number = (panel) => panel.querySelector(".value")?.textContent;
  next.classList.toggle("changed", number(next) !== number(old));
  next.classList.toggle("turned", next.matches(".is-critical") && !old.matches(".is-critical"));
  old.replaceWith(next);
}

function run(element, now) {
  const direction = element.dataset.since ? "since" : "until";
  const at = Number(element.dataset[direction]);
  const parts = worded(direction, element.dataset.wording, at, now);
  element.closest(".band")?.classList.toggle("close", isClose(at, now));
  if (element.textContent === joined(parts)) return;
  element.replaceChildren(...parts.flatMap(([number, unit], index) => {
    const spans = [span("number", number)];
    if (unit) spans.push(span("unit", unit));
    return index > 0 ? [" ", ...spans] : spans;
  }));
  element.dataset.length = length(parts);
}

// In figures, as the server counts: what is not a number is drawn at about two fifths of its size.
function length(parts) {
  const numbers = parts.reduce((sum, [number]) => sum + number.length, 0);
  const rest = parts.reduce((sum, [, unit]) => sum + (unit?.length ?? 0), parts.length - 1);
  return numbers + Math.ceil((rest * 2) / 5);
}

function span(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function stretch(bar, share) {
  // A tenth of a per cent is less than what can be seen.
  const width = `${(Math.min(1, Math.max(0, share)) * 100).toFixed(1)}%`;
  if (bar.getAttribute("width") !== width) bar.setAttribute("width", width);
}
