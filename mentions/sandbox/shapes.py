"""Posts and people as other programs see them: Town Square's own JSON, used by its API and its events alike."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mentions.sandbox.models import Person, Photo, Post

AVATARS = 8
# The only pictures there are, by name, with what they show.
IMAGES = {
    "card-terminal": _("A card terminal that shows the word declined"),
    "app-error": _("A phone with an app that shows a warning triangle"),
    "queue": _("A long queue of people before a counter"),
    "text-message": _("A phone with a text message that asks to follow a link"),
    "letter": _("A letter with a bank's window envelope"),
    "square": _("The town square with its clock tower at noon"),
}


# Addresses without the fingerprint of a release: other programs keep them for longer than one.
def image_path(name: str) -> str:
    """Where the picture is served."""
    return f"{settings.STATIC_URL}sandbox/images/{name}.png"


def photo_path(photo: Photo) -> str:
    """Where a picture that the bank brought is served."""
    return f"/sandbox/pictures/{photo.key}"


def avatar_path(person: Person) -> str:
    """Where the person's picture is served."""
    return f"{settings.STATIC_URL}sandbox/avatars/{person.avatar % AVATARS}.png"


def describe_person(person: Person, base_url: str) -> dict[str, Any]:
    """A person; `base_url` is the origin that makes addresses whole."""
    return {
        "id": person.key,
        "handle": person.handle,
        "name": person.name,
        "followers": person.followers,
        "verified": person.verified,
        "avatar": f"{base_url}{avatar_path(person)}",
        "joined_at": person.joined_at.isoformat(),
    }


def describe(post: Post, base_url: str) -> dict[str, Any]:
    """A post or message, without its replies."""
    where = f"messages/{_customer(post).handle}/#{post.key}" if post.private else f"posts/{post.key}/"
    # Only the bank brings pictures of its own.
    brought = post.photos.order_by("pk") if post.client_key is not None else ()
    return {
        "id": post.key,
        "handle": post.author.handle,
        "author": describe_person(post.author, base_url),
        "text": post.text,
        "created_at": post.created_at.isoformat(),
        "edited_at": post.edited_at.isoformat() if post.edited_at else None,
        "hidden": post.hidden_at is not None,
        "in_reply_to": post.in_reply_to.key if post.in_reply_to else None,
        "thread": post.thread,
        "private": post.private,
        "recipient": post.recipient.handle if post.recipient else None,
        "image": {"url": f"{base_url}{image_path(post.image)}", "alt": str(IMAGES[post.image])} if post.image else None,
        "pictures": [{"url": f"{base_url}{photo_path(photo)}", "alt": photo.alt} for photo in brought],
        "url": f"{base_url}/sandbox/{where}",
    }


def _customer(post: Post) -> Person:
    """Whose conversation with the bank a message belongs to."""
    return post.recipient if post.recipient and post.thread == f"dm{post.recipient.key}" else post.author
