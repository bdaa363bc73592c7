"""Script, markup and tricks of letters in every field that a stranger can fill, on every page that shows them."""

import json
import re
import signal
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser

from agents import cases, freeze, judgement, outcomes, replies, tokens
from agents.models import Reply, ReplyState, Role, Site, Team, User
from mentions import intake, rulebook, sandbox, search
from mentions.events import Sealer
from mentions.models import Conversation, Mention, MentionContent, Queue, Source
from mentions.networks import Published
from mentions.sandbox import square
from tests.factories import make_person, make_queue, make_source, post
from tests.web import Web, collect_static, sign_in

MARK = "pwned"
PAYLOADS = [
    "<pwned>",
    "<PWNED/>",
    '"><pwned>',
    "'><pwned>",
    "`><pwned>",
    "</textarea><pwned>",
    "</title><pwned>",
    "</script><pwned>",
    "</style><pwned>",
    "--><pwned>",
    "]]><pwned>",
    "<!--<pwned>",
    "<script>window.pwned=1</script>",
    "<script src=//pwned.example></script>",
    "<img src=x onerror=window.pwned=1>",
    '" onmouseover="window.pwned=1" pwned="',
    "' onfocus='window.pwned=1' autofocus pwned='",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'>",
    "<a href=javascript:window.pwned=1>x</a>",
    "<math><mi xlink:href='javascript:window.pwned=1'>",
    "<div hx-get='/pwned' hx-trigger='load'></div>",
    '" hx-get="/pwned" hx-trigger="load" x="',
    "<div hx-on::load='window.pwned=1'></div>",
    "<form action=/pwned><button autofocus>x</button></form>",
    "<meta http-equiv=refresh content='0;url=/pwned'>",
    "<base href=//pwned.example>",
    "<link rel=stylesheet href=//pwned.example>",
    "<style>@import '//pwned.example'</style>",
    "<p style='position:fixed' pwned>",
    "&lt;pwned&gt;",
    "&#60;pwned&#62;",
    "\\u003cpwned\\u003e",
    "\u003cpwned\u003e",
    "%3Cpwned%3E",
    "\uff1cpwned\uff1e",
    "<\0pwned>",
    "<pwned\u2028>",
    "{{ 7|add:7 }}{% load pwned %}{# pwned #}",
    "${window.pwned=1}",
    "javascript:window.pwned=1",
    "data:text/html,<script>window.pwned=1</script>",
    "\u202egnirts <pwned>",
    "\r\nSet-Cookie: pwned=1\r\n\r\n<pwned>",
    "z" + "\u0301\u0302\u0303\u0304\u0305" * 20 + "<pwned>",
]
ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "xlink:href", "srcset")


class Reading(HTMLParser):
    """Every element and attribute of a page as a browser would make them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag if tag in ("script", "style") else ""
        if MARK in tag:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            said = (value or "").strip().lower()
            if MARK in name or name.startswith("on") or name == "style" or name == "srcdoc":
                self.faults.append(f"<{tag} {name}={said[:60]!r}>")
            if name in ADDRESSES and (
                said.startswith(("javascript:", "data:text", "vbscript:")) or "//pwned" in said[:20]
            ):
                self.faults.append(f"<{tag} {name}={said[:60]!r}>")
            if name.startswith("hx-") and MARK in said and name != "hx-vals":
                self.faults.append(f"<{tag} {name}={said[:60]!r}>")

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        if self.inside and MARK in data:
            self.faults.append(f"data inside <{self.inside}>: {data[:80]!r}")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def hostile_posts() -> list[dict[str, Any]]:
    """A post for each payload, which stands in every field that takes any text at all."""
    found = []
    for number, payload in enumerate(PAYLOADS):
        web = f"https://x.example/{payload}"
        author = {"id": f"a{number}{payload}"[:150], "handle": payload, "name": f"{payload} name", "avatar_url": web}
        found.append(
            post(
                f"@bank my card was declined {payload}",
                external_id=f"m{number}{payload}",
                author=author,
                url=web if number % 2 else payload,
                conversation_id=f"t{number}{payload}" if number % 3 else None,
                in_reply_to=payload,
                lang=payload[:30],
                location={"place": payload, "country": "US", "lat": 1, "lon": 1},
                media=[{"url": web, "type": payload, "alt": payload}, {"url": payload, "alt": payload}],
                quoted={"text": payload, "author": {"name": payload}},
            )
        )
    return found


def make_trouble(source: Source) -> User:
    """Everything that strangers and colleagues can write, written; returns a supervisor who sees it."""
    sam = make_person("sam", role=Role.SUPERVISOR, last_name='"><pwned>')
    User.objects.update(first_name="Sam <pwned>")
    outcome = intake.receive(source, hostile_posts())
    assert outcome.count("accepted") >= len(PAYLOADS) - 2
    Conversation.objects.update(state="waiting", closed_at=None, disposition="", pending_note=PAYLOADS[2])
    Queue.objects.update(name='Care <pwned> "')
    Team.objects.update(name='Team <pwned> "')
    Source.objects.update(name='Square <pwned> "')
    Site.objects.update(name='Site <pwned> "')
    for number, conversation in enumerate(Conversation.objects.order_by("pk")):
        payload = PAYLOADS[number % len(PAYLOADS)].replace("\0", "")  # which forms refuse
        case = cases.claim(conversation.pk, by=sam)
        judgement.add_note(conversation.pk, text=f"note {payload}", by=sam)
        conversation.refresh_from_db()
        reply = replies.save_draft(
            conversation.pk, text=f"{payload} draft", visibility="public", by=sam, client_key=uuid.uuid4()
        )
        state = (ReplyState.DRAFT, ReplyState.AWAITING_APPROVAL, ReplyState.FAILED, ReplyState.SENDING)[number % 4]
        Reply.objects.filter(pk=reply.pk).update(
            state=state,
            case=case,
            error=payload,
            returned_reason=payload,
            submitted_at=timezone.now(),
            digest="d",
            findings=[
                {"rule": payload, "action": "block", "words": payload, "message": payload, "suggestion": payload}
            ],
        )
        if state == ReplyState.SENDING:
            outcomes.confirm(reply.pk, Published(f"x{payload}", payload, timezone.now()))
    freeze.start(by=sam, reason=PAYLOADS[0] + PAYLOADS[2])
    while Sealer().tick() or search.index_new():
        pass
    return sam


def pages(sam: User) -> list[str]:
    """Every address that shows any of it."""
    ids = list(Conversation.objects.order_by("pk").values_list("pk", flat=True))
    return [
        *("/console/", "/approvals/", "/freeze/", "/console/part/queues/", "/wall/", "/wall/pulse/", "/wall/queues/"),
        *("/wall/pulse/?profile=street", "/reports/", "/reports/volume/", "/reports/response/"),
        *(f"/console/view/{key}/" for key in ("mine", "unassigned", "overdue", "pending", "care")),
        *(f"/console/part/list/care/?state={state}" for state in ("waiting", "claimed", "closed", "all")),
        f"/console/part/rows/?ids={','.join(map(str, ids))}",
        *(f"/console/{pk}/" for pk in ids),
        *(f"/console/{pk}/part/post/" for pk in ids[:5]),
    ]


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def sam(self, settings: Any, tmp_path: Any) -> User:
        settings.ANCHOR_FILE = str(tmp_path / "anchor.json")
        rulebook.forget()
        make_queue()
        return make_trouble(make_source())

    @pytest.fixture
    def browser(self, sam: User) -> Client:
        client = Client()
        client.force_login(sam, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def test_no_element_and_no_attribute_comes_from_data(self, sam: User, browser: Client):
        shown = 0
        for address in pages(sam):
            answer = browser.get(address)
            assert answer.status_code == 200, address
            page = answer.content.decode()
            assert Reading(page).faults == [], address
            assert "14{" not in page, "a template in a post was run"
            shown += page.count(MARK)
        assert shown > 500, "the pages show what was written"

    def test_what_is_typed_comes_back_as_it_was_typed_and_as_nothing_else(self, sam: User, browser: Client):
        pk = Conversation.objects.earliest("pk").pk
        for payload in PAYLOADS[::3]:
            for answer in (
                browser.get("/console/search/", {"q": payload}),
                browser.post(f"/console/{pk}/reply/", {"text": payload, "mode": payload, "version": payload}),
                browser.post(f"/console/{pk}/pending/", {"whom": payload, "until": payload, "reason": payload}),
                browser.post(f"/console/{pk}/transfer/", {"queue": payload, "reason": payload}),
                browser.post("/sign-in/", {"username": payload, "password": payload, "next": payload}),
                browser.get(f"/nothing/{payload}"),
                browser.get("/reports/volume/", {"team": payload, "from": payload}),
                browser.get("/reports/volume/rows/", {"after": payload, "figure": payload}),
            ):
                assert answer.status_code < 500
                assert Reading(answer.content.decode()).faults == [], payload
                for name, value in answer.headers.items():
                    assert "\n" not in value, name

    def test_rows_behind_a_figure_show_them_as_text(self, sam: User, browser: Client):
        page = browser.get("/reports/volume/").content.decode()
        behind = set(re.findall(r'href="(/reports/volume/rows/[^"]+)"', page))
        assert behind
        for address in behind:
            answer = browser.get(address.replace("&amp;", "&"))
            assert answer.status_code == 200
            assert Reading(answer.content.decode()).faults == [], address

    def test_the_api_gives_them_as_json_and_as_nothing_else(self, sam: User):
        _, secret = tokens.make("reader", scopes=["read", "private"])
        answer = Client().get("/api/v1/mentions", {"limit": 500}, headers={"authorization": f"Bearer {secret}"})
        assert answer["Content-Type"].startswith("application/json")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert len(answer.json()["items"]) == Mention.objects.count()
        for item in answer.json()["items"]:
            assert item["url"] is None or item["url"].startswith("https://")
            assert (item["author"]["avatar_url"] or "https://").startswith("https://")

    def test_no_address_of_a_post_or_reply_can_run_anything(self, sam: User):
        assert not Reply.objects.exclude(url="").exclude(url__startswith="https://").exists()
        assert not Mention.objects.exclude(url="").exclude(url__startswith="https://").exists()

    def test_names_turn_nothing_round_and_pile_nothing_up(self, sam: User):
        for content in MentionContent.objects.all():
            shown = content.author_name + content.author_handle
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", shown)
            assert not re.search(r"[\u0300-\u036f]{4}", shown)

    def test_town_square_shows_them_as_text_too(self):
        sandbox.configure("http://127.0.0.1:9/hooks/townsquare/square", "s", "meridian", "t")
        client = Client()
        for payload in PAYLOADS:
            sent = json.dumps({"handle": "dana", "text": payload[:400]})
            client.post("/sandbox/api/posts", data=sent, content_type="application/json")
        written = [
            square.write("dana", f"private {payload[:300]}".replace("\0", ""), private=True) for payload in PAYLOADS
        ]
        key = client.get("/sandbox/").content.decode().split("/sandbox/posts/")[1].split("/")[0]
        for address in ("/sandbox/", "/sandbox/@dana/", "/sandbox/messages/dana/", f"/sandbox/posts/{key}/"):
            answer = client.get(address)
            assert answer.status_code == 200
            assert MARK in answer.content.decode()
            assert Reading(answer.content.decode()).faults == [], address
        for one in written[:10]:
            assert Reading(client.get(f"/sandbox/posts/{one.key}/edit/").content.decode()).faults == []


@pytest.mark.browser
@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    @pytest.fixture
    def web(self, django_db_setup: None) -> Iterator[Web]:
        collect_static()
        running = Web().start()
        yield running
        running.stop(signal.SIGKILL)

    def test_nothing_runs_and_nothing_leaves(self, web: Web, chromium: Browser):
        rulebook.forget()
        make_queue()
        sam = make_trouble(make_source())
        context = chromium.new_context(base_url=web.url)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": sign_in(sam), "url": web.url}])
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: said.append(f"dialog {dialog.message}"))
        page.on("request", lambda asked: said.append(asked.url) if MARK in asked.url.split("?")[0] else None)
        first = Conversation.objects.earliest("pk").pk
        for address in ("/console/view/care/?state=claimed", "/approvals/", "/freeze/", f"/console/{first}/"):
            page.goto(address)
            page.wait_for_load_state("load")
            assert page.evaluate("window.pwned") is None, address
            assert page.locator("pwned").count() == 0
        for row in page.locator("#rows .row-link").all()[:12]:
            row.click()
            page.wait_for_function("!document.querySelector('.htmx-request')")
            assert page.evaluate("window.pwned") is None
        context.close()
        assert [line for line in said if "favicon" not in line] == []
