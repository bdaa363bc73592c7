// Why: people who triage all day do it from the keyboard. A key is written once, as aria-keyshortcuts on the control
// that it presses, so that what is shown, what is read aloud and what happens can never differ.

const WAIT = 1500;
const MODIFIERS = new Set(["Alt", "AltGraph", "CapsLock", "Control", "Meta", "Shift"]); // pressed on the way to a key
const bound = new Map();
let going = 0;

/** Bind a key that presses no control, such as J. The function answers false to let the key pass. */
export function bind(name, act) {
  bound.set(name, act);
}

/** Switch single keys on, off, or behind Alt. */
export function setShortcuts(mode) {
  document.documentElement.dataset.shortcuts = mode;
}

function writing(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]") !== null;
}

function nameOf(event) {
  // With Alt some systems type another sign; the place of the key on the board still tells which letter it is.
  let key = event.altKey && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3) : event.key;
  // Who answers in Greek, Russian or Arabic has other letters on the same keys.
  if (key.length === 1 && key > "~" && /^Key[A-Z]$/.test(event.code)) key = event.code.slice(3);
  if (event.altKey && /^Digit\d$/.test(event.code)) key = event.code.slice(5);
  if (key.length === 1) key = key.toUpperCase();
  const letter = /^[A-Z]$/.test(key);
  return (event.shiftKey && (letter || key.length > 1) ? "Shift+" : "") + key;
}

function usable(control) {
  return control.checkVisibility({ visibilityProperty: true }) && !control.disabled;
}

/**
 * The control that a key presses: in the newest toast first, then in the bar of a selection, then in the message that has the
 * focus, on the chosen card, on the newest message; of several that can be opened, one that is not open yet. What
 * changes what everybody reads is never guessed: it is what has the focus, or the newest.
 */
export function controlFor(name, root = document) {
  const found = [...root.querySelectorAll("[aria-keyshortcuts]")].filter(
    (control) => control.getAttribute("aria-keyshortcuts").split(" ").includes(name) && usable(control),
  );
  return (
    found.findLast((control) => control.closest(".toast")) ??
    found.find((control) => control.closest(".bulk")) ??
    found.find((control) => control.closest(".thread > li")?.contains(document.activeElement)) ??
    found.find((control) => control.closest("[data-current]")) ??
    found.find((control) => control.closest("[data-newest]")) ??
    found.find((control) => control.matches("summary") && !control.parentElement.open) ??
    found.find((control) => !control.matches("[data-public]")) ??
    null
  );
}

/** Do what a control is for. */
export function press(control) {
  if (control.matches("input:not([type=submit]), textarea, select")) {
    control.focus();
    control.select?.();
  } else if (control.matches("summary")) {
    const box = control.parentElement;
    const field = box.querySelector("textarea, input:not([type=hidden])");
    box.open = !box.open || Boolean(field?.matches("textarea") && field.value); // half-written words are gone on with
    ((box.open && field) || control).focus();
  } else {
    control.click();
    // What a key has opened is worked in next; what is only read there leaves the hands where they are.
    const box = control.popoverTargetElement;
    if (box?.matches(":popover-open") && !box.contains(document.activeElement)) box.querySelector("input:checked, input:not([type=hidden]), select, textarea, button, a")?.focus();
  }
}

function onKey(event) {
  if (MODIFIERS.has(event.key) || event.defaultPrevented || event.isComposing || event.repeat && event.key !== "j" && event.key !== "k" && !event.key.startsWith("Arrow")) return;
  // A field that was closed a moment ago has the focus until the page is drawn again.
  const target = event.target instanceof Element && event.target.checkVisibility() ? event.target : document.body;

  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = target.closest("form");
    const send = (target.closest("form [popover]") ?? form)?.querySelector('[aria-keyshortcuts~="Control+Enter"]');
    if (send && usable(send)) {
      event.preventDefault();
      const act = event.shiftKey ? bound.get("Shift+Control+Enter") : null;
      if (!act || act(form, send) === false) send.click();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || document.querySelector("dialog:modal")) return;
  if (event.key === "Escape") {
    if (document.querySelector(":popover-open")) return;
    if (bound.get("Escape")?.(target) !== false) return;
  }
  if (writing(target) || target.closest("[popover]")) return;

  const mode = document.documentElement.dataset.shortcuts;
  const single = event.key.length === 1;
  if (single && (mode === "off" || (mode === "alt") !== event.altKey)) return;
  const name = nameOf(event);

  if (going && Date.now() - going < WAIT) {
    going = 0;
    const link = document.querySelector(`[data-go="g ${name.toLowerCase()}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  if (name === "G") {
    going = Date.now();
    return;
  }
  if (bound.has(name)) {
    if (bound.get(name)(target) !== false) event.preventDefault();
    return;
  }
  if (!single) return;
  const control = controlFor(name);
  if (control) {
    event.preventDefault();
    press(control);
  }
}

/** Listen to the keyboard. */
export function startKeys() {
  document.addEventListener("keydown", onKey);
}
