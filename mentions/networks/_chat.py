"""Private messages on Bluesky: a service of its own (chat.bsky), reached through the account's server.

It is there only for an app password that was made with access to direct messages; a probe finds out. Its log tells of
new messages and of deletions on our side, in the order of a revision that is the cursor. It knows no key of ours:
whether a message went out is seen in the conversation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from mentions.networks import Account, NetworkError, Outgoing, Published
from mentions.networks._appview import profiles_of
from mentions.networks._atproto import Answer, Query, ask, do, session
from mentions.networks._shapes import mapping, maps, text
from mentions.networks._views import KEY, author_of, moment, parts

SERVICE: Final = "did:web:api.bsky.chat#bsky_chat"
LONGEST: Final = 1000
MESSAGE: Final = "chat:"
PAGES: Final = 5
UNREAD_SINCE: Final = timedelta(days=7)
# So long after the attempt it has been stored or never will be: our half minute of waiting for an answer, and as long
# again for a server that goes on when nobody waits any more.
SETTLED_WITHIN: Final = timedelta(seconds=60)
_MARGIN: Final = timedelta(minutes=1)


def connected(account: Account) -> bool:
    """Whether the credentials reach private messages, as the last probe found."""
    return account.settings.get("chat") is True


def probed(account: Account) -> bool:
    """Whether they do now; as before where nobody answers."""
    try:
        _ask(account, "listConvos", [("limit", "1")])
    except NetworkError as error:
        return connected(account) if error.follow == "retry" else False
    return True


def news(account: Account, cursor: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any], bool]:
    """What was said since the cursor, the next one, and whether more is waiting. At first: what is unread."""
    if not connected(account):
        return [], {}, False
    at = cursor.get("at")
    if not isinstance(at, str):
        return _unread(account)
    events: list[dict[str, Any]] = []
    more = False
    for _page in range(PAGES):
        body = _ask(account, "getLog", [("cursor", at)] if at else ()).body
        fresh = maps(body.get("logs"))
        events += fresh
        following = body.get("cursor")
        more = bool(fresh) and isinstance(following, str) and following != at
        at = following if isinstance(following, str) else at
        if not more:
            break
    created = [event for event in events if _kind(event) == "logCreateMessage"]
    people = _people(account, created, [mapping(event.get("message")) for event in created])
    items = [_item(text(event.get("convoId")), mapping(event.get("message")), people) for event in created]
    items += [
        {
            "network": KEY,
            "external_id": _name(text(event.get("convoId")), mapping(event.get("message"))),
            "op": "delete",
        }
        for event in events
        if _kind(event) == "logDeleteMessage"
    ]
    return items, {"at": at}, more


def send(account: Account, outgoing: Outgoing) -> Published:
    """Sends a message into the conversation that is answered, or the one with whoever wrote what is answered."""
    convo = _convo(account, outgoing)
    sent = do(account, "chat.bsky.convo.sendMessage", {"convoId": convo, "message": {"text": outgoing.text}}, SERVICE)
    return _published(convo, sent.body)


def find(account: Account, outgoing: Outgoing) -> Published | None:
    """Our message in the conversation since the attempt; sure once it would have been stored by then."""
    convo, me = _convo(account, outgoing), session(account).did
    now, began = datetime.now(UTC), outgoing.attempted_at
    earliest = began - _MARGIN if began else None
    for said in maps(_ask(account, "getMessages", [("convoId", convo), ("limit", "50")]).body.get("messages")):
        fresh = earliest is None or moment(said.get("sentAt"), now) >= earliest
        if fresh and mapping(said.get("sender")).get("did") == me and said.get("text") == outgoing.text:
            return _published(convo, said)
    if began is not None and now < began + SETTLED_WITHIN:
        raise NetworkError(_("Bluesky may still be storing it"), "retry", began + SETTLED_WITHIN)
    return None


def _unread(account: Account) -> tuple[list[dict[str, Any]], dict[str, Any], bool]:
    convos = maps(_ask(account, "listConvos", [("limit", "50")]).body.get("convos"))
    now = datetime.now(UTC)
    waiting = [
        convo
        for convo in convos
        if convo.get("unreadCount")
        and moment(mapping(convo.get("lastMessage")).get("sentAt"), now) > now - UNREAD_SINCE
    ]
    last = [mapping(convo.get("lastMessage")) for convo in waiting]
    people = {str(member.get("did")): member for convo in waiting for member in maps(convo.get("members"))}
    items = [
        _item(text(convo.get("id")), said, people)
        for convo, said in zip(waiting, last, strict=True)
        if "text" in said and mapping(said.get("sender")).get("did") != account.account_id
    ]
    return items, {"at": max((text(convo.get("rev")) for convo in convos), default="")}, False


def _people(
    account: Account, events: Sequence[Mapping[str, Any]], said: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    known = {str(one.get("did")): one for event in events for one in maps(event.get("relatedProfiles"))}
    senders = {text(mapping(each.get("sender")).get("did")) for each in said} - known.keys() - {""}
    return known | profiles_of(account, sorted(senders))


def _item(convo: str, said: Mapping[str, Any], people: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    sender = said.get("sender")
    did = mapping(sender).get("did")
    person = people.get(str(did), {"did": did, "handle": did})
    answered = mapping(said.get("replyTo"))
    return {
        "network": KEY,
        "external_id": _name(convo, said),
        "kind": "message",
        "visibility": "private",
        "author": author_of(person, {}) if isinstance(sender, dict) else sender,
        "text": said.get("text"),
        "created_at": said.get("sentAt"),
        "in_reply_to": _name(convo, answered) if answered.get("id") else None,
        "conversation_id": f"{MESSAGE}{convo}",
    }


def _convo(account: Account, outgoing: Outgoing) -> str:
    answered = outgoing.in_reply_to or ""
    if answered.startswith(MESSAGE):
        return answered.removeprefix(MESSAGE).partition("/")[0]
    who = outgoing.recipient_id or parts(answered)[0]
    found = mapping(_ask(account, "getConvoForMembers", [("members", who)]).body.get("convo")).get("id")
    if not isinstance(found, str):
        raise NetworkError(_("Bluesky did not say where to write"), "retry")
    return found


def _published(convo: str, said: Mapping[str, Any]) -> Published:
    if not isinstance(said.get("id"), str):
        raise NetworkError(_("Bluesky sent something and did not say what"), "unknown")
    return Published(_name(convo, said), None, moment(said.get("sentAt"), datetime.now(UTC)))


def _name(convo: str, said: Mapping[str, Any]) -> str:
    return f"{MESSAGE}{convo}/{text(said.get('id'))}"


def _kind(event: Mapping[str, Any]) -> str:
    return text(event.get("$type")).rpartition("#")[2]


def _ask(account: Account, method: str, query: Query) -> Answer:
    return ask(account, f"chat.bsky.convo.{method}", query, SERVICE)
