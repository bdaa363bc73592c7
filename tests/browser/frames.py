"""Scenes that were rendered before, laid out in one page for every reach and shape of picture, and measured there."""

from __future__ import annotations

import calendar
import mimetypes
import re
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Browser, Page, Route

from commandcenter.scenes import Frame

STATIC = Path(__file__).parents[2] / "static"
ADDRESS = "http://localhost/"
REACHES = ("near", "room", "far", "street")
SHAPES = {"landscape": (3840, 2160), "portrait": (2160, 3840), "wide": (3840, 1080)}

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Frames</title>
<link rel="stylesheet" href="/static/css/tokens.css"><link rel="stylesheet" href="/static/css/base.css">
<link rel="stylesheet" href="/static/css/wall.css"><link rel="stylesheet" href="/static/css/scenes.css">
</head><body class="wall"><div class="stage"><div class="slot"></div></div></body></html>"""

# What a calendar may put in the place of another word, so that no frame is narrower for the day it is read on.
DAYS, MONTHS = tuple(map(tuple, (calendar.day_name, calendar.month_name[1:])))
WIDEST = (
    (re.compile(rf"\b(?:{'|'.join(DAYS)})\b"), "Wednesday"),
    (re.compile(rf"\b(?:{'|'.join(day[:3] for day in DAYS)})\b"), "Wed"),
    (re.compile(rf"\b(?:{'|'.join(MONTHS)}) \d{{1,2}}\b"), "September 30"),
)

# What a screen says of itself, each as long as it may be, and the state of the scene that it is said in.
SAID = {
    "live": "Updated 10 s ago",
    "stale": "Data from 23:59:59",
    "counting": "Still counting. Complete until 23:59",
    "reconnecting": "Reconnecting. Showing 23:59",
}

# Puts a frame into the panel, as wall.js does, with what a screen says of itself.
SHOW = """([html, look, reach, width, height, state, said]) => {
  Object.assign(document.documentElement.dataset, { look, reach });
  const stage = document.querySelector(".stage"), slot = document.querySelector(".slot");
  Object.assign(stage.style, { width: `${width}px`, height: `${height}px`, containerType: "size" });
  if (slot.shown !== html) slot.innerHTML = slot.shown = html;
  const kept = name => slot.querySelector(`[data-keep=${name}]`);
  slot.querySelector(".scene").dataset.state = state;
  if (!kept("clock")) return;
  kept("freshness").dataset.state = state;
  kept("freshness").innerHTML = (state === "live" ? "" : '<svg class="mark"></svg>') + `<span>${said}</span>`;
  kept("clock").innerHTML = "<span>23:59</span> <span class=city>San Francisco</span>";
}"""

# Every box with words in it as far as nothing cuts it off, and what is wrong with it. A box is the block that holds the
# words, widened by what leaves it.
MEASURE = r"""([html, look, reach, width, height]) => {
  const slot = document.querySelector(".slot"), boxes = new Map(), found = [];
  const across = width * .049, down = height * .049;
  const unit = width / height > 1.2 ? Math.min(width / 192, height / 108) : Math.min(width / 108, height / 192);
  const least = { near: 2.8, room: 4.4, far: 7, street: 9.5 }[reach] * unit;
  const luminance = colour => {
    const [r, g, b] = colour.map(value => (value /= 255) <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const rgb = text => text.match(/[\d.]+/g).map(Number);
  const behind = element => {
    for (let up = element; up; up = up.parentElement) {
      const colour = rgb(getComputedStyle(up).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour.slice(0, 3);
    }
    return [0, 0, 0];
  };
  const block = element => {
    while (["inline", "inline-block"].includes(getComputedStyle(element).display)) element = element.parentElement;
    return element;
  };
  const clip = ({ left, right, top, bottom }, element) => {
    let box = { left, right, top, bottom };
    for (let up = element; up && up !== slot; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      const edge = up.getBoundingClientRect();
      box = {
        left: Math.max(box.left, edge.left), right: Math.min(box.right, edge.right),
        top: Math.max(box.top, edge.top), bottom: Math.min(box.bottom, edge.bottom),
      };
    }
    return box;
  };
  const walker = document.createTreeWalker(slot, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, words = node.data.trim(), parent = node.parentElement;
    if (!words || parent.closest(".vh")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const whole = range.getBoundingClientRect();
    if (!whole.width) continue;
    const style = getComputedStyle(parent), short = words.slice(0, 40), size = parseFloat(style.fontSize);
    if (size < least - .1) found.push(`small ${short} ${(size / unit).toFixed(2)}u`);
    const [a, b] = [luminance(rgb(style.color)), luminance(behind(parent))];
    if ((Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 7) found.push(`pale ${short}`);
    const holder = block(parent), shown = clip(whole, parent);
    const isCut = shown.right < whole.right - 1 || shown.left > whole.left + 1;
    if (isCut && /^[\d.,%+\u2212:]+$/.test(words)) found.push(`cut ${short}`);
    const lines = [...range.getClientRects()];
    if (lines.some(line => {
      const part = clip(line, parent), high = part.bottom - part.top;
      return high > .12 * line.height && high < .7 * line.height;
    })) found.push(`halved ${short}`);
    if (shown.right - shown.left < 2 || shown.bottom - shown.top < 2) {
      found.push(`hidden ${short}`);
      continue;
    }
    const own = clip(holder.getBoundingClientRect(), holder), spare = .16 * lines[0].height;
    const known = boxes.get(holder) ?? { words: "", ...own };
    const flat = own.bottom - own.top < 2;
    boxes.set(holder, {
      words: (known.words + " " + short).trim().slice(0, 40),
      left: Math.min(known.left, shown.left), right: Math.max(known.right, shown.right),
      top: flat ? shown.top + spare : Math.min(known.top, shown.top + spare),
      bottom: flat ? shown.bottom - spare : Math.max(known.bottom, shown.bottom - spare),
    });
  }
  const all = [...boxes];
  for (const [holder, box] of all) {
    if (box.right > width - across || box.left < across || box.bottom > height - down || box.top < down)
      found.push(`outside ${box.words} [${[box.left, box.top, box.right, box.bottom].map(Math.round)}]`);
  }
  all.forEach(([one, a], place) => {
    for (const [other, b] of all.slice(place + 1)) {
      if (one.contains(other) || other.contains(one)) continue;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && high > 1) found.push(`over ${a.words} | ${b.words} ${Math.round(wide)}x${Math.round(high)}`);
    }
  });
  return found;
}"""


# All that is wrong with a frame, a list for each (reach, width, height): asked one by one, the asking took longest.
EACH = f"""([html, look, sizes, state, said]) => {{
  const show = {SHOW}, measure = {MEASURE};
  return sizes.map(size => {{
    show([html, look, ...size, state, said]);
    return measure([html, look, ...size]);
  }});
}}"""


def open_page(browser: Browser) -> Page:
    """A page with our styles and nothing in it."""
    page = browser.new_page(viewport={"width": 3840, "height": 3840})
    page.route("**/*", _answer)
    page.goto(ADDRESS)
    page.evaluate("document.fonts.load('16px Inter')")
    return page


def _answer(route: Route) -> None:
    path = route.request.url.removeprefix(ADDRESS)
    if not path:
        return route.fulfill(body=PAGE, content_type="text/html")
    file = STATIC / path.removeprefix("static/").partition("?")[0]
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return route.fulfill(body=file.read_bytes(), content_type=kind) if file.is_file() else route.abort()


def faults(page: Page, frames: Iterable[tuple[str, str, Frame]], state: str = "live") -> list[str]:
    """What is wrong with frames of (name, profile), in every reach and shape."""
    ways = [(reach, shape) for reach in REACHES for shape in SHAPES]
    found = []
    for name, profile, frame in frames:
        html = frame.html
        for known, widest in WIDEST:
            html = known.sub(widest, html)
        look = "glass" if profile == "street" else "wall"
        sizes = [[reach, *SHAPES[shape]] for reach, shape in ways]
        for (reach, shape), wrong in zip(
            ways, page.evaluate(EACH, [html, look, sizes, state, SAID[state]]), strict=True
        ):
            found += [f"{name} {profile} {reach} {shape}: {fault}" for fault in wrong]
    return found
