"""Accounts are connected and let go, and their keys hold or are told of. The network is Town Square."""

import threading
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from django.db import connection
from django.utils import timezone

from agents import addresses
from agents.cases import Refused
from mentions import intake, networks, sources
from mentions.models import Conversation, Gap, Mention, Source
from mentions.networks import Account, Network, NetworkError, Refreshed
from mentions.networks.townsquare import TownSquare, signed
from mentions.sandbox import faults, square
from mentions.sources import connecting, credentials, gaps, health, managing
from mentions.sources.connecting import NotConnected
from tests.factories import make_source, post
from tests.mentions.watching import fresh, kinds, poll

pytestmark = [pytest.mark.django_db(transaction=True)]


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

    def test_what_was_missed_is_asked_for_with_fresh_ones(self, renewing: Source) -> None:
        Source.objects.update(poll_every_s=None)
        then = timezone.now() - timedelta(minutes=5)
        Gap.objects.create(source=renewing, reason="deaf", started_at=then, ended_at=then, next_at=then)
        gaps.fill_due()
        assert Renewing.given == ["r0"]

    def test_they_are_renewed_ahead_of_their_end(self, renewing: Source) -> None:
        Source.objects.update(
            refreshed_at=timezone.now() - timedelta(minutes=90), expires_at=timezone.now() + timedelta(minutes=30)
        )
        credentials.renew_due()
        assert Renewing.given == ["r0"]
        assert "source.renewed" in kinds()
        credentials.renew_due()
        assert Renewing.given == ["r0"]

    def test_one_server_that_hangs_holds_up_no_other_s_keys(
        self, renewing: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_source("other", secrets=renewing.secrets)
        now = timezone.now()
        Source.objects.update(refreshed_at=now - timedelta(minutes=90), expires_at=now + timedelta(minutes=30))
        both_asked = threading.Barrier(2)

        def answers_when_both_were_asked(_network: Network, _account: Account) -> Refreshed:
            both_asked.wait(20)
            return Refreshed({"refresh": "r1"}, datetime.now(UTC) + timedelta(hours=2))

        monkeypatch.setattr(Renewing, "refresh", answers_when_both_were_asked)
        credentials.renew_due()
        assert {sources.secrets_of(source)["refresh"] for source in Source.objects.all()} == {"r1"}

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
        with pytest.raises(NotConnected, match="already, as “The Square”"):
            connecting.connect(networks.get("townsquare"), "Twin", self.given(town), by=1, local=True)
        connecting.disconnect(made, by=1)
        again = connecting.connect(networks.get("townsquare"), "The Square", self.given(town), by=1, local=True)
        assert again.slug == "the-square-2"
        with pytest.raises(NotConnected, match="already"):
            connecting.change_keys(fresh(made), {"token": "bank-token"}, by=1)

    def test_a_button_that_is_pressed_often_connects_once(self, db: None) -> None:
        told: list[str] = []

        def press() -> None:
            try:
                told.append(connecting.connect(networks.get("generic"), "CRM", {"account_id": "crm"}, by=1).slug)
            except NotConnected as why:
                told.append(str(why)[:12])
            connection.close()

        presses = [threading.Thread(target=press) for _ in range(4)]
        for each in presses:
            each.start()
        for each in presses:
            each.join()
        assert sorted(told) == ["It is connec"] * 3 + ["crm"]

    @pytest.mark.parametrize(
        ("wrong", "advice"),
        [
            ({"token": "wrong"}, "Copy the keys again"),
            ({"token": ""}, "is missing"),
            ({"token": "bank-tokèn"}, "signs of an English keyboard"),
            ({"base_url": "http://localhost:9"}, "may call that address"),
        ],
    )
    def test_what_the_network_refuses_is_not_stored_and_says_what_to_do(
        self, town: Source, wrong: dict[str, str], advice: str
    ) -> None:
        with pytest.raises(NotConnected, match=advice):
            connecting.connect(networks.get("townsquare"), "Square", self.given(town, **wrong), by=1, local=True)
        assert Source.objects.count() == 1

    def test_both_secrets_hold_while_one_is_rotated(self, town: Source) -> None:
        fresh_ones = managing.rotate(town, by=1)
        known = sources.secrets_of(fresh(town))
        keys = [known["webhook"], known["webhook_previous"]]
        assert keys == [fresh_ones["webhook"], "webhook-secret"]
        for secret in keys:
            networks.get("townsquare").verify(signed(secret, "d", b"{}"), b"{}", keys)
        managing.end_rotation(fresh(town), by=1)
        assert "webhook_previous" not in sources.secrets_of(fresh(town))

    def test_disconnected_keeps_no_secret_and_does_nothing_more(self, town: Source) -> None:
        intake.receive(town, [post()])
        connecting.disconnect(town, by=1)
        gone = fresh(town)
        assert (gone.secrets, gone.active, gone.sending) == ("", False, False)
        assert Mention.objects.count() == 1
        assert sources.poll_due() == 0
        managing.resume(gone, by=1)
        assert not fresh(town).active


def test_keys_are_sent_to_no_address_on_whose_way_others_read() -> None:
    given = {"base_url": "http://social.bank.example", "token": "t"}
    with pytest.raises(NotConnected, match="begin with https"):
        connecting.connect(networks.get("mastodon"), "Our server", given, by=1)
