"""A small Bluesky: one server with the bank's account, one customer, and the index that both are seen in.

Faithful where the connector depends on it, as seen against the network's own servers: names of errors, what is
missing instead of refused, records that may be written only where none stands.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import time
from collections.abc import Iterator
from typing import Any, Self

import regex

from mentions.networks import Account
from tests.mentions.networks.jetstream import Jetstream, listening
from tests.mentions.networks.speaking import Asked, Said, Speaking, now

BANK = "did:plc:bank"
CUSTOMER = "did:plc:customer"
SECOND = "did:plc:second"
HANDLES = {BANK: "bank.test", CUSTOMER: "customer.test", SECOND: "second.test"}
POSTS = "app.bsky.feed.post"
CHAT = "chat.bsky.convo."
NAMED = {
    "index": {"byteStart": 0, "byteEnd": 1},
    "features": [{"$type": "app.bsky.richtext.facet#mention", "did": BANK}],
}
PASSWORD = "abcd-efgh-ijkl-mnop"
TID = re.compile(r"[2-7a-j][2-7a-z]{12}\Z")


def token(did: str = BANK, lasts: float = 7200, scope: str = "com.atproto.appPass") -> str:
    """A token as the network makes them; here nobody checks the signature."""
    claims = {"sub": did, "exp": int(time.time() + lasts), "scope": scope}
    return ".".join(
        base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b"{}", json.dumps(claims).encode(), b"s")
    )


class BlueskyPeer(Speaking):
    """`records` by AT-URI; `gone` are accounts that were closed."""

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, dict[str, Any]] = {}
        self.gone: set[str] = set()
        self.hidden: set[str] = set()
        self.tokens: list[str] = []
        self.renewals: list[str] = []
        self.headers: dict[str, str] = {}
        self.jetstream = Jetstream()
        self.written = 0
        self.blobs: dict[str, bytes] = {}
        self.no_pictures = False
        self.convos: dict[str, list[dict[str, Any]]] = {}
        self.chat_log: list[dict[str, Any]] = []
        self.passed_on: dict[str, str] = {}  # by the bank, with the time
        self.mute = False  # asks go unanswered: only the stream tells

    def connect(self, url: str) -> Account:
        self.tokens = [token()]
        secrets = {"token": self.tokens[0], "password": PASSWORD}
        told = {"jetstream": self.jetstream.url, "chat": True}
        return Account(url, "bank.test", BANK, secrets, told, local=True)

    @contextlib.contextmanager
    def served(self) -> Iterator[Self]:
        with listening(self.jetstream), super().served():
            yield self

    # What people do there.

    def write(self, text: str, *, did: str = CUSTOMER, **record: Any) -> str:
        self.written += 1
        rkey = f"3k{self.written:011d}".translate(str.maketrans("0189", "abcd"))
        uri = f"at://{did}/{POSTS}/{rkey}"
        marks = {} if did == BANK else {"facets": [NAMED]}
        self._store(uri, {"$type": POSTS, "text": text, "createdAt": now()} | marks | record)
        return uri

    def edit(self, external_id: str, text: str) -> None:
        self._store(external_id, self.records[external_id]["value"] | {"text": text})

    def delete(self, external_id: str) -> None:
        del self.records[external_id]
        self._tell(external_id, "delete")

    def write_to_nobody(self, text: str) -> str:
        return self.write(text, facets=[])

    def expire_stream(self) -> None:
        """What comes next has to be looked up, with credentials that ended."""
        self.expire()
        self.write("too late")

    def close_account(self, did: str) -> None:
        self.gone.add(did)
        self.jetstream.tell(did, "account", active=False, status="takendown")

    def say(self, raw: str) -> None:
        self.jetstream.say(raw)

    def strange_event(self) -> str:
        return json.dumps({"did": CUSTOMER, "time_us": time.time_ns() // 1000, "kind": "label", "label": {"val": "!"}})

    def poison_event(self) -> str:
        """A post that is addressed to us and is none."""
        mark = {"features": [{"did": BANK}]}
        record = {"text": {"not": "words"}, "facets": [mark]}
        commit = {"operation": "create", "collection": POSTS, "rkey": "3kpoison22222", "record": record}
        return json.dumps({"did": CUSTOMER, "time_us": time.time_ns() // 1000, "kind": "commit", "commit": commit})

    def answers_to(self, external_id: str) -> list[str]:
        under = [
            record["value"]
            for uri, record in self.records.items()
            if uri.startswith(f"at://{BANK}/")
            and record["value"].get("reply", {}).get("parent", {}).get("uri") == external_id
        ]
        return [value["text"] for value in sorted(under, key=lambda value: value["createdAt"])]

    def whisper(self, text: str, *, did: str = CUSTOMER, to: str = BANK) -> str:
        """A private message; what the connector calls it."""
        convo = "convo-" + "-".join(sorted(one.rpartition(":")[2] for one in (did, to)))
        said = {
            "$type": f"{CHAT}defs#messageView",
            "id": f"m{len(self.chat_log):04d}",
            "rev": f"r{len(self.chat_log):04d}",
            "text": text,
            "sender": {"did": did},
            "sentAt": now(),
        }
        self.convos.setdefault(convo, []).append(said)
        self._log(convo, "logCreateMessage", said)
        return f"chat:{convo}/{said['id']}"

    def confide(self, text: str, who: int) -> dict[str, Any]:
        by = (CUSTOMER, SECOND)[who]
        return {"in_reply_to": self.whisper(text, did=by), "recipient_id": by}

    def unsay(self, name: str) -> None:
        """Taken out of the bank's own view."""
        convo, _, own = name.removeprefix("chat:").partition("/")
        (said,) = [one for one in self.convos[convo] if one["id"] == own]
        self._log(convo, "logDeleteMessage", {name: said[name] for name in ("id", "rev", "sender", "sentAt")})

    def _log(self, convo: str, kind: str, said: dict[str, Any]) -> None:
        rev = f"r{len(self.chat_log):04d}"
        self.chat_log.append({"$type": f"{CHAT}defs#{kind}", "rev": rev, "convoId": convo, "message": said})

    def messages(self) -> list[str]:
        return [one["text"] for said in self.convos.values() for one in said if one["sender"]["did"] == BANK]

    # What the network says.

    def changes(self, asked: Asked) -> bool:
        return asked.method == "POST" and (".repo." in asked.path or CHAT in asked.path)

    def too_many(self) -> Said:
        headers = {"ratelimit-limit": "30", "ratelimit-remaining": "0", "ratelimit-reset": str(int(time.time()) + 290)}
        return Said({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, 429, headers)

    def ended(self) -> Said:
        return Said({"error": "ExpiredToken", "message": "Token has expired"}, 400)

    def gibberish(self, asked: Asked) -> Said:
        if asked.path.endswith("listNotifications"):
            return Said({"notifications": [7, None, {"uri": 7, "record": []}, {"author": 1, "uri": "at://a/b/c"}]})
        return Said({"posts": "none", "profiles": 7, "feed": {}})

    def answer(self, asked: Asked) -> Said:
        method = asked.path.rpartition("/")[2]
        if self.mute and method.rpartition(".")[2] in ("listNotifications", "getAuthorFeed"):
            return Said({"error": "UpstreamFailure", "message": "Upstream failed"}, 502)
        work = getattr(self, "_" + method.rpartition(".")[2], None)
        if work is None:
            return Said({"error": "MethodNotImplemented", "message": method}, 501)
        if not method.startswith("com.atproto.server.") and not self._admits(asked):
            return Said({"error": "InvalidToken", "message": "Token could not be verified"}, 400)
        if method.startswith(CHAT) and asked.headers.get("atproto-proxy") != "did:web:api.bsky.chat#bsky_chat":
            return Said({"error": "MethodNotImplemented", "message": method}, 501)
        said = work(asked)
        said.headers |= self.headers
        return said

    def _admits(self, asked: Asked) -> bool:
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return given in self.tokens

    def _createSession(self, asked: Asked) -> Said:
        if (asked.body["identifier"], asked.body["password"]) not in {("bank.test", PASSWORD), (BANK, PASSWORD)}:
            return Said({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401)
        return self._opened()

    def _refreshSession(self, asked: Asked) -> Said:
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if given not in self.renewals:
            return Said({"error": "ExpiredToken", "message": "Token has been revoked"}, 400)
        self.renewals.remove(given)
        return self._opened()

    def _getSession(self, asked: Asked) -> Said:
        if not self._admits(asked):
            return Said({"error": "InvalidToken", "message": "Token could not be verified"}, 400)
        return Said({"did": BANK, "handle": "bank.test", "active": True})

    def _opened(self) -> Said:
        access = token(lasts=7200 + len(self.tokens))
        renewal = token(lasts=5_000_000 + len(self.tokens), scope="com.atproto.refresh")
        self.tokens.append(access)
        self.renewals.append(renewal)
        return Said({"did": BANK, "handle": "bank.test", "accessJwt": access, "refreshJwt": renewal, "active": True})

    def _listNotifications(self, asked: Asked) -> Said:
        wanted = set(asked.query.get("reasons", []))
        found = []
        for uri, record in self._newest():
            parent = record["value"].get("reply", {}).get("parent", {}).get("uri", "")
            reason = "reply" if parent.startswith(f"at://{BANK}/") else "mention"
            if not uri.startswith(f"at://{BANK}/") and reason in wanted:
                found.append(self._view(uri) | {"reason": reason, "isRead": False})
        return self._page(asked, "notifications", found)

    def _getAuthorFeed(self, asked: Asked) -> Said:
        mine = [{"post": self._view(uri)} for uri, _ in self._newest() if uri.startswith(f"at://{asked.one('actor')}/")]
        again = [
            {
                "post": self._view(uri),
                "reason": {
                    "$type": "app.bsky.feed.defs#reasonRepost",
                    "by": {"did": BANK, "handle": HANDLES[BANK]},
                    "uri": f"at://{BANK}/app.bsky.feed.repost/{number}",
                    "indexedAt": at,
                },
            }
            for number, (uri, at) in enumerate(self.passed_on.items())
        ]
        return self._page(asked, "feed", again + mine)

    def _searchPosts(self, asked: Asked) -> Said:
        word = str(asked.one("q")).lower()
        hits = [self._view(uri) for uri, record in self._newest() if word in record["value"]["text"].lower()]
        return self._page(asked, "posts", hits)

    def _getPosts(self, asked: Asked) -> Said:
        uris = asked.query.get("uris", [])
        assert 0 < len(uris) <= 25
        return Said({"posts": [self._view(uri) for uri in uris if self._shows(uri) and uri not in self.hidden]})

    def _getProfiles(self, asked: Asked) -> Said:
        dids = [did for did in asked.query["actors"] if did in HANDLES and did not in self.gone]
        return Said({"profiles": [{"did": did, "handle": HANDLES[did], "followersCount": 42} for did in dids]})

    def _resolveHandle(self, asked: Asked) -> Said:
        did = {handle: did for did, handle in HANDLES.items()}.get(str(asked.one("handle")))
        return Said({"did": did}) if did else Said({"error": "InvalidRequest", "message": "Unable to resolve"}, 400)

    def _getRecord(self, asked: Asked) -> Said:
        uri = f"at://{asked.one('repo')}/{asked.one('collection')}/{asked.one('rkey')}"
        if asked.one("repo") in self.gone:
            return Said({"error": "InvalidRequest", "message": "Could not find repo"}, 400)
        if uri not in self.records:
            return Said({"error": "RecordNotFound", "message": "Could not locate record"}, 400)
        return Said({"uri": uri, **self.records[uri]})

    def _putRecord(self, asked: Asked) -> Said:
        given = asked.body
        fault = _fault(given["record"], given["rkey"])
        if fault:
            return Said({"error": "InvalidRequest", "message": fault}, 400)
        uri = f"at://{given['repo']}/{given['collection']}/{given['rkey']}"
        if uri in self.records and given.get("swapRecord", "") is None:
            return Said({"error": "InvalidSwap", "message": "Record was at another CID"}, 400)
        self._store(uri, given["record"])
        return Said({"uri": uri, "cid": self.records[uri]["cid"], "validationStatus": "valid"})

    def _listConvos(self, asked: Asked) -> Said:
        convos = [
            {
                "id": convo,
                "rev": said[-1]["rev"],
                "members": [{"did": did, "handle": handle} for did, handle in HANDLES.items()],
                "lastMessage": said[-1],
                "unreadCount": 1,
                "muted": False,
            }
            for convo, said in self.convos.items()
        ]
        return Said({"convos": convos[: int(asked.one("limit") or 50)]})

    def _getLog(self, asked: Asked) -> Said:
        after = asked.one("cursor") or ""
        logs = [event for event in self.chat_log if event["rev"] > after]
        return Said({"logs": logs, "cursor": logs[-1]["rev"] if logs else after})

    def _getMessages(self, asked: Asked) -> Said:
        return Said({"messages": list(reversed(self.convos.get(str(asked.one("convoId")), [])))})

    def _getConvoForMembers(self, asked: Asked) -> Said:
        (did,) = asked.query["members"]
        if did not in HANDLES or did in self.gone:
            return Said({"error": "RecipientNotFound", "message": "Recipient not found"}, 400)
        convo = "convo-" + "-".join(sorted(one.rpartition(":")[2] for one in (did, BANK)))
        return Said({"convo": {"id": convo, "rev": "r", "members": [], "muted": False, "unreadCount": 0}})

    def _sendMessage(self, asked: Asked) -> Said:
        text = asked.body["message"]["text"]
        if len(regex.findall(r"\X", text)) > 1000:
            return Said({"error": "InvalidRequest", "message": "Input/message/text must not be longer"}, 400)
        others = [did for did in HANDLES if did != BANK and did.rpartition(":")[2] in asked.body["convoId"]]
        self.whisper(text, did=BANK, to=others[0])
        return Said(self.convos[asked.body["convoId"]][-1])

    def _uploadBlob(self, asked: Asked) -> Said:
        kind = asked.headers["content-type"]
        if self.no_pictures:
            return Said({"error": "InvalidMimeType", "message": "Wrong mimetype of blob"}, 400)
        cid = "bafkrei" + hashlib.sha256(asked.raw).hexdigest()[:52]
        self.blobs[cid] = asked.raw
        blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": kind, "size": len(asked.raw)}
        return Said({"blob": blob})

    def shown(self) -> list[tuple[bytes, str]]:
        embeds = [one["value"].get("embed", {}) for one in self.records.values()]
        images = [image for embed in embeds for image in embed.get("images", [])]
        return [(self.blobs[image["image"]["ref"]["$link"]], image["alt"]) for image in images]

    def refuse_pictures(self) -> None:
        self.no_pictures = True

    def _deleteRecord(self, asked: Asked) -> Said:
        uri = f"at://{asked.body['repo']}/{asked.body['collection']}/{asked.body['rkey']}"
        if uri in self.records:
            self.delete(uri)
        return Said({})

    # What they have in common.

    def _tell(self, uri: str, operation: str) -> None:
        did, collection, rkey = uri.removeprefix("at://").split("/")
        commit = {"rev": "3k", "operation": operation, "collection": collection, "rkey": rkey}
        if operation != "delete":
            commit |= {"record": self.records[uri]["value"], "cid": self.records[uri]["cid"]}
        self.jetstream.tell(did, "commit", **commit)

    def _store(self, uri: str, value: dict[str, Any]) -> None:
        known = uri in self.records
        cid = "bafyrei" + hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:52]
        self.records[uri] = {"cid": cid, "value": value, "at": self.records.get(uri, {}).get("at", now())}
        self._tell(uri, "update" if known else "create")

    def _shows(self, uri: str) -> bool:
        return uri in self.records and uri.split("/")[2] not in self.gone

    def _newest(self) -> list[tuple[str, dict[str, Any]]]:
        shown = [(uri, record) for uri, record in self.records.items() if self._shows(uri)]
        return sorted(shown, key=lambda entry: entry[1]["at"], reverse=True)

    def _view(self, uri: str) -> dict[str, Any]:
        record, did = self.records[uri], uri.split("/")[2]
        return {
            "uri": uri,
            "cid": record["cid"],
            "author": {"did": did, "handle": HANDLES[did], "displayName": ""},
            "record": record["value"],
            "indexedAt": record["at"],
            "likeCount": 0,
        }

    def _page(self, asked: Asked, name: str, entries: list[dict[str, Any]]) -> Said:
        start, size = int(asked.one("cursor") or 0), int(asked.one("limit") or 50)
        body: dict[str, Any] = {name: entries[start : start + size]}
        return Said(body | ({"cursor": str(start + size)} if start + size < len(entries) else {}))


def _fault(record: dict[str, Any], rkey: str) -> str:
    """What the lexicon of posts has against a record."""
    text = record["text"]
    if len(regex.findall(r"\X", text)) > 300 or len(text.encode()) > 3000:
        return "Record/text must not be longer"
    if not TID.match(rkey):
        return "Invalid record key"
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["createdAt"]):
        return "Record/createdAt must be a datetime"
    for facet in record.get("facets", []):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        if not 0 <= start < end <= len(text.encode()) or not facet["features"]:
            return "Record/facets"
        text.encode()[start:end].decode()
    for side in ("parent", "root") if "reply" in record else ():
        if not record["reply"][side]["uri"].startswith("at://") or not record["reply"][side]["cid"]:
            return "Record/reply"
    return ""


def serve() -> contextlib.AbstractContextManager[BlueskyPeer]:
    """This network, listening."""
    return BlueskyPeer().served()
