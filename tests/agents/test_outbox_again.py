"""What may have gone out and is sent again: under which key, with which words, and never beside what took its place."""

import uuid
from dataclasses import replace

import pytest
from django.utils import timezone

from agents import approving, originals, outbox, outcomes, replies
from agents.cases import Refused
from agents.desk.reading import Reading
from agents.desk.thread import thread
from agents.models import Reply, ReplyState
from agents.originals import Wanted
from mentions.networks import Published
from mentions.sandbox import faults
from mentions.sandbox.models import Post
from tests.agents.leaving import given_up, plan, published
from tests.agents.standing import GOOD
from tests.factories import make_team

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("saved", [False, True])
def test_other_words_than_the_network_may_have_taken_go_under_a_key_of_their_own(saved, town, priya):
    first = replies.undo(replies.retry(given_up(town, priya, dropping=1), by=priya), by=priya)
    found, key, other = first.conversation, first.client_key, "Please write to us in private."
    if saved:
        replies.save_draft(found.pk, text=f"{other}..", visibility="public", client_key=key, by=priya)
        replies.save_draft(found.pk, text=f"{other}.", visibility="public", client_key=key, by=priya)
    asked = {"text": other, "visibility": "public", "seen_version": found.version, "client_key": key, "by": priya}
    replies.submit(found.pk, **asked)
    replies.submit(found.pk, **asked)
    outbox.send_due()
    replies.submit(found.pk, **asked)
    assert published() == [GOOD, other]
    stands = {one.text: f"ts:{one.key}" for one in Post.objects.filter(author__handle="meridian")}
    then, sent = Reply.objects.order_by("pk")
    assert (sent.text, sent.state, sent.external_id) == (other, ReplyState.SENT, stands[other])
    assert (then.text, then.state, then.client_key) == (GOOD, ReplyState.FAILED, key)
    outcomes.confirm(then.pk, Published(stands[GOOD], None, timezone.now()))
    assert set(Reply.objects.values_list("text", "state")) == {(GOOD, "sent"), (other, "sent")}


def test_the_same_words_go_under_the_key_that_the_network_knows(town, priya):
    reply = replies.undo(replies.retry(given_up(town, priya, dropping=1), by=priya), by=priya)
    seen = reply.conversation.version
    again = {"text": GOOD, "visibility": "public", "seen_version": seen, "client_key": uuid.uuid4(), "by": priya}
    replies.submit(reply.conversation_id, **again)
    outbox.send_due()
    assert (published(), Reply.objects.get().state) == ([GOOD], ReplyState.SENT)


def test_what_somebody_has_begun_to_write_does_not_leave_with_what_is_tried_again(town, priya):
    reply = given_up(town, priya, failing=1)
    begun = {"text": "And another thing", "visibility": "public", "client_key": uuid.uuid4(), "by": priya}
    replies.save_draft(reply.conversation_id, **begun)
    replies.undo(replies.retry(reply, by=priya), by=priya)
    assert Reply.objects.get(state=ReplyState.DRAFT).text == f"{GOOD}\n\nAnd another thing"
    reply.refresh_from_db()
    assert (reply.state, reply.text) == (ReplyState.FAILED, GOOD)
    replies.retry(reply, by=priya)
    outbox.send_due()
    assert published() == [GOOD]


def test_other_words_of_a_post_of_our_own_are_another_post(town, priya, sam):
    faults.set_faults(dropping=1)
    original = plan(town, priya, sam).original
    outbox.send_due()
    outcomes.resolve(original.reply, went_out=False, by=priya)
    originals.reopen(original, by=priya)
    key, other = original.reply.client_key, "All branches close at one on Friday."
    wanted = Wanted(source=town, team=original.team, title="Friday", text=other)
    blocked = originals.submit(replace(wanted, text="My number is 4111 1111 1111 1111."), client_key=key, by=priya)
    assert blocked.reply.state == ReplyState.DRAFT
    originals.save(wanted, client_key=key, by=priya)
    for _press in range(2):
        originals.submit(wanted, client_key=key, by=priya)
    again = Reply.objects.get(state=ReplyState.AWAITING_APPROVAL)
    assert (again.pk, again.text) == (blocked.pk, other)
    with pytest.raises(Refused, match="in its place"):
        originals.reopen(original, by=priya)
    approving.approve(again, digest=again.digest, by=sam)
    outbox.send_due()
    assert published() == [original.reply.text, other]
    assert list(Reply.objects.order_by("pk").values_list("state", "text")) == [
        ("failed", original.reply.text),
        ("sent", other),
    ]


def test_a_post_whose_lines_only_end_differently_goes_under_the_key_that_its_network_knows(town, priya, sam):
    faults.set_faults(dropping=1)
    wanted = Wanted(source=town, team=make_team(), title="Friday", text="We close at noon\non Friday.")
    reply = originals.submit(wanted, client_key=uuid.uuid4(), by=priya).reply
    approving.approve(reply, digest=reply.digest, by=sam)
    outbox.send_due()
    outcomes.resolve(reply, went_out=False, by=priya)
    originals.reopen(reply.original, by=priya)
    said = replace(wanted, text="We close at noon\r\non Friday.\r\n")
    originals.save(said, client_key=reply.client_key, by=priya)
    originals.submit(said, client_key=reply.client_key, by=priya)
    again = Reply.objects.get()
    approving.approve(again, digest=again.digest, by=sam)
    outbox.send_due()
    assert (published(), Reply.objects.get().text) == ([wanted.text], wanted.text)


def test_saving_what_was_taken_back_untouched_keeps_its_words_and_its_key(town, priya):
    """A page saves by another encoding than it sends by, and what is saved is masked."""
    lines = "Please write to us\nabout case 4929 0000 1234 5678."
    reply = replies.undo(replies.retry(given_up(town, priya, dropping=1), by=priya), by=priya)
    Reply.objects.update(text=lines)
    said = {"text": lines.replace("\n", "\r\n"), "visibility": "public", "client_key": uuid.uuid4(), "by": priya}
    replies.save_draft(reply.conversation_id, **said)
    assert Reply.objects.get().text == lines


def test_what_was_left_behind_does_not_follow_what_was_sent_in_its_place(town, priya):
    then = replies.undo(replies.retry(given_up(town, priya, dropping=1), by=priya), by=priya)
    found = then.conversation
    said = {"text": "Please write to us in private.", "visibility": "public", "seen_version": found.version}
    replies.submit(found.pk, **said, client_key=uuid.uuid4(), by=priya)
    outbox.send_due()
    then.refresh_from_db()
    assert Reply.objects.filter(state=ReplyState.SENT).count() == 1
    with pytest.raises(Refused, match="has been sent"):
        replies.retry(then, by=priya)
    (shown,) = (one for one in thread(Reading(found, priya)) if one.kind == "reply" and one.id == then.pk)
    assert (shown.state, shown.can["retry"]) == (ReplyState.FAILED, False)
