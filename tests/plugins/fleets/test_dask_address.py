"""Dask addresses: what is written, and what is said where there is no cluster."""

import socket

import pytest

pytest.importorskip("distributed")

import dask
from distributed import Client

from automl.plugin_api import OptionError
from automl_builtins.fleets import _dask_address
from automl_builtins.fleets._dask_address import connect, where_of


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(_dask_address, "SECONDS", 1.0)


def test_hosts_and_files_are_told_apart(tmp_path):
    file = tmp_path / "scheduler.json"
    file.write_text("{}")
    assert where_of("tcp://h:8786") == where_of("h:8786") == {"address": "tcp://h:8786"}
    assert where_of("tls://h:8786") == {"address": "tls://h:8786"}
    assert where_of(str(file)) == {"scheduler_file": str(file)}


def test_nothing_written_is_what_dask_is_configured_for(monkeypatch):
    with dask.config.set({"scheduler-address": "tcp://h:1"}):
        assert where_of("") == {"address": "tcp://h:1"}
    with pytest.raises(OptionError, match=r"no cluster in Dask's configuration; expected .* DASK_SCHEDULER_ADDRESS"):
        where_of("")


def test_nothing_written_is_the_cluster_of_the_client_at_hand(dask_cluster):
    with Client(dask_cluster.address):
        assert where_of("")["address"] == dask_cluster.address


@pytest.mark.parametrize("written", ["tcp://host", "tcp://host:port", "nonsense", "tcp://"])
def test_an_address_without_host_and_port_is_refused(written):
    with pytest.raises(OptionError, match="without a host and a port; expected dask:tcp://HOST:8786"):
        where_of(written)


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(OptionError, match=r"no such file; .*--scheduler-file nowhere.json"):
        where_of("nowhere.json")


def test_nobody_there_is_told_in_time():
    with pytest.raises(OptionError, match="nobody answers there within 1 s; expected a Dask scheduler"):
        connect("tcp://127.0.0.1:9")


def test_somebody_else_there_is_told():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        with pytest.raises(OptionError, match="no Dask scheduler that speaks plain TCP with us"):
            connect(f"tcp://127.0.0.1:{port}")


def test_tls_without_a_certificate_is_told(dask_cluster):
    with pytest.raises(OptionError, match=r"agrees on no TLS connection with us .*CA_FILE"):
        connect(dask_cluster.address.replace("tcp", "tls"))
