"""What every scene owes, and what the two first ones show; read as a screen reader would."""

import re
import uuid
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import get_template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents import freeze
from agents.models import Role
from commandcenter import incidents, metrics, scenes, usual
from commandcenter.figures import Attainment, NetSentiment
from commandcenter.models import Profile
from commandcenter.periods import Period, bank_day, midnight
from commandcenter.scenes import Moment, _strip, _wording
from mentions import events
from mentions.models import Conversation, Gap, Mention
from tests.commandcenter.history import ago, answer, hear, settle
from tests.factories import make_person, make_policy, make_queue, make_rule, make_source

pytestmark = pytest.mark.django_db


class Reader(HTMLParser):
    """The parts of a scene that people rely on: its main, its figures by name, its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.main: dict[str, str] = {}
        self.figures: dict[str, str] = {}
        self.attributes: set[str] = set()
        self.words = ""
        self._open: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.attributes |= set(named)
        if tag == "main":
            self.main = named
        if tag not in ("rect", "path", "use", "br", "link", "meta"):
            self._open.append(named["aria-label"] if named.get("role") == "figure" else None)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "path", "use"):
            self._open.pop()

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data)
        self.words += text
        for name in self._open:
            if name is not None:
                self.figures[name] = self.figures.get(name, "") + text

    def figure(self, name: str) -> str:
        """The words of a figure after its own name."""
        return re.sub(r"\s+", " ", self.figures[name]).strip().removeprefix(name).strip()


def show(key: str, profile: Profile = Profile.INTERNAL, language: str = "en") -> Reader:
    return Reader(scenes.render(key, profile, language).html)


@pytest.fixture
def bank(db):
    """A queue and a source; whoever hears a post here needs an answer."""
    care = make_queue("care")
    make_rule(care, actionable="true", reason="needs an answer")
    return make_source()


@pytest.fixture
def early_today(settings):
    """A moment of the bank's day that is over, and of yesterday and last week at the same time.

    The bank lies where it is about noon now, so that there is a morning whatever the hour of the run.
    """
    now = timezone.now()
    settings.BANK_TIME_ZONE = f"Etc/GMT{now.hour - 12:+d}"
    return midnight(bank_day(now)) + (now - midnight(bank_day(now))) / 2


# --- Every scene ---------------------------------------------------------------------------------------------------


def test_every_figure_of_a_scene_is_defined_in_words():
    for key in scenes.known():
        scene = scenes.get(key)
        named = 'role="figure"' in get_template(f"commandcenter/scenes/{key}.html").template.source
        assert bool(scene.definitions) == named, key


@pytest.mark.parametrize("key", scenes.known())
def test_a_scene_says_what_it_is_for_and_has_its_template(key):
    scene = scenes.get(key)
    assert str(scene.title)
    assert str(scene.purpose).endswith(".")
    assert scene.concerned({"mention.received"})
    assert not scene.concerned({"person.first"})
    get_template(f"commandcenter/scenes/{key}.html")


FOR_STRANGERS = ("pulse", "river", "campaign", "notice")


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("key", scenes.known())
def test_a_scene_is_a_main_with_its_title_and_the_time_of_its_data(key, profile):
    frame = scenes.render(key, profile, "en")
    main = Reader(frame.html).main
    title = str(scenes.get(key).title)
    if profile is Profile.STREET and key not in FOR_STRANGERS:
        title = settings.BANK_NAME
    elif (key, profile) == ("river", Profile.STREET):
        title = "What people write"
    assert main["aria-label"] == title, "as its heading says"
    assert main["data-state"] == "live"
    assert main["data-as-of"] == frame.as_of.isoformat()
    assert abs(timezone.now() - frame.as_of) < timedelta(seconds=5)


@pytest.mark.parametrize("key", scenes.known())
def test_a_scene_carries_nothing_that_the_policy_would_block(key, bank):
    hear(bank, at=ago(minutes=1))
    settle()
    html = scenes.render(key, Profile.INTERNAL, "en").html
    assert "style" not in Reader(html).attributes
    assert "<script" not in html
    assert not any(name.startswith("on") for name in Reader(html).attributes)


@pytest.mark.parametrize("key", scenes.known())
def test_a_scene_is_rendered_in_the_language_asked_for(key):
    assert scenes.render(key, Profile.INTERNAL, "es").scene == key


def test_an_unknown_scene_is_refused():
    with pytest.raises(scenes.UnknownScene):
        scenes.get("nothing")


def test_a_frame_survives_the_cache():
    frame = scenes.render("pulse", Profile.INTERNAL, "en")
    assert scenes.Frame.read(frame.text) == frame


def test_a_frame_says_up_to_where_everything_is_in_it_and_claims_nothing_that_is_not_counted_yet(bank):
    hear(bank, at=ago(minutes=2))
    settle()
    counted = scenes.render("pulse", Profile.INTERNAL, "en").seq
    assert counted == events.last_position() > 0
    hear(bank, at=ago(minutes=1))
    events.Sealer().tick()
    assert events.last_position() > counted
    assert scenes.render("pulse", Profile.INTERNAL, "en").seq == counted


@pytest.mark.parametrize("profile", Profile)
def test_a_scene_waits_for_counts_if_and_only_if_it_reads_them(profile):
    reading = set()
    for key in scenes.known():
        usual.forget()
        with CaptureQueriesContext(connection) as asked:
            scenes.render(key, profile, "en")
        if any("commandcenter_mentionrollup" in one["sql"] for one in asked):
            reading.add(key)
    waiting = {key for key in scenes.known() if scenes.counts(key, profile)}
    assert waiting - reading <= {"incident", "campaign"}, "these read them once there is one"
    assert reading <= waiting


def test_one_scene_is_cheap_to_render(bank, django_assert_max_num_queries):
    hear(bank, at=ago(minutes=1))
    settle()
    for key in scenes.known():
        scenes.render(key, Profile.INTERNAL, "en")  # what was usual is asked once a minute
        with django_assert_max_num_queries(26):
            scenes.render(key, Profile.INTERNAL, "en")


# --- Pulse -----------------------------------------------------------------------------------------------------------


def test_an_empty_bank_has_no_rate_and_says_so():
    pulse = show("pulse")
    assert pulse.figure("Response rate").startswith("– Nobody has needed an answer yet today")
    assert pulse.figure("Mentions today").startswith("0 ")
    assert pulse.figure("Net sentiment").startswith("– No post has been scored yet today")


def test_the_response_rate_tells_its_n_and_leaves_the_undecided_apart(bank, early_today):
    priya = make_person()
    for number in range(4):
        mention = hear(bank, at=early_today, author=f"a{number}")
        if number < 3:
            answer(mention.conversation, by=priya, at=timezone.now())
    undecided = hear(bank, at=early_today, author="u")
    Conversation.objects.filter(pk=undecided.conversation_id).update(actionable=None)
    settle()
    rate = show("pulse").figure("Response rate")
    assert rate.startswith("75% ")
    assert "3 of 4" in rate
    assert "1 more are undecided" in rate


def test_mentions_today_stand_beside_yesterday_and_the_same_day_last_week(bank, early_today):
    for days, count in ((0, 12), (1, 40), (7, 10)):
        for number in range(count):
            hear(bank, at=early_today - timedelta(days=days, minutes=1), author=f"a{days}-{number}")
    settle()
    figures = metrics.mentions_today(timezone.now())
    shown = show("pulse").figure("Mentions today")
    assert shown.startswith(f"{figures.value} ")
    assert figures.value == 12
    assert "70% fewer than yesterday by now: 40" in shown
    assert "2 more than last" in shown
    assert "by now: 10" in shown


def test_the_tone_of_the_day_tells_its_n(bank, early_today):
    for number, tone in enumerate((-1, -1, -1, 0, 1)):
        Mention.objects.filter(pk=hear(bank, at=early_today, author=f"a{number}").pk).update(sentiment=tone)
    settle()
    shown = show("pulse").figure("Net sentiment")
    expected = metrics.net_sentiment(Period.today(timezone.now()))
    assert round(expected.value) == -40
    assert shown.startswith("−40 ")
    assert "60% negative, 20% positive, of 5 scored" in shown


@pytest.mark.parametrize(
    ("warning", "none"),
    [
        (_wording.far(20, 10, 9), _wording.far(20, 10, 11)),
        (_wording.far(10, 5), _wording.far(9, 4)),
        (_wording.far(10, 5, 1), _wording.far(10, 5, 0)),
        (_wording.mood(NetSentiment(9, 0, 11, 0)), _wording.mood(NetSentiment(10, 0, 10, 0))),
        (_wording.mood(NetSentiment(9, 0, 11, 0)), _wording.mood(NetSentiment(0, 0, 19, 0))),
        (_wording.kept(Attainment(79, 21, 0)), _wording.kept(Attainment(80, 20, 0))),
        (_wording.mood(NetSentiment(98, 0, 102, 0)), _wording.mood(NetSentiment(100, 0, 101, 0))),
        (_wording.kept(Attainment(0, 20, 0)), _wording.kept(Attainment(0, 19, 0))),
        (_wording.kept(Attainment(794, 206, 0)), _wording.kept(Attainment(796, 204, 0))),
    ],
)
def test_a_figure_that_somebody_must_look_at_says_so_in_words_and_only_then(warning, none):
    assert warning.state == "risk"
    assert warning.words
    assert none is None


def test_how_many_promises_are_enough_the_bank_decides(settings):
    settings.PROMISES_KEPT = 95
    assert str(_wording.kept(Attainment(94, 6, 0)).words) == "Below 95%"
    assert _wording.kept(Attainment(95, 5, 0)) is None


def test_a_day_of_many_angry_posts_is_named_on_the_pulse_and_not_to_strangers(bank, early_today):
    for number in range(25):
        Mention.objects.filter(pk=hear(bank, at=early_today, author=f"a{number}").pk).update(sentiment=-1)
    settle()
    assert "Far above usual" not in show("pulse").figure("Mentions today"), "of a first day nobody knows what is usual"
    for days in (1, 7):
        hear(bank, at=early_today - timedelta(days=days, minutes=1), author=f"b{days}")
    settle()
    assert "Far above usual" in show("pulse").figure("Mentions today")
    assert "Mostly negative" in show("pulse").figure("Net sentiment")
    assert "Far above usual" not in show("pulse", Profile.STREET).figure("Mentions today")


def test_what_is_not_as_always_is_on_every_scene_of_a_room_and_on_none_for_strangers(early_today):
    sofia = make_person("sofia", role=Role.SUPERVISOR)
    freeze.start(by=sofia)
    blind = make_source("blind", blind_since=ago(hours=1))
    Gap.objects.create(source=blind, started_at=early_today, reason=Gap.Reason.UNREACHABLE)
    for _ in range(2):
        for key in ("pulse", "queues", "river", "system", "incident"):
            assert "Sending is frozen" in show(key).words, key
            assert "Blind today: " in show(key).words, key
        assert "frozen" not in show("pulse", Profile.STREET).words
        incidents.open_(key=uuid.uuid4(), name="Card payments fail", by=sofia)


def test_what_is_not_as_always_takes_turns_where_there_is_room_for_one_alone(bank, early_today):
    freeze.start(by=make_person("sofia", role=Role.SUPERVISOR))
    Gap.objects.create(source=bank, started_at=early_today, reason=Gap.Reason.UNREACHABLE)
    now, seq = timezone.now(), events.last_position()
    shown = [
        re.findall(r'class="status (\w+)" data-state="\w+" data-turn', frame.html)
        for second in (0, _strip.TURN_S)
        for frame in [scenes.draw("pulse", Profile.INTERNAL, "en", Moment(now + timedelta(seconds=second), seq, seq))]
    ]
    assert sorted(map(set, shown), key=str) == [{"blind"}, {"frozen"}]


def test_the_last_24_hours_are_drawn_without_the_running_one(bank):
    for number in range(3):
        hear(bank, at=ago(hours=5), author=f"a{number}")
    hear(bank, at=ago(seconds=1), author="now")
    settle()
    frame = scenes.render("pulse", Profile.INTERNAL, "en")
    path = re.search(r'class="over" d="M([^"]+)"', frame.html)[1]
    assert len(path.split("L")) == 23
    assert "this hour so far: 1" in show("pulse").figure("Mentions in the last 24 hours")


def test_canaries_drills_and_rivals_are_not_on_the_wall(bank, early_today):
    hear(bank, at=early_today)
    hear(make_source("canary", origin="canary"), at=early_today)
    hear(make_source("rival", rival="Other Bank", sending=False), at=early_today)
    settle()
    assert show("pulse").figure("Mentions today").startswith("1 ")


# --- Queues ----------------------------------------------------------------------------------------------------------


def test_the_board_adds_up_what_waits_and_what_is_late(bank):
    care, fraud = make_queue("care"), make_queue("fraud")
    make_rule(fraud, conditions={"words_any": ["stolen"]}, actionable="true", position=0)
    late, soon, fine = (hear(bank, at=ago(minutes=12), author=name) for name in ("late", "soon", "fine"))
    hear(bank, "@bank stolen card", at=ago(minutes=3), author="thief")
    due = {late: ago(minutes=1), soon: ago(minutes=-5), fine: ago(hours=-2)}
    for mention, at in due.items():
        Conversation.objects.filter(pk=mention.conversation_id).update(due_at=at)
    Conversation.objects.filter(queue=fraud).update(due_at=ago(hours=-2))
    settle()
    board = show("queues")
    assert board.figure("Overdue").startswith("1 ")
    assert board.figure("Waiting") == "4"
    assert board.figure("Oldest waiting") == "12min"
    assert board.figure("Due in 15 minutes") == "1"
    assert board.words.index(care.name) < board.words.index(fraud.name)
    assert "Late" in board.words


def test_only_the_worst_six_queues_are_shown_and_the_rest_is_told(bank):
    for number in range(9):
        make_queue(f"queue-{number}")
    board = show("queues")
    assert "The worst 6 queues; 4 more with 0 waiting" in re.sub(r"\s+", " ", board.words)


def test_attainment_says_how_many_promises_it_is_made_of(bank, early_today):
    make_policy(first_response_s=60)
    mention = hear(bank, at=early_today)
    answer(mention.conversation, by=make_person(), at=early_today + timedelta(seconds=30))
    settle()
    assert show("queues").figure("Attainment").startswith("100% 1 of 1")


def test_every_scene_shows_that_something_is_late(bank):
    mention = hear(bank, at=ago(minutes=12))
    Conversation.objects.filter(pk=mention.conversation_id).update(due_at=ago(minutes=1))
    settle()
    for key in scenes.known():
        html = scenes.render(key, Profile.INTERNAL, "en").html
        assert 'class="status" data-state="late"' in html
        assert "1 overdue" in html


# --- What strangers see ----------------------------------------------------------------------------------------------


def test_small_totals_are_told_to_strangers_as_fewer_than_ten(bank, early_today):
    for number in range(9):
        hear(bank, at=early_today, author=f"a{number}")
    settle()
    pulse = show("pulse", Profile.STREET)
    assert pulse.figure("Mentions today").startswith("fewer than 10")
    assert pulse.figure("Response rate").startswith("fewer than 10")
    assert pulse.figure("Usual response time") == "fewer than 10 answers so far today"
    assert "Net sentiment" not in pulse.figures
    assert "9" not in re.sub(r"\d\d:\d\d|GMT[+-]\d+", "", pulse.words)
    hear(bank, at=early_today, author="a10")
    settle()
    assert show("pulse", Profile.STREET).figure("Mentions today").startswith("10 ")


def test_a_share_does_not_tell_strangers_how_few_were_answered(bank, early_today):
    for number in range(17):
        mention = hear(bank, at=early_today, author=f"a{number}")
        if number < 9:
            answer(mention.conversation, by=make_person(), at=early_today + timedelta(minutes=3))
    settle()
    told = show("pulse", Profile.STREET).figure("Response rate")
    assert told == "fewer than 10 answered, of 17 that need an answer"
    assert show("pulse").figure("Response rate").startswith("53% 9 of 17")


def test_strangers_are_told_how_long_an_answer_usually_takes(bank, early_today):
    priya = make_person()
    for number in range(10):
        mention = hear(bank, at=early_today - timedelta(minutes=20), author=f"a{number}")
        answer(mention.conversation, by=priya, at=early_today - timedelta(minutes=20 - number))
    settle()
    told = show("pulse", Profile.STREET).figure("Usual response time")
    assert told == "4min half of 10 answers came sooner"


def test_strangers_are_told_of_public_posts_alone(bank, early_today):
    for number in range(30):
        hear(
            bank,
            at=early_today,
            author=f"a{number}",
            visibility="private" if number % 2 else "public",
            kind="message" if number % 2 else "post",
        )
    settle()
    assert show("pulse").figure("Mentions today").startswith("30 ")
    street = show("pulse", Profile.STREET)
    assert street.figure("Mentions today").startswith("15 ")
    assert "of 15 that need an answer" in street.figure("Response rate")


def test_strangers_see_the_slate_in_the_place_of_queues(bank):
    mention = hear(bank, at=ago(minutes=12))
    Conversation.objects.filter(pk=mention.conversation_id).update(due_at=ago(minutes=1))
    settle()
    board = show("queues", Profile.STREET)
    assert board.figures == {}
    assert board.words.strip() == settings.BANK_NAME


def test_strangers_see_neither_queue_nor_state_nor_lateness_on_any_scene(bank):
    mention = hear(bank, "@bank CANARYTEXT", at=ago(minutes=12), author="CANARYHANDLE")
    Conversation.objects.filter(pk=mention.conversation_id).update(due_at=ago(minutes=1))
    make_person("CANARYSTAFF", role=Role.SUPERVISOR)
    settle()
    for key in scenes.known():
        words = scenes.render(key, Profile.STREET, "en").html
        for private in ("CANARY", "Overdue", "Waiting", "Late", "Care"):
            assert private not in words
