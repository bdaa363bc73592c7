"""Words that more people use than usual: an hour's words counted by their authors, beside the same hours of weeks ago.

A sample of each hour's public posts is read, the newest first, and what is kept of it is one row: each word with how
many different people used it. A word of fewer than three people is not kept at all, nor are handles, addresses,
numbers and the small words of a language. As the samples differ in size, shares are compared.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from django.db import connection
from django.utils import timezone

from commandcenter import periods, usual
from commandcenter.models import TermHour
from commandcenter.populations import NOT_A_RIVAL
from mentions import rulebook, words

SAMPLE: Final = 2000
FEWEST_PEOPLE: Final = 3
MOST_KEPT: Final = 300
KEPT: Final = timedelta(days=36)
Said = tuple[int, dict[str, set[int]]]  # how many posts were read, and who used each word in them
_SHORTEST, _LONGEST = 4, 24
_ASIDE: Final = re.compile(r"https?://\S+|www\.\S+|[@#][\w.:-]+|\S+@\S+|\S*[\d*]\S*|\S*['\u2019]\S*")
# Words that carry a sentence and no subject, as `mentions.words` folds them; those under four letters never count.
_SMALL_WORDS: Final = (
    "about after again against almost already also although always another anyone anything around away back bank "
    "banks banking because been before being best better between both came cannot come could days dear does doing "
    "done down each even ever every everyone everything first from gets getting give gone good great have having hello "
    "help here hours into itself just keep know last least less like little long look looking made make makes many "
    "maybe mean might more most much must myself need needs never next nobody nothing once only other over people "
    "please really right said same says should since some someone something soon still such sure take takes tell than "
    "thank thanks that their them then there these they thing things think this those though through time today told "
    "took tomorrow tried trying under until very want wants week weeks well went were what when where which while will "
    "with without work works working would year years yesterday your yours "
    "para pero como esta este esto estoy todo nada porque cuando donde desde hasta sobre entre tiene tengo gracias "
    "hola favor hace hacer puede puedo solo siempre ahora aqui mas muy bien "
    "avec pour dans mais vous nous votre notre cette bonjour merci depuis sans plus tout tous comme fait faire etre "
    "nicht eine einen einer mein meine haben habe wird werden auch noch schon immer bitte danke hallo kann kein keine "
    "nach uber oder aber wenn dass sind wieder seit ihre "
    "como voce estou isso esse obrigado minha meus pela pelo ainda quando "
    "sono della delle questo questa grazie anche come perche quando dalla "
    "lang naman hindi kayo ninyo salamat kung mula wala"
)
_SMALL: Final = frozenset(_SMALL_WORDS.split())


@dataclass(frozen=True, slots=True)
class Term:
    """A word, how many people used it in the window, and how many would have if it were as usual."""

    word: str
    people: int
    usual: float


def count() -> bool:
    """Count the running hour and whatever hour it is compared with that has not been counted; never asks for more."""
    now = timezone.now()
    start = usual.window(now)[0]
    running = periods.hour(now)
    fresh = [start, running]
    done = set(TermHour.objects.filter(start__gte=now - KEPT).values_list("start", flat=True))
    who = lru_cache(2)(_who)  # of two hours that follow each other both ask for the first
    for hour in [hour for span in usual.earlier((start, running)) for hour in span if hour not in done]:
        _store(hour, who)
    for hour in fresh:
        _store(hour, who)
    TermHour.objects.filter(start__lt=now - KEPT).delete()
    return False


def rising(now: datetime, most: int) -> list[Term]:
    """The words of the window that far more people use than usual, the strongest first."""
    start = usual.window(now)[0]
    hours = (start, periods.hour(now))
    wanted = [*hours, *(hour for span in usual.earlier(hours) for hour in span)]
    rows = {row.start: row for row in TermHour.objects.filter(start__in=wanted)}
    said, posts = _together(rows, [hours])
    before, posts_before = _together(rows, usual.earlier(hours))
    if not posts or not posts_before:
        return []
    found = []
    for word, people in said.items():
        expected = before.get(word, 0) * posts / posts_before
        if people >= usual.FEWEST and people >= usual.FAR * max(expected, 1):
            found.append(Term(word, people, expected))
    return sorted(found, key=lambda term: (-(term.people - term.usual) / (term.usual + 1) ** 0.5, term.word))[:most]


def is_of_samples(now: datetime) -> bool:
    """Whether more was written in an hour of the window than is read of one: the words are then those of the newest."""
    return TermHour.objects.filter(start__in=(usual.window(now)[0], periods.hour(now)), posts__gte=SAMPLE).exists()


def subjects(text: str) -> set[str]:
    """The words of a text that say what it is about."""
    return {
        word
        for word in words.folded(_ASIDE.sub(" ", text))
        if _SHORTEST <= len(word) <= _LONGEST and word.isalpha() and word not in _SMALL
    }


def _together(rows: Mapping[datetime, TermHour], spans: Iterable[usual.Span]) -> tuple[dict[str, int], int]:
    """How many people used each word, each counted once a span of two hours, and of how many posts."""
    summed: dict[str, int] = defaultdict(int)
    posts = 0
    for first, second in spans:
        for row in (rows[hour] for hour in (first, second) if hour in rows):
            posts += row.posts
            for word, people in row.terms.items():
                summed[word] += people
        if first in rows and second in rows:
            for word, people in rows[second].again.items():
                summed[word] -= people
    return summed, posts


def _store(hour: datetime, who: Callable[[datetime], Said]) -> None:
    _, before = who(hour - timedelta(hours=1))
    posts, people = who(hour)
    earlier, most = _kept(before), _kept(people)
    both = {word: len(people[word] & before[word]) for word in most if word in earlier}
    again = {word: twice for word, twice in both.items() if twice}
    TermHour.objects.update_or_create(start=hour, defaults={"posts": posts, "terms": most, "again": again})


def _who(hour: datetime) -> Said:
    """How many posts of an hour were read, and who used each word in them."""
    people: dict[str, set[int]] = defaultdict(set)
    own = {word for name in rulebook.current().brand.names for word in words.folded(name)}
    posts = _sample(hour)
    for author, text in posts:
        for word in subjects(text) - own:
            people[word].add(author)
    return len(posts), people


def _kept(people: Mapping[str, set[int]]) -> dict[str, int]:
    counted = {word: len(who) for word, who in people.items() if len(who) >= FEWEST_PEOPLE}
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:MOST_KEPT])


def _sample(hour: datetime) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.author_id, c.text FROM mentions_mention m JOIN mentions_mentioncontent c ON c.mention_id = m.id "
            "WHERE m.origin = 'live' AND m.visibility = 'public' AND NOT m.spam AND m.deleted_at IS NULL "
            f"AND m.{NOT_A_RIVAL} AND m.occurred_at >= %s AND m.occurred_at < %s "
            "ORDER BY m.occurred_at DESC LIMIT %s",
            [hour, hour + timedelta(hours=1), SAMPLE],
        )
        return list(cursor.fetchall())
