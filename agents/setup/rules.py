"""Routing rules as a list in words: add, change, order and switch off, each with a preview and a history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents import queueing
from agents.access import person, signed_in
from agents.desk import words
from agents.setup import frame, wording
from mentions import editions, naming, networks, rehearsal, routing, ruling, telling
from mentions.models import Conversation, Kind, Origin, Queue, RoutingRule, Source
from mentions.rehearsal import Preview
from mentions.ruling import Wanted
from mentions.triage.language import LANGUAGES
from mentions.triage.topics import PHRASES

DAYS = (1, 7, 30)
_ANY = ("", gettext_lazy("whatever"))
_EITHER = [_ANY, ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))]
_LISTS = ("network", "source", "visibility", "kind", "language", "topic", "tone", "actionable")
_WORDS = ("words_any", "words_all", "words_none")
_FLAGS = ("spam", "phishing")
_NUMBERS = ("urgency_min", "reach_min", "rating_max")


class RuleForm(forms.Form):
    """A rule as a person writes it; what is left empty is no condition."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    network = forms.MultipleChoiceField(label=gettext_lazy("Network"), required=False)
    source = forms.MultipleChoiceField(label=gettext_lazy("Source"), required=False)
    visibility = forms.MultipleChoiceField(
        label=gettext_lazy("Who can see it"), required=False, choices=list(naming.VISIBILITIES.items())
    )
    kind = forms.MultipleChoiceField(label=gettext_lazy("Kind of post"), required=False, choices=Kind.choices)
    language = forms.MultipleChoiceField(label=gettext_lazy("Language"), required=False)
    topic = forms.MultipleChoiceField(label=gettext_lazy("Topic"), required=False)
    tone = forms.MultipleChoiceField(label=gettext_lazy("Tone"), required=False, choices=list(naming.TONES.items()))
    actionable = forms.MultipleChoiceField(
        label=gettext_lazy("What triage says"), required=False, choices=list(wording.ACTIONABLE.items())
    )
    urgency_min = forms.TypedChoiceField(
        label=gettext_lazy("Urgency"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[_ANY, *((str(n), gettext_lazy("%(n)d or more") % {"n": n}) for n in (1, 2, 3))],
    )
    reach_min = forms.IntegerField(
        label=gettext_lazy("Followers of the author, at least"), required=False, min_value=0, max_value=10**12
    )
    rating_max = forms.TypedChoiceField(
        label=gettext_lazy("Stars of a review"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            _ANY,
            ("1", gettext_lazy("1")),
            *((str(n), gettext_lazy("%(n)d or fewer") % {"n": n}) for n in range(2, routing.MOST_STARS + 1)),
        ],
    )
    spam = forms.ChoiceField(label=gettext_lazy("Spam"), required=False, choices=_EITHER)
    phishing = forms.ChoiceField(label=gettext_lazy("Phishing"), required=False, choices=_EITHER)
    words_any = forms.CharField(label=gettext_lazy("Says one of"), required=False, max_length=8000)
    words_all = forms.CharField(label=gettext_lazy("Says all of"), required=False, max_length=8000)
    words_none = forms.CharField(label=gettext_lazy("Says none of"), required=False, max_length=8000)
    queue = forms.TypedChoiceField(label=gettext_lazy("Queue"), coerce=int)
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"), coerce=int, choices=list(wording.PRIORITIES.items())
    )
    tags = forms.CharField(label=gettext_lazy("Tags"), required=False, max_length=400)
    needs = forms.ChoiceField(
        label=gettext_lazy("Needs an answer?"),
        required=False,
        choices=[("", gettext_lazy("as triage says")), *wording.ACTIONABLE.items()],
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=40)
    active = forms.BooleanField(label=gettext_lazy("It decides"), required=False)

    def __init__(self, *arguments: Any, kept: RoutingRule | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        known = kept.conditions if kept else {}
        titles = networks.keys()
        sources = Source.objects.filter(origin=Origin.LIVE, search=None).order_by("name")
        self._offer("network", ((key, naming.network(key)) for key in (*titles, *(s.network for s in sources))), known)
        self._offer("source", ((source.slug, source.name) for source in sources), known)
        self._offer("language", ((code, naming.language(code)) for code in LANGUAGES), known)
        self._offer("topic", ((key, naming.topic(key)) for key in PHRASES), known)
        queues = Queue.objects.filter(retired_at=None)
        choices = self.fields["queue"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [(str(queue.pk), queue.name) for queue in queues]

    def _offer(self, name: str, choices: Iterable[tuple[str, str]], known: dict[str, Any]) -> None:
        """What can be chosen, and whatever a rule names already, by title."""
        kept = known.get(name, ())
        offered = {value: value for value in ([kept] if isinstance(kept, str) else kept)} | dict(choices)
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = sorted(offered.items(), key=lambda choice: str(choice[1]).casefold())

    def wanted(self) -> Wanted:
        """The rule as it is wanted."""
        given = self.cleaned_data
        conditions: dict[str, Any] = {name: given[name] for name in _LISTS if given[name]}
        conditions |= {name: given[name] for name in _NUMBERS if given[name] is not None}
        conditions |= {name: listed(given[name]) for name in _WORDS if given[name].strip()}
        conditions |= {name: given[name] == "yes" for name in _FLAGS if given[name]}
        return Wanted(
            name=given["name"],
            queue_id=given["queue"],
            priority=given["priority"],
            conditions=conditions,
            tags=tuple(tag[:40] for tag in listed(given["tags"])),
            actionable=given["needs"],
            reason=given["reason"].strip(),
            active=given["active"],
        )


class TryForm(forms.Form):
    """A text as somebody could write it."""

    text = forms.CharField(label=gettext_lazy("Text"), max_length=5000, strip=False)
    source = forms.ChoiceField(label=gettext_lazy("Arrives through"))
    followers = forms.IntegerField(
        label=gettext_lazy("Followers of the author"), min_value=0, max_value=10**12, initial=100
    )
    visibility = forms.ChoiceField(label=gettext_lazy("Who can see it"), choices=list(naming.VISIBILITIES.items()))
    kind = forms.ChoiceField(label=gettext_lazy("Kind of post"), choices=Kind.choices)

    def __init__(self, *arguments: Any, sources: list[Source], **options: Any) -> None:
        super().__init__(*arguments, **options)
        field = self.fields["source"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(source.slug, source.name) for source in sources] or [("ingest", _("The API"))]


@require_GET
@signed_in("set up")
def index(request: HttpRequest) -> HttpResponse:
    """The list in its order, in words."""
    return _list(request)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def new(request: HttpRequest) -> HttpResponse:
    """A new rule at the end of the list."""
    return _page(request, None)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One rule: preview another wording, then save it."""
    return _page(request, _found(pk))


@require_POST
@signed_in("set up")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """A place up or down, or to a place by its number."""
    rule = _found(pk)
    order = [row.pk for row in ruling.rows()]
    place = order.index(pk) + 1
    asked = request.POST.get("to", "")
    to = {"up": place - 1, "down": place + 1}.get(asked) or frame.number(asked) or place

    def put() -> None:
        if rule.active and to < place:  # what it takes from the rules that came before it
            queueing.require_strict(rule.queue)
        ruling.move(pk, to=to, by=person(request).pk, seen=_seen(request))

    return _deed(request, pk, asked, put)


@require_POST
@signed_in("set up")
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a rule decide, or not."""
    on = request.POST.get("on") == "yes"
    rule = _found(pk)

    def turn() -> None:
        if on:
            queueing.require_strict(rule.queue)
        ruling.switch(pk, on=on, by=person(request).pk, seen=_seen(request))

    return _deed(request, pk, "switch", turn)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def try_text(request: HttpRequest) -> HttpResponse:
    """What would happen to a text, and why; nothing of it is kept."""
    sources = list(Source.objects.filter(origin=Origin.LIVE, search=None, disconnected_at=None).order_by("name"))
    form = TryForm(request.POST or None, sources=sources, initial={"visibility": "public", "kind": "post"})
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            status = 200
            given = form.cleaned_data
            source = next((each for each in sources if each.slug == given["source"]), None)
            tried = rehearsal.try_text(
                given["text"],
                network=source.network if source else "ingest",
                source=str(source.settings.get("stands_for") or source.slug) if source else "ingest",
                followers=given["followers"],
                visibility=given["visibility"],
                kind=given["kind"],
                now=timezone.now(),
            )
            labels = tried.labels
            context |= {
                "tried": tried,
                "queue": Queue.objects.get(pk=tried.queue_id),
                "why": telling.why(tried.decision.why),
                "dues": [(words.TARGETS[name], due.at, telling.why(due.why)) for name, due in tried.dues],
                "needs": words.ACTIONABLE[tried.decision.actionable],
                "reason": naming.judged(tried.decision.actionable_reason),
                "labels": [
                    (_("Language"), naming.language(labels.language.value), telling.why(labels.language.reason)),
                    (_("Tone"), naming.TONES[labels.sentiment.value], telling.why(labels.sentiment.reason)),
                    *((_("Topic"), naming.topic(topic.value), telling.why(topic.reason)) for topic in labels.topics),
                    (_("Urgency"), labels.urgency.value, telling.why(labels.urgency.reason)),
                    (_("Spam"), _("yes") if labels.spam.value == "true" else _("no"), telling.why(labels.spam.reason)),
                    (
                        _("Phishing"),
                        _("yes") if labels.phishing.value == "true" else _("no"),
                        telling.why(labels.phishing.reason),
                    ),
                    (
                        _("Needs an answer"),
                        wording.ACTIONABLE[labels.actionable.value],
                        naming.judged(labels.actionable.reason),
                    ),
                ],
            }
    return frame.page(request, "rules", "rule_try.html", context, status=status)


@require_GET
@signed_in("set up")
def history(request: HttpRequest) -> HttpResponse:
    """Who changed what, newest first."""
    kept = frame.history(editions.of(ruling.SUBJECT), _told(_queues()))
    return frame.page(request, "rules", "rule_history.html", {"history": kept})


def listed(text: str) -> list[str]:
    """Words and phrases as a person lists them: a line each, or with commas."""
    return list(dict.fromkeys(item.strip() for line in text.splitlines() for item in line.split(",") if item.strip()))


def _save(wanted: Wanted, by: int, pk: int | None, edition: int | None) -> None:
    """Keep a rule that sends where the guard lets one person send posts alone. Raises `NotSaved`, and `Stale`."""
    ruling.check(wanted)
    before = RoutingRule.objects.filter(pk=pk, active=True).first() if pk is not None else None
    as_before = before is not None and (before.queue_id, before.conditions) == (wanted.queue_id, wanted.conditions)
    if wanted.active and not as_before:
        queueing.require_strict(Queue.objects.get(pk=wanted.queue_id))
    ruling.save(wanted, by=by, rule_id=pk, seen=edition)


def _page(request: HttpRequest, rule: RoutingRule | None) -> HttpResponse:
    form = RuleForm(request.POST or None, kept=rule, initial=_as_kept(rule))
    days = next((n for n in DAYS if str(n) == request.POST.get("days")), DAYS[1])
    queues = _queues()
    edition = _seen(request) if request.method == "POST" else ruling.edition()
    context: dict[str, Any] = {"rule": rule, "form": form, "days": days, "choices": DAYS, "conditions": _LISTS}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            wanted = form.wanted()
            if request.POST.get("do") == "preview":
                done = frame.attempt(form, lambda: context.update(preview=_preview(wanted, rule, days, queues)))
                status = 200 if done is True else 422
            else:
                by = person(request).pk
                pk = rule.pk if rule else None
                done = frame.attempt(form, lambda: _save(wanted, by, pk, edition))
                if done is True:
                    if wanted.conditions or not wanted.active:
                        messages.success(request, _("Saved. It decides from the next post on."))
                    else:
                        told = _("Saved. It has no condition: it takes every post, and no rule below it decides.")
                        messages.warning(request, told)
                    return HttpResponseRedirect(reverse("agents:rules"))
                context["since"] = frame.since(done, ruling.SUBJECT, 0, _told(queues))
                if context["since"]:
                    status, edition = 409, ruling.edition()
    context["edition"] = edition
    if rule is not None:
        order = [row.pk for row in ruling.rows()]
        context |= {"editions": _of_rule(rule, queues), "place": order.index(rule.pk) + 1, "places": len(order)}
    return frame.page(request, "rules", "rule.html", context, status=status)


def _list(
    request: HttpRequest, *, focus: tuple[int, str] | None = None, notice: str = "", status: int = 200
) -> HttpResponse:
    rows = ruling.rows()
    states = ruling.state()
    lately = Conversation.objects.live().filter(opened_at__gte=timezone.now() - timedelta(days=1))
    taken = dict(lately.values_list("rule").annotate(n=Count("pk")))
    default = next((queue for queue in Queue.objects.filter(is_default=True)), None)
    context = {
        "rows": [
            {
                "rule": row,
                "place": place,
                "conditions": wording.conditions(row.conditions),
                "queue": row.queue.name,
                "taken": taken.get(row.pk, 0),
                "deed": wording.treatment(state),
                "first": place == 1,
                "last": place == len(rows),
                "focus": focus[1] if focus and focus[0] == row.pk else "",
            }
            for place, (row, state) in enumerate(zip(rows, states, strict=True), start=1)
        ],
        "default": default,
        "rest": taken.get(None, 0),
        "edition": ruling.edition(),
        "notice": notice,
    }
    template = "_rules.html" if request.htmx else "rules.html"  # type: ignore[attr-defined]
    return frame.page(request, "rules", template, context, status=status)


def _deed(request: HttpRequest, pk: int, focus: str, deed: Any) -> HttpResponse:
    """A button in the list: the list again, with the focus where it was."""
    try:
        deed()
    except editions.Stale as stale:
        said = [
            line for entry in frame.since(stale, ruling.SUBJECT, 0, _told(_queues())) for line in entry["differences"]
        ]
        return _list(request, focus=(pk, focus), notice=" ".join([str(stale), *said]), status=409)
    except editions.NotSaved as why:
        return _list(request, focus=(pk, focus), notice=str(why), status=409)
    if request.htmx:  # type: ignore[attr-defined]
        return _list(request, focus=(pk, focus))
    return HttpResponseRedirect(f"{reverse('agents:rules')}#rule-{pk}")


def _preview(wanted: Wanted, rule: RoutingRule | None, days: int, queues: dict[int, str]) -> dict[str, Any]:
    drafted = ruling.draft(wanted, rule_id=rule.pk if rule else None)
    found: Preview = rehearsal.preview(drafted, rule_id=rule.pk if rule else 0, days=days, now=timezone.now())
    return {
        "it": found,
        "moves": [
            {"before": queues.get(before, ""), "after": queues.get(after, ""), "count": count}
            for (before, after), count in found.moves
        ],
        "examples": [
            {
                "mention": moved.mention,
                "before": _decided(moved.before, queues),
                "after": _decided(moved.after, queues),
                "why": telling.why(moved.after.why),
            }
            for moved in found.examples
        ],
    }


def _decided(decision: routing.Decision, queues: dict[int, str]) -> str:
    parts = [queues.get(decision.queue_id or 0, ""), _("priority %(n)s") % {"n": decision.priority}]
    return ", ".join([*parts, str(words.ACTIONABLE[decision.actionable]).lower()])


def _of_rule(rule: RoutingRule, queues: dict[int, str]) -> list[dict[str, Any]]:
    """The history of one rule: the editions in which it is not what it was."""
    kept = frame.history(editions.of(ruling.SUBJECT, limit=200), _told_of(rule.pk, queues))
    return [entry for entry in kept if entry["differences"]][:20]


def _told(queues: dict[int, str]) -> Any:
    return lambda before, after: wording.lists(before, after, queues)


def _told_of(pk: int, queues: dict[int, str]) -> Any:
    def told(before: Any, after: Any) -> list[str]:
        old, new = ([each for each in state if each["id"] == pk] for state in (before, after))
        return wording.lists(old, new, queues) if old != new else []

    return told


def _queues() -> dict[int, str]:
    return dict(Queue.objects.values_list("pk", "name"))


def _seen(request: HttpRequest) -> int | None:
    return frame.number(request.POST.get("edition"))


def _found(pk: int) -> RoutingRule:
    rule = RoutingRule.objects.select_related("queue").filter(pk=pk).first()
    if rule is None:
        raise Http404("no such rule")
    return rule


def _as_kept(rule: RoutingRule | None) -> dict[str, Any]:
    if rule is None:
        return {"priority": routing.DEFAULT_PRIORITY, "active": True}
    given = rule.conditions
    kept: dict[str, Any] = {
        name: [given[name]] if isinstance(given[name], str) else given[name] for name in _LISTS if name in given
    }
    kept |= {name: given[name] for name in _NUMBERS if name in given}
    kept |= {name: "\n".join(_several(given[name])) for name in _WORDS if name in given}
    kept |= {name: "yes" if given[name] else "no" for name in _FLAGS if name in given}
    return kept | {
        "name": rule.name,
        "queue": rule.queue_id,
        "priority": rule.priority,
        "tags": ", ".join(rule.tags),
        "needs": rule.actionable,
        "reason": rule.reason,
        "active": rule.active,
    }


def _several(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
