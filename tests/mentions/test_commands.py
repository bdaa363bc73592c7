"""The commands as somebody at a terminal uses them: what they print, where, and how they end."""

import io
import json
import math
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mentions import rulebook
from mentions.events import Sealer
from mentions.models import Mention, MentionContent, Reject, Source
from tests.factories import make_queue, make_source, post
from tests.faults.cuts import superuser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _bank(db, settings, tmp_path):
    settings.ANCHOR_FILE = str(tmp_path / "anchor" / "anchor.json")
    rulebook.forget()
    make_queue()


class Run:
    """One run of a command: its exit status and everything it printed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.status = 0
        try:
            call_command(*arguments, stdout=out, stderr=err, **options)
        except SystemExit as end:
            self.status = int(end.code or 0)
        self.out, self.err = out.getvalue(), err.getvalue()

    @property
    def counts(self) -> dict[str, int]:
        """The last line on standard output."""
        return dict(json.loads(self.out.strip().splitlines()[-1]))


def lines(*items: object) -> bytes:
    return b"\n".join(item if isinstance(item, bytes) else json.dumps(item).encode() for item in items)


@pytest.fixture
def ingest(tmp_path: Path):
    def run(content: bytes, **options: Any) -> Run:
        file = tmp_path / "posts.jsonl"
        file.write_bytes(content)
        return Run("ingest", str(file), **options)

    return run


class TestIngest:
    def test_it_counts_what_became_of_each_line(self, ingest):
        run = ingest(lines(post(external_id="1"), post(external_id="2"), post(external_id="1")))
        assert run.counts == {"read": 3, "accepted": 2, "duplicate": 1, "rejected": 0}
        assert (run.status, run.err) == (0, "")
        assert set(Mention.objects.values_list("source__slug", flat=True)) == {"ingest"}

    def test_a_bad_line_is_named_kept_and_ends_it_with_1(self, ingest):
        run = ingest(lines(post(), b"{broken", b"", {"network": "x"}, b"\xff\xfe", post()))
        assert run.status == 1
        assert run.counts == {"read": 5, "accepted": 2, "duplicate": 0, "rejected": 3}
        assert re.findall(r"^line (\d+): \S", run.err, re.MULTILINE) == ["2", "4", "5"]
        assert Reject.objects.count() == 3

    def test_it_reads_standard_input(self, monkeypatch):
        class Typed:
            buffer = io.BytesIO(lines(post(), post()))

        monkeypatch.setattr(sys, "stdin", Typed())
        assert Run("ingest").counts["accepted"] == 2

    def test_the_source_of_ingest_is_made_once(self, ingest):
        ingest(lines(post()))
        ingest(lines(post()))
        assert Source.objects.filter(slug="ingest").count() == 1

    def test_posts_belong_to_the_named_source(self, ingest):
        make_source("boards", network="boards")
        ingest(lines(post()), source="boards")
        assert Mention.objects.get().source.slug == "boards"

    def test_an_unknown_source_is_refused_with_those_there_are(self, ingest):
        make_source("boards")
        with pytest.raises(CommandError, match="boards"):
            ingest(lines(post()), source="nobody")
        assert not Mention.objects.exists()

    def test_a_file_that_is_not_there_is_said(self, tmp_path):
        with pytest.raises(CommandError, match="cannot read"):
            Run("ingest", str(tmp_path / "none.jsonl"))

    @pytest.mark.parametrize("rate", [0, -1, math.nan, math.inf])
    def test_a_rate_that_is_none_is_refused(self, ingest, rate):
        with pytest.raises(CommandError, match="rate"):
            ingest(lines(post()), rate=rate)

    def test_a_rate_is_kept(self, ingest):
        began = time.monotonic()
        run = ingest(lines(*(post() for _ in range(30))), rate=60)
        assert run.counts["accepted"] == 30
        assert time.monotonic() - began >= 0.4

    def test_more_than_a_batch_is_read_to_its_end(self, ingest):
        assert ingest(lines(*(post() for _ in range(1203)))).counts["accepted"] == 1203

    @pytest.mark.parametrize("content", [b"", b"\n\n \n"])
    def test_nothing_in_it_is_no_fault(self, ingest, content):
        run = ingest(content)
        assert run.counts == {"read": 0, "accepted": 0, "duplicate": 0, "rejected": 0}
        assert run.status == 0

    def test_files_of_other_systems_are_read(self, ingest):
        content = b"\xef\xbb\xbf" + b"\r\n".join([json.dumps(post()).encode(), json.dumps(post()).encode()]) + b"\r\n"
        assert ingest(content).counts == {"read": 2, "accepted": 2, "duplicate": 0, "rejected": 0}

    def test_no_card_number_reaches_a_row_or_the_terminal(self, ingest):
        number = "4111 1111 1111 1111"
        run = ingest(
            lines(
                post(f"my card {number}"),
                f'{{"text": "{number}"'.encode(),
                {"network": number, "external_id": number, "text": number},
                b'{"text": "\\u0034111111111111111", ',
            )
        )
        kept = list(Reject.objects.values("external_id", "body", "reason"))
        said = run.out + run.err + json.dumps(kept) + MentionContent.objects.get().text
        assert run.counts["rejected"] == 3
        assert "41111111" not in re.sub(r"[^0-9]", "", said)


class TestRetryRejects:
    def test_what_was_mended_is_stored_and_not_tried_again(self):
        source = make_source("boards", network="boards")
        good, bad = post("mended", external_id="1"), {"network": "boards"}
        for body in (good, {"line": json.dumps(post("mended by hand", external_id="2"))}, bad):
            Reject.objects.create(source=source, body=body, reason="it was broken", received_at="2026-11-21T10:00Z")
        run = Run("retry_rejects")
        assert run.counts == {"read": 3, "accepted": 2, "duplicate": 0, "rejected": 1}
        assert set(Mention.objects.values_list("external_id", "source__slug")) == {("1", "boards"), ("2", "boards")}
        assert Reject.objects.filter(replayed_at=None).count() == 1
        left = Reject.objects.get(replayed_at=None)
        assert left.tries == 2
        assert "external_id" in left.reason
        assert Run("retry_rejects").counts["read"] == 1
        assert Reject.objects.count() == 3

    def test_only_a_named_sources(self):
        for slug in ("one", "other"):
            source = make_source(slug, network="boards")
            Reject.objects.create(source=source, body=post(), reason="x", received_at="2026-11-21T10:00Z")
        assert Run("retry_rejects", source="one").counts["accepted"] == 1
        assert Mention.objects.get().source.slug == "one"
        with pytest.raises(CommandError, match="no source nobody"):
            Run("retry_rejects", source="nobody")

    def test_more_than_a_batch_is_gone_through(self):
        source = make_source("boards", network="boards")
        Reject.objects.bulk_create(
            Reject(source=source, body=post() if n % 2 else {}, reason="x", received_at="2026-11-21T10:00Z")
            for n in range(450)
        )
        assert Run("retry_rejects").counts == {"read": 450, "accepted": 225, "duplicate": 0, "rejected": 225}


@pytest.mark.django_db(transaction=True)
class TestVerifyAudit:
    @pytest.fixture
    def chain(self, ingest) -> list[int]:
        """Ten sealed events; their identifiers in the order of the chain."""
        ingest(lines(*(post() for _ in range(10))))
        Sealer().tick()
        with superuser() as every:
            rows = every.execute("SELECT event_id FROM mentions_seal ORDER BY position").fetchall()
        return [event for (event,) in rows]

    def test_a_whole_chain_is_said_to_be_whole(self, chain):
        run = Run("verify_audit")
        assert (run.status, run.err) == (0, "")
        assert run.out == "whole: 10 sealed events\n"

    def test_an_empty_chain_is_whole(self):
        assert Run("verify_audit").status == 0

    @pytest.mark.parametrize(
        ("harm", "position"),
        [
            ('UPDATE mentions_event SET data = \'{{"did": "nothing"}}\' WHERE id = {event}', 4),
            ("UPDATE mentions_event SET at = at + interval '1 microsecond' WHERE id = {event}", 4),
            ("DELETE FROM mentions_event WHERE id = {event}", 4),
            ("DELETE FROM mentions_seal WHERE event_id = {event}", 4),
            ("UPDATE mentions_seal SET hash = decode(repeat('00', 32), 'hex') WHERE event_id = {event}", 4),
            ("DELETE FROM mentions_seal WHERE position >= 4", 4),
        ],
    )
    def test_any_harm_is_found_and_named(self, chain, harm, position):
        with superuser() as owner:
            owner.execute("SET session_replication_role = replica")
            owner.execute(harm.format(event=chain[position - 1]))
        run = Run("verify_audit")
        assert run.status == 1
        assert run.out.startswith("broken: first at ")
        assert f"position {position}" in run.err.splitlines()[0]
