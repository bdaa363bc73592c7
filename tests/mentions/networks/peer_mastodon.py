"""A small Mastodon server with the bank's account, one customer of its own and one on another server.

Faithful where the connector depends on it: numbers that are the server's own beside addresses that are global,
pages by `min_id`, sends remembered by their key, its way of counting, and 404 for what one may not see.
"""

from __future__ import annotations

import contextlib
import html
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from mentions.networks import Account
from mentions.networks._length import fediverse
from mentions.networks._plaintext import plain
from tests.mentions.networks import multipart
from tests.mentions.networks.held import Held
from tests.mentions.networks.speaking import Asked, Said, Speaking, now
from tests.mentions.wire import Line

HERE = "social.example"
PEOPLE = {"1": "bank", "2": "customer", "3": "ana@elsewhere.example"}


class MastodonPeer(Speaking):
    """`statuses` by the server's numbers. `together` is whether it gives many statuses at once, as since 4.3."""

    def __init__(self, *, together: bool = True) -> None:
        super().__init__()
        self.statuses: dict[str, dict[str, Any]] = {}
        self.brought: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.no_pictures = self.slow = False
        self.notes: list[dict[str, Any]] = []
        self.kept: dict[str, str] = {}
        self.together = together
        self.deletes = True
        self.url = ""
        self.held = Held("text/event-stream", b":thump\n")
        self.configuration = {"max_characters": 500, "characters_reserved_per_url": 23}

    def connect(self, url: str) -> Account:
        self.url = url
        told = {"streaming": url.replace("http", "ws", 1)}
        return Account(url, "bank", f"{url}/users/bank", {"token": "token-of-the-bank"}, told, local=True)

    # What people do there.

    def write(self, text: str, *, by: str = "2", visibility: str = "public", **more: Any) -> str:
        status = self._status(by, text, visibility)
        status.update(more)
        note = {"id": str(len(self.notes) + 1), "type": "mention", "created_at": now(), "status": status}
        self.notes.append(note)
        self._tell("user", "notification", note)
        self._tell("public", "update", status)
        return str(status["uri"])

    def confide(self, text: str, who: int) -> dict[str, Any]:
        by = ("2", "3")[who]
        told = {"recipient_id": self._person(by)["uri"], "recipient_handle": PEOPLE[by]}
        return told | {"in_reply_to": self.write(text, by=by, visibility="direct")}

    def write_to_nobody(self, text: str) -> str:
        status = self._status("2", text, "public")
        self._tell("public", "update", status)
        return str(status["uri"])

    def say(self, raw: str) -> None:
        said = raw if raw.startswith("event:") else f"event: notification\ndata: {raw}\n\n"
        self.held.say("user", said.encode())

    def strange_event(self) -> str:
        return 'event: announcement\ndata: {"id": "1", "content": "<p>maintenance</p>"}\n\n'

    def poison_event(self) -> str:
        """A mention of us that is none."""
        return json.dumps(
            {"id": "9", "type": "mention", "status": {"id": 7, "account": [], "content": {"not": "words"}}}
        )

    def expire_stream(self) -> None:
        """The server ends what was opened with a token that does not hold any more."""
        self.expire()
        self.held.end()

    def holds(self, asked: Asked, line: Line) -> bool:
        name = asked.path.removeprefix("/api/v1/streaming/")
        if name == asked.path or asked.headers.get("authorization") != "Bearer token-of-the-bank":
            return False
        self.held.hold(name, line)
        return True

    def _tell(self, name: str, kind: str, told: object) -> None:
        self.held.say(name, f"event: {kind}\ndata: {told if isinstance(told, str) else json.dumps(told)}\n\n".encode())

    def edit(self, external_id: str, text: str) -> None:
        self._at(external_id).update(content=f"<p>{html.escape(text)}</p>", edited_at=now())
        for name in ("user", "public"):
            self._tell(name, "status.update", self._at(external_id))

    def delete(self, external_id: str) -> None:
        gone = self._at(external_id)
        del self.statuses[gone["id"]]
        self.notes = [note for note in self.notes if note["status"] is not gone]
        for name in ("user", "public"):
            self._tell(name, "delete", gone["id"])

    def answers_to(self, external_id: str) -> list[str]:
        return [said for said, seen in self._said_to(external_id) if seen in ("public", "unlisted")]

    def messages(self) -> list[str]:
        return [self._words(one) for one in self._of("1") if one["visibility"] == "direct"]

    def pass_on(self, external_id: str, *, by: str) -> str:
        again = self._status(by, "", "public")
        again.update(reblog=self._at(external_id), content=self._at(external_id)["content"])
        self._tell("user", "update", again)
        return str(again["uri"])

    # What the server says.

    def changes(self, asked: Asked) -> bool:
        return asked.method != "GET"

    def too_many(self) -> Said:
        at = (datetime.now(UTC) + timedelta(minutes=4)).isoformat().replace("+00:00", "Z")
        headers = {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "0", "x-ratelimit-reset": at}
        return Said({"error": "Too many requests"}, 429, headers)

    def ended(self) -> Said:
        return Said({"error": "The access token is invalid"}, 401)

    def gibberish(self, asked: Asked) -> Said:
        if asked.path.endswith("notifications"):
            return Said([7, None, {"id": [], "type": "mention", "status": {"id": 7, "account": []}}, {"status": 7}])
        return Said({"error": 7} if asked.path.endswith("verify_credentials") else [])

    def answer(self, asked: Asked) -> Said:
        if asked.headers.get("authorization") != "Bearer token-of-the-bank":
            return self.ended()
        parts = asked.path.removeprefix("/api/").split("/")
        match (asked.method, *parts):
            case ("GET", "v1", "notifications"):
                kinds = asked.query.get("types[]", [])
                return self._page(asked, [note for note in self.notes if note["type"] in kinds])
            case ("GET", "v1", "accounts", "verify_credentials"):
                return Said(self._person("1"))
            case ("GET", "v1", "accounts", number, "statuses"):
                return self._page(asked, self._of(number))
            case ("GET", "v2", "instance"):
                streaming = {"streaming": self.url.replace("http", "ws", 1)}
                return Said({"configuration": {"statuses": self.configuration, "urls": streaming}})
            case ("GET", "v2", "search"):
                wanted = str(asked.one("q"))
                found = [s for s in self.statuses.values() if wanted in (s["uri"], s["url"])]
                return Said({"statuses": found or [s for s in self.statuses.values() if wanted in self._words(s)]})
            case ("GET", "v1", "timelines", "tag", tag):
                return self._page(asked, [s for s in self.statuses.values() if f"#{tag}" in self._words(s)])
            case ("GET", "v1", "statuses") if self.together:
                return Said([self.statuses[number] for number in asked.query["id[]"] if number in self.statuses])
            case ("POST", "v2", "media"):
                return self._brought(asked)
            case ("GET", "v1", "media", number) if number in self.brought:
                return Said(self.brought[number])
            case ("POST", "v1", "statuses"):
                return self._post(asked)
            case (method, "v1", "statuses", number, *rest) if number in self.statuses:
                return self._one(method, number, rest, asked)
        return Said({"error": "Record not found"}, 404)

    def _one(self, method: str, number: str, rest: list[str], asked: Asked) -> Said:
        status = self.statuses[number]
        if rest == ["context"]:
            above, parent = [], status["in_reply_to_id"]
            while parent in self.statuses:
                above.insert(0, self.statuses[parent])
                parent = self.statuses[parent]["in_reply_to_id"]
            below = [one for one in self.statuses.values() if one["in_reply_to_id"] == number]
            return Said({"ancestors": above, "descendants": below})
        if method == "PUT":
            status.update(content=f"<p>{html.escape(asked.body['status'])}</p>", edited_at=now())
            status["media_attachments"] = [self.brought[own] for own in asked.body.get("media_ids", [])]
        elif method == "DELETE":
            if not self.deletes:
                return Said({"error": "Record not found"}, 404)
            del self.statuses[number]
        return Said(status)

    def _brought(self, asked: Asked) -> Said:
        """A `slow` server looks at it for a moment."""
        if self.no_pictures:
            return Said({"error": "Validation failed: File is invalid"}, 422)
        form = multipart.fields(asked.headers["content-type"], asked.raw)
        number = str(110_000_000_000_000_000 + time.monotonic_ns())
        alt = form.get("description", ("", b""))[1].decode()
        self.brought[number] = {"id": number, "type": "image", "url": None, "description": alt}
        self.files[number] = form["file"][1]
        return Said(self.brought[number], 202 if self.slow else 200)

    def shown(self) -> list[tuple[bytes, str]]:
        told = [one for status in self._of("1") for one in status["media_attachments"]]
        return [(self.files[one["id"]], one["description"]) for one in told]

    def refuse_pictures(self) -> None:
        self.no_pictures = True

    def _post(self, asked: Asked) -> Said:
        given, key = asked.body, asked.headers["idempotency-key"]
        if key in self.kept:
            return Said(self.statuses[self.kept[key]])
        if fediverse(given["status"]) > self.configuration["max_characters"]:
            return Said({"error": "Validation failed: Text character limit of 500 exceeded"}, 422)
        if given.get("in_reply_to_id") not in (None, *self.statuses):
            return Said({"error": "The post you are trying to reply to does not appear to exist."}, 404)
        status = self._status("1", given["status"], given["visibility"])
        status["in_reply_to_id"] = given.get("in_reply_to_id")
        status["media_attachments"] = [self.brought[own] for own in given.get("media_ids", [])]
        self.kept[key] = status["id"]
        self._tell("user", "update", status)
        return Said(status)

    # What they have in common.

    def _status(self, by: str, text: str, visibility: str) -> dict[str, Any]:
        number = str(113_000_000_000_000_000 + time.monotonic_ns())
        person = self._person(by)
        words = "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n\n"))
        self.statuses[number] = {
            "id": number,
            "uri": f"{person['uri']}/statuses/{number}" if by != "3" else f"{person['uri']}/posts/{number}",
            "url": f"{person['url']}/{number}",
            "account": person,
            "content": words,
            "spoiler_text": "",
            "visibility": visibility,
            "created_at": now(),
            "edited_at": None,
            "in_reply_to_id": None,
            "language": "en",
            "mentions": [self._person(one) for one, acct in PEOPLE.items() if f"@{acct}" in text and one != by],
            "media_attachments": [],
        }
        return self.statuses[number]

    def _person(self, number: str) -> dict[str, Any]:
        name, _, far = PEOPLE[number].partition("@")
        origin = f"https://{far}" if far else self.url
        return {
            "id": number,
            "acct": PEOPLE[number],
            "username": name,
            "display_name": name.title(),
            "uri": f"{origin}/users/{name}",
            "url": f"{origin}/@{name}",
            "followers_count": 7,
        }

    def _at(self, external_id: str) -> dict[str, Any]:
        return next(status for status in self.statuses.values() if status["uri"] == external_id)

    def _of(self, number: str) -> list[dict[str, Any]]:
        return [status for status in self.statuses.values() if status["account"]["id"] == number]

    def _said_to(self, external_id: str) -> list[tuple[str, str]]:
        parent = next((one["id"] for one in self.statuses.values() if one["uri"] == external_id), None)
        under = [one for one in self._of("1") if one["in_reply_to_id"] == parent and parent]
        return [(self._words(one), one["visibility"]) for one in under]

    def _words(self, status: dict[str, Any]) -> str:
        """The text without the names in front of it, as people see it in a thread."""
        words = plain(status["content"])
        for acct in PEOPLE.values():
            words = words.removeprefix(f"@{acct} ")
        return words

    def _page(self, asked: Asked, entries: list[dict[str, Any]]) -> Said:
        """Newest first; after `min_id`, what came next."""
        size = int(asked.one("limit") or 20)
        after, before = asked.one("min_id"), asked.one("max_id")
        wanted = [one for one in entries if before is None or int(one["id"]) < int(before)]
        if after is not None:
            wanted = [one for one in wanted if int(one["id"]) > int(after)][:size]
        return Said(wanted[::-1][:size])


def serve() -> contextlib.AbstractContextManager[MastodonPeer]:
    """This network, listening."""
    return MastodonPeer().served()
