"""The event chain: what was recorded is sealed, and whatever is changed behind its back is found and named."""

import threading
from io import StringIO

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from config.embedded import SUPERUSER
from mentions import editions, events
from mentions.anchor import Anchor
from mentions.events import SYSTEM, Sealer
from mentions.models import Origin
from tests.engines import of_session
from tests.factories import make_queue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def anchor(tmp_path, settings):
    settings.ANCHOR_FILE = tmp_path / "anchor" / "events.anchor"


def happen(count: int = 1, **about) -> None:
    for number in range(count):
        with transaction.atomic():
            events.record("thing.happened", at=timezone.now(), by=SYSTEM, data={"n": number}, **about)


def as_superuser(statement: str, *values) -> None:
    """What a database administrator with bad intent could do."""
    with psycopg.connect(of_session().url(SUPERUSER, connections["default"].settings_dict["NAME"])) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(statement, values)


def audit() -> tuple[int, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("verify_audit", stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code), out.getvalue() + err.getvalue()
    return 0, out.getvalue()


def test_sealing_gives_positions_without_gaps_and_verifies():
    happen(25)
    sealed = Sealer().tick()

    assert sealed is not None
    assert (sealed.position, sealed.count) == (25, 25)
    assert [e.position for e in events.after(20)] == [21, 22, 23, 24, 25]
    assert audit() == (0, "whole: 25 sealed events\n")


def test_a_queue_gets_a_new_version_with_the_seal_and_not_before():
    queue = make_queue()
    happen(3, queue_id=queue.pk)
    queue.refresh_from_db()
    assert queue.version == 0

    sealed = Sealer().tick()
    assert sealed is not None
    assert sealed.queues == {queue.pk: 1}


def test_a_canary_sends_nobody_to_look_at_a_queue_again():
    queue = make_queue()
    happen(2, queue_id=queue.pk, origin=Origin.CANARY)
    sealed = Sealer().tick()
    assert sealed is not None
    assert (sealed.count, sealed.queues) == (2, {})


def test_an_event_that_commits_late_is_sealed_all_the_same():
    sealer = Sealer()
    slow, done = threading.Event(), threading.Event()

    def hold_one_open() -> None:
        with transaction.atomic():
            events.record("slow", at=timezone.now(), by=SYSTEM)
            slow.set()
            done.wait(10)
        connections.close_all()

    thread = threading.Thread(target=hold_one_open)
    thread.start()
    slow.wait(10)
    happen(10)
    first = sealer.tick()
    sealer.tick()
    done.set()
    thread.join()
    second = sealer.tick()

    assert first is not None
    assert first.count == 10
    assert second is not None
    assert second.kinds == {"slow"}
    assert audit()[0] == 0


def test_what_a_failed_pass_has_seen_is_sealed_by_the_next():
    queue = make_queue()
    sealer = Sealer()
    sealer.tick()
    happen(queue_id=queue.pk)
    with psycopg.connect(of_session().url(SUPERUSER, connections["default"].settings_dict["NAME"])) as other:
        other.execute("SELECT FROM mentions_queue FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        with pytest.raises(DatabaseError, match="lock timeout"):
            sealer.tick()
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")

    sealed = sealer.tick()
    assert sealed is not None
    assert (sealed.count, sealed.queues) == (1, {queue.pk: 1})


def test_two_sealers_never_seal_an_event_twice():
    happen(40)
    errors = []

    def seal() -> None:
        try:
            Sealer().tick()
        except psycopg.DatabaseError as error:
            errors.append(error)
        connections.close_all()

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Sealer().tick()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT event_id), max(position) FROM mentions_seal")
        assert cursor.fetchone() == (40, 40, 40)


class TestTheApplicationCannot:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE mentions_event SET kind = 'other'",
            "DELETE FROM mentions_event",
            "TRUNCATE mentions_event",
            "UPDATE mentions_seal SET position = position + 1",
            "DELETE FROM mentions_seal",
            "INSERT INTO mentions_event (id, kind, at, origin, actor) VALUES (9, 'forged', now(), 'live', 'system')",
            "INSERT INTO mentions_event (txid, kind, at, origin, actor) VALUES (1, 'forged', now(), 'live', 'system')",
            "ALTER TABLE mentions_event DISABLE TRIGGER ALL",
            "DROP TABLE mentions_seal",
        ],
    )
    def test_change_or_remove_what_happened(self, statement):
        happen(2)
        Sealer().tick()
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_nor_in_a_months_own_table(self):
        happen(1)
        month = f"mentions_event_{timezone.now():%Y_%m}"
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {month}")
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {month} (id, recorded_at, txid, kind, at, origin, actor) "
                "VALUES (9, now(), 1, 'forged', now(), 'live', 'system')"
            )

    @pytest.mark.django_db(transaction=True, databases=["default", "admin"])
    def test_and_the_owners_ordinary_road_is_refused_too(self):
        happen(1)
        with pytest.raises(DatabaseError, match="append-only"), connections["admin"].cursor() as cursor:
            cursor.execute("DELETE FROM mentions_event")
        connections["admin"].close()


class TestTampering:
    @pytest.fixture(autouse=True)
    def chain(self):
        happen(20)
        sealer = Sealer()
        sealer.tick()
        return sealer

    def event_at(self, position: int) -> int:
        return events.after(position - 1, limit=1)[0].id

    def test_an_altered_event_is_named(self):
        target = self.event_at(7)
        as_superuser("UPDATE mentions_event SET data = '{\"n\": 99}' WHERE id = %s", target)
        status, said = audit()
        assert status == 1
        assert f"position 7, event {target}" in said

    def test_a_removed_event_is_named(self):
        target = self.event_at(3)
        as_superuser("DELETE FROM mentions_event WHERE id = %s", target)
        assert f"position 3, event {target}: the event was removed" in audit()[1]

    def test_a_removed_position_is_named(self):
        as_superuser("DELETE FROM mentions_seal WHERE position = 5")
        assert "positions 5 to 5 were removed" in audit()[1]

    def test_two_events_that_changed_places_are_found(self):
        one, other = self.event_at(4), self.event_at(9)
        as_superuser("UPDATE mentions_seal SET event_id = -1 WHERE position = 4")
        as_superuser("UPDATE mentions_seal SET event_id = %s WHERE position = 9", one)
        as_superuser("UPDATE mentions_seal SET event_id = %s WHERE position = 4", other)
        status, said = audit()
        assert status == 1
        assert f"position 4, event {other}" in said

    def test_an_event_put_in_without_a_seal_is_found(self):
        as_superuser(
            "INSERT INTO mentions_event (kind, at, origin, actor, recorded_at, txid) "
            "VALUES ('forged', now(), 'live', 'system', now() - interval '1 minute', 1)"
        )
        assert "has no seal" in audit()[1]

    def test_one_that_takes_the_number_of_another_hides_neither(self):
        target = self.event_at(7)
        as_superuser(
            "INSERT INTO mentions_event (id, kind, at, origin, actor) VALUES (%s, 'forged', now(), 'live', 'system')",
            target,
        )
        assert events.unsealed_for(-1) == 1
        Sealer().tick()
        assert events.unsealed_for(-1) == 0
        status, said = audit()
        assert (status, f"event {target}: two events have this number" in said) == (1, True)

    def test_a_chain_cut_at_its_end_is_found_by_the_anchor(self):
        as_superuser("DELETE FROM mentions_seal WHERE position > 15")
        as_superuser("DELETE FROM mentions_event WHERE id > %s", self.event_at(15))
        status, said = audit()
        assert status == 1
        assert "the anchor knows position 20" in said

    @pytest.mark.parametrize("sealer", [lambda old: old, lambda old: Sealer()], ids=["running", "started anew"])
    @pytest.mark.parametrize("after", [1, 15])
    def test_a_cut_is_not_healed_by_what_happens_after_it(self, chain, sealer, after):
        as_superuser("DELETE FROM mentions_seal WHERE position > 12")
        as_superuser("DELETE FROM mentions_event WHERE id > %s", self.event_at(12))
        happen(after)
        sealer(chain).tick()
        status, said = audit()
        assert status == 1
        assert "first at position 13: positions 13 to 20 were lost" in said
        happen(20)
        sealer(chain).tick()
        assert "first at position 13" in audit()[1], "and the chain that has grown beyond the cut has none of it either"

    def test_a_chain_without_an_anchor_is_not_called_whole(self):
        anchor = Anchor(settings.ANCHOR_FILE)
        anchor.path.unlink()
        anchor.log.unlink()
        status, said = audit()
        assert (status, "nothing anchors the chain" in said) == (1, True)

    def test_of_two_anchors_of_one_place_both_are_held_against_it(self):
        with Anchor(settings.ANCHOR_FILE).log.open("a") as file:
            file.write('{"position": 20, "hash": "00"}\n')
        assert audit()[0] == 1

    @pytest.mark.parametrize(
        ("harm", "told"),
        [
            (
                "UPDATE mentions_edition SET state = '{\"four_eyes\": false}' WHERE number = 2",
                "is not what was set up then",
            ),
            ("DELETE FROM mentions_edition WHERE number = 2", "edition 2 of guard 5 was removed"),
            (
                """INSERT INTO mentions_edition (subject, key, number, at, what, state, digest)
                VALUES ('guard', 5, 3, now(), 'changed', '{}', 'x')""",
                "edition 3 of guard 5 was put in",
            ),
        ],
    )
    def test_what_was_set_up_is_held_against_its_events(self, harm, told):
        with transaction.atomic():
            strict, now = {"four_eyes": True, "within_s": 0.5, "words": ["rate"]}, timezone.now()
            editions.keep("guard", 5, before=strict | {"words": []}, after=strict, what="changed", by=None, now=now)
        Sealer().tick()
        assert audit()[0] == 0
        as_superuser(harm)
        status, said = audit()
        assert (status, told in said) == (1, True)

    def test_a_chain_recomputed_without_the_key_does_not_verify(self):
        as_superuser("DELETE FROM mentions_seal")
        right, settings.SEAL_KEY = settings.SEAL_KEY, "another key"
        try:
            Sealer().tick()
        finally:
            settings.SEAL_KEY = right
        assert audit()[0] == 1


def test_what_stays_unsealed_is_a_fault_after_five_seconds():
    happen(1)
    assert events.unsealed_for(5) == 0
    assert events.unsealed_for(0) == 1
    assert events.unsealed_for(-1) == 1
    Sealer().tick()
    assert events.unsealed_for(-1) == 0


def test_an_anchor_that_cannot_be_read_keeps_nothing_from_being_sealed(settings):
    happen(1)
    Sealer().tick()
    settings.ANCHOR_FILE.write_text('{"posit')
    happen(1)
    Sealer().tick()
    assert events.unsealed_for(-1) == 0


def test_the_anchor_is_readable_by_its_owner_alone(settings):
    happen(1)
    Sealer().tick()
    assert settings.ANCHOR_FILE.stat().st_mode & 0o777 == 0o600
