"""How people call what posts have: their network, their language, what they are about."""

from __future__ import annotations

import re
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from mentions.triage.language import UNDETERMINED

TOPICS: Final[dict[str, Promise]] = {
    "accessibility": gettext_lazy("Accessibility"),
    "app-outage": gettext_lazy("App outage"),
    "atm": gettext_lazy("ATM"),
    "branch": gettext_lazy("Branch"),
    "campaign": gettext_lazy("Campaign"),
    "card-declined": gettext_lazy("Card declined"),
    "card-delivery": gettext_lazy("Card delivery"),
    "closing-account": gettext_lazy("Closing account"),
    "complaint": gettext_lazy("Complaint"),
    "deposit": gettext_lazy("Deposit"),
    "dispute": gettext_lazy("Dispute"),
    "fees": gettext_lazy("Fees"),
    "fraud": gettext_lazy("Fraud"),
    "hardship": gettext_lazy("Hardship"),
    "hours": gettext_lazy("Hours"),
    "jobs": gettext_lazy("Jobs"),
    "legal": gettext_lazy("Legal"),
    "lending": gettext_lazy("Lending"),
    "login": gettext_lazy("Login"),
    "lost-card": gettext_lazy("Lost card"),
    "phishing": gettext_lazy("Phishing"),
    "praise": gettext_lazy("Praise"),
    "privacy": gettext_lazy("Privacy"),
    "rates": gettext_lazy("Rates"),
    "transfer": gettext_lazy("Transfer"),
    "wait-time": gettext_lazy("Wait time"),
}
TONES: Final[dict[str, Promise]] = {
    "negative": gettext_lazy("negative"),
    "neutral": gettext_lazy("neutral"),
    "positive": gettext_lazy("positive"),
    "unknown": gettext_lazy("not scored"),
}
VISIBILITIES: Final[dict[str, Promise]] = {"public": gettext_lazy("public"), "private": gettext_lazy("private")}
# Whether a post needs us, as the machine, rules and people say it; what else a rule's author wrote stands as it is.
_JUDGED: Final[dict[str, Promise]] = {
    "needs an answer": gettext_lazy("needs an answer"),
    "spam": gettext_lazy("spam"),
    "not us": gettext_lazy("not us"),
    "no reply needed": gettext_lazy("no reply needed"),
    "praise": gettext_lazy("praise"),
    "news": gettext_lazy("news"),
    "muted": gettext_lazy("author muted"),
}
GAVE_WAY: Final = "gave-way-"
_HANDLE: Final = re.compile(r"(?!\d+$)[\w.:@-]+")
_NO_CONNECTOR: Final = {"townsquare": "Town Square", "ingest": "Ingest"}
_UNKNOWN_TO_DJANGO: Final = {"tl": gettext_lazy("Tagalog"), "zh": gettext_lazy("Chinese")}


def handle(told: str) -> str:
    """How an account is called, with the sign before what is a handle: a page's name or a telephone number is none."""
    return f"@{told}" if _HANDLE.fullmatch(told) else told


def network(key: str) -> str:
    """A network's name as people know it."""
    from mentions import networks

    try:
        return networks.get(key).title
    except networks.UnknownNetwork:
        return _NO_CONNECTOR.get(key, key.replace("_", " ").replace("-", " ").title())


def language(key: str) -> str:
    """A language in the reader's language; its code where Django does not know it."""
    if key in ("", UNDETERMINED):
        return _("Not recognised")
    if key in _UNKNOWN_TO_DJANGO:
        return str(_UNKNOWN_TO_DJANGO[key])
    try:
        return str(get_language_info(key)["name_translated"])
    except KeyError:
        return _("Language “%(code)s”") % {"code": key}


def topic(key: str) -> str:
    """A topic as a phrase; a bank's own by its key."""
    return str(TOPICS.get(key) or key.replace("-", " ").replace("_", " ").capitalize())


def judged(reason: str) -> str:
    """Why a post needs an answer or none."""
    return str(_JUDGED.get(reason, reason))


def gave_way(external_id: str) -> bool:
    """Whether this stands for the identifier of a post whose words gave way to its network's own."""
    return external_id.startswith(GAVE_WAY)


def gone(external_id: str) -> str:
    """Why the words of a stored post are not here any more."""
    if gave_way(external_id):
        return _("A program had brought this post in its network's name; it gave way to what the network says")
    return _("The author deleted this post")
