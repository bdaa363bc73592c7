"""The set-up pages of saved searches, as an administrator meets them."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import Role
from mentions import events, intake, rulebook
from mentions.listening import noting
from mentions.models import Conversation, SavedSearch, Source
from tests.factories import make_person, make_queue, make_source, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Source:
    make_queue()
    rulebook.forget()
    return make_source(name="Our square", settings={"price_per_call": 0.01, "currency": "USD"})


@pytest.fixture
def client(town: Source) -> Client:
    client = Client()
    client.force_login(make_person("anneke", role=Role.ADMINISTRATOR, teams=()))
    return client


def given(town: Source, **fields: str) -> dict[str, Any]:
    usual = {
        "name": "Northquay",
        "query": "northquay decl*",
        "kind": "rival",
        "voice": "Northquay Bank",
        "active": "on",
    }
    return usual | {"active": "on", "accounts": [str(town.pk)], "do": "save"} | fields


def test_a_preview_shows_what_would_have_fitted_and_what_it_would_take(client: Client, town: Source) -> None:
    intake.receive(town, [post("NORTHQUAY <b>declined</b> my card"), post("all is well"), post("northquay is fine")])
    page = client.post("/setup/searches/new/", given(town, do="preview")).content.decode()
    assert "1 post fits" in page
    assert "of 3 public posts" in page
    assert "<mark>NORTHQUAY</mark> &lt;b&gt;<mark>declined</mark>" in page
    assert "720" in page
    assert "216.00 USD" in page
    assert not SavedSearch.objects.exists()


def test_an_error_points_at_its_place(client: Client, town: Source) -> None:
    answer = client.post("/setup/searches/new/", given(town, query="card (northquay"))
    assert answer.status_code == 422
    assert "card <mark>(</mark>northquay" in answer.content.decode()


def test_a_search_is_saved_shown_and_changed_but_not_its_kind(client: Client, town: Source) -> None:
    assert client.post("/setup/searches/new/", given(town)).status_code == 302
    search = SavedSearch.objects.get()
    assert search.sources.get().via == town
    assert "Northquay Bank" in client.get("/setup/searches/").content.decode()
    address = f"/setup/searches/{search.pk}/"
    assert "northquay decl*" in client.get(address).content.decode()
    assert (
        client.post(address, given(town, query="northquay", kind="ours", enters_queues="on", version="1")).status_code
        == 302
    )
    stale = client.post(address, given(town, query="larkmere", version="1"))
    assert (stale.status_code, "now listens for “northquay”" in stale.content.decode()) == (422, True)
    assert 'name="version" value="2"' in stale.content.decode()
    search.refresh_from_db()
    assert (search.version, search.query, search.kind, search.enters_queues) == (2, "northquay", "rival", False)


def test_whose_voice_was_heard_is_not_changed_behind_the_figures(client: Client, town: Source) -> None:
    client.post("/setup/searches/new/", given(town))
    search = SavedSearch.objects.get()
    address, ear = f"/setup/searches/{search.pk}/", search.sources.get()
    assert client.post(address, given(town, voice="Larkmere Bank", version="1")).status_code == 302
    ear.refresh_from_db()
    assert ear.rival == "Larkmere Bank", "nothing was counted yet"
    Source.objects.filter(pk=ear.pk).update(last_post_at=timezone.now())
    assert client.post(address, given(town, voice="Second Bank", version="2")).status_code == 302
    search.refresh_from_db()
    ear.refresh_from_db()
    assert (search.voice, ear.rival) == ("Larkmere Bank", "Larkmere Bank")


def test_a_search_does_not_stand_among_the_sources(client: Client, town: Source) -> None:
    client.post("/setup/searches/new/", given(town))
    assert "Northquay: Our square" not in client.get("/setup/").content.decode()


def test_the_console_says_why_a_post_was_heard(client: Client, town: Source) -> None:
    client.post("/setup/searches/new/", given(town, query="northquay OR larkmere"))
    intake.receive(town, [post("@bank larkmere is worse than Northquay")])
    sealer = events.Sealer()
    while sealer.tick():
        pass
    noting.note_new()
    conversation = Conversation.objects.get()
    agent = make_person("tala", teams=("care",))
    client.force_login(agent)
    page = client.get(f"/console/{conversation.pk}/").content.decode()
    assert "Why we heard this: Northquay" in page
    assert "(northquay, larkmere)" in page
