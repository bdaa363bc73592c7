"""Structured logs that cannot carry a customer's words: one JSON object a line, named fields only, text scrubbed."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime

# What a record may carry beside its message. Anything else given as `extra` is dropped.
FIELDS = (
    "process", "pid", "request_id", "method", "path", "status_code", "seconds", "network", "source", "queue",
    "conversation", "mention", "reply", "event", "user", "team", "job", "loop", "attempt", "count", "exit_status",
)  # fmt: skip
LONGEST_MESSAGE = 2000

_DIGITS = re.compile(r"\d(?:[\W_]?\d){6,}")
_CUT_NUMBER = re.compile(r"[\d\W_]+$")
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def clean(text: str) -> str:
    """Text that is safe in a log: masked like a post, on one line, without terminal sequences, of bounded length."""
    flat = _ESCAPES.sub(" ", text.replace("\r", " ").replace("\n", " ⏎ ").replace("\t", " "))
    if len(flat) > LONGEST_MESSAGE:
        flat = _CUT_NUMBER.sub("", flat[:LONGEST_MESSAGE])
    try:
        from mentions.scrub import scrub  # a process that only reports its own start need not load it

        return scrub(flat).text
    except Exception:  # a log must neither fail nor leak
        return _DIGITS.sub("•", flat)


class Scrubbed(logging.Filter):
    """Replaces a record's message by its clean form, arguments included, before anything formats it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = clean(record.getMessage())
        record.args = None
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line. A traceback names places and the error's class; its message is cleaned like any other."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
        }
        for field in FIELDS:
            value = record.__dict__.get(field)
            if field in entry or value is None or field == "process":
                continue
            entry[field] = value if isinstance(value, int | float) else clean(str(value))
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            entry["error"] = f"{type(error).__name__}: {clean(str(error))}"
            entry["where"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
            ][-12:]
        return json.dumps(entry, ensure_ascii=False, default=str)
