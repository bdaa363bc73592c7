"""Counting as the networks do. The cases are those of their own tests and documents, in other words."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentions.networks._length import emoji_in_bytes, fediverse, graphemes

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", 0),
        ("word", 4),
        ("é", 1),
        ("e\u0301", 1),
        (FAMILY, 1),
        ("🇩🇪🇫🇷", 2),
        ("👍🏽", 1),
        ("각", 1),
        ("\u1100\u1161\u11a8", 1),
        ("नि", 1),
        ("a\r\nb", 3),
        ("~o" + "\u0334" * 30, 2),
        ("1\ufe0f\u20e3", 1),
    ],
)
def test_graphemes_are_what_a_reader_sees(text: str, seen: int) -> None:
    assert graphemes(text) == seen


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("a" * 476 + " http://" + "b" * 30 + ".com/example", 500),  # a link is 23, however long
        ("a" * 476 + "http://" + "b" * 30 + ".com/example", 476 + 49),  # stuck to a word it is none
        ("http://example.com/valid?" + "#foo?" * 1000, 5025),  # longer than links may be
        ("a" * 475 + " @alice@" + "b" * 30 + ".com", 482),  # far people count without their server
        ("@alice@" + "b" * 500 + ".com", 511),  # unless no server can be called that
        ("@alice", 6),
        ("write to help@bank.example", 26),
        ("https://bank.example", 23),
        ("https://bank.example/a.", 24),
        ("(https://bank.example/a)", 25),
        ("see https://bank.example, and https://bank.example/?q=1&r=2#there", 4 + 23 + 6 + 23),
        ("https://bänk.example/größe", 23),
        ("https://localhost/a", 19),
        ("ftp://bank.example/a", 20),
        (FAMILY * 500, 500),
    ],
)
def test_mastodon_s_servers_count_so(text: str, counted: int) -> None:
    assert fediverse(text) == counted


@pytest.mark.parametrize(
    ("text", "counted"), [("naïve 日本", 8), ("👍", 4), ("👍🏽", 8), (FAMILY, 25), ("🇩🇪", 8), ("❤️!", 7), ("#1", 2)]
)
def test_threads_counts_the_bytes_of_emoji_and_characters_of_the_rest(text: str, counted: int) -> None:
    assert emoji_in_bytes(text) == counted


def test_a_server_may_give_links_another_weight() -> None:
    assert fediverse("a https://bank.example/a b", 30) == 34


@given(st.text())
def test_whatever_is_written_can_be_counted(text: str) -> None:
    assert 0 <= graphemes(text) <= len(text)
    assert fediverse(text) >= 0


@given(st.text(st.characters(categories=["Ll", "Lu", "Nd"]), max_size=40))
def test_words_count_the_same_however_their_letters_are_put_together(text: str) -> None:
    assert graphemes(unicodedata.normalize("NFC", text)) == graphemes(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize("part", ["@", "@a@", "@a-", "http://", "http://a.", "http://a.b/", "a.", "\u0300"])
def test_no_text_takes_long(part: str) -> None:
    began = time.process_time()
    fediverse(part * (65_536 // len(part)))
    assert time.process_time() - began < 1
