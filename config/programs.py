"""What each of our processes does, once the product is loaded."""

import os
from collections.abc import Callable
from functools import partial
from importlib import import_module

from setproctitle import setproctitle

from config import collecting, databases

POOL = 12
REQUEST_TIMEOUT = "20s"
# In no language that small words betray, so that every model has to be there; and in English, for its lexicon.
FIRST_POSTS = ("Blorfen quastily 415 555 0100 vrimmed dargo?", "What an awful morning 😡 why is my card declined?")
FIRST_REPLY = "Thanks for telling us about this. Please send us a private message, so that we can help."
SHARED = (
    "autobahn.websocket.protocol",
    "config.asgi",
    "django_htmx.middleware",
    "django_q.cluster",
    "twisted.web.http",
    "uvloop",
)


def load() -> None:
    """Load Django and the settings into this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def load_everything() -> None:
    """Load whatever any of our processes uses, so that its forks share it.

    Nothing here may open a connection, start a thread or choose a reactor: each process has to have its own.
    """
    from django.urls import get_resolver
    from django.utils.module_loading import import_string

    from agents import guard
    from config.loops import LOOPS
    from mentions import networks, triage

    for module in SHARED:
        import_module(module)
    for loop in LOOPS:
        import_string(loop.run)
    for key in sorted(networks.keys()):
        networks.get(key)
    assert get_resolver().url_patterns
    guard.check(guard.Draft(FIRST_REPLY), guard.GuardPolicy())
    triage.assess([triage.Item(text) for text in FIRST_POSTS])
    collecting.settle()


def prepare() -> None:
    """Everything the installation needs before its first request."""
    from django.core.management import call_command

    call_command("prepare", skip_checks=False)


def web(name: str, descriptor: int) -> None:
    """Serve on a bound socket until told to stop."""
    _begin(name, pool=POOL, timeout=REQUEST_TIMEOUT)
    from config.asgi import application
    from config.web import WebServer

    WebServer(application, descriptor).run()


def worker() -> None:
    """Run the coarse jobs until told to stop."""
    _begin("worker")
    from django_q.cluster import Cluster

    from config.children import die_with_parent
    from config.schedule import sync

    os.register_at_fork(after_in_child=die_with_parent)  # a killed cluster would leave all its processes at work
    sync()
    cluster = Cluster()
    cluster.start()
    cluster.sentinel.join()


def listener() -> None:
    """Run the small loops until told to stop."""
    _begin("listener")
    from config.listener import listen
    from config.loops import LOOPS

    listen(LOOPS)


def webs(descriptors: list[int]) -> list[tuple[str, Callable[[], None], int]]:
    """Name, program and descriptor of each web process."""
    named = [(f"web-{number}", descriptor) for number, descriptor in enumerate(descriptors, start=1)]
    return [(name, partial(web, name, descriptor), descriptor) for name, descriptor in named]


def _begin(name: str, *, pool: int = 0, timeout: str = databases.JOB_TIMEOUT) -> None:
    """Take a name, and connections to PostgreSQL that fit the work: only what people wait for plans ahead."""
    setproctitle(f"glasshouse: {name}")
    from django.conf import settings
    from django.db import connections

    url = settings.INSTALLATION.database_url
    options = databases.options(url, name, pool=pool, timeout=timeout, prepares=bool(pool))
    connections.settings["default"]["OPTIONS"] = options
