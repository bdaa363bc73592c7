"""Which addresses there are, who may use each, and what it answers: the table that the access matrix is checked by."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from agents.models import Role

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
AUTHORS = frozenset({SUPERVISOR, COMPLIANCE, ADMINISTRATOR})
DECIDERS = frozenset({COMPLIANCE, ADMINISTRATOR})
MANAGERS = frozenset({MANAGER, ADMINISTRATOR})
REPORTS = EVERYBODY - {AGENT}
BOUND = frozenset({AGENT, SUPERVISOR})  # to their teams; all others see every team

# What is the whole bank's: no team has it to itself.
COMMON = ("", "scene", "report", "source", "action", "incident", "suggestion", "drill")

Codes = tuple[int, ...]


@dataclass(frozen=True)
class Address:
    """What an address must answer to those who may use it; an empty tuple means that it knows no such method.

    `who` is None where nobody is asked to sign in. `about` names what the address's identifier stands for: it then
    exists once for one's own team and once for another. `machine` addresses carry no session, so no CSRF token.
    That somebody asked is `noted` as an event where a file leaves the house. `authors` are roles that it lets do so
    only with what they wrote themselves, which nobody of the matrix did. `readers` are roles that it shows and lets
    change nothing.
    """

    who: frozenset[Role] | None = EVERYBODY
    get: Codes = ()
    post: Codes = ()
    about: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    machine: bool = False
    noted: bool = False
    authors: frozenset[Role] = frozenset()
    readers: frozenset[Role] = frozenset()


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
    "console/part/bands/": page(),
    "console/part/list/<slug:key>/": page(about="queue"),
    "console/part/rows/": page(),
    "console/<row:pk>/": page(about="conversation"),
    "console/<row:pk>/part/pane/": page(about="conversation"),
    "console/<row:pk>/part/post/": page(about="conversation"),
    "console/<row:pk>/part/here/": page(about="conversation"),
    "console/<row:pk>/part/takers/": page(WORKERS, about="conversation"),
    "console/pictures/<row:pk>/": page(about="picture"),
    "console/faces/<row:pk>/": page(about="face"),
    "console/next/": act(302),
    "console/keep/": act(302, who=EVERYBODY, q="is:late", name="Late"),
    "console/keep/<row:pk>/forget/": act(404, who=EVERYBODY),
    "console/bulk/": act(302, action="spam"),
    "console/undo/<row:pk>/": act(302, about="action"),
    "console/<row:pk>/claim/": act(302, 409, about="conversation"),
    "console/<row:pk>/release/": act(302, 409, about="conversation"),
    "console/<row:pk>/renew/": act(204, about="conversation"),
    "console/<row:pk>/transfer/": act(302, 409, 422, about="conversation", queue="{queue}", reason="for you"),
    "console/<row:pk>/assign/": act(302, 409, 422, who=SUPERVISORS, about="conversation", person="{person}"),
    "console/<row:pk>/pending/": act(302, 409, about="conversation", whom="customer", until="{tomorrow}"),
    "console/<row:pk>/take-up/": act(302, 409, about="conversation"),
    "console/<row:pk>/close/": act(302, 409, about="conversation", disposition="answered"),
    "console/<row:pk>/dismiss/": act(302, 409, about="conversation", reason="spam"),
    "console/<row:pk>/weigh/": act(302, 409, about="conversation", priority="1", tags="vip"),
    "console/<row:pk>/mute/": act(302, 409, who=SUPERVISORS, about="conversation", reason="floods", days="7"),
    "console/muted/": page(SUPERVISORS),
    "console/muted/<row:pk>/unmute/": act(302, who=SUPERVISORS, about="mute"),
    "console/<row:pk>/join/": act(302, 409, 422, about="conversation", ids="{queue}"),
    "console/<row:pk>/consent/": act(409, about="conversation", other="GH-1", how="phone"),
    "console/<row:pk>/consent/undo/": act(409, about="conversation", consent="1"),
    "console/<row:pk>/needed/": act(302, 409, about="conversation"),
    "console/<row:pk>/judge/": act(302, 409, about="conversation", reason="undecided"),
    "console/<row:pk>/reopen/": act(302, 409, about="conversation"),
    "console/<row:pk>/reply/": act(
        302, 409, 422, about="conversation", text="Sorry to hear that.", mode="public", version="1", client_key="{uuid}"
    ),
    "console/<row:pk>/note/": act(302, about="conversation", text="a note"),
    "console/<row:pk>/draft/": act(200, about="conversation", text="a draft", mode="public", client_key="{uuid}"),
    "console/<row:pk>/attach/": act(422, about="conversation", mode="public", client_key="{uuid}"),
    "console/attached/<row:pk>/": page(about="shown"),
    "console/attached/<row:pk>/out/": act(404, about="shown"),  # drafts are their writers' alone
    "console/replies/<row:pk>/undo/": act(302, 409, about="reply"),
    "console/replies/<row:pk>/retry/": act(302, 409, about="reply"),
    "console/replies/<row:pk>/take-over/": act(302, 409, about="reply"),
    "console/replies/<row:pk>/withdraw/": act(302, 409, about="reply"),
    "console/replies/<row:pk>/ask/": act(302, 409, about="reply"),
    "console/replies/<row:pk>/went-out/": act(302, 409, about="reply"),
    "console/replies/<row:pk>/not-out/": act(302, 409, about="reply"),
    "console/replies/<row:pk>/retract/": Address(
        frozenset({SUPERVISOR, ADMINISTRATOR}), post=(302, 409), about="reply", authors=frozenset({AGENT})
    ),
    "console/replies/<row:pk>/edit/": act(302, 409, 422, about="reply", text="Sorry to hear that."),
    "console/edits/<row:pk>/undo/": act(302, 409, about="edit"),
    "console/mentions/<row:pk>/hide/": act(302, 409, about="mention", why="fraud"),
    "console/mentions/<row:pk>/show/": act(302, 409, about="mention"),
    "console/mentions/<row:pk>/correct/": act(302, about="mention", name="sentiment", value="positive"),
    # A second person
    "approvals/": page(APPROVERS),
    "approvals/<row:pk>/approve/": act(302, 409, who=APPROVERS, about="reply", digest="none"),
    "approvals/<row:pk>/return/": act(302, 409, who=APPROVERS, about="reply", digest="none", reason="no"),
    "approvals/edits/<row:pk>/approve/": act(302, 409, who=APPROVERS, about="edit", digest="none"),
    "approvals/edits/<row:pk>/return/": act(302, 409, who=APPROVERS, about="edit", digest="none", reason="no"),
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
    "setup/rules/": page(ADMINISTRATORS),
    "setup/rules/new/": Address(ADMINISTRATORS, get=(200,), post=(422,)),
    "setup/rules/try/": Address(ADMINISTRATORS, get=(200,), post=(422,)),
    "setup/rules/history/": page(ADMINISTRATORS),
    "setup/rules/<row:pk>/": Address(ADMINISTRATORS, get=(200,), post=(422,), about="rule"),
    "setup/rules/<row:pk>/move/": act(302, who=ADMINISTRATORS, about="rule", to="down"),
    "setup/rules/<row:pk>/switch/": act(302, who=ADMINISTRATORS, about="rule", on="no"),
    "setup/queues/": page(ADMINISTRATORS),
    "setup/queues/new/": Address(ADMINISTRATORS, get=(200,), post=(422,)),
    "setup/queues/<row:pk>/": Address(ADMINISTRATORS, get=(200,), post=(422,), about="queue_id"),
    "setup/queues/<row:pk>/retire/": act(422, who=ADMINISTRATORS, about="queue_id"),
    "setup/queues/<row:pk>/default/": act(302, who=ADMINISTRATORS, about="queue_id"),
    "setup/teams/new/": Address(ADMINISTRATORS, get=(200,), post=(422,)),
    "setup/teams/<row:pk>/": Address(ADMINISTRATORS, get=(200,), post=(422,), about="team"),
    "setup/teams/<row:pk>/retire/": act(422, who=ADMINISTRATORS, about="team"),
    "setup/sla/": page(ADMINISTRATORS),
    "setup/sla/new/": Address(ADMINISTRATORS, get=(200,), post=(422,)),
    "setup/sla/<row:pk>/": Address(ADMINISTRATORS, get=(200,), post=(422,), about="policy"),
    "setup/calendars/new/": Address(ADMINISTRATORS, get=(200,), post=(422,)),
    "setup/calendars/<row:pk>/": Address(ADMINISTRATORS, get=(200,), post=(422,), about="calendar"),
    "setup/sites/new/": Address(ADMINISTRATORS, get=(200,), post=(422,)),
    "setup/sites/<row:pk>/": Address(ADMINISTRATORS, get=(200,), post=(422,), about="site"),
    "setup/people/": page(ADMINISTRATORS),
    "setup/people/new/": Address(ADMINISTRATORS, get=(200,), post=(422,)),
    "setup/people/<row:pk>/": Address(ADMINISTRATORS, get=(200,), post=(422,), about="person"),
    "setup/people/<row:pk>/link/": act(200, who=ADMINISTRATORS, about="person"),
    "setup/people/<row:pk>/leave/": act(302, who=ADMINISTRATORS, about="person"),
    "setup/people/<row:pk>/return/": act(302, who=ADMINISTRATORS, about="person"),
    "setup/people/<row:pk>/sign-out/": act(302, who=ADMINISTRATORS, about="person"),
    "setup/guard/": page(DECIDERS),
    "setup/guard/new/": Address(ADMINISTRATORS, get=(302,), post=(422,)),
    "setup/guard/<row:pk>/": Address(DECIDERS, get=(200,), post=(422,), about="guard", readers=frozenset({COMPLIANCE})),
    "setup/texts/": page(AUTHORS),
    "setup/texts/new/": Address(AUTHORS, get=(200,), post=(422,)),
    "setup/texts/<row:pk>/": Address(AUTHORS, get=(200,), post=(422,), about="text"),
    "setup/texts/<row:pk>/approve/": act(302, who=AUTHORS, about="text"),
    "setup/tokens/": page(ADMINISTRATORS),
    "setup/tokens/new/": Address(ADMINISTRATORS, get=(302,), post=(422,)),
    "setup/tokens/<row:pk>/revoke/": act(302, who=ADMINISTRATORS, about="token"),
    "setup/second/": page(DECIDERS),
    "setup/second/<row:pk>/": act(302, 409, who=DECIDERS, about="proposal"),
    "prove/": Address(EVERYBODY, get=(200,), post=(200,)),
    "preferences/password/": Address(EVERYBODY, get=(200,), post=(200,)),
    "password/<str:uidb64>/<str:token>/": Address(None, get=(200,), post=(200,)),
    "setup/sources/connect/": page(ADMINISTRATORS),
    "setup/sources/connect/<slug:key>/": Address(ADMINISTRATORS, get=(200,), post=(422,), about="network"),
    "setup/sources/authorised/": page(ADMINISTRATORS, 404),
    "clients/<slug:slug>.json": page(None, 404),
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
    "screens/rooms/": act(422, who=WALLS, name="Hall"),
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
    "screens/<row:pk>/forget/": act(302, who=WALLS),
    "screens/<row:pk>/schedule/": act(422, who=WALLS),
    "screens/posts/": page(DISPLAYERS),
    "screens/posts/<row:pk>/approve/": act(302, 409, who=DISPLAYERS, about="mention", digest="none"),
    "screens/posts/<row:pk>/take-down/": act(302, who=DISPLAYERS),
    "screens/notices/": page(FREEZERS),
    "screens/notices/new/": Address(FREEZERS, get=(200,), post=(422,), data={"title": "We close early"}),
    "screens/notices/<row:pk>/<slug:deed>/": act(404, who=FREEZERS),
    "screens/campaigns/new/": Address(FREEZERS, get=(200,), post=(422,), data={"hashtag": "#Gives"}),
    "screens/campaigns/<row:pk>/<slug:deed>/": act(404, who=FREEZERS),
    "screens/shift/": Address(WORKERS, get=(200,), post=(422,)),
    "brief/": page(REPORTS),
    "reports/saved/": Address(REPORTS, get=(200,), post=(422,)),
    "reports/saved/<row:pk>/delete/": act(404, who=REPORTS),
    "reports/saved/<row:pk>/<slug:deed>/": act(404, who=REPORTS),
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
    "hooks/": program((404,), (404,)),
    "hooks/<path:anything>": program((404,), (404,)),
    "api/v1/": program((404,), (404,)),
    "api/v1/<path:rest>": program((404,), (404,)),
    "api/v1/openapi.json": Address(None, get=(200, 401), post=(200, 401, 405), machine=True),
    "api/v1/posts": program((405,), (401,)),
    "api/v1/mentions": program((401,), (405,)),
    "api/v1/conversations/<row:pk>": program((401,), (405,)),
    "api/v1/own-posts": program((401,), (401,)),
    "api/v1/own-posts/<row:pk>": program((401,), (405,)),
    # Town Square: another company's network, where nobody of the bank signs in
    "sandbox/": page(None),
    "sandbox/@<str:handle>/": page(None),
    "sandbox/pictures/<slug:key>": page(None),
    "sandbox/write/": Address(None, get=(200,), post=(302, 422), data={"handle": "dana", "text": "hello"}),
    "sandbox/posts/<slug:key>/": page(None),
    "sandbox/posts/<slug:key>/edit/": Address(None, get=(200,), post=(302,), data={"text": "changed"}),
    "sandbox/posts/<slug:key>/delete/": Address(None, get=(200,), post=(302,)),
    "sandbox/messages/": page(None),
    "sandbox/gazette/": Address(
        None, get=(200,), post=(302,), data={"paper": "Ledger", "headline": "Rates rise", "text": "A little."}
    ),
    "sandbox/gazette/feed.json": page(None),
    "sandbox/gazette/hub": program((405,), (400,)),
    "sandbox/gazette/<slug:key>/": page(None),
    "sandbox/api/articles": program((405,), (400,)),
    "sandbox/messages/<str:handle>/": page(None),
    "sandbox/api/posts": program((405,), (400,)),
    "sandbox/api/posts/<slug:key>": program((200,), (405,)),
    "sandbox/api/messages/<str:handle>": program((200,), (405,)),
    "sandbox/api/bank/pictures": program((405,), (401,)),
    "sandbox/api/bank/posts": program((401,), (401,)),
    "sandbox/api/bank/posts/<slug:key>": program((405,), (405,)),
    "sandbox/api/bank/search": program((401,), (405,)),
    "sandbox/api/bank/events": program((401,), (405,)),
    "sandbox/api/bank/account": program((401,), (405,)),
}  # fmt: skip


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for found in resolver.url_patterns:
        if isinstance(found, URLPattern):
            yield before + str(found.pattern)
        else:
            yield from routes(found, before + str(found.pattern))


ROUTES = sorted(set(routes(get_resolver())))
