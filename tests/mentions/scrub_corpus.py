"""Card numbers in every shape we know of, and numbers that are no cards, made from a seed.

Every number is computed here; none belongs to anybody.
"""

import random
import re
from collections.abc import Callable, Iterator

from stdnum import luhn

PREFIXES = (
    ("4", 16), ("4", 16), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15),
    ("6011", 16), ("65", 16), ("644", 16), ("3528", 16), ("3589", 16), ("36", 14), ("3056", 14), ("62", 16),
    ("62", 19), ("6304", 16), ("5018", 16), ("6759", 18), ("5893", 13), ("2200", 16), ("60", 16), ("9792", 16),
)  # fmt: skip

SEPARATORS = (
    " ", "-", ".", "/", "_", ",", ", ", " - ", "  ", "\n", "\n\n", "\t", "\u00a0", "\u2009", "\u200b", "\u2060",
    "\ufeff", "\u00ad", "\u2013", "\u2014", "\u2011", "\u2212", "\u00b7", " \u00b7 ", "*", " * ", "|", " | ", "+", "~",
    ":", ";", "..", "\u200d", " \U0001f4b3 ", "\U0001f4b3", " \u2764\ufe0f ", "\u3000", "\u30fb", "()",
    "][", "\u2022", "=",
    "\\", "\r\n", "\"", "'",
)  # fmt: skip

DIGIT_ROWS = (
    "0123456789",
    "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19",
    "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669",
    "\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9",
    "\u0966\u0967\u0968\u0969\u096a\u096b\u096c\u096d\u096e\u096f",
    "\u0e50\u0e51\u0e52\u0e53\u0e54\u0e55\u0e56\u0e57\u0e58\u0e59",
    "".join(chr(0x1D7CE + digit) for digit in range(10)),
    "".join(chr(0x1D7D8 + digit) for digit in range(10)),
    "".join(chr(0x1D7F6 + digit) for digit in range(10)),
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079",
    "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089",
    "\u24ea\u2460\u2461\u2462\u2463\u2464\u2465\u2466\u2467\u2468",
    "\u24ff\u2776\u2777\u2778\u2779\u277a\u277b\u277c\u277d\u277e",
    "".join(chr(0x1FBF0 + digit) for digit in range(10)),
)

FRAMES = (
    "{}", "my card {} was declined", "card number: {}", "{} is my card", "they charged {} twice!!", "pls check {}.",
    "Visa {} exp 09/27", "{} 11/28 123", "tarjeta {} no funciona", "ma carte {} est bloqu\u00e9e",
    "\u5361\u53f7{}\u88ab\u62d2", "(card {})", "\"{}\"", "order 12 for {} please", "#{}", "@bank {} @bank",
    "https://example.test/pay?card={}&x=1", "https://example.test/{}/receipt", "receipt_{}.pdf",
    "IMG-{}.png", "name {} surname", "{}abc", "pan={};",
    "<b>{}</b>", "2 cards, this one {} failed", "my son, 14, used {} again", "call 415-555-0199 about {}",
    "since 12/05/2026 {}",
        "\u0628\u0637\u0627\u0642\u062a\u064a {} \u0644\u0627 \u062a\u0639\u0645\u0644", "card is {} ok? thanks",
)  # fmt: skip


def pan(rng: random.Random) -> str:
    """Returns a card number that passes the Luhn test, of a scheme and length in use."""
    prefix, length = rng.choice(PREFIXES)
    body = prefix + "".join(rng.choices("0123456789", k=length - len(prefix) - 1))
    return body + luhn.calc_check_digit(body)


def grouped(number: str, rng: random.Random) -> list[str]:
    """Cuts a number as people do: as printed, in pairs, singly, or anyhow."""
    cut = rng.choice(("printed", "printed", "printed", "pairs", "singly", "threes", "anyhow"))
    if cut == "printed":
        sizes = [4, 6, 5] if len(number) == 15 else [4, 6, 4] if len(number) == 14 else [4, 4, 4, 4, 3]
    elif cut == "anyhow":
        sizes = [rng.randint(1, 6) for _ in number]
    else:
        sizes = [{"pairs": 2, "singly": 1, "threes": 3}[cut]] * len(number)
    groups = []
    while number:
        size = sizes.pop(0)
        groups.append(number[:size])
        number = number[size:]
    return groups


def _spelled(number: str, rng: random.Random) -> str:
    return number.translate(str.maketrans(DIGIT_ROWS[0], rng.choice(DIGIT_ROWS[1:])))


def _mixed(number: str, rng: random.Random) -> str:
    return "".join(rng.choice(DIGIT_ROWS)[int(digit)] for digit in number)


def _separated(number: str, rng: random.Random) -> str:
    return rng.choice(SEPARATORS).join(grouped(number, rng))


def _spelled_and_separated(number: str, rng: random.Random) -> str:
    return _spelled(_separated(number, rng), rng)


def _keycaps(number: str, rng: random.Random) -> str:
    return rng.choice(("", " ", "\n")).join(f"{digit}\ufe0f\u20e3" for digit in number)


def _percent(number: str, rng: random.Random) -> str:
    form = rng.choice(("%{:02X}", "%{:02x}", "%25{:02X}"))
    gap = rng.choice(("", "%20", "-", "+", "%2D", "%C2%A0", "%E2%80%8B"))
    return gap.join("".join(form.format(ord(digit)) for digit in part) for part in grouped(number, rng))


def _percent_separators(number: str, rng: random.Random) -> str:
    return rng.choice(("%20", "%2D", "%2d", "%2E", "%E2%80%93", "%0A")).join(grouped(number, rng))


def _entities(number: str, rng: random.Random) -> str:
    form = rng.choice(("&#{};", "&#x{:x};", "&#X{:X};", "&#0{};", "&amp;#{};"))
    return "".join(form.format(ord(digit)) for digit in number)


def _entity_separators(number: str, rng: random.Random) -> str:
    return rng.choice(("&nbsp;", "&#160;", "&ndash;", "&#x20;", "&thinsp;")).join(grouped(number, rng))


def _escapes(number: str, rng: random.Random) -> str:
    form = rng.choice(("\\u{:04x}", "\\u{:04X}", "\\x{:02x}", "\\\\u{:04x}", "\\u{{{:x}}}"))
    return "".join(
        form.format(ord(digit)) if rng.random() < 0.8 or not index else digit for index, digit in enumerate(number)
    )


def _escaped_separators(number: str, rng: random.Random) -> str:
    return rng.choice(("\\n", "\\u00a0", "\\t", "\\u200b", "\\\\n")).join(grouped(number, rng))


def _invisible(number: str, rng: random.Random) -> str:
    marks = ("\u200b", "\u200c", "\u2060", "\ufeff", "\u00ad", "\u0336", "\u20dd", "\ufe0f", "\u202d", "")
    return "".join(digit + rng.choice(marks) for digit in number)


def _words_between(number: str, rng: random.Random) -> str:
    words = (" then ", " and ", "x", " dash ", " space ", " (next) ", " und ", " y luego ", " _ ")
    return rng.choice(words).join([number[:4], number[4:8], number[8:12], number[12:]])


def _mixed_separators(number: str, rng: random.Random) -> str:
    parts = [number[:4], number[4:8], number[8:12], number[12:]]
    return "".join(part + rng.choice((" ", "-", ".", "/", "\u200b", ", ")) for part in parts)[:-1]


WAYS: tuple[Callable[[str, random.Random], str], ...] = (
    lambda number, rng: number,
    _separated,
    _separated,
    _separated,
    _spelled,
    _mixed,
    _spelled_and_separated,
    _keycaps,
    _percent,
    _percent_separators,
    _entities,
    _entity_separators,
    _escapes,
    _escaped_separators,
    _invisible,
    _words_between,
    _mixed_separators,
)
_SIXTEEN_ONLY = (_words_between, _mixed_separators)


def cards(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yields (text, the card number in it)."""
    rng = random.Random(seed)
    for index in range(count):
        way = WAYS[index % len(WAYS)]
        number = pan(rng)
        while way in _SIXTEEN_ONLY and len(number) != 16:
            number = pan(rng)
        yield rng.choice(FRAMES).format(way(number, rng)), number


# `#` is a digit, `<a-b>` a number between a and b, `!n` n digits that fail the Luhn test, `~n` n hex digits.
_HARMLESS = (
    "on <1-12>/<1-28>/20<10-27> at <0-23>:<10-59>",
    "20<10-27>-<10-12>-<10-28>T<10-23>:<10-59>:00Z",
    "from <1-28>.<1-12>.20<10-27> to <1-28>.<1-12>.20<10-27>",
    "call me on (<201-989>) <200-999>-####",
    "<201-989>-<200-999>-#### or <201-989>-<200-999>-####",
    "+44 7911 ######",
    "+63 917 ### ####",
    "+49 151 ########",
    "+1<201-989><200-999>####",
    "0<20-99> #### ####",
    "parcel 1Z###AA########## is lost",
    "tracking !12",
    "order no ###########",
    "ref ######### ticket INC########",
    "case ####-####-####",
    "tweet 1##################",
    "https://x.test/user/status/1##################",
    "commit ~40",
    "session ~32",
    "$<1-999>,###.## and \u20ac<1-99>.###,##",
    "<2-9>/<2-9> stars, <10-99>% off, <100-999> people",
    "server <1-254>.<1-254>.<1-254>.<1-254> version 11.<0-9>.##",
    "flight ####, gate <1-60>, seat <1-40>C",
    "at -<0-89>.######, <0-179>.######",
    "!16 is what the screen said",
    "lotto <1-49> <1-49> <1-49> <1-49> <1-49> <1-49>",
    "scores <0-5>-<0-5>, <0-5>-<0-5> in <1990-2027>",
    "years <1990-2027>, <1990-2027>, <1990-2027> and <1990-2027>",
    "my account since <1990-2026> and still <2-40> days of waiting",
    "USPS 94###################^",
)
_BLANK = re.compile(r"#|<(\d+)-(\d+)>|!(\d+)|~(\d+)")


def harmless(count: int, seed: int) -> Iterator[str]:
    """Yields texts full of dates, telephone numbers, sums, parcels, orders, hashes and the like."""
    rng = random.Random(seed)

    def filled(match: re.Match[str]) -> str:
        low, high, unlucky, hexadecimal = match.groups()
        if low:
            return str(rng.randint(int(low), int(high)))
        if hexadecimal:
            return "".join(rng.choices("0123456789abcdef", k=int(hexadecimal)))
        if not unlucky:
            return rng.choice("0123456789")
        while luhn.is_valid(number := "".join(rng.choices("123456789", k=int(unlucky)))):
            pass
        return number

    for _ in range(count):
        texts = [_BLANK.sub(filled, template) for template in rng.sample(_HARMLESS, k=rng.randint(1, 2))]
        yield " ".join(_checked(text) + rng.choice((".", ",", "!", " -", " thanks")) for text in texts)


def _checked(text: str) -> str:
    """Gives a parcel label its check digit in the place of `^`."""
    label = re.search(r"(\d+)\^", text)
    if label is None:
        return text
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(label[1])))
    return text.replace("^", str(-total % 10))
