"""Times follow whoever reads them."""

import pytest
from django.test import RequestFactory
from django.utils import timezone

from agents.zones import in_readers_zone
from tests.factories import make_person, make_site

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("zone", "site", "read"),
    [
        ("Asia/Manila", None, "Asia/Manila"),
        ("", "America/Los_Angeles", "America/Los_Angeles"),
        ("", None, "America/New_York"),
    ],
)
def test_a_page_is_read_in_the_persons_zone_or_the_sites_or_the_banks(zone, site, read):
    request = RequestFactory().get("/console/")
    request.user = make_person(zone=zone, site=make_site("there", zone=site) if site else None)
    assert in_readers_zone(lambda _: timezone.get_current_timezone_name())(request) == read
    assert timezone.get_current_timezone_name() == "UTC"
