"""What a post is: its language, tone, topics, urgency, and whether it needs an answer, each with the reason.

Pure and batched. Models load once a process, at the first batch that needs them. A person's correction is
kept elsewhere and wins; nothing here knows about it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from mentions.reasons import kept
from mentions.triage import actionable, language, spam, tone, urgency
from mentions.triage.phrases import Hit, Shelf
from mentions.triage.reading import Reading, read
from mentions.triage.topics import BOOK, CAMPAIGN, LEANING, LEAVING, PRAISE, SOURING

__all__ = ["VERSION", "Brand", "Item", "Label", "Labels", "assess"]

# Goes up whenever the same post could be labelled otherwise than before.
VERSION: Final = "rules-1"

_SEEN_PER_REPOST = 100
_SHELF: Final = Shelf(BOOK, urgency.SIGNS, spam.PHISHING, spam.SPAM)


class Item(NamedTuple):
    """What the labels are made from: a text and what the network says about it and its author."""

    text: str
    lang: str | None = None
    kind: str = "post"
    visibility: str = "public"
    followers: int = 0
    verified: bool = False
    reposts: int = 0
    network: str = ""


@dataclass(frozen=True, slots=True)
class Brand:
    """The bank's own names and hosts, its rivals' names, and its campaigns' hashtags; all in lower case.

    Without them nothing is called an imitation of the bank, about somebody else or part of a campaign.
    """

    names: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()
    rivals: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()


class Label(NamedTuple):
    """One result: its value, how sure or how strong (tone: -1 to 1, else 0 to 1), and why, as `reasons` keeps it."""

    value: str
    score: float
    reason: str


class Labels(NamedTuple):
    """Everything that is said about one post.

    Urgency is "0" to "3"; spam and phishing "true" or "false"; actionable "true", "false" or "undecided",
    its reason one of: needs an answer, spam, not us, no reply needed, praise, news, or none if undecided.
    """

    language: Label
    sentiment: Label
    topics: tuple[Label, ...]
    urgency: Label
    spam: Label
    phishing: Label
    actionable: Label
    reach: int
    version: str


def assess(items: Sequence[Item], brand: Brand = Brand()) -> list[Labels]:
    """Labels a batch, in the order given."""
    readings = [read(item.text) for item in items]
    guesses = language.identify(readings, [item.lang for item in items])
    names = tuple(re.sub(r"[^a-z]", "", name) for name in brand.names)
    return [
        _labelled(item, reading, Label(guess.value, guess.score, guess.reason), brand, names)
        for item, reading, guess in zip(items, readings, guesses, strict=True)
    ]


def _labelled(item: Item, reading: Reading, spoken: Label, brand: Brand, names: tuple[str, ...]) -> Labels:
    about, signs, luring, selling = _SHELF.find(reading.words)
    topics = _topics(about, reading, brand)
    mood = tone.of(reading, spoken.value, _lean(topics))
    lure = spam.lures(reading, luring, names, brand.hosts)
    junk = spam.sells(reading, selling, lure)
    reach = item.followers + item.reposts * _SEEN_PER_REPOST
    private = item.visibility == "private"
    presses = urgency.of(signs, topics, mood.value, private=private, reach=reach, spam=junk.value)
    needed = actionable.decide(
        reading,
        topics,
        mood.value,
        urgency=presses.value,
        spam=junk.value,
        private=private,
        network=item.network,
        about_others=_is_about_others(item.text, topics, brand),
    )
    return Labels(
        language=spoken,
        sentiment=Label(mood.value, mood.score, mood.reason),
        topics=tuple(Label(hit.key, hit.score, kept("matched", hit.words)) for hit in topics),
        urgency=Label(str(presses.value), presses.score, presses.reason),
        spam=Label("true" if junk.value else "false", junk.score, junk.reason),
        phishing=Label("true" if lure.value else "false", lure.score, lure.reason),
        actionable=Label(
            "undecided" if needed.value is None else "true" if needed.value else "false", needed.score, needed.reason
        ),
        reach=reach,
        version=VERSION,
    )


def _topics(topics: list[Hit], reading: Reading, brand: Brand) -> list[Hit]:
    if any(hit.key in SOURING for hit in topics):
        topics = [hit for hit in topics if hit.key != PRAISE]  # "down on payday. Great."
    tag = next((tag for tag in brand.campaigns if tag.lstrip("#") in reading.words), None)
    if tag is not None:
        return [*(hit for hit in topics if hit.key != CAMPAIGN), Hit(CAMPAIGN, tag, 0.95)]
    return topics


def _lean(topics: Sequence[Hit]) -> tuple[float, str]:
    """Returns what the topics say about the tone by themselves: a declined card is no neutral news."""
    praised = next((hit for hit in topics if hit.key == PRAISE), None)
    if praised is not None:
        return LEANING[PRAISE], praised.words  # "stopped a scam, thank you": the trouble is over
    return min(((LEANING[hit.key], hit.words) for hit in topics if hit.key in LEANING), default=(0.0, ""))


def _is_about_others(text: str, topics: Sequence[Hit], brand: Brand) -> bool:
    # Who leaves for a rival names the rival and means us.
    if not brand.rivals or any(hit.key == LEAVING for hit in topics):
        return False
    lowered = text.lower()
    return any(name in lowered for name in brand.rivals) and not any(name in lowered for name in brand.names)
