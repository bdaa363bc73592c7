"""Two servers of snac2 that know each other: a small program that speaks Mastodon's client API, and not all of it."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.peers import installing
from tests.peers.waiting import eventually

# It names people by host alone, so each server has an address of its own and the port that goes without saying.
SERVERS = {"127.0.0.2": ("bank",), "127.0.0.3": ("customer",)}
NOBODY = "65534"
ELSEWHERE = "urn:ietf:wg:oauth:2.0:oob"


@dataclass
class Person:
    """Somebody with an account and a token for an app."""

    base: str
    name: str
    token: str

    @property
    def named(self) -> str:
        return f"@{self.name}@{self.base.rpartition('/')[2]}"

    def ask(self, method: str, path: str, **payload: Any) -> Any:
        answer = httpx.request(
            method,
            f"{self.base}/api/v1/{path}",
            headers={"authorization": f"Bearer {self.token}", "connection": "close"},
            json=payload or None,
            timeout=30,
            trust_env=False,
        )
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.json()

    def write(self, text: str, visibility: str = "public") -> dict[str, Any]:
        """A new status, as the server gives it."""
        status: dict[str, Any] = self.ask("POST", "statuses", status=text, visibility=visibility)
        return status

    def replies(self, number: str) -> list[dict[str, Any]]:
        """What stands under a status as this person sees it."""
        below: list[dict[str, Any]] = self.ask("GET", f"statuses/{number}/context")["descendants"]
        return below


@contextlib.contextmanager
def running() -> Iterator[dict[str, Person]]:
    """Both servers, started anew, and the people on them."""
    installed = installing.snac()
    # A folder of their own: whenever it starts, pytest closes its folders to others, and the servers are others.
    with tempfile.TemporaryDirectory(prefix="snac-") as made:
        Path(made).chmod(0o755)
        yield from _running(Path(made), installed)


def _running(folder: Path, installed: Path) -> Iterator[dict[str, Person]]:
    program = Path(shutil.copy2(installed, folder / "snac"))
    running_: list[subprocess.Popen[bytes]] = []
    people = {}
    try:
        for address, names in SERVERS.items():
            passwords = _made(program, folder / address, address, names)
            running_.append(_started(program, folder / address))
            people |= {name: _signed_in(f"http://{address}", name, word) for name, word in passwords.items()}
        yield people
    finally:
        for server in running_:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(10)
            server.kill()


def _made(program: Path, data: Path, address: str, names: tuple[str, ...]) -> dict[str, str]:
    """A server's data with its people, who get passwords from it."""
    answers = f"{address}\n80\n{address}\n\n\n"
    subprocess.run([program, "init", data], input=answers, text=True, check=True, capture_output=True)
    settings = json.loads((data / "server.json").read_text())
    (data / "server.json").write_text(json.dumps(settings | {"protocol": "http", "queue_retry_minutes": 1}))
    passwords = {}
    for name in names:
        made = subprocess.run([program, "adduser", data, name], text=True, check=True, capture_output=True)
        found = re.search(r"password is (\S+)", made.stdout + made.stderr)
        assert found is not None, made.stdout
        passwords[name] = found[1]
    return passwords


def _started(program: Path, data: Path) -> subprocess.Popen[bytes]:
    """It refuses to be root, and the port needs a right that only root has: nobody, with that one right."""
    subprocess.run(["chown", "-R", NOBODY, data], check=True)
    right = ["--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"]
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *right, program, "httpd", data]
    log = data.with_name(f"{data.name}.log").open("ab")
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)


def _signed_in(base: str, name: str, password: str) -> Person:
    """The way of an app: it registers, the person signs in, the code becomes a token."""

    def post(path: str, **form: str) -> httpx.Response:
        # It ends connections without saying so.
        return httpx.post(f"{base}/{path}", data=form, headers={"connection": "close"}, trust_env=False)

    def registered() -> dict[str, str] | None:
        with contextlib.suppress(httpx.HTTPError):
            return dict(post("api/v1/apps", client_name="peer", redirect_uris=ELSEWHERE, scopes="read write").json())
        return None

    app = eventually(registered, 15, f"{base} answering")
    asked = {"login": name, "passwd": password, "redir": ELSEWHERE, "cid": app["client_id"], "state": ""}
    code = re.search(r"[0-9a-f]{32}", post("oauth/x-snac-login", **asked).text)
    assert code is not None, "the sign-in gave no code"
    keys = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    told = post("oauth/token", **keys, grant_type="authorization_code", code=code[0], redirect_uri=ELSEWHERE).json()
    return Person(base, name, str(told["access_token"]))
