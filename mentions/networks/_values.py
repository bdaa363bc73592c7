"""The values that a connector takes and gives, and the errors that say what follows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from django_stubs_ext import StrPromise

from mentions.networks._length import in_bytes, links

Follow = Literal["retry", "reauthorise", "give_up", "poison", "unknown"]
Visibility = Literal["public", "private"]
Holds = Literal["account", "kind", "nobody"]


class BadSignature(Exception):
    """A delivery that the network did not sign, or signed too long ago. Answer 401 and write nothing."""


class Malformed(Exception):
    """A body with a good signature that does not read as the network's format; kept as a reject."""


class NetworkError(Exception):
    """The network did not do it. `follow` says what the caller does next:

    - "retry": it certainly did not happen; try again, not before `retry_at` if that is given
    - "reauthorise": the credentials ended; stop this source and ask an administrator
    - "give_up": it can never happen as asked (text refused, target gone); a person decides
    - "poison": the network's answer cannot be read; set it aside, go on with the rest
    - "unknown": it may have happened; ask `reconcile` before anything else

    `holds` says who else waits until `retry_at`: the whole "account", what asks for the same "kind" of thing (a limit
    of one endpoint), or "nobody" (a limit of one recipient).
    """

    def __init__(
        self, message: str | StrPromise, follow: Follow, retry_at: datetime | None = None, *, holds: Holds = "account"
    ) -> None:
        # What is logged, stored and compared is words, in the language of whoever asked: a worker's is the house's.
        self.message = str(message)
        super().__init__(self.message)
        self.follow = follow
        self.retry_at = retry_at
        self.holds = holds


class Gone(NetworkError):
    """What this concerns is surely not on the network any more: the only refusal that means as much.

    A copy that is kept of it is erased for that, and what was to be taken back is done.
    """

    def __init__(self, message: str | StrPromise) -> None:
        super().__init__(message, "give_up")


class AnsweredBefore(NetworkError):
    """What takes one private answer has it already (`private_once`), from wherever: none is offered again."""

    def __init__(self, message: str | StrPromise) -> None:
        super().__init__(message, "give_up")


class LeftOut(NetworkError):
    """Somebody let us in for less than what is needed. `secrets` are of no use then and are given back."""

    def __init__(self, message: str | StrPromise, secrets: Mapping[str, str]) -> None:
        super().__init__(message, "give_up")
        self.secrets = secrets


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What can be asked of a network; the console and the outbox read it before they offer anything.

    `original` are posts of our own that answer nobody, `search` is listening beyond what is addressed to us,
    `history` asks again for a stretch of time, `lookup` reads posts by their identifiers, `refresh` renews
    credentials before they end, `authorise` connects by the network's own sign-in (OAuth), and `subscribe` has
    delivered, for as long as a lease holds, what is otherwise asked for.

    `stream` are connections that are held open and bring what happens as it happens. `register` means that the
    network can be told over its API where to deliver, and asked whether it does. `names` means that people whose
    messages came without one can be asked for theirs.

    `resend` says how the fate of a send whose answer was lost is settled. "key": the network remembers our
    client key, so sending again cannot double. "search": `reconcile` finds our post or knows that it is not
    there. "never": it cannot be found out, a person looks.
    """

    webhook: bool = False
    fetch: bool = False
    search: bool = False
    history: bool = False
    lookup: bool = False
    publish: frozenset[Visibility] = frozenset()
    original: bool = False
    retract: bool = False
    edit: bool = False
    hide: bool = False
    refresh: bool = False
    authorise: bool = False
    stream: bool = False
    search_history: bool = False
    subscribe: bool = False
    register: bool = False
    names: bool = False
    resend: Literal["key", "search", "never"] = "never"


@dataclass(frozen=True, slots=True)
class Pictures:
    """What pictures a network takes with what we write: how many in public and in private, and of what each may be.

    `max_bytes` bounds one of them, `kinds` are media types. `alt` is the longest alternative text that it shows, in
    code points, 0 where it shows none. `max_text` bounds the text beside pictures where that is shorter.
    """

    most: int = 0
    private_most: int = 0
    max_bytes: int = 1_000_000
    kinds: frozenset[str] = frozenset({"image/jpeg", "image/png"})
    alt: int = 0
    max_text: int | None = None

    def allowed(self, visibility: Visibility) -> int:
        """How many go with one public or private reply."""
        return self.most if visibility == "public" else self.private_most


NO_PICTURES: Final = Pictures()


Counter = Literal["codepoints", "bytes", "emoji_bytes", "graphemes", "weighted"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a text may be, counted as the network counts, and what pictures may go with it.

    `counter` names the same way of counting in the browser. `max_bytes` bounds the UTF-8 form as well, where a network
    asks for that. `private_in_bytes`: private messages are counted in bytes of UTF-8, whatever is written in public.
    `links` bounds how many different links a text may have.
    """

    max: int
    private_max: int
    counter: Counter = "codepoints"
    count: Callable[[str], int] = len
    max_bytes: int | None = None
    private_in_bytes: bool = False
    pictures: Pictures = NO_PICTURES
    links: int | None = None

    def length(self, text: str, visibility: Visibility = "public") -> int:
        """The length that the network will see."""
        return in_bytes(text) if self._in_bytes(visibility) else self.count(text)

    def counted(self, visibility: Visibility) -> Counter:
        """How the browser counts what is written to be seen by these."""
        return "bytes" if self._in_bytes(visibility) else self.counter

    def _in_bytes(self, visibility: Visibility) -> bool:
        return self.private_in_bytes and visibility == "private"

    def allowed(self, visibility: Visibility, *, beside_pictures: bool = False) -> int:
        """The longest text for a public or a private reply."""
        longest = self.max if visibility == "public" else self.private_max
        shorter = self.pictures.max_text if beside_pictures else None
        return longest if shorter is None else min(longest, shorter)

    def fits(self, text: str, visibility: Visibility, *, beside_pictures: bool = False) -> bool:
        """Whether the network would take a text of this length."""
        too_heavy = self.max_bytes is not None and in_bytes(text) > self.max_bytes
        longest = self.allowed(visibility, beside_pictures=beside_pictures)
        return not too_heavy and self.length(text, visibility) <= longest and not self.links_over(text)

    def links_over(self, text: str) -> int:
        """How many different links it has too many."""
        return max(0, len(links(text)) - self.links) if self.links is not None else 0


@dataclass(frozen=True, slots=True)
class Window:
    """Until when a person may be written to freely, and what is left of that afterwards.

    "closed": nothing. "template": an approved text of the bank's whose one variable is what is written, in one line.
    """

    until: datetime
    then: Literal["closed", "template"] = "closed"


@dataclass(frozen=True, slots=True)
class Account:
    """Our account on a network, as a connector needs it.

    `secrets` by name: "token" (to act as us), "webhook" and "webhook_previous" (to verify), "verify_token"
    and whatever else the network's file names. `local` allows private addresses, for a network on this machine.
    """

    base_url: str
    handle: str = ""
    account_id: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)
    local: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that goes with what we write, drawn anew by us. `alt` says what it shows; `type` is its media type."""

    body: bytes = field(repr=False)
    type: str
    width: int
    height: int
    alt: str = ""

    @property
    def name(self) -> str:
        """A file name, for networks that ask for one."""
        return "picture.png" if self.type == "image/png" else "picture.jpg"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One reply or post to send. `client_key` is ours, unique and the same at every attempt.

    `in_reply_to` and `recipient_id` are identifiers as the network's parser gave them (post, author); a post of
    our own has neither. `recipient_handle` is how the network writes the person whom the reply must name.
    `heard_at` is when the recipient last wrote, for networks whose windows for replies begin there; `by_person` that a
    person wrote this and no program, for those that leave people more time.
    `attempted_at` is when an attempt whose answer was lost was made; `reconcile` searches from there, and is given no
    `pictures`. A picture that was brought to the network and not shown there yet is no post: bringing it again does no
    harm, so that its failure is never "unknown".
    """

    text: str
    visibility: Visibility
    client_key: str
    in_reply_to: str | None = None
    recipient_id: str | None = None
    recipient_handle: str = ""
    heard_at: datetime | None = None
    by_person: bool = True
    attempted_at: datetime | None = None
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """What the network says of our post: its identifier, its address, its time (aware).

    `answer` is what else it said and is worth keeping with the reply: figures and identifiers, no words, no tokens.
    """

    external_id: str
    url: str | None
    at: datetime
    answer: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a network lets one account ask: `calls` in any `per_s` seconds. The product keeps below it."""

    calls: int
    per_s: int


@dataclass(frozen=True, slots=True)
class Quota:
    """What the network lets an account do until `resets_at`: calls, posts or units, as `unit` says."""

    unit: str
    limit: int
    remaining: int
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source offers to have delivered: by which hub, and what the hub calls it."""

    hub: str
    topic: str


@dataclass(frozen=True, slots=True)
class Registration:
    """Whether a network delivers to an address of ours, by its own account.

    `problem` is what stops it, in a sentence for an administrator; empty if nothing does. `waiting` is how much it
    holds back, where it says so. `elsewhere` says that it delivers to an address of somebody else's.
    """

    problem: str = ""
    waiting: int | None = None
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """New items since a cursor, the cursor to store with them in one transaction, and when to ask again.

    `next_at` is None when the source's own interval will do, and now or earlier when more is waiting; `more` says so of
    what may be asked for only later. Items may repeat; they are never left out. `quota` is what is left after asking,
    where the network says so. `complete` is False when the network no longer has all that came since the cursor: then a
    gap stays open for a person. `offer` is what could be delivered instead (`subscribe`). `trouble` is what of it could
    not be asked for this time, in a sentence for an administrator; it is asked for again by itself.
    """

    items: tuple[dict[str, Any], ...]
    cursor: dict[str, Any]
    next_at: datetime | None = None
    quota: Quota | None = None
    complete: bool = True
    offer: Offer | None = None
    trouble: str = ""
    more: bool = False

    @property
    def unfinished(self) -> bool:
        """Whether what came since the cursor is not all here, so that no gap is filled yet."""
        return self.more or (self.next_at is not None and self.next_at <= datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Probe:
    """Who the credentials act as, until when they hold (None: without end), and settings the network told us."""

    account_id: str
    handle: str
    expires_at: datetime | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Secrets that replace those of the same names, and when they end."""

    secrets: Mapping[str, str] = field(repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """What a person fills in to connect an account. `name` is its name among the secrets or the settings.

    The names "handle", "account_id" and "base_url" are the account's own. `generated` is a secret that we make and
    the person takes to the network: it is shown once and can be rotated, with two valid meanwhile.
    """

    name: str
    title: StrPromise
    help: StrPromise | str = ""
    secret: bool = False
    required: bool = True
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Handshake:
    """The answer to a network that checks who owns the webhook's address."""

    body: str
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a stream concerns us, for networks that send more than that.

    `questions` are the saved searches in the network's own language. `may_fit` says of a public text whether one of
    them may fit it; who asks knows no more than the text. `stored` are those of some identifiers that are kept here,
    `by` the identifiers of all that is kept of an author.
    """

    questions: tuple[str, ...] = ()
    may_fit: Callable[[str], bool] = lambda text: False
    stored: Callable[[Collection[str]], Collection[str]] = lambda external_ids: ()
    by: Callable[[str], Collection[str]] = lambda author_id: ()


@dataclass(frozen=True, slots=True)
class Streamed:
    """What a stream brought since the last time, and where to go on once that is stored.

    `items` are what `fetch` would bring, `found` what `search` would: the latter is narrowed by the product. Both are
    empty where the connection merely lives. `delivered` is how many events came, whether they concern us or not.
    """

    cursor: dict[str, Any]
    items: tuple[dict[str, Any], ...] = ()
    found: tuple[dict[str, Any], ...] = ()
    delivered: int = 0
