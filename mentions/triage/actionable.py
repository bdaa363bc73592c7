"""Whether a post needs an answer or a decision from the bank."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mentions.triage.phrases import Hit
from mentions.triage.reading import Reading

# The reasons that people and rules use too.
NEEDS_ANSWER = "needs an answer"
SPAM = "spam"
NOT_US = "not us"
NO_REPLY = "no reply needed"
PRAISE = "praise"
NEWS = "news"

_NEWS_NETWORKS = frozenset({"news", "rss", "feed", "feeds", "blog", "blogs", "atom"})
_FIRST_PERSON = re.compile(
    r"\b(?:i|i'm|i've|i'll|my|me|mine|we|our|us|mi|mis|me|yo|estoy|tengo|je|j'ai|mon|ma|mes|moi|ich|mein\w*|mir|mich|eu|meu|minha|io|mio|mia"
    r"|ako|ko|namin)\b|我|私|俺|僕|저|제|내|\bя\b|\bмо[йяи]\b|\bмне\b|tôi|मेरा|मेरी|मैं|أنا|انا",
    re.IGNORECASE,
)
_HEADLINE = re.compile(
    r"\b(?:announces?|reports?|reported|shares|quarter\w*|earnings|revenue|profit|ceo|analysts?|stocks?|investors?|q[1-4]|percent|billion|million|merger|acqui\w+"
    r"|appoint\w*|launch\w*|survey|study|according to|says|said|breaking)\b",
    re.IGNORECASE,
)
_THANKS_ONLY = re.compile(
    r"\W*(?:(?:ok|okay|great|perfect|cool|got it|will do|awesome|done|all good|no worries|you too|cheers|ty|thx|thanks?(?: you)?(?: so much| a lot)?|gracias|muchas gracias"
    r"|merci(?: beaucoup)?|danke(?: schön)?|obrigad[oa]|grazie(?: mille)?|salamat(?: po)?|maraming salamat|спасибо|谢谢|ありがとう(?:ございます)?|감사합니다|شكرا)\W*){1,3}",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\?|؟|？|\b(?:how|where|when|why|what|which|can you|could you|do you|is there|please|help|pls|plz|cómo|dónde|cuándo|ayuda|comment|pourquoi|wie|warum|wann|como|quando"
    r"|come|perché|paano|bakit|saan|tulong|как|почему|когда)\b|吗|怎么|为什么|ですか|ますか|教えて|나요|까요|인가요|كيف|لماذا|متى",
    re.IGNORECASE,
)
_QUIET_TOPICS = frozenset({"praise", "campaign", "jobs"})


@dataclass(frozen=True, slots=True)
class Actionable:
    """True, False or None (undecided), how sure (0 to 1), and one of the reasons; none where undecided."""

    value: bool | None
    score: float
    reason: str


def actionable(
    reading: Reading,
    topics: Sequence[Hit],
    tone: str,
    *,
    urgency: int,
    spam: bool,
    private: bool,
    network: str,
    about_others: bool,
) -> Actionable:
    """Decides, or leaves it to a person; `about_others`: names a rival and not the bank."""
    if spam:
        return Actionable(False, 0.9, SPAM)
    if network in _NEWS_NETWORKS:
        return Actionable(False, 0.9, NEWS)
    if about_others and not private:
        return Actionable(False, 0.8, NOT_US)
    if not reading.words or _THANKS_ONLY.fullmatch(reading.plain.strip()) is not None:
        # A picture without a word may be the complaint itself.
        return Actionable(False, 0.8, NO_REPLY) if reading.words else Actionable(None, 0.0, "")
    asks = _ASKING.search(reading.plain) is not None
    if private or urgency > 1:
        return Actionable(True, 0.9, NEEDS_ANSWER)
    if tone == "positive" and not asks and _only_quiet(topics):
        return Actionable(False, 0.8, PRAISE)
    serves = [hit for hit in topics if hit.key not in _QUIET_TOPICS]
    if serves and (asks or tone == "negative" or _FIRST_PERSON.search(reading.plain) is not None):
        return Actionable(True, 0.85, NEEDS_ANSWER)
    if reading.addresses and not asks and _is_headline(reading):
        return Actionable(False, 0.7, NEWS)
    if tone == "negative" and (asks or _FIRST_PERSON.search(reading.plain) is not None):
        return Actionable(True, 0.6, NEEDS_ANSWER)
    if "?" in reading.plain and topics:
        return Actionable(True, 0.7, NEEDS_ANSWER)
    return Actionable(None, 0.0, "")


def _only_quiet(topics: Sequence[Hit]) -> bool:
    return not topics or any(hit.key in _QUIET_TOPICS for hit in topics)


def _is_headline(reading: Reading) -> bool:
    return _HEADLINE.search(reading.plain) is not None and _FIRST_PERSON.search(reading.plain) is None
