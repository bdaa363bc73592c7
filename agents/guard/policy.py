"""A team's policy for the guard: what each rule does, and what the bank calls its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from agents.guard import links
from agents.guard.rules import RULES, Action
from agents.guard.verdict import STRENGTH


@dataclass(frozen=True)
class GuardPolicy:
    """What a team's replies are held to.

    `actions` sets a rule's action where it differs from the rule's default. A rule's floor holds whatever
    the policy says: private data always blocks, and wording that confirms a customer in public needs at
    least a second person. `allowed_hosts` are exact host names ("bank.example" also allows "www."),
    `allowed_phones` the bank's own numbers in any notation, `branch_names` the branches as people call them.
    Raises ValueError for a rule or an action that does not exist.
    """

    actions: Mapping[str, Action] = field(default_factory=dict)
    allowed_hosts: frozenset[str] = frozenset()
    branch_names: tuple[str, ...] = ()
    allowed_phones: frozenset[str] = frozenset()
    version: str = "1"

    def __post_init__(self) -> None:
        for key, action in self.actions.items():
            if key not in RULES:
                raise ValueError(f"The guard has no rule {key!r}.")
            if action not in {"off", "warn", "approve", "block"}:
                raise ValueError(f"Rule {key!r} cannot {action!r}: it may be off, warn, approve or block.")
        object.__setattr__(self, "actions", MappingProxyType(dict(self.actions)))

    def action(self, key: str) -> Action:
        """What the rule does under this policy, never less than its floor."""
        rule = RULES[key]
        chosen = self.actions.get(key, rule.default)
        return chosen if STRENGTH[chosen] >= STRENGTH[rule.floor] else rule.floor

    def and_also(self, other: GuardPolicy) -> GuardPolicy:
        """A policy that lets leave only what both do."""
        return GuardPolicy(
            actions={key: max(self.action(key), other.action(key), key=STRENGTH.__getitem__) for key in RULES},
            allowed_hosts=self.allowed_hosts & other.allowed_hosts,
            branch_names=tuple(dict.fromkeys((*self.branch_names, *other.branch_names))),
            allowed_phones=self.allowed_phones & other.allowed_phones,
            version=f"{self.version} & {other.version}"[:60],
        )

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The allowed hosts as they are compared."""
        return links.normal_hosts(self.allowed_hosts)

    @cached_property
    def phones(self) -> frozenset[str]:
        """The allowed telephone numbers as digits, American ones with and without their country's."""
        numbers = {re.sub(r"\D", "", phone) for phone in self.allowed_phones}
        return frozenset(numbers | {number[1:] for number in numbers if len(number) == 11 and number[0] == "1"})

    @cached_property
    def branches(self) -> re.Pattern[str] | None:
        """The names of the branches as one pattern over undressed text, or None."""
        names = [re.escape(" ".join(name.lower().split())) for name in self.branch_names if name.strip()]
        return re.compile(rf"\b(?:{'|'.join(names)})\b") if names else None
