"""The App Store: reviews of the bank's app, and the developer's response to each.

Facts: Apple's reference of the App Store Connect API. Whoever asks proves it with a statement signed by the key of the
team (ES256), good for twenty minutes; there is nothing to renew. A response is reviewed by Apple before it is seen.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from mentions.networks import Account, Capabilities, Field, Gone, Limits, NetworkError, Probe, Rate
from mentions.networks import _jose as jose
from mentions.networks._polling import Page
from mentions.networks._rest import Method, call
from mentions.networks._reviews import Reviews, now, review_of, stars
from mentions.networks._shapes import identifier, mapping, maps, text

GOOD_FOR_S: Final = 1_100


class AppStore(Reviews):
    """The connector. `account_id` is the app's number. Secrets: "private_key" (.p8). Settings: "issuer", "key_id"."""

    key = "appstore"
    title = "App Store"
    home = "https://api.appstoreconnect.apple.com"
    capabilities = Capabilities(
        fetch=True, history=True, lookup=True, publish=frozenset({"public"}), retract=True, edit=True, resend="key"
    )
    limits = Limits(max=5_970, private_max=0)
    rate = Rate(calls=3_000, per_s=3_600)
    recheck_every = timedelta(days=7)  # that a review was taken back is told by nobody
    fields = (
        Field("account_id", _("Apple ID of the app"), _("App Store Connect, App Information: a number.")),
        Field("issuer", _("Issuer ID"), _("Users and Access, Integrations, App Store Connect API.")),
        Field("key_id", _("Key ID"), _("Beside the key, whose role is Customer Support.")),
        Field("private_key", _("Private key"), _("The whole .p8 file, which can be loaded once."), secret=True),
    )

    def page(self, account: Account, after: str | None) -> Page:
        """The newest two hundred reviews a page; the token is the next page's whole query."""
        params = {"sort": "-createdDate", "limit": "200", "include": "response"} | ({"cursor": after} if after else {})
        body = self._ask(account, "GET", f"v1/apps/{account.account_id}/customerReviews", params=params)
        following = text(mapping(body.get("links")).get("next")).partition("cursor=")[2].partition("&")[0]
        responses = {identifier(one.get("id")): mapping(one.get("attributes")) for one in maps(body.get("included"))}
        items = []
        for review in maps(body.get("data")):
            items.append(self._review(review))
            named = mapping(mapping(mapping(review.get("relationships")).get("response")).get("data"))
            told = responses.get(identifier(named.get("id")), {})
            at = _moment(told.get("lastModifiedDate")).isoformat()
            items += self.answered(account, identifier(review.get("id")), text(told.get("responseBody")), at)
        return items, following or None

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Reviews, one call each."""
        found: dict[str, dict[str, Any] | None] = {}
        for own in external_ids:
            try:
                found[own] = self._review(mapping(self._ask(account, "GET", f"v1/customerReviews/{own}").get("data")))
            except Gone:
                found[own] = None
            except NetworkError as error:
                if error.follow != "give_up":
                    raise
        return found

    def response_of(self, account: Account, external_id: str) -> tuple[str, datetime] | None:
        """The developer's response, seen or still under review."""
        response = self._response(account, external_id)
        told = mapping(response.get("attributes"))
        return (text(told.get("responseBody")), _moment(told.get("lastModifiedDate"))) if response else None

    def respond(self, account: Account, external_id: str, words: str) -> datetime:
        """Write the response, or another in its place."""
        review = {"data": {"type": "customerReviews", "id": external_id}}
        data = {
            "type": "customerReviewResponses",
            "attributes": {"responseBody": words},
            "relationships": {"review": review},
        }
        body = self._ask(account, "POST", "v1/customerReviewResponses", payload={"data": data})
        return _moment(mapping(mapping(body.get("data")).get("attributes")).get("lastModifiedDate"))

    def retract(self, account: Account, external_id: str) -> None:
        """Deletes the response."""
        response = self._response(account, review_of(external_id))
        if response:
            self._ask(account, "DELETE", f"v1/customerReviewResponses/{identifier(response.get('id'))}")

    def probe(self, account: Account) -> Probe:
        """Whether the app's reviews may be read."""
        params = {"limit": "1"}
        self._ask(account, "GET", f"v1/apps/{account.account_id}/customerReviews", params=params)
        return Probe(account.account_id, account.handle or account.account_id)

    def _response(self, account: Account, external_id: str) -> dict[str, Any]:
        try:
            return mapping(self._ask(account, "GET", f"v1/customerReviews/{external_id}/response").get("data"))
        except Gone:
            return {}

    def _ask(
        self,
        account: Account,
        method: Method,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        payload: Any = None,
    ) -> dict[str, Any]:
        token = account.secrets.get("token") or statement(account)
        body, _answer = call(self.title, account, method, path, token=token, params=params, payload=payload)
        if not isinstance(body, dict):
            raise NetworkError(
                _("%(network)s gave an answer that cannot be read") % self.named,
                "unknown" if payload else "retry",
            )
        return body

    def _review(self, review: Mapping[str, Any]) -> dict[str, Any]:
        own, told = identifier(review.get("id")), mapping(review.get("attributes"))
        words = "\n\n".join(filter(None, (text(told.get("title")), text(told.get("body")))))
        return {
            "network": self.key,
            "external_id": own,
            "kind": "review",
            "visibility": "public",
            "author": {"id": f"review:{own}", "name": told.get("reviewerNickname")},
            "text": words or stars(told.get("rating")),
            "created_at": told.get("createdDate"),
            "location": {"country": _COUNTRIES.get(text(told.get("territory")))},
            "rating": told.get("rating"),
        }


def statement(account: Account) -> str:
    """The signed statement that Apple takes for a token. Raises `NetworkError` for a key that cannot sign."""
    issued = int(time.time())
    head = {"kid": str(account.settings.get("key_id", "")), "typ": "JWT"}
    issuer = str(account.settings.get("issuer", ""))
    claims = {"iss": issuer, "iat": issued, "exp": issued + GOOD_FOR_S, "aud": "appstoreconnect-v1"}
    try:
        return jose.statement(account.secrets.get("private_key", ""), head, claims)
    except ValueError:
        raise NetworkError(_("the private key cannot be read; paste the whole .p8 file"), "reauthorise") from None


def _moment(value: object) -> datetime:
    try:
        return datetime.fromisoformat(text(value)).astimezone(UTC)
    except ValueError:
        return now()


# Apple writes three letters; the countries where the bank's customers are most likely to be.
_COUNTRIES: Final = {
    "USA": "US", "CAN": "CA", "GBR": "GB", "IRL": "IE", "AUS": "AU", "NZL": "NZ", "IND": "IN", "PHL": "PH", "SGP": "SG",
    "MEX": "MX", "BRA": "BR", "ARG": "AR", "COL": "CO", "CHL": "CL", "PER": "PE", "ESP": "ES", "PRT": "PT", "FRA": "FR",
    "DEU": "DE", "AUT": "AT", "CHE": "CH", "ITA": "IT", "NLD": "NL", "BEL": "BE", "POL": "PL", "SWE": "SE", "NOR": "NO",
    "DNK": "DK", "FIN": "FI", "JPN": "JP", "KOR": "KR", "CHN": "CN", "HKG": "HK", "TWN": "TW", "THA": "TH", "VNM": "VN",
    "MYS": "MY", "IDN": "ID", "ARE": "AE", "SAU": "SA", "ZAF": "ZA", "NGA": "NG", "KEN": "KE", "EGY": "EG", "TUR": "TR",
}  # fmt: skip


NETWORK = AppStore()
