"""The language of saved searches: read by hand into a small tree, with errors that point at the place.

    words, "phrases", decl* (the rest of a word), @handles, #hashtags
    AND (also by writing words side by side), OR, NOT or - before a term, parentheses
    NEAR/4 between two words or phrases: at most four words stand between them, in either order
    lang:es  network:reddit  from:somebody  (each may hold several, with commas)

NEAR binds most, then NOT, then AND, then OR. Operators are written in capitals, so that "or" is a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from mentions.words import folded

LONGEST: Final = 2000
MOST_TERMS: Final = 150
DEEPEST: Final = 20
MOST_APART: Final = 50
SHORTEST_BEGINNING: Final = 3


class BadQuery(ValueError):
    """A query that cannot be understood: a sentence for a person, and from where to where in the query it is."""

    def __init__(self, reason: str, start: int, end: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class Words:
    """One word, or several that stand beside each other; compared as `mentions.words` folds them.

    With `begins`, the last one is only how a word begins.
    """

    words: tuple[str, ...]
    written: str
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Handle:
    """Somebody named in the text, in small letters and without the @."""

    name: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A hashtag in the text, folded and without the #; `written` as the query has it."""

    name: str
    written: str


@dataclass(frozen=True, slots=True)
class Near:
    """Two terms with at most `apart` words between them, whichever comes first."""

    left: Words
    right: Words
    apart: int


@dataclass(frozen=True, slots=True)
class Lang:
    """The language of the post is one of these codes."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class On:
    """The post stands on one of these networks."""

    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class From:
    """One of these accounts wrote it, in small letters and without the @."""

    handles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Whatever its part is not."""

    part: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of its parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of its parts."""

    parts: tuple[Node, ...]


Node = Words | Handle | Tag | Near | Lang | On | From | Not | And | Or


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


_TOKENS: Final = re.compile(
    r"""\s*(?:
      (?P<open>\() | (?P<close>\))
    | (?P<phrase>-?["“”„«»][^"“”„«»]*["“”„«»]\*?)
    | (?P<quote>-?["“”„«»])
    | (?P<minus>-(?=\())
    | (?P<term>[^\s()"“”„«»]+)
    )""",
    re.VERBOSE,
)
_NEAR: Final = re.compile(r"NEAR(?:/(\d{1,6}))?")
_QUOTES: Final = '"“”„«»'
_HANDLE: Final = re.compile(r"[\w.-]+(?:@[\w.-]+)?")
_FIELDS: Final = ("lang", "network", "from")


def parse(query: str) -> Node:
    """The tree of a query. Raises `BadQuery`."""
    if len(query) > LONGEST:
        raise BadQuery(_("A search has at most 2,000 characters."), LONGEST, len(query))
    tokens = list(_tokens(query))
    if not tokens:
        raise BadQuery(_("There is nothing to look for."), 0, len(query))
    reader = _Reader(tokens, len(query))
    node = reader.any_of(0)
    reader.end()
    if not _asks(node):
        raise BadQuery(
            _("It only says what to leave out or narrows by language, network or author. Add a word to look for."),
            0,
            len(query),
        )
    return node


def _tokens(query: str) -> Iterator[_Token]:
    at = 0
    for number in range(len(query) + 1):
        found = _TOKENS.match(query, at)
        if found is None or found.lastgroup is None:
            return
        if number >= MOST_TERMS * 2:
            raise BadQuery(_("That is too much for one search; make two of it."), at, len(query))
        kind = found.lastgroup
        start, at = found.start(kind), found.end()
        if kind == "quote":
            raise BadQuery(_("This quotation mark has no partner."), start, len(query))
        yield _Token(kind, found[kind], start, at)


class _Reader:
    """Goes through the tokens once; each method reads what binds as tightly as its name says."""

    def __init__(self, tokens: list[_Token], length: int) -> None:
        self.tokens = tokens
        self.length = length
        self.at = 0

    def any_of(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self._bad(_("There are too many parentheses in each other."))
        parts = [self._all_of(depth)]
        while self._takes("OR"):
            parts.append(self._all_of(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def end(self) -> None:
        if (token := self._next()) is not None:
            raise BadQuery(_("This parenthesis closes nothing."), token.start, token.end)

    def _all_of(self, depth: int) -> Node:
        parts = [self._unless(depth)]
        while True:
            token = self._next()
            if token is None or token.kind == "close" or token.text == "OR":
                return parts[0] if len(parts) == 1 else And(tuple(parts))
            self._takes("AND")
            parts.append(self._unless(depth))

    def _unless(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self._bad(_("There are too many refusals in each other."))
        token = self._next()
        if token is not None and (token.text == "NOT" or token.kind == "minus"):
            self.at += 1
            return Not(self._unless(depth + 1))
        if token is not None and token.kind in ("term", "phrase") and token.text[0] == "-" and len(token.text) > 1:
            self.tokens[self.at] = _Token(token.kind, token.text[1:], token.start + 1, token.end)
            return Not(self._near(depth))
        return self._near(depth)

    def _near(self, depth: int) -> Node:
        left = self._one(depth)
        first = self.tokens[self.at - 1]
        token = self._next()
        found = _NEAR.fullmatch(token.text) if token is not None and token.kind == "term" else None
        if token is None or found is None:
            return left
        self.at += 1
        apart = int(found[1] or 5)
        if apart > MOST_APART:
            raise BadQuery(_("NEAR looks at most 50 words far."), token.start, token.end)
        right = self._one(depth)
        if not isinstance(left, Words):
            raise BadQuery(_("NEAR stands between two words or phrases."), first.start, first.end)
        last = self.tokens[self.at - 1]
        if not isinstance(right, Words):
            raise BadQuery(_("NEAR stands between two words or phrases."), last.start, last.end)
        return Near(left, right, apart)

    def _one(self, depth: int) -> Node:
        token = self._next()
        if token is None:
            raise BadQuery(_("Something is missing at the end."), max(0, self.length - 1), self.length)
        if token.text in ("AND", "OR") or _NEAR.fullmatch(token.text):
            raise BadQuery(
                _("%(word)s stands between two terms; one of them is missing.") % {"word": token.text},
                token.start,
                token.end,
            )
        self.at += 1
        if token.kind == "close":
            raise BadQuery(_("There is nothing before this parenthesis."), token.start, token.end)
        if token.kind == "open":
            inner = self.any_of(depth + 1)
            if (closing := self._next()) is None or closing.kind != "close":
                raise BadQuery(_("This parenthesis is not closed."), token.start, token.end)
            self.at += 1
            return inner
        return _phrase(token) if token.kind == "phrase" else _term(token)

    def _next(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _takes(self, word: str) -> bool:
        token = self._next()
        if token is None or token.kind != "term" or token.text != word:
            return False
        self.at += 1
        return True

    def _bad(self, reason: str) -> BadQuery:
        token = self._next() or self.tokens[-1]
        return BadQuery(reason, token.start, token.end)


def _phrase(token: _Token) -> Node:
    return _words(token, token.text.strip("*").strip(_QUOTES), token.text.endswith("*"))


def _term(token: _Token) -> Node:
    text = token.text
    if text == "-":
        raise BadQuery(_("The minus stands directly before the term that it leaves out."), token.start, token.end)
    name, colon, value = text.partition(":")
    if colon and name in _FIELDS:
        return _field(token, name, value)
    if colon and name.isalpha() and name.islower() and value and not value.startswith("//"):
        raise BadQuery(
            _("There is no “%(name)s:”: choose from lang:, network: and from:, or put it in quotation marks.")
            % {"name": name},
            token.start,
            token.end,
        )
    if text[0] in "@＠":
        if not _HANDLE.fullmatch(text[1:]):
            raise BadQuery(_("A handle follows the @ directly."), token.start, token.end)
        return Handle(text[1:].lower())
    if text[0] in "#＃":
        tag = "".join(folded(text[1:]))
        if not tag or text.endswith("*"):
            raise BadQuery(_("A hashtag is whole: letters or digits follow the #."), token.start, token.end)
        return Tag(tag, text[1:])
    return _words(token, text.removesuffix("*"), text.endswith("*"))


def _words(token: _Token, text: str, begins: bool) -> Words:
    words = tuple(folded(text))
    if not words:
        raise BadQuery(_("Here is no letter or digit to look for."), token.start, token.end)
    if "*" in text:
        raise BadQuery(_("The asterisk stands at the end of a word."), token.start, token.end)
    if begins and len(words[-1]) < SHORTEST_BEGINNING:
        raise BadQuery(_("Write at least three letters before the asterisk."), token.start, token.end)
    return Words(words, text, begins)


def _field(token: _Token, name: str, value: str) -> Node:
    values = tuple(part.strip().lower() for part in value.split(",") if part.strip())
    if not values:
        raise BadQuery(_("Something follows the colon directly, such as lang:es."), token.start, token.end)
    match name:
        case "lang":
            if wrong := next((code for code in values if not re.fullmatch(r"[a-z]{2,3}", code)), None):
                raise BadQuery(
                    _("“%(value)s” is no language: write its code, such as es.") % {"value": wrong},
                    token.start,
                    token.end,
                )
            return Lang(values)
        case "network":
            if wrong := next((key for key in values if not re.fullmatch(r"[a-z0-9_-]{1,32}", key)), None):
                raise BadQuery(_("“%(value)s” is no network.") % {"value": wrong}, token.start, token.end)
            return On(values)
        case _:
            handles = tuple(handle.removeprefix("@") for handle in values)
            if wrong := next((handle for handle in handles if not _HANDLE.fullmatch(handle)), None):
                raise BadQuery(_("“%(value)s” is no handle.") % {"value": wrong}, token.start, token.end)
            return From(handles)


def _asks(node: Node) -> bool:
    """Whether whatever fits holds something that was asked for, so that networks can be asked at all."""
    match node:
        case And(parts):
            return any(_asks(part) for part in parts)
        case Or(parts):
            return all(_asks(part) for part in parts)
        case Not() | Lang() | On():
            return False
        case _:
            return True
