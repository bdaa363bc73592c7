"""One private PostgreSQL and Valkey for a test session, and the environment that the settings read.

A plugin of its own (`-p tests.engines`), since the settings are read before any conftest. Under pytest-xdist the
controller starts the engines and its workers find them in the environment.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from signal import SIGQUIT, SIGTERM
from typing import Any

import pytest

from config import embedded, installation

OWNED = pytest.StashKey["Session"]()
NAMED = "GLASSHOUSE_TEST_ENGINES"


class Session:
    """The engines of this session, in a folder that is thrown away at its end."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="glasshouse-test-"))
        os.environ.update(DATA_DIR=str(self.folder), DEMO="1", PORT="8000", BANK_TIME_ZONE="America/New_York")
        for name in ("DATABASE_URL", "ADMIN_DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "ALLOWED_HOSTS", "SECRETS_FILE"):
            os.environ.pop(name, None)
        os.environ[NAMED] = str(self.folder)
        installation.prepare(os.environ)
        self.engines = engines = of_session()
        engines.prepare()
        self.postgres = engines.run_postgres((self.folder / "postgres.log").open("ab"))
        engines.ensure_roles()
        self.valkey = engines.run_valkey((self.folder / "valkey.log").open("ab"))

    def stop(self) -> None:
        embedded.stop(self.valkey, SIGTERM, seconds=5)
        embedded.stop(self.postgres, SIGQUIT, seconds=5)
        for folder in (self.engines.home, self.engines.sockets, self.folder):
            shutil.rmtree(folder, ignore_errors=True)


def of_session(environ: Mapping[str, str] = os.environ) -> embedded.Engines:
    """The engines of this test session, started by this process or by the controller of its workers."""
    return embedded.Engines.of_installation(environ, overrides=embedded.FAST_AND_LOOSE)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: Any, args: list[str]) -> None:
    if NAMED not in os.environ:
        early_config.stash[OWNED] = Session()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")
    os.environ["REDIS_URL"] = of_session().valkey_url.replace("db=0", f"db={int(worker) + 1}")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if OWNED in config.stash:
        config.stash[OWNED].stop()
