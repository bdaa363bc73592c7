"""The policy of the bank in the guard's tests, and the labelled replies."""

from pathlib import Path
from typing import Final

from agents.guard import Draft, GuardPolicy, Verdict, check

CORPORA: Final = Path(__file__).parent / "corpora"
OTHERS: Final = CORPORA / "others"
APART: Final = CORPORA / "apart"
PARTS: Final = tuple(sorted(path.stem.removeprefix("good_") for path in CORPORA.glob("good_*.txt")))
UNLEARNED: Final = tuple(sorted(path.stem.removeprefix("good_") for path in APART.glob("good_*.txt")))
LANGUAGES: Final = tuple(sorted(path.stem.removeprefix("good_") for path in OTHERS.glob("good_*.txt")))

POLICY: Final = GuardPolicy(
    allowed_hosts=frozenset({"harborfirst.example", "help.harborfirst.example", "ourbank.example"}),
    branch_names=("Mission Street", "Castro", "Elm Street", "Uptown", "Pier 9"),
    allowed_phones=frozenset({"+1 415 555 0100", "18001 0800 555 010"}),
    version="7",
)


def public(text: str, policy: GuardPolicy = POLICY) -> Verdict:
    """The verdict on a public reply."""
    return check(Draft(text, "public", "sandbox", "customer42"), policy)


def private(text: str, policy: GuardPolicy = POLICY) -> Verdict:
    """The verdict on a private message."""
    return check(Draft(text, "private", "sandbox", "customer42"), policy)


def rules_of(verdict: Verdict) -> set[str]:
    """The rules that the verdict names."""
    return {finding.rule for finding in verdict.findings}


# Of a part no more than about these are read in a test; the training reports on all.
_ENOUGH: Final = 20


def sample(kind: str, part: str) -> list[str]:
    """Small parts whole, of large ones every so many."""
    its = replies(kind, part)
    return its[:: len(its) // _ENOUGH or 1]


def replies(kind: str, part: str) -> list[str]:
    """The labelled replies of one part or one other language: `kind` is "confirming" or "good"."""
    folder = OTHERS if part in LANGUAGES else APART if part in UNLEARNED else CORPORA
    return (folder / f"{kind}_{part}.txt").read_text(encoding="utf-8").splitlines()
