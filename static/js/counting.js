// Why: how long a text is, its network decides. It is counted by the same rule while people type, so that nothing comes
// back as too long; the server's word is the last.

import { say } from "./clock.js";

const NEAR = 20;
const graphemes = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;

function segments(text) {
  return graphemes ? Array.from(graphemes.segment(text), (part) => part.segment) : [...text];
}

// X's rule: everything beyond Latin and its neighbours counts twice, and so does an emoji of any length.
function weighted(text) {
  let total = 0;
  for (const segment of segments(text.normalize("NFC"))) {
    if (/\p{Extended_Pictographic}/u.test(segment)) {
      total += 2;
      continue;
    }
    for (const sign of segment) {
      const point = sign.codePointAt(0);
      const light = point <= 4351 || (point >= 8192 && point <= 8205) || (point >= 8208 && point <= 8223) || (point >= 8242 && point <= 8247);
      total += light ? 1 : 2;
    }
  }
  return total;
}

const bytes = (text) => new TextEncoder().encode(text).length;
const emoji = /[\p{Extended_Pictographic}\p{Regional_Indicator}]/u;

const COUNTS = {
  codepoints: (text) => [...text].length,
  bytes,
  // Threads' rule: an emoji counts as many as it has bytes.
  emoji_bytes: (text) => segments(text).reduce((total, one) => total + (emoji.test(one) ? bytes(one) : [...one].length), 0),
  graphemes: (text) => segments(text).length,
  weighted,
};

/** The length of a text as its network counts it. */
export function lengthOf(text, counting, urlWeight = 0) {
  let links = 0;
  const rest = urlWeight
    ? text.replace(/https?:\/\/\S+/g, () => {
        links += 1;
        return "";
      })
    : text;
  return COUNTS[counting](rest) + links * urlWeight;
}

/** Write into a counter how much of a text's room is used; answers "", "near" or "over". */
export function level(counter, used, max) {
  const left = max - used;
  const now = left < 0 ? "over" : left <= NEAR ? "near" : "";
  counter.textContent = left < 0 ? say("over", { n: -left }) : say("of", { used, max });
  counter.dataset.level = now;
  return now;
}

// Which rule holds: the textbox's own, or that of the account which is chosen beside it.
function ruleOf(area) {
  const choice = document.getElementById(area.dataset.countedBy);
  return choice ? document.querySelector(`[data-account="${choice.value}"]`)?.dataset : area.dataset;
}

function count(area) {
  const counter = document.getElementById(area.dataset.counted);
  const rule = ruleOf(area);
  if (!counter) return;
  if (!rule?.max) counter.textContent = "";
  else level(counter, lengthOf(area.value, rule.counting, Number(rule.urlWeight || 0)), Number(rule.max));
}

/** Count in every textbox of a part of the page that names its counter. */
export function countIn(part = document) {
  for (const area of part.querySelectorAll("[data-counted]")) count(area);
}

/** Count now and while people type, also in what comes later. */
export function startCounting() {
  countIn();
  document.addEventListener("input", (event) => event.target.matches("[data-counted]") && count(event.target));
  document.addEventListener("change", (event) => {
    for (const area of document.querySelectorAll(`[data-counted-by="${event.target.id}"]`)) count(area);
  });
  document.addEventListener("toggle", (event) => countIn(event.target), true);
}
