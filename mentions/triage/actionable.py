"""Whether a post needs an answer or a decision from the bank."""

from collections.abc import Sequence
from typing import NamedTuple

from mentions.triage import topics as topics_data
from mentions.triage.phrases import Hit
from mentions.triage.reading import Reading, listed

# The reasons that people and rules use too.
NEEDS_ANSWER = "needs an answer"
SPAM = "spam"
NOT_US = "not us"
NO_REPLY = "no reply needed"
PRAISE = "praise"
NEWS = "news"

_NEWS_NETWORKS = listed("news rss feed feeds blog blogs atom")
# Words as they look without case and accents.
_FIRST_PERSON = listed(
    "i im ive my me mine we our us mi mis yo estoy tengo je j mon ma mes moi ich mein meine meiner meinem meinen mir"
    " mich eu meu minha io mio mia ako ko namin я мои моя мое мне toi"
    " मेरा मेरी मैं انا"
)
_FIRST_PERSON_PARTS = ("我", "私", "俺", "僕", "저", "제", "내 ", "우리")
_HEADLINE = listed(
    "announce announces announced report reports reported shares quarter quarterly earnings revenue profit profits ceo"
    " analyst analysts stock stocks investor investors q1 q2 q3 q4 percent billion million merger acquires acquisition"
    " appoints appointed launches launched survey study according says said breaking"
)
_THANKS = listed(
    "ok okay great perfect cool got it will do awesome done all good no worries you too cheers ty thx thank thanks so"
    " much a lot gracias muchas merci beaucoup danke schon obrigado obrigada grazie mille salamat po maraming спасибо"
    " 谢谢 ありがとう ありがとうございます 감사합니다 شكرا"
)
# As an answer or as a reaction to ours: whoever sends nothing else asks for nothing.
_NODS = frozenset("👍🙏👌👏🙌💯🎉❤♥💙💚💛🧡💜😊🙂😀😃😄😁🤝✅")
_DRESSING = frozenset("\ufe0e\ufe0f\u200d\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_QUESTION_WORDS = listed(
    "how where when why what which who can could do does is are como donde cuando cuanto por comment pourquoi quand wie"
    " warum wann wo quando perche come quanto paano bakit saan kailan как почему когда где كيف لماذا متى هل"
)
_REQUESTS = listed("please help pls plz ayuda ayudenme aidez hilfe bitte ajuda aiuto tulong помогите मदद ساعدوني")
_ASKING_PARTS = ("吗", "怎么", "为什么", "请", "ですか", "ますか", "教えて", "ください", "나요", "까요")
_QUESTION_MARKS = ("?", "？", "؟")
_QUIET_TOPICS = frozenset({topics_data.PRAISE, topics_data.CAMPAIGN, "jobs"})


class Actionable(NamedTuple):
    """True, False or None (undecided), how sure (0 to 1), and one of the reasons; none where undecided."""

    value: bool | None
    score: float
    reason: str


def decide(
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
    if not reading.words:
        signs = {sign for sign in reading.plain if not sign.isspace()} - _DRESSING
        if signs and signs <= _NODS:
            return Actionable(False, 0.7, NO_REPLY)
        return Actionable(None, 0.0, "")  # a picture without a word may be the complaint itself
    if _THANKS.issuperset(reading.words):
        return Actionable(False, 0.8, NO_REPLY)
    if private or urgency > 1:
        return Actionable(True, 0.9, NEEDS_ANSWER)
    asks, personal = _asks(reading), _is_personal(reading)
    if reading.addresses and not asks and not personal and not _HEADLINE.isdisjoint(reading.words):
        return Actionable(False, 0.7, NEWS)
    if tone == "positive" and _is_praise(reading, topics, asks=asks):
        return Actionable(False, 0.8, PRAISE)
    if (asks or tone == "negative" or personal) and any(hit.key not in _QUIET_TOPICS for hit in topics):
        return Actionable(True, 0.85, NEEDS_ANSWER)
    if tone == "negative" and (asks or personal):
        return Actionable(True, 0.6, NEEDS_ANSWER)
    if asks and topics:
        return Actionable(True, 0.7, NEEDS_ANSWER)
    return Actionable(None, 0.0, "")


def _asks(reading: Reading) -> bool:
    plain = reading.plain
    if any(mark in plain for mark in _QUESTION_MARKS) or not _REQUESTS.isdisjoint(reading.words):
        return True
    return reading.words[0] in _QUESTION_WORDS or (not plain.isascii() and any(part in plain for part in _ASKING_PARTS))


def _is_personal(reading: Reading) -> bool:
    if not _FIRST_PERSON.isdisjoint(reading.words):
        return True
    return not reading.plain.isascii() and any(part in reading.plain for part in _FIRST_PERSON_PARTS)


def _is_praise(reading: Reading, topics: Sequence[Hit], *, asks: bool) -> bool:
    """A good word asks for nothing: no question, and no request unless it is said in praise ("helped my mom")."""
    if any(hit.key == topics_data.PRAISE for hit in topics):
        return not reading.plain.rstrip().endswith(_QUESTION_MARKS)
    return not asks and (not topics or any(hit.key in _QUIET_TOPICS for hit in topics))
