"""The guard: what every outgoing reply passes before it leaves, by whatever road.

Pure functions, no database. `check(draft, policy)` reads a draft as a person would and answers with a
verdict: it may leave, leave with a warning, wait for a second person, or not leave; and which words say so.

    verdict = check(Draft("Your account is unlocked."), GuardPolicy())
    verdict.outcome   "block"
    verdict.findings  (Finding(rule="names_relationship", words="Your account", ...),)

What is where: `rules` is the table of rules, `policy` a team's choice among them, `reading` undoes every
disguise of letters, `phrases` hold the forms in which a sentence tells that somebody is a customer,
`licences` when the same words would be equally true of a stranger, `languages` the words of each language, also
as they are typed in a hurry, `second_reading` what is learned from labelled replies, `senses` the senses of words
that it learns by, `meaning` what words mean together as `encoder` reads them. What else may not be said stands in
`private_data`, `links`, `promises`, `terms` (what a law ties to conditions) and `conduct`.

Decided: (1) doubt is no licence: a reply that might confirm a customer waits for a person; (2) the forms are
built from kinds of words, never from sentences seen, since agents find new ones every day; (3) a language
that is not read is approved by somebody who reads it; (4) a check that fails blocks.
"""

from agents.guard.checking import RULES_VERSION, check
from agents.guard.policy import GuardPolicy
from agents.guard.rules import RULES, Action, Rule
from agents.guard.verdict import Draft, Finding, Outcome, Verdict, Visibility

__all__ = [
    "RULES",
    "RULES_VERSION",
    "Action",
    "Draft",
    "Finding",
    "GuardPolicy",
    "Outcome",
    "Rule",
    "Verdict",
    "Visibility",
    "check",
]
