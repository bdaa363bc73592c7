"""Keys and signed statements (JOSE: RFC 7515, 7517, 7638), as far as the networks ask for them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import textwrap
from collections.abc import Mapping
from typing import Any, Final, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

_PEM: Final = re.compile(r"(?P<head>-----BEGIN [A-Z ]+-----)(?P<body>[^-]+)(?P<foot>-----END [A-Z ]+-----)")
_HALF: Final = 32  # bytes of each half of a signature, and of each coordinate, on P-256

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def made() -> str:
    """A new private key on P-256, as it is kept."""
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def private(pem: str) -> Key:
    """A key as it was kept or pasted. Raises `ValueError` for anything but a P-256 or an RSA key."""
    try:
        key = serialization.load_pem_private_key(_lined(pem).encode(), None)
    except (TypeError, UnsupportedAlgorithm):
        raise ValueError("a key that has a password, or of a kind that is not known here") from None
    if isinstance(key, rsa.RSAPrivateKey):
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("a key of another kind")


def _lined(pem: str) -> str:
    """A key in lines again: a field of a form takes them away, and some people paste them as they stand in JSON."""
    found = _PEM.search(pem.replace("\\n", "\n"))
    if found is None:
        return pem
    return "\n".join((found["head"], *textwrap.wrap("".join(found["body"].split()), 64), found["foot"], ""))


def public(pem: str) -> dict[str, str]:
    """What of a P-256 key everybody may know (a JWK)."""
    key = private(pem)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    point = key.public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": _number(point.x), "y": _number(point.y)}


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The name of a public P-256 key, made of the key itself."""
    told = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return coded(hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).digest())


def statement(
    pem: str, head: Mapping[str, Any], claims: Mapping[str, Any], algorithm: Literal["ES256", "RS256"] = "ES256"
) -> str:
    """Claims, signed with the key (a JWT). Raises `ValueError` for a key that cannot sign so."""
    key = private(pem)
    if isinstance(key, rsa.RSAPrivateKey) is not (algorithm == "RS256"):
        raise ValueError("a key of another kind")
    told = ".".join(coded(json.dumps(part).encode()) for part in ({**head, "alg": algorithm}, claims))
    if isinstance(key, rsa.RSAPrivateKey):
        return f"{told}.{coded(key.sign(told.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
    halves = decode_dss_signature(key.sign(told.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{told}.{coded(b''.join(half.to_bytes(_HALF, 'big') for half in halves))}"


def coded(data: bytes) -> str:
    """Bytes as these formats write them: base64url without its padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return coded(value.to_bytes(_HALF, "big"))
