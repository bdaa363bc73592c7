"""What the vendors say of the requests that we make: every request that a peer hears is held against it.

One file a network, `<key>.json`, with the operations that our connector calls and no others: method, path, query,
body, media type and what the token must be allowed. They are our own words for what the vendor published; `source`
says where that is. A request that no operation describes, or that does not fit the one that does, fails the test in
which it was made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import jsonschema_rs

from tests.mentions.networks import multipart
from tests.mentions.networks.specs import graph

FOLDER: Final = Path(__file__).parent
_PLACE: Final = re.compile(r"\\\{(\w+)\\\}")


class Spec:
    """One network's operations."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.source: str = told["source"]
        nodes = told.get("nodes", {})
        self.operations = [_Operation(one, told.get("schemas", {}), nodes) for one in told["operations"]]

    def faults(self, method: str, path: str, query: Mapping[str, list[str]], kind: str, body: bytes) -> list[str]:
        """What is wrong with a request, in sentences; nothing if the vendor would read it."""
        here = [one for one in self.operations if one.path.fullmatch(path)]
        found = [one for one in here if one.method == method]
        if not found:
            known = f"; there is {', '.join(one.method for one in here)}" if here else ""
            return [f"no operation is published for {method} {path}{known}"]
        answers = [one.faults(query, kind, body) for one in found]
        return min(answers, key=len)

    def scopes(self) -> set[str]:
        """Everything that a token must be allowed for all of them."""
        return {scope for one in self.operations for scope in one.scopes}


class _Operation:
    def __init__(self, told: Mapping[str, Any], schemas: Mapping[str, Any], nodes: Mapping[str, Any]) -> None:
        self.method: str = told["method"]
        self.name = f"{told['method']} {told['path']}"
        self.path = re.compile(_PLACE.sub(r"(?P<\1>[^/]+)", re.escape(told["path"])))
        self.scopes: list[str] = told.get("scopes", [])
        self._query: dict[str, dict[str, Any]] = told.get("query", {})
        self._required: list[str] = told.get("required", [])
        self._kind: str | None = told.get("content_type", "application/json" if "body" in told else None)
        self._body = _validator(told["body"], schemas) if "body" in told else None
        self._nodes = nodes
        plain = {name: schema for name, schema in self._query.items() if "node" not in schema}
        self._values = {name: _validator(schema, schemas) for name, schema in plain.items()}

    def faults(self, query: Mapping[str, list[str]], kind: str, body: bytes) -> list[str]:
        wrong = [f"{self.name} needs {name}" for name in self._required if name not in query]
        for name, values in query.items():
            if name not in self._query:
                wrong.append(f"{self.name} knows no {name}")
                continue
            if node := self._query[name].get("node"):
                wrong.extend(f"{self.name}, {name}: {fault}" for fault in graph.faults(values[0], node, self._nodes))
                continue
            found = self._values[name].iter_errors(_typed(values, self._query[name]))
            wrong.extend(f"{self.name}, {name}: {error.message}" for error in found)
        if self._kind is None:
            return wrong + ([f"{self.name} takes no body"] if body else [])
        if self._kind == "*/*":
            return wrong if kind and body else [*wrong, f"{self.name} takes a file with its media type"]
        if kind.partition(";")[0].strip() != self._kind:
            return [*wrong, f"{self.name} takes {self._kind}, not {kind or 'nothing'}"]
        assert self._body is not None
        if self._kind == "multipart/form-data":
            sent = multipart.values(kind, body)
        else:
            sent = json.loads(body) if self._kind.endswith("json") else dict(parse_qsl(body.decode()))
        found = self._body.iter_errors(sent)
        return wrong + [f"{self.name}, {error.instance_path}: {error.message}" for error in found]


def _validator(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    return jsonschema_rs.validator_for({**schema, "$defs": dict(schemas)}, validate_formats=True)


def _typed(values: list[str], schema: Mapping[str, Any]) -> Any:
    """A value of the query as what it stands for. Lists are repeated, or written with commas."""
    value, kind = values[0], schema.get("type")
    if kind == "array":
        parts = value.split(",") if len(values) == 1 else values
        return [_typed([part], schema.get("items", {})) for part in parts]
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


@cache
def spec(key: str) -> Spec | None:
    """The operations of a network; None for one whose vendor publishes nothing that could be held against us."""
    path = FOLDER / f"{key}.json"
    return Spec(json.loads(path.read_text())) if path.exists() else None


def keys() -> list[str]:
    """The networks of which there is a description."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


class Watch:
    """Holds what one peer hears against its vendor's description, and says at the end what did not fit."""

    def __init__(self, peer: object) -> None:
        key = type(peer).__module__.rpartition(".peer_")[2]
        self._spec = spec(key)
        self.faults: list[str] = []

    def hear(self, method: str, path: str, query: Mapping[str, list[str]], kind: str, body: bytes) -> None:
        """One request."""
        if self._spec is not None:
            self.faults += self._spec.faults(method, path, query, kind, body)

    def check(self) -> None:
        """Nothing was asked that the vendor would not have understood."""
        assert not self.faults, "\n".join(dict.fromkeys(self.faults))
