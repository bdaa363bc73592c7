"""Posts of our own, from the draft to Town Square: a second person, their time, what holds them, and who knows them."""

import threading
import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from agents import amendment_outbox, amendments, approving, foreign, freeze, hold, originals, outbox, replies, scrutiny
from agents.cases import Refused
from agents.models import Original, Reply, ReplyState, Role
from agents.originals import Wanted
from commandcenter.posting_forms import instant
from mentions.models import OwnPost
from mentions.sandbox.models import Post
from tests.factories import make_original, make_person, make_source, make_team

pytestmark = [pytest.mark.django_db(transaction=True)]
TEXT = "All our branches close at noon on Friday."


def submit(town, by, **changes) -> Original:
    wanted = {"source": town, "team": make_team(), "title": "Friday", "text": TEXT} | changes
    return originals.submit(Wanted(**wanted), client_key=uuid.uuid4(), by=by)


def approve(original: Original, by) -> Reply:
    reply = Reply.objects.get(pk=original.pk)
    return approving.approve(reply, digest=reply.digest, by=by)


def due(original: Original, ago: timedelta = timedelta(seconds=1)) -> None:
    """Its time has come, and had come this long ago."""
    at = timezone.now() - ago
    Original.objects.filter(pk=original.pk, leave_at__isnull=False).update(leave_at=at)
    reply = Reply.objects.get(pk=original.pk)
    reply.held_until = at
    reply.save()
    reply.approvals.update(digest=scrutiny.digest_of(reply), at=max(at, reply.submitted_at))


def state(original: Original) -> str:
    return Reply.objects.get(pk=original.pk).state


def published() -> list[str]:
    return [one.text for one in Post.objects.filter(author__handle="meridian", deleted_at=None).order_by("pk")]


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)


def test_it_leaves_once_when_another_person_has_approved_it(town, priya, sam):
    wanted = submit(town, priya)
    assert state(wanted) == ReplyState.AWAITING_APPROVAL
    with pytest.raises(Refused):
        approve_own(wanted)
    approve(wanted, sam)
    senders = [threading.Thread(target=_send) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert published() == [TEXT]
    reply = Reply.objects.get(pk=wanted.pk)
    assert (reply.state, bool(reply.external_id)) == (ReplyState.SENT, True)
    with pytest.raises(PermissionDenied):
        amendments.retract(reply, by=make_person("tom"))
    amendments.retract(reply, by=sam)
    amendment_outbox.send_due()
    assert published() == []


def approve_own(original: Original) -> None:
    author = Reply.objects.select_related("author").get(pk=original.pk).author
    author.role = Role.SUPERVISOR
    author.save()
    approve(original, author)


def _send() -> None:
    try:
        outbox.send_due()
    finally:
        connection.close()


def test_it_waits_for_its_time(town, priya, sam):
    wanted = submit(town, priya, leave_at=in_an_hour())
    approve(wanted, sam)
    outbox.send_due()
    assert (published(), state(wanted)) == ([], ReplyState.HELD)
    due(wanted)
    outbox.send_due()
    assert published() == [TEXT]


@pytest.mark.parametrize("change", ["text", "time", "account"])
def test_an_approval_counts_for_nothing_else(town, priya, sam, change):
    wanted = submit(town, priya, leave_at=in_an_hour())
    approve(wanted, sam)
    Reply.objects.filter(pk=wanted.pk).update(held_until=timezone.now() - timedelta(minutes=1))
    if change == "text":
        Reply.objects.filter(pk=wanted.pk).update(text="All our branches close for good.")
    elif change == "time":
        Original.objects.filter(pk=wanted.pk).update(leave_at=timezone.now() + timedelta(minutes=1))
    else:
        Reply.objects.filter(pk=wanted.pk).update(source=make_source("other", base_url=town.base_url, handle="other"))
    outbox.send_due()
    assert (published(), state(wanted)) == ([], ReplyState.AWAITING_APPROVAL)


def test_what_was_taken_back_needs_a_new_word(town, priya, sam):
    wanted = submit(town, priya)
    key = Reply.objects.get(pk=wanted.pk).client_key
    approve(wanted, sam)
    replies.undo(wanted.reply, by=priya)
    originals.submit(Wanted(source=town, team=make_team(), title="Friday", text=TEXT), client_key=key, by=priya)
    Reply.objects.filter(pk=wanted.pk).update(state=ReplyState.HELD, held_until=timezone.now())
    outbox.send_due()
    assert (published(), state(wanted)) == ([], ReplyState.AWAITING_APPROVAL)


def test_a_hold_stops_it_and_a_person_lifts_it(town, priya, sam):
    wanted = submit(town, priya, leave_at=in_an_hour())
    approve(wanted, sam)
    due(wanted)
    hold.start(None, by=sam)
    assert hold.start(None, by=sam) is False
    outbox.send_due()
    assert (published(), state(wanted)) == ([], ReplyState.HELD)
    hold.lift(None, by=sam)
    outbox.send_due()
    assert published() == [TEXT]


def test_what_missed_its_time_while_it_was_held_returns_to_its_author(town, priya, sam):
    wanted = submit(town, priya, leave_at=in_an_hour())
    approve(wanted, sam)
    hold.start(None, by=sam)
    due(wanted, ago=timedelta(minutes=16))
    hold.lift(None, by=sam)
    outbox.send_due()
    reply = Reply.objects.get(pk=wanted.pk)
    assert (published(), reply.state) == ([], ReplyState.DRAFT)
    assert "Its time passed" in reply.returned_reason


def test_an_incidents_own_statement_passes_its_hold_and_nobody_elses(town, priya, sam):
    statement = submit(town, priya, incident=7, text="Our app does not answer. We are working on it.")
    notice = submit(town, priya)
    for one in (statement, notice):
        approve(one, sam)
    hold.start(7, by=sam)
    outbox.send_due()
    assert published() == ["Our app does not answer. We are working on it."]
    assert state(notice) == ReplyState.HELD


def test_a_freeze_stops_it_too(town, priya, sam):
    approve(submit(town, priya), sam)
    freeze.start(by=sam)
    outbox.send_due()
    assert published() == []


def test_a_hold_that_is_set_waits_for_what_is_just_leaving_and_nothing_leaves_after_it(town, priya, sam):
    started, order = threading.Event(), []

    def set_hold() -> None:
        try:
            with transaction.atomic():
                started.set()
                hold.start(None, by=sam)
                order.append("held")
        finally:
            connection.close()

    with transaction.atomic():
        assert hold.stops() is False
        other = threading.Thread(target=set_hold)
        other.start()
        started.wait(5)
        other.join(0.3)
        order.append("left")
    other.join(5)
    assert order == ["left", "held"]
    with transaction.atomic():
        assert hold.stops() is True


def test_its_echo_is_no_foreign_post(town, priya, sam):
    wanted = submit(town, priya)
    approve(wanted, sam)
    outbox.send_due()
    reply = Reply.objects.get(pk=wanted.pk)
    now = timezone.now()
    echo = OwnPost(
        source=town, network="townsquare", external_id=reply.external_id, visibility="public", text=TEXT, network_at=now
    )
    echo.compare_from = now
    assert foreign.judge(echo, now).verdict == "ours"


def test_an_unanswered_send_is_found_by_its_key_and_not_sent_twice(town, priya, sam):
    wanted = submit(town, priya)
    approve(wanted, sam)
    outbox.send_due()
    Reply.objects.filter(pk=wanted.pk).update(
        state=ReplyState.SENDING, external_id="", sent_at=None, sending_at=timezone.now() - timedelta(minutes=2)
    )
    outbox.settle()
    outbox.send_due()
    assert (published(), state(wanted)) == ([TEXT], ReplyState.SENT)


def test_what_the_guard_blocks_stays_a_draft_and_a_past_time_is_refused(town, priya):
    blocked = submit(town, priya, text="Earn 4.5% APY, guaranteed. Send your PIN to 4111 1111 1111 1111.")
    reply = Reply.objects.get(pk=blocked.pk)
    assert reply.state == ReplyState.DRAFT
    assert "4111 1111" not in reply.text
    with pytest.raises(Refused):
        submit(town, priya, leave_at=timezone.now() - timedelta(minutes=1))


def test_wall_clocks_across_the_change_of_time():
    charlotte = ZoneInfo("America/New_York")
    assert instant(datetime(2027, 3, 14, 2, 30), charlotte) is None  # noqa: DTZ001
    assert instant(datetime(2027, 3, 14, 9, 0), charlotte) == datetime(2027, 3, 14, 13, tzinfo=UTC)  # noqa: DTZ001
    assert instant(datetime(2027, 3, 13, 9, 0), charlotte) == datetime(2027, 3, 13, 14, tzinfo=UTC)  # noqa: DTZ001
    assert instant(datetime(2027, 11, 7, 1, 30), charlotte) == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)  # noqa: DTZ001


def test_the_pages_show_what_is_planned_and_what_holds_it(town, priya, sam, client):
    wanted = submit(town, priya, leave_at=in_an_hour())
    approve(wanted, sam)
    client.force_login(sam, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/posts/hold/")
    shown = client.get("/posts/").content.decode()
    assert "Friday" in shown
    assert "holds everything that is scheduled" in shown
    assert "approved by Sam" in shown
    assert client.get("/posts/new/").status_code == 200
    assert TEXT in client.get(f"/posts/{wanted.pk}/").content.decode()
    form = {"title": "A", "kind": "notice", "source": town.pk, "team": make_team().pk, "text": "Closed on Monday."}
    answer = client.post("/posts/write/", form | {"client_key": uuid.uuid4(), "deed": "submit"})
    assert (answer.status_code, Original.objects.count()) == (302, 2)


def test_what_was_sent_is_found_again_however_long_ago(town, sam, client):
    for number in range(35):
        row = make_original(town, f"Notice {number:02}", team=make_team(), author=sam)
        sent = timezone.now() - timedelta(days=40 + number)
        Reply.objects.filter(pk=row.pk).update(
            state=ReplyState.SENT, sent_at=sent, external_id=f"x{number}", text=f"word{number}"
        )
    client.force_login(sam, backend="django.contrib.auth.backends.ModelBackend")
    first, second = (client.get("/posts/", {"page": page}).content.decode() for page in (1, 2))
    assert [f"Notice {n}" in first for n in ("00", "34")] == [f"Notice {n}" in second for n in ("34", "00")]
    assert "Notice 00" in first
    for asked in ("notice 31", "WORD31"):
        found = client.get("/posts/", {"q": asked}).content.decode()
        assert ("Notice 31" in found, "Notice 30" in found, "1 found" in found) == (True, False, True)
    assert client.get("/posts/", {"q": "\0%_", "page": "x"}).status_code == 200
