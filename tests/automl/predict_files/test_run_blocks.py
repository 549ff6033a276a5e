"""Run blocks: in the order of rows, whatever workers and machines do; one that dies costs its block a second run."""

import os
import signal
import threading
from pathlib import Path

import pytest

from automl.errors import InputError
from automl.machine.watch_memory import MemoryWatch
from automl.plugin_api import ExecutorRequest
from automl.predict_files import run_blocks
from automl.predict_files.nouns import Block, Failed, Predicted, Seen
from automl.predict_files.read_ahead import ReadAhead
from automl.predict_files.run_blocks import BlockRunner, Means
from automl.registry import discover
from tests.fleets import FakeCluster, running, until


def blocks(count):
    """Give blocks of ten rows."""
    for number in range(count):
        yield Block(10 * number, 10, b"%d" % number)


def answer(place, folder, block):
    """Return what was given; die where the folder has a file of the block's number, which says how often."""
    deaths = Path(folder) / block.data.decode()
    left = int(deaths.read_text()) if deaths.exists() else 0
    if left:
        deaths.write_text(str(left - 1))
        os.kill(os.getpid(), signal.SIGKILL)
    if (Path(folder) / f"fails {block.data.decode()}").exists():
        return Failed(InputError(f"{block.place} are broken"))
    return Predicted(block.n_rows, block.data, Seen())


@pytest.fixture(scope="module")
def executor(tmp_path_factory):
    """Two process slots, which the tests share."""
    made = discover().executors["process_slots"].build(ExecutorRequest(2, 1, folder=tmp_path_factory.mktemp("work")))
    made.start()
    yield made
    made.close()


def run(executor, folder, count=7):
    """Return what blocks came to, in the order in which it came, and how many slots are still used."""
    runner = BlockRunner(Means(executor, (answer, str(folder)), predict_here, MemoryWatch(1e9)))
    with ReadAhead(blocks(count), 2) as ahead:
        return [int(each.data) for each in runner.run(ahead)], runner.n_slots


def predict_here(block):
    """Return what tells that this process has answered."""
    return Predicted(block.n_rows, block.data + b"000", Seen())


def answer_unless_on(place, folders, block):
    """Return what was given, but on machines with such folders."""
    if any(folder in place.folder.parents for folder in folders):
        return Failed(InputError(f"{block.place}: no network here"))
    return Predicted(block.n_rows, block.data, Seen())


@pytest.mark.parametrize("dying", [(), (0,), (3,), (5, 6)])
def test_blocks_come_in_their_order_though_workers_die(dying, executor, tmp_path):
    for number in dying:
        (tmp_path / str(number)).write_text("1")
    found, n_slots = run(executor, tmp_path)
    assert found == list(range(7))
    assert n_slots == (1 if dying else 2)


def test_a_block_that_ends_its_worker_again_is_named(executor, tmp_path):
    (tmp_path / "4").write_text("9")
    with pytest.raises(InputError, match=r"Rows 41 to 50 could not be predicted: .* ended 2 times"):
        run(executor, tmp_path)


def test_what_a_block_raised_is_raised_at_its_turn(executor, tmp_path):
    (tmp_path / "fails 2").touch()
    with pytest.raises(InputError, match="rows 21 to 30 are broken"):
        run(executor, tmp_path)


def test_no_block_is_no_answer(executor, tmp_path):
    assert run(executor, tmp_path, count=0) == ([], 2)


def test_blocks_that_are_held_take_no_more_than_there_is(executor, tmp_path):
    means = Means(executor, (answer, str(tmp_path)), predict_here, MemoryWatch(1e9), most_bytes=1)
    runner = BlockRunner(means)
    with ReadAhead(blocks(5), 2) as ahead:
        for number, each in enumerate(runner.run(ahead)):
            assert int(each.data) == number
            assert len(runner._order) <= 1


def test_what_cannot_be_sent_is_predicted_here(executor):
    runner = BlockRunner(Means(executor, (answer, threading.Lock()), predict_here, MemoryWatch(1e9)))
    with ReadAhead(blocks(5), 2) as ahead:
        assert [int(each.data) // 1000 for each in runner.run(ahead)] == list(range(5))
    assert "cannot be sent to others: PicklingError" in runner.told[0]


def test_a_machine_where_blocks_fail_is_left_out_and_one_that_is_lost_gives_its_blocks_back(tmp_path, monkeypatch):
    monkeypatch.setattr(run_blocks, "ALONE_SECONDS", 0.5)
    cluster = FakeCluster("blocks", tmp_path, "broken", "well")
    with running("blocks", tmp_path, most_slots=2) as executor:
        assert until(lambda: len(executor.slots()) == 2)
        runner = BlockRunner(
            Means(executor, (answer_unless_on, [cluster["broken"].folder]), predict_here, MemoryWatch(1e9))
        )
        with ReadAhead(blocks(40), 2) as ahead:
            found = []
            for each in runner.run(ahead):
                found.append(int(each.data))
                if len(found) == 10:
                    threading.Thread(target=cluster.lose, args=["well"]).start()
    assert len(runner.told) == 1
    assert "the machine broken was left out" in runner.told[0]
    assert "no network here" in runner.told[0]
    assert [each if each < 1000 or not each else each // 1000 for each in found] == list(range(40))
    assert max(found) >= 1000
