"""The worst that scenes may have to show: the longest names, every script, nothing, and millions."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from agents.models import Role
from commandcenter import campaigns, displays, periods, terms, usual
from commandcenter.models import HandOver, MentionRollup
from mentions import search
from mentions.models import Conversation, Gap, Mention, Source
from tests.commandcenter.announced import make_campaign, make_notice
from tests.commandcenter.history import ago, answer, hear, settle
from tests.factories import make_calendar, make_original, make_person, make_queue, make_rule, make_site, make_source

COMPOUND = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
LONG_NAME = f"{COMPOUND} & Söhne Vermögensverwaltung"
TEXTS = (
    f"@bank danke für eure Hilfe mit der {COMPOUND}, ihr wart wirklich sehr freundlich und schnell",
    "@bank 今日は窓口の方がとても親切で、口座の手続きがすぐに終わりました。本当にありがとうございました。また来ます。",
    "@bank شكرا جزيلا على المساعدة السريعة اليوم، لقد كانت الخدمة رائعة حقا وسأخبر كل أصدقائي عنها",
    "@bank 🎉🎉🎉👏👏 thanks 👨‍👩‍👧‍👦 so much 🙏🏽 you were quick and kind today 💙💙💙",
    "@bank thanks, all is well again and nobody had to wait for long",
    "@bank ok",
)
AUTHORS = (LONG_NAME, "山田太郎" * 6, "محمد عبد الرحمن بن عبد الله آل سعود", "🦊🦊🦊 Dana", "Jo", "W" * 60)
TOPIC = "kraftfahrzeughaftpflichtversicherung-neu"


def furnish(*, millions: bool = False, zone: str = "Asia/Manila") -> Source:
    """Something for every scene. With `millions` every count is one; `zone` is that of a site that closes at nine."""
    make_rule(make_queue("care", name=LONG_NAME[:80]), actionable="true", reason="needs an answer")
    source = make_source(name=LONG_NAME)
    mona = make_person("mona", role=Role.SUPERVISOR, last_name=LONG_NAME[:60])
    done = hear(source, at=ago(minutes=40), author="done")
    answer(done.conversation, by=mona, at=ago(minutes=35))
    _posts(source, mona)
    for week in range(1, 3):
        hear(source, at=periods.moved(timezone.now(), -7 * week) - timedelta(minutes=10), author=f"w{week}")
    for number, name in enumerate((LONG_NAME[:80], "Ōsaka 大阪信用金庫", "Peakmont", "Bluefen Savings Bank")):
        rival = make_source(f"rival-{number}", name=f"Talk about {name}", rival=name, sending=False)
        for post in range(6):
            heard = hear(rival, "@rival words", at=ago(minutes=5 + post), author=f"r{number}-{post}")
            Mention.objects.filter(pk=heard.pk).update(sentiment=post % 3 - 1)
    _campaign(source)
    _sites(mona, zone)
    make_notice(
        "Unsere Zweigstellen am Donauufer sind am Feiertag geschlossen"[:60],
        text=f"{COMPOUND} {COMPOUND} {COMPOUND}"[:160],
        ends_at=ago(days=-1),
    )
    for number in range(4):
        make_original(source, f"{LONG_NAME} {number}"[:120], leave_at=ago(hours=-1 - number))
    blind = make_source("blind", name=LONG_NAME, blind_since=ago(hours=3), last_ok_at=ago(hours=3))
    Gap.objects.create(source=blind, started_at=ago(hours=3), reason=Gap.Reason.UNREACHABLE)
    make_source("late", name="Late source", late_since=ago(minutes=12), quota={"limit": 1000, "remaining": 31})
    Conversation.objects.filter(state="waiting").update(due_at=ago(minutes=-60))
    settle()
    while search.index_new():
        pass
    if millions:
        MentionRollup.objects.update(
            total=2_147_000, private=7_000, spam=11_000, positive=1_000_000, neutral=400_000, negative=600_000
        )
    usual.forget()
    campaigns.forget()
    terms.count()
    return source


def _posts(source: Source, mona: object) -> None:
    states = (("US", "Charlotte, NC"), ("US", "San Francisco, CA"), ("PH", "Manila"), ("", "Texas"), ("DE", "Köln"))
    for number in range(36):
        author = AUTHORS[number % len(AUTHORS)]
        heard = hear(
            source,
            TEXTS[number % len(TEXTS)],
            at=ago(minutes=16 + number / 2),
            author={"id": f"a{number}", "handle": f"{author.split()[0]}{number}", "name": author},
        )
        country, place = states[number % len(states)] if number % 4 else ("", "")
        if number < 18:
            country, place = "US", "Charlotte, NC"
        Mention.objects.filter(pk=heard.pk).update(
            sentiment=(1, 0, -1, 1)[number % 4] if number > 5 else 1,
            urgency=0,
            topics=[TOPIC, "card-declined", "app-outage", "praise", "fees", "branch", "atm"][: 1 + number % 7],
            country=country,
            place=place,
        )
    for post in displays.candidates(mona, timezone.now()):  # type: ignore[arg-type]
        displays.approve(post.id, digest=post.digest, by=mona)  # type: ignore[arg-type]


def _campaign(source: Source) -> None:
    today = periods.bank_day(timezone.now())
    make_campaign(
        name=LONG_NAME[:80],
        hashtag="#WirSchenkenZeit",
        first_day=today - timedelta(days=6),
        last_day=today + timedelta(days=7),
        target=1_250_000,
        public=True,
    )
    for number in range(14):
        hear(source, "@bank I joined #WirSchenkenZeit", at=ago(days=number / 3, minutes=1), author=f"c{number}")


def _sites(mona: object, zone: str) -> None:
    hours = make_calendar("Day", zone=zone, blocks={str(day): [[480, 1260]] for day in range(7)})
    always = make_site("charlotte", name=LONG_NAME[:80])
    make_site("manila", name="Manila", zone=zone, calendar=hours)
    make_site("frisco", name="San Francisco", zone="America/Los_Angeles")
    make_site("fourth", name="Fourth", zone="Europe/Berlin")
    for number in range(8):
        person = make_person(f"p{number}", role=Role.AGENT, last_name=LONG_NAME[:60], site=always)
        heard = hear(make_source(), "@bank help", at=ago(minutes=3), author=f"s{number}")
        answer(heard.conversation, by=person, at=ago(minutes=2))
    HandOver.objects.create(site=always, text=(COMPOUND + " ") * 4, author=mona, at=ago(hours=1))
