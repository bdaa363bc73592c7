"""One real web process on the database of the test, for tests that need sockets or a browser."""

import fcntl
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from websockets.asyncio.client import ClientConnection, connect

from agents.models import User
from config import embedded
from config.installation import APPLICATION, BASE_DIR, OWNER
from tests.engines import of_session

READY_S = 60


class Web:
    """`python -m config.web` on a socket of its own. `environ` adds to or overrides what it is told."""

    def __init__(self, **environ: str) -> None:
        self.bound = socket.socket()
        self.bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.bound.bind(("127.0.0.1", 0))
        self.port: int = self.bound.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        database = connections["default"].settings_dict["NAME"]
        self.environ = os.environ | {
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "DATABASE_URL": of_session().url(APPLICATION, database),
            "ADMIN_DATABASE_URL": of_session().url(OWNER, database),
            "REDIS_URL": settings.REDIS_URL,
            "DATABASE_POOL": "8",
            "PROCESS_NAME": "test-web",
            **environ,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Web":
        collect_static()
        command = [sys.executable, "-m", "config.web", str(self.bound.fileno())]
        self.process = subprocess.Popen(
            embedded.launched(command, death=embedded.signal.SIGKILL),
            cwd=BASE_DIR,
            env=self.environ,
            pass_fds=(self.bound.fileno(),),
        )
        deadline = time.monotonic() + READY_S
        while not self._answers():
            assert self.process.poll() is None, "the web process ended"
            assert time.monotonic() < deadline, "the web process does not answer"
            time.sleep(0.05)
        return self

    def _answers(self) -> bool:
        try:
            answer: HTTPResponse = urllib.request.urlopen(f"{self.url}/static/favicon.svg", timeout=2)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        answer.close()
        return True

    def stop(self, how: int = embedded.signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(15)

    def socket(self, path: str, cookie: str = "", *, origin: str | None = "", **options: Any) -> connect:
        """A client's socket, to be awaited or entered; its page is our own unless `origin` says otherwise."""
        return connect(
            f"ws://127.0.0.1:{self.port}{path}",
            origin=self.url if origin == "" else origin,
            additional_headers={"cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"} if cookie else {},
            proxy=None,
            **options,
        )


def collect_static() -> None:
    """Give web processes of this session the files that they serve, collected once for all of its workers."""
    shared = Path(os.environ["SHARED_DIR"])
    with (shared / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "static" / "staticfiles.json").exists():
            command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
            subprocess.run(command, cwd=BASE_DIR, env=os.environ | {"DATA_DIR": str(shared)}, check=True)
    with suppress(FileExistsError):
        Path(settings.STATIC_ROOT).symlink_to(shared / "static")


def sign_in(person: User) -> str:
    """A session of this person; its cookie."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


Client = ClientConnection
