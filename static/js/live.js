// Why: a screen that silently stopped is the oldest complaint about screens. One small client that knows when it last
// heard the server, says so, and comes back by itself: after a restart, a lost network, a laptop that slept.
//
// Frames are JSON with a `type`: hello and beat carry the position and the server's time, changed and scene the news,
// reload a new release. What was missed is asked for by position (`after`). Only screens say anything here: `prove`
// asks a screen who it is, and its answer goes back on the very socket that asked.

const SIGNED_OUT = [4401, 4403];

/**
 * Connect and stay connected. `onFrame` gets every frame but reload, and a function that answers it; `onState` one of connecting, live, stale,
 * reconnecting, signed-out. `release` is what the page is of, which a server of another may have served; without it, the
 * first server's. Answers {stop, send, state}.
 */
export function live(address, { onFrame, onState, release = null, staleMs = 15000, deadMs = 60000, longestWaitMs = 30000 } = {}) {
  let socket = null;
  let tries = 0;
  let timer = null;
  let seq = null;
  let heard = Date.now();
  let stopped = false;
  let state = "";

  function enter(next) {
    if (next === state) return;
    state = next;
    document.documentElement.dataset.link = next;
    onState?.(next);
  }

  function reload() {
    stopped = true;
    // Every screen of the house hears this at once; they must not all ask at once.
    setTimeout(reloadWhenAnswered, Math.random() * 10000);
  }

  // A page that is loaded again while nobody answers is an error page for ever.
  async function reloadWhenAnswered() {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.ok) return location.reload();
    } catch {
      // the server is away: it will come back
    }
    setTimeout(reloadWhenAnswered, 2000 + Math.random() * 5000);
  }

  function take(message, mine) {
    heard = Date.now();
    if (message.type !== "prove") {
      tries = 0;
      enter("live");
    }
    if (message.seq !== undefined) seq = message.seq;
    if (message.type === "hello") {
      if (release !== null && message.release !== release) return reload();
      release = message.release ?? release;
    }
    if (message.type === "reload") return reload();
    onFrame?.(message, (answer) => say(mine, answer));
  }

  function say(to, message) {
    if (to.readyState === WebSocket.OPEN) to.send(JSON.stringify(message));
  }

  function open() {
    clearTimeout(timer);
    const url = new URL(address, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    if (seq !== null) url.searchParams.set("after", seq);
    const mine = new WebSocket(url);
    socket = mine;
    mine.onmessage = (event) => {
      if (mine === socket) take(JSON.parse(event.data), mine);
    };
    mine.onclose = (event) => {
      if (stopped || mine !== socket) return;
      if (SIGNED_OUT.includes(event.code)) {
        stopped = true;
        return enter("signed-out");
      }
      enter("reconnecting");
      timer = setTimeout(open, 250 + Math.random() * Math.min(longestWaitMs, 1000 * 2 ** tries));
      tries += 1;
    };
  }

  function wake() {
    if (!stopped && socket.readyState > WebSocket.OPEN) {
      tries = 0;
      open();
    }
  }

  const watch = setInterval(() => {
    if (stopped) return;
    const silence = Date.now() - heard;
    if (state === "live" && silence > staleMs) enter("stale");
    if (silence > deadMs && socket.readyState <= WebSocket.OPEN) {
      // Deaf but not closed, or never answered: the network may not tell us for many minutes.
      const deaf = socket;
      heard = Date.now();
      enter("reconnecting");
      open();
      deaf.close(4000, "deaf");
    }
  }, 1000);

  addEventListener("online", wake);
  document.addEventListener("visibilitychange", () => document.hidden || wake());
  enter("connecting");
  open();

  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      clearInterval(watch);
      socket.close();
    },
    send(message) {
      say(socket, message);
    },
    get state() {
      return state;
    },
  };
}
