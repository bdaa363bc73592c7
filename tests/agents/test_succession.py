"""Who has a conversation after somebody else: their words are seen, taken over, withdrawn, and never in the way."""

import threading
import uuid

import pytest
from django.db import connections, transaction
from django.test import Client

from agents import approving, cases, replies, staff, succession
from agents.cases import Refused
from agents.models import Reply, ReplyState, Role, User
from mentions import events
from mentions.models import Conversation
from tests.agents.waiting import waiting
from tests.factories import make_person, make_queue
from tests.faults.cuts import until_waiting

pytestmark = pytest.mark.django_db
TEXT = "Sorry about the trouble. Please send us a private message so that we can look into it together."


@pytest.fixture
def mine(priya: User) -> Conversation:
    """What Priya has claimed."""
    found = waiting()
    cases.claim(found.pk, by=priya)
    found.refresh_from_db()
    return found


def browser(person: User, *, page: bool = False) -> Client:
    client = Client(headers={} if page else {"HX-Request": "true"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def written(found: Conversation, by: User, state: str = ReplyState.DRAFT) -> Reply:
    begun = replies.save_draft(found.pk, text=TEXT, visibility="public", by=by, client_key=uuid.uuid4())
    if state != ReplyState.DRAFT:
        found.refresh_from_db()
        key = {"client_key": begun.client_key, "seen_version": found.version}
        begun = replies.submit(found.pk, text=TEXT, visibility="public", by=by, **key)
        Reply.objects.filter(pk=begun.pk).update(state=state)
        begun.refresh_from_db()
    return begun


class TestHandedOverWhileWriting:
    def ask(self, found: Conversation, **changed: object) -> dict[str, object]:
        return {"text": TEXT, "mode": "public", "version": found.version, "client_key": uuid.uuid4()} | changed

    @pytest.mark.parametrize("address", ["reply", "draft"])
    def test_a_colleague_has_it_so_the_words_are_kept_and_it_is_said_who_and_when(self, mine, priya, tom, sam, address):
        cases.assign(mine.pk, to=tom, by=sam)
        answer = browser(priya).post(f"/console/{mine.pk}/{address}/", self.ask(mine))
        page = answer.content.decode()
        assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#checked")
        assert "Handed to Tom by Sam at " in page
        assert [(r.author, r.state, r.text) for r in Reply.objects.all()] == [(priya, ReplyState.DRAFT, TEXT)]
        left = browser(priya).post(f"/console/{mine.pk}/note/", {"text": TEXT, "left": "1"})
        assert left.status_code == 200
        assert (mine.notes.get().text, Reply.objects.get().state) == (TEXT, ReplyState.WITHDRAWN)

    def test_who_sees_it_no_more_learns_only_that_they_had_it(self, mine, priya):
        cases.transfer(mine.pk, to=make_queue("fraud"), by=priya)
        stranger = make_person("eve", teams=("marketing",))
        for address in ("reply", "draft"):
            for page in (False, True):
                answer = browser(priya, page=page).post(f"/console/{mine.pk}/{address}/", self.ask(mine))
                said = answer.content.decode()
                assert answer.status_code == 409
                assert "You held this conversation a moment ago" in said
                assert not any(word in said for word in ("Fraud", "Leave them as a note", mine.number))
                assert (TEXT in said) is page
            assert browser(stranger).post(f"/console/{mine.pk}/{address}/", self.ask(mine)).status_code == 404
        assert not Reply.objects.exists()
        assert browser(priya).post(f"/console/{mine.pk}/note/", {"text": TEXT, "left": "1"}).status_code == 404


class TestTakingOver:
    @pytest.mark.parametrize("state", [ReplyState.DRAFT, ReplyState.AWAITING_APPROVAL, ReplyState.HELD])
    def test_words_of_who_has_gone_are_the_next_owners_to_send_anew(self, mine, priya, tom, state):
        theirs = written(mine, priya, state)
        staff.leave(priya, by=make_person("ada", role=Role.ADMINISTRATOR))
        assert TEXT not in browser(tom).get(f"/console/{mine.pk}/part/post/").content.decode() or state != "draft"
        cases.claim(mine.pk, by=tom)
        assert "Take over as mine" in browser(tom).get(f"/console/{mine.pk}/part/post/").content.decode()
        answer = browser(tom).post(f"/console/replies/{theirs.pk}/take-over/")
        assert answer.status_code == 200
        own = Reply.objects.get(author=tom)
        assert (own.state, own.text, own.approvals.count()) == (ReplyState.DRAFT, TEXT, 0)
        theirs.refresh_from_db()
        assert theirs.state == ReplyState.WITHDRAWN
        mine.refresh_from_db()
        sent = replies.submit(
            mine.pk, text=TEXT, visibility="public", by=tom, client_key=own.client_key, seen_version=mine.version
        )
        assert sent.pk == own.pk
        assert sent.state in (ReplyState.HELD, ReplyState.AWAITING_APPROVAL)
        told = next(e for e in events.of_conversation(mine.pk) if e.kind == "reply.taken")
        assert (told.actor_id, told.data["from_author"]) == (tom.pk, priya.pk)

    def test_only_who_has_it_takes_and_a_supervisor_withdraws(self, mine, priya, tom, sam):
        theirs = written(mine, priya, ReplyState.AWAITING_APPROVAL)
        with pytest.raises(Refused, match="Claim"):
            succession.take_over(theirs, by=tom)
        with pytest.raises(Refused, match="Claim"):
            succession.withdraw(theirs, by=tom)
        with pytest.raises(Refused, match="your own"):
            succession.withdraw(theirs, by=priya)
        succession.withdraw(theirs, by=sam)
        with pytest.raises(Refused, match="too late"):
            succession.withdraw(theirs, by=sam)
        page = browser(priya).get(f"/console/{mine.pk}/part/post/").content.decode()
        assert "Withdrawn" in page

    @pytest.mark.django_db(transaction=True)
    def test_nobody_approves_what_is_being_taken_over(self, mine, priya, tom, sam):
        theirs = written(mine, priya, ReplyState.AWAITING_APPROVAL)
        cases.assign(mine.pk, to=tom, by=sam)
        refused = []

        def approve() -> None:
            try:
                approving.approve(theirs, digest=theirs.digest, by=sam)
            except Refused as why:
                refused.append(str(why))
            connections.close_all()

        other = threading.Thread(target=approve)
        with transaction.atomic():
            succession.take_over(theirs, by=tom)
            other.start()
            until_waiting(1)
        other.join()
        assert refused == ["This reply no longer waits for approval."]
        assert not Reply.objects.filter(state=ReplyState.HELD).exists()
