"""What the stores have in common: reviews that are listed newest first, and the one public response each allows.

A second response would replace the first, so sending the same again is harmless; and whether ours is there is read
from the review itself.
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from mentions.networks import Account, Fetched, Network, NetworkError, Outgoing, Published
from mentions.networks._polling import Page, between, walk


class Reviews(Network):
    """A store. `page` lists reviews, `response_of` reads one's response, `respond` and `withdraw` change it."""

    tells = frozenset({"edit"})
    poll_every_s = 30

    @abstractmethod
    def page(self, account: Account, after: str | None) -> Page:
        """Reviews in the product's form with the responses that stand below them, newest first, and the next page."""

    @abstractmethod
    def response_of(self, account: Account, external_id: str) -> tuple[str, datetime] | None:
        """Our response to a review and its time; None if it has none. Raises `NetworkError`."""

    @abstractmethod
    def respond(self, account: Account, external_id: str, words: str) -> datetime:
        """Write or replace our response. Raises `NetworkError`."""

    def answered(self, account: Account, review: str, words: str, at: str) -> list[dict[str, Any]]:
        """The response that stands below a review, whoever wrote it in our name; nothing if there is none."""
        told = {
            "network": self.key,
            "external_id": response_to(review),
            "kind": "reply",
            "visibility": "public",
            "author": {"id": account.account_id},
            "text": words,
            "created_at": at,
            "edited_at": at,
            "in_reply_to": review,
            "conversation_id": review,
        }
        return [told] if words else []

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """New reviews, those whose words have changed, and what is answered in our name."""
        return walk(lambda after: self.page(account, after), cursor)

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """Reviews that were written or changed between two times, page by page."""
        return between([lambda after: self.page(account, after)], since, until, cursor)

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """The response to a review. It goes by the review's own identifier."""
        if outgoing.visibility == "private":
            raise NetworkError(_("%(network)s has no private messages") % self.named, "give_up")
        if not outgoing.in_reply_to:
            raise NetworkError(_("on %(network)s only reviews are answered") % self.named, "give_up")
        if not self.limits.fits(outgoing.text, "public"):
            # Some stores cut a long response off instead of refusing it.
            in_characters = _("%(network)s takes %(max)s characters")
            most = in_characters if self.limits.max_bytes is None else _("%(network)s takes %(max)s bytes")
            raise NetworkError(most % {"network": self.title, "max": self.limits.max}, "give_up")
        at = self.respond(account, outgoing.in_reply_to, outgoing.text)
        return Published(response_to(outgoing.in_reply_to), None, at)

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Whether the review bears our words."""
        found = self.response_of(account, outgoing.in_reply_to or "")
        if found is None or found[0].split() != outgoing.text.split():
            return None
        return Published(response_to(outgoing.in_reply_to or ""), None, found[1])

    def edit(self, account: Account, external_id: str, text: str) -> Published:
        """Replaces the words of our response."""
        return Published(external_id, None, self.respond(account, review_of(external_id), text))


def response_to(review: str) -> str:
    """How our response is called: stores give it no name of its own, or let it be asked for by the review alone."""
    return f"{review}#response"


def review_of(response: str) -> str:
    """The review that a response belongs to."""
    return response.removesuffix("#response")


def stars(number: object, most: int = 5) -> str:
    """A rating as people write it, for reviews without words; empty if there is none."""
    return f"{number}/{most}" if isinstance(number, int) and 0 < number <= most else ""


def now() -> datetime:
    """When a response was written, for stores that do not say."""
    return datetime.now(UTC)
