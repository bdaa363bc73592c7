// Why: a wall shows the newest scene as the server rendered it, and how old it is, for months without a hand on it. It
// never looks live when it is not: the age is counted from the time at which the database was read.

import { now, setClock } from "./clock.js";
import { live } from "./live.js";

const LIVE_S = 15;
const STALE_S = 60;
const LOST_S = 600;

const root = document.documentElement;
const words = document.getElementById("wall-words").dataset;
const zone = words.zone;
let gone = false; // the old figures have been taken out of the page
let link = "connecting";

const timeOf = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minuteOf = format({ hour: "2-digit", minute: "2-digit" });

function format(parts) {
  const shape = new Intl.DateTimeFormat(root.lang, { ...parts, hourCycle: "h23", timeZone: zone });
  return time => shape.format(time);
}

const scene = () => document.getElementById("scene");
const part = name => scene().querySelector(`[data-keep="${name}"]`);

function show(frame) {
  const fresh = new DOMParser().parseFromString(frame.html, "text/html").getElementById("scene");
  if (!fresh || Date.parse(frame.as_of) < Date.parse(scene().dataset.asOf)) return;
  const before = figures(scene());
  for (const kept of scene().querySelectorAll("[data-keep]")) {
    fresh.querySelector(`[data-keep="${kept.dataset.keep}"]`)?.replaceWith(kept);
  }
  const state = scene().dataset.state;
  scene().replaceWith(fresh);
  fresh.dataset.state = state;
  gone = false;
  for (const [name, element] of figures(fresh)) {
    if (before.has(name) && before.get(name).textContent !== element.textContent) element.classList.add("changed");
  }
  tick();
}

function figures(within) {
  return new Map([...within.querySelectorAll("[data-figure]")].map(element => [element.dataset.figure, element]));
}

// What the screen says of itself, from the age of what it shows.
function judge(age) {
  if (link === "signed-out") return "blank";
  if (age > LOST_S) return "lost";
  if (link === "reconnecting" || age > STALE_S) return "reconnecting";
  return age > LIVE_S ? "stale" : "live";
}

function tick() {
  const time = now();
  const asOf = Date.parse(scene().dataset.asOf);
  const age = Math.max(0, (time - asOf) / 1000);
  const state = judge(age);
  scene().dataset.state = state;
  if ((state === "lost" || state === "blank") && !gone) clear(state, asOf);
  write(part("freshness"), state, sentence(state, age, asOf));
  say(part("clock"), `${minuteOf(time)} ${words.city}`);
}

function sentence(state, age, asOf) {
  if (state === "live") {
    const steps = Math.floor(age / 5) * 5;
    return steps ? words.liveWords.replace("{n}", steps) : words.nowWords;
  }
  const time = state === "stale" ? timeOf(asOf) : minuteOf(asOf);
  return { stale: words.staleWords, reconnecting: words.reconnectingWords }[state]?.replace("{time}", time) ?? "";
}

function write(element, state, text) {
  if (element.dataset.state === state && element.dataset.text === text) return;
  element.dataset.state = state;
  element.dataset.text = text;
  const label = Object.assign(document.createElement("span"), { textContent: text });
  const shape = document.getElementById("shapes").content.firstElementChild.cloneNode(true);
  element.replaceChildren(...(state === "stale" ? [shape, label] : [label]));
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Old figures leave the page altogether, so that no photograph of the room shows them as if they were true.
function clear(state, asOf) {
  gone = true;
  const slate = document.getElementById("lost").content.cloneNode(true);
  const text = state === "blank" ? words.signedOutWords : words.lostWords.replace("{time}", minuteOf(asOf));
  slate.querySelector('[data-part="words"]').textContent = text;
  const strip = scene().querySelector(".strip");
  strip.replaceChildren(...strip.querySelectorAll(".instruments"));
  part("freshness").replaceChildren();
  scene().replaceChildren(slate, strip);
}

live(root.dataset.socket, {
  onFrame(frame) {
    if (frame.at) setClock(frame.at);
    if (frame.type === "scene") show(frame);
  },
  onState(state) {
    link = state;
    tick();
  },
});
setInterval(tick, 1000);
