// Why: a television has no keyboard. It shows a code until somebody who sees it has typed it, and renews the code by
// itself for as long as nobody does.

import { able, alone, hasKey, newKey, takeStep } from "./device.js";

const ASK_MS = 3000;
const AGAIN_MS = 10000;

const words = document.getElementById("pairing-words").dataset;
const token = document.querySelector('meta[name="csrf-token"]').content;
const part = name => document.querySelector(`[data-part="${name}"]`);
let ends = 0;
let whole = 1;

async function post(path, body = {}) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(body),
    cache: "no-store",
  });
  return answer.json();
}

function say(text) {
  if (part("state").textContent !== text) part("state").textContent = text;
}

function show(code, qr, seconds, of) {
  const groups = [code.slice(0, 4), code.slice(4)];
  part("code").replaceChildren(...groups.map(group => Object.assign(document.createElement("span"), { textContent: group })));
  part("code").setAttribute("aria-label", [...code].join(" "));
  if (part("qr").getAttribute("src") !== qr) part("qr").src = qr;
  document.documentElement.dataset.code = "shown";
  ends = Date.now() + seconds * 1000;
  whole = of;
  say(words.waiting);
}

async function newCode() {
  const asked = await post(words.ask, { key: await newKey() });
  if (asked.code) return show(asked.code, asked.qr, asked.seconds, asked.of);
  delete document.documentElement.dataset.code;
  say(asked.reason ?? words.away);
  return new Promise(resolve => setTimeout(resolve, AGAIN_MS));
}

async function step(first) {
  const found = await post(words.collect);
  if (found.state === "paired") {
    await takeStep(found.token);
    say(words.paired);
    location.replace(words.wall);
    return;
  }
  if (found.state === "waiting" && (!first || (await hasKey()))) show(found.code, found.qr, found.seconds, found.of);
  else if (found.state === "refused") {
    delete document.documentElement.dataset.code;
    say(words.refused);
    await new Promise(resolve => setTimeout(resolve, AGAIN_MS));
    await newCode();
  } else await newCode();
  setTimeout(run, ASK_MS);
}

async function run(first = false) {
  try {
    await step(first);
  } catch {
    say(words.away);
    setTimeout(run, AGAIN_MS);
  }
}

function countdown() {
  const left = Math.max(0, (ends - Date.now()) / 1000 / whole);
  part("left").setAttribute("stroke-dasharray", `${left * 100} 100`);
}

setInterval(countdown, 1000);
if (able()) alone(() => run(true), () => say(words.elsewhere));
else say(words.unable);
