"""A conversation as one person opens it: what several parts of its page need is read once, when the first needs it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from django.db.models import Prefetch
from django.utils import timezone

from agents import access, addresses, muting, pictures, scrutiny
from agents.models import Amendment, Approval, Case, Note, Reply, ReplyState, Team, User
from mentions import events
from mentions.events import Event
from mentions.models import Conversation, Mention, Mute

NEWEST = 200


class Reading:
    """One conversation before one person's eyes at one moment. The conversation comes with author, source and queue."""

    def __init__(self, conversation: Conversation, user: User, now: datetime | None = None) -> None:
        self.conversation, self.user = conversation, user
        self.now = now or timezone.now()

    @cached_property
    def case(self) -> Case | None:
        """The spell of work that runs."""
        return Case.objects.select_related("owner").filter(conversation=self.conversation, ended_at=None).first()

    @property
    def owner(self) -> User | None:
        """Who has it."""
        return self.case.owner if self.case else None

    @property
    def mine(self) -> bool:
        """Whether this person has it."""
        return self.case is not None and self.case.owner_id == self.user.pk

    @cached_property
    def history(self) -> list[Event]:
        """What happened, newest first."""
        return events.of_conversation(self.conversation.pk, limit=NEWEST)

    @cached_property
    def people(self) -> dict[int, User]:
        """The people of the history."""
        return named(self.history, known=[self.user, *([self.owner] if self.owner else [])])

    @cached_property
    def mentions(self) -> list[Mention]:
        """What the customer wrote, newest first."""
        return list(
            Mention.objects.filter(conversation=self.conversation)
            .select_related("content", "author")
            .prefetch_related("heard_by__search")
            .order_by("-occurred_at")[:NEWEST]
        )

    @cached_property
    def newest(self) -> Mention | None:
        """The post that lists show."""
        last = self.conversation.last_mention_id
        read = next((mention for mention in self.mentions if mention.pk == last), None)
        return read or Mention.objects.select_related("content").filter(pk=last).first()

    @cached_property
    def answerable(self) -> Mention | None:
        """The post that an answer answers."""
        if len(self.mentions) < NEWEST:
            return addresses.newest_of(self.conversation, self.mentions)
        return addresses.answerable(self.conversation)

    @cached_property
    def notes(self) -> list[Note]:
        """What colleagues wrote for each other."""
        return list(Note.objects.filter(conversation=self.conversation).select_related("author"))

    @cached_property
    def replies(self) -> list[Reply]:
        """Everything we sent or are about to, and drafts."""
        return list(
            Reply.objects.filter(conversation=self.conversation)
            .select_related("author", "source", "target__author")
            .prefetch_related(
                Prefetch("amendments", Amendment.objects.select_related("person").order_by("pk")),
                Prefetch("approvals", Approval.objects.select_related("person").order_by("pk")),
                "pictures",
            )
        )

    @cached_property
    def mute(self) -> Mute | None:
        """The word that its author is muted, if it holds."""
        return muting.running(self.conversation.author_id, self.now)

    @property
    def draft(self) -> Reply | None:
        """What this person is writing; drafts belong to their writers alone."""
        own = (reply for reply in self.replies if reply.author_id == self.user.pk)
        return next((reply for reply in own if reply.state == ReplyState.DRAFT), None)

    @property
    def left(self) -> list[Reply]:
        """What colleagues have begun to write here, for whoever has the conversation now."""
        begun = [reply for reply in self.replies if reply.state == ReplyState.DRAFT and reply.author_id != self.user.pk]
        return [reply for reply in begun if self.mine and (reply.text.strip() or pictures.of(reply))]

    @property
    def came_back(self) -> str:
        """Which reply came back to this person, so that an open page notices that one did; empty if none has."""
        return str(self.draft.pk) if self.draft is not None and self.draft.returned_reason else ""

    @cached_property
    def colleagues(self) -> list[User]:
        """Who could have it."""
        return list(access.colleagues(self.user, self.conversation.queue))

    @cached_property
    def teams(self) -> list[Team]:
        """The teams whose rules bind what this person writes here, that of its queue first."""
        return scrutiny.teams_binding(self.conversation, self.user)


def named(history: Iterable[Event], known: Iterable[User] = ()) -> dict[int, User]:
    """The people of these events by key; those in hand already are not asked for."""
    found = {person.pk: person for person in known}
    ids = {event.actor_id for event in history if event.actor == "person" and event.actor_id is not None}
    return found | {person.pk: person for person in User.objects.filter(pk__in=ids - found.keys())}
