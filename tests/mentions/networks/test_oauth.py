"""Every road by which a network lets us act for an account, against a sign-in that is as strict as the standard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mentions import networks
from mentions.networks import Account, Network, NetworkError, Refreshed, _dpop
from tests.mentions.networks.authority import CLIENT, Authority, authority, offering
from tests.mentions.networks.bound_authority import BACK, DID, DOCUMENT, BoundAuthority, bound_authority

STATE, SECRET = "state-that-travels", "secret-that-stays"


@pytest.fixture
def key() -> str:
    """The network, where a test is not asked of every one."""
    return ""


@pytest.fixture
def there(key: str) -> Iterator[Authority]:
    with bound_authority() if key == "bluesky" else authority() as found:
        yield found


@pytest.fixture
def network(key: str) -> Network:
    return networks.get(key)


def refusal(work: object, *args: object) -> NetworkError:
    assert callable(work)
    with pytest.raises(NetworkError) as caught:
        work(*args)
    return caught.value


def exchanged(network: Network, account: Account, brought: dict[str, str], back: str = BACK) -> Refreshed:
    return network.exchange(account, back, SECRET, brought["code"], brought.get("iss", ""))


def test_they_are_the_networks_that_have_a_sign_in_for_servers() -> None:
    known = ["bluesky", "facebook", "googlebusiness", "instagram", "mastodon", "reddit", "threads", "x", "youtube"]
    assert set(known) <= set(offering())


@pytest.mark.parametrize("key", offering())
class TestEveryRoad:
    def test_a_yes_becomes_a_token(self, there: Authority, network: Network, key: str) -> None:
        account = there.account(key)
        brought = there.consent(network.authorise(account, BACK, STATE, SECRET))
        given = exchanged(network, account, brought)
        assert brought["state"] == STATE
        assert given.secrets["token"].startswith("token-")
        if network.capabilities.refresh and given.expires_at is not None:
            assert datetime.now(UTC) < given.expires_at < datetime.now(UTC) + timedelta(hours=2)

    def test_nothing_that_proves_us_travels(self, there: Authority, network: Network, key: str) -> None:
        account = there.account(key)
        asked = there.asked(network.authorise(account, BACK, STATE, SECRET))
        kept = [value for name, value in account.secrets.items() if name not in ("sign_in_client", "webhook")]
        assert not {SECRET, *kept} & {*asked.values()}
        assert asked["redirect_uri"] == BACK

    def test_a_code_is_good_once_here_and_for_us_alone(self, there: Authority, network: Network, key: str) -> None:
        account = there.account(key)

        def code() -> dict[str, str]:
            return there.consent(network.authorise(account, BACK, STATE, SECRET))

        used = code()
        exchanged(network, account, used)
        assert refusal(exchanged, network, account, used).follow == "reauthorise"
        assert refusal(exchanged, network, account, code(), f"{BACK}elsewhere").follow == "reauthorise"
        assert refusal(exchanged, network, account, used | {"code": "code-that-expired"}).follow == "reauthorise"
        if "code_challenge" in there.asked(network.authorise(account, BACK, STATE, SECRET)):
            brought = code()
            given = (account, BACK, STATE, brought["code"], brought.get("iss", ""))
            assert refusal(network.exchange, *given).follow == "reauthorise"
        stranger = replace(account, secrets={"client_secret": "guessed", "webhook": "guessed"})
        assert refusal(exchanged, network, stranger, code()).follow == "reauthorise"

    def test_what_somebody_unticks_is_said_at_once(self, there: Authority, network: Network, key: str) -> None:
        account = there.account(key)
        page = network.authorise(account, BACK, STATE, SECRET)
        asked = [s for s in there.asked(page)["scope"].replace(",", " ").split() if s not in there.optional]
        if key == "threads":
            return  # it does not say what was let in; the first call that is refused does
        there.unticked = {asked[-1]}
        told = refusal(exchanged, network, account, there.consent(page))
        assert (told.follow, asked[-1] in told.message) == ("give_up", True)

    def test_without_our_app_nobody_is_sent_anywhere(self, there: Authority, network: Network, key: str) -> None:
        account = replace(there.account(key), settings={}, secrets={})
        assert refusal(network.authorise, account, BACK, STATE, SECRET).follow in ("give_up", "reauthorise")

    def test_a_renewal_rotates_and_a_used_one_asks_for_a_person(
        self, there: Authority, network: Network, key: str
    ) -> None:
        account = there.account(key)
        first = exchanged(network, account, there.consent(network.authorise(account, BACK, STATE, SECRET)))
        if first.expires_at is None:
            return  # a page's token does not end
        kept = replace(account, secrets=dict(account.secrets) | dict(first.secrets))
        second = network.refresh(kept)
        assert second.secrets["token"] != first.secrets["token"]
        if "refresh_token" in first.secrets:
            assert second.secrets["refresh_token"] != first.secrets["refresh_token"]
        assert refusal(network.refresh, kept).follow == "reauthorise"

    def test_what_we_were_let_in_by_is_given_back_when_we_leave(
        self, there: Authority, network: Network, key: str
    ) -> None:
        account = there.account(key)
        if key == "mastodon":
            account = replace(account, secrets=dict(account.secrets) | {"client_id": CLIENT})
        assert network.revoke(account) is False, "there is nothing yet"
        given = exchanged(network, account, there.consent(network.authorise(account, BACK, STATE, SECRET)))
        kept = replace(account, secrets=dict(account.secrets) | dict(given.secrets))
        if key in ("facebook", "instagram", "threads"):
            assert network.revoke(kept) is False, "its owner ends it there"
            return
        assert network.revoke(kept) is True
        assert (kept.secrets.get("refresh_token") or kept.secrets["token"]) in there.ended
        assert network.revoke(kept) is True, "what it knows no more is given back"
        if network.capabilities.refresh:
            assert refusal(network.refresh, kept).follow == "reauthorise"


def test_a_server_that_knows_no_app_of_ours_is_told_of_it_once(there: Authority) -> None:
    network, account = networks.get("mastodon"), replace(there.account("mastodon"), settings={})
    made = network.enrol(account, BACK, DOCUMENT)
    known = replace(account, secrets=dict(account.secrets) | dict(made))
    assert network.enrol(known, BACK, DOCUMENT) == {}
    assert [app["redirect_uris"] for app in there.apps] == [BACK]
    assert network.enrol(known, f"{BACK}moved", DOCUMENT)["client_for"].endswith("moved")
    moved = replace(known, base_url=f"{there.url}/other")
    with pytest.raises(NetworkError):  # the other one is asked, not taken for this one
        network.enrol(moved, BACK, DOCUMENT)
    page = network.authorise(known, BACK, STATE, SECRET)
    assert page.startswith(f"{there.url}/oauth/authorize?")
    assert network.exchange(known, BACK, SECRET, there.consent(page)["code"]).secrets["token"].startswith("token-")


class TestBoundToAKey:
    """Bluesky's: the same road, and what its protocol asks for beyond it."""

    @pytest.fixture
    def bound(self) -> Iterator[BoundAuthority]:
        _dpop._nonces.clear()
        with bound_authority() as found:
            yield found

    @staticmethod
    def session(bound: BoundAuthority, account: Account, back: str = BACK) -> Account:
        network = networks.get("bluesky")
        given = exchanged(network, account, bound.consent(network.authorise(account, back, STATE, SECRET)), back)
        kept = {name: value for name, value in (dict(account.secrets) | dict(given.secrets)).items() if value}
        return replace(account, secrets=kept)

    def test_a_session_acts_renews_and_ends_with_a_proof_for_each_request(self, bound: BoundAuthority) -> None:
        network = networks.get("bluesky")
        opened = self.session(bound, bound.account("bluesky", password="abcd", renewal="old"))
        assert not {"password", "renewal", "sign_in_key"} & opened.secrets.keys(), "there is one way in"
        assert network.probe(opened).account_id == DID
        renewed = network.refresh(opened)
        assert renewed.expires_at is not None
        fresh = replace(opened, secrets=dict(opened.secrets) | dict(renewed.secrets))
        assert network.probe(fresh).account_id == DID
        assert network.revoke(fresh)
        assert bound.ended == [fresh.secrets["refresh_token"]]
        assert refusal(network.refresh, fresh).follow == "reauthorise"
        assert bound.told > 6

    def test_what_was_taken_is_of_no_use_without_the_key(self, bound: BoundAuthority) -> None:
        network = networks.get("bluesky")
        opened, other = (self.session(bound, bound.account("bluesky")) for _ in range(2))
        taken = {"token": opened.secrets["token"], "refresh_token": opened.secrets["refresh_token"]}
        thief = replace(other, secrets=dict(other.secrets) | taken)
        assert refusal(network.probe, thief).follow == "reauthorise"
        assert refusal(network.refresh, thief).follow == "reauthorise"

    def test_a_token_that_is_over_is_renewed_and_not_shown(self, bound: BoundAuthority) -> None:
        opened = self.session(bound, bound.account("bluesky"))
        over = replace(opened, secrets=dict(opened.secrets) | {"until": "1700000000"})
        assert refusal(networks.get("bluesky").probe, over).follow == "retry"

    def test_on_this_machine_the_app_needs_no_address(self, bound: BoundAuthority) -> None:
        network, back = networks.get("bluesky"), "http://127.0.0.1:8600/setup/sources/authorised/"
        empty = replace(bound.account("bluesky"), secrets={})
        begun = replace(empty, secrets=network.enrol(empty, back, "http://127.0.0.1:8600/clients/b.json"))
        assert network.client(begun, DOCUMENT, back) is None
        opened = self.session(bound, begun, back)
        assert opened.secrets["client_id"].startswith("http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1%3A8600")
        assert network.probe(replace(opened, secrets=dict(opened.secrets) | dict(network.refresh(opened).secrets)))
        for nowhere in ("http://localhost:8600/back/", "http://desk.bank.example/back/"):
            assert refusal(network.enrol, empty, nowhere, DOCUMENT).follow == "give_up"

    def test_a_sign_in_that_is_not_the_account_s_own_is_not_believed(self, bound: BoundAuthority) -> None:
        network, account = networks.get("bluesky"), bound.account("bluesky")
        brought = bound.consent(network.authorise(account, BACK, STATE, SECRET))
        for iss in ("", "https://elsewhere.example"):
            assert refusal(exchanged, network, account, brought | {"iss": iss}).follow == "reauthorise"
        bound.did = "did:plc:somebody"  # the right sign-in, and somebody else's consent
        known = replace(account, account_id=DID)
        assert "another account" in refusal(exchanged, network, known, brought).message

    @pytest.mark.parametrize(
        ("claims", "document"),
        [
            ({"issuer": "https://elsewhere.example"}, {}),
            ({"require_pushed_authorization_requests": False}, {}),
            ({"code_challenge_methods_supported": ["plain"]}, {}),
            ({"token_endpoint": "file:///etc/passwd"}, {}),
            ({}, {"id": "did:plc:somebody"}),
            ({}, {"alsoKnownAs": ["at://somebody.test"]}),
            ({}, {"service": []}),
            ({}, {"service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "x"}]}),
        ],
    )
    def test_nobody_is_sent_where_the_account_does_not_lead(
        self, bound: BoundAuthority, claims: dict[str, object], document: dict[str, object]
    ) -> None:
        account = bound.account("bluesky")
        bound.claims, bound.document = claims, document
        assert refusal(networks.get("bluesky").authorise, account, BACK, STATE, SECRET).follow == "give_up"
