"""The forms in which a sentence tells that somebody is, was or is not a customer.

A phrase is a pattern over kinds of words (see `grammar`), the rule that it breaks, and the readings under
which the same words would be equally true of a stranger (see `licences`). Nothing here is a list of
sentences: person x thing that a bank keeps x assertion, in the ways that a language can say it.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Licence: TypeAlias = Literal[
    "conditional",
    "asked",
    "owned",
    "service",
    "crowd",
    "general",
    "feeling",
    "place",
    "note",
    "product",
    "safe",
    "repair",
    "typical",
    "question",
    "plainly",
]

RELATIONSHIP: Final = "names_relationship"
RECORDS: Final = "speaks_from_records"
HISTORY: Final = "tells_history"
THANKS: Final = "thanks_customer"
ACTION: Final = "reports_action"
STATUS: Final = "states_status"
BRANCH: Final = "branch_tie"
CASE: Final = "case_reference"
PERSONAL: Final = "reads_personal"

# What is told in so many ways that the phrases reach beyond the certain: the second reading clears these sooner.
DOUBTFUL: Final = frozenset({HISTORY, ACTION, STATUS})

# What many phrases share; `<NAME>` in a phrase stands for it.
_SHORTHAND: Final = {
    # Words that may stand between a possessive and its noun ("your mother's joint account").
    "OWN_GAP": "~[WE YOU BE HAVE MODAL PREP COND WHEN TO BREAK OTHERS DO]",
    # The same within one noun phrase.
    "GAP": "~[WE YOU BE S HAVE MODAL PREP COND WHEN TO COMMA BREAK OTHERS DO]",
    # The noun is what is spoken of, and not part of "card reader".
    "NOT_HEAD": "(?! S? [HEADS TECH])",
    "BANK": "[WE ORG]",
    "SINCE": "(ADV|HAVE|S|AND)*",
    "THING": "[ACCOUNT EVENT MONEY]",
    # "the transfer to your brother that you made on Monday"
    "SUBJECT": (
        "[ACCOUNT EVENT MONEY AMOUNT] (?! S? [HEADS TECH]) (?! DETAILS) (PREP ~[STOP COMMA BREAK BE HAVE "
        "MODAL S]{1,5})? ((that|which)? [YOU WE] ~[STOP COMMA BREAK BE S]{1,4})? ADV*"
    ),
    "PLAIN_THING": "[ACCOUNT EVENT MONEY]",
    "PLAIN_GAP": "~[STOP COMMA AUX SEE WEDID COND HOWTO PREP]",
}
_SHORT: Final = re.compile(r"<([A-Z_]+)>")


@dataclass(frozen=True, slots=True)
class Phrase:
    """`unless`: the licences under which the phrase says nothing about this person.

    `vague` phrases ask an excuse of whatever is particular ("the mortgage ..."); they hold only where the
    second reading has its doubts as well.
    """

    rule: str
    pattern: str
    unless: tuple[Licence, ...] = ()
    vague: bool = False


def phrase(rule: str, form: str, *unless: Licence, vague: bool = False) -> Phrase:
    """A phrase whose form may use the shorthands."""
    return Phrase(rule, _SHORT.sub(lambda name: _SHORTHAND[name[1]], form), unless, vague)
