"""Who else is listened to: rivals by name, topics of the industry, and the networks on which rivals are heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mentions.models import Origin, Source


@dataclass(frozen=True, slots=True)
class Listened:
    """Sources (ids) that listen to others: to a rival of a name, or to a topic of the industry, which is no bank.

    `networks` are those on which a rival is heard: what is said of us elsewhere has nothing to stand beside.
    """

    rivals: Mapping[int, str]
    industry: Mapping[int, str]
    networks: Sequence[str]

    @property
    def names(self) -> list[str]:
        """The rivals, in alphabetical order."""
        return sorted(set(self.rivals.values()))

    def of(self, name: str) -> list[int]:
        """The sources that listen to one name, be it a rival's or the industry's."""
        return [pk for pk, of in (*self.rivals.items(), *self.industry.items()) if of == name]


def listened() -> Listened:
    """Everything that is or was listened to beside the bank."""
    rivals: dict[int, str] = {}
    industry: dict[int, str] = {}
    networks: set[str] = set()
    found = Source.objects.exclude(rival="").filter(origin=Origin.LIVE)
    for pk, name, own, through, settings in found.values_list("pk", "rival", "network", "via__network", "settings"):
        if settings.get("industry"):
            industry[pk] = name
        else:
            rivals[pk] = name
            networks.add(through or own)
    return Listened(rivals, industry, sorted(networks))
