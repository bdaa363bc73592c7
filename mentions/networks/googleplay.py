"""Google Play: reviews of the bank's app, and the developer's reply to each.

Facts: Google's discovery document of the Android Publisher API v3. The list holds the last week's reviews that have
words, in the order in which they were last changed; a reply takes about 350 characters and loses its markup. The token
is that of a service account, which proves itself with a signed statement (RFC 7523).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from mentions.networks import Account, Capabilities, Fetched, Field, Gone, Limits, NetworkError, Probe, Rate, Refreshed
from mentions.networks import _jose as jose
from mentions.networks._google import TOKENS, ask, refreshed
from mentions.networks._polling import Page
from mentions.networks._reviews import Reviews, now, stars
from mentions.networks._shapes import identifier, mapping, maps, since_epoch, text

LISTED: Final = timedelta(days=7)
SCOPE: Final = "https://www.googleapis.com/auth/androidpublisher"


class GooglePlay(Reviews):
    """The connector. `account_id` is the app's package. Secrets: "service_account" (its JSON key), "token"."""

    key = "googleplay"
    title = "Google Play"
    home = "https://androidpublisher.googleapis.com"
    capabilities = Capabilities(
        fetch=True, history=True, lookup=True, publish=frozenset({"public"}), edit=True, refresh=True, resend="key"
    )
    limits = Limits(max=350, private_max=0)
    rate = Rate(calls=200, per_s=3_600)
    fields = (
        Field("account_id", _("Package"), _("Such as com.yourbank.mobile.")),
        Field(
            "service_account",
            _("Key of the service account"),
            _("The whole JSON file; Play Console, Users and permissions, “Reply to reviews”."),
            secret=True,
        ),
    )

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """What was written or changed between two times, of the last week."""
        found = super().history(account, since, until, cursor)
        return replace(found, complete=found.complete and since > datetime.now(UTC) - LISTED)

    def page(self, account: Account, after: str | None) -> Page:
        """The last week's reviews."""
        params = {"maxResults": "100"} | ({"token": after} if after else {})
        body = ask(self.title, account, "GET", self._path(account), params=params)
        items = []
        for review in maps(body.get("reviews")):
            items.append(self._review(account, review))
            ours = next((mapping(c["developerComment"]) for c in maps(review.get("comments")) if _ours(c)), {})
            at = _moment(ours.get("lastModified")).isoformat()
            items += self.answered(account, items[-1]["external_id"], text(ours.get("text")), at)
        return items, text(mapping(body.get("tokenPagination")).get("nextPageToken")) or None

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Reviews, one call each."""
        found: dict[str, dict[str, Any] | None] = {}
        for own in external_ids:
            try:
                found[own] = self._review(account, self._get(account, own))
            except Gone:
                found[own] = None
            except NetworkError as error:
                if error.follow != "give_up":
                    raise
        return found

    def response_of(self, account: Account, external_id: str) -> tuple[str, datetime] | None:
        """The developer's comment."""
        for comment in maps(self._get(account, external_id).get("comments")):
            if _ours(comment):
                ours = mapping(comment["developerComment"])
                return text(ours.get("text")), _moment(ours.get("lastModified"))
        return None

    def respond(self, account: Account, external_id: str, words: str) -> datetime:
        """Write the developer's comment, or another in its place."""
        path = f"{self._path(account)}/{_bare(external_id)}:reply"
        body = ask(self.title, account, "POST", path, payload={"replyText": words})
        return _moment(mapping(body.get("result")).get("lastEdited"))

    def probe(self, account: Account) -> Probe:
        """Whether the reviews of this app may be read."""
        ask(self.title, account, "GET", self._path(account), params={"maxResults": "1"})
        return Probe(account.account_id, account.handle or account.account_id)

    def refresh(self, account: Account) -> Refreshed:
        """A token of an hour for the service account's statement."""
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": _statement(account)}
        return refreshed(self.title, account, self.home, form)

    def _path(self, account: Account) -> str:
        return f"androidpublisher/v3/applications/{account.account_id}/reviews"

    def _get(self, account: Account, external_id: str) -> dict[str, Any]:
        return ask(self.title, account, "GET", f"{self._path(account)}/{_bare(external_id)}")

    def _review(self, account: Account, review: Mapping[str, Any]) -> dict[str, Any]:
        own = identifier(review.get("reviewId"))
        said = next((mapping(c["userComment"]) for c in maps(review.get("comments")) if "userComment" in c), {})
        # Title and words come in one, with a tab between.
        words = "\n".join(part.strip() for part in text(said.get("text")).split("\t") if part.strip())
        changed = since_epoch(mapping(said.get("lastModified")).get("seconds"))
        return {
            "network": self.key,
            "external_id": f"{account.account_id}:{own}",
            "kind": "review",
            "visibility": "public",
            "author": {"id": f"{account.account_id}:{own}", "name": review.get("authorName")},
            "text": words or stars(said.get("starRating")),
            "created_at": changed,
            "edited_at": changed,
            "url": f"https://play.google.com/store/apps/details?id={account.account_id}&reviewId={own}",
            "lang": said.get("reviewerLanguage"),
            "rating": said.get("starRating"),
            "version": said.get("appVersionName"),
        }


def _statement(account: Account) -> str:
    issued = int(time.time())
    try:
        key = mapping(json.loads(account.secrets.get("service_account", "")))
        claims = {"iss": key.get("client_email"), "scope": SCOPE, "aud": TOKENS, "iat": issued, "exp": issued + 3600}
        head = {"typ": "JWT", "kid": key.get("private_key_id")}
        return jose.statement(text(key.get("private_key")), head, claims, "RS256")
    except ValueError:
        raise NetworkError(_("the service account's key cannot be read; paste its JSON file"), "reauthorise") from None


def _ours(comment: Mapping[str, Any]) -> bool:
    return "developerComment" in comment


def _bare(external_id: str) -> str:
    return external_id.rpartition(":")[2]


def _moment(stamp: object) -> datetime:
    told = since_epoch(mapping(stamp).get("seconds"))
    return datetime.fromisoformat(told).astimezone(UTC) if told else now()


NETWORK = GooglePlay()
