// Why: a list is rendered once for everybody and kept, so the ages and due times in it must be counted in the browser;
// by the server's clock, since a desk's own may be minutes off.

const WORDS_MS = 60000; // for so long a word counts; where all of a minute are further back, the clock was set

const words = document.getElementById("words")?.dataset ?? {};
const heard = []; // [when, how far ahead of our own steady clock, which nobody sets], the furthest first

setClock(document.documentElement.dataset.now);

/** The server's time now, in milliseconds; our own until it was told. */
export function now() {
  return heard.length ? performance.now() + heard[0][1] : Date.now();
}

/** Take the server's time from its word, which may come late and never early: of a minute's the furthest ahead is right. */
export function setClock(iso) {
  const at = Date.parse(iso ?? "");
  if (Number.isNaN(at)) return;
  const here = performance.now();
  const said = at - here;
  while (heard.length && heard.at(-1)[1] <= said) heard.pop();
  heard.push([here, said]);
  while (here - heard[0][0] > WORDS_MS || heard[0][1] - said > WORDS_MS) heard.shift();
}

/** A translated sentence from the page, with {n} and its like filled in. */
export function say(key, values = {}) {
  return (words[key] ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** A span of time in the largest unit that still tells something: 40 s, 12 min, 3 h, 2 d. */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return say("seconds", { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return say("minutes", { n: minutes });
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? say("hours", { n: hours }) : say("days", { n: Math.floor(hours / 24) });
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tickAge(element) {
  const age = now() - Date.parse(element.dateTime);
  set(element, age < 60000 ? say("now") : span(age));
}

function tickDue(chip) {
  const due = Date.parse(chip.dataset.due);
  const left = due - now();
  const state = left <= 0 ? "late" : now() >= Date.parse(chip.dataset.risk) ? "risk" : "ok";
  if (chip.dataset.state !== state) {
    chip.dataset.state = state;
    const use = chip.querySelector("use");
    use?.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#shape-${state}`);
  }
  set(chip.lastElementChild, left <= 0 ? say("late", { n: span(-left) }) : say("left", { n: span(left) }));
}

function tickUntil(element) {
  const left = Date.parse(element.dataset.until) - now();
  set(element, left > 0 ? say("sending", { n: span(left + 999) }) : say("sendingNow"));
  if (left <= 0) element.closest("li")?.querySelector("[aria-keyshortcuts~=Z]")?.closest("form")?.setAttribute("hidden", "");
}

function tickLease(element) {
  const left = Date.parse(element.dataset.leaseUntil) - now();
  element.parentElement.hidden = left > 120000;
  set(element, span(left));
}

/** Say every age, due time and countdown below `root` as it is now. */
export function tick(root = document) {
  root.querySelectorAll("time[data-age]").forEach(tickAge);
  root.querySelectorAll("[data-due]").forEach(tickDue);
  root.querySelectorAll("[data-until]").forEach(tickUntil);
  root.querySelectorAll("[data-lease-until]").forEach(tickLease);
}

/** Keep the whole page true: countdowns every second, the rest every fifteen. */
export function startTicking() {
  tick();
  let second = 0;
  setInterval(() => {
    second += 1;
    if (document.hidden) return;
    if (second % 15 === 0) return tick();
    document.querySelectorAll("[data-until]").forEach(tickUntil);
    for (const chip of document.querySelectorAll("[data-due]")) {
      if (Math.abs(Date.parse(chip.dataset.due) - now()) < 61000) tickDue(chip);
    }
  }, 1000);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
}
