"""Google Business Profile: reviews of the bank's branches, and the owner's reply to each.

Facts: Google's reference of the Business Profile APIs (reviews are in version 4.9 of My Business). A review has one
reply, which a later one replaces; deleting it is a call of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from mentions.networks import Account, Capabilities, Field, Gone, Limits, NetworkError, Probe, Refreshed
from mentions.networks._google import GRANTS, ask, by_refresh_token, revoke, signed_in, signing_in
from mentions.networks._length import in_bytes
from mentions.networks._polling import Page
from mentions.networks._reviews import Reviews, now, review_of, stars
from mentions.networks._shapes import identifier, mapping, maps, text

SCOPE: Final = "https://www.googleapis.com/auth/business.manage"
_STARS: Final = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}


class GoogleBusiness(Reviews):
    """The connector. `account_id` is "accounts/N/locations/M". Secrets: "token", "refresh_token", "client_secret"."""

    key = "googlebusiness"
    title = "Google reviews"
    media_hosts = ("lh3.googleusercontent.com",)
    home = "https://mybusiness.googleapis.com"
    grants = GRANTS
    capabilities = Capabilities(
        fetch=True,
        history=True,
        lookup=True,
        publish=frozenset({"public"}),
        retract=True,
        edit=True,
        refresh=True,
        authorise=True,
        resend="key",
    )
    limits = Limits(max=4_096, private_max=0, counter="bytes", count=in_bytes)
    poll_every_s = 300  # the hundreds of branches of a bank share three hundred calls a minute
    recheck_every = timedelta(days=7)  # that a review was taken back is told by nobody
    fields = (
        Field("account_id", _("Location"), _("accounts/NUMBER/locations/NUMBER, one source for each branch.")),
        Field("client_id", _("Client ID"), _("Google Cloud console, Credentials, OAuth 2.0.")),
        Field("client_secret", _("Client secret"), _("Beside the client ID."), secret=True),
        Field(
            "refresh_token",
            _("Refresh token"),
            _("Comes by signing in; or paste a manager's, scope business.manage."),
            secret=True,
            required=False,
        ),
    )

    def page(self, account: Account, after: str | None) -> Page:
        """The location's reviews."""
        params = {"pageSize": "50", "orderBy": "updateTime desc"} | ({"pageToken": after} if after else {})
        body = ask(self.title, account, "GET", f"v4/{account.account_id}/reviews", params=params)
        items = []
        for review in maps(body.get("reviews")):
            items.append(self._review(account, review))
            reply = mapping(review.get("reviewReply"))
            at = _moment(reply.get("updateTime")).isoformat()
            items += self.answered(account, items[-1]["external_id"], text(reply.get("comment")), at)
        return items, text(body.get("nextPageToken")) or None

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Reviews, one call each."""
        found: dict[str, dict[str, Any] | None] = {}
        for own in external_ids:
            try:
                found[own] = self._review(account, ask(self.title, account, "GET", f"v4/{own}"))
            except Gone:
                found[own] = None
            except NetworkError as error:
                if error.follow != "give_up":
                    raise
        return found

    def response_of(self, account: Account, external_id: str) -> tuple[str, datetime] | None:
        """The owner's reply."""
        reply = mapping(ask(self.title, account, "GET", f"v4/{external_id}").get("reviewReply"))
        return (text(reply.get("comment")), _moment(reply.get("updateTime"))) if reply else None

    def respond(self, account: Account, external_id: str, words: str) -> datetime:
        """Write the owner's reply, or another in its place."""
        path = f"v4/{external_id}/reply"
        body = ask(self.title, account, "PUT", path, payload={"comment": words}, acting=True)
        return _moment(body.get("updateTime"))

    def retract(self, account: Account, external_id: str) -> None:
        """Deletes the reply."""
        try:
            ask(self.title, account, "DELETE", f"v4/{review_of(external_id)}/reply")
        except Gone:
            return

    def probe(self, account: Account) -> Probe:
        """Whether the location's reviews may be read."""
        ask(self.title, account, "GET", f"v4/{account.account_id}/reviews", params={"pageSize": "1"})
        return Probe(account.account_id, account.handle or account.account_id)

    def refresh(self, account: Account) -> Refreshed:
        """An access token lasts an hour."""
        return by_refresh_token(self.title, account, self.home)

    def authorise(self, account: Account, back: str, state: str, secret: str) -> str:
        """Google's page where the owner lets us act."""
        return signing_in(account, back, state, SCOPE, secret)

    def exchange(self, account: Account, back: str, secret: str, code: str, issuer: str = "") -> Refreshed:
        """The first tokens."""
        return signed_in(self.title, account, self.home, back, SCOPE, secret, code)

    def revoke(self, account: Account) -> bool:
        """Gives back what the owner let us in by."""
        return revoke(self.title, account, self.home)

    def _review(self, account: Account, review: Mapping[str, Any]) -> dict[str, Any]:
        own, author = identifier(review.get("reviewId")), mapping(review.get("reviewer"))
        number = _STARS.get(text(review.get("starRating")))
        # Google puts its own translation in front, and the words as they were written behind.
        words = text(review.get("comment")).partition("(Original)\n")
        return {
            "network": self.key,
            "external_id": f"{account.account_id}/reviews/{own}",
            "kind": "review",
            "visibility": "public",
            "author": {
                "id": f"{account.account_id}/reviews/{own}",
                "name": author.get("displayName"),
                "avatar_url": author.get("profilePhotoUrl"),
            },
            "text": (words[2] or words[0]).strip() or stars(number),
            "created_at": review.get("createTime"),
            "edited_at": review.get("updateTime"),
            "rating": number,
        }


def _moment(value: object) -> datetime:
    try:
        return datetime.fromisoformat(text(value)).astimezone(UTC)
    except ValueError:
        return now()


NETWORK = GoogleBusiness()
