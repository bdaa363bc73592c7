"""When words about "your account" would be equally true of a stranger.

Generic help is welcome in public: "you can check your balance in the app", "never share your PIN", "if your
card is lost, call us". A statement of fact about the person spoken to is not. The difference is the mood of
the sentence, and that is what is read here. Doubt is no licence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from agents.guard.grammar import Grammar, Match
from agents.guard.phrases import Licence

_NEAR: Final = 4


@dataclass(frozen=True, slots=True)
class Context:
    """A match in its text: the encoded words around it, and the grammar that reads them."""

    grammar: Grammar
    patterns: Mapping[str, str]
    encoded: str
    asks: bool
    left: str
    inner: str
    right: str

    @classmethod
    def of(
        cls, grammar: Grammar, patterns: Mapping[str, str], encoded: str, match: Match, questions: frozenset[int]
    ) -> "Context":
        """Cuts the sentence around the match; `questions` are the tokens that close a question."""
        stops = grammar.stops
        begin, end = match.first, match.last + 1
        while begin > 0 and encoded[begin] not in stops:
            begin -= 1
        while end < len(encoded) - 1 and encoded[end] not in stops:
            end += 1
        return cls(
            grammar,
            patterns,
            encoded,
            end - 1 in questions,
            encoded[begin : match.first + 1],
            encoded[match.first + 1 : match.last + 1],
            encoded[match.last + 1 : end + 1],
        )

    def has(self, name: str, part: str) -> bool:
        """Whether the pattern of this name stands in the part."""
        return self.grammar.holds(self.patterns[name], part)

    def spans(self, name: str, part: str) -> list[tuple[int, int]]:
        """Where it stands, as places in the part."""
        return self.grammar.spans(self.patterns[name], part)


def conditional(context: Context) -> bool:
    """The words stand under a condition: "if your card was declined, ..."."""
    has, left, inner, right = context.has, context.left, context.inner, context.right
    if has("make sure clause", left) and not has("timed", right) and not has("bank", left):
        return True
    if has("hearsay", left + inner[:2]) and has("message of others", left + inner[:2]):
        return True
    polite = context.spans("polite", left + inner + right)
    for start, end in reversed(context.spans("condition", left + inner[:1])):
        if any(first <= start < last for first, last in polite) or has("looking whether", left[:end]):
            continue
        between = left[end:]
        if has("named", between[-3:] + inner):
            continue
        boundaries = context.spans("boundary", between)
        if not boundaries and has("main clause", between + inner[:2]):
            return False
        if not boundaries:
            return not (has("event", inner) and has("event timed", inner + right))
        clause = between[boundaries[-1][1] :] + inner + right
        return not has("fact", clause) and not has("timed", clause)
    when = context.spans("when", left + inner[:2])
    if when and not has("particular", inner):
        clause = left[when[-1][0] :] + inner + right
        boundaries = context.spans("boundary", clause)
        if has("main clause", left[when[-1][0] :]) or has("timed", clause):
            return False
        return not has("past", clause[: boundaries[0][0]] if boundaries else clause)
    return False


def asked(context: Context) -> bool:
    """A question does not tell: "do you have an account with us?"."""
    return context.asks and context.has("auxiliary", context.left)


def owned(context: Context) -> bool:
    """ "your X" as anybody's: warnings, how-to, where to find things."""
    has, left, inner, right = context.has, context.left, context.inner, context.right
    if has("in your case", left[-1:] + inner) and has("comma", right):
        return True
    if has("never asked", left) and not has("fact", left):
        return True
    if has("where it stands", right) and has("standing", inner + right[:1]) and not has("fact", right):
        return True
    if (has("on the back", left) or has("depending", left)) and not has("finite next", right):
        return True
    if has("make sure", left) and not has("marked", inner):
        return not has("bank", left) and not has("timed", right)
    if has("for it", left) and has("to come", right):
        return True
    if conditional(context) or (has("so that", left) and not has("bank", left)):
        return True
    return not has("finite next", right) and not _particular(context) and _advised(context)


def _particular(context: Context) -> bool:
    """One certain thing ("your refund", "your last payment"), or a certain moment ("use your card again")."""
    has, left, inner, right = context.has, context.left, context.inner, context.right
    if has("marked or amount", inner) and not has("reports it", left):
        return True
    if has("new", inner) and not has("takes up", left):
        return True
    return has("again", right) or (has("now", left + right) and has("used", left))


def _advised(context: Context) -> bool:
    has, left = context.has, context.left
    if has("villain", left) and has("villainy", left):
        return not has("over", left)
    if has("guarded", left) and not _ours(context, left[: context.spans("guarded", left)[0][0]]):
        return True
    if has("you can", left):
        return not _peeks_on_time(context)
    if has("do not", left) or has("recommended", left):
        return True
    if has("do this", left):
        return _ordered_of_anybody(context)
    if has("peek", left) and has("to do this", left) and has("we look", context.right):
        return False
    if has("you did", left):
        return False
    if has("was done to", left):
        return False
    for name in ("to do this", "doing this"):
        if has(name, left):
            start = context.spans(name, left)[-1][0]
            ours = has("our purpose", left[:start]) or has("being", left[: start + 1])
            return not ours and not _peeks_on_time(context)
    return False


def _ours(context: Context, before: str) -> bool:
    """Whether the bank or the person is the subject: "we help", and not "a feature that helps"."""
    relative = context.spans("relative", before)
    return context.has("bank or you", before[relative[-1][1] :] if relative else before)


def _peeks_on_time(context: Context) -> bool:
    return context.has("peek", context.left) and context.has("timed", context.left[1:] + context.right)


def _ordered_of_anybody(context: Context) -> bool:
    """An order is general help unless it sends the person to see for themselves what has happened."""
    has, left, right = context.has, context.left, context.right
    if has("and do this", left) and has("we do", left):
        return False
    if has("looks", left):
        return has("somewhere", right + left) and not has("timed", right)
    return not _peeks_on_time(context)


def crowd(context: Context) -> bool:
    """Said of everybody: "we've refunded all affected customers", "direct deposits have posted"."""
    has, inner, right = context.has, context.inner, context.right
    if has("you", inner) or has("for you", right):
        return False
    if has("crowd", inner + right[:_NEAR]):
        return True
    plural = context.spans("plural", inner)
    if plural:
        before = (context.left + inner[: plural[0][0]])[-_NEAR:]
        boundaries = context.spans("boundary", before)
        before = before[boundaries[-1][1] :] if boundaries else before
        if not has("counted", before):
            return True
        return has("crowd", context.left + inner + right) and not has("counted exactly", before)
    return has("details", inner[-1:] + right[:1]) and not has("the", inner)


def general(context: Context) -> bool:
    """How a product works, in the present: "a wire is sent the same day", "the fee is waived if ..."."""
    has, inner, right = context.has, context.inner, context.right
    if has("told as news", inner):
        return has("is", inner) and not has("told as news but is", inner) and has("as a rule", right)
    if has("tail", right) and not has("timed", right):
        return not has("will", inner) or has("as a rule, later", right)
    return has("a", context.left) and not has("will", inner) and has("done", inner)


def service(context: Context) -> bool:
    """Said of a machine or a service that everybody uses: "the app is back, it has been fixed"."""
    if context.has("money", context.left + context.inner + context.right):
        return False
    return context.has("machine", context.encoded) or context.has("while we", context.right)


def feeling(context: Context) -> bool:
    """ "I see you're frustrated": what anybody can read in the post."""
    return context.has("feeling", context.right) and not context.has("matter", context.right)


def place(context: Context) -> bool:
    """ "you'll find your account number in the app": where anybody's would stand."""
    return context.has("place", context.right) and not context.has("strong", context.inner)


def note(context: Context) -> bool:
    """ "we've sent you a private message": the network itself shows that."""
    return context.has("message", context.inner + context.right[:_NEAR]) and not context.has(
        "strong or account", context.inner
    )


def product(context: Context) -> bool:
    """What a product is and does: "the card comes with travel cover"."""
    return context.has("product", context.right) and not context.has("news", context.right[:_NEAR])


def safe(context: Context) -> bool:
    """What anybody could have seen or done: "we've shared this with the team", "you mentioned"."""
    if context.has("lets", context.left):
        return True
    if context.has("your safe verb", context.inner):
        return not context.has("thing", context.right[:_NEAR])
    return any(
        context.has("safe verb", context.inner[: end + 1]) for end in range(len(context.inner))
    ) and not context.has("you", context.inner[:1])


def typical(context: Context) -> bool:
    """What usually becomes of things: "cards can be declined", "a check may be returned"."""
    return context.has("usually", context.left) and not context.has("told before", context.left)


def plainly(context: Context) -> bool:
    """Of any one of its kind: "a reactivated card works again after some minutes"."""
    return context.has("a", context.left)


def question(context: Context) -> bool:
    """Only asked: "found a wallet?"."""
    return context.asks


def repair(context: Context) -> bool:
    """The mending of something that everybody uses: "the issue has been resolved"."""
    if context.has("money", context.left + context.inner + context.right):
        return False
    return context.has("repair verb", context.inner) and context.has("repaired", context.encoded)


LICENCES: Final[dict[Licence, Callable[[Context], bool]]] = {
    "conditional": conditional,
    "asked": asked,
    "owned": owned,
    "service": service,
    "crowd": crowd,
    "general": general,
    "feeling": feeling,
    "place": place,
    "note": note,
    "product": product,
    "safe": safe,
    "repair": repair,
    "typical": typical,
    "question": question,
    "plainly": plainly,
}
