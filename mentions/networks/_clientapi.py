"""The client API that Mastodon made and others speak: its calls, its answers, how it finds a status."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from mentions import http
from mentions.http import Response
from mentions.networks import Account, NetworkError, Picture, Quota
from mentions.networks._answers import lost, refused, wait_until
from mentions.networks._shapes import identifier, mapping, maps
from mentions.networks._statuses import KEY, host, post, text, uri
from mentions.posts import BadPost, parse_time

TITLE: Final = "Mastodon"

_LOOKS: Final = 16
_LOOKED_AGAIN_S: Final = 0.5
_OWN_NUMBER: Final = re.compile(r"/statuses/([A-Za-z0-9]+)\Z")

Query = Sequence[tuple[str, str]]


class Refusal(NetworkError):
    """A `NetworkError` that also has the status that the server answered with."""

    def __init__(self, error: NetworkError, status: int) -> None:
        super().__init__(error.message, error.follow, error.retry_at)
        self.status = status


def listing(account: Account, path: str, query: Query) -> tuple[list[dict[str, Any]], Quota | None]:
    """A list of objects and what is left of our allowance. What is no object is passed on as a status."""
    answer = ask(account, "GET", path, query)
    entries = decoded(answer)
    if not isinstance(entries, list):
        raise NetworkError(_("Mastodon answered with something else than asked for"), "poison")
    return [entry if isinstance(entry, dict) else {"status": entry} for entry in entries], quota_of(answer)


def decoded(answer: Response, *, acting: bool = False) -> Any:
    """The answer's JSON. Raises `NetworkError`: "unknown" after a change, "poison" after a question."""
    try:
        return answer.json()
    except ValueError:
        raise NetworkError(
            _("Mastodon gave an answer that cannot be read"), "unknown" if acting else "poison"
        ) from None


def ask(
    account: Account,
    method: Literal["GET", "POST", "PUT", "DELETE"],
    path: str,
    query: Query = (),
    *,
    payload: object = None,
    form: Mapping[str, str] | None = None,
    parts: Mapping[str, tuple[str, bytes, str]] | None = None,
    client_key: str | None = None,
    acting: bool | None = None,
    ok: Collection[int] = (200,),
) -> Response:
    """One call to `/api/v1/` (or `../v2/`) as the account. Raises `NetworkError`, "unknown" only after a change."""
    acting = method != "GET" if acting is None else acting
    base = f"{account.base_url.rstrip('/')}/api/"
    where = base + path.removeprefix("../") if path.startswith("../") else f"{base}v1/{path}"
    headers = {"authorization": f"Bearer {account.secrets.get('token', '')}"}
    if client_key is not None:
        headers["idempotency-key"] = client_key
    address = f"{where}?{urlencode(query)}" if query else where
    try:
        answer = http.request(
            method, address, headers=headers, payload=payload, form=form, parts=parts, local=account.local
        )
    except http.HttpFailure as failure:
        raise lost(TITLE, failure, acting=acting) from None
    if answer.status in ok:
        return answer
    error = refused(TITLE, answer, acting=acting)
    told = quota_of(answer)
    if answer.status == 429 and wait_until(answer) is None and told is not None and told.resets_at is not None:
        error.retry_at = told.resets_at
    raise Refusal(error, answer.status)


def bring(account: Account, picture: Picture) -> str:
    """What the server calls a picture that was brought to it, once it can be shown. Raises `NetworkError`."""
    form = {"description": picture.alt} if picture.alt else {}
    file = {"file": (picture.name, picture.body, picture.type)}
    answer = ask(account, "POST", "../v2/media", form=form, parts=file, acting=False, ok=(200, 202))
    own = identifier(mapping(decoded(answer)).get("id"))
    if not own:
        raise NetworkError(_("the server took a picture and did not say what it calls it"), "retry")
    for _turn in range(_LOOKS):
        if answer.status == 200:
            return own
        time.sleep(_LOOKED_AGAIN_S)
        answer = ask(account, "GET", f"media/{quote(own, safe='')}", ok=(200, 206))
    raise NetworkError(_("the server still looks at the picture"), "retry")


def quota_of(answer: Response) -> Quota | None:
    """What the rate-limit headers say; the time at which they are counted anew is written out in full."""
    told = [answer.headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining")]
    if not all(value.isascii() and value.isdigit() and len(value) <= 9 for value in told):
        return None
    try:
        resets_at = parse_time(answer.headers.get("x-ratelimit-reset"))
    except BadPost:
        resets_at = None
    return Quota("calls", int(told[0]), int(told[1]), resets_at)


def by_number(account: Account, number: str) -> dict[str, Any] | None:
    """A status by the server's own number; None if it has none, or none that we may see."""
    try:
        return mapping(decoded(ask(account, "GET", f"statuses/{quote(number, safe='')}")))
    except Refusal as refusal:
        if refusal.status in (404, 410):
            return None
        raise


def find(account: Account, external_id: str) -> dict[str, Any] | None:
    """A status by the address that it has everywhere."""
    if not external_id.startswith(("https://", "http://")):
        return None
    query = [("q", external_id), ("type", "statuses"), ("resolve", "true"), ("limit", "5")]
    page = maps(mapping(decoded(ask(account, "GET", "../v2/search", query))).get("statuses"))
    return next((status for status in page if external_id in (status.get("uri"), status.get("url"))), None)


def own_number(account: Account, external_id: str) -> str:
    """The server's own number for a status of its own, which most servers write into its address."""
    shown = _OWN_NUMBER.search(external_id) if host(external_id) == host(account.base_url) else None
    return shown[1] if shown else ""


def our_number(account: Account) -> str:
    """The server's own number for our account, as a probe told it or as asked now."""
    told = account.settings.get("local_id")
    if isinstance(told, str) and told:
        return told
    return str(mapping(decoded(ask(account, "GET", "accounts/verify_credentials"))).get("id"))


def read(account: Account, status: Mapping[str, Any]) -> dict[str, Any]:
    """A status with its place in its thread, which the server tells only when asked."""
    thread: tuple[object, object] = (None, None)
    parent = status.get("in_reply_to_id")
    if parent and isinstance(status.get("id"), str):
        above: list[dict[str, Any]] = []
        with contextlib.suppress(NetworkError):
            above = maps(mapping(decoded(ask(account, "GET", f"statuses/{status['id']}/context"))).get("ancestors"))
        named = {str(one.get("id")): uri(one) for one in above}
        thread = (named.get(str(parent)), uri(above[0]) if above else None)
    return post(status, thread, host(account.base_url))


def edit_of(status: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    at = status.get("edited_at")
    return {
        "network": KEY,
        "external_id": uri(status),
        "op": "edit",
        "text": text(status),
        "edited_at": at if isinstance(at, str) else now.isoformat(),
    }
