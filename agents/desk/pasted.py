"""The address of a post as people paste it: what a share button, a phone or a browser has put around it is no part."""

from __future__ import annotations

from itertools import product
from typing import Final
from urllib.parse import urlsplit

from django.db.models import Q

from agents.models import Reply
from mentions import networks
from mentions.models import Mention

_PREFIXES: Final = ("www.", "m.", "mobile.", "old.", "new.")


def standing_at(address: str) -> Q:
    """The conversations in which a post, or a reply of ours, stands at an address, however it was spelled."""
    spelled = spellings(address)
    posts, ours = Q(url__in=spelled), Q(url__in=spelled)
    for network in map(networks.get, networks.keys()):
        if network.post_address is not None and (found := network.post_address.match(address)):
            posts |= Q(network=network.key, external_id=found["id"])
            ours |= Q(source__network=network.key, external_id=found["id"])
    return Q(pk__in=Mention.objects.filter(posts).values("conversation")) | Q(
        pk__in=Reply.objects.filter(ours).values("conversation")
    )


def spellings(address: str) -> list[str]:
    """The address as it was given, and as it may have been told to us: with or without what follows the path, a slash
    at its end, a host for phones, and either scheme.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return [address]
    host = parts.netloc.lower()
    bare = next((host.removeprefix(prefix) for prefix in _PREFIXES if host.startswith(prefix)), host)
    path = parts.path.rstrip("/")
    queries = ("", f"?{parts.query}") if parts.query else ("",)
    given = product(("https", "http"), dict.fromkeys((host, bare, *(p + bare for p in _PREFIXES))), ("", "/"), queries)
    made = [f"{scheme}://{at}{path}{slash}{query}" for scheme, at, slash, query in given]
    return list(dict.fromkeys([address, *made]))
