"""The first rule that fits decides, says why, and nonsense is refused in words."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentions import telling
from mentions.routing import CONDITIONS, Decision, Facts, Rule, compile_rules, validate

POST = Facts(
    network="bluesky",
    source="harbor-bluesky",
    visibility="public",
    language="en",
    topics=frozenset({"cards", "fees"}),
    sentiment="negative",
    urgency=1,
    followers=320,
    text="My card was declined twice at the Gift-Card counter!",
    actionable="true",
    actionable_reason="needs an answer",
)


def rule(number: int, **conditions: object) -> Rule:
    return Rule(number, 1, f"Rule {number}", conditions, number * 10)


def decide(*rules: Rule, facts: Facts = POST) -> Decision:
    return compile_rules(rules, default_queue_id=7).decide(facts)


def test_the_first_rule_that_matches_wins() -> None:
    assert decide(rule(1, language="fr"), rule(2, topic="cards"), rule(3, topic="cards")).rule_id == 2


def test_a_rule_without_conditions_takes_everything() -> None:
    decision = decide(rule(1))
    assert decision.queue_id == 10
    assert telling.why(decision.why) == "rule 1 “Rule 1”, version 1: it takes everything"


def test_what_no_rule_takes_goes_to_the_default_queue_with_what_triage_said() -> None:
    decision = decide(rule(1, language="fr"))
    assert (decision.queue_id, decision.rule_id, decision.priority) == (7, None, 3)
    assert (decision.actionable, decision.actionable_reason) == (True, "needs an answer")
    assert telling.why(decision.why) == "no rule matched, so the default queue takes it"
    assert compile_rules([]).decide(POST).queue_id is None


@pytest.mark.parametrize(
    ("conditions", "fitting", "failing"),
    [
        ({"network": "bluesky"}, {}, {"network": "x"}),
        ({"network": ["x", "bluesky"]}, {"network": "x"}, {"network": "mastodon"}),
        ({"source": ["harbor-bluesky"]}, {}, {"source": "other"}),
        ({"language": ["en", "es"]}, {"language": "es"}, {"language": "fr"}),
        ({"topic": ["fees", "login"]}, {}, {"topics": frozenset({"cards"})}),
        ({"tone": "negative"}, {}, {"sentiment": "neutral"}),
        ({"visibility": "private"}, {"visibility": "private"}, {}),
        ({"kind": ["review", "comment"]}, {"kind": "review"}, {"kind": "reply"}),
        ({"actionable": "true"}, {}, {"actionable": "undecided"}),
        ({"urgency_min": 2}, {"urgency": 2}, {"urgency": 1}),
        ({"urgency_min": 2}, {"urgency": 9}, {"urgency": -1}),
        ({"reach_min": 10_000}, {"followers": 10_000}, {"followers": 9_999}),
        ({"reach_min": 1}, {"followers": 1}, {"followers": -5}),
        ({"rating_max": 2}, {"rating": 2}, {"rating": 3}),
        ({"rating_max": 5}, {"rating": 5}, {"rating": None}),
        ({"spam": True}, {"spam": True}, {"spam": False}),
        ({"phishing": False}, {"phishing": False}, {"phishing": True}),
        ({"words_any": ["gift card", "otp"]}, {}, {"text": "a gift for my card"}),
        ({"words_any": "DÉCLINED"}, {}, {"text": "predeclined"}),
        ({"words_all": ["card", "gift card"]}, {}, {"text": "just a card"}),
        ({"words_none": ["job"]}, {}, {"text": "is there a job?"}),
        ({"topic": "cards", "words_any": ["declined"], "language": "en"}, {}, {"language": "es"}),
    ],
)
def test_each_condition(conditions: dict[str, object], fitting: dict[str, object], failing: dict[str, object]) -> None:
    router = compile_rules([Rule(1, 1, "One", conditions, 10)])
    assert router.decide(POST._replace(**fitting)).rule_id == 1  # type: ignore[arg-type]
    assert router.decide(POST._replace(**failing)).rule_id is None  # type: ignore[arg-type]


def test_why_names_each_condition_that_matched() -> None:
    phishing = Rule(3, 2, "Phishing", {"words_any": ["gift card", "otp"], "topic": ["phishing", "cards"]}, 30)
    assert telling.why(decide(phishing).why) == "rule 3 “Phishing”, version 2: topic Cards; words “gift card”"


def test_a_long_list_of_words_is_cut_short() -> None:
    words = ["my", "card", "was", "declined", "twice", "at", "the"]
    told = telling.why(decide(rule(1, words_any=words)).why)
    assert told.endswith("“my”, “card”, “was”, “declined”, “twice” and 2 more")


def test_a_rule_can_overrule_whether_it_needs_an_answer() -> None:
    news = Rule(1, 1, "News", {}, 10, 4, ("press",), "false", "news")
    decision = decide(news)
    assert (decision.actionable, decision.actionable_reason) == (False, "news")
    assert (decision.priority, decision.tags) == (4, ("press",))
    assert decide(replace(news, actionable="undecided", reason="")).actionable is None
    assert decide(replace(news, actionable="true", reason="")).actionable_reason == "needs an answer"
    assert decide(replace(news, actionable="")).actionable is True


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        ({"colour": "red"}, "There is no condition 'colour': choose from network, source"),
        ({"tone": "angry"}, "'angry' is no tone: choose from negative, neutral, positive, unknown."),
        ({"kind": ["post", "tweet"]}, "'tweet' is no kind"),
        ({"visibility": "secret"}, "'secret' is no visibility"),
        ({"actionable": True}, "actionable takes a text or a list of texts, not True."),
        ({"language": "English"}, "'English' is no language: write it like 'es'."),
        ({"network": "X!"}, "'X!' is no network: write it like 'bluesky'."),
        ({"topic": []}, "topic is empty: leave it out, or say what it should be."),
        ({"topic": [3]}, "topic takes a text or a list of texts"),
        ({"urgency_min": 4}, "urgency_min is 4: it must be between 0 and 3."),
        ({"urgency_min": True}, "urgency_min takes a whole number, not True."),
        ({"reach_min": "1000"}, "reach_min takes a whole number, not '1000'."),
        ({"reach_min": -1}, "reach_min is -1: it must be 0 or more."),
        ({"words_any": ["!?"]}, "words_any holds '!?', which has no letter or digit to look for."),
        ({"words_all": ["Card"], "words_none": ["cárd"]}, "'Card' is both asked for and ruled out"),
        ({"words_any": ["a", "b"], "words_none": ["a", "b"]}, "Every word asked for is also ruled out"),
        ({"spam": "yes"}, "spam is either true or false, not 'yes'."),
    ],
)
def test_nonsense_is_refused_with_a_sentence(conditions: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        validate(conditions)
    assert str(refused.value).startswith(sentence)


def test_a_bad_rule_is_named() -> None:
    with pytest.raises(ValueError, match="Rule 5 'Rule 5': 'angry' is no tone"):
        compile_rules([rule(5, tone="angry")])
    with pytest.raises(ValueError, match="Rule 1 'One': 'maybe' is no actionable"):
        compile_rules([Rule(1, 1, "One", {}, 10, actionable="maybe")])


# The same answers as a reader who goes through the list rule by rule.

WORDS = ("card", "declined", "gift", "app")
VALUES = {
    "network": st.sampled_from(["x", "bluesky"]),
    "source": st.sampled_from(["one", "two"]),
    "visibility": st.sampled_from(["public", "private"]),
    "kind": st.sampled_from(["post", "review"]),
    "language": st.sampled_from(["en", "es"]),
    "tone": st.sampled_from(["negative", "positive"]),
    "actionable": st.sampled_from(["true", "undecided"]),
    "topic": st.lists(st.sampled_from(["cards", "fees", "login"]), min_size=1, max_size=2, unique=True),
    "urgency_min": st.integers(0, 3),
    "reach_min": st.integers(0, 3),
    "rating_max": st.integers(0, 5),
    "words_any": st.lists(st.sampled_from([*WORDS, "gift card"]), min_size=1, max_size=2, unique=True),
    "words_all": st.lists(st.sampled_from(WORDS[:2]), min_size=1, max_size=2, unique=True),
    "words_none": st.just(["app"]),
    "spam": st.booleans(),
    "phishing": st.booleans(),
}
FACTS = st.builds(
    Facts,
    network=VALUES["network"],
    source=VALUES["source"],
    visibility=VALUES["visibility"],
    kind=VALUES["kind"],
    language=VALUES["language"],
    sentiment=VALUES["tone"],
    actionable=VALUES["actionable"],
    topics=st.frozensets(st.sampled_from(["cards", "fees", "login", "loans"]), max_size=3),
    urgency=st.integers(0, 3),
    followers=st.integers(0, 3),
    rating=st.none() | st.integers(1, 5),
    text=st.lists(st.sampled_from([*WORDS, "and", "Gift-Card"]), max_size=5).map(" ".join),
    spam=st.booleans(),
    phishing=st.booleans(),
)


def fits(key: str, value: object, facts: Facts) -> bool:
    padded = f" {facts.text.lower().replace('-', ' ')} "
    asked = value if isinstance(value, list) else [value]
    match key:
        case "topic":
            return not facts.topics.isdisjoint(asked)
        case "tone":
            return facts.sentiment in asked
        case "urgency_min":
            return facts.urgency >= int(str(value))
        case "reach_min":
            return facts.followers >= int(str(value))
        case "rating_max":
            return facts.rating is not None and facts.rating <= int(str(value))
        case "words_any":
            return any(f" {word} " in padded for word in asked)
        case "words_all":
            return all(f" {word} " in padded for word in asked)
        case "words_none":
            return not any(f" {word} " in padded for word in asked)
        case _:
            return getattr(facts, key) in asked


@settings(max_examples=120, deadline=None)
@given(st.lists(st.fixed_dictionaries({}, optional=VALUES), max_size=12), st.lists(FACTS, max_size=6))
def test_many_rules_at_once_decide_as_one_by_one(conditions: list[dict[str, object]], posts: list[Facts]) -> None:
    rules = [
        Rule(number, 1, str(number), held, number)
        for number, held in enumerate(conditions)
        if not (held.get("words_none") and held.get("words_any") == ["app"])
    ]
    router = compile_rules(rules)
    for facts in posts:
        expected = next(
            (each.id for each in rules if all(fits(key, value, facts) for key, value in each.conditions.items())),
            None,
        )
        assert router.decide(facts).rule_id == expected


def test_every_condition_is_compared_with_the_reader() -> None:
    assert VALUES.keys() == CONDITIONS.keys()
