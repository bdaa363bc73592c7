"""Reddit as its users know it: somebody comments, the bank's account answers, messages go both ways."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from typing import Any

from mentions.networks import Account
from tests.mentions.networks.api_peer import ApiPeer, Request, Said, refusal, served

BANK, CUSTOMER = "meridian_bank", "customer42"


class RedditPeer(ApiPeer):
    """What of Reddit's API the connector uses; the inbox is where everything stands that concerns the bank."""

    limited = refusal(429, x_ratelimit_reset="7.0")

    def __init__(self) -> None:
        super().__init__()
        self.things: dict[str, dict[str, Any]] = {}
        self.late = False  # what was sent is not listed yet
        self.after: str | None = None  # there is another page

    def account_at(self, url: str) -> Account:
        return Account(url, BANK, "t2_bank", {"token": "token-of-the-bank"}, local=True)

    def acts(self, request: Request) -> bool:
        return request.path in ("/api/comment", "/api/compose")

    def write(self, text: str, by: str = CUSTOMER, parent: str = "t3_post", prefix: str = "t1_", **more: Any) -> str:
        own = f"{prefix}{self.number():x}"
        self.things[own] = {
            "name": own,
            "author": by,
            "author_fullname": "t2_bank" if by == BANK else f"t2_{by}",
            "body": text,
            "created_utc": time.time(),
            "parent_id": parent,
            "link_id": "t3_post",
            "permalink": f"/r/banking/comments/post/_/{own}/",
            "edited": False,
        } | more
        return own

    def confide(self, text: str, who: int) -> dict[str, Any]:
        by = f"customer{who}"
        message = self.write(text, by, prefix="t4_", parent="", dest=BANK)
        return {"in_reply_to": message, "recipient_id": f"t2_{by}", "recipient_handle": by}

    def edit(self, external_id: str, text: str) -> None:
        self.things[external_id] |= {"body": text, "edited": time.time()}

    def delete(self, external_id: str) -> None:
        self.things[external_id] |= {"body": "[deleted]", "author": "[deleted]"}

    def answers_to(self, external_id: str) -> list[str]:
        return [
            thing["body"]
            for thing in self.things.values()
            if thing["parent_id"] == external_id and thing["author"] == BANK
        ]

    def messages(self) -> list[str]:
        return [t["body"] for own, t in self.things.items() if own.startswith("t4_") and t["author"] == BANK]

    def answer(self, request: Request) -> Said:
        match request.method, request.path.strip("/"):
            case "GET", "api/v1/me":
                return Said({"id": "bank", "name": BANK})
            case "GET", "message/inbox":
                return self._listing(lambda t: t["author"] != BANK)
            case "GET", "message/sent":
                return self._listing(lambda t: t["author"] == BANK and t["name"].startswith("t4_") and not self.late)
            case "GET", "user/meridian_bank/comments" | "user/meridian_bank/overview":
                return self._listing(lambda t: t["author"] == BANK and t["name"].startswith("t1_"))
            case "GET", "search":
                return self._listing(lambda t: request.query["q"] in t["body"])
            case "GET", "api/info":
                wanted = request.query["id"].split(",")
                return self._listing(lambda t: t["name"] in wanted)
            case "POST", "api/comment":
                return self._commented(request.form)
            case "POST", "api/compose":
                self.write(request.form["text"], BANK, prefix="t4_", parent="", dest=request.form["to"])
                return Said({"json": {"errors": []}})
            case "POST", "api/del":
                self.things.pop(request.form["id"], None)
                return Said({})
            case "POST", "api/editusertext":
                self.things[request.form["thing_id"]]["body"] = request.form["text"]
                return Said({"json": {"errors": []}})
            case "POST", "api/v1/access_token":
                return Said({"access_token": "next", "expires_in": 86400})
        return refusal(404)

    def _commented(self, form: dict[str, str]) -> Said:
        parent = self.things.get(form["thing_id"], {"author": "[deleted]"})
        if parent["author"] == "[deleted]":
            return Said({"json": {"errors": [["DELETED_COMMENT", "that comment has been deleted", "parent"]]}})
        if len(form["text"]) > 10_000:
            return Said({"json": {"errors": [["TOO_LONG", "this is too long", "text"]]}})
        message = form["thing_id"].startswith("t4_")
        more = {"prefix": "t4_", "dest": parent["author"]} if message else {}
        own = self.write(form["text"], BANK, parent=form["thing_id"], **more)
        return Said({"json": {"errors": [], "data": {"things": [{"kind": "t1", "data": self.things[own]}]}}})

    def _listing(self, wanted: Any) -> Said:
        newest = [thing for thing in reversed(self.things.values()) if wanted(thing)]
        children = [{"kind": thing["name"][:2], "data": thing} for thing in newest]
        left = {"x-ratelimit-used": "456", "x-ratelimit-remaining": "544.0", "x-ratelimit-reset": "486"}
        return Said({"kind": "Listing", "data": {"children": children, "after": self.after}}, headers=left)


def serve() -> AbstractContextManager[RedditPeer]:
    """Reddit, reachable."""
    return served(RedditPeer())
