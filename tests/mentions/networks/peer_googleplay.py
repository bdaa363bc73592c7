"""Google Play, with one app."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from mentions.networks import Account
from tests.mentions.networks.api_peer import Request, Said, served
from tests.mentions.networks.peer_youtube import google_error
from tests.mentions.networks.store_peer import StorePeer

PACKAGE = "com.meridian.app"
REVIEWS = f"/androidpublisher/v3/applications/{PACKAGE}/reviews"


class GooglePlayPeer(StorePeer):
    """What of the Android Publisher API the connector uses."""

    limited = google_error(429, "rateLimitExceeded")
    expired = google_error(401, "authError")

    def account_at(self, url: str) -> Account:
        return Account(url, "", PACKAGE, {"token": "token-of-the-bank"}, local=True)

    def named(self, number: int) -> str:
        return f"{PACKAGE}:gp-{number}"

    def answer(self, request: Request) -> Said:
        if request.path == "/token":
            return Said({"access_token": "next", "expires_in": 3599})
        if request.path == REVIEWS:
            return Said({"reviews": [self._shown(own, review) for own, review in self.newest()]})
        own = f"{PACKAGE}:{request.path.removeprefix(f'{REVIEWS}/').removesuffix(':reply')}"
        review = self.reviews.get(own)
        if review is None:
            return google_error(404, "notFound")
        if request.method == "GET":
            return Said(self._shown(own, review))
        review["response"] = request.json["replyText"]
        return Said({"result": {"replyText": review["response"], "lastEdited": {"seconds": str(int(review["at"]))}}})

    def _shown(self, own: str, review: dict[str, Any]) -> dict[str, Any]:
        at = {"seconds": str(int(review["at"]))}
        said = {"text": f"\t{review['text']}", "lastModified": at, "starRating": review["stars"]}
        comments: list[dict[str, Any]] = [{"userComment": said}]
        if review["response"]:
            comments.append({"developerComment": {"text": review["response"], "lastModified": at}})
        return {"reviewId": own.partition(":")[2], "authorName": "A customer", "comments": comments}


def serve() -> AbstractContextManager[GooglePlayPeer]:
    """Google Play, reachable."""
    return served(GooglePlayPeer())
