"""A network's sign-in as its users and clients meet it: consent, codes that are good once, tokens that rotate."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from mentions import networks
from mentions.networks import Account
from tests.mentions.wire import Line, wire

CLIENT, SECRET, OWN = "our-app", "app-secret", "4711"


class Authority:
    """One client, one account. `optional` is what may be unticked."""

    optional: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.codes: dict[str, dict[str, str]] = {}
        self.unticked: set[str] = set()
        self.granted: list[str] = []
        self.renewals: set[str] = set()
        self.ended: list[str] = []
        self.apps: list[dict[str, str]] = []
        self.numbers = itertools.count(1)
        self.url = ""

    def account(self, key: str, **secrets: str) -> Account:
        """The bank's account on the network `key`, whose sign-in this is."""
        kept = {"client_secret": SECRET, "webhook": SECRET} | secrets
        return Account(self.url, "meridian", OWN, kept, {"client_id": CLIENT, "sign_in": f"{self.url}/sign-in"}, True)

    def asked(self, page: str) -> dict[str, str]:
        """What is asked for at this address."""
        return dict(parse_qsl(urlsplit(page).query))

    def consent(self, page: str) -> dict[str, str]:
        """Somebody is sent to this address and says yes; what the browser brings back."""
        asked = self.asked(page)
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        code = f"code-{next(self.numbers)}"
        self.granted = [s for s in asked["scope"].replace(",", " ").split() if s not in self.unticked]
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def talk(self, line: Line) -> None:
        while heard := line.hear():
            head, _, body = heard.partition(b"\r\n\r\n")
            method, target, _version = head.decode().split("\r\n")[0].split(" ")
            parts = urlsplit(target)
            asked = {name: values[0] for name, values in (parse_qs(parts.query) | parse_qs(body.decode())).items()}
            basic = f"authorization: basic {base64.b64encode(f'{CLIENT}:{SECRET}'.encode()).decode()}".lower()
            known = asked.get("client_secret") == SECRET or basic in head.decode().lower()
            status, told = self.answer(method, parts.path, asked, known)
            line.say(json.dumps(told).encode(), status)

    def answer(self, method: str, path: str, asked: dict[str, str], known: bool) -> tuple[str, dict[str, Any]]:
        refused = "400 Bad Request", {"error": {"code": 190, "message": "no"}, "reason": "invalid_grant"}
        match method, path.strip("/"):
            case "POST", "api/v1/apps":
                self.apps.append(asked)
                return "200 OK", {"id": "1", "client_id": CLIENT, "client_secret": SECRET}
            case "GET", "me/permissions":
                every = self.granted + sorted(self.unticked)
                rows = [{"permission": s, "status": "granted" if s in self.granted else "declined"} for s in every]
                return "200 OK", {"data": rows}
            case "GET", "me/accounts":
                page = {"id": "1", "access_token": "page", "instagram_business_account": {"id": "2"}}
                return "200 OK", {"data": [page, page | {"id": OWN, "access_token": self._token()}]}
            case "GET", "2/users/me":
                return "200 OK", {"data": {"id": OWN, "username": "meridian"}}
        if not known and path not in ("/refresh_access_token", "/revoke"):
            return refused
        if path in ("/2/oauth2/revoke", "/revoke") and asked["token"] not in self.renewals:
            return refused
        if "revoke" in path:
            self.ended.append(asked["token"])
            self.renewals.discard(asked["token"])
            return "200 OK", {}
        if "code" in asked:
            return self._for_code(asked) or refused
        before = asked.get("refresh_token") or asked.get("fb_exchange_token") or asked.get("access_token", "")
        if before not in self.renewals:
            return refused
        self.renewals.discard(before)
        return "200 OK", self._given()

    def _for_code(self, asked: dict[str, str]) -> tuple[str, dict[str, Any]] | None:
        sent = self.codes.pop(asked["code"], None)
        if sent is None or asked["redirect_uri"] != sent["redirect_uri"]:
            return None
        if challenge := sent.get("code_challenge"):
            proof = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != challenge:
                return None
        return "200 OK", self._given()

    def _given(self) -> dict[str, Any]:
        token, renewal = self._token(), f"renewal-{next(self.numbers)}"
        self.renewals |= {token, renewal}
        return {"access_token": token, "refresh_token": renewal, "expires_in": 3600, "scope": " ".join(self.granted)}

    def _token(self) -> str:
        return f"token-{next(self.numbers)}"


@contextlib.contextmanager
def authority() -> Iterator[Authority]:
    """The sign-in, reachable."""
    found = Authority()
    with wire(found.talk) as server:
        found.url = server.url
        yield found


def offering() -> list[str]:
    """The networks that are connected by their own sign-in."""
    return [key for key in networks.files() if networks.get(key).capabilities.authorise]
