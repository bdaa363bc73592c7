"""Runs everything and keeps it running: the engines, the web processes, the worker and the listener.

`manage.py up` is this process. It loads the product once and forks everything of ours from there. Children cannot
outlive it, and what a dead child leaves behind is killed with its process group (`config.children`).
"""

import fcntl
import json
import os
import select
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from setproctitle import setproctitle

from config import embedded, installation, programs
from config.children import Child, Fork, Process, end_together, kill_group

READY_SECONDS = 300.0
STEADY_SECONDS = 0.4  # a web process may repeat for a moment what it found before the others were there
STOPPING = ((("web",), 3.0), (("worker", "listener"), 2.0), (("valkey",), 0.5), (("postgres",), 2.5))
LARGEST_LOG = 20 * 1024 * 1024


class CannotStart(Exception):
    """The installation cannot be started; the message says why and what to do."""


@dataclass
class Supervisor:
    """The running installation: `told` is what it read from `environ`, which children get completed."""

    environ: dict[str, str]
    told: installation.Installation
    engines: embedded.Engines | None
    children: list[Child] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)
    stopping: bool = False
    ready: bool = False
    well_since: float | None = None
    moved: bool = False  # since the run file was written

    @property
    def url(self) -> str:
        host, port = self.sockets[0].getsockname()[:2]
        return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}/"  # noqa: S104

    # --- Starting ---

    def start(self) -> None:
        """Bring everything up in order. Raises `CannotStart` or `EngineError`."""
        self._bind(self.told.bind, self.told.port)
        if self.engines is not None:
            say("starting PostgreSQL and Valkey")
            self._start_engines(self.engines)
        say("preparing the database")
        os.environ.update(self.environ)
        programs.load()
        self._once("prepare", programs.prepare)
        say("starting web, worker and listener")
        programs.load_everything()
        for name, program, descriptor in programs.webs([bound.fileno() for bound in self.sockets]):
            self._keep(name, "web", program, keeps=(descriptor,))
        self._keep("worker", "worker", programs.worker)
        self._keep("listener", "listener", programs.listener)
        self.write_run_file()

    def _bind(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            with socket.socket(family) as probe:  # another program's port is not shared, ours would silently be
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            raise CannotStart(f"{host}:{port} cannot be used ({error.strerror}): name another PORT") from error
        for _ in range(self.told.web_processes):
            bound = socket.socket(family)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            bound.bind((host, port))
            port = bound.getsockname()[1]
            self.sockets.append(bound)
        self.environ["PORT"] = str(port)

    def _start_engines(self, engines: embedded.Engines) -> None:
        engines.prepare()
        database = Child("postgres", "postgres", engines.start_postgres, signal.SIGINT, self._file("postgres"))
        database.adopt(engines.run_postgres(database.log))
        self.children.append(database)
        engines.ensure_roles()
        if "REDIS_URL" not in self.environ:
            hints = Child("valkey", "valkey", engines.start_valkey, signal.SIGTERM, self._file("valkey"))
            hints.adopt(engines.run_valkey(hints.log))
            self.children.append(hints)

    def _keep(self, name: str, kind: str, program: Callable[[], None], keeps: tuple[int, ...] = ()) -> None:
        def start(log: IO[bytes]) -> Process:
            return Fork(program, log, keeps)

        child = Child(name, kind, start, signal.SIGTERM, self._log(name))
        child.launch()
        self.children.append(child)

    def _once(self, name: str, program: Callable[[], None]) -> None:
        """Run a program to its end; what it prints is for the person at the terminal."""
        log = self._log(name)
        fork = Fork(program, log, speaks=True)
        try:
            status = fork.wait()
        finally:
            kill_group(fork)
        if status != 0:
            where = "above" if log.fileno() == 2 else log.name
            raise CannotStart(f"could not {name} the installation: see {where}")

    def _log(self, name: str) -> IO[bytes]:
        if self.environ.get("LOGS") == "stderr":
            return sys.stderr.buffer
        return self._file(name)

    def _file(self, name: str) -> IO[bytes]:
        """A log that can be read again, as must be those of the engines: they say there why they do not start."""
        folder = self.told.data_dir / "logs"
        folder.mkdir(mode=0o700, exist_ok=True)
        return (folder / f"{name}.log").open("ab")

    # --- Running ---

    def tend(self, wake: int) -> None:
        """Restart what dies until told to stop; `wake` is a descriptor that any signal makes readable."""
        deadline = time.monotonic() + READY_SECONDS
        tidied = time.monotonic()
        while not self.stopping:
            self._revive()
            if not self.ready:
                self.ready = self.answers_steadily()
                if self.ready:
                    print(f"READY {self.url}", flush=True)
                elif time.monotonic() > deadline:
                    raise CannotStart(
                        f"not everything answers after {READY_SECONDS:.0f} seconds: see {self.told.data_dir}/logs"
                    )
            if time.monotonic() - tidied > 60:
                tidied = time.monotonic()
                for child in self.children:
                    child.tidy_log(LARGEST_LOG)
            select.select([wake], [], [], 0.25 if self.ready else 0.1)
            with suppress(BlockingIOError):
                os.read(wake, 512)

    def answers_steadily(self) -> bool:
        """Whether everything has answered for long enough that every web process says so."""
        if not answers_ready(self.url):
            self.well_since = None
            return False
        self.well_since = self.well_since or time.monotonic()
        return time.monotonic() - self.well_since >= STEADY_SECONDS

    def _revive(self) -> None:
        """Start again what died, and tell it in the run file: on a full disk, or without memory, again and again."""
        for child in self.children:
            if child.process is not None and not child.alive:
                say(f"{child.name} ended with {child.process.returncode}; it is started again")
                child.bury()
            if child.process is None and time.monotonic() >= child.again_at:
                try:
                    child.launch()
                except OSError as error:
                    child.wait_longer()
                    say(f"{child.name} cannot be started ({error.strerror}); it is tried again")
                self.moved = True
        if self.moved:
            with suppress(OSError):
                self.write_run_file()
                self.moved = False

    def write_run_file(self) -> None:
        """Say who runs where, for other programs of this machine's owner: `run.json`, as the contract has it."""
        told = installation.read(self.environ)
        pids: dict[str, Any] = {"supervisor": os.getpid(), "web": [], "worker": [], "listener": []}
        for child in self.children:
            if child.process is None:
                continue
            if isinstance(pids.get(child.kind), list):
                pids[child.kind].append(child.process.pid)
            else:
                pids[child.kind] = child.process.pid
        run: dict[str, Any] = {
            "url": self.url,
            "database_url": told.database_url,
            "admin_database_url": told.admin_database_url,
            "redis_url": told.redis_url,
            "pids": {"postgres": None, "valkey": None} | pids,
        }
        people = self.told.data_dir / "demo.json"
        if self.told.demo and people.exists():
            run |= json.loads(people.read_text())
        installation.write_private(self.told.data_dir / "run.json", json.dumps(run, indent=1))

    # --- Stopping ---

    def stop(self) -> None:
        """End everything in order: doors, work, hints, and the truth last. Never longer than ten seconds."""
        self.stopping = True
        for kinds, seconds in STOPPING:
            group = [child for child in self.children if child.kind in kinds and child.process is not None]
            end_together(group, seconds)
        for bound in self.sockets:
            bound.close()
        (self.told.data_dir / "run.json").unlink(missing_ok=True)


def answers_ready(url: str) -> bool:
    """True if the installation says that every part of it works; the canary needs two minutes more."""
    try:
        with urllib.request.urlopen(f"{url}readyz", timeout=5) as response:  # noqa: S310
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data directory for this process. Raises `CannotStart` if another holds it."""
    with (data_dir / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise CannotStart(
                f"Glasshouse is already running on {data_dir} (process {holder}):"
                " stop it, or name another DATA_DIR and PORT"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def say(text: str) -> None:
    """Tell the person at the terminal, or in the file that stands for it, unless its disk is full."""
    with suppress(OSError):
        print(f"glasshouse: {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Run the installation until SIGTERM or Ctrl-C; the exit status of the program."""
    setproctitle("glasshouse: supervisor")
    os.umask(0o077)
    environ = dict(os.environ)
    supervisor: Supervisor | None = None
    wake, waking = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(waking, warn_on_full_buffer=False)

    def asked_to_stop(number: int, frame: object) -> None:
        if supervisor is None or not supervisor.ready:
            raise KeyboardInterrupt  # in the middle of starting
        supervisor.stopping = True

    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, asked_to_stop)
    try:
        installation.prepare(environ)
        told = installation.read(environ)
        with only_one(told.data_dir):
            engines = embedded.Engines.of_installation(environ) if told.embedded else None
            supervisor = Supervisor(environ, told, engines)
            try:
                supervisor.start()
                supervisor.tend(wake)
            finally:
                for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
                supervisor.stop()
    except KeyboardInterrupt:
        return 130
    except (CannotStart, embedded.EngineError, installation.Refused) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
