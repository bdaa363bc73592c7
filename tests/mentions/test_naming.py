"""People whose messages say only their number are asked for by name, in the background, and never for long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agents.desk import thread
from mentions import intake, networks, sources
from mentions.models import Author, Source
from mentions.sources import gate, naming
from tests.factories import make_queue, make_source
from tests.mentions.networks import peer_facebook, peer_instagram
from tests.mentions.networks.peer_facebook import CUSTOMER, GraphPeer, graph_error

pytestmark = pytest.mark.django_db(transaction=True)
PEERS: dict[str, Any] = {"facebook": peer_facebook, "instagram": peer_instagram}


@pytest.fixture(params=PEERS)
def page(request: pytest.FixtureRequest) -> Iterator[tuple[GraphPeer, Source]]:
    make_queue()
    with PEERS[request.param].serve() as peer:
        account = peer.account
        source = make_source(
            "page",
            network=request.param,
            base_url=account.base_url,
            account_id=account.account_id,
            secrets=sources.seal(account.secrets),
        )
        peer.tell("Where is my card?")
        intake.receive(source, networks.get(request.param).parse(peer.delivery()[1]))
        assert thread.writer(Author.objects.get()).name == "Unknown"
        yield peer, source


def test_a_message_of_a_number_gets_its_name_and_is_asked_for_once(page: tuple[GraphPeer, Source]) -> None:
    peer, source = page
    who = {"name": "Dana Reyes", "profile_pic": "https://a.fbcdn.net/d.jpg", "username": "dana"}
    peer.people[CUSTOMER] = who | {"follower_count": 900, "is_verified_user": True}
    for _again in range(3):
        naming.tick()
    assert len(peer.heard) == 1
    author = Author.objects.get()
    assert (author.name, author.avatar_url) == ("Dana Reyes", "https://a.fbcdn.net/d.jpg")
    assert author.handle == ("dana" if source.network == "instagram" else "")
    # The next message says no more than the first did, and takes nothing away.
    peer.tell("Hello?")
    intake.receive(source, networks.get(source.network).parse(peer.delivery()[1]))
    author.refresh_from_db()
    assert (author.name, author.avatar_url) == ("Dana Reyes", "https://a.fbcdn.net/d.jpg")
    assert (author.followers, author.verified) == ((900, True) if source.network == "instagram" else (None, None))


def test_what_the_network_keeps_to_itself_is_asked_for_a_few_times_and_mutes_no_account(
    page: tuple[GraphPeer, Source],
) -> None:
    peer, source = page
    for _again in range(naming.TRIES + 3):
        peer.refused = graph_error(10)
        peer.refuse()
        naming.tick()
        Author.objects.update(name_next_at=timezone.now() - timedelta(seconds=1))
    assert len(peer.heard) == naming.TRIES
    source.refresh_from_db()
    assert (source.refused_at, source.failures) == (None, 0)


def test_told_to_wait_it_waits(page: tuple[GraphPeer, Source]) -> None:
    peer, _source = page
    peer.limit()
    for _again in range(3):
        naming.tick()
    assert len(peer.heard) == 1
    assert Author.objects.get().name_next_at > timezone.now() + timedelta(minutes=4)  # type: ignore[operator]


def test_whoever_the_network_is_not_asked_of_closes_no_circuit(page: tuple[GraphPeer, Source]) -> None:
    """A number of another kind tells nothing, and is not asked for: of the network nothing is known."""
    peer, source = page
    Author.objects.update(external_id="777")
    Source.objects.filter(pk=source.pk).update(failures=gate.OPENS_AFTER)
    naming.tick()
    source.refresh_from_db()
    assert (peer.heard, source.failures) == ([], gate.OPENS_AFTER)
    assert Author.objects.get().name_tries == naming.TRIES
