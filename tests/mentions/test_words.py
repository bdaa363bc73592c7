"""Words are found whole, whatever their case, accents and script."""

import pytest

from mentions.words import Vocabulary, folded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Card DECLINED, again!!", ["card", "declined", "again"]),
        ("don’t / don't", ["don", "t", "don", "t"]),
        ("¡CAÑA rápida! Straße, Łódź, Çağrı", ["cana", "rapida", "strasse", "lodz", "cagri"]),
        ("e\u0301te\u0301 ＶＩＳＡ", ["ete", "visa"]),
        ("بِطَاقَة", ["بطاقة"]),
        ("कार्ड बंद", ["कार्ड", "बंद"]),
        ("😀💳 \u200d", []),
        ("snake_case-and.dots", ["snake", "case", "and", "dots"]),
    ],
)
def test_texts_are_compared_without_case_accents_and_punctuation(text: str, words: list[str]) -> None:
    assert folded(text) == words


def found(text: str, *terms: str) -> set[str]:
    written = {" ".join(folded(term)): term for term in terms}
    return {written[term] for term in Vocabulary(written).found(text)}


def test_words_match_whole_words_only() -> None:
    assert found("My discard pile", "card") == set()
    assert found("My CARD?", "card") == {"card"}
    assert found("the #card, please", "card") == {"card"}


def test_phrases_match_in_order_across_punctuation() -> None:
    assert found("a Gift-Card or two", "gift card", "card gift") == {"gift card"}
    assert found("gift cards", "gift card") == set()


def test_scripts_without_spaces_match_inside_the_sentence() -> None:
    assert found("银行的应用程序又崩溃了", "崩溃", "诈骗") == {"崩溃"}
    assert found("アプリにログインできません", "ログイン") == {"ログイン"}
    assert found("카드가 안 돼요", "카드") == {"카드"}
    assert found("แอปล่มอีกแล้ว", "ล่ม") == {"ล่ม"}


def test_accents_may_be_left_out_on_either_side() -> None:
    assert found("me robaron la cuenta, no entiendo que paso", "qué pasó") == {"qué pasó"}
    assert found("ARNAQUÉ!", "arnaque") == {"arnaque"}
