"""The demonstration's own two pages: a way in as any of its people, and the guided first minute."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agents.models import Role, User
from config import signing_in
from config.demo.load import SHOWN_FILE
from mentions.sandbox.models import Settings


class SignIn(signing_in.SignIn):
    """Sign-in with the people of the demonstration beside the fields."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the template shows; see login.html."""
        return super().get_context_data(**kwargs) | {"people": people()}


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """The first minute, step by step, open to anybody who can reach a demonstration."""
    known = people()
    guide = next((one for one in known if one["role"] == Role.SUPERVISOR), None)
    # Everybody who looks has a customer of their own, whom the third step finds again.
    name = re.sub(r"\W", "_", request.user.get_username() or "newcomer", flags=re.ASCII)
    customer = f"{name[:25]}_asks"
    return render(request, "landing.html", {"steps": steps(customer), "people": known, "guide": guide})


def people() -> list[dict[str, str]]:
    """Who can sign in, with their passwords: a demonstration's, made at its first start."""
    try:
        shown = json.loads((settings.DATA_DIR / SHOWN_FILE).read_text())["demo_users"]
    except (OSError, ValueError, KeyError):
        return []
    known = {user.username: user for user in User.objects.filter(is_active=True).prefetch_related("teams")}
    return [
        {
            "username": entry["username"],
            "password": entry["password"],
            "name": str(user),
            "role": user.role,
            "role_title": str(Role(user.role).label),
            "team": ", ".join(team.name for team in user.teams.all()),
        }
        for entry in shown
        if (user := known.get(entry["username"])) is not None
    ]


def steps(customer: str) -> list[dict[str, str]]:
    """From a customer's post to the figure that counts it; `customer` is the handle under which they write."""
    post = _("@%(bank)s my card was declined at the till again and nobody picks up the phone. What now?")
    words = {"handle": customer, "text": post % {"bank": Settings.current().bank_handle}}
    return [
        {
            "title": _("Open the wall"),
            "text": _("The Pulse: how many of those who need an answer got one. Leave it open on a second screen."),
            "url": "/wall/pulse/",
            "action": _("Open the wall"),
        },
        {
            "title": _("Write as a customer"),
            "text": _("Town Square is a small network of its own. A complaint is filled in: post it."),
            "url": f"/sandbox/write/?{urlencode(words)}",
            "action": _("Go to Town Square"),
        },
        {
            "title": _("Claim it"),
            "text": _("Your customer is found already: J opens the post, C makes it yours."),
            "url": f"/console/search/?{urlencode({'q': f'from:{customer}'})}",
            "action": _("Open the console"),
        },
        {
            "title": _("Answer it"),
            "text": _("There R writes, Ctrl and Enter send. The guard reads along; Z takes it back for ten seconds."),
            "url": "/console/view/mine/",
            "action": _("See yours"),
        },
        {
            "title": _("See it counted"),
            "text": _("The wall has moved. In the report each figure opens the conversations behind it."),
            "url": "/reports/response/",
            "action": _("Open the report"),
        },
    ]
