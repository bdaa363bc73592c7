"""A comment below what we said is hidden on its network, and shown again."""

import pytest

from agents import amendment_outbox, amendments, cases, freeze
from agents.cases import Refused, Taken
from agents.models import Role
from mentions import networks
from mentions.models import Budget, Source
from mentions.sandbox.models import Post
from tests.agents.standing import kinds
from tests.factories import make_person

pytestmark = [pytest.mark.django_db(transaction=True)]


def test_it_is_hidden_and_shown_when_the_network_has_done_it(comment, priya):
    change = amendments.hide(comment, why="fraud", by=priya)
    comment.refresh_from_db()
    assert (change.state, comment.hidden_at) == ("sending", None)
    with pytest.raises(Refused, match="asked already"):
        amendments.hide(comment, why="fraud", by=priya)
    amendment_outbox.send_due()
    comment.refresh_from_db()
    assert comment.hidden_at is not None
    assert Post.objects.get(author__handle="mallory").hidden_at is not None
    with pytest.raises(Refused, match="hidden already"):
        amendments.hide(comment, why="fraud", by=priya)
    amendments.show(comment, by=priya)
    amendment_outbox.send_due()
    comment.refresh_from_db()
    assert comment.hidden_at is None
    assert Post.objects.get(author__handle="mallory").hidden_at is None
    assert kinds() == ["hiding.asked", "mention.hidden", "hiding.asked", "mention.shown"]


def test_it_goes_on_while_sending_is_frozen(comment, priya):
    freeze.start(by=make_person("boss", role=Role.SUPERVISOR))
    amendments.hide(comment, why="private_data", by=priya)
    assert amendment_outbox.send_due() == 1
    comment.refresh_from_db()
    assert comment.hidden_at is not None


def test_what_it_costs_is_taken_from_the_budget(comment, priya, monkeypatch):
    """Of some networks a change takes as much as fifty questions."""
    Source.objects.update(settings={"rate": {"calls": 1000, "per_s": 86_400}})
    monkeypatch.setattr(type(networks.get("townsquare")), "cost_of", lambda self, method, url: 50)
    amendments.hide(comment, why="fraud", by=priya)
    amendment_outbox.send_due()
    assert Budget.objects.get().level == pytest.approx(950, abs=1)


def test_what_cannot_be_hidden_says_why(sent, comment, priya):
    own_thread = sent.conversation.mentions.get()
    with pytest.raises(Refused, match="cannot be hidden"):
        amendments.hide(own_thread, why="fraud", by=priya)
    with pytest.raises(Refused, match="Say why"):
        amendments.hide(comment, why="because", by=priya)
    with pytest.raises(Refused, match="not hidden"):
        amendments.show(comment, by=priya)
    Source.objects.update(sending=False)
    with pytest.raises(Refused, match="switched off"):
        amendments.hide(comment, why="fraud", by=priya)
    Source.objects.update(sending=True)
    cases.claim(comment.conversation_id, by=make_person("omar"))
    with pytest.raises(Taken):
        amendments.hide(comment, why="fraud", by=priya)


def test_a_network_that_refuses_is_heard(comment, priya):
    Post.objects.filter(author__handle="mallory").update(in_reply_to=None)
    change = amendments.hide(comment, why="fraud", by=priya)
    amendment_outbox.send_due()
    change.refresh_from_db()
    comment.refresh_from_db()
    assert (change.state, comment.hidden_at) == ("failed", None)
    assert change.error
    amendments.hide(comment, why="fraud", by=priya)  # and may be asked again
