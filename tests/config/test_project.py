"""The repository keeps its own promises."""

import re
import tomllib

import pytest
from django.core.management import call_command

from config.installation import BASE_DIR

PROJECT = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]
LOCK = (BASE_DIR / "requirements.lock").read_text()


def test_the_lock_pins_everything_by_hash_and_names_no_address():
    assert "://" not in LOCK
    assert "--index" not in LOCK
    pins = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", LOCK).strip())
    for pin in pins:
        assert re.match(r"[a-z0-9._-]+==\S+( ; .*)? \\\n\s+--hash=sha256:", pin, re.IGNORECASE), pin


def test_every_dependency_is_in_the_lock():
    locked = {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", LOCK)}
    asked = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    names = {re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", line)[0]).lower() for line in asked}
    assert not names - locked


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


@pytest.mark.django_db
def test_the_system_checks_find_nothing():
    call_command("check", fail_level="WARNING")
