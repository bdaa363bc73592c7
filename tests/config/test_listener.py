"""One listener leads, another stands by, and a failing loop holds up nobody."""

import threading
from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.utils.module_loading import import_string

from config import listener, schedule
from config.listener import HEARTBEAT_KEY, Lead, Leadership, Runner
from config.loops import LOOPS, Loop

pytestmark = pytest.mark.django_db(transaction=True)

ticks: list[str] = []
moved = threading.Condition()


def good() -> bool:
    with moved:
        ticks.append("good")
        moved.notify_all()
    return False


def bad() -> bool:
    with moved:
        ticks.append("bad")
        moved.notify_all()
    raise RuntimeError("not today")


class Counting:
    """A loop with state: more is waiting until it has counted to five."""

    def __init__(self) -> None:
        self.count = 0

    def tick(self) -> bool:
        self.count += 1
        with moved:
            ticks.append(f"count {self.count}")
            moved.notify_all()
        return self.count < 5


@contextmanager
def running(*names: str, every: float = 0.01):
    """The named functions of this module as loops of a listener that leads."""
    ticks.clear()
    lead, ending = Lead(), threading.Event()
    lead.take()
    runners = [Runner(Loop(name, f"{__name__}.{name}", every=every), lead, ending) for name in names]
    for runner in runners:
        runner.start()
    yield runners, lead
    ending.set()


def wait_for(happened) -> None:
    with moved:
        assert moved.wait_for(happened, timeout=5), ticks


def test_every_loop_and_job_of_the_lists_can_be_called():
    assert len({loop.name for loop in LOOPS}) == len(LOOPS)
    for loop in LOOPS:
        assert callable(listener.tick_of(loop)), loop.name
    for job in schedule.JOBS:
        assert callable(import_string(job.run)), job.name


def test_only_one_leads_and_the_next_takes_over():
    first, second = Leadership(), Leadership()
    assert first.hold()
    assert first.hold()
    assert not second.hold()
    first.release()
    assert second.hold()
    assert not first.hold()
    second.release()


def test_a_leader_whose_connection_broke_says_so_and_can_lead_again():
    leader = Leadership()
    assert leader.hold()
    leader._connection.connection.close()
    assert not leader.hold()
    assert leader.hold()
    leader.release()


def test_a_failing_loop_is_tried_again_and_holds_up_nobody():
    with running("good", "bad") as (runners, _):
        wait_for(lambda: ticks.count("bad") >= 2 and ticks.count("good") > 20)
        assert runners[1].failures >= 1


def test_a_loop_with_more_waiting_is_called_again_at_once():
    with running("Counting", every=60):
        wait_for(lambda: "count 5" in ticks)
    assert ticks == [f"count {number}" for number in range(1, 6)]


def test_state_is_made_anew_when_the_lead_is_taken_again():
    with running("Counting") as (_, lead):
        wait_for(lambda: "count 6" in ticks)
        lead.lose()
        lead.take()
        wait_for(lambda: ticks.count("count 1") == 2)


def test_the_heartbeat_tells_how_each_loop_fares():
    with running("good") as (runners, _):
        wait_for(lambda: "good" in ticks)
        listener._beat(runners)
    beat = cache.get(HEARTBEAT_KEY)
    assert beat["loops"]["good"]["failures"] == 0


def test_the_schedule_in_the_database_is_the_list():
    schedule.sync()
    schedule.sync()
    assert {(s.name, s.minutes) for s in schedule.Schedule.objects.all()} == {
        (job.name, job.every_minutes) for job in schedule.JOBS
    }
    schedule.make_partitions()
