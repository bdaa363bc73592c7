"""Processes that are to be alive: started, watched, started again, and ended with everything that they started.

The engines are programs of their own. Our own processes are forks of the supervisor, which has loaded the product
once: they share its memory, and one that was killed is back in a moment.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn, Protocol

from config.launch import PR_SET_PDEATHSIG

FIRST_PAUSE = 0.25  # seconds before what died is started again; doubled at each death in a row
LONGEST_PAUSE = 5.0
STEADY_SECONDS = 20.0  # what has lived this long is well again


class Process(Protocol):
    """What a supervisor needs of a child, as `subprocess.Popen` has it."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...


class Fork:
    """A child that runs one function of this program and ends. `keeps` are the descriptors that stay open in it,
    and one that `speaks` has our standard output.

    It leads a session of its own, dies with its parent, writes to `log`, and holds nothing else of ours: neither the
    lock on the data directory nor the sockets of its neighbours. Must be made in a process with one thread.
    """

    def __init__(
        self, run: Callable[[], None], log: IO[bytes], keeps: Collection[int] = (), *, speaks: bool = False
    ) -> None:
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _live(run, log, keeps, parent, speaks=speaks)

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(0.01)
        return status

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)


def _live(run: Callable[[], None], log: IO[bytes], keeps: Collection[int], parent: int, *, speaks: bool) -> NoReturn:
    """The whole life of a fork. Never returns into the parent's code, so nothing of the parent's is undone by it."""
    status = 1
    try:
        os.setsid()
        die_with_parent(parent)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if not speaks:
            os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        for descriptor in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
            if descriptor > 2 and descriptor not in keeps:
                with suppress(OSError):
                    os.close(descriptor)
        run()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel kill this process when the one that made it dies, also if it has died just now."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


@dataclass
class Child:
    """One process that is to be alive: how to start it, how it is asked to end, and how it has fared."""

    name: str
    kind: str  # the key in `run.json`
    start: Callable[[IO[bytes]], Process]
    ending: signal.Signals
    log: IO[bytes]
    process: Process | None = None
    started: float = 0.0
    pause: float = 0.0
    again_at: float = 0.0

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def adopt(self, process: Process) -> None:
        """Watch this process from now on."""
        self.process = process
        self.started = time.monotonic()

    def launch(self) -> None:
        """Start it."""
        self.adopt(self.start(self.log))

    def bury(self) -> None:
        """Kill what the dead process left in its group, and settle when it is started again."""
        assert self.process is not None
        kill_group(self.process)
        if time.monotonic() - self.started > STEADY_SECONDS:
            self.pause = 0.0
        self.process = None
        self.wait_longer()

    def wait_longer(self) -> None:
        """Settle when it is started again, later each time in a row."""
        self.pause = min(LONGEST_PAUSE, self.pause * 2 or FIRST_PAUSE)
        self.again_at = time.monotonic() + self.pause

    def tidy_log(self, largest: int) -> None:
        """Set a log that has grown past `largest` bytes aside, keeping one such, and begin it anew.

        Where the disk has no room for both, the old lines go: the room is the database's.
        """
        if self.log.fileno() != 2 and os.fstat(self.log.fileno()).st_size > largest:
            path = Path(self.log.name)
            aside = path.with_suffix(".log.1")
            try:
                aside.write_bytes(path.read_bytes())
            except OSError:
                aside.unlink(missing_ok=True)
            os.ftruncate(self.log.fileno(), 0)


def end_together(group: Collection[Child], seconds: float) -> None:
    """Ask several children to end, wait for all of them, and kill the groups of those that did not make it."""
    for child in group:
        if child.process is not None:
            child.process.send_signal(child.ending)
    deadline = time.monotonic() + seconds
    for child in group:
        if child.process is None:
            continue
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.0, deadline - time.monotonic()))
        if child.kind == "postgres" and child.alive:
            child.process.send_signal(signal.SIGQUIT)  # it recovers at the next start; a kill would leave its children
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(1.0)
        kill_group(child.process)
        child.process.wait()


def kill_group(process: Process) -> None:
    """Kill a process and everything in its group that is left of it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
