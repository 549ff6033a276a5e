"""Ray addresses: what is written, and what is said where there is no cluster; Ray itself is not needed for that."""

import socket

import pytest

from automl.plugin_api import OptionError
from automl_builtins.fleets import _ray_address
from automl_builtins.fleets._ray_address import address_of
from tests.plugins.fleets.clusters import LOOPBACK


@pytest.fixture
def head():
    with socket.socket() as listening:
        listening.bind((LOOPBACK, 0))
        listening.listen()
        yield f"{LOOPBACK}:{listening.getsockname()[1]}"


def test_an_address_is_taken_where_somebody_answers(head):
    assert address_of(head) == head


def test_nothing_written_is_the_environment_or_the_cluster_of_this_machine(head, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", head)
    assert address_of("") == head
    monkeypatch.delenv("RAY_ADDRESS")
    assert address_of("") == "auto"


def test_ray_client_is_refused_with_what_to_do_instead():
    with pytest.raises(OptionError, match=r"do not survive a short loss of the network; .*ray job submit"):
        address_of("ray://host:10001")


@pytest.mark.parametrize("written", ["host", "host:", ":6379", "host:port"])
def test_an_address_without_host_and_port_is_refused(written):
    with pytest.raises(OptionError, match="without a host and a port; expected ray:HOST:6379"):
        address_of(written)


def test_nobody_there_is_told_in_time(monkeypatch):
    monkeypatch.setattr(_ray_address, "SECONDS", 1.0)
    with pytest.raises(OptionError, match=r"nobody answers there .*expected the head of a Ray cluster"):
        address_of(f"{LOOPBACK}:9")
