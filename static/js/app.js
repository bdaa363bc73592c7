// Why: what every page for people who work here needs and HTML alone cannot do: the token on htmx's requests, errors
// that can be tried again, focus that is never lost, a person's own settings, and the keyboard.

import { say, startTicking, tick } from "./clock.js";
import { countIn, startCounting } from "./counting.js";
import { bind, setShortcuts, startKeys } from "./keys.js";
import { post, token } from "./post.js";
import { alarm, announce, startToasts, toast } from "./toasts.js";

const root = document.documentElement;
const retries = new Map();

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
  if (!elt?.isConnected || elt.closest("[data-once]")) return failed("failed")(event);
  // Whoever has pressed something else since wants that.
  clearTimeout(retries.get(event.detail.target?.id));
  const wait = 1000 * Number(xhr.getResponseHeader("Retry-After") || 3);
  const again = setTimeout(() => elt.isConnected && tryAgain(event.detail)(), wait * (0.5 + Math.random()));
  retries.set(event.detail.target?.id, again);
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
    const asked = event.detail.requestConfig?.triggeringEvent;
    if (asked?.type === "refresh" || !event.detail.elt?.isConnected) return;
    toast({ text: say(key), level: "error", retry: tryAgain(event.detail) });
  };
}

function startHtmx() {
  const body = document.body;
  body.addEventListener("htmx:configRequest", (event) => {
    clearTimeout(retries.get(event.detail.target?.id));
    event.detail.headers["X-CSRFToken"] = token();
  });
  body.addEventListener("htmx:sendError", failed("failed"));
  body.addEventListener("htmx:timeout", failed("slow"));
  body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 503) tryUntilBack(event);
    else failed("refused")(event);
  });
  body.addEventListener("htmx:afterOnLoad", (event) => event.detail.xhr.status < 500 && back());
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
