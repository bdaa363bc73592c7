"""What a file has to say of itself: what was asked, of when, by which filters and definitions, and who made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from commandcenter import earlier
from commandcenter.glossary import Definition
from commandcenter.reports import Report, answering, naming, wording
from commandcenter.reports.answering import Answer
from commandcenter.reports.asking import Ask
from commandcenter.reports.behind import Question

Facts = Iterator[tuple[str, str]]


def of_report(answer: Answer, by: str) -> Facts:
    """A report's: name and value, the title first."""
    ask = answer.ask
    yield str(answer.report.title), str(answer.report.question)
    yield _("Period"), wording.period(ask.period)
    yield _("Beside"), wording.period(ask.before) if ask.before else _("none")
    yield from _asked(ask, by)
    if lag := answering.lag(answer):
        yield _("Two clocks"), lag
    for words in answering.caveats(answer):
        yield _("Mind"), words
    for entry in answering.definitions(answer):
        yield _defined(entry)
    yield _("Units"), _("Times in seconds, shares in per cent.")
    yield _("Exactly these figures"), answering.same_again(answer)


def of_rows(report: Report, question: Question, ask: Ask, by: str) -> Facts:
    """A list's, the same way."""
    yield str(question.list.title), str(report.question)
    yield _("Period"), wording.period(question.period)
    yield from _asked(ask, by, naming.chosen({**ask.chosen, **question.narrowed}))
    if question.now != ask.now:
        yield _("Counted at"), wording.stamp(question.now)
    for words in answering.blindnesses(question, ask.now):
        yield _("Mind"), words
    yield _defined(question.list.definition)
    page = reverse("commandcenter:report", args=[ask.report])
    yield _("The report"), f"{settings.PUBLIC_URL.rstrip('/')}{page}?{ask.same_again()}"


def remark(facts: Iterable[tuple[str, str]]) -> tuple[str]:
    """The same as a line before a table of comma-separated values, which readers of such can be told to skip."""
    return (f"# {' | '.join(f'{name}: {value}' for name, value in facts)}",)


def filters(ask: Ask) -> str:
    """The filters in words; empty where all is counted."""
    return ", ".join(f"{name}: {value}" for name, value in naming.chosen(ask.chosen).items())


def _asked(ask: Ask, by: str, narrowed: dict[str, str] | None = None) -> Facts:
    told = filters(ask) if narrowed is None else ", ".join(f"{name}: {value}" for name, value in narrowed.items())
    yield _("Time zone"), settings.BANK_TIME_ZONE
    yield _("Filters"), told or _("none")
    if ask.as_of:
        yield _("As known on"), wording.stamp(ask.as_of)
    yield _("Made at"), wording.stamp(ask.now)
    yield _("Made by"), by
    yield _("Version of the definitions"), str(earlier.version(ask.as_of))


def _defined(entry: Definition) -> tuple[str, str]:
    parts = (entry.sentence, entry.clock, entry.population, entry.exclusions, entry.statistic)
    return _("Definition of “%(title)s”") % {"title": entry.title}, " ".join(str(part) for part in parts)
