"""A query in each network's own language. What a network cannot say is left out of the question, never of the answer.

A translation asks for at least what the query asks for: whatever the network cannot express is widened, and what comes
back is narrowed here by `matching`. A network without alternatives is asked several questions instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from mentions.listening.query import And, From, Handle, Lang, Near, Node, Not, On, Or, Tag, Words

MOST_QUESTIONS: Final = 5
_MOST_WAYS: Final = 200
_RESERVED: Final = frozenset({"and", "or", "not", "near"})


@dataclass(frozen=True, slots=True)
class Translation:
    """What to ask a network: `texts` are its questions, of which together nothing is missing.

    There are none where nothing on this network can fit (`exact`), or where so little of the query can be said that
    it would have to be asked for everything. `exact` says that nothing was widened, `why` in sentences what was.
    """

    texts: tuple[str, ...]
    exact: bool
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grammar:
    """What one network's search understands; an empty pattern means that it cannot be said.

    `either` stands between alternatives, `without` before what is left out. `parts` says that words are found inside
    of longer ones. `longest` bounds a question, in characters.
    """

    longest: int
    either: str = ""
    without: str = ""
    groups: bool = False
    phrases: bool = True
    parts: bool = False
    tag: str = ""
    handle: str = ""
    author: str = ""
    lang: str = ""


GRAMMARS: Final[Mapping[str, Grammar]] = {
    "x": Grammar(512, " OR ", "-", groups=True, tag="#{}", handle="@{}", author="from:{}", lang="lang:{}"),
    "reddit": Grammar(512, " OR ", "-", groups=True, author="author:{}"),
    "youtube": Grammar(300, "|", "-"),
    "bluesky": Grammar(300, tag="#{}", handle="mentions:{}", author="from:{}", lang="lang:{}"),
    "mastodon": Grammar(400, without="-", tag="#{}", author="from:{}", lang="language:{}"),
    "threads": Grammar(200, phrases=False),
    "townsquare": Grammar(200, parts=True, tag="#{}", handle="@{}", author="from:{}"),
}
# A network that searches and is not described here is asked for plain words.
PLAIN: Final = Grammar(200, phrases=False)


@dataclass(frozen=True, slots=True)
class _Said:
    """One thing that the network can be asked for; `alone` if that makes a question by itself."""

    text: str
    alone: bool = True


@dataclass(frozen=True, slots=True)
class _All:
    parts: tuple[_Tree, ...]


@dataclass(frozen=True, slots=True)
class _Any:
    parts: tuple[_Tree, ...]


_Tree = _Said | _All | _Any | bool  # True: everything fits; False: nothing does


def translate(query: Node, network: str) -> Translation:
    """The questions that bring at least everything that fits on this network."""
    grammar = GRAMMARS.get(network, PLAIN)
    widened: dict[str, None] = {}
    tree = _wide(query, network, grammar, widened)
    if tree is False:
        return Translation((), True, (_("Nothing on this network can fit: the query is for others."),))
    texts = _questions(tree, grammar, widened)
    if not texts:
        return Translation((), False, (*widened, _("It cannot be asked here without asking for everything.")))
    return Translation(texts, not widened, tuple(widened))


def _wide(node: Node, network: str, grammar: Grammar, why: dict[str, None]) -> _Tree:
    match node:
        case And(parts):
            return _all([_wide(part, network, grammar, why) for part in parts])
        case Or(parts):
            return _any([_wide(part, network, grammar, why) for part in parts])
        case Near(left, right, _apart):
            why[_("how near words stand to each other is looked at here")] = None
            return _all([_wide(side, network, grammar, why) for side in (left, right)])
        case Not(part):
            return _refusal(part, network, grammar, why)
        case On(networks):
            return network in networks
        case Words():
            return _worded(node, grammar, why)
        case Tag(_name, written):
            return _pattern(grammar.tag, [written]) or _plainly(written, _("it knows no hashtags"), why)
        case Handle(name):
            return _pattern(grammar.handle, [name]) or _plainly(name, _("it is not asked for whom a post names"), why)
        case From(handles):
            return _pattern(grammar.author, handles) or _unsaid(_("who wrote it is looked at here"), why)
        case Lang(codes):
            found = _pattern(grammar.lang, codes, alone=False)
            return found or _unsaid(_("languages are told apart here"), why)


def _worded(term: Words, grammar: Grammar, why: dict[str, None]) -> _Tree:
    if grammar.parts:
        why[_("it finds words inside of longer ones")] = None
        return _Said(_quoted(" ".join(term.words)))
    if term.begins:
        why[_("it does not look for how words begin")] = None
        before = term.words[:-1]
        return _worded(Words(before, " ".join(before)), grammar, why) if before else True
    if len(term.words) == 1:
        return _Said(_quoted(term.written) if term.written.lower() in _RESERVED else _bare(term))
    if grammar.phrases:
        return _Said(_quoted(term.written))
    why[_("it does not look for words that stand beside each other")] = None
    return _all([_Said(word) for word in term.words])


def _refusal(part: Node, network: str, grammar: Grammar, why: dict[str, None]) -> _Tree:
    """A refusal may only be passed on if it is of exactly what is meant; whatever wider one would lose posts."""
    match part:
        case Not(inner):
            return _wide(inner, network, grammar, why)
        case Or(parts):
            return _all([_refusal(each, network, grammar, why) for each in parts])
        case And(parts):
            return _any([_refusal(each, network, grammar, why) for each in parts])
    widened: dict[str, None] = {}
    tree = _wide(part, network, grammar, widened)
    if not widened and isinstance(tree, bool):
        return not tree
    refused = tree.parts if isinstance(tree, _Any) else (tree,)
    told = [f"{grammar.without}{each.text}" for each in refused if isinstance(each, _Said)]
    if widened or not grammar.without or len(told) < len(refused):
        return _unsaid(_("what is left out is left out here"), why)
    return _all([_Said(text, alone=False) for text in told])


def _pattern(pattern: str, values: Iterable[str], *, alone: bool = True) -> _Tree | None:
    return _any([_Said(pattern.format(value), alone) for value in values]) if pattern else None


def _plainly(word: str, reason: str, why: dict[str, None]) -> _Tree:
    why[reason] = None
    return _Said(word)


def _unsaid(reason: str, why: dict[str, None]) -> _Tree:
    why[reason] = None
    return True


def _all(parts: Sequence[_Tree]) -> _Tree:
    if any(part is False for part in parts):
        return False
    left = tuple(part for part in parts if part is not True)
    return True if not left else left[0] if len(left) == 1 else _All(left)


def _any(parts: Sequence[_Tree]) -> _Tree:
    if any(part is True for part in parts):
        return True
    left = tuple(part for part in parts if part is not False)
    return False if not left else left[0] if len(left) == 1 else _Any(left)


def _questions(tree: _Tree, grammar: Grammar, why: dict[str, None]) -> tuple[str, ...]:
    """The tree as questions, none if it cannot be asked with a few."""
    if isinstance(tree, bool):
        return ()
    if grammar.groups and _asks(tree):
        whole = _written(tree, grammar, outermost=True)
        if len(whole) <= grammar.longest:
            return (whole,)
    ways = _ways(tree)
    for fewer in (False, True):
        texts = _packed(ways, grammar, why, fewer=fewer)
        if texts is not None and len(texts) <= MOST_QUESTIONS:
            return texts
    return ()


def _packed(
    ways: Sequence[tuple[_Said, ...]], grammar: Grammar, why: dict[str, None], *, fewer: bool
) -> tuple[str, ...] | None:
    """One question a way to fit, joined where the network can; with `fewer` each way is one word."""
    told: dict[str, bool] = {}
    often = Counter(said for way in ways for said in way)
    for way in ways:
        asked = [said for said in way if said.alone]
        if not asked:
            return None
        kept = (
            [max(asked, key=lambda said: (often[said], len(said.text)))]
            if fewer
            else [*asked, *(s for s in way if not s.alone)]
        )
        while len(" ".join(said.text for said in kept)) > grammar.longest:
            kept.pop()
        if not kept:
            return None
        if len(kept) < len(way):
            why[_("it takes only short questions")] = None
        told[" ".join(said.text for said in kept)] = len(kept) == 1
    joined: list[str] = []
    # Those of one word first: only they can be joined where there are no parentheses.
    for text, single in sorted(told.items(), key=lambda each: not each[1]):
        if not grammar.either or not (single or grammar.groups):
            joined.append(text)
            continue
        piece = text if single else f"({text})"
        both = f"{joined[-1]}{grammar.either}{piece}" if joined else piece
        if joined and len(both) <= grammar.longest:
            joined[-1] = both
        else:
            joined.append(piece)
    return tuple(joined)


def _ways(tree: _Tree) -> list[tuple[_Said, ...]]:
    """All combinations that fit, each as what has to be there; the longest list is cut into a wider one."""
    match tree:
        case _Said():
            return [(tree,)]
        case _Any(parts):
            return [way for part in parts for way in _ways(part)]
        case _All(parts):
            ways: list[tuple[_Said, ...]] = [()]
            for part in sorted(parts, key=lambda each: isinstance(each, _Any)):
                more = _ways(part)
                if len(ways) * len(more) > _MOST_WAYS and _asks_each(ways):
                    continue
                ways = [(*way, *other) for way in ways for other in more]
            return ways
        case _:
            return [()]


def _asks_each(ways: Sequence[tuple[_Said, ...]]) -> bool:
    return all(any(said.alone for said in way) for way in ways)


def _asks(tree: _Tree) -> bool:
    match tree:
        case _Said():
            return tree.alone
        case _All(parts):
            return any(_asks(part) for part in parts)
        case _Any(parts):
            return all(_asks(part) for part in parts)
        case _:
            return False


def _written(tree: _Tree, grammar: Grammar, *, outermost: bool = False) -> str:
    match tree:
        case _Said(text):
            return text
        case _All(parts):
            inner = " ".join(_written(part, grammar) for part in parts)
        case _Any(parts):
            inner = grammar.either.join(_written(part, grammar) for part in parts)
        case _:
            return ""
    return inner if outermost else f"({inner})"


def _bare(term: Words) -> str:
    """A word without what stands around it; quoted where a sign within would be read as something else."""
    written = term.written
    return written if written.isalnum() else _quoted(written) if any(c.isalnum() for c in written) else term.words[0]


def _quoted(text: str) -> str:
    return f'"{text}"'
