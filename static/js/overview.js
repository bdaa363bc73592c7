// Why: the overview is live. It asks for itself again by the clock, but never under the hands of somebody who is choosing,
// and says so when the server does not answer: figures that silently stopped are worse than none.

const EVERY_MS = 10000;

const room = () => document.getElementById("room");

/** Whether somebody is just giving work to another. */
function choosing() {
  return Boolean(document.activeElement?.closest("#room form"));
}

function lookAgain() {
  if (!document.hidden && !choosing()) window.htmx.trigger(room(), "refresh");
}

function unanswered(event) {
  if (event.detail.elt === room()) document.getElementById("room-late").hidden = false;
}

for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.body.addEventListener(name, unanswered);
document.addEventListener("visibilitychange", lookAgain);
setInterval(lookAgain, EVERY_MS);
