"""The set-up pages in a real browser: readable in both themes and on a phone, worked from the keyboard, no script."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from agents import guarding, proposals, tokens
from agents.models import Macro, Proposal, Role, User
from mentions import ruling
from mentions.models import Conversation, RoutingRule
from tests.chromium import CONTRAST, RULES
from tests.commandcenter.history import ago, hear
from tests.factories import make_person, make_queue, make_rule, make_site, make_source
from tests.setup_sources import sources_in_every_state
from tests.web import Web, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def anneke() -> User:
    """The administrator of a house with something of everything, each with a history."""
    anneke = make_person("anneke", role=Role.ADMINISTRATOR, teams=())
    yusuf = make_person("yusuf", role=Role.COMPLIANCE, teams=())
    care, fraud = make_queue("care", name="Customer care"), make_queue("fraud", name="Fraud")
    conditions = {"network": "townsquare", "language": ["en"], "topic": "fraud", "urgency_min": 2}
    for name, queue in (("Stolen cards", fraud), ("Praise", care), ("Everything in Spanish", care)):
        rule = make_rule(queue, name=name, conditions=conditions)
        ruling.switch(rule.pk, on=name != "Praise", by=anneke.pk)
    make_site()
    team = fraud.teams.get()
    wanted = guarding.state(team.profile) | {"hosts": ["bank.example", "other.example"], "four_eyes": False}
    guarding.save(team.profile, wanted, by=anneke, seen=None)
    proposals.ask(Proposal.Kind.LINK, yusuf.pk, {}, by=anneke)
    Macro.objects.create(name="Hello", team=team, text="Hello {{ first_name }}.", written_by=yusuf)
    tokens.grant("Warehouse", scopes=["read"], source=None, teams=[team], expires_at=None, by=anneke)
    hear(make_source(), "my card was stolen", at=ago(minutes=5))
    return anneke


def pages(anneke: User) -> list[str]:
    team = make_queue("fraud").teams.get()
    rule, queue = RoutingRule.objects.order_by("pk")[0], make_queue("fraud")
    found = {source.network: source for source in sources_in_every_state()}
    return [
        *("/setup/", "/setup/rules/", "/setup/rules/new/", f"/setup/rules/{rule.pk}/", "/setup/rules/history/"),
        *("/setup/rules/try/", "/setup/queues/", "/setup/queues/new/", f"/setup/queues/{queue.pk}/"),
        *(f"/setup/teams/{team.pk}/", "/setup/sla/", f"/setup/sla/{queue.policy_id}/"),
        *(f"/setup/calendars/{queue.policy.calendar_id}/", "/setup/sites/new/", "/setup/people/"),
        *("/setup/people/new/", f"/setup/people/{anneke.pk}/", "/setup/guard/", f"/setup/guard/{team.profile_id}/"),
        *("/setup/texts/", f"/setup/texts/{Macro.objects.get().pk}/", "/setup/tokens/", "/setup/second/"),
        *("/setup/searches/", "/setup/sources/connect/", "/setup/sources/connect/bluesky/", "/password/MQ/none/"),
        # A quota that runs out beside a stream that broke off, gaps, and one that waits for its owner.
        *(f"/setup/sources/{found[kind].pk}/" for kind in ("x", "facebook", "mastodon")),
    ]


def visit(browser: Browser, web: Web, person: User, **options: object) -> tuple[BrowserContext, Page, list[str]]:
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})  # type: ignore[arg-type]
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": sign_in(person), "url": web.url}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return context, page, faults


def test_everyone_can_read_every_page(chromium: Browser, web: Web, anneke: User) -> None:
    context, page, faults = visit(chromium, web, anneke)
    for path in pages(anneke):
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(web.url + path)
        for theme, rules in (("light", RULES), ("dark", CONTRAST)):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            found = Axe().run(page, options=rules)
            assert found.violations_count == 0, f"{path} in {theme}\n{found.generate_report()}"
        page.set_viewport_size({"width": 320, "height": 700})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{path} is {wide} wide on a phone"
    assert faults == []
    context.close()


def test_rules_are_ordered_switched_and_previewed_from_the_keyboard(chromium: Browser, web: Web, anneke: User) -> None:
    context, page, faults = visit(chromium, web, anneke)
    page.goto(f"{web.url}/setup/rules/")
    names = page.locator(".rule-row a.strong")
    expect(names).to_have_text(["Stolen cards", "Praise", "Everything in Spanish", "Customer care"])
    page.get_by_role("button", name="Move Everything in Spanish up").focus()
    page.keyboard.press("Enter")
    expect(names).to_have_text(["Stolen cards", "Everything in Spanish", "Praise", "Customer care"])
    expect(page.get_by_role("button", name="Move Everything in Spanish up")).to_be_focused()
    page.keyboard.press("Enter")
    expect(names.first).to_have_text("Everything in Spanish")
    expect(page.get_by_role("button", name="Move Everything in Spanish down")).to_be_focused()
    page.get_by_role("button", name="Switch Stolen cards off").press("Enter")
    expect(page.get_by_role("button", name="Switch Stolen cards on")).to_be_focused()
    page.get_by_role("link", name="Stolen cards").click()
    page.get_by_label("It decides").check()
    page.get_by_role("checkbox", name="English", exact=True).uncheck()
    page.get_by_role("checkbox", name="Fraud", exact=True).uncheck()
    page.get_by_label("Urgency").select_option("")
    page.get_by_label("Says one of").fill("stolen")
    page.get_by_role("button", name="Preview").press("Enter")
    expect(page.get_by_role("heading", name="What would have been otherwise")).to_be_visible()
    expect(page.get_by_text("1 post would have gone to another queue")).to_be_visible()
    number = f"GH-{Conversation.objects.get().pk}"
    expect(page.get_by_role("link", name=number)).to_be_visible()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page).to_have_url(re.compile("/setup/rules/$"))
    assert faults == []
    context.close()


def test_rules_are_ordered_without_any_script(chromium: Browser, web: Web, anneke: User) -> None:
    context, page, _faults = visit(chromium, web, anneke, java_script_enabled=False)
    page.goto(f"{web.url}/setup/rules/")
    page.get_by_role("button", name="Move Praise up").click()
    expect(page.locator(".rule-row a.strong").first).to_have_text("Praise")
    context.close()
