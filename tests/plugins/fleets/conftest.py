"""A Dask cluster that several test modules use."""

import pytest

from tests.plugins.fleets.clusters import DaskCluster


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
