"""Facebook as its users know it: a page with posts, comments under them, and Messenger."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from mentions.networks import Account
from mentions.networks._meta import signature
from tests.mentions.networks import multipart
from tests.mentions.networks.api_peer import ApiPeer, Request, Said, now, refusal, served
from tests.mentions.networks.peers import SECRET
from tests.mentions.networks.specs import graph

PAGE, CUSTOMER = "1001", "7007"
POST, APP = "2002", "app-1"


def graph_error(code: int, status: int = 400, subcode: int | None = None, **headers: str) -> Said:
    told = {"message": "secret details", "type": "OAuthException", "code": code, "error_subcode": subcode}
    return refusal(status, {"error": told}, **headers)


def not_there() -> Said:
    """What Graph says of an identifier under which there is nothing."""
    told = {"message": "Object with ID does not exist", "type": "GraphMethodException", "code": 100}
    return refusal(400, {"error": told | {"error_subcode": 33}})


def unknown_field(name: str) -> Said:
    """What Graph says if a thing is asked for what it has not."""
    why = f"(#100) Tried accessing nonexisting field ({name}) on node type (Node)"
    return refusal(400, {"error": {"message": why, "type": "OAuthException", "code": 100}})


class GraphPeer(ApiPeer):
    """What the Graph API has in common wherever it is spoken."""

    limited = graph_error(4, 403, x_app_usage='{"call_count": 100}')
    expired = graph_error(190, 401)
    refused = graph_error(100)
    object_name = "page"

    def __init__(self) -> None:
        super().__init__()
        self.posts: dict[str, dict[str, Any]] = {}
        self.sent: list[dict[str, Any]] = []
        self.said: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.messaging: list[dict[str, Any]] = []
        self.people: dict[str, dict[str, Any]] = {}
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.delivered_to_app: dict[str, list[str]] = {}
        self.proof: Callable[[str, str], bool] = lambda _address, _token: True

    def account_at(self, url: str) -> Account:
        return Account(url, "meridian", PAGE, {"token": "token-of-the-bank", "webhook": SECRET}, local=True)

    def messages(self) -> list[str]:
        return [message["message"]["text"] for message in self.sent]

    def delivery(self) -> tuple[dict[str, str], bytes]:
        entry = {"id": PAGE, "time": int(time.time() * 1000), "changes": self.changes, "messaging": self.messaging}
        self.changes, self.messaging = [], []
        body = json.dumps({"object": self.object_name, "entry": [entry]}).encode()
        return {"x-hub-signature-256": signature(SECRET, body)}, body

    def strange_delivery(self) -> bytes:
        change = {"field": "feed", "value": {"item": "reaction", "verb": "add", "reaction_type": "like"}}
        unknown = [change, {"field": "live_videos", "value": {"id": "1"}}]
        entry = {"id": PAGE, "changes": unknown, "messaging": [{"read": {}}]}
        return json.dumps({"object": self.object_name, "entry": [entry]}).encode()

    def message_sent(self, asked: dict[str, Any]) -> Said:
        own, to = f"mid.{self.number()}", asked["recipient"].get("id", "")
        if not to:
            about = self.posts.get(asked["recipient"].get("comment_id", ""), {"from": {"id": CUSTOMER}})
            to = about["from"]["id"]
            about["private_reply_conversation"] = {"id": f"t_{to}"}
        self.sent.append(asked | {"id": own, "at": now(), "to": to})
        echo = {"mid": own, "text": asked["message"]["text"], "is_echo": True}
        stamp = int(time.time() * 1000)
        self.messaging.append({"sender": {"id": PAGE}, "recipient": {"id": to}, "timestamp": stamp, "message": echo})
        return Said({"recipient_id": to, "message_id": own})

    def webhooks(self, request: Request) -> Said:
        """The app's address, which is asked back before it is taken, and the page's consent."""
        given = request.form
        match request.method, request.path.strip("/").split("/"):
            case "GET", [app, "subscriptions"] if app == APP:
                return Said({"data": list(self.subscriptions.values())})
            case "POST", [app, "subscriptions"] if app == APP:
                if not self.proof(given["callback_url"], given["verify_token"]):
                    return graph_error(2200)
                fields = [{"name": name, "version": "v23.0"} for name in given["fields"].split(",")]
                told = {"object": given["object"], "callback_url": given["callback_url"], "active": True}
                self.subscriptions[given["object"]] = told | {"fields": fields}
                return Said({"success": True})
            case "DELETE", [app, "subscriptions"] if app == APP:
                self.subscriptions.pop(request.query["object"], None)
                return Said({"success": True})
            case "GET", [_, "subscribed_apps"]:
                rows = [{"id": app, "subscribed_fields": names} for app, names in self.delivered_to_app.items()]
                return Said({"data": rows})
            case "POST", [_, "subscribed_apps"]:
                self.delivered_to_app[APP] = given.get("subscribed_fields", "").split(",")
                return Said({"success": True})
            case "DELETE", [_, "subscribed_apps"]:
                self.delivered_to_app.clear()
                return Said({"success": True})
        return not_there()

    def tell(self, text: str, by: str = CUSTOMER) -> None:
        """Somebody writes a private message; a delivery says of them only a number."""
        message = {"mid": f"mid.{self.number()}", "text": text}
        stamp = int(time.time() * 1000)
        self.messaging.append({"sender": {"id": by}, "recipient": {"id": PAGE}, "timestamp": stamp, "message": message})

    def conversations(self, request: Request) -> Said:
        """A page of them, written in last first, and of each the newest messages; or those with one person."""
        size = int(request.query["limit"])
        shown = [
            {"id": f"t_{who}", "updated_time": talk[0]["created_time"], "messages": _listed(talk, 0, 20)}
            | {"participants": {"data": [self.participant(who)]}}
            for who, talk in self.talks().items()
            if request.query.get("user_id", who) == who
        ]
        return Said(_listed(shown, int(request.query.get("after", 0)), size))

    def talks(self) -> dict[str, list[dict[str, Any]]]:
        """What was written with each person, the newest first."""
        written = [
            {"id": sent["id"], "message": sent["message"]["text"], "from": {"id": PAGE}, "created_time": sent["at"]}
            | {"to": {"data": [{"id": sent["to"]}]}}
            for sent in self.sent
        ]
        talks: dict[str, list[dict[str, Any]]] = {}
        for message in sorted([*self.said, *written], key=lambda one: str(one["created_time"]), reverse=True):
            ours = message["from"]["id"] == PAGE
            with_whom = message["to"]["data"][0]["id"] if ours else message["from"]["id"]
            talks.setdefault(with_whom, []).append(message)
        return talks

    def earlier(self, talk: str, request: Request) -> Said:
        """The messages of one conversation, from a place on."""
        told = self.talks()[talk.removeprefix("t_")]
        return Said(_listed(told, int(request.query["after"]), int(request.query["limit"])))

    def participant(self, who: str) -> dict[str, Any]:
        """Somebody, as a conversation names them."""
        return {"id": who, "name": "A customer"}

    def say(self, text: str, by: str = CUSTOMER) -> str:
        """Somebody writes a private message, of which nobody is told."""
        own = f"mid.{self.number()}"
        told = {"id": own, "message": text, "from": {"id": by, "name": "A customer"}, "created_time": now()}
        self.said.append(told | {"to": {"data": [{"id": PAGE}]}})
        return f"m:{own}"

    def confide(self, text: str, who: int) -> dict[str, Any]:
        by = f"{CUSTOMER}{who}"
        return {"in_reply_to": self.say(text, by), "recipient_id": f"{PAGE}:{by}"}


class FacebookPeer(GraphPeer):
    """A page on which somebody comments."""

    def __init__(self) -> None:
        super().__init__()
        self.comments: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.no_pictures = False

    def write(self, text: str, by: str = CUSTOMER, parent: str = "") -> str:
        # A post bears its page's number in front, a comment its post's.
        own = f"{PAGE if by == PAGE and not parent else POST}_{self.number()}"
        self.posts[own] = {"id": own, "from": {"id": by, "name": "A customer"}, "message": text, "created_time": now()}
        self.posts[own]["parent"] = {"id": parent} if parent else {}
        self._change("add", own, parent)
        return own

    def edit(self, external_id: str, text: str) -> None:
        self.posts[external_id]["message"] = text
        self._change("edited", external_id)

    def delete(self, external_id: str) -> None:
        self._change("remove", external_id)
        del self.posts[external_id]

    def answers_to(self, external_id: str) -> list[str]:
        return [post["message"] for post in self.posts.values() if post["parent"].get("id") == external_id]

    def answer(self, request: Request) -> Said:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["debug_token"]:
                return Said({"data": {"expires_at": 0, "data_access_expires_at": 2_000_000_000}})
            case "GET", ["oauth", "access_token"]:
                return Said({"access_token": "longer", "expires_in": 5_184_000})
            case "GET", [who] if who in self.people:
                return Said({name: self.people[who].get(name) for name in request.query["fields"].split(",")})
            case "GET", [page] if page == PAGE:
                return Said({"id": PAGE, "name": "Meridian Bank"}, headers={"x-app-usage": '{"call_count": 28}'})
            case "GET", [page, "feed"] if page == PAGE:
                return Said({"data": [self._shown(post) for post in reversed(self.posts.values())]})
            case "GET", ["me", "conversations"]:
                return self.conversations(request)
            case "GET", [talk, "messages"]:
                return self.earlier(talk, request)
            case "GET", [own, "comments"] if "filter" in request.query:
                return Said(self._under(own, int(request.query["after"]), 100))
            case "GET", [own, "comments"]:
                under = [p for p in reversed(self.posts.values()) if p["parent"].get("id") == own]
                most = int(request.query["limit"])
                return Said({"data": under[:most], "paging": {"next": "x"} if len(under) > most else {}})
            case "GET", [own] if own in self.posts:
                a_post = own.startswith(f"{PAGE}_")
                missing = {"parent", "attachment"} & set(graph.names(request.query["fields"])) if a_post else set()
                return unknown_field(missing.pop()) if missing else Said(self.posts[own])
            case "POST", ["me", "messages"]:
                return self.message_sent(request.json)
            case "POST", [page, "photos"] if page == PAGE:
                return self._brought(request)
            case "POST", [page, "feed"] if page == PAGE:
                return Said({"id": self.write(request.json["message"], PAGE)})
            case "POST", [own, "comments"] if own in self.posts and len(request.json["message"]) <= 8000:
                comment = self.write(request.json["message"], PAGE, own)
                self.posts[comment]["attachment_id"] = request.json.get("attachment_id")
                return Said({"id": comment})
            case "POST", [own] if own in self.posts:
                self.posts[own] |= request.json
                return Said({"success": True})
            case "DELETE", [own] if own in self.posts:
                del self.posts[own]
                return Said({"success": True})
        return self.webhooks(request)

    def _brought(self, request: Request) -> Said:
        form = multipart.fields(request.headers["content-type"], request.body)
        if self.no_pictures or form["published"][1] != b"false":
            return graph_error(324)
        own = f"77{self.number()}"
        self.files[own] = (form["source"][1], form.get("alt_text_custom", ("", b""))[1].decode())
        return Said({"id": own})

    def shown(self) -> list[tuple[bytes, str]]:
        return [self.files[post["attachment_id"]] for post in self.posts.values() if post.get("attachment_id")]

    def refuse_pictures(self) -> None:
        self.no_pictures = True

    def comment(self, post: str, text: str, at: str = "", parent: str = "") -> str:
        """Somebody comments on a post of the page, or answers a comment there, and nobody is told."""
        own = f"{post.rpartition('_')[2]}_{self.number()}"
        told = {"id": own, "from": {"id": CUSTOMER}, "message": text, "created_time": at or now()}
        self.comments.setdefault(post, []).append(told | {"parent": {"id": parent} if parent else {}})
        return own

    def _shown(self, post: dict[str, Any]) -> dict[str, Any]:
        return post | {"comments": self._under(post["id"], 0, 25)} if post["id"] in self.comments else post

    def _under(self, post: str, start: int, most: int) -> dict[str, Any]:
        """Comments, newest first, with what answers them: a page."""
        return _listed(self.comments[post][::-1], start, most)

    def _change(self, verb: str, own: str, parent: str = "") -> None:
        post = self.posts[own]
        value = {
            "item": "comment",
            "verb": verb,
            "comment_id": own,
            "post_id": f"{PAGE}_0",
            "parent_id": parent or f"{PAGE}_0",
            "from": post["from"],
            "created_time": int(time.time()),
        }
        words = {"message": post["message"]} if verb != "remove" else {}
        self.changes.append({"field": "feed", "value": value | words})


def _listed(found: list[dict[str, Any]], start: int, most: int) -> dict[str, Any]:
    """A page of a list, as Graph cuts it."""
    paging = {"cursors": {"after": str(start + most)}} | ({"next": "x"} if start + most < len(found) else {})
    return {"data": found[start : start + most], "paging": paging}


def serve() -> AbstractContextManager[FacebookPeer]:
    """Facebook, reachable."""
    return served(FacebookPeer())
