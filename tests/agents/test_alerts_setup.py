"""Setting up who is told of what; a form that was refused comes back as it was filled in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from agents.models import AlertHook, AlertRule, Role, Rota
from tests.factories import make_person, make_site, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def mary(client: Client) -> Client:
    client.force_login(make_person("mary", role=Role.MANAGER, teams=()))
    return client


def refused(mary: Client, form: str, **given: Any) -> str:
    answer = mary.post(f"/alerts/setup/{form}/", given)
    assert answer.status_code == 422
    assert 'class="field-error"' in answer.content.decode()
    return answer.content.decode()


def test_a_rule(mary: Client) -> None:
    team = make_team("fraud")
    page = refused(mary, "rules/overdue", team=team.pk, by_mail="on", threshold="", quiet="77", escalate="0")
    form = page.partition('action="/alerts/setup/rules/overdue/"')[2].partition("</form>")[0]
    for written in ('name="quiet" min="1" max="10080" value="77"', 'max="1440" value="0"', 'name="by_mail" checked'):
        assert written in form, written
    assert f'value="{team.pk}" selected' in form
    assert 'name="active" checked' not in form
    assert not AlertRule.objects.filter(quiet_s=77 * 60).exists()


def test_of_two_who_change_a_rule_the_second_replaces_it_only_knowingly(mary: Client) -> None:
    def seen(page: str) -> str:
        return (
            page.partition('action="/alerts/setup/rules/overdue/"')[2]
            .partition('name="seen" value="')[2]
            .partition('"')[0]
        )

    made = seen(mary.get("/alerts/setup/").content.decode())
    given = {"active": "on", "threshold": "5", "quiet": "30", "escalate": "10"}
    assert mary.post("/alerts/setup/rules/overdue/", given | {"seen": made, "quiet": "77"}).status_code == 302
    page = refused(mary, "rules/overdue", **given, seen=made)
    assert "Somebody changed this meanwhile" in page
    assert AlertRule.objects.get().quiet_s == 77 * 60
    assert mary.post("/alerts/setup/rules/overdue/", given | {"seen": seen(page)}).status_code == 302
    assert AlertRule.objects.get().quiet_s == 30 * 60


def test_a_duty(mary: Client) -> None:
    team, site, sam = make_team("fraud"), make_site(), make_person("sam")
    given = {"person": sam.pk, "team": team.pk, "site": site.pk, "rank": "2", "start": "22:15", "stop": ""}
    page = refused(mary, "rota", days=["5", "6"], **given).partition('action="/alerts/setup/rota/"')[2]
    for chosen in (sam, team, site):
        assert f'<option value="{chosen.pk}" selected>{chosen}' in page
    assert 'name="start" value="22:15"' in page
    assert '<option value="2" selected>' in page
    assert [f'name="days" value="{day}" checked' in page for day in range(7)] == [False] * 5 + [True] * 2
    assert not Rota.objects.exists()


def test_a_program(mary: Client) -> None:
    page = refused(mary, "hooks", name="Pager", url="http://pager.example/x", kinds=["blind"])
    for written in ('value="Pager"', 'value="http://pager.example/x"', 'name="kinds" value="blind" checked'):
        assert written in page, written
    assert 'name="kinds" value="overdue" checked' not in page


@pytest.mark.parametrize(
    "url",
    [
        *("https://127.0.0.1/x", "https://[::1]/", "https://169.254.169.254/latest", "https://localhost/"),
        *("https://10.0.0.7/", "https://[::ffff:10.0.0.7]/", "https://user:word@pager.example/"),
    ],
)
def test_an_address_to_which_nothing_would_be_sent_gets_no_secret(mary: Client, url: str) -> None:
    refused(mary, "hooks", name="Pager", url=url)
    assert not AlertHook.objects.exists()


def test_a_duty_that_is_sent_twice_stands_once(mary: Client) -> None:
    given = {"person": make_person("sam").pk, "rank": "1", "days": ["5"], "start": "09:00", "stop": "17:00"}
    assert [mary.post("/alerts/setup/rota/", given).status_code for _ in range(2)] == [302, 302]
    assert Rota.objects.count() == 1


def test_of_an_empty_form_the_usual_is_chosen(mary: Client) -> None:
    page = mary.get("/alerts/setup/").content.decode()
    assert [f'name="days" value="{day}" checked' in page for day in range(7)] == [True] * 5 + [False] * 2
    assert ('name="start" value="09:00"' in page, "None" in page) == (True, False)


@pytest.mark.parametrize(("role", "status"), [(Role.MANAGER, 422), (Role.ADMINISTRATOR, 200)])
def test_a_private_address_is_allowed_by_an_administrator(client, role, status):
    client.force_login(make_person("mary", role=role, teams=()))
    given = {"name": "console", "url": "http://10.0.0.7:8500/v1/", "local": "on"}
    assert client.post("/alerts/setup/hooks/", given).status_code == status
    assert AlertHook.objects.exists() is (status == 200)
    assert ('name="local"' in client.get("/alerts/setup/").content.decode()) is (status == 200)
