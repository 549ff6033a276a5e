"""Files are read whatever their encoding, separator and packing, and how is told where it is not the usual way."""

import bz2
import contextlib
import gzip
import lzma
import re
import zipfile

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.errors import InputError
from automl.table.files.read_table import Asked, read_file, read_table

TEXT = "town,size\nKöln,1.5\nBonn,2.0\nKiel,\n"
PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


def expect_the_table(frame):
    assert list(frame.columns) == ["town", "size"]
    assert frame["town"].tolist() == ["Köln", "Bonn", "Kiel"]
    assert frame["size"].tolist()[:2] == [1.5, 2.0]
    assert frame["size"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators_are_found_and_told(tmp_path, encoding, separator):
    (tmp_path / "t.csv").write_bytes(TEXT.replace(",", separator).encode(encoding))
    frame, layout = read_file(tmp_path / "t.csv")
    expect_the_table(frame)
    told = layout.told
    assert ("utf-16" in told) == encoding.startswith("utf-16")
    assert ("as cp1252, as it is not UTF-8" in told) == (encoding in ("cp1252", "latin-1"))
    assert ("separated by semicolons" in told) == (separator == ";")


@pytest.mark.parametrize("suffix", PACKERS)
def test_packed_files_are_known_by_their_content(tmp_path, suffix):
    for name in (f"t.csv{suffix}", f"t{suffix}", "t.csv"):
        (tmp_path / name).write_bytes(PACKERS[suffix](TEXT.encode()))
        expect_the_table(read_file(tmp_path / name)[0])


def test_a_zip_of_one_table_is_read_whatever_else_its_packer_left_there(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.csv.zip", "w") as archive:
        archive.writestr("t.csv", TEXT)
        archive.writestr("__MACOSX/._t.csv", "x")
    expect_the_table(read_file(tmp_path / "t.csv.zip")[0])


def test_a_zip_of_several_tables_is_refused_and_its_files_are_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("train.csv", TEXT)
        archive.writestr("test.csv", TEXT)
    with pytest.raises(InputError, match=r"holds train.csv, test.csv; expected one table"):
        read_file(tmp_path / "t.zip")


def test_a_packed_parquet_file_is_read(tmp_path):
    pd.DataFrame({"a": [1, 2]}).to_parquet(tmp_path / "t.parquet")
    (tmp_path / "t.parquet.gz").write_bytes(gzip.compress((tmp_path / "t.parquet").read_bytes()))
    assert read_file(tmp_path / "t.parquet.gz")[0]["a"].tolist() == [1, 2]


@pytest.mark.parametrize("name", ["t.csv.zip", "t.csv.gz", "t.csv.bz2", "t.csv.xz"])
def test_a_name_that_says_packed_of_plain_text_is_refused(tmp_path, name):
    (tmp_path / name).write_text(TEXT)
    with pytest.raises(InputError, match="its name says"):
        read_file(tmp_path / name)


def test_decimal_commas_are_numbers_where_commas_do_not_separate(tmp_path):
    (tmp_path / "t.csv").write_text("a;b\n1,5;x\n2,25;y\n")
    frame, layout = read_file(tmp_path / "t.csv")
    assert frame["a"].tolist() == [1.5, 2.25]
    assert "with decimal commas" in layout.told


def test_commas_in_a_text_column_do_not_make_columns(tmp_path):
    (tmp_path / "t.csv").write_text('note\n"good, cheap; fine"\nbad\n')
    assert list(read_file(tmp_path / "t.csv")[0].columns) == ["note"]


def test_an_ordinary_file_needs_no_words(tmp_path):
    (tmp_path / "t.csv").write_text(TEXT, encoding="utf-8")
    assert read_file(tmp_path / "t.csv")[1].told == ""


def test_what_was_said_of_a_file_goes_before_what_was_found(tmp_path):
    (tmp_path / "t.csv").write_bytes("a;b\nłódź;1\n".encode("cp1250"))
    assert read_file(tmp_path / "t.csv", Asked(encoding="cp1250"))[0]["a"].tolist() == ["łódź"]
    assert list(read_file(tmp_path / "t.csv", Asked(encoding="cp1250", separator=","))[0].columns) == ["a;b"]


def test_an_encoding_that_does_not_exist_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text(TEXT)
    with pytest.raises(InputError, match="unknown encoding: utf-9"):
        read_file(tmp_path / "t.csv", Asked(encoding="utf-9"))


def test_columns_asked_for_as_text_keep_their_zeros(tmp_path):
    (tmp_path / "t.csv").write_text("id,a\n007,1\n010,\n")
    frame = read_file(tmp_path / "t.csv", Asked(text=("id",)))[0]
    assert frame["id"].tolist() == ["007", "010"]
    assert frame["a"].tolist()[0] == 1.0
    assert read_file(tmp_path / "t.csv", Asked(text=None))[0].to_numpy().tolist() == [["007", "1"], ["010", ""]]


def test_a_guessed_encoding_is_a_warning_where_nobody_reads_words(tmp_path):
    (tmp_path / "t.csv").write_bytes(TEXT.encode("cp1252"))
    with pytest.warns(UserWarning, match="read as cp1252"):
        expect_the_table(read_table(tmp_path / "t.csv"))


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_are_a_table_or_one_clear_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "t.csv"
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        assert isinstance(read_file(path)[0], pd.DataFrame)


@pytest.mark.parametrize(("head", "twice"), [("a,b, a", "['a']"), ('\n"x, y";b;"x, y"', "['x, y']")])
def test_names_that_stand_twice_in_the_first_line_are_refused(tmp_path, head, twice):
    (tmp_path / "t.csv").write_text(f"{head}\n1;2;3\n" if ";" in head else f"{head}\n1,2,3\n")
    with pytest.raises(InputError, match=re.escape(twice)):
        read_table(tmp_path / "t.csv")


def test_columns_without_a_name_may_be_several(tmp_path):
    (tmp_path / "t.csv").write_text(",a,\n1,2,3\n4,5,6\n")
    assert read_table(tmp_path / "t.csv").shape == (2, 3)


@pytest.mark.parametrize(
    "head", ["<!DOCTYPE html>\n<html>", "  <html lang='en'>", "<?xml version='1.0'?>\n<!doctype HTML>"]
)
def test_a_web_page_that_was_downloaded_for_a_table_is_named(tmp_path, head):
    (tmp_path / "train.csv").write_text(f"{head}<body><p>Sign in, please</p></body></html>\n")
    with pytest.raises(InputError, match="holds a web page"):
        read_table(tmp_path / "train.csv")


def test_a_table_whose_cells_hold_markup_is_a_table(tmp_path):
    (tmp_path / "train.csv").write_text("page,size\n<html><body>,1\n<html>,2\n")
    assert read_table(tmp_path / "train.csv").shape == (2, 2)


def test_a_workbook_is_named_whatever_its_name_says(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.csv", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(InputError, match="holds a workbook, as Excel writes it"):
        read_table(tmp_path / "t.csv")
    with pytest.raises(InputError, match=r"Load it with pandas.read_excel\(path\)"):
        read_table("t.xlsx")


def test_an_index_with_a_name_is_a_column_of_a_parquet_file_and_one_without_is_none(tmp_path):
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="id"))
    frame.to_parquet(tmp_path / "named.parquet")
    frame.rename_axis(None).to_parquet(tmp_path / "unnamed.parquet")
    assert read_table(tmp_path / "named.parquet").to_dict("list") == {"id": ["x", "y"], "a": [1, 2]}
    assert list(read_table(tmp_path / "unnamed.parquet").columns) == ["a"]


def test_a_path_may_begin_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "t.csv").write_text(TEXT)
    expect_the_table(read_table("~/t.csv"))
