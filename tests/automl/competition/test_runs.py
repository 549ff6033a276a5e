"""Runs over the same rows and folds are joined by their out-of-fold predictions; all others are refused."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.competition.nouns import Wishes
from automl.competition.prepare import prepare
from automl.competition.runs import Run, check_alike, find_runs, read_run, within_ends
from automl.errors import InputError, OptionError
from automl.registry import discover
from automl.vocabulary.task import Task, TaskKind
from tests.competitions import binary, write

REGISTRY = discover()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    paths = write(tmp_path_factory.mktemp("files"), binary(sample=0.5))
    return prepare(tuple(paths), Wishes(), REGISTRY, lambda line: None)


def write_run(folder, name="other", n_train=90, n_test=30, spoil=None):
    """Write what another program may have: out-of-fold and test predictions."""
    rng = np.random.default_rng(1)
    oof = pd.DataFrame(
        {"id": np.arange(1, n_train + 1), "fold": np.arange(n_train) % 5, "prediction": rng.random(n_train)}
    )
    test = pd.DataFrame({"id": np.arange(91, 91 + n_test), "prediction": rng.random(n_test)})
    oof, test = (oof, test) if spoil is None else spoil(oof, test)
    oof.sample(frac=1.0, random_state=2).to_csv(folder / f"{name}_oof.csv", index=False)
    if test is not None:
        test.sample(frac=1.0, random_state=2).to_csv(folder / f"{name}_test.csv", index=False)
    return folder / f"{name}_oof.csv", oof, test


def read(prepared, path):
    return read_run(path, prepared.train_ids, prepared.test_ids, prepared.wanted, Wishes())


def test_a_run_of_another_program_is_laid_over_the_rows_of_the_tables(prepared, tmp_path):
    path, oof, test = write_run(tmp_path)
    run = read(prepared, path)
    assert run.rows.tolist() == list(range(90))
    assert run.outputs[:, 1] == pytest.approx(oof["prediction"].to_numpy())
    assert run.test[:, 1] == pytest.approx(test["prediction"].to_numpy())


def test_a_run_is_found_by_any_of_its_names(tmp_path):
    path, _, _ = write_run(tmp_path)
    for given in (tmp_path, path, tmp_path / "other.csv", tmp_path / "other_test.csv", tmp_path / "other_run.json"):
        assert find_runs([given]) == (path,)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (["nothing.csv"], InputError, "no file .*nothing_oof.csv"),
        (["empty"], InputError, "has no file NAME_oof.csv"),
        (["other.csv", "other_oof.csv"], OptionError, "names a run twice"),
    ],
)
def test_runs_that_are_not_there_or_twice_are_refused(tmp_path, given, error, said):
    write_run(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(error, match=said):
        find_runs([tmp_path / each for each in given])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda oof, test: (oof.drop(columns="fold"), test), "expected id, fold, prediction"),
        (lambda oof, test: (oof.rename(columns={"prediction": "p"}), test), "expected id, fold, prediction"),
        (lambda oof, test: (oof.assign(id=oof["id"] + 7), test), "7 of 90 rows that are not in the train table"),
        (lambda oof, test: (pd.concat([oof, oof.head(2)]), test), "another row has already"),
        (lambda oof, test: (oof.assign(prediction=np.nan), test), "missing or no numbers"),
        (lambda oof, test: (oof, None), "no file .*other_test.csv"),
        (lambda oof, test: (oof, test.head(20)), "the test table has 10 of 30 rows that are not in"),
        (lambda oof, test: (oof, test.drop(columns="prediction")), "expected id, prediction"),
    ],
)
def test_files_of_other_tables_are_refused_and_say_why(prepared, tmp_path, spoil, said):
    path, _, _ = write_run(tmp_path, spoil=spoil)
    with pytest.raises(InputError, match=said):
        read(prepared, path)


@pytest.mark.parametrize(("name", "value"), [("target", "dead"), ("time_column", "day"), ("positive", "0")])
def test_a_record_that_says_otherwise_is_refused(prepared, tmp_path, name, value):
    path, _, _ = write_run(tmp_path)
    record = {"target": "alive", "time_column": None, "positive": "1"}
    (tmp_path / "other_run.json").write_text(json.dumps(record))
    read(prepared, path)
    (tmp_path / "other_run.json").write_text(json.dumps({**record, name: value}))
    with pytest.raises(InputError, match=f"says {name} '{value}'"):
        read(prepared, path)


@pytest.mark.parametrize(("told", "ends"), [([[None, 2.5]], ((-np.inf, 2.5),)), ([], ()), (None, ())])
def test_the_ends_that_a_run_was_fitted_with_are_in_its_record(prepared, tmp_path, told, ends):
    path, _, _ = write_run(tmp_path)
    record = {"target": "alive", "time_column": None, "positive": "1", "ends": told}
    (tmp_path / "other_run.json").write_text(json.dumps(record))
    assert read(prepared, path).ends == ends


@pytest.mark.parametrize("told", [[[0, 1], [0, 1]], [[0]], "all", [["low", "high"]], [3]])
def test_ends_that_cannot_be_read_are_refused(prepared, tmp_path, told):
    path, _, _ = write_run(tmp_path)
    record = {"target": "alive", "time_column": None, "positive": "1", "ends": told}
    (tmp_path / "other_run.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match=r"cannot be read|the ends of 2 targets"):
        read(prepared, path)


def test_of_runs_with_several_ends_the_widest_hold():
    one = Task(TaskKind.REGRESSION, "y")
    runs = [replace(a_run("a", 0, 1, np.arange(60) % 2), ends=ends) for ends in [((0.0, 5.0),), ((-1.0, 4.0),), ()]]
    assert within_ends(one, runs).ends == (-1.0, 5.0)
    assert within_ends(one, runs[2:]) is None
    both = replace(one, targets=(one, replace(one, target="z")))
    two = [replace(run, ends=run.ends and (run.ends[0], (0.0, np.inf))) for run in runs]
    assert [each.ends for each in within_ends(both, two).targets] == [(-1.0, 5.0), (0.0, np.inf)]


def a_run(name, seed, noise, target, folds=None):
    """Predictions that are right but for noise, of train and test rows alike."""
    rng = np.random.default_rng(seed)
    second = 1 / (1 + np.exp(-(4 * target - 2 + noise * rng.normal(size=len(target)))))
    outputs = np.stack([1 - second, second], axis=1)
    fold = np.arange(len(target)) % 5 if folds is None else folds
    return Run(name, np.arange(len(target)), fold, outputs, outputs[:30])


def test_folds_are_the_same_whatever_their_numbers():
    target = np.arange(60) % 2
    first = a_run("a", 0, 1, target)
    check_alike(first, a_run("b", 1, 1, target, folds=(np.arange(60) + 2) % 5))
    with pytest.raises(InputError, match="'a' was made over 5 folds and 'b' over 3"):
        check_alike(first, a_run("b", 1, 1, target, folds=np.arange(60) % 3))
    with pytest.raises(InputError, match="over 5 folds and 'b' over 5"):
        check_alike(first, a_run("b", 1, 1, target, folds=np.arange(60) // 12))


def test_other_rows_are_refused_and_counted():
    target = np.arange(60) % 2
    first, second = a_run("a", 0, 1, target), a_run("b", 1, 1, target)
    shifted = Run("b", second.rows + 3, second.folds, second.outputs, second.test)
    with pytest.raises(InputError, match="3 are in the first alone, 3 in the second"):
        check_alike(first, shifted)
