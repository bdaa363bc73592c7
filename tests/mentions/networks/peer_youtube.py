"""YouTube as its users know it: one video of the bank's with threads of comments under it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from mentions.networks import Account
from tests.mentions.networks.api_peer import ApiPeer, Request, Said, now, refusal, served

CHANNEL, CUSTOMER, UPLOADS = "UCbank", "UCcustomer", "UUbank"


def google_error(code: int, reason: str) -> Said:
    return refusal(code, {"error": {"code": code, "errors": [{"reason": reason, "message": "private details"}]}})


SHOWN = 2  # of the replies, with their thread


class YouTubePeer(ApiPeer):
    """What of the Data API the connector uses."""

    limited = google_error(403, "rateLimitExceeded")
    expired = google_error(401, "authError")

    def __init__(self) -> None:
        super().__init__()
        self.comments: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, str] = {}
        self.newest: int | None = None  # how many threads a page has

    def account_at(self, url: str) -> Account:
        secrets, settings = {"token": "token-of-the-bank"}, {"uploads": UPLOADS}
        return Account(url, "meridian", CHANNEL, secrets, settings, local=True)

    def acts(self, request: Request) -> bool:
        return request.method == "POST" and request.path.endswith("/comments")

    def write(self, text: str, by: str = CUSTOMER, parent: str = "") -> str:
        own = f"{parent}.{self.number()}" if parent else f"Ug{self.number()}"
        self.comments[own] = {
            "authorChannelId": {"value": by},
            "authorDisplayName": "@customer42",
            "textOriginal": text,
            "publishedAt": now(),
            "updatedAt": now(),
            "videoId": "v1",
            "parentId": parent,
        }
        return own

    def edit(self, external_id: str, text: str) -> None:
        self.comments[external_id] |= {"textOriginal": text, "updatedAt": now()}

    def delete(self, external_id: str) -> None:
        del self.comments[external_id]

    def answers_to(self, external_id: str) -> list[str]:
        return [c["textOriginal"] for c in self.comments.values() if c["parentId"] == external_id]

    def answer(self, request: Request) -> Said:
        snippets = [{"id": own, "snippet": snippet} for own, snippet in reversed(self.comments.items())]
        match request.method, request.path.removeprefix("/youtube/v3/"):
            case "GET", "channels":
                lists = {"relatedPlaylists": {"uploads": UPLOADS}}
                snippet = {"customUrl": "@meridian"}
                return Said({"items": [{"id": CHANNEL, "snippet": snippet, "contentDetails": lists}]})
            case "GET", "playlistItems" if request.query["playlistId"] == UPLOADS:
                shown = [
                    {"snippet": {"title": title, "publishedAt": now(), "resourceId": {"videoId": own}}}
                    for own, title in reversed(self.uploads.items())
                ]
                return Said({"items": shown})
            case "GET", "commentThreads" if "id" in request.query:
                wanted = request.query["id"].split(",")
                return Said({"items": [self._thread(entry) for entry in snippets if entry["id"] in wanted]})
            case "GET", "commentThreads":
                threads = [self._thread(entry) for entry in snippets if not entry["snippet"]["parentId"]]
                return Said({"items": threads[: self.newest]})
            case "GET", "comments" if "id" in request.query:
                wanted = request.query["id"].split(",")
                return Said({"items": [entry for entry in snippets if entry["id"] in wanted]})
            case "GET", "comments":
                parent = request.query["parentId"]
                replies = [entry for entry in snippets if entry["snippet"]["parentId"] == parent]
                start = int(request.query.get("pageToken", 0))
                following = {"nextPageToken": str(start + 100)} if len(replies) > start + 100 else {}
                return Said({"items": replies[start : start + 100]} | following)
            case "GET", "search":
                snippet = {"channelId": "UCother", "title": "Is my bank &amp; yours down?", "publishedAt": now()}
                return Said({"items": [{"id": {"videoId": "v9"}, "snippet": snippet}]})
            case "POST", "comments":
                return self._replied(request.json["snippet"])
            case "POST", "comments/setModerationStatus":
                return Said({}, "204 No Content")
            case "PUT", "comments":
                self.comments[request.json["id"]]["textOriginal"] = request.json["snippet"]["textOriginal"]
                return Said({"id": request.json["id"], "snippet": self.comments[request.json["id"]]})
            case "DELETE", "comments" if self.comments.pop(request.query["id"], None):
                return Said({}, "204 No Content")
            case "POST", "/token":
                return Said({"access_token": "next", "expires_in": 3599})
        return google_error(404, "commentNotFound")

    def _replied(self, snippet: dict[str, Any]) -> Said:
        if snippet["parentId"] not in self.comments:
            return google_error(404, "parentCommentNotFound")
        if len(snippet["textOriginal"]) > 10_000:
            return google_error(400, "commentTextTooLong")
        own = self.write(snippet["textOriginal"], CHANNEL, snippet["parentId"])
        return Said({"id": own, "snippet": self.comments[own]})

    def _thread(self, entry: dict[str, Any]) -> dict[str, Any]:
        replies = [{"id": o, "snippet": s} for o, s in self.comments.items() if s["parentId"] == entry["id"]]
        snippet = {"topLevelComment": entry, "totalReplyCount": len(replies)}
        return {"id": entry["id"], "snippet": snippet, "replies": {"comments": replies[:SHOWN]}}


def serve() -> AbstractContextManager[YouTubePeer]:
    """YouTube, reachable."""
    return served(YouTubePeer())
