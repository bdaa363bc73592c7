"""How often a search may be asked for, where its network keeps an allowance for all searches of an account together."""

from __future__ import annotations

from datetime import timedelta

from mentions import networks
from mentions.listening.matching import compiled
from mentions.listening.query import BadQuery
from mentions.listening.translating import translate
from mentions.models import Source


def apart(account: Source, *, more: int = 0) -> timedelta:
    """How far apart one search is asked for, so that with `more` questions beside them all stay within the allowance.

    Nothing where there is no such allowance.
    """
    rate = networks.get(account.network).search_rate
    if rate is None:
        return timedelta(0)
    return timedelta(seconds=rate.per_s / rate.calls * max(1, more + questions(account)))


def questions(account: Source) -> int:
    """How many questions all searches through this account ask at one turn."""
    through = Source.objects.filter(via=account, active=True, search__active=True)
    found = 0
    for query in through.values_list("search__query", flat=True):
        try:
            found += len(translate(compiled(str(query)).node, account.network).texts)
        except BadQuery:
            continue
    return found
