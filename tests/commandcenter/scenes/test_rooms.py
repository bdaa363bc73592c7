"""What each scene for a room says, with something to say and without."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from agents.models import Role
from commandcenter import campaigns, incidents, periods, places, scenes, terms, usual
from commandcenter.models import Absence, Campaign, CanaryRun, HandOver, Profile, Screen
from commandcenter.scenes import _wording, system, topics
from mentions import search
from mentions.models import Mention, Origin, Source
from tests.commandcenter.announced import make_campaign, make_notice
from tests.commandcenter.device import make_screen
from tests.commandcenter.history import ago, answer, hear, settle
from tests.commandcenter.scenes.reading import show
from tests.factories import make_original, make_person, make_site, make_source

pytestmark = pytest.mark.django_db


def write(
    source: Source,
    count: int,
    *,
    back: int = 0,
    text: str = "@bank words",
    at: datetime | None = None,
    **labels: object,
) -> None:
    """So many posts by as many people at a moment or a minute ago, or as many weeks before that, with these labels."""
    at = periods.moved(at or ago(minutes=1), -7 * back)
    for number in range(count):
        mention = hear(source, text, at=at, author=f"{back}-{number}-{labels}")
        Mention.objects.filter(pk=mention.pk).update(**labels)


@pytest.mark.parametrize("key", ["topics", "map", "tone", "share", "campaign", "shift", "brief", "notice", "river"])
def test_a_scene_without_input_is_passed_over_and_says_so(db, key):
    now = timezone.now()
    assert not any(scenes.get(key).has_input(profile, now) for profile in Profile)
    assert show(key).words


def test_topics_are_ranked_by_their_change_and_not_by_their_count(bank, monkeypatch):
    for week in range(1, 5):
        write(bank, 12, back=week, topics=["fees"])
        write(bank, 1, back=week, topics=["app-outage"])
    write(bank, 12, topics=["fees"])
    write(bank, 10, topics=["app-outage"])
    settle()
    total, (first, second) = usual.topics(timezone.now())
    assert (total, first.key, first.value, first.usual) == (22, "app-outage", 10, 1.0)
    assert (second.key, second.value, second.usual) == ("fees", 12, 12.0)
    shown = show("topics").figure("Strongest rise")
    assert "App outage 10 posts, usually 1" in shown
    assert "Far above usual" in shown
    monkeypatch.setattr("commandcenter.scenes._practised.topics", lambda most: [("fees", 3)])
    rows = topics.context(Profile.INTERNAL, timezone.now())["rows"]
    assert [row["bar"] for row in rows] == [833, 1000, 250], "an exercise's bar is on the scale of the real ones"
    monkeypatch.setattr("commandcenter.scenes._practised.topics", lambda most: [("fees", 40)])
    rows = topics.context(Profile.INTERNAL, timezone.now())["rows"]
    assert [row["bar"] for row in rows] == [833, 1000, 1000], "a large exercise makes no real bar shorter"


def test_nothing_is_called_usual_before_there_is_anything_to_compare_with(bank):
    write(bank, 28, topics=["app-outage"])
    settle()
    shown = show("topics").words
    assert "nothing to compare with yet" in shown
    assert "As usual" not in shown


def test_words_that_many_more_people_use_are_told_and_handles_and_numbers_are_not(bank):
    for week in range(1, 3):
        write(bank, 4, back=week, text="@bank hello again friends")
    write(bank, 8, text="@bank the sprocket 4471 broke, @someone", topics=["fees"])
    an_hour_before = usual.window(timezone.now())[0]
    write(bank, 10, text="@bank my sprocket", topics=["fees"], at=an_hour_before)
    settle()
    terms.count()
    (term,) = [one for one in terms.rising(timezone.now(), 5) if one.word == "sprocket"]
    assert term.people == 10, "whoever wrote in both hours is one person"
    assert "sprocket 10 people" in show("topics").figure("Words that rise")
    assert terms.subjects("@bank pay 4471 to https://x.example #tag Sprocket") == {"sprocket"}


@pytest.mark.parametrize(
    ("country", "place", "latitude", "longitude", "state"),
    [
        ("US", "Charlotte, NC", None, None, "NC"),
        ("", "North Carolina, USA", None, None, "NC"),
        ("", "Texas", None, None, "TX"),
        ("", "Georgia", None, None, None),
        ("US", "Georgia", None, None, "GA"),
        ("GE", "Georgia", None, None, None),
        ("", "", 37.77, -122.42, "CA"),
        ("US", "", 61.2, -149.9, "AK"),
        ("", "", 21.3, -157.86, "HI"),
        ("", "", 51.5, -0.12, None),
        ("US", "somewhere", None, None, None),
    ],
)
def test_a_place_is_told_from_words_or_from_a_point(country, place, latitude, longitude, state):
    assert places.state_of(country, place, latitude, longitude) == state


def test_the_map_shows_a_local_outage_and_how_many_posts_say_nothing(bank):
    for week in range(1, 5):
        write(bank, 2, back=week, country="US", place="Charlotte, NC")
    write(bank, 12, country="US", place="Charlotte, NC", topics=["fees"])
    write(bank, 6, country="DE", place="Köln")
    write(bank, 18)
    settle()
    shown = show("map")
    assert "North Carolina 12 posts, usually 2 mostly about Fees" in shown.figure("Furthest above usual")
    assert "50% of 36 posts do not say where" in shown.words
    assert "6 of 18 from outside the USA" in shown.words


def test_the_map_shows_an_outage_in_another_country(bank):
    for week in range(1, 5):
        write(bank, 1, back=week, country="PH", place="Manila")
    write(bank, 12, country="PH", place="Manila", topics=["app-outage"])
    write(bank, 6, country="US", place="Texas")
    settle()
    shown = show("map")
    assert "Philippines 12 posts, usually 1 mostly about App outage" in shown.figure("Furthest above usual")
    assert "Texas" in shown.words
    assert 'class="shade-4" href' in scenes.render("map", Profile.INTERNAL, "en").html


def test_tone_stands_beside_rivals_with_its_n(bank):
    rival = make_source("rival", rival="Other Bank", sending=False)
    write(bank, 6, sentiment=-1)
    write(bank, 2, sentiment=1)
    write(rival, 6, sentiment=1)
    settle()
    shown = show("tone")
    assert "−50" in shown.figure("Net sentiment")
    assert "of 8 scored" in shown.figure("Net sentiment")
    assert "Other Bank +100 of 6" in shown.figure("The bank and its rivals")


def test_too_few_scored_posts_have_no_tone(bank):
    write(bank, 4, sentiment=-1)
    settle()
    assert "only 4 scored posts: too few to say" in show("tone").figure("Net sentiment")


def test_share_of_voice_names_its_n_and_its_searches(bank):
    rival = make_source("rival", name="Talk about Other", rival="Other Bank", sending=False)
    write(bank, 3)
    write(rival, 9)
    settle()
    shown = show("share")
    assert "25%" in shown.figure("Our share")
    assert "of 12 posts" in shown.figure("Our share")
    assert "Talk about Other" in shown.words


@pytest.fixture
def campaign(bank) -> Campaign:
    today = periods.bank_day(timezone.now())
    first, last = today - timedelta(days=2), today + timedelta(days=2)
    for number in range(12):
        hear(bank, "@bank I joined #LarkGives", at=ago(minutes=1), author=f"c{number}")
    hear(bank, "@bank #LarkGivesMore is another", at=ago(minutes=1))
    settle()
    search.index_new()
    return make_campaign(name="Lark gives", hashtag="#LarkGives", first_day=first, last_day=last, target=100)


def test_a_campaign_counts_its_hashtag_against_its_target(campaign):
    shown = show("campaign")
    assert shown.figure("Posts").startswith("Lark gives 12 posts, of 100 hoped for")
    assert "Behind the target" in shown.figure("Posts")
    assert "day 3 of 5" in shown.words
    assert "The bank before" in shown.words


def test_strangers_see_only_a_public_campaign_and_no_tone(campaign):
    assert "Lark gives" not in show("campaign", Profile.STREET).words
    Campaign.objects.update(public=True)
    shown = show("campaign", Profile.STREET)
    assert "12" in shown.figure("Posts")
    assert "sentiment" not in shown.words.lower()
    assert "Behind" not in shown.words


def test_a_small_campaign_is_told_to_strangers_as_fewer_than_ten(campaign):
    Campaign.objects.update(public=True)
    Mention.objects.filter(pk__in=list(Mention.objects.order_by("pk").values_list("pk", flat=True)[:4])).delete()
    campaigns.forget()
    assert "fewer than 10" in show("campaign", Profile.STREET).figure("Posts")


def test_strangers_read_no_day_of_fewer_than_ten_from_the_bars(campaign):
    Campaign.objects.update(public=True)

    def bars() -> tuple[int, str]:
        campaigns.forget()
        found = scenes.get("campaign").context(Profile.STREET, timezone.now())
        return found["top"], found["bars"] + found["last_bar"]

    assert "V" in bars()[1], "twelve on one day are told"
    spread = [mention.pk for mention in Mention.objects.order_by("pk")[:6]]
    Mention.objects.filter(pk__in=spread).update(occurred_at=ago(days=1))
    assert bars() == ("10", "")


def test_an_ended_campaign_leaves_by_itself(campaign):
    now = timezone.now()
    assert scenes.get("campaign").has_input(Profile.INTERNAL, now + timedelta(days=4))
    assert not scenes.get("campaign").has_input(Profile.INTERNAL, now + timedelta(days=9))


def test_a_shift_says_who_is_on_where_and_what_was_handed_over(bank):
    site = make_site("charlotte")
    priya = make_person("priya", site=site)
    mention = hear(bank, at=ago(minutes=9))
    answer(mention.conversation, by=priya, at=ago(minutes=5))
    HandOver.objects.create(site=site, text="Watch the outage", author=priya, at=ago(hours=2))
    shown = show("shift").words
    for part in ("Charlotte", "New York", "1 on", "Priya", "Watch the outage", "round the clock"):
        assert part in shown
    Absence.objects.create(person=priya, reason="break", started_at=ago(minutes=1))
    assert "0 on" in show("shift").words, "who is away is on no more"


def test_the_brief_tells_yesterday_what_was_missed_and_what_is_planned(bank):
    yesterday = periods.midnight(periods.bank_day(timezone.now())) - timedelta(hours=2)
    first = hear(bank, at=yesterday, author="a")
    hear(bank, at=yesterday, author="b")
    answer(first.conversation, by=make_person(), at=yesterday + timedelta(minutes=7))
    make_original(bank, "A picture of the team", leave_at=ago(hours=-2))
    settle()
    shown = show("brief")
    assert "1 of 2 conversations not answered" in shown.figure("Missed")
    assert "Not answered yet" in shown.figure("Missed")
    for part in ("Mentions2", "50%of 2", "7min median of 1"):
        assert part in shown.figure("Yesterday")
    assert "A picture of the team" in shown.figure("Planned posts")


@pytest.mark.parametrize(
    ("unanswered", "late", "told"),
    [(1, 0, "Not answered yet"), (0, 12, "Answered too late"), (0, 0, "Nothing was missed")],
)
def test_nothing_was_missed_only_where_all_was_answered_in_time(unanswered, late, told):
    assert _wording.missed(unanswered, late).words == told


def test_the_system_puts_the_blind_first_and_says_since_when(bank):
    make_source("blind", name="Blind eye", blind_since=ago(hours=1))
    make_source("late", name="Late ear", late_since=ago(minutes=3))
    hear(bank, at=ago(minutes=2), received=ago(minutes=1))
    settle()
    shown = show("system")
    assert "1 source is blind" in shown.figure("Sources")
    assert shown.words.index("Blind eye") < shown.words.index("Late ear") < shown.words.index("Nothing yet")
    assert "1min" in shown.figure("On the way here").replace("60s", "1min")
    assert "None has flown yet" in shown.figure("Canary")


def test_the_system_is_not_content_while_a_source_is_paused(bank):
    hear(bank, at=ago(minutes=1))
    Source.objects.update(last_ok_at=timezone.now(), last_post_at=timezone.now())
    assert "Every source is heard" in show("system").figure("Sources")
    make_source("quiet", name="Paused since nine", active=False)
    assert "1 source is not heard" in show("system").figure("Sources")


def test_the_lag_is_that_of_real_posts_however_many_an_exercise_plays(bank, monkeypatch):
    monkeypatch.setattr(system, "LAG_OF", 3)
    for number in range(3):
        hear(bank, at=ago(minutes=9), received=ago(minutes=1), author=f"late{number}")
    for number in range(4):
        played = hear(bank, at=ago(seconds=9), author=f"played{number}")
        Mention.objects.filter(pk=played.pk).update(origin=Origin.DRILL)
    shown = show("system").figure("On the way here")
    assert "8min" in shown
    assert "3" in shown


@pytest.mark.parametrize(("sent_s", "told"), [(20, "None has flown yet"), (400, "It never arrived")])
def test_a_canary_that_never_arrived_is_a_fault(bank, sent_s, told):
    CanaryRun.objects.create(key="canary-lost", sent_at=ago(seconds=sent_s), error="cannot be reached")
    assert told in show("system").figure("Canary")


@pytest.mark.parametrize("reach", ["room", "far", "street"])
def test_a_long_statement_is_read_whole_however_far_away_in_turns_by_the_clock(bank, reach):
    boss = make_person("boss", role=Role.MANAGER)
    incident = incidents.open_(key=uuid.uuid4(), name="Cards declined at shops", by=boss, since=ago(hours=1))
    statement = "Some card payments do not go through at the moment. We are working on it with our partner. " * 3
    incidents.state(incident, statement, by=boss)
    start = datetime.fromtimestamp(timezone.now().timestamp() // 12 * 12, UTC)
    turns = [
        scenes.get("incident").context(Profile.INTERNAL, start + timedelta(seconds=12 * turn))["turns"][reach]
        for turn in range(40)
    ]
    said = [turn["piece"] for turn in turns if turn["shows"] == "say"]
    first = next(number for number, turn in enumerate(turns) if turn["shows"] == "say" and turn["place"][:2] == "1/")
    pieces = int(turns[first]["place"].partition("/")[2])
    assert " ".join(turn["piece"] for turn in turns[first : first + pieces]) == statement.strip()
    assert set(said) == {turn["piece"] for turn in turns[first : first + pieces]}
    shown = {turn["shows"] for turn in turns}
    assert shown == ({"say"} if reach == "room" else {"name", "facts", "say", "curve"})


def test_the_incident_says_all_that_a_room_must_know(bank):
    boss = make_person("boss", role=Role.MANAGER)
    incident = incidents.open_(key=uuid.uuid4(), name="Cards declined at shops", by=boss, since=ago(minutes=90))
    settle()
    shown = show("incident")
    assert "Cards declined at shops" in shown.figure("Incident")
    assert "1h 30min" in shown.figure("Since")
    assert "Boss" in shown.figure("Owner")
    assert "None promised" in shown.figure("Next update")
    assert "Scheduled posts" in shown.figure("Paused")
    assert "Answer nothing about it" in shown.figure("Holding statement")
    assert "All mentions" in shown.figure("Mentions since it began")
    incidents.close(incident, lesson="", by=boss)
    assert "There is no incident." in show("incident").words


def test_a_screen_that_was_never_on_is_not_silent(bank):
    assert "Screens" not in show("system").figures
    devices = [make_screen(f"Screen {number}") for number in range(3)]
    assert show("system").figure("Screens") == "Screens – 3 not switched on yet"
    seen = Screen.objects.filter(pk__in=[device.screen for device in devices[:2]])
    seen.update(seen_at=timezone.now())
    shown = show("system").figure("Screens")
    for part in ("2/ 2", "All are here", "1 not switched on yet"):
        assert part in shown
    seen.filter(pk=devices[0].screen).update(seen_at=ago(minutes=1))
    assert "Some are silent" in show("system").figure("Screens")


@pytest.mark.parametrize("profile", Profile)
def test_a_notice_is_shown_while_it_holds(db, profile):
    make_notice("Closed on Monday", text="See you")
    make_notice("Bygone", starts_at=ago(hours=9), ends_at=ago(hours=8))
    words = show("notice", profile).words
    assert "Closed on Monday" in words
    assert "Bygone" not in words
