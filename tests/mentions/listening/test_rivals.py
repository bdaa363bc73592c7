"""What is said of rivals counts for share of voice and is nobody's work, whoever delivered it, in whatever order."""

from __future__ import annotations

import pytest

from mentions import intake, rulebook
from mentions.listening import searches
from mentions.listening.searches import Wanted
from mentions.models import Conversation, Mention, Source
from tests.factories import make_queue, make_source, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Source:
    make_queue()
    return make_source(handle="meridian", brand="Meridian Bank", settings={"names": ["Meridian"]})


@pytest.fixture
def rival(town: Source) -> Source:
    """What listens for Northquay through our account."""
    wanted = Wanted("Northquay", "northquay OR nothquay", "rival", "Northquay Bank", accounts=frozenset({town.pk}))
    searches.save(wanted, by=1)
    rulebook.forget()
    return Source.objects.get(via=town)


def stored(source: Source, text: str, **fields: object) -> Mention:
    sent = post(text, **fields)
    intake.receive(source, [sent])
    return Mention.objects.get(external_id=sent["external_id"])


def test_what_means_a_rival_is_the_rival_s_and_no_work(town: Source, rival: Source) -> None:
    for text in ("the northquay app is down again", "Nothquay raised its rates, nice"):
        mention = stored(town, text)
        assert (mention.source_id, mention.conversation_id) == (rival.pk, None), text
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "@meridian your app is as bad as northquay's",
        "Meridian or Northquay for a first account?",
        "that's it, moving everything to northquay, goodbye",
        "my card was declined again",
    ],
)
def test_what_means_us_or_may_is_ours(town: Source, rival: Source, text: str) -> None:
    mention = stored(town, text)
    assert mention.source_id == town.pk
    assert mention.conversation_id is not None


def test_an_answer_and_a_message_are_ours(town: Source, rival: Source) -> None:
    answer = stored(town, "northquay would have done it", in_reply_to="ts:ours")
    message = stored(town, "northquay would have done it", visibility="private", kind="message")
    assert None not in (answer.conversation_id, message.conversation_id)


def test_whichever_hears_it_first(town: Source, rival: Source) -> None:
    sent = post("the northquay app is down again")
    assert intake.receive(rival, [sent]).count("accepted") == 1
    assert intake.receive(town, [sent]).count("duplicate") == 1
    mention = Mention.objects.get()
    assert (mention.source_id, mention.conversation_id) == (rival.pk, None)


def test_a_search_that_rests_takes_nothing_away(town: Source, rival: Source) -> None:
    rival.search.active = False
    rival.search.save()
    rulebook.forget()
    assert stored(town, "the northquay app is down again").conversation_id is not None
