"""The App Store, with one app."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from mentions.networks import Account
from tests.mentions.networks.api_peer import Request, Said, now, refusal, served
from tests.mentions.networks.store_peer import StorePeer

APP = "310633997"


class AppStorePeer(StorePeer):
    """What of App Store Connect the connector uses."""

    def account_at(self, url: str) -> Account:
        return Account(url, "", APP, {"token": "token-of-the-bank"}, local=True)

    def named(self, number: int) -> str:
        return f"as-{number}"

    def answer(self, request: Request) -> Said:
        match request.method, request.path.strip("/").split("/")[1:]:
            case "GET", ["apps", _, "customerReviews"]:
                shown = [self._shown(own, review) for own, review in self.newest()]
                responses = [self._response(own) for own, review in self.newest() if review["response"]]
                return Said({"data": shown, "included": responses, "links": {}})
            case "GET", ["customerReviews", own] if own in self.reviews:
                return Said({"data": self._shown(own, self.reviews[own])})
            case "GET", ["customerReviews", own, "response"] if self.reviews.get(own, {}).get("response"):
                return Said({"data": self._response(own)})
            case "POST", ["customerReviewResponses"]:
                data = request.json["data"]
                own = data["relationships"]["review"]["data"]["id"]
                if own not in self.reviews:
                    return refusal(404)
                self.reviews[own]["response"] = data["attributes"]["responseBody"]
                return Said({"data": self._response(own)}, "201 Created")
            case "DELETE", ["customerReviewResponses", number]:
                self.reviews[number.removeprefix("r-")]["response"] = None
                return Said({}, "204 No Content")
        return refusal(404)

    def _response(self, own: str) -> dict[str, Any]:
        told = {"responseBody": self.reviews[own]["response"], "lastModifiedDate": now(), "state": "PENDING_PUBLISH"}
        return {"type": "customerReviewResponses", "id": f"r-{own}", "attributes": told}

    def _shown(self, own: str, review: dict[str, Any]) -> dict[str, Any]:
        told = {
            "rating": review["stars"],
            "body": review["text"],
            "reviewerNickname": "A customer",
            "createdDate": datetime.fromtimestamp(review["at"], UTC).isoformat(),
            "territory": "USA",
        }
        response = {"data": {"type": "customerReviewResponses", "id": f"r-{own}"}} if review["response"] else {}
        return {"type": "customerReviews", "id": own, "attributes": told, "relationships": {"response": response}}


def serve() -> AbstractContextManager[AppStorePeer]:
    """The App Store, reachable."""
    return served(AppStorePeer())
