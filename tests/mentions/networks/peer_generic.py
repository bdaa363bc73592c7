"""A program of the bank's own that speaks the signed webhook in both directions."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from mentions.networks import Account, BadSignature
from mentions.networks.generic import NETWORK, signed
from tests.mentions.networks.peers import SECRET, Peer
from tests.mentions.wire import Line, wire


class Kiosk(Peer):
    """Screens in branches on which customers write, and on which they read the bank's answers."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.posts: dict[str, str] = {}
        self.taken: dict[str, dict[str, Any]] = {}
        self.refuses: list[str] = []
        self.drops = False
        self.nonsense = False
        self.numbers = itertools.count(1)

    def write(self, text: str) -> str:
        own = f"k{next(self.numbers)}"
        self.posts[own] = text
        self._tell({"external_id": own, "author": {"id": "visitor"}, "text": text, "created_at": _now()})
        return f"kiosk:{own}"

    def confide(self, text: str, who: int) -> dict[str, Any]:
        return {"in_reply_to": self.write(text), "recipient_id": f"kiosk:visitor{who}"}

    def edit(self, external_id: str, text: str) -> None:
        own = external_id.removeprefix("kiosk:")
        self._tell({"external_id": own, "op": "edit", "text": text, "edited_at": _now()})

    def delete(self, external_id: str) -> None:
        own = external_id.removeprefix("kiosk:")
        del self.posts[own]
        self._tell({"external_id": own, "op": "delete"})

    def limit(self) -> None:
        self.refuses.append("429 Too Many Requests")

    def expire(self) -> None:
        self.refuses.append("401 Unauthorized")

    def drop_an_answer(self) -> None:
        self.drops = True

    def fail_once(self) -> None:
        self.refuses.append("500 Internal Server Error")

    def talk_nonsense(self) -> None:
        self.nonsense = True

    def answers_to(self, external_id: str) -> list[str]:
        """What is shown below a customer's words."""
        return self._shown("public", external_id.removeprefix("kiosk:"))

    def messages(self) -> list[str]:
        """What was printed for one customer alone."""
        return self._shown("private", None)

    def delivery(self) -> tuple[dict[str, str], bytes]:
        """Everything that was not delivered yet."""
        body = json.dumps({"from": "kiosk", "posts": self.told}).encode()
        self.told = []
        return signed(SECRET, f"d{next(self.numbers)}", body), body

    def strange_delivery(self) -> bytes:
        """A body with nothing that we know."""
        return json.dumps({"from": "kiosk", "posts": [], "weather": "rain"}).encode()

    def talk(self, line: Line) -> None:
        while request := line.hear():
            head, _, body = request.partition(b"\r\n\r\n")
            headers = {
                name.strip().lower(): value.strip()
                for name, _, value in (row.partition(":") for row in head.decode().split("\r\n")[1:])
            }
            status, answer = self._answer(headers, body)
            if self.drops:
                self.drops, status, answer = False, "502 Bad Gateway", {}
            line.say(json.dumps(answer).encode() if answer else b"", status, retry_after="3")

    def _answer(self, headers: dict[str, str], body: bytes) -> tuple[str, dict[str, Any]]:
        if self.refuses:
            return self.refuses.pop(0), {}
        try:
            NETWORK.verify(headers, body, [SECRET])
        except BadSignature:
            return "401 Unauthorized", {}
        asked, key = json.loads(body), headers["idempotency-key"]
        if asked["action"] == "probe":
            return "204 No Content", {}
        if asked["action"] == "find":
            return "200 OK", {"external_id": self.taken[key]["external_id"], "at": _now()} if key in self.taken else {}
        if asked["action"] == "retract":
            kept = [name for name, taken in self.taken.items() if taken["external_id"] != asked["external_id"]]
            self.taken = {name: self.taken[name] for name in kept}
            return "204 No Content", {}
        if key not in self.taken:
            gone = asked["in_reply_to"] is not None and asked["in_reply_to"] not in self.posts
            if gone or len(asked["text"]) > NETWORK.limits.max:
                return "422 Unprocessable Content", {}
            own = f"a{next(self.numbers)}"
            self.taken[key] = {**asked, "external_id": own}
            self._tell({"external_id": own, "author": {"id": "kiosk"}, "text": asked["text"], "created_at": _now()})
        return "200 OK", {"external_id": self.taken[key]["external_id"], "at": _now()}

    def _shown(self, visibility: str, to: str | None) -> list[str]:
        return [
            taken["text"]
            for taken in self.taken.values()
            if taken["visibility"] == visibility and to in (None, taken["in_reply_to"])
        ]

    def _tell(self, post: dict[str, Any]) -> None:
        self.told.append(post)


@contextlib.contextmanager
def serve() -> Iterator[Kiosk]:
    """The kiosk, listening."""
    peer = Kiosk()
    with wire(peer.talk) as server:
        secrets = {"webhook": SECRET, "token": SECRET}
        peer.account = Account(f"{server.url}/replies", "kiosk", "kiosk", secrets, local=True)
        yield peer


def _now() -> str:
    return timezone.now().isoformat()
