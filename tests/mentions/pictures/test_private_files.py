"""Pictures that people send in private: given by a name to our account alone, fetched with its token and kept."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from agents.desk import words
from mentions import intake, networks, sources
from mentions.models import Media, Mention, MentionContent, Source
from mentions.networks import Account
from mentions.pictures import fetching
from mentions.pictures.making import NotAPicture
from mentions.sources import gate
from tests.factories import make_queue, make_source
from tests.mentions.networks import peer_telegram, peer_whatsapp, peer_x
from tests.mentions.networks.api_peer import refusal

pytestmark = pytest.mark.django_db(transaction=True)
PEERS = {"whatsapp": peer_whatsapp, "telegram": peer_telegram, "x": peer_x}


def photograph() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG")
    return out.getvalue()


def connected(account: Account, key: str) -> Source:
    make_queue()
    return make_source(
        key,
        network=key,
        base_url=account.base_url,
        handle=account.handle,
        account_id=account.account_id,
        settings=dict(account.settings),
        secrets=sources.seal(account.secrets),
    )


def hear(key: str, peer: Any) -> Source:
    """What waits there is taken in, delivered or asked for as the network does it."""
    source = connected(peer.account, key)
    network = networks.get(key)
    found = network.fetch(peer.account, {}).items if network.capabilities.fetch else network.parse(peer.delivery()[1])
    intake.receive(source, list(found))
    return source


def serve(key: str) -> AbstractContextManager[Any]:
    found: AbstractContextManager[Any] = PEERS[key].serve()  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("caption", ["", "This is the letter"])
@pytest.mark.parametrize("key", PEERS)
def test_a_picture_sent_in_private_is_kept_and_its_caption_is_not_all_there_is(key: str, caption: str) -> None:
    with serve(key) as peer:
        peer.send_picture(photograph(), caption)
        hear(key, peer)
        waiting = Media.objects.get()
        assert (waiting.type, waiting.state, waiting.url) == ("image", "pending", "")
        assert words.attached(waiting, private=True) == "A picture"
        assert fetching.fetch_due() == 1
    kept = Media.objects.get()
    assert (kept.state, kept.reason) == ("kept", "")
    assert kept.picture is not None
    assert kept.picture.width == 40
    assert (Mention.objects.get().visibility, MentionContent.objects.get().text) == ("private", caption)


def test_a_token_goes_nowhere_but_to_its_network() -> None:
    with peer_whatsapp.serve() as peer:
        peer.elsewhere = "http://localhost:9"
        peer.send_picture(photograph())
        hear("whatsapp", peer)
        fetching.fetch_due()
        assert [request.path for request in peer.heard] == ["/4111111111111111"]
    refused = Media.objects.get()
    assert (refused.state, "none of the hosts" in refused.reason) == ("refused", True)


def again() -> Media:
    """What became of the one picture that waits, which is looked at again as if its time had come."""
    Media.objects.update(next_at=timezone.now() - timedelta(minutes=1))
    fetching.fetch_due()
    return Media.objects.get()


def test_while_the_keys_are_refused_the_picture_waits() -> None:
    with peer_whatsapp.serve() as peer:
        peer.send_picture(photograph())
        source = hear("whatsapp", peer)
        peer.expire()
        told = again()
        assert (told.state, told.tries) == ("pending", 1)
        # The keys are probed every quarter of an hour: what they are refused for costs this picture no other try.
        assert told.next_at is not None
        assert told.next_at > timezone.now() + timedelta(minutes=15)
        Source.objects.filter(pk=source.pk).update(refused_at=timezone.now())
        asked = len(peer.heard)
        for _again in range(fetching.TRIES + 1):
            told = again()
            assert (told.state, told.tries) == ("pending", 1)
        assert len(peer.heard) == asked
        Source.objects.filter(pk=source.pk).update(refused_at=None)
        assert again().state == "kept"


@pytest.mark.parametrize("code", [401, 403])
def test_a_picture_that_is_refused_while_the_keys_are_good_is_given_up(code: int) -> None:
    with peer_whatsapp.serve() as peer:
        peer.send_picture(photograph())
        hear("whatsapp", peer)
        peer.store = refusal(code)
        for _again in range(fetching.TRIES + 2):
            told = again()
        assert (told.state, str(code) in told.reason) == ("refused", True)
        assert len([request for request in peer.heard if request.path == "/attachments/"]) == fetching.TRIES


def test_a_host_of_pictures_that_is_down_keeps_no_reply_from_leaving() -> None:
    with peer_whatsapp.serve() as peer:
        for _picture in range(gate.OPENS_AFTER):
            peer.send_picture(photograph())
        source = hear("whatsapp", peer)
        for code in (503, 429):
            peer.store = refusal(code, retry_after="60")
            Media.objects.update(next_at=None)
            assert fetching.fetch_due() == gate.OPENS_AFTER
        source.refresh_from_db()
        assert (source.failures, source.circuit_until) == (0, None)
        assert gate.enter(source, "replies", now=timezone.now()) is None


def test_a_refusal_of_our_own_closes_no_circuit() -> None:
    """A name that is none of the network's is not asked for, so nothing is known of the network."""
    with peer_whatsapp.serve() as peer:
        source = connected(peer.account, "whatsapp")
        Source.objects.filter(pk=source.pk).update(failures=gate.OPENS_AFTER)
        with pytest.raises(NotAPicture):
            fetching.given("zz", source, 100, now=timezone.now())
        source.refresh_from_db()
        assert (peer.heard, source.failures) == ([], gate.OPENS_AFTER)


@pytest.mark.parametrize("own", ["", "zz", "../../etc", "12/../3"])
@pytest.mark.parametrize("key", PEERS)
def test_a_name_that_is_none_of_the_network_s_asks_nobody(key: str, own: str) -> None:
    with serve(key) as peer, pytest.raises(networks.NetworkError):
        networks.get(key).file(peer.account, own)
    assert peer.heard == []
