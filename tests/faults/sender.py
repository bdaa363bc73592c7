"""Senders that die: a program that forks one for each line it is given, and says how it ended.

`python -m tests.faults.sender` reads a step a line (empty for a sender that lives), forks a process that runs the
listener's sending loops once with a SIGKILL waiting for it at that step, and prints its exit status. The parent
never connects to anything, so each fork begins as a fresh process would.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NoReturn

from config.installation import BASE_DIR

STEPS = (
    "before sending is committed",
    "after the commit, before the call",
    "during the call",
    "after the network stored it",
    "before the confirmation is committed",
    "after the confirmation",
    "while the network is asked",
    "before a refusal is committed",
)
TAKING_BACK = (
    "taking back, before the call",
    "taking back, during the call",
    "taking back, after the network did it",
    "taking back, before that is committed",
)
CALL_S = 0.06


class Senders:
    """The program of this file, as a test drives it."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.sender"],
            cwd=BASE_DIR,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def send(self, step: str = "") -> int:
        """Let one sender run, or die at a step; its exit status."""
        stdin, stdout = _pipes(self.process)
        stdin.write(f"{step}\n")
        stdin.flush()
        return int(stdout.readline())

    def stop(self) -> None:
        stdin, _ = _pipes(self.process)
        stdin.close()
        self.process.wait(10)


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def die() -> NoReturn:
    """As a process dies that nobody asked."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process goes on")


def lay(step: str) -> None:
    """Put the end where the step says; from then on this process is doomed."""
    from agents import amendment_outbox, outbox, outcomes, replies
    from mentions import networks

    network: Any = networks.get("townsquare")
    publish, ask, tell = network.publish, network.reconcile, replies.tell

    def deadly_tell(*kinds: str) -> Callable[..., None]:
        def told(kind: str, *about: Any, **more: Any) -> None:
            tell(kind, *about, **more)
            if kind in kinds:
                die()

        return told

    def in_the_call(work: Callable[..., Any]) -> Callable[..., Any]:
        def called(*about: Any) -> Any:
            threading.Timer(random.uniform(0, 2 * CALL_S), die).start()
            return work(*about)

        return called

    def then_die(work: Callable[..., Any]) -> Callable[..., Any]:
        def done(*about: Any) -> NoReturn:
            work(*about)
            die()

        return done

    traps: dict[str, tuple[Any, str, Callable[..., Any]]] = {
        STEPS[0]: (replies, "tell", deadly_tell("reply.sending")),
        STEPS[1]: (outbox, "deliver", lambda *about: die()),
        STEPS[2]: (network, "publish", in_the_call(publish)),
        STEPS[3]: (network, "publish", then_die(publish)),
        STEPS[4]: (replies, "tell", deadly_tell("reply.sent")),
        STEPS[5]: (outcomes, "confirm", then_die(outcomes.confirm)),
        STEPS[6]: (network, "reconcile", then_die(ask)),
        STEPS[7]: (replies, "tell", deadly_tell("reply.failed", "reply.unknown", "reply.delayed")),
        TAKING_BACK[0]: (amendment_outbox, "deliver", lambda *about: die()),
        TAKING_BACK[1]: (network, "retract", in_the_call(network.retract)),
        TAKING_BACK[2]: (network, "retract", then_die(network.retract)),
        TAKING_BACK[3]: (replies, "tell", deadly_tell("reply.retracted")),
    }
    where, name, trap = traps[step]
    setattr(where, name, trap)


def run(step: str) -> NoReturn:
    """One turn of the loops, in a process of its own."""
    from agents import amendment_outbox, outbox

    if step:
        lay(step)
    outbox.settle()
    outbox.send_due()
    amendment_outbox.send_due()
    os._exit(0)


def main() -> None:
    import django

    django.setup()
    from agents import amendment_outbox, outbox
    from mentions import networks

    assert outbox.AT_ONCE
    assert amendment_outbox.TRIES
    assert networks.keys()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            random.seed()
            try:
                run(line.rstrip("\n"))
            finally:
                os._exit(1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    main()
