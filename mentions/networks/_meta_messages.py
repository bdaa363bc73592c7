"""Private messages of Messenger and Instagram: as they are delivered, as they are listed, and ours inside the windows.

Facts: Meta's pages on Messenger's webhooks, its Send API and the Conversations API. Messages are asked for and sent as
"me", which is the page that the token belongs to, for Instagram as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from mentions.networks import Account, Field, NetworkError, Outgoing, Published, Window
from mentions.networks._shapes import identifier, listed, mapping, maps, since_epoch, text
from mentions.posts import MAX_AVATAR_URL, PostAuthor, web_address

if TYPE_CHECKING:
    from mentions.networks._meta import MetaNetwork

MESSAGE: Final = "m:"
ANSWER_WITHIN: Final = timedelta(hours=24)
PERSON_ANSWERS_WITHIN: Final = timedelta(days=7)  # a message that a person wrote, with the tag HUMAN_AGENT
HUMAN_AGENT: Final = Field(
    "human_agent",
    _("Answers after a day"),
    _("Write no if Meta has not allowed the app the “human agent” feature: then messages end after a day, not seven."),
    required=False,
)
_ATTACHED: Final = {"image": "image", "video": "video", "audio": "audio", "file": "document"}
_LISTED: Final = "id,message,from,to,created_time,attachments"
_AT_ONCE: Final = 20  # conversations a page, and messages of each
_EARLIER: Final = 100  # messages of one conversation, asked for by themselves
_DEEP: Final = 10  # such pages of one conversation at a time


def pushed(network: str, own: str, event: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A private message, its new words or its end. An echo is what our account wrote, by whatever program."""
    sender = identifier(mapping(event.get("sender")).get("id"))
    recipient = identifier(mapping(event.get("recipient")).get("id"))
    at = since_epoch(event.get("timestamp"), 1000)
    message, edit, pressed = (mapping(event.get(name)) for name in ("message", "message_edit", "postback"))
    if edit:
        changed = {"network": network, "external_id": f"{MESSAGE}{identifier(edit.get('mid'))}", "op": "edit"}
        yield changed | {"text": edit.get("text"), "edited_at": at}
    if pressed and sender:
        # Whoever begins by a button has written nothing yet and waits for us all the same.
        named = identifier(pressed.get("mid")) or f"{sender}.{identifier(event.get('timestamp'))}"
        message = {"mid": named, "text": text(pressed.get("title")) or "[button]"}
    if sender and sender != own:
        yield from _receipts(network, own, sender, event)
    if not message:
        return
    external_id = f"{MESSAGE}{identifier(message.get('mid'))}"
    if message.get("is_deleted") is True or message.get("is_unsent") is True:
        yield {"network": network, "external_id": external_id, "op": "delete"}
        return
    customer = recipient if sender == own else sender
    answered = identifier(mapping(message.get("reply_to")).get("mid"))
    parts = maps(message.get("attachments"))
    media = [
        {"url": mapping(part.get("payload")).get("url"), "type": _ATTACHED.get(text(part.get("type")), "other")}
        for part in parts
    ]
    words = message.get("text", "")
    if words == "" and not any(medium["url"] for medium in media):
        # A place, a sticker, something that Meta does not tell: it came, and somebody waits for an answer.
        words = f"[{next((text(part.get('type')) for part in parts), '') or 'something that cannot be shown here'}]"
    yield {
        "network": network,
        "external_id": external_id,
        "kind": "message",
        "visibility": "private",
        "author": {"id": own if sender == own else f"{own}:{sender}"},
        "text": words,
        "created_at": at,
        "in_reply_to": f"{MESSAGE}{answered}" if answered else None,
        "conversation_id": f"{MESSAGE}{own}:{customer}",
        "media": media,
    }


def _receipts(network: str, own: str, customer: str, event: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """How far messages of ours got: Messenger names those that were delivered and up to when they were read,
    Instagram the one that was seen.
    """
    for name, reach in (("delivery", "delivered"), ("read", "read")):
        told = mapping(event.get(name))
        ids = [identifier(mid) for mid in (*listed(told.get("mids")), told.get("mid"))]
        until = since_epoch(told.get("watermark"), 1000)
        if any(ids) or until:
            yield {
                "network": network,
                "external_id": customer,
                "op": "reached",
                "reach": reach,
                "ids": [f"{MESSAGE}{mid}" for mid in ids if mid],
                "thread": f"{MESSAGE}{own}:{customer}",
                "at": until,
            }


class Talk(NamedTuple):
    """A page of conversations: its messages, newest first; the next page, where one can hold anything written since
    the time that was asked for; and whether all written since then in these conversations are here.
    """

    items: list[dict[str, Any]]
    after: str | None
    whole: bool


def page(network: MetaNetwork, account: Account, after: str | None, since: datetime) -> Talk:
    """The messages of a page of conversations, of each the newest and those before them back to a time.

    Conversations come by when something was last written in them, whether or not that has words.
    """
    body = _conversations(network, account, {"after": after} if after else {})
    found: list[dict[str, Any]] = []
    whole, talks = True, maps(body.get("data"))
    for conversation in talks:
        messages, all_of_it = _since(network, account, conversation, since)
        whole = whole and all_of_it
        found += _said(network, account, messages)
    further = bool(talks) and moment(talks[-1].get("updated_time")) >= since
    newest_first = sorted(found, key=lambda item: moment(item["created_at"]), reverse=True)
    return Talk(newest_first, following(body) if further else None, whole)


def _since(
    network: MetaNetwork, account: Account, conversation: Mapping[str, Any], since: datetime
) -> tuple[list[dict[str, Any]], bool]:
    """The messages of a conversation back to a time, and whether none is missing.

    Instagram tells of older ones than the newest twenty that there are some, and no more.
    """
    told = mapping(conversation.get("messages"))
    messages = maps(told.get("data"))
    for _number in range(_DEEP):
        after = following(told)
        if after is None or (messages and moment(messages[-1].get("created_time")) < since):
            return messages, True
        params = {"fields": _LISTED, "limit": str(_EARLIER), "after": after}
        try:
            told, _answer = network.ask(account, "GET", f"{identifier(conversation.get('id'))}/messages", params=params)
        except NetworkError as error:
            if error.follow != "give_up":
                raise
            return messages, False
        earlier = maps(told.get("data"))
        if any("created_time" not in message for message in earlier):
            return messages, False
        messages = [*messages, *earlier]
    return messages, False


def person(network: MetaNetwork, account: Account, author_id: str, fields: str) -> PostAuthor | None:
    """Who wrote, by the number that this page alone knows them by; of other numbers nothing is told."""
    page_id, colon, own = author_id.partition(":")
    if not colon or page_id != account.account_id or not own.isascii() or not own.isdigit():
        return None
    told, _answer = network.ask(account, "GET", own, params={"fields": fields})
    return PostAuthor(
        author_id,
        text(told.get("username")),
        text(told.get("name")),
        followers=told["follower_count"] if isinstance(told.get("follower_count"), int) else None,
        verified=told["is_verified_user"] if isinstance(told.get("is_verified_user"), bool) else None,
        avatar_url=web_address(told.get("profile_pic"), MAX_AVATAR_URL),
    )


def window(account: Account, about: str | None, heard_at: datetime | None) -> Window | None:
    """Seven days for what a person writes; one where Meta has not allowed the app so much, but under a comment."""
    if heard_at is None:
        return None
    private = about is None or about.startswith(MESSAGE)
    return Window(heard_at + (ANSWER_WITHIN if private and not _as_person(account) else PERSON_ANSWERS_WITHIN))


def _as_person(account: Account) -> bool:
    return str(account.settings.get("human_agent", "")).strip().lower() not in ("no", "false", "0")


def send(network: MetaNetwork, account: Account, outgoing: Outgoing) -> Published:
    """A private message inside the windows that Meta leaves for one."""
    now = datetime.now(UTC)
    silent = now - outgoing.heard_at if outgoing.heard_at else timedelta()
    if silent > PERSON_ANSWERS_WITHIN:
        raise NetworkError(
            _("%(network)s lets nobody write more than seven days after the person's last word")
            % {"network": network.title},
            "give_up",
        )
    payload: dict[str, Any] = {"message": {"text": outgoing.text}}
    if _under_something(outgoing):
        about = outgoing.in_reply_to or ""
        # A visitor's post bears the page's number in front, a comment that of the post.
        on_the_page = about.startswith(f"{account.account_id}_")
        payload["recipient"] = {"post_id" if on_the_page else "comment_id": about}
    else:
        payload["recipient"] = {"id": (outgoing.recipient_id or "").rpartition(":")[2]}
        late = silent > ANSWER_WITHIN
        if late and not _as_person(account):
            raise NetworkError(
                _("%(network)s lets this app write only within a day of the person's last word")
                % {"network": network.title},
                "give_up",
            )
        if late and not outgoing.by_person:
            raise NetworkError(
                _("more than a day after the person's last word %(network)s lets only people write, no program")
                % {"network": network.title},
                "give_up",
            )
        payload |= {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"} if late else {"messaging_type": "RESPONSE"}
    body, _answer = network.ask(account, "POST", "me/messages", payload=payload)
    own = identifier(body.get("message_id"))
    if not own:
        raise NetworkError(_("%(network)s sent something and did not say what") % {"network": network.title}, "unknown")
    return Published(f"{MESSAGE}{own}", None, now)


def find(network: MetaNetwork, account: Account, outgoing: Outgoing, thread: str = "") -> Published | None:
    """Our message of this text in the conversation that it was meant for: others may have been told the same.

    Whoever wrote a comment bears another number among the conversations. What answers one is looked for in `thread`,
    where the network names that, or with somebody of the same handle. Raises `NetworkError` "unknown" where it cannot
    be told whose conversation a message stands in, or where not all of them are given.
    """
    to = "" if _under_something(outgoing) else (outgoing.recipient_id or "").rpartition(":")[2]
    body = _conversations(network, account, {"user_id": to} if to else {})
    for conversation in entries(network.title, body):
        meant: bool | None = True
        if not to:
            meant = identifier(conversation.get("id")) == thread if thread else _is_with(conversation, outgoing)
        if meant is False:
            continue
        said = _said(network, account, entries(network.title, mapping(conversation.get("messages"))))
        if to and not any(item["conversation_id"] == f"{MESSAGE}{account.account_id}:{to}" for item in said):
            continue
        for item in said:
            if item["author"]["id"] == account.account_id and fits(item["text"], item["created_at"], outgoing):
                if meant is None:
                    raise NetworkError(
                        _("%(network)s does not say whom it told this: look there") % {"network": network.title},
                        "unknown",
                    )
                return Published(item["external_id"], None, moment(item["created_at"]))
        raise_unless_whole(network.title, mapping(conversation.get("messages")), "created_time", outgoing)
    raise_unless_whole(network.title, body, "updated_time", outgoing)
    return None


def _under_something(outgoing: Outgoing) -> bool:
    """Whether it answers in private what was said in public."""
    about = outgoing.in_reply_to or ""
    return bool(about) and not about.startswith(MESSAGE)


def _is_with(conversation: Mapping[str, Any], outgoing: Outgoing) -> bool | None:
    """Whether it is with whom we write to; None where no handles are told."""
    people = maps(mapping(conversation.get("participants")).get("data"))
    handles = {text(one.get("username")).casefold() for one in people} - {""}
    wanted = outgoing.recipient_handle.removeprefix("@").casefold()
    return wanted in handles if wanted and handles else None


def _conversations(network: MetaNetwork, account: Account, asked: Mapping[str, str]) -> dict[str, Any]:
    params = {
        "fields": f"id,updated_time,participants,messages.limit({_AT_ONCE}){{{_LISTED}}}",
        "limit": str(_AT_ONCE),
        "platform": _platform(network),
    }
    return network.ask(account, "GET", "me/conversations", params=params | dict(asked))[0]


def _said(network: MetaNetwork, account: Account, messages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    items = (_item(network.key, account.account_id, message) for message in messages)
    return [item for item in items if item is not None]


def fits(words: object, written: object, outgoing: Outgoing) -> bool:
    """Whether something that we wrote is this send: the same words, not from before the attempt."""
    same = " ".join(text(words).split()) == " ".join(outgoing.text.split())
    began = outgoing.attempted_at
    return same and (began is None or moment(written) >= began - timedelta(minutes=1))


def entries(title: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a list holds; no list is not an empty one, which would say that a reply is not there."""
    if not isinstance(body.get("data"), list):
        raise NetworkError(_("%(network)s gave an answer that cannot be read") % {"network": title}, "retry")
    return maps(body["data"])


def raise_unless_whole(title: str, listed: Mapping[str, Any], name: str, outgoing: Outgoing) -> None:
    """What does not stand on a page is nowhere, if the page, newest first, goes back to the attempt.

    `name` is what an entry calls its time. Raises `NetworkError` if the page ends before.
    """
    began = outgoing.attempted_at
    reaches = began is not None and any(moment(entry.get(name)) < began for entry in maps(listed.get("data")))
    if mapping(listed.get("paging")).get("next") and not reaches:
        raise NetworkError(
            _("%(network)s lists more than we are given at once: look there") % {"network": title}, "unknown"
        )


def following(listed: Mapping[str, Any]) -> str | None:
    """The token of a list's next page, where there is one."""
    paging = mapping(listed.get("paging"))
    return (text(mapping(paging.get("cursors")).get("after")) if paging.get("next") else "") or None


def moment(value: object) -> datetime:
    """A time as Graph writes it; now, if it cannot be read."""
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        return datetime.now(UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _item(network: str, own: str, message: Mapping[str, Any]) -> dict[str, Any] | None:
    """A message of a list; None for one of which nothing is told, such as a sticker."""
    author = mapping(message.get("from"))
    sender = identifier(author.get("id"))
    others = [identifier(to.get("id")) for to in maps(mapping(message.get("to")).get("data"))]
    customer = next(iter(others), "") if sender == own else sender
    attached = maps(mapping(message.get("attachments")).get("data"))
    media = [
        {"url": mapping(part.get("image_data")).get("url") or part.get("file_url"), "type": _sort(part)}
        for part in attached
    ]
    if not sender or not customer or not (text(message.get("message")).strip() or any(m["url"] for m in media)):
        return None
    return {
        "network": network,
        "external_id": f"{MESSAGE}{identifier(message.get('id'))}",
        "kind": "message",
        "visibility": "private",
        "author": {
            "id": own if sender == own else f"{own}:{sender}",
            "handle": author.get("username"),
            "name": author.get("name"),
        },
        "text": text(message.get("message")),
        "created_at": message.get("created_time"),
        "conversation_id": f"{MESSAGE}{own}:{customer}",
        "media": media,
    }


def _sort(part: Mapping[str, Any]) -> str:
    kind = text(part.get("mime_type")).partition("/")[0]
    return _ATTACHED.get(kind, "image" if part.get("image_data") else "document")


def _platform(network: MetaNetwork) -> str:
    return "MESSENGER" if network.key == "facebook" else "INSTAGRAM"
