// Why: what just happened is shown at the edge of the screen and said once to those who listen. A live region that
// speaks more than every few seconds, or a toast that takes the focus, would drown the work itself.

const EVERY = 5000;
const LONGEST = 120;
const waiting = [];
let spokeAt = 0;
let timer = null;

/** Say a sentence in the region `Updates`: at most one every five seconds, those in between together. */
export function announce(text) {
  if (!text || waiting.includes(text)) return;
  waiting.push(text);
  if (timer === null) timer = setTimeout(speak, Math.max(0, spokeAt + EVERY - Date.now()));
}

function speak() {
  timer = null;
  spokeAt = Date.now();
  const said = waiting.splice(0).join(" ");
  const region = document.getElementById("updates");
  if (region) region.textContent = said.length > LONGEST ? `${said.slice(0, LONGEST - 1)}…` : said;
}

/** Interrupt: for a failed send or a lost connection only. */
export function alarm(text) {
  const region = document.getElementById("alarm");
  if (region && region.textContent !== text) region.textContent = text;
}

/**
 * Show a toast in place of the last one of its level. `undo` is an address to POST to, `retry` a function; errors stay
 * until they are dismissed, and what can be undone stays its full time whatever follows it.
 */
export function toast({ text, level = "success", undo = "", retry = null }) {
  const template = document.getElementById("toast");
  const list = document.getElementById("toasts");
  if (!template || !list || !text) return;
  for (const old of list.querySelectorAll(`.toast[data-level="${level}"]`)) {
    if (!old.querySelector("form, [data-act=undo]:not([hidden])")) old.remove();
  }
  const item = template.content.firstElementChild.cloneNode(true);
  item.dataset.level = level;
  item.querySelector("p").textContent = text;
  const undoButton = item.querySelector("[data-act=undo]");
  undoButton.hidden = !undo;
  undoButton.dataset.url = undo;
  const retryButton = item.querySelector("[data-act=retry]");
  retryButton.hidden = !retry;
  if (retry) {
    retryButton.addEventListener("click", () => {
      item.remove();
      retry();
    });
  }
  list.append(item);
  if (level === "error") alarm(text);
  else announce(text);
  if (level !== "error") setTimeout(() => leave(item), undo ? 10000 : 4000);
}

function leave(item) {
  if (item.matches(":hover, :focus-within")) setTimeout(() => leave(item), 2000);
  else item.remove();
}

/** Let the toasts that came with the page be heard, and go. */
export function startToasts() {
  for (const item of document.querySelectorAll("#toasts .toast")) {
    announce(item.querySelector("p").textContent.trim());
    if (item.dataset.level !== "error") setTimeout(() => leave(item), item.querySelector("form") ? 10000 : 4000);
  }
  document.getElementById("toasts")?.addEventListener("click", (event) => {
    if (event.target.closest("[data-act=dismiss]")) event.target.closest(".toast").remove();
  });
}
