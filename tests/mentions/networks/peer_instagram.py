"""Instagram as its users know it: a post of the bank's with comments under it, and messages."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager

from mentions.networks import Account
from mentions.networks.instagram import Instagram
from tests.mentions.networks.api_peer import Request, Said, now, served
from tests.mentions.networks.peer_facebook import CUSTOMER, PAGE, GraphPeer, graph_error

MEDIA = "500"


class InstagramPeer(GraphPeer):
    """One post, under which somebody comments. Comments cannot be edited on Instagram."""

    object_name = "instagram"

    def account_at(self, url: str) -> Account:
        return Account(url, "meridian", PAGE, super().account_at(url).secrets, local=True)

    def write(self, text: str, by: str = CUSTOMER, parent: str = "") -> str:
        own = f"179{self.number()}"
        self.posts[own] = {
            "id": own,
            "from": {"id": by, "username": "customer42" if by == CUSTOMER else "meridian"},
            "text": text,
            "timestamp": now(),
            "parent_id": parent,
        }
        value = {name: self.posts[own][name] for name in ("id", "from", "text", "parent_id")}
        self.changes.append({"field": "comments", "value": value | {"media": {"id": MEDIA}}})
        return own

    def delete(self, external_id: str) -> None:
        del self.posts[external_id]

    def answers_to(self, external_id: str) -> list[str]:
        return [post["text"] for post in self.posts.values() if post["parent_id"] == external_id]

    def delivery(self) -> tuple[dict[str, str], bytes]:
        headers, body = super().delivery()
        return headers, body

    def answer(self, request: Request) -> Said:
        comments = list(reversed(self.posts.values()))
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["debug_token"]:
                return Said({"data": {"expires_at": int(time.time()) + 5_000_000}})
            case "GET", [page] if page == PAGE:
                return Said({"id": PAGE, "username": "meridian"})
            case "GET", [page, "media"] if page == PAGE:
                return Said(
                    {
                        "data": [
                            {"id": MEDIA, "permalink": "https://www.instagram.com/p/x/", "comments": {"data": comments}}
                        ]
                    }
                )
            case "GET", [page, "tags"] if page == PAGE:
                return Said({"data": []})
            case "GET", [page, "conversations"] if page == PAGE:
                return self.conversations()
            case "GET", [own, "replies"]:
                return Said({"data": [post for post in comments if post["parent_id"] == own]})
            case "GET", [own] if own in self.posts:
                return Said(self.posts[own])
            case "POST", [page, "messages"] if page == PAGE:
                return self.message_sent(request.json)
            case "POST", [own, "replies"] if own in self.posts and self._fits(request.json["message"]):
                return Said({"id": self.write(request.json["message"], PAGE, own)})
            case "POST", [own] if own in self.posts:
                return Said({"success": True})
            case "DELETE", [own] if own in self.posts:
                del self.posts[own]
                return Said({"success": True})
        return graph_error(100)

    def _fits(self, text: str) -> bool:
        return len(text) <= Instagram.limits.max


def serve() -> AbstractContextManager[InstagramPeer]:
    """Instagram, reachable."""
    return served(InstagramPeer())
