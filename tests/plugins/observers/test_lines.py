"""Progress as plain lines: one for each thing that a reader of a log wants to know."""

import io

import pytest

from automl.plugin_api import Stage
from automl_builtins.observers._lines import LineDisplay
from tests.plugins.observers.events import END, failed, finished, fold_finished, started


def written(*events, detailed=False):
    stream = io.StringIO()
    display = LineDisplay(started(), stream, detailed=detailed)
    for event in events:
        display.take(event)
    display.close()
    return stream.getvalue().splitlines()


def test_the_first_line_says_what_is_searched():
    (line,) = written()
    assert "binary 'ill', 200 x 3, 5 stratified folds" in line


def test_each_candidate_and_the_end_have_a_line():
    lines = written(finished("linear"), finished("lightgbm"), END)
    assert len(lines) == 4
    assert "linear" in lines[1]
    assert "lightgbm" in lines[2]


@pytest.mark.parametrize("event", [fold_finished(), failed(stage=Stage.CHOOSE)])
def test_folds_and_what_is_skipped_are_told_in_detail_alone(event):
    assert len(written(event)) == 1
    assert len(written(event, detailed=True)) == 2
