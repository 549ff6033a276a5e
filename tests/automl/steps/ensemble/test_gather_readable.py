"""Members that cannot be loaded are left out, and the ensemble is built from the others."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from automl.errors import SearchError
from automl.fitted.member import FittedMember
from automl.plugin_api.local_work import fetch_locally
from automl.steps.ensemble.gather_readable import gather_readable, unreadable
from automl.steps.ensemble.limit_prediction_time import Limited
from automl.vocabulary.candidate import Candidate, Preparation
from automl.vocabulary.refs import Ref
from automl.vocabulary.results import CandidateResult, FoldResult


def result(folder, number, *, broken=False):
    candidate = Candidate("linear", {"number": number}, Preparation(()))
    path = folder / candidate.id
    member = pickle.dumps(FittedMember(SimpleNamespace(row_wise=False), f"learner {number}"))
    path.write_bytes(member[:-5] if broken else member)
    fold = FoldResult(candidate.id, 0, np.zeros((1, 1)), 1, 1, 1, Ref(path.name, str(path)))
    return CandidateResult(candidate, (fold,), 0.1, -0.1, (0.1,), "complete", number)


def evenly(positions):
    """Return an ensemble that weights these alike."""
    return SimpleNamespace(weights=np.ones(len(positions)) / len(positions), positions=tuple(positions))


def limited(n_results):
    return Limited(tuple(range(n_results)), evenly(range(n_results)))


def test_where_all_can_be_loaded_nothing_is_built_anew(tmp_path):
    given = limited(2)
    found, members = gather_readable(
        [result(tmp_path, 0), result(tmp_path, 1)], given, lambda kept: pytest.fail(kept), fetch_locally
    )
    assert found is given
    assert [member.folds[0].learner for member in members] == ["learner 0", "learner 1"]


def test_a_broken_member_is_left_out_and_named_among_the_failures(tmp_path):
    results = [result(tmp_path, 0), result(tmp_path, 1, broken=True), result(tmp_path, 2)]
    found, members = gather_readable(results, limited(3), evenly, fetch_locally)
    assert found.kept == found.ensemble.positions == (0, 2)
    assert [member.params["number"] for member in members] == [0, 2]
    (failure,) = found.failures
    assert (failure.stage, failure.candidate_id, failure.fold) == ("load", results[1].candidate.id, 0)
    assert "cannot be loaded again" in failure.cause


def test_where_none_can_be_loaded_the_search_says_why(tmp_path):
    with pytest.raises(SearchError, match="No fitted model can be loaded again"):
        gather_readable([result(tmp_path, 0, broken=True)], limited(1), evenly, fetch_locally)


def test_a_readable_candidate_has_no_failure(tmp_path):
    assert unreadable(result(tmp_path, 0), fetch_locally) is None
    assert unreadable(result(tmp_path, 1, broken=True), fetch_locally).params == {"number": 1}
