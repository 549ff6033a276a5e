"""What was asked for is understood whole, or refused before any worker is there."""

import numpy as np
import pandas as pd
import pytest

from automl.errors import InputError, OptionError
from automl.plugin_api import EnsemblerSpec, ModelSpec, PreprocessorSpec, TaskKind, hookimpl
from automl.steps.plan.understand import dataset_of
from automl.table.take_table import Extras
from automl.vocabulary.schema import Schema
from tests.automl.steps.searches import asked_for
from tests.tables import binary_table, regression_table


class Absent:
    """Offers what needs a package that is not here."""

    @hookimpl
    def automl_models(self):
        return [ModelSpec("absent_model", lambda request: None, requires=("no_such_package",))]

    @hookimpl
    def automl_preprocessors(self):
        return [PreprocessorSpec("absent_step", lambda request: None, requires=("no_such_package",))]

    @hookimpl
    def automl_ensemblers(self):
        return [EnsemblerSpec("absent_blend", lambda request: None, "voting", requires=("no_such_package",))]


def test_task_metric_models_and_folds_follow_from_the_table():
    asked, _ = asked_for(binary_table(60), "bought")
    assert (asked.task.kind, asked.task.classes, asked.metric.name) == (TaskKind.BINARY, ("no", "yes"), "roc_auc")
    assert list(asked.models) == ["baseline", "linear"]
    assert asked.plan.n_folds == 3
    assert np.bincount(asked.target).tolist() == [30, 30]
    assert "bought" not in asked.table.features


def test_what_needs_a_package_that_is_not_here_is_left_out_and_named():
    asked, _ = asked_for(binary_table(60), "bought", plugins=[Absent()], models=None)
    assert "absent_model" not in asked.models
    assert "absent_step" not in asked.preprocessors
    assert "absent_blend" not in {spec.name for spec in asked.ensemblers}
    left_out = {failure.model for failure in asked.left_out}
    assert {"absent_model", "absent_step", "absent_blend"} <= left_out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"strategy": "portfolo"}, "Did you mean 'portfolio'"),
        ({"executor": "in_proces"}, "Did you mean 'in_process'"),
        ({"columns": {"agee": "text"}}, "column in the option columns 'agee'"),
        ({"ensemble": "stakking"}, "Did you mean 'stacking'"),
        ({"models": ["linera"]}, "Did you mean 'linear'"),
        ({"track": "no_such_tool"}, "no_such_tool"),
    ],
)
def test_a_name_that_nothing_has_is_refused(options, said):
    with pytest.raises(OptionError, match=said):
        asked_for(binary_table(60), "bought", **options)


def test_a_target_that_the_metric_cannot_score_is_refused_with_the_reason():
    with pytest.raises(InputError, match="'rmsle' cannot score the target 'spent'"):
        asked_for(regression_table(60), "spent", metric="rmsle")


def test_a_metric_that_breaks_on_perfect_predictions_is_left_to_the_fits():
    def broken(y, p):
        return 1 / np.abs(y - p).sum() if np.abs(y - p).sum() else {}["nothing"]

    asked, _ = asked_for(regression_table(60), "spent", metric=broken)
    assert asked.metric.name == "broken"


def test_the_users_decimal_sign_for_the_target_is_no_columns():
    frame = pd.DataFrame({"x": np.arange(40.0), "pay": [f"1,{number:03d}" for number in range(40)]})
    asked, _ = asked_for(frame, "pay", decimal={"pay": ","}, task="regression")
    assert asked.target[:2].tolist() == [1.0, 1.001]
    asked, _ = asked_for(frame, "pay", decimal={"pay": "."}, task="regression")
    assert asked.target[:2].tolist() == [1000.0, 1001.0]


def test_weights_and_groups_go_along_and_rows_are_numbered_anew():
    frame = binary_table(60).assign(clinic=np.arange(60) // 6, heavy=np.linspace(1, 2, 60))
    frame.loc[[0, 5], "bought"] = None
    with pytest.warns(UserWarning, match="2 of 60 rows"):
        asked, _ = asked_for(frame, "bought", Extras(groups="clinic", sample_weight="heavy"))
    data = dataset_of(asked.table, asked.table.features, Schema(()), asked.task, asked.target)
    assert data.n_rows == 58
    assert data.rows.tolist() == list(range(58))
    assert len(np.unique(data.groups)) == 10
    assert data.weights[1] / data.weights[0] == pytest.approx(frame["heavy"][2] / frame["heavy"][1])
