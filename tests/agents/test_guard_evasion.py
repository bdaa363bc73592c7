"""No dressing of the letters lets a confirming reply pass, and no input makes the guard fail."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.guard import Draft, check
from agents.guard.glyphs import LOOK_ALIKES
from tests.agents.guard_policy import LANGUAGES, PARTS, POLICY, private, public, replies, rules_of

STOPPED = {"approve", "block"}
# A dressed reply is held where the same reply undressed is. One in a thousand is held for a name's capital alone, which
# any dressing of the case takes: those are no part of this.
CONFIRMING = st.sampled_from(
    [text for part in PARTS + LANGUAGES for text in replies("confirming", part) if text.isascii()]
).filter(lambda text: all(public(its).outcome in STOPPED for its in (text, text.lower())))
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u061c\u180e\u2063\ufe0f"
TWINS: dict[str, list[str]] = {}
for glyph, latin in LOOK_ALIKES.items():
    TWINS.setdefault(latin, []).append(glyph)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_unseen_characters_hide_nothing(data: st.DataObject) -> None:
    text = data.draw(CONFIRMING)
    for place in sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=1, max_size=8)), reverse=True):
        text = text[:place] + data.draw(st.sampled_from(UNSEEN)) + text[place:]
    assert public(text).outcome in STOPPED


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_look_alike_letters_hide_nothing(data: st.DataObject) -> None:
    text = list(data.draw(CONFIRMING))
    for place in data.draw(st.lists(st.integers(0, len(text) - 1), min_size=1, max_size=12)):
        twins = TWINS.get(text[place].lower())
        if twins:
            text[place] = data.draw(st.sampled_from(twins))
    assert public("".join(text)).outcome in STOPPED


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_case_and_width_hide_nothing(data: st.DataObject) -> None:
    text = data.draw(CONFIRMING)
    upper = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    dressed = "".join(c.upper() if up else c for c, up in zip(text, upper, strict=True))
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert public(text.upper()).outcome in STOPPED
    assert public(dressed).outcome in STOPPED
    assert public(wide).outcome in STOPPED


@given(st.text(max_size=400), st.sampled_from(["public", "private"]))
@settings(max_examples=120, deadline=None)
def test_no_text_makes_the_guard_fail(text: str, visibility: str) -> None:
    verdict = check(Draft(text, visibility), POLICY)  # type: ignore[arg-type]
    assert "guard_failed" not in rules_of(verdict)
    for finding in verdict.findings:
        assert finding.words == text[finding.start : finding.end]


@given(st.text(alphabet="yourcadnt @$0134.-_*'\u200bоа()[]{}|/\n", max_size=120))
@settings(max_examples=120, deadline=None)
def test_no_tangle_of_signs_makes_the_guard_fail(text: str) -> None:
    assert "guard_failed" not in rules_of(public(text))


@pytest.mark.parametrize(
    "text",
    [
        "your acount has been unlocked", "your accuont has been unlocked", "your accountt is open",
        "yuor account is open", "your morgage was approved", "we refnded you", "your balence is right",
        "your tranfer was sent",
        "y o u r  a c c o u n t is open", "y-o-u-r c-a-r-d is open", "your acc ount is open", "your_account is open",
        "youraccount is open", "your a.c.c.o.u.n.t is open", "your ac*ount is open", "y0ur acc0unt is open",
        "YOUR(ACCOUNT)IS(OPEN)", "ur acct is open", "your a/c is open", "you’re not a customer", "youre not a customer",
        "we've re-funded you", "weve refunded you", "yourrrr accountttt is open",
        "𝐘𝐨𝐮𝐫 𝐚𝐜𝐜𝐨𝐮𝐧𝐭 is open", "ʏᴏᴜʀ ᴀᴄᴄᴏᴜɴᴛ is open", "🅨our 🅰ccount is open", "Ýöür äccöünt is open",
    ],
)  # fmt: skip
def test_slips_and_tricks_of_spelling_hide_nothing(text: str) -> None:
    assert public(text).outcome in STOPPED


def test_mixed_alphabets_are_named_even_in_private() -> None:
    assert "disguised" in rules_of(private("Plеase cоme in"))


@pytest.mark.parametrize("text", ["Thanks 👨‍👩‍👧 and ❤️!", "¡Gracias por su mensaje!", "Café déjà vu, naïve", "Спасибо"])
def test_emoji_accents_and_whole_alphabets_are_no_disguise(text: str) -> None:
    assert "disguised" not in rules_of(private(text))
