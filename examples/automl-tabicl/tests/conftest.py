"""Weights that the tests make themselves: nothing is fetched."""

import shutil

import pytest
from tiny_weights import WEIGHTS, write_weights


@pytest.fixture(scope="session")
def weights():
    """Return a folder with tiny checkpoints."""
    pytest.importorskip("tabicl", reason="the package tabicl is not installed")
    write_weights(WEIGHTS)
    yield WEIGHTS
    shutil.rmtree(WEIGHTS, ignore_errors=True)
