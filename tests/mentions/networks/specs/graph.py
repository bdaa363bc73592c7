"""What Graph is asked of a thing: names with commas, each with arguments and with names of its own in braces.

`nodes` says of each kind of thing what it has: "fields", and "edges" by the kind that stands behind them with the
arguments that they take.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_NAME: Final = re.compile(r"[a-z_]+")
_ARGUMENT: Final = re.compile(r"\.([a-z_]+)\(([^()]*)\)")


def faults(asked: str, node: str, nodes: Mapping[str, Any]) -> list[str]:
    """What is wrong with a list of fields, in sentences; nothing if Graph would read it."""
    wrong: list[str] = []
    try:
        rest = _read(asked, node, nodes, wrong)
    except ValueError as error:
        return [str(error)]
    return wrong + ([f"{rest!r} is left over"] if rest else [])


def _read(asked: str, node: str, nodes: Mapping[str, Any], wrong: list[str]) -> str:
    """Reads one list of fields, and gives what stands behind it."""
    edges: Mapping[str, Any] = nodes[node].get("edges", {})
    while True:
        name = _NAME.match(asked)
        if name is None:
            raise ValueError(f"{asked!r} begins with no field")
        asked = asked[name.end() :]
        edge = edges.get(name[0])
        if edge is None and name[0] not in nodes[node]["fields"]:
            wrong.append(f"{node} has no {name[0]}")
        given, asked = _arguments(asked)
        known = set(edge.get("arguments", [])) if edge is not None else set()
        wrong.extend(f"{node}.{name[0]} takes no {argument}" for argument in sorted(given - known))
        if asked.startswith("{"):
            if edge is None:
                raise ValueError(f"{node}.{name[0]} has nothing inside")
            asked = _read(asked[1:], edge["node"], nodes, wrong)
            if not asked.startswith("}"):
                raise ValueError(f"{node}.{name[0]} is not closed")
            asked = asked[1:]
        if not asked.startswith(","):
            return asked
        asked = asked[1:]


def _arguments(asked: str) -> tuple[set[str], str]:
    found = set()
    while argument := _ARGUMENT.match(asked):
        found.add(argument[1])
        asked = asked[argument.end() :]
    return found, asked


def names(told: str) -> Iterator[str]:
    """The outermost names of a list of fields, for peers that refuse what a thing has not."""
    depth = 0
    word = ""
    for letter in told + ",":
        depth += (letter == "{") - (letter == "}")
        if letter == "," and not depth:
            yield _NAME.match(word)[0]  # type: ignore[index]
            word = ""
        else:
            word += letter
