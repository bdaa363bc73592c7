// Why: a page on which people decide must not be a picture of a while ago. Its parts ask for themselves again by the
// clock, each but never under the hands of somebody who is filling it in; the page says how old it is, and when the
// server does not answer.

import { fragment, whenBack } from "./asking.js";
import { tick } from "./clock.js";

const EVERY_MS = 10000;
const RESTING_MS = 30000; // a pointer that lies still for so long is no hand any more
const root = document.documentElement;
let moved = -RESTING_MS;

const parts = (root) => [...root.querySelectorAll("[data-renew]")];

function written(field) {
  if (field.type === "hidden") return false;
  if (field.type === "file") return field.files.length > 0;
  if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  return field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

/** Whether somebody works in this part: has written into it, stands in a form of it, or has something open. */
function busy(part) {
  return (
    Boolean(part.contains(document.activeElement) && document.activeElement.closest("form, details")) ||
    part.querySelector("details[open], :popover-open") !== null ||
    [...part.querySelectorAll("input, textarea, select")].some(written)
  );
}

/** Whether a hand is about to press something: a button must be what it was, and where it was, when the finger comes down. */
function aiming() {
  return performance.now() - moved < RESTING_MS && document.querySelector("main :is(button, summary, select):hover") !== null;
}

async function look() {
  const renewed = document.getElementById("renewed");
  if (document.hidden || !renewed) return;
  const here = renewed.dataset.url === location.pathname ? location.search : "";
  const page = await fragment(renewed.dataset.url + here).catch(() => null);
  const told = page?.getElementById("renewed");
  document.getElementById("renew-late").hidden = Boolean(told) || root.dataset.link === "signed-out";
  if (!told || aiming()) return;
  const waiting = parts(document).filter(busy);
  for (const part of parts(document)) {
    const now = page.getElementById(part.id);
    // What waits is as old as the time that stands there.
    if (now && !waiting.includes(part) && !(waiting.length && part === renewed)) {
      window.Idiomorph.morph(part, now, { morphStyle: "outerHTML" });
    }
  }
  document.getElementById("renew-waits").hidden = waiting.length === 0;
  tick();
}

for (const kind of ["pointermove", "pointerdown"]) {
  document.addEventListener(kind, () => (moved = performance.now()), { capture: true, passive: true });
}
setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", look);
whenBack(look);
