"""An incident: suggested by figures, declared once, told to everybody, timed, and accounted for at its end."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone

from agents import hold
from agents.alerts import wording
from agents.cases import Refused
from agents.models import Alert, AlertKind, Role
from commandcenter import drills, incidents, periods, scenes, usual
from commandcenter.incidents import after, clocks, curve, suggest
from commandcenter.models import Incident, IncidentClock, IncidentEntry, Profile, Suggestion
from mentions import events
from mentions.models import Conversation, Mention, Source
from tests.commandcenter.history import ago, answer, hear, settle
from tests.factories import make_person, make_profile, make_queue, make_rule, make_source, post

DORA = clocks.REGIMES["dora"]
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def boss(name: str = "mary") -> Any:
    return make_person(name, role=Role.MANAGER, teams=())


def declare(name: str = "Cards are declined", **fields: Any) -> Incident:
    return incidents.open_(
        key=fields.pop("key", uuid.uuid4()), name=name, by=fields.pop("by", None) or boss(), **fields
    )


@pytest.fixture
def bank() -> Source:
    care = make_queue("care")
    make_rule(care, actionable="true", reason="needs an answer")
    usual.forget()
    return make_source()


@pytest.mark.django_db
class TestDeclaring:
    def test_the_same_press_twice_is_one_incident(self):
        key = uuid.uuid4()
        assert declare(key=key).pk == declare(key=key).pk

    def test_only_those_who_may_run_one_declare_one(self):
        with pytest.raises(PermissionDenied):
            declare(by=make_person("ann"))

    def test_every_change_is_a_line_with_who_and_when_and_an_event(self):
        mary, sam = boss(), make_person("sam", role=Role.SUPERVISOR)
        incident = declare(by=mary)
        incidents.note(incident, "The processor confirms an outage.", by=sam)
        incidents.hand_over(incident, sam, by=mary)
        incidents.describe(incident, name="Card outage", severity="critical", by=sam)
        incidents.promise_update(incident, timezone.now() + timedelta(minutes=30), by=sam)
        incidents.close(incident, lesson="Call the processor sooner.", by=sam)
        told = list(IncidentEntry.objects.values_list("event", "by__username"))
        assert [kind for kind, _ in told] == [
            "incident.opened",
            "incident.paused",
            "incident.noted",
            "incident.handed_over",
            "incident.described",
            "incident.update_promised",
            "incident.closed",
        ]
        assert all(who for _, who in told)
        events.Sealer().tick()
        recorded = [e for e in events.after(0) if e.kind.startswith("incident.")]
        assert len(recorded) == 7
        assert not any("outage" in str(e.data).lower() for e in recorded), "an event holds no words"

    def test_what_changes_nothing_leaves_no_line(self):
        incident = declare()
        incidents.describe(incident, name=incident.name, severity=incident.severity, by=boss())
        assert incident.entries.count() == 2  # declared, and what is scheduled is held

    def test_a_closed_one_stays_as_it_is(self):
        incident = declare()
        incidents.close(incident, lesson="", by=boss())
        with pytest.raises(Refused):
            incidents.note(incident, "too late", by=boss())

    def test_a_card_number_in_a_note_is_masked(self):
        incident = declare()
        incidents.note(incident, "customer says 4111 1111 1111 1111", by=boss())
        assert "4111 1111" not in incident.entries.last().text

    def test_people_on_duty_are_told_and_it_is_over_with_the_incident(self):
        incident = declare()
        alert = Alert.objects.get(kind=AlertKind.INCIDENT)
        assert alert.about["name"] == "Cards are declined"
        incidents.close(incident, lesson="", by=boss())
        alert.refresh_from_db()
        assert alert.over_at is not None

    def test_walls_show_the_worst_open_one_and_none_when_all_is_calm(self):
        assert incidents.active() is None
        minor = declare("Slow app", severity="minor")
        worst = declare("Breach", severity="critical")
        declare("Long lines", severity="major")
        assert incidents.active() == worst
        for each in Incident.objects.exclude(pk=minor.pk):
            incidents.close(each, lesson="", by=boss())
        assert incidents.active() == minor


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def at_once(self, deed: Any, times: int = 6) -> set[int]:
        def press(_: int) -> int:
            try:
                return deed().pk
            finally:
                connection.close()

        with ThreadPoolExecutor(times) as pool:
            return set(pool.map(press, range(times)))

    def test_two_who_press_the_same_button_open_one(self):
        key, mary = uuid.uuid4(), boss()
        make_profile()
        assert len(self.at_once(lambda: declare(key=key, by=mary))) == 1
        assert IncidentEntry.objects.count() == 2

    def test_two_people_who_turn_one_suggestion_into_an_incident_get_one(self):
        mary, now = boss(), timezone.now()
        made = Suggestion.objects.create(
            kind="topic", subject="cards", figures={"since": now.isoformat()}, first_at=now, last_at=now
        )
        assert len(self.at_once(lambda: declare(by=mary, suggestion=made))) == 1

    def test_two_agents_worried_by_one_conversation_get_one(self, bank):
        mary = boss()
        worry = Conversation.objects.get(pk=hear(bank, at=ago(minutes=1)).conversation_id)
        assert len(self.at_once(lambda: declare(by=mary, conversation=worry))) == 1

    def test_two_who_report_at_once_are_one_report(self):
        mary = boss()
        make_profile(clocks=list(clocks.REGIMES["us-bank"]))
        incident = declare(by=mary)
        incidents.set_moment(incident, "determined_at", timezone.now(), by=mary)
        clock = IncidentClock.objects.select_related("incident").get()

        def report() -> Incident:
            incidents.meet(clock, by=mary)
            return incident

        self.at_once(report)
        assert incident.entries.filter(event="incident.reported").count() == 1


@pytest.mark.django_db
class TestStatement:
    def test_passes_the_guard(self):
        incident = declare()
        verdict = incidents.state(incident, "Your card ending 4242 works again, Mr Miller.", by=boss())
        incident.refresh_from_db()
        assert verdict.outcome in ("block", "approve")
        if verdict.outcome == "block":
            assert incident.holding == ""
        fine = "Some card payments do not go through right now. We are working on it."
        assert incidents.state(incident, fine, by=boss()).outcome == "pass"
        incident.refresh_from_db()
        assert incident.holding == fine

    def test_a_card_number_is_blocked(self):
        incident = declare()
        assert incidents.state(incident, "call 4111 1111 1111 1111", by=boss()).outcome == "block"
        assert incident.entries.filter(event="incident.statement").count() == 0


@pytest.mark.django_db
class TestHolding:
    def test_what_is_scheduled_is_held_until_somebody_lifts_it_or_the_incident_ends(self):
        incident = declare()
        assert incidents.paused()
        assert hold.of_incident(incident.pk) is not None
        incidents.pause(incident, by=boss())
        incidents.resume(incident, by=boss())
        assert not hold.holds()
        incidents.pause(incident, by=boss())
        incidents.close(incident, lesson="", by=boss())
        assert not hold.holds()
        kinds = list(incident.entries.values_list("event", flat=True))
        assert kinds.count("incident.paused") == 2

    def test_one_incident_does_not_release_what_another_holds(self):
        first, second = declare("one"), declare("two", severity="critical")
        incidents.resume(second, by=boss())
        shown = scenes.get("incident").context(Profile.INTERNAL, timezone.now())
        assert (shown["incident"], shown["held"]) == (second, "Scheduled posts")  # held by the other one
        incidents.close(second, lesson="", by=boss())
        assert hold.holds()
        incidents.close(first, lesson="", by=boss())
        assert not hold.holds()


@pytest.mark.django_db
class TestSuggestions:
    def usually(self, bank: Source, weekly: int, now_many: int, **fields: Any) -> None:
        """So many posts in the last half hour, and weekly at this time in each of four earlier weeks."""
        now = timezone.now()
        for week in range(1, 5):
            for number in range(weekly):
                hear(bank, at=now - timedelta(weeks=week, minutes=5), author=f"w{week}-{number}", **fields)
        for number in range(now_many):
            hear(bank, at=now - timedelta(minutes=number % 3, seconds=30), author=f"n{number}", **fields)
        settle()
        usual.forget()

    def test_a_topic_far_above_usual_is_suggested_once_with_its_n_in_words(self, bank):
        self.usually(bank, 2, 40)
        suggest.look()
        suggest.look()
        found = Suggestion.objects.filter(kind="topic")
        assert found.count() >= 1
        one = found.first()
        assert one.figures["value"] == 40
        assert "40 posts since" in suggest.reason(one)
        assert "2 were usual in the same hours of the last 4 weeks" in suggest.reason(one)
        assert Alert.objects.filter(kind=AlertKind.SPIKE).count() == Suggestion.objects.count()
        for zone in ("America/New_York", "Asia/Manila"):
            with timezone.override(zone):
                assert suggest.reason(one) in wording.title(Alert.objects.get(subject=f"suggestion:{one.pk}"))

    def test_what_is_usual_is_none(self, bank):
        self.usually(bank, 18, 20)
        suggest.look()
        assert not Suggestion.objects.exists()

    def test_without_earlier_weeks_nothing_is_claimed(self, bank):
        self.usually(bank, 0, 40)
        suggest.look()
        assert not Suggestion.objects.exists()

    def test_a_wave_of_phishing_is_suggested(self, bank):
        self.usually(bank, 1, 30)
        Mention.objects.filter(occurred_at__gte=ago(minutes=10)).update(phishing=True)
        suggest.look()
        assert suggest.title(Suggestion.objects.get(kind="phishing")) == "A wave of phishing"

    def test_dismissed_with_a_reason_it_stays_away_until_it_is_over(self, bank):
        self.usually(bank, 2, 40)
        suggest.look()
        one = Suggestion.objects.filter(kind="topic").first()
        with pytest.raises(Refused):
            suggest.dismiss(one, why=" ", by=boss())
        suggest.dismiss(one, why="a campaign of ours", by=boss())
        suggest.look()
        assert one not in suggest.standing()
        assert Suggestion.objects.filter(kind="topic", subject=one.subject).count() == 1
        suggest.look(now=timezone.now() + timedelta(hours=4))
        one.refresh_from_db()
        assert one.over_at is not None

    def test_a_source_that_stays_blind_is_suggested(self, bank):
        Source.objects.filter(pk=bank.pk).update(blind_since=ago(minutes=20))
        suggest.look()
        assert suggest.title(Suggestion.objects.get()) == "Square is blind"

    def test_an_exercise_suggests_nothing(self, bank):
        self.usually(bank, 2, 3)
        recording = [(timezone.now(), "square", post()) for _ in range(60)]
        drills.start(name="x", recording=recording, speed=10)
        drills.advance()
        settle()
        usual.forget()
        suggest.look()
        assert not Suggestion.objects.exists()


@pytest.mark.django_db
class TestTheAfterReport:
    def test_tells_what_happened_against_normal_how_it_was_answered_and_who_knew_when(self, bank):
        mary, now = boss(), timezone.now()
        priya = make_person()
        for week in range(1, 5):
            hear(bank, at=now - timedelta(weeks=week, minutes=20), author=f"w{week}")
        mentions = [hear(bank, at=now - timedelta(minutes=20), author=f"a{n}") for n in range(8)]
        answer(mentions[0].conversation, by=priya, at=now - timedelta(minutes=10))
        incident = declare(by=mary, conversation=mentions[1].conversation, since=now - timedelta(minutes=30))
        incidents.note(incident, "The processor is down.", by=mary)
        settle()
        usual.forget()
        told = after.document(incident, by=mary, now=now)
        assert told["figures"]["mentions"] == 8
        assert told["figures"]["mentions_usual"] == 1
        assert (told["figures"]["answered"], told["figures"]["actionable"]) == (1, 8)
        assert told["figures"]["first_response_median_s"] == pytest.approx(600, abs=2)
        assert [entry["text"] for entry in told["timeline"]][-1] == "The processor is down."
        assert told["conversations"][0]["number"] == mentions[1].conversation.number
        assert told["who_knew_when"][0]["who"] == "Mary"
        assert sum(hour["mentions"] for hour in told["hours"]) == 8

    @pytest.mark.parametrize(
        "now",
        [
            pytest.param(datetime(2025, 9, 23, 17, 16, tzinfo=UTC), id="a plain month"),
            pytest.param(datetime(2025, 11, 23, 7, 16, tzinfo=UTC), id="the hour that came twice three weeks ago"),
            pytest.param(datetime(2025, 11, 23, 9, 16, tzinfo=UTC), id="hours after it"),
            pytest.param(datetime(2025, 3, 30, 8, 16, tzinfo=UTC), id="hours after the one left out three weeks ago"),
        ],
    )
    def test_what_is_usual_falls_on_its_own_hour_in_every_week(self, bank, now):
        for week in range(1, 5):
            hear(bank, at=periods.moved(now, -7 * week) - timedelta(hours=1), author=f"w{week}")
        settle(now=now)
        usual.forget()
        line = curve.of(declare(since=now - timedelta(hours=2)), now)
        assert [hour.usual for hour in line.hours if hour.usual] == [1.0]
        assert line.hours[-2].usual == 1.0

    def test_an_hour_that_has_just_begun_is_no_fall_to_the_floor(self, bank):
        now = datetime(2026, 3, 4, 14, 3, 30, tzinfo=UTC)
        for week in (0, 1):
            for minute in range(0, 120, 10):
                at = now - timedelta(weeks=week, minutes=minute)
                hear(bank, at=at, received=now - timedelta(weeks=week), author=f"{week}-{minute}")
        settle(now=now)
        usual.forget()
        line = curve.of(declare(since=now - timedelta(hours=4)), now)
        assert line.hours[-1].value == line.hours[-1].usual == 1, "what has come of it, beside as much of the usual"
        assert line.points[-1].value == line.points[-1].usual == 6, "the last sixty minutes"
        assert line.points[:-1] == line.hours[:-1]

    def test_a_long_one_is_drawn_up_to_now_and_is_not_its_own_usual(self, bank):
        now = datetime(2026, 3, 20, 14, 30, tzinfo=UTC)
        for back, count in ((0, 4), (7, 9), (14, 2)):
            for number in range(count):
                at = periods.moved(now, -back) - timedelta(minutes=5)
                hear(bank, at=at, received=at, author=f"{back}-{number}")
        settle(now=now)
        usual.forget()
        incident = declare(since=now - timedelta(days=10))
        line = curve.of(incident, now)
        assert line.hours[-1].start == periods.hour(now)
        assert line.hours[0].start == periods.hour(now - curve.LONGEST)
        assert line.since is None
        assert line.points[-1].usual == 2, "the week before it, and not the one within it"
        assert curve.during(incident, now).mentions_usual == 2
        assert "Tue 10:00" in scenes.get("incident").context(Profile.INTERNAL, now)["times"][0]

    def test_the_curve_counts_its_topic_alone(self, bank):
        hear(bank, "@bank my card was declined", at=ago(minutes=5), author="a")
        hear(bank, "@bank what are your opening hours?", at=ago(minutes=5), author="b")
        topic = Mention.objects.get(author__external_id="a").topics[0]
        settle()
        usual.forget()
        incident = declare(topic=topic, since=ago(minutes=10))
        assert sum(hour.value for hour in curve.of(incident, timezone.now()).hours) == 1


@pytest.mark.django_db
class TestPages:
    def client(self, person: Any) -> Client:
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def test_one_press_turns_a_worry_into_an_incident(self, bank):
        mention = hear(bank, at=ago(minutes=1))
        client = self.client(boss())
        answered = client.post("/incidents/open/", {"conversation": mention.conversation_id})
        incident = Incident.objects.get()
        assert answered.headers["Location"] == f"/incidents/{incident.pk}/"
        assert list(incident.conversations.all()) == [mention.conversation]
        assert mention.conversation.number in incident.name

    def test_a_blocked_statement_comes_back_with_the_guards_words(self):
        incident = declare()
        answered = self.client(boss()).post(f"/incidents/{incident.pk}/statement/", {"text": "4111 1111 1111 1111"})
        assert answered.status_code == 422
        assert b"The guard blocks it." in answered.content

    def test_the_whole_page_is_there_for_a_reader_and_for_programs(self, bank):
        make_profile("both-shores", clocks=[*clocks.REGIMES["us-bank"], *DORA])
        incident = declare()
        incidents.set_moment(incident, "determined_at", timezone.now(), by=boss())
        client = self.client(boss())
        page = client.get(f"/incidents/{incident.pk}/").content.decode()
        assert "12 CFR 53.3" in page
        assert "Due" in page
        assert client.get(f"/incidents/{incident.pk}/after.json").json()["clocks"][0]["due_at"]
        assert client.get("/incidents/").status_code == 200

    def test_an_agent_reads_and_does_nothing(self):
        incident = declare()
        client = self.client(make_person("ann"))
        page = client.get(f"/incidents/{incident.pk}/")
        assert page.status_code == 200
        assert b"Close the incident" not in page.content
        assert client.post(f"/incidents/{incident.pk}/note/", {"text": "x"}).status_code == 403

    def test_the_scene_takes_the_statement_to_the_room_and_strangers_see_nothing_of_it(self):
        incident = declare("Breach of the app")
        incidents.state(incident, "We are looking into reports about our app.", by=boss())
        internal = scenes.render("incident", Profile.INTERNAL, "en").html
        assert "Breach of the app" in internal
        assert "We are looking into reports" in internal
        assert "Breach" not in scenes.render("incident", Profile.STREET, "en").html
        assert scenes.get("incident").has_input(Profile.INTERNAL, timezone.now())


def test_a_window_without_a_week_before_is_no_reason(db):
    assert not suggest.unusual(usual.Against("x", 500, None))
    assert not suggest.unusual(usual.Against("x", 14, 1.0))
    assert suggest.unusual(usual.Against("x", 40, 5.0))
    assert suggest.lasts(usual.Against("x", 40, 5.0), 16)
    assert not suggest.lasts(usual.Against("x", 40, 5.0), 39)  # all at once, as a machine posts
