"""Everything that the demonstration's customers and people say is well formed, ours, and safe to send."""

import random
import re
from dataclasses import replace

import pytest

from agents import guard
from config.demo import bank, chorus, names, writing
from config.demo.customers import POOL, everybody
from config.demo.rhythm import Moment
from config.demo.texts import ADDED, IMPATIENT, NEWS, REVIEWS, RIVALS, VOICES
from config.demo.texts.answers import BY_TAG, MATTERS, PRIVATE, PUBLIC, answer
from config.demo.texts.macros import MACROS
from mentions import scrub

THEMES = [(language, theme) for language, themes in VOICES.items() for theme in themes]
THEMES += [("en", theme) for theme in (*RIVALS, *REVIEWS, *NEWS)]
POLICY = guard.GuardPolicy(
    actions={}, allowed_hosts=frozenset(bank.BANK.hosts), branch_names=names.BRANCHES, version="test"
)


def test_there_is_enough_to_say() -> None:
    lines = [line for _, theme in THEMES for line in theme.lines]
    assert len(lines) == len(set(lines))
    assert len(lines) > 500
    english = sum(len(theme.lines) for language, theme in THEMES if language == "en")
    assert 0.5 < english / len(lines) < 0.75


@pytest.mark.parametrize(("language", "theme"), THEMES, ids=lambda value: getattr(value, "key", value))
def test_every_line_can_be_filled(language, theme) -> None:
    rng = random.Random(1)
    who = replace(everybody()[0], language=language)
    for line in (*theme.lines, *theme.after):
        assert not re.search(r"[{}]", writing.fill(line, who, rng, {})), line
    assert theme.tone in ("negative", "neutral", "positive")
    assert 0 <= theme.private < 1


def test_what_is_added_can_be_filled_too() -> None:
    rng = random.Random(1)
    for language, lines in (*ADDED.items(), *IMPATIENT.items()):
        who = replace(everybody()[0], language=language)
        for line in lines:
            assert not re.search(r"[{}]", writing.fill(line, who, rng, {}))


def test_posts_fit_town_square_and_hardly_repeat() -> None:
    rng = random.Random(7)
    start = chorus.datetime(2026, 11, 18, 16, tzinfo=chorus.ZONE)
    posts = [chorus.speak(Moment(start), rng) for _ in range(4000)]
    assert all(0 < len(post.written.text) <= 500 for post in posts)
    assert len({post.written.text for post in posts}) > 3000
    assert len({post.who.language for post in posts}) >= 12
    assert any(post.private for post in posts)


def test_typos_spare_handles_tags_links_and_figures() -> None:
    rng = random.Random(3)
    style = writing.Style(lower=True, bare=False, loud=False, emoji=0, typos=0.2)
    text = "Help @larkmere I lost $412.10 at http://larkmere-refund.example/claim and #LarkmereGives will not answer"
    for _ in range(200):
        typed = writing.roughen(text, style, "negative", rng)
        for kept in ("@larkmere", "$412.10", "http://larkmere-refund.example/claim", "#LarkmereGives"):
            assert kept in typed


def test_card_numbers_in_messages_are_test_numbers_that_the_scrubber_finds() -> None:
    for number in writing.TEST_CARDS:
        assert "card" in scrub.scrub(f"My card number is {number} if that helps.").found


def test_customers_have_handles_of_their_own_that_town_square_takes() -> None:
    handles = [who.handle for who in everybody()]
    assert len({handle.lower() for handle in handles}) == len(handles)
    assert all(re.fullmatch(r"[A-Za-z0-9_]{1,30}", handle) for handle in handles)
    assert all(sum(letter.isdigit() for letter in handle) <= 8 for handle in handles)
    assert bank.BANK.handle not in (handle.lower() for handle in handles)
    assert len({who.name for who in everybody()[:POOL]}) > 2000


def spoken(text: str) -> str:
    return text.format(first="Lena", sign="AO")


@pytest.mark.parametrize(
    "text", [line for by_matter in PUBLIC.values() for lines in by_matter.values() for line in lines]
)
def test_public_answers_pass_the_guard(text: str) -> None:
    verdict = guard.check(guard.Draft(spoken(text), "public", "townsquare", "lena"), POLICY)
    assert verdict.outcome == "pass", [finding.words for finding in verdict.findings]
    assert len(spoken(text)) <= 480


@pytest.mark.parametrize("text", [line for lines in PRIVATE.values() for line in lines])
def test_private_answers_pass_the_guard(text: str) -> None:
    assert guard.check(guard.Draft(spoken(text), "private", "townsquare", "lena"), POLICY).outcome == "pass"


@pytest.mark.parametrize("macro", MACROS, ids=lambda macro: macro.name)
def test_macros_pass_the_guard(macro) -> None:
    text = macro.text.replace("{{ first_name }}", "Lena").replace("{{ initials }}", "AO")
    assert guard.check(guard.Draft(text, macro.visibility, "townsquare", "lena"), POLICY).outcome == "pass"


def test_every_matter_has_words_in_english() -> None:
    assert {*MATTERS.values(), *BY_TAG.values()} <= PUBLIC["en"].keys()
    rng = random.Random(1)
    for language in VOICES:
        assert answer("fraud", language, rng, first="Lena", sign="AO", private=False)
