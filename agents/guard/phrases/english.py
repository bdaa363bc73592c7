"""Every form in which English tells that somebody is, was or is not a customer."""

from typing import Final

from agents.guard.phrases import Phrase, belonging, deeds, history, records, standing, thanks

PHRASES: Final[tuple[Phrase, ...]] = (
    *belonging.PHRASES,
    *records.PHRASES,
    *history.PHRASES,
    *thanks.PHRASES,
    *deeds.PHRASES,
    *standing.PHRASES,
)
