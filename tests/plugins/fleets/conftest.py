"""Clusters that several test modules use."""

import pytest

from tests.plugins.fleets.clusters import DaskCluster, RayCluster, is_open, until


@pytest.fixture(scope="session")
def dask_cluster(tmp_path_factory):
    """A scheduler and two workers of two threads each, on loopback."""
    pytest.importorskip("distributed")
    cluster = DaskCluster(tmp_path_factory.mktemp("dask"))
    try:
        for _ in range(2):
            cluster.worker()
        yield cluster
    finally:
        cluster.close()


@pytest.fixture(scope="session")
def ray_cluster():
    """A head and a node of two processors each, on loopback."""
    pytest.importorskip("ray")
    cluster = RayCluster()
    try:
        until(lambda: is_open(cluster.address))
        cluster.node()
        yield cluster
    finally:
        cluster.close()
