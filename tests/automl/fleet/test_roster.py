"""Machines come and go: what is lost with one is told at once, and who comes is greeted and used."""

import time
from pathlib import Path

import pytest

from automl.fleet import roster
from automl.fleet.table_store import FOLDER
from automl.plugin_api import WorkerEndedError
from automl.vocabulary.states import Stage
from tests.fleets import FakeCluster, running, until

PATIENCE = 60


def sleep(place, seconds):
    time.sleep(seconds)
    return seconds


def content(place, published, name):
    return place.files(published)[name].read_bytes()


def put(place, name, data):
    return place.put(name, data)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    """Look ten times as often, and call silent what has not answered for a second or two."""
    monkeypatch.setattr(roster, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(roster, "SILENT_SECONDS", 2.0)


def slots_of(executor, *hosts):
    return tuple(slot for slot in executor.slots() if slot.host in hosts)


def expect_lost(call, name):
    error = call.future.exception(PATIENCE)
    assert isinstance(error, WorkerEndedError)
    assert error.stage == Stage.MACHINE
    assert name in error.cause


def test_a_machine_that_is_gone_fails_its_calls_and_no_others(tmp_path):
    cluster = FakeCluster("gone", tmp_path, "a", "b")
    with running("gone", tmp_path) as executor:
        assert until(lambda: len(executor.slots()) == 2)
        (first,), (second,) = slots_of(executor, "a"), slots_of(executor, "b")
        fetched = executor.submit(first, put, "fetched", b"some").future.result(PATIENCE)
        assert until(lambda: executor.seconds_to_fetch([fetched]) == 0)
        cluster["a"].holds.add("fetch")
        lost = executor.submit(first, put, "lost", b"more").future.result(PATIENCE)
        doomed, other = executor.submit(first, sleep, 60.0), executor.submit(second, sleep, 1.0)
        begun = time.monotonic()
        cluster.lose("a")
        expect_lost(doomed, "a")
        assert time.monotonic() - begun < 10.0
        assert other.future.result(PATIENCE) == 1.0
        assert executor.slots() == (second,)
        expect_lost(executor.submit(first, sleep, 0.0), "a")
        assert executor.fetch(fetched) == b"some"
        with pytest.raises(OSError, match="lost with the machine"):
            executor.fetch(lost)
        assert any("the machine a was lost" in note for note in executor.notes())


def test_a_machine_that_is_silent_is_lost_and_comes_back_with_its_table_and_new_numbers(tmp_path):
    cluster = FakeCluster("silent", tmp_path, "a", "b")
    path = tmp_path / "somewhere"
    path.write_bytes(b"1, 2, 3")
    with running("silent", tmp_path) as executor:
        table = executor.publish("table", {"columns": path})
        assert until(lambda: len(executor.slots()) == 2)
        (before,) = slots_of(executor, "a")
        assert cluster["a"].received == len(b"1, 2, 3")
        doomed = executor.submit(before, sleep, 60.0)
        cluster["a"].speaks.clear()
        expect_lost(doomed, "silent")
        assert slots_of(executor, "a") == ()
        cluster["a"].speaks.set()
        assert until(lambda: slots_of(executor, "a"))
        (now,) = slots_of(executor, "a")
        assert now.number != before.number
        assert executor.submit(now, content, table, "columns").future.result(PATIENCE) == b"1, 2, 3"
        assert cluster["a"].received == len(b"1, 2, 3")


def test_a_machine_that_comes_later_is_greeted_given_the_table_and_used(tmp_path):
    cluster = FakeCluster("late", tmp_path, "a", "b", cores=2)
    cluster["b"].comes_after = 2.0
    path = tmp_path / "somewhere"
    path.write_bytes(b"x" * 1000)
    with running("late", tmp_path, most_slots=3) as executor:
        assert {slot.host for slot in executor.slots()} == {"a"}
        table = executor.publish("table", {"columns": path})
        assert until(lambda: slots_of(executor, "b"))
        (slot,) = slots_of(executor, "b")
        assert executor.submit(slot, content, table, "columns").future.result(PATIENCE) == b"x" * 1000
        assert len({each.number for each in executor.slots()}) == 3


@pytest.mark.long
def test_a_full_disk_leaves_its_machine_out_and_says_so(tmp_path):
    cluster = FakeCluster("disk", tmp_path, "a", "b")
    cluster["a"].full_disk = True
    path = tmp_path / "somewhere"
    path.write_bytes(b"x" * 1000)
    with running("disk", tmp_path) as executor:
        assert until(lambda: len(executor.slots()) == 2)
        executor.publish("table", {"columns": path})
        assert until(lambda: [slot.host for slot in executor.slots()] == ["b"] and not executor.joining())
        assert any("a was left out" in note and "No space left" in note for note in executor.notes())
        time.sleep(0.5)
        assert [slot.host for slot in executor.slots()] == ["b"]


def test_a_library_that_is_missing_keeps_its_models_away_from_a_machine(tmp_path):
    cluster = FakeCluster("lacks", tmp_path, "a", "b")
    cluster["a"].lacks = ("lightgbm",)
    with running("lacks", tmp_path) as executor:
        assert until(lambda: len(executor.slots()) == 2)
        (lacks,), (has,) = slots_of(executor, "a"), slots_of(executor, "b")
        assert "lightgbm" in lacks.without
        assert "lightgbm" not in has.without
        assert any("lightgbm did not run on the machine a" in note for note in executor.notes())


@pytest.mark.long
def test_machines_that_nobody_can_name_any_more_go_on_as_long_as_they_answer(tmp_path):
    cluster = FakeCluster("headless", tmp_path, "a")
    with running("headless", tmp_path) as executor:
        call = executor.submit(executor.slots()[0], sleep, 3.0)
        cluster.headless = "no scheduler"
        assert call.future.result(PATIENCE) == 3.0
        assert any("no scheduler" in note for note in executor.notes())
        assert len(executor.slots()) == 1


@pytest.mark.long
def test_an_agent_that_ends_is_brought_up_again_and_left_out_when_it_ends_every_time(tmp_path):
    cluster = FakeCluster("ends", tmp_path, "a")
    with running("ends", tmp_path) as executor:
        for _ in range(roster.MOST_RETURNS + 1):
            assert until(lambda: executor.slots())
            call = executor.submit(executor.slots()[0], sleep, 60.0)
            cluster.agents()[-1].kill()
            expect_lost(call, "a")
        time.sleep(1.0)
        assert executor.slots() == ()
        assert any("left out" in note for note in executor.notes())


def test_all_agents_end_and_their_folders_are_gone_when_the_executor_closes(tmp_path):
    cluster = FakeCluster("closing", tmp_path, "a", "b")
    with running("closing", tmp_path) as executor:
        assert until(lambda: len(executor.slots()) == 2)
        executor.submit(executor.slots()[0], sleep, 60.0)
        agents = cluster.agents()
        assert len(agents) == 2
        begun = time.monotonic()
    assert time.monotonic() - begun < 10.0
    assert until(lambda: all(agent.poll() is not None for agent in agents), 10.0)
    assert not [path for path in Path(tmp_path).glob("*/automl-*") if not path.name.startswith(FOLDER)]
