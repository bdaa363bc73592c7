"""The repository keeps its own promises."""

import re
import tomllib

import pytest
from django.core.management import call_command

from config.installation import BASE_DIR

PROJECT = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]
LOCKS = {name: (BASE_DIR / name).read_text() for name in ("requirements.lock", "requirements-dev.lock")}


def pinned(lock: str) -> dict[str, str]:
    """Versions by name."""
    return {_plain(name): version for name, version in re.findall(r"(?m)^([A-Za-z0-9._-]+)==(\S+)", LOCKS[lock])}


def asked(lines: list[str]) -> set[str]:
    return {_plain(re.match(r"[A-Za-z0-9._-]+", line)[0]) for line in lines}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_everything_by_hash_and_names_no_address(lock):
    assert "://" not in LOCKS[lock]
    assert "--index" not in LOCKS[lock]
    pins = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", LOCKS[lock]).strip())
    for pin in pins:
        assert re.match(r"[a-z0-9._-]+==\S+( ; .*)? \\\n\s+--hash=sha256:", pin, re.IGNORECASE), pin


def test_every_dependency_is_locked_and_what_runs_is_what_was_tested():
    runs, tested = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert not asked(PROJECT["dependencies"]) - runs.keys()
    assert not asked(PROJECT["optional-dependencies"]["dev"]) - tested.keys()
    assert runs.items() <= tested.items()


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


@pytest.mark.django_db
def test_the_system_checks_find_nothing():
    call_command("check", fail_level="WARNING")
