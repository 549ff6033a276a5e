"""A Ray cluster that asks for a token: told clearly, and let in with the right one."""

import os

import pytest

pytest.importorskip("ray")

from automl.plugin_api import OptionError
from automl_builtins.fleets.ray import RAY
from tests.plugins.fleets.clusters import SOON, RayCluster, is_open, opened, until, with_room

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
TOKEN = "0123456789abcdef" * 4


def test_a_cluster_with_a_token_lets_in_who_has_it_and_says_so_to_others(monkeypatch):
    settings = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN}
    cluster = RayCluster(**settings)
    try:
        until(lambda: is_open(cluster.address))
        monkeypatch.setenv("RAY_AUTH_MODE", "token")
        monkeypatch.setenv("RAY_AUTH_TOKEN", TOKEN[::-1])
        with pytest.raises(OptionError, match=r"the cluster that answers there does not let us in .*RAY_AUTH_TOKEN"):
            opened(RAY, cluster.address)
        monkeypatch.setenv("RAY_AUTH_TOKEN", TOKEN)
        fleet = opened(RAY, cluster.address)
        (name,) = with_room(fleet, 1, 2 * SOON)
        assert fleet.call(name, os.getpid).result(SOON)
        fleet.close()
    finally:
        cluster.close()
