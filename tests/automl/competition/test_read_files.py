"""The files of a folder are found by their names, whatever earlier runs have left there."""

import pandas as pd
import pytest

from automl.competition.nouns import Wishes
from automl.competition.read_files import as_texts, find_files, read_tables, told_of
from automl.errors import InputError
from tests.competitions import binary, write


def touch(folder, *names):
    for name in names:
        (folder / name).write_text("a,b\n1,2\n")


@pytest.mark.parametrize(
    "names",
    [
        ("train.csv", "test.csv", "sample_submission.csv"),
        ("train.csv", "test.csv", "gender_submission.csv"),
        ("Train.csv.gz", "Test.csv.gz", "SampleSubmission.csv"),
        ("train.parquet", "test.parquet", "sample.csv"),
        ("train.csv", "test.csv", "test_sample.csv"),
        ("train_v2.csv", "test_v2.csv", "sample_submission_v2.csv"),
    ],
)
def test_files_are_found_by_their_usual_names(tmp_path, names):
    touch(tmp_path, *names, "notes.md", "data.csv")
    assert [path.name for path in find_files(tmp_path)] == list(names)


def test_a_sample_may_be_missing(tmp_path):
    touch(tmp_path, "train.csv", "test.csv")
    assert find_files(tmp_path)[2] is None


def test_the_usual_name_goes_before_others(tmp_path):
    touch(tmp_path, "train.csv", "train_extra.csv", "test.csv", "sample_submission.csv", "my_submission.csv")
    assert [path.name for path in find_files(tmp_path)] == ["train.csv", "test.csv", "sample_submission.csv"]


def test_files_of_earlier_runs_are_no_tables_of_the_competition(tmp_path):
    touch(tmp_path, "train.csv", "test.csv", "gender_submission.csv")
    touch(tmp_path, "submission.csv", "submission_oof.csv", "submission_test.csv", "submission_run.json")
    assert [path.name for path in find_files(tmp_path)] == ["train.csv", "test.csv", "gender_submission.csv"]


def test_several_files_for_one_part_are_named(tmp_path):
    touch(tmp_path, "train_1.csv", "train_2.csv", "test.csv")
    with pytest.raises(InputError, match=r"could be the train table: train_1.csv, train_2.csv"):
        find_files(tmp_path)


def test_a_file_without_rows_is_refused(tmp_path):
    train, test, sample = binary()
    paths = write(tmp_path, (train, test.head(0), sample))
    with pytest.raises(InputError, match=r"test.csv has no rows"):
        read_tables(*paths, Wishes())


def test_how_each_file_was_read_is_told(tmp_path):
    train, test, sample = binary()
    paths = write(tmp_path, (train, test, sample), sep=";")
    train.to_parquet(tmp_path / "train.parquet")
    lines = [guess.line for guess in told_of(read_tables(tmp_path / "train.parquet", paths[1], sample, Wishes()))]
    assert lines == [
        "train.parquet: 90 rows x 4 columns (read as Parquet)",
        "test.csv: 30 rows x 3 columns (read separated by semicolons)",
        "the sample table: 30 rows x 2 columns (given as a table)",
    ]


def test_values_become_the_text_that_a_file_would_have():
    values = pd.Series([1.0, 2.5, None, 1e20, "a", pd.NaT, 7], dtype=object)
    assert as_texts(values).tolist() == ["1", "2.5", "", "1e+20", "a", "", "7"]
