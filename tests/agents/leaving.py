"""What leaves for Town Square, and what is said of it there, for tests of the way out."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from agents import approving, cases, originals, outbox, outcomes, replies
from agents.models import Reply, ReplyState, User
from agents.originals import Wanted
from mentions import intake
from mentions.models import Mention, Source
from mentions.sandbox import faults, square
from mentions.sandbox.models import Post
from tests.agents.standing import GOOD
from tests.factories import make_team, post


def write(town: Source, who: str = "dana", text: str = "@meridian my card was declined") -> Mention:
    """A customer's post on Town Square, as the webhook would bring it."""
    written = square.write(who, text)
    author = {"id": f"ts:{written.author.key}", "handle": written.author.handle}
    intake.receive(town, [post(written.text, external_id=f"ts:{written.key}", author=author)])
    return Mention.objects.latest("pk")


def answer(town: Source, by: User, who: str = "dana") -> Reply:
    """A reply to a new post of a customer's, held."""
    found = write(town, who).conversation
    cases.claim(found.pk, by=by)
    found.refresh_from_db()
    key = uuid.uuid4()
    return replies.submit(found.pk, text=GOOD, visibility="public", seen_version=found.version, client_key=key, by=by)


def plan(town: Source, by: User, sam: User) -> Reply:
    """A post of our own, approved and due."""
    wanted = Wanted(source=town, team=make_team(), title="Friday", text="All branches close at noon on Friday.")
    reply = originals.submit(wanted, client_key=uuid.uuid4(), by=by).reply
    return approving.approve(reply, digest=reply.digest, by=sam)


def published() -> list[str]:
    return [one.text for one in Post.objects.filter(author__handle="meridian", deleted_at=None).order_by("pk")]


def later(**by: float) -> None:
    """Time goes by for whatever waits to be asked or called again."""
    Reply.objects.filter(next_try_at__isnull=False).update(next_try_at=timezone.now())
    Reply.objects.filter(state=ReplyState.HELD).update(held_until=timezone.now())
    Reply.objects.update(sending_at=F("sending_at") - timedelta(**by))
    for reply in Reply.objects.exclude(answers=[]):
        told = [a | {"at": (datetime.fromisoformat(a["at"]) - timedelta(**by)).isoformat()} for a in reply.answers]
        Reply.objects.filter(pk=reply.pk).update(answers=told)


def given_up(town: Source, by: User, **faulty: int) -> Reply:
    """A reply whose network gave no answer, and of which a person says that it did not go out."""
    faults.set_faults(**faulty)
    reply = answer(town, by)
    outbox.send_due()
    return outcomes.resolve(reply, went_out=False, by=by)
