"""Brings the pictures that posts and their authors have, from the hosts that their networks name and from no other.

The listener sees that something waits and asks the worker, where a decoder that is led astray harms nobody's reply.
What the network does not give now is asked for again a few times; what is no picture is refused for good, with the
reason on the row.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from mentions import http, networks
from mentions.http import HttpFailure
from mentions.models import Author, Consumer, Media, Mention, Origin, Source
from mentions.networks import Account, NetworkError
from mentions.pictures import keeping
from mentions.pictures.making import FACE, SHOWN, Made, NotAPicture, make
from mentions.sources import UnreadableSecrets, gate
from mentions.sources.credentials import ready

MAX_BYTES: Final = 8 * 1024 * 1024
TOTAL_S: Final = 12.0
TRIES: Final = 4
_AGAIN: Final = timedelta(minutes=2)
_LEASE: Final = timedelta(minutes=5)
_WAITS: Final = timedelta(days=7)  # networks keep such files as long
_AT_ONCE: Final = 20
_SPELL_S: Final = 40.0
_ASKED_AGAIN: Final = timedelta(minutes=2)
# Keys are probed every quarter of an hour: by then it is known whether the refusal meant the account or this picture.
_REFUSED_AGAIN: Final = timedelta(minutes=20)
_REDIRECTS: Final = 2
_NAME: Final = "pictures"
_SHOWABLE: Final = ("image", "other")


class NotNow(Exception):
    """The network did not give it; it may another time. `asked` says whether that was an attempt.

    `wait` is how long the next one waits, for the first time; then longer.
    """

    def __init__(self, reason: str, *, asked: bool = True, wait: timedelta = _AGAIN) -> None:
        super().__init__(reason)
        self.asked = asked
        self.wait = wait


def ask_worker() -> bool:
    """Let the worker fetch if anything waits; for the listener. One spell of fetching at a time is asked for."""
    now = timezone.now()
    if not (_media(now).exists() or _faces().exists()):
        return False
    Consumer.objects.get_or_create(name=_NAME)
    free = Consumer.objects.filter(Q(position=0) | Q(updated_at__lt=now - _ASKED_AGAIN), name=_NAME)
    if free.update(position=1, updated_at=now):
        async_task("mentions.pictures.fetching.fetch_due")
    return False


def fetch_due() -> int:
    """Fetch what waits, for at most a spell; returns how many were looked at. Run by the worker."""
    began, looked = time.monotonic(), 0
    try:
        while time.monotonic() - began < _SPELL_S:
            found = _fetch_some()
            looked += found
            if not found:
                break
    finally:
        Consumer.objects.filter(name=_NAME).update(position=0, updated_at=timezone.now())
    return looked


def bring(url: str, source: Source, longest: int) -> Made:
    """The picture at an address, if the source's network shows pictures from there. Raises `NotAPicture`, `NotNow`."""
    hosts = allowed_hosts(source)
    if not hosts:
        raise NotAPicture(_("its network names no hosts for pictures"))
    try:
        answer = http.request(
            "GET",
            url,
            headers={"accept": "image/*"},
            local=source.local,
            keys=False,
            redirects=_REDIRECTS,
            hosts=http.among(hosts),
            max_bytes=MAX_BYTES,
            total_s=TOTAL_S,
            secret_path=True,
        )
    except HttpFailure as failure:
        if failure.permanent:
            raise NotAPicture(str(failure)) from None
        raise NotNow(str(failure)) from None
    if answer.status == 429 or answer.status >= 500:
        raise NotNow(_("the network answered %(status)s") % {"status": answer.status})
    if answer.status in (403, 410):
        # Instagram and Facebook sign such addresses, for some days.
        why = _("the address that its network gave for it has ended (%(status)s): open the post there to see it")
        raise NotAPicture(why % {"status": answer.status})
    if answer.status != 200:
        raise NotAPicture(_("the network answered %(status)s") % {"status": answer.status})
    return make(answer.body, longest)


def given(own: str, source: Source, longest: int, *, now: datetime) -> Made:
    """The picture that its network gives only to the account that it was sent to. Raises `NotAPicture`, `NotNow`."""
    try:
        network = networks.get(source.network)
    except networks.UnknownNetwork:
        raise NotAPicture(_("its source is no network that could be asked for it")) from None
    if not source.active:
        raise NotNow(_("its source is paused"), asked=False)
    if source.refused_at is not None:
        raise NotNow(_("its network does not accept our keys"), asked=False)
    if (wait := gate.enter(source, "reads", now=now, kind="file")) is not None:
        raise NotNow(wait.why, asked=False)
    try:
        with gate.calling(source, "reads", now=now) as calls:
            body = network.file(ready(source, now=now), own)
    except UnreadableSecrets as error:
        raise NotNow(str(error), asked=False) from None
    except NetworkError as error:
        gate.failed(source, error, now=now, kind="file", called=bool(calls))
        if error.follow in ("give_up", "poison"):
            raise NotAPicture(str(error)) from None
        raise NotNow(str(error), wait=_REFUSED_AGAIN if error.follow == "reauthorise" else _AGAIN) from None
    gate.succeeded(source.pk)
    return make(body, longest)


def allowed_hosts(source: Source) -> tuple[str, ...]:
    """The patterns of hosts from which the source's network shows pictures; none for a network without connector."""
    try:
        network = networks.get(source.network)
    except networks.UnknownNetwork:
        return ()
    return network.pictures_from(Account(source.base_url, settings=source.settings))


def _fetch_some() -> int:
    now = timezone.now()
    some = list(_media(now).select_related("mention__source").order_by("pk")[:_AT_ONCE])
    for medium in some:
        mine = _media(now).filter(pk=medium.pk).update(next_at=now + _LEASE, tries=F("tries") + 1)
        if mine:
            _fetch_media(medium)
    faces = list(_faces().order_by("pk")[:_AT_ONCE])
    for author in faces:
        _fetch_face(author)
    return len(some) + len(faces)


def _fetch_media(medium: Media) -> None:
    waiting = Media.objects.filter(pk=medium.pk, state=Media.Fetch.PENDING)
    if medium.type not in _SHOWABLE:
        waiting.update(state=Media.Fetch.REFUSED, reason=_("only still pictures are kept"), next_at=None)
        return
    try:
        source = medium.mention.source
        made = given(medium.key, source, SHOWN, now=timezone.now()) if medium.key else bring(medium.url, source, SHOWN)
    except NotAPicture as refused:
        waiting.update(state=Media.Fetch.REFUSED, reason=str(refused)[:120], next_at=None)
    except NotNow as later:
        if not later.asked and medium.mention.received_at > timezone.now() - _WAITS:
            waiting.update(reason=str(later)[:120], tries=medium.tries, next_at=timezone.now() + _LEASE)
        elif medium.tries + 1 >= TRIES:
            waiting.update(state=Media.Fetch.REFUSED, reason=str(later)[:120], next_at=None)
        else:
            waiting.update(reason=str(later)[:120], next_at=timezone.now() + later.wait * (medium.tries + 1))
    else:
        keeping.keep_media(medium.pk, made)


def _fetch_face(author: Author) -> None:
    url = author.avatar_url
    if not url:
        keeping.keep_avatar(author.pk, url, None)
        return
    latest = Mention.objects.filter(author=author, origin=Origin.LIVE).select_related("source").order_by("-pk").first()
    if latest is None:
        keeping.keep_avatar(author.pk, url, None, _("no post of theirs is real"))
        return
    try:
        made = bring(url, latest.source, FACE)
    except (NotAPicture, NotNow) as refused:
        keeping.keep_avatar(author.pk, url, None, str(refused))
    else:
        keeping.keep_avatar(author.pk, url, made)


def _media(now: datetime) -> QuerySet[Media]:
    return Media.objects.filter(state=Media.Fetch.PENDING).filter(Q(next_at=None) | Q(next_at__lte=now))


def _faces() -> QuerySet[Author]:
    return Author.objects.exclude(avatar_asked=F("avatar_url"))
