/* A socket that is never given up: found dead within seconds, made again with patience, resumed where it was.
   Own code because a page must know the age of what it shows, which no extension tells it.

   live("/ws/console/", {after, onFrame(frame), onState(state)}) with states connecting, live, stale, reconnecting
   and signed-out. `onFrame` gets every frame but beats; a frame's `seq` is where a new connection resumes. */

const STALE_MS = 15000;
const DEAD_MS = 25000;
const LONGEST_MS = 30000;
const NOT_SIGNED_IN = 4401;
const NOT_ALLOWED = 4403;

export function live(path, { after = null, onFrame = () => {}, onState = () => {} } = {}) {
  const clock = serverClock();
  let socket, again, cursor = after, tries = 0, heard = 0, state = "", over = false;

  function become(next) {
    if (next === state) return;
    state = next;
    document.documentElement.dataset.link = next;
    onState(next);
  }

  function connect() {
    clearTimeout(again);
    const address = new URL(path, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    if (cursor !== null) address.searchParams.set("after", cursor);
    const mine = socket = new WebSocket(address);
    mine.onmessage = event => { if (mine === socket) take(JSON.parse(event.data)); };
    mine.onclose = event => { if (mine === socket) lost(event.code); };
    mine.onerror = () => mine.close();
  }

  function take(frame) {
    heard = performance.now();
    tries = 0;
    if (frame.seq !== undefined) cursor = frame.seq;
    if (frame.at) clock.set(frame.at);
    become("live");
    if (frame.type === "reload" || (frame.type === "hello" && outdated(frame.release))) {
      over = true;
      setTimeout(() => location.reload(), Math.random() * 10000);
    }
    if (frame.type !== "beat") onFrame(frame);
  }

  function lost(code) {
    if (over) return;
    if (code === NOT_SIGNED_IN || code === NOT_ALLOWED) {
      over = true;
      become("signed-out");
      return;
    }
    become("reconnecting");
    again = setTimeout(connect, 250 + Math.random() * Math.min(LONGEST_MS, 1000 * 2 ** tries++));
  }

  function atOnce() {
    if (over || (socket && socket.readyState <= WebSocket.OPEN)) return;
    tries = 0;
    connect();
  }

  setInterval(() => {
    const silent = performance.now() - heard;
    if (state === "live" && silent > STALE_MS) become("stale");
    if (!heard || over || silent < DEAD_MS || socket.readyState > WebSocket.OPEN) return;
    const deaf = socket;
    heard = performance.now();
    lost(0); // a browser may take minutes to notice that the other end is gone, so it is not waited for
    socket = null;
    deaf.close();
  }, 1000);
  addEventListener("online", atOnce);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) atOnce(); });

  become("connecting");
  connect();
  return { clock, stop() { over = true; clearTimeout(again); socket?.close(); } };
}

function outdated(release) {
  const mine = document.documentElement.dataset.release;
  return Boolean(release && mine && release !== mine);
}

/* The server's time: the clocks of television sets are often wrong, and may be set while we look. */
function serverClock() {
  let base = Date.parse(document.documentElement.dataset.now) || Date.now();
  let since = performance.now();
  return {
    set(iso) {
      base = Date.parse(iso);
      since = performance.now();
    },
    now: () => base + performance.now() - since,
  };
}
