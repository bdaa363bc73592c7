"""Search with its signs, searches that are kept among the lists, and colleagues who are named in a note."""

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from agents import access, cases, judgement
from agents.desk import finding, lists
from agents.models import Nudge, Reply, Role, SavedView, Team, TeamQueue, User
from mentions import intake, search
from mentions.events import Sealer
from mentions.models import Conversation
from tests.factories import make_person, make_queue, make_source, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def priya(db: Any) -> User:
    make_queue()
    return make_person("priya")


@pytest.fixture
def said(priya: User) -> dict[str, Conversation]:
    """Three conversations by the handle of their author; another team's is not among them."""
    people = ("dana", "omar", "kim")
    written = [post(f"my card, says {who}", author={"id": who, "handle": who, "name": who.title()}) for who in people]
    written.append(post("my card, says eve", author={"id": "eve", "handle": "eve", "name": "Eve"}))
    intake.receive(make_source(), written)
    Conversation.objects.filter(author__handle="eve").update(queue=make_queue("fraud"))
    Sealer().tick()
    search.index_new()
    found = {row.author.handle: row for row in Conversation.objects.select_related("author")}
    now = timezone.now()
    Conversation.objects.filter(pk=found["dana"].pk).update(
        due_at=now - timedelta(hours=1), tags=["vip"], language="es"
    )
    Conversation.objects.filter(pk=found["omar"].pk).update(last_inbound_at=now - timedelta(days=9), priority=1)
    cases.claim(found["kim"].pk, by=priya)
    return found


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("card", {"dana", "omar", "kim"}),
        ("is:late", {"dana"}),
        ("-is:late card", {"omar", "kim"}),
        ("is:mine", {"kim"}),
        ("owner:me", {"kim"}),
        ("owner:PRIYA", {"kim"}),
        ("owner:none", {"dana", "omar"}),
        ("from:@Dana", {"dana"}),
        ('from:"Dana" card', {"dana"}),
        ("tag:vip lang:es", {"dana"}),
        ("is:urgent is:waiting", {"omar"}),
        ("before:7d", {"omar"}),
        ("after:7d", {"dana", "kim"}),
        ("queue:care network:townsquare says kim", {"kim"}),
        ("queue:fraud", set()),
        ("@dana", {"dana"}),
        ("is:waiting @omar", {"omar"}),
        ("@dana card", {"dana"}),
        ("my card, sa", set()),
        ("my card say", {"dana", "omar", "kim"}),
        ("dan", {"dana"}),
        ("card -say", {"dana", "omar", "kim"}),
    ],
)
def test_signs_narrow_what_words_find(priya: User, said: Any, asked: str, answered: set[str]) -> None:
    assert {row.handle for row in finding.find(priya, asked).rows} == answered


def test_a_sign_that_means_nothing_is_said_and_left_out(priya: User, said: Any) -> None:
    found = finding.find(priya, "is:purple before:someday card")
    assert (len(found.rows), "is:purple, before:someday" in found.note) == (3, True)
    assert finding.find(priya, "is:purple").rows == []  # and never everything
    for odd in ("before:" + "9" * 30 + "d", "after:0001-01-01", "tag:" + "x" * 300, "is:", "from:\0", "owner:%"):
        finding.find(priya, odd)


def test_a_search_is_kept_for_oneself_or_a_team_and_forgotten(priya: User, said: Any) -> None:
    desk, lead = Client(), make_person("lena", role=Role.SUPERVISOR)
    desk.force_login(lead)
    desk.post("/console/keep/", {"q": "is:late", "name": "Late ones", "for_team": "1"})
    desk.post("/console/keep/", {"q": "is:late tag:vip", "name": "Late ones", "for_team": "1"})
    (kept,) = SavedView.objects.all()
    assert kept.query == "is:late tag:vip"
    assert [view.title for view in lists.views(priya) if view.kind == "saved"] == ["Late ones"]
    stranger = make_person("fred", teams=("fraud",))
    assert not [view for view in lists.views(stranger) if view.kind == "saved"]
    page = desk.get("/console/search/", {"q": "is:late tag:vip"}).content.decode()
    assert "No longer among my lists" in page
    assert "Late ones" in page
    theirs = Client()
    theirs.force_login(priya)
    assert theirs.post(f"/console/keep/{kept.pk}/forget/").status_code == 404
    assert desk.post(f"/console/keep/{kept.pk}/forget/").status_code == 302
    assert not SavedView.objects.exists()


def test_who_is_named_in_a_note_finds_it_until_they_have_looked(priya: User, said: Any) -> None:
    omar, fred = make_person("omar.k"), make_person("fred", teams=("fraud",))
    there = said["dana"]
    judgement.add_note(there.pk, text="Ask @omar.k, not @fred or x@priya.example.", by=priya)
    assert {nudge.person for nudge in Nudge.objects.all()} == {omar}  # Fred does not see it
    assert access.conversations_for(fred).filter(pk=there.pk).exists() is False
    desk = Client()
    desk.force_login(omar)
    assert next(view for view in lists.views(omar) if view.key == "named").waiting == 1
    assert f'id="row-{there.pk}"' in desk.get("/console/view/named/").content.decode()
    desk.get(f"/console/{there.pk}/")
    assert next(view for view in lists.views(omar) if view.key == "named").waiting == 0
    by_hand = Client()
    by_hand.force_login(priya)
    answer = by_hand.post(f"/console/{there.pk}/note/", {"text": "@OMAR.K please"}, headers={"HX-Request": "true"})
    assert "Omar" in answer.headers["HX-Trigger"]


def test_what_else_is_open_from_an_author_is_seen_beside_and_claimed_at_once(priya: User, said: Any) -> None:
    again = post("my card, again", author={"id": "dana", "handle": "dana", "name": "Dana"})
    intake.receive(make_source("elsewhere", network="townsquare"), [again])
    other = Conversation.objects.get(source__slug="elsewhere")
    desk = Client()
    desk.force_login(priya)
    page = desk.get(f"/console/{said['dana'].pk}/").content.decode()
    assert "One more is open from this author" in page
    assert f'name="ids" value="{other.pk}:{other.version}"' in page
    claimed = desk.post("/console/bulk/", {"ids": [other.pk], "action": "claim", "view": "care"})
    assert claimed.headers["Location"] == "/console/view/mine/"
    other.refresh_from_db()
    assert other.state == "claimed"


@pytest.mark.parametrize(
    ("told", "pasted"),
    [
        ("https://x.com/dana/status/1790", "https://x.com/dana/status/1790?s=20"),
        ("https://x.com/dana/status/1790", "https://twitter.com/dana2/status/1790/photo/1"),
        ("https://x.com/i/status/1790", "https://mobile.twitter.com/dana/status/1790#m"),
        ("https://social.example/@dana/7", "http://social.example/@dana/7/?utm_source=share"),
        ("https://www.reddit.com/r/bank/comments/a/b/c/", "https://old.reddit.com/r/bank/comments/a/b/c"),
        ("https://www.youtube.com/watch?v=a&lc=b", "https://m.youtube.com/watch?v=a&lc=b"),
    ],
)
def test_a_post_is_found_by_its_address_as_people_paste_it(priya: User, told: str, pasted: str) -> None:
    x = "//x.com/" in told
    source = make_source("place", network="x" if x else "mastodon")
    for number, url in (("1790", told), ("1791", told.replace("1790", "1791") if x else f"{told}1")):
        author = {"id": number, "handle": f"dana{number}", "name": "Dana"}
        intake.receive(source, [post("my card", network=source.network, external_id=number, url=url, author=author)])
    assert [row.handle for row in finding.find(priya, pasted).rows] == ["dana1790"]
    assert not finding.find(priya, "https://[broken").rows


def test_a_conversation_is_found_by_the_address_of_our_reply(priya: User, said: Any) -> None:
    kim = said["kim"]
    sent = {"state": "sent", "sent_at": timezone.now(), "external_id": "ts:9", "url": "https://square.example/9"}
    when = {"created_at": timezone.now(), "submitted_at": timezone.now(), "seen_version": 1, "client_key": uuid.uuid4()}
    place = {"conversation": kim, "target_id": kim.last_mention_id, "source": kim.source, "author": priya}
    Reply.objects.create(**place, **sent, **when, text="Sorry", visibility="public")
    assert [row.handle for row in finding.find(priya, "https://square.example/9?ref=mail").rows] == ["kim"]


def test_a_search_goes_on_where_its_page_ends(priya: User, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "AT_MOST", 2)
    first = finding.find(priya, "card")
    assert (len(first.rows), first.total_words) == (2, "2 shown")
    assert first.next_url is not None
    after = first.next_url.partition("after=")[2]
    second = finding.find(priya, "card", after=after)
    assert {row.handle for row in (*first.rows, *second.rows)} == {"dana", "omar", "kim"}
    assert second.next_url is None


def test_what_was_closed_last_is_first_and_the_next_page_goes_on(
    priya: User, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    now = timezone.now()
    for minutes, who in ((3, "omar"), (1, "dana"), (2, "kim")):
        cases.dismiss(said[who].pk, why="spam", by=priya, now=now - timedelta(minutes=minutes))
    first = lists.listing(priya, "care", state="closed")
    assert [row.handle for row in first.rows] == ["dana", "kim"]
    assert first.next_url is not None
    after = parse_qs(urlsplit(first.next_url).query)["after"][0]
    assert [row.handle for row in lists.listing(priya, "care", state="closed", after=after).rows] == ["omar"]


def test_words_of_our_replies_and_notes_find_their_conversation_and_accents_hide_nothing(
    priya: User, said: dict[str, Conversation]
) -> None:
    omar, dana, eve = said["omar"], said["dana"], said["eve"]
    intake.receive(make_source(), [post("El crédito del café", author={"id": "kim", "handle": "kim", "name": "Kim"})])
    Sealer().tick()
    search.index_new()
    judgement.add_note(dana.pk, text="Müller from the branch rang.", by=priya)
    judgement.add_note(eve.pk, text="Müller too.", by=make_person("lena", teams=("fraud",)))
    when = {"created_at": timezone.now(), "seen_version": 1, "visibility": "public", "source": omar.source}
    for author, state, text in ((priya, "failed", "A naïve apology"), (make_person("tom"), "draft", "naïve draft")):
        Reply.objects.create(
            conversation=omar, target_id=omar.last_mention_id, author=author, state=state, text=text,
            client_key=uuid.uuid4(), **when,
        )  # fmt: skip

    def found(asked: str) -> set[str]:
        return {row.handle for row in finding.find(priya, asked).rows}

    assert [found(asked) for asked in ("cafe credito", "café", "muller", "naive apol")] == [
        {"kim"}, {"kim"}, {"dana"}, {"omar"},
    ]  # fmt: skip
    assert found("naive draft") == set()  # what a colleague has yet to send
    SavedView.objects.create(person=priya, name="Müller", query="muller")
    counted = finding.counted(lists.views(priya), priya)
    assert [view.waiting for view in counted if view.kind == "saved"] == [1]


def test_what_newcomers_push_to_the_next_page_is_in_its_list_still(
    priya: User, said: dict[str, Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 1)
    desk = Client()
    desk.force_login(priya)
    ids = [said[who].pk for who in ("omar", "dana", "kim")]
    asked = {"ids": ",".join(map(str, ids)), "view": "care"}
    page = desk.get("/console/part/rows/", asked).content.decode()
    here = {pk for pk in ids if " data-here" in page.partition(f'id="row-{pk}"')[2].partition(">")[0]}
    assert here == set(ids[:2])  # Kim's is claimed, so that it has left the list
    assert " data-here" not in desk.get("/console/part/rows/", asked | {"view": "fraud"}).content.decode()
    monkeypatch.undo()
    Conversation.objects.filter(pk=ids[0]).update(reply_count=1)
    shown = {row.handle: row.wrote_back for row in lists.listing(priya, "care").rows}
    assert shown == {"omar": True, "dana": False}
    assert [row.handle for row in finding.find(priya, "is:back").rows] == ["omar"]


def test_who_has_nothing_open_is_told_what_to_do_next(priya: User, client: Client) -> None:
    make_queue("fraud")
    told = {}
    for person in (priya, make_person("nuru", teams=()), make_person("anneke", role=Role.ADMINISTRATOR, teams=())):
        client.force_login(person)
        told[person.username] = client.get("/console/").text
    assert "New conversations appear by themselves." in told["priya"].split('id="post"')[1]
    assert "An administrator puts you into a team" in told["nuru"]
    assert "the set-up says what is missing" in told["anneke"]
    assert "<kbd>N</kbd> for the most urgent" not in told["anneke"]
    TeamQueue.objects.create(team=Team.objects.get(slug="care"), queue=make_queue("cards"), home=False)
    intake.receive(make_source(), [post("my card")])
    Sealer().tick()
    client.force_login(priya)
    answer = client.post("/console/next/", {"view": "cards"}, headers={"HX-Request": "true"})
    assert "1 waits in another queue" in answer.text
