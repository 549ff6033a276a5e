"""A simulated search keeps its slots busy, and accounts for all of their time."""

import json

import pytest


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend("benchmarks")
        from simulate_machines import RECORDED, simulate  # scripts import each other as such

        recorded = [json.loads(line) for line in RECORDED.read_text().splitlines()]
        return simulate(recorded, 8_000, 16, 10.0)


def test_slots_are_busy_mostly_with_what_counts(found):
    shares = found["shares"]
    assert shares["useful"] > 0.4
    assert shares["idle"] < 0.1
    assert sum(shares.values()) == pytest.approx(1.0)


def test_candidates_are_completed_and_dropped_as_in_a_search(found):
    assert found["counts"]["complete"] > 5
    assert found["counts"]["dropped"] > 5
    assert found["jobs"] > 60
