"""What every test stands on: a database of its own worker, no network, and a browser that phones nobody."""

import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from typing import Any

import hypothesis
import psycopg
import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from playwright.sync_api import Browser, expect, sync_playwright

from config import collecting
from config.embedded import SUPERUSER, create_database
from tests.chromium import BROWSERS, QUIET
from tests.emptying import empty_as_superuser
from tests.engines import of_session

LONGEST = "test_access_matrix.py"

# Passwords of tests protect nobody, and files keep their own names: nothing has been collected.
settings.PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """A database made by the owner and used, as in production, by the application's restricted role."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with psycopg.connect(of_session().url(SUPERUSER, "postgres"), autocommit=True) as connection:
        create_database(connection, name)
    for alias in ("default", "admin"):
        settings.DATABASES[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name
    with django_db_blocker.unblock():
        call_command("migrate", database="admin", verbosity=0)
        connections["admin"].close()
    yield
    with django_db_blocker.unblock():
        connections.close_all()


TransactionTestCase._fixture_teardown = lambda case: empty_as_superuser()


@pytest.fixture(scope="session")
def valkey() -> Iterator["redis.Redis"]:
    """The worker's own database of the session's Valkey."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    yield client
    client.close()


@pytest.fixture(autouse=True)
def _forget_hints(valkey: "redis.Redis") -> Iterator[None]:
    """No cache, limit or announcement survives its test."""
    yield
    valkey.flushdb()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest file comes first: what begins last runs alone, beside idle cores."""
    items.sort(key=lambda item: item.path.name != LONGEST)


def pytest_collection_finish() -> None:
    """Collect garbage as our processes do: thousands of tests are never looked through again."""
    collecting.settle()


# How long an example takes says what else the machine does; what is slow is measured by `make bench`.
hypothesis.settings.register_profile("glasshouse", deadline=None)
hypothesis.settings.load_profile("glasshouse")

# So for a page: the first reply of a web process waits for what reads it, seconds on a machine with other work. What
# has a time to be there in says so itself.
expect.set_options(timeout=20_000)


class NetworkBlocked(RuntimeError):
    """A test tried to leave this machine."""


def _refuse_strangers(address: Any) -> None:
    if not isinstance(address, tuple):
        return  # a path: a socket of this machine
    host = str(address[0])
    try:
        local = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        local = host in ("", "localhost")
    if not local:
        raise NetworkBlocked(f"tests may speak to this machine only, not to {host}")


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Connections to anything but loopback and local sockets are refused, and so is asking for a name."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_strangers(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_strangers(address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        _refuse_strangers((host.decode() if isinstance(host, bytes) else host or "",))
        return getaddrinfo(host, *arguments, **options)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium that resolves no name but this machine's.

    For one file at a time: Playwright's loop runs in this thread, where asynchronous tests need their own.
    """
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, f"no browser found (looked for {', '.join(BROWSERS)}): `make test` installs one"
    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's own loop lives in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()
    patch.undo()
