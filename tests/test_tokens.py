"""The contrast of every pair of colours that stands on another, computed from the stylesheet itself."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).resolve().parent.parent / "static" / "css" / "tokens.css").read_text()
HEX = r"#[0-9A-Fa-f]{6}"


def _block(selector: str) -> str:
    found = re.search(re.escape(selector) + r" \{(.*?)\n  \}", TOKENS, re.DOTALL)
    assert found, selector
    return found[1]


def _looks() -> dict[str, dict[str, str]]:
    pairs = re.findall(rf"--([a-z0-9-]+): light-dark\(({HEX}), ({HEX})\);", _block(":root"))
    light = {name: first for name, first, _ in pairs}
    dark = {name: second for name, _, second in pairs}
    own = {
        look: dict(re.findall(rf"--([a-z0-9-]+): ({HEX});", _block(f'[data-look="{look}"]')))
        for look in ("wall", "glass")
    }
    return {"light": light, "dark": dark, "wall": own["wall"], "glass": own["glass"]}


LOOKS = _looks()


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TEXT = [
    ("text", "bg"), ("text", "surface"), ("text", "sunk"), ("text", "chip-ok"), ("text", "private"), ("text", "note"),
    ("muted", "bg"), ("muted", "surface"), ("muted", "sunk"), ("muted", "note"),
    ("accent", "bg"), ("accent", "surface"), ("accent", "sunk"),
    ("on-accent", "accent"), ("on-accent", "accent-strong"),
    ("risk", "bg"), ("risk", "surface"), ("late", "bg"), ("late", "surface"), ("on-late", "late"),
    ("chip-ok-ink", "chip-ok"), ("chip-risk-ink", "chip-risk"), ("chip-late-ink", "chip-late"),
    ("chip-done-ink", "chip-done"), ("crisis-ink", "crisis"), ("stale-ink", "stale"),
    ("public-ink", "public"), ("private-ink", "private"), ("note-ink", "note"),
]  # fmt: skip
MARKS = [
    ("field", "bg"), ("field", "surface"), ("mark", "bg"), ("mark", "surface"), ("accent", "private"),
    ("negative", "bg"), ("negative", "surface"), ("data-1", "surface"), ("data-2", "surface"),
    ("data-3", "surface"), ("data-4", "surface"),
]  # fmt: skip
WALL_TEXT = [
    ("text", "bg"), ("text", "surface"), ("text", "sunk"), ("muted", "bg"), ("muted", "surface"), ("accent", "bg"),
    ("accent", "surface"), ("risk", "bg"), ("risk", "surface"), ("stale-ink", "stale"),
]  # fmt: skip
WALL_MARKS = [("late", "bg"), ("late", "surface"), ("mark", "bg"), ("mark", "surface"), ("negative", "surface")]


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), TEXT)
def test_text_on_a_desk_can_be_read(look: str, ink: str, paper: str) -> None:
    assert contrast(LOOKS[look][ink], LOOKS[look][paper]) >= 4.5


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), MARKS)
def test_marks_and_borders_on_a_desk_can_be_seen(look: str, ink: str, paper: str) -> None:
    assert contrast(LOOKS[look][ink], LOOKS[look][paper]) >= 3


@pytest.mark.parametrize("look", ["wall", "glass"])
@pytest.mark.parametrize(("ink", "paper"), WALL_TEXT)
def test_text_on_a_wall_can_be_read_from_afar(look: str, ink: str, paper: str) -> None:
    assert contrast(LOOKS[look][ink], LOOKS[look][paper]) >= 7


@pytest.mark.parametrize("look", ["wall", "glass"])
@pytest.mark.parametrize(("ink", "paper"), WALL_MARKS)
def test_marks_on_a_wall_can_be_seen_from_afar(look: str, ink: str, paper: str) -> None:
    assert contrast(LOOKS[look][ink], LOOKS[look][paper]) >= 4.5


@pytest.mark.parametrize(
    ("ink", "paper"), [("chip-ok-ink", "chip-ok"), ("chip-risk-ink", "chip-risk"), ("chip-done-ink", "chip-done")]
)
def test_chips_on_a_wall_can_be_read_from_afar(ink: str, paper: str) -> None:
    assert contrast(LOOKS["wall"][ink], LOOKS["wall"][paper]) >= 7


def test_late_on_a_wall_is_dark_text_on_a_filled_chip() -> None:
    assert contrast(LOOKS["wall"]["chip-late-ink"], LOOKS["wall"]["chip-late"]) >= 6.5


def test_stylesheets_name_roles_and_never_colours() -> None:
    folder = Path(__file__).resolve().parent.parent / "static" / "css"
    for path in folder.glob("*.css"):
        if path.name == "tokens.css":
            continue
        rest = path.read_text().split("@media print")[0]

        assert not re.search(r"#[0-9A-Fa-f]{3,8}\b(?=[;,\s)])", rest), path.name


def test_no_status_needs_green() -> None:
    """Fine is blue: red against green is what most colour-blind people cannot tell apart."""
    for look in LOOKS.values():
        for role in ("accent", "risk", "late"):
            red, green, blue = (int(look[role][i : i + 2], 16) for i in (1, 3, 5))

            assert not (green > red and green > blue)
