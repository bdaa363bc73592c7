"""What networks let us in by: changed by several at once of whom none undoes another, and given back when it is over.

A source's secrets are written by people who sign in, fill in or let go, by renewals, by hubs and rotations. Each of
them may have been at the network for seconds, so whoever writes reads the row anew (`changing`), changes only what is
his own, and looks whether what he started from still is what it was.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mentions import http, networks
from mentions.models import Source
from mentions.networks import Account, NetworkError
from mentions.sources.sealing import UnreadableSecrets, seal, secrets_of

log = logging.getLogger(__name__)

# Secrets by which a network gives the token that it takes, if none was given.
RENEWS_BY: Final = frozenset({"refresh_token", "service_account"})
# Secrets of which one is enough to act for an account.
LETS_IN: Final = RENEWS_BY | {"token", "password"}
RENEWAL_S: Final = 10.0  # one server that hangs must not hold the renewals of all others
WAITS_S: Final = RENEWAL_S + 2
FAREWELL_S: Final = 8.0  # for all that is said to a network that is left, while a person waits
_LOOKS_EVERY_S: Final = 0.05
_RENEWAL: Final = 7301  # the first half of the lock's key; the second is the source's


def lets_in(source: Source) -> bool:
    """Whether we hold what its network lets us in by."""
    try:
        return bool(LETS_IN & secrets_of(source).keys())
    except UnreadableSecrets:
        return bool(source.secrets)


def alone(source: Source, *, wait_s: float = WAITS_S) -> None:
    """Nobody else spends what this source is renewed by until the caller's transaction ends.

    The lock is on the source's number and not on its row, which must stay free for those who note that it was heard.
    Raises `NetworkError`, "retry", if somebody else has it for longer than the caller can wait.
    """
    until = time.monotonic() + min(wait_s, http.patience())
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_RENEWAL, source.pk])
            if cursor.fetchone() == (True,):
                return
            if time.monotonic() >= until:
                again = timezone.now() + timedelta(seconds=RENEWAL_S)
                raise NetworkError(_("its credentials are just being renewed, which takes its time"), "retry", again)
            time.sleep(_LOOKS_EVERY_S)


@contextmanager
def changing(source: Source, *, unreadable_ok: bool = False) -> Iterator[tuple[Source, dict[str, str]]]:
    """The source's row and its secrets as they are now, locked; written down as they are at the end of the block.

    Whoever changes secrets does it here. An empty secret is forgotten. Raises `UnreadableSecrets`, unless the caller
    puts others in their place.
    """
    with transaction.atomic():
        row = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
        try:
            kept = secrets_of(row)
        except UnreadableSecrets:
            if not unreadable_ok:
                raise
            kept = {}
        yield row, kept
        held = {name: value for name, value in kept.items() if value}
        row.secrets = seal(held) if held else ""
        row.save()


def give_back(
    source: Source, ended: Mapping[str, str], *, held: Mapping[str, str] | None = None, leaving: bool = False
) -> bool:
    """Ask the network to end what `ended` lets us in by, unless `held` still does; whether it did.

    Not asked where it would end with it what other sources are let in by, and this one unless it is `leaving`. Not to
    be called while rows are locked. Raises nothing: that a network cannot be asked keeps nobody from going on.
    """
    by = "refresh_token" if ended.get("refresh_token") else "token"
    if not LETS_IN & ended.keys() or (held is not None and ended.get(by, "") == held.get(by, "")):
        return False
    acting = Account(source.base_url, source.handle, source.account_id, dict(ended), source.settings, source.local)
    try:
        if shared(source, leaving=leaving):
            return False
        with http.within(FAREWELL_S):
            return networks.get(source.network).revoke(acting)
    except (NetworkError, networks.UnknownNetwork) as error:
        log.warning("a network did not take back what it let us in by: %s", error, extra={"source": source.slug})
        return False


def shared(source: Source, *, leaving: bool) -> bool:
    """Whether other sources, and this one unless it is `leaving`, are let in by the same grant: at the same app's.

    Which person let it in is not known.
    """
    try:
        grants = networks.get(source.network).grants
    except networks.UnknownNetwork:
        return False
    if not grants:
        return False
    alike = [each.key for each in map(networks.get, networks.keys()) if each.grants == grants]
    client = source.settings.get("client_id", "")
    others = Source.objects.filter(network__in=alike, settings__client_id=client).exclude(secrets="")
    return any(lets_in(other) for other in others if not (leaving and other.pk == source.pk))
