"""The only doors: who may see and do what. Views reach rows through here and never query directly.

A role decides which pages exist for a person (403 otherwise), the teams decide which queues and
conversations do (404 otherwise, so that their existence is not told).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from agents import proving
from agents.models import Alert, AlertKind, Amendment, Case, Original, Reply, ReplyPicture, Role, SavedView, Team, User
from mentions.models import Author, Conversation, Media, Mention, Mute, Origin, Picture, Queue, Visibility

P = ParamSpec("P")

SEES_ALL_TEAMS = frozenset({Role.MANAGER, Role.COMPLIANCE, Role.ADMINISTRATOR})
EVERYBODY = frozenset(Role)

# What each role may do; a page or a verb that asks for an action not named here is a mistake and raises KeyError.
ACTIONS: dict[str, frozenset[Role]] = {
    "see console": EVERYBODY,
    "work cases": frozenset({Role.AGENT, Role.SUPERVISOR}),
    "assign cases": frozenset({Role.SUPERVISOR}),
    "see private": EVERYBODY,
    "approve replies": frozenset({Role.SUPERVISOR, Role.COMPLIANCE}),
    "retract replies": frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR}),
    "retract for others": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    "freeze sending": frozenset({Role.SUPERVISOR, Role.MANAGER, Role.COMPLIANCE, Role.ADMINISTRATOR}),
    "see walls": frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMINISTRATOR}),
    "manage screens": frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMINISTRATOR}),
    "close rooms": frozenset({Role.MANAGER}),
    "see incidents": EVERYBODY,
    "run incidents": frozenset({Role.SUPERVISOR, Role.MANAGER, Role.COMPLIANCE, Role.ADMINISTRATOR}),
    "run drills": frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMINISTRATOR}),
    "see alerts": EVERYBODY,
    "manage alerts": frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    "approve posts": frozenset({Role.SUPERVISOR, Role.MANAGER}),
    "write notices": frozenset({Role.SUPERVISOR, Role.MANAGER, Role.COMPLIANCE, Role.ADMINISTRATOR}),
    "see posts": EVERYBODY,
    "write posts": frozenset({Role.AGENT, Role.SUPERVISOR, Role.MANAGER}),
    "hand over": frozenset({Role.AGENT, Role.SUPERVISOR}),
    "see reports": frozenset({Role.SUPERVISOR, Role.MANAGER, Role.COMPLIANCE, Role.ADMINISTRATOR}),
    "mute authors": frozenset({Role.SUPERVISOR}),
    "set up": frozenset({Role.ADMINISTRATOR}),
    "read the guard": frozenset({Role.COMPLIANCE, Role.ADMINISTRATOR}),
    "write texts": frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.ADMINISTRATOR}),
    "agree to changes": frozenset({Role.COMPLIANCE, Role.ADMINISTRATOR}),
}


def may(user: User, action: str) -> bool:
    """Whether the person's role allows the action at all; teams are asked separately."""
    return user.is_active and Role(user.role) in ACTIONS[action]


def require(user: User, action: str) -> None:
    """Raises `PermissionDenied` (403) unless the person's role allows the action."""
    if not may(user, action):
        raise PermissionDenied(f"the role {user.role} may not {action}")


def signed_in(
    action: str, *, anew: Collection[str] = (), secret: Callable[[], Collection[str]] = frozenset
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """A view for people: sign-in first, then 403 unless the role allows `action`.

    By the methods of `anew` it asks for the password again, unless that was given a moment ago; what was typed waits
    meanwhile, but for the fields named by `secret`.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            require(person(request), action)
            if request.method in anew and not proving.lately(request):
                return proving.ask(request, secret=secret())
            return view(request, *args, **kwargs)

        return cast(Callable[Concatenate[HttpRequest, P], HttpResponse], guarded)

    return decorate


def person(request: HttpRequest) -> User:
    """The signed-in person of a request that `signed_in` let through."""
    return cast(User, request.user)


def sees_all(user: User) -> bool:
    """Whether the person sees every team's work."""
    return user.role in SEES_ALL_TEAMS


def teams_for(user: User) -> QuerySet[Team]:
    """The teams whose work the person sees."""
    return Team.objects.all() if sees_all(user) else Team.objects.filter(people=user)


def queues_for(user: User) -> QuerySet[Queue]:
    """The queues that the person sees, in the order of the house."""
    if sees_all(user):
        return Queue.objects.all()
    return Queue.objects.filter(team_queues__team__people=user).distinct()


# `queues_for` for those who work cases, as SQL: a claim is one statement, and this is a part of it.
WORKED_QUEUES = """
SELECT DISTINCT t.queue_id AS id FROM agents_teamqueue t
JOIN agents_user_teams u ON u.team_id = t.team_id WHERE u.user_id = %(owner)s
"""


def conversations_for(user: User) -> QuerySet[Conversation]:
    """The conversations that the person sees: those of their queues, and any they hold themselves.

    Canaries are nobody's work and appear to none.
    """
    seen = Conversation.objects.exclude(origin=Origin.CANARY)
    if not may(user, "see private"):
        seen = seen.filter(visibility=Visibility.PUBLIC)
    if sees_all(user):
        return seen
    held = Case.objects.filter(owner=user, ended_at=None).values("conversation")
    return seen.filter(Q(queue__in=queues_for(user).values("pk")) | Q(pk__in=held))


_OPENED = ("author", "source", "queue")


def conversation_for(user: User, pk: int) -> Conversation:
    """One conversation with its author, source and queue. Raises `Http404` if the person does not see it."""
    found = conversations_for(user).select_related(*_OPENED).filter(pk=pk).first()
    if found is None:
        raise Http404("no such conversation")
    return found


def conversation_after(user: User, pk: int) -> tuple[Conversation, bool]:
    """A conversation that the person saw a moment ago, as a verb has left it, and whether they see it still."""
    found = conversations_for(user).select_related(*_OPENED).filter(pk=pk).first()
    return (found, True) if found is not None else (Conversation.objects.select_related(*_OPENED).get(pk=pk), False)


def find_queue(user: User, slug: str) -> Queue | None:
    """One queue by its slug, or by whatever somebody sent as one; None if the person sees no such queue."""
    return queues_for(user).filter(slug=slug).first() if slug and "\0" not in slug else None


def queue_for(user: User, slug: str) -> Queue:
    """One queue by its slug. Raises `Http404` if the person does not see it."""
    found = find_queue(user, slug)
    if found is None:
        raise Http404("no such queue")
    return found


def mutes_for(user: User) -> QuerySet[Mute]:
    """The mutes of authors with whom the person sees a conversation."""
    return Mute.objects.filter(author__in=conversations_for(user).values("author"))


def mute_for(user: User, pk: int) -> Mute:
    """One mute. Raises `Http404` if the person sees nothing of its author."""
    found = mutes_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404("no such mute")
    return found


def saved_views(user: User) -> QuerySet[SavedView]:
    """The searches that stand among the person's lists: their own, and those kept for a team of theirs."""
    return SavedView.objects.filter(Q(person=user) | Q(team__in=user.teams.values("pk")))


def mention_for(user: User, pk: int) -> Mention:
    """One mention of a conversation that the person sees. Raises `Http404` otherwise."""
    found = Mention.objects.filter(pk=pk, conversation__in=conversations_for(user).values("pk")).first()
    if found is None:
        raise Http404("no such mention")
    return found


def picture_for(user: User, pk: int) -> Picture:
    """Our copy of a picture in a conversation that the person sees. Raises `Http404` otherwise."""
    found = Media.objects.filter(pk=pk, mention__conversation__in=conversations_for(user).values("pk"))
    shown = found.select_related("picture").first()
    if shown is None or shown.picture is None:
        raise Http404("no such picture")
    return shown.picture


def face_for(user: User, pk: int) -> Picture:
    """Our copy of the face of an author whose conversation the person sees. Raises `Http404` otherwise."""
    author = Author.objects.select_related("avatar").filter(pk=pk, avatar__isnull=False).first()
    seen = author is not None and conversations_for(user).filter(author=author).exists()
    if author is None or author.avatar is None or not seen:
        raise Http404("no such picture")
    return author.avatar


def reply_picture_for(user: User, pk: int) -> ReplyPicture:
    """A picture of a reply that the person sees; those of a draft only its author does. Raises `Http404` otherwise."""
    found = ReplyPicture.objects.filter(pk=pk).select_related("reply").first()
    if found is None:
        raise Http404("no such picture")
    reply = reply_for(user, found.reply_id)
    if reply.state == "draft" and reply.author_id != user.pk:
        raise Http404("no such picture")
    return found


def draft_picture_for(user: User, pk: int) -> ReplyPicture:
    """A picture of what the person is writing. Raises `Http404` otherwise."""
    found = reply_picture_for(user, pk)
    if found.reply.state != "draft" or found.reply.author_id != user.pk:
        raise Http404("no such picture")
    return found


def any_queue(pk: int) -> Queue:
    """A queue to hand something to, whichever team works it. Raises `Http404`."""
    found = Queue.objects.filter(pk=pk, retired_at=None).first()
    if found is None:
        raise Http404("no such queue")
    return found


def reply_for(user: User, pk: int) -> Reply:
    """One reply of a conversation that the person sees, or a post of a team of theirs. Raises `Http404` otherwise."""
    related = ("conversation", "author", "source", "target", "original__team__profile")
    reply = Reply.objects.select_related(*related).filter(pk=pk).first()
    if reply is not None and reply.conversation_id is None:
        seen = originals_for(user).filter(pk=pk).exists()
    else:
        seen = reply is not None and conversations_for(user).filter(replies_sent=reply).exists()
    if reply is None or not seen:
        raise Http404("no such reply")
    return reply


def amendment_for(user: User, pk: int) -> Amendment:
    """New words for a reply that the person sees. Raises `Http404` otherwise."""
    found = Amendment.objects.filter(pk=pk, kind=Amendment.Kind.WORDS).first()
    if found is None or found.reply_id is None:
        raise Http404("no such change")
    reply_for(user, found.reply_id)
    return found


def originals_for(user: User) -> QuerySet[Original]:
    """The posts of our own that the person sees: those of their teams; a draft only its author does."""
    seen = Original.objects.exclude(Q(reply__state="draft") & ~Q(reply__author=user))
    return seen if sees_all(user) else seen.filter(team__in=user.teams.values("pk"))


def original_for(user: User, pk: int) -> Original:
    """One post of our own with its reply row. Raises `Http404` if the person does not see it."""
    related = ("reply__source", "reply__author", "team__profile")
    found = originals_for(user).select_related(*related).filter(pk=pk).first()
    if found is None:
        raise Http404("no such post")
    found.reply.original = found
    return found


def replies_to_approve(user: User) -> QuerySet[Reply]:
    """Replies that wait for a second person and that this person could be: not their own, in their teams."""
    require(user, "approve replies")
    waiting = Reply.objects.filter(state="awaiting_approval").exclude(author=user)
    if not sees_all(user):
        teams = Q(conversation__queue__in=queues_for(user).values("pk")) | Q(original__team__in=user.teams.values("pk"))
        waiting = waiting.filter(teams)
    related = ("conversation", "author", "source", "target", "original__team")
    return waiting.select_related(*related).order_by("submitted_at", "id")


def edits_to_approve(user: User) -> QuerySet[Amendment]:
    """New words for sent replies that wait for a second person, which this person could be."""
    require(user, "approve replies")
    waiting = Amendment.objects.filter(state=Amendment.State.AWAITING_APPROVAL).exclude(person=user)
    if not sees_all(user):
        queues, teams = queues_for(user).values("pk"), user.teams.values("pk")
        waiting = waiting.filter(Q(reply__conversation__queue__in=queues) | Q(reply__original__team__in=teams))
    related = ("person", "reply__conversation__author", "reply__conversation__source", "reply__source")
    return waiting.select_related(*related, "reply__target__author", "reply__original__team").order_by("pk")


def colleagues(user: User, queue: Queue) -> QuerySet[User]:
    """Those who could own a conversation of the queue: active agents and supervisors of its teams."""
    return (
        User.objects.filter(is_active=True, role__in=ACTIONS["work cases"], teams__queues=queue)
        .distinct()
        .order_by("first_name", "last_name")
    )


def workers_of_queues(user: User) -> QuerySet[User]:
    """Those who could own something in the queues that the person sees."""
    queues = queues_for(user).values("pk")
    working = User.objects.filter(is_active=True, role__in=ACTIONS["work cases"], teams__queues__in=queues)
    return working.distinct().order_by("first_name", "last_name")


def alerts_for(user: User) -> QuerySet[Alert]:
    """The alerts that the person sees: everybody's, those of their teams, and any that they were told of.

    Overdue work of a queue that no team works is for those who see all teams: nobody else can open it.
    """
    if sees_all(user):
        return Alert.objects.all()
    teams = user.teams.values("pk")
    told = Alert.objects.filter(deliveries__person=user).values("pk")
    everybodys = Q(team=None) & ~Q(kind=AlertKind.OVERDUE)
    return Alert.objects.filter(everybodys | Q(team__in=teams) | Q(pk__in=told))


def alert_for(user: User, pk: int) -> Alert:
    """One alert. Raises `Http404` if the person does not see it."""
    found = alerts_for(user).select_related("acknowledged_by", "team").filter(pk=pk).first()
    if found is None:
        raise Http404("no such alert")
    return found


def home_team(queue_id: int) -> Team | None:
    """The team that a queue's work is counted for."""
    return Team.objects.filter(team_queues__queue_id=queue_id, team_queues__home=True).first()


def guarded_by(user: User, queue: Queue) -> Team:
    """The team whose regulatory profile binds a reply that this person sends from this queue.

    The person's own team where it works the queue, else the queue's home team. Raises `PermissionDenied`
    if no team answers for the queue, since then no policy would.
    """
    working = Team.objects.filter(queues=queue).select_related("profile").order_by("-team_queues__home", "pk")
    team = working.filter(people=user).first() or working.first()
    if team is None:
        raise PermissionDenied(f"no team works the queue {queue}: set one up before replying")
    return team


def first_administrator_needed(*, lock: bool = False) -> bool:
    """Whether nobody can administer this installation yet; `lock` keeps it so to the transaction's end."""
    if lock:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('first administrator'))")
    return not User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists()
