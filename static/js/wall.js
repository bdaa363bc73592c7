// Why: a wall shows the newest scene as the server rendered it, and how old it is, for months without a hand on it. It
// never looks live when it is not: the age is counted from the time at which the database was read.

import { now, setClock } from "./clock.js";
import { alone, proof, takeStep } from "./device.js";
import { live } from "./live.js";

const LIVE_S = 15;
const STALE_S = 60;
const LOST_S = 600;
const SAY_MS = 10000;
const AHEAD_MS = 1000;
const BAD = ["counting", "stale", "reconnecting", "lost"]; // what a panel may say of itself, from bad to worse

const root = document.documentElement;
const stage = document.getElementById("stage");
const words = document.getElementById("wall-words").dataset;
const isScreen = root.dataset.device === "screen";
let link = "connecting";
let plan = null; // what the server wants shown; a preview has none
let told = null; // the last thing said of ourselves
let heardAt = 0; // the server's time of its last word
let timeOf, minuteOf;

function setZone(zone) {
  const shape = (parts) => {
    const format = new Intl.DateTimeFormat(root.lang, { ...parts, hourCycle: "h23", timeZone: zone });
    return time => format.format(time);
  };
  timeOf = shape({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  minuteOf = shape({ hour: "2-digit", minute: "2-digit" });
}

// --- Panels: a screen has one, a video wall as many as it has displays -------------------------------------------

class Panel {
  constructor(element) {
    this.element = element;
    this.gone = false; // the old figures have been taken out of the page
    this.postsGone = false;
  }

  get scene() {
    return this.element.querySelector(".scene");
  }

  get isCover() {
    return this.scene.classList.contains("cover");
  }

  // The time of its data: when the database was read, or before what is still being counted.
  get asOf() {
    if (this.isCover) return heardAt;
    const { asOf, complete } = this.scene.dataset;
    return Math.min(Date.parse(asOf), Date.parse(complete ?? asOf));
  }

  part(name) {
    return this.scene.querySelector(`[data-keep="${name}"]`);
  }

  /** Put a rendered scene or cover in the place of what is shown. */
  fill(html, number) {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".scene");
    if (!fresh) return;
    const old = this.scene;
    const before = figures(old);
    const same = old.dataset.scene && old.dataset.scene === fresh.dataset.scene;
    for (const kept of old.querySelectorAll("[data-keep]")) {
      fresh.querySelector(`[data-keep="${kept.dataset.keep}"]`)?.replaceWith(kept);
    }
    if (number > 0) fresh.id = `scene-${number}`;
    if (same) fresh.dataset.state = old.dataset.state;
    else fresh.classList.add("enters");
    old.replaceWith(fresh);
    this.gone = this.postsGone = false;
    if (!same) return;
    for (const [name, element] of figures(fresh)) {
      if (before.has(name) && before.get(name).textContent !== element.textContent) element.classList.add("changed");
    }
  }

  // An older frame comes late and is left, unless what is shown is of a time that has not come: a clock was put back.
  take(frame, number) {
    const shown = this.scene.dataset;
    const shownAt = Date.parse(shown.asOf);
    if (shown.scene === frame.scene && Date.parse(frame.as_of) < shownAt && shownAt <= now() + AHEAD_MS) return;
    this.fill(frame.html, number);
  }

  tick(time) {
    const readAt = this.isCover ? heardAt : Date.parse(this.scene.dataset.asOf);
    const age = (time - readAt) / 1000;
    const asOf = this.asOf;
    const state = this.judge(age, (time - asOf) / 1000, time);
    this.scene.dataset.state = state;
    if ((state === "lost" || (state === "blank" && !this.isCover)) && !this.gone) this.clear(state, asOf);
    if (!this.isCover && age > STALE_S && !this.postsGone) this.hidePosts();
    if (this.part("freshness")) write(this.part("freshness"), state, sentence(state, age, asOf));
    if (this.part("clock")) tell(this.part("clock"), minuteOf(time), words.city);
  }

  // What the panel says of itself, from the ages of its reading and of what it shows.
  judge(age, dataAge, time) {
    if (link === "signed-out" || this.scene.dataset.kind === "blank") return "blank";
    if (this.isCover) {
      if (this.gone || this.isOver(age, time)) return "lost";
      return link === "reconnecting" || age > STALE_S ? "reconnecting" : "live";
    }
    if (age > LOST_S) return "lost";
    if (link === "reconnecting" || age > STALE_S) return "reconnecting";
    if (Math.abs(age) > LIVE_S) return "stale"; // of a time that has not come it is no younger
    return dataAge > LIVE_S ? "counting" : "live";
  }

  // A message has an end, which a server that is there tells; and where there is none, nobody can take it back.
  isOver(age, time) {
    return Boolean(plan?.until) && (age > LOST_S || (age > LIVE_S && time > Date.parse(plan.until)));
  }

  // Old figures leave the page altogether, so that no photograph of the room shows them as if they were true.
  clear(state, asOf) {
    this.gone = true;
    const slate = document.getElementById("lost").content.cloneNode(true);
    const text = state === "blank" ? words.signedOutWords : words.lostWords.replace("{time}", minuteOf(asOf));
    slate.querySelector('[data-part="words"]').textContent = text;
    const strip = this.scene.querySelector(".strip");
    strip.replaceChildren(...strip.querySelectorAll(".instruments"));
    this.part("freshness").replaceChildren();
    this.scene.replaceChildren(slate, strip);
    if (!this.isCover) return;
    this.scene.className = "scene cover";
    this.scene.removeAttribute("aria-label");
    this.scene.dataset.kind = "lost";
  }

  // A post may have been deleted since: whoever has lost contact cannot know.
  hidePosts() {
    this.postsGone = true;
    for (const post of this.scene.querySelectorAll("[data-post]")) {
      const note = Object.assign(document.createElement("p"), { className: "post-hidden", textContent: words.postHidden });
      post.replaceChildren(note);
      post.dataset.post = "hidden";
    }
  }
}

let panels = [...stage.querySelectorAll(".slot")].map(element => new Panel(element));

function connecting() {
  return document.getElementById("connecting").innerHTML;
}

function arrange(count) {
  if (panels.length === count) return;
  while (panels.length > count) panels.pop().element.remove();
  while (panels.length < count) {
    const element = Object.assign(document.createElement("div"), { className: "slot" });
    stage.append(element);
    const cover = new DOMParser().parseFromString(connecting(), "text/html").querySelector(".scene");
    cover.id = `scene-${panels.length}`;
    element.append(cover);
    panels.push(new Panel(element));
  }
}

function figures(within) {
  return new Map([...within.querySelectorAll("[data-figure]")].map(element => [element.dataset.figure, element]));
}

// --- What the server wants -----------------------------------------------------------------------------------------

function direct(next) {
  const stranger = plan !== null && plan.profile !== next.profile;
  plan = next;
  root.dataset.look = next.profile === "street" ? "glass" : "wall";
  root.dataset.reach = next.reach;
  root.style.setProperty("--scale", next.scale);
  stage.dataset.cols = next.cols;
  stage.dataset.rows = next.rows;
  words.city = next.city;
  setZone(next.zone);
  arrange(next.cols * next.rows);
  panels.forEach((panel, number) => {
    if (next.cover) panel.fill(next.cover, number);
    else if (stranger) panel.fill(connecting(), number);
  });
  name(next.name, Date.parse(next.name_until));
  tick();
  acknowledge();
}

function show(frame) {
  panels.forEach((panel, number) => {
    const wanted = plan === null ? panel.scene.dataset.scene : plan.cover ? "" : plan.scenes[number];
    if (frame.scene === wanted) panel.take(frame, number);
  });
  tick();
  acknowledge();
}

function name(text, until) {
  document.querySelector(".nameplate")?.remove();
  if (!text) return;
  const plate = Object.assign(document.createElement("p"), { className: "nameplate", textContent: text });
  document.body.append(plate);
  setTimeout(() => plate.remove(), until - now());
}

// --- What this screen says of itself ---------------------------------------------------------------------------------

function isPainted() {
  return plan.cover
    ? panels.every(panel => panel.isCover && panel.scene.dataset.kind === plan.kind)
    : panels.every((panel, number) => panel.scene.dataset.scene === plan.scenes[number]);
}

// After two frames of the browser it has been painted, and only then is it shown.
function acknowledge() {
  if (plan === null || !isPainted()) return;
  const seen = plan;
  requestAnimationFrame(() => requestAnimationFrame(() => seen === plan && isPainted() && report()));
}

// A video wall is as well as the panel that is worst off.
function worst(states) {
  return states.reduce((one, other) => (BAD.indexOf(other) > BAD.indexOf(one) ? other : one));
}

function report(again = false) {
  if (plan === null || link !== "live") return;
  const painted = isPainted();
  const about = {
    n: painted ? plan.n : 0,
    kind: plan.kind,
    scenes: panels.map(panel => panel.scene.dataset.scene ?? ""),
    state: worst(panels.map(panel => panel.scene.dataset.state ?? "")),
    release: root.dataset.release,
  };
  const text = JSON.stringify(about);
  if (text === told && !again) return;
  told = text;
  connection.send({ type: "showing", ...about });
}

// --- The clock -----------------------------------------------------------------------------------------------------

function tick() {
  const time = now();
  for (const panel of panels) panel.tick(time);
}

function sentence(state, age, asOf) {
  if (state === "live") {
    const steps = Math.floor(age / 5) * 5;
    return steps > 0 ? words.liveWords.replace("{n}", steps) : words.nowWords;
  }
  const time = state === "stale" ? timeOf(asOf) : minuteOf(asOf);
  const said = { stale: words.staleWords, counting: words.countingWords, reconnecting: words.reconnectingWords };
  return said[state]?.replace("{time}", time) ?? "";
}

function write(element, state, text) {
  if (element.dataset.state === state && element.dataset.text === text) return;
  element.dataset.state = state;
  element.dataset.text = text;
  const label = Object.assign(document.createElement("span"), { textContent: text });
  const shape = document.getElementById("shapes").content.querySelector(`[data-state="${state}"]`);
  element.replaceChildren(...(shape ? [shape.cloneNode(true)] : []), label);
}

function tell(clock, time, city) {
  if (!clock.firstElementChild) {
    clock.append(document.createElement("span"), " ", Object.assign(document.createElement("span"), { className: "city" }));
  }
  say(clock.firstElementChild, time);
  say(clock.lastElementChild, city);
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// --- The road ------------------------------------------------------------------------------------------------------

let connection = null;

async function onFrame(frame, answer) {
  if (frame.at) {
    setClock(frame.at);
    heardAt = Date.parse(frame.at);
  }
  if (frame.type === "scene") show(frame);
  else if (frame.type === "plan") direct(frame);
  else if (frame.type === "prove") answer(await proof(frame.challenge));
  else if (frame.type === "there") answer({ type: "here" });
  else if (frame.type === "step") {
    await takeStep(frame.token);
    answer({ type: "took" });
  }
}

function onState(state) {
  link = state;
  if (isScreen && state === "signed-out") return leave();
  told = null;
  tick();
}

// No screen of ours any more: nothing of what it showed stays, and it asks to be paired again.
function leave() {
  panels.forEach((panel, number) => panel.fill(connecting(), number));
  tick();
  setTimeout(() => location.replace(words.again), 3000);
}

function start() {
  connection = live(root.dataset.socket, { onFrame, onState, release: root.dataset.release });
}

setZone(words.zone);
if (isScreen) {
  setInterval(() => connection && report(true), SAY_MS);
  alone(start, () => say(document.querySelector('[data-part="words"]'), words.elsewhere));
} else start();
setInterval(tick, 1000);
