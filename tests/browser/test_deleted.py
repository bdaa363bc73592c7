"""A post that its author deletes is on no wall ten seconds later, and on none that cannot know of it."""

import os
import signal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from commandcenter import displays
from commandcenter.models import Profile
from mentions import intake
from mentions.models import Mention
from tests.browser.test_screens import bank, connect, publish, web, windows
from tests.commandcenter.device import supervisors
from tests.commandcenter.history import ago, hear

__all__ = ["bank", "web", "windows"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]

PRAISE = "@bank your staff helped me with everything today, thank you so much"


def praise(source, *, minutes: int = 20) -> Mention:
    """A post that a supervisor approved for strangers."""
    mention = hear(source, PRAISE, at=ago(minutes=minutes), author="gone")
    Mention.objects.filter(pk=mention.pk).update(sentiment=1, urgency=0, spam=False)
    supervisor, _second = supervisors()
    (post,) = [post for post in displays.candidates(supervisor, timezone.now()) if post.id == mention.pk]
    displays.approve(mention.pk, digest=post.digest, by=supervisor)
    publish()
    return mention


@pytest.mark.parametrize("profile", [Profile.STREET, Profile.INTERNAL])
def test_a_deleted_post_has_left_the_screen_within_ten_seconds(windows, web, bank, profile):
    mention = praise(bank, minutes=20 if profile == Profile.STREET else 0)  # a room sees the newest alone
    television = windows()
    connect(television, web, fixed="river", profile=profile)
    expect(television.get_by_text(PRAISE)).to_be_visible(timeout=10_000)
    intake.receive(bank, [{"op": "delete", "network": "townsquare", "external_id": mention.external_id}])
    publish()
    expect(television.get_by_text(PRAISE)).to_have_count(0, timeout=10_000)


def test_a_screen_without_contact_takes_its_posts_away_after_a_minute(windows, web, bank):
    praise(bank)
    television = windows()
    connect(television, web, fixed="river", profile=Profile.STREET)
    expect(television.get_by_text(PRAISE)).to_be_visible(timeout=10_000)
    television.clock.install()
    os.kill(web.process.pid, signal.SIGSTOP)
    try:
        television.clock.fast_forward(65_000)
        expect(television.get_by_text(PRAISE)).to_have_count(0)
        expect(television.locator("main")).not_to_contain_text("@gone")
        expect(television.locator("main")).to_contain_text("Not shown while there is no contact")
    finally:
        os.kill(web.process.pid, signal.SIGCONT)
