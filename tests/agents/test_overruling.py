"""What people decide over rules and machines: many at once with one undo, priority and tags by hand, muted authors."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from agents import bulk, cases, muting, stretches, undoing
from agents.cases import Refused, Taken
from agents.desk import finding, head, lists
from agents.desk.reading import Reading
from agents.models import BulkAction, Case, Note, User
from mentions import events, intake
from mentions.models import Conversation, Mention, State, Stretch
from tests.agents.waiting import waiting
from tests.factories import make_queue, make_rule, make_source, post

pytestmark = pytest.mark.django_db


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ids(*found: Conversation) -> list[str]:
    """As the boxes of a list name them."""
    for conversation in found:
        conversation.refresh_from_db()
    return [f"{conversation.pk}:{conversation.version}" for conversation in found]


class TestMany:
    def test_are_handed_over_each_by_itself_and_come_back_as_they_were(self, priya, tom):
        fraud = make_queue("fraud")
        free, mine, held, moved_on = (waiting() for _ in range(4))
        cases.claim(mine.pk, by=priya)
        cases.claim(held.pk, by=tom)
        queued, due = free.queued_at, free.due_at
        selected = ids(free, mine, held, moved_on)
        intake.receive(make_source(), [post("and another thing", author=moved_on.author.external_id)])
        desk = browser(priya)
        asked = {"ids": selected, "action": "transfer", "view": "care", "queue": fraud.pk}
        assert "say why" in desk.post("/console/bulk/", asked, follow=True).content.decode()
        assert not Note.objects.exists()

        page = desk.post("/console/bulk/", asked | {"reason": "Two cards, one thief"}, follow=True).content.decode()
        assert "2 done. 2 left as they are" in page
        assert f"{held.number}: Tom has claimed this conversation." in page
        assert f"{moved_on.number}: changed since you looked (A post arrived" in page
        assert f'data-picked="{moved_on.pk}"' in page
        assert Note.objects.count() == 2
        assert set(Conversation.objects.filter(queue=fraud).values_list("pk", flat=True)) == {free.pk, mine.pk}

        undo = f"/console/undo/{BulkAction.objects.latest('pk').pk}/"
        assert undo in page
        assert "2 are back" in desk.post(undo, follow=True).content.decode()
        free.refresh_from_db()
        mine.refresh_from_db()
        assert (free.queue.slug, free.state, free.queued_at, free.due_at) == ("care", "waiting", queued, due)
        assert (mine.queue.slug, mine.state, mine.transfer_count) == ("care", "claimed", 0)
        assert Case.objects.get(conversation=mine, ended_at=None).owner == priya
        assert set(Stretch.objects.values_list("queue__slug", flat=True)) == {"care"}

    def test_are_given_to_a_colleague_by_a_supervisor_only_where_they_work(self, priya, tom, sam):
        free, held = waiting(), waiting()
        cases.claim(held.pk, by=priya)
        elsewhere = waiting()
        Conversation.objects.filter(pk=elsewhere.pk).update(queue=make_queue("fraud"))
        sam.teams.add(make_queue("fraud").teams.get())
        with pytest.raises(PermissionDenied):
            bulk.assign_many([free.pk], to=tom, by=priya)
        result = bulk.assign_many([free.pk, held.pk, elsewhere.pk], to=tom, by=sam)
        assert result.done == 2
        assert "does not work this queue" in str(result.left[elsewhere.pk])
        assert Case.objects.filter(owner=tom, ended_at=None).count() == 2
        assert undoing.undo(result.action.pk, by=sam) == 2
        assert list(Case.objects.filter(ended_at=None).values_list("conversation", "owner")) == [(held.pk, priya.pk)]
        held.refresh_from_db()
        assert (held.state, held.transfer_count) == ("claimed", 0)

    def test_are_closed_with_a_disposition_and_opened_again_without_a_reopening(self, priya):
        both = [waiting(), waiting()]
        cases.claim(both[0].pk, by=priya)
        result = bulk.close_many([c.pk for c in both], disposition="solved", by=priya)
        assert set(Conversation.objects.values_list("state", "disposition")) == {("closed", "solved")}
        cases.reopen(both[1].pk, by=priya)
        assert undoing.undo(result.action.pk, by=priya) == 1  # the other was touched since
        both[0].refresh_from_db()
        assert (both[0].state, both[0].reopened_count) == ("claimed", 0)


class TestByHand:
    def test_priority_and_tags_hold_against_rules_move_what_is_due_and_are_undone(self, priya):
        policy = make_queue().policy
        policy.by_priority = {"1": 0.5, "4": 2}
        policy.save()
        conversation = waiting()
        due, solved = conversation.due_at, conversation.resolution_due_at
        desk = browser(priya)
        asked = {"priority": "1", "tags": "VIP, branch 7, vip", "version": conversation.version}
        answer = desk.post(f"/console/{conversation.pk}/weigh/", asked, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        conversation.refresh_from_db()
        assert (conversation.priority, conversation.tags) == (1, ["vip", "branch 7"])
        assert conversation.due_at - conversation.opened_at == (due - conversation.opened_at) / 2
        assert conversation.resolution_due_at < solved
        why = head.head(Reading(conversation, priya)).weighed
        assert why == "Urgent, by the word of Priya; vip, branch 7, by the word of Priya"

        make_rule(conversation.queue, conditions={"words_any": ["refund"]}, priority=2, tags=["refunds"])
        bulk.weigh_many([conversation.pk], priority=4, tags=["vip"], by=priya)
        intake.receive(make_source(), [post("refund me", author=conversation.author.external_id)])
        conversation.refresh_from_db()
        assert (conversation.priority, conversation.tags) == (4, ["vip"])
        again = bulk.weigh_many([conversation.pk], priority=4, tags=["vip"], by=priya)
        assert "already" in str(again.left[conversation.pk])
        told = events.of_conversation(conversation.pk)
        assert "branch" not in str([event.data for event in told if event.kind == "conversation.weighed"])

    def test_what_is_undone_is_the_rules_again(self, priya, tom):
        conversation = waiting()
        due = conversation.due_at
        result = bulk.weigh_many([conversation.pk], priority=1, tags=["vip"], by=priya)
        assert undoing.undo(result.action.pk, by=priya) == 1
        conversation.refresh_from_db()
        assert (conversation.priority, conversation.tags, conversation.priority_by) == (3, [], "rule")
        assert conversation.due_at == due
        cases.claim(conversation.pk, by=tom)
        assert [
            type(why) for why in bulk.weigh_many([conversation.pk], priority=1, tags=[], by=priya).left.values()
        ] == [Taken]

    def test_what_is_late_stays_late(self, priya):
        conversation = waiting()
        late = timezone.now() + timedelta(hours=9)
        due = conversation.due_at
        stretches.weigh(conversation, 4, late)
        assert conversation.due_at == due


class TestMuted:
    def test_they_wait_for_nobody_and_are_kept_but_for_what_is_urgent_or_private(self, sam, priya):
        troll = waiting(author="troll")
        make_rule(troll.queue, conditions={"words_any": ["lawyer"]}, priority=1)
        cases.claim(troll.pk, by=sam)
        cases.close(troll.pk, disposition="solved", by=sam)
        with pytest.raises(PermissionDenied):
            muting.mute(troll, reason="Floods us", until=timezone.now() + timedelta(days=1), by=priya)
        desk = browser(sam)
        desk.post(f"/console/{troll.pk}/mute/", {"reason": "Floods us", "days": "7"})
        standing = muting.running(troll.author_id)
        assert standing is not None
        with pytest.raises(Refused, match="muted already"):
            muting.mute(troll, reason="Again", until=standing.until, by=sam)

        def said(text: str, **about: str) -> Conversation:
            intake.receive(make_source(), [post(text, author="troll", **about)])
            return Mention.objects.latest("pk").conversation

        quiet = said("my card was declined again, help", conversation_id="elsewhere")
        assert (quiet.state, quiet.actionable_reason, quiet.disposition) == ("closed", "muted", "muted")
        assert said("you will hear from my lawyer", conversation_id="b").state == State.WAITING
        assert said("i want to kill myself", conversation_id="c").state == State.WAITING
        assert said("my card was declined, please help", visibility="private").state == State.WAITING

        page = desk.get(f"/console/{troll.pk}/").content.decode()
        assert "Floods us" in page
        assert "Muted by Sam until" in page
        assert all(row.muted for row in finding.find(sam, "@troll").rows)
        listed = desk.get("/console/muted/").content.decode()
        assert "Floods us" in listed
        assert "3 posts since" in listed
        assert [view.waiting for view in lists.views(sam) if view.key == "muted"] == [1]
        assert "its author is muted" in head.head(Reading(quiet, sam)).why

        desk.post(f"/console/muted/{standing.pk}/unmute/")
        assert said("my card was declined once more", conversation_id="d").state == State.WAITING
        kinds = [event.kind for event in events.of_conversation(troll.pk)]
        assert "author.muted" in kinds
        assert browser(priya).get("/console/muted/").status_code == 403

    def test_it_ends_by_itself_and_an_edit_wakes_nobody_meanwhile(self, sam):
        troll = waiting(author="troll")
        now = timezone.now()
        muting.mute(troll, reason="Floods us", until=now + timedelta(hours=1), by=sam, now=now)
        later = post("help with my card", author="troll", conversation_id="x")
        intake.receive(make_source(), [later], now=now + timedelta(hours=2))
        assert Mention.objects.latest("pk").conversation.state == State.WAITING
        intake.receive(make_source(), [post("thanks all", author="troll", conversation_id="y", external_id="ts:y")])
        edit = {"op": "edit", "network": "townsquare", "external_id": "ts:y", "text": "help with my card"}
        intake.receive(make_source(), [edit | {"edited_at": (now + timedelta(minutes=1)).isoformat()}])
        assert Mention.objects.get(external_id="ts:y").conversation.actionable is False
