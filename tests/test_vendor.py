"""What came from elsewhere is unchanged and named; what we draw from it is exactly what pages use."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
LISTED = dict(
    re.findall(r"^\| `([^`]+)` \|.*\| `(sha384-[^`]+)` \|$", (VENDOR / "VENDOR.md").read_text(), re.MULTILINE)
)
SPRITE = (STATIC / "icons.svg").read_text()
SYMBOLS = set(re.findall(r'<symbol id="([^"]+)"', SPRITE))


def test_every_vendored_file_is_listed() -> None:
    found = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} - {"VENDOR.md"}

    assert found == set(LISTED)


@pytest.mark.parametrize("name", sorted(LISTED))
def test_a_vendored_file_is_what_was_published(name: str) -> None:
    digest = hashlib.sha384((VENDOR / name).read_bytes()).digest()

    assert f"sha384-{base64.b64encode(digest).decode()}" == LISTED[name]


def test_every_folder_carries_its_licence() -> None:
    for folder in (path for path in VENDOR.iterdir() if path.is_dir()):
        assert list(folder.glob("LICENSE*")), f"{folder.name} has no licence"


def test_pages_use_no_icon_that_the_sprite_lacks_and_the_sprite_has_none_that_no_page_uses() -> None:
    pages = "\n".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    used = set(re.findall(r'_icon\.html" with name="([^"]+)"(?!\|)', pages))
    used |= set(re.findall(r"icons\.svg' %}#([a-z][a-z0-9-]+[a-z0-9])\"", pages))
    shapes = {symbol for symbol in SYMBOLS if symbol.startswith("shape-")}
    logos = {symbol for symbol in SYMBOLS if symbol.startswith("net-")}

    assert used - SYMBOLS == set()
    assert SYMBOLS - shapes - logos - used == set()


def test_a_network_with_a_logo_shows_no_letter_beside_it() -> None:
    stylesheet = (STATIC / "css" / "components.css").read_text()
    styled = set(re.findall(r'\[data-network="([^"]+)"\]', stylesheet))

    assert styled == {symbol.removeprefix("net-") for symbol in SYMBOLS if symbol.startswith("net-")}


def test_nothing_of_ours_names_another_origin() -> None:
    ours = [path for kind in ("css", "js") for path in (STATIC / kind).rglob(f"*.{kind}")]

    for path in ours:
        code = re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE)

        assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", code), path


def test_pages_carry_no_style_and_no_script_of_their_own() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        page = path.read_text()

        assert not re.search(r"\sstyle=|\son[a-z]+=\"|\|\s*safe\b|<style|<script(?![^>]*\ssrc=)", page), path
