"""Card numbers and their like must be gone, whatever they are dressed in, and other numbers must stay."""

import random
import re
import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum import luhn

from mentions.scrub import Scrubbed, masking, scrub, typed, typed_line
from mentions.scrub.fold import DIGIT_LIKE, decoded, flat
from tests.mentions import scrub_corpus

MASKED = [
    ("my card 4111 1111 1111 1111 was declined", "my card •••• 1111 was declined", "card"),
    ("4111111111111111", "•••• 1111", "card"),
    ("5555-5555-5555-4444", "•••• 4444", "card"),
    ("amex 3782 822463 10005 ok?", "amex •••• 0005 ok?", "card"),
    ("４１１１ １１１１ １１１１ １１１１", "•••• 1111", "card"),
    ("٤١١١ ١١١١ ١١١١ ١١١١", "•••• 1111", "card"),
    ("④①①①①①①①①①①①①①①①", "•••• 1111", "card"),
    ("⁴¹¹¹¹¹¹¹¹¹¹¹¹¹¹¹", "•••• 1111", "card"),
    ("4️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣ help", "•••• 1111 help", "card"),
    ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "•••• 1111", "card"),
    ("4111\u200b1111\u200b1111\u200b1111", "•••• 1111", "card"),
    ("4111 💳 1111 💳 1111 💳 1111", "•••• 1111", "card"),
    ("4111 then 1111 then 1111 then 1111", "•••• 1111", "card"),
    ("https://x.test/?q=4111%201111%201111%201111&a=1", "https://x.test/?q=•••• 1111&a=1", "card"),
    ("%34%31%31%31%31%31%31%31%31%31%31%31%31%31%31%31", "•••• 1111", "card"),
    ("&#52;&#49;&#49;&#49; 1111 1111 1111", "•••• 1111", "card"),
    (r'{"text": "\u0034111111111111111"}', '{"text": "•••• 1111"}', "card"),
    ("scan_4111111111111111.png", "scan_•••• 1111.png", "card"),
    ("4111 1111 1111 1111 and 5555 5555 5555 4444", "•••• 1111 and •••• 4444", "card"),
    ("my card number is 4111 1111 1111 1112", "my card number is •••• 1112", "card"),
    ("card 4111 1111 1111 1111 12/27 123", "card •••• 1111 ••• •••", "cvv"),
    ("card 4111 1111 1111 1111 exp 12/27", "card •••• 1111 exp •••", "expiry"),
    ("the cvv is 123", "the cvv is •••", "cvv"),
    ("my PIN is 4821", "my PIN is •••", "pin"),
    (";4111111111111111=27121010000000000000?", ";•••• 1111•••?", "track"),
    ("my ssn is 698-14-7338", "my ssn is •••• 7338", "ssn"),
    ("SSN 698147338", "SSN •••• 7338", "ssn"),
    ("698 14 7338", "•••• 7338", "ssn"),
    ("NI number AB 12 34 56 C", "NI number •••• 3456", "nino"),
    ("to GB82 WEST 1234 5698 7654 32 please", "to •••• 5432 please", "iban"),
    ("DE89370400440532013000", "•••• 3000", "iban"),
    ("iban: ＤＥ８９ ３７０４ ００４４ ０５３２ ０１３０ ００", "iban: •••• 3000", "iban"),
    ("IBAN DE89370400440532013001", "IBAN •••• 3001", "iban"),
    ("sort code 20-00-00 account 55779911", "sort code •••• account •••• 9911", "sort_code"),
    ("pay 40-47-84 70872490", "pay •••• •••• 2490", "sort_code"),
    ("acct 096080868917 is frozen", "acct •••• 8917 is frozen", "account"),
    ("my account number is 12345678", "my account number is •••• 5678", "account"),
    ("12345678 is my account number", "•••• 5678 is my account number", "account"),
    ("mi cuenta 0012345678 bloqueada", "mi cuenta •••• 5678 bloqueada", "account"),
    ("Kontonummer: 532013000", "Kontonummer: •••• 3000", "account"),
    ("账号12345678901", "账号•••• 8901", "account"),
    ("routing number 021000021", "routing number •••• 0021", "routing"),
    ("your verification code is 482913", "your verification code is •••", "one_time_code"),
    ("482913 is your login code", "••• is your login code", "one_time_code"),
    ("the code they sent me: otp 4829", "the code they sent me: otp •••", "one_time_code"),
    ("验证码 482913", "验证码 •••", "one_time_code"),
    ("código de verificación: 482913", "código de verificación: •••", "one_time_code"),
]

UNTOUCHED = [
    "",
    "no digits at all",
    "since 2019, 200 calls, 12/05/2026 14:30",
    "call +63 917 123 4567 or (415) 555-0134",
    "+44 7911 123456, +49 1512 9580833, 020 7946 0958",
    "order #34926801196, tracking 1Z999AA10123456784",
    "tweet 1790000000000000007",
    "https://x.test/user/status/1790000000000000007",
    "commit 356a192b7913b04c54574d18c28d46e6395428ab",
    "e3b0c442-98fc-1c14-9afb-f4c8996fb924",
    "the screen said 4138515341616709",
    "9400 1000 0000 0000 0000 00 from the post office",
    "$1,194.56 twice and €12.345,67",
    "at 38.297169, 169.297186",
    "192.168.100.200 is down, version 11.1.2",
    "lotto 4 8 15 16 23 42",
    "error code 403, zip code 94105, promo code is 202611",
    "1000000 account holders",
    "years 2018, 1995, 1991 and 1991",
    "already masked •••• 1111 and ••• and ****1111",
    "½ of ⑳ people, ① and ②",
]

plain_or_hostile = st.text() | st.text(
    alphabet=st.sampled_from("0123456789" * 4 + " -./,_\n%&#;\\ux•AaDE４１①⑳½٤\u200b\ufe0f\u20e3💳\ud800\x00"),
    max_size=120,
)
pieces = st.lists(
    st.sampled_from(
        [
            "card ",
            "cvv ",
            "code is ",
            "IBAN DE",
            "ssn ",
            "sort code ",
            "account ",
            "•••• ",
            "••• ",
            "%34",
            "&#52;",
            "\\u0034",
        ]
    )
    | st.text(alphabet="0123456789", min_size=1, max_size=20)
    | st.sampled_from([" ", "-", ".", "\n", " and "])
    | st.integers(0, 10**6).map(lambda seed: next(scrub_corpus.cards(17, seed))[0]),
    max_size=14,
).map("".join)


def folded(text: str) -> str:
    return "".join(
        character if (digit := unicodedata.digit(character, None)) is None else str(digit) for character in text
    )


def every_digit(text: str) -> str:
    return re.sub(r"[^0-9]", "", (decoded(text) or flat(text)).text)


@pytest.mark.parametrize(("text", "clean", "kind"), MASKED, ids=[case[0][:40] for case in MASKED])
def test_masks_and_says_what(text: str, clean: str, kind: str) -> None:
    scrubbed = scrub(text)
    assert scrubbed.text == clean
    assert kind in scrubbed.found


@pytest.mark.parametrize("text", UNTOUCHED, ids=[text[:40] for text in UNTOUCHED])
def test_leaves_other_numbers_alone(text: str) -> None:
    assert scrub(text) == Scrubbed(text, ())


def test_what_a_colleague_typed_is_kept_without_what_cannot_be_stored_or_must_not() -> None:
    said = " call\0 back\nabout 4111 1111\0 1111 1111 \udc00"
    assert typed(said) == "call back\nabout •••• 1111 \ufffd"
    assert typed_line(said, 9) == "call back"
    assert typed_line(said, 80) == "call back about •••• 1111 \ufffd"


def test_finds_cards_in_every_dress() -> None:
    missed = []
    cases = list(scrub_corpus.cards(3400, seed=7))
    for text, number in cases:
        scrubbed = scrub(text)
        rest = every_digit(scrubbed.text)
        leaks = any(number[place : place + 8] in rest for place in range(len(number) - 8))
        if leaks or "card" not in scrubbed.found:
            missed.append(text)
    assert len(missed) <= len(cases) * 0.005, missed[:5]


def test_leaves_harmless_numbers_in_nearly_all_texts() -> None:
    texts = list(scrub_corpus.harmless(4000, seed=7))
    wrong = [text for text in texts if scrub(text).found]
    assert len(wrong) <= len(texts) * 0.01, wrong[:5]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(["pin", "cvv 1", "acct", "23", "4567", " ", "is", "-", "code", "GB", "x"])).map("".join)
)
def test_the_short_way_of_plain_texts_masks_what_the_long_one_does(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masking, "reads_as_it_stands", lambda _: False)
        long_way = masking.masked(text)
    assert masking.masked(text) == long_way


@settings(max_examples=250, deadline=None)
@given(plain_or_hostile | pieces)
@example("0" * 13)
@example("4111111111111111" * 3)
@example("•••• 4111 •••• 1111 •••• 1111 •••• 1111")
@example("\ud8344111111111111111")
@example("İ account 12345678")
def test_any_text_is_safe_and_settled_after_one_pass(text: str) -> None:
    scrubbed = scrub(text)
    assert "degraded" not in scrubbed.found
    assert scrub(scrubbed.text).text == scrubbed.text
    for run in re.findall(r"[0-9]+", folded(scrubbed.text)):
        known_as_an_identifier = scrub(run).text == run
        assert not (13 <= len(run) <= 19 and luhn.is_valid(run)) or not known_as_an_identifier


@given(st.text(alphabet="0123456789０１２３٤٥", min_size=13, max_size=19))
def test_no_bare_run_that_passes_luhn_remains(run: str) -> None:
    clean = scrub(f"it says {run} here").text
    remaining = re.findall(r"[0-9]{13,19}", folded(clean))
    assert not any(luhn.is_valid(digits) for digits in remaining)


def test_a_failing_finder_masks_every_long_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str) -> None:
        raise RecursionError

    monkeypatch.setattr("mentions.scrub.masking.flat", broken)
    assert scrub("call 123456789 or ４１１１ 1111 1111 1111, ref 12345678") == Scrubbed(
        "call •••• or ••••, ref 12345678", ("degraded",)
    )


HOSTILE = (
    "1", "4 ", "1 2 ", "1.", "4111 ", "4111-1111-", "4111 1111 1111 111 ", "41111111111111111111 ", "+1(", "$1,", "%34",
    "%2531", "&#49;", "&amp;", "\\u0031", "\\n", "\u200b1", "4\u0336", "①", "٤", "•••• 1234 ", "account number is my ",
    "account ", "code is 1", "pin ", "iban ", "GB29 NWBK 6016 ", "12-34-56 1234", "exp 12/25 ", "12345 was the x y z ",
    "the ", "is ", " ", "é",
)  # fmt: skip


def test_long_hostile_texts_do_not_hold_up_intake() -> None:
    chance = random.Random(3)
    texts = ["".join(chance.choices("0123456789 -./,a•\n", k=10_000)), "".join(chance.choices("0123456789", k=10_000))]
    texts += [(piece * 10_000)[:10_000] for piece in HOSTILE]
    texts += ["".join(chance.choices(chance.sample(HOSTILE, 4), k=10_000))[:10_000] for _ in range(40)]
    taken = []
    for text in texts:
        started = time.process_time()
        scrub(text)
        taken.append(time.process_time() - started)
    assert sorted(taken)[-len(taken) // 10] < 0.02, "a tenth of them took too long"


@given(st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=6), st.integers(300, 2_000))
@settings(max_examples=60, deadline=None)
def test_what_is_crowded_with_numbers_loses_at_least_what_the_finders_would_take(pieces: list[str], times: int) -> None:
    text = "".join(pieces) * times
    clean = scrub(text)
    if "crowded" in clean.found:
        assert DIGIT_LIKE.search(clean.text) is None
        assert scrub(clean.text) == Scrubbed(clean.text)
        folded = decoded(clean.text)
        assert folded is None or DIGIT_LIKE.search(folded.text) is None


@given(st.lists(st.sampled_from(["%34", "%E2%82%AC", "&#52;", "&amp;#49;", "\\u0034", "\u200b", "⑳", "é", "7", " a"])))
def test_every_folded_character_knows_where_it_stood(pieces: list[str]) -> None:
    text = "".join(pieces)
    folded = decoded(text) or flat(text)
    places = [folded.origin(at, at + 1) for at in range(len(folded.text))]
    assert all(start < end for start, end in places)
    assert all(one == two or one[1] <= two[0] for one, two in pairwise(places))
    for character, (start, end) in zip(folded.text, places, strict=True):
        if end - start == 1:
            assert flat(text[start:end]).text == character or text[start:end] == "⑳"
