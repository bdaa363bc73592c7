// Why: a freeze, a post under our name, an incident, a reply that waits: whoever has a page open is told without loading
// it again, on whichever page they are.

import { fragment } from "./asking.js";
import { alarm } from "./toasts.js";

const EVERY = 20000;

function said(bands) {
  return new Map([...bands.querySelectorAll(".band")].map((band) => [band.textContent.trim(), band]));
}

function showCounts(page) {
  for (const link of page.querySelectorAll(".mainnav a")) {
    const shown = document.querySelector(`.mainnav a[href="${CSS.escape(link.getAttribute("href"))}"]`);
    const [before, now] = [shown?.querySelector(".count"), link.querySelector(".count")];
    if (!shown || before?.textContent === now?.textContent) continue;
    before?.remove();
    if (now) shown.append(document.adoptNode(now));
  }
}

/** Look at the bands and the counts of the navigation again; a band that is new is said aloud. */
export async function refreshBands() {
  const before = document.getElementById("bands");
  const page = before && (await fragment(before.dataset.url).catch(() => null));
  const bands = page?.getElementById("bands");
  if (!bands) return;
  showCounts(page);
  const known = said(before);
  const now = said(bands);
  if (known.size === now.size && [...now.keys()].every((words) => known.has(words))) return;
  const fresh = [...now].filter(([words, band]) => !known.has(words) && band.matches(".band-crisis"));
  const told = fresh.map(([, band]) => band.querySelector("span").textContent.trim().replace(/\s+/g, " "));
  window.Idiomorph.morph(before, bands, { morphStyle: "outerHTML" });
  if (told.length) alarm(told.join(" "));
}

/** Keep them true while a page stands open. */
export function startBands() {
  if (!document.querySelector(".mainnav")) return;
  const look = () => document.hidden || refreshBands();
  setInterval(look, EVERY * (0.9 + Math.random() / 5));
  document.addEventListener("visibilitychange", look);
}
