// Why: who decides for another must have read exactly this. So nothing moves under their eyes: what somebody else decided
// meanwhile says so where it stands and keeps its keys, so that none of them falls on the next one; what is new waits
// behind a counter.

import { fragment, whenBack } from "./asking.js";
import { say, tick } from "./clock.js";
import { announce } from "./toasts.js";

const EVERY = 10000;
// A decision that was refused is answered at its own address, which nobody can look at.
const asked = document.getElementById("asked");

const cards = (root = document) => [...root.querySelectorAll(".asked-one")];
let told = 0;

function settle(card) {
  if (card.hasAttribute("data-gone")) return;
  card.setAttribute("data-gone", "");
  const words = document.createElement("p");
  words.className = "asked-gone";
  words.textContent = say("decided");
  card.prepend(words);
  announce(words.textContent);
}

async function look() {
  if (document.hidden) return;
  const page = await fragment(asked.dataset.url).catch(() => null);
  if (!page?.getElementById("asked")) return;
  const now = new Set(cards(page).map((card) => card.id));
  for (const card of cards()) if (!now.has(card.id)) settle(card);
  const known = new Set(cards().map((card) => card.id));
  const fresh = [...now].filter((id) => !known.has(id)).length;
  const button = document.getElementById("asked-news");
  button.hidden = fresh === 0;
  button.querySelector("span").textContent = say("askedNew", { n: fresh });
  if (fresh > told) announce(say("askedNew", { n: fresh }));
  told = fresh;
}

// What is new comes below what is there, where somebody may have half written why not.
async function showNew() {
  const page = await fragment(asked.dataset.url).catch(() => null);
  const list = asked.querySelector("ol.asked");
  const known = new Set(cards().map((card) => card.id));
  const fresh = page ? cards(page).filter((card) => !known.has(card.id)) : [];
  if (!list || !fresh.length) return location.assign(asked.dataset.url);
  for (const card of fresh) card.removeAttribute("data-current");
  list.append(...fresh.map((card) => document.adoptNode(card)));
  tick(list);
  document.getElementById("asked-news").hidden = true;
  told = 0;
  fresh[0].querySelector("a, button")?.focus();
}

document.getElementById("asked-news").addEventListener("click", showNew);
setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
whenBack(look);
