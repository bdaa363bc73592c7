"""The whole product as a process of its own, for tests that need the real thing."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.embedded import launched
from config.installation import BASE_DIR

READY_SECONDS = 180
SESSION = ("DATA_DIR", "REDIS_URL", "PORT", "DJANGO_SETTINGS_MODULE", "DEMO")


class Product:
    """`manage.py up` on a data directory, started by `start` and known by what it prints and writes."""

    def __init__(self, data_dir: Path, **told: str) -> None:
        self.data_dir = data_dir
        clean = {name: value for name, value in os.environ.items() if name not in SESSION}
        self.environ = clean | {"DATA_DIR": str(data_dir), "PORT": "0", "DEMO": "0"} | told
        self.printed: list[str] = []
        self.complaints: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> "Product":
        """Start it and wait for its line. Raises AssertionError with what it said if it ends before."""
        began = time.monotonic()
        self.printed.clear()
        self.process = subprocess.Popen(
            launched([sys.executable, "manage.py", "up"], death=signal.SIGTERM),
            cwd=BASE_DIR,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.printed), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self.complaints), daemon=True),
        ]
        for reader in self.readers:
            reader.start()
        self.eventually(lambda: self.ready or self.process.poll() is not None, READY_SECONDS, "READY")
        assert self.ready, "".join(self.printed + self.complaints)
        self.seconds_to_ready = time.monotonic() - began
        return self

    @staticmethod
    def _read(stream: Any, lines: list[str]) -> None:
        lines.extend(stream)

    @property
    def ready(self) -> bool:
        return any(line.startswith("READY ") for line in self.printed)

    @property
    def url(self) -> str:
        return str(self.run["url"])

    @property
    def run(self) -> dict[str, Any]:
        """What `run.json` says now."""
        run: dict[str, Any] = json.loads((self.data_dir / "run.json").read_text())
        return run

    def wait(self, seconds: float = 15) -> int:
        """Wait for its end; its exit status."""
        status = self.process.wait(seconds)
        for reader in self.readers:
            reader.join(5)
        return status

    def stop(self) -> float:
        """End it as an administrator would, and give the seconds that took."""
        if self.process.poll() is not None:
            return 0.0
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.wait()
        return time.monotonic() - began

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a GET; status 0 where nothing answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def eventually(self, happened: Callable[[], object], seconds: float = 30, what: str = "it") -> None:
        """Look again and again until it has happened."""
        deadline = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s: {self.complaints[-5:]}"
            threading.Event().wait(0.05)

    def family(self) -> list[int]:
        """Every process below the supervisor, read from /proc."""
        parents: dict[int, int] = {}
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = re.sub(r"\(.*\)", "x", status.read_text(), flags=re.DOTALL).split()
            except OSError:
                continue
            parents[int(fields[0])] = int(fields[3])
        found = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return sorted(found - {self.process.pid})


def alive(pid: int) -> bool:
    """True if the process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
