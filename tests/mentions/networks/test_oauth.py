"""Every road by which a network lets us act for an account, against a sign-in that is as strict as the standard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from mentions import networks
from mentions.networks import Network, NetworkError
from tests.mentions.networks.authority import Authority, authority, offering

BACK = "https://desk.bank.example/setup/sources/authorised/"
STATE, SECRET = "state-that-travels", "secret-that-stays"


@pytest.fixture
def there() -> Iterator[Authority]:
    with authority() as found:
        yield found


@pytest.fixture
def network(key: str) -> Network:
    return networks.get(key)


def refusal(work: object, *args: object) -> NetworkError:
    assert callable(work)
    with pytest.raises(NetworkError) as caught:
        work(*args)
    return caught.value


def test_they_are_the_networks_that_have_a_sign_in_for_servers() -> None:
    assert {"facebook", "googlebusiness", "instagram", "mastodon", "reddit", "threads", "x", "youtube"} <= set(
        offering()
    )


@pytest.mark.parametrize("key", offering())
class TestEveryRoad:
    def test_a_yes_becomes_a_token(self, there: Authority, network: Network, key: str) -> None:
        account = there.account(key)
        brought = there.consent(network.authorise(account, BACK, STATE, SECRET))
        given = network.exchange(account, BACK, SECRET, brought["code"])
        assert brought["state"] == STATE
        assert given.secrets["token"].startswith("token-")
        if network.capabilities.refresh and given.expires_at is not None:
            assert datetime.now(UTC) < given.expires_at < datetime.now(UTC) + timedelta(hours=2)

    def test_nothing_that_proves_us_travels(self, there: Authority, network: Network, key: str) -> None:
        page = network.authorise(there.account(key), BACK, STATE, SECRET)
        assert SECRET not in page
        assert there.account(key).secrets["client_secret"] not in page
        assert parse_qs(urlsplit(page).query)["redirect_uri"] == [BACK]

    def test_a_code_is_good_once_here_and_for_us_alone(self, there: Authority, network: Network, key: str) -> None:
        account = there.account(key)

        def code() -> str:
            return there.consent(network.authorise(account, BACK, STATE, SECRET))["code"]

        used = code()
        network.exchange(account, BACK, SECRET, used)
        assert refusal(network.exchange, account, BACK, SECRET, used).follow == "reauthorise"
        assert refusal(network.exchange, account, f"{BACK}elsewhere", SECRET, code()).follow == "reauthorise"
        assert refusal(network.exchange, account, BACK, SECRET, "code-that-expired").follow == "reauthorise"
        if "code_challenge" in network.authorise(account, BACK, STATE, SECRET):
            assert refusal(network.exchange, account, BACK, STATE, code()).follow == "reauthorise"
        stranger = replace(account, secrets={"client_secret": "guessed", "webhook": "guessed"})
        assert refusal(network.exchange, stranger, BACK, SECRET, code()).follow == "reauthorise"

    def test_what_somebody_unticks_is_said_at_once(self, there: Authority, network: Network, key: str) -> None:
        account = there.account(key)
        page = network.authorise(account, BACK, STATE, SECRET)
        asked = parse_qs(urlsplit(page).query)["scope"][0].replace(",", " ").split()
        if key == "threads":
            return  # it does not say what was let in; the first call that is refused does
        there.unticked = {asked[-1]}
        told = refusal(network.exchange, account, BACK, SECRET, there.consent(page)["code"])
        assert (told.follow, asked[-1] in told.message) == ("give_up", True)

    def test_without_our_app_nobody_is_sent_anywhere(self, there: Authority, network: Network, key: str) -> None:
        account = replace(there.account(key), settings={})
        assert refusal(network.authorise, account, BACK, STATE, SECRET).follow == "give_up"

    def test_a_renewal_rotates_and_a_used_one_asks_for_a_person(
        self, there: Authority, network: Network, key: str
    ) -> None:
        account = there.account(key)
        first = network.exchange(account, BACK, SECRET, there.consent(_page(network, there, key))["code"])
        if first.expires_at is None:
            return  # a page's token does not end
        kept = replace(account, secrets=dict(account.secrets) | dict(first.secrets))
        second = network.refresh(kept)
        assert second.secrets["token"] != first.secrets["token"]
        if "refresh_token" in first.secrets:
            assert second.secrets["refresh_token"] != first.secrets["refresh_token"]
        assert refusal(network.refresh, kept).follow == "reauthorise"


def _page(network: Network, there: Authority, key: str) -> str:
    return network.authorise(there.account(key), BACK, STATE, SECRET)


def test_a_server_that_knows_no_app_of_ours_is_told_of_it_once(there: Authority) -> None:
    network, account = networks.get("mastodon"), replace(there.account("mastodon"), settings={})
    made = network.enrol(account, BACK)
    known = replace(account, secrets=dict(account.secrets) | dict(made))
    assert network.enrol(known, BACK) == {}
    assert [app["redirect_uris"] for app in there.apps] == [BACK]
    assert network.enrol(known, f"{BACK}moved")["client_for"].endswith("moved")
    moved = replace(known, base_url=f"{there.url}/other")
    with pytest.raises(NetworkError):  # the other one is asked, not taken for this one
        network.enrol(moved, BACK)
    page = network.authorise(known, BACK, STATE, SECRET)
    assert page.startswith(f"{there.url}/oauth/authorize?")
    assert network.exchange(known, BACK, SECRET, there.consent(page)["code"]).secrets["token"].startswith("token-")
