"""The demonstration bank's people on duty, its regulators' clocks, and the incident that it has behind it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F

from agents import alerts
from agents.models import Alert, AlertDelivery, AlertKind, AlertRule, RegulatoryProfile, Rota, Site, Team, User
from commandcenter import incidents
from commandcenter.incidents import clocks
from commandcenter.models import Incident

# Person, team (None: every team), site, days, first and last hour of duty there, rank.
DUTIES: Final = (
    ("amara", "care", "charlotte", range(5), 7, 15, 1),
    ("kwame", "cards", "charlotte", range(7), 14, 22, 1),
    ("diego", "care", "san-francisco", range(7), 8, 16, 1),
    ("tomasz", "fraud", "charlotte", range(7), 8, 17, 1),
    ("tala", None, "manila", range(7), 8, 21, 1),
    ("jomar", None, "manila", range(5), 9, 17, 2),
)
BEGAN: Final = timedelta(days=9, hours=5)
STORY: Final = (
    (6, "Card terminals at a shared processor answer slowly; our own systems are well."),
    (19, "Branches and the service centre are told. Care answers with the statement only."),
    (74, "The processor has moved traffic to its second site; declines go down."),
    (118, "No new reports for half an hour."),
)
STATEMENT: Final = (
    "Some card payments are not going through at the moment. We are working on it with our partner and will write "
    "here as soon as it is mended."
)


def write(now: datetime) -> None:
    """Put it there once, in the caller's transaction."""
    if Rota.objects.exists() or Incident.objects.exists():
        return
    people = {person.username: person for person in User.objects.all()}
    _duties(people)
    for kind in AlertKind:
        AlertRule.objects.get_or_create(kind=kind, defaults={"threshold": 25})
    rules = [*clocks.REGIMES["us-bank"], *clocks.REGIMES["nydfs"]]
    clocks.validate(rules)
    RegulatoryProfile.objects.filter(slug="retail").update(clocks=rules)
    _incident(people, now)


def _duties(people: dict[str, User]) -> None:
    sites = {site.slug: site for site in Site.objects.all()}
    teams = {team.slug: team for team in Team.objects.all()}
    for name, team, site, days, start, stop, rank in DUTIES:
        Rota.objects.create(
            person=people[name],
            team=teams[team] if team else None,
            site=sites[site],
            zone=sites[site].zone,
            days=list(days),
            start=start * 60,
            stop=stop * 60,
            rank=rank,
        )


def _incident(people: dict[str, User], now: datetime) -> None:
    """A morning on which cards were declined, from the declaration to what was learned."""
    runner = next(person for person in incidents.runners() if person.role == "supervisor")
    began = now - BEGAN
    opened = began + timedelta(minutes=4)
    incident = incidents.open_(
        key=uuid.uuid4(),
        name="Card payments declined at shops",
        topic="card-declined",
        since=began,
        profile=RegulatoryProfile.objects.get(slug="retail"),
        by=runner,
        now=opened,
    )
    incidents.state(incident, STATEMENT, by=runner, now=opened + timedelta(minutes=3))
    for minutes, words in STORY:
        incidents.note(incident, words, by=runner, now=began + timedelta(minutes=minutes))
    alert = Alert.objects.get(kind=AlertKind.INCIDENT)
    taker = next((d.person for d in alert.deliveries.select_related("person") if d.person), None) or people["amara"]
    alerts.acknowledge(alert, by=taker, now=opened + timedelta(minutes=2))
    incidents.close(
        incident,
        lesson="The processor's status page was twenty minutes late. We ask its duty desk by telephone.",
        by=runner,
        now=began + timedelta(minutes=151),
    )
    # It is long past: nobody is to be told of it today.
    AlertDelivery.objects.filter(alert=alert).update(
        state=AlertDelivery.State.SENT,
        sent_at=F("made_at"),
        next_try_at=None,
        tries=1,
        answer="handed to the mail server",
    )
