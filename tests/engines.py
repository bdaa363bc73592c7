"""A private PostgreSQL and Valkey for every process that runs tests, and the environment that the settings read.

A plugin of its own (`-p tests.engines`), since the settings are read before any conftest. Under pytest-xdist each
worker has engines of its own: what one PostgreSQL says of running transactions holds for all of its databases, so
workers that shared one would see each other. What they may share lies in `SHARED_DIR`.
"""

import os
import shutil
import tempfile
from pathlib import Path
from signal import SIGQUIT, SIGTERM
from typing import Any

import pytest

from config import embedded, installation

STARTED = pytest.StashKey["Session"]()
TOLD = ("DATABASE_URL", "ADMIN_DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "ALLOWED_HOSTS", "SECRETS_FILE", "BIND")


class Session:
    """The engines of this process, in a folder that is thrown away at its end."""

    def __init__(self) -> None:
        self.folder = Path(os.environ["DATA_DIR"])
        installation.prepare(os.environ)
        self.engines = of_session()
        self.engines.prepare()
        self.postgres = self.engines.run_postgres((self.folder / "postgres.log").open("ab"))
        self.engines.ensure_roles()
        self.valkey = self.engines.run_valkey((self.folder / "valkey.log").open("ab"))

    def stop(self) -> None:
        embedded.stop(self.valkey, SIGTERM, seconds=5)
        embedded.stop(self.postgres, SIGQUIT, seconds=5)
        for folder in (self.engines.home, self.engines.sockets):
            shutil.rmtree(folder, ignore_errors=True)


def of_session() -> embedded.Engines:
    """The engines of this process."""
    return embedded.Engines.of_installation(os.environ, overrides=embedded.FAST_AND_LOOSE)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: Any, args: list[str]) -> None:
    for name in TOLD:
        os.environ.pop(name, None)
    folder = tempfile.mkdtemp(prefix="glasshouse-test-")
    works = "PYTEST_XDIST_WORKER" in os.environ
    os.environ["SHARED_DIR"] = os.environ["DATA_DIR"] if works else folder
    os.environ.update(DATA_DIR=folder, DEMO="1", PORT="8000", BANK_TIME_ZONE="America/New_York")
    early_config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    if works or not early_config.known_args_namespace.numprocesses:
        early_config.stash[STARTED] = Session()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if STARTED in config.stash:
        config.stash[STARTED].stop()
