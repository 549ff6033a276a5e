"""A submission writes each class as the train table does, or as the sample where that has another way."""

import pandas as pd
import pytest

from automl.competition.spell_labels import spell_classes


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
    frame = None if sample is None else pd.DataFrame({"y": sample})
    assert spell_classes(classes, ("y",), pd.Series(values), texts, frame) == written
