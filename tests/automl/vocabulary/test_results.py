"""The result of a candidate adds up what its folds took."""

import numpy as np

from automl.vocabulary.candidate import Candidate, Preparation
from automl.vocabulary.results import CandidateResult, FoldResult

CANDIDATE = Candidate("linear", {}, Preparation(()))


def fold(number, seconds):
    return FoldResult(CANDIDATE.id, number, np.zeros((2, 1), np.float32), seconds, 9.0, 9.0)


def test_its_seconds_are_those_of_the_folds_by_the_clock():
    folds = (fold(0, 1.5), fold(1, 0.25))
    assert CandidateResult(CANDIDATE, folds, 0.1, 0.1, (0.1, 0.1), "complete", 0).seconds == 1.75
    assert CandidateResult(CANDIDATE, (), 0.1, 0.1, (), "dropped", 0).seconds == 0
