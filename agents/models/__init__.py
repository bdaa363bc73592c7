"""What we did about it, as rows: people, teams and sites; cases, replies, notes; the freeze."""

from agents.models.alerts import Alert, AlertDelivery, AlertHook, AlertKind, AlertRule, Rota
from agents.models.people import ApiToken, Proposal, RegulatoryProfile, Role, Site, Team, TeamQueue, User
from agents.models.sending import Amendment, Approval, Freeze, Hold, Original, Reply, ReplyPicture, ReplyState
from agents.models.work import BulkAction, Case, Consent, Macro, Note, Nudge, SavedView

__all__ = [
    "Alert",
    "AlertDelivery",
    "AlertHook",
    "AlertKind",
    "AlertRule",
    "Amendment",
    "ApiToken",
    "Approval",
    "BulkAction",
    "Case",
    "Consent",
    "Freeze",
    "Hold",
    "Macro",
    "Note",
    "Nudge",
    "Original",
    "Proposal",
    "RegulatoryProfile",
    "Reply",
    "ReplyPicture",
    "ReplyState",
    "Role",
    "Rota",
    "SavedView",
    "Site",
    "Team",
    "TeamQueue",
    "User",
]
