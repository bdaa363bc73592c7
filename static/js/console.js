// Why: a list that moves while people work in it. Rows change in place, newcomers wait behind a counter, the open
// conversation is refreshed around the composer and never through it, and every step has a key.

import { now, say, setClock, tick } from "./clock.js";
import { bind, controlFor, press } from "./keys.js";
import { live } from "./live.js";
import { post } from "./post.js";
import { alarm, announce } from "./toasts.js";
import { flush, settleComposer, startWriting, written } from "./writing.js";

const SOCKET = "/ws/console/";
const RENEW = 60000;
const IDLE = 120000;
const ASK = 20;
const HERE = 15000;

const desk = document.querySelector(".console");
let fresh = null; // the list as the server has it now, kept aside until it is asked for
let byKey = false; // the last opening came from J or K: Back then leaves the list in one step
let refreshing = null;
let paneWaits = false;
let paneTimer = null;
let settling = false;
let writeAfterClaim = false;
let lastActive = Date.now();
let lastPicked = null;

const rows = () => [...document.querySelectorAll("#rows > .row")];
const linkOf = (row) => row?.querySelector(".row-link");
const openId = () => document.getElementById("post")?.dataset.id;
const currentRow = () => document.querySelector(".row[data-current]");
const pane = () => document.getElementById("pane");

// --- The list ------------------------------------------------------------------------------------------------------

function mark(id, focus = false) {
  for (const row of rows()) row.toggleAttribute("data-current", row.dataset.id === id);
  const row = currentRow();
  rove(row ?? rows()[0]);
  if (!row) return;
  row.removeAttribute("data-fresh");
  linkOf(row).setAttribute("aria-current", "true");
  if (focus) linkOf(row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

// One stop for Tab in the whole list; the arrows move inside it.
function rove(row) {
  for (const other of rows()) {
    const here = other === row;
    linkOf(other).tabIndex = here ? 0 : -1;
    other.querySelector(".row-pick").tabIndex = here ? 0 : -1;
    if (!here) linkOf(other).removeAttribute("aria-current");
  }
}

function step(by) {
  const all = rows();
  const from = document.activeElement.closest?.(".row") ?? currentRow();
  const row = all[from ? all.indexOf(from) + by : by > 0 ? 0 : all.length - 1];
  if (!row) return;
  byKey = true;
  mark(row.dataset.id, true);
  linkOf(row).click();
}

function pick(upTo) {
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
  lastPicked = row;
  countPicked();
}

function countPicked() {
  const n = document.querySelectorAll(".row-pick:checked").length;
  const place = document.querySelector(".bulk-count");
  if (place) place.textContent = n ? say("selected", { n }) : "";
  if (n) announce(say("selected", { n }));
}

function listAddress() {
  const list = document.getElementById("list");
  if (!list?.dataset.url) return null;
  const url = new URL(list.dataset.url, location.href);
  for (const name of ["state", "after"]) {
    const value = new URLSearchParams(location.search).get(name) ?? list.dataset[name];
    if (value) url.searchParams.set(name, value);
  }
  return url;
}

async function parsed(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(10000) });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function morph(row, next) {
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
}

async function refreshList() {
  refreshing = null;
  const url = listAddress();
  if (!url || document.hidden) return;
  let page;
  try {
    page = await parsed(url);
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
    if (next) morph(row, next);
    else gone.push(row);
  }
  if (gone.length) await settleGone(gone);
  fresh = list;
  news(coming.size);
  tick(document.getElementById("rows"));
}

// Rows that left the list stay where they are, greyed, and say what became of them.
async function settleGone(gone) {
  const url = new URL(document.getElementById("list").dataset.rowsUrl, location.href);
  url.searchParams.set("ids", gone.map((row) => row.dataset.id).join(","));
  const page = await parsed(url).catch(() => null);
  for (const row of gone) {
    const next = page?.getElementById(row.id);
    if (next) morph(row, next);
    document.getElementById(row.id)?.setAttribute("data-gone", "");
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

function showFresh() {
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
  if (focused) linkOf(rows().find((row) => row.dataset.id === focused) ?? rows()[0])?.focus();
}

// --- The open conversation -----------------------------------------------------------------------------------------

function paneIsBusy() {
  return pane()?.querySelector(":popover-open, select:focus, input:focus, details:has(:focus)") !== null;
}

// What an answer on its way will bring anyway is not fetched again beside it.
function paneSoon() {
  paneTimer ??= setTimeout(() => {
    paneTimer = null;
    if (document.querySelector("#post .htmx-request, .list-head .htmx-request")) paneSoon();
    else refreshPane();
  }, 150);
}

function refreshPane() {
  if (!pane()) return;
  if (paneIsBusy()) {
    paneWaits = true;
    return;
  }
  paneWaits = false;
  globalThis.htmx.ajax("GET", pane().dataset.url, { source: pane(), target: pane(), swap: "morph:outerHTML" });
}

// What was seen counts: a reply carries the version that its author had before their eyes.
function settleVersion() {
  const seen = document.querySelector("[data-seen-version]");
  const head = pane();
  if (!seen || !head || seen.value === head.dataset.version) return;
  const template = document.getElementById("changed");
  const place = document.getElementById("composer-notice");
  if (!written() || !template) seen.value = head.dataset.version;
  else if (!place.querySelector(".stale")) place.replaceChildren(template.content.cloneNode(true));
}

function scrollToNewest() {
  const newest = document.querySelector("#thread > [data-new]") ?? document.querySelector("#thread > :last-child");
  const box = pane();
  if (newest && box.scrollHeight > box.clientHeight) {
    const under = box.querySelector(".pane-head").getBoundingClientRect().bottom + 16;
    box.scrollTop += newest.getBoundingClientRect().top - under;
  }
}

function opened() {
  const post = document.getElementById("post");
  desk.toggleAttribute("data-open", Boolean(openId()));
  mark(openId());
  settleComposer();
  // What opened for a move closes when the move is answered, unless it was filled in wrongly.
  for (const box of post.querySelectorAll(":popover-open")) if (!box.querySelector(".field-error")) box.hidePopover();
  tick(post);
  scrollToNewest();
  const name = document.getElementById("post-title")?.textContent.trim();
  if (openId() && name) document.title = `${name} · Glasshouse`;
  if (writeAfterClaim) {
    writeAfterClaim = false;
    const text = document.getElementById("text");
    if (text && !text.readOnly) text.focus();
  }
  renew();
}

function back() {
  if (!openId()) return false;
  desk.removeAttribute("data-open");
  linkOf(currentRow() ?? rows()[0])?.focus();
}

// The lease runs on while its owner is at work here, and not in a tab that was left open.
function renew(focused = !document.hidden && Date.now() - lastActive < IDLE) {
  const box = pane();
  if (!box?.hasAttribute("data-mine") || (!focused && !document.hidden)) return;
  post(box.dataset.renewUrl, { focused: focused ? "1" : "0" }, { keepalive: true }).catch(() => {});
}

// Colleagues see that somebody is here before they begin the same work.
async function sayHere() {
  const place = document.getElementById("here");
  if (!place || document.hidden) return;
  const typing = written() && Date.now() - lastActive < HERE;
  const page = await parsed(`${place.dataset.url}${typing ? "?writing=1" : ""}`).catch(() => null);
  const found = page?.getElementById("here");
  if (found && found.dataset.url === document.getElementById("here")?.dataset.url) {
    document.getElementById("here").replaceWith(document.adoptNode(found));
  }
}

// --- What the server tells -----------------------------------------------------------------------------------------

function soon() {
  if (refreshing === null) refreshing = setTimeout(refreshList, 250 + Math.random() * 750);
}

let viewsTimer = null;
function viewsSoon() {
  viewsTimer ??= setTimeout(() => {
    viewsTimer = null;
    globalThis.htmx.trigger("#queues", "refresh");
  }, 500 + Math.random() * 1000);
}

// A freeze, a post under our name, an incident: whoever has the desk open is told without loading it again.
async function refreshBands() {
  const before = document.getElementById("bands");
  const page = before && (await parsed(before.dataset.url).catch(() => null));
  const bands = page?.getElementById("bands");
  if (!bands) return;
  const known = new Set([...before.querySelectorAll(".band")].map((band) => band.textContent.trim()));
  before.replaceWith(document.adoptNode(bands));
  const fresh = [...bands.querySelectorAll(".band-crisis span")].find((words) => !known.has(words.parentElement.textContent.trim()));
  if (fresh) alarm(fresh.textContent.trim().replace(/\s+/g, " "));
}

function onFrame(frame) {
  setClock(frame.at);
  if (frame.type !== "changed") return;
  if (frame.house) refreshBands();
  viewsSoon();
  const queue = document.querySelector(`#queues [aria-current]`)?.closest("li")?.dataset.queue;
  if (!queue || frame.all || queue in (frame.queues ?? {})) soon();
  if (frame.all || frame.conversations?.includes(Number(openId()))) paneSoon();
}

let wasLost = false;
function onState(state) {
  if (state === "reconnecting" && !wasLost) {
    wasLost = true;
    alarm(say("reconnecting"));
  } else if (state === "live" && wasLost) {
    wasLost = false;
    alarm("");
    announce(say("live"));
    viewsSoon();
    soon();
    paneSoon();
  } else if (state === "signed-out") {
    flush();
    alarm(say("signedOut"));
  }
}

// --- Keys, clicks, and what follows an answer ----------------------------------------------------------------------

function startKeys() {
  const down = () => step(1);
  const up = () => step(-1);
  const inList = (act) => (target) => target.closest(".list") || target === document.body || target.closest("#post") === target ? act() : false;
  bind("J", down);
  bind("K", up);
  bind("ArrowDown", (target) => (target.closest(".rows") ? down() : false));
  bind("ArrowUp", (target) => (target.closest(".rows") ? up() : false));
  bind("O", inList(() => linkOf(currentRow() ?? rows()[0])?.click()));
  bind("X", () => pick(false));
  bind("Shift+X", () => pick(true));
  bind("U", back);
  bind("Escape", (target) => {
    if (target.matches("textarea, input, select")) {
      const area = target.closest("#post") ? document.getElementById("post") : linkOf(currentRow() ?? rows()[0]);
      (area ?? document.getElementById("main")).focus();
      return true;
    }
    return target.closest("#post") ? back() : false;
  });
  bind("R", () => {
    const text = document.getElementById("text");
    if (text && !text.readOnly) return void text.focus();
    const claim = controlFor("C", document.getElementById("post"));
    if (!claim) return false;
    writeAfterClaim = true;
    press(claim);
  });
  bind("D", () => {
    const root = document.documentElement;
    const aside = document.getElementById("context");
    if (!aside) return false;
    root.dataset.context = aside.checkVisibility() ? "closed" : "open";
  });
  bind("Shift+Control+Enter", (form, send) => {
    const goOn = form.elements.go_on;
    if (!goOn) return false;
    goOn.value = "1";
    send.click();
  });
}

function startClicks() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("#news")) showFresh();
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "back") back();
    if (act === "context") {
      const aside = document.getElementById("context");
      document.documentElement.dataset.context = aside?.checkVisibility() ? "closed" : "open";
    }
    if (act === "seen") {
      document.querySelector("[data-seen-version]").value = pane().dataset.version;
      document.getElementById("composer-notice").replaceChildren();
      document.getElementById("text").focus();
    }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".row-pick")) return;
    lastPicked = event.target.closest(".row");
    countPicked();
  });
  document.getElementById("bulk")?.addEventListener("submit", (event) => {
    const many = document.querySelectorAll(".row-pick:checked").length > ASK;
    if (many && !confirm(say("discard"))) event.preventDefault();
  });
  document.getElementById("bulk")?.addEventListener("reset", () => setTimeout(countPicked));
  document.addEventListener("toggle", (event) => event.newState === "closed" && paneWaits && refreshPane(), true);
  document.addEventListener("focusout", () => setTimeout(() => paneWaits && refreshPane(), 300));
}

function startAnswers() {
  const body = document.body;
  body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.matches(".row-link") && !byKey) lastActive = Date.now();
  });
  body.addEventListener("htmx:beforeHistoryUpdate", (event) => {
    if (byKey) event.detail.history.type = "replace";
    byKey = false;
  });
  body.addEventListener("htmx:afterSwap", (event) => {
    const { target } = event.detail;
    if (target.id === "post" && !settling) {
      // Said once for every element that came; all of them belong to one opening.
      settling = true;
      queueMicrotask(() => {
        settling = false;
        opened();
      });
    } else if (target.id === "pane") settleVersion();
    else if (target.id === "composer-notice") {
      const stale = document.querySelector(".stale[data-version]");
      if (stale) document.querySelector("[data-seen-version]").value = stale.dataset.version;
    }
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    // Sent: hands leave the text, so that the next key is a command again and Z undoes.
    const { elt, xhr } = event.detail;
    if (xhr.status === 200 && elt.closest?.("#reply, #note")) document.getElementById("post").focus({ preventScroll: true });
  });
  body.addEventListener("htmx:oobAfterSwap", () => mark(openId()));
  for (const kind of ["glasshouse:undone", "glasshouse:back"]) {
    document.addEventListener(kind, () => {
      paneSoon();
      viewsSoon();
      soon();
    });
  }
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, () => (lastActive = Date.now()), { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", () => {
    renew(!document.hidden);
    if (!document.hidden) soon();
  });
  setInterval(renew, RENEW);
  setInterval(sayHere, HERE);
}

startWriting();
startKeys();
startClicks();
startAnswers();
mark(openId());
scrollToNewest();
renew();
live(SOCKET, { onFrame, onState });
