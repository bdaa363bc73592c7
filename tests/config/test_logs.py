"""A log carries what happened and never a customer's words or numbers."""

import io
import json
import logging

import pytest

from config.logs import JsonFormatter, Scrubbed, clean

CARD = "4111 1111 1111 1111"


@pytest.fixture
def log():
    """A logger set up as the settings do, with what it wrote as `text` and `lines`."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(Scrubbed())
    logger = logging.getLogger("test.scrubbed")
    logger.addHandler(handler)
    logger.propagate = False
    logger.lines = lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.text = stream.getvalue
    yield logger
    logger.removeHandler(handler)


def test_a_card_number_is_masked_wherever_it_stands(log):
    log.warning("declined: %s", CARD)
    log.warning("path %s", CARD.replace(" ", ""), extra={"path": f"/posts/{CARD}/"})
    try:
        int(CARD)
    except ValueError:
        log.exception("failed")
    assert "4111" not in log.text()
    assert "declined" in log.text()


def test_one_record_is_one_line_of_json_without_terminal_tricks(log):
    log.warning("first\r\nsecond \x1b[31mred\x1b[0m \x1b]0;title\x07 \u2028 end")
    assert len(log.text().splitlines()) == 1
    (entry,) = log.lines()
    assert "\x1b" not in entry["message"]
    assert "first" in entry["message"]
    assert "second" in entry["message"]


def test_only_named_fields_are_kept(log):
    log.warning("sent", extra={"reply": 7, "seconds": 0.25, "text": "my password is hunter2"})
    (entry,) = log.lines()
    assert entry["reply"] == 7
    assert entry["seconds"] == 0.25
    assert "hunter2" not in log.text()


def test_an_error_names_its_place(log):
    try:
        {}["missing"]
    except KeyError:
        log.exception("failed", extra={"loop": "sealing"})
    (entry,) = log.lines()
    assert entry["error"].startswith("KeyError")
    assert entry["where"][-1].endswith("test_an_error_names_its_place")
    assert entry["loop"] == "sealing"


def test_a_long_message_is_cut_without_leaving_half_a_number():
    cut = clean("x" * 1990 + CARD)
    assert len(cut) <= 2000
    assert "4111" not in cut
