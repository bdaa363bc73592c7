"""A screen that nobody touches for a day: every second of its own clock, on a server that comes and goes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.test_screens import bank, connect, web, windows

__all__ = ["bank", "web", "windows"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]

MINUTE, HOUR = 60, 3600
BEGINS = datetime(2026, 3, 7, 9, 0, 20, tzinfo=UTC)  # the night after it has 23 hours in the zone of the screen
QUIET = (18 * HOUR, 22 * HOUR)
BACK_S = (
    62  # after which a screen has been back for a while: it waits for half a minute at most, and a deaf one for one
)
LIVE = ("live", True, True)
# Seconds since the morning in which the server is away; the one that is deaf keeps its sockets open.
AWAY = {
    "blink": (1 * HOUR, 1 * HOUR + 8),
    "refused": (2 * HOUR, 2 * HOUR + 4 * MINUTE),
    "deaf": (4 * HOUR, 4 * HOUR + 3 * MINUTE),
    "lost": (6 * HOUR, 6 * HOUR + 25 * MINUTE),
    "night": (19 * HOUR, 19 * HOUR + 12 * MINUTE),
}

# A server inside the page, driven by the page's clock, which says what ours says; and what is seen meanwhile.
SERVER = """([begins, html, plan, away, quiet]) => {
  const OPEN = 1, CLOSED = 3, sockets = new Set();
  const server = window.server = { release: null, seen: [], reports: 0, sockets };
  const since = () => (Date.now() - begins) / 1000;
  const during = ([from, to]) => since() >= from && since() < to;
  const deaf = () => during(away.deaf);
  const gone = () => Object.values(away).some(during);
  const at = () => new Date(Date.now()).toISOString();
  const say = message => sockets.forEach(one => one.take({ at: at(), seq: Math.round(since()), ...message }));
  const scene = () => {
    const fresh = html.replace(/data-as-of="[^"]*"/, `data-as-of="${at()}"`);
    return { type: "scene", scene: "pulse", html: fresh, as_of: at() };
  };
  const plans = () => during(quiet)
    ? { ...plan, type: "plan", kind: "quiet", scenes: [],
        cover: '<main class="scene cover cover-quiet" data-kind="quiet" data-state="live"><h1>Bank</h1>'
          + '<footer class="strip"><p data-keep="freshness"></p><p data-keep="clock"></p></footer></main>' }
    : { ...plan, type: "plan" };
  window.WebSocket = class {
    static OPEN = OPEN;
    readyState = 0;
    constructor() {
      setTimeout(() => {
        if (gone()) return deaf() || this.close(1006);
        this.readyState = OPEN;
        sockets.add(this);
        const release = server.release ?? document.documentElement.dataset.release;
        this.take({ type: "hello", at: at(), seq: 0, release });
        this.take(plans());
        if (!during(quiet)) this.take(scene());
      }, 20);
    }
    take(message) { this.onmessage?.({ data: JSON.stringify(message) }); }
    send() { server.reports += 1; }
    close(code) {
      this.readyState = CLOSED;
      sockets.delete(this);
      this.onclose?.({ code });
    }
  };
  let wasQuiet = false;
  setInterval(() => {
    if (gone()) return deaf() || sockets.forEach(one => one.close(1006));
    const time = Math.floor(since());
    if (wasQuiet !== during(quiet)) say(plans()), wasQuiet = during(quiet);
    if (time % 5 === 0) say({ type: "beat" });
    if (time % 10 === 0 && !during(quiet)) say(scene());
  }, 1000);
  setInterval(() => {
    const main = document.querySelector("main"), part = name => main.querySelector(`[data-keep=${name}]`)?.textContent;
    server.seen.push({
      since: Math.round(since()), state: main.dataset.state, kind: main.dataset.kind ?? "",
      posts: main.textContent.includes("what a customer wrote"), figures: main.querySelectorAll("[data-figure]").length,
      words: part("freshness"), clock: part("clock"), nodes: document.querySelectorAll("*").length,
    });
  }, 15000);
}"""


def test_a_screen_left_alone_for_a_day_says_at_every_moment_how_old_it_is(windows, web, bank):
    television = windows()
    plans: list[str] = []
    television.on("websocket", lambda one: one.on("framereceived", lambda text: plans.append(str(text))))
    connect(television, web, fixed="pulse")
    expect(television.get_by_role("main", name="Pulse")).to_be_visible(timeout=10_000)
    html = television.locator("main").evaluate("element => element.outerHTML")
    html = html.replace('<footer class="strip">', '<p data-post="1">what a customer wrote</p><footer class="strip">')
    plan = json.loads(next(text for text in plans if '"plan"' in text[:20]))
    television.clock.install(time=BEGINS)
    about = json.dumps([BEGINS.timestamp() * 1000, html, plan, AWAY, QUIET])
    television.add_init_script(f"({SERVER})({about})")
    television.reload()
    for _hour in range(24):
        television.clock.run_for(HOUR * 1000)
    seen = television.evaluate("server.seen")
    assert seen[-1]["since"] > 23.9 * HOUR

    for one in seen:
        told = (one["state"], one["posts"], one["figures"] > 0)
        if one["since"] > MINUTE:
            assert told in expected(one["since"]), (timedelta(seconds=one["since"]), one)
        local = (BEGINS + timedelta(seconds=one["since"])).astimezone(ZoneInfo(plan["zone"]))
        assert one["clock"].startswith((f"{local:%H:%M}", f"{local - timedelta(seconds=2):%H:%M}")), one
        assert one["words"] or told[0] in ("lost", "blank"), one
    hours = {int(one["clock"][:2]) for one in seen}
    assert hours == set(range(24)) - {2}, "the hour that the night of daylight saving leaves out"
    calm = [one["nodes"] for one in seen if told_of(one) == ("live", True, True)]
    assert max(calm) == min(calm), "nothing is left lying about"

    television.evaluate("server.release = 'second'; for (const one of [...server.sockets]) one.close(1012)")
    with television.expect_navigation(timeout=15_000):
        television.clock.run_for(MINUTE * 1000)
    television.clock.run_for(5000)
    expect(television.locator("main")).to_have_attribute("data-state", "live")


def told_of(one: dict[str, Any]) -> tuple[str, bool, bool]:
    return one["state"], one["posts"], one["figures"] > 0


def expected(since: float) -> list[tuple[str, bool, bool]]:
    """What may be seen at this second: the state, whether a post is there, whether figures are."""
    if QUIET[0] <= since < QUIET[1] + BACK_S:
        cover = [("live", False, False)]
        if AWAY["night"][0] <= since < AWAY["night"][1] + BACK_S:
            cover.append(("reconnecting", False, False))
        return cover + ([LIVE] if since >= QUIET[1] else [])
    for begin, end in AWAY.values():
        if begin <= since < end + BACK_S:
            return _away(since - begin) + ([LIVE] if since >= end else [])
    return [LIVE]


def _away(age: float) -> list[tuple[str, bool, bool]]:
    """After so many seconds without contact: each change may be seen a round of the server's later or earlier."""
    found = []
    if age < 75:
        found += [LIVE, ("stale", True, True), ("reconnecting", True, True)]
    if 45 < age < 615:
        found.append(("reconnecting", False, True))
    if age > 585:
        found.append(("lost", False, False))
    return found
