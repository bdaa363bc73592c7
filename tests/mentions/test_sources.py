"""Sources: what was missed is known and made good, and what is gone goes here. The network is Town Square."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from agents.desk import thread
from agents.desk.reading import Reading
from mentions import events, intake, networks, sandbox, sources
from mentions.models import Beside, Consumer, Conversation, Gap, Mention, MentionContent, Reject, Source
from mentions.networks import NetworkError, Rate
from mentions.networks.townsquare import TownSquare, signed
from mentions.sandbox import square
from mentions.sources import beside, gaps, gate, health, managing, sweep, watch
from mentions.sources.gaps import NotAGap
from tests.factories import make_person, make_source, post
from tests.faults.cuts import cut_whoever_waits, locked
from tests.mentions.watching import AGO, everything, fresh, kinds, poll

pytestmark = [pytest.mark.django_db(transaction=True)]


class TestGaps:
    def test_an_outage_is_a_gap_from_when_it_last_saw_until_it_was_filled(self, town: Source) -> None:
        before = fresh(town).last_ok_at
        Source.objects.update(base_url="http://localhost:9/sandbox")
        assert not poll(town)
        square.write("customer42", "@meridian is anybody there?")
        assert health.health(fresh(town), now=timezone.now()).state == "blind"
        (blind,) = everything()
        assert (blind.since, blind.until, blind.lost) == (before, None, False)

        Source.objects.update(base_url=sandbox.models.Settings.current().base_url + "/sandbox")
        assert poll(town)
        gap = Gap.objects.get()
        assert (gap.state, gap.found) == ("filled", 1)
        assert everything() == []
        assert health.health(fresh(town), now=timezone.now()).state == "live"
        assert kinds() == ["source.blind", "source.sees_again", "source.gap_filled"]

    def test_what_the_network_no_longer_has_waits_for_a_person(self, town: Source) -> None:
        gap = gaps.record(town, Gap.Reason.STOPPED, since=timezone.now() - AGO, until=timezone.now())
        gaps.caught_up(town, found=0, complete=False, now=timezone.now())
        gap.refresh_from_db()
        assert gap.state == "open"
        assert len(everything()) == 1
        with pytest.raises(NotAGap):
            gaps.declare_lost(gap, note="  ", by=1)
        gaps.declare_lost(gap, note="the network keeps a week only", by=1)
        (blind,) = everything()
        assert blind.lost
        with pytest.raises(NotAGap):
            gaps.declare_lost(gap, note="again", by=1)

    def test_a_gap_that_lasts_cannot_be_called_lost(self, town: Source) -> None:
        gaps.begin(town, Gap.Reason.UNREACHABLE, since=timezone.now() - AGO)
        gaps.begin(town, Gap.Reason.PAUSED, since=timezone.now())
        with pytest.raises(NotAGap):
            gaps.declare_lost(Gap.objects.get(), note="never mind", by=1)

    def test_nobody_listening_is_a_gap_of_every_source_and_is_asked_for_again(self, town: Source) -> None:
        Source.objects.update(poll_every_s=None)
        watch.note_standstill(timezone.now())
        assert not Gap.objects.exists()
        square.write("customer42", "@meridian is anybody there?")
        Consumer.objects.filter(name="source watch").update(updated_at=timezone.now() - AGO)
        assert watch.note_standstill(timezone.now()) == 1
        Gap.objects.update(next_at=timezone.now())
        assert watch.make_good()
        gap = Gap.objects.get()
        assert (gap.reason, gap.state, gap.found) == ("stopped", "filled", 1)
        assert Mention.objects.count() == 1

    def test_a_source_that_was_heard_meanwhile_has_no_gap(self, town: Source) -> None:
        Source.objects.update(poll_every_s=None, last_ok_at=timezone.now())
        watch.note_standstill(timezone.now())
        Consumer.objects.filter(name="source watch").update(updated_at=timezone.now() - AGO)
        assert watch.note_standstill(timezone.now()) == 0

    def test_a_silence_longer_than_usual_is_late_and_what_was_not_delivered_is_found(self, town: Source) -> None:
        square.write("customer42", "@meridian is anybody there?")
        sandbox.models.Post.objects.update(created_at=timezone.now() - timedelta(minutes=5))
        Source.objects.update(poll_every_s=None, rhythm_s=300)
        assert watch.note_late(timezone.now()) == 1
        assert watch.note_late(timezone.now()) == 0
        assert health.health(fresh(town), now=timezone.now()).state == "late"
        town_square = networks.get("townsquare")
        assert town_square.capabilities.history
        sandbox.models.Event.objects.update(created_at=timezone.now() - timedelta(minutes=5))
        assert watch.reconcile_due() == 1
        assert fresh(town).missed == 1
        gap = Gap.objects.get()
        assert (gap.reason, gap.state, gap.found) == ("deaf", "filled", 1)
        assert kinds() == ["source.late", "source.missed"]
        sources.heard(town.pk, now=timezone.now())
        assert health.health(fresh(town), now=timezone.now()).state == "live"

    def test_the_usual_silence_is_learned_and_known_blindness_says_nothing(self, town: Source) -> None:
        Source.objects.update(poll_every_s=None)
        now = timezone.now()
        for hours in range(30):
            at = now - timedelta(hours=60 - hours if hours < 15 else 30 - hours)
            intake.receive(town, [post(created_at=at.isoformat())], now=at)
        Gap.objects.create(
            source=town, reason="stopped", started_at=now - timedelta(hours=46), ended_at=now - timedelta(hours=15)
        )
        watch.learn_rhythms(now)
        assert fresh(town).rhythm_s == 4500  # an hour and a quarter

    def test_a_person_asks_again_for_a_stretch_of_time(self, town: Source) -> None:
        square.write("customer42", "@meridian is anybody there?")
        now = timezone.now()
        gaps.ask_again(town, since=now - AGO, until=now + AGO, by=1, now=now + timedelta(seconds=1))
        Gap.objects.update(next_at=timezone.now())
        gaps.fill_due()
        gap = Gap.objects.get()
        assert (gap.state, gap.found) == ("filled", 1)
        assert everything() == [], "asking again is no blindness"
        for since, until in ((now, now - AGO), (now - timedelta(days=200), now), (now + AGO, now + AGO * 2)):
            with pytest.raises(NotAGap):
                gaps.ask_again(town, since=since, until=until, by=1)

    def test_what_a_person_called_lost_while_it_was_asked_for_stays_lost(self, town: Source, monkeypatch) -> None:
        network, now = networks.get("townsquare"), timezone.now()
        history = network.history

        def meanwhile(*about):
            gaps.declare_lost(Gap.objects.get(), note="nobody needs it", by=1)
            return history(*about)

        square.write("customer42", "@meridian is anybody there?")
        gaps.ask_again(town, since=now - AGO, until=now + AGO, by=1, now=now + timedelta(seconds=1))
        Gap.objects.update(next_at=timezone.now())
        monkeypatch.setattr(network, "history", meanwhile)
        gaps.fill_due()
        gap = Gap.objects.get()
        assert (gap.state, gap.note, gap.closed_by, gap.next_at) == ("lost", "nobody needs it", 1, None)
        assert Mention.objects.count() == 1, "what came is here all the same"

    def test_a_post_says_what_brought_it_if_it_was_not_heard_as_it_was_written(self, town: Source) -> None:
        now = timezone.now()
        reasons = {Gap.Reason.BEFORE: "look-back", Gap.Reason.ASKED: "back-fill", Gap.Reason.STOPPED: "gap was filled"}
        for days, reason in enumerate(reasons, 1):
            at = now - timedelta(days=days)
            Gap.objects.create(source=town, reason=reason, started_at=at, ended_at=at + timedelta(hours=1))
            intake.receive(town, [post(external_id=f"ts:{reason}", created_at=(at + AGO).isoformat())])
        intake.receive(town, [post(external_id="ts:live", created_at=now.isoformat())])
        intake.receive(town, [post(external_id="ts:late", created_at=(now - timedelta(hours=9)).isoformat())])
        told = gaps.brought(list(Mention.objects.all()))
        named = {m.external_id: told[m.pk] for m in Mention.objects.all() if m.pk in told}
        assert set(named) == {f"ts:{reason}" for reason in reasons}
        assert all(words in named[f"ts:{reason}"] for reason, words in reasons.items())

    def test_paused_is_blind_on_purpose_and_made_good_when_resumed(self, town: Source) -> None:
        managing.pause(town, by=1)
        assert sources.poll_due() == 0
        square.write("customer42", "@meridian is anybody there?")
        managing.resume(town, by=1)
        assert sources.poll_due() == 1
        gap = Gap.objects.get()
        assert (gap.reason, gap.state, gap.found) == ("paused", "filled", 1)

    def test_killed_between_the_answer_and_the_commit_nothing_is_lost_or_doubled(self, town: Source) -> None:
        square.write("customer42", "@meridian one")
        died: list[Exception] = []

        def asked() -> None:
            try:
                poll(town)
            except Exception as error:
                died.append(error)
            finally:
                connection.close()

        asking = threading.Thread(target=asked)
        with locked("mentions_event"):
            asking.start()
            while cut_whoever_waits(asking):
                pass
            asking.join(60)
        assert died
        assert (Mention.objects.count(), fresh(town).cursor) == (0, {})
        square.write("customer42", "@meridian two")
        assert poll(town)
        assert Mention.objects.count() == 2
        assert poll(town)
        assert Mention.objects.count() == 2


class TestBeside:
    def test_a_parent_that_nobody_sent_us_is_fetched_and_stands_in_no_queue(self, town: Source) -> None:
        parent = square.write("neighbour", "My card was swallowed")
        square.write("customer42", "@meridian same here", in_reply_to=parent.key)
        own = sandbox.models.Event.objects.latest("pk")
        shape = own.describe(json.loads(sandbox.sealing.unseal(own.sealed)))
        intake.receive(town, networks.get("townsquare").parse(json.dumps({"events": [shape]}).encode()))
        events.Sealer().tick()
        beside.note_new()
        assert beside.fetch_wanted()
        kept = Beside.objects.get()
        assert (kept.state, kept.text, kept.author_handle) == ("kept", "My card was swallowed", "neighbour")
        assert Mention.objects.count() == 1
        assert beside.of("townsquare", [f"ts:{parent.key}"])[f"ts:{parent.key}"].text == kept.text
        assert fresh(town).last_post_at is not None
        shown = thread.thread(Reading(Conversation.objects.get(), make_person()))
        assert [(item.text, item.relation) for item in shown] == [
            ("My card was swallowed", "parent"),
            ("@meridian same here", "post"),
        ]

    def test_one_that_was_named_to_us_and_is_never_given_is_set_aside_and_told(
        self, town: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(TownSquare, "lookup", lambda self, account, ids: {})
        assert health.set_aside(town) is None
        beside.wish(town, ["ts:hidden"])
        Beside.objects.update(tries=3)
        beside.fetch_wanted()
        assert not Reject.objects.exists()
        Beside.objects.update(next_at=timezone.now())
        beside.fetch_wanted()
        told = health.set_aside(town)
        assert told is not None
        assert (told.count, told.why) == (1, beside.NEVER_READ)
        assert Reject.objects.get().external_id == "ts:hidden"

    def test_one_that_is_gone_is_asked_for_once(self, town: Source) -> None:
        intake.receive(town, [post(in_reply_to="ts:nosuchpost")])
        events.Sealer().tick()
        beside.note_new()
        assert beside.fetch_wanted()
        assert Beside.objects.get().state == "gone"
        assert not beside.fetch_wanted()


def five_to_be_looked_up(town: Source, monkeypatch: pytest.MonkeyPatch, *, together: int) -> list[Any]:
    """Posts on a Town Square whose terms ask for a look at every copy within a day, so many at a time."""
    monkeypatch.setattr(TownSquare, "recheck_every", timedelta(days=1))
    monkeypatch.setattr(TownSquare, "lookup_at_once", together)
    monkeypatch.setattr(TownSquare, "rate", Rate(1000, 60))
    written = [square.write("customer42", f"@meridian number {n}") for n in range(5)]
    assert poll(town)
    return written


def test_a_copy_of_what_is_gone_from_its_network_goes_within_its_time(
    town: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = five_to_be_looked_up(town, monkeypatch, together=2)
    square.delete(written[1])
    square.edit(written[3], "@meridian number three, corrected")
    while sweep.sweep_due():
        pass
    gone = Mention.objects.get(external_id=f"ts:{written[1].key}")
    assert gone.deleted_at is not None
    assert not MentionContent.objects.filter(pk=gone.pk).exists()
    changed = Mention.objects.get(external_id=f"ts:{written[3].key}")
    assert changed.content.text.endswith("corrected")
    assert Mention.objects.filter(deleted_at=None).count() == 4
    assert fresh(town).swept_at is not None
    assert not sweep.sweep_due()
    assert not Reject.objects.exists()


@pytest.mark.parametrize("follow", ["give_up", "poison"])
def test_one_copy_that_is_refused_for_good_keeps_no_other_from_being_looked_up(
    town: Source, monkeypatch: pytest.MonkeyPatch, follow: Any
) -> None:
    written = five_to_be_looked_up(town, monkeypatch, together=4)
    refused, asked = f"ts:{written[1].key}", TownSquare.lookup

    def lookup(self: TownSquare, account: Any, external_ids: Any) -> Any:
        if refused in external_ids:
            raise NetworkError("not this one", follow)
        return asked(self, account, external_ids)

    monkeypatch.setattr(TownSquare, "lookup", lookup)
    answered = [f"ts:{one.key}" for one in written]
    Beside.objects.bulk_create(
        Beside(source=town, network="townsquare", external_id=own, next_at=timezone.now()) for own in answered
    )
    for _step in range(5):
        while beside.fetch_wanted():
            pass
        Beside.objects.filter(state="wanted", tries=0).update(next_at=timezone.now())  # a little later
    assert set(beside.of("townsquare", answered)) == {*answered} - {refused}
    assert Beside.objects.get(external_id=refused).tries == 1
    Beside.objects.update(state="kept")
    for each in (written[0], written[2], written[4]):
        square.delete(each)
    while sweep.sweep_due():
        pass
    left = set(Mention.objects.filter(deleted_at=None).values_list("external_id", flat=True))
    assert left == {refused, f"ts:{written[3].key}"}
    assert set(beside.of("townsquare", answered)) == left
    assert fresh(town).swept_at is not None


def test_a_turn_is_not_over_before_what_stands_beside_was_asked_for(
    town: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, asked = five_to_be_looked_up(town, monkeypatch, together=9), TownSquare.lookup
    aside = Beside.objects.create(source=town, network="townsquare", external_id="ts:aside", state="kept", text="word")

    def lookup(self: TownSquare, account: Any, external_ids: Any) -> Any:
        if "ts:aside" in external_ids:
            raise NetworkError("has a fault", "retry")
        return asked(self, account, external_ids)

    monkeypatch.setattr(TownSquare, "lookup", lookup)
    sweep.sweep_due()
    assert written
    assert fresh(town).swept_at is None
    monkeypatch.setattr(TownSquare, "lookup", asked)
    gate.succeeded(town.pk)
    sweep.sweep_due()
    aside.refresh_from_db()
    assert (aside.state, aside.text) == ("gone", "")
    assert fresh(town).swept_at is not None


def test_stars_that_were_changed_under_the_same_words_are_looked_up_too(town: Source) -> None:
    said = post("The app signs me out again and again.", rating=5)
    intake.receive(town, [said])
    own, now = said["external_id"], timezone.now()
    assert sweep.changes("townsquare", {own: said}, now) == []
    untold = {key: value for key, value in said.items() if key != "rating"}
    assert sweep.changes("townsquare", {own: untold}, now) == []
    intake.receive(town, sweep.changes("townsquare", {own: said | {"rating": 1}}, now))
    assert (Mention.objects.get().rating, MentionContent.objects.get().text) == (1, said["text"])
    assert sweep.changes("townsquare", {own: said | {"rating": 1}}, now) == []


def test_an_answer_over_which_a_connector_stumbles_holds_up_no_other_source(town: Source, monkeypatch) -> None:
    other = make_source("other", base_url=town.base_url, poll_every_s=30, secrets=town.secrets)
    now = timezone.now()
    Source.objects.filter(pk=town.pk).update(next_poll_at=now - AGO)
    heard, reads = [], TownSquare.fetch

    def stumbles(self, account, cursor):
        heard.append(account)
        if len(heard) == 1:
            raise KeyError("4111 1111 1111 1111")
        return reads(self, account, cursor)

    monkeypatch.setattr(TownSquare, "fetch", stumbles)
    assert sources.poll_due() == 1
    assert fresh(other).last_ok_at >= now
    stumbled = fresh(town)
    assert stumbled.next_poll_at > now
    assert "cannot read" in stumbled.last_error
    assert "4111" not in stumbled.last_error
    assert stumbled.blind_since is not None


def test_a_delivery_over_which_a_connector_stumbles_is_kept_and_read_once_it_is_mended(town: Source) -> None:
    told = {"id": "p1", "author": {"id": "dana"}, "text": "My card was declined", "created_at": "2026-11-21T10:15:00Z"}
    body = json.dumps({"events": [{"id": "e1", "type": "post.created", "post": told}]}).encode()
    headers = signed("webhook-secret", "d1", body)
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(TownSquare, "parse", lambda self, body: 1 / 0)
        answer = Client().post("/hooks/townsquare/square", body, content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json()["rejected"]) == (200, 1)
    assert not Mention.objects.exists()
    call_command("retry_rejects")
    assert Mention.objects.get().content.text == "My card was declined"
    assert Reject.objects.get().replayed_at is not None
