"""Anything else: a program that speaks the product's own form, by signed webhook in both directions.

What comes in is `{"from": NAME, "posts": [...]}` with posts and operations in the one inbound form; `from` names the
program, and with it identifiers are unique for ever. What goes out is a POST to the source's address, signed in the
same way, with an `Idempotency-Key`: whoever takes it answers with `{"external_id", "url", "at"}`, and the same for
the same key. Both sides sign time, delivery and raw body with HMAC-SHA256.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from mentions import http
from mentions.networks import (
    Account,
    BadSignature,
    Capabilities,
    Field,
    Gone,
    Limits,
    Malformed,
    Network,
    NetworkError,
    Outgoing,
    Probe,
    Published,
)
from mentions.networks import _deliveries as deliveries
from mentions.networks._answers import lost, refused
from mentions.posts import BadPost, parse_time

TOLERANCE_S: Final = 300
_NAME: Final = re.compile(r"[a-z0-9-]{1,40}\Z")
_OWN_IDS: Final = ("external_id", "in_reply_to", "conversation_id")


class Generic(Network):
    """The connector. Secrets: "webhook" (both ways) and "webhook_previous"."""

    key = "generic"
    title = "Signed webhook"
    capabilities = Capabilities(
        webhook=True, publish=frozenset({"public", "private"}), original=True, retract=True, resend="key"
    )
    limits = Limits(max=10_000, private_max=10_000)
    fields = (
        Field("account_id", _("Name of the program"), _("As it stands in “from”: small letters, digits and hyphens.")),
        Field("base_url", _("Address to send to"), _("Our replies are posted there, signed."), required=False),
        Field("webhook", _("Signing secret"), _("Both sides sign with it."), secret=True, generated=True),
    )

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """Time, delivery and raw body under one of the secrets."""
        stamp, delivery = headers.get("glasshouse-timestamp", ""), headers.get("glasshouse-delivery", "")
        if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12 or not 0 < len(delivery) <= 200:
            raise BadSignature("the delivery is not signed")
        given = [headers.get("glasshouse-signature", "")]
        deliveries.check(secrets, lambda secret: f"v1={_signature(secret, stamp, delivery, body)}", given)
        if abs(time.time() - int(stamp)) > TOLERANCE_S:
            raise BadSignature("the delivery is too old")

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """The program's name for the delivery, which is signed."""
        return headers["glasshouse-delivery"]

    def parse(self, body: bytes) -> list[dict[str, Any]]:
        """The posts and operations, under identifiers that begin with the program's name."""
        name, posts = _told(body)
        return [_item(name, post) for post in posts]

    def delivered(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[dict[str, Any]]:
        """The same from the program of this account alone: its secret signs for no other program's posts."""
        name, posts = _told(body)
        if name != account.account_id:
            raise Malformed(f"this address takes what comes from {account.account_id}")
        return [_item(name, post) for post in posts]

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """Hands a reply over and waits until it was taken."""
        sent = {
            "action": "publish",
            "text": outgoing.text,
            "visibility": outgoing.visibility,
            "in_reply_to": _bare(outgoing.in_reply_to),
            "recipient_id": _bare(outgoing.recipient_id),
        }
        published = _published(account, self._tell(account, sent, outgoing.client_key))
        if published is None:
            raise NetworkError(_("the program took the reply and did not say what it became"), "unknown")
        return published

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Asks what became of a key; an answer without an identifier means that nothing came under it."""
        try:
            return _published(account, self._tell(account, {"action": "find"}, client_key))
        except NetworkError as error:
            raise error if error.follow != "unknown" else NetworkError(error.message, "retry") from None

    def retract(self, account: Account, external_id: str) -> None:
        """Asks for our post to be taken back."""
        try:
            self._tell(account, {"action": "retract", "external_id": _bare(external_id)}, f"retract-{external_id}")
        except Gone:
            return

    def probe(self, account: Account) -> Probe:
        """Whether the program takes what we sign; one that only delivers is not asked."""
        if not _NAME.match(account.account_id):
            raise NetworkError(_("the program's name has small letters, digits and hyphens, 40 at most"), "give_up")
        if account.base_url:
            self._tell(account, {"action": "probe"}, f"probe-{account.account_id}")
        return Probe(account.account_id, account.handle or account.account_id)

    def _tell(self, account: Account, sent: dict[str, Any], client_key: str) -> dict[str, Any]:
        if not account.base_url:
            raise NetworkError(_("no address to send to is set"), "give_up")
        # As `mentions.http` spells it: the signature covers these very bytes.
        body = json.dumps(sent, ensure_ascii=False).encode()
        headers = signed(account.secrets.get("webhook", ""), client_key, body) | {"idempotency-key": client_key}
        try:
            answer = http.request(
                "POST", account.base_url, headers=headers, payload=sent, repeatable=True, local=account.local
            )
        except http.HttpFailure as failure:
            raise lost(self.title, failure, acting=True) from None
        if answer.status not in (200, 201, 202, 204):
            raise refused(self.title, answer, acting=True)
        try:
            told = answer.json() if answer.body else {}
        except ValueError:
            told = {}
        return told if isinstance(told, dict) else {}


def signed(secret: str, delivery: str, body: bytes, *, at: float | None = None) -> dict[str, str]:
    """The headers of a delivery of this body, in either direction."""
    stamp = str(int(time.time() if at is None else at))
    return {
        "glasshouse-delivery": delivery,
        "glasshouse-timestamp": stamp,
        "glasshouse-signature": f"v1={_signature(secret, stamp, delivery, body)}",
    }


def _signature(secret: str, stamp: str, delivery: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{stamp}.{delivery}.".encode() + body, hashlib.sha256).hexdigest()


def _told(body: bytes) -> tuple[str, list[object]]:
    """Which program tells, and what."""
    envelope = deliveries.read(body)
    posts = envelope.get("posts") if isinstance(envelope, dict) else None
    name = envelope.get("from") if isinstance(envelope, dict) else None
    if not isinstance(posts, list) or not isinstance(name, str) or not _NAME.match(name):
        raise Malformed('the body is not {"from": name, "posts": [...]}')
    return name, posts


def _item(name: str, post: object) -> dict[str, Any]:
    """A post under the program's name; what is broken is passed on, to be refused and kept by itself."""
    if not isinstance(post, dict):
        return {"network": Generic.key, "post": post}
    item = {**post, "network": Generic.key}
    for field in _OWN_IDS:
        if isinstance(item.get(field), str | int) and item[field] != "":
            item[field] = f"{name}:{item[field]}"
    author = item.get("author")
    # The program's own name is our account there; everybody else's identifier gets it in front.
    if isinstance(author, dict) and isinstance(author.get("id"), str | int) and str(author["id"]) not in ("", name):
        item["author"] = {**author, "id": f"{name}:{author['id']}"}
    return item


def _published(account: Account, told: Mapping[str, Any]) -> Published | None:
    external_id, url = told.get("external_id"), told.get("url")
    if not isinstance(external_id, str) or not external_id:
        return None
    try:
        at = parse_time(told.get("at"))
    except BadPost:
        at = datetime.now(UTC)
    return Published(f"{account.account_id}:{external_id}", url if isinstance(url, str) else None, at)


def _bare(identifier: str | None) -> str | None:
    return identifier.partition(":")[2] if identifier else identifier


NETWORK = Generic()
