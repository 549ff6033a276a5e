"""Text rows: files of lines are predicted block by block as they are at once, whatever their rows look like."""

import gzip
import warnings

import pandas as pd
import pytest

from automl.errors import InputError
from automl.predict_files import open_rows, predict_file


@pytest.fixture(autouse=True)
def no_file_is_small(few_at_once, monkeypatch):
    """Files of a few rows are read block by block."""
    monkeypatch.setattr(open_rows, "SMALL", 0)
    monkeypatch.setattr(open_rows, "SMALL_PACKED", 0)


@pytest.fixture
def compared(model, tmp_path, monkeypatch):
    """Predict a file block by block and at once, and return both files; `at_once` says which way the first has gone."""

    def compare(path, name, *, at_once=False):
        ways = []
        whole = predict_file._at_once
        monkeypatch.setattr(predict_file, "_at_once", lambda *arguments: ways.append(1) or whole(*arguments))
        model.predict_file(path, tmp_path / f"blocks{name}", probabilities=True, identifier="case")
        assert bool(ways) == at_once
        whole(model, path, tmp_path / f"whole{name}", predict_file.Wanted(probabilities=True, identifier="case"))
        return tmp_path / f"blocks{name}", tmp_path / f"whole{name}"

    return compare


def alike(files):
    """Tell whether two files hold the same."""
    blocks, whole = files
    if blocks.suffix != ".parquet":
        return blocks.read_bytes() == whole.read_bytes()
    pd.testing.assert_frame_equal(pd.read_parquet(blocks), pd.read_parquet(whole), check_exact=True)
    return True


@pytest.mark.parametrize("name", [".csv", ".parquet"])
@pytest.mark.parametrize("packed", ["rows.csv", "rows.csv.gz", "rows.csv.zip", "rows.tsv"])
def test_a_file_of_lines_is_predicted_as_at_once(packed, name, rows, compared, tmp_path):
    rows.to_csv(tmp_path / packed, index=False, sep="\t" if packed.endswith("tsv") else ",")
    assert alike(compared(tmp_path / packed, name))


@pytest.mark.parametrize("name", [".csv", ".parquet"])
@pytest.mark.parametrize("late", [{"case": "007"}, {"case": ""}, {"count": "2.5"}, {"x": ""}, {"town": 'Ünna\n, "x"'}])
def test_what_comes_late_is_read_as_at_once(late, name, rows, compared, tmp_path):
    table = rows.astype(object)
    for column, value in late.items():
        table.loc[190, column] = value
    table.to_csv(tmp_path / "rows.csv", index=False)
    assert alike(compared(tmp_path / "rows.csv", name))


@pytest.mark.filterwarnings("ignore:.*written in another way")
@pytest.mark.parametrize("column", ["x", "count"])
@pytest.mark.parametrize("late", ["none of it", "True", "NA", "1.234,5"])
def test_a_column_of_numbers_that_holds_text_is_read_as_at_once(late, column, rows, compared, tmp_path):
    table = rows.astype(object)
    table.loc[190:, column] = late
    table.to_csv(tmp_path / "rows.csv", index=False)
    assert alike(compared(tmp_path / "rows.csv", ".parquet"))


@pytest.mark.parametrize("word", ["NA", "None", "none"])
def test_words_in_a_column_without_a_number_in_the_first_rows_are_read_as_at_once(word, rows, compared, tmp_path):
    table = rows.astype(object)
    table["x"] = [None] * 150 + [word] * 3 + list(range(57))
    table["note"] = "long " * 500  # the first bytes, from which the layout is told, hold less than 150 rows
    table.to_csv(tmp_path / "rows.csv", index=False)
    assert alike(compared(tmp_path / "rows.csv", ".parquet"))


def test_large_numbers_among_fractions_are_read_at_once_and_told(rows, compared, tmp_path):
    table = rows.astype(object)
    table["count"] = pd.Series([2**60 + 1] * len(table), dtype=object)
    table.loc[190, "count"] = 2.5
    table.to_csv(tmp_path / "rows.csv", index=False)
    with pytest.warns(UserWarning, match="the table is read at once"):
        files = compared(tmp_path / "rows.csv", ".csv", at_once=True)
    assert alike(files)


def test_blank_lines_other_ends_a_title_and_another_encoding_are_passed_over_as_at_once(rows, compared, tmp_path):
    lines = rows.assign(town=rows["town"].fillna("")).to_csv(index=False, sep=";", decimal=",").splitlines()
    lines[175] = ";".join([*lines[175].split(";")[:3], "Köln", *lines[175].split(";")[4:]])
    lines[80:80] = ["", ""]
    text = "# made today\r\n" + "\r\n".join(lines) + "\r\n\r\n"
    (tmp_path / "rows.csv").write_bytes(text.encode("latin-1"))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert alike(compared(tmp_path / "rows.csv", ".parquet"))
    half = len(told) // 2
    assert half
    assert [str(each.message) for each in told[:half]] == [str(each.message) for each in told[half:]]


def test_a_short_row_a_long_one_and_names_among_values_are_refused_with_their_line(rows, model, tmp_path):
    lines = rows.to_csv(index=False).splitlines()
    for line in ["1,2", lines[5] + ",9", lines[0]]:
        broken = [*lines[:150], line, *lines[150:]]
        (tmp_path / "rows.csv").write_text("\n".join(broken))
        with pytest.raises(InputError, match=r"Line 151 of '.*rows\.csv' has"):
            model.predict_file(tmp_path / "rows.csv", tmp_path / "out.csv")
        assert not list(tmp_path.glob("out*"))


def test_a_file_that_is_cut_off_is_refused(rows, model, tmp_path):
    whole = gzip.compress(rows.to_csv(index=False).encode())
    (tmp_path / "rows.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="Check that it is whole"):
        model.predict_file(tmp_path / "rows.csv.gz", tmp_path / "out.csv")
    assert not list(tmp_path.glob("out*"))


def test_a_quote_that_is_not_closed_is_shown(rows, model, tmp_path):
    lines = rows.to_csv(index=False).splitlines()
    lines[120] = ",".join([*lines[120].split(",")[:3], '"Rome', *lines[120].split(",")[4:]])
    (tmp_path / "rows.csv").write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"Line 121 of .* A quote in it may not be closed"):
        model.predict_file(tmp_path / "rows.csv", tmp_path / "out.csv")
