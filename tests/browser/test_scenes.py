"""Every scene in a real browser with the worst it may have to show: inside its box, large enough, and still."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from commandcenter import scenes
from tests.browser.test_wall import Screen
from tests.commandcenter.scenes.worst import furnish
from tests.web import Web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]

OURS = ("brief", "campaign", "map", "notice", "pulse", "river", "share", "shift", "system", "tone", "topics")
SHAPES = [(3840, 2160), (1920, 1080)]

# What a viewer sees of each text: cut by whatever clips it, and named if it leaves the safe area or covers another.
SEEN = """() => {
  const seen = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const clipped = node => {
    for (let up = node.parentElement; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.overflowX !== "visible" && !up.matches(".slot, .wall, body, html")) return up;
    }
    return null;
  };
  while (walker.nextNode()) {
    const node = walker.currentNode, text = node.data.trim(), parent = node.parentElement;
    if (!text || parent.closest(".vh, template")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    let lines = [...range.getClientRects()].filter(line => line.width > 0);
    const box = clipped(node)?.getBoundingClientRect();
    if (box) lines = lines.map(line => ({
      left: Math.max(line.left, box.left), right: Math.min(line.right, box.right),
      top: Math.max(line.top, box.top), bottom: Math.min(line.bottom, box.bottom), height: line.height,
    })).filter(line => line.right > line.left && line.bottom - line.top > 1);
    if (!lines.length) continue;
    const across = innerWidth * .049, down = innerHeight * .049;
    seen.push({
      px: parseFloat(getComputedStyle(parent).fontSize), text: text.slice(0, 40), lines,
      cut: Boolean(box) && /^[\\d.,%+\\u2212]+$/.test(text) && range.getBoundingClientRect().right > box.right + 1,
      out: lines.some(line => line.right > innerWidth - across || line.left < across
        || line.bottom > innerHeight - down || line.top < down),
    });
  }
  const covers = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > .3 * Math.min(a.height, b.height);
  const touching = (a, b) => a.lines.some(one => b.lines.some(other => covers(one, other)));
  return {
    least: Math.min(...seen.map(word => word.px)),
    out: seen.filter(word => word.out).map(word => word.text),
    cut: seen.filter(word => word.cut).map(word => word.text),
    over: seen.flatMap((a, i) => seen.slice(i + 1).filter(b => touching(a, b)).map(b => [a.text, b.text])),
  };
}"""


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[Web]:
    running = Web().start()
    yield running
    running.stop()


def faults(page: Any, profile: str) -> list[str]:
    """Everything wrong with every scene of this profile, at both sizes of a screen that is near."""
    found = []
    for key in OURS:
        page.goto(page.url.split("/wall/")[0] + f"/wall/{key}/?profile={profile}")
        expect(page.locator("[data-keep=clock]")).not_to_be_empty()
        for width, height in SHAPES:
            page.set_viewport_size({"width": width, "height": height})
            unit = min(width / 192, height / 108)
            seen = page.evaluate(SEEN)
            where = f"{key} {profile} {width}x{height}"
            found += [f"{where}: {kind} {seen[kind]}" for kind in ("out", "cut", "over") if seen[kind]]
            if seen["least"] < 2.8 * unit - 0.1:
                found.append(f"{where}: {seen['least']} px")
    return found


@pytest.fixture
def screen(chromium: Any, web: Web) -> Iterator[Any]:
    made = Screen(chromium, web)
    yield made
    made.context.close()


def test_no_word_leaves_its_box_whatever_is_shown(screen):
    furnish()
    page = screen.open("/wall/notice/")
    assert faults(page, "internal") + faults(page, "street") == []
    assert screen.faults == []


def test_every_scene_is_looked_at_here():
    assert set(scenes.known()) >= set(OURS)
