"""What the listener does every moment: one list, read top to bottom."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Loop:
    """One small loop of the listener.

    `run` is the dotted name of a function without arguments, or of a class with a method `tick`, of which a new
    instance is made whenever this process takes the lead. Either returns something true if more is waiting, and is
    then called again at once; otherwise after `every` seconds. A tick that lasts longer than `hung_after` seconds
    counts as hung, and the listener is started again.
    """

    name: str
    run: str
    every: float = 0.25
    hung_after: float = 120.0


LOOPS: list[Loop] = []
