"""Posts on walls: what a room sees, what strangers see, and how fast it is gone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.models import Role
from commandcenter import displays, scenes
from commandcenter.displays import Refused
from commandcenter.models import Display, Profile
from mentions import events, intake
from mentions.models import Author, Media, Mention
from mentions.pictures import keeping
from mentions.pictures.making import Made
from tests.commandcenter.history import ago, hear, settle
from tests.commandcenter.scenes.reading import show
from tests.factories import make_person, make_source

pytestmark = pytest.mark.django_db

PRAISE = "@bank your staff helped me with everything today, thank you so much"


@pytest.fixture
def mona(bank):
    return make_person("mona", role=Role.SUPERVISOR, last_name="Lindqvist")


def praise(bank, text=PRAISE, *, minutes=20, **fields) -> Mention:
    mention = hear(bank, text, at=ago(minutes=minutes), **fields)
    Mention.objects.filter(pk=mention.pk).update(sentiment=1, urgency=0, topics=["praise"], spam=False)
    return mention


def approve(mention, by):
    (post,) = [one for one in displays.candidates(by, timezone.now()) if one.id == mention.pk]
    displays.approve(mention.pk, digest=post.digest, by=by)


FIRST = 'src="data:image/png;base64,Zmlyc3Q='


def give_face(author: str, body: bytes) -> None:
    """The author's picture as the worker keeps it."""
    whose = Author.objects.get(external_id=author)
    keeping.keep_avatar(whose.pk, whose.avatar_url, Made(body, "image/png", 1, 1, body.hex()))


def street() -> list[str]:
    return show("river", Profile.STREET).posts


def test_a_room_reads_the_newest_public_posts_whole_with_author_and_network(bank):
    hear(bank, "@bank older words", at=ago(minutes=9), author={"id": "a", "handle": "ada", "name": "Ada L"})
    hear(bank, "@bank newer words", at=ago(minutes=3))
    hear(bank, "private words", at=ago(minutes=2), visibility="private", kind="message")
    hear(make_source("rival", rival="Other Bank", sending=False), "@other bank rival words", at=ago(minutes=2))
    river = show("river")
    assert ["newer words" in river.posts[0], "older words" in river.posts[1]] == [True, True]
    for part in ("Ada L", "@ada", "Town Square", "9"):
        assert part in river.posts[1]
    assert len(river.posts) == 2
    hear(bank, "@bank Newer  words", at=ago(minutes=5))
    again = show("river")
    assert (again.posts, "1 of 3 only repeat another" in again.words) == (river.posts, True)
    assert "data:image" not in river.html
    give_face("a", b"first")
    assert show("river").html.count(FIRST) == 1


def test_a_post_that_no_screen_shows_whole_is_left_out_and_told(bank):
    hear(bank, "@bank " + "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz " * 12, at=ago(minutes=1))
    hear(bank, "@bank short", at=ago(minutes=5))
    pictured = hear(bank, "@bank look what your machine did", at=ago(minutes=2))
    Media.objects.create(mention=pictured, url="https://cdn.example/1.jpg")
    river = show("river")
    assert len(river.posts) == 1
    assert "not here: 2, too long or with a picture" in river.words


def test_what_we_masked_is_not_shown_as_what_its_author_wrote(bank):
    hear(bank, "@bank my card 4111 1111 1111 1111 is lost", at=ago(minutes=1))
    assert show("river").posts == []


def test_strangers_see_nothing_until_somebody_approved_it(bank, mona):
    mention = praise(bank)
    assert street() == []
    approve(mention, mona)
    (post,) = street()
    assert PRAISE in post
    assert "20 min" in post.replace("20min", "20 min")


def test_strangers_are_told_where_to_write(bank, mona):
    approve(praise(bank), mona)
    assert "Write to us: @bank Town Square" in show("river", Profile.STREET).words


def test_a_post_younger_than_a_quarter_of_an_hour_waits(bank, mona):
    mention = praise(bank, minutes=5)
    approve(mention, mona)
    assert street() == []
    Mention.objects.filter(pk=mention.pk).update(occurred_at=ago(minutes=16))
    assert len(street()) == 1


def test_edited_words_wait_for_a_quarter_of_an_hour_too(bank, mona):
    mention = praise(bank, minutes=90)
    Mention.objects.filter(pk=mention.pk).update(edited_at=ago(minutes=2))
    approve(mention, mona)
    assert street() == []
    Mention.objects.filter(pk=mention.pk).update(edited_at=ago(minutes=16))
    assert len(street()) == 1


def test_a_deleted_post_leaves_with_the_next_frame_and_the_scene_hears_of_it(bank, mona):
    mention = praise(bank)
    approve(mention, mona)
    intake.receive(bank, [{"op": "delete", "network": "townsquare", "external_id": mention.external_id}])
    settle()
    assert street() == []
    assert "mention.deleted" in {event.kind for event in events.of_conversation(mention.conversation_id)}
    assert scenes.get("river").concerned({"mention.deleted"})
    assert scenes.get("river").pace_s <= 2


def test_a_comment_that_is_hidden_leaves_every_screen_and_is_offered_no_more(bank, mona):
    approved, offered = praise(bank), praise(bank, f"{PRAISE} again")
    approve(approved, mona)
    assert (len(street()), len(show("river").posts)) == (1, 2)
    for mention in (approved, offered):
        intake.receive(bank, [{"op": "hide", "network": "townsquare", "external_id": mention.external_id}])
    settle()
    assert (street(), show("river").posts) == ([], [])
    assert displays.candidates(mona, timezone.now()) == []
    assert scenes.get("river").concerned({"mention.hidden"})


def test_an_edited_post_leaves_until_somebody_reads_it_again(bank, mona):
    mention = praise(bank)
    approve(mention, mona)
    edit = {"op": "edit", "network": "townsquare", "external_id": mention.external_id, "text": "@bank you are thieves"}
    intake.receive(bank, [edit | {"edited_at": timezone.now().isoformat()}])
    assert street() == []


@pytest.mark.parametrize("change", [{"spam": True}, {"phishing": True}, {"visibility": "private"}, {"origin": "drill"}])
def test_whatever_makes_a_post_unfit_takes_it_from_the_street(bank, mona, change):
    mention = praise(bank)
    approve(mention, mona)
    Mention.objects.filter(pk=mention.pk).update(**change)
    assert street() == []


def test_taken_down_is_gone_and_both_decisions_are_events_with_their_person(bank, mona):
    mention = praise(bank)
    approve(mention, mona)
    assert displays.take_down(mention.pk, by=mona)
    assert not displays.take_down(mention.pk, by=mona)
    assert street() == []
    told = {e.kind: e.actor_id for e in events.of_conversation(mention.conversation_id) if e.kind.startswith("display")}
    assert told == {"display.approved": mona.pk, "display.taken_down": mona.pk}


def test_pressing_twice_is_one_approval(bank, mona):
    mention = praise(bank)
    (post,) = displays.candidates(mona, timezone.now())
    for _ in range(2):
        displays.approve(mention.pk, digest=post.digest, by=mona)
    assert Display.objects.count() == 1
    kinds = [e.kind for e in events.of_conversation(mention.conversation_id)]
    assert kinds.count("display.approved") == 1


def test_the_picture_of_a_posts_author_is_approved_with_it_and_no_other_reaches_strangers(bank, mona):
    mention = praise(bank, author={"id": "a", "handle": "ada", "name": "Ada L"})
    give_face("a", b"first")
    approve(mention, mona)
    assert FIRST in show("river", Profile.STREET).html
    give_face("a", b"second")
    assert street() == []


def test_an_approval_of_words_that_have_changed_is_refused(bank, mona):
    mention = praise(bank)
    with pytest.raises(Refused, match="changed after you read it"):
        displays.approve(mention.pk, digest="0" * 64, by=mona)


@pytest.mark.parametrize(
    ("text", "author"),
    [
        ("@bank thank you so much, call me at 555 0142 77", "a"),
        ("@bank great, see https://elsewhere.example/x", "a"),
        ("@bank great, more of it at win-a-phone.shop", "a"),
        ("@bank great, more of it at win-a-phone [dot] com", "a"),
        ("@bank thank you so much", {"id": "a", "handle": "a", "name": "Prizes at win-a-phone.shop"}),
        ("@bank thank you so much", {"id": "a", "handle": "a", "name": "Call 0800 555 0142"}),
        ("@bank thank you so much", {"id": "a", "handle": "a", "name": "Not @somebodyelse"}),
        ("@bank thank you so much", {"id": "a", "handle": "a", "name": "Mona Lindqvist"}),
        ("@bank thanks, and thanks to @somebodyelse", "a"),
        ("@bank thank you so much, dear Priyanka, for the help", "a"),
        ("@bank mona was wonderful today", "a"),
    ],
)
def test_posts_that_may_name_or_tell_are_not_even_offered(bank, mona, text, author):
    praise(bank, text, author=author)
    assert displays.candidates(mona, timezone.now()) == []


def test_complaints_and_urgent_posts_are_not_offered(bank, mona):
    for number, change in enumerate(({"sentiment": -1}, {"urgency": 2}, {"topics": ["fraud"]}, {"spam": True})):
        Mention.objects.filter(pk=praise(bank, author=f"a{number}").pk).update(**change)
    assert displays.candidates(mona, timezone.now()) == []


def test_more_posts_than_fit_take_turns_by_the_clock(bank, mona):
    for number in range(12):
        approve(praise(bank, f"{PRAISE}, friend number {'x' * number}", author=f"a{number}", minutes=20 + number), mona)
    now = timezone.now()
    river = scenes.get("river")
    seen = set()
    for turn in range(12):
        at = now + timedelta(seconds=30 * turn)
        seen |= {card.post.id for card in river.context(Profile.STREET, at)["cards"]}
        assert river.context(Profile.STREET, at)["cards"][0].post == river.context(Profile.STREET, at)["cards"][0].post
    assert len(seen) == 12


def test_without_an_approved_post_the_playlist_passes_over_it(bank, mona):
    river, now = scenes.get("river"), timezone.now()
    assert not river.has_input(Profile.STREET, now)
    mention = praise(bank)
    assert river.has_input(Profile.INTERNAL, now)
    approve(mention, mona)
    assert river.has_input(Profile.STREET, now)
