"""Connecting an account by its keys and letting it go again: verbs of an administrator, each one event."""

from __future__ import annotations

import re
import secrets as random_secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from mentions import http, networks, rulebook, scrub
from mentions.events import Actor
from mentions.models import Budget, Gap, Source
from mentions.networks import Account, Network, NetworkError, Probe, Refreshed
from mentions.sources import gaps, holding, subscriptions, webhooks
from mentions.sources.credentials import awaits_sign_in, mended
from mentions.sources.holding import FAREWELL_S, LETS_IN, RENEWS_BY
from mentions.sources.sealing import UnreadableSecrets, account, seal, secrets_of
from mentions.sources.telling import tell

OWN_FIELDS: Final = frozenset({"handle", "account_id", "base_url"})


class NotConnected(ValueError):
    """The account cannot be connected so; the message is for the person who tried."""


def generated(network: Network) -> dict[str, str]:
    """Fresh values for the secrets that we make and a person takes to the network."""
    return {each.name: random_secrets.token_urlsafe(32) for each in network.fields if each.generated}


def connect(
    network: Network, name: str, given: Mapping[str, str], *, by: int, local: bool = False, now: datetime | None = None
) -> Source:
    """A new source, which reads only, with what a person filled in by the network's `fields`.

    One that is authorised at the network itself waits, inactive, until that was done (`authorised`). The secrets
    that we make are made here unless they are given. The network is asked who we are there before
    anything is stored. Raises `NotConnected` with its reason.
    """
    moment = now or timezone.now()
    own, secret, told = _sorted(network, generated(network) | dict(given))
    _require_encryption(network, own, local)
    name = scrub.typed(name)
    later = network.capabilities.authorise and not (LETS_IN & secret.keys())
    ends: datetime | None = None
    if later:
        probed = Probe(own["account_id"], own["handle"])
    else:
        fresh = _renewed(network, own, secret, told, local)
        secret, ends = secret | dict(fresh.secrets), fresh.expires_at
        probed = _probe(network, own, secret, told, local)
    with transaction.atomic():
        _one_at_a_time()
        found, place = probed.account_id or own["account_id"], own["base_url"] or network.home
        if later:
            _require_not_begun(network.key, place, name or network.title)
        else:
            _require_new(network.key, place, found)
        source = Source.objects.create(
            slug=_slug(name or network.title),
            network=network.key,
            name=name or network.title,
            base_url=place,
            handle=probed.handle or own["handle"],
            account_id=found,
            secrets=seal(secret) if secret else "",
            settings=told | dict(probed.settings),
            expires_at=ends or probed.expires_at,
            probed_at=moment,
            local=local,
            active=not later,
            poll_every_s=network.poll_every_s if network.capabilities.fetch else None,
        )
        tell("source.connected", source, moment, Actor.person(by), network=network.key)
        if not later:
            webhooks.soon(source, now=moment)
    transaction.on_commit(rulebook.forget)
    return source


def change_keys(source: Source, given: Mapping[str, str], *, by: int, now: datetime | None = None) -> None:
    """New values for a source's fields; what is left empty stays. Raises `NotConnected`.

    One that was let go begins anew with them, or waits to be signed in if nothing among them lets us in.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        try:
            holding.alone(source)
        except NetworkError as error:
            raise NotConnected(error.message) from error
        before = Source.objects.get(pk=source.pk)
        _require_still(before, source)
        ended, held = _changed_keys(before, given, by, moment)
    transaction.on_commit(rulebook.forget)
    holding.give_back(before, ended, held=held)


def _changed_keys(
    source: Source, given: Mapping[str, str], by: int, moment: datetime
) -> tuple[dict[str, str], dict[str, str]]:
    """Its secrets as they were and as they are now."""
    network = networks.get(source.network)
    try:
        found = secrets_of(source)
    except UnreadableSecrets:
        found = {}
    before = found
    known = before | {k: str(v) for k, v in source.settings.items() if isinstance(v, str)}
    known |= {"handle": source.handle, "base_url": source.base_url, "account_id": source.account_id}
    changed = sorted(name for name, value in given.items() if value and known.get(name) != value)
    if _origin(given.get("base_url") or source.base_url) != _origin(source.base_url):
        # What is stored was given for the other address; whoever names a new one must know the keys.
        theirs = {each.name for each in network.fields if each.generated}
        before = {name: value for name, value in before.items() if name.removesuffix("_previous") in theirs}
        if any(
            each.secret and not each.generated and known.get(each.name) and not given.get(each.name)
            for each in network.fields
        ):
            raise NotConnected(_("Another address is given its keys anew: fill them in as well."))
    own, secret, told = _sorted(network, known | {name: value for name, value in given.items() if value})
    _require_encryption(network, own, source.local)
    if (LETS_IN - {"token"}) & {name for name in secret if secret[name] != before.get(name)} and not given.get("token"):
        before = {name: value for name, value in before.items() if name not in LETS_IN}
        secret.pop("token", None)
    later = _begins(source) and network.capabilities.authorise and not (LETS_IN & (before | secret).keys())
    if later:
        renewed, probed = Refreshed({}), Probe(own["account_id"], own["handle"])
    else:
        renewed = _renewed(network, own, before | secret, told, source.local)
        secret |= dict(renewed.secrets)
        probed = _probe(network, own, before | secret, told, source.local)
    if source.account_id and probed.account_id and probed.account_id != source.account_id:
        raise NotConnected(_("These keys act as another account. Connect that one as a source of its own."))
    wanted = before | secret
    with holding.changing(source, unreadable_ok=True) as (fresh, kept):
        _require_still(fresh, source)
        if _begins(source) and not later:
            _one_at_a_time()
            account_id = probed.account_id or own["account_id"]
            _require_new(network.key, own["base_url"] or network.home, account_id, but=source.pk)
        ended = dict(kept)
        for name in found.keys() - wanted.keys():
            kept.pop(name, None)
        kept |= {name: value for name, value in wanted.items() if found.get(name) != value}
        fresh.active = fresh.active or (_begins(fresh) and not later)
        fresh.base_url, fresh.handle = own["base_url"] or network.home, probed.handle or own["handle"]
        fresh.account_id = probed.account_id or own["account_id"]
        fresh.settings = fresh.settings | told | dict(probed.settings)
        if any(ended.get(name) != kept.get(name) for name in LETS_IN):
            fresh.expires_at, fresh.refreshed_at = None, moment
        fresh.expires_at = renewed.expires_at or probed.expires_at or fresh.expires_at
        fresh.warned_at = fresh.disconnected_at = None
        fresh.probed_at = moment
    if fresh.base_url != source.base_url:
        subscriptions.leave(fresh, now=moment)
    tell("source.keys_changed", fresh, moment, Actor.person(by), fields=changed)
    mended(fresh, now=moment)
    webhooks.soon(fresh, now=moment)
    return ended, kept


def enrolled(source: Source, back: str, document: str) -> Source:
    """The source with all that its network's sign-in has to know us by. Raises `NotConnected`.

    One that was let go waits from then on to be signed in, like one that was just made.
    """
    try:
        known = networks.get(source.network).enrol(account(source), back, document)
    except (NetworkError, UnreadableSecrets) as error:
        raise NotConnected(str(error)) from error
    if not known:
        return source
    with holding.changing(source) as (fresh, kept):
        _require_still(fresh, source)
        kept |= known
        fresh.disconnected_at = None
    return fresh


def authorised(source: Source, given: Refreshed, *, by: int, now: datetime | None = None) -> None:
    """A person let us act for the account at its network, which gave these credentials. Raises `NotConnected`."""
    moment = now or timezone.now()
    tried = {name: value for name, value in (secrets_of(source) | dict(given.secrets)).items() if value}
    try:
        probed = _probe_signed_in(source, tried)
        with transaction.atomic():
            with holding.changing(source) as (fresh, kept):
                _require_still(fresh, source)
                if _begins(source):
                    _one_at_a_time()
                    _require_new(fresh.network, fresh.base_url, probed.account_id, but=fresh.pk)
                ended = dict(kept)
                kept |= given.secrets
                fresh.active = fresh.active or _begins(fresh)
                fresh.account_id, fresh.handle = probed.account_id, probed.handle
                fresh.expires_at = given.expires_at or probed.expires_at
                fresh.refreshed_at = fresh.probed_at = moment
                fresh.warned_at = fresh.disconnected_at = None
            tell(
                "source.keys_changed",
                fresh,
                moment,
                Actor.person(by),
                fields=sorted(given.secrets.keys() & tried.keys()),
            )
            mended(fresh, now=moment)
            webhooks.soon(fresh, now=moment)
    except NotConnected:
        holding.give_back(source, tried, held=secrets_of(Source.objects.get(pk=source.pk)))
        raise
    transaction.on_commit(rulebook.forget)
    holding.give_back(source, ended, held=kept)


def refuse(source: Source, secrets: Mapping[str, str]) -> None:
    """What somebody let us in by, for less than is needed, is given back."""
    before = secrets_of(source)
    holding.give_back(source, before | dict(secrets), held=before)


def disconnect(source: Source, *, by: int, now: datetime | None = None) -> bool:
    """Let the account go: its secrets are erased for good, its posts and figures stay.

    While there are keys its network is asked to deliver no more and to take back what we were let in by; that it cannot
    be asked keeps nobody from leaving. Whether it took that back: if not, it is the account's owner's to do.
    """
    moment = now or timezone.now()
    with http.within(FAREWELL_S):
        webhooks.let_go(source, now=moment)
        with transaction.atomic():
            with suppress(NetworkError):  # who renews for longer finds it gone, and gives back what he got
                holding.alone(source, wait_s=FAREWELL_S / 2)
            revoked = _given_back(source)
            _erase(source, now=moment, by=by, revoked=revoked)
    transaction.on_commit(rulebook.forget)
    return revoked


def _erase(source: Source, *, now: datetime, by: int, revoked: bool) -> None:
    with holding.changing(source, unreadable_ok=True) as (fresh, kept):
        kept.clear()
        fresh.active = fresh.sending = False
        fresh.disconnected_at = now
        fresh.blind_since = fresh.late_since = fresh.refused_at = fresh.expires_at = fresh.rotated_at = None
        fresh.last_error = ""
        fresh.hook, fresh.hook_at = {}, None
    subscriptions.leave(source, now=now)
    webhooks.told_anew(source, now=now)
    Budget.objects.filter(source=source).delete()
    gaps.end(source, now=now)
    Gap.objects.filter(source=source, closed_at=None).update(next_at=None, state=Gap.Status.OPEN)
    tell("source.disconnected", source, now, Actor.person(by), revoked=revoked)


def _one_at_a_time() -> None:
    """Whoever connects an account waits, to the end of its transaction, until who began before has done so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('connecting an account'))")


def _require_new(network: str, base_url: str, account_id: str, *, but: int | None = None) -> None:
    """Raises `NotConnected` if the account is connected: a second source would ask, count and send beside the first."""
    alike = Source.objects.filter(network=network, base_url=base_url, account_id=account_id, via=None)
    others = alike.exclude(pk=but) if but is not None else alike
    twin = others.filter(disconnected_at=None, rival="").first()
    if twin is not None:
        raise NotConnected(_("It is connected already, as “%(name)s”: change that source.") % {"name": twin.name})


def _require_not_begun(network: str, base_url: str, name: str) -> None:
    """Raises `NotConnected` if one of this name waits to be signed in there: the form was sent twice."""
    begun = Source.objects.filter(network=network, base_url=base_url, name=name, active=False, disconnected_at=None)
    if any(map(awaits_sign_in, begun)):
        raise NotConnected(_("“%(name)s” waits to be signed in already: go on there.") % {"name": name})


def _begins(source: Source) -> bool:
    """Whether new keys start it: what somebody paused stays paused, and its gap open, until somebody resumes it."""
    return source.disconnected_at is not None or awaits_sign_in(source)


def _require_still(fresh: Source, source: Source) -> None:
    """Raises `NotConnected` if somebody let the account go while its network was asked."""
    if fresh.disconnected_at != source.disconnected_at:
        raise NotConnected(_("Somebody let this account go meanwhile."))


def _given_back(source: Source) -> bool:
    found = Source.objects.get(pk=source.pk)
    try:
        return holding.give_back(found, secrets_of(found), leaving=True)
    except UnreadableSecrets:
        return False


def _probe_signed_in(source: Source, secret: Mapping[str, str]) -> Probe:
    asked = Account(source.base_url, source.handle, source.account_id, secret, source.settings, source.local)
    try:
        probed = networks.get(source.network).probe(asked)
    except NetworkError as error:
        raise NotConnected(error.message) from error
    if source.account_id and probed.account_id != source.account_id:
        raise NotConnected(_("You signed in as another account. Connect that one as a source of its own."))
    return probed


def _sorted(network: Network, given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str], dict[str, Any]]:
    """What was given, as the account's own fields, secrets and settings. Raises `NotConnected` for what is missing."""
    own = {name: given.get(name, "").strip() for name in OWN_FIELDS}
    secret: dict[str, str] = {}
    told: dict[str, Any] = {}
    for each in network.fields:
        value = given.get(each.name, "").strip()
        if not value and each.required and not each.generated:
            raise NotConnected(_("%(field)s is missing.") % {"field": each.title})
        if each.secret and value:
            secret[each.name] = value
        elif not each.secret and each.name not in OWN_FIELDS and value:
            told[each.name] = value
    return own, secret, told


def _require_encryption(network: Network, own: Mapping[str, str], local: bool) -> None:
    """Raises `NotConnected` for an address to which keys and customers' words would travel for all to read."""
    kept = any(each.secret for each in network.fields)
    if kept and not local and _origin(own["base_url"] or network.home)[0] not in ("", "https"):
        raise NotConnected(_("Keys are sent to this address: it has to begin with https."))


def _renewed(
    network: Network, own: Mapping[str, str], secret: Mapping[str, str], told: Mapping[str, Any], local: bool
) -> Refreshed:
    """The token for what was given in its place; nothing where there is a token, or none is needed."""
    if "token" in secret or not RENEWS_BY & secret.keys() or not network.capabilities.refresh:
        return Refreshed({})
    asked = Account(own["base_url"] or network.home, own["handle"], own["account_id"], secret, told, local)
    try:
        return network.refresh(asked)
    except NetworkError as error:
        raise _refused(error) from error


def _probe(
    network: Network, own: Mapping[str, str], secret: Mapping[str, str], told: Mapping[str, Any], local: bool
) -> Probe:
    asked = Account(own["base_url"] or network.home, own["handle"], own["account_id"], secret, told, local)
    try:
        return network.probe(asked)
    except NetworkError as error:
        raise _refused(error) from error


def _refused(error: NetworkError) -> NotConnected:
    """What the network said, and what whoever is connecting it can do about that."""
    todo = {
        "retry": _("Try again in a minute; if it stays so, see that this installation may call that address."),
        "reauthorise": _("Copy the keys again, and see that they are this account's."),
        "poison": _("See that this is the address of the network's API."),
    }
    return NotConnected(" ".join(filter(None, (f"{error.message.rstrip('.')}.", todo.get(error.follow)))))


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()


def _slug(name: str) -> str:
    """An address that is free: it stands in the webhook's URL."""
    wanted = re.sub(r"[^a-z0-9-]", "", slugify(name))[:50] or "source"
    taken = set(Source.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(slug for n in range(1, 10_000) if (slug := wanted if n == 1 else f"{wanted}-{n}") not in taken)
