"""The demonstration bank: Larkmere Bank of Charlotte, which exists nowhere else.

A mid-size bank with branches in the Carolinas and in California and a service centre in Manila. Pure data: `load`
turns it into rows. Hosts end in `.example`, a domain that is reserved and can belong to nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True)
class Bank:
    """The bank as its customers know it. `at` is how they address it."""

    name: str
    short: str
    handle: str
    hosts: tuple[str, ...]
    zone: str

    @property
    def at(self) -> str:
        return f"@{self.handle}"


@dataclass(frozen=True)
class Calendar:
    """Working hours. `days` maps weekdays (0 is Monday) to blocks of minutes; `holidays` names a country or nothing."""

    name: str
    zone: str
    days: Mapping[int, Sequence[tuple[int, int]]]
    holidays: str = ""


@dataclass(frozen=True)
class Policy:
    """Targets in minutes; None promises nothing."""

    name: str
    calendar: str
    first: int | None
    next: int | None
    resolution: int | None
    by_priority: dict[str, float] = field(default_factory=dict)
    pauses: bool = True


@dataclass(frozen=True)
class Queue:
    """A queue, its policy, its home team, and the other teams that work it."""

    slug: str
    name: str
    policy: str
    team: str
    helpers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """What a team may say and needs a second person for; see `agents.models.RegulatoryProfile`."""

    slug: str
    name: str
    guard: dict[str, str]
    four_eyes: bool = False


@dataclass(frozen=True)
class Team:
    """A team, and the key of the regulatory profile that its replies are held to."""

    slug: str
    name: str
    profile: str


@dataclass(frozen=True)
class Site:
    """A place where people work, its zone, and the key of the calendar it works by."""

    slug: str
    name: str
    zone: str
    calendar: str


@dataclass(frozen=True)
class Person:
    """Somebody who works here. `hours` are the local hours between which they answer."""

    username: str
    first: str
    last: str
    role: str
    teams: tuple[str, ...]
    site: str
    hours: tuple[int, int] = (9, 17)
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True)
class Source:
    """A place where the bank listens. A `rival` is listened to for comparison and never answered."""

    slug: str
    network: str
    name: str
    rival: str = ""


@dataclass(frozen=True)
class Search:
    """What the bank listens for on Town Square beyond what is addressed to it; see `mentions.listening`."""

    name: str
    query: str
    kind: str
    voice: str = ""


@dataclass(frozen=True)
class Rule:
    """One routing rule; `mentions.routing` says what the conditions mean."""

    name: str
    queue: str
    conditions: dict[str, Any]
    priority: int = 3
    tags: tuple[str, ...] = ()
    actionable: str = ""
    reason: str = ""


BANK: Final = Bank(
    name="Larkmere Bank",
    short="Larkmere",
    handle="larkmere",
    hosts=("larkmere.example", "www.larkmere.example", "help.larkmere.example", "secure.larkmere.example"),
    zone="America/New_York",
)

CAMPAIGNS: Final = ("#larkmeregives",)

WEEK: Final = range(5)
ALL_WEEK: Final = range(7)

CALENDARS: Final = (
    Calendar("Round the clock", "America/New_York", {}),
    Calendar(
        "Care hours",
        "America/New_York",
        dict.fromkeys(WEEK, ((7 * 60, 23 * 60),)) | dict.fromkeys((5, 6), ((8 * 60, 22 * 60),)),
    ),
    Calendar(
        "Office hours", "America/New_York", dict.fromkeys(WEEK, ((9 * 60, 12 * 60 + 30), (13 * 60, 17 * 60 + 30))), "US"
    ),
    Calendar("Charlotte site", "America/New_York", dict.fromkeys(ALL_WEEK, ((7 * 60, 20 * 60),)), "US"),
    Calendar("San Francisco site", "America/Los_Angeles", dict.fromkeys(ALL_WEEK, ((8 * 60, 21 * 60),)), "US"),
    Calendar("Manila site", "Asia/Manila", dict.fromkeys(ALL_WEEK, ((8 * 60, 21 * 60),)), "PH"),
)

POLICIES: Final = (
    Policy("Fraud", "Round the clock", 15, 15, 8 * 60, {"1": 0.67}, pauses=False),
    Policy("Cards and payments", "Round the clock", 30, 45, 24 * 60, {"1": 0.5, "4": 2}),
    Policy("Care", "Care hours", 60, 90, 48 * 60, {"1": 0.5, "2": 0.75, "4": 2}),
    Policy("Special assistance", "Care hours", 30, 60, 24 * 60, {"1": 0.5}),
    Policy("Specialists", "Office hours", 4 * 60, 8 * 60, 40 * 60, {"1": 0.25, "2": 0.5}),
    Policy("Press", "Office hours", 60, 120, 24 * 60, {"1": 0.5}),
    Policy("Brand", "Office hours", 8 * 60, None, None),
)

PROFILES: Final = (
    Profile("retail", "Retail customer care", {}),
    Profile("fraud", "Fraud and security", {}),
    Profile("lending", "Lending and legal: four eyes", {}, four_eyes=True),
    Profile("communications", "Marketing and press", {}),
)

TEAMS: Final = (
    Team("care", "Customer care", "retail"),
    Team("cards", "Cards and payments", "retail"),
    Team("fraud", "Fraud and security", "fraud"),
    Team("lending-legal", "Lending and legal", "lending"),
    Team("marketing", "Marketing", "communications"),
    Team("pr", "Public relations", "communications"),
)

QUEUES: Final = (
    Queue("fraud", "Fraud and security", "Fraud", "fraud", ("cards",)),
    Queue("cards", "Cards and payments", "Cards and payments", "cards", ("care",)),
    Queue("care", "Customer care", "Care", "care"),
    Queue("digital", "App and online banking", "Care", "care", ("cards",)),
    Queue("espanol", "Español", "Care", "care"),
    Queue("languages", "Other languages", "Care", "care", ("cards",)),
    Queue("assistance", "Special assistance", "Special assistance", "care"),
    Queue("lending", "Lending", "Specialists", "lending-legal"),
    Queue("legal", "Legal and complaints", "Specialists", "lending-legal"),
    Queue("press", "Press and public affairs", "Press", "pr"),
    Queue("brand", "Brand and campaigns", "Brand", "marketing", ("pr",)),
)
DEFAULT_QUEUE: Final = "care"

SITES: Final = (
    Site("charlotte", "Charlotte", "America/New_York", "Charlotte site"),
    Site("san-francisco", "San Francisco", "America/Los_Angeles", "San Francisco site"),
    Site("manila", "Manila", "Asia/Manila", "Manila site"),
)

PEOPLE: Final = (
    Person("amara", "Amara", "Okonjo", "agent", ("care",), "charlotte", (7, 15)),
    Person("diego", "Diego", "Villafuerte", "agent", ("care",), "san-francisco", (8, 16), ("en", "es")),
    Person("linh", "Linh", "Phan", "agent", ("care", "cards"), "san-francisco", (12, 20), ("en", "vi", "zh")),
    Person("marisol", "Marisol", "Quintanar", "agent", ("care",), "charlotte", (9, 17), ("en", "es")),
    Person("jomar", "Jomar", "Dimasupil", "agent", ("care", "cards"), "manila", (9, 17), ("en", "tl")),
    Person("tala", "Tala", "Macaraeg", "agent", ("care", "fraud"), "manila", (13, 21), ("en", "tl")),
    Person("ebba", "Ebba", "Lindvall", "agent", ("cards",), "charlotte", (8, 16), ("en", "de")),
    Person("kwame", "Kwame", "Asamoah", "agent", ("cards", "care"), "charlotte", (14, 22), ("en", "fr")),
    Person("tomasz", "Tomasz", "Wilczak", "agent", ("fraud",), "charlotte", (8, 17)),
    Person("noor", "Noor", "Halabi", "agent", ("fraud",), "san-francisco", (13, 22), ("en", "ar")),
    Person("hana", "Hana", "Morikawa", "agent", ("lending-legal",), "san-francisco", (8, 17), ("en", "ja")),
    Person("caleb", "Caleb", "Redfeather", "agent", ("lending-legal",), "charlotte"),
    Person("giulia", "Giulia", "Ferrantini", "agent", ("marketing", "pr"), "charlotte", (9, 18), ("en", "it")),
    Person("marguerite", "Marguerite", "Thibodaux", "supervisor", ("care", "pr", "marketing"), "charlotte", (8, 17)),
    Person("sefa", "Sefa", "Tuimalo", "supervisor", ("cards", "fraud", "lending-legal"), "san-francisco", (8, 17)),
    Person(
        "corazon", "Corazon", "Ilaganon", "supervisor", ("care", "cards", "fraud"), "manila", (11, 19), ("en", "tl")
    ),
    Person("ingrid", "Ingrid", "Castellano", "manager", ("care", "cards"), "charlotte"),
    Person("yusuf", "Yusuf", "Demirhan", "compliance", ("lending-legal",), "charlotte"),
    Person("hinemoa", "Hinemoa", "Paratene", "compliance", ("fraud",), "san-francisco"),
    Person("anneke", "Anneke", "van der Walt", "administrator", (), "charlotte"),
)

RIVALS: Final = ("Northquay Bank", "Peakmont", "Bluefen Savings")
SOURCES: Final = (
    Source("town-square", "townsquare", "Larkmere on Town Square"),
    Source("app-reviews", "reviews", "Reviews of the Larkmere app"),
    Source("news", "feeds", "The Town Gazette"),
    *(Source(f"rival-{name.split()[0].lower()}", "boards", f"Talk about {name}", name) for name in RIVALS),
)

SEARCHES: Final = (
    Search("Northquay Bank", '"northquay bank" OR northquay OR nothquay OR @northquay', "rival", RIVALS[0]),
    Search("Peakmont", "peakmont OR peekmont OR #peakmont", "rival", RIVALS[1]),
    Search("Our chief executive", '"Ottoline Verhagen" OR verhagen NEAR/6 larkmere', "executive"),
    Search("#LarkmereGives", f"{CAMPAIGNS[0]} OR larkmere NEAR/4 gives", "product"),
)
