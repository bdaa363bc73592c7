"""The one inbound format: what every network, the API and `ingest` hand to intake.

`parse` turns decoded JSON into a `Post` (somebody wrote something) or an `Operation` (a known post was edited
or deleted). It is pure, written by hand for speed, and raises nothing but `BadPost`.

What the product relies on (identity, text, time, kind, visibility, grouping) is refused when it is wrong.
Decoration (pictures, figures, places, addresses) that cannot be used is dropped instead: a customer's
complaint is never lost over a broken avatar. Either way the whole object survives in `raw`, made storable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

from mentions.storable import NotStorable, cleaned

Kind = Literal["post", "reply", "quote", "comment", "review", "message"]
Visibility = Literal["public", "private"]
Op = Literal["edit", "delete", "hide", "show", "unplace"]
Origin = Literal["live", "canary", "drill"]

KINDS: Final = frozenset({"post", "reply", "quote", "comment", "review", "message"})
OPS: Final[tuple[Op, ...]] = get_args(Op)
VISIBILITIES: Final = frozenset({"public", "private"})
MEDIA_TYPES: Final = frozenset({"image", "video", "audio", "animation", "document"})

# Bounds in code points, the widths of the columns. Four bytes each, an identifier still fits an index entry.
MAX_ID: Final = 512
MAX_THREAD_ID: Final = 400
MAX_AUTHOR_ID: Final = 200
MAX_HANDLE: Final = 120
MAX_NAME: Final = 200
MAX_PLACE: Final = 256
MAX_TEXT: Final = 65_536  # longer than the longest post of any known network
MAX_URL: Final = 2_048
MAX_AVATAR_URL: Final = 1_000
MAX_ALT: Final = 4_000
MAX_MEDIA: Final = 20
MAX_COUNT: Final = 2_147_483_647  # PostgreSQL integer

_NETWORK: Final = re.compile(r"[a-z0-9_-]{1,32}\Z")
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}\Z")
_LETTERS = str.maketrans("0123456789", "ghijklmnop")  # a key in hexadecimal has none of these
_DIGITS = str.maketrans("ghijklmnop", "0123456789")
_LEAP_SECOND: Final = re.compile(r"(T\d\d:\d\d):60", re.ASCII)
_BREAKING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TURNING: Final = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_PILED: Final = re.compile(r"([\u0300-\u036f]{3})[\u0300-\u036f]+")


class BadPost(ValueError):
    """Input that is not a post. `reason` is a sentence that can be shown to whoever sent it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PostAuthor:
    """Who wrote it. `id` is the network's stable identifier; the handle may change hands.

    `followers` and `verified` are None where it was not told, which is not the same as none.
    """

    id: str
    handle: str = ""
    name: str = ""
    followers: int | None = None
    verified: bool | None = None
    avatar_url: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """Something attached. `type` is one of `MEDIA_TYPES`, or "other".

    `id` stands in the place of an empty `url` where the network gives a file by its own name for it alone, and only to
    the account that it was sent to.
    """

    url: str
    type: str = "other"
    alt: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """One post by somebody else. Times are aware and in UTC; counts are never negative; a rating is of five stars."""

    network: str
    external_id: str
    kind: Kind
    visibility: Visibility
    author: PostAuthor
    text: str
    created_at: datetime
    url: str | None = None
    in_reply_to: str | None = None
    conversation_id: str | None = None
    lang: str | None = None
    lat: float | None = None
    lon: float | None = None
    country: str | None = None
    place: str | None = None
    likes: int = 0
    reposts: int = 0
    replies: int = 0
    media: tuple[Media, ...] = ()
    origin: Origin = "live"
    raw: dict[str, Any] | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A change of a post, which may arrive before the post. `text` and `rating` belong to an edit.

    `edited_at` is when it was made: of an edit always, of the others where the network says so. "hide" and "show" say
    that its network shows it to others no more, or again; "unplace" that where it was written is to be forgotten.
    """

    network: str
    external_id: str
    op: Op
    text: str | None = None
    edited_at: datetime | None = None
    raw: dict[str, Any] | None = None
    rating: int | None = None


def parse(obj: object, *, origin: Origin = "live") -> Post | Operation:
    """Reads one decoded JSON object of the contract's form.

    `origin` is the caller's knowledge and never read from the object: nobody outside may mark a post as a
    drill and so keep it out of the figures. Raises `BadPost` with a reason for anything that is not a post.
    """
    try:
        return read(cleaned(obj) if isinstance(obj, dict) else obj, origin=origin)
    except NotStorable as bad:
        raise BadPost(bad.reason) from None


def read(raw: object, *, origin: Origin = "live") -> Post | Operation:
    """`parse` for an object that `cleaned` has been through already; it becomes the post's `raw`."""
    if not isinstance(raw, dict):
        raise BadPost("a post is an object")
    network = raw.get("network")
    if network is None:
        raise BadPost("network is missing")
    if not isinstance(network, str) or not _NETWORK.match(network):
        raise BadPost("network is not a slug of 1 to 32 letters a-z, digits, _ and -")
    external_id = _required_id(raw.get("external_id"), "external_id")
    if raw.get("op") is not None:
        return _operation(raw, network, external_id)

    kind = raw.get("kind")
    if kind is None:
        kind = "post"
    elif not isinstance(kind, str) or kind not in KINDS:
        raise BadPost("kind is none of post, reply, quote, comment, review, message")
    visibility = raw.get("visibility")
    if visibility is None:
        # A message whose sender forgot to say so must not end up on a wall.
        visibility = "private" if kind == "message" else "public"
    elif not isinstance(visibility, str) or visibility not in VISIBILITIES:
        raise BadPost("visibility is neither public nor private")

    author = _author(raw.get("author"))
    text = _required_text(raw)
    attached = raw.get("media")
    media = _media(attached) if attached else ()
    if not media and not text.strip():
        raise BadPost("text is empty and there is no media")
    created_at = _required_time(raw, "created_at")

    lat = lon = None
    country = place = None
    location = raw.get("location")
    if isinstance(location, dict):
        lat, lon = _coordinates(location.get("lat"), location.get("lon"))
        country = _country(location.get("country"))
        place = _label(location.get("place"), MAX_PLACE) or None
    likes = reposts = replies = 0
    metrics = raw.get("metrics")
    if isinstance(metrics, dict):
        likes = _count(metrics.get("likes"))
        reposts = _count(metrics.get("reposts"))
        replies = _count(metrics.get("replies"))

    return Post(
        network,
        external_id,
        kind,  # type: ignore[arg-type]  # checked against KINDS above
        visibility,  # type: ignore[arg-type]
        author,
        text,
        created_at,
        web_address(raw.get("url")),
        _optional_id(raw.get("in_reply_to"), "in_reply_to"),
        _optional_id(raw.get("conversation_id"), "conversation_id", MAX_THREAD_ID),
        _label(raw.get("lang"), 35) or None,
        lat,
        lon,
        country,
        place,
        likes,
        reposts,
        replies,
        media,
        origin,
        raw,
        _rating(raw.get("rating")),
    )


def dump(item: Post | Operation) -> dict[str, Any]:
    """The contract's JSON object of a post or operation: `parse(dump(item))` says the same again."""
    if isinstance(item, Operation):
        operation: dict[str, Any] = {"network": item.network, "external_id": item.external_id, "op": item.op}
        if item.op == "edit":
            operation |= {"text": item.text, "rating": item.rating}
        if item.edited_at is not None:
            operation["edited_at"] = _iso(item.edited_at)
        return operation
    author = item.author
    return {
        "network": item.network,
        "external_id": item.external_id,
        "kind": item.kind,
        "visibility": item.visibility,
        "author": {
            "id": author.id,
            "handle": author.handle,
            "name": author.name,
            "followers": author.followers,
            "verified": author.verified,
            "avatar_url": author.avatar_url,
            "created_at": _iso(author.created_at),
        },
        "text": item.text,
        "created_at": _iso(item.created_at),
        "url": item.url,
        "in_reply_to": item.in_reply_to,
        "conversation_id": item.conversation_id,
        "lang": item.lang,
        "location": {"lat": item.lat, "lon": item.lon, "country": item.country, "place": item.place},
        "metrics": {"likes": item.likes, "reposts": item.reposts, "replies": item.replies},
        "media": [
            {"url": m.url or None, "type": m.type, "alt": m.alt} | ({"id": m.id} if m.id else {}) for m in item.media
        ],
        "rating": item.rating,
    }


def concealed(name: str) -> str:
    """Somebody's name for a file without a digit, so that it comes through unmasked; `revealed` reads it."""
    return spelled(name.encode(errors="replace").hex())


def revealed(name: str) -> str:
    """The name that was concealed so; empty for what is none."""
    try:
        return bytes.fromhex(unspelled(name)).decode()
    except ValueError:
        return ""


def spelled(key: str) -> str:
    """A key of ours without a digit, so that nothing in it is taken for a number and masked on its way in."""
    return key.translate(_LETTERS)


def unspelled(key: str) -> str:
    """The key that was spelled so."""
    return key.translate(_DIGITS)


def parse_time(value: object, name: str = "time") -> datetime:
    """An ISO 8601 time with its zone, as UTC. Raises `BadPost` naming the field."""
    if not isinstance(value, str) or not 10 <= len(value) <= 64:
        raise BadPost(f"{name} is not an ISO 8601 time")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        # RFC 3339 allows small letters and a leap second, Python neither.
        try:
            moment = datetime.fromisoformat(_LEAP_SECOND.sub(r"\1:59", value.upper()))
        except ValueError:
            raise BadPost(f"{name} is not an ISO 8601 time") from None
    if moment.tzinfo is None:
        raise BadPost(f"{name} has no zone")
    if not 1990 <= moment.year < 2100:
        raise BadPost(f"{name} is not between the years 1990 and 2100")
    return moment.astimezone(UTC)


def _operation(raw: dict[str, Any], network: str, external_id: str) -> Operation:
    op = raw["op"]
    if op != "edit":
        if op not in OPS:
            raise BadPost("op is none of edit, delete, hide, show, unplace")
        at = raw.get("edited_at")
        return Operation(network, external_id, op, None, parse_time(at, "edited_at") if at is not None else None, raw)
    words, edited_at = _required_text(raw), _required_time(raw, "edited_at")
    return Operation(network, external_id, "edit", words, edited_at, raw, _rating(raw.get("rating")))


def _author(value: object) -> PostAuthor:
    if value is None:
        raise BadPost("author is missing")
    if not isinstance(value, dict):
        raise BadPost("author is not an object")
    born = value.get("created_at")
    created_at = None
    if born is not None:
        try:
            created_at = parse_time(born)
        except BadPost:
            created_at = None
    return PostAuthor(
        _required_id(value.get("id"), "author.id", MAX_AUTHOR_ID),
        _label(value.get("handle"), MAX_HANDLE),
        _label(value.get("name"), MAX_NAME),
        _count(followers) if (followers := value.get("followers")) is not None else None,
        verified if isinstance(verified := value.get("verified"), bool) else None,
        web_address(value.get("avatar_url"), MAX_AVATAR_URL),
        created_at,
    )


def _media(value: object) -> tuple[Media, ...]:
    if not isinstance(value, list):
        return ()
    found: list[Media] = []
    for entry in value[:MAX_MEDIA]:
        if not isinstance(entry, dict):
            continue
        url, own = web_address(entry.get("url")), entry.get("id")
        named = own if url is None and isinstance(own, str) and len(own) <= MAX_ID else ""
        if url is None and not named:
            continue
        kind = entry.get("type")
        known = kind if isinstance(kind, str) and kind in MEDIA_TYPES else "other"
        found.append(Media(url or "", known, _label(entry.get("alt"), MAX_ALT), named))
    return tuple(found)


def _required_id(value: object, name: str, limit: int = MAX_ID) -> str:
    found = _optional_id(value, name, limit)
    if found is None:
        raise BadPost(f"{name} is missing")
    return found


def _optional_id(value: object, name: str, limit: int = MAX_ID) -> str | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise BadPost(f"{name} is not a string")
    if len(value) > limit:
        raise BadPost(f"{name} is longer than {limit} characters")
    return value if value and not value.isspace() else None


def _required_text(raw: Mapping[str, Any]) -> str:
    text = raw.get("text")
    if text is None:
        raise BadPost("text is missing")
    if not isinstance(text, str):
        raise BadPost("text is not a string")
    if len(text) > MAX_TEXT:
        raise BadPost(f"text is longer than {MAX_TEXT} characters")
    return text


def _required_time(raw: Mapping[str, Any], name: str) -> datetime:
    value = raw.get(name)
    if value is None:
        raise BadPost(f"{name} is missing")
    return parse_time(value, name)


def _label(value: object, limit: int) -> str:
    """A line for showing: names that break it, turn what follows round or pile accents up are made plain."""
    if not isinstance(value, str):
        return ""
    if not (value.isascii() and value.isprintable()):
        value = _PILED.sub(r"\1", _TURNING.sub("", _BREAKING.sub(" ", value)))
    return value.strip()[:limit]


def web_address(value: object, limit: int = MAX_URL) -> str | None:
    """A web address or nothing: `javascript:` and the like end here, not in somebody's link."""
    if not isinstance(value, str) or len(value) > limit:
        return None
    return value if value[:8].lower().startswith(("https://", "http://")) and value.isprintable() else None


def _country(value: object) -> str | None:
    return value.upper() if isinstance(value, str) and _COUNTRY.match(value) else None


def _coordinates(lat: object, lon: object) -> tuple[float | None, float | None]:
    """Both or neither, clamped to the globe."""
    if isinstance(lat, bool) or isinstance(lon, bool):
        return None, None
    if not isinstance(lat, int | float) or not isinstance(lon, int | float):
        return None, None
    return min(max(float(lat), -90.0), 90.0), min(max(float(lon), -180.0), 180.0)


def _count(value: object) -> int:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0
    return min(max(int(value), 0), MAX_COUNT)


def _rating(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5 else None


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
