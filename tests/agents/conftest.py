"""The colleagues that tests of the desk tell of, and the network that they answer on."""

from __future__ import annotations

import pytest
from pytest_django.live_server_helper import LiveServer

from agents.models import RegulatoryProfile, Reply, Role, User
from mentions import rulebook, sandbox
from mentions.models import Mention, Source
from mentions.sandbox import square
from tests.agents import standing
from tests.factories import make_person, make_queue, make_source


@pytest.fixture
def priya(db: None) -> User:
    """An agent of the one team."""
    make_queue()
    return make_person("priya")


@pytest.fixture
def tom(priya: User) -> User:
    """Her colleague."""
    return make_person("tom")


@pytest.fixture
def sam(priya: User) -> User:
    """Their supervisor."""
    return make_person("sam", role=Role.SUPERVISOR)


@pytest.fixture
def town(live_server: LiveServer) -> Source:
    """Town Square, and our source that is connected to it."""
    rulebook.forget()
    sandbox.configure(f"{live_server.url}/hooks/square/", "webhook-secret", "meridian", "bank-token")
    make_queue()
    return make_source(base_url=f"{live_server.url}/sandbox", handle="meridian")


@pytest.fixture
def sent(town: Source, priya: User) -> Reply:
    """A reply of Priya's that the network has confirmed, and what changes it is held for ten seconds."""
    RegulatoryProfile.objects.update(undo_s=10)
    return standing.answered(town, by=priya)


@pytest.fixture
def comment(sent: Reply, town: Source) -> Mention:
    """Somebody's answer below our reply."""
    ours = sent.external_id.removeprefix("ts:")
    return standing.take_in(town, square.write("mallory", "Call me at the bank's new number", in_reply_to=ours))
