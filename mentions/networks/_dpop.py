"""Tokens that are of no use without a key (DPoP, RFC 9449): each request carries a statement that is good for it alone.

A server hands out a word (nonce) that the next statement has to repeat, and changes it every few minutes. What it
refuses for want of the latest it has not done, so that is sent once more, or twice if the word changed meanwhile.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from mentions import http
from mentions.http import Response
from mentions.networks import _jose as jose
from mentions.networks._rest import Method, error_of
from mentions.networks._shapes import mapping

KEPT_NONCES: Final = 256
AGAIN: Final = 2
_nonces: dict[tuple[str, str], str] = {}


def request(method: Method, url: str, key: str, *, token: str = "", **what: Any) -> Response:
    """`http.request` with the key's statement, and with the token that is bound to it. Raises `HttpFailure`."""
    headers: Mapping[str, str] = what.pop("headers", None) or {}
    if token:
        headers = {**headers, "authorization": f"DPoP {token}"}
    where = (_origin(url), key)
    signs = partial(_signed, method, url, key, token)
    answer = _noted(where, http.request(method, url, headers=headers, signs=signs, **what))
    for _again in range(AGAIN):
        if not _wants_nonce(answer):
            break
        answer = _noted(where, http.request(method, url, headers=headers, signs=signs, **what))
    return answer


def proof(method: str, url: str, key: str, token: str, nonce: str | None) -> str:
    """The statement for one request: what is asked, when, by whom."""
    asked = urlsplit(url)
    claims = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": urlunsplit((asked.scheme, asked.netloc, asked.path, "", "")),
        "iat": int(time.time()),
    }
    if nonce:
        claims["nonce"] = nonce
    if token:
        claims["ath"] = jose.coded(hashlib.sha256(token.encode()).digest())
    return jose.statement(key, {"typ": "dpop+jwt", "jwk": jose.public(key)}, claims)


def _signed(method: str, url: str, key: str, token: str) -> dict[str, str]:
    return {"dpop": proof(method, url, key, token, _nonces.get((_origin(url), key)))}


def _noted(where: tuple[str, str], answer: Response) -> Response:
    nonce = answer.headers.get("dpop-nonce", "")
    if nonce:
        if len(_nonces) >= KEPT_NONCES:
            _nonces.clear()
        _nonces[where] = nonce
    return answer


def _wants_nonce(answer: Response) -> bool:
    """Whether only the word was missing: a server of tokens says so in the body, one of posts in a header."""
    if answer.status not in (400, 401) or not answer.headers.get("dpop-nonce"):
        return False
    told = answer.headers.get("www-authenticate", "")
    return "use_dpop_nonce" in told or mapping(error_of(answer)).get("error") == "use_dpop_nonce"


def _origin(url: str) -> str:
    asked = urlsplit(url)
    return f"{asked.scheme}://{asked.netloc}"
