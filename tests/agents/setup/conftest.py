"""An administrator at the set-up pages."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from agents.models import Role, User
from mentions import events
from tests.factories import make_person, make_queue


@pytest.fixture
def anneke() -> User:
    return make_person("anneke", role=Role.ADMINISTRATOR, teams=(), is_staff=True, is_superuser=True)


@pytest.fixture
def client(anneke: User) -> Client:
    make_queue()
    return signed(anneke)


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked_first(page: HttpResponse) -> str:
    """What a page asks again before it is done: closed until somebody opens it."""
    return "".join(re.findall(r"<details class=[^>]*asks-first[^>]*>.*?</details>", page.content.decode(), re.DOTALL))


def kinds() -> list[str]:
    """The events so far, the sealed and the others."""
    sealer = events.Sealer()
    while sealer.tick():
        pass
    return [event.kind for event in events.after(0)]
