"""Run blocks: in the order of rows, whatever workers do; one that dies costs its block a second run."""

import os
import signal
from pathlib import Path

import pytest

from automl.errors import InputError
from automl.machine.watch_memory import MemoryWatch
from automl.plugin_api import ExecutorRequest
from automl.predict_files.nouns import Block, Failed, Predicted, Seen
from automl.predict_files.read_ahead import ReadAhead
from automl.predict_files.run_blocks import BlockRunner
from automl.registry import discover


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
    runner = BlockRunner(executor, executor.slots(), (answer, str(folder)), MemoryWatch(1e9))
    with ReadAhead(blocks(count), 2) as ahead:
        return [int(each.data) for each in runner.run(ahead)], runner.n_slots


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
