"""A submission writes each class as the train table does, or as the sample where that has another way."""

from types import SimpleNamespace

import pandas as pd
import pytest

from automl.competition.spell_labels import spell_classes
from automl.vocabulary.task import Task, TaskKind


@pytest.mark.parametrize(
    ("classes", "values", "texts", "sample", "written"),
    [
        ((0.0, 1.0), [0.0, 1.0, 1.0], ["0.0", "1.0", "1.0"], ["1.0"], ("0.0", "1.0")),
        ((0.0, 1.0), [0.0, 1.0, 1.0], ["0.0", "1.0", "1.0"], ["1"], ("0", "1")),
        ((0, 1), [0, 1, 1], ["0", "1", "1"], [""], ("0", "1")),
        ((1, 2), [1, 2, 2], ["1", "2.0", "2"], None, ("1", "2.0")),
        (("No", "Yes"), ["No", "Yes"], ["No", "Yes"], ["no", "yes"], ("no", "yes")),
        (("No", "Yes"), ["No", "Yes"], ["No", "Yes"], ["no"], ("No", "Yes")),
        ((0, 1), [0, 1], (), ["1"], ("0", "1")),
    ],
)
def test_each_class_is_written_as_the_files_write_it(classes, values, texts, sample, written):
    wanted = SimpleNamespace(task=Task(TaskKind.BINARY, "y", classes), columns=("y",))
    frame = None if sample is None else pd.DataFrame({"y": sample})
    assert spell_classes(wanted, pd.Series(values), texts, frame) == written
