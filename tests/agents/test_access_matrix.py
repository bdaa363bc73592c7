"""Every address, every role, one's own team's things and another's, with GET and POST: one table says what is right.

The addresses come from the URLconf, what they must answer from `TABLE`; an address that is not in the table
fails. Each request is undone afterwards, so that all of them meet the same world.
"""

import uuid
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from agents import alerts, cases, replies, tokens
from agents.models import BulkAction, Note, Reply, ReplyState, Role, User
from commandcenter import drills, incidents
from commandcenter.models import Drill, Suggestion
from commandcenter.models.screens import Playlist, Room, Screen
from mentions import hooks, intake, rulebook, sandbox
from mentions.models import Author, Conversation, Media, Picture, Source
from mentions.sandbox import square
from tests.factories import make_original, make_person, make_queue, make_site, make_source, post

AGENT, SUPERVISOR, MANAGER = Role.AGENT, Role.SUPERVISOR, Role.MANAGER
COMPLIANCE, ADMINISTRATOR = Role.COMPLIANCE, Role.ADMINISTRATOR
EVERYBODY = frozenset(Role)
WORKERS = frozenset({AGENT, SUPERVISOR})
APPROVERS = frozenset({SUPERVISOR, COMPLIANCE})
WRITERS = frozenset({AGENT, SUPERVISOR, MANAGER})
FREEZERS = EVERYBODY - {AGENT}
WALLS = frozenset({SUPERVISOR, MANAGER, ADMINISTRATOR})
SUPERVISORS = frozenset({SUPERVISOR})
DISPLAYERS = frozenset({SUPERVISOR, MANAGER})
ADMINISTRATORS = frozenset({ADMINISTRATOR})
MANAGERS = frozenset({MANAGER, ADMINISTRATOR})
REPORTS = EVERYBODY - {AGENT}
BOUND = frozenset({AGENT, SUPERVISOR})  # to their teams; all others see every team

SECRET = "quillfeather"  # a word that only the other team's customers say
OURS = "marmaladefox"

# What is the whole bank's: no team has it to itself.
COMMON = ("", "scene", "report", "source", "action", "incident", "suggestion", "drill")

Codes = tuple[int, ...]


@dataclass(frozen=True)
class Address:
    """What an address must answer to those who may use it; an empty tuple means that it knows no such method.

    `who` is None where nobody is asked to sign in. `about` names what the address's identifier stands for: it then
    exists once for one's own team and once for another. `machine` addresses carry no session, so no CSRF token.
    That somebody asked is `noted` as an event where a file leaves the house.
    """

    who: frozenset[Role] | None = EVERYBODY
    get: Codes = ()
    post: Codes = ()
    about: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    machine: bool = False
    noted: bool = False


def page(who: frozenset[Role] | None = EVERYBODY, code: int = 200, about: str = "") -> Address:
    return Address(who, get=(code,), about=about)


def act(*codes: int, who: frozenset[Role] = WORKERS, about: str = "", **data: Any) -> Address:
    return Address(who, post=codes, about=about, data=data)


def program(get: Codes = (), post: Codes = ()) -> Address:
    return Address(None, get=get, post=post, machine=True)


# Redirects are what a plain form gets after its deed, 409 and 422 the page again with what stands against it.
TABLE: dict[str, Address] = {
    "": page(code=302),
    "sign-in/": Address(None, get=(200, 302), post=(200, 302)),
    "sign-out/": Address(None, post=(302,)),
    "start/": page(None),
    "first/<str:token>/": Address(None, get=(404,), post=(404,)),
    "preferences/": act(302, who=EVERYBODY, theme="dark"),
    # The desk
    "console/": page(),
    "console/search/": page(),
    "console/view/<slug:key>/": page(about="queue"),
    "console/part/queues/": page(),
    "console/part/list/<slug:key>/": page(about="queue"),
    "console/part/rows/": page(),
    "console/<row:pk>/": page(about="conversation"),
    "console/<row:pk>/part/pane/": page(about="conversation"),
    "console/<row:pk>/part/post/": page(about="conversation"),
    "console/<row:pk>/part/here/": page(about="conversation"),
    "console/pictures/<row:pk>/": page(about="picture"),
    "console/faces/<row:pk>/": page(about="face"),
    "console/next/": act(302),
    "console/bulk/": act(302, action="spam"),
    "console/undo/<row:pk>/": act(302, about="action"),
    "console/<row:pk>/claim/": act(302, 409, about="conversation"),
    "console/<row:pk>/release/": act(302, 409, about="conversation"),
    "console/<row:pk>/renew/": act(204, about="conversation"),
    "console/<row:pk>/transfer/": act(302, 409, about="conversation", queue="{queue}", reason="for you"),
    "console/<row:pk>/assign/": act(302, 409, 422, who=SUPERVISORS, about="conversation", person="{person}"),
    "console/<row:pk>/pending/": act(302, 409, about="conversation", whom="customer", until="{tomorrow}"),
    "console/<row:pk>/close/": act(302, 409, about="conversation", disposition="answered"),
    "console/<row:pk>/dismiss/": act(302, 409, about="conversation", reason="spam"),
    "console/<row:pk>/reopen/": act(302, 409, about="conversation"),
    "console/<row:pk>/reply/": act(
        302, 409, 422, about="conversation", text="Sorry to hear that.", mode="public", version="1", client_key="{uuid}"
    ),
    "console/<row:pk>/note/": act(302, about="conversation", text="a note"),
    "console/<row:pk>/draft/": act(200, about="conversation", text="a draft", mode="public", client_key="{uuid}"),
    "console/replies/<row:pk>/undo/": act(302, 409, about="reply"),
    "console/replies/<row:pk>/retry/": act(302, 409, about="reply"),
    "console/replies/<row:pk>/ask/": act(302, 409, about="reply"),
    "console/replies/<row:pk>/retract/": act(302, 409, about="reply"),
    "console/mentions/<row:pk>/correct/": act(302, about="mention", name="sentiment", value="positive"),
    # A second person
    "approvals/": page(APPROVERS),
    "approvals/<row:pk>/approve/": act(302, 409, who=APPROVERS, about="reply", digest="none"),
    "approvals/<row:pk>/return/": act(302, 409, who=APPROVERS, about="reply", digest="none", reason="no"),
    # Posts of our own
    "posts/": page(),
    "posts/new/": page(WRITERS),
    "posts/write/": act(422, who=WRITERS, text="We close early."),
    "posts/hold/": act(302, who=FREEZERS),
    "posts/lift/": act(302, who=FREEZERS),
    "posts/<row:pk>/": page(about="original"),
    "posts/<row:pk>/<slug:deed>/": act(302, 409, who=WRITERS, about="original"),
    "freeze/": page(FREEZERS),
    "freeze/all/": act(302, who=FREEZERS),
    "freeze/lift/": act(302, 409, who=FREEZERS),
    "freeze/posts/<row:pk>/explain/": act(404, who=FREEZERS),
    # When it burns, and when it is practised
    "incidents/": page(),
    "incidents/open/": act(422, who=FREEZERS),
    "incidents/suggestions/<row:pk>/dismiss/": act(302, who=FREEZERS, about="suggestion", why="it is a holiday"),
    "incidents/<row:pk>/": page(about="incident"),
    "incidents/<row:pk>/after/": page(about="incident"),
    "incidents/<row:pk>/after.json": page(about="incident"),
    "incidents/<row:pk>/<slug:deed>/": act(302, who=FREEZERS, about="incident", text="we know more"),
    "drills/": page(MANAGERS | SUPERVISORS),
    "drills/start/": act(422, who=MANAGERS | SUPERVISORS),
    "drills/<row:pk>/": page(MANAGERS | SUPERVISORS, about="drill"),
    "drills/<row:pk>/stop/": act(302, who=MANAGERS | SUPERVISORS, about="drill"),
    # People on duty
    "alerts/": page(),
    "alerts/<row:pk>/": page(about="alert"),
    "alerts/<row:pk>/acknowledge/": act(302, who=EVERYBODY, about="alert"),
    "alerts/setup/": page(MANAGERS),
    "alerts/setup/rules/<slug:kind>/": act(404, who=MANAGERS),
    "alerts/setup/rota/": act(422, who=MANAGERS),
    "alerts/setup/rota/<row:pk>/remove/": act(302, who=MANAGERS),
    "alerts/setup/hooks/": act(422, who=MANAGERS),
    "alerts/setup/hooks/<row:pk>/remove/": act(302, who=MANAGERS),
    # Setting up
    "setup/": page(ADMINISTRATORS),
    "setup/sources/connect/": page(ADMINISTRATORS),
    "setup/sources/connect/<slug:key>/": Address(ADMINISTRATORS, get=(200,), post=(422,), about="network"),
    "setup/sources/authorised/": page(ADMINISTRATORS, 404),
    "setup/sources/<row:pk>/": page(ADMINISTRATORS, about="source"),
    "setup/sources/<row:pk>/sending/": act(302, who=ADMINISTRATORS, about="source", sending="on"),
    "setup/sources/<row:pk>/keys/": act(422, who=ADMINISTRATORS, about="source"),
    "setup/sources/<row:pk>/authorise/": act(422, who=ADMINISTRATORS, about="source"),
    "setup/sources/<row:pk>/pause/": act(302, who=ADMINISTRATORS, about="source", pause="on"),
    "setup/sources/<row:pk>/ask/": act(302, who=ADMINISTRATORS, about="source"),
    "setup/sources/<row:pk>/back-fill/": act(422, who=ADMINISTRATORS, about="source"),
    "setup/sources/<row:pk>/rotate/": act(200, who=ADMINISTRATORS, about="source"),
    "setup/sources/<row:pk>/price/": act(302, who=ADMINISTRATORS, about="source", price_per_call="0.01"),
    "setup/sources/<row:pk>/disconnect/": act(302, who=ADMINISTRATORS, about="source", sure="yes"),
    "setup/gaps/<row:pk>/lost/": act(404, who=ADMINISTRATORS),
    "setup/searches/": page(ADMINISTRATORS),
    "setup/searches/new/": Address(ADMINISTRATORS, get=(200,), post=(422,)),
    "setup/searches/<row:pk>/": Address(ADMINISTRATORS, get=(404,), post=(404,)),
    # The room
    "wall/": page(None),
    "wall/<slug:key>/": page(WALLS, about="scene"),
    "wall/pair/": Address(None, post=(200,)),
    "wall/pair/state/": Address(None, post=(200,)),
    "screens/": page(WALLS),
    "screens/pair/": Address(WALLS, get=(200,), post=(422,), data={"code": "BCDF-GHJK"}),
    "screens/pair/confirm/": act(422, who=WALLS, code="BCDF-GHJK"),
    "screens/rooms/": act(302, who=WALLS, name="Hall"),
    "screens/rooms/<row:pk>/": act(302, who=frozenset({MANAGER}), closed="yes"),
    "screens/playlists/": Address(WALLS, get=(200,), post=(422,), data={"name": "Day"}),
    "screens/playlists/<row:pk>/": Address(WALLS, get=(200,), post=(422,), data={"name": "Day"}),
    "screens/control/": page(WALLS),
    "screens/control/give/": act(302, who=WALLS, kind="identify"),
    "screens/control/incident/": act(302, who=FREEZERS, answer="off"),
    "screens/commands/<row:pk>/": page(WALLS, 404),
    "screens/<row:pk>/": Address(WALLS, get=(200,), post=(422,), data={"name": ""}),
    "screens/<row:pk>/confirm/": act(302, who=WALLS),
    "screens/<row:pk>/revoke/": act(302, who=WALLS),
    "screens/<row:pk>/schedule/": act(302, who=WALLS),
    "screens/posts/": page(DISPLAYERS),
    "screens/posts/<row:pk>/approve/": act(302, 409, who=DISPLAYERS, about="mention", digest="none"),
    "screens/posts/<row:pk>/take-down/": act(302, who=DISPLAYERS),
    "screens/shift/": Address(WORKERS, get=(200,), post=(422,)),
    "brief/": page(REPORTS),
    "reports/saved/": Address(REPORTS, get=(200,), post=(422,)),
    "reports/saved/<row:pk>/delete/": act(404, who=REPORTS),
    "overview/": page(WALLS),
    "overview/<row:pk>/assign/": act(302, who=SUPERVISORS, about="conversation", person="{person}"),
    "overview/away/": act(302, reason="break"),
    "reports/": page(REPORTS),
    "reports/<slug:key>/": page(REPORTS, about="report"),
    "reports/<slug:key>/rows/": Address(REPORTS, get=(200, 400), about="report"),
    "reports/<slug:key>/rows.<slug:kind>": Address(REPORTS, get=(200, 400), about="report", noted=True),
    "reports/<slug:key>.<slug:kind>": Address(REPORTS, get=(200,), about="report", noted=True),
    "reports/<slug:key>/.<slug:kind>": Address(REPORTS, get=(200,), about="report", noted=True),
    # Machines
    "healthz": program((200,)),
    "readyz": program((200, 503)),
    "metrics": program((401,)),
    "hooks/<slug:network>/<slug:slug>": program((405,), (401,)),
    "hooks/<slug:network>/<slug:slug>/": program((405,), (401,)),
    "hooks/<slug:slug>": program((405,), (401,)),
    "hooks/<slug:slug>/": program((405,), (401,)),
    "api/v1/": program((404,), (404,)),
    "api/v1/<path:rest>": program((404,), (404,)),
    "api/v1/openapi.json": Address(None, get=(200, 401), post=(200, 401, 405), machine=True),
    "api/v1/posts": program((405,), (401,)),
    "api/v1/mentions": program((401,), (405,)),
    # Town Square: another company's network, where nobody of the bank signs in
    "sandbox/": page(None),
    "sandbox/@<str:handle>/": page(None),
    "sandbox/write/": Address(None, get=(200,), post=(302, 422), data={"handle": "dana", "text": "hello"}),
    "sandbox/posts/<slug:key>/": page(None),
    "sandbox/posts/<slug:key>/edit/": Address(None, get=(200,), post=(302,), data={"text": "changed"}),
    "sandbox/posts/<slug:key>/delete/": Address(None, get=(200,), post=(302,)),
    "sandbox/messages/": page(None),
    "sandbox/messages/<str:handle>/": page(None),
    "sandbox/api/posts": program((405,), (400,)),
    "sandbox/api/posts/<slug:key>": program((200,), (405,)),
    "sandbox/api/messages/<str:handle>": program((200,), (405,)),
    "sandbox/api/bank/posts": program((401,), (401,)),
    "sandbox/api/bank/posts/<slug:key>": program((405,), (405,)),
    "sandbox/api/bank/search": program((401,), (405,)),
    "sandbox/api/bank/events": program((401,), (405,)),
    "sandbox/api/bank/account": program((401,), (405,)),
}  # fmt: skip
ADMIN = "admin/"


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for found in resolver.url_patterns:
        if isinstance(found, URLPattern):
            yield before + str(found.pattern)
        else:
            yield from routes(found, before + str(found.pattern))


ROUTES = sorted(set(routes(get_resolver())))


@dataclass
class Team:
    """What belongs to one team, as identifiers for addresses."""

    queue: str
    queue_id: int
    conversation: int
    mention: int
    reply: int
    action: int
    person: int
    source: int
    alert: int
    original: int = 0
    picture: int = 0
    face: int = 0
    scene: str = "pulse"
    incident: int = 0
    suggestion: int = 0
    drill: int = 0
    report: str = "volume"
    network: str = "townsquare"


@dataclass
class World:
    """Two teams of one bank with work each, and a person of every role who belongs to the first."""

    own: Team
    other: Team
    people: dict[Role, Client]
    square_post: str

    def url(self, route: str, team: Team) -> str:
        about = TABLE[route].about if route in TABLE else ""
        chosen = {
            "<row:pk>": str(getattr(team, about, 1)),
            "<slug:key>": self.square_post if route.startswith("sandbox/") else str(getattr(team, about, "none")),
            "<slug:kind>": "csv",
            "<slug:deed>": "take-back" if route.startswith("posts/") else "note",
            "<str:handle>": "dana",
            "<slug:network>": "townsquare",
            "<slug:slug>": "square",
            "<str:token>": "eyJ9",
            "<path:rest>": "nothing/here",
        }
        for name, value in chosen.items():
            route = route.replace(name, value)
        return f"/{route}"

    def data(self, address: Address, team: Team) -> dict[str, str]:
        tomorrow = timezone.localtime() + timezone.timedelta(days=1)
        filled = {
            "queue": str(self.other.queue_id if team is self.own else self.own.queue_id),
            "person": str(team.person),
            "tomorrow": tomorrow.strftime("%Y-%m-%dT%H:%M"),
            "uuid": str(uuid.uuid4()),
        }
        return {name: value.format(**filled) for name, value in address.data.items()}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once, inside a transaction that is undone at the end."""
    for module in (hooks, rulebook, tokens):
        module.forget()
    with django_db_blocker.unblock():
        whole = transaction.atomic()
        whole.__enter__()
        try:
            yield make_world()
        finally:
            transaction.set_rollback(True)
            whole.__exit__(None, None, None)
            connection.close()
    rulebook.forget()


def make_world() -> World:
    source = make_source("square")
    make_source("elsewhere", network="boards")
    own, other = make_team("care", OURS, source), make_team("fraud", SECRET, source)
    people = {}
    for role in Role:
        person = make_person(f"the-{role}", role=role, teams=("care",))
        if role == ADMINISTRATOR:
            User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
        people[role] = browser(person)
    make_screen(by=make_person("the-supervisor", role=SUPERVISOR))
    sandbox.configure("http://127.0.0.1:9/hooks/townsquare/square", "secret", "meridian", "token")
    return World(own, other, people, square.write("dana", "hello").key)


def make_screen(*, by: User) -> None:
    """What belongs to no team: a room, a screen in it and a playlist, each the first of its kind."""
    now = timezone.now()
    room = Room.objects.create(pk=1, site=make_site(), name="Lobby")
    Screen.objects.create(pk=1, name="Lobby", room=room, asked_by=by, asked_at=now, secret_at=now)
    Playlist.objects.create(pk=1, name="Usual", entries=[{"scene": "pulse", "seconds": 30}])


def make_team(slug: str, word: str, source: Source) -> Team:
    """A team with an agent, a conversation of theirs with a reply that waits, one that they dismissed, and one free."""
    queue = make_queue(slug)
    agent = make_person(f"agent-of-{slug}", teams=(slug,))
    said = [post(f"{word} {n}", author={"id": f"{word}{n}", "handle": f"{word}{n}", "name": word}) for n in range(3)]
    intake.receive(source, said)
    found = list(Conversation.objects.filter(author__handle__startswith=word).order_by("pk"))
    for conversation in found:
        Conversation.objects.filter(pk=conversation.pk).update(queue=queue)
    held, dismissed, _free = found
    cases.claim(held.pk, by=agent)
    held.refresh_from_db()
    reply = replies.submit(
        held.pk,
        text="Sorry about the trouble. Please send us a private message so that we can look into it.",
        visibility="public",
        seen_version=held.version,
        client_key=uuid.uuid4(),
        by=agent,
    )
    Reply.objects.filter(pk=reply.pk).update(state=ReplyState.AWAITING_APPROVAL, text=f"{word} answered")
    Note.objects.create(conversation=held, author=agent, text=f"{word} noted", at=timezone.now())
    cases.dismiss(dismissed.pk, why="spam", by=agent)
    action = BulkAction.objects.create(person=agent, disposition="spam", done=[], at=timezone.now())
    mention = held.mentions.get().pk
    alert = alerts.raise_("overdue", f"queue:{queue.pk}", {"queue": word, "late": 3}, team=queue.teams.get())
    assert alert is not None
    original = make_original(source, f"{word} planned", team=queue.teams.get(), author=agent).pk
    crisis = make_crisis(slug, held) | make_pictures(held) | {"original": original}
    return Team(slug, queue.pk, held.pk, mention, reply.pk, action.pk, agent.pk, source.pk, alert.pk, **crisis)


def make_pictures(conversation: Conversation) -> dict[str, int]:
    """A picture that we keep of the conversation's post, and its author's face."""
    kept = Picture.objects.create(
        digest=str(conversation.pk), body=b"pixels", type="image/png", width=1, height=1, kept_at=timezone.now()
    )
    mention, author = conversation.mentions.get(), conversation.author
    medium = Media.objects.create(mention=mention, url="https://x.example/a.png", state="kept", picture=kept)
    Author.objects.filter(pk=author.pk).update(avatar=kept)
    return {"picture": medium.pk, "face": author.pk}


def make_crisis(slug: str, conversation: Conversation) -> dict[str, int]:
    """An incident that holds the team's conversation, a suggestion, and the exercise, which is everybody's."""
    boss, now = make_person("the-boss", role=MANAGER, teams=()), timezone.now()
    incident = incidents.open_(key=uuid.uuid4(), name="Outage", by=boss, conversation=conversation)
    figures = {"since": now.isoformat()}
    suggestion = Suggestion.objects.create(kind="blind", subject=slug, figures=figures, first_at=now, last_at=now)
    drill = Drill.objects.first() or drills.start(name="Drill", recording=[(now, "square", post("practice"))])
    return {"incident": incident.pk, "suggestion": suggestion.pk, "drill": drill.pk}


def browser(person: User | None = None, **options: Any) -> Client:
    client = Client(raise_request_exception=False, **options)
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


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


def ask(
    client: Client, method: str, url: str, data: dict[str, str] | None = None, *, noted: bool = False, **options: Any
) -> HttpResponseBase:
    """One request whose effects are undone; what was refused or only asked must have had none."""
    cookies = copy(client.cookies)
    with transaction.atomic():
        before = state_of_everything()
        answer = getattr(client, method)(url, data or {}, **options)
        refused = answer.status_code in (401, 403, 404, 405) or answer.headers.get("Location", "").startswith(
            "/sign-in/"
        )
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
    if role not in address.who:
        return (403,)
    if foreign and role in BOUND and address.about not in COMMON:
        return (404,)
    if foreign and address.about == "queue" and role in BOUND:
        return (404,)
    return allowed


FOUND = [route for route in ROUTES if not route.startswith(ADMIN)]
TABLED = [route for route in FOUND if route in TABLE]


def test_the_table_knows_every_address_and_no_other():
    assert set(FOUND) - set(TABLE) == set(), "an address without an entry in TABLE"
    assert set(TABLE) - set(FOUND) == set(), "an entry without an address"


@pytest.mark.parametrize("route", TABLED, ids=lambda route: route or "home")
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_role_gets_what_the_table_says(world: World, route: str, method: str):
    address = TABLE[route]
    visitors: dict[Role | None, Client] = {None: browser(), **world.people}
    for foreign in (False, True) if address.about else (False,):
        team = world.other if foreign else world.own
        url = world.url(route, team)
        for role, client in visitors.items():
            for htmx in (False, True) if method == "post" else (False,):
                headers = {"HX-Request": "true"} if htmx else {}
                answer = ask(client, method, url, world.data(address, team), headers=headers, noted=address.noted)
                where = f"{method} {url} as {role or 'a stranger'}{' by htmx' if htmx else ''}"
                codes = expected(address, method, role, foreign=foreign)
                if htmx and codes == address.post and 302 in codes:
                    codes = (*codes, 200, 204)  # the fragment that changed, in place of a way back
                assert answer.status_code in codes, f"{where}: {answer.status_code}, not one of {codes}"
                if role is None and address.who is not None and codes == (302,):
                    assert answer.headers["Location"].startswith(("/sign-in/?next=", "/start/")), where
                if role in (None, *BOUND) and not address.machine and not route.startswith("sandbox/"):
                    assert SECRET not in words_of(answer), f"{where} tells of another team's work"
                if route.startswith("console/") and answer.status_code == 200:
                    assert "no-store" in answer.headers["Cache-Control"], f"{where} may be kept on the way"


@pytest.mark.parametrize("route", [route for route in TABLED if not TABLE[route].machine], ids=lambda r: r or "home")
def test_without_its_token_no_form_does_anything(world: World, route: str):
    address = TABLE[route]
    for role in (AGENT, SUPERVISOR, ADMINISTRATOR):
        client = browser(enforce_csrf_checks=True)
        client.cookies = world.people[role].cookies
        for method in ("post", "put", "patch", "delete"):
            if method == "post":
                answer = ask(client, method, world.url(route, world.own), world.data(address, world.own))
            else:
                answer = ask(client, method, world.url(route, world.own))
            assert answer.status_code == 403, f"{method} {route} as {role} went through without a token"


@pytest.mark.parametrize("route", TABLED, ids=lambda route: route or "home")
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "head", "trace"])
def test_no_other_method_is_a_fault_of_ours(world: World, route: str, method: str):
    for role in (None, AGENT, ADMINISTRATOR):
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
    """Identifiers of another team where an address takes them beside its path."""

    @pytest.fixture(params=sorted(BOUND))
    def client(self, world: World, request: pytest.FixtureRequest) -> Client:
        return world.people[request.param]

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

    @pytest.mark.parametrize("action", ["claim", "spam", "no_reply", "not_us"])
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
        for name in (*address.data, *beside.get(route, ("view",))):
            for odd in self.ODD:
                data = world.data(address, world.own) | {"ids": "1"} | {name: odd}
                answer = ask(world.people[role], "post", world.url(route, world.own), data)
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
        for name in names.split():
            for odd in (*self.ODD, *self.CURSORS, "nan", "inf", "-inf"):
                answer = ask(world.people[SUPERVISOR], "get", url, {"width": "1", "distance": "1"} | {name: odd})
                assert answer.status_code < 500, f"{route}: {name}={odd[:20]!r}"

    @pytest.mark.parametrize("route", [route for route in TABLED if "<row:pk>" in route])
    def test_no_number_in_an_address_is_a_fault_of_ours(self, world: World, route: str):
        role = SUPERVISOR if SUPERVISOR in (TABLE[route].who or ()) else ADMINISTRATOR
        for number in ("0", "9" * 18, "9" * 19, "9" * 400, "-1", "1.0", "\u0661", "%00", "1%0a", "%ff"):
            for method in ("get", "post"):
                url = "/" + route.replace("<row:pk>", number)
                answer = ask(world.people[role], method, url, world.data(TABLE[route], world.own))
                assert answer.status_code in (302, 403, 404, 405, 409, 422), f"{method} {url}: {answer.status_code}"
