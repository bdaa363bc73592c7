"""Telegram: what is written to the bank's bot, in its groups and under its channel's posts; and answers.

Facts: Telegram's page on the Bot API. A webhook is known by a secret that Telegram repeats in a header; bodies are not
signed. Updates come by webhook or by asking, never by both. Bots are not told when somebody deletes a message, and
cannot look one up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from mentions.http import Response
from mentions.networks import (
    Account,
    Capabilities,
    Fetched,
    Field,
    Gone,
    Limits,
    Malformed,
    Network,
    NetworkError,
    Outgoing,
    Pictures,
    Probe,
    Published,
    Registration,
)
from mentions.networks import _deliveries as deliveries
from mentions.networks import _files as files
from mentions.networks import _telegram_parts as carried
from mentions.networks._rest import call, error_of
from mentions.networks._shapes import identifier, mapping, since_epoch, text

SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105  # a header's name
# What a bot reads for a person's own account is left out: it does not say which side wrote.
NEW: Final = ("message", "channel_post")
CHANGED: Final = ("edited_message", "edited_channel_post")
OF_US: Final = "my_chat_member"
HEARD: Final = (*NEW, *CHANGED, OF_US)
_OUT: Final = frozenset({"left", "kicked"})
STILL_A_FAULT: Final = timedelta(
    hours=1
)  # Telegram keeps telling of its last failed delivery after later ones succeeded
PAGE: Final = 100
# What carries words or a picture; joins, titles and pins are no posts.
_FILE: Final = re.compile(r"[\w-]{10,400}", re.ASCII)
_PATH: Final = re.compile(r"[\w-]+(?:/[\w.-]+)+", re.ASCII)


class _Unchanged(NetworkError):
    """The message says already what it was to say."""


class _Captioned(NetworkError):
    """The message is a picture, whose words stand below it."""


class _Delivered(NetworkError):
    """Updates are delivered, so there is nothing to ask for."""


class Telegram(Network):
    """The connector. Secrets: "token" (of the bot), "webhook" (what Telegram repeats). Identifiers are CHAT:MESSAGE."""

    key = "telegram"
    title = "Telegram"
    home = "https://api.telegram.org"
    capabilities = Capabilities(
        webhook=True,
        fetch=True,
        publish=frozenset({"public", "private"}),
        original=True,
        retract=True,
        edit=True,
        register=True,
        resend="never",
    )
    limits = Limits(max=4_096, private_max=4_096, pictures=Pictures(1, 1, max_bytes=10_000_000, max_text=1_024))
    tells = frozenset({"edit"})
    echoes = False
    signs_bodies = False
    one_or_the_other = True
    notices = frozenset({"shut", "opened"})
    poll_every_s = 5
    fields = (
        Field("token", _("Bot token"), _("From @BotFather, of the form 123456:ABC…"), secret=True),
        Field(
            "webhook",
            _("Webhook secret"),
            _("Telegram repeats it with every delivery; it is told of it by itself."),
            secret=True,
            generated=True,
        ),
        Field("channel", _("Channel"), _("Where posts of our own go, such as @yourbank."), required=False),
    )

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """Telegram repeats the secret that it was given with the webhook's address."""
        deliveries.check(secrets, str, [headers.get(SECRET_HEADER, "")])

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """The number of the update; Telegram repeats it until it was taken."""
        return f"update {_update(body)['update_id']}"

    def parse(self, body: bytes) -> list[dict[str, Any]]:
        """One update."""
        return _items([_update(body)])

    def delivered(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[dict[str, Any]]:
        """One update; what stands in our channel is ours, whoever of us wrote it."""
        return _ours(self.parse(body), account)

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """Updates after the last one; asking for the next confirms those before."""
        after = cursor.get("after")
        # Unless they are named, it sends the kinds that whoever asked last has named.
        params = {"limit": str(PAGE), "allowed_updates": json.dumps(HEARD)}
        params |= {"offset": str(after + 1)} if isinstance(after, int) else {}
        try:
            updates = self._ask(account, "getUpdates", params)
        except _Delivered:
            return Fetched((), cursor)
        found = [update for update in updates if isinstance(update, dict)] if isinstance(updates, list) else None
        if found is None:
            raise NetworkError(_("%(network)s answered with something else than updates") % self.named, "poison")
        numbers = [u["update_id"] for u in found if isinstance(u.get("update_id"), int)]
        kept = {"after": max(numbers)} if numbers else cursor
        return Fetched(tuple(_ours(_items(found), account)), kept, datetime.now(UTC) if len(found) == PAGE else None)

    def register(self, account: Account, callback: str, beside: Collection[str] = ()) -> None:
        """Names our address, what we want to hear and the secret; what waits there is delivered then."""
        secret = account.secrets.get("webhook", "")
        told = {"url": callback, "allowed_updates": list(HEARD), "secret_token": secret}
        self._ask(account, "setWebhook", payload=told)

    def registered(self, account: Account, callback: str, beside: Collection[str] = ()) -> Registration:
        """Where Telegram delivers, what waits there, and what went wrong within the last hour."""
        told = mapping(self._ask(account, "getWebhookInfo"))
        waiting = told.get("pending_update_count")
        waiting = waiting if isinstance(waiting, int) else None
        if not text(told.get("url")):
            return Registration(_("%(network)s knows no address to deliver to") % self.named, waiting)
        if told["url"] != callback:
            taken = _("%(network)s delivers to another address: another program uses this bot") % self.named
            return Registration(taken, waiting, elsewhere=True)
        wanted = told.get("allowed_updates")
        if isinstance(wanted, list) and set(HEARD) - set(map(text, wanted)):
            return Registration(_("%(network)s leaves out some kinds of messages") % self.named, waiting)
        failed = since_epoch(told.get("last_error_date"))
        if waiting and failed and datetime.now(UTC) - datetime.fromisoformat(failed) < STILL_A_FAULT:
            why = text(told.get("last_error_message"))[:120]
            return Registration(_("%(network)s cannot deliver: %(why)s") % {"network": self.title, "why": why}, waiting)
        return Registration(waiting=waiting)

    def unregister(self, account: Account, callback: str, beside: Collection[str] = ()) -> None:
        """Lets Telegram keep what comes, unless it delivers elsewhere by now."""
        if mapping(self._ask(account, "getWebhookInfo")).get("url") == callback:
            self._ask(account, "deleteWebhook", payload={"drop_pending_updates": False})

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """A message into the chat of what it answers, or a post in our channel."""
        chat, _colon, number = (outgoing.in_reply_to or "").partition(":")
        if outgoing.visibility == "private" and outgoing.recipient_id:
            chat, number = outgoing.recipient_id, number if chat == outgoing.recipient_id else ""
        chat = chat or str(account.settings.get("channel", ""))
        if not chat:
            raise NetworkError(
                _("there is no channel on %(network)s to write to: name one in the source") % self.named, "give_up"
            )
        if outgoing.visibility == "private" and chat.startswith(("-", "@")):
            chat, number = self._writer_of(outgoing), ""
        if outgoing.pictures:
            return self._show(account, outgoing, chat, number)
        payload: dict[str, Any] = {
            "chat_id": chat,
            "text": outgoing.text,
            "link_preview_options": {"is_disabled": True},
        }
        if number:
            payload["reply_parameters"] = {"message_id": int(number)}
        return self._published(self._ask(account, "sendMessage", payload=payload, acting=True))

    def _show(self, account: Account, outgoing: Outgoing, chat: str, number: str) -> Published:
        """A message that is a picture, with the words below it: brought and sent in one call."""
        picture, *more = outgoing.pictures
        if more:
            raise NetworkError(_("a message on %(network)s shows one picture") % self.named, "give_up")
        form = {"chat_id": chat, "caption": outgoing.text}
        if number:
            form["reply_parameters"] = json.dumps({"message_id": int(number)})
        parts = {"photo": (picture.name, picture.body, picture.type)}
        return self._published(self._ask(account, "sendPhoto", form=form, parts=parts, acting=True))

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """A bot cannot read what it wrote; a person looks into the chat."""
        raise NetworkError(_("%(network)s does not tell what became of a message") % self.named, "unknown")

    def file(self, account: Account, own: str) -> bytes:
        """What somebody sent to the bot; its address is good for an hour, and holds the token."""
        name = files.named(own)
        if not _FILE.fullmatch(name):
            raise NetworkError(_("%(network)s has no file of this name") % self.named, "give_up")
        path = text(mapping(self._ask(account, "getFile", {"file_id": name})).get("file_path"))
        if not _PATH.fullmatch(path) or ".." in path:
            raise NetworkError(_("%(network)s did not say where the file is") % self.named, "give_up")
        url = f"{account.base_url.rstrip('/')}/file/bot{account.secrets.get('token', '')}/{path}"
        home = (urlsplit(account.base_url).hostname or "",)
        return files.brought(self.title, account, url, hosts=home, secret_path=True, refuse=self._refused)

    def retract(self, account: Account, external_id: str) -> None:
        """Deletes our message for everybody, within two days."""
        chat, _colon, number = external_id.partition(":")
        try:
            self._ask(account, "deleteMessage", payload={"chat_id": chat, "message_id": int(number or 0)})
        except Gone:
            return

    def edit(self, account: Account, external_id: str, text: str) -> Published:
        """Replaces the words of our message; that it says just this already is done."""
        chat, _colon, number = external_id.partition(":")
        payload = {"chat_id": chat, "message_id": int(number or 0), "text": text}
        try:
            return self._published(self._ask(account, "editMessageText", payload=payload))
        except _Captioned:
            payload["caption"] = payload.pop("text")
        except _Unchanged:
            return Published(external_id, None, datetime.now(UTC))
        try:
            return self._published(self._ask(account, "editMessageCaption", payload=payload))
        except _Unchanged:
            return Published(external_id, None, datetime.now(UTC))

    def probe(self, account: Account) -> Probe:
        """Which bot the token is."""
        who = mapping(self._ask(account, "getMe"))
        if not identifier(who.get("id")):
            raise NetworkError(_("%(network)s did not say who we are") % self.named, "retry")
        return Probe(identifier(who.get("id")), text(who.get("username")))

    def _ask(
        self,
        account: Account,
        method: str,
        params: Mapping[str, str] | None = None,
        *,
        payload: object = None,
        form: Mapping[str, str] | None = None,
        parts: Mapping[str, tuple[str, bytes, str]] | None = None,
        acting: bool = False,
    ) -> Any:
        body, _answer = call(
            self.title,
            account,
            "POST" if payload is not None or parts is not None else "GET",
            f"bot{account.secrets.get('token', '')}/{method}",
            params=params,
            payload=payload,
            form=form,
            parts=parts,
            acting=acting,
            refuse=self._refused,
            secret_path=True,
        )
        told = mapping(body)
        if told.get("ok") is not True:
            raise NetworkError(
                _("%(network)s gave an answer that cannot be read") % self.named,
                "unknown" if acting else "retry",
            )
        return told.get("result")

    def _refused(self, answer: Response, acting: bool) -> NetworkError | None:
        """Waits stand in the body, and that nothing was to be changed; 403 blocks the bot, 404 knows no such bot."""
        wait = mapping(mapping(error_of(answer)).get("parameters")).get("retry_after")
        if answer.status == 429 and isinstance(wait, int):
            until = datetime.now(UTC) + timedelta(seconds=min(max(wait, 1), 86_400))
            return NetworkError(_("%(network)s asks us to wait") % self.named, "retry", until)
        if answer.status == 400 and "message is not modified" in text(mapping(error_of(answer)).get("description")):
            return _Unchanged(_("the message on %(network)s says this already") % self.named, "give_up")
        if answer.status == 400 and "no text in the message" in text(mapping(error_of(answer)).get("description")):
            return _Captioned(_("the message on %(network)s is a picture") % self.named, "give_up")
        if answer.status == 400 and "not found" in text(mapping(error_of(answer)).get("description")):
            return Gone(_("what this concerns is no longer on %(network)s") % self.named)
        if answer.status == 403:
            return NetworkError(
                _("this person or group on %(network)s takes no message from the bot") % self.named, "give_up"
            )
        if answer.status == 404:
            return NetworkError(_("%(network)s does not know the bot's token") % self.named, "reauthorise")
        if answer.status == 409:
            if "webhook" in text(mapping(error_of(answer)).get("description")):
                return _Delivered(
                    _("a webhook is set on %(network)s: nothing can be asked for beside it") % self.named, "retry"
                )
            return NetworkError(_("another program asks %(network)s for what this bot hears") % self.named, "retry")
        return None

    def _published(self, message: object) -> Published:
        told = mapping(message)
        chat = mapping(told.get("chat"))
        if not identifier(told.get("message_id")) or not identifier(chat.get("id")):
            raise NetworkError(_("%(network)s stored something and did not say what") % self.named, "unknown")
        at = since_epoch(told.get("edit_date") or told.get("date"))
        return Published(
            _own(chat, told), _address(chat, told), datetime.fromisoformat(at) if at else datetime.now(UTC)
        )

    def _writer_of(self, outgoing: Outgoing) -> str:
        if outgoing.recipient_id:
            return outgoing.recipient_id
        raise NetworkError(
            _("a bot on %(network)s can write only to people who wrote to it first") % self.named, "give_up"
        )


def _update(body: bytes) -> dict[str, Any]:
    update = deliveries.read(body)
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        raise Malformed("the body is no update")
    return update


def _items(updates: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for update in updates:
        for name in NEW + CHANGED:
            message = update.get(name)
            if isinstance(message, dict) and (item := _item(message, edited=name in CHANGED)) is not None:
                found.append(item)
        if (notice := _of_us(mapping(update.get(OF_US)))) is not None:
            found.append(notice)
    return found


def _of_us(told: Mapping[str, Any]) -> dict[str, Any] | None:
    """That the bot was put out of a group or channel, or blocked by a person; or that it is there again."""
    chat, before, now = (mapping(told.get(name)) for name in ("chat", "old_chat_member", "new_chat_member"))
    was_out, is_out = _out(before), _out(now)
    if was_out == is_out or not identifier(chat.get("id")):
        return None
    private = chat.get("type") == "private"
    return {
        "network": Telegram.key,
        "external_id": identifier(chat.get("id")),
        "op": "shut" if is_out else "opened",
        "at": since_epoch(told.get("date")),
        "private": private,
        "name": "" if private else text(chat.get("title")),
        "handle": text(chat.get("username")),
    }


def _out(member: Mapping[str, Any]) -> bool:
    # Whoever is restricted may have left all the same.
    return text(member.get("status")) in _OUT or member.get("is_member") is False


def _ours(items: list[dict[str, Any]], account: Account) -> list[dict[str, Any]]:
    """The items, those of our own channel, known by its name or its number, under our own identifier."""
    channel = str(account.settings.get("channel", "")).removeprefix("@").lower()
    for item in items if channel else ():
        if item.get("op") in Telegram.notices:
            item["chosen"] = channel in (text(item.get("handle")).lower(), item["external_id"])
        author = mapping(item.get("author"))
        if author and channel in (text(author.get("handle")).lower(), author.get("id")):
            item["author"] = author | {"id": account.account_id}
    return items


def _item(message: Mapping[str, Any], *, edited: bool) -> dict[str, Any] | None:
    if message.get("is_automatic_forward") is True:
        return None  # the channel's post again, in the group where it is discussed
    chat, author = mapping(message.get("chat")), mapping(message.get("from"))
    media = carried.attached(message)
    words = text(message.get("text")) or text(message.get("caption")) or carried.told(message)
    if not words and not media:
        return None
    item: dict[str, Any] = {"network": Telegram.key, "external_id": _own(chat, message)}
    if edited:
        return item | {"op": "edit", "text": words, "edited_at": since_epoch(message.get("edit_date"))}
    private = chat.get("type") == "private"
    answered, place = mapping(message.get("reply_to_message")), mapping(message.get("location"))
    # What a channel or a group says in its own name bears a made-up person as well.
    writer = mapping(message.get("sender_chat")) or author or chat
    names = (text(writer.get(name)) for name in ("first_name", "last_name", "title"))
    thread = identifier(message.get("message_thread_id"))
    return item | {
        "kind": "message" if private else "reply" if answered else "post",
        "visibility": "private" if private else "public",
        "author": {
            "id": identifier(writer.get("id")),
            "handle": writer.get("username"),
            "name": " ".join(filter(None, names)),
        },
        "text": words,
        "created_at": since_epoch(message.get("date")),
        "url": _address(chat, message),
        "in_reply_to": _own(chat, answered) if answered else None,
        "conversation_id": f"{identifier(chat.get('id'))}:{thread}" if thread else None,
        "lang": author.get("language_code"),
        "location": {"lat": place.get("latitude"), "lon": place.get("longitude")},
        "media": media,
    }


def _own(chat: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    return f"{identifier(chat.get('id'))}:{identifier(message.get('message_id'))}"


def _address(chat: Mapping[str, Any], message: Mapping[str, Any]) -> str | None:
    handle = text(chat.get("username"))
    public = handle and chat.get("type") != "private"
    return f"https://t.me/{handle}/{identifier(message.get('message_id'))}" if public else None


NETWORK = Telegram()
