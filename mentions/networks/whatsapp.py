"""WhatsApp, by Meta's Cloud API: messages come by webhook alone, answers are free for a day after the last one.

Facts: the published OpenAPI description of the Business Messaging API (v23.0) and its pages on the window of customer
service and on business-scoped user identifiers, which stand for customers who keep their number to themselves. Whether
a message went out can be told only by the answer or by the status events, which bear our key: nothing can be searched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from mentions.networks import (
    Account,
    Capabilities,
    Field,
    Limits,
    NetworkError,
    Outgoing,
    Picture,
    Pictures,
    Probe,
    Published,
    Registration,
    Visibility,
    Window,
)
from mentions.networks import _files as files
from mentions.networks._meta import APP_FIELDS, MetaNetwork, usage
from mentions.networks._meta_messages import ANSWER_WITHIN
from mentions.networks._shapes import identifier, listed, mapping, maps, since_epoch, text
from mentions.posts import spelled

_FILES: Final = {"image": "image", "sticker": "image", "video": "video", "audio": "audio", "document": "document"}
ECHOES: Final = frozenset({"message_echoes", "smb_message_echoes"})
REACHED: Final = ("delivered", "read")
UNTOLD: Final = "[WhatsApp does not tell the words]"
# Where Meta's media addresses lead; they hold for minutes, the name in a delivery for a week.
_LOOKASIDE: Final = "lookaside.fbsbx.com"


class WhatsApp(MetaNetwork):
    """The connector. `account_id` is the phone number's identifier. Settings: "template", "template_language"."""

    key = "whatsapp"
    title = "WhatsApp"
    media_hosts = (_LOOKASIDE,)
    object_name = "whatsapp_business_account"
    app_fields = ("messages", "smb_message_echoes")
    capabilities = Capabilities(webhook=True, publish=frozenset({"private"}), register=True, resend="never")
    limits = Limits(max=0, private_max=4_096, pictures=Pictures(private_most=1, max_bytes=5_000_000, max_text=1_024))
    tells = frozenset()
    echoes = False
    fields = (
        Field("account_id", _("Phone number ID"), _("WhatsApp Manager, API set-up, beside the number.")),
        *APP_FIELDS,
        Field(
            "business_account",
            _("Business account ID"),
            _("WhatsApp Manager, API set-up: with it and the app ID the messages are delivered here by themselves."),
            required=False,
        ),
        Field(
            "template",
            _("Template"),
            _("The approved template that opens a conversation again after a day; its one variable is the answer."),
            required=False,
        ),
        Field(
            "template_language", _("Template's language"), _("As in WhatsApp Manager, such as en_US."), required=False
        ),
    )

    def parcels(self, account: Account, headers: Mapping[str, str], body: bytes) -> Mapping[str, list[dict[str, Any]]]:
        """By the number that was written to: an entry is about the business account, which has several."""
        found: dict[str, list[dict[str, Any]]] = {}
        for item in self.parse(body):
            found.setdefault(text(item.get("conversation_id")).partition(":")[0], []).append(item)
        return found or {"": []}

    def window(
        self, account: Account, visibility: Visibility, about: str | None, heard_at: datetime | None
    ) -> Window | None:
        """A day; then the bank's template, where there is one."""
        if heard_at is None:
            return None
        return Window(heard_at + ANSWER_WITHIN, "template" if account.settings.get("template") else "closed")

    def changed(self, account_id: str, change: Mapping[str, Any], at: str | None) -> Iterator[dict[str, Any]]:
        """The messages of one value, what somebody wrote for us in WhatsApp's own app, and what became of ours."""
        value = mapping(change.get("value"))
        own = identifier(mapping(value.get("metadata")).get("phone_number_id"))
        if text(change.get("field")) in ECHOES:
            for message in maps(value.get("message_echoes")):
                customer = _customer(message, "to", "to_user_id")
                if (later := self._later(own, customer, message)) is not None:
                    yield later
                elif (item := self._said(own, message, {})) is not None:
                    echo = {"external_id": f"{customer}:{identifier(message.get('id'))}", "author": {"id": own}}
                    yield item | echo | {"conversation_id": f"{own}:{customer}", "in_reply_to": None}
        if change.get("field") != "messages":
            return
        profiles = {
            _customer(contact, "wa_id", "user_id"): mapping(contact.get("profile"))
            for contact in maps(value.get("contacts"))
        }
        for message in maps(value.get("messages")):
            if (later := self._later(own, _customer(message, "from", "from_user_id"), message)) is not None:
                yield later
            elif (item := self._said(own, message, profiles)) is not None:
                yield item
        for status in maps(value.get("statuses")):
            if status.get("status") in ("sent", "failed", *REACHED):
                yield self._became(own, status)

    def probe(self, account: Account) -> Probe:
        """The number that the token writes from."""
        body, answer = self.ask(account, "GET", account.account_id, params={"fields": "id,display_phone_number"})
        own = identifier(body.get("id"))
        if not own:
            raise NetworkError(_("%(network)s did not say who we are") % self.named, "retry")
        return Probe(own, text(body.get("display_phone_number")) or account.handle, quota=usage(answer))

    def registers(self, account: Account) -> bool:
        """With the app's number and that of the business account, which has to be subscribed to the app."""
        return super().registers(account) and bool(account.settings.get("business_account"))

    def register(self, account: Account, callback: str, beside: Collection[str] = ()) -> None:
        """The app's address, and the business account's consent."""
        super().register(account, callback, beside)
        self.ask(account, "POST", f"{account.settings['business_account']}/subscribed_apps", acting=False)

    def registered(self, account: Account, callback: str, beside: Collection[str] = ()) -> Registration:
        """What the app and the business account say of it."""
        told = super().registered(account, callback, beside)
        if told.problem:
            return told
        body, _answer = self.ask(account, "GET", f"{account.settings['business_account']}/subscribed_apps")
        rows = [mapping(row.get("whatsapp_business_api_data")) or row for row in maps(body.get("data"))]
        if account.settings["client_id"] not in {identifier(row.get("id")) for row in rows}:
            return Registration(str(_("the business account does not deliver to the app")))
        return told

    def unregister(self, account: Account, callback: str, beside: Collection[str] = ()) -> None:
        """The business account delivers to the app no more."""
        self.ask(account, "DELETE", f"{account.settings['business_account']}/subscribed_apps")
        super().unregister(account, callback, beside)

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """A free message inside the day that the customer's last one opens; the bank's template after it."""
        if outgoing.visibility != "private":
            raise NetworkError(_("%(network)s has private messages only") % self.named, "give_up")
        now = datetime.now(UTC)
        customer = outgoing.recipient_id or (outgoing.in_reply_to or "").partition(":")[0]
        payload: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to" if customer.isdigit() else "recipient": customer,
            "biz_opaque_callback_data": outgoing.client_key,
        }
        if outgoing.heard_at is not None and now - outgoing.heard_at > ANSWER_WITHIN:
            payload |= self._template(account, outgoing.text)
        else:
            if len(outgoing.pictures) > 1:
                raise NetworkError(_("a message on %(network)s shows one picture") % self.named, "give_up")
            payload |= {"type": "text", "text": {"body": outgoing.text, "preview_url": False}}
            for picture in outgoing.pictures:
                del payload["text"]
                shown = {"id": self._bring(account, picture), "caption": outgoing.text}
                payload |= {"type": "image", "image": shown}
            if outgoing.in_reply_to:
                payload["context"] = {"message_id": outgoing.in_reply_to.partition(":")[2]}
        body, _answer = self.ask(account, "POST", f"{account.account_id}/messages", payload=payload)
        own = next((identifier(message.get("id")) for message in maps(body.get("messages"))), "")
        if not own:
            raise NetworkError(_("%(network)s sent something and did not say what") % self.named, "unknown")
        return Published(f"{customer}:{own}", None, now)

    def _bring(self, account: Account, picture: Picture) -> str:
        """What WhatsApp calls a picture that was brought to it."""
        parts = {"file": (picture.name, picture.body, picture.type)}
        form = {"messaging_product": "whatsapp", "type": picture.type}
        body, _answer = self.ask(account, "POST", f"{account.account_id}/media", form=form, parts=parts, acting=False)
        if not identifier(body.get("id")):
            raise NetworkError(_("%(network)s took a picture and did not say what it calls it") % self.named, "retry")
        return identifier(body["id"])

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Nothing can be looked up; a person asks the customer, or waits for the status."""
        raise NetworkError(_("%(network)s does not tell what became of a message") % self.named, "unknown")

    def file(self, account: Account, own: str) -> bytes:
        """What a customer sent: its address is asked for, and told to nobody without our token."""
        number = files.named(own)
        if not number.isascii() or not number.isdigit():
            raise NetworkError(_("%(network)s has no file of this name") % self.named, "give_up")
        told, _answer = self.ask(account, "GET", number, params={"phone_number_id": account.account_id})
        token = account.secrets.get("token", "")
        return files.brought(self.title, account, text(told.get("url")), hosts=self.pictures_from(account), token=token)

    def retract(self, account: Account, external_id: str) -> None:
        """Messages stay with their receivers."""
        raise NetworkError(_("%(network)s takes no message back") % self.named, "give_up")

    def _became(self, own: str, status: Mapping[str, Any]) -> dict[str, Any]:
        """A message of ours, of which WhatsApp tells the key that it was sent under, and not the words."""
        customer = _customer(status, "recipient_id", "recipient_user_id")
        faults = [text(error.get("title")) or identifier(error.get("code")) for error in maps(status.get("errors"))]
        return {
            "network": self.key,
            "external_id": f"{customer}:{identifier(status.get('id'))}",
            "kind": "message",
            "visibility": "private",
            "author": {"id": own},
            "text": UNTOLD,
            "created_at": since_epoch(status.get("timestamp")),
            "conversation_id": f"{own}:{customer}",
            "client_key": spelled(text(status.get("biz_opaque_callback_data"))),
            "refused": ("; ".join(faults) or "failed") if status.get("status") == "failed" else "",
            "reached": status["status"] if status.get("status") in REACHED else "",
        }

    def _template(self, account: Account, words: str) -> dict[str, Any]:
        name = str(account.settings.get("template", ""))
        if not name:
            late = _(
                "more than a day after the customer's last message %(network)s takes approved templates only; "
                "name one in the source's settings"
            )
            raise NetworkError(late % self.named, "give_up")
        # A template's variable takes no line break and no wide space; what leaves is what was agreed to, or nothing.
        if words != " ".join(words.split()):
            many = (
                _("after a day %(network)s takes one line, as the template's variable: write it again without breaks")
                % self.named
            )
            raise NetworkError(many, "give_up")
        body = {"type": "body", "parameters": [{"type": "text", "text": words}]}
        language = {"policy": "deterministic", "code": str(account.settings.get("template_language") or "en_US")}
        return {"type": "template", "template": {"name": name, "language": language, "components": [body]}}

    def _later(self, own: str, customer: str, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """What happened to an earlier message: taken back for everyone, or said in other words."""
        kind = text(message.get("type"))
        about = mapping(message.get(kind))
        original = identifier(about.get("original_message_id"))
        if kind not in ("revoke", "edit") or not original:
            return None
        thread = {"conversation_id": f"{own}:{customer}"}
        change = {"network": self.key, "external_id": f"{customer}:{original}"} | thread
        if kind == "revoke":
            return change | {"op": "delete"}
        new = mapping(about.get("message"))
        words = _words(text(new.get("type")), new)
        return change | {"op": "edit", "text": words, "edited_at": since_epoch(message.get("timestamp"))}

    def _said(
        self, own: str, message: Mapping[str, Any], profiles: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Any] | None:
        sender = _customer(message, "from", "from_user_id")
        profile = profiles.get(sender, {})
        kind = text(message.get("type")) or ("text" if "text" in message else "")
        reaction = mapping(message.get("reaction"))
        if kind == "reaction" and not text(reaction.get("emoji")):
            return None  # one that was taken back
        answered = identifier(mapping(message.get("context")).get("id")) or identifier(reaction.get("message_id"))
        place = mapping(message.get("location"))
        return {
            "network": self.key,
            "external_id": f"{sender}:{identifier(message.get('id'))}",
            "kind": "message",
            "visibility": "private",
            "author": {"id": sender, "handle": text(profile.get("username")) or sender, "name": profile.get("name")},
            "text": _words(kind, message),
            "created_at": since_epoch(message.get("timestamp")),
            "in_reply_to": f"{sender}:{answered}" if answered else None,
            "conversation_id": f"{own}:{sender}",
            "location": {"lat": place.get("latitude"), "lon": place.get("longitude"), "place": place.get("name")},
            "media": _media(message),
        }


def _customer(told: Mapping[str, Any], phone: str, user: str) -> str:
    """Who is meant: the phone number where it is told, else what stands for its owner before us alone."""
    return identifier(told.get(phone)) or identifier(told.get(user))


def _media(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was sent besides words. A document is often the photograph of one."""
    found = []
    for name, kind in _FILES.items():
        part = mapping(message.get(name))
        if own := identifier(part.get("id")):
            shown = "image" if kind == "document" and text(part.get("mime_type")).startswith("image/") else kind
            found.append(files.sent(own, shown, text(part.get("filename"))))
    return found


def _words(kind: str, message: Mapping[str, Any]) -> str:
    """What was written, pressed or captioned; of what has no words and cannot be shown, that it came and what it is."""
    if kind == "text":
        return text(mapping(message.get("text")).get("body"))
    if kind == "reaction":
        return text(mapping(message.get("reaction")).get("emoji"))
    if kind == "location":
        return _place(mapping(message.get("location")))
    if kind == "contacts":
        people = maps(message.get("contacts"))
        names = (text(mapping(one.get("name")).get("formatted_name")) for one in people)
        phones = (text(phone.get("phone")) for one in people for phone in maps(one.get("phones")))
        return f"[contact: {', '.join(filter(None, (*names, *phones))) or 'without a name'}]"
    if kind == "button":
        return text(mapping(message.get("button")).get("text"))
    if kind == "interactive":
        chosen = mapping(message.get("interactive"))
        return text(mapping(chosen.get(text(chosen.get("type")))).get("title"))
    caption = text(mapping(message.get(kind)).get("caption"))
    problems = "; ".join(text(error.get("title")) for error in maps(listed(message.get("errors"))))
    return caption or problems or ("" if _media(message) else f"[{kind or 'unknown'}]")


def _place(told: Mapping[str, Any]) -> str:
    named = ", ".join(filter(None, (text(told.get("name")), text(told.get("address")))))
    at = [told.get(axis) for axis in ("latitude", "longitude")]
    return f"[location: {named or ', '.join(map(str, at))}]"


NETWORK = WhatsApp()
