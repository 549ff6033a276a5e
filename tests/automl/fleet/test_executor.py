"""A search on a fleet sends its table once; a fleet that has nothing to run on is refused, each in its own words."""

import pytest

from automl.errors import OptionError
from tests.conftest import quick
from tests.fleets import FakeCluster, OffersFake, running, until
from tests.tables import binary_table

FEW = {"models": ["linear", "lightgbm"], "max_trials": 3, "cv": 2}


def searched(executor, **options):
    return quick(**{**FEW, "executor": executor, "plugins": [OffersFake()], **options}).fit(binary_table(80), "bought")


def test_a_second_search_on_the_same_table_sends_nothing(tmp_path):
    cluster = FakeCluster("again", tmp_path, "a")
    path = tmp_path / "somewhere"
    path.write_bytes(b"1, 2, 3")
    for search in ("first", "second"):
        (tmp_path / search).mkdir()
        with running("again", tmp_path / search) as executor:
            executor.publish("table", {"columns": path})
            assert until(executor.slots)
        assert cluster["a"].received == cluster.sent == len(b"1, 2, 3")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"python": "3.8.1"}, "3.8.1"),
        ({"versions": {"numpy": "1.0.0"}}, "numpy 1.0.0"),
    ],
)
def test_a_fleet_none_of_whose_machines_fits_is_refused_with_its_reasons(tmp_path, fault, words):
    FakeCluster("unfit", tmp_path, "a", "b", **fault)
    with pytest.raises(OptionError, match=words) as refused:
        searched("fake:unfit")
    assert all(f"  {name}: " in str(refused.value) for name in "ab")


def test_a_cluster_that_has_no_machine_or_no_room_is_told_apart(tmp_path):
    FakeCluster("empty", tmp_path)
    FakeCluster("full", tmp_path, "a", cores=0)
    FakeCluster("closed", tmp_path, "a", refuses="no such door")
    for address, words in (("empty", "has no machines"), ("full", "somebody else's work"), ("closed", "no such door")):
        with pytest.raises(OptionError, match=words):
            searched(f"fake:{address}", time_limit=2)


def test_a_name_that_nobody_offers_is_refused_with_all_that_there_are():
    with pytest.raises(OptionError, match=r"Unknown executor 'fakes:x'.*fake.*process_slots"):
        searched("fakes:x")
