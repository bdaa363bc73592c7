"""A screen as tests play it: a key, a cookie and a step, and a socket that proves itself."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from agents.models import Role, User
from commandcenter import devices, pairing
from commandcenter.models import Profile
from commandcenter.models.screens import Room, Screen
from tests.factories import make_person, make_site
from tests.web import Client, Web


@dataclass
class Device:
    """What a paired browser holds."""

    screen: int
    cookie: str
    token: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def sign(self, challenge: str, token: str | None = None) -> dict[str, str]:
        step = self.token if token is None else token
        r, s = decode_dss_signature(self.key.sign(f"{challenge}.{step}".encode(), ec.ECDSA(hashes.SHA256())))
        signature = base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()
        return {"type": "proof", "token": step, "signature": signature}

    def copy(self) -> Device:
        """What a thief has who copied the whole folder."""
        return Device(self.screen, self.cookie, self.token, self.key)


def public(key: ec.EllipticCurvePrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def make_room(name: str = "Command room", *, closed: bool = True) -> Room:
    room = Room.objects.get_or_create(site=make_site(), name=name)[0]
    if closed and room.closed_at is None:
        room.closed_at, room.closed_by = timezone.now(), make_person("mara", role=Role.MANAGER)
        room.save()
    return room


def supervisors() -> tuple[User, User]:
    return make_person("sofia", role=Role.SUPERVISOR), make_person("sam", role=Role.SUPERVISOR)


def make_screen(
    name: str = "Lobby", *, profile: str = Profile.INTERNAL, confirmed: bool = True, **fields: Any
) -> Device:
    """A paired screen, by the same road as a television; internal ones hang in a closed room."""
    first, second = supervisors()
    key = ec.generate_private_key(ec.SECP256R1())
    asked, secret = pairing.ask(public(key), address="10.0.0.9", browser="Kiosk")
    found = pairing.find(asked.code, by=first, address="10.0.0.1")
    room = fields.pop("room", None) or make_room(closed=profile == Profile.INTERNAL)
    screen = pairing.approve(found, Screen(name=name, profile=profile, room=room, **fields), by=first)
    if confirmed and profile == Profile.STREET:
        pairing.confirm(screen, by=second)
    state = pairing.collect(secret)
    assert state.kind == "paired"
    # A hundred screens are paired in a moment here, which no address could.
    type(asked).objects.filter(pk=asked.pk).update(at=timezone.now() - timedelta(hours=1))
    return Device(screen.pk, state.cookie, state.token, key)


class Player:
    """A screen's socket: proves itself, takes its steps, and says what it shows, as its page does."""

    def __init__(self, client: Client, device: Device, *, silent: bool = False) -> None:
        self.client = client
        self.device = device
        self.silent = silent
        self.frames: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for text in self.client:
                message = json.loads(text)
                self.frames.append(message)
                await self._answer(message)
        except ConnectionClosed:
            pass
        self.closed = self.client.close_code

    async def _answer(self, message: dict[str, Any]) -> None:
        if message["type"] == "prove":
            await self.say(**self.device.sign(message["challenge"]))
        elif self.silent:
            return
        elif message["type"] == "step":
            self.device.token = message["token"]
            await self.say(type="took")
        elif message["type"] == "there":
            await self.say(type="here")
        elif message["type"] in ("plan", "scene"):
            await self.acknowledge()

    async def acknowledge(self) -> None:
        """As its page does: once the scenes of the plan have come."""
        plan = self.plan
        if plan is None:
            return
        seen = {frame["scene"] for frame in self.frames if frame["type"] == "scene"}
        if set(plan["scenes"]) <= seen:
            await self.say(type="showing", n=plan["n"], kind=plan["kind"], scenes=plan["scenes"], state="live")

    async def say(self, **message: Any) -> None:
        await self.client.send(json.dumps(message))

    @property
    def plan(self) -> dict[str, Any] | None:
        return next((frame for frame in reversed(self.frames) if frame["type"] == "plan"), None)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]

    async def until(self, happened: Any, seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while not happened(self):
            assert time.monotonic() < deadline, (
                f"it did not happen: {[frame['type'] for frame in self.frames]}, {self.plan}, closed {self.closed}"
            )
            await asyncio.sleep(0.01)

    async def leave(self) -> None:
        await self.client.close()
        self.reading.cancel()


def player_socket(web: Web, device: Device, query: str = "") -> connect:
    return connect(
        f"ws://127.0.0.1:{web.port}/ws/wall/?as=screen{query}",
        origin=web.url,
        additional_headers={"cookie": f"{devices.COOKIE}={device.cookie}"},
        proxy=None,
        max_size=2**24,
    )


async def play(web: Web, device: Device, query: str = "", *, silent: bool = False) -> Player:
    """A screen that is switched on."""
    return Player(await player_socket(web, device, query), device, silent=silent)
