"""Plots of a search: candidates, their scores over time, and weights."""

import pytest

from automl.reporting.plot_search import plot_weights
from tests.automl.reporting.drawing import drawn

NAMES = ("plot_leaderboard", "plot_score_over_time", "plot_weights")


@pytest.mark.parametrize("name", NAMES)
def test_a_fit_of_each_kind_is_drawn(classifier, regressor, name):
    assert drawn(getattr(classifier, name)()).count("<path") > 3
    assert drawn(getattr(regressor, name)()).count("<path") > 3


def test_members_alone_have_weights(classifier):
    board = classifier.leaderboard()
    shown = drawn(plot_weights(board[board["weight"] > 0]))
    assert drawn(plot_weights(board)).count("<path") == shown.count("<path")
