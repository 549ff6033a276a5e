"""The Dask fleet, verb by verb, on real workers."""

import os
import time
from concurrent.futures import wait
from pathlib import Path

import pytest

pytest.importorskip("distributed")

from automl_builtins.fleets.dask import DASK
from tests.plugins.fleets.clusters import SOON, DaskCluster, kill, opened, until, with_room


@pytest.fixture(scope="module")
def fleet(dask_cluster):
    made = opened(DASK, dask_cluster.address)
    with_room(made, 2)
    yield made
    made.close()


def write(chunk, folder, name):
    path = Path(folder) / f"{name}-{os.getpid()}"
    path.write_bytes(chunk)
    return os.getpid()


def read(folder, name):
    return (Path(folder) / f"{name}-{os.getpid()}").read_bytes()


def test_machines_are_named_with_their_places_and_memory(fleet):
    found = with_room(fleet, 2)
    assert [(each.host, each.cores, round(each.memory_mb)) for each in found.values()] == [("127.0.0.1", 2, 1907)] * 2
    assert all(name == each.name for name, each in found.items())


def test_a_call_runs_in_the_process_of_the_machine_which_stays_the_same(fleet):
    first, second = ([fleet.call(name, os.getpid).result(SOON) for _ in range(2)] for name in fleet.machines())
    assert first[0] == first[1] != second[0] == second[1] != os.getpid()


def test_what_a_call_raises_is_in_its_future(fleet):
    with pytest.raises(ValueError, match="invalid literal"):
        fleet.call(next(iter(fleet.machines())), int, "x").result(SOON)


def test_short_calls_are_not_held_up_by_long_ones_however_many(fleet):
    machine = next(iter(fleet.machines()))
    long = [fleet.call(machine, time.sleep, 2.0) for _ in range(20)]
    assert fleet.call(machine, os.getpid).result(SOON)
    assert not any(each.done() for each in long)
    wait(long, SOON)


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


def test_no_more_places_are_taken_than_are_wanted(dask_cluster, fleet):
    waiting = opened(DASK, dask_cluster.address, most_slots=3)  # all places are taken by the other fleet
    assert [each.cores for each in waiting.machines().values()] == [0, 0]
    waiting.close()


def test_machines_come_and_go_and_take_their_futures_with_them(tmp_path):
    cluster = DaskCluster(tmp_path)
    try:
        fleet = opened(DASK, cluster.address, most_slots=3)
        assert fleet.machines() == {}
        first = cluster.worker()
        with_room(fleet, 1)
        cluster.worker()
        assert sorted(each.cores for each in with_room(fleet, 2).values()) == [1, 2]
        lost = next(name for name in fleet.machines() if fleet.call(name, os.getpid).result(SOON) == first.pid)
        future = fleet.call(lost, time.sleep, 60)
        kill(first)
        begun = time.monotonic()
        with pytest.raises(ConnectionError):
            future.result(SOON)
        assert time.monotonic() - begun < 5
        until(lambda: lost not in fleet.machines())
        until(lambda: [each.cores for each in fleet.machines().values()] == [2])
        fleet.close()
    finally:
        cluster.close()


def test_places_are_free_again_after_the_end(dask_cluster, fleet):
    from distributed import Client

    fleet.close()
    with Client(dask_cluster.address, set_as_default=False) as client:
        assert client.submit(os.getpid, pure=False).result(SOON)
