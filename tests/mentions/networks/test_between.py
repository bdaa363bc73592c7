"""Lists that are given newest first, read down to an earlier time: page by page, one after another, and no further."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from agents.models import Role
from mentions import networks, sources
from mentions.networks import Fetched
from mentions.networks._polling import Page, between
from tests.factories import make_person, make_source
from tests.mentions.networks import peer_googleplay, peer_youtube
from tests.mentions.networks.peer_youtube import CUSTOMER

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Listed:
    """A list of one entry an hour, three a page, and the pages that were asked for."""

    def __init__(self, name: str, hours: range) -> None:
        self.entries = [{"external_id": f"{name}{n}", "created_at": (NOON - n * HOUR).isoformat()} for n in hours]
        self.asked: list[str | None] = []

    def __call__(self, after: str | None) -> Page:
        self.asked.append(after)
        start = int(after or 0)
        following = str(start + 3) if start + 3 < len(self.entries) else None
        return self.entries[start : start + 3], following


def read(lists: list[Any], since: datetime, until: datetime, **more: Any) -> tuple[list[str], Fetched]:
    cursor: dict[str, Any] = {}
    found: list[str] = []
    for _page in range(50):
        page = between(lists, since, until, cursor, **more)
        found += [item["external_id"] for item in page.items]
        cursor = page.cursor
        if page.next_at is None:
            return found, page
    raise AssertionError("it never ends")


def test_each_list_is_read_down_to_the_earlier_time_and_no_further() -> None:
    first, second = Listed("a", range(20)), Listed("b", range(2))
    found, page = read([first, second], NOON - 4 * HOUR, NOON - HOUR)
    assert found == ["a1", "a2", "a3", "a4", "b1"]
    assert (first.asked, second.asked, page.complete) == ([None, "3"], [None], True)


def test_a_list_is_read_further_where_what_is_newer_hangs_below() -> None:
    listed = Listed("a", range(20))
    read([listed], NOON - 4 * HOUR, NOON, back=5 * HOUR)
    assert listed.asked == [None, "3", "6", "9"]


def test_a_list_that_ends_too_early_is_not_all_of_it() -> None:
    for longest, whole in ((6, False), (7, True)):
        _found, page = read([Listed("a", range(6)), Listed("b", range(1))], NOON - 30 * HOUR, NOON, longest=longest)
        assert page.complete is whole


def test_what_names_no_time_is_left_out_and_ends_nothing() -> None:
    found, _page = read(
        [lambda _after: ([{"external_id": "x"}, {"external_id": "y", "created_at": 5}], None)], NOON, NOON
    )
    assert found == []


def test_a_late_reply_under_an_older_thread_is_found_by_its_time() -> None:
    youtube = networks.get("youtube")
    with peer_youtube.serve() as peer:
        thread = peer.write("An old question")
        asked_at = (datetime.now(UTC) - timedelta(days=3)).isoformat()
        peer.comments[thread] |= {"publishedAt": asked_at, "updatedAt": asked_at}
        reply = peer.write("And still no answer", CUSTOMER, thread)
        since = datetime.now(UTC) - HOUR
        page = youtube.history(peer.account, since, datetime.now(UTC) + HOUR, {})
        assert [item["external_id"] for item in page.items] == [reply]


def test_google_play_says_that_it_lists_a_week() -> None:
    play, now = networks.get("googleplay"), datetime.now(UTC)
    with peer_googleplay.serve() as store:
        store.write("It crashes")
        for days, whole in ((6, True), (8, False)):
            page = play.history(store.account, now - timedelta(days=days), now + HOUR, {})
            assert (len(page.items), page.complete) == (1, whole)


@pytest.mark.parametrize(
    ("key", "said"),
    [("reddit", "Back-fill"), ("telegram", "gives what it still lists"), ("whatsapp", "delivers each post once")],
)
def test_a_source_says_whether_its_network_can_be_asked_for_a_stretch_of_time(key: str, said: str, db: None) -> None:
    source = make_source(key, network=key, secrets=sources.seal({"token": "t", "refresh_token": "r"}))
    client = Client()
    client.force_login(make_person("ada", role=Role.ADMINISTRATOR))
    shown = client.get(f"/setup/sources/{source.pk}/").content.decode()
    told = [words for words in ("Back-fill", "gives what it still lists", "delivers each post once") if words in shown]
    assert told == [said]
