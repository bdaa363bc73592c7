"""Telling apart what came: new posts, posts of our own accounts, changes, and what is no post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from mentions import posts
from mentions.intake import hearsay, store
from mentions.intake.hearsay import Told
from mentions.intake.operations import Change
from mentions.intake.outcome import Place, Results, repeated
from mentions.intake.prepare import Batch, Clean, Refused
from mentions.listening.matching import Subject
from mentions.models import Origin, Source
from mentions.posts import Operation
from mentions.rulebook import Accounts, Rulebook
from mentions.triage import Labels
from mentions.triage.topics import LEAVING

NOT_ITS_OWN: Final = "what our own account writes comes from its network alone"
NOT_THEIRS: Final = "another source brought this post, and its network alone says what becomes of it"


class Arrived(NamedTuple):
    """A post that came, with its place among the items and its source."""

    clean: Clean
    place: Place
    source: Source

    @property
    def key(self) -> store.Key:
        """What it is called on which network."""
        return self.clean.post.network, self.clean.post.external_id

    @property
    def enters_queues(self) -> bool:
        """Rivals' posts, and what is heard by a search that only counts, are nobody's work."""
        return not self.source.rival and self.source.search_id is None


@dataclass(slots=True)
class Sorted:
    """Everything that came, by what it is; `ours` with the key of the source whose account wrote it."""

    posts: list[Arrived] = field(default_factory=list)
    ours: list[tuple[Arrived, int]] = field(default_factory=list)
    changes: list[tuple[Change, Place]] = field(default_factory=list)
    refused: list[tuple[Refused, Place, Source]] = field(default_factory=list)


@dataclass(slots=True)
class Fresh:
    """The posts that are to be stored, each once, and what became of the others.

    `adopted` names the mention of those that only a search had heard so far: now that they are addressed to us, they
    enter a queue. `confirmed` are repetitions of what a program had brought before their network, and `instead` names
    the mention of such a program's that said something else.
    """

    posts: list[Arrived] = field(default_factory=list)
    adopted: dict[store.Key, int] = field(default_factory=dict)
    confirmed: dict[Place, Told] = field(default_factory=dict)
    instead: dict[store.Key, int] = field(default_factory=dict)
    results: Results = field(default_factory=dict)


def by_kind(batches: Sequence[Batch], accounts: Accounts) -> Sorted:
    """All items, each in one of the lists.

    Whoever may hand in posts of any network, as a program with a token may, speaks for none: it changes only what it
    brought itself, and is not believed what our own accounts wrote.
    """
    came = Sorted()
    for b, batch in enumerate(batches):
        source, live = batch.source, batch.source.origin == Origin.LIVE
        for i, prepared in enumerate(batch.prepared):
            place = Place(b, i)
            if isinstance(prepared, Operation):
                came.changes.append(
                    (Change(prepared, None if source.speaks_for(prepared.network) else source.pk), place)
                )
            elif isinstance(prepared, Refused):
                came.refused.append((prepared, place, source))
            elif live and (account := accounts.wrote(prepared.post)) is not None:
                if source.speaks_for(prepared.post.network):
                    came.ours.append((Arrived(prepared, place, source), account))
                else:
                    came.refused.append((Refused(prepared.post.external_id, prepared.raw, NOT_ITS_OWN), place, source))
            else:
                came.posts.append(Arrived(prepared, place, source))
    return came


def by_word(posts: Sequence[Arrived], accounts: Accounts) -> tuple[list[Clean], list[Clean]]:
    """Those that tell of their authors by their network's word, or of one on which we have no account; and the rest."""
    told: tuple[list[Clean], list[Clean]] = ([], [])
    for post in posts:
        network = post.clean.post.network
        told[network in accounts.networks and not _by_its_word(post)].append(post.clean)
    return told


def _by_its_word(post: Arrived) -> bool:
    return post.source.speaks_for(post.clean.post.network)


def not_theirs(change: Change) -> Refused:
    """A change of what another source brought."""
    operation = change.operation
    return Refused(operation.external_id, posts.dump(operation), NOT_THEIRS)


def not_stored(cursor: Any, posts: Sequence[Arrived]) -> Fresh:
    """Those of the posts that are not stored yet, or in no queue though they belong in one, by their network's word."""
    fresh = Fresh()
    seen = store.known(cursor, [post.key for post in posts]) if posts else set()
    # The network's word first: of two that come together it is the one that is stored.
    posts = sorted(posts, key=lambda post: not (post.enters_queues and _by_its_word(post)))
    told = [post for post in reversed(posts) if post.key in seen and post.enters_queues and _by_its_word(post)]
    if candidates := {post.key: post for post in told}:
        fresh.adopted = store.only_searched(cursor, candidates)
        rumours = hearsay.among(cursor, candidates)
        same = hearsay.agreeing(rumours, [candidates[key].clean for key in rumours])
        for key in same:
            first = candidates[key]
            fresh.confirmed[first.place] = Told(rumours[key], first.source.pk, first.clean)
        fresh.instead = {key: mention for key, mention in rumours.items() if key not in same}
        seen -= fresh.adopted.keys() | fresh.instead.keys()
    for post in posts:
        if post.key in seen or (post.key in fresh.adopted and not post.enters_queues):
            fresh.results[post.place] = repeated(post.clean)
        else:
            seen.add(post.key)
            fresh.posts.append(post)
    return fresh


def set_apart(fresh: Fresh, labels: Sequence[Labels], book: Rulebook) -> tuple[Fresh, list[Labels]]:
    """The posts and their labels, those that mean a rival and not us moved to the rival's source.

    A network that delivers more than what is addressed to us brings rivals' posts like any other. What a search has
    heard of them already is not adopted.
    """
    kept = replace(fresh, posts=[], adopted=dict(fresh.adopted), results=dict(fresh.results))
    theirs: list[Labels] = []
    for post, label in zip(fresh.posts, labels, strict=True):
        rival = _rival(post, label, book)
        if rival is not None and kept.adopted.pop(post.key, None) is not None:
            kept.results[post.place] = repeated(post.clean)
            continue
        kept.posts.append(post if rival is None else post._replace(source=rival))
        theirs.append(label)
    return kept, theirs


def _rival(arrived: Arrived, label: Labels, book: Rulebook) -> Source | None:
    """The source of the rival that a post means, whoever delivered it; None for what means us, or may."""
    post = arrived.clean.post
    if post.visibility != "public" or post.in_reply_to is not None or not arrived.enters_queues:
        return None
    lowered = post.text.lower()
    # Who leaves for a rival names the rival and means us.
    if any(topic.value == LEAVING for topic in label.topics) or any(name in lowered for name in book.brand.names):
        return None
    told = Subject(post.text, post.author.handle, post.network, str(label.language.value))
    own = arrived.source.pk
    heard = (rival.source for rival in book.rivals if rival.account == own and rival.fits.match(told) is not None)
    return next(heard, None)
