"""Town Square, the demonstration's own network (`/sandbox/`), reached as any other: over HTTP alone.

Identifiers are `ts:` and the network's own. Town Square remembers our client key with the post, so a send
whose answer was lost is settled exactly. Its signature covers time, delivery and body. Its log of events keeps
three days.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

from django.utils.translation import gettext_lazy as _

from mentions import http
from mentions.networks import (
    Account,
    BadSignature,
    Capabilities,
    Fetched,
    Field,
    Gone,
    Limits,
    Malformed,
    Network,
    NetworkError,
    Outgoing,
    Picture,
    Pictures,
    Probe,
    Published,
    Rate,
)
from mentions.networks import _deliveries as deliveries
from mentions.networks._answers import lost, refused
from mentions.posts import BadPost, parse_time

PREFIX: Final = "ts:"
TOLERANCE_S: Final = 300
PAGE: Final = 200


class TownSquare(Network):
    """The connector. Secrets: "token" to act as the bank, "webhook" and "webhook_previous" to verify."""

    key = "townsquare"
    title = "Town Square"
    media_hosts = ("{home}",)
    capabilities = Capabilities(
        webhook=True,
        fetch=True,
        search=True,
        history=True,
        lookup=True,
        publish=frozenset({"public", "private"}),
        original=True,
        retract=True,
        edit=True,
        hide=True,
        resend="key",
    )
    limits = Limits(max=500, private_max=500, pictures=Pictures(most=4, private_most=4, alt=1_000))
    rate = Rate(calls=6000, per_s=60)
    lookup_at_once = 20
    fields = (
        Field("base_url", _("Address"), _("Where Town Square is, such as https://square.example/sandbox.")),
        Field("handle", _("Handle"), _("The bank's name on the square, without the @.")),
        Field("token", _("Token"), _("Lets us act as the bank there."), secret=True),
        Field(
            "webhook",
            _("Signing secret"),
            _("Town Square signs its deliveries with it."),
            secret=True,
            generated=True,
        ),
    )

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """One of several signatures must fit one of the secrets, so that either side may rotate first."""
        stamp = headers.get("townsquare-timestamp", "")
        delivery = headers.get("townsquare-delivery", "")
        given = [part.strip() for part in headers.get("townsquare-signature", "").split(",")]
        if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12 or not 0 < len(delivery) <= 200:
            raise BadSignature("the delivery carries no time or no name")
        deliveries.check(secrets, lambda secret: f"v1={_signature(secret, stamp, delivery, body)}", given[:4])
        if abs(time.time() - int(stamp)) > TOLERANCE_S:
            raise BadSignature("the delivery is too old")

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """The network's name for the delivery; signed with it, so a replay cannot choose another."""
        return headers["townsquare-delivery"]

    def parse(self, body: bytes) -> list[dict[str, Any]]:
        """Posts, edits and deletions of a body `{"events": [...]}`; kinds we do not know are left out."""
        envelope = deliveries.read(body)
        events = envelope.get("events") if isinstance(envelope, dict) else None
        if not isinstance(events, list):
            raise Malformed("the body has no list of events")
        return [item for event in events if (item := _item(event)) is not None]

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """The network's log of events, which is the same as what the webhook delivers."""
        return self._events(account, cursor, {})

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """The same log, between two times."""
        page = self._events(account, cursor, {"since": since.isoformat(), "until": until.isoformat()})
        return page if page.next_at else Fetched(page.items, {})

    def _events(self, account: Account, cursor: dict[str, Any], bounds: dict[str, str]) -> Fetched:
        params = {"limit": str(PAGE)} | bounds
        if cursor.get("after"):
            params["after"] = str(cursor["after"])
        page = self._ask(account, "GET", "bank/events", params=params)
        events = page.get("events")
        if not isinstance(events, list):
            raise NetworkError(_("%(network)s answered with something else than events") % self.named, "poison")
        items = tuple(item for event in events if (item := _item(event)) is not None)
        following = page.get("next") or cursor.get("after")
        more = datetime.now(UTC) if page.get("more") is True else None
        return Fetched(items, {"after": following} if following else {}, more)

    def search(self, account: Account, query: str, cursor: dict[str, Any]) -> Fetched:
        """Public posts that hold all of the words, found within others too."""
        params = {"q": query} | ({"after": str(cursor["after"])} if cursor.get("after") else {})
        page = self._ask(account, "GET", "bank/search", params=params)
        found = page.get("items")
        if not isinstance(found, list):
            raise NetworkError(_("%(network)s answered with something else than posts") % self.named, "poison")
        items = tuple(
            {"network": self.key, "external_id": _global(post.get("id"))} | _created(post)
            for post in found
            if isinstance(post, dict)
        )
        after = page.get("next") or cursor.get("after")
        more = datetime.now(UTC) if page.get("more") is True else None
        return Fetched(items, {"after": after} if after else {}, more)

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """Brings the pictures, and sends a public or private reply; the client key makes a second attempt harmless."""
        payload: dict[str, Any] = {"text": outgoing.text, "private": outgoing.visibility == "private"}
        if outgoing.in_reply_to is not None:
            payload["in_reply_to"] = _bare(outgoing.in_reply_to)
        if outgoing.recipient_id is not None and outgoing.visibility == "private":
            payload["recipient"] = _bare(outgoing.recipient_id)
        if outgoing.pictures:
            payload["pictures"] = [{"id": self._bring(account, one), "alt": one.alt} for one in outgoing.pictures]
        post = self._ask(account, "POST", "bank/posts", payload=payload, client_key=outgoing.client_key)
        published = _published(post)
        if published is None:
            raise NetworkError(_("%(network)s stored something and did not say what") % self.named, "unknown")
        return published

    def _bring(self, account: Account, picture: Picture) -> str:
        """What Town Square calls a picture that was brought."""
        brought = self._ask(account, "POST", "bank/pictures", file=(picture.type, picture.body), acting=False)
        if not isinstance(brought.get("id"), str):
            raise NetworkError(_("%(network)s took a picture and did not say what it calls it") % self.named, "retry")
        return str(brought["id"])

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Looks our client key up: exact, at any time, also after our post was deleted."""
        page = self._ask(account, "GET", "bank/posts", params={"client_key": client_key})
        found = page.get("items")
        if not isinstance(found, list):
            raise NetworkError(_("%(network)s answered with something else than posts") % self.named, "retry")
        return next((post for post in map(_published, found) if post is not None), None)

    def retract(self, account: Account, external_id: str) -> None:
        """Deletes our post."""
        try:
            self._ask(account, "DELETE", f"bank/posts/{_bare(external_id)}")
        except Gone:
            return

    def edit(self, account: Account, external_id: str, text: str) -> Published:
        """Replaces the words of our post."""
        published = _published(self._ask(account, "PUT", f"bank/posts/{_bare(external_id)}", payload={"text": text}))
        if published is None:
            raise NetworkError(_("%(network)s changed something and did not say what") % self.named, "unknown")
        return published

    def hide(self, account: Account, external_id: str, *, hidden: bool) -> None:
        """Folds away an answer to a post of ours, or unfolds it."""
        self._ask(account, "PUT", f"bank/posts/{_bare(external_id)}", payload={"hidden": hidden})

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Posts and messages, one call each."""
        found: dict[str, dict[str, Any] | None] = {}
        for external_id in external_ids:
            try:
                post = self._ask(account, "GET", f"posts/{_bare(external_id)}")
            except Gone:
                found[external_id] = None
            except NetworkError as error:
                if error.follow != "give_up":
                    raise
            else:
                found[external_id] = {"network": self.key, "external_id": external_id} | _created(post)
        return found

    def probe(self, account: Account) -> Probe:
        """Who the token acts as; a token does not end by itself."""
        told = self._ask(account, "GET", "bank/account").get("account")
        if not isinstance(told, dict) or not isinstance(told.get("id"), str):
            raise NetworkError(_("%(network)s did not say who we are") % self.named, "retry")
        return Probe(f"{PREFIX}{told['id']}", str(told.get("handle") or account.handle))

    def _ask(
        self,
        account: Account,
        method: Literal["GET", "POST", "PUT", "DELETE"],
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        payload: object = None,
        file: tuple[str, bytes] | None = None,
        client_key: str | None = None,
        acting: bool | None = None,
    ) -> dict[str, Any]:
        acting = method == "POST" if acting is None else acting
        headers = {"authorization": f"Bearer {account.secrets.get('token', '')}"}
        if client_key is not None:
            headers["idempotency-key"] = client_key
        try:
            answer = http.request(
                method,
                f"{account.base_url.rstrip('/')}/api/{path}",
                headers=headers,
                params=params,
                payload=payload,
                file=file,
                repeatable=client_key is not None or not acting,
                local=account.local,
            )
        except http.HttpFailure as failure:
            raise lost(self.title, failure, acting=acting) from None
        if answer.status == 204:
            return {}
        if answer.status not in (200, 201):
            raise refused(self.title, answer, acting=acting)
        try:
            decoded = answer.json()
        except ValueError:
            decoded = None
        if not isinstance(decoded, dict):
            follow: Literal["unknown", "retry"] = "unknown" if acting else "retry"
            raise NetworkError(_("%(network)s gave an answer that cannot be read") % self.named, follow)
        return decoded


def signed(secret: str, delivery: str, body: bytes, *, at: float | None = None) -> dict[str, str]:
    """The headers with which Town Square would deliver this body: for canaries, benches and tests."""
    stamp = str(int(time.time() if at is None else at))
    return {
        "townsquare-delivery": delivery,
        "townsquare-timestamp": stamp,
        "townsquare-signature": f"v1={_signature(secret, stamp, delivery, body)}",
    }


def _signature(secret: str, stamp: str, delivery: str, body: bytes) -> str:
    signed_bytes = f"{stamp}.{delivery}.".encode() + body
    return hmac.new(secret.encode(), signed_bytes, hashlib.sha256).hexdigest()


def _item(event: object) -> dict[str, Any] | None:
    """One event in the contract's form. What is broken is passed on, to be refused and kept one by one."""
    if not isinstance(event, dict):
        return {"network": TownSquare.key, "event": event}
    kind = event.get("type")
    post = event.get("post")
    if not isinstance(post, dict):
        post = {}
    item: dict[str, Any] = {"network": TownSquare.key, "external_id": _global(post.get("id"))}
    if kind in ("post.created", "message.created"):
        item |= _created(post)
    elif kind in ("post.edited", "message.edited"):
        item |= {"op": "edit", "text": post.get("text"), "edited_at": post.get("edited_at")}
    elif kind in ("post.deleted", "message.deleted"):
        item |= {"op": "delete"}
    else:
        return None
    return item | {"event": event.get("id")}


def _created(post: dict[str, Any]) -> dict[str, Any]:
    author = post.get("author")
    shown = [post.get("image"), *(pictures if isinstance(pictures := post.get("pictures"), list) else [])]
    private = post.get("private") is True
    if isinstance(author, dict):
        author = {
            "id": _global(author.get("id")),
            "handle": author.get("handle"),
            "name": author.get("name"),
            "followers": author.get("followers"),
            "verified": author.get("verified"),
            "avatar_url": author.get("avatar"),
            "created_at": author.get("joined_at"),
        }
    return {
        "kind": "message" if private else "reply" if post.get("in_reply_to") else "post",
        "visibility": "private" if private else "public",
        "author": author,
        "text": post.get("text"),
        "created_at": post.get("created_at"),
        "url": post.get("url"),
        "in_reply_to": _global(post.get("in_reply_to")),
        "conversation_id": _global(post.get("thread")),
        "metrics": {"likes": 0, "reposts": 0, "replies": post.get("replies_count", 0)},
        "media": [
            {"url": one.get("url"), "type": "image", "alt": one.get("alt")} for one in shown if isinstance(one, dict)
        ],
    }


def _published(post: object) -> Published | None:
    if not isinstance(post, dict) or not isinstance(post.get("id"), str):
        return None
    try:
        at = parse_time(post.get("created_at"))
    except BadPost:
        return None
    url = post.get("url")
    return Published(PREFIX + post["id"], url if isinstance(url, str) else None, at)


def _global(own: object) -> object:
    return f"{PREFIX}{own}" if isinstance(own, str) and own else own


def _bare(external_id: str) -> str:
    return external_id.removeprefix(PREFIX)


NETWORK = TownSquare()
