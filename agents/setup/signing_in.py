"""Connecting an account by its network's own sign-in (OAuth): there, back again, and who we are to be known by."""

from __future__ import annotations

from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.access import person, signed_in
from agents.setup import frame
from agents.setup.sources import PATIENCE_S, back_to, find, known, network_of, page
from mentions import hooks, http, sources
from mentions.networks import LeftOut, NetworkError
from mentions.sources import connecting
from mentions.sources.connecting import NotConnected

_WITHIN_S: Final = 1800
_FOR_A_CODE_S: Final = 20.0  # it is good once, so whoever brought it waits a little longer


@require_POST
@signed_in("set up", anew=("POST",))
def authorise(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the person to the network's own sign-in, to let us act for the account."""
    found = find(pk)
    network = network_of(found)
    # The state goes through the browser and the network; the secret stays in the session, here.
    state, secret = get_random_string(43), get_random_string(43)
    request.session["authorising"] = {"state": state, "secret": secret, "source": pk, "at": timezone.now().timestamp()}
    back = request.build_absolute_uri(reverse("agents:authorised"))
    try:
        document = request.build_absolute_uri(reverse("agents:client", args=[found.slug]))
        with http.within(PATIENCE_S):
            found = connecting.enrolled(found, back, document)
            where = network.authorise(sources.account(found), back, state, secret)
    except (NetworkError, NotConnected, sources.UnreadableSecrets) as why:
        return page(request, found, notice=str(why), status=422)
    there = urlsplit(where)
    if there.scheme not in ("https", "http") or not there.hostname:
        return page(request, found, notice=_("The network gave no address to sign in at."), status=422)
    context = {"source": found, "network": network, "where": where, "host": there.hostname}
    answer = frame.page(request, "overview", "leaving.html", context)
    # A form of ours may lead nowhere else (`form-action`), not even by a redirect; a page may.
    answer.headers["Refresh"] = f"0; url={where}"
    return answer


@require_GET
@signed_in("set up")
def authorised(request: HttpRequest) -> HttpResponse:
    """Where the network sends the person back to, with a code for credentials."""
    sent = request.session.get("authorising") or {}
    if not sent or not constant_time_compare(request.GET.get("state", ""), sent["state"]):
        raise Http404("nobody was sent there from here")
    del request.session["authorising"]
    if timezone.now().timestamp() - sent["at"] > _WITHIN_S:
        raise Http404("that was too long ago")
    found = find(int(sent["source"]))
    if not request.GET.get("code"):
        return page(request, found, notice=_("The network did not let us in: somebody said no there."), status=422)
    back = request.build_absolute_uri(reverse("agents:authorised"))
    try:
        with http.within(_FOR_A_CODE_S):
            brought = (request.GET["code"], request.GET.get("iss", ""))
            given = network_of(found).exchange(sources.account(found), back, sent["secret"], *brought)
            connecting.authorised(found, given, by=person(request).pk)
    except LeftOut as why:
        connecting.refuse(found, why.secrets)
        return page(request, found, notice=str(why), status=422)
    except (NetworkError, NotConnected, sources.UnreadableSecrets) as why:
        return page(request, found, notice=str(why), status=422)
    hooks.forget()
    if found.sending:
        messages.success(request, _("The network lets us act for this account."))
    else:
        messages.success(request, _("The network lets us act for this account. It reads only, until you let it send."))
    return back_to(found)


@require_GET
def client(request: HttpRequest, slug: str) -> JsonResponse:
    """What our app publishes of itself for one source, for the sign-ins of networks that know no apps beforehand."""
    found = known().filter(slug=slug).first()
    told = None
    if found is not None:
        back = request.build_absolute_uri(reverse("agents:authorised"))
        with suppress(sources.UnreadableSecrets):
            told = network_of(found).client(sources.account(found), request.build_absolute_uri(request.path), back)
    if told is None:
        raise Http404("nothing is published here")
    return JsonResponse(told)
