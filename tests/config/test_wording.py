"""What people read is marked for translation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.installation import BASE_DIR

# What these are raised with stands on a page.
SAID = {
    *("Forbidden", "Gone", "HttpFailure", "LeftOut", "NetworkError", "NoDocument", "NotAGap", "NotAPicture"),
    *("NotAllowed", "NotConnected", "NotNow", "NotSaved", "Refused", "Registration", "Undelivered"),
    *("UnknownField", "UnreadableSecrets", "ValidationError"),
}
SHOWN = {"debug", "error", "info", "success", "warning"}
# Programs are answered in English, and so is whoever starts the house.
MODULES = [
    path
    for part in ("agents", "commandcenter", "mentions")
    for path in BASE_DIR.glob(f"{part}/**/*.py")
    if path.parent != BASE_DIR / "agents/api"
]

_NOT_READ = (
    r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}|\{% blocktranslate\b.*?\{% endblocktranslate %\}"
    r"|<(script|style|kbd|code)\b.*?</\1>"
)
_TAGS = r"\{%.*?%\}|\{\{.*?\}\}"
_READ_IN_TAGS = r'\b(?:title|alt|aria-label|placeholder)="([^"]*)"'
_SENTENCE = re.compile(r"[^\W\d]{2,}\s+[^\W\d]{2,}")


def unmarked(html: str) -> list[str]:
    """The sentences of a template that are always in English."""
    html = re.sub(_TAGS, "\0", re.sub(_NOT_READ, "\0", html, flags=re.DOTALL), flags=re.DOTALL)
    texts = [*re.findall(_READ_IN_TAGS, html), *re.split(r"<[^>]*>", html)]
    return [text.strip() for each in texts for text in each.split("\0") if _SENTENCE.search(text) and '="' not in text]


def said_plainly(module: str) -> list[str]:
    """The words with which a module refuses something, or answers a person, always in English."""
    return [ast.unparse(words) for words in _said(ast.parse(module)) if _SENTENCE.search(_literal(words))]


def _said(tree: ast.AST) -> Iterator[ast.expr]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        match call.func:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in SAID and call.args:
                yield call.args[0]
            case ast.Attribute(value=ast.Name(id="messages"), attr=name) if name in SHOWN and len(call.args) > 1:
                yield call.args[1]


def _literal(words: ast.expr) -> str:
    match words:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_literal(part) for part in parts)
        case ast.FormattedValue():
            return "it"
        case ast.BinOp(left=left):
            return _literal(left)
    return ""


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<p title="{% translate "So it is" %}">{% translate "So it is" %}</p>', []),
        ("<p>{% blocktranslate %}So it is{% endblocktranslate %} <kbd>Ctrl Enter</kbd> Glasshouse</p>", []),
        ('{% comment %}So it is{% endcomment %}<p title="So it is">{{ name }} is so</p>', ["So it is", "is so"]),
    ],
)
def test_an_unmarked_sentence_is_found(html: str, found: list[str]) -> None:
    assert unmarked(html) == found


def test_every_sentence_of_a_page_is_marked() -> None:
    pages = sorted(BASE_DIR.glob("templates/**/*.html"))
    assert not {str(path.relative_to(BASE_DIR)): found for path in pages if (found := unmarked(path.read_text()))}


def test_every_refusal_and_answer_is_marked() -> None:
    assert said_plainly(
        "raise Refused(f'{who} has it')\nmessages.info(request, 'So it is' % 1)\nRefused(_('So it is'))"
    ) == [
        "f'{who} has it'",
        "'So it is' % 1",
    ]

    def found(path: Path) -> list[str]:
        return said_plainly(path.read_text())

    assert not {str(path.relative_to(BASE_DIR)): wrong for path in MODULES if (wrong := found(path))}
