"""The labelled replies of the project: next to none that confirms a customer leaves, next to no good one is held up."""

import json

import numpy as np
import pytest

from agents.guard import encoder, second_reading, training, training_layer, training_meaning
from agents.guard.rules import CONFIRMS
from tests.agents.guard_policy import CORPORA, LANGUAGES, PARTS, UNLEARNED, public, replies, rules_of, sample

STOPPED = {"approve", "block"}


def left(kind: str, parts: tuple[str, ...]) -> list[str]:
    """The replies of these parts that may leave."""
    return [text for part in parts for text in sample(kind, part) if public(text).outcome not in STOPPED]


def held(kind: str, parts: tuple[str, ...]) -> list[str]:
    """The replies of these parts that are held up."""
    return [text for part in parts for text in sample(kind, part) if public(text).outcome in STOPPED]


def count(kind: str, parts: tuple[str, ...]) -> int:
    """How many replies of these parts are read."""
    return sum(len(sample(kind, part)) for part in parts)


def test_at_most_one_in_two_hundred_confirming_replies_leaves_whatever_the_style() -> None:
    leaks = left("confirming", PARTS)
    assert len(leaks) <= 0.005 * count("confirming", PARTS), leaks


def test_at_most_two_in_a_hundred_good_replies_are_held_up_as_confirming_whatever_the_style() -> None:
    stopped = held("good", PARTS)
    mistaken = [text for text in stopped if rules_of(public(text)) & CONFIRMS]
    assert len(mistaken) <= 0.02 * count("good", PARTS), mistaken
    # The rest names hosts, telephones and rates, which a policy may list and this one does not.
    assert len(stopped) <= 0.03 * count("good", PARTS), stopped


def test_of_what_was_never_learned_little_leaves_and_little_is_held_up() -> None:
    leaks, stopped = left("confirming", UNLEARNED), held("good", UNLEARNED)
    assert len(leaks) <= 0.05 * count("confirming", UNLEARNED), leaks
    assert len(stopped) <= 0.05 * count("good", UNLEARNED), stopped


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


def test_the_second_reading_was_learned_from_these_replies() -> None:
    learned = json.loads(second_reading.WEIGHTS.read_text(encoding="utf-8"))
    assert learned["digest"] == training.digest(training.texts(CORPORA)), "run agents.guard.training again"


def test_the_training_tells_how_replies_are_decided() -> None:
    told = training.decided(
        [
            ("Your account is open again.", True),
            ("Thanks for the photo!", False),
            ("Our savings rate is 4.9% this week.", False),
        ]
    )
    assert told == ("of 1 confirming replies 0 leave; of 2 good ones 0 are held for confirming, 1 by any rule")


def test_learning_finds_the_weights_that_tell_and_the_same_ones_again() -> None:
    told = [(text, True) for text in replies("confirming", "w")[:40]]
    learned = training.learn([*told, *((text, False) for text in replies("good", "w")[:40])])
    assert learned == training.learn([*told, *((text, False) for text in replies("good", "w")[:40])])
    assert learned[0]["your"] > 0


def test_the_networks_learn_what_tells_and_learn_it_again() -> None:
    texts = [(text, kind == "confirming") for kind in ("confirming", "good") for text in replies(kind, "w")[::2]]
    words, labels = [training.words_of(text)[0] for text, _ in texts], [told for _, told in texts]
    encoded = training_meaning.encoded(words, labels)
    learned = training_meaning.learn(encoded, epochs=4)
    right = sum((learned.judge(rows)[0] > 0) == told for rows, told in zip(encoded.rows, labels, strict=True))
    assert right >= 0.9 * len(texts)
    few = training_meaning.encoded(words[::6], labels[::6])
    once, again = training_meaning.learn(few, epochs=1), training_meaning.learn(few, epochs=1)
    for layer, same in zip(once.layers, again.layers, strict=True):
        assert np.array_equal(layer.attend[0], same.attend[0])
    assert np.array_equal(once.networks[0].traits, again.networks[0].traits)


def test_the_slopes_by_which_a_layer_is_tuned_are_those_of_what_it_makes() -> None:
    chance = np.random.default_rng(1)

    def drawn(shape: tuple[int, ...]) -> encoder.Floats:
        return chance.standard_normal(shape, dtype=np.float32)

    layer, state, wanted = encoder.published()[0], drawn((2, 5, encoder.WIDTH)), drawn((2, 5, encoder.WIDTH))
    left = drawn((10, encoder.WIDTH)) + 2, drawn((10, encoder.WIDTH)) + 2
    _, climb = training_layer.forwards(layer, state, left)
    slopes, by_state = training_layer.backwards(layer, climb, wanted)
    figures = [its for name in training_layer.STEPS for its in getattr(layer, name)]
    for its, slope in zip([*figures, state], [*slopes, by_state], strict=True):
        before, way = its.copy(), slope / np.float32(np.sqrt((slope * slope).sum())) * np.float32(0.02)
        heights = []
        for sign in (1, -1):
            its[...] = before + sign * way
            heights.append(float((training_layer.forwards(layer, state, left)[0] * wanted).sum(dtype=np.float64)))
        its[...] = before
        assert heights[0] - heights[1] == pytest.approx(2 * float((slope * way).sum()), rel=0.02)
