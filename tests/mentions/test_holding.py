"""What networks let us in by while several change it at once, and what is given back. Town Square with a sign-in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from mentions import http, networks, sources
from mentions.models import Source
from mentions.networks import Account, NetworkError, Probe, Refreshed
from mentions.networks.townsquare import TownSquare
from mentions.sources import connecting, credentials, holding, managing
from mentions.sources.connecting import NotConnected
from tests.factories import make_source
from tests.mentions.networks.authority import CLIENT, SECRET, authority
from tests.mentions.watching import fresh

pytestmark = [pytest.mark.django_db(transaction=True)]

SIGNED_IN = Refreshed({"token": "bank-token", "refresh_token": "signed"})


class Spending(TownSquare):
    """It takes a refresh token once; `meanwhile` happens while it is asked to renew, `beside` while it is probed."""

    capabilities = type(TownSquare.capabilities)(fetch=True, refresh=True, authorise=True)

    def __init__(self) -> None:
        self.spent: list[str] = []
        self.ended: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.beside: Callable[[], object] = lambda: None

    def refresh(self, account: Account) -> Refreshed:
        self.spent.append(account.secrets["refresh_token"])
        self.meanwhile()
        ends = datetime.now(UTC) + timedelta(hours=2)
        return Refreshed({"token": "bank-token", "refresh_token": f"r{len(self.spent)}"}, ends)

    def probe(self, account: Account) -> Probe:
        self.beside()
        return super().probe(account)

    def revoke(self, account: Account) -> bool:
        self.ended.append(account.secrets["refresh_token"])
        return True


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Spending:
    network = Spending()
    monkeypatch.setattr(networks, "_all", lambda: {"townsquare": network})
    return network


@pytest.fixture
def source(town: Source, there: Spending) -> Source:
    town.secrets = sources.seal({"token": "bank-token", "refresh_token": "r0", "webhook": "w"})
    town.expires_at = timezone.now() + timedelta(seconds=30)
    town.save()
    return town


def begun(do: Callable[[], object]) -> threading.Thread:
    """`do`, by another process."""

    def run() -> None:
        try:
            do()
        finally:
            connection.close()

    other = threading.Thread(target=run)
    other.start()
    return other


def another(source: Source) -> Source:
    """The same, as another process read it."""
    return Source.objects.get(pk=source.pk)


def leave(source: Source) -> bool:
    """Let it go, with little patience."""
    with http.within(0.2):
        return connecting.disconnect(another(source), by=1)


def renewed(source: Source) -> Source:
    return credentials.renew(fresh(source), now=timezone.now())


@pytest.fixture
def hanging(source: Source) -> Iterator[None]:
    """Somebody else is renewing, and does not come to an end."""
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            holding.alone(source)
            held.set()
            over.wait(30)

    other = begun(hold)
    assert held.wait(30)
    yield
    over.set()
    other.join(30)


class TestWhileItIsRenewed:
    def test_what_is_erased_stays_erased(self, source: Source, there: Spending) -> None:
        there.meanwhile = lambda: begun(lambda: leave(source)).join(30)
        with pytest.raises(NetworkError, match="let go"):
            renewed(source)
        assert (fresh(source).secrets, source.active) == ("", False)
        assert there.ended == ["r0", "r1"], "what came after is given back as well"

    def test_who_signs_in_is_not_signed_out(self, source: Source, there: Spending) -> None:
        there.meanwhile = lambda: begun(lambda: connecting.authorised(another(source), SIGNED_IN, by=1)).join(30)
        assert sources.secrets_of(renewed(source))["refresh_token"] == "signed"
        assert sources.secrets_of(fresh(source))["refresh_token"] == "signed"
        assert there.ended == ["r0", "r1"]

    def test_a_secret_of_ours_is_rotated(self, source: Source, there: Spending) -> None:
        there.meanwhile = lambda: begun(lambda: managing.rotate(another(source), by=1)).join(30)
        renewed(source)
        kept = sources.secrets_of(fresh(source))
        assert (kept["refresh_token"], kept["webhook_previous"]) == ("r1", "w")
        assert kept["webhook"] != "w"
        assert there.ended == []

    def test_other_keys_bring_back_none_that_is_spent(self, source: Source, there: Spending) -> None:
        probing, over = threading.Event(), threading.Event()
        others: list[threading.Thread] = []

        def change() -> None:
            connecting.change_keys(another(source), {"token": "bank-token", "webhook": "w2"}, by=1)

        def beside() -> None:
            probing.set()
            over.wait(30)

        def meanwhile() -> None:
            others.append(begun(change))
            probing.wait(0.3)  # it does not come to that: it waits for the end of the renewal

        there.beside, there.meanwhile = beside, meanwhile
        ends = renewed(source).expires_at
        over.set()
        others[0].join(30)
        kept = sources.secrets_of(fresh(source))
        assert (kept["refresh_token"], kept["webhook"]) == ("r1", "w2")
        assert source.expires_at == ends, "it is still renewed before its end"


class TestSomebodyWaits:
    def test_for_so_long_and_no_longer(self, source: Source, hanging: None) -> None:
        with http.within(0.1), pytest.raises(NetworkError) as refused:
            sources.ready(fresh(source), now=timezone.now())
        assert (refused.value.follow, refused.value.retry_at is not None) == ("retry", True)
        with http.within(0.1), pytest.raises(NotConnected, match="being renewed"):
            connecting.change_keys(fresh(source), {"token": "bank-token"}, by=1)

    def test_and_leaves_all_the_same(
        self, source: Source, there: Spending, hanging: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("mentions.sources.webhooks.registers", lambda source: True)  # it is told with fresh ones
        assert leave(source)
        assert fresh(source).secrets == ""
        assert there.ended == ["r0"]


def test_who_signs_in_while_it_is_let_go_connects_nothing(source: Source, there: Spending) -> None:
    there.beside = lambda: begun(lambda: leave(source)).join(30)
    with pytest.raises(NotConnected, match="let this account go"):
        connecting.authorised(another(source), SIGNED_IN, by=1)
    assert (fresh(source).secrets, source.active) == ("", False)
    assert there.ended == ["r0", "signed"]


def test_a_call_that_began_before_is_refused_what_is_over(source: Source) -> None:
    def refused(asked_at: datetime) -> bool:
        with transaction.atomic():
            credentials.refused(source, now=timezone.now(), asked_at=asked_at)
        return fresh(source).refused_at is not None

    began = timezone.now()
    connecting.authorised(another(source), SIGNED_IN, by=1)
    assert not refused(began)
    assert refused(timezone.now())
    leave(source)
    assert not refused(timezone.now()), "nobody has to mend what was let go"


def test_what_leaving_renews_is_what_is_given_back(
    source: Source, there: Spending, monkeypatch: pytest.MonkeyPatch
) -> None:
    def let_go(source: Source, *, now: datetime) -> bool:
        return bool(sources.ready(source, now=now))

    monkeypatch.setattr("mentions.sources.webhooks.let_go", let_go)
    leave(source)
    assert there.ended == ["r1"]


@pytest.mark.parametrize(("after", "asked"), [(None, 5), (timedelta(minutes=5), 1)])
def test_a_renewal_that_fails_is_tried_as_a_call_is(
    source: Source, there: Spending, after: timedelta | None, asked: int
) -> None:
    def refuse() -> None:
        raise NetworkError("not now", "retry", timezone.now() + after if after else None)

    there.meanwhile = refuse
    for _ in range(8):
        credentials.renew_due()
    assert len(there.spent) == asked


def test_a_grant_is_ended_with_the_last_that_is_let_in_by_it() -> None:
    with authority() as there:
        held: dict[str, Any] = {"base_url": there.url, "local": True, "settings": {"client_id": CLIENT}}
        made = [
            make_source(
                slug=f"g{n}",
                network=network,
                secrets=sources.seal({"client_secret": SECRET, "refresh_token": f"r{n}"}),
                **held,
            )
            for n, network in enumerate(("googlebusiness", "youtube"))
        ]
        there.renewals |= {"r0", "r1"}
        assert not holding.give_back(made[1], sources.secrets_of(made[1]), held={"refresh_token": "newer"})
        assert [holding.shared(one, leaving=True) for one in made] == [True, True]
        assert not connecting.disconnect(made[0], by=1)
        assert there.ended == []
        assert connecting.disconnect(made[1], by=1)
        assert there.ended == ["r1"]
