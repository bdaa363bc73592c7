"""Colleagues see each other at a conversation before they begin the same work; and read labels in words."""

import pytest
from django.test import Client, override_settings

from agents import judgement, presence
from agents.models import User
from mentions import intake, rulebook
from mentions.models import Conversation
from tests.factories import make_person, make_queue, make_source, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def found() -> Conversation:
    rulebook.forget()
    make_queue()
    intake.receive(make_source(), [post("@bank my card was declined at the shop, please help")])
    return Conversation.objects.get()


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_others_are_named_and_oneself_is_not(found):
    priya, ben = make_person("priya"), make_person("ben")
    assert presence.look(found, priya) == []
    assert presence.look(found, ben) == ["Priya"]
    assert presence.look(found, priya) == ["Ben"]


def test_whoever_writes_is_said_to_write_until_they_stop(found):
    priya, ben = make_person("priya"), make_person("ben")
    presence.look(found, priya, writing=True)
    assert presence.look(found, ben) == ["Priya is writing"]
    presence.look(found, priya)
    assert presence.look(found, ben) == ["Priya"]


def test_whoever_closed_the_window_is_soon_forgotten(found, monkeypatch):
    priya, ben = make_person("priya"), make_person("ben")
    presence.look(found, priya)
    monkeypatch.setattr(presence, "KEPT_S", -1)
    assert presence.look(found, ben) == []


def test_without_valkey_nobody_is_named_and_the_page_opens(found):
    priya = make_person("priya")
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        assert presence.look(found, priya) == []
        assert browser(priya).get(f"/console/{found.pk}/").status_code == 200


def test_the_open_page_says_who_else_is_there(found):
    priya, ben = browser(make_person("priya")), browser(make_person("ben"))
    priya.get(f"/console/{found.pk}/part/here/?writing=1")
    assert "Also here: Priya is writing" in ben.get(f"/console/{found.pk}/").text
    assert "Also here: Ben" in priya.get(f"/console/{found.pk}/part/here/").text


def test_labels_are_said_in_words_and_a_correction_names_who_made_it(found):
    priya = make_person("priya")
    page = browser(priya).get(f"/console/{found.pk}/").text
    assert "English" in page
    assert "Card declined" in page
    judgement.correct(found.mentions.get(), field="sentiment", value=1, by=priya)
    assert "corrected by Priya" in browser(priya).get(f"/console/{found.pk}/").text
