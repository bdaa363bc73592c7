"""`make bench`: every road, or those named on the command line; one JSON object a line on standard output."""

from __future__ import annotations

import json
import sys
from importlib import import_module

from tests.bench import stand

ROADS = ("intake", "claims", "queue_page", "webhook", "fan_out", "memory", "keys")


def main(wanted: list[str]) -> int:
    unknown = sorted(set(wanted) - set(ROADS))
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(ROADS)}", file=sys.stderr)
        return 2
    with stand.engines():
        for road in wanted or ROADS:
            for figure in import_module(f"tests.bench.{road}").run():
                print(json.dumps(figure), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
