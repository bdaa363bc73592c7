"""Sources: what was missed is known and made good, keys hold or are told of, and nobody asks too often.

Town Square is the network, behind a real server.
"""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.utils import timezone

from agents import addresses
from agents.cases import Refused
from agents.pages import thread
from mentions import events, hooks, intake, networks, rulebook, sandbox, sources
from mentions.models import Beside, Budget, Consumer, Conversation, Gap, Mention, MentionContent, Reject, Source
from mentions.networks import Account, Network, NetworkError, Quota, Rate, Refreshed
from mentions.networks.townsquare import TownSquare, signed
from mentions.sandbox import faults, square
from mentions.sources import beside, connecting, credentials, gaps, gate, health, quota, sweep, watch
from mentions.sources.connecting import NotConnected
from mentions.sources.gaps import NotAGap
from tests.factories import make_person, make_queue, make_source, post
from tests.faults.cuts import cut_whoever_waits, locked

pytestmark = [pytest.mark.django_db(transaction=True)]

AGO = timedelta(minutes=10)


@pytest.fixture
def town(live_server: Any) -> Iterator[Source]:
    make_queue()
    url = live_server.url.replace("127.0.0.1", "localhost")
    sandbox.configure(f"{url}/hooks/townsquare/square", "webhook-secret", "meridian", "bank-token")
    source = make_source(base_url=f"{url}/sandbox", handle="meridian", poll_every_s=30)
    Source.objects.update(created_at=timezone.now() - timedelta(days=3), last_ok_at=timezone.now() - AGO)
    hooks.forget()
    rulebook.forget()
    source.refresh_from_db()
    yield source
    rulebook.forget()


def fresh(source: Source) -> Source:
    source.refresh_from_db()
    return source


def poll(source: Source) -> bool:
    return sources.poll(fresh(source), now=timezone.now())


def kinds() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM mentions_event WHERE kind LIKE 'source.%' ORDER BY id")
        return [kind for (kind,) in cursor.fetchall()]


def everything() -> list[gaps.Blind]:
    return gaps.touching(timezone.now() - timedelta(days=1), timezone.now())


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

    def test_paused_is_blind_on_purpose_and_made_good_when_resumed(self, town: Source) -> None:
        connecting.pause(town, by=1)
        assert sources.poll_due() == 0
        square.write("customer42", "@meridian is anybody there?")
        connecting.resume(town, by=1)
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


class TestBudgets:
    @pytest.fixture
    def counted(self, town: Source) -> Source:
        town.settings = {"rate": {"calls": 20, "per_s": 20}, "price_per_call": 0.5, "currency": "USD"}
        town.save()
        return town

    def test_each_lane_leaves_a_part_to_those_before_it(self, counted: Source) -> None:
        now = timezone.now()
        took = {}
        for lane in ("campaigns", "reads", "replies", "deletes"):
            took[lane] = 0
            while quota.take(counted, lane, now=now) is None:
                took[lane] += 1
        assert took == {"campaigns": 10, "reads": 5, "replies": 4, "deletes": 1}
        later = quota.take(counted, "replies", now=now)
        assert later is not None
        assert timedelta(seconds=1.9) <= later - now <= timedelta(seconds=2.1)
        assert quota.take(counted, "replies", now=later + timedelta(milliseconds=50)) is None

    def test_what_the_network_asks_for_holds_everybody_with_jitter(self, counted: Source) -> None:
        now = timezone.now()
        until = quota.wait(counted, now + timedelta(seconds=60), now=now)
        assert now + timedelta(seconds=60) <= until <= now + timedelta(seconds=65)
        assert quota.take(counted, "deletes", now=now) == until
        assert quota.take(counted, "deletes", now=until + timedelta(seconds=1)) is None

    def test_a_429_is_kept_by_the_next_reply_too(self, town: Source) -> None:
        faults.set_faults(limited=1)
        assert not poll(town)
        assert Budget.objects.get().wait_until is not None
        wait = gate.enter(fresh(town), "replies", now=timezone.now())
        assert wait is not None

    def test_cost_and_when_it_runs_out_are_reckoned(self, counted: Source) -> None:
        now = timezone.now()
        for _ in range(4):
            quota.take(counted, "reads", now=now)
        quota.note(counted, Quota("posts", 1000, 900, now + timedelta(days=30)), now=now - timedelta(hours=1))
        quota.note(counted, Quota("posts", 1000, 800, now + timedelta(days=30)), now=now)
        told = quota.forecast(fresh(counted), now=now)
        assert (told.cost, told.currency, told.calls_today) == (2.0, "USD", 4)
        assert told.runs_out_at is not None
        assert abs(told.runs_out_at - (now + timedelta(hours=8))) < timedelta(minutes=1)

    def test_the_circuit_opens_lets_one_try_through_and_closes(self, town: Source) -> None:
        now = timezone.now()
        for _ in range(gate.OPENS_AFTER):
            assert gate.enter(town, "replies", now=now) is None
            gate.failed(town, NetworkError("a fault", "unknown"), now=now)
        wait = gate.enter(town, "replies", now=now)
        assert wait is not None
        assert health.circuit(fresh(town), now=now)
        then = wait.until + timedelta(seconds=1)
        assert gate.enter(town, "replies", now=then) is None
        assert gate.enter(town, "replies", now=then) is not None
        gate.succeeded(town.pk)
        assert gate.enter(town, "replies", now=then) is None
        gate.failed(town, NetworkError("too long", "give_up"), now=then)
        assert health.circuit(fresh(town), now=then) == ""


class Renewing(TownSquare):
    """Town Square with keys that end; it forgets the old ones in the moment in which it gives new ones."""

    capabilities = type(TownSquare.capabilities)(fetch=True, refresh=True)
    given: ClassVar[list[str]] = []
    refuses: ClassVar[bool] = False

    def refresh(self, account: Account) -> Refreshed:
        if self.refuses:
            raise NetworkError("the key to renew with has ended", "reauthorise")
        self.given.append(account.secrets["refresh"])
        threading.Event().wait(0.2)
        return Refreshed({"refresh": f"r{len(self.given)}"}, datetime.now(UTC) + timedelta(hours=2))


class TestKeys:
    @pytest.fixture
    def renewing(self, town: Source, monkeypatch: pytest.MonkeyPatch) -> Source:
        network: Network = Renewing()
        Renewing.given, Renewing.refuses = [], False
        monkeypatch.setattr(networks, "_all", lambda: {"townsquare": network})
        town.secrets = sources.seal({"token": "bank-token", "refresh": "r0"})
        town.expires_at = timezone.now() + timedelta(seconds=30)
        town.save()
        return town

    def test_two_who_need_fresh_keys_at_once_renew_them_once(self, renewing: Source) -> None:
        got: list[str] = []

        def use() -> None:
            got.append(sources.ready(Source.objects.get(pk=renewing.pk), now=timezone.now()).secrets["refresh"])
            connection.close()

        users = [threading.Thread(target=use) for _ in range(4)]
        for user in users:
            user.start()
        for user in users:
            user.join(30)
        assert Renewing.given == ["r0"]
        assert got == ["r1"] * 4
        assert sources.secrets_of(fresh(renewing))["refresh"] == "r1"

    def test_they_are_renewed_ahead_of_their_end(self, renewing: Source) -> None:
        Source.objects.update(
            refreshed_at=timezone.now() - timedelta(minutes=90), expires_at=timezone.now() + timedelta(minutes=30)
        )
        credentials.renew_due()
        assert Renewing.given == ["r0"]
        assert "source.renewed" in kinds()
        credentials.renew_due()
        assert Renewing.given == ["r0"]

    def test_keys_that_cannot_be_renewed_are_told_once_and_nothing_is_sent(self, renewing: Source) -> None:
        Renewing.refuses = True
        credentials.renew_due()
        credentials.renew_due()
        assert kinds().count("source.reauthorise") == 1
        assert "source.expiring" in kinds()
        assert health.why_not_sending(fresh(renewing)) is not None

    def test_an_end_that_nobody_can_put_off_is_told_a_week_and_a_day_before(self, town: Source) -> None:
        Source.objects.update(expires_at=timezone.now() + timedelta(days=6))
        credentials.renew_due()
        credentials.renew_due()
        assert kinds() == ["source.expiring"]
        Source.objects.update(
            expires_at=timezone.now() + timedelta(hours=20), warned_at=timezone.now() - timedelta(days=5)
        )
        credentials.renew_due()
        assert kinds() == ["source.expiring", "source.expiring"]
        assert health.health(fresh(town), now=timezone.now()).state == "reauthorise"

    def test_refused_keys_stop_the_composer_and_new_ones_bring_back_what_was_missed(self, town: Source) -> None:
        intake.receive(town, [post()])
        conversation = Conversation.objects.get()
        assert addresses.address(conversation, "public")
        faults.set_faults(expired=1)
        assert not poll(town)
        square.write("customer42", "@meridian is anybody there?")
        conversation.refresh_from_db()
        with pytest.raises(Refused, match="refuses the keys"):
            addresses.address(Conversation.objects.get(pk=conversation.pk), "public")
        assert health.health(fresh(town), now=timezone.now()).state == "reauthorise"
        connecting.change_keys(fresh(town), {"token": "bank-token"}, by=1)
        assert sources.poll_due() == 1
        assert Gap.objects.get().state == "filled"
        assert Mention.objects.count() == 2
        assert kinds().count("source.reauthorise") == 1
        assert "source.authorised" in kinds()

    def test_keys_of_another_account_are_not_believed(self, town: Source) -> None:
        credentials.probe(town, now=timezone.now())
        assert fresh(town).account_id.startswith("ts:")
        Source.objects.update(account_id="ts:somebody-else")
        assert not credentials.probe(fresh(town), now=timezone.now())
        assert fresh(town).refused_at is not None
        with pytest.raises(NotConnected):
            connecting.change_keys(fresh(town), {"token": "bank-token"}, by=1)

    def test_stored_keys_are_never_shown_to_another_address(self, town: Source) -> None:
        with pytest.raises(NotConnected, match="keys anew"):
            connecting.change_keys(fresh(town), {"base_url": "http://localhost:9/thief"}, by=1)
        assert fresh(town).base_url == town.base_url


class TestConnecting:
    def given(self, town: Source, **more: str) -> dict[str, str]:
        return {"base_url": town.base_url, "handle": "meridian", "token": "bank-token"} | more

    def test_a_new_source_reads_only_and_knows_its_account(self, town: Source) -> None:
        made = connecting.connect(networks.get("townsquare"), "The Square", self.given(town), by=1, local=True)
        assert (made.slug, made.sending, made.active) == ("the-square", False, True)
        assert made.account_id.startswith("ts:")
        assert sources.secrets_of(made)["webhook"]
        assert "bank-token" not in made.secrets
        again = connecting.connect(networks.get("townsquare"), "The Square", self.given(town), by=1, local=True)
        assert again.slug == "the-square-2"

    @pytest.mark.parametrize("wrong", [{"token": "wrong"}, {"token": ""}, {"base_url": "http://localhost:9"}])
    def test_what_the_network_refuses_is_not_stored(self, town: Source, wrong: dict[str, str]) -> None:
        with pytest.raises(NotConnected):
            connecting.connect(networks.get("townsquare"), "Square", self.given(town, **wrong), by=1, local=True)
        assert Source.objects.count() == 1

    def test_both_secrets_hold_while_one_is_rotated(self, town: Source) -> None:
        fresh_ones = connecting.rotate(town, by=1)
        known = sources.secrets_of(fresh(town))
        keys = [known["webhook"], known["webhook_previous"]]
        assert keys == [fresh_ones["webhook"], "webhook-secret"]
        for secret in keys:
            networks.get("townsquare").verify(signed(secret, "d", b"{}"), b"{}", keys)
        connecting.end_rotation(fresh(town), by=1)
        assert "webhook_previous" not in sources.secrets_of(fresh(town))

    def test_disconnected_keeps_no_secret_and_does_nothing_more(self, town: Source) -> None:
        intake.receive(town, [post()])
        connecting.disconnect(town, by=1)
        gone = fresh(town)
        assert (gone.secrets, gone.active, gone.sending) == ("", False, False)
        assert Mention.objects.count() == 1
        assert sources.poll_due() == 0
        connecting.resume(gone, by=1)
        assert not fresh(town).active


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
        shown = thread.thread(Conversation.objects.get(), make_person(), [], timezone.now())
        assert [(item.text, item.relation) for item in shown] == [
            ("My card was swallowed", "parent"),
            ("@meridian same here", "post"),
        ]

    def test_one_that_is_gone_is_asked_for_once(self, town: Source) -> None:
        intake.receive(town, [post(in_reply_to="ts:nosuchpost")])
        events.Sealer().tick()
        beside.note_new()
        assert beside.fetch_wanted()
        assert Beside.objects.get().state == "gone"
        assert not beside.fetch_wanted()


def test_a_copy_of_what_is_gone_from_its_network_goes_within_its_time(
    town: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TownSquare, "recheck_every", timedelta(days=1))
    monkeypatch.setattr(TownSquare, "lookup_at_once", 2)
    monkeypatch.setattr(TownSquare, "rate", Rate(1000, 60))
    written = [square.write("customer42", f"@meridian number {n}") for n in range(5)]
    assert poll(town)
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
