"""Whatever anybody says on a screen's socket, nothing breaks, and nobody learns what another screen shows."""

import asyncio
import json
from contextlib import suppress
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from commandcenter.models.screens import Screen
from tests.commandcenter.device import make_screen, play, player_socket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)
KINDS = st.sampled_from(["proof", "took", "here", "showing", "plan", "scene", "step", "hello"])
FIELDS = st.sampled_from(["n", "kind", "state", "release", "scenes", "token", "signature", "screen", "connection"])
SAID = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=80),
    st.builds(
        lambda kind, body: json.dumps({**body, "type": kind}),
        KINDS | ANYTHING,
        st.dictionaries(FIELDS, ANYTHING, max_size=5),
    ),
)


_numbers = count()


@given(said=st.lists(SAID, max_size=25))
@example(said=['{"type":"showing","kind":"\\ud800","n":1e999}', "[" * 20000, '{"type":' + "9" * 5000 + "}"])
@tried(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_device_says_it_breaks_nothing_and_learns_of_no_other_screen(web, said):
    number = next(_numbers)  # who says "here" while it comes back is two devices, and out: so each time another screen
    lobby, other = make_screen(f"Lobby {number}", fixed="pulse"), make_screen(f"Other {number}", fixed="queues")

    async def talk() -> None:
        async with player_socket(web, other) as stranger:  # has a cookie, and proves nothing
            heard = await told(stranger, said)
            assert {json.loads(text)["type"] for text in heard} == {"prove"}
            assert stranger.close_code in (None, 1009, 4401)
        player = await play(web, lobby)
        await player.until(lambda p: p.of("scene"))
        with suppress(ConnectionClosed):
            for text in said:
                await player.client.send(text)
            await asyncio.wait_for(await player.client.ping(), 5)
        assert player.client.close_code in (None, 1009, 4401)
        assert {frame["scene"] for frame in player.of("scene")} == {"pulse"}
        assert not any("Other" in frame["name"] for frame in player.of("plan"))
        await player.leave()

    asyncio.run(talk())
    assert Screen.objects.get(pk=other.screen).shown == {}


async def told(client: ClientConnection, said: list[str | bytes]) -> list[str | bytes]:
    """What a socket answers to all this, until it is quiet or closed."""
    heard = [await client.recv()]
    try:
        for text in said:
            await client.send(text)
        await asyncio.wait_for(await client.ping(), 5)
        while True:
            heard.append(await asyncio.wait_for(client.recv(), 0.05))
    except (ConnectionClosed, TimeoutError):
        return heard
