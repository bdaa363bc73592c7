"""What of a stream concerns the bank: what its saved searches look for, and what became of what is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mentions.listening.matching import Matcher, compiled, glance
from mentions.listening.query import BadQuery
from mentions.listening.translating import translate
from mentions.models import Mention, OwnPost, Source
from mentions.networks import Wanted


@dataclass(frozen=True, slots=True)
class Search:
    """One saved search as it is asked through an account."""

    source: Source
    matcher: Matcher


def searches(account: Source) -> list[Search]:
    """The active searches of an account."""
    found = []
    for source in Source.objects.filter(via=account, active=True, search__active=True).select_related("search", "via"):
        assert source.search is not None
        try:
            found.append(Search(source, compiled(source.search.query)))
        except BadQuery:  # the language was different when it was saved
            continue
    return found


def wanted(account: Source, asked: Sequence[Search]) -> Wanted:
    """What a connector needs to know of us to leave out the rest."""
    nodes = [search.matcher.node for search in asked]
    questions = [text for node in nodes for text in translate(node, account.network).texts]
    return Wanted(
        questions=tuple(dict.fromkeys(questions)),
        may_fit=glance(nodes, account.network),
        stored=lambda external_ids: _stored(account.network, external_ids),
        by=lambda author_id: _by(account.network, author_id),
    )


def version(account: Source, asked: Sequence[Search]) -> str:
    """Changes whenever a connection that was opened before would hear something else than one opened now."""
    told = [account.base_url, account.secrets, account.handle, account.account_id, sorted(account.settings.items())]
    told += [(each.source.pk, each.source.search_id, each.matcher.node) for each in asked]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _stored(network: str, external_ids: Collection[str]) -> set[str]:
    named = {"network": network, "external_id__in": list(external_ids)}
    theirs = Mention.objects.filter(**named, drill=None, deleted_at=None).values_list("external_id", flat=True)
    ours = OwnPost.objects.filter(**named, deleted_at=None).values_list("external_id", flat=True)
    return {*theirs, *ours}


def _by(network: str, author_id: str) -> list[str]:
    kept = Mention.objects.filter(
        author__network=network, author__external_id=author_id, drill=None, deleted_at=None, content__isnull=False
    )
    return list(kept.values_list("external_id", flat=True))
