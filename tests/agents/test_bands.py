"""What everybody is told on every page: a post under our name that is not ours, and that sending is frozen."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents import foreign, freeze
from agents.models import Role, User
from mentions.models import OwnPost
from tests.factories import make_person, make_queue, make_source

pytestmark = pytest.mark.django_db

FOREIGN = "A post under the bank's name"


def desk(role: Role) -> Client:
    client = Client()
    client.force_login(make_person(f"the-{role}", role=role))
    return client


@pytest.fixture
def intruder() -> OwnPost:
    make_queue()
    now = timezone.now()
    about = {"network": "townsquare", "external_id": "ts:1", "account_id": "1", "visibility": "public"}
    return OwnPost.objects.create(
        source=make_source(),
        text="Send us your PIN",
        network_at=now,
        received_at=now,
        compare_from=now,
        verdict="foreign",
        **about,
    )


def test_a_foreign_post_is_told_on_every_page_until_somebody_explains_it(intruder: OwnPost) -> None:
    agent, lead = desk(Role.AGENT), desk(Role.SUPERVISOR)
    for client, pages, link in (
        (agent, ("/console/", "/posts/", "/incidents/", "/console/part/bands/"), 'href="/alerts/"'),
        (lead, ("/console/", "/approvals/", "/reports/", "/console/part/bands/"), 'href="/freeze/"'),
    ):
        for page in pages:
            said = client.get(page).content.decode()
            band = said[said.index(FOREIGN) :].partition("</p>")[0]
            assert link in band, page
    assert FOREIGN not in agent.get("/console/part/queues/").content.decode()  # fragments do not repeat it
    foreign.explain(intruder, why="The press office wrote it", by=make_person("the-supervisor"))
    assert FOREIGN not in agent.get("/console/").content.decode()


def test_a_freeze_is_told_with_what_to_do_and_no_link_that_would_be_refused() -> None:
    make_queue()
    agent, lead = desk(Role.AGENT), desk(Role.SUPERVISOR)
    freeze.start(by=make_person("the-supervisor"), reason="drill")
    said = agent.get("/console/").content.decode()
    assert "All sending is frozen since" in said
    assert "Go on writing" in said
    assert "See the freeze" not in said
    assert "See the freeze" in lead.get("/console/").content.decode()
    freeze.lift(by=make_person("the-supervisor"))
    assert "a second person has to agree" in agent.get("/console/part/bands/").content.decode()


def test_a_word_for_lifting_it_dies_with_what_was_known_when_it_was_said() -> None:
    sam, mia, lea = (make_person(name, role=Role.SUPERVISOR) for name in ("sam", "mia", "lea"))
    freeze.start(by=sam)
    freeze.lift(by=sam)
    freeze.start(by=mia)
    assert freeze.lift(by=lea).lifted_at is None, "somebody froze again"
    User.objects.filter(pk=lea.pk).update(is_active=False)
    assert freeze.lift(by=mia).lifted_at is None, "the first has left"
    later = timezone.now() + timedelta(minutes=16)
    assert freeze.lift(by=sam, now=later).lifted_at is None, "it was said too long ago"
    assert freeze.lift(by=mia, now=later).lifted_at == later
