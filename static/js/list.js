// Why: a list that moves while people work in it. Rows change in place, newcomers wait behind a counter, what left the
// list stays and says what became of it, and no list is fetched while its reader's hands are on the keys.

import { fragment } from "./asking.js";
import { say, tick } from "./clock.js";
import { whenRested } from "./hands.js";
import { announce } from "./toasts.js";

let fresh = null; // the list as the server has it now, kept aside until it is asked for
let stepped = false;
let refreshing = false;
let lastPicked = null;
const changed = new Set(); // ids of conversations that the server told of since the list was looked at
const served = new WeakMap(); // each row as the server told of it last: most are the same a moment later

export const rows = () => [...document.querySelectorAll("#rows > .row")];
export const linkOf = (row) => row?.querySelector(".row-link");
export const currentRow = () => document.querySelector(".row[data-current]");
export const openId = () => document.getElementById("post")?.dataset.id;

/** Whether what opens now was stepped to by a key: Back then leaves the list in one step. Asked once. */
export function takeStep() {
  const was = stepped;
  stepped = false;
  return was;
}

/** A box was changed by hand, or all of them: count again, and remember where a stretch of boxes begins. */
export function picked(row = null) {
  lastPicked = row;
  countPicked();
}

/** Look at the list again, soon and together with what else changes in the moment; `touched` are who changed. */
export function listSoon(touched = []) {
  for (const id of touched) changed.add(id);
  if (refreshing) return;
  refreshing = true;
  whenRested(refreshList, 250 + Math.random() * 750);
}

/** Mark the row of the open conversation; answers it, if it is in the list. */
export function mark(id) {
  for (const row of rows()) row.toggleAttribute("data-current", row.dataset.id === id);
  const row = currentRow();
  rove(row ?? rows()[0]);
  for (const link of document.querySelectorAll("#rows [aria-current]")) link.removeAttribute("aria-current");
  row?.removeAttribute("data-fresh");
  linkOf(row)?.setAttribute("aria-current", "true");
  return row;
}

// One stop for Tab in the whole list; the arrows move inside it.
function rove(row) {
  for (const other of rows()) {
    const wanted = other === row ? 0 : -1;
    if (linkOf(other).tabIndex !== wanted) linkOf(other).tabIndex = other.querySelector(".row-pick").tabIndex = wanted;
  }
}

/** Open the next row, or the one before. */
export function step(by) {
  const all = rows();
  const from = document.activeElement.closest?.(".row") ?? currentRow();
  const row = all[from ? all.indexOf(from) + by : by > 0 ? 0 : all.length - 1];
  if (!row) return;
  stepped = true;
  linkOf(mark(row.dataset.id)).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  linkOf(row).click();
}

/** Choose a row for what is done to many, or all `upTo` it. Answers false if there is none. */
export function pick(upTo) {
  const row = document.activeElement.closest?.(".row") ?? currentRow();
  if (!row) return false;
  const all = rows();
  const box = row.querySelector(".row-pick");
  if (upTo && lastPicked?.isConnected) {
    const [from, to] = [all.indexOf(lastPicked), all.indexOf(row)].sort((a, b) => a - b);
    for (const between of all.slice(from, to + 1)) between.querySelector(".row-pick").checked = true;
  } else {
    box.checked = !box.checked;
  }
  picked(row);
}

function countPicked() {
  const n = document.querySelectorAll(".row-pick:checked").length;
  const place = document.querySelector(".bulk-count");
  if (place) place.textContent = n ? say("selected", { n }) : "";
  if (n) announce(say("selected", { n }));
}

/** The address of a conversation beside this list: its state, page or search come back with Back, F5 and an answer. */
export function beside(path) {
  const place = document.getElementById("list")?.dataset.place;
  return place ? `${path.split("?")[0]}?${place}` : path;
}

/** Choose these rows again: what was done to many has left them alone. */
export function pickAgain(ids) {
  for (const row of rows()) if (ids.includes(row.dataset.id)) row.querySelector(".row-pick").checked = true;
  if (ids.length) countPicked();
}

function morph(row, next) {
  served.set(row, next.outerHTML);
  const kept = { current: row.hasAttribute("data-current"), picked: row.querySelector(".row-pick").checked };
  const tab = linkOf(row).tabIndex;
  globalThis.Idiomorph.morph(row, next, { morphStyle: "outerHTML" });
  const now_ = document.getElementById(next.id);
  now_.toggleAttribute("data-current", kept.current);
  now_.querySelector(".row-pick").checked = kept.picked;
  now_.querySelector(".row-pick").tabIndex = tab;
  linkOf(now_).tabIndex = tab;
  if (kept.current) linkOf(now_).setAttribute("aria-current", "true");
  globalThis.htmx.process(now_);
  tick(now_);
}

/** Take over the row that an answer brought along, if the list has it. */
export function takeRow() {
  const next = document.querySelector("#post > .row-now")?.content.querySelector(".row");
  const row = next && document.getElementById(next.id);
  if (row) morph(row, next.cloneNode(true));
}

async function refreshList() {
  refreshing = false;
  const { url, place } = document.getElementById("list")?.dataset ?? {};
  if (document.hidden) return;
  if (!url) return refreshRows();
  let page;
  try {
    page = await fragment(`${url}?${place}`);
  } catch {
    return; // the next change asks again, and a lost connection is shown as such
  }
  const list = page.getElementById("list");
  if (!list || list.dataset.key !== document.getElementById("list")?.dataset.key) return;
  const shown = rows();
  if (shown.length === 0 || !list.querySelector(".row")) {
    fresh = list;
    return showFresh();
  }
  const coming = new Map([...list.querySelectorAll(".row")].map((row) => [row.id, row]));
  const gone = [];
  for (const row of shown) {
    const next = coming.get(row.id);
    coming.delete(row.id);
    if (!next) gone.push(row);
    else if (served.get(row) !== next.outerHTML) morph(row, next);
  }
  const unsettled = gone.filter((row) => !row.hasAttribute("data-gone") || changed.has(row.dataset.id));
  changed.clear();
  if (unsettled.length) await settleGone(unsettled);
  fresh = list;
  news(coming.size);
}

// What a search found stays found: its rows say how each stands now, and none comes or goes.
async function refreshRows() {
  const touched = rows().filter((row) => !changed.size || changed.has(row.dataset.id));
  changed.clear();
  if (touched.length) await lookAt(touched);
}

// Rows that left the list stay where they are, greyed, and say what became of them; what newcomers have pushed to its
// next page is in it still.
async function settleGone(gone) {
  await lookAt(gone);
  for (const { id } of gone) {
    const row = document.getElementById(id);
    row?.toggleAttribute("data-gone", !row.hasAttribute("data-here"));
  }
}

async function lookAt(some) {
  const { rowsUrl, place } = document.getElementById("list").dataset;
  const url = new URL(`${rowsUrl}?${place}`, location.href);
  url.searchParams.set("ids", some.map((row) => row.dataset.id).join(","));
  const page = await fragment(url).catch(() => null);
  for (const row of some) {
    const next = page?.getElementById(row.id);
    if (next) morph(row, next);
  }
}

function news(n) {
  const button = document.getElementById("news");
  if (!button) return;
  const before = Number(button.dataset.n ?? 0);
  button.hidden = n === 0;
  button.dataset.n = n;
  button.querySelector("span").textContent = n === 1 ? say("newOne") : say("newMany", { n });
  if (n > before) announce(button.querySelector("span").textContent);
}

/** Bring the chosen state into view: there are more than fit. */
export function showTab() {
  document.querySelector(".list-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Show the list as it is now, with the newcomers. */
export function showFresh() {
  const list = document.getElementById("list");
  if (!fresh || !list) return false;
  const known = new Set(rows().map((row) => row.id));
  const focused = document.activeElement.closest?.(".row")?.dataset.id;
  list.replaceWith(document.adoptNode(fresh));
  for (const row of rows()) if (known.size && !known.has(row.id)) row.setAttribute("data-fresh", "");
  globalThis.htmx.process(fresh);
  tick(fresh);
  fresh = null;
  news(0);
  mark(openId());
  showTab();
  if (focused) linkOf(rows().find((row) => row.dataset.id === focused) ?? rows()[0])?.focus();
}
