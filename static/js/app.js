// Why: what every page for people who work here needs and HTML alone cannot do: the token on htmx's requests, errors
// that can be tried again, focus that is never lost, a person's own settings, and the keyboard.

import { say, startTicking, tick } from "./clock.js";
import { countIn, startCounting } from "./counting.js";
import { bind, setShortcuts, startKeys } from "./keys.js";
import { post, token } from "./post.js";
import { alarm, announce, startToasts, toast } from "./toasts.js";

const root = document.documentElement;
const PATIENCE = 120000;
const retries = new Map(); // by the id of what is to be filled: who asked, since when, and the next try
const asked = new WeakMap(); // what stood in a form when it was sent

function tryAgain(detail) {
  const { elt, requestConfig } = detail;
  const event = requestConfig?.triggeringEvent;
  return () => {
    if (elt.matches("form")) elt.requestSubmit(event?.submitter ?? undefined);
    else if (event?.type === "click") elt.click();
    else globalThis.htmx.ajax("GET", requestConfig.path, { source: elt, target: detail.target });
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
    else tryAgain(event.detail)();
  }, wait * (0.5 + Math.random()));
  retries.set(place, { elt, since, timer });
}

function filledIn(form) {
  const fields = [...form.elements].filter((field) => field.name && field.type !== "hidden");
  return JSON.stringify(fields.map((field) => [field.name, field.value, field.checked]));
}

function back() {
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
    toast({ text: say(key), level: "error", retry: tryAgain(event.detail) });
  };
}

function startHtmx() {
  const body = document.body;
  body.addEventListener("htmx:configRequest", (event) => {
    const { elt, target } = event.detail;
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
  body.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.xhr.status >= 500) return;
    retries.delete(event.detail.target?.id);
    back();
  });
  body.addEventListener("toast", (event) => toast(event.detail));
  body.addEventListener("htmx:afterSettle", (event) => {
    tick(event.detail.elt);
    countIn();
    const wanted = event.detail.elt.querySelector?.("[data-focus]");
    if (wanted) wanted.focus();
    // A button that replaced itself leaves the focus nowhere: then the region it belonged to takes it.
    else if (document.activeElement === body) event.detail.elt.closest?.("[tabindex]")?.focus({ preventScroll: true });
  });
}

function startPreferences() {
  const form = document.querySelector("[data-preferences]");
  form?.addEventListener("change", async (event) => {
    const { name, value } = event.target;
    if (name === "shortcuts") {
      setShortcuts(value);
      announce(say(value === "off" ? "shortcutsOff" : "shortcutsOn"));
    } else {
      root.dataset[name] = value;
    }
    try {
      const answer = await post(form.action, { [name]: value });
      if (!answer.ok) throw new Error(answer.status);
    } catch {
      toast({ text: say("failed"), level: "error" });
    }
  });
}

function startControls() {
  document.addEventListener("click", async (event) => {
    const control = event.target.closest("[data-act], [data-set], [data-dialog]");
    if (!control) return;
    if (control.dataset.set) document.getElementById(control.dataset.set).value = control.dataset.value;
    if (control.dataset.dialog) document.getElementById(control.dataset.dialog).showModal();
    if (control.dataset.act === "undo") {
      control.disabled = true;
      try {
        const answer = await post(control.dataset.url, {});
        if (!answer.ok) throw new Error(answer.status);
        control.closest(".toast")?.remove();
        const said = JSON.parse(answer.headers.get("HX-Trigger") ?? "{}").toast;
        toast(said ?? { text: say("undone") });
        document.dispatchEvent(new CustomEvent("glasshouse:undone"));
      } catch {
        control.disabled = false;
        toast({ text: say("failed"), level: "error" });
      }
    }
  });
  const shortcuts = document.getElementById("shortcuts");
  if (shortcuts) bind("?", () => shortcuts.showModal());
}

startHtmx();
startToasts();
startKeys();
startPreferences();
startControls();
startTicking();
startCounting();
