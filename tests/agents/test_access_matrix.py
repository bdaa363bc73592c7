"""Every address, every role, one's own team's things and another's, with GET and POST: one table says what is right.

The addresses come from the URLconf, what they must answer from `access_table`; an address that is not in the table
fails. Each request is undone afterwards, so that all of them meet the same world.
"""

import time
from collections.abc import Callable, Iterator
from copy import copy
from functools import cache
from itertools import cycle
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve
from django.views.csrf import csrf_failure

from agents import tokens
from agents.models import BulkAction, Role
from config import urls
from config.sessions import BEGAN, SEEN
from mentions import hooks, rulebook
from mentions.models import Conversation
from tests.agents.access_table import (
    ADMINISTRATOR,
    AGENT,
    BOUND,
    COMMON,
    COMPLIANCE,
    ROUTES,
    SUPERVISOR,
    TABLE,
    Address,
    Codes,
)
from tests.agents.access_world import OURS, SECRET, World, browser, make_world

ADMIN = "admin/"
HTMX = {"HX-Request": "true"}


def _plainly(status: int) -> Callable[..., HttpResponse]:
    return lambda *_, **__: HttpResponse(status=status)


# The page of a refusal is the same at every address and as dear to render as any other: one test reads it.
PLAIN = {"handler403": _plainly(403), "handler404": _plainly(404)}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once, inside a transaction that is undone at the end."""
    for module in (hooks, rulebook, tokens):
        module.forget()
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as instead:
        for name, refusal in PLAIN.items():
            instead.setattr(urls, name, refusal, raising=False)
        instead.setattr(settings, "CSRF_FAILURE_VIEW", _plainly(403))
        whole = transaction.atomic()
        whole.__enter__()
        try:
            made = make_world()
            for client in made.people.values():
                stay(client)
            yield made
        finally:
            transaction.set_rollback(True)
            whole.__exit__(None, None, None)
            connection.close()
    rulebook.forget()


def stay(client: Client) -> None:
    """Each request is undone, and with it that somebody was seen: every one of them would write it anew."""
    session, now = client.session, int(time.time())
    session.update({BEGAN: now, SEEN: now + 3600})
    session.save()


EVERYTHING = """
SELECT (SELECT count(*) FROM mentions_event),
       (SELECT sum(version) FROM mentions_conversation),
       (SELECT string_agg(concat(id, state, text, revision), ',' ORDER BY id) FROM agents_reply),
       (SELECT count(*) FROM agents_note), (SELECT count(*) FROM agents_freeze), (SELECT count(*) FROM agents_case),
       (SELECT string_agg(sending::text, ',' ORDER BY id) FROM mentions_source),
       (SELECT string_agg(preferences::text, ',' ORDER BY id) FROM agents_user)
"""


def state_of_everything() -> tuple[Any, ...]:
    """Changes with anything that a request could do to the bank's work."""
    with connection.cursor() as cursor:
        cursor.execute(EVERYTHING)
        return tuple(cursor.fetchone())


@cache
def state_at_first() -> tuple[Any, ...]:
    """What each request finds, since all before it were undone."""
    return state_of_everything()


def ask(
    client: Client, method: str, url: str, data: dict[str, str] | None = None, *, noted: bool = False, **options: Any
) -> HttpResponseBase:
    """One request whose effects are undone; what was refused or only asked must have had none."""
    cookies = copy(client.cookies)
    with transaction.atomic():
        before = state_at_first()
        answer = getattr(client, method)(url, data or {}, **options)
        location = answer.headers.get(
            "Location", ""
        )  # whoever signs out is led to the same page, and to nothing after it
        refused = answer.status_code in (401, 403, 404, 405) or location.startswith("/sign-in/?next=")
        if refused or (method == "get" and not noted):
            assert state_of_everything() == before, (
                f"{method} {url} was answered {answer.status_code} and did something"
            )
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def words_of(answer: HttpResponseBase) -> str:
    return b"".join(answer).decode(errors="replace")  # type: ignore[arg-type]


def expected(address: Address, method: str, role: Role | None, *, foreign: bool) -> Codes:
    """What the table says for one cell."""
    allowed = address.get if method == "get" else address.post
    if not allowed:
        return (405,)
    if address.who is None:
        return allowed
    if role is None:
        return (302,)
    if role in address.authors:
        return (404,) if foreign else (403,)
    if role not in address.who or (method == "post" and role in address.readers):
        return (403,)
    if foreign and role in BOUND and address.about not in COMMON:
        return (404,)
    if foreign and address.about == "queue" and role in BOUND:
        return (404,)
    return allowed


ROLES = tuple(Role)
FOUND = [route for route in ROUTES if not route.startswith(ADMIN)]
TABLED = [route for route in FOUND if route in TABLE]


def test_the_table_knows_every_address_and_no_other():
    assert set(FOUND) - set(TABLE) == set(), "an address without an entry in TABLE"
    assert set(TABLE) - set(FOUND) == set(), "an entry without an address"


def asked_by(address: Address, method: str, turn: int) -> list[tuple[Role | None, bool]]:
    """Who asks, and whether for another team's things.

    Only who is bound to teams can tell these from their own: everybody else asks for the one or the other by turns. A
    method that an address does not know it knows for nobody: a stranger asks, and one who has signed in.
    """
    if not (address.get if method == "get" else address.post):
        return [(None, False), (ROLES[turn % len(ROLES)], False)]
    if not address.about:
        return [(role, False) for role in (None, *ROLES)]
    free = [role for role in (None, *ROLES) if role not in BOUND]
    own = [(role, False) for role in sorted(BOUND)] + [(role, True) for role in sorted(BOUND)]
    return [*own, *((role, (place + turn) % 2 == 1) for place, role in enumerate(free))]


@pytest.mark.parametrize("route", TABLED, ids=lambda route: route or "home")
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_role_gets_what_the_table_says(world: World, route: str, method: str):
    address = TABLE[route]
    by_htmx = False
    for role, foreign in asked_by(address, method, TABLED.index(route)):
        client = world.people[role] if role else browser()
        team = world.other if foreign else world.own
        url = world.url(route, team)
        codes = expected(address, method, role, foreign=foreign)
        acts = method == "post" and codes == address.post
        # Whose script asks and whose form is the same code: once an address.
        for htmx in (False, True) if acts and not by_htmx else (False,):
            by_htmx |= htmx
            headers = HTMX if htmx else {}
            answer = ask(client, method, url, world.data(address, team), headers=headers, noted=address.noted)
            where = f"{method} {url} as {role or 'a stranger'}{' by htmx' if htmx else ''}"
            # By htmx it is the fragment that changed, in place of a way back.
            right = (*codes, 200, 204) if htmx and 302 in codes else codes
            assert answer.status_code in right, f"{where}: {answer.status_code}, not one of {right}"
            if role is None and address.who is not None and codes == (302,):
                assert answer.headers["Location"].startswith(("/sign-in/?next=", "/start/")), where
            if role in (None, *BOUND) and not address.machine and not route.startswith("sandbox/"):
                assert SECRET not in words_of(answer), f"{where} tells of another team's work"
            if role and not route.startswith("sandbox/") and answer.status_code in (200, 409, 422):
                assert "no-store" in answer.headers["Cache-Control"], f"{where} may be kept on the way"


@pytest.mark.parametrize("route", [route for route in TABLED if not TABLE[route].machine], ids=lambda r: r or "home")
def test_without_its_token_no_form_does_anything(world: World, route: str):
    address = TABLE[route]
    roles = (AGENT, SUPERVISOR, ADMINISTRATOR)
    for role, method in [*((role, "post") for role in roles), *zip(roles, ("put", "patch", "delete"), strict=True)]:
        client = browser(enforce_csrf_checks=True)
        client.cookies = world.people[role].cookies
        data = world.data(address, world.own) if method == "post" else {}
        answer = ask(client, method, world.url(route, world.own), data)
        assert answer.status_code == 403, f"{method} {route} as {role} went through without a token"


@pytest.mark.parametrize("route", TABLED, ids=lambda route: route or "home")
def test_no_other_method_is_a_fault_of_ours(world: World, route: str):
    visitors = cycle([None, AGENT, ADMINISTRATOR, SUPERVISOR])
    for method in ("put", "patch", "delete", "options", "head", "trace"):
        role = next(visitors)
        client = world.people[role] if role else browser()
        answer = ask(client, method, world.url(route, world.own))
        assert answer.status_code < 500 or route == "readyz", f"{method} {route} as {role}"


class TestTheAdmin:
    """Django's own pages, as the emergency entrance: for administrators, and for nobody else."""

    @pytest.mark.parametrize("route", [route for route in ROUTES if route.startswith(ADMIN)])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_only_administrators_come_in(self, world: World, route: str, method: str):
        url = "/" + route.replace("^", "").replace("$", "").replace("<path:object_id>", "1").replace(
            "<path:content_type_id>", "1"
        ).replace("(?P<app_label>auth|axes|django_q)", "auth").replace("(?P<url>.*)", "nothing")
        open_to_all = ("admin/login/", "admin/jsi18n/", "admin/logout/")
        for role in (None, *Role):
            client = world.people[role] if role else browser()
            answer = ask(client, method, url)
            assert answer.status_code < 500, f"{method} {url} as {role}"
            if role != ADMINISTRATOR and route not in open_to_all:
                assert answer.status_code in (302, 403, 405), f"{method} {url} as {role}"
                assert answer.status_code != 302 or "/login/" in answer.headers["Location"]


class TestOthersThings:
    """Identifiers of another team where an address takes them beside its path, and what a refusal says of them."""

    @pytest.fixture(params=sorted(BOUND))
    def client(self, world: World, request: pytest.FixtureRequest) -> Client:
        return world.people[request.param]

    def test_the_page_of_a_refusal_tells_nothing(self, world, client, monkeypatch):
        for name in PLAIN:
            monkeypatch.delattr(urls, name)
        monkeypatch.setattr(settings, "CSRF_FAILURE_VIEW", csrf_failure)
        strict = browser(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        old = ask(strict, "post", f"/console/{world.own.conversation}/claim/")
        assert (old.status_code, "<nav" in words_of(old), SECRET in words_of(old)) == (403, True, False)
        for url, status in ((f"/console/{world.other.conversation}/", 404), ("/setup/rules/", 403)):
            answer = ask(client, "get", url)
            assert answer.status_code == status
            assert "<nav" in words_of(answer)
            assert SECRET not in words_of(answer)

    def test_no_row_of_theirs_is_given_out(self, world, client):
        everything = ",".join(map(str, Conversation.objects.values_list("pk", flat=True)))
        said = words_of(ask(client, "get", f"/console/part/rows/?ids={everything}"))
        assert OURS in said
        assert SECRET not in said

    @pytest.mark.parametrize(
        "words", [SECRET, f"@{SECRET}0", f"{SECRET}0", "GH-{conversation}", "{conversation}", "http://x.example/1"]
    )
    def test_no_search_finds_them(self, world, client, words):
        asked = words.format(conversation=world.other.conversation)
        answer = ask(client, "get", "/console/search/", {"q": asked})
        assert answer.status_code == 200
        assert f'id="row-{world.other.conversation}"' not in words_of(answer)

    @pytest.mark.parametrize("action", ["claim", "spam", "no_reply", "not_us", "needed"])
    def test_no_bulk_action_touches_them(self, world, client, action):
        theirs = list(Conversation.objects.filter(queue=world.other.queue_id).order_by("pk"))
        with transaction.atomic():
            client.post("/console/bulk/", {"ids": [found.pk for found in theirs], "action": action})
            after = list(Conversation.objects.filter(queue=world.other.queue_id).order_by("pk"))
            transaction.set_rollback(True)
        assert [(c.version, c.state) for c in after] == [(c.version, c.state) for c in theirs]

    def test_next_never_takes_one_of_theirs(self, world, client):
        with transaction.atomic():
            for _ in range(5):
                client.post("/console/next/", {"view": world.other.queue})
            owners = set(Conversation.objects.filter(queue=world.other.queue_id, state="claimed").values_list("pk"))
            transaction.set_rollback(True)
        assert owners == {(world.other.conversation,)}

    def test_nobody_of_theirs_is_made_owner_of_ours(self, world):
        client = world.people[SUPERVISOR]
        url = f"/console/{world.own.conversation}/assign/"
        assert ask(client, "post", url, {"person": str(world.other.person)}).status_code == 422

    def test_the_bulk_action_of_a_colleague_is_not_undone(self, world, client):
        with transaction.atomic():
            client.post(f"/console/undo/{world.own.action}/")
            undone = BulkAction.objects.filter(undone_at__isnull=False).exists()
            transaction.set_rollback(True)
        assert not undone

    def test_no_approval_of_theirs_is_listed(self, world):
        assert OURS in words_of(ask(world.people[SUPERVISOR], "get", "/approvals/"))
        assert SECRET not in words_of(ask(world.people[SUPERVISOR], "get", "/approvals/"))
        assert SECRET in words_of(ask(world.people[COMPLIANCE], "get", "/approvals/"))


class TestOddRequests:
    """What no page of ours sends: a wrong answer is fine, a fault of ours is not."""

    ODD = ("", "-1", "\u00b2", "9" * 5000, "\0", "../%", "[]", "9999-12-31T23:59", "\ufffd\u202e")
    # Places in a list that nobody was ever given: infinite, nested, null, of another shape.
    CURSORS = ("eyJpZCI6IDFlOTk5fQ", "W1tbW1tb" * 300, "eyJpZCI6IG51bGx9", "bnVsbA", "eyJpZCI6IDEsICJkdWUiOiAieCJ9")

    @pytest.mark.parametrize("route", [r for r in TABLED if TABLE[r].post and not TABLE[r].machine])
    def test_no_field_whatever_it_holds_is_a_fault_of_ours(self, world: World, route: str):
        address = TABLE[route]
        role = SUPERVISOR if address.who is None or SUPERVISOR in address.who else ADMINISTRATOR
        beside = {"console/bulk/": ("ids", "view"), "console/next/": ("view",), "sign-in/": ("username", "next")}
        where = ("view",) if route.startswith("console/") else ()
        for place, name in enumerate((*address.data, *beside.get(route, where)), TABLED.index(route)):
            for odd in self.ODD[place % 3 :: 3]:  # by turns: each kind of field meets each of them somewhere
                data = world.data(address, world.own) | {"ids": "1"} | {name: odd}
                # By htmx: what was wrong is the same, and no whole page has to be rendered around it.
                answer = ask(world.people[role], "post", world.url(route, world.own), data, headers=HTMX)
                assert answer.status_code < 500, f"{route}: {name}={odd[:20]!r}"

    @pytest.mark.parametrize(
        ("route", "names"),
        [
            ("console/search/", "q"),
            ("console/view/<slug:key>/", "after state"),
            ("console/part/list/<slug:key>/", "after state"),
            ("console/part/rows/", "ids"),
            ("console/<row:pk>/", "view mode"),
            ("wall/<slug:key>/", "profile width distance"),
            ("reports/<slug:key>/", "from to team queue network language topic compare"),
            ("reports/<slug:key>/rows/", "from to after figure"),
            ("sandbox/", "before"),
            ("sandbox/write/", "in_reply_to"),
            ("sandbox/messages/", "handle"),
        ],
    )
    def test_no_query_whatever_it_holds_is_a_fault_of_ours(self, world: World, route: str, names: str):
        url = world.url(route, world.own)
        for place, name in enumerate(names.split(), len(route)):
            odds = (*self.ODD, "nan", "inf", "-inf")[place % 2 :: 2]  # by turns, as above
            for odd in (*odds, *(self.CURSORS if name in ("after", "before") else ())):
                answer = ask(world.people[SUPERVISOR], "get", url, {"width": "1", "distance": "1"} | {name: odd})
                assert answer.status_code < 500, f"{route}: {name}={odd[:20]!r}"

    @pytest.mark.parametrize("route", [route for route in TABLED if "<row:pk>" in route])
    def test_no_number_in_an_address_is_a_fault_of_ours(self, world: World, route: str):
        role = SUPERVISOR if SUPERVISOR in (TABLE[route].who or ()) else ADMINISTRATOR
        for number in ("0", "9" * 18, "9" * 19):
            for method in ("get", "post"):
                url = "/" + route.replace("<row:pk>", number)
                answer = ask(world.people[role], method, url, world.data(TABLE[route], world.own))
                refused = (302, 403, 404, 405, 409, 422, *((401,) if TABLE[route].machine else ()))
                assert answer.status_code in refused, f"{method} {url}: {answer.status_code}"

    @pytest.mark.parametrize("number", ["9" * 400, "-1", "1.0", "\u0661", "%00", "1%0a", "%ff"])
    def test_what_is_no_number_is_no_address(self, world: World, number: str):
        for route in (route for route in TABLED if "<row:pk>" in route):
            try:
                found = resolve("/" + unquote(route.replace("<row:pk>", number), errors="replace")).route
            except Resolver404:
                continue
            assert found != route
        for method in ("get", "post"):
            assert ask(world.people[SUPERVISOR], method, f"/console/{number}/").status_code == 404
