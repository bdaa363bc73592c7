"""The set-up pages of sources: connect, see how they are, mend, pause, ask again, disconnect.

Administrators only. What a network asks for is read from its connector, so a new network has its page at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents import foreign, proving
from agents.access import person, signed_in
from agents.cases import Refused
from agents.setup import frame
from mentions import hooks, http, naming, networks, rulebook
from mentions.events import Actor
from mentions.models import Gap, Origin, OwnPost, Source
from mentions.networks import Field, Network
from mentions.sources import (
    connecting,
    credentials,
    delivery,
    gaps,
    gate,
    health,
    holding,
    managing,
    quota,
    streams,
    subscriptions,
    telling,
    webhooks,
)
from mentions.sources.connecting import NotConnected
from mentions.sources.gaps import NotAGap

_GAPS_SHOWN = 20
PATIENCE_S = 10.0  # for all that a network is asked while a person waits: a slow one holds no page for longer


class ConnectForm(forms.Form):
    """What a network asks for, field by field; with `fill` a stored source's public values stand in it."""

    def __init__(self, network: Network, *arguments: Any, fill: Source | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        stored = credentials.stored(fill) if fill is not None else frozenset()
        if fill is None:
            self.fields["name"] = forms.CharField(label=gettext_lazy("Name"), max_length=120)
        for each in network.fields:
            if each.generated and fill is not None:
                continue
            self.fields[each.name] = self._field(each, network, fill, kept=each.name in stored)
        if network.home and "base_url" not in self.fields:
            self.fields["base_url"] = forms.CharField(
                label=gettext_lazy("Address of its API"),
                help_text=gettext_lazy("Leave it as it is, unless calls go through a gateway of yours."),
                required=False,
                initial=fill.base_url if fill is not None else network.home,
                max_length=4000,
            )
        if fill is None:
            self.fields["local"] = forms.BooleanField(
                label=gettext_lazy("It is on a private address of ours"), required=False
            )

    @staticmethod
    def _field(each: Field, network: Network, fill: Source | None, *, kept: bool) -> forms.CharField:
        help_text = each.help
        if each.generated:
            help_text = gettext_lazy("Leave it empty and we make one; it is shown once.")
        elif each.secret and kept:
            help_text = gettext_lazy("Leave it empty to keep what is stored.")
        known = "" if each.secret else network.home if each.name == "base_url" else ""
        if fill is not None and not each.secret:
            own = each.name in connecting.OWN_FIELDS
            known = getattr(fill, each.name) if own else str(fill.settings.get(each.name, ""))
        return forms.CharField(
            label=each.title,
            help_text=help_text,
            required=each.required and not each.generated and not (each.secret and kept),
            initial=known,
            max_length=4000,
            widget=forms.PasswordInput if each.secret else forms.TextInput,
        )

    def clean(self) -> dict[str, Any]:
        """With its secrets, unless those are to stay."""
        proving.require_whole(self.data)
        return super().clean() or {}

    def given(self) -> dict[str, str]:
        """The values by field name."""
        return {name: str(value) for name, value in self.cleaned_data.items() if name not in ("name", "local")}


def listed(now: datetime) -> list[dict[str, Any]]:
    """Every source with its state, those that were let go last."""
    found = known().filter(search=None).order_by(F("disconnected_at").asc(nulls_first=True), "name")
    return [_row(source, now) for source in found]


@require_GET
@signed_in("set up")
def choose(request: HttpRequest) -> HttpResponse:
    """The networks that can be connected."""
    found = sorted(map(networks.get, networks.keys()), key=lambda network: network.title)
    choices = [{"network": network, "words": _abilities(network)} for network in found]
    return frame.page(request, "overview", "choose.html", {"choices": choices})


@require_http_methods(["GET", "POST"])
@signed_in("set up", anew=("GET", "POST"), secret=credentials.secret_names)
def connect(request: HttpRequest, key: str) -> HttpResponse:
    """Connect an account with its keys; the network is asked who we are there before anything is stored."""
    try:
        network = networks.get(key)
    except networks.UnknownNetwork:
        raise Http404("no such network") from None
    form = ConnectForm(network, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = connecting.generated(network) | {name: value for name, value in form.given().items() if value}
        try:
            with http.within(PATIENCE_S):
                source = connecting.connect(
                    network, form.cleaned_data["name"], given, by=person(request).pk, local=form.cleaned_data["local"]
                )
        except NotConnected as why:
            form.add_error(None, str(why))
        else:
            hooks.forget()
            with http.within(PATIENCE_S):
                webhooks.keep(source, now=timezone.now())
            source.refresh_from_db()
            told = delivery.of(source)
            if told is not None and told.delivers:
                messages.success(
                    request, _("Connected, and the network delivers here. It reads only, until you let it send.")
                )
                return HttpResponseRedirect(reverse("agents:source", args=[source.pk]))
            made = {each.name: given[each.name] for each in network.fields if each.generated}
            if made:
                return page(request, source, shown=_titled(network, made))
            messages.success(request, _("Connected. It reads only, until you let it send."))
            return HttpResponseRedirect(reverse("agents:source", args=[source.pk]))
    status = 422 if request.method == "POST" else 200
    asks = any(each.secret for each in network.fields)
    context = {"network": network, "form": form, "asks_for_keys": asks}
    return frame.page(request, "overview", "connect.html", context, status=status)


@require_GET
@signed_in("set up")
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """One source: how it is, what it missed, what it costs, and what can be done."""
    return page(request, find(pk))


@require_POST
@signed_in("set up", anew=("POST",), secret=credentials.secret_names)
def keys(request: HttpRequest, pk: int) -> HttpResponse:
    """New keys, or another address."""
    found = find(pk)
    form = ConnectForm(network_of(found), request.POST, fill=found)
    if not form.is_valid():
        return page(request, found, form=form, status=422)
    try:
        with http.within(PATIENCE_S):
            connecting.change_keys(found, form.given(), by=person(request).pk)
    except NotConnected as why:
        form.add_error(None, str(why))
        return page(request, found, form=form, status=422)
    hooks.forget()
    if credentials.awaits_sign_in(find(pk)):
        messages.info(request, _("Kept. Sign in at the network now; until then nothing is read."))
    else:
        messages.success(request, _("The network accepts these keys. What was missed is asked for now."))
    return back_to(found)


@require_POST
@signed_in("set up", anew=("POST",))
def sending(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a source send, or stop it; a newly connected one reads only until this is done."""
    found = find(pk)
    on = request.POST.get("sending") == "on" and not found.rival and found.disconnected_at is None
    with transaction.atomic():
        Source.objects.filter(pk=pk).update(sending=on)
        telling.tell(
            "source.sending_on" if on else "source.sending_off",
            found,
            timezone.now(),
            Actor.person(person(request).pk),
        )
    return HttpResponseRedirect(reverse("agents:setup")) if request.POST.get("from") == "list" else back_to(found)


@require_POST
@signed_in("set up")
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Neither listen nor send, or listen again."""
    found = find(pk)
    if request.POST.get("pause") == "on":
        managing.pause(found, by=person(request).pk)
        messages.warning(request, _("Paused. The time counts as a gap until it is asked for again."))
    else:
        managing.resume(found, by=person(request).pk)
        messages.success(request, _("It listens again, and asks for what came meanwhile."))
    hooks.forget()
    rulebook.forget()
    return back_to(found)


@require_POST
@signed_in("set up")
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the account go and erase its secrets."""
    found = find(pk)
    if request.POST.get("sure") != "yes":
        return page(request, found, notice=_("Tick the box first: its keys are erased for good."), status=422)
    let_in, shared = holding.lets_in(found), holding.shared(found, leaving=True)
    given_back = connecting.disconnect(found, by=person(request).pk)
    hooks.forget()
    if given_back or not let_in:
        messages.warning(request, _("Disconnected, and its keys are erased."))
    elif shared:
        messages.warning(
            request,
            _(
                "Disconnected, and its keys are erased here. Other accounts are let in by the same yes at the network: "
                "it is given back with the last of them."
            ),
        )
    else:
        messages.warning(
            request, _("Disconnected, and its keys are erased here. The network still takes them: end them there too.")
        )
    return back_to(found)


@require_POST
@signed_in("set up", anew=("POST",))
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A second webhook secret beside the first, shown once; or the end of the first."""
    found = find(pk)
    by = person(request).pk
    if request.POST.get("end") == "yes":
        managing.end_rotation(found, by=by)
        hooks.forget()
        messages.success(request, _("Only the newer secret holds from now on."))
        return back_to(found)
    if not any(each.generated for each in network_of(found).fields) or found.disconnected_at is not None:
        return page(request, found, notice=_("This source has no secret of ours."), status=422)
    fresh = managing.rotate(found, by=by)
    hooks.forget()
    return page(request, find(pk), shown=_titled(network_of(found), fresh))


@require_POST
@signed_in("set up")
def back_fill(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the network again for what came between two times."""
    found = find(pk)
    since, until = (_moment(request.POST.get(name, "")) for name in ("since", "until"))
    if since is None or until is None:
        return page(request, found, notice=_("Choose both times."), status=422)
    try:
        gaps.ask_again(found, since=since, until=until, by=person(request).pk)
    except NotAGap as why:
        return page(request, found, notice=str(why), status=422)
    messages.success(request, _("Asked for; what was missing arrives in the next moments."))
    return back_to(found)


@require_POST
@signed_in("set up")
def ask_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Probe the keys and look for what is new at once."""
    found = find(pk)
    now = timezone.now()
    if found.disconnected_at is None and found.active:
        with http.within(PATIENCE_S):
            credentials.probe(found, now=now)
            webhooks.keep(found, now=now, asked_for=True)
        Source.objects.filter(pk=pk, poll_every_s__isnull=False).update(next_poll_at=now)
        Source.objects.filter(pk=pk).update(reconciled_at=None)
        messages.info(request, _("Asked. How it is stands below."))
    return back_to(found)


@require_POST
@signed_in("set up")
def price(request: HttpRequest, pk: int) -> HttpResponse:
    """What a call, or a post that is read, costs by contract."""
    found = find(pk)
    prices: dict[str, float | None] = {}
    for name, below in managing.PRICES.items():
        given = request.POST.get(name, "").strip().replace(",", ".")
        try:
            prices[name] = each = float(given) if given else None
        except ValueError:
            each = -1.0
        if each is not None and not 0 <= each < below:
            return page(request, found, notice=_("Write the price as a number, such as 0.005."), status=422)
    managing.set_price(found, prices, currency=request.POST.get("currency", ""), by=person(request).pk)
    return back_to(found)


@require_POST
@signed_in("set up")
def lost(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that what came in a gap will not be had any more."""
    gap = Gap.objects.filter(pk=pk, source__in=known()).select_related("source").first()
    if gap is None:
        raise Http404("no such gap")
    try:
        gaps.declare_lost(gap, note=request.POST.get("note", ""), by=person(request).pk)
    except NotAGap as why:
        return page(request, gap.source, notice=str(why), status=422)
    messages.warning(request, _("Declared lost. Walls and reports say so."))
    return back_to(gap.source)


@require_POST
@signed_in("freeze sending")
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    """Say where a post under our name comes from that nobody here wrote."""
    post = OwnPost.objects.filter(pk=pk).first()
    if post is None:
        raise Http404("no such post")
    try:
        foreign.explain(post, why=request.POST.get("why", ""), by=person(request))
    except Refused as why:
        messages.warning(request, str(why))
    else:
        messages.success(request, _("Written down, under your name."))
    return HttpResponseRedirect(reverse("agents:freeze"))


def page(
    request: HttpRequest,
    found: Source,
    *,
    form: ConnectForm | None = None,
    shown: list[tuple[str, str]] | None = None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    network = network_of(found, missing_ok=True)
    can = network.capabilities if network else None
    unsigned = credentials.awaits_sign_in(found)
    context = _row(found, now) | {
        "source": found,
        "network": network,
        "can": can,
        "form": form or (ConnectForm(network, fill=found) if network and network.fields else None),
        "signed_in": not unsigned and found.disconnected_at is None,
        "sign_in_first": bool(can and can.authorise) and (unsigned or found.refused_at is not None),
        "shown": shown or [],
        "notice": {"level": "warning", "text": notice} if notice else None,
        "hook": webhooks.callback(found) if can and can.webhook else "",
        "generated": bool(network and any(each.generated for each in network.fields)),
        "streams": streams.of(found, now=now),
        "forecast": quota.forecast(found, now=now),
        "rate": quota.rate_of(found),
        "circuit": health.circuit(found, now=now),
        "set_aside": health.set_aside(found),
        "circuit_open": found.failures >= gate.OPENS_AFTER,
        "gaps": Gap.objects.filter(source=found).order_by("-started_at")[:_GAPS_SHOWN],
        "unfinished": gaps.UNFINISHED,
        "delivery": webhooks.told(found),
        "delivered_until": subscriptions.live(found, now=now),
        "rhythm_minutes": (found.rhythm_s or 0) // 60,
        "why_not_sending": health.why_not_sending(found),
    }
    return frame.page(request, "overview", "source.html", context, status=status)


def _row(source: Source, now: datetime) -> dict[str, Any]:
    state, network = health.health(source, now=now), network_of(source, missing_ok=True)
    return {
        "source": source,
        "called": naming.handle(source.handle),
        "health": state,
        "can_send": network is not None and bool(network.capabilities.publish),
        "open_gaps": Gap.objects.filter(source=source, state__in=gaps.UNFINISHED).exclude(ended_at=None).count(),
    }


def known() -> Any:
    return Source.objects.exclude(origin=Origin.CANARY)


def find(pk: int) -> Source:
    found: Source | None = known().filter(pk=pk).first()
    if found is None:
        raise Http404("no such source")
    return found


def network_of(source: Source, *, missing_ok: bool = False) -> Any:
    try:
        return networks.get(source.network)
    except networks.UnknownNetwork:
        if missing_ok:
            return None
        raise Http404("no connector for this network is installed") from None


def back_to(source: Source) -> HttpResponse:
    return HttpResponseRedirect(reverse("agents:source", args=[source.pk]))


def _moment(given: str) -> datetime | None:
    """A local time as the person's browser sends it, with the zone in which they read."""
    try:
        local = datetime.strptime(given, "%Y-%m-%dT%H:%M")  # noqa: DTZ007  zone follows
    except ValueError:
        return None
    return local.replace(tzinfo=timezone.get_current_timezone())


def _titled(network: Network, values: dict[str, str]) -> list[tuple[str, str]]:
    titles = {each.name: str(each.title) for each in network.fields}
    return [(titles.get(name, name), value) for name, value in values.items()]


def _abilities(network: Network) -> str:
    can = network.capabilities
    words = [
        _("public replies") if "public" in can.publish else "",
        _("private messages") if "private" in can.publish else "",
        _("search") if can.search else "",
        _("back-fill") if can.history else "",
    ]
    told = [word for word in words if word]
    return ", ".join(told) if told else _("reads only")
