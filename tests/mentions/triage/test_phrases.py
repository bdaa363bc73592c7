"""Phrases are found in any order and language, near each other, and quoted as they stood."""

import random

import pytest

from mentions.triage.phrases import Hit, Phrasebook, Shelf
from mentions.triage.topics import LEANING, PHRASES, SOURING
from mentions.words import folded

CONCEPTS = {"CARD": "card tarjeta 卡 بطاقه", "DECLINED": "declin* rechaz* did_not_go_through 被拒 مرفوض*"}
BOOK = Phrasebook(
    CONCEPTS,
    {
        "declined": ("CARD + DECLINED /6",),
        "funds": ("insufficient funds",),
        "stem": ("freez*",),
        "three": ("a1 + b2 + c3 /4",),
    },
)

FOUND = [
    ("My CARD was declined", "declined", "card … declined"),
    ("declined my card", "declined", "declined … card"),
    ("Rechazaron mi tarjeta", "declined", "rechazaron … tarjeta"),
    ("the card did not go through", "declined", "card did not go through"),
    ("我的卡被拒了", "declined", "卡 被拒"),
    ("بطاقتي مرفوضة", "declined", "بطاقتي مرفوضة"),
    ("it says insufficient funds", "funds", "insufficient funds"),
    ("it is freezing", "stem", "freezing"),
    ("c3 and b2 a1", "three", "c3 … b2 a1"),
]
NOT_FOUND = [
    "card",
    "declined",
    "cards were fine but the waiter who came with the bill was declined",
    "discard declined",
    "insufficient or no funds",
    "a1 b2",
    "",
]


@pytest.mark.parametrize(("text", "key", "words"), FOUND)
def test_finds_and_quotes(text: str, key: str, words: str) -> None:
    (hit,) = BOOK.find(folded(text))
    assert (hit.key, hit.words) == (key, words)


@pytest.mark.parametrize("text", NOT_FOUND)
def test_does_not_find(text: str) -> None:
    assert BOOK.find(folded(text)) == []


def test_the_more_telling_phrase_is_quoted() -> None:
    book = Phrasebook({}, {"fee": ("fee", "monthly + fee /4")})
    assert book.find(folded("a monthly fee")) == [Hit("fee", "monthly fee", 0.85)]


def test_an_unknown_concept_is_an_error() -> None:
    with pytest.raises(ValueError, match="no concept NOWHERE"):
        Phrasebook({}, {"key": ("NOWHERE + here",)})


def test_topics_that_lean_or_sour_exist() -> None:
    assert set(LEANING) | SOURING <= set(PHRASES)


def test_every_line_of_words_is_found_where_a_plain_search_finds_it() -> None:
    lines = {
        phrase
        for phrases in PHRASES.values()
        for phrase in phrases
        if " " in phrase and phrase.isascii() and phrase.islower() and phrase.replace(" ", "").isalnum()
    }
    book = Phrasebook({}, {line: (line,) for line in sorted(lines)})
    chance = random.Random(5)
    words = sorted({word for line in lines for word in line.split()})
    for _ in range(3000):
        pieces = [*chance.choices(words, k=6), *chance.choices(sorted(lines), k=2)]
        chance.shuffle(pieces)
        tokens = " ".join(pieces).split()
        plain = f" {' '.join(tokens)} "
        assert {hit.key for hit in book.find(tokens)} == {line for line in lines if f" {line} " in plain}


def test_lines_that_go_on_with_a_beginning_of_a_word_count_in_the_order_written() -> None:
    book = Phrasebook({}, {"a": ("one two three", "one tw* three"), "b": ("one tw*",)})
    assert book.find(["one", "two", "three"]) == [Hit("a", "one two three", 0.95), Hit("b", "one two", 0.85)]
    assert book.find(["one", "twig", "three"]) == [Hit("a", "one twig three", 0.95), Hit("b", "one twig", 0.85)]
    assert book.find(["one"]) == []


def test_books_on_a_shelf_find_what_each_finds_alone() -> None:
    other = Phrasebook(CONCEPTS, {"gone": ("card is gone", "CARD + gone"), "freezing": ("freezing + card", "a1 b2*")})
    shelf = Shelf(BOOK, Phrasebook({}, {"a": ("declined my", "my card", "is")}), other)
    chance = random.Random(11)
    words = [
        "my",
        "card",
        "is",
        "gone",
        "declined",
        "did",
        "not",
        "go",
        "through",
        "freezing",
        "a1",
        "b2x",
        "c3",
        "insufficient",
        "funds",
        "我的卡被拒了",
        "مرفوضة",
    ]
    for _ in range(1500):
        tokens = chance.choices(words, k=chance.randrange(9))
        assert shelf.find(tokens) == [book.find(tokens) for book in shelf._books]
