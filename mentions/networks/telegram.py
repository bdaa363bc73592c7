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
from mentions.networks._rest import call, error_of
from mentions.networks._shapes import identifier, mapping, maps, since_epoch, text

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
_ATTACHED: Final = {
    "photo": "image",
    "video": "video",
    "animation": "animation",
    "audio": "audio",
    "voice": "audio",
    "document": "document",
    "sticker": "image",
    "video_note": "video",
}
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
            raise NetworkError(f"{self.title} answered with something else than updates", "poison")
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
            return Registration(f"{self.title} knows no address to deliver to", waiting)
        if told["url"] != callback:
            taken = f"{self.title} delivers to another address: another program uses this bot"
            return Registration(taken, waiting, elsewhere=True)
        wanted = told.get("allowed_updates")
        if isinstance(wanted, list) and set(HEARD) - set(map(text, wanted)):
            return Registration(f"{self.title} leaves out some kinds of messages", waiting)
        failed = since_epoch(told.get("last_error_date"))
        if waiting and failed and datetime.now(UTC) - datetime.fromisoformat(failed) < STILL_A_FAULT:
            why = text(told.get("last_error_message"))[:120]
            return Registration(f"{self.title} cannot deliver: {why}", waiting)
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
            raise NetworkError(f"there is no channel on {self.title} to write to: name one in the source", "give_up")
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
            raise NetworkError(f"a message on {self.title} shows one picture", "give_up")
        form = {"chat_id": chat, "caption": outgoing.text}
        if number:
            form["reply_parameters"] = json.dumps({"message_id": int(number)})
        parts = {"photo": (picture.name, picture.body, picture.type)}
        return self._published(self._ask(account, "sendPhoto", form=form, parts=parts, acting=True))

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """A bot cannot read what it wrote; a person looks into the chat."""
        raise NetworkError(f"{self.title} does not tell what became of a message", "unknown")

    def file(self, account: Account, own: str) -> bytes:
        """What somebody sent to the bot; its address is good for an hour, and holds the token."""
        name = files.named(own)
        if not _FILE.fullmatch(name):
            raise NetworkError(f"{self.title} has no file of this name", "give_up")
        path = text(mapping(self._ask(account, "getFile", {"file_id": name})).get("file_path"))
        if not _PATH.fullmatch(path) or ".." in path:
            raise NetworkError(f"{self.title} did not say where the file is", "give_up")
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
            raise NetworkError(f"{self.title} did not say who we are", "retry")
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
            raise NetworkError(f"{self.title} gave an answer that cannot be read", "unknown" if acting else "retry")
        return told.get("result")

    def _refused(self, answer: Response, acting: bool) -> NetworkError | None:
        """Waits stand in the body, and that nothing was to be changed; 403 blocks the bot, 404 knows no such bot."""
        wait = mapping(mapping(error_of(answer)).get("parameters")).get("retry_after")
        if answer.status == 429 and isinstance(wait, int):
            until = datetime.now(UTC) + timedelta(seconds=min(max(wait, 1), 86_400))
            return NetworkError(f"{self.title} asks us to wait", "retry", until)
        if answer.status == 400 and "message is not modified" in text(mapping(error_of(answer)).get("description")):
            return _Unchanged(f"the message on {self.title} says this already", "give_up")
        if answer.status == 400 and "no text in the message" in text(mapping(error_of(answer)).get("description")):
            return _Captioned(f"the message on {self.title} is a picture", "give_up")
        if answer.status == 400 and "not found" in text(mapping(error_of(answer)).get("description")):
            return Gone(f"what this concerns is no longer on {self.title}")
        if answer.status == 403:
            return NetworkError(f"this person or group on {self.title} takes no message from the bot", "give_up")
        if answer.status == 404:
            return NetworkError(f"{self.title} does not know the bot's token", "reauthorise")
        if answer.status == 409:
            if "webhook" in text(mapping(error_of(answer)).get("description")):
                return _Delivered(f"a webhook is set on {self.title}: nothing can be asked for beside it", "retry")
            return NetworkError(f"another program asks {self.title} for what this bot hears", "retry")
        return None

    def _published(self, message: object) -> Published:
        told = mapping(message)
        chat = mapping(told.get("chat"))
        if not identifier(told.get("message_id")) or not identifier(chat.get("id")):
            raise NetworkError(f"{self.title} stored something and did not say what", "unknown")
        at = since_epoch(told.get("edit_date") or told.get("date"))
        return Published(
            _own(chat, told), _address(chat, told), datetime.fromisoformat(at) if at else datetime.now(UTC)
        )

    def _writer_of(self, outgoing: Outgoing) -> str:
        if outgoing.recipient_id:
            return outgoing.recipient_id
        raise NetworkError(f"a bot on {self.title} can write only to people who wrote to it first", "give_up")


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
    media = _media(message)
    words = text(message.get("text")) or text(message.get("caption")) or _told(message)
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


def _media(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was sent besides words: of a photograph its largest size, of a document often the photograph of one."""
    found = []
    for name, kind in _ATTACHED.items():
        sizes = maps(message.get(name))
        part = sizes[-1] if sizes else mapping(message.get(name))
        moves = part.get("is_animated") is True or part.get("is_video") is True
        if name == "document" and "animation" in message:
            continue  # the same once more, for older programs
        if own := text(part.get("file_id")):
            shown = "image" if text(part.get("mime_type")).startswith("image/") else "animation" if moves else kind
            found.append(files.sent(own, shown, text(part.get("file_name")) or text(part.get("emoji"))))
    return found


def _told(message: Mapping[str, Any]) -> str:
    """What carries neither words nor a file, in words; empty for a join, a title or a pin."""
    person, venue, poll = (mapping(message.get(name)) for name in ("contact", "venue", "poll"))
    if person:
        told = [text(person.get(name)) for name in ("first_name", "last_name", "phone_number")]
        return f"[contact: {' '.join(filter(None, told))}]"
    if venue:
        return f"[location: {', '.join(filter(None, (text(venue.get('title')), text(venue.get('address')))))}]"
    if place := mapping(message.get("location")):
        return f"[location: {place.get('latitude')}, {place.get('longitude')}]"
    return f"[poll: {text(poll.get('question'))}]" if poll else ""


def _own(chat: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    return f"{identifier(chat.get('id'))}:{identifier(message.get('message_id'))}"


def _address(chat: Mapping[str, Any], message: Mapping[str, Any]) -> str | None:
    handle = text(chat.get("username"))
    public = handle and chat.get("type") != "private"
    return f"https://t.me/{handle}/{identifier(message.get('message_id'))}" if public else None


NETWORK = Telegram()
