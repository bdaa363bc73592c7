"""What X delivers: its check of the address, its signature, and the two envelopes of its webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mentions.networks import BadSignature, Handshake, Malformed
from mentions.networks import _deliveries as deliveries
from mentions.networks import _tweets as tweets
from mentions.networks._shapes import identifier, mapping, maps, text

SIGNATURE: Final = "x-twitter-webhooks-signature"
_CHALLENGE: Final = re.compile(r"[\w+/=.~-]{1,500}", re.ASCII)


def handshake(query: Mapping[str, str], secrets: Mapping[str, str]) -> Handshake | None:
    """The answer to X's challenge; None for what is none, or without the consumer secret."""
    challenge, secret = query.get("crc_token", ""), secrets.get("webhook", "")
    # Deliveries are signed by the same formula: what could be one is never signed for whoever asks.
    if not secret or not _CHALLENGE.fullmatch(challenge):
        return None
    return Handshake(json.dumps({"response_token": _signature(secret, challenge.encode())}), "application/json")


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Raises `BadSignature` for what X did not sign with one of the consumer secrets."""
    if not body.lstrip().startswith(b"{"):
        raise BadSignature("the body is no delivery")
    deliveries.check(secrets, lambda secret: _signature(secret, body), [headers.get(SIGNATURE, "")])


def parse(body: bytes) -> list[dict[str, Any]]:
    """The posts and operations of an Account Activity or Activity API delivery. Raises `Malformed`."""
    envelope = deliveries.read(body)
    if not isinstance(envelope, dict) or not ({"for_user_id", "data", "user_event"} & envelope.keys()):
        raise Malformed("the body is neither an account's nor an event's")
    if "data" in envelope:
        return _activity(mapping(envelope["data"]))
    users = mapping(envelope.get("users"))
    if revoked := mapping(mapping(envelope.get("user_event")).get("revoke")):
        who = identifier(mapping(revoked.get("source")).get("user_id"))
        return [{"network": tweets.KEY, "external_id": who, "op": "revoked", "at": revoked.get("date_time")}]
    me = identifier(envelope.get("for_user_id"))
    found = [tweets.pushed(tweet, me) for tweet in maps(tweets.either(envelope, "tweet_create_events"))]
    found += [
        tweets.deletion(mapping(event.get("status")).get("id"))
        for event in maps(tweets.either(envelope, "tweet_delete_events"))
    ]
    found += [tweets.message(event, users) for event in maps(envelope.get("direct_message_events"))]
    return [item for item in found if item is not None]


def parcels(body: bytes) -> dict[str, list[dict[str, Any]]]:
    """The same by the account whose subscription brought it."""
    items = parse(body)
    envelope = mapping(deliveries.read(body))
    revoked = mapping(mapping(envelope.get("user_event")).get("revoke"))
    whose = identifier(envelope.get("for_user_id")) or identifier(mapping(revoked.get("source")).get("user_id"))
    return {whose or identifier(mapping(mapping(envelope.get("data")).get("filter")).get("user_id")): items}


def _activity(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An event of the Activity API. Messages come in the older form, people with or without an envelope."""
    kind, payload = text(event.get("event_type")), mapping(event.get("payload"))
    includes = mapping(event.get("includes")) or mapping(payload.get("includes"))
    includes = includes | {"users": [_unwrapped(user) for user in maps(includes.get("users"))]}
    found: list[dict[str, Any] | None] = []
    if kind in ("post.delete", "tweet.delete"):
        found = [tweets.deletion(payload.get("id") or tweets.either(payload, "tweet_id"))]
    elif kind.startswith(("post.", "tweet.")):
        me = identifier(mapping(event.get("filter")).get("user_id"))
        found = [tweets.edit(payload) or tweets.post(payload, includes, me)]
    elif kind in ("dm.received", "dm.sent"):
        users = {identifier(user.get("id")): user for user in includes["users"]}
        users |= {own: _unwrapped(mapping(user)) for own, user in mapping(payload.get("users")).items()}
        listed_there = maps(payload.get("direct_message_events")) or [payload]
        media = {text(item.get("media_key")): item for item in maps(includes.get("media"))}
        found = [tweets.message(message, users, media) for message in listed_there]
    return [item for item in found if item is not None]


def _unwrapped(user: Mapping[str, Any]) -> dict[str, Any]:
    return dict(mapping(user.get("data")) or user)


def _signature(secret: str, message: bytes) -> str:
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()
