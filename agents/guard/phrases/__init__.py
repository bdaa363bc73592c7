"""The forms in which a sentence tells that somebody is, was or is not a customer.

A phrase is a pattern over kinds of words (see `grammar`), the rule that it breaks, and the readings under
which the same words would be equally true of a stranger (see `licences`). Nothing here is a list of
sentences: person x thing that a bank keeps x assertion, in the ways that a language can say it.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Licence: TypeAlias = Literal[
    "conditional", "asked", "owned", "service", "crowd", "general", "feeling", "place", "note", "product", "safe", "repair",
    "typical",
    "question",
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

# What is told in so many ways that the phrases reach beyond the certain: the second reading may clear these.
DOUBTFUL: Final = frozenset({HISTORY, ACTION, STATUS})


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
