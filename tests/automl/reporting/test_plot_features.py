"""Plots of columns: importance, dependence, and the slices that are predicted worst."""

from dataclasses import replace

import numpy as np
import pytest

from automl.errors import InputError
from automl.reporting.plot_features import plot_dependence, plot_slices
from automl.reporting.story import kept_review
from automl.vocabulary.explained import Dependence
from automl.vocabulary.schema import ColumnKind
from automl.vocabulary.task import Block, Task, TaskKind, Trait, of_several
from tests.automl.reporting.drawing import drawn
from tests.conftest import quick
from tests.tables import binary_table


def test_importance_and_dependence_are_drawn(classifier, importance):
    assert "age" in drawn(classifier.plot_importance(importance)) or importance["feature"].iloc[0]
    assert drawn(classifier.plot_dependence("age", binary_table(30)))
    assert drawn(classifier.plot_dependence("city"))


def test_slices_are_drawn_where_there_are_some_and_else_it_is_said_that_there_is_nothing(classifier):
    with pytest.raises(InputError, match="no slice is predicted worse than the rest"):
        plot_slices(replace(kept_review(classifier._known()), slices=()))
    table = binary_table(300)
    at_random = np.random.default_rng(0).permutation(table["bought"].to_numpy())
    table["bought"] = np.where(table["city"] == "Rome", at_random, np.where(table["age"] > 40, "yes", "no"))
    model = quick(max_trials=2, models=["lightgbm"]).fit(table, "bought")
    assert "Rome" in drawn(model.plot_slices())


def test_the_dependence_of_several_targets_is_in_one_unit_and_of_two_classes_the_second_alone():
    labels = [Task(TaskKind.BINARY, name, (0, 1)) for name in "ab"]
    values = [Task(TaskKind.REGRESSION, name) for name in "uv"]
    mixed = [Task(TaskKind.BINARY, "a", ("no", "yes")), values[0]]
    curves = np.random.default_rng(0).normal(size=(4, 3, 3)) * [1.0, 1.0, 1e6]
    found = {}
    for name, targets, trait in (
        ("labels", labels, Trait.INDEPENDENT),
        ("values", values, Trait.REAL),
        ("mixed", mixed, None),
    ):
        blocks = [Block(each.target, trait=trait) if trait else each.blocks[0] for each in targets]
        task = of_several(TaskKind("any"), targets, blocks)
        own = curves[:, :, : task.n_outputs]
        axes = plot_dependence(
            Dependence("x", ColumnKind.CATEGORICAL, ("k", "l", "m"), None, own.mean(axis=0), own), task
        ).axes[0]
        found[name] = axes.get_ylabel(), sorted(axes.get_legend_handles_labels()[1]), axes.get_ylim()[1]
    assert found["labels"][:2] == ("Probability", ["a", "b", "single rows"])
    assert found["values"][:2] == ("Predicted, in standard deviations", ["single rows", "u", "v"])
    assert found["mixed"][:2] == ("Predicted, in standard deviations", ["a=yes", "single rows", "u"])
    assert found["mixed"][2] < 10


def test_lines_of_one_figure_differ_in_colour_however_many_targets_there_are():
    targets = [Task(TaskKind.BINARY, f"label {number}", (0, 1)) for number in range(20)]
    task = of_several(TaskKind("any"), targets, [Block(each.target, trait=Trait.INDEPENDENT) for each in targets])
    curves = np.zeros((2, 3, 20))
    curves[:, :, [0, 8, 16, 3]] = np.linspace(0, 1, 3)[None, :, None]
    figure = plot_dependence(
        Dependence("x", ColumnKind.CATEGORICAL, ("k", "l", "m"), None, curves.mean(axis=0), curves), task
    )
    colours = [line.get_color() for line in figure.axes[0].lines if line.get_linestyle() == "--"]
    assert len(set(colours)) == len(colours) == 5
