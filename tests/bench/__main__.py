"""`make bench`: every road, or those named on the command line; one JSON object a line on standard output.

Each road runs in a process of its own on its own stand, so that none inherits another's warm caches.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module

from tests.bench import stand

ROADS = (
    "guard",
    "intake",
    "claims",
    "queue_page",
    "webhook",
    "keys",
    "fan_out",
    "walls",
    "memory",
    "starts",
    "reports",
)


def main(wanted: list[str]) -> int:
    if wanted[:1] == ["--here"]:
        return _here(wanted[1])
    unknown = sorted(set(wanted) - set(ROADS))
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(ROADS)}", file=sys.stderr)
        return 2
    return max(
        subprocess.run([sys.executable, "-m", "tests.bench", "--here", road], check=False).returncode
        for road in wanted or ROADS
    )


def _here(road: str) -> int:
    module = import_module(f"tests.bench.{road}")
    with stand.STANDS[module.STAND]() as place:
        for figure in module.run(place) if place is not None else module.run():
            print(json.dumps(figure), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
