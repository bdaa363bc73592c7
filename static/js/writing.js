// Why: what an agent writes must never be lost, too long, or meant for other eyes. Counting by the network's own rule
// happens as they type; the server keeps the draft, and its word on length and wording is the last.

import { whenBack, whenLost } from "./asking.js";
import { say } from "./clock.js";
import { lengthOf, level } from "./counting.js";
import { post } from "./post.js";
import { announce, toast } from "./toasts.js";

const REST = 800;
const AGAIN = 5000;

let timer = null;
let saving = Promise.resolve();
let dirty = false;
let warned = null;
const notes = new Map(); // half-written ones, by where they are sent: kept in this page alone
let leaving = null; // the text field whose words somebody was told would be lost

function form() {
  return document.getElementById("reply");
}

function area() {
  return document.getElementById("text");
}

/** The way to answer that is chosen. */
export function mode() {
  return form().querySelector("[name=mode]:checked");
}

function pictured() {
  return document.querySelector("#pictures .pictured") !== null;
}

function count() {
  const max = Number((pictured() ? mode()?.dataset.maxBeside : mode()?.dataset.max) ?? 0);
  const counter = document.getElementById("counter");
  if (!max || !counter) return;
  const used = lengthOf(area().value, mode().dataset.counting, Number(mode().dataset.urlWeight || 0));
  const left = max - used;
  const now = level(counter, used, max);
  if (now && now !== warned) announce(left < 0 ? say("over", { n: -left }) : say("charactersLeft", { n: left }));
  warned = now;
}

function note(text) {
  const place = document.getElementById("saving");
  if (place) place.textContent = text;
}

async function save() {
  clearTimeout(timer);
  timer = null;
  const composer = document.getElementById("composer");
  if (!dirty || !form() || area().readOnly) return;
  dirty = false;
  const fields = new FormData(form());
  const place = composer.dataset.draftUrl;
  note(say("saving"));
  try {
    const answer = await post(place, fields, { keepalive: true });
    if (!answer.ok && answer.status !== 409) throw new Error(answer.status);
    const html = await answer.text();
    // The conversation may have been left while the answer travelled.
    if (document.getElementById("composer")?.dataset.draftUrl !== place) return;
    const checked = new DOMParser().parseFromString(html, "text/html").getElementById("checked");
    document.getElementById("checked").replaceWith(document.adoptNode(checked));
    form().elements.draft_version.value = checked.dataset.draftVersion;
    settleHanded();
    note("");
  } catch {
    dirty = true;
    note(say("unsaved"));
    timer = setTimeout(flush, AGAIN);
  }
}

/** Keep what is written now; resolves when the server has it. */
export function flush() {
  saving = saving.then(save);
  return saving;
}

/** Do what changes the draft on the server by itself, when what is written has been saved and before it is again. */
export function between(work) {
  const done = flush().then(work);
  saving = done.catch(() => {});
  return done;
}

/** Whether something is written that the server does not have yet. */
export function unsaved() {
  return dirty && form() !== null;
}

/** Whether a new composer may take this one's place: over words that nobody has saved only at a person's second press. */
function mayLeave(trigger) {
  if (!unsaved() || leaving === area()) return true;
  if (trigger?.type !== "refresh") {
    leaving = area();
    toast({ text: say("leaving"), level: "warning" });
  }
  return false;
}

/** Whether the composer holds anything. */
export function written() {
  return Boolean(area()?.value.trim()) || pictured();
}

/** Something was written or shown: it is counted, and kept after a moment's rest. */
export function typed() {
  dirty = true;
  leaving = null;
  count();
  clearTimeout(timer);
  timer = setTimeout(flush, REST);
}

function replaceText(text) {
  area().value = text;
  typed();
  area().focus();
}

/** Put an address at the end, where its network makes a button of it. */
function offer(words) {
  const now = area().value.trimEnd();
  if (!now.split(/\s+/).includes(words)) replaceText(now ? `${now} ${words}` : words);
  else area().focus();
}

// The conversation is somebody else's now: whoever may not even see it any more has the only copy of the words.
function settleHanded() {
  const told = document.querySelector("#checked [data-handed]");
  if (!told) return;
  globalThis.htmx.process(told);
  dirty = told.dataset.handed === "lost";
  announce(told.querySelector(".strong").textContent);
}

/** What can no longer be sent is taken along: by the clipboard, or chosen whole where there is none. */
async function copyWords() {
  try {
    await navigator.clipboard.writeText(area().value);
    toast({ text: say("copied"), level: "success" });
  } catch {
    area().focus();
    area().select();
  }
}

/** Go on in private with the same words. */
export function goPrivate() {
  const choice = form()?.querySelector('[name=mode][value="private"]');
  if (!choice || choice.disabled) return false;
  choice.checked = true;
  typed();
  flush();
  area().focus();
  return true;
}

/** After the composer came anew: count, and take over what a refused reply came with. */
export function settleComposer() {
  if (!form()) return;
  warned = null;
  count();
}

/** Half a note outlives what a key brings meanwhile: a claim, an answer, another conversation. */
export function settleNote() {
  const text = document.getElementById("note-text");
  const words = notes.get(text?.form.action);
  if (!words || text.value) return;
  text.value = words;
  text.closest("details").open = true;
}

// The list of ready words that a key calls: a slash in an empty reply the approved texts, the sign of a handle in a note
// the colleagues. In such a list itself a letter or an arrow would take the first that fits, unseen: it opens instead.
function choiceFor({ key, target, ctrlKey, metaKey, altKey }) {
  if (key === "/" && target.id === "text" && !target.value) return document.getElementById("macros");
  if (key === "@" && target.id === "note-text" && /(^|\s)$/.test(target.value.slice(0, target.selectionStart))) {
    return document.querySelector("[data-insert=note-text]");
  }
  const picks = key === "ArrowDown" || key === "ArrowUp" || (key.length === 1 && key !== " ");
  return picks && !ctrlKey && !metaKey && !altKey && target.dataset.insert && !isOpen(target) ? target : null;
}

function isOpen(list) {
  return CSS.supports("selector(:open)") && list.matches(":open");
}

/** Listen to the composer, whichever one is on the page. */
export function startWriting() {
  settleComposer();
  const ours = (field) => field.id === "text" || field.closest("#pictures") !== null;
  document.addEventListener("input", (event) => ours(event.target) && typed());
  document.addEventListener("input", ({ target }) => target.id === "note-text" && notes.set(target.form.action, target.value));
  document.addEventListener("change", (event) => {
    if (event.target.name === "mode" && event.target.closest("#reply")) typed();
    const into = document.getElementById(event.target.dataset.insert);
    if (into && event.target.value) {
      const words = event.target.value;
      const begun = words.startsWith("@") && into.value[into.selectionStart - 1] === "@"; // that called the list
      into.setRangeText(words, into.selectionStart - Number(begun), into.selectionEnd, "end");
      event.target.value = "";
      into.dispatchEvent(new Event("input", { bubbles: true }));
      into.focus();
    }
  });
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const list = choiceFor(event);
    if (!list) return;
    event.preventDefault();
    // The sign stays in a note, where it may be the first of a handle; a slash is nobody's first letter.
    if (key === "@" && target !== list) {
      target.setRangeText("@", target.selectionStart, target.selectionEnd, "end");
      target.dispatchEvent(new Event("input", { bubbles: true }));
    }
    list.focus();
    list.showPicker?.();
  });
  document.addEventListener("focusout", (event) => ours(event.target) && flush());
  addEventListener("pagehide", flush);
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-act]");
    const act = pressed?.dataset.act;
    if (act === "private-link") offer(pressed.dataset.words);
    if (act === "copy-words") copyWords();
    if (act === "go-private" && goPrivate()) event.preventDefault();
    if (act === "keep-mine" || act === "take-theirs") {
      const box = document.getElementById("checked");
      form().elements.draft_version.value = box.dataset.draftVersion;
      replaceText(act === "take-theirs" ? box.querySelector(".draft-theirs").textContent : area().value);
    }
  });
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { elt } = detail.requestConfig;
    if (elt.matches("#note form") && detail.xhr.status === 200) notes.delete(elt.action);
  });
  document.body.addEventListener("htmx:confirm", (event) => {
    // Whatever brings a new composer brings the draft that the server has: so it must have this one first.
    const { elt, target } = event.detail;
    if (elt.id === "reply") {
      clearTimeout(timer);
      dirty = false;
    } else if (unsaved() && target?.id === "post") {
      event.preventDefault();
      flush().then(() => mayLeave(event.detail.triggeringEvent) && event.detail.issueRequest(true));
    }
  });
  document.body.addEventListener("htmx:afterSwap", (event) => event.detail.target.id === "checked" && settleHanded());
  whenLost("#reply", typed); // what did not arrive is a draft again
  whenBack(flush);
}
