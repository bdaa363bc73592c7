"""CSAT: are customers satisfied? Until somebody asks them, nobody knows, and the report says so."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commandcenter.glossary import define
from commandcenter.reports import Column, Content, Report, Section
from commandcenter.reports.asking import Ask


def content(ask: Ask) -> Content:
    """One section that says that no survey exists."""
    section = Section(
        key="satisfaction",
        question=gettext_lazy("Are customers satisfied?"),
        answer=_("Nobody was asked: no survey exists yet, so there is no figure, and none is guessed."),
        definition=define("csat"),
        head=gettext_lazy("Day"),
        columns=(Column("answers", gettext_lazy("Answers")),),
        lines=(),
    )
    return Content(headlines=[], sections=[section])


REPORT = Report(
    title=gettext_lazy("CSAT"),
    question=gettext_lazy("Are customers satisfied?"),
    subject="answers",
    lists=frozenset(),
    content=content,
    without=frozenset({"grain"}),
)
