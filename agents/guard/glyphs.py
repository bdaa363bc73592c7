"""Letters that look like Latin ones, and characters that cannot be seen.

A reply is read as a person would read it: "уоur ассоunt" in Cyrillic letters says "your account".
Compatibility forms (full-width, mathematical, circled) and accents are undone by Unicode's own tables;
this file holds what Unicode keeps apart.
"""

import re
import unicodedata
from typing import Final

# One group for each Latin letter: everything that a reader takes for it and that Unicode does not fold.
_LOOKS_LIKE: Final = {
    "a": "аɑαᴀΑАⱯɐꭺᎪᗅ",
    "b": "ЬъƄʙВвβΒᏴᗷɓƀьЪᏏ",
    "c": "сϲᴄСⅭⅽꮯᏟƈȼ",
    "d": "ԁɗɖᴅⅾᏧꭰᎠᗞđð",
    "e": "еҽɛᴇЕΕεєэꭼᎬɇℯ℮ǝəЄ",
    "f": "ƒꜰϝғꞙᖴẝ",
    "g": "ɡɢԍցᶃɠƍᏀᏳǥԌ",
    "h": "һʜНнΗհᏂᎻᕼħΉђћ",
    "i": "іıɪӏΙІⅰιɩᎥӀꙇɨΊί",
    "j": "јʝᴊЈϳյᎫᒍɉ",
    "k": "кᴋКΚκᏦᛕƙҝқ",
    "l": "ⅼʟӏⅠǀᏞᒪłƚɫꓡ",
    "m": "мᴍМΜⅿᎷᗰɱ",
    "n": "ոռпɴΝηᴎɲƞŋπ",
    "o": "оοօᴏОΟσ०๐၀ⲟჿഠøɵӨөΌό",
    "p": "рρᴘРΡϱᏢᑭƿþ",
    "q": "ԛգզԚɋ",
    "r": "гꭇᴦʀяЯᏒᖇɼɽɾɍᎡ",
    "s": "ѕꜱЅՏᏚᔕʂƽ",
    "t": "тᴛТΤτᎢƭʈŧ†ҭ",
    "u": "υսᴜʋμᑌՍʊцЏџ",
    "v": "ѵνᴠѴᏙⅴᐯ",
    "w": "ԝшᴡωᏔԜѡщɯ",
    "x": "хХΧχⅹ᙭ҳӽ",
    "y": "уүʏУΥγΎƴყұўɏ",
    "z": "ᴢΖȤᏃʐƶʑ",
}
LOOK_ALIKES: Final[dict[str, str]] = {glyph: latin for latin, glyphs in _LOOKS_LIKE.items() for glyph in glyphs} | {
    "æ": "ae",
    "œ": "oe",
}

_QUOTES: Final = dict.fromkeys("‘’ʼʹ`´′ˈ＇‛՚ꞌ", "'") | dict.fromkeys("“”„«»‹›″＂‟", '"')
_HYPHENS: Final = dict.fromkeys("‐‑⁃−﹣－", "-") | dict.fromkeys("‒–—―⸺", "—")
_STOPS: Final = dict.fromkeys("。｡．․", ".") | {"…": "…", "·": "·", "•": "•"}
_FIXED: Final = _QUOTES | _HYPHENS | _STOPS
# Blank letters that are no white space to Unicode.
_BLANKS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180e\u061c")
# The names of dressed Latin letters hold the plain one: "LATIN SMALL LETTER A WITH STROKE".
_DRESSED: Final = re.compile(
    r"LATIN (?:SMALL|CAPITAL|LETTER SMALL CAPITAL)(?: LETTER)?(?: TURNED| REVERSED)? ([A-Z])(?: WITH .*)?$"
)
_UNSEEN_CATEGORIES: Final = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn"})

# A mark that a writer puts on a letter is part of it; these join or dress emoji and are no disguise.
EMOJI_JOINERS: Final = frozenset("\u200d\ufe0f\ufe0e\u20e3")


def folded(character: str) -> str:
    """What a reader takes the character for, in lower case: "" if it cannot be seen."""
    if character in "\n\r\u2028\u2029\x85\x0b\x0c":
        return "\n"
    if character in _FIXED:
        return _FIXED[character]
    if character in _BLANKS:
        return ""
    category = unicodedata.category(character)
    if category == "Zs" or character == "\t":
        return " "
    if category in _UNSEEN_CATEGORIES:
        return ""
    if character in LOOK_ALIKES:
        return LOOK_ALIKES[character]
    enclosed = _enclosed(ord(character))
    if enclosed:
        return enclosed
    plain = unicodedata.normalize("NFKD", character).casefold()
    return "".join(_plain(part) for part in plain if unicodedata.category(part) not in _UNSEEN_CATEGORIES)


def _plain(part: str) -> str:
    if part.isascii():
        return part
    if part in LOOK_ALIKES:
        return LOOK_ALIKES[part]
    dressed = _DRESSED.match(unicodedata.name(part, ""))
    return dressed[1].lower() if dressed else part


def _enclosed(code: int) -> str:
    """Letters on discs and squares that Unicode counts among the symbols; flags are pairs and stay."""
    for first in (0x1F150, 0x1F170, 0x1F130, 0x1F110):
        if first <= code < first + 26:
            return chr(ord("a") + code - first)
    return ""


def is_hidden(character: str) -> bool:
    """Whether the character cannot be seen and does nothing for an emoji or an accent."""
    if character in EMOJI_JOINERS:
        return False
    return character in _BLANKS or (unicodedata.category(character) == "Cf")


def script(character: str) -> str:
    """The script of a letter by the first word of its name ("LATIN", "CYRILLIC", ...), "" for none."""
    if character.isascii():
        return "LATIN" if character.isalpha() else ""
    if not character.isalpha():
        return ""
    plain = unicodedata.normalize("NFKD", character)[:1]
    if plain.isascii():
        return "LATIN"
    return unicodedata.name(character, "").partition(" ")[0]
