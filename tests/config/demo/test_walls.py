"""The demonstration's walls have something to show to the room and to the street."""

from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from commandcenter import displays, periods, places, playlists, rollups, scenes, usual
from commandcenter.incidents import suggest
from commandcenter.models.screens import Playlist, Profile, Room, Screen
from commandcenter.playlists import Entry
from config.demo.load import load
from mentions import search
from mentions.models import Source
from tests.commandcenter.history import hear, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(settings, "ANCHOR_FILE", tmp_path / "anchor.json")
    usual.forget()
    load(days=2)
    while rollups.roll():
        pass
    while search.index_new():
        pass


def test_rooms_keep_their_own_rules_have_something_to_show_and_are_told_of_the_fault(bank: None) -> None:
    known = scenes.known()
    for playlist in Playlist.objects.all():
        assert playlists.faults([Entry(**entry) for entry in playlist.entries], known) == []
    assert Room.objects.filter(closed_by=None).count() == 1
    for screen in Screen.objects.select_related("room"):
        assert (screen.profile == Profile.INTERNAL) == (screen.room.closed_by is not None)
        assert screen.profile == Profile.INTERNAL or screen.confirmed_by is not None
    now = timezone.now()
    for key in ("river", "campaign", "notice"):
        assert scenes.get(key).has_input(Profile.STREET, now), key
    assert len(displays.public(now)) >= 3
    planned = scenes.get("brief").context(Profile.INTERNAL, now)["planned"]
    assert len(planned) >= 2
    assert {one["network"] for one in planned} == {"Town Square"}
    assert_the_fault_is_suggested()


def assert_the_fault_is_suggested() -> None:
    """To the room, as an incident."""
    hear(Source.objects.get(slug="town-square"), "A week ago all was well", at=periods.moved(timezone.now(), -7))
    settle()
    usual.forget()
    suggest.look()
    assert "Posts from North Carolina" in {suggest.title(one) for one in suggest.standing()}
    _total, _placed, states, _countries = places.told(timezone.now())
    assert max(states, key=lambda state: state.value).key == "US-NC"
