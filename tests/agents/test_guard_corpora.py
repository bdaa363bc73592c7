"""The labelled replies of the project: none that confirms a customer leaves, next to none that is good is held up."""

from time import process_time

import pytest

from agents.guard import second_reading, training
from tests.agents.guard_policy import CORPORA, PARTS, public, replies

STOPPED = {"approve", "block"}


@pytest.mark.parametrize("part", PARTS)
def test_no_confirming_reply_leaves(part: str) -> None:
    left = [reply.text for reply in replies("confirming", part) if public(reply.text).outcome not in STOPPED]
    assert left == []


@pytest.mark.parametrize("part", PARTS)
def test_at_most_two_in_a_hundred_good_replies_are_held_up(part: str) -> None:
    good = replies("good", part)
    held = [reply.text for reply in good if public(reply.text).outcome in STOPPED]
    assert len(held) <= 0.02 * len(good), held


def test_there_are_at_least_three_hundred_of_each_and_none_twice() -> None:
    for kind in ("confirming", "good"):
        texts = [reply.text for part in PARTS for reply in replies(kind, part)]
        assert len(texts) >= 300
        assert len(set(texts)) == len(texts)


def test_a_check_takes_two_milliseconds_at_most() -> None:
    texts = [reply.text for part in PARTS for kind in ("confirming", "good") for reply in replies(kind, part)]
    for text in texts:
        public(text)
    began = process_time()
    for text in texts:
        public(text)
    assert (process_time() - began) / len(texts) <= 0.002


def test_the_second_reading_was_learned_from_these_replies() -> None:
    learned, bias = training.learn(training.texts(CORPORA))
    shipped, shipped_bias = second_reading.weights()
    # Another processor adds up in another order, so that the last digit may differ.
    assert bias == pytest.approx(shipped_bias, abs=0.02)
    for feature in learned.keys() | shipped.keys():
        assert learned.get(feature, 0.0) == pytest.approx(shipped.get(feature, 0.0), abs=0.02), feature
