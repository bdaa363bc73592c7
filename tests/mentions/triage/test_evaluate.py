"""The evaluate command measures the shipped models on a labelled file."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mentions.management.commands.evaluate import measured


def evaluate(*arguments: str) -> dict[str, float]:
    out = io.StringIO()
    call_command("evaluate", *arguments, stdout=out)
    figures: dict[str, float] = json.loads(out.getvalue())
    return figures


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    return tmp_path / "labelled.tsv"


def test_tones_from_columns(labelled: Path) -> None:
    labelled.write_text(
        "negative\tthis is the worst bank ever\n"
        "positive\tI love this bank, thank you\n"
        "neutral\tthe branch is on Oak Street\n"
        "\n"
        "positive\tthis is a terrible\ttab and a terrible day\n"
    )
    figures = evaluate("sentiment", str(labelled))
    assert figures["n"] == 4
    assert figures["accuracy"] == 0.75
    assert figures["macro_recall"] == pytest.approx(0.8333, abs=1e-4)
    assert figures["texts_per_second"] > 0


def test_languages_from_json_lines(labelled: Path) -> None:
    rows = [("en", "where is the nearest branch to me"), ("es", "¿dónde está la sucursal más cercana?")]
    labelled.write_text("".join(json.dumps({"label": label, "text": text}) + "\n" for label, text in rows))
    assert evaluate("language", str(labelled))["accuracy"] == 1.0


def test_topics_by_the_shipped_phrases(labelled: Path) -> None:
    labelled.write_text("card-declined\tmy card was declined\nnone\thello there\n")
    assert evaluate("topics", str(labelled))["accuracy"] == 1.0


def test_topics_by_examples(labelled: Path, tmp_path: Path) -> None:
    examples = tmp_path / "examples.tsv"
    examples.write_text("pets\tmy dog barks\npets\tthe cat sleeps\nweather\tit rains today\nweather\tso much sun\n")
    labelled.write_text("pets\ta dog and a cat\nweather\train and sun today\n")
    assert evaluate("topics", str(labelled), "--train", str(examples))["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        ("no tab here\n", ("sentiment",), "line 1"),
        ('positive\tfine\n{"text": "x"}\n', ("sentiment",), "line 2"),
        ("\n", ("sentiment",), "no labelled text"),
        ("a\tb\n", ("language", "--train", "x.tsv"), "only topics"),
        ("a\tb\n", ("topics", "--train", "/nowhere/x.tsv"), "nowhere"),
    ],
)
def test_says_what_is_wrong_with_a_file(labelled: Path, content: str, arguments: tuple[str, ...], message: str) -> None:
    labelled.write_text(content)
    with pytest.raises(CommandError, match=message):
        evaluate(arguments[0], str(labelled), *arguments[1:])


def test_figures_are_over_the_labels_wanted() -> None:
    figures = measured(["a", "a", "b", "b"], ["a", "unknown", "b", "a"])
    assert figures == {"n": 4, "accuracy": 0.5, "macro_recall": 0.5, "macro_f1": pytest.approx(0.5833, abs=1e-4)}
