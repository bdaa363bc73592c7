"""What the real Bluesky says over its firehose, told on as Jetstream tells it.

Jetstream itself is a program of another language that no registry has; what it does is this. A frame is two CBOR
objects, a commit brings its records in a CAR file, and a link is a tagged identifier.
"""

from __future__ import annotations

import base64
import contextlib
import io
import threading
from collections.abc import Iterator
from typing import Any

import cbor2
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.mentions.networks.jetstream import Jetstream, listening

LINK = 42
CID_BYTES = 36  # version 1, DAG-CBOR, SHA-256


@contextlib.contextmanager
def streamed(pds: str) -> Iterator[Jetstream]:
    """A Jetstream beside this server of accounts."""
    address = pds.replace("http", "ws", 1) + "/xrpc/com.atproto.sync.subscribeRepos"
    with listening(Jetstream()) as jetstream, connect(address, max_size=None) as line:
        reading = threading.Thread(target=_read, args=(line, jetstream), daemon=True)
        reading.start()
        yield jetstream
        line.close()
        reading.join(5)


def _read(line: Any, jetstream: Jetstream) -> None:
    with contextlib.suppress(ConnectionClosed):
        for frame in line:
            decoder = cbor2.CBORDecoder(io.BytesIO(frame))
            header, body = decoder.decode(), decoder.decode()
            if header.get("t") == "#commit":
                _commit(body, jetstream)
            elif header.get("t") in ("#account", "#identity"):
                told = {name: value for name, value in body.items() if name != "did"}
                jetstream.tell(body["did"], header["t"][1:], **told)


def _commit(body: dict[str, Any], jetstream: Jetstream) -> None:
    blocks = _blocks(body["blocks"])
    for operation in body["ops"]:
        collection, _, rkey = operation["path"].partition("/")
        told = {"rev": body["rev"], "operation": operation["action"], "collection": collection, "rkey": rkey}
        if operation["action"] != "delete":
            cid = operation["cid"].value[1:]
            told |= {"record": _plain(cbor2.loads(blocks[cid])), "cid": _name(cid)}
        jetstream.tell(body["repo"], "commit", **told)


def _blocks(car: bytes) -> dict[bytes, bytes]:
    """The blocks of a CAR file by their identifiers."""
    stream = io.BytesIO(car)
    stream.seek(_number(stream), io.SEEK_CUR)
    found = {}
    while stream.tell() < len(car):
        size = _number(stream)
        cid = stream.read(CID_BYTES)
        found[cid] = stream.read(size - CID_BYTES)
    return found


def _number(stream: io.BytesIO) -> int:
    number = shift = 0
    while True:
        (byte,) = stream.read(1)
        number |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return number
        shift += 7


def _plain(value: Any) -> Any:
    """A record as JSON has it."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, cbor2.CBORTag):
        return {"$link": _name(value.value[1:])}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode().rstrip("=")}
    return value


def _name(cid: bytes) -> str:
    return "b" + base64.b32encode(cid).decode().lower().rstrip("=")
