"""The Dask fleet: whose workers are ours, and for how long."""

import os
import time

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


def test_machines_are_named_with_their_places_and_memory(fleet):
    found = with_room(fleet, 2)
    assert [(each.host, each.cores, round(each.memory_mb)) for each in found.values()] == [("127.0.0.1", 2, 1907)] * 2
    assert all(name == each.name for name, each in found.items())


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
        assert time.monotonic() - begun < 15
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
