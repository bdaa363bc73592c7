"""What Meta's networks have in common: the webhook's check and signature, Graph calls, errors, messages, windows.

Facts: Meta's pages on Graph webhooks, Messenger's Send API and its error reference. Deliveries are signed with the
app's secret over the bytes as Meta sent them, with every letter beyond ASCII escaped; they come in batches, repeat,
and keep no order.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from mentions.http import Response
from mentions.networks import (
    Account,
    AnsweredBefore,
    Field,
    Gone,
    Handshake,
    Malformed,
    Network,
    NetworkError,
    Probe,
    Quota,
    Refreshed,
    Registration,
)
from mentions.networks import _deliveries as deliveries
from mentions.networks import _meta_messages as messages
from mentions.networks import _meta_webhooks as webhooks
from mentions.networks import _oauth as oauth
from mentions.networks._rest import Method, call, error_of
from mentions.networks._shapes import identifier, mapping, maps, since_epoch, text

HOME: Final = "https://graph.facebook.com/v23.0"
SIGN_IN: Final = "https://www.facebook.com/v23.0/dialog/oauth"
SIGNATURE: Final = "x-hub-signature-256"
_TOO_MANY: Final = frozenset({4, 17, 32, 341, 613, 80001, 80002, 80006, 80007, 130429})
_TOO_MANY_TO_ONE: Final = 131056  # WhatsApp's limit of one number writing to one customer
_ONE_EVERY: Final = timedelta(seconds=6)
_TOKEN_ENDED: Final = frozenset({102, 190, 463, 467})
_TRANSIENT: Final = frozenset({1, 2})
# Of the person who is written to, and of nobody else.
_TOO_LATE: Final = frozenset({2018065, 2018278, 2534022})
_NOT_THEM: Final = frozenset({1545041, 2018001, 2018108, 2018292})
# Of a comment or a visitor's post that one private message has answered, which is all that Meta allows.
_ANSWERED: Final = 10900

APP_FIELDS: Final = (
    Field(
        "token",
        _("Access token"),
        _("Of the page or business account, long-lived; comes by signing in where that is offered."),
        secret=True,
        required=False,
    ),
    Field("webhook", _("App secret"), _("App dashboard, Settings, Basic: it signs the deliveries."), secret=True),
    Field(
        "verify_token",
        _("Verify token"),
        _("With the app ID Meta is told by itself; else enter it in the app's dashboard beside the address."),
        secret=True,
        generated=True,
    ),
    Field(
        "client_id",
        _("App ID"),
        _("App dashboard, Settings, Basic; to renew the token, and to register where Meta delivers."),
        required=False,
    ),
)


class UnknownField(NetworkError):
    """There is something else under this identifier than what was asked about."""


class NotAllowed(NetworkError):
    """A permission is missing for just this."""


def is_beyond_us(error: NetworkError) -> bool:
    """Whether what was looked up is there, or may be, and not for us to read: that says nothing of the next one."""
    return error.follow == "give_up" or isinstance(error, NotAllowed)


class MetaNetwork(Network):
    """A network of Meta's. `object_name` is what its deliveries say they are about.

    `app_fields` is what the app has delivered of that, `page_fields` what the page has delivered to the app: both have
    to be said. Without `page_fields` the account needs nothing said of its own.
    """

    object_name: ClassVar[str]
    scopes: ClassVar[tuple[str, ...]] = ()
    app_fields: ClassVar[tuple[str, ...]] = ()
    page_fields: ClassVar[tuple[str, ...]] = ()
    home = HOME
    fields: ClassVar[tuple[Field, ...]] = (
        Field("account_id", _("Account's number"), _("The page's or business account's identifier.")),
        *APP_FIELDS,
    )

    @abstractmethod
    def changed(self, account_id: str, change: Mapping[str, Any], at: str | None) -> Iterator[dict[str, Any]]:
        """The posts and operations of one entry of `changes`; `at` is when the batch was made."""

    def handshake(self, query: Mapping[str, str], secrets: Mapping[str, str]) -> Handshake | None:
        """Meta's check of the address: the bare challenge, if the token is ours."""
        expected, given = secrets.get("verify_token", ""), query.get("hub.verify_token", "")
        if query.get("hub.mode") != "subscribe" or not expected:
            return None
        if not hmac.compare_digest(expected.encode(), given.encode()):
            return None
        return Handshake(query.get("hub.challenge", ""))

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """HMAC-SHA256 in small hexadecimal letters over the raw body, under the app's secret."""
        deliveries.check(secrets, lambda secret: signature(secret, body), [headers.get(SIGNATURE, "")])

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """The body's hash, since deliveries have no name."""
        return hashlib.sha256(body).hexdigest()

    def parse(self, body: bytes) -> list[dict[str, Any]]:
        """A batch: entries of several accounts, each with changes and messages."""
        return [item for entry in self._entries(body) for item in self._of_entry(entry)]

    def parcels(self, account: Account, headers: Mapping[str, str], body: bytes) -> Mapping[str, list[dict[str, Any]]]:
        """A batch, by the account that each entry is about."""
        found: dict[str, list[dict[str, Any]]] = {}
        for entry in self._entries(body):
            found.setdefault(identifier(entry.get("id")), []).extend(self._of_entry(entry))
        return found or {"": []}

    def probe(self, account: Account) -> Probe:
        """Who the token acts as, and until when: Meta tells of a token by itself."""
        body, answer = self.ask(account, "GET", account.account_id or "me", params={"fields": "id,name,username"})
        own = identifier(body.get("id"))
        if not own:
            raise NetworkError(_("%(network)s did not say who we are") % self.named, "retry")
        told = mapping(self.ask(account, "GET", "debug_token", params={"input_token": _token(account)})[0].get("data"))
        ends = told.get("data_access_expires_at") if not told.get("expires_at") else told.get("expires_at")
        until = since_epoch(ends) if ends else None
        who = text(body.get("username")) or text(body.get("name")) or account.handle
        return Probe(own, who, datetime.fromisoformat(until) if until else None, quota=usage(answer))

    def authorise(self, account: Account, back: str, state: str, secret: str) -> str:
        """Facebook's page where somebody who manages the page lets us act for it."""
        return oauth.page(SIGN_IN, account, back, state, self.scopes)

    def exchange(self, account: Account, back: str, secret: str, code: str, issuer: str = "") -> Refreshed:
        """The page's own token, which does not end, by way of the person's."""
        ours = self._app(account)
        given = {"redirect_uri": back, "code": code, **ours}
        first = text(self.ask(account, "GET", "oauth/access_token", params=given, token="")[0].get("access_token"))
        longer = {"grant_type": "fb_exchange_token", "fb_exchange_token": first, **ours}
        person = text(self.ask(account, "GET", "oauth/access_token", params=longer, token="")[0].get("access_token"))
        allowed = self.ask(account, "GET", "me/permissions", token=person)[0]
        granted = [text(one.get("permission")) for one in maps(allowed.get("data")) if one.get("status") == "granted"]
        oauth.require(self.title, granted, self.scopes, {"token": person})
        fields = {"fields": "id,access_token,instagram_business_account{id}", "limit": "100"}
        for page in maps(self.ask(account, "GET", "me/accounts", params=fields, token=person)[0].get("data")):
            names = {identifier(page.get("id")), identifier(mapping(page.get("instagram_business_account")).get("id"))}
            token = text(page.get("access_token"))
            if account.account_id in names and token:
                return Refreshed({"token": token})
        raise NetworkError(
            _("whoever signed in at %(network)s does not manage %(account_id)s")
            % {"network": self.title, "account_id": account.account_id},
            "give_up",
        )

    def registers(self, account: Account) -> bool:
        """With the app's number and a token; its secret is there in any case."""
        return bool(self.capabilities.register and account.settings.get("client_id") and _token(account))

    def register(self, account: Account, callback: str, beside: Collection[str] = ()) -> None:
        """The app's address for this kind of account, and the account's consent to be delivered to the app."""
        webhooks.register(self, account, (callback, *beside))

    def registered(self, account: Account, callback: str, beside: Collection[str] = ()) -> Registration:
        """What the app and the page say of it."""
        return webhooks.registered(self, account, (callback, *beside))

    def unregister(self, account: Account, callback: str, beside: Collection[str] = ()) -> None:
        """The page delivers to the app no more, and the app, if this was its address, to nobody."""
        webhooks.unregister(self, account, callback)

    def refresh(self, account: Account) -> Refreshed:
        """A token that lasts another sixty days, for one that still holds."""
        given = {"grant_type": "fb_exchange_token", "fb_exchange_token": _token(account), **self._app(account)}
        body, _answer = self.ask(account, "GET", "oauth/access_token", params=given)
        if not text(body.get("access_token")):
            raise NetworkError(_("%(network)s gave no token") % self.named, "reauthorise")
        lasts = body.get("expires_in")
        ends = datetime.now(UTC) + timedelta(seconds=lasts) if isinstance(lasts, int) else None
        return Refreshed({"token": text(body["access_token"])}, ends)

    def retract(self, account: Account, external_id: str) -> None:
        """Deletes what we wrote; messages stay."""
        if external_id.startswith(messages.MESSAGE):
            raise NetworkError(_("%(network)s takes no message back") % self.named, "give_up")
        try:
            self.ask(account, "DELETE", external_id)
        except Gone:
            return

    def entry(self, account: Account, own: str, *fields: str) -> tuple[dict[str, Any] | None, int]:
        """What is under an identifier, and which of the lists of fields it has: Graph refuses what a thing has not.

        None and 0 for what is not there any more. Raises `NetworkError` for whatever else stops us.
        """
        for number, asked in enumerate(fields):
            try:
                return self.ask(account, "GET", own, params={"fields": asked})[0], number
            except Gone:
                break
            except UnknownField:
                continue
        else:
            raise UnknownField(_("%(network)s has something else there than was asked for") % self.named, "give_up")
        return None, 0

    def believed(
        self,
        account: Account,
        found: Mapping[str, dict[str, Any] | None],
        newest: Callable[[], Iterable[dict[str, Any]]],
    ) -> dict[str, dict[str, Any] | None]:
        """What was looked up, without what only seems to be gone.

        Graph says the same of what is gone and of what it hides from us for want of a permission. So it is believed
        only where the same keys read something that somebody else wrote: beside it, or else among the `newest`.
        """
        there = {own: post for own, post in found.items() if post is not None}
        if len(there) == len(found) or self._reads_others(account, there.values()):
            return dict(found)
        try:
            vouched = self._reads_others(account, newest())
        except NotAllowed:
            vouched = False
        return dict(found) if vouched else dict(there)

    def _reads_others(self, account: Account, posts: Iterable[Mapping[str, Any]]) -> bool:
        ours = {account.account_id, f"@{account.handle.lstrip('@')}"}
        return any(mapping(post.get("author")).get("id") not in ours for post in posts)

    def ask(
        self,
        account: Account,
        method: Method,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        payload: object = None,
        form: Mapping[str, str] | None = None,
        parts: Mapping[str, tuple[str, bytes, str]] | None = None,
        acting: bool | None = None,
        token: str | None = None,
    ) -> tuple[dict[str, Any], Response]:
        """One Graph call with the account's token, or another, or with "" none. Raises `NetworkError`."""
        body, answer = call(
            self.title,
            account,
            method,
            path,
            token=(_token(account) if token is None else token) or None,
            params=params,
            payload=payload,
            form=form,
            parts=parts,
            acting=acting,
            refuse=partial(self._refused, writing=method != "GET"),
        )
        if not isinstance(body, dict):
            doing = method == "POST" if acting is None else acting
            raise NetworkError(
                _("%(network)s gave an answer that cannot be read") % self.named,
                "unknown" if doing else "retry",
            )
        return body, answer

    def _talk(
        self, account: Account, after: str | None, since: datetime, whole: list[bool]
    ) -> tuple[list[dict[str, Any]], str | None]:
        """A page of private messages and the next one, back to a time; `whole` is told if some are missing."""
        talk = messages.page(self, account, after, since)
        whole[0] = whole[0] and talk.whole
        return talk.items, talk.after

    def _app(self, account: Account) -> dict[str, str]:
        """Our app, by its number and its secret."""
        return {
            "client_id": str(account.settings.get("client_id", "")),
            "client_secret": account.secrets.get("webhook", ""),
        }

    def _entries(self, body: bytes) -> list[dict[str, Any]]:
        envelope = deliveries.read(body)
        if not isinstance(envelope, dict) or not isinstance(envelope.get("entry"), list):
            raise Malformed("the body has no list of entries")
        return maps(envelope["entry"]) if envelope.get("object") == self.object_name else []

    def _of_entry(self, entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        own, at = identifier(entry.get("id")), _batch_time(entry.get("time"))
        for change in maps(entry.get("changes")):
            yield from self.changed(own, change, at)
        # On standby is what comes while another program of ours holds the conversation.
        for event in [*maps(entry.get("messaging")), *maps(entry.get("standby"))]:
            yield from messages.pushed(self.key, own, event)

    def _refused(self, answer: Response, acting: bool, *, writing: bool) -> NetworkError | None:
        """By Meta's own codes; its HTTP statuses say little."""
        error = mapping(mapping(error_of(answer)).get("error"))
        code = error.get("code")
        if not isinstance(code, int):
            return None
        about = error.get("error_subcode")
        if code == 131047 or about in _TOO_LATE:
            return NetworkError(
                _("too long after the customer's last word: %(network)s takes no free message now (code %(code)s)")
                % {"network": self.title, "code": code},
                "give_up",
            )
        if code == _ANSWERED:
            return AnsweredBefore(
                _(
                    "%(network)s lets a comment be answered in private once, and it was (code %(code)s): "
                    "go on in the conversation when the customer has written there"
                )
                % {"network": self.title, "code": code}
            )
        if code == 551 or about in _NOT_THEM:
            return NetworkError(
                _("%(network)s delivers nothing from us to this person (code %(code)s)")
                % {"network": self.title, "code": code},
                "give_up",
            )
        if code in _TOKEN_ENDED:
            return NetworkError(
                _("%(network)s does not accept our credentials (code %(code)s)")
                % {"network": self.title, "code": code},
                "reauthorise",
            )
        if code == 10 or 200 <= code < 300:
            # One thing that may not be done says nothing of the others; of the keys the next probe tells.
            why = _("%(network)s does not let us do this (code %(code)s): a permission may be missing") % {
                "network": self.title,
                "code": code,
            }
            return NotAllowed(why, "give_up" if writing else "reauthorise")
        if code == _TOO_MANY_TO_ONE:
            wait = datetime.now(UTC) + _ONE_EVERY
            return NetworkError(
                _("%(network)s asks us to write to this customer slower") % self.named,
                "retry",
                wait,
                holds="nobody",
            )
        if code in _TOO_MANY:
            minutes = _regain(answer)
            return NetworkError(_("%(network)s asks us to wait") % self.named, "retry", datetime.now(UTC) + minutes)
        if code in _TRANSIENT:
            return NetworkError(
                _("%(network)s has a fault (code %(code)s)") % {"network": self.title, "code": code},
                "unknown" if acting else "retry",
            )
        if code == 368:
            blocked = _("%(network)s has blocked writing for this account for a while") % self.named
            return NetworkError(blocked, "retry", datetime.now(UTC) + timedelta(hours=1))
        # 24 is what Threads says.
        if code in (24, 803) or (code == 100 and error.get("error_subcode") == 33):
            return Gone(
                _("there is nothing under this identifier on %(network)s (code %(code)s)")
                % {"network": self.title, "code": code}
            )
        if code == 100 and "nonexisting field" in text(error.get("message")):
            return UnknownField(_("%(network)s knows something else under this identifier") % self.named, "give_up")
        return NetworkError(
            _("%(network)s refuses this (code %(code)s)") % {"network": self.title, "code": code}, "give_up"
        )


def signature(secret: str, body: bytes) -> str:
    """What Meta writes into its header."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def usage(answer: Response) -> Quota | None:
    """How much of the hour's allowance is used, in percent, from whichever header says so."""
    for header in ("x-app-usage", "x-page-usage", "x-business-use-case-usage"):
        try:
            told = json.loads(answer.headers.get(header, ""))
        except ValueError:
            continue
        shares = [v for v in mapping(told).values() if isinstance(v, int | float)] + [
            v for group in mapping(told).values() for part in maps(group) for v in part.values() if isinstance(v, int)
        ]
        if shares:
            return Quota("percent", 100, max(0, 100 - int(max(shares))))
    return None


def _batch_time(value: object) -> str | None:
    """Pages give milliseconds where Instagram and WhatsApp give seconds."""
    return since_epoch(value, 1000 if len(identifier(value)) > 11 else 1)


def _regain(answer: Response) -> timedelta:
    """When access comes back, where Meta says so; else after five minutes."""
    try:
        told = json.loads(answer.headers.get("x-business-use-case-usage", ""))
    except ValueError:
        told = {}
    waits = [p.get("estimated_time_to_regain_access") for group in mapping(told).values() for p in maps(group)]
    minutes = max((wait for wait in waits if isinstance(wait, int)), default=5)
    return timedelta(minutes=min(max(minutes, 1), 1440))


def _token(account: Account) -> str:
    return account.secrets.get("token", "")
