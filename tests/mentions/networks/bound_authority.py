"""The AT Protocol's sign-in as a server has it that takes every "must" of the protocol at its word.

Requests are pushed, each carries a fresh proof of the key that its session is bound to, with a word that changes all
the time, and an app proves who it is with the key that it publishes. What is bound to a key is refused to another.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from mentions import networks
from mentions.networks import Account
from mentions.networks._jose import thumbprint
from tests.mentions.networks.authority import Authority
from tests.mentions.networks.speaking import Asked, taken_apart
from tests.mentions.wire import Line, wire

DID, HANDLE = "did:plc:bank", "bank.test"
DOCUMENT, BACK = "https://desk.bank.example/clients/bluesky.json", "https://desk.bank.example/setup/sources/authorised/"
SCOPES = ["atproto", "transition:generic", "transition:chat.bsky"]
Answer = tuple[int, dict[str, Any], dict[str, str]]


class Refused(Exception):
    """`error` in the words of the standard."""


def opened(statement: str, jwk: Mapping[str, str] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Head and claims of a statement that this key, or else the one in its head, has signed."""
    head, claims, signature = statement.split(".")
    told = json.loads(_raw(head))
    key = jwk or told["jwk"]
    x, y = (int.from_bytes(_raw(key[name])) for name in ("x", "y"))
    both = _raw(signature)
    assert (told["alg"], len(both), "d" in key) == ("ES256", 64, False)
    signed = encode_dss_signature(int.from_bytes(both[:32]), int.from_bytes(both[32:]))
    point = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    point.verify(signed, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    return told, json.loads(_raw(claims))


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class BoundAuthority(Authority):
    """One account, its directory, its server and its sign-in at one address. `read` fetches what an app publishes."""

    optional = frozenset({"transition:chat.bsky"})

    def __init__(self) -> None:
        super().__init__()
        self.read: Callable[[str], Mapping[str, Any]] = lambda url: self.published[url]
        self.published: dict[str, Mapping[str, Any]] = {}
        self.parked: dict[str, dict[str, str]] = {}
        self.sessions: dict[str, dict[str, str]] = {}  # by token of either kind: its app, its key, its scope
        self.seen: set[str] = set()
        self.told = 0
        self.claims: dict[str, Any] = {}  # what the sign-in says otherwise of itself
        self.document: dict[str, Any] = {}
        self.did = DID

    def account(self, key: str, **secrets: str) -> Account:
        """The bank's account, in the middle of a sign-in."""
        network = networks.get(key)
        empty = Account(self.url, HANDLE, settings={"directory": self.url}, local=True)
        begun = replace(empty, secrets=dict(network.enrol(empty, BACK, DOCUMENT)) | secrets)
        self.published[DOCUMENT] = network.client(begun, DOCUMENT, BACK) or {}
        return begun

    def asked(self, page: str) -> dict[str, str]:
        """What was pushed for this page."""
        query = dict(parse_qsl(urlsplit(page).query))
        asked = self.parked[query["request_uri"]]
        assert asked["client_id"] == query["client_id"]
        return asked

    def consent(self, page: str) -> dict[str, str]:
        """Somebody is sent to this address and says yes; what the browser brings back."""
        asked = self.asked(page)
        del self.parked[dict(parse_qsl(urlsplit(page).query))["request_uri"]]
        if not asked["client_id"].startswith("http://localhost"):
            self._prove(asked, self.read(asked["client_id"]))
        self.granted = [s for s in asked["scope"].split() if s not in self.unticked]
        code = f"code-{next(self.numbers)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.url}

    def talk(self, line: Line) -> None:
        while heard := line.hear():
            asked = taken_apart(heard)
            try:
                status, told, headers = self.answered(asked)
            except (Refused, InvalidSignature, AssertionError, KeyError) as why:
                status, told, headers = 400, {"error": str(why) if isinstance(why, Refused) else "invalid_client"}, {}
            if asked.method == "POST" or "dpop" in asked.headers:
                headers["DPoP-Nonce"] = self._nonce()
            line.say(json.dumps(told).encode(), f"{status} Whatever", **headers)

    def answered(self, asked: Asked) -> Answer:
        match asked.method, asked.path:
            case "GET", "/xrpc/com.atproto.identity.resolveHandle":
                return 200, {"did": self.did}, {}
            case "GET", "/did:plc:bank":
                server = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.url}
                told = {"id": DID, "alsoKnownAs": [f"at://{HANDLE}"], "service": [server]}
                return 200, told | self.document, {}
            case "GET", "/.well-known/oauth-protected-resource":
                return 200, {"resource": self.url, "authorization_servers": [self.url]}, {}
            case "GET", "/.well-known/oauth-authorization-server":
                return 200, self._described() | self.claims, {}
            case "POST", "/par" | "/token" | "/revoke":
                form = dict(parse_qsl(asked.raw.decode()))
                assert "client_secret" not in form
                do = {"/par": self._park, "/token": self._give, "/revoke": self._end}[asked.path]
                return do(form, self._proof(asked))
            case "GET", "/xrpc/com.atproto.server.getSession":
                return self._as_account(asked)
        return 404, {"error": "MethodNotImplemented"}, {}

    def _described(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "pushed_authorization_request_endpoint": f"{self.url}/par",
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "revocation_endpoint": f"{self.url}/revoke",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "dpop_signing_alg_values_supported": ["ES256"],
            "scopes_supported": SCOPES,
            "require_pushed_authorization_requests": True,
            "authorization_response_iss_parameter_supported": True,
            "client_id_metadata_document_supported": True,
        }

    def _park(self, form: dict[str, str], key: str) -> Answer:
        assert form["response_type"] == "code"
        assert form["code_challenge_method"] == "S256"
        assert set(form["scope"].split()) <= set(SCOPES)
        parked = f"urn:ietf:params:oauth:request_uri:{next(self.numbers)}"
        self.parked[parked] = form | {"key": key}
        return 201, {"request_uri": parked, "expires_in": 300}, {}

    def _give(self, form: dict[str, str], key: str) -> Answer:
        if form["grant_type"] == "refresh_token":
            session = self.sessions.pop(form["refresh_token"], None)
            if session is None or (session["key"], session["client_id"]) != (key, form["client_id"]):
                raise Refused("invalid_grant")
            self._known(form)
            return 200, self._session(session), {}
        sent = self.codes.pop(form["code"], None)
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        shown = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if sent is None or (sent["redirect_uri"], sent["code_challenge"]) != (form["redirect_uri"], shown):
            raise Refused("invalid_grant")
        if (sent["key"], sent["client_id"]) != (key, form["client_id"]):
            raise Refused("invalid_grant")
        self._known(form)
        return 200, self._session({"client_id": sent["client_id"], "key": key, "scope": " ".join(self.granted)}), {}

    def _end(self, form: dict[str, str], key: str) -> Answer:
        self._known(form)
        if (session := self.sessions.pop(form["token"], None)) is not None:
            assert session["key"] == key
            self.ended.append(form["token"])
        return 200, {}, {}

    def _session(self, of: dict[str, str]) -> dict[str, Any]:
        token, renewal = (f"{kind}-{next(self.numbers)}" for kind in ("token", "renewal"))
        self.sessions |= {token: of, renewal: of}
        told = {"access_token": token, "refresh_token": renewal, "token_type": "DPoP", "expires_in": 1800}
        return told | {"scope": of["scope"], "sub": self.did}

    def _as_account(self, asked: Asked) -> Answer:
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        wanted = {"WWW-Authenticate": 'DPoP error="use_dpop_nonce"'}
        try:
            key = self._proof(asked, token)
        except Refused as why:
            return 401, {"error": "other"}, wanted if str(why) == "use_dpop_nonce" else {}
        session = self.sessions.get(token)
        if kind != "DPoP" or session is None or session["key"] != key:
            return 401, {"error": "invalid_token"}, {}
        return 200, {"did": self.did, "handle": HANDLE}, {}

    def _known(self, form: dict[str, str]) -> None:
        if not form["client_id"].startswith("http://localhost"):
            self._prove(form, self.read(form["client_id"]))

    def _prove(self, form: dict[str, str], published: Mapping[str, Any]) -> None:
        """That the app is who publishes this, and asks for no more than it says there."""
        (jwk,) = published["jwks"]["keys"]
        head, claims = opened(form["client_assertion"], jwk)
        ours = (published["client_id"],) * 3
        assert (form["client_id"], claims["iss"], claims["sub"]) == ours
        assert (claims["aud"], head["kid"]) == (self.url, jwk["kid"])
        assert form.get("redirect_uri") in (None, *published["redirect_uris"])
        assert set(form.get("scope", "").split()) <= set(published["scope"].split())
        assert published["dpop_bound_access_tokens"] is True
        assert time.time() - 60 < claims["iat"] <= time.time() + 1
        self._once(claims["jti"])

    def _proof(self, asked: Asked, token: str = "") -> str:
        """The name of the key that signed for this request, as often as it asks and no more."""
        head, claims = opened(asked.headers["dpop"])
        assert head["typ"] == "dpop+jwt"
        assert (claims["htm"], claims["htu"]) == (asked.method, self.url + asked.path)
        assert time.time() - 60 < claims["iat"] <= time.time() + 1
        expected = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        assert claims.get("ath") == (expected if token else None)
        self._once(claims["jti"])
        self.told += 1
        if claims.get("nonce") != f"nonce-{(self.told - 1) // 3}" and claims.get("nonce") != self._nonce():
            raise Refused("use_dpop_nonce")
        return thumbprint(head["jwk"])

    def _nonce(self) -> str:
        return f"nonce-{self.told // 3}"

    def _once(self, name: str) -> None:
        assert name not in self.seen, "a statement is good for one request"
        self.seen.add(name)


@contextlib.contextmanager
def bound_authority() -> Iterator[BoundAuthority]:
    """The sign-in, reachable."""
    found = BoundAuthority()
    with wire(found.talk) as server:
        found.url = server.url
        yield found
