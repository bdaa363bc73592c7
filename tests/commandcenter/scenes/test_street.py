"""What strangers may not read: ten thousand canary words in every private field, and none of them in any byte."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.models import Note, Role
from commandcenter import scenes
from commandcenter.models import HandOver, Profile
from mentions.models import Conversation, Mention, MentionContent
from tests.commandcenter.announced import make_campaign
from tests.commandcenter.history import ago, hear, settle
from tests.factories import make_original, make_person, make_queue, make_rule, make_site, make_source

pytestmark = pytest.mark.django_db

WORD = "quillfeather"
POSTS = 1000


def canary(number: int, field: str) -> str:
    return f"{WORD}{number}{field}"


@pytest.fixture
def secrets(db):
    """A thousand conversations whose ten fields each hold a word of their own, and a house full of such names."""
    queue = make_queue("care", name=canary(0, "queue"))
    make_rule(queue, actionable="true", reason="needs an answer")
    source = make_source(name=canary(0, "source"))
    person = make_person(canary(0, "staff"), role=Role.SUPERVISOR, last_name=canary(1, "staff"))
    first = hear(source, "@bank help", at=ago(minutes=20))
    settle()
    author, conversation, content = first.author, first.conversation, MentionContent.objects.get(pk=first.pk)
    numbers = range(POSTS)
    for row in (author, conversation, first):
        row.pk = None
    authors = type(author).objects.bulk_create(
        type(author)(
            network="townsquare",
            external_id=canary(n, "author"),
            handle=canary(n, "handle"),
            name=canary(n, "name"),
            first_seen_at=ago(hours=1),
        )
        for n in numbers
    )
    fields = {f.attname: getattr(conversation, f.attname) for f in Conversation._meta.fields if not f.primary_key}
    conversations = Conversation.objects.bulk_create(
        Conversation(
            **fields
            | {
                "author_id": one.pk,
                "thread_key": canary(n, "thread"),
                "routed_why": canary(n, "why"),
                "pending_note": canary(n, "pending"),
                "tags": [canary(n, "tag")],
                "actionable_reason": canary(n, "reason"),
                "due_at": ago(minutes=1),
            }
        )
        for n, one in zip(numbers, authors, strict=True)
    )
    fields = {f.attname: getattr(first, f.attname) for f in Mention._meta.fields if not f.primary_key}
    mentions = Mention.objects.bulk_create(
        Mention(
            **fields
            | {
                "external_id": canary(n, "post"),
                "author_id": author.pk,
                "conversation_id": talk.pk,
                "place": canary(n, "place"),
                "country": "US",
                "visibility": "private" if n % 2 else "public",
                "topics": [canary(n, "t")],
            }
        )
        for n, author, talk in zip(numbers, authors, conversations, strict=True)
    )
    MentionContent.objects.bulk_create(
        MentionContent(mention=one, text=canary(n, "text"), author_handle=canary(n, "h"), author_name=canary(n, "n"))
        for n, one in zip(numbers, mentions, strict=True)
    )
    Note.objects.bulk_create(
        Note(conversation=one, author=person, text=canary(n, "note"), at=ago(minutes=5))
        for n, one in zip(numbers, conversations, strict=True)
    )
    assert content.text
    site = make_site(name=canary(0, "site"))
    HandOver.objects.create(site=site, text=canary(0, "handover"), author=person, at=ago(hours=1))
    make_original(source, canary(0, "planned"), leave_at=timezone.now() + timedelta(hours=1))
    today = timezone.now().date()
    make_campaign(name=canary(0, "campaign"), hashtag="hidden", first_day=today, last_day=today)


def test_no_private_word_is_in_any_byte_for_strangers(secrets):
    for key in scenes.known():
        for language in ("en", "es"):
            frame = scenes.render(key, Profile.STREET, language)
            assert WORD not in frame.text, key
    assert WORD in "".join(scenes.render(key, Profile.INTERNAL, "en").text for key in scenes.known())


def test_only_what_is_for_strangers_shows_them_anything(db):
    assert {key for key in scenes.known() if scenes.get(key).strangers} <= {"pulse", "river", "campaign", "notice"}
    for key in scenes.known():
        if not scenes.get(key).strangers:
            assert 'class="slate"' in scenes.render(key, Profile.STREET, "en").html
