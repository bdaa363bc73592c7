"""What a network lets us do after the fact; `agents.amendments` does it."""

from __future__ import annotations

from mentions import networks
from mentions.models import Source


def can(source: Source, capability: str) -> bool:
    """Whether the source's network offers this: "retract", "edit" or "hide"."""
    try:
        return bool(getattr(networks.get(source.network).capabilities, capability))
    except networks.UnknownNetwork:
        return False
