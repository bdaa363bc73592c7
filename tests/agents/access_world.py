"""A bank of two teams with work each, for the access matrix: what one team may see of it, the other may not."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from agents import alerts, cases, guarding, replies, tokens
from agents.models import Amendment, BulkAction, Macro, Note, Proposal, Reply, ReplyPicture, ReplyState, Role, User
from commandcenter import drills, incidents
from commandcenter.models import Drill, Suggestion
from commandcenter.models.screens import Playlist, Room, Screen
from mentions import intake, sandbox
from mentions.models import Author, Conversation, Media, Mute, Picture, Queue, Source
from mentions.sandbox import square
from mentions.sandbox.models import Article, Photo, Post
from tests.agents.access_table import ADMINISTRATOR, MANAGER, SUPERVISOR, TABLE, Address
from tests.factories import (
    make_original,
    make_person,
    make_profile,
    make_queue,
    make_rule,
    make_site,
    make_source,
    post,
)

SECRET = "quillfeather"  # a word that only the other team's customers say
OURS = "marmaladefox"


@dataclass
class Team:
    """What belongs to one team, as identifiers for addresses."""

    queue: str
    queue_id: int
    conversation: int
    mention: int
    reply: int
    action: int
    person: int
    source: int
    alert: int
    original: int = 0
    edit: int = 0
    picture: int = 0
    face: int = 0
    mute: int = 0
    shown: int = 0
    scene: str = "pulse"
    incident: int = 0
    suggestion: int = 0
    drill: int = 0
    rule: int = 0
    team: int = 0
    policy: int = 0
    calendar: int = 0
    site: int = 0
    guard: int = 0
    text: int = 0
    token: int = 0
    proposal: int = 0
    report: str = "volume"
    network: str = "townsquare"


@dataclass
class World:
    """Two teams of one bank with work each, and a person of every role who belongs to the first."""

    own: Team
    other: Team
    people: dict[Role, Client]
    square_post: str

    def url(self, route: str, team: Team) -> str:
        about = TABLE[route].about if route in TABLE else ""
        chosen = {
            "<row:pk>": str(getattr(team, about, 1)),
            "<slug:key>": self.square_post if route.startswith("sandbox/") else str(getattr(team, about, "none")),
            "<slug:kind>": "csv",
            "<slug:deed>": "take-back" if route.startswith("posts/") else "note",
            "<str:handle>": "dana",
            "<slug:network>": "townsquare",
            "<slug:slug>": "square",
            "<str:token>": "eyJ9",
            "<path:rest>": "nothing/here",
        }
        for name, value in chosen.items():
            route = route.replace(name, value)
        return f"/{route}"

    def data(self, address: Address, team: Team) -> dict[str, str]:
        tomorrow = timezone.localtime() + timezone.timedelta(days=1)
        filled = {
            "queue": str(self.other.queue_id if team is self.own else self.own.queue_id),
            "person": str(team.person),
            "tomorrow": tomorrow.strftime("%Y-%m-%dT%H:%M"),
            "uuid": str(uuid.uuid4()),
        }
        return {name: value.format(**filled) for name, value in address.data.items()}


def make_world() -> World:
    source = make_source("square")
    make_source("elsewhere", network="boards")
    own, other = make_team("care", OURS, source), make_team("fraud", SECRET, source)
    people = {}
    for role in Role:
        person = make_person(f"the-{role}", role=role, teams=("care",))
        if role == ADMINISTRATOR:
            User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
        people[role] = browser(person)
    make_screen(by=make_person("the-supervisor", role=SUPERVISOR))
    sandbox.configure("http://127.0.0.1:9/hooks/townsquare/square", "secret", "meridian", "token")
    written = square.write("dana", "hello").key
    article = Article(key=written, paper="Ledger")  # of the same name, so that one key opens both
    article.headline, article.text = "Rates rise", "A little."
    article.save()
    Photo.objects.create(key=written, post=Post.objects.get(key=written), type="image/png")
    return World(own, other, people, written)


def make_screen(*, by: User) -> None:
    """What belongs to no team: a room, a screen in it and a playlist, each the first of its kind."""
    now = timezone.now()
    room = Room.objects.create(pk=1, site=make_site(), name="Lobby")
    Screen.objects.create(pk=1, name="Lobby", room=room, asked_by=by, asked_at=now, secret_at=now)
    Playlist.objects.create(pk=1, name="Usual", entries=[{"scene": "pulse", "seconds": 30}])


def make_team(slug: str, word: str, source: Source) -> Team:
    """A team with an agent, a conversation of theirs with a reply that waits, one that they dismissed, and one free."""
    queue = make_queue(slug)
    agent = make_person(f"agent-of-{slug}", teams=(slug,))
    said = [post(f"{word} {n}", author={"id": f"{word}{n}", "handle": f"{word}{n}", "name": word}) for n in range(3)]
    intake.receive(source, said)
    found = list(Conversation.objects.filter(author__handle__startswith=word).order_by("pk"))
    for conversation in found:
        Conversation.objects.filter(pk=conversation.pk).update(queue=queue)
    held, dismissed, _free = found
    cases.claim(held.pk, by=agent)
    held.refresh_from_db()
    reply = replies.submit(
        held.pk,
        text="Sorry about the trouble. Please send us a private message so that we can look into it.",
        visibility="public",
        seen_version=held.version,
        client_key=uuid.uuid4(),
        by=agent,
    )
    Reply.objects.filter(pk=reply.pk).update(state=ReplyState.AWAITING_APPROVAL, text=f"{word} answered")
    Note.objects.create(conversation=held, author=agent, text=f"{word} noted", at=timezone.now())
    cases.dismiss(dismissed.pk, why="spam", by=agent)
    action = BulkAction.objects.create(person=agent, disposition="spam", done=[], at=timezone.now())
    mention = held.mentions.get().pk
    alert = alerts.raise_("overdue", f"queue:{queue.pk}", {"queue": word, "late": 3}, team=queue.teams.get())
    assert alert is not None
    original = make_original(source, f"{word} planned", team=queue.teams.get(), author=agent).pk
    crisis = (
        make_crisis(slug, held) | make_pictures(held, reply) | {"original": original, "edit": make_edit(reply, agent)}
    )
    crisis |= make_setup(queue, word, agent)
    now = timezone.now()
    about = {"author": held.author, "reason": f"{word} floods", "by": agent.pk, "muted_at": now}
    crisis["mute"] = Mute.objects.create(until=now + timedelta(days=1), **about).pk
    return Team(slug, queue.pk, held.pk, mention, reply.pk, action.pk, agent.pk, source.pk, alert.pk, **crisis)


def make_edit(reply: Reply, by: User) -> int:
    """New words for the team's reply that wait for a second person."""
    waits = Amendment.State.AWAITING_APPROVAL
    about = {"text": f"{reply.text} in other words", "before": reply.text, "asked_at": timezone.now()}
    return Amendment.objects.create(kind="words", reply=reply, person=by, state=waits, **about).pk


def make_pictures(conversation: Conversation, reply: Reply) -> dict[str, int]:
    """A picture that we keep of the conversation's post, its author's face, and one that leaves with our reply."""
    kept = Picture.objects.create(
        digest=str(conversation.pk), body=b"pixels", type="image/png", width=1, height=1, kept_at=timezone.now()
    )
    mention, author = conversation.mentions.get(), conversation.author
    medium = Media.objects.create(mention=mention, url="https://x.example/a.png", state="kept", picture=kept)
    Author.objects.filter(pk=author.pk).update(avatar=kept)
    drawn = {"body": b"pixels", "type": "image/png", "width": 1, "height": 1, "size": 6, "digest": "0"}
    return {"picture": medium.pk, "face": author.pk, "shown": ReplyPicture.objects.create(reply=reply, **drawn).pk}


def make_setup(queue: Queue, word: str, agent: User) -> dict[str, int]:
    """What an administrator sees of a team: its rule, promise, guard, a text, a token, and what waits for two."""
    team, now = queue.teams.get(), timezone.now()
    profile = make_profile(f"guard-of-{queue.slug}")
    asked = {"kind": Proposal.Kind.GUARD, "subject": profile.pk, "asked_by": agent, "asked_at": now}
    return {
        "rule": make_rule(queue, name=f"{word} rule", conditions={"words_any": [word]}).pk,
        "team": team.pk,
        "policy": queue.policy_id,
        "calendar": queue.policy.calendar_id,
        "site": make_site().pk,
        "guard": profile.pk,
        "text": Macro.objects.create(name=f"{word} text", team=team, text=word).pk,
        "token": tokens.make(word, scopes=["read"], teams=[team])[0].pk,
        "proposal": Proposal.objects.create(change={"wanted": guarding.state(profile), "edition": 0}, **asked).pk,
    }


def make_crisis(slug: str, conversation: Conversation) -> dict[str, int]:
    """An incident that holds the team's conversation, a suggestion, and the exercise, which is everybody's."""
    boss, now = make_person("the-boss", role=MANAGER, teams=()), timezone.now()
    incident = incidents.open_(key=uuid.uuid4(), name="Outage", by=boss, conversation=conversation)
    figures = {"since": now.isoformat()}
    suggestion = Suggestion.objects.create(kind="blind", subject=slug, figures=figures, first_at=now, last_at=now)
    drill = Drill.objects.first() or drills.start(name="Drill", recording=[(now, "square", post("practice"))])
    return {"incident": incident.pk, "suggestion": suggestion.pk, "drill": drill.pk}


def browser(person: User | None = None, **options: Any) -> Client:
    client = Client(raise_request_exception=False, **options)
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client
