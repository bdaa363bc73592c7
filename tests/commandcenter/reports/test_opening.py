"""Who may open a report, and what an address that asks for no report is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from agents.models import Role
from commandcenter import periods
from mentions import events
from mentions.models import Mention
from tests.commandcenter.history import settle
from tests.commandcenter.reports.conftest import Bank
from tests.commandcenter.reports.opening import client, figures, page, rows_listed
from tests.factories import make_person

pytestmark = pytest.mark.django_db


class TestWhoMaySee:
    def test_a_supervisor_sees_their_teams_alone(self, bank: Bank) -> None:
        fiona = client(make_person("fiona", role=Role.SUPERVISOR, teams=("fraud",)))
        days = fiona.get("/reports/volume.json").json()["sections"][0]["rows"]
        total = next(row["mentions"] for row in days if row["key"] == "all")
        assert (
            total
            == Mention.objects.filter(
                conversation__queue=bank.fraud,
                occurred_at__gte=periods.midnight(periods.bank_day(bank.now) - timedelta(days=6)),
            ).count()
        )
        for url, value in figures(page(fiona, "/reports/volume/")):
            assert rows_listed(fiona, url) == (value, value)

    @pytest.mark.parametrize("what", ["queue=care", "team=care", "queue=nowhere", "team=%00"])
    @pytest.mark.parametrize("path", ["/reports/volume/", "/reports/volume.csv", "/reports/volume/rows/"])
    def test_another_team_is_not_there(self, bank: Bank, what: str, path: str) -> None:
        fiona = client(make_person("fiona", role=Role.SUPERVISOR, teams=("fraud",)))
        page(fiona, f"{path}?{what}&list=mentions" if "rows" in path else f"{path}?{what}", 404)

    def test_an_agent_may_not(self, bank: Bank) -> None:
        agent = client(make_person("priya"))
        for path in ("/reports/", "/reports/volume/", "/reports/volume.csv", "/reports/volume/rows/?list=mentions"):
            page(agent, path, 403)

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.COMPLIANCE, Role.ADMINISTRATOR])
    def test_those_who_answer_for_the_bank_see_all(self, bank: Bank, role: str) -> None:
        reader = client(make_person("reader", role=role, teams=()))
        assert "Are we answering" in page(reader, "/reports/response/")
        assert "/reports/response/" in page(reader, "/reports/")

    def test_a_stranger_signs_in_first(self, bank: Bank) -> None:
        assert Client().get("/reports/volume/").status_code == 302

    def test_taking_figures_out_of_the_house_is_recorded(self, mary: Client, bank: Bank) -> None:
        mary.get("/reports/volume.csv")
        settle()
        exported = [event for event in events.after(0, limit=5000) if event.kind == "report.exported"]
        assert [(event.actor_id, event.data["report"], event.data["kind"]) for event in exported] == [
            (bank.manager.pk, "volume", "csv")
        ]


class TestAddresses:
    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ("from=yesterday", "is a day such as"),
            ("from=2026-02-30", "is a day such as"),
            ("from=2026-11-20&to=2026-11-10", "ends before it begins"),
            ("from=9999-12-31", "begins in the future"),
            ("from=0001-01-01&to=0001-01-02", "at most"),
            ("from=2020-01-01&to=2026-01-01", "at most"),
            ("compare=rivals", "is one of previous"),
            ("network=%00", "is not a network"),
            ("language=english%20please", "is not a language"),
            ("topic=%27%3B--", "is not a topic"),
            ("topic=fees&topic=app", "more than once"),
            ("&".join(f"network=n{n}" for n in range(21)), "more than 20 times"),
            ("colour=blue", "has no filter"),
        ],
    )
    def test_an_unclear_question_is_answered_in_words(self, mary: Client, asked: str, said: str) -> None:
        for path in ("/reports/volume/", "/reports/response.csv"):
            assert said in page(mary, f"{path}?{asked}", 400)

    @pytest.mark.parametrize(
        "asked",
        [
            "",
            "list=passwords",
            "list=answered",
            "list=mentions&after=%FF",
            "list=mentions&after=MjAyNg==",
            "list=mentions&after=MDAwMS0wMS0wMVQwMDowMDowMCswMDowMCAx",
            "list=mentions&until=soon",
            "list=mentions&until=2001-01-01T00:00Z",
            "list=mentions&by=2026",
        ],
    )
    def test_so_is_an_unclear_list(self, mary: Client, asked: str) -> None:
        page(mary, f"/reports/volume/rows/?{asked}", 400)

    @pytest.mark.parametrize(
        "path", ["/reports/nothing/", "/reports/nothing.csv", "/reports/volume/?site=atlantis", "/reports/volume.doc"]
    )
    def test_what_does_not_exist_is_not_found(self, mary: Client, path: str) -> None:
        page(mary, path, 404)

    def test_a_report_on_paper_is_a_pdf_on_the_banks_sheet(self, mary: Client, settings: Any) -> None:
        sheets = {
            "volume": ("letter", b"612 792"),
            "hours": ("a4", b"595.2756 841.8898"),
            "csat": ("letter", b"612 792"),
        }
        for key, (settings.PAPER, size) in sheets.items():
            response = mary.get(f"/reports/{key}.pdf")
            assert response["Content-Type"] == "application/pdf"
            assert response.content.startswith(b"%PDF-")
            assert b"/MediaBox [ 0 0 " + size in response.content
            assert len(response.content) > 5000

    def test_files_stand_beside_and_below_the_page(self, mary: Client) -> None:
        assert mary.get("/reports/volume/.json").json()["report"] == "volume"
        assert mary.get("/reports/volume.json").json()["report"] == "volume"
