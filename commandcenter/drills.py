"""Exercises: a recorded stretch played through the whole house, marked all the way, and taken away whole.

An exercise has sources of its own, marked as a drill; everything that comes of them is marked by them, and nothing
that is marked is counted, sent or alerted. Its posts, authors and sources carry its number, so that no row of the
real thing is touched by it and its end is a deletion. What it taught is kept as figures on the exercise itself.

It is played by the listener, and goes on where it was after a restart. One runs at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.db.models.fields.reverse_related import ForeignObjectRel, ManyToManyRel
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access
from agents.cases import Refused
from agents.models import BulkAction, User
from commandcenter import incidents
from commandcenter.incidents import practice
from commandcenter.models import Drill, DrillPost
from mentions import events, intake, scrub
from mentions.events import SYSTEM, Actor
from mentions.intake import Batch
from mentions.intake.prepare import Clean, prepare
from mentions.models import Author, Conversation, Mention, Origin, PendingOperation, Source

MOST = 100_000
FASTEST = 3600.0
LOOK_EVERY_S = 5.0
LONGEST_STEP_S = 2.0  # after a pause of the listener it goes on, and does not catch up
AT_ONCE = 200
_KEPT_ID = 400
_DOWN = 1000


def running() -> Drill | None:
    """The exercise that runs or is being taken away."""
    return Drill.objects.filter(ended_at=None).select_related("started_by").first()


def start(
    *,
    name: str,
    recording: Iterable[tuple[datetime, str, dict[str, Any]]],
    speed: float = 1.0,
    linger_s: int = 600,
    origin: str = "",
    by: User | None = None,
    now: datetime | None = None,
) -> Drill:
    """Begin an exercise with a recording: (time, source, scrubbed post) in any order.

    `linger_s` is how long it stays for people to work in after its last post. Raises `Refused` when another one runs,
    or with nothing to play. Without `by` it was started at the server.
    """
    if by is not None:
        access.require(by, "run drills")
    if not 0 < speed <= FASTEST:
        raise Refused(_("The speed lies above 0 and is at most %(most)d.") % {"most": FASTEST})
    moment = now or timezone.now()
    posts = sorted(islice(recording, MOST + 1), key=lambda entry: entry[0])
    if not posts:
        raise Refused(_("There is nothing to play in this recording."))
    if len(posts) > MOST:
        raise Refused(_("An exercise holds at most %(most)d posts; choose a shorter stretch.") % {"most": MOST})
    first, last = posts[0][0], posts[-1][0]
    try:
        with transaction.atomic():
            drill = Drill.objects.create(
                name=scrub.typed_line(name, 120) or _("Exercise"),
                speed=speed,
                linger_s=linger_s,
                origin=scrub.typed(origin, 300),
                started_by=by,
                started_at=moment,
                ticked_at=moment,
                total=len(posts),
                length_s=_seconds(first, last),
            )
            DrillPost.objects.bulk_create(
                (
                    DrillPost(
                        drill=drill, place=n, offset_s=(at - first).total_seconds(), source=source[:60], body=body
                    )
                    for n, (at, source, body) in enumerate(posts)
                ),
                batch_size=1000,
            )
            _tell("drill.started", drill, Actor.person(by.pk) if by else SYSTEM, moment, posts=drill.total)
    except IntegrityError:
        raise Refused(_("An exercise is running already; stop it first.")) from None
    return drill


def stop(drill: Drill, *, by: User | None = None, now: datetime | None = None) -> None:
    """End it now: everything of it is taken away within seconds. Stopping twice is stopping once."""
    if by is not None:
        access.require(by, "run drills")
    moment = now or timezone.now()
    with transaction.atomic():
        changed = Drill.objects.filter(pk=drill.pk, state=Drill.State.RUNNING).update(
            state=Drill.State.ENDING, stopped_by=by
        )
        if changed:
            _tell("drill.stopped", drill, Actor.person(by.pk) if by else SYSTEM, moment)


def advance(*, now: datetime | None = None) -> bool:
    """Play what has become due, or take away what has ended; true if there is more to do at once.

    The listener's loop; whoever else calls it at the same time does nothing.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        drill = Drill.objects.select_for_update(skip_locked=True, of=("self",)).filter(ended_at=None).first()
        if drill is None:
            return False
        if drill.state == Drill.State.ENDING:
            _take_away(drill, moment)
            return False
        elapsed = min(max((moment - drill.ticked_at).total_seconds(), 0.0), LONGEST_STEP_S)
        look = int(moment.timestamp() / LOOK_EVERY_S) != int(drill.ticked_at.timestamp() / LOOK_EVERY_S)
        drill.ticked_at = moment
        drill.clock_s += elapsed * drill.speed
        left = drill.posts.filter(place__gte=drill.played).order_by("place")
        due = list(left.filter(offset_s__lte=drill.clock_s)[:AT_ONCE])
        if due:
            drill.refused += _play(drill, due, moment)
            drill.played = due[-1].place + 1
        if look:
            _follow_deletions(drill, moment)
        if not left.filter(place__gte=drill.played).exists():
            drill.played = drill.total
            if (drill.clock_s - drill.length_s) / drill.speed >= drill.linger_s:
                drill.state = Drill.State.ENDING
                _tell("drill.stopped", drill, SYSTEM, moment)
        drill.save()
        return len(due) == AT_ONCE


def recorded(start: datetime, stop: datetime) -> Iterator[tuple[datetime, str, dict[str, Any]]]:
    """The live posts stored between two moments, as a recording; those that were deleted are not in it."""
    found = (
        Mention.objects.filter(
            origin=Origin.LIVE, occurred_at__gte=start, occurred_at__lt=stop, deleted_at=None, content__isnull=False
        )
        .select_related("author", "source", "content", "conversation")
        .order_by("occurred_at", "id")
    )
    for mention in found.iterator(chunk_size=1000):
        author, content = mention.author, mention.content
        body = {
            "network": mention.network,
            "external_id": mention.external_id,
            "kind": mention.kind,
            "visibility": mention.visibility,
            "author": {
                "id": author.external_id,
                "handle": content.author_handle,
                "name": content.author_name,
                "followers": author.followers,
                "verified": author.verified,
            },
            "text": content.text or "…",
            "in_reply_to": mention.in_reply_to,
            "conversation_id": mention.conversation.thread_key if mention.conversation else None,
            "location": {
                "lat": mention.latitude,
                "lon": mention.longitude,
                "country": mention.country or None,
                "place": mention.place or None,
            },
            "metrics": {"likes": mention.likes, "reposts": mention.reposts, "replies": mention.replies},
            "of": mention.pk,
        }
        yield mention.occurred_at, mention.source.slug, body


def read(items: Iterable[object]) -> Iterator[tuple[datetime, str, dict[str, Any]]]:
    """Posts of the one inbound format as a recording, scrubbed before anything is kept.

    Raises `Refused` with the number and the reason of the first that is not a post; edits and deletions of a
    recording are passed over.
    """
    for number, item in enumerate(items, 1):
        prepared = prepare(item)
        if isinstance(prepared, Clean):
            body = {key: value for key, value in prepared.raw.items() if key not in ("media", "url", "of")}
            yield prepared.post.created_at, prepared.post.network, body
        elif not hasattr(prepared, "op"):
            raise Refused(_("Post %(n)d: %(why)s") % {"n": number, "why": prepared.reason})


def figures(drill: Drill) -> dict[str, Any]:
    """What came in, what was done, and how quickly: from the rows while there are any, else as kept at the end."""
    if drill.ended_at is not None:
        return {key: value for key, value in drill.figures.items() if key != "incidents"}
    ids = list(drill.sources().values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE visibility = 'private'), "
            "count(*) FILTER (WHERE sentiment = -1), count(*) FILTER (WHERE sentiment = 0), "
            "count(*) FILTER (WHERE sentiment = 1), count(DISTINCT author_id) "
            "FROM mentions_mention WHERE source_id = ANY(%s)",
            [ids],
        )
        posts, private, negative, neutral, positive, authors = cursor.fetchone()
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE c.actionable), count(*) FILTER (WHERE c.state = 'closed' "
            "AND k.first IS NOT NULL), count(k.first), "
            "percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM k.first - c.queued_at)), "
            "count(*) FILTER (WHERE c.state <> 'closed' AND c.due_at < now()), "
            "count(*) FILTER (WHERE c.state = 'waiting' AND c.actionable IS NOT FALSE) "
            "FROM mentions_conversation c LEFT JOIN LATERAL (SELECT min(claimed_at) AS first FROM agents_case a "
            "WHERE a.conversation_id = c.id) k ON true WHERE c.source_id = ANY(%s)",
            [ids],
        )
        conversations, actionable, closed, claimed, to_claim, overdue, waiting = cursor.fetchone()
        cursor.execute(
            "SELECT count(*), count(DISTINCT author_id) FROM agents_reply WHERE source_id = ANY(%s) "
            "AND submitted_at IS NOT NULL",
            [ids],
        )
        replies, people = cursor.fetchone()
        cursor.execute(
            "SELECT q.name, count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM agents_case a "
            "WHERE a.conversation_id = c.id)) FROM mentions_conversation c JOIN mentions_queue q ON q.id = c.queue_id "
            "WHERE c.source_id = ANY(%s) GROUP BY 1 ORDER BY 2 DESC, 1",
            [ids],
        )
        queues = [list(row) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT topic, count(*) FROM mentions_mention, unnest(topics) AS topic WHERE source_id = ANY(%s) "
            "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12",
            [ids],
        )
        topics = [list(row) for row in cursor.fetchall()]
    return {
        "posts": posts,
        "private": private,
        "authors": authors,
        "negative": negative,
        "neutral": neutral,
        "positive": positive,
        "conversations": conversations,
        "actionable": actionable,
        "waiting": waiting,
        "overdue": overdue,
        "claimed": claimed,
        "closed": closed,
        "to_claim_s": float(to_claim) if to_claim is not None else None,
        "replies": replies,
        "people": people,
        "queues": queues,
        "topics": topics,
    }


def _play(drill: Drill, posts: list[DrillPost], now: datetime) -> int:
    """Let these posts arrive as if they were written now; returns how many intake refused."""
    batches: dict[str, list[object]] = {}
    for post in posts:
        late = timedelta(seconds=max((drill.clock_s - post.offset_s) / drill.speed, 0.001))
        batches.setdefault(post.source, []).append(_marked(drill, post.body, now - late))
    sources = {name: _source(drill, name, items) for name, items in batches.items()}
    outcomes = intake.receive_all(
        [Batch(sources[name], items) for name, items in batches.items()], now=now, keep_rejects=False
    )
    return sum(len(outcome.items) - outcome.count("accepted") for outcome in outcomes)


def _marked(drill: Drill, body: dict[str, Any], at: datetime) -> dict[str, Any]:
    """A recorded post as one of this exercise: no identifier in it is that of anything real."""
    author = dict(body["author"])
    author["id"] = _own(drill, str(author["id"]))
    author["avatar_url"] = None
    marked = {**body, "external_id": _own(drill, str(body["external_id"])), "author": author}
    for key in ("in_reply_to", "conversation_id"):
        marked[key] = _own(drill, str(body[key])) if body.get(key) else None
    return marked | {"created_at": at.isoformat(), "url": None, "media": []}


def _own(drill: Drill, identifier: str) -> str:
    return f"drill-{drill.pk}:{identifier[-_KEPT_ID:]}"


def _source(drill: Drill, name: str, items: list[object]) -> Source:
    """The exercise's stand-in for a source: rules that name the real one take it, and it can send nothing."""
    real = Source.objects.filter(slug=name).exclude(origin=Origin.CANARY).first()
    first = items[0]
    assert isinstance(first, dict)
    place = Source.objects.filter(slug__startswith=f"drill-{drill.pk}-").count()
    known = Source.objects.filter(slug__startswith=f"drill-{drill.pk}-", settings__stands_for=name).first()
    if known is not None:
        return known
    kept = {key: real.settings[key] for key in ("names", "hosts", "campaigns") if key in real.settings} if real else {}
    return Source.objects.create(
        slug=f"drill-{drill.pk}-{place}",
        network=real.network if real else first["network"],
        name=_("Exercise: %(source)s") % {"source": real.name if real else name},
        brand=real.brand if real else "",
        rival=real.rival if real else "",
        handle=real.handle if real else "",
        settings=kept | {"stands_for": name, "exercise": drill.name},
        origin=Origin.DRILL,
        sending=not (real and real.rival),  # people practise answering; the outbox lets nothing of an exercise go
    )


def _follow_deletions(drill: Drill, now: datetime) -> None:
    """What has been deleted on its network since it was recorded goes from the exercise too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.body->>'network', p.body->>'external_id' FROM commandcenter_drillpost p "
            "JOIN mentions_mention m ON m.id = (p.body->>'of')::bigint "
            "WHERE p.drill_id = %s AND m.deleted_at IS NOT NULL",
            [drill.pk],
        )
        gone = cursor.fetchall()
    if not gone:
        return
    DrillPost.objects.filter(pk__in=[pk for pk, _network, _key in gone]).delete()
    source = drill.sources().first()
    if source is not None:
        deletions = [
            {"network": network, "external_id": _own(drill, key), "op": "delete"} for _pk, network, key in gone
        ]
        intake.receive(source, deletions, now=now)


def _take_away(drill: Drill, now: datetime) -> None:
    """Close its incidents, keep its figures and theirs, and delete every row that came of it."""
    for incident in drill.incidents.filter(closed_at=None).select_related("owner"):
        incidents.end_with_exercise(incident, by=drill.stopped_by or drill.started_by or incident.owner, now=now)
    of_incidents = {str(each.pk): practice.keep(each, now) for each in drill.incidents.select_related("drill")}
    drill.figures = figures(drill) | {"incidents": of_incidents}
    ids = list(drill.sources().values_list("pk", flat=True))
    conversations = list(
        Conversation.objects.select_for_update(of=("self",))
        .filter(source__in=ids)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    _forget_bulk_actions(drill, set(conversations))
    mentions = list(Mention.objects.filter(source__in=ids).values_list("pk", flat=True))
    authors = list(
        Mention.objects.filter(source__in=ids, author__external_id__startswith=f"drill-{drill.pk}:")
        .values_list("author", flat=True)
        .distinct()
    )
    with connection.cursor() as cursor:
        for some in _slices(mentions):
            cursor.execute("DELETE FROM mentions_rawrecord WHERE mention_id = ANY(%s)", [some])
    for model, keys in ((Mention, mentions), (Conversation, conversations)):
        for some in _slices(keys):
            remove(model, some)
    for some in _slices(authors):
        remove(Author, some)
    PendingOperation.objects.filter(external_id__startswith=f"drill-{drill.pk}:").delete()
    remove(Source, ids)
    drill.posts.all().delete()
    drill.state, drill.ended_at = Drill.State.ENDED, now
    drill.save()
    _tell("drill.ended", drill, SYSTEM, now, posts=len(mentions), conversations=len(conversations))


def remove(model: type[models.Model], keys: list[Any]) -> None:
    """Delete rows with everything that points at them, whatever tables there are; what may be empty is emptied.

    Django's own deletion stops at protected rows, which is right for everything but an exercise.
    """
    if not keys:
        return
    for relation in model._meta.get_fields(include_hidden=True):  # noqa: SLF001  the documented model _meta API
        if not isinstance(relation, ForeignObjectRel) or isinstance(relation, ManyToManyRel):
            continue  # the rows between two sides of many to many point here by themselves
        other = relation.related_model
        pointing = other._base_manager.filter(**{f"{relation.field.name}__in": keys})  # noqa: SLF001
        if relation.on_delete is models.SET_NULL:
            pointing.update(**{relation.field.name: None})
        else:
            remove(other, list(pointing.values_list("pk", flat=True)))
    model._base_manager.filter(pk__in=keys)._raw_delete("default")  # noqa: SLF001


def _forget_bulk_actions(drill: Drill, conversations: set[int]) -> None:
    """What was dismissed in an exercise cannot be undone after it."""
    for action in BulkAction.objects.filter(at__gte=drill.started_at):
        left = [entry for entry in action.done if entry["id"] not in conversations]
        if len(left) == len(action.done):
            continue
        if left:
            BulkAction.objects.filter(pk=action.pk).update(done=left)
        else:
            action.delete()


def _seconds(start: datetime, stop: datetime) -> float:
    return (stop - start).total_seconds()


def _slices(keys: list[int]) -> Iterator[list[int]]:
    for begin in range(0, len(keys), _DOWN):
        yield keys[begin : begin + _DOWN]


def _tell(kind: str, drill: Drill, by: Actor, at: datetime, **data: int) -> None:
    events.record(kind, at=at, by=by, origin=Origin.DRILL, data={"drill": drill.pk, **data})
