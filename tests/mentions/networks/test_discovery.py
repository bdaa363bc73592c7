"""A network is a file: found by its name, and stopped at the start when it is broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.checks import Error

from mentions import networks
from mentions.checks import connectors_load
from mentions.networks import UnknownNetwork
from tests.mentions.networks.asking import ALL


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


DOCUMENT = Path(__file__).parents[3] / "docs" / "connectors.md"


def test_how_soon_we_ask_is_a_minute_at_most_and_as_the_document_says() -> None:
    told = DOCUMENT.read_text().partition("## How soon")[2].partition("\n## ")[0]
    can = {key: networks.get(key).capabilities for key in ALL}
    ours = [key for key in ALL if can[key].publish]
    assert [key for key in ours if can[key].fetch and networks.get(key).poll_every_s > 60] == ["googlebusiness"]
    assert [key for key in ours if f"`{key}`" not in told] == []
    for line in told.splitlines():
        heard, _bar, rest = line.removeprefix("| ").partition(" | ")
        if heard not in ("asked for", "|"):
            continue
        names, _bar, seconds = rest.partition(" | ")
        for key in re.findall(r"`(\w+)`", names):
            assert seconds.startswith(f"{networks.get(key).poll_every_s} s"), key


def test_the_smallest_connector_is_the_one_that_the_document_names() -> None:
    folder = Path(networks.__file__).parent
    lines = {key: len((folder / f"{key}.py").read_text().splitlines()) for key in ALL}
    smallest = min(lines, key=lambda key: lines[key])
    assert f"The smallest connector is `{smallest}`: {lines[smallest]} lines." in DOCUMENT.read_text()
