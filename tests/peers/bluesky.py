"""Bluesky itself, as its developers run it, and the people on it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg import sql

from config.embedded import SUPERUSER, VALKEY, launched
from tests.engines import of_session
from tests.peers import installing
from tests.peers.waiting import free_port

READY_S = 120
POSTS = "app.bsky.feed.post"


@dataclass
class Person:
    """Somebody with an account and an app that is signed in."""

    client: httpx.Client
    did: str
    handle: str
    password: str

    def write(self, text: str, *, naming: Person | None = None, reply: dict[str, Any] | None = None) -> str:
        """A new post; `naming` is mentioned in front of it. Its AT-URI."""
        record = self._record(text, naming) | ({"reply": reply} if reply else {})
        made = self.do("com.atproto.repo.createRecord", repo=self.did, collection=POSTS, record=record)
        return str(made["uri"])

    def rewrite(self, uri: str, text: str, *, naming: Person | None = None) -> None:
        """Another text under the same address."""
        where = {"repo": self.did, "collection": POSTS, "rkey": uri.rpartition("/")[2]}
        self.do("com.atproto.repo.putRecord", **where, record=self._record(text, naming))

    def delete(self, uri: str) -> None:
        self.do("com.atproto.repo.deleteRecord", repo=self.did, collection=POSTS, rkey=uri.rpartition("/")[2])

    def do(self, method: str, **payload: Any) -> dict[str, Any]:
        answer = self.client.post(f"/xrpc/{method}", json=payload)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()) if answer.content else {}

    def _record(self, text: str, naming: Person | None) -> dict[str, Any]:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record: dict[str, Any] = {"$type": POSTS, "text": text, "createdAt": moment}
        if naming is not None:
            name = f"@{naming.handle}"
            mark = {"$type": "app.bsky.richtext.facet#mention", "did": naming.did}
            record["text"] = f"{name} {text}"
            record["facets"] = [{"index": {"byteStart": 0, "byteEnd": len(name)}, "features": [mark]}]
        return record


@dataclass
class Bluesky:
    """A running network. `directory` knows where each account is, `pds` has it, in `index` everything is seen."""

    directory: str
    pds: str
    index: str
    keeper: dict[str, str]
    bank: Person
    customer: Person
    stranger: Person

    def replies(self, uri: str) -> list[dict[str, Any]]:
        """The records that everybody sees under a post."""
        answer = httpx.get(f"{self.index}/xrpc/app.bsky.feed.getPostThread", params={"uri": uri})
        thread = answer.json().get("thread", {})
        return [reply["post"]["record"] for reply in thread.get("replies", []) if "post" in reply]

    def take_down(self, did: str, *, back: bool = False) -> None:
        """What the network's moderators do with a whole account, at its server and in the index."""
        for server in (self.pds, self.index):
            answer = httpx.post(
                f"{server}/xrpc/com.atproto.admin.updateSubjectStatus",
                headers=self.keeper,
                json={
                    "subject": {"$type": "com.atproto.admin.defs#repoRef", "did": did},
                    "takedown": {"applied": not back, "ref": "1"},
                },
            )
            assert answer.status_code == 200, answer.text


@contextlib.contextmanager
def running(folder: Path, *, limited: bool = False) -> Iterator[Bluesky]:
    """The network, started anew; `limited` with its real rate limits."""
    installed, node = installing.bluesky()
    engines = of_session()
    with psycopg.connect(engines.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS peer WITH (FORCE)"))
        connection.execute(sql.SQL("CREATE DATABASE peer"))
    port = free_port()
    quiet = {"stdin": subprocess.DEVNULL, "stdout": (folder / "bluesky.log").open("ab"), "stderr": subprocess.STDOUT}
    redis = subprocess.Popen(
        launched(
            [str(VALKEY), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
            death=signal.SIGKILL,
        ),
        **quiet,
    )
    ready = folder / "bluesky.json"
    ready.unlink(missing_ok=True)
    environ = os.environ | {
        "INSTALLED": str(installed),
        "POSTGRES_URL": engines.url(SUPERUSER, "peer"),
        "REDIS_HOST": f"127.0.0.1:{port}",
        "READY": str(ready),
        "LIMITED": "1" if limited else "0",
        "LOG_ENABLED": "false",
        "NODE_ENV": "development",
    }
    script = Path(__file__).with_suffix(".mjs")
    network = subprocess.Popen(launched([str(node), str(script)], death=signal.SIGTERM), env=environ, **quiet)
    try:
        deadline = time.monotonic() + READY_S
        while not ready.exists():
            assert network.poll() is None, (folder / "bluesky.log").read_text()[-2000:]
            assert time.monotonic() < deadline, "Bluesky was not ready in time"
            time.sleep(0.2)
        time.sleep(0.2)
        yield _with_people(json.loads(ready.read_text()))
    finally:
        for process in (network, redis):
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _with_people(told: dict[str, Any]) -> Bluesky:
    pds = told["pds"].replace("localhost", "127.0.0.1")
    people = {}
    for name, account in told["people"].items():
        client = httpx.Client(base_url=pds, timeout=30, trust_env=False)
        credentials = {"identifier": account["did"], "password": account["password"]}
        opened = client.post("/xrpc/com.atproto.server.createSession", json=credentials).json()
        client.headers["authorization"] = f"Bearer {opened['accessJwt']}"
        people[name] = Person(client, account["did"], f"{name}.test", account["password"])
    directory = told["directory"].replace("localhost", "127.0.0.1")
    return Bluesky(directory, pds, told["index"].replace("localhost", "127.0.0.1"), told["keeper"], **people)
