"""X as its users know it: posts with edits of their own numbers, messages, and one account that is the bank's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

from mentions.networks import Account
from mentions.networks._tweets import FIRST_MOMENT_MS, TIME_BITS, first_after
from mentions.networks.x import weighted
from tests.mentions.networks.api_peer import ApiPeer, Request, Said, now, refusal, served
from tests.mentions.networks.held import Held
from tests.mentions.networks.peers import SECRET
from tests.mentions.wire import Line

BANK, CUSTOMER = "9001", "42"
USERS: dict[str, dict[str, Any]] = {
    BANK: {"id": BANK, "username": "meridian", "name": "Meridian Bank"},
    CUSTOMER: {
        "id": CUSTOMER,
        "username": "customer42",
        "name": "A customer",
        "public_metrics": {"followers_count": 7},
    },
}
BEARER = "token-of-the-app"
NOT_FOUND = "https://api.twitter.com/2/problems/resource-not-found"


class XPeer(ApiPeer):
    """What of X's version 2 the connector uses, with its forms, refusals and limits."""

    def __init__(self) -> None:
        super().__init__()
        self.limited = refusal(429, x_rate_limit_reset=str(int(time.time()) + 7))
        self.left, self.resets_at = 299, datetime.fromtimestamp(2_000_000_000, UTC)
        self.keeps = 800  # of mentions
        self.spent: set[str] = set()  # endpoints of which nothing is left
        self.posts: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.sent: dict[str, list[Any]] = {}
        self.files: dict[str, bytes] = {}
        self.brought: dict[str, bytes] = {}
        self.alts: dict[str, str] = {}
        self.attached: list[str] = []
        self.no_pictures = False
        self.media: list[dict[str, Any]] = []
        self.rules: dict[str, dict[str, str]] = {"1": {"value": "cats", "tag": "somebody else's"}}
        self.held = Held("application/json", b"\r\n")
        self.bearer = BEARER
        self.hooks: dict[str, dict[str, Any]] = {}
        self.subscribers: dict[str, list[str]] = {}
        self.proof: Callable[[str], bool] = lambda _address: True

    def account_at(self, url: str) -> Account:
        secrets = {"token": "token-of-the-bank", "bearer": BEARER}
        return Account(url, "meridian", BANK, secrets, local=True)

    def holds(self, request: Request, line: Line) -> bool:
        streams = {"/2/tweets/search/stream": "posts", "/2/tweets/compliance/stream": "compliance"}
        name = streams.get(request.path)
        if name is None or request.headers.get("authorization") != f"Bearer {self.bearer}":
            return False
        self.held.hold(name, line)
        return True

    def write_to_nobody(self, text: str) -> str:
        own = self._new(text, CUSTOMER)
        fitting = [rule for rule in self.rules.values() if rule["value"].split(")")[0].strip("(") in text]
        if fitting:
            self._stream(self.posts[own], fitting)
        return own

    def say(self, raw: str) -> None:
        self.held.say("posts", raw.encode() + b"\r\n")

    def strange_event(self) -> str:
        return json.dumps({"notice": {"hours_left": 3}})

    def poison_event(self) -> str:
        """A post about us that is none."""
        rules = [rule for rule in self.rules.values() if rule["tag"].endswith(":account")]
        return json.dumps({"data": {"id": [7], "text": {"not": "words"}}, "matching_rules": rules})

    def expire_stream(self) -> None:
        """The app's token is made anew, and what was opened with the old one ends."""
        self.bearer = "another"
        self.held.end()

    def write(self, text: str, by: str = CUSTOMER, **more: Any) -> str:
        own = self._new(text, by, **more)
        self._deliver("tweet_create_events", self._version_1(self.posts[own]))
        self._stream(self.posts[own])
        return own

    def _stream(self, post: dict[str, Any], rules: list[dict[str, str]] | None = None) -> None:
        about_us = [{"id": own, **rule} for own, rule in self.rules.items() if rule["tag"].endswith(":account")]
        told = {"data": post, "includes": {"users": list(USERS.values())}, "matching_rules": rules or about_us}
        self.say(json.dumps(told))

    def _new(self, text: str, by: str, **more: Any) -> str:
        own = self._identifier()
        self.posts[own] = {
            "id": own,
            "author_id": by,
            "text": text.replace("&", "&amp;").replace("<", "&lt;"),
            "created_at": now(),
            "conversation_id": more.pop("thread", own),
            "edit_history_tweet_ids": [own],
        } | more
        return own

    def send_picture(self, body: bytes, caption: str = "") -> None:
        """In a private message, at an address that only X's own app may ask."""
        own, key = self._identifier(), f"3_{self.number()}"
        place = f"{own}/4111111111111111/hVJQTwig.jpg"
        self.files[place] = body
        self.media.append(
            {"media_key": key, "type": "photo", "url": f"https://ton.twitter.com/1.1/ton/data/dm/{place}"}
        )
        self.events.append(
            {
                "id": own,
                "event_type": "MessageCreate",
                "sender_id": CUSTOMER,
                "text": caption,
                "dm_conversation_id": f"{CUSTOMER}-{BANK}",
                "created_at": now(),
                "attachments": {"media_keys": [key]},
            }
        )

    def confide(self, text: str, who: int) -> dict[str, Any]:
        by = f"{CUSTOMER}{who}"
        self.events.append(self._message(text, by, by))
        return {"in_reply_to": f"dm:{self.events[-1]['id']}", "recipient_id": by}

    def edit(self, external_id: str, text: str) -> None:
        before = self.posts.pop(external_id)
        own = self._identifier()
        self.posts[own] = before | {"id": own, "text": text, "created_at": now()}
        self.posts[own]["edit_history_tweet_ids"] = [*before["edit_history_tweet_ids"], own]
        self._stream(self.posts[own])
        self._deliver("tweet_create_events", self._version_1(self.posts[own]))

    def delete(self, external_id: str) -> None:
        for own in [o for o, post in self.posts.items() if post["edit_history_tweet_ids"][0] == external_id]:
            del self.posts[own]
        self._deliver("tweet_delete_events", {"status": {"id": external_id, "user_id": CUSTOMER}})

    def answers_to(self, external_id: str) -> list[str]:
        related = [{"type": "replied_to", "id": external_id}]
        return [post["text"] for post in self.posts.values() if post.get("referenced_tweets") == related]

    def messages(self) -> list[str]:
        return [event["text"] for event in self.events if event["sender_id"] == BANK]

    def delivery(self) -> tuple[dict[str, str], bytes]:
        body = json.dumps({"for_user_id": BANK} | self.sent).encode()
        self.sent = {}
        signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
        return {"x-twitter-webhooks-signature": f"sha256={signature}"}, body

    def strange_delivery(self) -> bytes:
        return json.dumps({"for_user_id": BANK, "spaces_events": [{"id": "1"}], "favorite_events": [{}]}).encode()

    def answer(self, request: Request) -> Said:
        parts = request.path.strip("/").split("/")
        if parts[-1] in self.spent:
            return self.limited
        match request.method, parts[1:]:
            case "GET", ["users", "me"]:
                return Said({"data": USERS[BANK]})
            case "GET", ["usage", "tweets"]:
                told = {"cap_reset_day": 31, "project_cap": "2000000", "project_usage": "500000", "project_id": "1"}
                return Said({"data": told})
            case "GET", ["users", _, "mentions"]:
                mentions = [p for p in self.posts.values() if p["author_id"] != BANK]
                return self._listed(mentions, request, keeps=self.keeps)
            case "GET", ["users", _, "tweets"]:
                return self._listed([p for p in self.posts.values() if p["author_id"] == BANK], request)
            case "GET", ["dm_conversations", "media", *place]:
                known = request.headers["authorization"] == "Bearer token-of-the-bank"
                return Said(self.files["/".join(place)]) if known else refusal(401)
            case "GET", ["dm_events"]:
                return self._told(self.events)
            case "GET", ["dm_conversations", "with", other, "dm_events"]:
                return self._told([one for one in self.events if one["dm_conversation_id"] == _between(other)])
            case "GET", ["tweets"]:
                return self._looked_up(request.query["ids"].split(","))
            case "GET", ["tweets", "search", "recent"]:
                return self._searched(request)
            case "POST", ["media", "upload"]:
                return self._brought(request.json)
            case "POST", ["media", "metadata"]:
                told = request.json
                self.alts[told["id"]] = told["metadata"]["alt_text"]["text"]
                return Said({"data": {"id": told["id"]}})
            case "POST", ["tweets"]:
                return self._published(request.json)
            case "POST", ["dm_conversations", "with", to, "messages"]:
                self.attached += [one["media_id"] for one in request.json.get("attachments", [])]
                return self._sent_privately(to, request.json["text"])
            case "DELETE", ["tweets", own]:
                return Said({"data": {"deleted": self.posts.pop(own, None) is not None}})
            case "PUT", ["tweets", own, "hidden"]:
                return Said({"data": {"hidden": request.json["hidden"]}})
            case _, ["tweets", "search", "stream", *_] if request.headers["authorization"] != f"Bearer {self.bearer}":
                return refusal(401)
            case "GET", ["tweets", "search", "stream", "rules"]:
                return Said({"data": [{"id": own, **rule} for own, rule in self.rules.items()], "meta": {}})
            case "POST", ["tweets", "search", "stream", "rules"]:
                for own in request.json.get("delete", {}).get("ids", []):
                    del self.rules[own]
                self.rules |= {str(self.number() + 1): rule for rule in request.json.get("add", [])}
                return Said({"meta": {"sent": now()}}, "201 Created")
            case _, ["webhooks", *_] | ["account_activity", "webhooks", *_]:
                return self._webhooks(request.method, parts[1:], request)
            case "POST", ["oauth2", "token"]:
                return Said({"access_token": "next", "refresh_token": "after", "expires_in": 7200})
        return refusal(404)

    def _webhooks(self, method: str, parts: list[str], request: Request) -> Said:
        """The app's one webhook, whose address is asked for proof, and who is subscribed to it."""
        as_app = request.headers["authorization"] == f"Bearer {self.bearer}"
        match method, parts:
            case "GET", ["webhooks"] if as_app:
                return Said({"data": list(self.hooks.values()), "meta": {"result_count": len(self.hooks)}})
            case "POST", ["webhooks"] if as_app:
                if self.hooks or not self.proof(request.json["url"]):
                    title = "WebhookLimitExceeded" if self.hooks else "CrcValidationFailed"
                    return refusal(400, {"errors": [{"title": title, "detail": "no"}]})
                own = str(self.number())
                self.hooks[own] = {"id": own, "url": request.json["url"], "valid": True, "created_at": now()}
                return Said({"data": self.hooks[own]})
            case "PUT", ["webhooks", own] if as_app:
                self.hooks[own]["valid"] = self.proof(self.hooks[own]["url"])
                return Said({"data": {"attempted": True}})
            case "DELETE", ["webhooks", own] if as_app:
                del self.hooks[own]
                return Said({"data": {"deleted": True}})
            case "GET", [_, _, own, "subscriptions", "all"] if not as_app:
                return Said({"data": {"subscribed": BANK in self.subscribers.get(own, [])}})
            case "POST", [_, _, own, "subscriptions", "all"] if not as_app:
                self.subscribers.setdefault(own, []).append(BANK)
                return Said({"data": {"subscribed": True}})
            case "GET", [_, _, own, "subscriptions", "all", "list"] if as_app:
                rows = [{"user_id": who} for who in self.subscribers.get(own, [])]
                return Said({"data": {"webhook_id": own, "subscriptions": rows}})
            case "DELETE", [_, _, own, "subscriptions", who, "all"] if as_app:
                self.subscribers.get(own, []).remove(who)
                return Said({"data": {"subscribed": False}})
        return refusal(403)

    def _searched(self, request: Request) -> Said:
        """As X searches: a week back, and not from a post that is older than that."""
        words = request.query["query"].removesuffix(" -is:retweet").strip('"')
        week_ago = datetime.now(UTC) - timedelta(days=7)
        since, start = request.query.get("since_id"), request.query.get("start_time")
        if since is not None and (start is not None or int(since) < int(first_after(week_ago))):
            told = {"parameters": {"since_id": [since]}, "message": "'since_id' must be a tweet id created after then."}
            return refusal(400, {"errors": [told], "title": "Invalid Request"})
        about_us = words == f"@{USERS[BANK]['username']}"  # whatever customers write here does so
        fits = [p for p in self.posts.values() if words in p["text"] or (about_us and p["author_id"] != BANK)]
        return self._listed(fits, request)

    def _listed(self, posts: list[dict[str, Any]], request: Request, keeps: int = 1 << 31) -> Said:
        since = int(request.query.get("since_id", 0))
        until = int(request.query.get("until_id", 1 << 63))
        start, end = request.query.get("start_time", "")[:19], request.query.get("end_time", "9")[:19]
        found = [
            post
            for post in sorted(posts, key=lambda post: int(post["id"]), reverse=True)[:keeps]
            if since < int(post["id"]) < until and start <= post["created_at"][:19] < end
        ]
        at, size = (
            int(request.query.get("pagination_token") or request.query.get("next_token", 0)),
            int(request.query.get("max_results", 10)),
        )
        following = {"next_token": str(at + size)} if at + size < len(found) else {}
        page = {"data": found[at : at + size], "includes": {"users": list(USERS.values())}, "meta": following}
        left = {
            "x-rate-limit-limit": "300",
            "x-rate-limit-remaining": str(self.left),
            "x-rate-limit-reset": str(int(self.resets_at.timestamp())),
        }
        return Said(page, headers=left)

    def _looked_up(self, wanted: list[str]) -> Said:
        found = [self.posts[own] for own in wanted if own in self.posts]
        gone = [{"type": NOT_FOUND, "resource_id": own, "value": own} for own in wanted if own not in self.posts]
        return Said({"data": found, "includes": {"users": list(USERS.values())}, "errors": gone})

    def _published(self, asked: dict[str, Any]) -> Said:
        target = asked.get("reply", {}).get("in_reply_to_tweet_id")
        if weighted(asked["text"]) > 280 or (target and target not in self.posts):
            return refusal(403, {"detail": "You are not permitted to perform this action."})
        if any(post["text"] == asked["text"] and post["author_id"] == BANK for post in self.posts.values()):
            return refusal(403, {"detail": "You are not allowed to create a Tweet with duplicate content."})
        related = {"referenced_tweets": [{"type": "replied_to", "id": target}]} if target else {}
        self.attached += asked.get("media", {}).get("media_ids", [])
        return Said({"data": {"id": self.write(asked["text"], BANK, **related)}}, "201 Created")

    def _told(self, events: list[dict[str, Any]]) -> Said:
        includes = {"users": list(USERS.values()), "media": self.media}
        return Said({"data": list(reversed(events)), "includes": includes})

    def _brought(self, asked: dict[str, Any]) -> Said:
        if self.no_pictures:
            return refusal(400, {"title": "Invalid Request"})
        own = self._identifier()
        self.brought[own] = base64.b64decode(asked["media"])
        return Said({"data": {"id": own, "media_key": f"3_{own}", "expires_after_secs": 86400}})

    def shown(self) -> list[tuple[bytes, str]]:
        return [(self.brought[own], self.alts.get(own, "")) for own in self.attached]

    def refuse_pictures(self) -> None:
        self.no_pictures = True

    def _sent_privately(self, to: str, text: str) -> Said:
        self.events.append(self._message(text, BANK, to))
        told = self.events[-1]
        return Said(
            {"data": {"dm_conversation_id": told["dm_conversation_id"], "dm_event_id": told["id"]}}, "201 Created"
        )

    def _message(self, text: str, by: str, other: str) -> dict[str, Any]:
        return {
            "id": self._identifier(),
            "event_type": "MessageCreate",
            "sender_id": by,
            "text": text,
            "dm_conversation_id": _between(other),
            "created_at": now(),
        }

    def _identifier(self) -> str:
        return str(((int(time.time() * 1000) - FIRST_MOMENT_MS) << TIME_BITS) + self.number())

    def _deliver(self, kind: str, event: dict[str, Any]) -> None:
        self.sent.setdefault(kind, []).append(event)

    def _version_1(self, post: dict[str, Any]) -> dict[str, Any]:
        user = USERS[post["author_id"]]
        answered = next((link["id"] for link in post.get("referenced_tweets", [])), None)
        return {
            "id_str": post["id"],
            "text": post["text"],
            "created_at": time.strftime("%a %b %d %H:%M:%S +0000 %Y", time.gmtime()),
            "user": {"id_str": user["id"], "screen_name": user["username"], "name": user["name"]},
            "in_reply_to_status_id_str": answered,
            "edit_history": {"initial_tweet_id": post["edit_history_tweet_ids"][0]},
        }


def _between(other: str) -> str:
    """The name of the bank's conversation with somebody."""
    return "-".join(sorted((BANK, other), key=int))


def serve() -> AbstractContextManager[XPeer]:
    """X, reachable."""
    return served(XPeer())
