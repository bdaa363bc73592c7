"""System checks of the networks: a broken connector stops the start instead of the first customer's post."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register

from mentions import networks


@register
def connectors_load(**_: Any) -> Sequence[CheckMessage]:
    """Imports every file in `mentions/networks/` and says which one does not keep the contract."""
    faults: list[CheckMessage] = []
    for name in networks.files():
        try:
            networks.load(name)
        except Exception as fault:
            faults.append(
                Error(
                    f"The network in mentions/networks/{name}.py does not load: {fault}",
                    hint="See docs/connectors.md for what a connector must define.",
                    id="mentions.E001",
                )
            )
    return faults
