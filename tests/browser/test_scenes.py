"""Every scene in a real browser with the worst it may have to show: inside its box, large enough, and apart."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from commandcenter import campaigns, scenes, usual
from commandcenter.models import Profile
from tests.browser import frames
from tests.commandcenter.scenes.trouble import trouble
from tests.commandcenter.scenes.worst import furnish

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

DATA = ("empty", "worst", "millions")


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    opened = frames.open_page(chromium)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    usual.forget()
    campaigns.forget()
    yield
    usual.forget()
    campaigns.forget()


@pytest.mark.parametrize("data", DATA)
def test_every_word_has_its_place_at_every_distance_and_in_every_shape(page, data):
    if data != "empty":
        furnish(millions=data == "millions")
        trouble()
    rendered = [
        (key, str(profile), scenes.render(key, profile, "en"))
        for profile in Profile
        for key in scenes.known()
        if profile is Profile.INTERNAL or scenes.get(key).strangers or key == "queues"
    ]
    assert frames.faults(page, rendered) == []
