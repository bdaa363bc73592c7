"""A move on an older state: refused with what the person could not have seen, and done by the same key then."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents import bulk, cases, joining, judgement, queueing
from agents.models import Case, Note, Role, User
from agents.staleness import Stale, changes_since
from mentions import intake, rulebook
from mentions.models import Conversation, State
from tests.factories import make_person, make_queue, make_source, post

pytestmark = pytest.mark.django_db
SAID = "wait, now they say it is fraud"


def hear(who: str, text: str, source: str = "square") -> Conversation:
    author = {"id": who, "handle": who, "name": who.title()}
    intake.receive(make_source(source, network="townsquare"), [post(text, author=author)])
    return Conversation.objects.filter(author__handle=who).latest("pk")


def later() -> str:
    return f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"


@pytest.fixture
def priya() -> User:
    rulebook.forget()
    make_queue()
    make_queue("fraud")
    return make_person("priya")


@pytest.fixture
def desk(priya: User) -> Client:
    client = Client(headers={"hx-request": "true"})
    client.force_login(priya)
    return client


@pytest.fixture
def mine(priya: User) -> Conversation:
    found = hear("dana", "my card was declined")
    cases.claim(found.pk, by=priya)
    found.refresh_from_db()
    return found


MOVES: dict[str, Mapping[str, Any]] = {
    "close": {"disposition": "solved"},
    "dismiss": {"reason": "no_reply"},
    "pending": {"whom": "bank", "until": later, "reason": "the branch looks"},
    "transfer": {"queue": lambda: make_queue("fraud").pk, "reason": "cards are theirs"},
}


def press(desk: Client, found: Conversation, move: str, version: int | str) -> Any:
    asked = {name: value() if callable(value) else value for name, value in MOVES[move].items()}
    return desk.post(f"/console/{found.pk}/{move}/", asked | {"version": version})


@pytest.mark.parametrize("move", MOVES)
def test_what_the_customer_wrote_since_is_shown_and_the_same_key_does_it_then(desk, mine, move):
    hear("dana", SAID)
    refused = press(desk, mine, move, mine.version)
    page = refused.content.decode()
    assert refused.status_code == 409
    assert SAID in page.partition('class="notice stale"')[2].partition('id="thread"')[0]
    now = Conversation.objects.get(pk=mine.pk)
    assert (now.state, now.waiting_since is None, Note.objects.count()) == (State.CLAIMED, False, 0)

    (seen,) = set(re.findall(r'name="version" value="(\d+)"', page))
    assert press(desk, mine, move, seen).status_code == 200
    assert Conversation.objects.get(pk=mine.pk).state != State.CLAIMED


@pytest.mark.parametrize("move", MOVES)
def test_what_one_did_oneself_or_the_house_by_itself_is_no_news(desk, mine, priya, move):
    judgement.undecide(mine.pk, by=priya)
    Conversation.objects.filter(pk=mine.pk).update(due_at=timezone.now() - timedelta(hours=1))
    assert press(desk, mine, move, mine.version).status_code == 200


def test_what_a_colleague_did_is_news_and_who_has_it_says_more(desk, mine, priya):
    sam = make_person("sam", role=Role.SUPERVISOR)
    judgement.undecide(mine.pk, by=sam)
    refused = press(desk, mine, "close", mine.version)
    assert (refused.status_code, "Sam" in refused.content.decode()) == (409, True)
    cases.assign(mine.pk, to=sam, by=sam)
    refused = press(desk, mine, "close", mine.version)
    assert "Sam has claimed this conversation." in refused.content.decode()
    assert "notice stale" not in refused.content.decode()


def test_without_scripts_the_whole_page_says_what_changed(desk, mine, priya):
    plain = Client()
    plain.force_login(priya)
    hear("dana", SAID)
    refused = press(plain, mine, "dismiss", mine.version)
    assert refused.status_code == 409
    assert SAID in refused.content.decode().partition('class="notice stale"')[2].partition('id="thread"')[0]


def test_of_many_what_changed_is_left_said_and_still_selected(priya, mine):
    other = hear("omar", "the app is slow")
    plain = Client(headers={"referer": "http://testserver/console/view/care/?state=all"})
    plain.force_login(priya)
    shown = [f"{mine.pk}:{mine.version}", f"{other.pk}:{other.version}"]
    hear("omar", SAID)

    done = plain.post("/console/bulk/", {"ids": shown, "action": "spam", "view": "care"})

    assert done.headers["Location"] == "/console/view/care/?state=all"
    page = plain.get("/console/view/care/?state=all").content.decode()
    assert f"1 done. 1 left as it is (what changed is still selected). {other.number}: changed since you looked" in page
    assert f'data-picked="{other.pk}"' in page
    assert f'data-picked="{other.pk}"' not in plain.get("/console/view/care/").content.decode()
    assert list(Conversation.objects.filter(state=State.CLOSED)) == [mine]
    other.refresh_from_db()
    again = bulk.dismiss_many([other.pk], why="spam", by=priya, seen={other.pk: other.version})
    assert (again.done, again.stale) == (1, {})


def test_what_is_joined_was_read_to_its_end(desk, priya, mine):
    other = hear("dana", "and my transfer failed", source="elsewhere")
    seen = {other.pk: other.version}
    hear("dana", SAID, source="elsewhere")
    with pytest.raises(Stale):
        joining.join([other.pk], into=mine.pk, by=priya, seen=seen)
    refused = desk.post(f"/console/{mine.pk}/join/", {"ids": [f"{other.pk}:{other.version}"]})
    assert (refused.status_code, SAID in refused.content.decode()) == (409, True)
    other.refresh_from_db()
    assert other.state == State.WAITING
    assert desk.post(f"/console/{mine.pk}/join/", {"ids": [f"{other.pk}:{other.version}"]}).status_code == 200


def test_what_raises_no_version_hides_nothing_that_the_customer_wrote(priya, mine):
    other = hear("dana", "and my transfer failed", source="elsewhere")
    seen = mine.version
    hear("dana", SAID)
    joining.join([other.pk], into=mine.pk, by=priya, seen={other.pk: other.version})
    mine.refresh_from_db()
    assert [event.kind for event in changes_since(mine, seen, by=priya)] == ["mention.received"]


def test_what_was_promised_anew_or_moved_with_its_queue_is_nothing_to_be_read(priya, mine):
    sam = make_person("sam", role=Role.ADMINISTRATOR)
    seen = mine.version
    Conversation.objects.filter(pk=mine.pk).update(queue=make_queue("old"))
    queueing.retire(make_queue("old"), to=make_queue("fraud"), by=sam)
    mine.refresh_from_db()
    assert mine.version > seen
    assert changes_since(mine, seen, by=priya) == []
    hear("dana", SAID)
    mine.refresh_from_db()
    assert [event.kind for event in changes_since(mine, seen, by=priya)] == ["mention.received"]


class TestHandingOver:
    def hand(self, desk: Client, found: Conversation, **asked: Any) -> tuple[int, str]:
        answer = desk.post(f"/console/{found.pk}/transfer/", {"reason": "cards are theirs"} | asked)
        return answer.status_code, answer.content.decode()

    def test_to_a_colleague_of_another_queue_goes_to_them_there(self, desk, mine, priya):
        femi = make_person("femi", teams=("fraud",))
        assert self.hand(desk, mine, queue=make_queue("fraud").pk, person=femi.pk)[0] == 200
        mine.refresh_from_db()
        assert (mine.queue.slug, mine.state) == ("fraud", State.CLAIMED)
        assert Case.objects.get(conversation=mine, ended_at=None).owner == femi

    def test_to_a_colleague_of_the_same_queue_stays_in_it(self, desk, mine):
        tom = make_person("tom")
        assert self.hand(desk, mine, queue=mine.queue_id, person=tom.pk)[0] == 200
        assert Case.objects.get(conversation=mine, ended_at=None).owner == tom

    @pytest.mark.parametrize(
        ("queue", "person", "why"),
        [
            ("care", "", "Choose another queue, or who takes it in this one."),
            ("care", "priya", "Priya has it already."),
            ("fraud", "tom", "This colleague does not work the queue."),
        ],
    )
    def test_what_cannot_be_is_said_and_what_was_filled_in_stays(self, desk, mine, queue, person, why):
        people = {"priya": User.objects.get(username="priya").pk, "tom": make_person("tom").pk, "": ""}
        wanted = make_queue(queue)
        status, page = self.hand(desk, mine, queue=wanted.pk, person=people[person])
        box = page.partition('id="transfer"')[2].partition("</form>")[0]
        assert (status, why in box) == (422, True)
        assert 'value="cards are theirs"' in box
        assert f'<option value="{wanted.pk}" selected' in box
        assert not Note.objects.exists()

    def test_who_can_take_it_is_told_by_queue(self, desk, mine):
        make_person("femi", teams=("fraud",))
        asked = f"/console/{mine.pk}/part/takers/"
        there = desk.get(asked, {"queue": make_queue("fraud").pk}).content.decode()
        assert ("Femi" in there, "Priya" in there, "required" in there) == (True, False, False)
        here = desk.get(asked).content.decode()
        assert ("Femi" in here, "Priya" in here, "required" in here) == (False, True, True)


def test_a_word_for_what_it_waits_stands_beside_it(desk, mine):
    page = press(desk, mine, "pending", mine.version).content.decode()
    assert "the branch looks" in page
