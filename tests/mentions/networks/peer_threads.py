"""Threads as its users know it: replies to the bank's posts, published in two steps."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from typing import Any

from mentions.networks import Account
from mentions.networks._meta import signature
from tests.mentions.networks.api_peer import Request, Said, now, served
from tests.mentions.networks.peer_facebook import GraphPeer, graph_error, not_there
from tests.mentions.networks.peers import SECRET


class ThreadsPeer(GraphPeer):
    """What of the Threads API the connector uses."""

    def __init__(self) -> None:
        super().__init__()
        self.containers: dict[str, dict[str, Any]] = {}

    def account_at(self, url: str) -> Account:
        return Account(url, "meridian", "@meridian", {"token": "token-of-the-bank", "webhook": SECRET}, local=True)

    def acts(self, request: Request) -> bool:
        return request.path.endswith("threads_publish")

    def write(self, text: str, by: str = "customer42", parent: str = "") -> str:
        own = f"18{self.number()}"
        self.posts[own] = {"id": own, "username": by, "text": text, "timestamp": now(), "media_type": "TEXT_POST"}
        if parent:
            self.posts[own]["replied_to"] = {"id": parent}
        self.changes.append({"field": "replies", "value": self.posts[own]})
        return own

    def delete(self, external_id: str) -> None:
        del self.posts[external_id]

    def answers_to(self, external_id: str) -> list[str]:
        return [p["text"] for p in self.posts.values() if p.get("replied_to", {}).get("id") == external_id]

    def delivery(self) -> tuple[dict[str, str], bytes]:
        body = json.dumps({"app_id": "1", "topic": "moderate", "target_id": "2", "values": self.changes}).encode()
        self.changes = []
        return {"x-hub-signature-256": signature(SECRET, body)}, body

    def strange_delivery(self) -> bytes:
        return json.dumps({"topic": "moderate", "values": {"field": "likes", "value": {"id": "1"}}}).encode()

    def answer(self, request: Request) -> Said:
        newest = list(reversed(self.posts.values()))
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["me"]:
                return Said({"id": "2", "username": "meridian"})
            case "GET", ["refresh_access_token"]:
                return Said({"access_token": "longer", "expires_in": 5_184_000})
            case "GET", ["me", "mentions"]:
                return Said({"data": [p for p in newest if p["username"] != "meridian" and "replied_to" not in p]})
            case "GET", ["me", "replies" | "threads" as kind]:
                ours = [p for p in newest if p["username"] == "meridian" and ("replied_to" in p) == (kind == "replies")]
                under = [p["replied_to"]["id"] for p in newest if "replied_to" in p]
                return Said({"data": [p | {"has_replies": p["id"] in under} for p in ours]})
            case "GET", [own, "conversation"]:
                return Said({"data": [p for p in newest if p.get("replied_to", {}).get("id") == own]})
            case "GET", ["keyword_search"]:
                return Said({"data": [p for p in newest if request.query["q"] in p["text"]]})
            case "GET", [own] if own in self.posts:
                return Said(self.posts[own])
            case "POST", ["me", "threads"]:
                asked = request.json
                if len(asked["text"]) > 500 or asked.get("reply_to_id", next(iter(self.posts), None)) not in self.posts:
                    return graph_error(100)
                number = f"c{self.number()}"
                self.containers[number] = asked
                return Said({"id": number})
            case "POST", ["me", "threads_publish"]:
                made = self.containers.pop(request.json["creation_id"])
                return Said({"id": self.write(made["text"], "meridian", made.get("reply_to_id", ""))})
            case "DELETE", [own] if own in self.posts:
                del self.posts[own]
                return Said({"success": True})
        return not_there()


def serve() -> AbstractContextManager[ThreadsPeer]:
    """Threads, reachable."""
    return served(ThreadsPeer())
