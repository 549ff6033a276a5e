"""The verbs of fleets, on real workers of each engine."""

import os
import time
from pathlib import Path

import pytest

from tests.plugins.fleets.clusters import SOON, opened, with_room

ENGINES = ["dask", pytest.param("ray", marks=pytest.mark.long)]


@pytest.fixture(scope="module", params=ENGINES)
def fleet(request):
    """Two machines of two places each."""
    cluster = request.getfixturevalue(f"{request.param}_cluster")
    made = opened(cluster.spec(), cluster.address)
    try:
        with_room(made, 2)
        yield made
    finally:
        made.close()


def write(chunk, folder, name):
    path = Path(folder) / f"{name}-{os.getpid()}"
    path.write_bytes(chunk)
    return os.getpid()


def read(folder, name):
    return (Path(folder) / f"{name}-{os.getpid()}").read_bytes()


def test_a_call_runs_in_the_process_of_the_machine_which_stays_the_same(fleet):
    first, second = ([fleet.call(name, os.getpid).result(SOON) for _ in range(2)] for name in fleet.machines())
    assert first[0] == first[1] != second[0] == second[1] != os.getpid()


def test_what_a_call_raises_is_in_its_future(fleet):
    with pytest.raises(ValueError, match="invalid literal"):
        fleet.call(next(iter(fleet.machines())), int, "x").result(SOON)


def test_short_calls_are_not_held_up_by_long_ones_however_many(fleet):
    machine = next(iter(fleet.machines()))
    long = [fleet.call(machine, time.sleep, 8.0) for _ in range(20)]
    assert fleet.call(machine, os.getpid).result(SOON)
    assert not any(each.done() for each in long)


def test_big_arguments_and_results_come_over(fleet):
    data = os.urandom(20_000_000)
    assert fleet.call(next(iter(fleet.machines())), bytes, data).result(SOON) == data


def test_a_chunk_leaves_this_process_once_and_reaches_every_machine(fleet, tmp_path):
    data, made = os.urandom(1_000_000), []
    bring = fleet.spread(lambda: made.append(1) or data, write, read, str(tmp_path), "chunk")
    written = [bring(name).result(SOON) for name in fleet.machines()]
    assert len(made) == 1
    assert [(tmp_path / f"chunk-{process}").read_bytes() == data for process in written] == [True] * 2


def test_a_chunk_that_its_holder_has_lost_comes_from_here_again(fleet, tmp_path):
    made = []
    bring = fleet.spread(lambda: made.append(1) or b"data", write, read, str(tmp_path), "lost")
    first, second = fleet.machines()
    (tmp_path / f"lost-{bring(first).result(SOON)}").unlink()
    bring(second).result(SOON)
    assert len(made) == 2


def test_what_writing_a_chunk_raises_is_in_its_future(fleet, tmp_path):
    bring = fleet.spread(lambda: b"data", write, read, str(tmp_path / "missing"), "chunk")
    with pytest.raises(FileNotFoundError):
        bring(next(iter(fleet.machines()))).result(SOON)


def test_a_machine_that_is_not_there_fails_its_calls(fleet):
    with pytest.raises(ConnectionError, match="nobody is gone"):
        fleet.call("nobody", os.getpid).result(SOON)
