// What time it is on the board: the server's time, however wrong this device's clock is, and the time of a simulated
// desk where there is one.

// A smaller difference is the network's, and the header's, which has no fractions of a second.
const TOLERANCE = 2000;

// What is to be added to this device's idea of the time. `performance.now` does not jump when somebody sets the clock.
let origin = performance.timeOrigin;

/** The server said what time it is: the `Date` of a response that has just begun. */
export function serverSays(header) {
  const said = Date.parse(header ?? "");
  if (Number.isNaN(said)) return;
  const difference = said - Date.now();
  origin = Math.abs(difference) > TOLERANCE ? said - performance.now() : Date.now() - performance.now();
}

/** The time that the board is at, in milliseconds of Unix time. */
export function boardTime(tiles) {
  const now = origin + performance.now();
  const { simulatedAt, simulatedShows, simulatedSpeed } = tiles.dataset;
  return simulatedAt ? Number(simulatedShows) + Number(simulatedSpeed) * (now - Number(simulatedAt)) : now;
}
