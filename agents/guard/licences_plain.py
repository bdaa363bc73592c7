"""The same excuses as in `licences`, for the languages that are read more coarsely."""

from collections.abc import Callable
from typing import Final

from agents.guard.licences import Context
from agents.guard.phrases import Licence

_NEAR: Final = 4
_FREE: Final = "~[STOP SEE WEDID WEHAVE AUX]"

PATTERNS: Final[dict[str, str]] = {
    "condition": "(COND|[en in im em] [caso falle falls caso cas])",
    "polite": "COND (YOU|ADV|NOT|le|te|tiene|hay|necesita|precisa|precisar|desea|ha|hai|avez|besoin|haben|"
    "noch|weitere|autres|altre|outras|"
    "otra|otras|mas|mais|may|iba|pang|alguna|alguma|qualche|d|otros)* "
    "[pregunta preguntas duda dudas consulta pergunta perguntas duvida duvidas domanda domande "
    "dubbi question questions frage "
    "fragen tanong bisogno besoin algo algum]",
    "fact": (
        "([WEDID SEE]|WEHAVE ~[STOP COMMA]{0,8} DONE|[AUX] (ADV|NOT|AUX)* [DONE STATE]|PASTDID|"
        "YOUWILL|[ya ja gia deja bereits schon])"
    ),
    "boundary": "[COMMA BREAK]",
    "howto": (
        f"([HOWTO]|[i mag ma] [ENGVERB share check report freeze lock update post log reset change]) {_FREE}{{0,7}} $"
    ),
    "you can": f"CANYOU {_FREE}{{0,8}} $",
    "never": "NEVER ~[STOP]{0,9} $",
    "we want": "[WECAN WEHAVE] ~[STOP COMMA YOU]{0,5} $",
    "we want before": "[WECAN WE] ~[STOP COMMA]{0,7} [HOWTO CANYOU] ~[STOP]{0,7} $",
    "never before": "NEVER ~[STOP]{0,9} $",
    "german infinitive": "^ ~[STOP COMMA WE]{0,7} [HOWTO CANYOU]",
    "you can left": "CANYOU",
    "finite next": "^ (ADV|PREP|DEF|NOT)* ~[STOP COMMA PREP HOWTO COND]{0,1}? [AUX DONE PASTDID WEHAVE]",
    "strong": "STRONG",
    "again": "[AGAIN]",
    "now": "[ya ja gia deja bereits schon wieder]",
    "at the back": "[numero numeros nummer number] ~[STOP]{0,8} $",
    "crowd": "CROWD",
    "you": "[YOUR YOURS_AFTER]",
    "plural": "PLURALS",
    "money": "[MONEY STRONG AMOUNT]",
    "machine": "TECH",
    "matter": "[ACCOUNT EVENT MONEY CUSTOMER AMOUNT]",
    "feeling": "^ (YOU|ADV|AUX|YOUHAVE|esta|COND|etes|sind|ha|e)* FEELING",
    "message": "MESSAGED",
    "tail": "^ (ADV)* [TAIL COND]",
    "news": "[ya ja gia deja bereits schon ha han foi fue wurde wurden YOUR YOURS_AFTER PASTDID WEDID]",
    "place": "[TECH PREP]",
    "bank subject": "[WE ORG WECAN WEHAVE]",
}


def conditional(context: Context) -> bool:
    """Under "si", "se", "wenn", "kung", and without a fact in its own clause."""
    has, left, inner, right = context.has, context.left, context.inner, context.right
    polite = context.spans("polite", left + inner + right)
    for start, end in reversed(context.spans("condition", left)):
        if any(first <= start < last for first, last in polite):
            continue
        between = left[end:]
        boundaries = context.spans("boundary", between)
        if not boundaries:
            return True
        return not has("fact", between[boundaries[-1][1] :] + inner + right)
    return False


def owned(context: Context) -> bool:
    """ "su tarjeta" as anybody's: warnings and how-to."""
    has, left, inner, right = context.has, context.left, context.inner, context.right
    if has("never", left) and has("howto", left) and not has("fact", left):
        return True
    if conditional(context):
        return True
    if has("finite next", right) or has("strong", inner) or has("now", left[1:] + right) or has("again", right):
        return False
    if has("we want", left) or (has("we want before", left) and not has("never before", left)):
        return False
    if has("howto", left) or has("you can", left) or has("at the back", left):
        return not has("fact", left)
    # German and Tagalog put the verb last: "Sie konnen Ihre Karte in der App sperren".
    return has("german infinitive", right) and not has("fact", left) and not has("bank subject", left)


def asked(context: Context) -> bool:
    """A question does not tell."""
    return context.asks


def crowd(context: Context) -> bool:
    """Said of everybody, or of a service that everybody uses."""
    has, inner, right = context.has, context.inner, context.right
    if has("you", inner + right):
        return False
    return has("crowd", context.left + inner + right) or (has("plural", inner) and has("machine", context.encoded))


def service(context: Context) -> bool:
    """Said of a machine or a service that everybody uses."""
    sentence = context.left + context.inner + context.right
    return context.has("machine", sentence) and not context.has("money", sentence) and not context.has("you", sentence)


def general(context: Context) -> bool:
    """How a product works."""
    return context.has("tail", context.right) and not context.has("news", context.left + context.inner)


def feeling(context: Context) -> bool:
    """What anybody can read in the post."""
    return context.has("feeling", context.right) and not context.has("matter", context.right)


def place(context: Context) -> bool:
    """Where anybody's would stand."""
    return context.has("machine", context.right) and not context.has("money", context.inner)


def note(context: Context) -> bool:
    """A private message, which the network itself shows."""
    return context.has("message", context.inner + context.right[:_NEAR])


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
}
