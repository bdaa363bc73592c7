// Why: a picture comes into a reply by button, key, paste or drop, one after the other, and never at the cost of a word
// that is being written. What it shows is asked for at once, since it does not leave without.

import { say } from "./clock.js";
import { post } from "./post.js";
import { announce } from "./toasts.js";
import { between, mode, typed } from "./writing.js";

const PATIENCE = 60000;

const composer = () => document.getElementById("composer");
const form = () => document.getElementById("reply");
const place = () => document.getElementById("pictures");

function refused(why) {
  const told = document.createElement("p");
  told.className = "field-error";
  told.setAttribute("role", "alert");
  told.textContent = why;
  place().querySelector(":scope > .field-error")?.remove();
  place().prepend(told);
}

// What somebody is writing about another picture meanwhile stays, and so does where they are.
function show(html) {
  const fresh = document.adoptNode(new DOMParser().parseFromString(html, "text/html").getElementById("pictures"));
  const before = new Set([...place().querySelectorAll(".pictured")].map((one) => one.id));
  const { activeElement } = document;
  for (const field of fresh.querySelectorAll("textarea")) {
    const standing = document.getElementById(field.id);
    if (standing) field.closest(".pictured").replaceWith(standing.closest(".pictured"));
  }
  place().replaceWith(fresh);
  form().elements.draft_version.value = fresh.dataset.draftVersion;
  if (activeElement.isConnected) activeElement.focus();
  typed();
  return [...fresh.querySelectorAll(".pictured")].filter((one) => !before.has(one.id));
}

async function ask(url, fields) {
  const here = composer().dataset.attachUrl;
  try {
    const answer = await post(url, fields, { signal: AbortSignal.timeout(PATIENCE) });
    const html = await answer.text();
    // The conversation may have been left while it travelled.
    if (composer()?.dataset.attachUrl !== here) return [];
    if (answer.status === 413) refused(say("pictureTooLarge"));
    else if (answer.ok || answer.status === 409 || answer.status === 422) return show(html);
    else throw new Error(answer.status);
  } catch {
    if (place()) refused(say("pictureLost"));
  }
  return [];
}

function fieldsOf(file) {
  const fields = new FormData();
  fields.set("mode", mode().value);
  fields.set("client_key", form().elements.client_key.value);
  if (file) fields.set("picture", file);
  return fields;
}

async function add(files) {
  if (!form() || document.getElementById("text").readOnly) return;
  if (!Number(mode()?.dataset.pictures)) {
    refused(document.querySelector(`.attach[data-mode="${mode()?.value}"]`)?.textContent ?? say("pictureLost"));
    return;
  }
  for (const file of files) {
    // A form has a few lines around the file.
    if (file.size > Number(composer().dataset.mostBytes) - 4096) {
      refused(say("pictureTooLarge"));
      continue;
    }
    const [added] = await between(() => ask(composer().dataset.attachUrl, fieldsOf(file)));
    if (!added) continue;
    announce(say("pictureAdded"));
    added.querySelector("textarea")?.focus();
  }
}

async function takeOut(button) {
  await between(() => ask(button.dataset.url, fieldsOf(null)));
  (place()?.querySelector("textarea") ?? document.getElementById("text"))?.focus();
}

const pictures = (transfer) => [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));

/** Take pictures in the composer, whichever one is on the page. */
export function startPictures() {
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-act]");
    if (pressed?.dataset.act === "attach") document.getElementById("picture").click();
    if (pressed?.dataset.act === "take-out") takeOut(pressed);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id !== "picture") return;
    add([...event.target.files]);
    event.target.value = "";
  });
  document.addEventListener("paste", (event) => {
    const found = pictures(event.clipboardData);
    // Office programs put a picture of the words beside the words.
    if (!found.length || event.clipboardData.types.includes("text/plain") || !event.target.closest?.("#reply")) return;
    event.preventDefault();
    add(found);
  });
  document.addEventListener("dragover", (event) => {
    const box = event.target.closest?.("#composer");
    if (!box || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    box.dataset.over = "";
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget?.closest?.("#composer")) composer()?.removeAttribute("data-over");
  });
  document.addEventListener("drop", (event) => {
    if (!event.target.closest?.("#composer") || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    composer().removeAttribute("data-over");
    add([...event.dataTransfer.files]);
  });
}
