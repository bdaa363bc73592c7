"""Streams as the product holds them: nothing lost, nothing doubled, whatever breaks off, and everybody can see it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.models import Role
from mentions import rulebook, sources
from mentions.listening import lookback, searches
from mentions.models import Gap, Mention, MentionContent, Reject, SavedSearch, Source, Stream
from mentions.networks import Registration, _atproto, _chat
from mentions.networks.bluesky import Bluesky
from mentions.sources import delivery, gaps, health, quota, streams, sweep
from mentions.streaming import holding, keeping
from mentions.streaming.holding import Holder, _note_gap
from mentions.streaming.keeping import Streams
from tests.factories import make_person, make_queue, make_source
from tests.faults.cuts import superuser
from tests.mentions.networks.peer_bluesky import BANK, CUSTOMER, PASSWORD, BlueskyPeer, serve

pytestmark = [pytest.mark.django_db(transaction=True)]
SECONDS = 15


@pytest.fixture
def peer() -> Iterator[BlueskyPeer]:
    _atproto._kept.clear()
    with serve() as network:
        yield network


@pytest.fixture
def source(peer: BlueskyPeer) -> Source:
    make_queue()
    rulebook.forget()
    secrets = {"token": peer.tokens[0], "password": PASSWORD}
    return make_source(
        "bluesky",
        network="bluesky",
        base_url=peer.account.base_url,
        handle="bank.test",
        account_id=BANK,
        settings={"jetstream": peer.jetstream.url},
        secrets=sources.seal(secrets),
        poll_every_s=30,
        next_poll_at=timezone.now() + timedelta(hours=1),
    )


@pytest.fixture
def held(source: Source) -> Iterator[Streams]:
    holding = Streams()
    yield holding
    holding.end()


def until(holding: Streams | None, happened: Callable[[], object], what: str = "it") -> Any:
    deadline = time.monotonic() + SECONDS
    while not (found := happened()):
        assert time.monotonic() < deadline, f"{what} did not happen: {list(Stream.objects.values())}"
        if holding is not None:
            holding.tick()
        time.sleep(0.02)
    return found


def live(source: Source) -> bool:
    return Stream.objects.filter(source=source, live_since__isnull=False).exists()


def texts() -> list[str]:
    return sorted(MentionContent.objects.values_list("text", flat=True))


def kinds() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM mentions_event WHERE kind LIKE 'source.%' ORDER BY id")
        return [kind for (kind,) in cursor.fetchall()]


def test_what_comes_is_stored_with_its_cursor_and_the_clock_may_rest(
    peer: BlueskyPeer, source: Source, held: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "SAID_EVERY_S", 0.1)
    until(held, lambda: live(source), "the connection")
    wanted = peer.write("my card was declined")
    until(held, lambda: "my card was declined" in texts(), "the post")
    stream = Stream.objects.get()
    assert stream.cursor["at"] == peer.jetstream.log[-1][0]
    source.refresh_from_db()
    assert source.next_poll_at is not None
    assert source.next_poll_at <= timezone.now()  # what came before the stream was open is asked for
    assert sources.poll(source, now=timezone.now())
    source.refresh_from_db()
    assert source.next_poll_at - timezone.now() < timedelta(minutes=1)  # what our account passes on is not streamed
    monkeypatch.setattr(Bluesky, "streams_own", True)
    assert sources.poll(source, now=timezone.now())
    source.refresh_from_db()
    assert source.next_poll_at - timezone.now() > timedelta(minutes=9)
    assert texts() == ["my card was declined"]
    told = health.health(source, now=timezone.now())
    assert (told.state, told.words) == ("live", "Live, as it happens")
    (heard,) = streams.of(source, now=timezone.now())
    assert heard.state == "live"

    peer.edit(wanted, "my card was declined twice")
    until(held, lambda: "my card was declined twice" in texts(), "the edit")
    another = peer.write("and so was mine")
    until(held, lambda: len(texts()) == 2, "the second post")
    peer.delete(another)
    until(held, lambda: Mention.objects.filter(deleted_at__isnull=False).count() == 1, "the deletion")
    peer.close_account(CUSTOMER)
    until(held, lambda: Mention.objects.filter(deleted_at__isnull=False).count() == 2, "the closed account")
    assert texts() == []
    until(held, lambda: Stream.objects.get().delivered >= 1, "what was delivered is counted")
    assert quota.forecast(source, now=timezone.now()).streamed_30_days >= 1


def test_a_break_is_told_asked_for_by_the_clock_and_goes_on_from_the_cursor(
    peer: BlueskyPeer, source: Source, held: Streams
) -> None:
    until(held, lambda: live(source), "the connection")
    peer.write("before")
    until(held, lambda: texts() == ["before"], "the first post")
    assert sources.poll(source, now=timezone.now())
    elsewhere = peer.account.settings["jetstream"].replace("127.0.0.1", "localhost") + "/gone"
    closed = "ws://127.0.0.1:9/subscribe"
    Source.objects.update(settings={"jetstream": closed})
    until(held, lambda: Stream.objects.filter(error__contains="cannot be reached").exists(), "the refusal")
    peer.write("meanwhile")
    source.refresh_from_db()
    assert source.next_poll_at <= timezone.now()
    assert source.blind_since is None
    assert health.health(source, now=timezone.now()).words == "Live, asked by the clock"
    stream = Stream.objects.get()
    assert stream.next_at > timezone.now()
    assert stream.failures >= 1
    Source.objects.update(settings={"jetstream": peer.jetstream.url})
    Stream.objects.update(next_at=None)
    until(held, lambda: live(source), "the next connection")
    until(held, lambda: texts() == ["before", "meanwhile"], "what was written meanwhile")
    assert int(peer.jetstream.asked[-1]["cursor"][0]) <= stream.cursor["at"]
    assert elsewhere not in peer.jetstream.asked
    assert kinds().count("source.stream_live") == 2


def test_while_a_stream_lives_a_question_that_fails_makes_nobody_blind(
    peer: BlueskyPeer, source: Source, held: Streams
) -> None:
    until(held, lambda: live(source), "the connection")
    Source.objects.update(base_url="http://127.0.0.1:9")
    source.refresh_from_db()
    assert not sources.poll(source, now=timezone.now())
    source.refresh_from_db()
    assert source.blind_since is None
    assert source.last_error
    held.end()
    Stream.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    keeping._note_silent()
    assert Stream.objects.get().live_since is None
    assert not sources.poll(source, now=timezone.now())
    source.refresh_from_db()
    assert source.blind_since is not None


def test_a_question_that_fails_blinds_where_what_streams_leaves_messages_out(
    peer: BlueskyPeer, source: Source, held: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    until(held, lambda: live(source), "the connection")
    monkeypatch.setattr(_chat, "connected", lambda _account: True)
    Source.objects.update(base_url="http://127.0.0.1:9", next_poll_at=None)
    source.refresh_from_db()
    streams.let_rest(source, now=timezone.now())
    source.refresh_from_db()
    assert source.next_poll_at is None  # the usual pause stands
    assert not sources.poll(source, now=timezone.now())
    source.refresh_from_db()
    assert source.blind_since is not None
    assert source.gaps.filter(ended_at=None).count() == 1


@pytest.mark.parametrize(("problem", "rests"), [("", True), ("X has no place for us", False)])
def test_x_is_asked_for_messages_as_often_as_ever_unless_it_says_that_it_delivers(
    db: None, problem: str, rests: bool
) -> None:
    now = timezone.now()
    told = delivery.following(None, Registration(problem), now=now).stored()
    x = make_source("x", network="x", hook=told, poll_every_s=60, next_poll_at=None)
    Stream.objects.create(source=x, name="posts", live_since=now, seen_at=now)
    streams.let_rest(x, now=now)
    x.refresh_from_db()
    assert (x.next_poll_at is not None) == rests
    assert streams.hears_all(x, now=now) == rests


def test_what_cannot_be_stored_is_set_aside_and_keeps_nothing_else_from_it(
    peer: BlueskyPeer, source: Source, held: Streams
) -> None:
    with superuser() as admin:
        admin.execute("ALTER TABLE mentions_mentioncontent ADD CONSTRAINT no_poison CHECK (text <> 'poison')")
        try:
            peer.write("good one")
            peer.write("poison")
            peer.say(peer.poison_event())
            peer.say("{torn")
            peer.write("good two")
            Stream.objects.create(source=source, name="jetstream", cursor={"at": peer.jetstream.log[0][0]})
            until(held, lambda: texts() == ["good one", "good two"], "both posts")
            until(held, lambda: Reject.objects.count() == 3, "what was set aside")
            assert live(source)
            at = peer.jetstream.log[-1][0]
            until(held, lambda: Stream.objects.get().cursor["at"] == at, "the cursor")
        finally:
            held.end()
            admin.execute("ALTER TABLE mentions_mentioncontent DROP CONSTRAINT no_poison")


def test_who_does_not_hold_a_stream_any_more_stores_nothing(peer: BlueskyPeer, source: Source) -> None:
    first = Holder(source, "jetstream")
    first.start()
    until(None, lambda: live(source), "the first connection")
    second = Holder(source, "jetstream")
    second._take_over(timezone.now())
    peer.write("hello")
    first.join(SECONDS)
    assert not first.is_alive()
    assert texts() == []
    assert Stream.objects.get().cursor == {}


def test_keys_that_are_refused_in_the_middle_stop_the_source_until_they_are_mended(
    peer: BlueskyPeer, source: Source, held: Streams
) -> None:
    until(held, lambda: live(source), "the connection")
    peer.expire_stream()
    until(held, lambda: Source.objects.filter(refused_at__isnull=False).exists(), "the refusal")
    until(held, lambda: not held.held, "the end")
    assert "source.reauthorise" in kinds()
    assert health.health(Source.objects.get(), now=timezone.now()).state == "reauthorise"


def test_a_search_hears_what_fits_it_and_nothing_else(peer: BlueskyPeer, source: Source, held: Streams) -> None:
    wanted = searches.Wanted(
        "Airport", "airport AND NOT lang:de", SavedSearch.Subject.INDUSTRY, accounts=frozenset({source.pk})
    )
    searches.save(wanted, by=None)
    asked = Source.objects.get(via=source)
    Source.objects.filter(pk=asked.pk).update(next_poll_at=timezone.now() + timedelta(hours=1))
    until(held, lambda: live(source), "the connection")
    peer.write_to_nobody("the weather")
    peer.write_to_nobody("the bank's machine at the airport ate my card")
    until(held, lambda: texts(), "what fits")
    assert [mention.source_id for mention in Mention.objects.all()] == [asked.pk]
    assert streams.searching(source, now=timezone.now())


def test_an_absence_longer_than_the_stream_keeps_is_a_gap_that_asking_fills(
    peer: BlueskyPeer, source: Source, held: Streams
) -> None:
    long_ago = timezone.now() - timedelta(days=2)
    Source.objects.update(last_ok_at=long_ago)
    Stream.objects.create(source=source, name="jetstream", cursor={"at": 1}, seen_at=long_ago, lost_at=long_ago)
    until(held, lambda: live(source), "the connection")
    gap = Gap.objects.get()
    assert (gap.started_at, gap.reason, gap.state) == (long_ago, Gap.Reason.STOPPED, Gap.Status.FILLING)
    source.refresh_from_db()
    _note_gap(source, since=long_ago, until=timezone.now())
    assert Gap.objects.count() == 1
    assert sources.poll(source, now=timezone.now())
    gap.refresh_from_db()
    assert gap.state == Gap.Status.FILLED


def test_copies_are_looked_up_later_where_deletions_are_told(source: Source) -> None:
    now = timezone.now()
    turn = now - timedelta(hours=14)
    Source.objects.update(swept_at=turn)
    source.refresh_from_db()
    assert not sweep._told_of_deletions(source, now)
    row = Stream.objects.create(source=source, name="jetstream", live_since=turn, seen_at=now)
    assert sweep._told_of_deletions(source, now)
    row.live_since = now - timedelta(hours=1)
    row.save()
    assert not sweep._told_of_deletions(source, now)


def test_a_new_search_looks_back_once_as_far_as_its_network_goes_and_enters_no_queue(
    peer: BlueskyPeer, source: Source
) -> None:
    for number in range(120):
        peer.write_to_nobody(f"airport {number}")
    peer.write_to_nobody("the weather")
    wanted = searches.Wanted(
        "Airport", "airport", SavedSearch.Subject.OURS, enters_queues=True, accounts=frozenset({source.pk})
    )
    search = searches.save(wanted, by=None)
    gap = Gap.objects.get(reason=Gap.Reason.BEFORE)
    assert gaps.touching(timezone.now() - timedelta(days=1), timezone.now()) == []
    while lookback.look_back():
        pass
    gap.refresh_from_db()
    assert (gap.state, gap.found) == (Gap.Status.FILLED, 120)
    assert Mention.objects.filter(source=gap.source, conversation=None).count() == 120
    searches.save(wanted, by=None, search=search)
    assert Gap.objects.count() == 1


def test_the_set_up_page_says_of_each_stream_how_it_is(source: Source, client: Client) -> None:
    root = make_person("root", role=Role.ADMINISTRATOR)
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    now = timezone.now()
    lives = Stream.objects.create(source=source, name="jetstream", live_since=now, seen_at=now)
    Stream.objects.create(source=source, name="other", lost_at=now, error="Bluesky's stream: it broke off")
    page = client.get(reverse("agents:source", args=[source.pk])).content.decode()
    assert "Stream “jetstream”" in page
    assert "Live, as it happens" in page
    assert "Broken off; the network is asked by the clock" in page
    assert "it broke off" in page
    Stream.objects.filter(pk=lives.pk).update(seen_at=now - timedelta(minutes=2))
    assert (
        "Silent; the network is asked by the clock"
        in client.get(reverse("agents:source", args=[source.pk])).content.decode()
    )
