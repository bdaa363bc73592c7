"""People as an administrator brings them in, changes them and lets them go; the entrances that need no page."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from agents import apart, cases, freeze, proposals, staff
from agents.cases import Refused
from agents.models import Proposal, Role, User
from mentions import editions, intake
from mentions.models import Conversation, RoutingRule
from tests.agents.setup.conftest import asked_first, kinds, signed
from tests.factories import (
    PASSWORD,
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


class TestPeople:
    def given(self, **fields: Any) -> dict[str, Any]:
        return {"username": "noor", "first_name": "Noor", "last_name": "Halabi", "role": "agent"} | fields

    def seen(self, user: User, **fields: Any) -> dict[str, Any]:
        return (
            self.given(first_name=user.first_name, last_name=user.last_name, role=user.role)
            | {
                "seen": staff.mark(User.objects.get(pk=user.pk)),
                "teams": list(user.teams.values_list("pk", flat=True)),
            }
            | fields
        )

    def test_a_thousand_stand_on_pages_and_are_found_by_any_part_of_a_name(self, client: Client) -> None:
        for number in range(60):
            make_person(f"agent{number:02}", last_name="Number")
        make_person("noor", last_name="Halabi", email="n.halabi@bank.example")
        first = client.get("/setup/people/").content.decode()
        last = client.get("/setup/people/?page=2").content.decode()
        assert [f"agent{n:02}" in first for n in (0, 59)] == [f"agent{n:02}" in last for n in (59, 0)] == [True, False]
        for asked in ("halabi noor", "NOO", "n.halabi@"):
            found = client.get("/setup/people/", {"q": asked}).content.decode()
            assert ("Halabi" in found, "Number" in found) == (True, False), asked
        assert 'href="?q=agent&amp;page=2"' in client.get("/setup/people/?q=agent").content.decode()
        assert client.get("/setup/people/", {"q": "\0", "page": "x"}).status_code == 200

    def test_somebody_comes_by_a_link_that_works_once(self, client: Client) -> None:
        page = client.post("/setup/people/new/", self.given(teams=[make_team().pk], languages=["en", "ar"]))
        found = re.search(r'http://[^<"]+(/password/[^<"]+)', page.content.decode())
        assert found is not None
        noor = User.objects.get(username="noor")
        assert (noor.teams.get().slug, noor.languages, noor.has_usable_password()) == ("care", ["en", "ar"], False)
        visitor = Client()
        form = visitor.get(found[1], follow=True)
        assert "Your username is noor" in form.content.decode()
        where = form.redirect_chain[-1][0]
        words = {"new_password1": "a sentence is good", "new_password2": "a sentence is good"}
        assert visitor.post(where, words).headers["Location"] == "/sign-in/"
        assert User.objects.get(username="noor").check_password("a sentence is good")
        assert "does not work any more" in Client().get(found[1], follow=True).content.decode()
        about_her = [kind for kind in kinds() if kind.startswith("person.")]
        assert about_her == ["person.invited", "person.link", "person.password_chosen"]
        assert not mail.outbox

    def test_a_link_is_mailed_where_there_is_a_mail_server(
        self, client: Client, settings: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        settings.EMAIL_HOST = "mail.example"
        with django_capture_on_commit_callbacks(execute=True):
            page = client.post("/setup/people/new/", self.given(email="noor@bank.example")).content.decode()
        assert "mailed to noor@bank.example" in page
        assert 'class="secret"' not in page
        assert "/password/" in str(mail.outbox[0].body)

    def test_whoever_leaves_is_out_at_once_and_leaves_no_work_behind(self, client: Client) -> None:
        make_queue()
        tala = make_person("tala")
        intake.receive(make_source(), [post("help"), post("wait")])
        first, second = Conversation.objects.order_by("pk")
        cases.claim(first.pk, by=tala)
        cases.claim(second.pk, by=tala)
        asked = asked_first(client.get(f"/setup/people/{tala.pk}/"))
        assert f"/setup/people/{tala.pk}/leave/" in asked
        assert "puts 2 open conversations back" in asked
        later = timezone.now() + timedelta(hours=1)
        cases.pend(second.pk, on="pending_customer", until=later, by=tala)
        hers = signed(tala)
        assert hers.get("/console/").status_code == 200
        client.post(f"/setup/people/{tala.pk}/leave/")
        assert hers.get("/console/").status_code == 302
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.state, first.returned, second.state) == ("waiting", True, "pending_customer")
        assert not tala.cases.filter(ended_at=None).exists()
        client.post(f"/setup/people/{tala.pk}/return/")
        assert User.objects.get(pk=tala.pk).is_active

    def test_signing_out_everywhere_and_another_role_end_every_session(self, client: Client) -> None:
        tala = make_person("tala")
        hers = signed(tala)
        client.post(f"/setup/people/{tala.pk}/sign-out/")
        assert hers.get("/console/").status_code == 302
        hers = signed(User.objects.get(pk=tala.pk))
        assert client.post(f"/setup/people/{tala.pk}/", self.seen(tala, role="supervisor")).status_code == 302
        assert hers.get("/console/").status_code == 302
        tala.refresh_from_db()
        assert tala.role == Role.SUPERVISOR
        stale = client.post(f"/setup/people/{tala.pk}/", self.seen(tala) | {"seen": "0"})
        assert "Somebody changed this person meanwhile" in stale.content.decode()

    def test_the_last_administrator_stays_and_nobody_changes_their_own_role(self, client: Client, anneke: User) -> None:
        answer = client.post(f"/setup/people/{anneke.pk}/", self.seen(anneke, role="agent"))
        assert "Another administrator has to change your role" in answer.content.decode()
        answer = client.post(f"/setup/people/{anneke.pk}/leave/")
        assert "Another administrator has to do that" in answer.content.decode()
        other = make_person("bram", role=Role.ADMINISTRATOR, teams=())
        User.objects.filter(pk=anneke.pk).update(is_active=False)
        theirs = signed(other)
        User.objects.filter(pk=other.pk).update(is_active=True)
        third = make_person("cleo", role=Role.ADMINISTRATOR, teams=())
        assert theirs.post(f"/setup/people/{third.pk}/leave/").status_code == 302
        with pytest.raises(editions.NotSaved, match="last administrator"):
            staff.leave(other, by=third)

    def test_everybody_changes_their_own_password_with_the_one_they_have(self, client: Client) -> None:
        tala = make_person("tala")
        here, elsewhere = signed(tala), signed(tala)
        new = {"new_password1": "a sentence is good", "new_password2": "a sentence is good"}
        assert here.post("/preferences/password/", new | {"old_password": "guessed"}).status_code == 200
        assert here.post("/preferences/password/", new | {"old_password": PASSWORD}).status_code == 302
        assert here.get("/console/").status_code == 200
        assert elsewhere.get("/console/").status_code == 302
        assert User.objects.get(pk=tala.pk).check_password("a sentence is good")
        assert kinds() == ["person.password_refused", "person.password_chosen"]

    def test_who_joins_a_team_on_one_page_is_not_lost_on_the_other(self, client: Client) -> None:
        team, tala = make_team(), make_person("tala", teams=())
        opened = editions.number("team", team.pk)
        client.post(f"/setup/people/{tala.pk}/", self.seen(tala, teams=[team.pk]))
        given = {"name": team.name, "profile": team.profile_id, "people": [], "edition": str(opened)}
        answer = client.post(f"/setup/teams/{team.pk}/", given)
        assert answer.status_code == 409
        assert "People: nothing → Tala" in answer.content.decode()
        assert team.people.get() == tala

    def test_power_over_others_takes_two(self, client: Client, anneke: User) -> None:
        yusuf = make_person("yusuf", role=Role.COMPLIANCE, teams=())
        tala = make_person("tala")
        client.post(f"/setup/people/{tala.pk}/", self.seen(tala, role="administrator", first_name="Talia"))
        tala.refresh_from_db()
        assert (tala.role, tala.first_name) == (Role.AGENT, "Talia")
        client.post(f"/setup/people/{yusuf.pk}/link/")
        assert Proposal.objects.count() == 2
        assert client.post(f"/setup/people/{yusuf.pk}/link/").status_code == 422
        mine = Proposal.objects.get(kind="role")
        assert client.post(f"/setup/second/{mine.pk}/", {"answer": "agree"}).status_code == 409
        theirs = signed(yusuf)
        assert "Talia (tala, no e-mail) becomes: administrator" in theirs.get("/setup/second/").content.decode()
        assert theirs.post(f"/setup/second/{mine.pk}/", {"answer": "agree"}).status_code == 200
        tala.refresh_from_db()
        assert (tala.role, tala.is_superuser) == (Role.ADMINISTRATOR, True)
        link = Proposal.objects.get(kind="link")
        assert theirs.post(f"/setup/second/{link.pk}/", {"answer": "agree"}).status_code == 409  # it is about him
        # Whoever sends the others away does not become one who needs nobody.
        staff.leave(yusuf, by=anneke)
        assert proposals.needed()

    def test_what_was_agreed_to_is_the_person_as_they_were_when_it_was_asked(self, client: Client) -> None:
        yusuf = make_person("yusuf", role=Role.COMPLIANCE, teams=())
        tala, sam = make_person("tala"), make_person("sam", role=Role.SUPERVISOR)
        client.post(f"/setup/people/{tala.pk}/", self.seen(tala, role="administrator"))
        client.post(f"/setup/people/{sam.pk}/link/")
        for person in (tala, sam):  # where the link would go
            client.post(f"/setup/people/{person.pk}/", self.seen(person, email="mallory@elsewhere.example"))
        for asked in Proposal.objects.all():
            answer = signed(yusuf).post(f"/setup/second/{asked.pk}/", {"answer": "agree"})
            assert answer.status_code == 409
            assert "changed since it was asked" in answer.content.decode()
        tala.refresh_from_db()
        assert (tala.role, tala.email) == (Role.AGENT, "mallory@elsewhere.example")
        link = Proposal.objects.get(kind="link")
        assert signed(yusuf).post(f"/setup/second/{link.pk}/", {"answer": "refuse"}).status_code == 302
        client.post(f"/setup/people/{sam.pk}/link/")
        anew = Proposal.objects.get(kind="link", decided_at=None)
        assert signed(yusuf).post(f"/setup/second/{anew.pk}/", {"answer": "agree"}).status_code in (200, 302)

    @pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.MANAGER])
    def test_nobody_makes_or_enters_the_account_that_approves_their_words_alone(
        self, client: Client, role: Role
    ) -> None:
        make_person("yusuf", role=Role.COMPLIANCE, teams=())
        sam = make_person("sam", role=role)
        for answer in (
            client.post("/setup/people/new/", self.given(role=role)),
            client.post(f"/setup/people/{sam.pk}/link/"),
        ):
            assert 'class="secret"' not in answer.content.decode()
        client.post(f"/setup/people/{sam.pk}/", self.seen(sam, role="agent"))  # whose link takes nobody else
        assert User.objects.get(username="noor").role == Role.AGENT
        assert User.objects.get(pk=sam.pk).role == role
        assert sorted(Proposal.objects.values_list("kind", flat=True)) == ["link", "role", "role"]

    def test_nobody_lets_themselves_in_once_more_to_be_their_own_second_person(self, client: Client) -> None:
        """Not the two accounts of one maker with each other either, nor one that an account of theirs made."""
        now = timezone.now()
        client.post("/setup/people/new/", self.given(username="rosa", role="supervisor"))
        rosa, ada = (User.objects.get(username=name) for name in ("rosa", "anneke"))
        assert not apart.why_not(rosa, ada), "on the first day one person sets everything up"
        User.objects.filter(pk=ada.pk).update(date_joined=now - apart.COUNT_AS_ONE)
        for name, role in (("noor", "compliance"), ("omar", "supervisor"), ("pia", "agent")):
            client.post("/setup/people/new/", self.given(username=name, role=role))
        ada, noor, omar, pia = (User.objects.get(username=name) for name in ("anneke", "noor", "omar", "pia"))
        assert not proposals.needed(), "whoever alone let the other one in is still alone"
        assert all(apart.why_not(one, two) for one in (ada, noor) for two in (omar, pia))
        tala = make_person("tala")
        assert not any(apart.why_not(tala, one) for one in (ada, omar, pia))
        freeze.start(by=ada)
        freeze.lift(by=ada)
        with pytest.raises(Refused, match="One person alone"):
            freeze.lift(by=omar)
        staff.emergency_link("omar", None)
        assert freeze.lift(by=User.objects.get(username="omar")).lifted_at
        User.objects.update(let_in_at=now - apart.COUNT_AS_ONE)
        assert proposals.needed()
        assert not apart.why_not(ada, User.objects.get(username="noor"))
        client.post(f"/setup/people/{pia.pk}/link/")
        assert apart.why_not(ada, User.objects.get(username="pia")), "a new way to a password is a way in"

    def test_a_new_decider_gets_no_power_before_the_second_word(self, client: Client) -> None:
        yusuf = make_person("yusuf", role=Role.COMPLIANCE, teams=())
        page = client.post("/setup/people/new/", self.given(role="administrator")).content.decode()
        assert 'class="secret"' not in page
        assert User.objects.get(username="noor").role == Role.AGENT
        asked = Proposal.objects.get()
        theirs = signed(yusuf)
        said = theirs.post(f"/setup/second/{asked.pk}/", {"answer": "agree"}).content.decode()
        assert User.objects.get(username="noor").role == Role.ADMINISTRATOR
        # Neither of the two can come in alone: one holds the link, the other its code.
        code = re.search(r'class="secret">(\w{5}-\w{5})<', said)
        assert code is not None
        assert f"/{asked.pk}~" not in said
        assert theirs.post(f"/setup/second/{asked.pk}/", {"answer": "fetch"}).status_code == 403
        fetched = client.post(f"/setup/second/{asked.pk}/", {"answer": "fetch"}).content.decode()
        assert code[1] not in fetched
        found = re.search(r'http://[^<"]+(/password/[^<"]+)', fetched)
        assert found is not None
        assert client.post(f"/setup/second/{asked.pk}/", {"answer": "fetch"}).status_code == 409
        visitor = Client()
        where = visitor.get(found[1], follow=True).redirect_chain[-1][0]
        words = {"new_password1": "a sentence is good", "new_password2": "a sentence is good"}
        for guess in ({}, {"code": "AAAAA-AAAAA"}):
            assert visitor.post(where, words | guess).status_code == 200
        without = Client().get(found[1].replace(f"/{asked.pk}~", "/"), follow=True).content.decode()
        assert "does not work any more" in without
        assert visitor.post(where, words | {"code": f" {code[1].lower()}"}).status_code == 302
        assert User.objects.get(username="noor").check_password("a sentence is good")

    def test_who_rises_chooses_another_password_than_the_one_that_their_maker_may_know(self, client: Client) -> None:
        yusuf = make_person("yusuf", role=Role.COMPLIANCE, teams=())
        tala = make_person("tala")
        client.post(f"/setup/people/{tala.pk}/", self.seen(tala, role="supervisor"))
        asked = Proposal.objects.get()
        theirs = signed(yusuf)
        assert "They choose another password" in theirs.get("/setup/second/").content.decode()
        said = theirs.post(f"/setup/second/{asked.pk}/", {"answer": "agree"}).content.decode()
        tala.refresh_from_db()
        assert (tala.role, tala.has_usable_password()) == (Role.SUPERVISOR, False)
        code = re.search(r'class="secret">(\w{5}-\w{5})<', said)
        assert code is not None
        fetched = client.post(f"/setup/second/{asked.pk}/", {"answer": "fetch"}).content.decode()
        assert f"/{asked.pk}~" in fetched
        assert code[1] not in fetched

    def test_whoever_decided_over_others_comes_back_by_two_and_with_another_password(
        self, client: Client, anneke: User, settings: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        yusuf = make_person("yusuf", role=Role.COMPLIANCE, teams=())
        sam = make_person("sam", role=Role.SUPERVISOR, email="sam@bank.example")
        staff.leave(sam, by=anneke)
        assert client.post(f"/setup/people/{sam.pk}/return/").status_code == 200
        assert not User.objects.get(pk=sam.pk).is_active
        settings.EMAIL_HOST = "mail.example"
        with django_capture_on_commit_callbacks(execute=True):
            answer = signed(yusuf).post(f"/setup/second/{Proposal.objects.get().pk}/", {"answer": "agree"})
        assert answer.status_code == 302, "what is mailed needs no code"
        sam.refresh_from_db()
        assert (sam.is_active, sam.has_usable_password()) == (True, False)
        assert "~" not in str(mail.outbox[0].body)
        assert not proposals.owed_to(anneke).exists()


class TestTheEmergencyEntrance:
    """Django's admin in the hands of an administrator who means harm."""

    def test_it_holds_nothing_that_goes_round_the_rules(self, client: Client) -> None:
        page = client.get("/admin/").content.decode()
        assert "/admin/agents/user/" in page
        for foreign in ("django_q", "/admin/auth/", "axes"):
            assert foreign not in page
            assert client.get(f"/admin/{foreign.strip('/').removeprefix('admin/')}/").status_code == 404
        assert client.get("/admin/password_change/").headers["Location"] == "/preferences/password/"

    def test_nothing_there_can_be_added_changed_or_removed(self, client: Client, anneke: User) -> None:
        rows = {
            "mentions/routingrule": make_rule(make_queue()).pk,
            "mentions/queue": make_queue().pk,
            "mentions/slapolicy": make_policy().pk,
            "mentions/calendar": make_calendar().pk,
            "mentions/source": make_source().pk,
            "agents/user": anneke.pk,
            "agents/team": make_team().pk,
            "agents/regulatoryprofile": make_profile().pk,
        }
        before = kinds()
        for path, pk in rows.items():
            page = client.get(f"/admin/{path}/{pk}/change/")
            assert page.status_code == 200, path
            assert 'name="_save"' not in page.content.decode(), path
            assert anneke.password not in page.content.decode()
            given = {"name": "Mine", "role": "administrator", "guard": "{}", "sending": "on", "_save": "Save"}
            for deed in ("add/", f"{pk}/change/", f"{pk}/delete/"):
                assert client.post(f"/admin/{path}/{deed}", given | {"post": "yes"}).status_code == 403, (path, deed)
            client.post(f"/admin/{path}/", {"action": "delete_selected", "_selected_action": pk, "post": "yes"})
        assert kinds() == before
        assert RoutingRule.objects.exists()
        assert client.get(f"/admin/agents/user/{anneke.pk}/password/").status_code in (302, 404)

    def test_a_flag_in_a_row_opens_nothing(self) -> None:
        make_queue()
        agent = make_person("tala", is_staff=True, is_superuser=True)
        assert signed(agent).get("/admin/").status_code == 302


def test_whoever_owns_the_machine_can_let_somebody_in(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("invite", "noor", "--role", "compliance")
    path = capsys.readouterr().out.strip().partition("//")[2].partition("/")[2]
    assert "Your username is noor" in Client().get(f"/{path}", follow=True).content.decode()
    assert User.objects.get(username="noor").role == Role.COMPLIANCE
    with pytest.raises(CommandError, match="say which role"):
        call_command("invite", "nobody")
    assert kinds() == ["person.link_from_shell"]
