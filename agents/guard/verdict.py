"""What goes into the guard and what comes out of it."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Visibility: TypeAlias = Literal["public", "private"]
Outcome: TypeAlias = Literal["pass", "warn", "approve", "block"]

STRENGTH: Final[dict[str, int]] = {"pass": 0, "off": 0, "warn": 1, "approve": 2, "block": 3}


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as it would leave: its text, who could read it, and where it goes.

    `handle` is the addressed author's, without "@". `links_allowed` are hosts that this one draft may link
    to beside those of the policy: a reply that offers the secure chat names the chat's host here.
    `addresses_allowed` are whole addresses of which no letter may differ, such as a network's own way into a
    private message to us. `pictures` are the alternative texts of the pictures beside it, one of each, if empty.
    """

    text: str
    visibility: Visibility = "public"
    network: str = ""
    handle: str = ""
    links_allowed: frozenset[str] = frozenset()
    addresses_allowed: frozenset[str] = frozenset()
    pictures: tuple[str, ...] = ()

    @property
    def written(self) -> str:
        """All that is read: the text, and below it what is said of each picture."""
        said = [alt for alt in self.pictures if alt.strip()]
        return "\n\n".join([self.text, *said]) if said else self.text


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a draft: `words` are `written[start:end]` of it; of a picture there are none."""

    rule: str
    action: Outcome
    words: str
    start: int
    end: int
    message: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may happen to a draft, the strongest action among its findings, and under which rules.

    `version` names the guard's rules and the policy together: a verdict can be explained years later.
    """

    outcome: Outcome
    findings: tuple[Finding, ...]
    version: str

    @property
    def leaves(self) -> bool:
        """Whether the draft may be sent without a second person."""
        return self.outcome in {"pass", "warn"}
