"""Finds what the bank would be held to: outcomes, dates, and when somebody hears from us again."""

import re
from typing import Final

from agents.guard.wording import spans

_BANK: Final = r"(?:we|i|our team|the team|the bank|our \w+ team|they|someone|a specialist)"
_WILL: Final = r"(?:will|'ll|shall|are going to|am going to|is going to|'re going to|'m going to|gonna)"
_WHEN: Final = (
    r"(?:by|before|within|no later than|in|on)\s+(?:the\s+)?(?:end of|next|this|close "
    r"of)?\s*(?:the\s+)?(?:day|week|month|today|tomorrow|tonight|noon|midnight|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|eod|cob|\d+\s*(?:-|to|–)?\s*\d*\s*(?:minutes?|"
    r"mins?|hours?|hrs?|(?:business |working )?days?|weeks?|am|pm|:\d\d)|\w+ (?:hours|days|"
    r"minutes))\b"
    r"|\btoday\b|\btomorrow\b|\btonight\b|\bthis (?:morning|afternoon|evening|week)\b"
)
_MAKES_WHOLE: Final = (
    r"(?:refund|reimburse|credit|repay|pay (?:you )?back|compensate|waive|reverse|make (?:it|this|"
    r"that|things) (?:right|up)|make you whole|return (?:the|your) (?:money|fee|funds)|"
    r"give (?:you )?(?:the|your|it|a) ?(?:\w+ ){0,2}(?:back|refund|credit)|cover the (?:cost|fee|"
    r"loss)|drop the (?:fee|charge)|remove the (?:fee|charge)|approve|increase|lower (?:your|the))"
)
_FIXES: Final = (
    r"(?:fix|resolve|solve|sort|settle|correct|unlock|release|process|replace|send|mail|deliver|"
    r"issue|close|finish|complete|restore|have (?:it|this|that) (?:fixed|resolved|done|sorted))"
)
_COMES: Final = r"(?:call|phone|ring|visit)"
_FOR_YOU: Final = r"(?:you|your|this|that|it|the (?:\w+ )?(?:issue|problem|error|mistake|card|money|payment|refund))"
_PROMISES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b\w+\s*{_WILL}\s+(?:\w+\s+){{0,2}}?{_MAKES_WHOLE}\b",
        rf"\b{_BANK}\s*{_WILL}\s+(?:\w+\s+){{0,2}}?(?:{_FIXES}|{_COMES})\b[^.!?\n]{{0,60}}?\b(?:{_WHEN})",
        # "Maria will call you by noon", and not "the band will finish by ten".
        rf"\b\w+\s*{_WILL}\s+(?:\w+\s+)?(?:{_FIXES}|{_COMES})\s+{_FOR_YOU}\b[^.!?\n]{{0,60}}?\b(?:{_WHEN})",
        (
            r"\b(?:i|we)\s+(?:\w+\s+)?promise\b|\b(?:you have|it's|that's|this is) (?:my|our|a) promise\b|"
            r"\bmy word\b|\bpromise you\b"
        ),
        (
            r"(?<!deposit )(?<!debit )(?<!switch )(?<!the )(?<!by a )(?<!'s )(?<!can't )(?<!cannot )(?<!not )"
            r"(?<!n't )(?<!no )"
            r"\bguarantee[ds]?\b(?! (?:scheme|fund|limit|corporation|agency))"
            r"|\bassure you (?:that )?(?:it|we|your|the)\b|\bwithout fail\b"
            r"|\bhundred percent (?:certain|sure)\b|\b100% (?:certain|sure|guaranteed)\b"
        ),
        (
            rf"\byou\s*(?:will|'ll|are going to|'re going to)\s+(?:\w+\s+)?(?:get|receive|have|see)\s+(?!a "
            rf"(?:reply|response|dm|message|link))[^.!?\n]{{0,40}}?\b(?:{_WHEN})"
        ),
        (
            rf"\b(?:it|this|that|everything)\s*(?:will|'ll)\s+be\s+(?:fixed|resolved|sorted|done|there|"
            rf"back|ready|refunded|credited|processed|corrected|released)\s+[^.!?\n]{{0,20}}?\b(?:{_WHEN})"
        ),
        r"\bnever happen again\b|(?<!hope this )(?<!hope it )(?<!hope that )\b(?:won't|will not) happen again\b",
        # The same in the other languages that are read.
        (
            r"\b(?:garantizamos|garantizo|le prometo|te prometo|prometemos|le devolveremos|te "
            r"devolveremos|reembolsaremos|le reembolsaremos|garantimos|prometo|prometemos|"
            r"devolveremos|estornaremos|garantiamo|promettiamo|prometto|rimborseremo|garantissons|promets|"
            r"promettons|rembourserons|garantieren|garantiere|versprechen wir|"
            r"verspreche|werden (?:ihnen|dir) [^.!?\n]{0,30}?erstatten|pangako|ipinapangako|garantisado|"
            r"ibabalik namin)\b"
        ),
    )
)
_REPLY_TIMES: Final = re.compile(
    rf"\b(?:we|i|our team|the team|someone)\s*{_WILL}\s+(?:\w+\s+){{0,2}}?(?:reply|respond|answer|"
    rf"get back|be in touch|reach out|follow up|contact|update)\b[^.!?\n]{{0,40}}?\b(?:{_WHEN})"
)


def promises(plain: str) -> list[tuple[int, int]]:
    """Outcomes and dates that the bank would be held to (UDAAP; the promise tracker needs a person's yes)."""
    return spans(_PROMISES, plain)


def reply_times(plain: str) -> list[tuple[int, int]]:
    """A time by which somebody is told to hear from us again: a task, rather than a commitment on money."""
    return [match.span() for match in _REPLY_TIMES.finditer(plain)]
