// Why: a page on which people decide must not be a picture of a while ago. Its parts ask for themselves again by the
// clock, each but never under the hands of somebody who is filling it in; the page says how old it is, and when the
// server does not answer.

import { fragment, whenBack } from "./asking.js";

const EVERY_MS = 10000;

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

async function look() {
  const renewed = document.getElementById("renewed");
  if (document.hidden || !renewed) return;
  const here = renewed.dataset.url === location.pathname ? location.search : "";
  const page = await fragment(renewed.dataset.url + here).catch(() => null);
  document.getElementById("renew-late").hidden = Boolean(page?.getElementById("renewed"));
  if (!page?.getElementById("renewed")) return;
  for (const part of parts(document)) {
    const now = page.getElementById(part.id);
    if (now && !busy(part)) window.Idiomorph.morph(part, now, { morphStyle: "outerHTML" });
  }
}

setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", look);
whenBack(look);
