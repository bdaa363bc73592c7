"""Waiting for other people's servers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any


def eventually(happened: Callable[[], Any], seconds: float = 30, what: str = "it") -> Any:
    """Look again and again until it is so; what it then is."""
    deadline = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        threading.Event().wait(0.2)
    return found


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
