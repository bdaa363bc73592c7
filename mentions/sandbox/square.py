"""What people do on Town Square. Every act is one transaction that ends in one event for the bank's account.

The bank is told of everything that is written publicly and of the messages of its conversations, as an account with
a subscription to the whole square; what was written under its own name is among it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mentions.sandbox.models import LONGEST_TEXT, Event, Person, Photo, Post, Settings, new_key
from mentions.sandbox.sealing import seal
from mentions.sandbox.shapes import AVATARS, IMAGES, describe

_HANDLE = re.compile(r"[A-Za-z0-9_]{1,30}\Z")
_MOST_DIGITS = 8
PHOTO_TYPES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
LARGEST_PHOTO = 1_000_000
LONGEST_ALT = 1_000
MOST_PHOTOS = 4
PHOTO_WAITS = timedelta(days=1)
_OVERLAP = 30
_PARTS = re.compile(r'"[^"]*"|[^\s"]+')
_BETWEEN = re.compile(r"[\W_]+")


class Refusal(Exception):
    """What Town Square does not do, as a sentence, with the HTTP status and the field that it is about."""

    def __init__(self, reason: str | Promise, status: int = 422, field: str = "text") -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.status = status
        self.field = field


def open_account(webhook_url: str, secret: str, bank_handle: str, bank_token: str, bank_name: str) -> None:
    """Opens or renews the bank's account and its subscription."""
    parts = urlsplit(webhook_url)
    with transaction.atomic():
        Settings.objects.update_or_create(
            id=1,
            defaults={
                "webhook_url": webhook_url,
                "sealed_secret": seal(secret),
                "base_url": f"{parts.scheme}://{parts.netloc}",
                "bank_handle": bank_handle.removeprefix("@"),
                "bank_token_hash": token_hash(bank_token),
            },
        )
        bank = meet(bank_handle)
        bank.verified = True
        bank.followers = 48_210
        bank.avatar = 0
        bank.name = bank_name or bank.name
        bank.save()


def token_hash(token: str) -> str:
    """What is kept of the bank's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def checked_handle(handle: str) -> str:
    """A handle as one may have it. Raises `Refusal`."""
    handle = handle.strip().removeprefix("@")
    if not _HANDLE.match(handle):
        raise Refusal(_("A handle has 1 to 30 letters a-z, digits and underscores."), field="handle")
    # Handles stand in addresses and logs, where a card number must never get.
    if sum(character.isdigit() for character in handle) > _MOST_DIGITS:
        raise Refusal(_("A handle has at most eight digits."), field="handle")
    return handle


def meet(handle: str) -> Person:
    """The person behind a handle, who joins on first use."""
    handle = checked_handle(handle)
    folded = handle.lower()
    # Where somebody comes from is drawn from the handle, so that a person looks the same after every reset.
    lot = hashlib.sha256(folded.encode()).digest()
    person, _created = Person.objects.get_or_create(
        folded=folded,
        defaults={
            "handle": handle,
            "name": handle.replace("_", " ").strip().title() or handle,
            "followers": int(10 ** (1 + 3 * (lot[0] / 255) ** 2)),
            "avatar": 1 + lot[1] % (AVATARS - 1),
        },
    )
    return person


def write(
    handle: str,
    text: str,
    *,
    in_reply_to: str | None = None,
    private: bool = False,
    image: str = "",
    town: Settings | None = None,
    now: datetime | None = None,
) -> Post:
    """A person writes: a post, an answer to one, or with `private` a message to the bank. Raises `Refusal`."""
    town = town or Settings.current()
    if town.bank_handle and handle.strip().removeprefix("@").lower() == town.bank_handle.lower():
        raise Refusal(_("This handle belongs to somebody with a password."), 403, "handle")
    text = checked_text(text)
    if image and image not in IMAGES:
        raise Refusal(_("There is no such picture."), field="image")
    if not text.strip() and not image:
        raise Refusal(_("There is nothing in it."))
    with transaction.atomic():
        author = meet(handle)
        parent = _standing(in_reply_to) if in_reply_to else None
        if parent is not None and parent.private:
            if author.pk not in (parent.author_id, parent.recipient_id):
                raise Refusal(_("Only the two people of a conversation can write in it."), 403, "handle")
            private = True
        if private and not town.bank_handle:
            raise Refusal(_("There is no bank here yet to write to."), field="private")
        post = Post(author=author, in_reply_to=parent, private=private, image=image, created_at=now or timezone.now())
        post.text = text
        if private:
            post.key = new_key(24)
            post.recipient = meet(town.bank_handle)
            post.thread = f"dm{author.key}"
        else:
            post.thread = parent.thread if parent is not None else post.key
        post.save(force_insert=True)
        _tell(post, "created", town)
    return post


def edit(post: Post, text: str, *, town: Settings | None = None, now: datetime | None = None) -> Post:
    """The words of a standing post change. Raises `Refusal`."""
    text = checked_text(text)
    if not text.strip() and not post.image:
        raise Refusal(_("There is nothing in it."))
    town = town or Settings.current()
    with transaction.atomic():
        post = _own(post, town)
        # Two edits within one tick of the clock still have an order.
        moment = now or timezone.now()
        if post.edited_at is not None and moment <= post.edited_at:
            moment = post.edited_at + timedelta(microseconds=1)
        post.text = text
        post.edited_at = moment
        post.save(update_fields=["sealed", "edited_at"])
        _tell(post, "edited", town)
    return post


def delete(post: Post, *, town: Settings | None = None, now: datetime | None = None) -> None:
    """A standing post disappears, its words at once and for ever. Raises `Refusal`."""
    town = town or Settings.current()
    with transaction.atomic():
        post = _own(post, town)
        _erase(post, now)
        _tell(post, "deleted", town)


def bring(body: bytes, kind: str, *, now: datetime | None = None) -> Photo:
    """The bank brings a picture, which a post of its own may show within a day. Raises `Refusal`."""
    if kind not in PHOTO_TYPES or not body.startswith(PHOTO_TYPES[kind]):
        raise Refusal(_("Only pictures in PNG and JPEG are shown here."), 415, "picture")
    if len(body) > LARGEST_PHOTO:
        raise Refusal(_("A picture has at most %(n)s bytes.") % {"n": LARGEST_PHOTO}, 413, "picture")
    moment = now or timezone.now()
    Photo.objects.filter(post=None, brought_at__lt=moment - PHOTO_WAITS).delete()
    return Photo.objects.create(sealed=seal(base64.b64encode(body).decode()), type=kind, brought_at=moment)


def answer(
    text: str,
    *,
    client_key: str,
    in_reply_to: str | None = None,
    recipient: str | None = None,
    private: bool = False,
    pictures: Sequence[tuple[str, str]] = (),
) -> tuple[Post, bool]:
    """The bank writes, once for each client key. Says whether it was now. Raises `Refusal`.

    `pictures` are keys of what it brought, each with what it shows.
    """
    before = find_answer(client_key)
    if before is not None:
        return before, False
    text = checked_text(text)
    if not text.strip():
        raise Refusal(_("There is nothing in it."))
    if len(pictures) > MOST_PHOTOS:
        raise Refusal(_("A post shows at most %(n)s pictures.") % {"n": MOST_PHOTOS}, field="pictures")
    try:
        with transaction.atomic():
            return _answer(text, client_key, in_reply_to, recipient, private, pictures), True
    except IntegrityError:
        # Another request with the same key was faster.
        stored = find_answer(client_key)
        if stored is None:
            raise
        return stored, False


def _answer(
    text: str,
    client_key: str,
    in_reply_to: str | None,
    recipient: str | None,
    private: bool,
    pictures: Sequence[tuple[str, str]],
) -> Post:
    town = Settings.current()
    bank = meet(town.bank_handle)
    parent = _standing(in_reply_to) if in_reply_to else None
    if parent is not None and parent.private and not private:
        raise Refusal(_("A private message is answered in private."), field="private")
    post = Post(author=bank, in_reply_to=parent, private=private, client_key=client_key)
    post.text = text
    if private:
        customer = Person.objects.filter(key=recipient).first() if recipient else None
        if customer is None and parent is not None and parent.author_id != bank.pk:
            customer = parent.author
        if customer is None:
            raise Refusal(_("It is not said who should receive this."), field="recipient")
        post.key = new_key(24)
        post.recipient = customer
        post.thread = f"dm{customer.key}"
    else:
        post.thread = parent.thread if parent is not None else post.key
    post.save(force_insert=True)
    for key, alt in pictures:
        shown = checked_text(alt, LONGEST_ALT, "pictures")
        if not Photo.objects.filter(key=key, post=None).update(post=post, alt=shown):
            raise Refusal(_("There is no such picture."), field="pictures")
    _tell(post, "created", town)
    return post


def reword(key: str, text: str) -> Post:
    """The bank changes a post of its own. Raises `Refusal`."""
    text = checked_text(text)
    if not text.strip():
        raise Refusal(_("There is nothing in it."))
    with transaction.atomic():
        post = _banks(key)
        post.text = text
        post.edited_at = max(timezone.now(), (post.edited_at or post.created_at) + timedelta(microseconds=1))
        post.save(update_fields=["sealed", "edited_at"])
        _tell(post, "edited", Settings.current())
    return post


def hide(key: str, *, hidden: bool) -> Post:
    """The bank folds away somebody's answer to a post of its own, or unfolds it. Raises `Refusal`."""
    with transaction.atomic():
        post = Post.objects.select_for_update(of=("self",)).standing().named(key).first()
        if post is None:
            raise Refusal(_("There is no such post."), 404, "id")
        below_ours = post.in_reply_to is not None and post.in_reply_to.author.handle == Settings.current().bank_handle
        if post.private or not below_ours:
            raise Refusal(_("Only an answer to a post of one's own can be hidden."))
        post.hidden_at = (post.hidden_at or timezone.now()) if hidden else None
        post.save(update_fields=["hidden_at"])
    return post


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought: posts, oldest first, the key to go on after, and whether more is waiting."""

    posts: list[Post]
    after: str
    more: bool


def look_for(wanted: str, *, after: str, at_most: int) -> Found:
    """Public posts that hold everything asked for. Raises `Refusal`.

    The words are sealed, so that posts are read one by one; each call reads so many and says where to go on.
    """
    authors = [part[5:].lower() for part in wanted.split() if part.startswith("from:")]
    parts = [_comparable(part.strip('"')) for part in _PARTS.findall(wanted) if not part.startswith("from:")]
    parts = [part for part in parts if part]
    if not parts and not authors:
        raise Refusal(_("Say what to look for."), 400, "q")
    public = Post.objects.public().select_related("author", "recipient", "in_reply_to")
    last = Post.objects.named(after).values_list("pk", flat=True).first() if after else None
    if last is None:
        page = [*reversed(public.order_by("-id")[:at_most])]
    else:
        # Identifiers are taken before they are committed: whoever was slower stands a little further back.
        page = list(public.filter(pk__gt=last - _OVERLAP).order_by("id")[:at_most])
    fitting = [
        post
        for post in page
        if all(part in _comparable(post.text) for part in parts)
        and all(author == post.author.folded for author in authors)
    ]
    return Found(fitting, page[-1].key if page else after, last is not None and len(page) == at_most)


def _comparable(text: str) -> str:
    """Letters and digits without case and accents, anything between them as one space."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_BETWEEN.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).split())


def find_answer(client_key: str) -> Post | None:
    """What the bank wrote under a client key, deleted or not."""
    found = Post.objects.select_related("author", "recipient", "in_reply_to")
    return found.filter(client_key=client_key).first() if client_key and "\0" not in client_key else None


def withdraw(key: str) -> None:
    """The bank takes a post of its own back. Raises `Refusal`."""
    with transaction.atomic():
        post = _banks(key)
        _erase(post, None)
        _tell(post, "deleted", Settings.current())


def _banks(key: str) -> Post:
    """A standing post of the bank's own, locked."""
    standing = (
        Post.objects.standing().select_for_update(of=("self",)).select_related("author", "recipient", "in_reply_to")
    )
    post = standing.named(key).first()
    if post is None:
        raise Refusal(_("There is no such post."), 404, "id")
    if post.client_key is None:
        raise Refusal(_("That is somebody else's post."), 403, "id")
    return post


def _erase(post: Post, now: datetime | None) -> None:
    post.photos.all().delete()
    post.sealed = ""
    post.image = ""
    post.deleted_at = now or timezone.now()
    post.save(update_fields=["sealed", "image", "deleted_at"])


def _own(post: Post, town: Settings) -> Post:
    """The post again, locked, if it stands and is not the bank's."""
    locked = (
        Post.objects.standing().select_for_update(of=("self",)).select_related("author", "recipient", "in_reply_to")
    )
    found = locked.filter(pk=post.pk).first()
    if found is None:
        raise Refusal(_("There is no such post."), 404, "id")
    if found.author.folded == town.bank_handle.lower():
        raise Refusal(_("This handle belongs to somebody with a password."), 403, "handle")
    return found


def _standing(key: str) -> Post:
    post = Post.objects.standing().select_related("author").named(key).first()
    if post is None:
        raise Refusal(_("The post that this answers is gone."), 404, "in_reply_to")
    return post


def checked_text(text: str, longest: int = LONGEST_TEXT, field: str = "text") -> str:
    """A text as it may stand here. Raises `Refusal`."""
    # Browsers send CR LF for what they counted as one character.
    text = text.replace("\r\n", "\n")
    if len(text) > longest:
        raise Refusal(_("This has at most %(n)s characters.") % {"n": longest}, field=field)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refusal(_("The text is not valid Unicode."), field=field) from None
    if "\0" in text:
        raise Refusal(_("The text holds a character that is none."), field=field)
    return text


def _tell(post: Post, what: str, town: Settings) -> None:
    if what == "deleted":
        body: dict[str, object] = {"id": post.key, "private": post.private}
    else:
        body = describe(post, town.base_url)
    kind = f"{'message' if post.private else 'post'}.{what}"
    Event.objects.create(kind=kind, sealed=seal(json.dumps(body, ensure_ascii=False)))
