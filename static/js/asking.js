// Why: what a person pressed arrives once, or they are told and have it back. The one home of what happens when it does
// not: the way to ask again, the patience while the database is away, and the word to whoever keeps what was written.

import { say, setClock, tick } from "./clock.js";
import { token } from "./post.js";
import { alarm, announce, toast } from "./toasts.js";

const PATIENCE = 120000;
const root = document.documentElement;
const retries = new Map(); // by the id of what is to be filled: who asked, since when, and the next try
const asked = new WeakMap(); // what stood in a form when it was sent
const keepers = []; // [selector, act]

/** Call `act` when what an element that `selector` fits asked for has not arrived, so that it can be kept. */
export function whenLost(selector, act) {
  keepers.push([selector, act]);
}

/** Call `act` when the server answers again after the database was away. */
export function whenBack(act) {
  document.addEventListener("glasshouse:back", act);
}

// What a page asks for by itself keeps nobody signed in.
export const BY_ITSELF = { "X-By-Itself": "1" };

/**
 * A part of a page as the server has it now, as a document of its own. Throws if there is none to be had; to whoever is
 * signed out meanwhile the page says so. Its word of the time is taken: our own clock may have slept.
 */
export async function fragment(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true", ...BY_ITSELF }, signal: AbortSignal.timeout(10000) });
  if (answer.redirected) root.dataset.link = "signed-out";
  if (!answer.ok || answer.redirected) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  setClock(page.querySelector("[data-now]")?.dataset.now);
  tick();
  return page;
}

function again({ elt, requestConfig, target }) {
  const event = requestConfig?.triggeringEvent;
  return () => {
    if (elt.matches("form")) elt.requestSubmit(event?.submitter ?? undefined);
    else if (event?.type === "click") elt.click();
    else globalThis.htmx.ajax("GET", requestConfig.path, { source: elt, target });
  };
}

// The database is away: a request is tried again until it is back, except where the same once more would be twice.
function tryUntilBack(event) {
  const { elt, xhr } = event.detail;
  if (!("away" in root.dataset)) alarm(say("away"));
  root.dataset.away = "";
  const place = event.detail.target?.id;
  const before = retries.get(place);
  // Whoever has pressed something else since wants that.
  clearTimeout(before?.timer);
  const since = before?.elt === elt ? before.since : Date.now();
  const late = event.detail.requestConfig.verb !== "get" && Date.now() - since > PATIENCE;
  if (!elt?.isConnected || elt.closest("[data-once]") || late) {
    retries.delete(place);
    return failed("failed")(event);
  }
  const wait = 1000 * Number(xhr.getResponseHeader("Retry-After") || 3);
  const timer = setTimeout(() => {
    if (!elt.isConnected) return;
    // Half of a thought is not what was sent: whoever went on writing sends it themselves.
    if (elt.matches("form") && filledIn(elt) !== asked.get(elt)) failed("rewritten")(event);
    else again(event.detail)();
  }, wait * (0.5 + Math.random()));
  retries.set(place, { elt, since, timer });
}

function filledIn(form) {
  const fields = [...form.elements].filter((field) => field.name && field.type !== "hidden");
  return JSON.stringify(fields.map((field) => [field.name, field.value, field.checked]));
}

function answered(event) {
  if (event.detail.xhr.status >= 500) return;
  retries.delete(event.detail.target?.id);
  if (!("away" in root.dataset)) return;
  delete root.dataset.away;
  alarm("");
  announce(say("live"));
  document.dispatchEvent(new CustomEvent("glasshouse:back"));
}

function failed(key) {
  return (event) => {
    const trigger = event.detail.requestConfig?.triggeringEvent;
    if (trigger?.type === "refresh" || !event.detail.elt?.isConnected) return;
    toast({ text: say(key), level: "error", retry: again(event.detail) });
  };
}

/** Watch over every request that htmx sends. */
export function startAsking() {
  const body = document.body;
  body.addEventListener("htmx:configRequest", (event) => {
    const { elt, target, triggeringEvent } = event.detail;
    if (triggeringEvent?.type === "refresh") Object.assign(event.detail.headers, BY_ITSELF);
    clearTimeout(retries.get(target?.id)?.timer);
    if (elt.matches("form")) asked.set(elt, filledIn(elt));
    event.detail.headers["X-CSRFToken"] = token();
  });
  body.addEventListener("htmx:sendError", failed("failed"));
  body.addEventListener("htmx:timeout", failed("slow"));
  body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 503) tryUntilBack(event);
    else failed("refused")(event);
  });
  body.addEventListener("htmx:afterOnLoad", answered);
  body.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (xhr.status !== 0 && xhr.status !== 503) return;
    for (const [selector, act] of keepers) if (elt.matches(selector)) act();
  });
}
