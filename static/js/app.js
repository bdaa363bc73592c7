// Why: what every page for people who work here needs and HTML alone cannot do: requests that are watched over, focus
// that is never lost, a person's own settings, and the keyboard.

import { startAsking } from "./asking.js";
import { startBands } from "./bands.js";
import { say, startTicking, tick } from "./clock.js";
import { countIn, startCounting } from "./counting.js";
import { bind, setShortcuts, startKeys } from "./keys.js";
import { post } from "./post.js";
import { announce, startToasts, toast } from "./toasts.js";

const root = document.documentElement;

function startAnswers() {
  const body = document.body;
  body.addEventListener("toast", (event) => toast(event.detail));
  body.addEventListener("htmx:afterSettle", (event) => {
    tick(event.detail.elt);
    countIn();
    const wanted = event.detail.elt.querySelector?.("[data-focus]");
    if (wanted) {
      wanted.focus();
      if (wanted.matches("textarea")) wanted.setSelectionRange(wanted.value.length, wanted.value.length);
    }
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

startAsking();
startAnswers();
startToasts();
startKeys();
startPreferences();
startControls();
startTicking();
startCounting();
startBands();
