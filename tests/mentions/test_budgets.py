"""Nobody asks a network too often, everybody in turn, and what it costs is known. The network is Town Square."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from mentions import networks, sources
from mentions.models import Budget, Source
from mentions.networks import NetworkError, Quota
from mentions.sandbox import faults
from mentions.sources import gate, health, quota
from tests.factories import make_source
from tests.mentions.networks import peer_x
from tests.mentions.watching import fresh, poll

pytestmark = [pytest.mark.django_db(transaction=True)]


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

    def test_what_one_kind_of_call_has_used_up_holds_no_other(self, counted: Source) -> None:
        now = timezone.now()
        spent = NetworkError("slower", "retry", now + timedelta(minutes=15), holds="kind")
        until = gate.failed(counted, spent, now=now, kind="publish-private")
        assert until is not None
        assert until >= now + timedelta(minutes=15)
        held = gate.enter(counted, "replies", now=now, kind="publish-private")
        assert held is not None
        assert abs(held.until - until) < timedelta(milliseconds=1)
        for kind in ("publish-public", "lookup", ""):
            assert gate.enter(counted, "replies", now=now, kind=kind) is None
        assert gate.enter(counted, "replies", now=until + timedelta(seconds=1), kind="publish-private") is None

    def test_what_concerns_one_customer_holds_nobody(self, counted: Source) -> None:
        now = timezone.now()
        until = gate.failed(
            counted,
            NetworkError("slower", "retry", now + timedelta(seconds=6), holds="nobody"),
            now=now,
            kind="publish-private",
        )
        assert until is not None
        assert until >= now + timedelta(seconds=6)
        assert gate.enter(counted, "replies", now=now, kind="publish-private") is None

    def test_a_question_that_takes_several_calls_costs_as_many(self, counted: Source) -> None:
        now = timezone.now()
        assert gate.enter(counted, "reads", now=now) is None
        with gate.calling(counted, "reads", now=now):
            for _call in range(3):
                networks.get("townsquare").probe(sources.account(counted))
        assert quota.forecast(fresh(counted), now=now).calls_today == 3
        assert Budget.objects.get().level == pytest.approx(17)

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

    def test_posts_that_are_read_cost_where_the_network_bills_them(self) -> None:
        now = datetime(2026, 11, 11, tzinfo=UTC)
        prices = {"price_per_post": 0.005, "price_per_message": 0.01, "currency": "USD", "posts_a_month": 12.0}
        with peer_x.serve() as peer:
            account = peer.account
            x = make_source("x", network="x", base_url=account.base_url, account_id=account.account_id)
            Source.objects.update(settings=dict(account.settings) | prices, secrets=sources.seal(account.secrets))
            Source.objects.update(created_at=now - timedelta(days=10))
            for number in range(3):
                peer.write(f"@bank number {number}")
            x = fresh(x)
            with gate.calling(x, "reads", now=now):
                peer.confide("one", 1)
                read = networks.get("x").fetch(sources.account(x), {})
                peer.confide("another", 1)
                networks.get("x").fetch(sources.account(x), read.cursor)
                networks.get("x").lookup(sources.account(x), [post["id"] for post in peer.posts.values()][:2])
        quota.streamed(x, "posts", 3, now=now)
        quota.streamed(x, "compliance-1", 4, now=now)
        told = quota.forecast(x, now=now)
        assert (told.posts_30_days, told.messages_30_days, told.streamed_30_days) == (8, 2, 7)
        assert told.cost == pytest.approx(0.06)
        # Eight of twelve were read in ten days: the rest lasts five more.
        assert told.quota == Quota("posts", 12, 4, datetime(2026, 12, 1, tzinfo=UTC))
        assert told.runs_out_at == datetime(2026, 11, 16, tzinfo=UTC)

    def test_the_circuit_opens_lets_one_try_through_and_closes(self, town: Source) -> None:
        now = timezone.now()
        for _ in range(gate.OPENS_AFTER):
            assert gate.enter(town, "replies", now=now) is None
            gate.failed(town, NetworkError("a fault", "unknown"), now=now)
        wait = gate.enter(town, "replies", now=now)
        assert wait is not None
        assert health.circuit(fresh(town), now=now)
        then = wait.until + timedelta(seconds=1)
        quota.wait(town, then + timedelta(minutes=5), now=then)
        assert gate.enter(town, "replies", now=then) is not None
        Budget.objects.update(wait_until=None)
        assert fresh(town).circuit_until == wait.until, "who has no budget has not tried"
        assert gate.enter(town, "replies", now=then) is None
        assert gate.enter(town, "replies", now=then) is not None
        gate.succeeded(town.pk)
        assert gate.enter(town, "replies", now=then) is None
        gate.failed(town, NetworkError("too long", "give_up"), now=then)
        assert health.circuit(fresh(town), now=then) == ""
