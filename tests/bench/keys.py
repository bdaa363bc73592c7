"""An agent's keys in Chromium against the running product: how many a triaged post takes, and from key to paint.

A post is triaged by `N`, which claims and opens the next one, and `1`, which says that it needs no reply. The time
runs, in the page, from the key event to the first frame that shows what the key did: the conversation that opened,
or its new state.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.bench.queue_page import _sign_in
from tests.bench.stand import figure, percentile
from tests.chromium import BROWSERS, QUIET

STAND = "product"
WAITING = 120
TRIAGED = 100
WARM = 5
NEXT, NO_REPLY_NEEDED = "n", "1"

_WATCH = """
window.painted = [];
addEventListener("keydown", (event) => {
  const shown = () => {
    const pane = document.querySelector("#pane");
    return pane ? `${pane.dataset.id} ${pane.dataset.state}` : "";
  };
  const before = shown();
  const watch = new MutationObserver(() => {
    if (shown() === before) return;
    watch.disconnect();
    requestAnimationFrame(() => {
      const frame = new MessageChannel();
      frame.port1.onmessage = () => window.painted.push(performance.now() - event.timeStamp);
      frame.port2.postMessage(null);
    });
  });
  watch.observe(document.body, { subtree: true, childList: true, attributes: true });
}, { capture: true });
"""


def run(product: Any) -> Iterator[dict[str, Any]]:
    from mentions import intake
    from mentions.models import Conversation
    from tests.factories import PASSWORD, make_person, make_queue, make_rule, make_source, post

    make_rule(make_queue(), actionable="true", reason="needs an answer")
    source = make_source("bench")
    make_person("reader")
    intake.receive(source, [post(author=f"writer{number}") for number in range(WAITING)])
    name, _, value = _sign_in(product.url, "reader", PASSWORD).partition("=")
    browsers = filter(None, map(shutil.which, BROWSERS))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=next(browsers), args=QUIET)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": product.url}])
        page = context.new_page()
        page.add_init_script(_WATCH)
        page.goto(f"{product.url}console/view/care/")
        page.wait_for_selector('html[data-link="live"]')
        taken = _triage(page)
        browser.close()
    closed = Conversation.objects.filter(state="closed").count()
    pressed = len(taken) / closed
    late = taken[2 * WARM :]
    yield figure("keys.per_post", pressed, "keys", most=3, aim=2, triaged=closed)
    yield figure("keys.paint.p50", percentile(late, 0.5), "ms")
    yield figure("keys.paint.p95", percentile(late, 0.95), "ms", most=100, aim=60)


def _triage(page: Page) -> list[float]:
    """Milliseconds from key to paint of every key pressed."""
    for count in range(2 * (TRIAGED + WARM)):
        page.keyboard.press(NO_REPLY_NEEDED if count % 2 else NEXT)
        page.wait_for_function("count => window.painted.length > count", arg=count)
    return [float(taken) for taken in page.evaluate("window.painted")]
