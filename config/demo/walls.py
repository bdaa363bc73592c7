"""The demonstration bank's walls: rooms, screens and what they show in turn, and what only a wall tells."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from django.db.models import Q

from agents import approving, originals
from agents.models import Reply, Site, Team, User
from agents.originals import Wanted
from commandcenter import displays, periods
from commandcenter.models import Campaign, HandOver, Notice
from commandcenter.models.screens import Playlist, Profile, Room, Schedule, Screen
from config.demo import bank, names, wire
from config.demo.chorus import Spoken
from config.demo.customers import everybody
from config.demo.texts import VOICES
from config.demo.writing import opening
from mentions import intake
from mentions.intake import Batch
from mentions.models import MentionContent, Source

# Site, room, and whether strangers have no way in.
ROOMS: Final = (
    ("charlotte", "Command centre", True),
    ("charlotte", "Trade Street window", False),
    ("san-francisco", "Care floor", True),
    ("manila", "Service floor", True),
)
PLAYLISTS: Final = {
    "The day": (("pulse", 30), ("queues", 30), ("topics", 30), ("map", 30), ("tone", 30), ("river", 30)),
    "The morning meeting": (("brief", 60), ("shift", 30), ("queues", 30), ("share", 30), ("system", 30)),
    "Night watch": (("queues", 45), ("system", 30), ("shift", 30)),
    "The street": (("notice", 20), ("river", 40), ("campaign", 30), ("pulse", 30)),
}
# Name, room, profile, playlist, the scene it never leaves, inches, metres to the furthest viewer.
SCREENS: Final = (
    ("Charlotte, front left", "Command centre", Profile.INTERNAL, "The day", "", 85, 4.0),
    ("Charlotte, queues", "Command centre", Profile.INTERNAL, "", "queues", 85, 4.0),
    ("Trade Street window", "Trade Street window", Profile.STREET, "The street", "", 75, 4.5),
    ("San Francisco, care floor", "Care floor", Profile.INTERNAL, "The day", "", 65, 5.0),
    ("Manila, service floor", "Service floor", Profile.INTERNAL, "Night watch", "", 65, 5.0),
)
NOTES: Final = (
    (
        "charlotte",
        "kwame",
        7,
        "Two card disputes wait for the processor's answer; both customers know.",
    ),
    (
        "san-francisco",
        "linh",
        9,
        "The branch in Oakland opens an hour late today; the macro is ready.",
    ),
    (
        "manila",
        "tala",
        4,
        "Phishing texts with a parcel link again since noon. Reports are tagged.",
    ),
)
# What the bank says of its own accord, in turn: title, hour of the bank's day, text.
PLANNED: Final = (
    (
        "Saturday branches",
        10,
        (
            "Our branches in Charlotte, Raleigh and Oakland are open on Saturday from nine to one. Come in with "
            "anything that takes longer than a message."
        ),
    ),
    (
        "Larkmere Gives: a school garden",
        16,
        (
            "The school garden in Durham has its first beds, paid for by your posts. Show us what you would plant: "
            "#LarkmereGives"
        ),
    ),
    (
        "Safety: parcel texts",
        10,
        (
            "A text about a parcel that you do not expect is best left alone. We never ask for a password or a code, "
            "by message or by telephone."
        ),
    ),
    (
        "New opening hours in Manila",
        16,
        "From next month our service centre answers you an hour longer in the evening, every day of the week.",
    ),
    (
        "Larkmere Gives: half way",
        10,
        "Half way, and the food bank in Asheville has its second van. Thank you for every single post: #LarkmereGives",
    ),
    (
        "Card abroad",
        16,
        "Travelling soon? Our cards work abroad without being switched on first. Write to us if one does not.",
    ),
)
PLANNED_DAYS: Final = 28
OUTAGE_CITIES: Final = ("Charlotte", "Raleigh", "Greensboro", "Asheville")
OUTAGE_POSTS: Final = 26
APPROVED: Final = 12
HASHTAG: Final = bank.CAMPAIGNS[0].lstrip("#")


def write(now: datetime) -> None:
    """Put it there once, in the caller's transaction."""
    if Room.objects.exists():
        return
    people = {person.username: person for person in User.objects.all()}
    sites = {site.slug: site for site in Site.objects.all()}
    _screens(people, sites, now)
    today = periods.bank_day(now)
    two_people = {"asked_by": people["giulia"], "asked_at": now, "confirmed_by": people["ingrid"], "confirmed_at": now}
    Campaign.objects.create(
        name="Larkmere Gives",
        hashtag=f"#{HASHTAG}",
        first_day=today - timedelta(days=12),
        last_day=today + timedelta(days=9),
        target=1500,
        public=True,
        **two_people,
    )
    Notice.objects.create(
        title="We never ask for your password",
        text="Not by message, not by telephone, not at the door. If somebody does, tell us: @larkmere.",
        starts_at=now,
        ends_at=now + timedelta(days=30),
        **two_people,
    )
    for site, author, hours, text in NOTES:
        at = now - timedelta(hours=hours)
        HandOver.objects.create(site=sites[site], text=text, author=people[author], at=at)
    _approve(people["marguerite"], now)
    _plan(people["giulia"], people["marguerite"], now)
    if MentionContent.objects.exists():
        _outage(now)


def _screens(people: dict[str, User], sites: dict[str, Site], now: datetime) -> None:
    manager, first, second = people["ingrid"], people["marguerite"], people["sefa"]
    asked = now - timedelta(days=20)
    rooms = {
        name: Room.objects.create(
            site=sites[site], name=name, closed_by=manager if closed else None, closed_at=asked if closed else None
        )
        for site, name, closed in ROOMS
    }
    playlists = {
        name: Playlist.objects.create(name=name, entries=_entries(entries)) for name, entries in PLAYLISTS.items()
    }
    for name, room, profile, playlist, fixed, inches, distance in SCREENS:
        screen = Screen.objects.create(
            name=name,
            room=rooms[room],
            profile=profile,
            playlist=playlists.get(playlist),
            fixed=fixed,
            inches=inches,
            distance_m=distance,
            asked_by=first,
            asked_at=asked,
            confirmed_by=second if profile == Profile.STREET else None,
            secret_at=asked,
        )
        if playlist == "The day":
            week = list(bank.WEEK)
            for starts, ends, other in ((8, 9, "The morning meeting"), (21, 7, "Night watch")):
                Schedule.objects.create(
                    screen=screen, playlist=playlists[other], days=week, starts=time(starts), ends=time(ends)
                )


def _entries(entries: Sequence[tuple[str, int]]) -> list[dict[str, object]]:
    return [{"scene": scene, "seconds": seconds} for scene, seconds in entries]


def _approve(by: User, now: datetime) -> None:
    """What strangers read: thanks, and what was written for the campaign."""
    offered = {post.id: post for post in displays.candidates(by, now)}
    kind = Q(text__icontains="thank") | Q(text__icontains=f"#{HASHTAG}")
    fit = MentionContent.objects.filter(kind, mention__in=offered).exclude(text__contains="?")
    for pk in fit.order_by("-mention_id").values_list("mention_id", flat=True)[:APPROVED]:
        displays.approve(pk, digest=offered[pk].digest, by=by, now=now)


def _plan(author: User, approver: User, now: datetime) -> None:
    """Posts of our own for the next weeks, written by one person and approved by another; they really leave."""
    source, team = Source.objects.get(slug="town-square"), Team.objects.get(slug="marketing")
    today = periods.bank_day(now)
    for number in reversed(range(2 * PLANNED_DAYS)):
        title, hour, text = PLANNED[number % len(PLANNED)]
        leave_at = periods.midnight(today + timedelta(days=number // 2)) + timedelta(hours=hour)
        if leave_at <= now + timedelta(minutes=5):
            continue
        wanted = Wanted(source, team, title, text, leave_at=leave_at)
        written = now - timedelta(hours=2 + 3 * number)
        original = originals.submit(wanted, client_key=uuid.uuid4(), by=author, now=written)
        reply = Reply.objects.get(pk=original.pk)
        approving.approve(reply, digest=reply.digest, by=approver, now=written + timedelta(minutes=35 + 7 * number))


def _outage(now: datetime) -> None:
    """A fault of the last hour that only North Carolina feels, in reviews that say where they come from."""
    rng = random.Random(f"outage {now.isoformat()}")
    places = {place for place, city in enumerate(names.CITIES) if city[0] in OUTAGE_CITIES}
    there = [who for who in everybody() if who.city in places and who.language == "en"]
    theme = next(theme for theme in VOICES["en"] if theme.key == "app-down")
    source = Source.objects.get(slug="app-reviews")
    for number in range(OUTAGE_POSTS, 0, -1):
        at = now - timedelta(seconds=60 + number * 110 + rng.randrange(60))
        who = there[rng.randrange(len(there))]
        written = opening(theme, who, rng, private=False, about={"city": names.CITIES[who.city][0]})
        review = wire.elsewhere(Spoken(at, source.slug, who, written), f"nc-{number}-{wire.key(rng)}", rng)
        intake.receive_all([Batch(source, [review])], now=at + timedelta(seconds=2))
