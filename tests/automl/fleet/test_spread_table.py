"""A table goes over this machine's link once, however many hosts take it in, and none holds the others up for long."""

import threading
import time

import pytest

from automl.fleet import spread_table as module
from automl.fleet import table_store
from automl.fleet.spread_table import Goes, Load, spread_table
from automl.fleet.table_store import describe_table
from automl.plugin_api import FleetRequest
from tests.fleets import FAKE, FakeCluster

PART = 1000


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    for each in (module, table_store):
        monkeypatch.setattr(each, "PART_BYTES", PART)


def load_of(folder, **files):
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    paths = {name: folder / name for name in files}
    return Load(describe_table("table", paths), paths)


def opened(address):
    fleet = FAKE.build(FleetRequest(address))
    fleet.open()
    return fleet


def spread(fleet, load, *machines, **more):
    """Return what went wrong with each, in the order in which they were done."""
    ended = {}
    spread_table(fleet, load, Goes({name: name for name in machines}, ended.__setitem__, **more))
    return ended


def test_each_part_leaves_this_machine_once(tmp_path):
    cluster = FakeCluster("spread", tmp_path, *"abcd")
    load = load_of(tmp_path / "here", first=bytes(10 * PART), second=b"x" * (3 * PART + 7), empty=b"")
    assert spread(opened("spread"), load, *"abcd") == dict.fromkeys("abcd")
    assert cluster.sent == load.table.size
    assert all(cluster[name].received == load.table.size for name in "abcd")


def test_who_comes_later_has_it_from_those_that_have_it(tmp_path):
    cluster = FakeCluster("later", tmp_path, *"ab")
    load = load_of(tmp_path / "here", only=bytes(5 * PART))
    fleet = opened("later")
    spread(fleet, load, "a")
    spread(fleet, load, "b")
    assert cluster.sent == 5 * PART
    assert spread(fleet, load, "a", "b") == {"a": None, "b": None}
    assert cluster["b"].received == 5 * PART


def test_a_slow_host_does_not_hold_the_others_up(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SLOW_SECONDS", 0.3)
    cluster = FakeCluster("slow", tmp_path, *"ab")
    cluster["a"].bytes_a_second = 2_000.0
    load = load_of(tmp_path / "here", only=bytes(8 * PART))
    ended, when = {}, {}

    def note(name, error):
        ended[name], when[name] = error, time.monotonic()

    spread_table(opened("slow"), load, Goes({"a": "a", "b": "b"}, note))
    assert ended == {"a": None, "b": None}
    assert when["b"] < when["a"]
    assert cluster.sent <= 2 * 8 * PART


def test_a_full_disk_and_a_lost_machine_are_told_and_cost_the_others_nothing(tmp_path):
    cluster = FakeCluster("faults", tmp_path, *"abc")
    cluster["a"].full_disk = True
    cluster["b"].speaks.clear()
    load = load_of(tmp_path / "here", only=bytes(3 * PART))
    lost = threading.Event()
    threading.Timer(1.0, lost.set).start()
    ended = spread(opened("faults"), load, *"abc", is_lost=lambda name: name == "b" and lost.is_set())
    cluster["b"].speaks.set()
    assert ended["c"] is None
    assert isinstance(ended["a"], OSError)
    assert isinstance(ended["b"], ConnectionError)
