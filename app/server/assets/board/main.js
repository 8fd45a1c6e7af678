// Keeps a board's page live. Without it the page shows the board as it was when it was loaded.

import { follow } from "./events.js";
import { setConnection, show, tick } from "./page.js";
import { serverSays } from "./time.js";

const page = document.documentElement.dataset;
// Names the run of the server that sent this page, and with it the version of these scripts.
const epoch = (id) => id.split(".")[0];

follow(page.events, page.at, {
  opened(date) {
    serverSays(date);
    setConnection(true);
    tick();
  },
  event(name, html, id) {
    // After a restart the server may be a newer one: the page is loaded anew with it.
    if (epoch(id) !== epoch(page.at)) location.reload();
    else show(name, html);
  },
  lost: () => setConnection(false),
  // Who may no longer read is told so by the page itself; a board that is gone, too.
  refused(status) {
    if (status === 401 || status === 403 || status === 404) location.reload();
  },
});
// On whole seconds, as the clock on the wall.
const untilNextSecond = () => 1000 - (Date.now() % 1000);
setTimeout(function next() {
  tick();
  setTimeout(next, untilNextSecond());
}, untilNextSecond());
