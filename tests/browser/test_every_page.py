"""Every page there is, in light, in dark and on a phone: machines read it, it has no complaint and asks no stranger.

The pages come from the URLconf and the table of the access matrix: a new one is looked at without being named here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser

from agents.models import AlertHook, Role, Rota, User
from agents.views import sign_in
from commandcenter import control
from config.embedded import SUPERUSER
from mentions import ruling
from mentions.models import RoutingRule, SavedSearch
from tests.agents.access_table import ROUTES, TABLE
from tests.agents.access_world import OURS, World, make_world
from tests.browser.desk import Desk
from tests.chromium import AGAIN, CONTRAST, RULES
from tests.commandcenter.announced import make_campaign, make_notice
from tests.engines import of_session
from tests.factories import make_person, make_rule
from tests.setup_sources import sources_in_every_state
from tests.web import Web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]

# Who looks at a page, of those who may: whoever sees the most of it.
FIRST = (Role.SUPERVISOR, Role.MANAGER, Role.ADMINISTRATOR, Role.COMPLIANCE, Role.AGENT)
# Addresses that answer 404 in the matrix and are no page wherever something is there.
NO_PAGES = {"setup/sources/authorised/", "clients/<slug:slug>.json"}


@dataclass
class Rounds:
    """One window a role, and what was found on the pages that it opened."""

    chromium: Browser
    web: Web
    windows: dict[Role | None, Desk]
    found: list[str]

    def is_page(self, role: Role | None, path: str) -> bool:
        """Whether it answers a whole page, and no file, redirect or part of one."""
        answer = self.window(role).context.request.get(self.web.url + path, max_redirects=0)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return False
        return answer.text().lstrip().lower().startswith("<!doctype html")

    def window(self, role: Role | None) -> Desk:
        if role not in self.windows:
            person = User.objects.get(username=f"the-{role}") if role else None
            self.windows[role] = Desk(self.chromium, self.web, person)
        return self.windows[role]

    def look(self, role: Role | None, path: str, status: int = 200) -> None:
        """Open it, and note everything that is wrong with it."""
        desk = self.window(role)
        page, where = desk.page, f"{path} as {role or 'a stranger'}"
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="light")
        answer = page.goto(self.web.url + path)
        if answer is None or answer.status != status:
            self.found.append(f"{where}: {answer and answer.status}, not {status}")
        for scheme, examiner, rules in (("light", Axe(), RULES), ("dark", AGAIN, CONTRAST)):
            page.emulate_media(color_scheme=scheme)
            seen = examiner.run(page, options=rules)
            if seen.violations_count:
                self.found.append(f"{where} in {scheme}\n{seen.generate_report()}")
        page.set_viewport_size({"width": 320, "height": 700})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 320:
            self.found.append(f"{where} is {wide} wide on a phone")
        # That a page is refused the browser tells too.
        self.found += [f"{where}: {fault}" for fault in desk.faults if f"status of {status}" not in fault]
        desk.faults.clear()


@pytest.fixture
def rounds(chromium: Browser, web: Web) -> Iterator[Rounds]:
    made = Rounds(chromium, web, {}, [])
    yield made
    for desk in made.windows.values():
        desk.context.close()


def furnish(world: World) -> dict[str, list[str]]:
    """More than the matrix needs, so that the pages have something to show; where they are that only now exist, or
    that show other things elsewhere."""
    found = {source.network: source for source in sources_in_every_state()}
    search = SavedSearch.objects.create(name="Outages", query="outage OR down", kind="ours")
    today, boss, other = timezone.localdate(), make_person("the-boss"), RoutingRule.objects.get(pk=world.other.rule)
    conditions = {"network": "townsquare", "language": ["en"], "topic": "fraud", "urgency_min": 2}
    make_rule(other.queue, name="Stolen cards", conditions=conditions)
    ruling.switch(other.pk, on=False, by=boss.pk)
    command = control.give("hold", by=User.objects.get(username="the-manager"))
    make_notice("Our app is slow", text="Cards work.", confirmed_by=None, confirmed_at=None)
    make_notice("Closed on Monday", ended_at=timezone.now())
    make_campaign(hashtag="#Gives", name="Giving week", first_day=today, last_day=today)
    Rota.objects.create(person=boss, days=list(range(7)), start=0, stop=1440, zone="Europe/London")
    AlertHook.objects.create(name="Pager", host="pager.example", sealed="none")
    return {
        "console/search/": ["/console/search/?q=is:late", f"/console/search/?q={OURS}"],
        "reports/<slug:key>/rows/": ["/reports/volume/rows/?list=mentions"],
        "screens/commands/<row:pk>/": [f"/screens/commands/{command.pk}/"],
        "setup/searches/<row:pk>/": [f"/setup/searches/{search.pk}/"],
        # A quota that runs out beside a stream that broke off, gaps, and one that waits for its owner.
        "setup/sources/<row:pk>/": [f"/setup/sources/{found[kind].pk}/" for kind in ("x", "facebook", "mastodon")],
    }


def test_everybody_can_read_every_page(rounds: Rounds, web: Web) -> None:
    first = sign_in.first_administrator_link()
    assert first is not None
    rounds.look(None, first)
    world = make_world()
    beside = furnish(world)
    absent = {route for route, address in TABLE.items() if 404 in address.get and not address.machine}
    assert absent <= NO_PAGES | {"first/<str:token>/"} | set(beside), "a page that nobody can look at"
    pages = []
    for route in ROUTES:
        address = TABLE.get(route)
        if address is None or address.machine or address.noted or not (200 in address.get or route in beside):
            continue
        role = next((role for role in FIRST if role in address.who), None) if address.who else None
        for path in beside.get(route) or [world.url(route, world.own)]:
            if rounds.is_page(role, path):
                pages.append(route)
                rounds.look(role, path)
    rounds.look(Role.AGENT, "/setup/rules/", 403)
    rounds.look(None, "/nowhere/", 404)
    with away():
        rounds.look(Role.SUPERVISOR, "/console/", 503)
    assert rounds.found == [], "\n\n".join(rounds.found)
    assert {"console/<row:pk>/", "wall/", "sandbox/", "setup/searches/<row:pk>/"} <= set(pages)


@contextmanager
def away() -> Iterator[None]:
    """The database lets nobody in."""
    name = connection.settings_dict["NAME"]
    connection.close()
    with psycopg.connect(of_session().url(SUPERUSER, "postgres"), autocommit=True) as engine:
        engine.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            engine.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            yield
        finally:
            engine.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
