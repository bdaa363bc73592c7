"""Another machine's clock, between its words."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from commandcenter.clock import WORDS_S, Clock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def off(clock: Clock, here: float) -> float:
    """By how much it is ahead of the truth, where our own clock was zero at noon."""
    return (clock.now(here) - after(here)).total_seconds()


def test_a_clock_goes_on_between_words():
    clock = Clock()
    clock.hear(after(0), 0)
    assert clock.now(7.5) == after(7.5)


def test_a_late_word_puts_nothing_back():
    clock = Clock()
    clock.hear(after(0), 0)
    clock.hear(after(5), 25)  # under heavy load: twenty seconds late
    assert abs(off(clock, 30)) < 1e-6


@given(st.lists(st.floats(0, WORDS_S - 1), min_size=2, max_size=40))
def test_it_is_never_ahead_and_no_later_than_the_best_word_of_a_minute(late):
    clock = Clock()
    for number, seconds in enumerate(late):
        here = 5.0 * number + WORDS_S
        clock.hear(after(here - seconds), here)
        best = min(late[max(0, number - 12) : number + 1])
        assert abs(off(clock, here) + best) <= 1e-5


def test_a_clock_of_ours_that_goes_too_fast_is_followed():
    clock = Clock()
    for day in range(400):
        clock.hear(after(86_400 * day), 86_400 * day * 1.0001)
    assert abs((clock.now(86_400 * 399 * 1.0001) - after(86_400 * 399)).total_seconds()) < 1


def test_a_clock_that_was_set_far_back_is_believed_at_once():
    clock = Clock()
    clock.hear(after(0), 0)
    clock.hear(after(5 - 3600), 5)
    assert clock.now(5) == after(5 - 3600)
    clock.hear(after(10), 10)
    assert clock.now(10) == after(10)


def test_a_clock_that_was_set_back_by_less_is_believed_within_a_minute():
    clock = Clock()
    clock.hear(after(0), 0)
    for here in range(5, 65, 5):
        clock.hear(after(here - 40), here)
        assert abs(off(clock, here)) < 1, "as a word that was late"
    clock.hear(after(65 - 40), 65)
    assert abs(off(clock, 65) + 40) < 1
