"""The set-up pages as an administrator meets them: queues, promises, texts, tokens, the way from nothing."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents import cases, queueing, returns, tokens
from agents.models import ApiToken, Macro, Proposal, RegulatoryProfile, Role, Team, User
from agents.setup import overview
from mentions import editions, events, intake, rulebook, ruling, telling
from mentions.models import Conversation, Edition, Queue, SlaPolicy, Source, Stretch
from tests.agents.setup.conftest import asked_first, kinds, signed
from tests.factories import (
    make_calendar,
    make_person,
    make_policy,
    make_profile,
    make_queue,
    make_rule,
    make_source,
    make_team,
    post,
)
from tests.mentions.networks import peer_telegram

pytestmark = pytest.mark.django_db


class TestQueuesAndTeams:
    def test_a_queue_retires_once_nothing_leads_to_it_and_its_work_goes_on(self, client: Client) -> None:
        care, fraud = make_queue("care"), make_queue("fraud")
        rule = make_rule(fraud, conditions={})
        intake.receive(make_source(), [post("one"), post("two")])
        held = Conversation.objects.order_by("pk")[0]
        case = cases.claim(held.pk, by=make_person("tala", teams=("fraud",)))
        answer = client.post(f"/setup/queues/{fraud.pk}/retire/", {"to": care.pk})
        assert "These rules still send to it" in answer.content.decode()
        client.post(f"/setup/rules/{rule.pk}/switch/", {"on": "no"})
        due = held.due_at
        assert client.post(f"/setup/queues/{fraud.pk}/retire/", {"to": care.pk}).status_code == 302
        held.refresh_from_db()
        case.refresh_from_db()
        assert (held.queue, held.state, held.due_at, case.ended_at) == (care, "claimed", due, None)
        assert set(Conversation.objects.values_list("queue", flat=True)) == {care.pk}
        assert kinds().count("conversation.moved") == 2
        Conversation.objects.filter(pk=held.pk).update(queue=fraud)  # as if stored by somebody who had not heard yet
        assert queueing.move_on() == 1
        assert queueing.move_on() == 0
        assert "its work goes to Care" in client.get("/setup/queues/").content.decode()

    def test_the_default_queue_stays_and_another_can_take_its_place(self, client: Client) -> None:
        care, fraud = make_queue("care"), make_queue("fraud")
        answer = client.post(f"/setup/queues/{care.pk}/retire/", {"to": fraud.pk})
        assert "The default queue takes what no rule takes" in answer.content.decode()
        client.post(f"/setup/queues/{fraud.pk}/default/")
        assert Queue.objects.get(is_default=True) == fraud

    def test_queues_and_teams_are_made_and_changed(self, client: Client) -> None:
        profile, tala = make_profile(), make_person("tala")
        given = {"name": "Lending", "profile": profile.pk, "people": [tala.pk], "edition": "0"}
        assert client.post("/setup/teams/new/", given).status_code == 302
        team = Team.objects.get(name="Lending")
        assert team.people.get() == tala
        given = {"name": "Loans", "policy": make_policy().pk, "home": team.pk, "edition": "0"}
        assert client.post("/setup/queues/new/", given).status_code == 302
        queue = Queue.objects.get(slug="loans")
        assert queue.teams.get() == team
        stale = client.post(f"/setup/queues/{queue.pk}/", given | {"name": "Credit"})
        assert stale.status_code == 409
        given |= {"name": "Credit", "edition": "1"}
        assert client.post(f"/setup/queues/{queue.pk}/", given).status_code == 302
        assert "Name: Loans → Credit" in client.get(f"/setup/queues/{queue.pk}/").content.decode()
        answer = client.post(f"/setup/teams/{team.pk}/retire/")
        assert "Give these queues another home first: Credit" in answer.content.decode()


class TestPromises:
    def given(self, calendar: int, **fields: Any) -> dict[str, Any]:
        usual = {"name": "Fast", "calendar": calendar, "first_response_s": "30 m", "factor_1": "0.5", "edition": "0"}
        return usual | {"pause_when_pending": "on", "at": "2026-11-20T16:50"} | fields

    def test_a_worked_example_is_reckoned_by_the_real_code(self, client: Client) -> None:
        hours = make_calendar("Office", blocks={str(day): [[540, 720], [780, 1020]] for day in range(5)})
        page = client.post("/setup/sla/new/", self.given(hours.pk, do="try")).content.decode()
        assert "A post of Friday 20 November, 16:50" in page
        assert "Mon 23 Nov, 09:20" in page
        assert "Mon 23 Nov, 09:05" in page
        assert not SlaPolicy.objects.filter(name="Fast").exists()

    @pytest.mark.parametrize("span", ["soon", "-3 h", "5 x", "400 d"])
    def test_a_span_that_is_none_is_refused(self, client: Client, span: str) -> None:
        given = self.given(make_calendar().pk, first_response_s=span)
        assert client.post("/setup/sla/new/", given).status_code == 422

    def test_what_waits_keeps_its_promise_unless_it_is_reckoned_anew(self, client: Client) -> None:
        policy = make_policy()
        make_queue()
        intake.receive(make_source(), [post("help"), post("help me too")])
        given = self.given(policy.calendar_id, name="Standard", first_response_s="1 h", factor_1="")
        before = list(Conversation.objects.order_by("pk").values_list("due_at", flat=True))
        late = Stretch.objects.order_by("pk")[0]
        assert client.post(f"/setup/sla/{policy.pk}/", given).status_code == 302
        assert list(Conversation.objects.order_by("pk").values_list("due_at", flat=True)) == before
        past = timezone.now() - timedelta(minutes=1)
        Stretch.objects.filter(pk=late.pk).update(due_at=past)
        Conversation.objects.filter(pk=late.conversation_id).update(due_at=past)
        given |= {"first_response_s": "2 h", "anew": "yes", "edition": str(editions.number("policy", policy.pk))}
        assert client.post(f"/setup/sla/{policy.pk}/", given).status_code == 302
        first, second = Conversation.objects.order_by("pk")
        assert first.due_at == past
        assert second.due_at == second.waiting_since + timedelta(hours=2)
        assert "2 hours" in telling.why(second.due_why)
        assert kinds()[-2:] == ["conversation.promised_anew", "setup.changed"]

    def test_a_pause_is_reckoned_with_the_hours_of_the_promise(self, client: Client, anneke: User) -> None:
        make_queue()
        intake.receive(make_source(), [post("help")])
        conversation = Conversation.objects.get()
        tala = make_person("tala")
        cases.claim(conversation.pk, by=tala)
        now = timezone.now()
        cases.pend(conversation.pk, on="pending_customer", until=now + timedelta(hours=8), by=tala, now=now)
        hours = make_calendar()
        shut = {f"day_{day}": "" for day in range(7)} | {f"day_{(now.weekday() + 3) % 7}": "10:00-11:00"}
        given = {"name": hours.name, "zone": "America/New_York", "edition": "0"} | shut
        assert client.post(f"/setup/calendars/{hours.pk}/", given).status_code == 302
        due = conversation.due_at
        assert due is not None
        returns.wake(conversation.pk, now=now + timedelta(hours=8))
        conversation.refresh_from_db()
        moved = conversation.due_at - due  # by the hours of its promise, not by those that hold now
        assert abs(moved - timedelta(hours=8)) < timedelta(seconds=2)

    def test_a_calendar_is_checked_and_tells_when_clocks_change(self, client: Client) -> None:
        make_calendar("Night", blocks={"6": [[60, 240]]})
        night = make_calendar("Night")
        given = {"name": "Night", "zone": "America/New_York", "day_6": "01:00-04:00", "edition": "0"}
        page = client.get(f"/setup/calendars/{night.pk}/").content.decode()
        assert "2 h of working time, 3 h a week before" in page
        assert "4 h of working time, 3 h a week before" in page
        for wrong in ({"day_6": "4-1"}, {"day_6": "01:00-03:00, 02:00-04:00"}, {"holidays": "soon"}, {"day_6": ""}):
            assert client.post(f"/setup/calendars/{night.pk}/", given | wrong).status_code == 422
        added = client.post(
            f"/setup/calendars/{night.pk}/", given | {"do": "holidays", "country": "US"}
        ).content.decode()
        assert f"{timezone.now().year + 2}-07-04" in added
        assert editions.number("calendar", night.pk) == 0
        given |= {"day_6": "01:00-02:00, 03:00-04:30", "holidays": "2026-12-25\n2027-01-01"}
        assert client.post(f"/setup/calendars/{night.pk}/", given).status_code == 302
        night.refresh_from_db()
        assert night.blocks == {"6": [[60, 120], [180, 270]]}
        assert night.holidays == ["2026-12-25", "2027-01-01"]


class TestTextsAndTokens:
    def test_a_text_is_offered_once_another_has_approved_these_very_words(self, client: Client, anneke: User) -> None:
        given = {"name": "Hello", "text": "Hello {{ first_name }}, please write to us privately.", "language": "en"}
        given |= {"visibility": "public", "edition": "0"}
        answer = client.post("/setup/texts/new/", given | {"text": "Your account is unlocked."})
        assert "The guard would stop it" in answer.content.decode()
        client.post("/setup/texts/new/", given)
        macro = Macro.objects.get()
        client.post(f"/setup/texts/{macro.pk}/approve/", {"edition": "1"})
        macro.refresh_from_db()
        assert macro.approved_at is None
        yusuf = signed(make_person("yusuf", role=Role.COMPLIANCE, teams=()))
        yusuf.post(f"/setup/texts/{macro.pk}/approve/", {"edition": "0"})
        macro.refresh_from_db()
        assert macro.approved_at is None
        yusuf.post(f"/setup/texts/{macro.pk}/approve/", {"edition": "1"})
        macro.refresh_from_db()
        assert macro.approved_at is not None
        client.post(f"/setup/texts/{macro.pk}/", given | {"text": "Hello.", "edition": "2"})
        macro.refresh_from_db()
        assert (macro.approved_at, macro.written_by) == (None, anneke)

    def test_a_token_is_shown_once_used_and_revoked(self, client: Client) -> None:
        given = {"name": "Warehouse", "scopes": ["read"], "expires": "2099-01-01"}
        page = client.post("/setup/tokens/new/", given).content.decode()
        secret = re.search(r"gh_[\w-]+", page)
        assert secret is not None
        assert secret[0] not in client.get("/setup/tokens/").content.decode()
        token = ApiToken.objects.get()
        assert tokens.program(secret[0]) is not None
        token.refresh_from_db()
        assert token.last_used_at is not None
        assert f"/setup/tokens/{token.pk}/revoke/" in asked_first(client.get("/setup/tokens/"))
        client.post(f"/setup/tokens/{token.pk}/revoke/")
        assert tokens.program(secret[0]) is None
        assert kinds()[-2:] == ["token.made", "token.revoked"]
        assert client.post("/setup/tokens/new/", given | {"scopes": []}).status_code == 422

    def test_a_program_that_writes_in_somebodys_name_takes_two(self, client: Client, anneke: User) -> None:
        yusuf, tala = make_person("yusuf", role=Role.COMPLIANCE, teams=()), make_person("tala")
        given = {"name": "Outages", "scopes": ["posts"], "teams": [make_team().pk], "person": tala.pk}
        assert client.post("/setup/tokens/new/", given).status_code == 302
        assert not ApiToken.objects.exists()
        theirs, asked = signed(yusuf), Proposal.objects.get()
        assert "“Outages” writes posts in the name of Tala" in theirs.get("/setup/second/").content.decode()
        assert theirs.post(f"/setup/second/{asked.pk}/", {"answer": "agree"}).status_code == 302
        assert not ApiToken.objects.exists(), "whoever agrees may approve, so they are shown no way to write"
        shown = client.post(f"/setup/second/{asked.pk}/", {"answer": "fetch"}).content.decode()
        secret = re.search(r"gh_[\w-]+", shown)
        assert secret is not None
        found = tokens.program(secret[0])
        assert found is not None
        assert (found.person, found.scopes, found.teams) == (tala.pk, {"posts"}, {make_team().pk})
        while events.Sealer().tick():
            pass
        made = next(event for event in events.after(0) if event.kind == "token.made")
        assert (made.actor_id, made.data["agreed_by"]) == (anneke.pk, yusuf.pk)


def test_the_checklist_leads_from_nothing_to_a_house_that_works(anneke: User) -> None:
    rulebook.furnish()
    client = signed(anneke)
    assert "8 steps until this house can work" in client.get("/setup/").content.decode()
    hours = make_calendar("Office")
    client.post("/setup/sites/new/", {"name": "Head office", "zone": "Europe/Berlin", "calendar": hours.pk})
    queue = Queue.objects.get()
    given = {"name": "Standard", "calendar": hours.pk, "first_response_s": "2 hours 30 minutes", "edition": "0"}
    client.post(f"/setup/sla/{queue.policy_id}/", given)
    assert SlaPolicy.objects.get(pk=queue.policy_id).first_response_s == 9000
    client.post("/setup/guard/new/", {"name": "Everyday"})
    profile = RegulatoryProfile.objects.get()
    given = {"name": "Everyday", "undo_s": "10", "hosts": "bank.example", "edition": "1"}
    client.post(f"/setup/guard/{profile.pk}/", given)
    client.post("/setup/teams/new/", {"name": "Care", "profile": profile.pk, "edition": "0"})
    team = Team.objects.get()
    assert "Without one: Inbox." in client.get("/setup/").text
    given = {"name": "Inbox", "policy": queue.policy_id, "home": team.pk, "edition": "0"}
    client.post(f"/setup/queues/{queue.pk}/", given)
    person = {"username": "tala", "first_name": "Tala", "role": "supervisor", "teams": [team.pk]}
    client.post("/setup/people/new/", person)
    make_source()
    assert [step.title for step in overview.steps() if not step.done and not step.advice] == []
    assert "It works" in client.get("/setup/").content.decode()


def test_nobody_alters_an_edition(client: Client) -> None:
    from django.db import ProgrammingError, transaction

    ruling.save(ruling.Wanted("A", Queue.objects.get().pk), by=None, now=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Edition.objects.update(by=7)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Edition.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_network_is_connected_through_a_gateway_of_the_bank_s(client: Client) -> None:
    with peer_telegram.serve() as peer:
        given = {"name": "Bot", "token": peer_telegram.TOKEN, "base_url": peer.account.base_url, "local": "on"}
        assert client.post("/setup/sources/connect/telegram/", given).status_code in (200, 302)
    made = Source.objects.get(network="telegram")
    assert (made.base_url, made.handle) == (peer.account.base_url, "meridian_bot")
    assert "@meridian_bot" in client.get(f"/setup/sources/{made.pk}/").content.decode()
