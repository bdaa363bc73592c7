// Why: a desk at which one works for a whole shift. The open conversation is refreshed around the composer and never
// through it, what the server tells of is looked at when it is new here, and every step has a key.

import { BY_ITSELF, fragment, whenBack } from "./asking.js";
import { refreshBands } from "./bands.js";
import { say, setClock, tick } from "./clock.js";
import { restedFor, startHands, whenRested } from "./hands.js";
import { bind, controlFor, press } from "./keys.js";
import {
  beside, currentRow, linkOf, listSoon, mark, openId, pick, pickAgain, picked, rows, showFresh, showTab, step, takeRow, takeStep,
} from "./list.js";
import { live } from "./live.js";
import { post } from "./post.js";
import { startPictures } from "./pictures.js";
import { alarm, announce, toast } from "./toasts.js";
import { flush, settleComposer, settleNote, startWriting, written } from "./writing.js";

const SOCKET = "/ws/console/";
const RENEW = 60000;
const IDLE = 120000;
const AWAY = 900000; // for so long whoever works in another window is taken to come back
const ASK = 20;
const HERE = 15000;
const GLANCE = 2000;

const desk = document.querySelector(".console");
let paneWaits = false;
let paneTimer = null;
let renewTimer = null;
let paneTold = null;
let settling = false;
let paneWas = {};
let writeAfterClaim = false;

const pane = () => document.getElementById("pane");

// --- The open conversation -----------------------------------------------------------------------------------------

function paneIsBusy() {
  return pane()?.querySelector(":popover-open, select:focus, input:focus, details:has(:focus)") !== null;
}

// What an answer on its way will bring anyway is not fetched again beside it, nor what is shown already: of most changes
// a desk is told that it made them itself. `told` is the conversation that the server tells of, with its version and the
// number of its events.
function paneSoon(told = null) {
  paneTold = told;
  paneTimer ??= setTimeout(() => {
    paneTimer = null;
    if (document.querySelector("#post .htmx-request, .list-head .htmx-request")) paneSoon(paneTold);
    else if (!paneTold || isNews(paneTold)) refreshPane();
  }, 150);
}

function isNews([id, version, events]) {
  const shown = pane()?.dataset;
  return shown?.id === String(id) && (version > shown.version || events > shown.events || !shown.events);
}

function refreshPane() {
  if (!pane()) return;
  if (paneIsBusy()) {
    paneWaits = true;
    return;
  }
  paneWaits = false;
  globalThis.htmx.ajax("GET", pane().dataset.url, {
    source: pane(), target: pane(), swap: "morph:outerHTML", headers: BY_ITSELF,
  });
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

// A reply that came back to its author is theirs to write again: its words and the reason are in the composer, which a
// refresh goes around. Whoever has begun another text meanwhile keeps it, and is told when it is saved.
function settleReturned() {
  const { cameBack, postUrl } = pane().dataset;
  const composer = document.getElementById("composer");
  if (!cameBack || !composer || composer.dataset.cameBack === cameBack || written()) return;
  writeAfterClaim = document.activeElement === document.getElementById("text");
  globalThis.htmx.ajax("GET", postUrl, { source: composer, target: "#post", swap: "outerHTML", headers: BY_ITSELF }).then(() => {
    announce(document.querySelector(".composer-returned")?.textContent.trim() ?? "");
  });
}

// Whose it is has changed beside a composer that did not let anybody write, as after an undo: who may write now is told
// anew, and no words are lost.
function settleWriter() {
  const { state, mine, postUrl } = pane().dataset;
  const same = paneWas.state === state && paneWas.mine === mine;
  const text = document.getElementById("text");
  paneWas = { state, mine };
  if (same || (text && !text.readOnly)) return;
  globalThis.htmx.ajax("GET", postUrl, { source: "#post", target: "#post", swap: "morph:outerHTML", headers: BY_ITSELF });
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
  takeRow();
  const row = mark(openId());
  settleComposer();
  settleNote();
  // What opened for a move closes when the move is answered, unless it was filled in wrongly.
  for (const box of post.querySelectorAll(":popover-open")) if (!box.querySelector(".field-error")) box.hidePopover();
  tick(post);
  const name = document.getElementById("post-title")?.textContent.trim();
  document.title = `${(openId() && name) || document.getElementById("list-title").textContent.trim()} · Glasshouse`;
  // Only now: whatever asks where things are has the whole page laid out, and each change before it would do so again.
  row?.scrollIntoView({ block: "nearest" });
  scrollToNewest();
  if (writeAfterClaim) {
    writeAfterClaim = false;
    const text = document.getElementById("text");
    if (text && !text.readOnly) text.focus();
  }
  // Whoever looks longer than a glance is at work here; a decision at once needs no lease and has none to wait for.
  clearTimeout(renewTimer);
  renewTimer = setTimeout(renew, GLANCE);
}

function back() {
  if (!openId()) return false;
  desk.removeAttribute("data-open");
  linkOf(currentRow() ?? rows()[0])?.focus();
}

// The lease runs on while its owner is at work here, or for a while in another window, and not in a tab that was left.
function renew(focused = !document.hidden && restedFor() < IDLE) {
  const box = pane();
  if (!box?.hasAttribute("data-mine") || (!focused && (!document.hidden || restedFor() > AWAY))) return;
  const headers = focused ? {} : BY_ITSELF;
  post(box.dataset.renewUrl, { focused: focused ? "1" : "0" }, { keepalive: true, headers }).catch(() => {});
}

// Colleagues see that somebody is here before they begin the same work.
async function sayHere() {
  const place = document.getElementById("here");
  if (!place || document.hidden) return;
  const typing = written() && restedFor() < HERE;
  const page = await fragment(`${place.dataset.url}${typing ? "?writing=1" : ""}`).catch(() => null);
  const found = page?.getElementById("here");
  if (found && found.dataset.url === document.getElementById("here")?.dataset.url) {
    document.getElementById("here").replaceWith(document.adoptNode(found));
  }
}

// --- What the server tells -----------------------------------------------------------------------------------------

let counting = false;
function viewsSoon() {
  if (counting) return;
  counting = true;
  const count = () => {
    counting = false;
    globalThis.htmx.trigger("#queues", "refresh");
  };
  whenRested(count, 500 + Math.random() * 1000);
}

function onFrame(frame) {
  setClock(frame.at);
  if (frame.type !== "changed") return;
  if (frame.house) refreshBands();
  viewsSoon();
  const queue = document.querySelector(`#queues [aria-current]`)?.closest("li")?.dataset.queue;
  const touched = (frame.conversations ?? []).map(([id]) => String(id));
  if (!queue || frame.all || queue in (frame.queues ?? {})) listSoon(touched);
  const open = frame.conversations?.find(([id]) => id === Number(openId()));
  if (frame.all) paneSoon();
  else if (open) paneSoon(open);
}

function lookAgain() {
  paneSoon();
  viewsSoon();
  listSoon();
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
    lookAgain();
  } else if (state === "signed-out") {
    flush();
    alarm(say("signedOut"));
  }
}

// --- Keys, clicks, and what follows an answer ----------------------------------------------------------------------

// The state beside the one that the list shows.
function turn(by) {
  const tabs = [...document.querySelectorAll(".list-tabs a")];
  const to = tabs[tabs.findIndex((tab) => tab.hasAttribute("aria-current")) + by];
  if (!to) return false;
  to.click();
}

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
  bind("[", () => turn(-1));
  bind("]", () => turn(1));
  bind("U", back);
  bind("Escape", (target) => {
    if (target.matches("textarea, input, select")) {
      // From a list of ready words back into the text that they were for.
      const text = document.getElementById(target.dataset.insert);
      const area = text ?? (target.closest("#post") ? document.getElementById("post") : linkOf(currentRow() ?? rows()[0]));
      (area ?? document.getElementById("main")).focus();
      return true;
    }
    return target.closest("#post") ? back() : false;
  });
  bind("R", () => {
    const text = document.getElementById("text");
    if (text && !text.readOnly) return void text.focus();
    const claim = controlFor("C", document.getElementById("post"));
    if (!claim) return text ? toast({ text: text.placeholder, level: "warning" }) : false;
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
    if (event.target.matches(".row-pick")) picked(event.target.closest(".row"));
  });
  document.getElementById("bulk")?.addEventListener("submit", (event) => {
    const many = document.querySelectorAll(".row-pick:checked").length > ASK;
    if (many && !confirm(say("discard"))) event.preventDefault();
  });
  document.getElementById("bulk")?.addEventListener("reset", () => setTimeout(picked));
  document.addEventListener("toggle", (event) => event.newState === "closed" && paneWaits && refreshPane(), true);
  document.addEventListener("focusout", () => setTimeout(() => paneWaits && refreshPane(), 300));
}

function startAnswers() {
  const body = document.body;
  body.addEventListener("htmx:beforeHistoryUpdate", (event) => {
    const { history } = event.detail;
    if (takeStep()) history.type = "replace";
    history.path = beside(history.path);
  });
  body.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig } = event.detail;
    if (target.id === "pane") paneWas = { ...target.dataset };
    // Something was opened while the answer was on its way.
    if (target.id !== "pane" || !paneIsBusy()) return;
    event.detail.shouldSwap = false;
    paneWaits = true;
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
    } else if (target.id === "pane") {
      settleVersion();
      settleReturned();
      settleWriter();
    } else if (target.id === "composer-notice") {
      const stale = document.querySelector(".stale[data-version]");
      if (stale) document.querySelector("[data-seen-version]").value = stale.dataset.version;
    }
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    // Sent: hands leave the text, so that the next key is a command again and Z undoes.
    const { elt, xhr } = event.detail;
    if (xhr.status === 200 && elt.closest?.("#reply, #note")) document.getElementById("post").focus({ preventScroll: true });
  });
  document.addEventListener("glasshouse:undone", lookAgain);
  whenBack(lookAgain);
  document.addEventListener("visibilitychange", () => {
    renew(!document.hidden);
    if (document.hidden) flush(); // a tab that sleeps may never wake
    else lookAgain();
  });
  setInterval(renew, RENEW);
  setInterval(sayHere, HERE);
}

startHands();
startWriting();
startPictures();
startKeys();
startClicks();
startAnswers();
mark(openId())?.scrollIntoView({ block: "nearest" });
showTab();
pickAgain((document.getElementById("bulk")?.dataset.picked ?? "").split(" ").filter(Boolean));
scrollToNewest();
renew();
live(SOCKET, { onFrame, onState, release: document.documentElement.dataset.release });
