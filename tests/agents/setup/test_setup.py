"""The set-up pages as an administrator meets them: rules, queues, promises, the guard, texts, tokens."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents import cases, queueing, returns, tokens
from agents.models import ApiToken, Macro, Proposal, RegulatoryProfile, Role, Team, User
from agents.setup import overview
from mentions import editions, events, intake, rulebook, ruling
from mentions.editions import NotSaved
from mentions.models import Conversation, Edition, Queue, RoutingRule, SlaPolicy, Stretch
from tests.agents.setup.conftest import kinds, signed
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

pytestmark = pytest.mark.django_db


class TestRules:
    def given(self, queue: Queue, **fields: Any) -> dict[str, Any]:
        usual = {"name": "Fraud first", "queue": queue.pk, "priority": 1, "active": "on", "edition": ruling.edition()}
        return usual | {"words_any": "stolen card, not mine", "do": "save"} | fields

    def test_a_rule_is_previewed_saved_shown_and_kept_with_who_and_when(self, client: Client, anneke: User) -> None:
        fraud = make_queue("fraud")
        intake.receive(make_source(), [post("my stolen card <b>"), post("all is well")])
        page = client.post("/setup/rules/new/", self.given(fraud, do="preview")).content.decode()
        assert "1 post would have gone to another queue" in page
        assert "of 2 that are stored" in page
        assert "stolen card &lt;b&gt;" in page
        assert f"/console/{Conversation.objects.order_by('pk')[0].pk}/" in page
        assert not RoutingRule.objects.exists()
        given = self.given(fraud, language=["en", "es"], topic=["fraud"], urgency_min="2", tone=["negative"])
        assert client.post("/setup/rules/new/", given).status_code == 302
        rule = RoutingRule.objects.get()
        assert rule.conditions == {
            "language": ["en", "es"],
            "topic": ["fraud"],
            "tone": ["negative"],
            "urgency_min": 2,
            "words_any": ["stolen card", "not mine"],
        }
        page = client.get("/setup/rules/").content.decode()
        assert "English or Spanish, fraud, negative, urgency 2 or more, says “stolen card” or “not mine”" in page
        edition = Edition.objects.get(subject="rules", number=2)
        assert (edition.by, edition.what) == (anneke.pk, "rule_made")
        assert kinds()[-1] == "setup.rule_made"
        assert events.after(0)[-1].data["digest"] == edition.digest
        assert "anneke added a rule" in client.get("/setup/rules/history/").content.decode().lower()

    def test_changes_of_others_are_shown_instead_of_being_lost(self, client: Client) -> None:
        queue = make_queue()
        make_rule(queue, name="One", conditions={"topic": "fraud"})
        rule = make_rule(queue, name="Two")
        seen = ruling.edition()
        ruling.switch(rule.pk, on=False, by=None)
        answer = client.post(f"/setup/rules/{rule.pk}/", self.given(queue, name="Mine", edition=seen))
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "“Two” switched off" in page
        assert 'value="Mine"' in page
        rule.refresh_from_db()
        assert (rule.name, rule.active) == ("Two", False)
        edition = re.search(r'name="edition" value="(\d+)"', page)
        assert edition is not None
        client.post(f"/setup/rules/{rule.pk}/", self.given(queue, name="Mine", edition=edition[1]))
        rule.refresh_from_db()
        assert (rule.name, rule.version) == ("Mine", 3)

    def test_rules_move_and_rest_by_buttons_with_and_without_scripts(self, client: Client) -> None:
        queue = make_queue()
        first, second = make_rule(queue, name="A"), make_rule(queue, name="B")
        assert (
            client.post(f"/setup/rules/{second.pk}/move/", {"to": "up"})
            .headers["Location"]
            .endswith(f"#rule-{second.pk}")
        )
        assert [row.pk for row in ruling.rows()] == [second.pk, first.pk]
        answer = client.post(
            f"/setup/rules/{second.pk}/move/", {"to": "down", "edition": "0"}, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 409
        answer = client.post(f"/setup/rules/{second.pk}/switch/", {"on": "no"}, headers={"HX-Request": "true"})
        assert b"data-focus" in answer.content
        assert not RoutingRule.objects.get(pk=second.pk).active
        assert rulebook.read().router.decide is not None

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"words_any": "a b", "words_none": "a b"}, "Every word asked for is also ruled out"),
            ({"words_all": "!!!"}, "no letter or digit"),
            ({"queue": "99999"}, "valid choice"),
            ({"reach_min": "-1"}, "greater than or equal to 0"),
        ],
    )
    def test_a_rule_that_cannot_be_is_refused_in_words(self, client: Client, fields: Any, words: str) -> None:
        answer = client.post("/setup/rules/new/", self.given(make_queue()) | fields)
        assert answer.status_code == 422
        assert words in answer.content.decode()

    def test_a_text_is_tried_with_its_reasons(self, client: Client) -> None:
        fraud = make_queue("fraud")
        rule = make_rule(fraud, name="Stolen", conditions={"words_any": ["stolen"]}, priority=1)
        before = kinds()
        given = {"text": "my card was stolen", "source": make_source().slug, "followers": "5000"}
        client.get("/setup/rules/try/")
        page = client.post("/setup/rules/try/", given | {"visibility": "public", "kind": "post"}).content.decode()
        assert "It goes to Fraud" in page
        assert f"rule {rule.pk} &#x27;Stolen&#x27; v1: words &#x27;stolen&#x27;" in page
        assert "15 minutes around the clock" in page
        assert not Conversation.objects.exists()
        assert kinds() == before


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
        assert "2 hours" in second.due_why
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


class TestTheGuard:
    def given(self, profile: RegulatoryProfile, **fields: Any) -> dict[str, Any]:
        usual = {"name": profile.name, "undo_s": profile.undo_s, "hosts": "\n".join(profile.allowed_hosts)}
        return usual | {"edition": str(editions.number("guard", profile.pk)), "do": "save"} | fields

    def test_a_reply_is_tried_under_what_stands_in_the_form(self, client: Client) -> None:
        profile = make_profile()
        text = "We will refund the fee. See https://evil.example/x"
        given = self.given(profile, do="try", reply=text, rule_promise="block")
        page = client.post(f"/setup/guard/{profile.pk}/", given).content.decode()
        assert "It does not leave" in page
        assert "<mark>https://evil.example/x</mark>" in page
        profile.refresh_from_db()
        assert profile.version == 1

    def test_one_makes_it_stricter_and_two_make_it_weaker(self, client: Client) -> None:
        profile = make_profile()
        client.post(f"/setup/guard/{profile.pk}/", self.given(profile, rule_promise="block"))
        profile.refresh_from_db()
        assert (profile.guard, profile.version) == ({"promise": "block"}, 2)
        yusuf = make_person("yusuf", role=Role.COMPLIANCE, teams=())
        weaker = self.given(profile, rule_promise="warn", hosts="bank.example\nother.example")
        client.post(f"/setup/guard/{profile.pk}/", weaker)
        profile.refresh_from_db()
        assert profile.allowed_hosts == ["bank.example"]
        page = signed(yusuf).get("/setup/second/").content.decode()
        assert "Makes a promise: block becomes warn" in page
        assert "links to other.example become allowed" in page
        signed(yusuf).post(f"/setup/second/{Proposal.objects.get().pk}/", {"answer": "agree"})
        profile.refresh_from_db()
        assert (profile.guard, profile.allowed_hosts) == ({"promise": "warn"}, ["bank.example", "other.example"])
        page = client.get(f"/setup/guard/{profile.pk}/").content.decode()
        assert "block → warn" in page
        assert "Anneke changed it, and a second person agreed" in page
        client.post(f"/setup/guard/{profile.pk}/", self.given(profile, rule_private_data="off"))
        profile.refresh_from_db()
        assert "private_data" not in profile.guard  # a floor is a floor

    def test_no_team_slips_under_a_weaker_guard(self, client: Client) -> None:
        make_person("yusuf", role=Role.COMPLIANCE, teams=())
        team = make_team()
        weak = make_profile("weak", guard={"foreign_link": "off"})
        answer = client.post(f"/setup/teams/{team.pk}/", {"name": team.name, "profile": weak.pk, "edition": "0"})
        assert answer.status_code == 422
        assert "is weaker" in answer.content.decode()
        assert client.post("/setup/guard/new/", {"name": "As the rules come"}).status_code == 422
        assert client.post("/setup/guard/new/", {"name": "As strict", "like": team.profile_id}).status_code == 302

    def test_no_queue_slips_under_a_weaker_guard(self, client: Client, anneke: User) -> None:
        queue = make_queue("complaints")
        home = queue.teams.get()
        weak = make_team("interns")
        weak.profile = make_profile("weak", guard={"foreign_link": "off"})
        weak.save()
        policy = queue.policy_id
        helped = queueing.QueueWanted("Complaints", policy, home.pk, frozenset({weak.pk}))
        moved = queueing.QueueWanted("Complaints", policy, weak.pk)
        queueing.save_queue(helped, by=anneke, queue=queue)  # one who is alone decides alone
        queueing.save_queue(queueing.QueueWanted("Complaints", policy, home.pk), by=anneke, queue=queue)
        make_person("yusuf", role=Role.COMPLIANCE, teams=())
        for wanted in (helped, moved):
            with pytest.raises(NotSaved, match="is weaker"):
                queueing.save_queue(wanted, by=anneke, queue=queue)
        assert queue.teams.get() == home
        weak.profile = home.profile
        weak.save()
        queueing.save_queue(moved, by=anneke, queue=queue)
        assert queue.teams.get() == weak

    def test_no_queue_retires_under_a_weaker_guard(self, client: Client, anneke: User) -> None:
        queue, heir = make_queue("complaints"), make_queue("interns")
        team = heir.teams.get()
        team.profile = make_profile("weak", guard={"foreign_link": "off"})
        team.save()
        make_person("yusuf", role=Role.COMPLIANCE, teams=())
        page = client.post(f"/setup/queues/{queue.pk}/retire/", {"to": heir.pk}).content.decode()
        assert "is weaker" in page
        queue.refresh_from_db()
        assert queue.retired_at is None
        team.profile = queue.teams.get().profile
        team.save()
        queueing.retire(queue, to=heir, by=anneke)
        queue.refresh_from_db()
        assert queue.successor == heir

    def test_no_queue_loses_the_home_whose_guard_binds_it(self, anneke: User) -> None:
        make_person("yusuf", role=Role.COMPLIANCE, teams=())
        heir, queue = make_queue("interns"), make_queue("complaints")
        homeless = queueing.QueueWanted("Complaints", queue.policy_id, None)
        with pytest.raises(NotSaved, match="Choose a home team"):
            queueing.save_queue(homeless, by=anneke, queue=queue)
        heir.team_queues.all().delete()
        with pytest.raises(NotSaved, match="Choose a home team"):
            queueing.retire(queue, to=heir, by=anneke)

    def test_the_guard_of_helpers_binds_a_queue_without_a_home(self, client: Client, anneke: User) -> None:
        make_person("yusuf", role=Role.COMPLIANCE, teams=())
        queue, helper, weak = make_queue("complaints"), make_team("care"), make_team("interns")
        queue.team_queues.update(team=helper, home=False)
        weak.profile = make_profile("weak", guard={"foreign_link": "off"})
        weak.save()
        wanted = queueing.QueueWanted("Complaints", queue.policy_id, weak.pk, frozenset({helper.pk}))
        with pytest.raises(NotSaved, match="is weaker"):
            queueing.save_queue(wanted, by=anneke, queue=queue)

    def test_a_host_that_is_none_is_refused(self, client: Client) -> None:
        profile = make_profile()
        answer = client.post(f"/setup/guard/{profile.pk}/", self.given(profile, hosts="https://bank.example/x"))
        assert "is no host name" in answer.content.decode()


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
    given = {"name": "Standard", "calendar": hours.pk, "first_response_s": "1 h", "edition": "0"}
    client.post(f"/setup/sla/{queue.policy_id}/", given)
    client.post("/setup/guard/new/", {"name": "Everyday"})
    profile = RegulatoryProfile.objects.get()
    given = {"name": "Everyday", "undo_s": "10", "hosts": "bank.example", "edition": "1"}
    client.post(f"/setup/guard/{profile.pk}/", given)
    client.post("/setup/teams/new/", {"name": "Care", "profile": profile.pk, "edition": "0"})
    team = Team.objects.get()
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
