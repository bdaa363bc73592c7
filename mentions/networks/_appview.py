"""What Bluesky's index shows of posts and people, and what the servers of accounts say of single records."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mentions.networks import Account, NetworkError
from mentions.networks._atproto import Refusal, ask
from mentions.networks._shapes import mapping, maps
from mentions.networks._views import parts, post

TOGETHER: Final = 25
# How the network says that a record, or the whole account that it was in, is not there.
_ABSENT: Final = frozenset({"RecordNotFound", "NotFound", "RepoNotFound", "AccountNotFound"})


def views_of(account: Account, uris: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The posts that the network shows us under these identifiers."""
    wanted = [uri for uri in uris if parts(uri)[2]]
    views: dict[str, dict[str, Any]] = {}
    for start in range(0, len(wanted), TOGETHER):
        query = [("uris", uri) for uri in wanted[start : start + TOGETHER]]
        found = ask(account, "app.bsky.feed.getPosts", query).body.get("posts")
        views |= {uri_of(view): view for view in maps(found) if uri_of(view) in wanted}
    return views


def posts_of(account: Account, views: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Views in the product's form, with how many follow each author: an ornament, left off if it is not to be had."""
    shown = list(views)
    dids = list(dict.fromkeys(did for view in shown if isinstance(did := mapping(view.get("author")).get("did"), str)))
    told = {did: profile.get("followersCount") for did, profile in profiles_of(account, dids).items()}
    followers = {did: count for did, count in told.items() if isinstance(count, int)}
    return [post(view, followers) for view in shown]


def profiles_of(account: Account, dids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The people behind these identifiers, as far as the index shows them now."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(dids), TOGETHER):
        query = [("actors", did) for did in dids[start : start + TOGETHER]]
        with contextlib.suppress(NetworkError):
            shown = maps(ask(account, "app.bsky.actor.getProfiles", query).body.get("profiles"))
            found |= {str(profile.get("did")): profile for profile in shown}
    return found


def uri_of(view: Mapping[str, Any]) -> str:
    """What a post is called; the word None for what has no name."""
    return str(view.get("uri"))


def is_gone(account: Account, uri: str) -> bool:
    """Whether the network says that it has no such post. One that it merely does not show us is not gone."""
    try:
        return record_of(account, uri) is None
    except NetworkError as error:
        if error.follow != "give_up":
            raise
    # A record of an account that was closed, suspended or taken down is refused without a name for the reason.
    did = parts(uri)[0]
    profiles = ask(account, "app.bsky.actor.getProfiles", [("actors", did)]).body.get("profiles")
    return isinstance(profiles, list) and all(profile.get("did") != did for profile in maps(profiles))


def record_of(account: Account, uri: str) -> dict[str, Any] | None:
    """The record itself; None if there is none, or no account that could have it. Raises `NetworkError`."""
    did, collection, rkey = parts(uri)
    query = [("repo", did), ("collection", collection), ("rkey", rkey)]
    try:
        return ask(account, "com.atproto.repo.getRecord", query).body
    except Refusal as refusal:
        if refusal.name in _ABSENT:
            return None
        raise
