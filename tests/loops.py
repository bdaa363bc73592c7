"""Event loops that a test must not meet."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_browsers_loop() -> Iterator[None]:
    """The browser of an earlier test keeps a loop running in this thread, where no asynchronous view can be called."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(running)
