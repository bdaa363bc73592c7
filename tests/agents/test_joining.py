"""What one customer asks in several places is answered once, and each place says where."""

import pytest

from agents import cases, clocks, joining
from agents.cases import Refused
from mentions import events
from mentions.events import Sealer
from mentions.models import Conversation, State, Stretch
from tests.agents.waiting import waiting
from tests.factories import make_person, make_queue

pytestmark = pytest.mark.django_db


def both() -> tuple[Conversation, Conversation]:
    """The same person in two threads."""
    return waiting(author="dana", conversation_id="a"), waiting(author="dana", conversation_id="b")


def test_one_is_answered_and_the_other_closed_with_a_reference_both_ways(priya, client):
    here, there = both()
    cases.claim(here.pk, by=priya)
    client.force_login(priya)
    page = client.get(f"/console/{here.pk}/").content.decode()
    assert 'aria-keyshortcuts="Shift+J"' in page
    beside = f'hx-post="/console/{here.pk}/join/" hx-include="#list-key"'  # the list that stands beside it stays
    assert beside in page
    assert client.post(f"/console/{here.pk}/join/", {"ids": [there.pk]}).status_code == 302
    there.refresh_from_db()
    here.refresh_from_db()
    assert (there.state, there.disposition, there.answered_in_id) == (State.CLOSED, "duplicate", here.pk)
    assert here.state == State.CLAIMED
    assert [note.text for note in there.notes.all()] == [f"Answered in {here.number}"]
    assert [note.text for note in here.notes.all()] == [f"Answered here as well: {there.number}"]
    assert events.of_conversation(there.pk)[0].data["into"] == here.pk
    assert events.of_conversation(here.pk)[0].data["joined"] == [there.pk]
    assert f"Answered in {here.number}" in client.get(f"/console/{there.pk}/").content.decode()
    assert Stretch.objects.get(conversation=there).met is None  # answered elsewhere in time is not missed


def test_what_is_written_there_later_comes_to_whoever_answers_here(priya):
    here, there = both()
    cases.claim(here.pk, by=priya)
    joining.join([there.pk], into=here.pk, by=priya)
    waiting(author="dana", conversation_id="b")
    there.refresh_from_db()
    assert there.state == State.WAITING
    Sealer().tick()
    assert clocks.follow_links() == 1
    assert there.cases.get(ended_at=None).owner == priya


def test_a_private_continuation_still_goes_on_from_where_it_began(priya, client):
    public, elsewhere = waiting(author="dana", conversation_id="a"), waiting(author="dana", conversation_id="b")
    private = waiting(author="dana", visibility="private", kind="message")
    began = private.linked_id
    assert began in (public.pk, elsewhere.pk)
    here = elsewhere if began == public.pk else public
    cases.claim(here.pk, by=priya)
    joining.join([private.pk], into=here.pk, by=priya)
    private.refresh_from_db()
    assert (private.linked_id, private.answered_in_id) == (began, here.pk)
    client.force_login(priya)
    page = client.get(f"/console/{private.pk}/").content.decode()
    assert f"goes on from GH-{began}." in page
    assert f'<p class="muted">Answered in {here.number}.</p>' in page
    tom = make_person("tom")
    cases.claim(began, by=tom)
    waiting(author="dana", visibility="private", kind="message")
    Sealer().tick()
    assert clocks.follow_links() == 1
    assert private.cases.get(ended_at=None).owner == priya  # where it was answered last


def test_nobody_is_given_what_their_team_does_not_see(priya):
    here, there = both()
    cases.claim(here.pk, by=priya)
    joining.join([there.pk], into=here.pk, by=priya)
    Conversation.objects.filter(pk=there.pk).update(queue=make_queue("fraud"))
    waiting(author="dana", conversation_id="b")
    Sealer().tick()
    assert clocks.follow_links() == 0
    assert not there.cases.filter(ended_at=None).exists()


def test_only_into_ones_own_and_only_of_the_same_author(priya, client):
    here, there = both()
    tom = make_person("tom")
    with pytest.raises(Refused, match="Claim"):
        joining.join([there.pk], into=here.pk, by=priya)
    cases.claim(here.pk, by=priya)
    cases.claim(there.pk, by=tom)
    with pytest.raises(Refused, match="None of these"):
        joining.join([there.pk], into=here.pk, by=priya)
    stranger = waiting(author="eve")
    with pytest.raises(Refused, match="None of these"):
        joining.join([stranger.pk, here.pk], into=here.pk, by=priya)
    client.force_login(priya)
    assert client.post(f"/console/{here.pk}/join/", {"ids": [stranger.pk, "x"]}).status_code == 422
    assert not Conversation.objects.filter(state=State.CLOSED).exists()


def test_opening_it_again_by_hand_takes_a_mistaken_reference_back(priya):
    here, there = both()
    cases.claim(here.pk, by=priya)
    joining.join([there.pk], into=here.pk, by=priya)
    cases.reopen(there.pk, by=priya)
    there.refresh_from_db()
    assert (there.state, there.answered_in) == (State.WAITING, None)
    Sealer().tick()
    assert clocks.follow_links() == 0
    assert not there.cases.filter(ended_at=None).exists()
