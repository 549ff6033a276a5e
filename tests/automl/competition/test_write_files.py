"""A submission holds what was asked for, is compared with the sample, and is written whole or not at all."""

import numpy as np
import pandas as pd
import pytest

from automl.competition.find_columns import find_columns
from automl.competition.find_form import find_form
from automl.competition.find_forms import find_forms
from automl.competition.match_rows import match_rows
from automl.competition.nouns import Outputs, Wishes
from automl.competition.write_files import (
    check_places,
    outputs_of,
    prediction_columns,
    submission_frame,
    write_atomically,
    write_submission,
)
from automl.errors import InputError, OptionError
from automl.registry import discover
from tests.competitions import as_tables, binary, classes, numbers, several

REGISTRY = discover()


def found(frames, **options):
    tables, wishes = as_tables(*frames), Wishes(**options)
    columns = find_columns(tables, wishes)
    wanted = (find_forms if columns.several else find_form)(tables, columns, wishes, REGISTRY)
    return tables, wanted, match_rows(tables, columns, wishes)


def written(frames, outputs, tmp_path, decided=None, **options):
    """The submission as it stands in the file, as text, and what was checked of it."""
    tables, wanted, rows = found(frames, **options)
    frame = submission_frame(outputs, outputs if decided is None else decided, rows, wanted, tables)
    told = write_submission(frame, rows, wanted, tables, tmp_path / "s.csv")
    return pd.read_csv(tmp_path / "s.csv", dtype=str), told


def shares(n_classes, n_rows=30, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(n_classes), n_rows)


def test_labels_are_those_decided_and_counted(tmp_path):
    outputs = shares(2)
    frame, told = written(binary(labels=("no", "yes")), outputs, tmp_path, decided=outputs[:, ::-1])
    assert frame["alive"].tolist() == ["yes" if row[1] < row[0] else "no" for row in outputs]
    assert "30 rows, ids and order as in sample.csv, columns id, alive, nothing missing" in told


def test_labels_of_whole_floats_are_written_as_the_sample_writes_them(tmp_path):
    frame, _ = written(binary(labels=(0.0, 1.0), sample=0), shares(2), tmp_path)
    assert set(frame["alive"]) == {"0", "1"}


@pytest.mark.parametrize(("positive", "column"), [(None, 1), ("no", 0)])
def test_a_probability_is_that_of_the_class_asked_for(tmp_path, positive, column):
    outputs = shares(2)
    frame, _ = written(binary(labels=("no", "yes"), sample=0.5), outputs, tmp_path, positive=positive)
    assert frame["alive"].astype(float).to_numpy() == pytest.approx(outputs[:, column])


def test_class_columns_stand_where_the_sample_has_them_and_unknown_classes_get_nothing(tmp_path):
    train, test, sample = classes()
    sample = sample.assign(kind_palm=0.0)[["kind_tree", "id", "kind_palm", "kind_fern", "kind_moss"]]
    outputs = shares(3)
    frame, _ = written((train, test, sample), outputs, tmp_path)
    assert list(frame.columns) == list(sample.columns)
    assert frame["kind_tree"].astype(float).to_numpy() == pytest.approx(outputs[:, 2])
    assert set(frame["kind_palm"]) == {"0.0"}


def test_lists_hold_the_likeliest_labels_best_first(tmp_path):
    outputs = np.tile([0.2, 0.5, 0.3], (30, 1))
    frame, told = written(classes(sample="labels"), outputs, tmp_path, metric="map@2")
    assert set(frame["kind"]) == {"moss tree"}
    assert "2 labels in each row" in told


def test_each_of_several_targets_has_its_values_labels_or_probabilities(tmp_path):
    train, test, sample = several("all")
    outputs = np.hstack([shares(3), shares(2, seed=1), np.arange(30.0)[:, None]])
    frame, told = written((train, test, sample[["kind", "id", "tall", "height"]]), outputs, tmp_path)
    assert list(frame.columns) == ["kind", "id", "tall", "height"]
    assert frame["tall"].astype(float).to_numpy() == pytest.approx(outputs[:, 4])
    assert frame["height"].astype(float).tolist() == list(range(30))
    assert frame["kind"].tolist() == np.array(["fern", "moss", "tree"])[outputs[:, :3].argmax(axis=1)].tolist()
    assert "tall: probabilities from" in told
    assert "height: values from" in told
    assert "kind: labels" in told


def test_labels_of_several_targets_are_written_as_the_train_table_has_them():
    train, test, sample = several("labels", sample=0)
    outputs = np.random.default_rng(0).random((30, 2))
    words = {0: "no", 1: "yes"}
    frames = train.assign(wild=train["wild"].map(words)), test, sample.assign(wild="no")
    tables, wanted, rows = found(frames)
    frame = submission_frame(outputs, outputs, rows, wanted, tables)
    assert frame["tall"].tolist() == (outputs[:, 0] > 0.5).astype(int).astype(str).tolist()
    assert frame["wild"].tolist() == np.where(outputs[:, 1] > 0.5, "yes", "no").tolist()
    table = pd.DataFrame(prediction_columns(outputs, wanted)).astype(str)
    assert list(table.columns) == ["prediction_tall", "prediction_wild"]
    assert outputs_of(table, wanted) == pytest.approx(outputs)


def test_a_probability_of_several_targets_that_is_none_is_never_written(tmp_path):
    tables, wanted, rows = found(several("labels"))
    bad = np.full((30, 2), 1.5)
    with pytest.raises(InputError, match="nothing is written"):
        write_submission(submission_frame(bad, bad, rows, wanted, tables), rows, wanted, tables, tmp_path / "s.csv")


def test_values_below_zero_are_submitted_as_zero_where_the_metric_takes_logarithms(tmp_path):
    outputs = np.linspace(-1, 1, 30)[:, None]
    assert written(numbers(), outputs, tmp_path, metric="rmsle")[0]["yield"].astype(float).min() == 0.0
    assert written(numbers(), outputs, tmp_path)[0]["yield"].astype(float).min() == -1.0


def test_rows_go_to_their_ids_when_the_sample_is_in_another_order(tmp_path):
    train, test, sample = numbers()
    outputs = np.arange(30.0)[:, None]
    frame, _ = written((train, test, sample.iloc[::-1].reset_index(drop=True)), outputs, tmp_path)
    assert frame["id"].astype(int).tolist() == list(range(120, 90, -1))
    assert frame["yield"].astype(float).tolist() == list(np.arange(29.0, -1.0, -1.0))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_or_infinite_predictions_are_never_written(tmp_path, bad):
    outputs = np.ones((30, 1))
    outputs[4] = bad
    with pytest.raises(InputError, match=r"nothing is written|is not written"):
        written(numbers(), outputs, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("frames", [numbers(), binary(sample=0.5), classes()])
def test_predictions_come_back_from_the_columns_they_were_kept_in(frames):
    _, wanted, _ = found(frames)
    outputs = shares(wanted.task.n_outputs) if wanted.task.kind.is_classification else np.arange(30.0)[:, None]
    table = pd.DataFrame(prediction_columns(outputs, wanted)).astype(str)
    assert outputs_of(table, wanted) == pytest.approx(outputs)
    assert outputs_of(table.iloc[:, 1:], wanted) is None


def test_what_is_read_is_never_written_over(tmp_path):
    with pytest.raises(OptionError, match="written over a file that is read"):
        check_places(Outputs.beside(tmp_path / "a.csv"), [tmp_path / "a_oof.csv"])


def test_only_a_csv_is_written(tmp_path):
    with pytest.raises(OptionError, match=r"ends in .csv"):
        check_places(Outputs.beside(tmp_path / "a.parquet"), [])


def test_a_file_is_as_it_was_after_a_write_that_fails(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("old")
    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(InputError, match="cannot be written: the disk is full"):
        write_atomically(tmp_path / "a.csv", "new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.csv": "old"}


def refuse(source, target):
    raise OSError("the disk is full")
