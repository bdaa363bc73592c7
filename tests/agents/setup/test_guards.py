"""The guard's policy as an administrator sets it, and what a second person must agree to."""

from typing import Any

import pytest
from django.test import Client

from agents import queueing
from agents.models import Proposal, RegulatoryProfile, Role, User
from agents.setup import rules
from mentions import editions, ruling
from mentions.editions import NotSaved
from mentions.models import RoutingRule
from tests.agents.setup.conftest import signed
from tests.factories import (
    make_person,
    make_profile,
    make_queue,
    make_rule,
    make_team,
)

pytestmark = pytest.mark.django_db


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

    def test_compliance_reads_it_and_tries_a_reply_and_changes_nothing(self) -> None:
        profile = make_profile()
        yusuf = signed(make_person("yusuf", role=Role.COMPLIANCE, teams=()))
        assert f"/setup/guard/{profile.pk}/" in yusuf.get("/setup/guard/").text
        assert "Make another" not in yusuf.get("/setup/guard/").text
        page = yusuf.get(f"/setup/guard/{profile.pk}/").text
        assert "Makes a promise" in page
        assert 'value="save"' not in page
        assert "(may stay empty)" not in page
        text = "See https://evil.example/x"
        tried = yusuf.post(f"/setup/guard/{profile.pk}/", {"do": "try", "reply": text, "hosts": "evil.example"}).text
        assert "<mark>https://evil.example/x</mark>" in tried, "as it is kept, whatever was sent"
        assert yusuf.post(f"/setup/guard/{profile.pk}/", self.given(profile, rule_promise="off")).status_code == 403
        assert yusuf.post("/setup/guard/new/", {"name": "Lax"}).status_code == 403
        assert RegulatoryProfile.objects.get().version == 1

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

    def test_no_rule_and_no_default_sends_posts_to_a_weaker_guard(self, client: Client, anneke: User) -> None:
        default, loose = make_queue("care"), make_queue("loose")
        loose.teams.update(profile=make_profile("weak", guard={"foreign_link": "off"}))
        make_person("yusuf", role=Role.COMPLIANCE, teams=())
        rule = {"name": "All of it", "queue": loose.pk, "priority": "3", "active": "on", "edition": "0"}
        page = client.post("/setup/rules/new/", rule)
        assert (page.status_code, "behind a weaker guard" in page.content.decode()) == (422, True)
        with pytest.raises(NotSaved, match="behind a weaker guard"):
            queueing.make_default(loose, by=anneke)
        loose.teams.update(profile=default.teams.get().profile)
        assert client.post("/setup/rules/new/", rule | {"words_any": "prize draw"}).status_code == 302
        # What is sent to it already is no way to send it everything: neither by its conditions nor by its place.
        loose.teams.update(profile=make_profile("weak"))
        kept = RoutingRule.objects.get()
        first = make_rule(default, name="First", position=0)
        wider = ruling.Wanted("All of it", loose.pk, conditions={})
        same = ruling.Wanted("Prize draws", loose.pk, conditions=kept.conditions)
        with pytest.raises(NotSaved, match="behind a weaker guard"):
            rules._save(wider, anneke.pk, kept.pk, None)
        rules._save(same, anneke.pk, kept.pk, None)
        assert client.post(f"/setup/rules/{kept.pk}/move/", {"to": "up"}).status_code != 302
        assert [row.pk for row in ruling.rows()] == [first.pk, kept.pk]

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
