"""One customer on two networks is two people here, until they agree to be one; and two again when they take it back."""

import pytest
from django.test import Client

from agents import consents
from agents.cases import Refused
from agents.desk.beside import context
from agents.desk.reading import Reading
from agents.models import Consent, User
from mentions import events, intake
from mentions.models import Author, Conversation
from tests.factories import make_person, make_queue, make_source, post

pytestmark = pytest.mark.django_db


def wrote(network: str, name: str = "dana", **fields: object) -> Conversation:
    source = make_source(network, network=network)
    intake.receive(source, [post(f"Help me on {network}", network=network, author=name, **fields)])
    return Conversation.objects.select_related("author", "source", "queue").latest("pk")


@pytest.fixture
def both() -> tuple[Conversation, Conversation]:
    """The same name and handle on two networks."""
    make_queue()
    return wrote("bluesky"), wrote("mastodon")


def beside(conversation: Conversation, user: User) -> dict:
    return context(Reading(conversation, user))["author"]


def test_the_same_name_on_two_networks_is_two_people_until_they_agree(both, priya, client: Client):
    here, there = both
    assert Author.objects.count() == 2
    for place in both:
        assert consents.same_person(place.author_id) == {place.author_id}
        assert (beside(place, priya)["elsewhere"], beside(place, priya)["conversations"]) == ([], [])
    client.force_login(priya)
    asked = {"other": there.number, "how": "written", "note": "said so on 4111 1111 1111 1111"}
    assert client.post(f"/console/{here.pk}/consent/", asked).status_code == 302

    consent = Consent.objects.get()
    assert (consent.how, consent.conversation, consent.recorded_by) == ("written", here, priya)
    assert "4111" not in consent.note
    for place, other in ((here, there), (there, here)):
        told = beside(place, priya)
        assert [row.id for row in told["elsewhere"]] == [other.pk]
        assert [who["network"].lower() for who in told["same"]] == [other.author.network]
        assert "one person on two networks" in client.get(f"/console/{place.pk}/").content.decode()
        (event,) = [event for event in events.of_conversation(place.pk) if event.kind == "author.joined"]
        assert (event.actor_id, event.data["how"]) == (priya.pk, "written")
    assert Conversation.objects.filter(version=1).count() == 2, "nobody is told that the customer said something"

    client.post(f"/console/{there.pk}/consent/undo/", {"consent": consent.pk})
    consent.refresh_from_db()
    assert consent.undone_by == priya
    assert [beside(place, priya)["elsewhere"] for place in both] == [[], []]
    assert consents.record(here, there, how="phone", by=priya).pk != consent.pk, "they may agree again"


def test_a_third_network_is_known_through_the_second(both, priya):
    here, there = both
    third = wrote("reddit", "somebody")
    consents.record(here, there, how="phone", by=priya)
    consents.record(there, third, how="branch", by=priya)
    assert consents.same_person(here.author_id) == {here.author_id, there.author_id, third.author_id}
    assert [row.id for row in beside(third, priya)["elsewhere"]] == [there.pk, here.pk]


def test_what_is_no_consent_joins_nobody(both, priya, client: Client):
    here, there = both
    same_network = wrote("bluesky", "another")
    with pytest.raises(Refused, match="same network"):
        consents.record(here, same_network, how="phone", by=priya)
    with pytest.raises(Refused, match="how they agreed"):
        consents.record(here, there, how="", by=priya)
    client.force_login(priya)
    for other, how, code in ((there.number, "", 422), ("GH-x", "phone", 422), ("GH-999999", "phone", 409)):
        assert client.post(f"/console/{here.pk}/consent/", {"other": other, "how": how}).status_code == code
    assert not Consent.objects.exists()
    consents.record(here, there, how="phone", by=priya)
    with pytest.raises(Refused, match="already"):
        consents.record(there, here, how="phone", by=priya)


def test_nobody_learns_by_it_of_a_conversation_that_they_do_not_see(both, priya):
    here, there = both
    make_queue("fraud")
    Conversation.objects.filter(pk=there.pk).update(queue=make_queue("fraud"))
    consents.record(here, there, how="phone", by=make_person("sam", teams=("care", "fraud")))
    assert beside(here, priya)["elsewhere"] == []
