"""Town Square with the bank's account open, and the bank's side of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mentions import sandbox
from mentions.sandbox import api

SECRET = "whsec-square"
TOKEN = "token-of-the-bank"
HOOK = "http://127.0.0.1:9/hooks/townsquare/square"


@pytest.fixture(autouse=True)
def _nobody_has_called() -> None:
    """Each test begins with a whole share of calls."""
    api._calls.clear()


@pytest.fixture
def town(db: None) -> None:
    """Town Square knows the bank as @meridian, and nobody listens at the webhook yet."""
    sandbox.configure(HOOK, SECRET, "meridian", TOKEN, "Meridian Bank")


@pytest.fixture
def files(settings: Any) -> None:
    """Stylesheets and pictures as they lie in `static/`, without the fingerprints of a release."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def anybody(town: None, files: None) -> Client:
    """Somebody with a browser or a program, who is nobody in particular."""
    return Client(enforce_csrf_checks=True)
