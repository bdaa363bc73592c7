"""X's filtered stream: rules that are kept in step with what we listen to, and the posts that fit them, line by line.

It is the app's and not the account's: it is opened with the app's own token, once, and its rules are told apart from
other people's by their tags. Beside it, for those whose plan has them, the streams of what must be forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from mentions import connections
from mentions.http import Response
from mentions.networks import Account, NetworkError, Streamed, Wanted
from mentions.networks import _tweets as tweets
from mentions.networks._answers import listened
from mentions.networks._rest import Method, call
from mentions.networks._shapes import identifier, listed, mapping, maps, text, unread
from mentions.networks._x_calls import TITLE, refused_by_x

POSTS: Final = "posts"
PARTITIONS: Final = 4
STREAM: Final = "2/tweets/search/stream"
RULES: Final = f"{STREAM}/rules"
MOST_BACK_FILLED: Final = 5  # minutes, for those whose plan has it
OURS: Final = "glasshouse"
LONGEST_RULE: Final = 1024
_AT_ONCE: Final = 100
_GONE: Final = ("delete", "drop", "withheld")
_WITHHELD: Final = "user_withheld"
_CLOSED: Final = ("user_delete", "user_suspend", "user_protect", _WITHHELD)
_EVERYWHERE: Final = frozenset({"XX", "XY"})
HOME_COUNTRY: Final = "US"

Look = Callable[[Sequence[str]], Mapping[str, dict[str, Any] | None]]


def names(account: Account) -> tuple[str, ...]:
    """The streams that the app's plan opens: none without its token."""
    if not account.secrets.get("bearer"):
        return ()
    if not enterprise(account):
        return (POSTS,)
    numbers = range(1, PARTITIONS + 1)
    return (POSTS, *(f"compliance-{n}" for n in numbers), *(f"people-{n}" for n in numbers))


def enterprise(account: Account) -> bool:
    """Whether the plan has what X gives to enterprises alone."""
    return str(account.settings.get("enterprise", "")).strip().lower() in ("yes", "true", "1")


def hear(
    account: Account,
    name: str,
    cursor: Mapping[str, Any],
    wanted: Wanted,
    *,
    fields: Mapping[str, str],
    look: Look,
    silence_s: float,
) -> Generator[Streamed, None, None]:
    """One of the streams. `look` reads posts by their identifiers."""
    kind, _dash, partition = name.partition("-")
    params = dict(_missed(account, cursor))
    if kind == POSTS:
        keep_rules(account, wanted)
        path, params = STREAM, params | dict(fields)
    else:
        path = "2/tweets/compliance/stream" if kind == "compliance" else "2/users/compliance/stream"
        params |= {"partition": partition}
    lines = connections.lines(
        f"{account.base_url.rstrip('/')}/{path}",
        headers=_app(account),
        params=params,
        local=account.local,
        silence_s=silence_s,
    )
    for batch in listened(f"{TITLE}'s stream", lines, _refused):
        items: list[dict[str, Any]] = []
        found: list[dict[str, Any]] = []
        for line in batch:
            told = _decoded(line)
            if told is None:
                items.append(unread(tweets.KEY, line))
            elif "data" not in told:
                _ended(told)
            elif kind == POSTS:
                (items if _is_for_us(account, told) else found).extend(_posts(account, told, wanted))
            else:
                items += _changes(mapping(told["data"]), wanted, look, _countries(account))
        # Without that word the time counts from here: it is asked for in whole minutes.
        yield Streamed({"at": datetime.now(UTC).isoformat()}, tuple(items), tuple(found), len(batch))


def keep_rules(account: Account, wanted: Wanted) -> None:
    """Add and delete rules until ours are what we listen to now; those of others stay."""
    rules = {rule: _tag(account, "account") for rule in _about_us(account)}
    rules |= {_rule(question): _tag(account, "search") for question in wanted.questions}
    rules = {rule: tag for rule, tag in rules.items() if len(rule) <= LONGEST_RULE}
    standing = {
        identifier(rule.get("id")): (text(rule.get("value")), text(rule.get("tag"))) for rule in _standing(account)
    }
    ours = {own: rule for own, rule in standing.items() if rule[1].startswith(_tag(account, ""))}
    old = [own for own, rule in ours.items() if rule not in rules.items()]
    new = [{"value": rule, "tag": tag} for rule, tag in rules.items() if (rule, tag) not in ours.values()]
    for start in range(0, len(old), _AT_ONCE):
        _asked(account, "POST", RULES, {"delete": {"ids": old[start : start + _AT_ONCE]}})
    for start in range(0, len(new), _AT_ONCE):
        _asked(account, "POST", RULES, {"add": new[start : start + _AT_ONCE]})


def _about_us(account: Account) -> list[str]:
    who = account.handle.removeprefix("@")
    return [_rule(f"@{who} OR to:{who}"), f"from:{who}"] if who else []


def _rule(question: str) -> str:
    return f"({question}) -is:retweet"


def _tag(account: Account, what: str) -> str:
    return f"{OURS}:{account.account_id}:{what}"


def _standing(account: Account) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page = ""
    while True:
        body = _asked(account, "GET", RULES, None, {"pagination_token": page} if page else None)
        found += maps(body.get("data"))
        page = text(mapping(body.get("meta")).get("next_token"))
        if not page:
            return found


def _asked(
    account: Account, method: Method, path: str, payload: object, params: Mapping[str, str] | None = None
) -> dict[str, Any]:
    token = account.secrets["bearer"]
    # Adding a rule that is there already and deleting one that is gone change nothing.
    body, _answer = call(
        TITLE,
        account,
        method,
        path,
        token=token,
        payload=payload,
        params=params,
        acting=False,
        refuse=lambda answer, _acting: _refused(answer),
    )
    return mapping(body)


def _app(account: Account) -> dict[str, str]:
    return {"authorization": f"Bearer {account.secrets['bearer']}"}


def _missed(account: Account, cursor: Mapping[str, Any]) -> dict[str, str]:
    """How many minutes to hear again; posts come twice then, which costs nothing here."""
    try:
        away = datetime.now(UTC) - datetime.fromisoformat(text(cursor.get("at")))
    except (ValueError, TypeError):
        return {}
    minutes = min(int(away / timedelta(minutes=1)) + 1, MOST_BACK_FILLED)
    return {"backfill_minutes": str(max(minutes, 1))} if enterprise(account) else {}


def _is_for_us(account: Account, told: Mapping[str, Any]) -> bool:
    return any(text(rule.get("tag")) == _tag(account, "account") for rule in maps(told.get("matching_rules")))


def _posts(account: Account, told: Mapping[str, Any], wanted: Wanted) -> list[dict[str, Any]]:
    tweet = mapping(told.get("data"))
    change = tweets.edit(tweet)
    if change is not None and wanted.stored([tweets.original(tweet)]):
        return [change]
    item = tweets.post(tweet, mapping(told.get("includes")), account.account_id)
    return [each for each in (item, change) if each is not None]


def _countries(account: Account) -> frozenset[str]:
    """Where our people read, as X writes countries, and what it says for everywhere."""
    named = str(account.settings.get("countries") or HOME_COUNTRY).upper().replace(",", " ").split()
    return frozenset(named) | _EVERYWHERE


def _changes(data: Mapping[str, Any], wanted: Wanted, look: Look, countries: frozenset[str]) -> list[dict[str, Any]]:
    """What of the posts that are kept has to be forgotten, or reads differently now."""
    data = {kind: told for kind, told in data.items() if not _held_elsewhere(mapping(told), countries)}
    gone = [
        identifier(mapping(tweets.either(mapping(data.get(kind)), "tweet")).get("id"))
        for kind in _GONE
        if data.get(kind)
    ]
    named = [own for own in gone if own and wanted.stored([own])]
    for kind in _CLOSED:
        who = identifier(mapping(mapping(data.get(kind)).get("user")).get("id"))
        # What is withheld in a country is what is published there: what they wrote to us alone stays.
        theirs = wanted.by(who) if who else []
        named += [own for own in theirs if kind != _WITHHELD or not own.startswith(tweets.MESSAGE)]
    items = [tweets.deletion(own) for own in named]
    scrubbed = mapping(data.get("scrub_geo"))
    last = identifier(tweets.either(scrubbed, "up_to_tweet_id"))
    items += [
        {"network": tweets.KEY, "external_id": own, "op": "unplace"}
        for own in wanted.by(identifier(mapping(scrubbed.get("user")).get("id")) if last else "")
        if tweets.not_after(own, last)
    ]
    edited = mapping(tweets.either(data, "tweet_edit"))
    first = identifier(tweets.either(edited, "initial_tweet_id"))
    if first and wanted.stored([first]):
        now = look([identifier(mapping(tweets.either(edited, "tweet")).get("id"))])
        items += [
            {
                "network": tweets.KEY,
                "external_id": first,
                "op": "edit",
                "text": post.get("text"),
                "edited_at": edited.get("event_at"),
            }
            for post in now.values()
            if post is not None
        ]
    return items


def _held_elsewhere(told: Mapping[str, Any], countries: frozenset[str]) -> bool:
    """Whether it is withheld in some countries, and in none where our people read."""
    named = told.get("withheld_in_countries")
    return named is not None and countries.isdisjoint(map(text, listed(named)))


def _decoded(line: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _ended(told: Mapping[str, Any]) -> None:
    """X says why it ends a stream, if it can. What else it says beside posts is none of ours."""
    for error in (*maps(told.get("errors")), told):
        kind = text(error.get("type")).rpartition("/")[2]
        if kind == "usage-capped":
            wait = datetime.now(UTC) + timedelta(hours=1)
            raise NetworkError(
                _("%(network)s has no posts left for this app this month") % {"network": TITLE}, "retry", wait
            )
        if text(error.get("connection_issue")) == "TooManyConnections":
            wait = datetime.now(UTC) + timedelta(minutes=1)
            raise NetworkError(
                _("%(network)s lets this app listen once, and somebody does") % {"network": TITLE}, "retry", wait
            )
        if kind in ("operational-disconnect", "streaming-connection"):
            raise NetworkError(_("%(network)s ended the stream (%(kind)s)") % {"network": TITLE, "kind": kind}, "retry")


def _refused(answer: Response) -> NetworkError | None:
    if answer.status in (401, 403):
        return NetworkError(
            _("%(network)s does not accept the app's bearer token (%(status)s)")
            % {"network": TITLE, "status": answer.status},
            "give_up",
        )
    return refused_by_x(answer, False)
