"""Measures the shipped models on a labelled file."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mentions import triage
from mentions.triage import language, learned
from mentions.triage.reading import read

BATCH = 500
NO_TOPIC = "none"

Example = tuple[str, str]


class Command(BaseCommand):
    """Prints accuracy, macro recall, macro F1 and texts per second of processor time as one JSON object."""

    help = "Measures language, sentiment or topics on a file of label<TAB>text lines or of JSON lines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares what to measure, the file, and the examples that topics may learn from."""
        parser.add_argument("what", choices=["sentiment", "language", "topics"])
        parser.add_argument("file", help="labelled texts; - reads standard input")
        parser.add_argument("--train", help="for topics: labelled texts to learn from, instead of the shipped phrases")

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the models over the file in batches, timing them alone."""
        what, train = options["what"], options["train"]
        if train and what != "topics":
            raise CommandError("only topics are learned; leave --train away")
        examples = list(_examples(options["file"]))
        if not examples:
            raise CommandError(f"{options['file']} holds no labelled text")
        answer = _learned(train) if train else {"language": _languages, "sentiment": _tones, "topics": _topics}[what]
        texts = [text for _, text in examples]
        answer(texts[:BATCH])  # models load with the first texts that need them
        started = time.process_time()
        given = [label for start in range(0, len(texts), BATCH) for label in answer(texts[start : start + BATCH])]
        seconds = time.process_time() - started
        figures = measured([label for label, _ in examples], given)
        self.stdout.write(json.dumps({**figures, "texts_per_second": round(len(texts) / seconds, 1)}))


def measured(wanted: Sequence[str], given: Sequence[str]) -> dict[str, float]:
    """Returns n, accuracy, macro recall and macro F1 over the labels that are wanted, from 0 to 1."""
    recalls: list[float] = []
    f1s: list[float] = []
    for label in sorted(set(wanted)):
        right = sum(want == label == got for want, got in zip(wanted, given, strict=True))
        recall = right / wanted.count(label)
        precision = right / given.count(label) if right else 0.0
        recalls.append(recall)
        f1s.append(2 * precision * recall / (precision + recall) if right else 0.0)
    right = sum(want == got for want, got in zip(wanted, given, strict=True))
    return {
        "n": len(wanted),
        "accuracy": round(right / len(wanted), 4),
        "macro_recall": round(sum(recalls) / len(recalls), 4),
        "macro_f1": round(sum(f1s) / len(f1s), 4),
    }


def _examples(name: str) -> Iterator[Example]:
    if name == "-":
        yield from _parsed(sys.stdin, name)
        return
    try:
        with Path(name).open(encoding="utf-8-sig", newline="\n") as lines:
            yield from _parsed(lines, name)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name}: {error}") from error


def _parsed(lines: Iterable[str], name: str) -> Iterator[Example]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _from_json(line) if line.lstrip().startswith("{") else _from_columns(line)
        except (KeyError, ValueError) as error:
            raise CommandError(f"{name}, line {number}: no label and text in it") from error


def _from_json(line: str) -> Example:
    row = json.loads(line)
    return str(row["label"]), str(row["text"])


def _from_columns(line: str) -> Example:
    label, text = line.rstrip("\r\n").split("\t", 1)
    return label.strip(), text


def _languages(texts: Sequence[str]) -> list[str]:
    readings = [read(text) for text in texts]
    return [guess.value for guess in language.identify(readings, [None] * len(readings))]


def _tones(texts: Sequence[str]) -> list[str]:
    return [labels.sentiment.value for labels in triage.assess([triage.Item(text) for text in texts])]


def _topics(texts: Sequence[str]) -> list[str]:
    """The most certain topic of each text; the earlier in the list of topics where several are."""
    given = []
    for labels in triage.assess([triage.Item(text) for text in texts]):
        best = max(labels.topics, key=lambda topic: topic.score, default=None)
        given.append(best.value if best else NO_TOPIC)
    return given


def _learned(name: str) -> Callable[[Sequence[str]], list[str]]:
    try:
        model = learned.train(list(_examples(name)))
    except ValueError as error:
        raise CommandError(f"{name}: {error}") from error
    return lambda texts: [prediction.label for prediction in model.predict(texts)]
