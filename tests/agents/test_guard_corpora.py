"""The labelled replies of the project: next to none that confirms a customer leaves, next to no good one is held up."""

from time import process_time

import pytest

from agents.guard import second_reading, training
from tests.agents.guard_policy import CORPORA, LANGUAGES, PARTS, public, replies

STOPPED = {"approve", "block"}


def left(kind: str, parts: tuple[str, ...]) -> list[str]:
    """The replies of these parts that may leave."""
    return [text for part in parts for text in replies(kind, part) if public(text).outcome not in STOPPED]


def held(kind: str, parts: tuple[str, ...]) -> list[str]:
    """The replies of these parts that are held up."""
    return [text for part in parts for text in replies(kind, part) if public(text).outcome in STOPPED]


def count(kind: str, parts: tuple[str, ...]) -> int:
    """How many replies these parts hold."""
    return sum(len(replies(kind, part)) for part in parts)


def test_at_most_one_in_a_hundred_confirming_replies_leaves_whatever_the_style() -> None:
    leaks = left("confirming", PARTS)
    assert len(leaks) <= 0.01 * count("confirming", PARTS), leaks


def test_at_most_three_in_two_hundred_good_replies_are_held_up_whatever_the_style() -> None:
    stopped = held("good", PARTS)
    assert len(stopped) <= 0.015 * count("good", PARTS), stopped


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_other_languages_leak_and_hold_up_little(code: str) -> None:
    leaks, stopped = left("confirming", (code,)), held("good", (code,))
    assert len(leaks) <= 0.02 * count("confirming", (code,)), leaks
    assert len(stopped) <= 0.02 * count("good", (code,)), stopped


def test_there_are_at_least_three_hundred_of_each_and_none_twice() -> None:
    for kind in ("confirming", "good"):
        texts = [text for part in PARTS for text in replies(kind, part)]
        assert len(texts) >= 300
        assert len(set(texts)) == len(texts)


def test_nearly_every_check_takes_five_milliseconds_at_most() -> None:
    texts = [text for part in PARTS for kind in ("confirming", "good") for text in replies(kind, part)[:20]]
    for text in texts:
        public(text)
    took = []
    for text in texts:
        began = process_time()
        public(text)
        took.append(process_time() - began)
    assert sorted(took)[int(0.95 * len(took))] <= 0.005


def test_the_second_reading_was_learned_from_these_replies() -> None:
    learned, bias = training.learn(training.texts(CORPORA))
    shipped, shipped_bias = second_reading.weights()
    # Another processor adds up in another order, so that the last digit may differ.
    assert bias == pytest.approx(shipped_bias, abs=0.02)
    for feature in learned.keys() | shipped.keys():
        assert learned.get(feature, 0.0) == pytest.approx(shipped.get(feature, 0.0), abs=0.02), feature
