"""One call to a network that speaks JSON over HTTP, with its failures told in the contract's words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Literal

from django.utils.translation import gettext as _

from mentions import http
from mentions.http import Response
from mentions.networks import Account, NetworkError
from mentions.networks._answers import lost, refused

OK: Final = frozenset({200, 201, 202, 204})
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Refuse = Callable[[Response, bool], NetworkError | None]


def call(
    title: str,
    account: Account,
    method: Method,
    path: str,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    payload: object = None,
    form: Mapping[str, str] | None = None,
    parts: Mapping[str, tuple[str, bytes, str]] | None = None,
    acting: bool | None = None,
    ok: Collection[int] = OK,
    secret_path: bool = False,
    refuse: Refuse | None = None,
) -> tuple[Any, Response]:
    """The decoded answer and the answer itself. `path` continues the account's base address, unless it is whole.

    `token` is sent as a bearer's. `acting` says that the call does something that must not be done twice, which
    is assumed of POST: then a lost answer is "unknown". `refuse` reads the network's own error codes and may leave
    an answer to the plain rules by None. Raises `NetworkError`.
    """
    doing = method == "POST" if acting is None else acting
    sent = dict(headers or {})
    if token is not None:
        sent["authorization"] = f"Bearer {token}"
    url = path if path.startswith(("http://", "https://")) else f"{account.base_url.rstrip('/')}/{path.lstrip('/')}"
    try:
        answer = http.request(
            method,
            url,
            headers=sent,
            params=params,
            payload=payload,
            form=form,
            parts=parts,
            repeatable=not doing,
            local=account.local,
            secret_path=secret_path,
        )
    except http.HttpFailure as failure:
        raise lost(title, failure, acting=doing) from None
    if answer.status not in ok:
        raise (refuse(answer, doing) if refuse else None) or refused(title, answer, acting=doing)
    if answer.status == 204 or not answer.body:
        return {}, answer
    return decoded(title, answer, acting=doing), answer


def decoded(title: str, answer: Response, *, acting: bool) -> Any:
    """The JSON of an answer. Raises `NetworkError` if there is none: nobody knows then what was done."""
    try:
        return answer.json()
    except ValueError:
        unread = _("%(network)s gave an answer that cannot be read") % {"network": title}
        raise NetworkError(unread, "unknown" if acting else "retry") from None


def error_of(answer: Response) -> Any:
    """The JSON of a refusal, or an empty object."""
    try:
        return answer.json()
    except ValueError:
        return {}
