"""`automl machines`: one line a machine, and what would mend what is wrong with it."""

import json

import pytest
from typer.testing import CliRunner

from automl.cli import app
from automl.cli.machines import NOBODY, remarks_on
from automl.fleet import survey as surveying
from automl.fleet.survey import Surveyed
from automl.registry import discover
from tests.automl.cli.running import run
from tests.fleets import FakeCluster, OffersFake


@pytest.fixture(scope="module")
def registry():
    return discover([OffersFake()])


@pytest.fixture(autouse=True)
def fake(registry, monkeypatch):
    monkeypatch.setattr("automl.registry.discover", lambda: registry)
    monkeypatch.setattr(surveying, "SETTLED_SECONDS", 0.1)


def test_each_machine_has_a_line_with_what_a_search_would_find(tmp_path):
    FakeCluster("good", tmp_path, "a", "b", cores=4)
    lines = run("machines", "fake:good").splitlines()
    assert lines[0].strip() == "2 machines, 8 slots"
    assert [line.split()[:3] for line in lines if "MB/s" in line] == [["a", "4", "0"], ["b", "4", "0"]]
    assert max(len(line.rstrip()) for line in lines) <= 80


def test_as_json_it_is_for_programs(tmp_path):
    FakeCluster("program", tmp_path, "a")
    (machine,) = json.loads(run("machines", "fake:program", "--json"))
    assert (machine["host"], machine["slots"], machine["without"]) == ("a", 1, {})


def test_the_exit_status_tells_whether_a_search_could_begin(tmp_path):
    FakeCluster("none", tmp_path)
    done = CliRunner().invoke(app, ["machines", "fake:none", "--wait", "1"])
    assert done.exit_code == 1
    assert NOBODY in done.stdout


def test_a_full_machine_is_no_place_yet(tmp_path):
    FakeCluster("full", tmp_path, "a", cores=0)
    done = CliRunner().invoke(app, ["machines", "fake:full", "--wait", "1"])
    assert done.exit_code == 1
    assert "a: full of others' work" in done.stdout


def test_what_several_machines_lack_is_told_once_with_the_command_that_brings_it(registry):
    lacking = [Surveyed(host, 2, without={"catboost": "catboost is not installed"}) for host in "ab"]
    odd = Surveyed("c", 2, refused="it runs Python 3.9.1; expected 3.11, as here", without={}, differs=())
    assert list(remarks_on(registry, [*lacking, odd])) == [
        "a, b: without catboost: catboost is not installed; run there: pip install 'ensemble-automl[catboost]'",
        "c: cannot be used: it runs Python 3.9.1; expected 3.11, as here",
    ]


def test_versions_that_differ_are_named(registry):
    machine = Surveyed("a", 1, differs=("numpy 2.1.0, here 2.2.0",))
    assert list(remarks_on(registry, [machine])) == ["a: other versions: numpy 2.1.0, here 2.2.0"]
