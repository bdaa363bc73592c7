"""Google Business Profile, with one branch."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from mentions.networks import Account
from tests.mentions.networks.api_peer import Request, Said, now, served
from tests.mentions.networks.peer_youtube import google_error
from tests.mentions.networks.store_peer import StorePeer

BRANCH = "accounts/1/locations/2"


class GoogleBusinessPeer(StorePeer):
    """What of My Business the connector uses."""

    limited = google_error(429, "rateLimitExceeded")
    expired = google_error(401, "authError")

    def account_at(self, url: str) -> Account:
        return Account(url, "", BRANCH, {"token": "token-of-the-bank"}, local=True)

    def acts(self, request: Request) -> bool:
        return request.method == "PUT"

    def named(self, number: int) -> str:
        return f"{BRANCH}/reviews/gb-{number}"

    def answer(self, request: Request) -> Said:
        path = request.path.removeprefix("/v4/")
        if path == "/token":
            return Said({"access_token": "next", "expires_in": 3599})
        if path == f"{BRANCH}/reviews":
            return Said({"reviews": [self._shown(own, review) for own, review in self.newest()]})
        review = self.reviews.get(path.removesuffix("/reply"))
        if review is None:
            return google_error(404, "notFound")
        if request.method == "GET":
            return Said(self._shown(path, review))
        if request.method == "DELETE":
            gone, review["response"] = review["response"] is None, None
            return google_error(404, "notFound") if gone else Said({})
        review["response"] = request.json["comment"]
        return Said({"comment": review["response"], "updateTime": now()})

    def _shown(self, own: str, review: dict[str, Any]) -> dict[str, Any]:
        at = datetime.fromtimestamp(review["at"], UTC).isoformat()
        shown = {
            "reviewId": own.rpartition("/")[2],
            "reviewer": {"displayName": "A customer"},
            "starRating": ("ONE", "TWO", "THREE", "FOUR", "FIVE")[review["stars"] - 1],
            "comment": review["text"],
            "createTime": at,
            "updateTime": at,
        }
        return shown | (
            {"reviewReply": {"comment": review["response"], "updateTime": at}} if review["response"] else {}
        )


def serve() -> AbstractContextManager[GoogleBusinessPeer]:
    """Google Business Profile, reachable."""
    return served(GoogleBusinessPeer())
