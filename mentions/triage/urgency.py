"""How urgent a post is, from 0 (whenever) to 3 (now), and why."""

from collections.abc import Sequence
from typing import NamedTuple

from mentions.reasons import Part, kept, together
from mentions.triage.phrases import Hit, Phrasebook
from mentions.triage.topics import PRAISE

_CONCEPTS = {
    "NOW": (
        "now asap immediately urgent urgently emergency right_now this_minute quickly today tonight ahora urgente "
        "urgencia ya_mismo inmediatamente hoy maintenant urgent urgence immédiatement aujourd'hui jetzt sofort "
        "dringend heute agora urgente já imediatamente hoje adesso subito urgente oggi ngayon agad срочно сейчас "
        "немедленно ngay gấp तुरंत अभी الان فورا عاجل 立刻 马上 紧急 现在 急 今すぐ 至急 緊急 지금 당장 급"
    ),
    "HELP": (
        "help please ayuda auxilio aidez aide hilfe ajuda socorro aiuto tulong помогите giúp मदद ساعدوني النجده 救命 "
        "帮帮 助けて 도와"
    ),
    "MONEY": (
        "money savings funds salary rent paycheck dinero ahorros renta sueldo argent loyer geld miete dinheiro aluguel "
        "soldi affitto pera renta sweldo деньги tiền पैसा فلوس 钱 房租 お金 家賃 돈 월세"
    ),
    "STRANDED": (
        "stranded stuck abroad airport hospital hotel gas_station can't_pay cannot_pay can't_eat groceries varado "
        "atrapado aeropuerto extranjero bloqué_à coincé ausland flughafen preso aeroporto bloccato ospital naipit "
        "за_границей аэропорт mắc_kẹt विदेश عالق مطار 国外 机场 海外 空港 해외 공항"
    ),
    "CHILD": (
        "baby kids child children mother elderly grandmother grandma grandpa medicine insulin surgery bebé hijos hijo "
        "medicina enfants bébé kinder baby filhos bambini anak gamot"
    ),
}
SIGNS = Phrasebook(
    _CONCEPTS,
    {
        "danger": (
            "kill myself", "end my life", "suicide", "suicidal", "want to die", "hurt myself", "quiero morir",
            "suicidarme", "me suicider", "umbringen", "me matar", "suicidarmi", "自杀", "自殺", "자살", "انتحار",
            "bomb threat", "shoot up", "at gunpoint", "being robbed",
        ),
        "happening": (
            "right now + transferring /10", "money + leaving + NOW /14", "someone is + MONEY /12",
            "somebody is + MONEY /12", "being drained", "draining my", "emptying my", "emptied my", "drained my",
            "wiped out my", "esta sacando", "estan sacando", "vaciaron mi", "stop + transfer + NOW /10", "police are",
        ),
        "stranded": (
            "STRANDED + MONEY /20", "STRANDED + card /16", "stranded", "card + abroad /10", "no money for /6",
            "CHILD + card /14", "CHILD + MONEY /14", "no way to pay", "can't buy food", "sleeping in my car",
        ),
        "deadline": (
            "due today", "due tomorrow", "closing + tomorrow /6", "rent is due", "rent + today /8", "eviction",
            "payroll + today /8", "la renta vence", "vence hoy", "loyer + demain /8", "before friday", "by tomorrow",
            "deadline", "flight + tomorrow /8", "leave tomorrow",
        ),
        "pressing": (
            "NOW + HELP /10", "urgent", "urgently", "asap", "emergency", "urgente", "dringend", "срочно", "至急",
            "紧急", "عاجل", "right now", "immediately", "sofort",
        ),
    },
)  # fmt: skip
_BY_TOPIC = {
    **dict.fromkeys(("fraud", "lost-card", "phishing", "legal", "hardship", "privacy"), 2),
    **dict.fromkeys(("card-declined", "login", "app-outage", "transfer", "deposit", "dispute", "atm"), 1),
    **dict.fromkeys(("wait-time", "complaint", "closing-account", "accessibility"), 1),
}
_WIDE_REACH = 50_000
_SOME_REACH = 10_000


class Urgency(NamedTuple):
    """0 to 3, how sure (0 to 1), and the reasons that led there, as `reasons` keeps them."""

    value: int
    score: float
    reason: str


def of(signed: Sequence[Hit], topics: Sequence[Hit], tone: str, *, private: bool, reach: int, spam: bool) -> Urgency:
    """Returns how soon somebody should look; `signed` is what `SIGNS` finds."""
    if spam:
        return Urgency(0, 0.9, kept("is_spam"))
    signs = {hit.key: hit for hit in signed}
    if "danger" in signs:
        return Urgency(3, 0.95, kept("danger", signs["danger"].words))
    if "happening" in signs:
        return Urgency(3, 0.9, kept("happening", signs["happening"].words))
    level, why = _from_topics(topics, tone)
    for key, raised in (("stranded", 2), ("deadline", 2), ("pressing", 1)):
        if key in signs:
            lifted = max(level + 1, raised) if level or tone == "negative" or key != "pressing" else raised
            if lifted > level:
                level, why = lifted, [*why, ("quoted", signs[key].words)]
            break
    if tone == "negative" and reach >= _WIDE_REACH:
        level, why = max(level + 1, 2), [*why, ("negative_before", reach)]
    elif tone == "negative" and level and reach >= _SOME_REACH:
        level, why = level + 1, [*why, ("seen_by", reach)]
    if private and not level:
        level, why = 1, [("private_message",)]
    return Urgency(min(level, 3), 0.7 if why else 0.6, together(why) or kept("nothing_presses"))


def _from_topics(topics: Sequence[Hit], tone: str) -> tuple[int, list[Part]]:
    level: int = 0
    why: list[Part] = []
    relieved = tone == "positive" and any(hit.key == PRAISE for hit in topics)
    for hit in topics:
        weight = _BY_TOPIC.get(hit.key, 0)
        if relieved or (weight == 1 and tone == "positive"):
            continue
        if weight > level:
            level, why = weight, [("about", hit.key, hit.words)]
    if not level and tone == "negative":
        return 1, [("negative",)]
    return level, why
