"""What our accounts publish against what left from here, through the real Town Square and its webhook."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents import amendment_outbox, amendments, cases, foreign, outbox, outcomes, replies
from agents.cases import Refused
from agents.models import Reply, ReplyState, User
from mentions import events, hooks, intake, networks, rulebook, sandbox
from mentions.models import Conversation, Mention, OwnPost, Source
from mentions.networks import Published
from mentions.networks.townsquare import signed
from mentions.sandbox import delivery, faults, square
from mentions.sandbox.models import Person, Post
from mentions.sources import credentials
from tests.factories import make_person, make_queue, make_source

pytestmark = [pytest.mark.django_db(transaction=True)]

GOOD = "We are sorry to hear that. Please send us a private message so that we can help."


@pytest.fixture
def town(live_server: Any) -> Source:
    make_queue()
    url = live_server.url.replace("127.0.0.1", "localhost")
    sandbox.configure(f"{url}/hooks/townsquare/square", "webhook-secret", "meridian", "bank-token")
    source = make_source(base_url=f"{url}/sandbox", handle="meridian")
    Source.objects.update(created_at=timezone.now() - timedelta(days=3))
    hooks.forget()
    rulebook.forget()
    assert credentials.probe(source, now=timezone.now())
    rulebook.forget()
    source.refresh_from_db()
    return source


def deliver() -> None:
    """Town Square's next delivery, taken at the door."""
    batch = delivery._lease(timezone.now())
    assert batch
    body = delivery._body(batch, sandbox.models.Settings.current())
    headers = signed("webhook-secret", uuid.uuid4().hex, body)
    answer = Client().post("/hooks/townsquare/square", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content


def told(kind: str) -> int:
    with events.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mentions_event WHERE kind = %s", [kind])
        return int(cursor.fetchone()[0])


def pass_time(by: timedelta = foreign.GRACE) -> None:
    for post in OwnPost.objects.all():
        OwnPost.objects.filter(pk=post.pk).update(compare_from=post.compare_from - by)


@pytest.fixture
def asked(town: Source) -> Conversation:
    square.write("customer42", "@meridian my card was declined")
    deliver()
    return Conversation.objects.get()


def send(conversation: Conversation) -> Reply:
    priya = make_person()
    cases.claim(conversation.pk, by=priya)
    conversation.refresh_from_db()
    reply = replies.submit(
        conversation.pk,
        text=GOOD,
        visibility="public",
        seen_version=conversation.version,
        client_key=uuid.uuid4(),
        by=priya,
    )
    outbox.send_due()
    reply.refresh_from_db()
    return reply


def test_what_left_from_here_is_ours_and_enters_no_queue(asked: Conversation) -> None:
    reply = send(asked)
    assert reply.state == ReplyState.SENT
    deliver()
    foreign.compare_new()
    post = OwnPost.objects.get()
    assert (post.verdict, post.reply_id, post.external_id) == ("ours", reply.pk, reply.external_id)
    assert Mention.objects.count() == 1
    assert told("source.foreign_post") == 0


@pytest.mark.parametrize("private", [False, True])
def test_what_nobody_here_sent_is_told_at_once_private_messages_too(asked: Conversation, private: bool) -> None:
    customer = Post.objects.get().author.key
    square.answer("Send us your PIN", client_key="intruder", recipient=customer if private else None, private=private)
    deliver()
    foreign.compare_new()
    post = foreign.unexplained().get()
    assert (post.text, post.visibility) == ("Send us your PIN", "private" if private else "public")
    assert told("source.foreign_post") == 1
    assert Mention.objects.count() == 1
    foreign.compare_new()
    assert told("source.foreign_post") == 1


def test_it_is_recognised_through_whichever_source_it_was_heard(asked: Conversation) -> None:
    search = make_source("search", handle="", account_id="")
    rulebook.forget()
    shown = square.answer("Send us your PIN", client_key="intruder")[0]
    parsed = networks.get("townsquare").lookup(
        hooks.sources.account(Source.objects.get(slug="square")), [f"ts:{shown.key}"]
    )
    intake.receive(search, list(parsed.values()))
    assert OwnPost.objects.get().source.slug == "square"
    assert Mention.objects.count() == 1


def told_privately(who: str, by: User) -> Reply:
    """A customer's private message, and a standard answer to it that a fault of the network may keep from leaving."""
    square.write(who, "is my card blocked?", private=True)
    deliver()
    place = Conversation.objects.get(author__handle=who)
    cases.claim(place.pk, by=by)
    place.refresh_from_db()
    key, seen = uuid.uuid4(), place.version
    return replies.submit(place.pk, text=GOOD, visibility="private", seen_version=seen, client_key=key, by=by)


def said_elsewhere(who: str, *, thread: bool = True) -> OwnPost:
    """The same words to a customer from somewhere else, as the network tells it, with or without their thread."""
    customer = Person.objects.get(handle=who).key
    square.answer(GOOD, client_key=f"inbox-{uuid.uuid4()}", recipient=customer, private=True)
    deliver()
    post = OwnPost.objects.latest("pk")
    if not thread:
        OwnPost.objects.update(thread=None)
    foreign.compare_new()
    pass_time()
    foreign.compare_new()
    post.refresh_from_db()
    return post


@pytest.mark.parametrize("thread", [True, False])
def test_the_same_words_to_somebody_else_settle_no_reply_that_a_person_gave_up(town: Source, thread: bool) -> None:
    faults.set_faults(failing=1)
    lost = told_privately("customer42", priya := make_person())
    outbox.send_due()
    outcomes.resolve(lost, went_out=False, by=priya)
    square.write("customer43", "is my card blocked as well?", private=True)
    deliver()
    assert said_elsewhere("customer43", thread=thread).verdict == "foreign"
    assert Reply.objects.get().state == ReplyState.FAILED
    if thread:
        OwnPost.objects.all().delete()
        assert said_elsewhere("customer42").reply_id == lost.pk


def test_words_settle_the_reply_whose_thread_they_stand_in_and_without_one_none_of_two(town: Source) -> None:
    faults.set_faults(failing=2)
    both = [told_privately(who, make_person(name)) for who, name in (("customer42", "priya"), ("customer43", "tom"))]
    outbox.send_due()
    assert said_elsewhere("customer42", thread=False).verdict == "ours"
    assert set(Reply.objects.values_list("state", flat=True)) == {ReplyState.UNKNOWN}
    OwnPost.objects.all().delete()
    assert said_elsewhere("customer42").reply_id == both[0].pk
    states = [Reply.objects.get(pk=reply.pk).state for reply in both]
    assert states == [ReplyState.SENT, ReplyState.UNKNOWN]


def test_what_the_network_surely_did_not_take_is_settled_by_nobody_s_words(town: Source) -> None:
    """A hundred answers of one text wait for a limit, and none of them is the one that somebody writes elsewhere."""
    faults.set_faults(limited=1)
    told_privately("customer42", make_person())
    outbox.send_due()
    assert Reply.objects.get().tries == 1
    assert said_elsewhere("customer42").verdict == "foreign"
    assert Reply.objects.get().state == ReplyState.HELD


def test_an_echo_waits_for_the_answer_to_what_says_just_this_before_it_settles_another(town: Source) -> None:
    faults.set_faults(failing=1)
    lost = told_privately("customer42", make_person())
    outbox.send_due()
    leaves = told_privately("customer43", make_person("tom"))
    outbox.send_due()
    deliver()
    leaves.refresh_from_db()
    Reply.objects.filter(pk=leaves.pk).update(state=ReplyState.SENDING, external_id="", sent_at=None)
    OwnPost.objects.update(client_key="", in_reply_to=None, thread=None)
    foreign.compare_new()
    assert (OwnPost.objects.get().verdict, Reply.objects.get(pk=lost.pk).state) == ("new", ReplyState.UNKNOWN)
    outcomes.confirm(leaves.pk, Published(leaves.external_id, None, leaves.sent_at))
    foreign.compare_new()
    assert (OwnPost.objects.get().reply_id, Reply.objects.get(pk=lost.pk).state) == (leaves.pk, ReplyState.UNKNOWN)


@pytest.mark.parametrize("told_by", ["its key", "its words"])
@pytest.mark.parametrize("given_up", [False, True])
def test_an_echo_that_is_quicker_than_the_answer_settles_it_also_when_a_person_had_given_it_up(
    given_up: bool, told_by: str, asked: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be compared keeps nothing else from it."""
    faults.set_faults(dropping=1)
    reply = send(asked)
    assert reply.state == ReplyState.UNKNOWN
    if given_up:
        outcomes.resolve(reply, went_out=False, by=reply.author)
    deliver()
    post = OwnPost.objects.get()
    if told_by == "its words":
        OwnPost.objects.update(client_key="")
    judge, broken = foreign.judge, OwnPost.objects.get()
    broken.pk, broken.external_id = post.pk - 1, "ts:broken"
    broken.save(force_insert=True)
    monkeypatch.setattr(foreign, "judge", lambda one, now: judge(one, now) if one.pk == post.pk else 1 / 0)
    foreign.compare_new()
    reply.refresh_from_db()
    post.refresh_from_db()
    assert (reply.state, reply.external_id, post.reply_id) == (ReplyState.SENT, post.external_id, reply.pk)
    assert told("source.foreign_post") == 0
    with pytest.raises(Refused):
        replies.retry(reply, by=reply.author)


def test_while_something_is_under_way_there_is_a_little_grace_and_no_more(asked: Conversation) -> None:
    reply = send(asked)
    deliver()
    Reply.objects.filter(pk=reply.pk).update(state=ReplyState.SENDING, external_id="", sent_at=None)
    foreign.compare_new()
    assert OwnPost.objects.get().verdict == "new"
    square.answer("Send us your PIN", client_key="intruder")
    deliver()
    pass_time()
    foreign.compare_new()
    assert told("source.foreign_post") == 2  # what is still not confirmed after the grace is told as well


def test_a_reply_that_is_changed_elsewhere_is_foreign_and_our_own_change_is_not(asked: Conversation) -> None:
    reply = send(asked)
    better = GOOD.replace("help", "look into it")
    amendments.reword(reply, text=better, by=make_person())
    amendment_outbox.send_due()
    deliver()
    foreign.compare_new()
    assert OwnPost.objects.get().verdict == "ours"
    square.reword(reply.external_id.removeprefix("ts:"), "Send us your PIN")
    deliver()
    foreign.compare_new()
    pass_time()
    foreign.compare_new()
    assert OwnPost.objects.get().verdict == "foreign"


def test_an_echo_of_our_change_that_got_no_answer_settles_it(asked: Conversation) -> None:
    reply = send(asked)
    deliver()
    change = amendments.reword(reply, text=GOOD.replace("help", "look into it"), by=make_person())
    faults.set_faults(dropping=1)
    amendment_outbox.send_due()
    deliver()
    foreign.compare_new()
    change.refresh_from_db()
    assert change.state == "done"
    assert (OwnPost.objects.get().verdict, told("source.foreign_post")) == ("ours", 0)


def test_a_person_who_explains_it_says_why(asked: Conversation) -> None:
    square.answer("Our branches close at noon", client_key="elsewhere")
    deliver()
    foreign.compare_new()
    post = foreign.unexplained().get()
    lead = make_person("lena", role="supervisor")
    with pytest.raises(Refused):
        foreign.explain(post, why=" ", by=lead)
    foreign.explain(post, why="Sent by the press office from its own tool", by=lead)
    assert not foreign.unexplained().exists()
    with pytest.raises(Refused):
        foreign.explain(post, why="again", by=lead)


def test_its_words_go_when_it_is_deleted_and_it_stays_told(asked: Conversation) -> None:
    shown = square.answer("Send us your PIN", client_key="intruder")[0]
    deliver()
    foreign.compare_new()
    square.withdraw(shown.key)
    deliver()
    post = OwnPost.objects.get()
    assert (post.text, post.verdict) == ("", "foreign")
    assert post.deleted_at is not None


def test_what_is_older_than_the_connection_is_not_foreign(asked: Conversation) -> None:
    Source.objects.update(created_at=timezone.now() + timedelta(seconds=30))
    square.answer("An old notice", client_key="before")
    deliver()
    foreign.compare_new()
    assert OwnPost.objects.get().verdict == "earlier"


def test_an_old_date_is_believed_only_right_after_connecting(asked: Conversation) -> None:
    source = Source.objects.get(slug="square")
    shown = square.answer("Send us your PIN", client_key="intruder")[0]
    Post.objects.filter(pk=shown.pk).update(created_at=timezone.now() - timedelta(days=30))
    found = networks.get("townsquare").lookup(hooks.sources.account(source), [f"ts:{shown.key}"])
    intake.receive(source, list(found.values()))
    foreign.compare_new()
    assert OwnPost.objects.get().verdict == "foreign"
