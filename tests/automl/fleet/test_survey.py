"""Survey: what machines are and lack is said before any search, and the cluster is let go."""

import pytest

from automl.errors import OptionError
from automl.fleet import survey as surveying
from automl.fleet.survey import survey
from automl.registry import discover
from tests.fleets import FakeCluster, OffersFake


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(surveying, "SETTLED_SECONDS", 0.1)
    monkeypatch.setattr(surveying, "ANSWER_SECONDS", 5.0)


@pytest.fixture(scope="module")
def registry():
    return discover([OffersFake()])


def test_machines_are_told_as_a_search_would_use_them(registry, tmp_path):
    cluster = FakeCluster("survey", tmp_path, "a", "b", cores=3)
    first, second = survey(registry, "fake:survey", 5.0)
    assert (first.host, first.slots, second.host, first.gpus) == ("a", 3, "b", 0)
    assert 0 < first.memory_mb <= 2000.0
    assert 0.05 < first.speed < 20
    assert min(first.bandwidth, first.disk_mb) > 0
    assert (first.refused, dict(first.without), first.differs) == ("", {}, ())
    assert not cluster.is_open


def test_the_link_to_a_machine_is_measured(registry, tmp_path):
    FakeCluster("slow", tmp_path, "a", bytes_a_second=8_000_000)
    (machine,) = survey(registry, "fake:slow", 5.0)
    assert machine.bandwidth == pytest.approx(8.0, rel=0.5)


def test_what_a_machine_lacks_and_why_it_is_left_out_is_told(registry, tmp_path):
    cluster = FakeCluster("lacking", tmp_path, "a", "b")
    cluster["a"].lacks, cluster["b"].python = ("lightgbm",), "3.9.1"
    first, second = survey(registry, "fake:lacking", 5.0)
    assert first.without["lightgbm"] == "lightgbm is not installed"
    assert "runs Python 3.9.1" in second.refused


def test_a_machine_that_does_not_answer_holds_up_nobody(registry, tmp_path, monkeypatch):
    monkeypatch.setattr(surveying, "ANSWER_SECONDS", 1.0)
    cluster = FakeCluster("silent", tmp_path, "a", "b")
    cluster["a"].speaks.clear()
    first, second = survey(registry, "fake:silent", 5.0)
    cluster["a"].speaks.set()
    assert (first.refused, second.refused) == ("it does not answer", "")


def test_nobody_there_is_an_empty_answer_after_the_wait(registry, tmp_path):
    FakeCluster("empty", tmp_path)
    assert survey(registry, "fake:empty", 0.3) == ()


def test_a_cluster_that_cannot_be_reached_is_refused(registry, tmp_path):
    FakeCluster("closed", tmp_path, refuses="nobody answers there")
    with pytest.raises(OptionError, match="nobody answers"):
        survey(registry, "fake:closed", 1.0)
    with pytest.raises(OptionError, match="Unknown executor 'fakke:closed'"):
        survey(registry, "fakke:closed", 1.0)
