"""Reports as a manager meets them: every figure equals the rows behind it, on the page and in every file."""

from __future__ import annotations

import csv
import io
import json
import re
import statistics
import time
import unicodedata
import zipfile
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from agents import access
from agents.models import Role
from commandcenter import facts, periods, reports
from commandcenter.models import Campaign, Incident
from commandcenter.reports import behind, exports, wording
from mentions.models import Gap, Mention, Queue, Source
from tests.commandcenter.history import hear, settle
from tests.commandcenter.reports.conftest import Bank
from tests.commandcenter.reports.opening import figures, page, rows_listed
from tests.factories import make_queue, make_source

pytestmark = pytest.mark.django_db


def cells(who: Client, address: str) -> list[list[str]]:
    response = who.get(address)
    assert response.status_code == 200, response.getvalue()[:500]
    file = response.getvalue()
    assert file.startswith("\ufeff".encode())
    told = list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))
    return told[1:] if told[0][0].startswith("# ") else told


@pytest.mark.parametrize(
    "address",
    [
        "/reports/volume/?from={today}",
        "/reports/volume/?queue=fraud&from={yesterday}&compare=year",
        "/reports/volume/?topic=fees&compare=none",
        "/reports/response/?from={yesterday}",
        "/reports/response/?team=care&network=townsquare&from={yesterday}&to={yesterday}",
    ],
)
def test_every_figure_is_as_many_rows_and_as_many_lines_of_the_file(mary: Client, bank: Bank, address: str) -> None:
    today = periods.bank_day(bank.now)
    found = dict(figures(page(mary, address.format(today=today, yesterday=today - timedelta(days=1)))))
    assert len(found) > 10
    for url, value in found.items():
        assert rows_listed(mary, url) == (value, value), url
        assert len(cells(mary, url.replace("/rows/", "/rows.csv"))) - 1 == value, url


def test_a_long_list_goes_on_without_gap_or_double(mary: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behind, "PAGE", 4)
    claimed, listed = rows_listed(mary, "/reports/volume/rows/?list=mentions")
    assert claimed == listed > 30
    assert len({line[0] + line[2] for line in cells(mary, "/reports/volume/rows.csv?list=mentions")}) == claimed + 1


def test_the_file_holds_the_figures_of_the_page(mary: Client) -> None:
    header, *lines = cells(mary, "/reports/volume.csv")
    told = {(line[1], line[2], line[3]): line[4] for line in lines}
    whole = int(told["days", "all", "mentions"])
    assert header[:6] == ["report", "section", "row", "figure", "value", "unit"]
    days = [
        int(value)
        for (section, row, column), value in told.items()
        if section == "days" and row[:2] == "20" and column == "mentions"
    ]
    assert (sum(days), len(days)) == (whole, 7)
    assert (
        sum(int(v) for (section, _row, column), v in told.items() if section == "networks" and column == "mentions")
        == whole
    )
    document = mary.get("/reports/volume.json").json()
    by_key = {section["key"]: section for section in document["sections"]}
    last = next(row for row in by_key["days"]["rows"] if row["key"] == "all")
    links = last.pop("links")
    assert last == {"key": "all", "title": "All days", "so_far": True} | {
        column: int(told["days", "all", column])
        for column in ("mentions", "private", "spam", "authors", "reach", "before")
    }
    assert rows_listed(mary, links["private"][links["private"].index("/reports/") :])[0] == last["private"]
    heads = [line for line in lines if line[1] == "headlines"]
    sums = [float(told["days", "all", column]) for column in ("mentions", "private", "spam", "authors", "reach")]
    sums.append(float(told["needed", "all", "share"]))
    assert [float(line[4]) for line in heads] == [one["value"] for one in document["headlines"]] == sums
    assert {line[header.index("zone")] for line in lines} == {"America/New_York"}
    assert {line[header.index("made_by")] for line in lines} == {document["made_by"]} == {"Mary"}
    assert f">{whole}</a>" in page(mary, "/reports/volume/")


def test_a_rate_can_be_counted_again_from_the_rows_it_opens(mary: Client, bank: Bank) -> None:
    """The rows of what needed an answer say which got one; those of what came due which were in time."""
    days = f"from={periods.bank_day(bank.now) - timedelta(days=13)}"
    for report, list_of, column, yes, no in (
        ("response", "actionable", "answered", "answered", "unanswered"),
        ("sla", "first_response_due", "in_time", "met", "missed"),
    ):
        document = mary.get(f"/reports/{report}.json?{days}").json()
        whole = next(row for row in document["sections"][0]["rows"] if row["key"] == "all")
        header, *lines = cells(mary, f"/reports/{report}/rows.csv?{days}&list={list_of}")
        told = [line[header.index(column)] for line in lines]
        assert (told.count("yes"), told.count("no")) == (whole[yes], whole[no])
        assert whole[yes], "or it proves nothing"
        assert whole[no]
        listed = page(mary, f"/reports/{report}/rows/?{days}&list={list_of}")
        assert f"list={yes if report == 'response' else 'first_response_met'}" in listed
    answered = [line for line in lines if line[header.index("answered")] == "yes"]
    assert {line[header.index("person")] for line in answered} == {"Sam"}


def test_every_file_says_what_was_asked_of_when_and_by_whom(mary: Client, bank: Bank) -> None:
    asked = f"queue=care&as_of={periods.bank_day(bank.now) - timedelta(days=1)}"
    told = [
        str(mary.get(f"/reports/{path}{asked}").getvalue().decode("utf-8-sig")).splitlines()[0]
        for path in ("volume.csv?section=days&", "volume/rows.csv?list=mentions&")
    ]
    for path in ("volume.xlsx?", "volume/rows.xlsx?list=mentions&"):
        book = zipfile.ZipFile(io.BytesIO(b"".join(mary.get(f"/reports/{path}{asked}"))))
        told.append(" ".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml")))
    told.append(str(json.loads(mary.get(f"/reports/volume/rows.json?list=mentions&{asked}").getvalue())["about"]))
    for about in told:
        for words in ("America/New_York", "Care", "As known on", "Mary", "Version of the definitions"):
            assert words in about, (words, about[:300])


def test_a_file_of_rows_says_of_which_moment_it_is_and_what_was_not_seen(mary: Client, bank: Bank) -> None:
    seen = bank.now - timedelta(hours=2)
    blind = {"started_at": seen - timedelta(hours=3), "ended_at": seen, "reason": Gap.Reason.UNREACHABLE}
    Gap.objects.create(source=Source.objects.earliest("pk"), **blind)
    asked = f"list=overdue&now={seen.isoformat().replace('+', '%2B')}"
    told = mary.get(f"/reports/backlog/rows.csv?{asked}").getvalue().decode().splitlines()[0]
    assert f"Counted at: {wording.stamp(seen)}" in told
    asked = f"list=mentions&from={periods.bank_day(seen) - timedelta(days=1)}&to={periods.bank_day(bank.now)}"
    told = mary.get(f"/reports/volume/rows.csv?{asked}").getvalue().decode().splitlines()[0]
    assert "was blind for" in told
    whole = json.loads(mary.get(f"/reports/volume/rows.json?{asked}").getvalue())["about"]
    assert whole["Mentions"] == str(reports.get("volume").question)
    assert "Definition of “Mentions”" in whole


def test_what_went_on_meanwhile_is_marked_where_it_began_and_ended(mary: Client, bank: Bank) -> None:
    today, two = periods.bank_day(bank.now), timedelta(days=2)
    people = {"owner": bank.supervisor, "opened_by": bank.supervisor}
    Incident.objects.create(
        key=uuid4(), name="App outage", opened_at=bank.now, since=bank.now - two, aware_at=bank.now, **people
    )
    first, unheard = today - timedelta(days=9), {"hashtag": "win", "asked_by": bank.supervisor, "asked_at": bank.now}
    confirmed = {"confirmed_by": bank.manager, "confirmed_at": bank.now - two}
    Campaign.objects.create(name="Save more", first_day=first, last_day=today, **unheard, **confirmed)
    Campaign.objects.create(name="Not agreed", first_day=first, last_day=today, **unheard)
    told = page(mary, f"/reports/volume/?from={today - two}")
    assert "Marked above the picture: Campaign: Save more" in told
    assert "Not agreed" not in told
    rows = re.findall(r'<th scope="row">([^<]*)(.*?)</th>', told)
    said = {
        title.strip(): re.findall(r"Incident: App outage\w*( \w+)?", more)
        for title, more in rows
        if "App outage" in more
    }
    assert said == {wording.day(today - two): [" begins"], wording.day(today): [" ends"]}
    assert page(mary, f"/reports/volume/?from={today - two}&grain=month").count("Incident: App outage</span>") == 2


def test_what_its_author_deleted_leads_nowhere_since_the_address_may_name_them(mary: Client, bank: Bank) -> None:
    for name in ("today", "gone"):
        Mention.objects.filter(author__external_id=name).update(url=f"https://x.example/{name}/status/7")
    rows = page(mary, "/reports/volume/rows/?list=mentions")
    rows += mary.get("/reports/volume/rows.csv?list=mentions").getvalue().decode()
    assert rows.count("https://x.example/today/") == 2
    assert "https://x.example/gone/" not in rows


def test_the_stars_of_a_review_stand_in_its_row(mary: Client, bank: Bank) -> None:
    Mention.objects.filter(author__external_id="today").update(rating=1)
    header, *lines = cells(mary, "/reports/volume/rows.csv?list=mentions")
    stars = [line[header.index("stars")] for line in lines]
    assert stars.count("1") == Mention.objects.filter(rating=1).count() > 0
    assert set(stars) == {"1", ""}


def test_a_tab_asks_another_report_the_same_as_far_as_it_means_something(mary: Client) -> None:
    tabs = re.search(r'<nav class="tabs.*?</nav>', page(mary, "/reports/volume/?queue=care&network=x"), re.DOTALL)
    assert tabs
    addresses = [unescape(url) for url in re.findall(r'href="([^"]*)"', tabs[0])]
    assert len(addresses) == 12
    for address in addresses:
        assert "network=x" in address
        assert ("queue=care" in address) == ("share-of-voice" not in address)
    page(mary, next(address for address in addresses if "share-of-voice" in address))


def test_a_list_says_when_its_figure_was_made_and_how_it_was_then(mary: Client, bank: Bank) -> None:
    listed = page(mary, figures(page(mary, "/reports/response/"))[0][0])
    then = re.search(r'<a href="([^"]*as_of=[^"]*)">The list as it was then', listed)
    assert then
    assert "As it was known on" in page(mary, f"/reports/response/rows/{unescape(then[1])}")


def test_how_long_mentions_took_to_reach_us_stands_beside_the_figures(mary: Client) -> None:
    ours = Mention.objects.filter(origin="live", source__rival="")
    ours.update(received_at=F("occurred_at") + timedelta(minutes=10))
    slow = ours.order_by("pk").values("pk")[: ours.count() // 4]
    Mention.objects.filter(pk__in=slow).update(received_at=F("occurred_at") + timedelta(hours=1))
    facts.forget()
    settle()
    asked = f"from={periods.bank_day(timezone.now()) - timedelta(days=13)}"
    lag = mary.get(f"/reports/response.json?{asked}").json()["ingest_lag_s"]
    assert lag == {"median": 600, "p90": 3600, "n": ours.count()}
    of = mary.get(f"/reports/response.json?{asked}").json()["ingest_lag_by_network_s"]
    assert sum(one["n"] for one in of.values()) == lag["n"]
    for network, one in of.items():
        came = sorted((m.received_at - m.occurred_at).total_seconds() for m in ours.filter(network=network))
        assert (one["n"], one["median"]) == (len(came), statistics.median(came)), network
    assert [one["p90"] for one in of.values()] == sorted((one["p90"] for one in of.values()), reverse=True)
    assert len(of) > 1
    assert re.search(r"Slowest: [^(]+\([^)]+\) half of \d", page(mary, f"/reports/response/?{asked}"))
    of_a_topic = mary.get(f"/reports/response.json?{asked}&topic=card-declined").json()
    assert of_a_topic["ingest_lag_by_network_s"] == {}
    said = f"half of {lag['n']} mentions reached us within 10 min 00 s, nine in ten within 1 h 00 min."
    assert said in page(mary, f"/reports/response/?{asked}")


def test_one_section_alone_is_a_table_as_shown(mary: Client) -> None:
    header, *lines = cells(mary, "/reports/volume.csv?section=queues")
    assert header[:2] == ["Queue", "Mentions"]
    assert [line[0] for line in lines] == ["Care", "Fraud"]


def test_the_workbook_opens_with_numbers_as_numbers(mary: Client) -> None:
    response = mary.get("/reports/response.xlsx")
    with zipfile.ZipFile(io.BytesIO(response.content)) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        about, first = book.read(sheets[0]).decode(), book.read(sheets[1]).decode()
    assert len(sheets) == 7
    assert "Response rate" in about
    assert re.search(r"<c[^>]*><v>\d+</v></c>", first)
    assert "<f>" not in first


def test_an_answer_is_counted_and_its_wait_is_measured(mary: Client, bank: Bank) -> None:
    document = mary.get("/reports/response.json?queue=care").json()
    sections = {section["key"]: section for section in document["sections"]}
    yesterday = sections["rate"]["rows"][-4]
    # One day ago three complained, the second got no answer; f2 was handed from fraud to care on its own day.
    assert (yesterday["actionable"], yesterday["answered"], yesterday["unanswered"]) == (3, 2, 1)
    waits = sections["first-response"]["rows"][-4]
    assert (waits["n"], waits["median"], waits["running"]) == (2, (300 + 660) / 2, 1)


def test_what_is_not_over_says_so_and_what_is_compared_ends_at_the_same_minute(mary: Client, bank: Bank) -> None:
    html = page(mary, "/reports/volume/")
    assert "so far" in html
    before = periods.Period.of(
        periods.bank_day(bank.now) - timedelta(days=6), periods.bank_day(bank.now), now=bank.now
    ).before()
    assert f"{before.first}" in html
    complete = page(mary, "/reports/volume/?from=2020-01-01&to=2020-01-07")
    assert "so far" not in complete
    assert "Nothing was said about us in this period." in complete


def test_small_bases_bear_no_percentage(mary: Client) -> None:
    words = re.findall(r'class="answer-words">([^<]*)<', page(mary, "/reports/volume/?queue=fraud"))
    assert "%" not in words[0]
    assert "the 7 days before" in words[0]


STARTS = [*"=+-@＝＋－＠﹦−", "\t=", "\r+", " =", "\u3000=", "\u200b=", "\ufeff@", "\x1f="]


def calculates(cell: str) -> bool:
    """Whether a spreadsheet could take it for a formula: it skips what is white or cannot be seen, and some quotes."""
    seen = "".join(sign for sign in cell if unicodedata.category(sign)[0] not in "ZC").lstrip('"')
    return bool(seen) and unicodedata.normalize("NFKC", seen[0]) in "=+-@\u2212"


@pytest.mark.parametrize("start", STARTS)
def test_no_words_begin_a_formula_wherever_a_spreadsheet_cuts_them(start: str) -> None:
    words = [f"{start}1+1", f"my card;{start}1+1", f"my card\n{start}1+1", f'my card;"{start}1+1"', f"x\t{start}1"]
    text = "".join(exports.table([("plain", one, 1) for one in words]))
    assert [row[2] for row in csv.reader(io.StringIO(text))] == ["1"] * len(words)
    for separator in (",", ";", "\t"):
        for row in csv.reader(text.removeprefix(exports.BOM).splitlines(), delimiter=separator):
            assert not any(calculates(cell) for cell in row), row
    for line in text.removeprefix(exports.BOM).splitlines():
        assert not any(calculates(cell) for cell in re.split(r"[;\t]", line)), line


@pytest.mark.parametrize("filling", ["\n", " \t", ";"])
def test_a_long_post_of_nothing_stops_nobody(filling: str) -> None:
    began = time.process_time()
    exports.safe(f"a{filling * 60_000}b")
    assert time.process_time() - began < 2  # each would look at all behind it: a quarter of a minute


def test_what_is_no_formula_stays_as_it_was_said() -> None:
    said = ["my card was declined = bad", "a-b; c+d", "50% @bank", "semi; colon", "two\nlines", "", "'quoted'", "–"]
    assert [exports.safe(one) for one in said] == said
    assert [exports.safe(one) for one in (-1, 0.5, True)] == [-1, 0.5, True]


def test_a_strangers_words_are_no_formula_in_any_field(mary: Client, bank: Bank) -> None:
    for number, start in enumerate(STARTS):
        hear(make_source("square"), f"{start}1 my card was declined @bank", at=bank.now, author=f"evil{number}")
    settle(now=bank.now)
    Mention.objects.update(url="=1+1", topics=["=1+1"])
    Queue.objects.update(name="@SUM(A1)")
    for address in ("volume/rows.csv?list=mentions", "volume.csv", "volume.csv?section=queues"):
        for line in cells(mary, f"/reports/{address}")[1:]:
            assert not any(calculates(cell) for cell in line if not re.fullmatch(r"-?[\d.]+", cell)), line
    assert "=1 my card" in page(mary, "/reports/volume/rows/?list=mentions")


def test_private_words_are_for_those_who_may_read_them(
    mary: Client, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "my card was declined again" in page(mary, "/reports/volume/rows/?list=private")
    monkeypatch.setitem(access.ACTIONS, "see private", frozenset({Role.AGENT}))
    html = page(mary, "/reports/volume/rows/?list=private")
    assert "A private message." in html
    assert "my card was declined again" not in html


def test_a_deleted_post_still_counts_and_says_nothing(mary: Client) -> None:
    html = page(mary, "/reports/volume/rows/?list=mentions")
    assert html.count("Deleted by its author.") == 1


def test_a_queue_that_nobody_wrote_to_is_no_fault(mary: Client) -> None:
    make_queue("lending")
    html = page(mary, "/reports/response/?queue=lending")
    assert "Nothing that needed an answer came in this period." in html
