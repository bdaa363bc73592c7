"""What we did about it, as rows: people, teams and sites; cases, replies, notes; the freeze."""

from agents.models.alerts import Alert, AlertDelivery, AlertHook, AlertKind, AlertRule, Rota
from agents.models.people import ApiToken, Proposal, RegulatoryProfile, Role, Site, Team, TeamQueue, User
from agents.models.sending import Approval, Freeze, Hold, Original, Reply, ReplyState
from agents.models.work import BulkAction, Case, Macro, Note

__all__ = [
    "Alert",
    "AlertDelivery",
    "AlertHook",
    "AlertKind",
    "AlertRule",
    "ApiToken",
    "Approval",
    "BulkAction",
    "Case",
    "Freeze",
    "Hold",
    "Macro",
    "Note",
    "Original",
    "Proposal",
    "RegulatoryProfile",
    "Reply",
    "ReplyState",
    "Role",
    "Rota",
    "Site",
    "Team",
    "TeamQueue",
    "User",
]
