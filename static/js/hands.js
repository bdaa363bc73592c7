// Why: whether somebody is at work here decides how long a conversation stays theirs, and what waits until their hands
// rest: an answer to a key must never wait for something that nobody asked for.

const REST = 400;
const LONGEST = 3000;

let last = Date.now();

/** Milliseconds since the last key or touch. */
export function restedFor() {
  return Date.now() - last;
}

/** Call `act` after `wait` milliseconds, and later while keys are being pressed, though not much later. */
export function whenRested(act, wait) {
  const since = Date.now();
  setTimeout(function look() {
    if (restedFor() < REST && Date.now() - since < wait + LONGEST) setTimeout(look, REST - restedFor());
    else act();
  }, wait);
}

/** Watch the hands. */
export function startHands() {
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, () => (last = Date.now()), { passive: true, capture: true });
  }
}
