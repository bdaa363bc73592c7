"""The addresses of walls: who may open them, and what they say where nothing is to be shown."""

import pytest
from django.urls import reverse

from agents.models import Role
from commandcenter import devices, scenes
from tests.commandcenter.device import make_screen
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


def test_a_browser_that_is_no_screen_is_shown_how_to_become_one_and_nothing_of_ours(client):
    make_queue("verysecretqueue")
    page = client.get("/wall/").content.decode()
    assert "Connect this screen" in page
    assert "/screens/pair" in page
    assert "Scenes" not in page
    assert "verysecretqueue" not in page.lower()


def test_those_who_run_the_room_find_every_scene(client):
    client.force_login(make_person(role=Role.SUPERVISOR), "django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("commandcenter:walls")).content.decode()
    for key in scenes.known():
        assert f'href="/wall/{key}/"' in page
        assert str(scenes.get(key).purpose) in page


def test_those_who_run_the_room_can_make_their_browser_a_screen(client):
    client.force_login(make_person(role=Role.SUPERVISOR), "django.contrib.auth.backends.ModelBackend")
    assert "Connect this screen" in client.get("/wall/?screen").content.decode()


def test_a_page_of_a_screen_holds_nothing_until_it_has_proved_who_it_is(client):
    make_queue("verysecretqueue")
    client.cookies[devices.COOKIE] = make_screen(fixed="queues").cookie
    for address in ("/wall/", "/wall/queues/"):
        answer = client.get(address)
        page = answer.content.decode()
        assert "Connecting" in page
        assert "as=screen" in page
        assert "verysecretqueue" not in page.lower()
        assert "no-store" in answer["cache-control"]
    assert "scene=queues" in page


def test_the_cookie_is_for_our_own_pages_and_for_no_script(client):
    client.cookies[devices.COOKIE] = make_screen().cookie
    kept = client.get("/wall/").cookies[devices.COOKIE]
    assert kept["httponly"]
    assert kept["samesite"] == "Strict"
    assert kept["max-age"] > 300 * 24 * 3600


@pytest.mark.parametrize("cookie", ["", "1", "1.", "1.guess", "x.y", "999999999999999999999.z", "1.\x00"])
def test_a_made_up_cookie_is_no_screen(client, cookie):
    make_screen()
    client.cookies[devices.COOKIE] = cookie
    assert "Connect this screen" in client.get("/wall/").content.decode()
