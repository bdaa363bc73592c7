"""The addresses of walls: who may open them, and what they say where nothing is to be shown."""

import pytest
from django.urls import reverse

from agents.models import Role
from commandcenter import scenes
from commandcenter.screens import reach
from tests.factories import make_person, make_queue

pytestmark = pytest.mark.django_db

ROOM = (Role.SUPERVISOR, Role.MANAGER, Role.ADMINISTRATOR)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("key", scenes.known())
def test_scenes_are_for_those_who_run_the_room(client, key, role):
    client.force_login(make_person(role=role), "django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/wall/{key}/")
    assert answer.status_code == (200 if role in ROOM else 403)


def test_whoever_is_not_signed_in_is_asked_to(client):
    answer = client.get("/wall/pulse/?profile=street")
    assert answer.status_code == 302
    assert answer["location"].startswith("/sign-in/?next=/wall/pulse/")


@pytest.mark.parametrize("address", ["/wall/nothing/", "/wall/_strip/", "/wall/pulse/?profile=owner"])
def test_what_does_not_exist_is_not_found(client, address):
    client.force_login(make_person(role=Role.MANAGER), "django.contrib.auth.backends.ModelBackend")
    assert client.get(address).status_code == 404


def test_the_first_page_is_the_frame_and_nothing_is_kept_of_it(client):
    make_queue()
    client.force_login(make_person(role=Role.SUPERVISOR), "django.contrib.auth.backends.ModelBackend")
    answer = client.get("/wall/queues/")
    page = answer.content.decode()
    assert page.count("<main") == 1
    assert 'aria-label="Overdue"' in page
    assert "no-store" in answer["cache-control"]
    assert 'data-socket="/ws/wall/?scene=queues&amp;profile=internal&amp;language=en"' in page


def test_a_screen_without_pairing_is_told_so_and_nothing_else(client):
    make_queue("verysecretqueue")
    page = client.get("/wall/").content.decode()
    assert "No screen is connected" in page
    assert "Scenes" not in page
    assert "verysecretqueue" not in page.lower()


def test_those_who_run_the_room_find_every_scene(client):
    client.force_login(make_person(role=Role.SUPERVISOR), "django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("commandcenter:walls")).content.decode()
    for key in scenes.known():
        assert f'href="/wall/{key}/"' in page
        assert str(scenes.get(key).purpose) in page


@pytest.mark.parametrize(
    ("width", "distance", "expected"),
    [
        ("1.43", "3", "near"),
        ("1.43", "5", "room"),
        ("1.43", "8", "far"),
        ("1.21", "8", "street"),
        ("", "", "near"),
        ("0", "5", "near"),
        ("nan", "5", "near"),
        ("a", "b", "near"),
        ("-1", "5", "near"),
    ],
)
def test_the_layout_follows_the_distance_of_the_furthest_viewer(width, distance, expected):
    assert reach(width, distance) == expected
