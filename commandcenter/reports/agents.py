"""Agents: is the work balanced, and does anybody need help?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commandcenter import people, presence
from commandcenter.figures import SMALL_BASE, PersonsWork
from commandcenter.glossary import define
from commandcenter.reports import Column, Content, Figure, Line, Report, Section, building, charts, naming, wording
from commandcenter.reports.asking import Ask
from commandcenter.reports.behind import rows_of

_LISTS = frozenset({"claims", "given_back", "replied", "in_focus", "replies", "available", "away"})


def content(ask: Ask) -> Content:
    """All sections for what was asked."""
    names = {key: str(one) for key, one in naming.people().items()}
    work = sorted(people.work(ask.period, ask.filters), key=lambda one: names.get(one.person, ""))
    before = {one.person: one for one in people.work(ask.before, ask.filters)} if ask.before else {}
    sections = [_balance(ask, work, before, names), _pace(ask, work, before, names), _desk(ask, names)]
    return Content(headlines=[], sections=sections)


def _balance(ask: Ask, work: Sequence[PersonsWork], before: dict[int, PersonsWork], names: dict[int, str]) -> Section:
    lines = []
    for one in work:
        about = {"person": str(one.person)}
        figures = [
            Figure(one.claims, "count", rows_of(ask, "claims", **about)),
            Figure(one.replies, "count", rows_of(ask, "replies", **about)),
            Figure(one.given_back, "count", rows_of(ask, "given_back", **about)),
            Figure(
                100 * one.given_back / one.claims if one.claims else None, "percent", rows_of(ask, "claims", **about)
            ),
        ]
        if ask.before:
            then = before.get(one.person)
            figures.append(Figure(then.replies if then else 0, "count", rows_of(ask, "replies", ask.before, **about)))
        lines.append(Line(str(one.person), names.get(one.person, ""), tuple(figures)))
    beside = (Column("before", _("Replies, %(period)s") % {"period": wording.compared_with(ask)}),)
    return Section(
        key="balance",
        question=gettext_lazy("Is the work balanced?"),
        answer=_balance_answer(ask, work, before, names),
        definition=define("persons_work"),
        head=gettext_lazy("Person"),
        columns=(
            Column("claims", gettext_lazy("Claims")),
            Column("replies", gettext_lazy("Replies")),
            Column("given_back", gettext_lazy("Given back")),
            Column("given_back_share", gettext_lazy("Given back, %")),
            *(beside if ask.before else ()),
        ),
        lines=tuple(lines),
        chart=building.dots(
            [(names.get(one.person, ""), one.replies) for one in sorted(work, key=lambda one: -one.replies)],
            _("Replies"),
            column="replies",
        ),
    )


def _balance_answer(
    ask: Ask, work: Sequence[PersonsWork], before: dict[int, PersonsWork], names: dict[int, str]
) -> str:
    total = sum(one.replies for one in work)
    busy = [one for one in work if one.replies]
    if not busy:
        return _("Nobody replied in this period.")
    most = max(busy, key=lambda one: one.replies)
    change = wording.change(total, sum(one.replies for one in before.values()), ask)
    words = [
        ngettext(
            "%(n)s person sent %(total)s replies%(change)s; %(name)s sent most: %(most)s.",
            "%(n)s people sent %(total)s replies%(change)s; %(name)s sent most: %(most)s; half sent %(half)s or more.",
            len(busy),
        )
        % {
            "n": wording.number(len(busy)),
            "total": wording.number(total),
            "change": f", {change}" if change else "",
            "name": names.get(most.person, ""),
            "most": wording.number(most.replies),
            "half": wording.number(sorted(one.replies for one in busy)[len(busy) // 2]),
        }
    ]
    told = [one for one in work if one.claims >= SMALL_BASE and one.given_back]
    if told:
        giver = max(told, key=lambda one: one.given_back / one.claims)
        words.append(
            _("%(name)s gave back most without an answer: %(share)s.")
            % {
                "name": names.get(giver.person, ""),
                "share": building.n_of(giver.given_back, giver.claims),
            }
        )
    return " ".join(words)


def _pace(ask: Ask, work: Sequence[PersonsWork], before: dict[int, PersonsWork], names: dict[int, str]) -> Section:
    lines = []
    for one in work:
        replied = rows_of(ask, "replied", person=str(one.person))
        focus = rows_of(ask, "in_focus", person=str(one.person))
        figures = [
            Figure(one.to_reply.n, "count", replied),
            Figure(one.to_reply.median, "seconds", replied),
            Figure(one.to_reply.p90, "seconds", replied),
            Figure(one.focus.n, "count", focus),
            Figure(one.focus.median, "seconds", focus),
            Figure(one.focus.p90, "seconds", focus),
        ]
        if ask.before:
            then = before.get(one.person)
            rows = rows_of(ask, "replied", ask.before, person=str(one.person))
            figures.append(Figure(then.to_reply.median if then else None, "seconds", rows))
        lines.append(Line(str(one.person), names.get(one.person, ""), tuple(figures)))
    told = sorted(
        (one.to_reply.median, names.get(one.person, ""), one.to_reply.n)
        for one in work
        if one.to_reply.n >= SMALL_BASE and one.to_reply.median is not None
    )
    answer = _("Too few replies to compare.")
    if told:
        (least, fast, fast_n), (most, slow, slow_n) = told[0], told[-1]
        answer = _(
            "From claim to reply, medians lie between %(least)s (%(fast)s, n = %(fast_n)s) and %(most)s (%(slow)s, "
            "n = %(slow_n)s)."
        ) % {
            "least": wording.spell(least),
            "fast": fast,
            "fast_n": wording.number(fast_n),
            "most": wording.spell(most),
            "slow": slow,
            "slow_n": wording.number(slow_n),
        }
    beside = (Column("median_before", _("To reply, median, %(period)s") % {"period": wording.compared_with(ask)}),)
    return Section(
        key="pace",
        question=gettext_lazy("How long does a conversation take once somebody has it?"),
        answer=answer,
        definition=define("persons_work"),
        head=gettext_lazy("Person"),
        columns=(
            Column("replied", gettext_lazy("Claims with a reply")),
            Column("median", gettext_lazy("To reply, median")),
            Column("p90", gettext_lazy("To reply, 90th percentile")),
            Column("in_focus", gettext_lazy("Claims in focus")),
            Column("focus_median", gettext_lazy("In focus for each claim, median")),
            Column("focus_p90", gettext_lazy("In focus for each claim, 90th percentile")),
            *(beside if ask.before else ()),
        ),
        lines=tuple(lines),
        chart=building.measured_bars(
            [(name, median, n) for median, name, n in reversed(told)],
            "seconds",
            _("Median from claim to reply"),
            column="median",
        ),
    )


def _desk(ask: Ask, names: dict[int, str]) -> Section:
    found = presence.desks(ask.period, ask.now, ask.filters)
    before = {one.person: one for one in presence.desks(ask.before, ask.now, ask.filters)} if ask.before else {}
    lines, told = [], []
    for one in sorted(found, key=lambda one: names.get(one.person, "")):
        about, name = {"person": str(one.person)}, names.get(one.person, "")
        figures = [
            Figure(one.available, "total", rows_of(ask, "available", **about)),
            Figure(one.away, "total", rows_of(ask, "away", **about)),
            Figure(one.focus, "total", rows_of(ask, "in_focus", **about)),
            Figure(one.occupancy, "percent", rows_of(ask, "in_focus", **about)),
        ]
        if ask.before:
            then, rows = before.get(one.person), rows_of(ask, "in_focus", ask.before, **about)
            figures.append(Figure(then.occupancy if then else None, "percent", rows))
        lines.append(Line(str(one.person), name, tuple(figures)))
        if one.occupancy is not None:
            told.append((one.occupancy, name, wording.spell(one.available)))
    beside = (Column("before", _("Occupancy, %(period)s") % {"period": wording.compared_with(ask)}),)
    return Section(
        key="desk",
        question=gettext_lazy("Who was there, and how busy were they?"),
        answer=_desk_answer(found),
        definition=define("occupancy"),
        head=gettext_lazy("Person"),
        columns=(
            Column("available", gettext_lazy("Available")),
            Column("away", gettext_lazy("Away")),
            Column("focus", gettext_lazy("In focus")),
            Column("occupancy", gettext_lazy("Occupancy")),
            *(beside if ask.before else ()),
        ),
        lines=tuple(lines),
        chart=_desk_chart(sorted(told, reverse=True)[: building.CHARTED]),
        note=_(
            "Time at the desk is kept since consoles tell of it, and belongs to no queue: with a team or queue chosen "
            "it is told of those who are in its teams today, also for days on which they were not."
        ),
    )


def _desk_chart(told: Sequence[tuple[float, str, str]]) -> Mapping[str, Any] | None:
    if len(told) < 2:
        return None
    said = [
        _("%(rate)s of %(spell)s") % {"rate": wording.percent(share), "spell": spell} for share, _name, spell in told
    ]
    series = charts.Series(_("Occupancy"), [share for share, _name, _spell in told], said, column="occupancy")
    return charts.bars([name for _share, name, _spell in told], series, unit=_("Occupancy, %"))


def _desk_answer(found: Sequence[presence.Desk]) -> str:
    available, away = (sum(getattr(one, part) for one in found) for part in ("available", "away"))
    if not available:
        return _("Nobody's time at a desk is known for this period.")
    about = {"n": wording.number(len(found)), "here": wording.spell(available), "away": wording.spell(away)}
    answer = ngettext(
        "%(n)s person was available for %(here)s and away for %(away)s.",
        "%(n)s people were available for %(here)s in all and away for %(away)s.",
        len(found),
    )
    if not all(one.whole for one in found):
        return answer % about
    share = 100 * sum(one.focus for one in found) / available
    return answer % about + " " + _("Occupancy: %(share)s.") % {"share": wording.percent(share)}


REPORT = Report(
    title=gettext_lazy("Agents"),
    question=gettext_lazy("Is the work balanced, and does anybody need help?"),
    subject="people",
    lists=_LISTS,
    content=content,
    without=frozenset({"grain"}),
)
