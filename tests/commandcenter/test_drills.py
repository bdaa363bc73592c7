"""An exercise: played through the whole house, sent nowhere, counted nowhere, gone without a trace."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from agents import cases, hold, outbox, replies
from agents.alerts import watch
from agents.cases import Refused
from agents.models import Alert, AlertRule, Case, Note, Reply, ReplyState, Role
from commandcenter import drills, incidents, reports, scenes, usual
from commandcenter.incidents import curve
from commandcenter.models import Drill, DrillPost, Profile
from commandcenter.reports import answering, asking, exports
from mentions import events, intake
from mentions.models import Author, Conversation, Mention, Origin, Source
from tests.commandcenter.history import ago, answer, hear, settle
from tests.factories import make_person, make_queue, make_rule, make_source, post

pytestmark = pytest.mark.django_db

OURS = ("exercise", "incident")


@pytest.fixture
def bank() -> Source:
    """A bank with a morning behind it: posts, one answered, one claimed, one overdue."""
    care = make_queue("care")
    make_rule(care, actionable="true", reason="needs an answer")
    make_rule(make_queue("reviews"), conditions={"source": ["stars"]}, position=0)
    square, stars = make_source("square"), make_source("stars", network="reviews")
    priya = make_person()
    for number in range(6):
        hear(square, at=ago(minutes=90 - number), author=f"a{number}")
    hear(stars, "The app crashes since the update.", at=ago(minutes=80), author="s1", network="reviews")
    first, second, *_ = Conversation.objects.order_by("pk")
    answer(first, by=priya, at=ago(minutes=40))
    cases.claim(second.pk, by=priya)
    settle()
    usual.forget()
    return square


def play(name: str = "Card outage", **fields: Any) -> Drill:
    recording = drills.recorded(ago(hours=3), ago(minutes=10))
    return drills.start(name=name, recording=recording, speed=3600, **fields)


def until_played(drill: Drill, *, seconds: int = 20) -> datetime:
    """Let the listener's time pass until the last post has arrived."""
    now = timezone.now()
    for _ in range(seconds):
        now += timedelta(seconds=1)
        drills.advance(now=now)
    drill.refresh_from_db()
    assert drill.played == drill.total
    return now


def unmarked(context: Mapping[str, Any]) -> dict[str, Any]:
    """What a scene shows of the real thing: without the rows that have the exercise's mark."""
    return {**context, "rows": [row for row in context.get("rows", ()) if "'EXERCISE'" not in repr(row)]}


def everything_counted(now: datetime) -> dict[str, Any]:
    """Every figure that the house knows: all reports, all scenes for both kinds of screens, and the rollups."""
    usual.forget()
    manager = make_person("mary", role=Role.MANAGER, teams=())
    found: dict[str, Any] = {}
    for key, report in reports.every().items():
        ask = asking.read(key, QueryDict(), by=manager, now=now, without=report.without)
        document = exports.document(answering.answer(report, ask), "")
        found[f"report {key}"] = {**document, "caveats": [w for w in document["caveats"] if "EXERCISE" not in w]}
    for key in scenes.known():
        if key not in OURS:
            for profile in Profile if key != "river" else (Profile.STREET,):
                if profile is Profile.INTERNAL or scenes.get(key).strangers:
                    found[f"scene {key} {profile}"] = repr(unmarked(scenes.get(key).context(profile, now)))
    with connection.cursor() as cursor:
        for table in ("mentionrollup", "conversationrollup"):
            cursor.execute(
                f"SELECT grain, topic, start, source_id, network, queue_id, language, total FROM commandcenter_{table} "
                "ORDER BY 1, 2, 3, 4, 5, 6, 7"
            )
            found[table] = cursor.fetchall()
    return found


def rows() -> dict[str, int]:
    """How many rows every table holds, beside those that an exercise leaves on purpose."""
    left = {"Drill", "DrillPost", "Consumer", "AlertRule"}
    kept = {
        model.__name__: model._base_manager.count()
        for label in ("mentions", "agents", "commandcenter")
        for model in apps.get_app_config(label).get_models()
        if model.__name__ not in left
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mentions_rawrecord")
        return kept | {"raw": cursor.fetchone()[0]}


class TestWithoutATrace:
    def test_no_figure_of_the_house_changes_while_it_runs_or_after(self, bank):
        later = timezone.now() + timedelta(minutes=5)
        priya, mary = make_person(), make_person("mary", role=Role.MANAGER, teams=())
        before, held = everything_counted(later), rows()
        drill = play(linger_s=600, by=mary)
        until_played(drill)
        played = Conversation.objects.filter(origin=Origin.DRILL).order_by("pk")
        assert played.count() == 7
        worked = played[0]
        cases.claim(worked.pk, by=priya)
        Note.objects.create(conversation=worked, author=priya, text="practised", at=timezone.now())
        cases.dismiss(played[1].pk, why="spam", by=priya)
        settle()
        during = everything_counted(later)
        assert [name for name in before if before[name] != during[name]] == []

        drills.stop(drill, by=mary)
        drills.advance()
        settle()
        drill.refresh_from_db()
        assert drill.state == Drill.State.ENDED
        after = everything_counted(later)
        assert [name for name in before if before[name] != after[name]] == []
        assert rows() == held
        assert not DrillPost.objects.exists()

    def test_what_it_taught_is_kept_with_it(self, bank):
        drill = play()
        until_played(drill)
        cases.claim(Conversation.objects.filter(origin=Origin.DRILL).first().pk, by=make_person())
        while_it_runs = drills.figures(drill)
        drills.stop(drill)
        drills.advance()
        drill.refresh_from_db()
        assert drills.figures(drill) == while_it_runs
        assert (drill.figures["posts"], drill.figures["conversations"], drill.figures["claimed"]) == (7, 7, 1)

    def test_no_author_of_the_real_thing_is_touched(self, bank):
        known = set(Author.objects.values_list("external_id", "handle", "followers"))
        recording = [(timezone.now(), "square", post("I am somebody else", author={"id": "a1", "handle": "changed"}))]
        drill = drills.start(name="x", recording=recording, speed=10)
        until_played(drill, seconds=2)
        assert Author.objects.filter(handle="changed").exists()
        drills.stop(drill)
        drills.advance()
        assert set(Author.objects.values_list("external_id", "handle", "followers")) == known

    def test_nobody_is_woken_by_it(self, bank):
        drill = play()
        until_played(drill)
        AlertRule.objects.create(kind="overdue", threshold=1)
        Conversation.objects.filter(origin=Origin.LIVE).update(due_at=None)
        Conversation.objects.filter(origin=Origin.DRILL).update(due_at=ago(minutes=1))
        watch.look()
        assert not Alert.objects.exists()


class TestPlaying:
    def test_is_marked_from_its_sources_on_and_routed_as_the_recorded_sources_are(self, bank):
        until_played(play())
        played = Mention.objects.filter(origin=Origin.DRILL)
        assert played.count() == 7
        assert {m.conversation.origin for m in played} == {"drill"}
        assert played.get(network="reviews").conversation.queue.slug == "reviews"

    def test_keeps_the_distances_of_the_recording_at_its_speed(self, bank):
        start = timezone.now()
        recording = [(start + timedelta(minutes=minute), "square", post()) for minute in (0, 1, 10)]
        drill = drills.start(name="x", recording=recording, speed=60, now=start)
        counts = []
        for second in range(12):
            drills.advance(now=start + timedelta(seconds=second))
            drill.refresh_from_db()
            counts.append(drill.played)
        assert counts == [1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3]

    def test_goes_on_after_a_restart_where_it_was_and_does_not_catch_up(self, bank):
        start = timezone.now()
        recording = [(start + timedelta(seconds=second), "square", post()) for second in range(0, 60, 10)]
        drill = drills.start(name="x", recording=recording, now=start)
        drills.advance(now=start)
        drills.advance(now=start + timedelta(hours=1))  # the listener was away for an hour
        drill.refresh_from_db()
        assert drill.played == 1
        assert drill.clock_s == drills.LONGEST_STEP_S

    def test_what_waits_in_it_is_what_nobody_has_taken_or_dismissed(self, bank):
        until_played(play())
        played = list(Conversation.objects.filter(origin=Origin.DRILL).order_by("pk"))
        priya = make_person()
        for conversation in played[:4]:
            cases.dismiss(conversation.pk, why="spam", by=priya)
        cases.claim(played[4].pk, by=priya)
        assert scenes.get("exercise").context(Profile.INTERNAL, timezone.now())["waiting"] == "2"

    def test_ends_by_itself_after_its_time(self, bank):
        drill = play(linger_s=5)
        now = until_played(drill)
        for second in range(10):
            drills.advance(now=now + timedelta(seconds=second))
        drill.refresh_from_db()
        assert drill.ended_at is not None
        assert not Mention.objects.filter(origin=Origin.DRILL).exists()

    def test_one_runs_at_a_time(self, bank):
        play()
        with pytest.raises(Refused, match="running already"):
            play("another")

    def test_what_is_deleted_on_its_network_goes_from_the_exercise_too(self, bank):
        drill = play()
        now = until_played(drill)
        original = Mention.objects.filter(origin=Origin.LIVE, network="townsquare").order_by("pk")[2]
        copy = Mention.objects.get(external_id=f"drill-{drill.pk}:{original.external_id}")
        intake.receive(bank, [{"network": "townsquare", "external_id": original.external_id, "op": "delete"}])
        for second in range(1, 7):
            drills.advance(now=now + timedelta(seconds=second))
        copy.refresh_from_db()
        assert copy.deleted_at is not None
        assert not DrillPost.objects.filter(body__of=original.pk).exists()

    def test_nothing_to_play_is_refused(self, bank):
        with pytest.raises(Refused, match="nothing to play"):
            drills.start(name="x", recording=[])


class TestNothingLeaves:
    def reply(self, bank: Source) -> Reply:
        """A reply in the exercise, submitted as any other and past its undo."""
        until_played(play())
        conversation = Conversation.objects.filter(origin=Origin.DRILL, source__network="townsquare").first()
        priya = make_person()
        cases.claim(conversation.pk, by=priya)
        conversation.refresh_from_db()
        reply = replies.submit(
            conversation.pk,
            text="Sorry about the trouble. Please send us a private message so that we can look into it.",
            visibility="public",
            seen_version=conversation.version,
            client_key=uuid.uuid4(),
            by=priya,
        )
        assert reply.state == ReplyState.HELD
        Reply.objects.filter(pk=reply.pk).update(held_until=ago(minutes=1))
        return reply

    def test_a_reply_is_practised_up_to_the_last_step_and_then_refused(self, bank):
        reply = self.reply(bank)
        outbox.send_due()
        reply.refresh_from_db()
        assert (reply.state, reply.error) == (ReplyState.FAILED, "This is an exercise: nothing leaves.")

    def test_even_one_that_is_marked_as_leaving_is_not_handed_to_a_network(self, bank):
        reply = self.reply(bank)
        Reply.objects.filter(pk=reply.pk).update(state=ReplyState.SENDING, sending_at=timezone.now())
        outbox.deliver(reply.pk)
        reply.refresh_from_db()
        assert reply.state == ReplyState.SENDING
        assert reply.sent_at is None

    def test_its_sources_have_no_secret_and_no_address(self, bank):
        until_played(play())
        assert set(Source.objects.filter(origin=Origin.DRILL).values_list("secrets", "base_url")) == {("", "")}

    def test_the_replies_go_with_it(self, bank):
        self.reply(bank)
        drill = drills.running()
        drills.stop(drill)
        drills.advance()
        assert not Reply.objects.filter(source__origin=Origin.DRILL).exists()
        assert Case.objects.filter(conversation__origin=Origin.DRILL).count() == 0


class TestTheCommand:
    def replay(self, *args: str) -> dict[str, Any]:
        out = StringIO()
        call_command("replay", *args, stdout=out, stderr=StringIO())
        told: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
        return told

    def test_replays_a_file_and_takes_it_away(self, bank, tmp_path):
        file = tmp_path / "hour.jsonl"
        file.write_text("\n".join(json.dumps(post(f"post {n}")) for n in range(4)))
        told = self.replay(str(file), "--speed", "60", "--name", "File")
        assert (told["posts"], told["played"], told["refused"], told["state"]) == (4, 4, 0, "ended")
        assert not Mention.objects.filter(origin=Origin.DRILL).exists()
        assert Drill.objects.get().figures["posts"] == 4

    def test_replays_a_stored_stretch(self, bank):
        start, stop = ago(hours=3).isoformat(), timezone.now().isoformat()
        told = self.replay("--from", start, "--to", stop, "--speed", "3600")
        assert (told["posts"], told["state"]) == (7, "ended")

    def test_leaves_it_to_the_listener_if_asked(self, bank):
        told = self.replay("--from", ago(hours=3).isoformat(), "--to", timezone.now().isoformat(), "--detach")
        assert told["state"] == "running"

    def test_a_card_number_in_a_recording_is_masked_before_it_is_kept(self, bank, tmp_path):
        file = tmp_path / "hour.jsonl"
        file.write_text(json.dumps(post("my card 4111 1111 1111 1111 is gone")))
        self.replay(str(file), "--detach")
        assert "4111 1111" not in json.dumps(list(DrillPost.objects.values_list("body", flat=True)))

    @pytest.mark.parametrize(
        "args",
        [[], ["file", "--from", "2026-11-01T10:00", "--to", "2026-11-01T11:00"], ["--from", "2026-11-01T10:00"]],
    )
    def test_says_what_it_needs(self, args):
        with pytest.raises(CommandError, match="name a FILE"):
            self.replay(*args)

    def test_a_line_that_is_no_post_is_named(self, bank, tmp_path):
        file = tmp_path / "hour.jsonl"
        file.write_text(json.dumps(post()) + "\n{broken\n")
        with pytest.raises(CommandError, match="Post 2"):
            self.replay(str(file))


def test_it_is_recorded_in_the_chain_as_an_exercise(bank):
    drill = play()
    drills.stop(drill)
    drills.advance()
    events.Sealer().tick()
    told = [(e.kind, e.origin) for e in events.after(0) if e.kind.startswith("drill.")]
    assert told == [("drill.started", "drill"), ("drill.stopped", "drill"), ("drill.ended", "drill")]


def test_reports_show_it_under_its_mark_while_it_runs_and_its_incident_is_about_its_own_posts(client, bank):
    mary = make_person("mary", role=Role.MANAGER, teams=())
    client.force_login(mary, "django.contrib.auth.backends.ModelBackend")
    drill = play("Dress rehearsal", by=mary, linger_s=600)
    until_played(drill)
    page = client.get("/reports/volume/").content.decode()
    assert "EXERCISE running: Dress rehearsal. Nothing of it is in these figures." in page
    assert "Figures of Dress rehearsal alone" in page
    for key in ("queues", "river"):
        assert ">EXERCISE<" in scenes.render(key, Profile.INTERNAL, "en").html
    assert "EXERCISE" not in scenes.render("river", Profile.STREET, "en").html
    marked = [card for card in scenes.get("river").context(Profile.INTERNAL, timezone.now())["cards"] if card.mark]
    assert {card.column for card in marked} == {1}
    incident = incidents.open_(
        key=uuid.uuid4(),
        name="Cards",
        by=mary,
        since=ago(hours=1),
        conversation=Conversation.objects.filter(origin="drill").first(),
    )
    assert not hold.holds()
    later = timezone.now() + timedelta(minutes=1)
    while_on = curve.during(incident, later)
    assert (while_on.mentions, while_on.mentions_usual, while_on.conversations) == (7, None, 7)
    drills.stop(drill, by=mary)
    drills.advance(now=later)
    incident.refresh_from_db()
    assert list(incident.entries.values_list("event", flat=True))[-1] == "incident.closed"
    assert curve.during(incident, later) == while_on
    assert sum(hour.value for hour in curve.of(incident, later).hours) == 7
    assert "Dress rehearsal" not in client.get("/reports/volume/").content.decode()


def test_what_was_filled_in_for_an_exercise_is_not_lost_when_it_is_refused(client):
    client.force_login(make_person("mara", role=Role.MANAGER), "django.contrib.auth.backends.ModelBackend")
    given = {
        "name": "Card outage",
        "start": "2026-11-02T10:00",
        "stop": "2026-11-02T09:00",
        "speed": "60",
        "linger": "7",
    }
    answer = client.post("/drills/start/", given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The end lies after the beginning" in page
    for kept in ('value="Card outage"', 'value="2026-11-02T10:00"', '<option value="60" selected', 'value="7"'):
        assert kept in page, kept
