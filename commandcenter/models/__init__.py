"""What the room sees, as rows: rollups that keep figures exact and cheap, and the canary's runs."""

from commandcenter.models.figures import (
    CanaryRun,
    CanaryRunQuerySet,
    ConversationRollup,
    DayFacts,
    Grain,
    MentionRollup,
    Rollup,
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
from commandcenter.models.reading import Absence, ReportMail, SavedReport
from commandcenter.models.screens import Command, Pairing, Playlist, Profile, Room, Schedule, Screen, WrongCode
from commandcenter.models.showing import Campaign, Display, HandOver, Notice

__all__ = [
    "Absence",
    "Campaign",
    "CanaryRun",
    "CanaryRunQuerySet",
    "Command",
    "ConversationRollup",
    "DayFacts",
    "Display",
    "Drill",
    "DrillPost",
    "Grain",
    "HandOver",
    "Incident",
    "IncidentClock",
    "IncidentEntry",
    "MentionRollup",
    "Notice",
    "Pairing",
    "Playlist",
    "Profile",
    "ReportMail",
    "Rollup",
    "Room",
    "SavedReport",
    "Schedule",
    "Screen",
    "Severity",
    "Suggestion",
    "TermHour",
    "WrongCode",
]
