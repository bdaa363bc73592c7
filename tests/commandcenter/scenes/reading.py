"""Scenes as a screen reader meets them: their figures by name, and their words in the order of reading."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from commandcenter import scenes
from commandcenter.models import Profile

_VOID = frozenset({"rect", "path", "use", "br", "link", "meta", "img", "input"})


class Reader(HTMLParser):
    """The words of a scene and of each of its figures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.figures: dict[str, str] = {}
        self.posts: list[str] = []
        self._words = ""
        self._open: list[tuple[str | None, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if "data-post" in named:
            self.posts.append("")
        if tag not in _VOID:
            name = named.get("aria-label") if named.get("role") == "figure" else None
            self._open.append((name, "data-post" in named))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._words += data
        for name, is_post in self._open:
            if name is not None:
                self.figures[name] = self.figures.get(name, "") + data
            if is_post:
                self.posts[-1] += data

    @property
    def words(self) -> str:
        """Everything, with single spaces."""
        return squeezed(self._words)

    def figure(self, name: str) -> str:
        """The words of one figure."""
        return squeezed(self.figures[name])


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def show(key: str, profile: Profile = Profile.INTERNAL, language: str = "en") -> Reader:
    """A scene as it is now."""
    return Reader(scenes.render(key, profile, language).html)
