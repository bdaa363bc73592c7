"""Instagram as its users know it: a post of the bank's with comments under it, and messages."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from typing import Any

from mentions.networks import Account
from mentions.networks.instagram import Instagram
from tests.mentions.networks.api_peer import Request, Said, now, served
from tests.mentions.networks.peer_facebook import CUSTOMER, PAGE, GraphPeer, not_there, unknown_field
from tests.mentions.networks.specs import graph

MEDIA = "500"


class InstagramPeer(GraphPeer):
    """One post, under which somebody comments. Comments cannot be edited on Instagram."""

    object_name = "instagram"

    def __init__(self) -> None:
        super().__init__()
        self.tagged: dict[str, dict[str, Any]] = {}
        self.elsewhere: dict[str, dict[str, Any]] = {}
        self.answered: dict[str, str] = {}
        self.stories: list[str] = []
        self.caption = "Our new card"

    def tag(self, caption: str) -> str:
        """Somebody posts a picture that tags the bank."""
        own = f"180{self.number()}"
        self.tagged[own] = _media(own, "customer42", caption)
        return f"tag:{own}"

    def mention(self, words: str, *, comment: bool) -> str:
        """Somebody names the bank in the caption of their picture, or in a comment under somebody's."""
        media = f"180{self.number()}"
        value = {"media_id": media}
        if comment:
            value["comment_id"] = f"179{self.number()}"
            told = {"id": value["comment_id"], "text": words, "timestamp": now(), "username": "customer42"}
            self.elsewhere[value["comment_id"]] = told | {
                "media": {"id": media, "permalink": "https://ig.example/p/y/"}
            }
        else:
            self.elsewhere[media] = _media(media, "customer42", words)
        self.changes.append({"field": "mentions", "value": value})
        return "mention:" + ":".join(value.values())

    def _mentioned(self, fields: str) -> Said:
        name, _, rest = fields.partition(".")
        own = rest.partition("(")[2].partition(")")[0]
        return Said({name: self.elsewhere[own], "id": PAGE}) if own in self.elsewhere else not_there()

    def account_at(self, url: str) -> Account:
        return Account(url, "meridian", PAGE, super().account_at(url).secrets, local=True)

    def write(self, text: str, by: str = CUSTOMER, parent: str = "") -> str:
        own = f"179{self.number()}"
        self.posts[own] = {
            "id": own,
            "from": {"id": by, "username": _handle(by)},
            "text": text,
            "timestamp": now(),
            "parent_id": parent,
        }
        value = {name: self.posts[own][name] for name in ("id", "from", "text", "parent_id")}
        self.changes.append({"field": "comments", "value": value | {"media": {"id": MEDIA}}})
        return own

    def participant(self, who: str) -> dict[str, Any]:
        return {"id": who, "username": _handle(who)}

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
            case "GET", [who] if who in self.people:
                return Said({name: self.people[who].get(name) for name in request.query["fields"].split(",")})
            case "GET", [page] if page == PAGE and request.query["fields"].startswith("mentioned_"):
                return self._mentioned(request.query["fields"])
            case "GET", [page] if page == PAGE:
                return Said({"id": PAGE, "username": "meridian"})
            case "POST", [page, "mentions"] if page == PAGE:
                asked = request.json
                self.answered[":".join(filter(None, (asked["media_id"], asked.get("comment_id"))))] = asked["message"]
                return Said({"id": f"179{self.number()}"})
            case "GET", [page, "media"] if page == PAGE:
                return Said(
                    {
                        "data": [
                            _media(MEDIA, "meridian", self.caption) | {"comments": {"data": self._threaded(comments)}}
                        ]
                    }
                )
            case "GET", [page, "tags"] if page == PAGE:
                return Said({"data": list(self.tagged.values())})
            case "GET", [page, "stories"] if page == PAGE:
                return Said({"data": [_media(own, "meridian", "") for own in self.stories]})
            case "GET", ["me", "conversations"]:
                return self.conversations(request)
            case "GET", [own, "replies"]:
                return Said({"data": [post for post in comments if post["parent_id"] == own]})
            case "GET", [own] if own in self.posts:
                return Said(self.posts[own])
            case "GET", [own] if own == MEDIA:
                strange = {"text", "from", "parent_id"} & set(graph.names(request.query["fields"]))
                return unknown_field(min(strange)) if strange else Said(_media(MEDIA, "meridian", "Our new card"))
            case "POST", ["me", "messages"]:
                return self.message_sent(request.json)
            case "POST", [own, "replies"] if own in self.posts and self._fits(request.json["message"]):
                return Said({"id": self.write(request.json["message"], PAGE, own)})
            case "POST", [own] if own in self.posts:
                return Said({"success": True})
            case "DELETE", [own] if own in self.posts:
                del self.posts[own]
                return Said({"success": True})
        return self.webhooks(request)

    def _threaded(self, comments: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """As Instagram lists them: what answers a comment stands below it and nowhere else."""
        return [
            one | {"replies": {"data": [each for each in comments if each["parent_id"] == one["id"]]}}
            for one in comments
            if one["parent_id"] not in self.posts
        ]

    def _fits(self, text: str) -> bool:
        return len(text) <= Instagram.limits.max


def _handle(who: str) -> str:
    return {CUSTOMER: "customer42", PAGE: "meridian"}.get(who, f"customer{who}")


def _media(own: str, by: str, caption: str) -> dict[str, Any]:
    address = f"https://ig.example/p/{own}/"
    told = {"id": own, "username": by, "caption": caption, "timestamp": now(), "permalink": address}
    return told | {"media_type": "IMAGE", "media_url": f"https://cdn.example/{own}.jpg"}


def serve() -> AbstractContextManager[InstagramPeer]:
    """Instagram, reachable."""
    return served(InstagramPeer())
