"""Children: what a fork holds and leaves, and how often what dies is started again."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from config.children import FIRST_PAUSE, LONGEST_PAUSE, Child
from config.installation import BASE_DIR
from tests.product import alive

PROGRAM = """
import fcntl, os, sys, time
from config.children import Fork

def run():
    {run}

lock = open(sys.argv[1] + "/lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
log = open(sys.argv[1] + "/log", "ab")
fork = Fork(run, log)
print(fork.pid, flush=True)
{then}
"""


def parent(folder: Path, run: str, then: str = "sys.exit(fork.wait())") -> "subprocess.Popen[str]":
    """A program that makes one fork, which runs the given line."""
    code = PROGRAM.format(run=run, then=then)
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("run", "status", "logged"),
    [
        ("print('done')", 0, "done"),
        ("sys.exit(3)", 3, ""),
        ("raise ValueError('broken')", 1, "ValueError: broken"),
        ("os.kill(os.getpid(), 9)", 247, ""),
    ],
)
def test_a_fork_ends_with_its_own_status_and_writes_to_its_own_log(tmp_path, run, status, logged):
    process = parent(tmp_path, run)
    said, complained = process.communicate(timeout=20)
    assert process.returncode == status
    assert logged in (tmp_path / "log").read_text()
    assert said.strip().isdecimal(), "only the parent spoke"
    assert complained == ""


def test_a_fork_dies_with_its_parent_and_holds_nothing_of_it(tmp_path):
    process = parent(tmp_path, "time.sleep(60)", "time.sleep(60)")
    child = int(process.stdout.readline())
    wanted = {os.devnull, str(tmp_path / "log")}
    deadline = time.monotonic() + 10
    while (held := _held(child)) != wanted and time.monotonic() < deadline:
        os.sched_yield()  # it says its number before it has let go of what it inherited
    assert held == wanted
    assert os.getsid(child) == child
    process.kill()
    process.wait()
    with (tmp_path / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    while alive(child):
        os.sched_yield()


def _held(pid: int) -> set[str]:
    held = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed between the listing and the look
            held.add(str(descriptor.readlink()))
    return held


def test_what_dies_again_and_again_is_started_less_and_less_often(tmp_path):
    def start(log):
        return subprocess.Popen(["true"], start_new_session=True)

    with (tmp_path / "log").open("ab") as log:
        child = Child("short", "worker", start, signal.SIGTERM, log)
        pauses = []
        for _ in range(7):
            child.launch()
            child.process.wait()
            child.bury()
            pauses.append(child.pause)
        assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
        assert pauses[-1] == LONGEST_PAUSE
        child.launch()
        child.process.wait()
        child.started -= 3600
        child.bury()
        assert child.pause == FIRST_PAUSE, "it had been well for an hour"


def test_a_log_that_has_grown_is_set_aside_once(tmp_path):
    path = tmp_path / "web-1.log"
    with path.open("ab") as log:
        child = Child("web-1", "web", lambda log: None, signal.SIGTERM, log)
        log.write(b"x" * 2000)
        log.flush()
        child.tidy_log(4000)
        assert path.stat().st_size == 2000
        child.tidy_log(1000)
        log.write(b"after")
        log.flush()
        aside = tmp_path / "web-1.log.1"
        assert (path.read_bytes(), aside.stat().st_size) == (b"after", 2000)
        aside.unlink()
        aside.symlink_to("/dev/full")
        child.tidy_log(1)
    assert path.stat().st_size == 0, "of a full disk it frees what it can"
    assert not os.path.lexists(aside)
