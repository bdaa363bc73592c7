"""What the room sees, as rows: rollups that keep figures exact and cheap, and the canary's runs."""

from commandcenter.models.figures import (
    CanaryRun,
    CanaryRunQuerySet,
    ConversationRollup,
    DoubtedHour,
    Grain,
    KeptFacts,
    MentionRollup,
    Rollup,
    Stock,
    StockTaking,
    TermHour,
)
from commandcenter.models.incidents import (
    Drill,
    DrillPost,
    Incident,
    IncidentClock,
    IncidentEntry,
    Severity,
    Suggestion,
)
from commandcenter.models.reading import Absence, Presence, ReportMail, SavedReport
from commandcenter.models.screens import Command, Pairing, Playlist, Profile, Room, Schedule, Screen, WrongCode
from commandcenter.models.showing import Campaign, Display, HandOver, Notice

__all__ = [
    "Absence",
    "Campaign",
    "CanaryRun",
    "CanaryRunQuerySet",
    "Command",
    "ConversationRollup",
    "Display",
    "DoubtedHour",
    "Drill",
    "DrillPost",
    "Grain",
    "HandOver",
    "Incident",
    "IncidentClock",
    "IncidentEntry",
    "KeptFacts",
    "MentionRollup",
    "Notice",
    "Pairing",
    "Playlist",
    "Presence",
    "Profile",
    "ReportMail",
    "Rollup",
    "Room",
    "SavedReport",
    "Schedule",
    "Screen",
    "Severity",
    "Stock",
    "StockTaking",
    "Suggestion",
    "TermHour",
    "WrongCode",
]
