"""The list of rules in a real browser: worked from the keyboard, and without any script."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from agents.models import Role, User
from mentions import ruling
from mentions.models import Conversation
from tests.commandcenter.history import ago, hear
from tests.factories import make_person, make_queue, make_rule, make_source
from tests.web import Web, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def anneke() -> User:
    """The administrator of a house with four rules, one of them off."""
    anneke = make_person("anneke", role=Role.ADMINISTRATOR, teams=())
    care, fraud = make_queue("care", name="Customer care"), make_queue("fraud", name="Fraud")
    conditions = {"network": "townsquare", "language": ["en"], "topic": "fraud", "urgency_min": 2}
    for name, queue in (("Stolen cards", fraud), ("Praise", care), ("Everything in Spanish", care)):
        rule = make_rule(queue, name=name, conditions=conditions)
        ruling.switch(rule.pk, on=name != "Praise", by=anneke.pk)
    hear(make_source(), "my card was stolen", at=ago(minutes=5))
    return anneke


def visit(browser: Browser, web: Web, person: User, **options: object) -> tuple[BrowserContext, Page, list[str]]:
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})  # type: ignore[arg-type]
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": sign_in(person), "url": web.url}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return context, page, faults


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
