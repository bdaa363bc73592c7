"""Frames of the worst, as pictures."""
import pytest
from datetime import timedelta
from django.utils import timezone
from commandcenter.models import Profile
from commandcenter.scenes._strip import TURN_S
from tests.browser import frames
from tests.browser.test_scenes import _drawn, evening, page, nothing_kept  # noqa
from tests.commandcenter.scenes.trouble import trouble
from tests.commandcenter.scenes.worst import furnish
pytestmark = [pytest.mark.django_db, pytest.mark.browser]
def test_shoot(page, evening):
    furnish(zone=evening); trouble()
    now = timezone.now()
    base = now - timedelta(seconds=now.timestamp() % (TURN_S * 3))
    page.set_viewport_size({"width": 3840, "height": 2160})
    for key, reach, turn in (("incident","near",0),("incident","room",0),("incident","room",2),("incident","far",0),("pulse","room",2),("incident","street",2)):
        *_, frame = _drawn(key, Profile.INTERNAL, base + timedelta(seconds=TURN_S*turn+1))
        page.evaluate(frames.SHOW, [frame.html, "wall", reach, 3840, 2160, "live", "Updated 10 s ago"])
        page.screenshot(path=f"/tmp/shots/w_{key}_{reach}_{turn}.png")
