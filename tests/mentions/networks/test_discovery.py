"""A network is a file: found by its name, and stopped at the start when it is broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.checks import Error

from mentions import networks
from mentions.checks import connectors_load
from mentions.networks import UnknownNetwork


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """One more folder in which networks are looked for."""
    monkeypatch.setattr(networks, "__path__", [*networks.__path__, str(tmp_path)])
    yield tmp_path
    networks._all.cache_clear()


def faults() -> list[str]:
    found = connectors_load()
    assert all(isinstance(fault, Error) and fault.id == "mentions.E001" for fault in found)
    return [str(fault.msg) for fault in found]


def test_the_networks_of_this_house_load() -> None:
    assert faults() == []
    assert {"feeds", "townsquare"} <= set(networks.keys())
    assert networks.get("townsquare").title == "Town Square"
    with pytest.raises(UnknownNetwork):
        networks.get("myspace")


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("broken_import", "import nothing_of_that_name", "No module named 'nothing_of_that_name'"),
        ("broken_syntax", "def", "invalid syntax"),
        ("empty_file", "", "it defines no NETWORK"),
        ("wrong_type", "NETWORK = 'x'", "it defines no NETWORK"),
        (
            "wrong_key",
            "from mentions.networks import Network\nclass N(Network):\n    key = 'other'\nNETWORK = N()",
            "its key is 'other', its file name 'wrong_key'",
        ),
    ],
)
def test_a_broken_file_is_named_at_the_start(folder: Path, name: str, source: str, said: str) -> None:
    (folder / f"{name}.py").write_text(source)
    (fault,) = faults()
    assert f"mentions/networks/{name}.py" in fault
    assert said in fault


def test_helpers_are_no_networks(folder: Path) -> None:
    (folder / "_shared.py").write_text("raise RuntimeError")
    assert faults() == []
