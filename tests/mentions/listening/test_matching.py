"""Which posts fit, by which words, whatever their case, accents and width."""

import pytest

from mentions.listening.matching import Subject, compiled, marked


def found(query: str, text: str, **fields: str) -> tuple[str, ...] | None:
    return compiled(query).match(Subject(text, **fields))


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("cafe", "Das CAFÉ ist zu", ("cafe",)),
        ("northquay", "ＮＯＲＴＨＱＵＡＹ is down", ("northquay",)),
        ("decl*", "It was DECLINED, then declining", ("declined", "declining")),
        ("decl*", "a decision", None),
        ('"card declined"', "Card -- declined!", ("card declined",)),
        ('"card declined"', "card was declined", None),
        ('"card decl"*', "my card declines", ("card declines",)),
        ("card NEAR/1 declined", "declined my card", ("declined", "card")),
        ("card NEAR/1 declined", "card that they declined", None),
        ("card NEAR/2 declined", "card that they declined", ("card", "declined")),
        ("#bankfail", "what a #BankFail", ("#bankfail",)),
        ("#bankfail", "what a bankfail", None),
        ("@larkmere", "hey @Larkmere!", ("@larkmere",)),
        ("@larkmere", "mail me at a@larkmere", None),
        ("bank -river", "the bank", ("bank",)),
        ("bank -river", "the river bank", None),
        ("card OR app OR branch", "card and app", ("card", "app")),
        ("银行", "我的银行卡", ("银行",)),
        ("은행", "은행이 닫혔다", ("은행",)),
        ("don't", "they DON’T answer", ("don t",)),
    ],
)
def test_a_post_fits_by_these_words(query: str, text: str, words: tuple[str, ...] | None) -> None:
    assert found(query, text) == words


def test_language_network_and_author_narrow() -> None:
    fields = {"network": "x", "language": "es", "handle": "Dana"}
    assert found("card lang:es,pt", "card", **fields) == ("card",)
    assert found("card lang:en", "card", **fields) is None
    assert found("card -lang:es", "card", **fields) is None
    assert found("card network:reddit", "card", **fields) is None
    assert found("from:dana", "hello", **fields) == ("from:dana",)


def test_near_does_not_take_one_word_for_both() -> None:
    assert found("card NEAR/5 card*", "one card only") is None


def test_the_words_are_marked_where_they_stand() -> None:
    assert marked("My Card was DECLINED.", ["declined", "my card"]) == [
        ("My Card", True),
        (" was ", False),
        ("DECLINED", True),
        (".", False),
    ]
    assert marked("我的银行卡", ["银行"]) == [("我的", False), ("银行", True), ("卡", False)]
    assert marked("nothing", []) == [("nothing", False)]


def test_what_somebody_writes_to_be_slow_is_not() -> None:
    found('aaa* NEAR/50 "aaa aaa"', "aaa " * 20_000)
